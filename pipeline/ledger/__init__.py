"""The published tables as people read them: open, search, trace, verify, export."""
