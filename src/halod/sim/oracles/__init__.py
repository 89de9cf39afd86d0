"""Judges of a run: each sees the observations alone, and says what must never happen."""
