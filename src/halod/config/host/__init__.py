"""H5: what this machine says to a configuration."""
