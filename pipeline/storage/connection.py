"""Opens a generation for reading.

A read-only connection blocks a writer of the same file, so a published file is never written to (`generations`); a new
generation is built in another file (`build`). Nothing heavy is imported here, so that a run that finds nothing to
do ends within a second.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import duckdb

from pipeline.errors import DatabaseDamaged, NothingPublished, unreadable
from pipeline.storage.generations import generation_file, published
from pipeline.storage.manifest import Manifest, checked_manifest, manifest_of
from pipeline.storage.statements import tables_in


def connect(path: Path, expected: Collection[str] = ("qa",)) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a generation, without access to the file system or the network.

    Raises `NothingPublished`, and `DatabaseDamaged` when one of the expected tables is missing.
    """
    if not path.exists():
        raise NothingPublished(path)
    try:
        db = duckdb.connect(str(path.resolve()), read_only=True)
        _lock_down(db)
        missing = sorted({*expected} - {*tables_in(db)})
    except duckdb.Error as err:
        raise unreadable(path, err) from err
    if missing:
        db.close()
        raise DatabaseDamaged(path, f"it has no table {missing[0]}")
    return db


class Opened(NamedTuple):
    """A generation that is open for reading: its file, its manifest, and a connection from `connect`."""

    database: Path
    manifest: Manifest
    db: duckdb.DuckDBPyConnection


def open_generation(out: Path, generation: str | None = None, is_whole: bool = False) -> Opened:
    """Open a generation, by default the published one; with `is_whole` only if its file has not changed in a byte.

    A run may publish another generation and remove this one between the two steps; then the new one is opened. Raises
    `NothingPublished`, `BadQuery` (no such generation), `DatabaseDamaged` and `DatabaseNewer`.
    """
    read_manifest = checked_manifest if is_whole else manifest_of
    while True:
        database = generation_file(out, generation)
        try:
            manifest = read_manifest(database)
            db = connect(database, {"qa", *manifest.tables})
            _add_missing_tables(db)
            return Opened(database, manifest, db)
        except (NothingPublished, DatabaseDamaged):
            if generation is not None or published(out) == database:
                raise


def _add_missing_tables(db: duckdb.DuckDBPyConnection) -> None:
    """Create a temporary table without rows where an older database has none that views and counts read."""
    if "figure_decisions" not in tables_in(db):
        db.execute("create temp table figure_decisions (statistic_id varchar, decision varchar, decided_by varchar)")


def _lock_down(db: duckdb.DuckDBPyConnection) -> None:
    """Forbid access to files and network. All connections of one process to one file share these settings."""
    if db.execute("SELECT current_setting('lock_configuration')").fetchall()[0][0]:
        return
    for setting in ("TimeZone = 'UTC'", "enable_external_access = false", "lock_configuration = true"):
        db.execute(f"SET {setting}")
