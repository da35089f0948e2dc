"""Reads and sets the memory that DuckDB may use."""

from __future__ import annotations

import duckdb

# DuckDB may use this share of the memory of the machine (or its container), and no more.
MEMORY_SHARE = 0.25


def memory_limit(db: duckdb.DuckDBPyConnection) -> int:
    """Bytes of memory that DuckDB may use."""
    size, unit = db.execute("SELECT current_setting('memory_limit')").fetchall()[0][0].split()
    return int(float(size) * 1024 ** ("bytes", "KiB", "MiB", "GiB", "TiB").index(unit))


def set_memory_limit(db: duckdb.DuckDBPyConnection, limit: int) -> None:
    """Let DuckDB use this many bytes; the limit stays as it was while DuckDB uses more than that."""
    try:
        db.execute(f"SET memory_limit = '{limit}B'")
    except duckdb.OutOfMemoryException:
        return


def allow_memory_share(db: duckdb.DuckDBPyConnection) -> None:
    """Let DuckDB use `MEMORY_SHARE` of the machine's memory."""
    db.execute(f"SET memory_limit = '{MEMORY_SHARE:.0%}'")
