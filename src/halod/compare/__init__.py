"""The files of one cluster's nodes against each other."""
