"""keepalived's dumps: its files, its names, written for the programs that read them."""
