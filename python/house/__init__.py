"""House keeping of the repository: development only, not shipped."""
