"""halod: a virtual IP that never has two owners, and a daemon that says why."""

__version__ = "0.1.0"
