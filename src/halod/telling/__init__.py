"""Floor 1: what operators' programs and mailboxes are told, and in which order: pure."""
