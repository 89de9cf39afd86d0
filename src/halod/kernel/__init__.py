"""Floor 3: the kernel's side of effects and events. Performs, reads back, decides nothing."""
