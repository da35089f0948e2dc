"""Runs the SQL files of `pipeline/sql` on a connection.

A file is named by its folder and its stem: "refresh/70_changes" is `sql/refresh/70_changes.sql`. A file either changes
tables (`execute_file`) or answers a question (`answer`). Every file goes through `_watched`, so that
tests and `refresh.debug` can see the database right before it runs.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pipeline.storage.memory import allow_memory_share, memory_limit, set_memory_limit

# Called with the connection, the name of a file and its parameters, right before the file runs.
Watcher = Callable[[duckdb.DuckDBPyConnection, str, Mapping[str, object]], None]
watchers: list[Watcher] = []


@cache
def statement(name: str) -> str:
    """The text of `sql/<name>.sql`."""
    return Path(__file__).parents[1].joinpath("sql", f"{name}.sql").read_text("utf-8")


def _watched(db: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, object]) -> str:
    """The text of a file that is about to run, after the watchers have been called."""
    for watch in watchers:
        watch(db, name, parameters)
    return statement(name)


def execute_file(db: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> None:
    """Execute the statements of `sql/<name>.sql`; each one gets the parameters that it names."""
    execute(db, _watched(db, name, parameters), parameters)


def answer(db: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> duckdb.DuckDBPyRelation:
    """The answer of `sql/<name>.sql`, which is one query."""
    return db.sql(_watched(db, name, parameters), params=parameters or None)


# The statements of each text. They hold for any connection; to parse all takes 40 of the 550 ms of a run on one page.
_parsed: dict[str, list[duckdb.Statement]] = {}
atexit.register(_parsed.clear)  # DuckDB complains about those that outlive it


def execute(db: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object] | None = None) -> None:
    """Execute statements one by one.

    A statement that runs out of memory is tried once more with `MEMORY_SHARE` of the machine's memory. Raises
    `duckdb.OutOfMemoryException` when that is not enough either.
    """
    if sql not in _parsed:
        _parsed[sql] = db.extract_statements(sql)
    for one in _parsed[sql]:
        values = {name: value for name, value in (parameters or {}).items() if name in one.named_parameters}
        try:
            db.execute(one, values or None)
        except duckdb.OutOfMemoryException:
            limit = memory_limit(db)
            allow_memory_share(db)
            if memory_limit(db) <= limit:
                raise
            db.execute(one, values or None)
            set_memory_limit(db, limit)


def variable_settings(db: duckdb.DuckDBPyConnection) -> list[str]:
    """The statements that set the variables of this connection in another one, by name; not the paths of parts."""
    sql = "select name, value, type from duckdb_variables() where name <> 'parts' order by name"
    found = db.execute(sql).fetchall()
    return [f"set variable {name} = '{value}'::{kind}" for name, value, kind in found]


def quoted(text: object) -> str:
    """A text, or the path of a file, as a literal in a statement.

    >>> quoted("Q's page")
    "'Q''s page'"
    """
    return "'" + str(text).replace("'", "''") + "'"


def rows(db: duckdb.DuckDBPyConnection, sql: str, **parameters: object) -> list[dict[str, Any]]:
    """The rows of an answer as mappings. For few rows; use `frames.frame_of` for many."""
    answer = db.execute(sql, parameters or None)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def count(db: duckdb.DuckDBPyConnection, name: str) -> int:
    """The number of rows of a table."""
    return int(db.execute(f'SELECT count(*) FROM "{name}"').fetchall()[0][0])


def counts(db: duckdb.DuckDBPyConnection, names: Iterable[str]) -> dict[str, int]:
    """The number of rows of each table."""
    selects = [f'SELECT {quoted(name)}, count(*) FROM "{name}"' for name in names]
    return dict(db.execute(" UNION ALL ".join(selects)).fetchall())


def tables_in(db: duckdb.DuckDBPyConnection, schema: str = "main", database: str | None = None) -> list[str]:
    """The names of the tables in a schema of a database, by default the published ones, in the order of their creation.

    In a generation that is a folder they are views on Parquet files; `claims` is a view on tables. Views are listed
    only there: the first list of them takes 6 ms.
    """
    return _names_in(db, "table", schema, database) or _names_in(db, "view", schema, database)


def _names_in(db: duckdb.DuckDBPyConnection, kind: str, schema: str, database: str | None) -> list[str]:
    sql = (
        f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE database_name = coalesce($database, current_database()) "
        f"AND schema_name = $schema AND {kind}_name <> 'claims' ORDER BY {kind}_oid"
    )
    return [name for (name,) in db.execute(sql, {"database": database, "schema": schema}).fetchall()]


def drop_temp_tables(db: duckdb.DuckDBPyConnection, keep: Collection[str]) -> None:
    """Drop every temporary view, and every temporary table but these."""
    found = db.execute(
        "SELECT 'VIEW', view_name FROM duckdb_views() WHERE temporary AND NOT internal "
        "UNION ALL SELECT 'TABLE', table_name FROM duckdb_tables() WHERE temporary"
    ).fetchall()
    db.execute(";".join(f'DROP {kind} "{name}"' for kind, name in found if name not in keep))
