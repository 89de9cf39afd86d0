"""Played inside of user-mode-linux, each file in one boot: see tests/kit/uml.py."""
