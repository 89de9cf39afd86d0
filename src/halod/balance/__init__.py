"""Floor 1: which servers serve, as pure machines: verdicts, pools, tables, operations."""
