"""Public configurations of keepalived, played as they are."""
