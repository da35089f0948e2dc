"""The two forms of a generation: one DuckDB file, or a folder with Parquet files for each table.

    generations/<id>.duckdb           all tables; its manifest lies beside it: <id>.json
    generations/<id>.parquet/         manifest.json, and views.duckdb: a view for each table, with its description
        qa/part-0.parquet ...         the rows of a table in order; likewise cache/signatures/part-0.parquet ...

Nothing heavy is imported here.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import BadQuery

FORMS = ("duckdb", "parquet")
PUBLISHED = {form: f"qa.{form}" for form in FORMS}  # the link to the published generation, if it has this form


def form_of(database: Path) -> str:
    """The form of a generation, by the name of its file or folder."""
    return database.suffix.removeprefix(".")


def is_folder(database: Path) -> bool:
    """Whether a generation is a folder of Parquet files."""
    return form_of(database) == "parquet"


def manifest_file(database: Path) -> Path:
    """The manifest of a generation."""
    return database / "manifest.json" if is_folder(database) else database.with_suffix(".json")


def opened_file(database: Path) -> Path:
    """The DuckDB file that a reader of a generation opens, and so locks: the tables, or the views on Parquet files."""
    return database / "views.duckdb" if is_folder(database) else database


def checked_form(form: str | None) -> str | None:
    """The form that a user named, None for that of the published generation. Raises `BadQuery`."""
    if form is not None and form not in FORMS:
        raise BadQuery(f"{form!r:.80} is not a form of tables; the forms are: {', '.join(FORMS)}")
    return form
