"""What happens to a text before it has words: conditions, definitions, sequences, includes."""
