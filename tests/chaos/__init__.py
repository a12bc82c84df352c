"""The crash matrix: every door of a worker, every way to die there, every answer of the broker."""
