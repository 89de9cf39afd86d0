"""Tests of the road from the text of a configuration to the model, or to an explanation."""
