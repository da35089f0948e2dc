"""Lets a connection read the Parquet files of a generation (its parts).

The views of a generation name no paths, so that its folder can be moved: they read the files that the variable `parts`
of the connection lists for their table.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipeline.errors import DatabaseDamaged, unreadable
from pipeline.storage.forms import is_folder, opened_file
from pipeline.storage.manifest import manifest_of
from pipeline.storage.statements import quoted, tables_in

Parts = Mapping[str, list[Path]]  # the files of each table, by the name of its folder: "qa", "cache/signatures"


def parts_of(database: Path) -> Parts:
    """The Parquet files of each table of a generation that is a folder.

    Raises `DatabaseDamaged` when one is missing or has another size than the manifest says.
    """
    found: dict[str, list[Path]] = {}
    for name, note in manifest_of(database).parts.items():
        part = database / name
        try:
            size = part.stat().st_size
        except OSError as err:
            raise unreadable(part, err) from err
        if size != note["bytes"]:
            raise DatabaseDamaged(part, f"it has {size:,} of {note['bytes']:,} bytes")
        found.setdefault(name.rpartition("/")[0], []).append(part)
    return found


def name_parts(db: duckdb.DuckDBPyConnection, parts: Parts) -> None:
    """Set the variable that the views on Parquet files read."""
    lists = ", ".join(f"{quoted(name)}: [{', '.join(map(quoted, files))}]" for name, files in parts.items())
    db.execute(f"SET VARIABLE parts = MAP {{{lists}}}")


def attach(db: duckdb.DuckDBPyConnection, database: Path, name: str) -> None:
    """Attach a generation in either form, so that queries read its tables as `name.qa` and `name.cache.signatures`.

    Of generations that are folders, one at a time can be attached. Raises `DatabaseDamaged`.
    """
    db.execute(f"ATTACH {quoted(opened_file(database))} AS {name} (READ_ONLY)")
    if is_folder(database):
        name_parts(db, parts_of(database))


def insert_rows_of(db: duckdb.DuckDBPyConnection, name: str) -> None:
    """Insert the rows of an attached generation into the tables of the same names, which exist and are empty."""
    for schema in ("main", "cache"):
        for table in tables_in(db, schema, name):
            db.execute(f'INSERT INTO {schema}."{table}" BY NAME FROM {name}.{schema}."{table}"')
    db.execute("CHECKPOINT")
