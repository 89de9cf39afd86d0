"""Checks over the whole file, one rule a file."""
