"""The tests of halod. What each kind is for stands in CONTRIBUTING.md."""
