"""Files to documents: the text of a file or record, and what its format says about it."""
