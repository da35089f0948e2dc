"""Finds boilerplate: lines that many documents of a run repeat, such as "Join our newsletter" below every answer.

One page alone does not show that such a line is no answer. So lines are counted over all documents of a run, and the
files that contain a boilerplate line are read again with that knowledge.
"""

from __future__ import annotations

import duckdb

from pipeline.storage.statements import answer

# A line is boilerplate when at least this many documents contain it, and at least this share of all documents. On 200
# rendered pages whose page furniture is known from its shape, 20 pages and a tenth cost 1 of 7,046 pairs (exact pairs
# .9997 -> .9996); with 10 pages, section titles were taken out of answers (.9906). Sites repeat their boilerplate on
# nearly all their pages.
MANY_DOCUMENTS = 20
SHARE_OF_DOCUMENTS = 0.1


def find_boilerplate_keys(db: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The keys of lines that are boilerplate among the documents in the tables now."""
    found = answer(db, "ingest/boilerplate_lines", many=MANY_DOCUMENTS, share=SHARE_OF_DOCUMENTS)
    return frozenset(key for (key,) in found.fetchall())


def files_with_lines(db: duckdb.DuckDBPyConnection, keys: frozenset[str]) -> frozenset[str]:
    """The uris of the files that contain one of these lines."""
    found = answer(db, "ingest/files_with_lines", line_keys=sorted(keys)).fetchall() if keys else []
    return frozenset(uri for (uri,) in found)
