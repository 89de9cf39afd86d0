"""Tests that hold the shape of the source: sizes, names, floors."""
