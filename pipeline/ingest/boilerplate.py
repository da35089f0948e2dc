"""Lines that stand on many pages are parts of the pages, not of their answers: furniture by repetition.

What a single page cannot tell, many can: "Join our newsletter" at the end of every answer's page is no answer. Such
lines are counted over all documents of a run, and the pages that hold one are read again with that knowledge.
"""

from __future__ import annotations

import duckdb

from pipeline.storage import frames

# A line is furniture when it stands on at least this many documents and at least this share of them. On 200 rendered
# pages whose furniture is known by its shape already, 20 pages and a tenth cost 1 of 7,046 pairs (exact pair .9997 ->
# .9996); 10 pages took section titles out of answers (.9906). Sites put their furniture on nearly all their pages.
MANY_DOCUMENTS = 20
SHARE_OF_DOCUMENTS = 0.1


def furniture_of(db: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The keys of lines that are boilerplate among the documents that the tables hold now."""
    found = frames.query(db, "ingest/furniture", many=MANY_DOCUMENTS, share=SHARE_OF_DOCUMENTS)
    return frozenset(found["line_key"])


def files_with(db: duckdb.DuckDBPyConnection, keys: frozenset[str]) -> frozenset[str]:
    """The uris of the files that hold a line of these."""
    return frozenset(frames.query(db, "ingest/files_with", line_keys=sorted(keys))["uri"]) if keys else frozenset()
