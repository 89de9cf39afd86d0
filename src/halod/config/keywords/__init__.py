"""One table a section: type, range, unit, level, and the field that a keyword sets."""
