"""The part of the runner process that tells operators' programs and mailboxes."""
