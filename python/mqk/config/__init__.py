"""Config: layered YAML in, one canonical JSON text out. The database judges what it means."""
