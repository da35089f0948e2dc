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
from pipeline.storage.forms import is_folder, opened_file
from pipeline.storage.generations import generation_file, published
from pipeline.storage.manifest import Manifest, checked_manifest, manifest_of
from pipeline.storage.parts import name_parts, parts_of
from pipeline.storage.statements import quoted, tables_in


def connect(path: Path, expected: Collection[str] = ("qa",)) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a generation, without access to the network, or to files that are not part of it.

    Raises `NothingPublished`, and `DatabaseDamaged` when one of the expected tables, or a file of it, is missing.
    """
    if not path.exists():
        raise NothingPublished(path)
    path = path.resolve()
    parts = parts_of(path) if is_folder(path) else {}
    try:
        db = duckdb.connect(str(opened_file(path)), read_only=True)
        if parts:
            name_parts(db, parts)
        _lock_down(db, [str(part) for files in parts.values() for part in files])
        missing = sorted({*expected} - {*tables_in(db)})
    except duckdb.Error as err:
        raise unreadable(path, err) from err
    if missing:
        db.close()
        raise DatabaseDamaged(path, f"it has no table {missing[0]}")
    return db


class Opened(NamedTuple):
    """A generation that is open for reading: its file or folder, its manifest, and a connection from `connect`."""

    database: Path
    manifest: Manifest
    db: duckdb.DuckDBPyConnection


def open_generation(out: Path, generation: str | None = None, is_whole: bool = False) -> Opened:
    """Open a generation, by default the published one; with `is_whole` only if no file of it has changed in a byte.

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


def _lock_down(db: duckdb.DuckDBPyConnection, parts: list[str]) -> None:
    """Forbid access to network and files, except to `parts`. Connections of a process to one file share settings."""
    if db.execute("SELECT current_setting('lock_configuration')").fetchall()[0][0]:
        return
    if parts:
        db.execute(f"SET allowed_paths = [{', '.join(map(quoted, parts))}]")
    for setting in ("TimeZone = 'UTC'", "enable_external_access = false", "lock_configuration = true"):
        db.execute(f"SET {setting}")
