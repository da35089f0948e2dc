"""Documents to rows: batches of files are read, parsed and searched for figures, each document alone."""
