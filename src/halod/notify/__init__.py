"""Floor 3: how operators' programs and mailboxes are told: named pipes and mail."""
