"""Writes the tables of a generation as Parquet files (its parts), with views on them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import duckdb

from pipeline.storage.build import GROUP_ROWS, create_claims
from pipeline.storage.forms import opened_file
from pipeline.storage.manifest import PartNote, sha256_of
from pipeline.storage.memory import memory_limit, set_memory_limit
from pipeline.storage.parts import name_parts
from pipeline.storage.schema import IN_ORDER, TABLES, ddl
from pipeline.storage.statements import execute, quoted, tables_in

# Bytes of a part, exceeded by at most one row group. The largest table of 20,000 pages, occurrences, has 74 MB.
PART_BYTES = 128 * 2**20


def write_parts(db: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, PartNote]:
    """Write every table of the current database, and its cache, to a new folder, with the views.

    The rows of a table are in the order in which people read them, so equal tables give equal files. Returns rows,
    bytes and SHA-256 of each file by its path, in order.

    DuckDB gets two thirds of the memory that a run has, so that writing is not what a run needs most memory for: with
    all of it, the peak of a first run on 20,000 pages was 978 MB, instead of the 882 MB of one that publishes a DuckDB
    file. With half of it, sorting their occurrences needs a second attempt, and writing alone 555 MB instead of 364.
    """
    tables = [(schema, name) for schema in ("main", "cache") for name in tables_in(db, schema)]
    notes: dict[str, PartNote] = {}
    limit, threads = memory_limit(db), db.execute("SELECT current_setting('threads')").fetchall()[0][0]
    set_memory_limit(db, limit * 2 // 3)
    db.execute("SET threads = 1")  # with more of them, rows are not in order where a table has several parts
    for schema, name in tables:
        order = IN_ORDER[name] if schema == "main" else ""
        notes |= _write_table(db, f'{schema}."{name}" t {order}', folder, _key(schema, name))
    db.execute(f"SET threads = {threads}")
    set_memory_limit(db, limit)
    _write_views(db, folder, tables, notes)
    return notes


def _key(schema: str, name: str) -> str:
    """The folder of a table below that of the generation."""
    return name if schema == "main" else f"{schema}/{name}"


def _write_table(db: duckdb.DuckDBPyConnection, rows: str, folder: Path, key: str) -> dict[str, PartNote]:
    (folder / key).mkdir(parents=True)
    execute(
        db,
        f"COPY (SELECT t.* FROM {rows}) TO {quoted(folder / key)} (FORMAT parquet, COMPRESSION zstd, "
        f"ROW_GROUP_SIZE {GROUP_ROWS}, FILE_SIZE_BYTES {PART_BYTES}, FILENAME_PATTERN 'part-{{i}}', OVERWRITE)",
    )
    files = sorted((folder / key).iterdir(), key=lambda file: (len(file.name), file.name))  # part-10 after part-9
    notes: dict[str, PartNote] = {}
    for file in files:
        count = db.execute(f"SELECT num_rows FROM parquet_file_metadata({quoted(file)})").fetchall()[0][0]
        notes[f"{key}/{file.name}"] = {"rows": count, "bytes": file.stat().st_size, "sha256": sha256_of(file)}
    return notes


def _write_views(
    db: duckdb.DuckDBPyConnection, folder: Path, tables: list[tuple[str, str]], notes: dict[str, PartNote]
) -> None:
    """Write the DuckDB file with a view for each table, the view `claims`, and the descriptions of their columns."""
    files: defaultdict[str, list[Path]] = defaultdict(list)
    for part in notes:
        files[part.rpartition("/")[0]].append(folder / part)
    name_parts(db, files)
    db.execute(f"ATTACH {quoted(opened_file(folder))} AS views (BLOCK_SIZE 16384)")
    db.execute("USE views; CREATE SCHEMA cache")
    for schema, name in tables:
        parts = f"getvariable('parts')[{quoted(_key(schema, name))}]"
        db.execute(f'CREATE VIEW {schema}."{name}" AS FROM read_parquet({parts})')
    for name in TABLES:
        _, *descriptions = ddl(name)
        db.execute(";".join(descriptions).replace("COMMENT ON TABLE", "COMMENT ON VIEW", 1))
    create_claims(db)
    db.execute("USE ledger; DETACH views")
