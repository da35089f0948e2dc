"""Reads the published tables: open, search, trace, verify, export."""
