"""Floor 5: the commands that people type, one a file."""
