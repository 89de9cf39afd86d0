"""Floor 0: frozen values that cross between floors. Knows no input or output."""
