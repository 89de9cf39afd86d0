"""H5: configurations against machines that are values."""
