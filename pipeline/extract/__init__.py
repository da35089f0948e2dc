"""Files to documents: the text of each file or record, and what its format says about it."""
