"""One run: scan, compare with what is published, build, publish."""
