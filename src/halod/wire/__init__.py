"""Floor 0: bytes to values and back. Raises nothing but `DecodeError`."""
