"""The command line: every command is the api function of the same name, and nothing more."""
