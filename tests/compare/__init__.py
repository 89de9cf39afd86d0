"""Files of one cluster against each other."""
