"""Floor 2: pure composition, `handle(event, now) -> Ready`."""
