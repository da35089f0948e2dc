"""Every column of every table and view is described: in the database, in `ledger.dictionary` and in docs/tables.md."""

from __future__ import annotations

from conftest import ROOT

import pipeline
from pipeline.ledger.dictionary import page


def test_every_column_that_is_published_is_described(published):
    with pipeline.open(published) as ledger:
        listed = ledger.dictionary
        found = ledger.sql(
            "select table_name, column_name, comment, data_type, is_nullable from duckdb_columns() "
            "where database_name = current_database() and schema_name = 'main'"
        )
    described = {(row.table, row.column): row for row in listed.itertuples()}
    assert set(described) == set(zip(found["table_name"], found["column_name"], strict=True))
    for row in found.itertuples():
        entry = described[row.table_name, row.column_name]
        assert entry.description
        type_ = row.data_type.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ").replace('"', "")
        assert (entry.description, entry.type.replace('"', "")) == (row.comment, type_)
        assert entry.nullable or not row.is_nullable or row.table_name == "claims"


def test_the_page_is_made_from_the_schema():
    """After a change of the schema: python docs/reference.py"""
    assert (ROOT / "docs" / "tables.md").read_text("utf-8") == page()
