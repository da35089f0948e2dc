"""A second search for duplicates, in one frame held in memory; `find_duplicates` uses it."""
