"""A run's report: one self-contained HTML page, and artifacts that other programs can read."""
