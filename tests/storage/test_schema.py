"""What does not fit its table is named and set aside; the run goes on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import product

import duckdb
import pandas as pd
import pytest

import pipeline
from pipeline.errors import TableRejected
from pipeline.ingest import document_rows
from pipeline.ledger.verify import verify
from pipeline.storage import frames
from pipeline.storage.frames import _is_fitting, empty, fit, records, sift
from pipeline.storage.schema import TABLES, Rejects, Statistics, Topics, columns

TOPIC = {"topic": "cost", "title": "Cost", "description": "", "required": True, "taxonomy_version": "1"}


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_fits_and_has_every_column(name):
    frame = empty(TABLES[name])
    assert list(fit(TABLES[name], frame).columns) == list(columns(TABLES[name]))


def test_fit_orders_columns_and_leaves_others_out():
    frame = pd.DataFrame([{"more": 1, **dict(reversed(TOPIC.items()))}])
    assert list(fit(Topics, frame).columns) == list(TOPIC)


@pytest.mark.parametrize(("column", "value"), [("title", None), ("topic", None)])
def test_fit_names_the_table_and_the_first_failure(column, value):
    with pytest.raises(TableRejected, match=f"topics: .*{column}"):
        fit(Topics, pd.DataFrame([{**TOPIC, column: value}]))


def test_sift_returns_every_row_as_fitting_or_as_a_failure():
    frame = pd.DataFrame([{**TOPIC, "topic": "a"}, {**TOPIC, "topic": "b", "title": None}])
    kept, failures = sift(Topics, frame)
    assert kept["topic"].tolist() == ["a"]
    assert [(row["index"], row["column"]) for row in records(failures)] == [(1, "title")]


def test_a_missing_column_is_our_own_mistake():
    with pytest.raises(TableRejected, match="the column is missing"):
        fit(Rejects, pd.DataFrame({"uri": ["x"]}))


@pytest.mark.parametrize("name", TABLES)
def test_what_the_quick_checks_accept_pandera_accepts(name, published):
    """A run asks pandera only where a quick check fails."""
    with duckdb.connect(published / "qa.duckdb", read_only=True) as db:
        frame = frames.read_table(db, name)
    assert _is_fitting(TABLES[name], frame)
    for column, value in product(frame.columns, (None, "", "x", 0, -1, 10**9)):
        changed = frame.astype({column: object})
        changed.loc[changed.index[:1], column] = value
        with suppress(TypeError, ValueError):  # no value of this type
            changed = changed.astype({column: frame[column].dtype})
            if _is_fitting(TABLES[name], changed):
                TABLES[name].validate(changed)


def test_low_may_not_be_above_high(published):
    with pipeline.open(published) as ledger:
        figures = ledger.statistics
    kept, failures = sift(Statistics, figures.assign(low=figures["high"] + 1))
    assert len(kept) + failures["index"].nunique() == len(figures)
    assert failures["index"].nunique() == 7


def test_a_figure_that_does_not_fit_is_rejected_and_the_run_goes_on(raw, out, monkeypatch):
    """A stage is replaced to make this error, because no known text causes it."""

    def erring(*args):
        return [replace(found, unit=None) if found.kind == "percent" else found for found in find(*args)]

    find = document_rows.find_in_answer
    monkeypatch.setattr(document_rows, "find_in_answer", erring)
    ledger = pipeline.run(raw, out, workers=1)
    assert ledger.exit_code == 3
    assert [(row["uri"], row["stage"], row["reason"]) for row in ledger.rejects] == [
        ("000_202d2eeb3b6f341d.txt", "store", "schema")
    ] * 3
    assert (ledger.counts["statistics"], ledger.counts["qa"]) == (4, 59)
    assert dict(ledger.stages[-1].dropped) == {"schema": 3}
    assert all(finding.is_ok for finding in verify(out))
    assert ledger.counts["rejects"] == pipeline.run(raw, out, workers=1).counts["rejects"]
