"""Feeds whatever reads foreign input with examples: `python -m tools.fuzz`."""
