"""Text of a `keepalived.conf` to a model, and what must be said about it. Pure."""
