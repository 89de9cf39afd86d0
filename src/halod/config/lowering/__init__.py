"""Values to the model, one file a section."""
