"""Leaves the tables that a SQL file of a run reads in a database of their own, to try the file in a DuckDB shell.

    from pipeline.refresh.debug import leave_tables
    leave_tables("data/raw", "duplicates/30_new_candidate_pairs", "debug.duckdb")

Then: duckdb -init debug.sql debug.duckdb, and in the shell: .read pipeline/sql/duplicates/30_new_candidate_pairs.sql
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipeline.errors import BadQuery
from pipeline.refresh.run import run
from pipeline.storage.statements import variable_settings, watchers


class _Reached(Exception):
    """The run has come to the file."""


def leave_tables(
    raw: str | os.PathLike[str],
    file: str,
    database: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
) -> None:
    """Run on `raw` until the SQL file `file` ("folder/name") is next, and copy all tables there are to `database`.

    Temporary tables become tables, the previous generation the schema `before`. With `out` the run starts from the
    generation that is published there, without it from nothing; nothing is published. The variables and macros that
    files use are written beside the database, to a file of the same name that ends in .sql. Raises `BadQuery` when the
    run does not use the file, or the database exists.
    """
    database = Path(database)
    if database.exists():
        raise BadQuery(f"{database}: exists already; remove it, or name another file")

    def watch(db: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, object]) -> None:
        if name == file:
            with duckdb.connect(str(database)) as target:
                copy_tables(db, target, readable_tables(db))
            database.with_suffix(".sql").write_text(settings(db), "utf-8")
            raise _Reached

    watchers.append(watch)
    try:
        with TemporaryDirectory() if out is None else nullcontext(out) as folder:
            run(raw, folder, workers=1, dry_run=True)
    except _Reached:
        return
    finally:
        watchers.remove(watch)
    raise BadQuery(f"{file}: this run does not use a SQL file of that name; see the folders of pipeline/sql")


def readable_tables(db: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables and views that a SQL file can read now, by the names that files use for them."""
    found = db.execute(
        "select database_name, schema_name, table_name from duckdb_tables() "
        "union all select database_name, schema_name, view_name from duckdb_views() where not internal order by all"
    ).fetchall()
    return [
        f"before.{name}" if database == "before" else name if schema == "main" else f"{schema}.{name}"
        for database, schema, name in found
        if database != "before" or schema == "main"
    ]


def copy_tables(db: duckdb.DuckDBPyConnection, target: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
    """Copy the rows of these tables and views to tables of the same names in another database."""
    for name in names:
        rows = db.sql(f"from {name}").to_arrow_table()
        schema = name.rpartition(".")[0]
        if schema:
            target.execute(f'create schema if not exists "{schema}"')
        target.execute(f"create table {name} as from rows")
        del rows


def settings(db: duckdb.DuckDBPyConnection) -> str:
    """The statements that set the variables and macros of a connection in another one."""
    macros = db.execute(
        "select function_name, array_to_string(parameters, ', '), macro_definition, function_type "
        "from duckdb_functions() where not internal and macro_definition is not null order by function_oid"
    ).fetchall()
    lines = ["set timezone = 'UTC';"]
    lines += [f"{line};" for line in variable_settings(db)]
    lines += [
        f"create or replace temp macro {name}({parameters}) as {'table ' if kind == 'table_macro' else ''}{body};"
        for name, parameters, body, kind in macros
    ]
    return "\n".join(lines) + "\n"
