"""Tests of the pure machines behind virtual servers."""
