"""Floor 4: composition. The only place that knows every part."""
