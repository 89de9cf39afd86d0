"""Floor 1: the virtual router as a pure machine."""
