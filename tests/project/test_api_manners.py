"""A wrong argument of a public function is one sentence that names the argument, not a fault deep inside."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest
from conftest import ROOT

import pipeline
from pipeline import plots, report, show
from pipeline.errors import BadArgument, BadQuery, PipelineError


@pytest.fixture(scope="module")
def ledger(published):
    with pipeline.open(published) as opened:
        yield opened


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda ledger: ledger.trace(5), "the id must be text, not 5"),
        (lambda ledger: ledger.search('"unclosed'), "a quotation mark is not closed"),
        (lambda ledger: ledger.search(5), "words must be text, not 5"),
        (lambda ledger: ledger.search("a", limit="x"), "limit must be a whole number, not 'x'"),
        (lambda ledger: ledger.search("a", limit=0), "limit must be at least 1"),
        (lambda ledger: ledger.sql(5), "query must be text"),
        (lambda ledger: ledger.only(since=5), "since must be a date"),
        (lambda ledger: ledger.only(topic="x"), "'x' is not a topic; the topics are: "),
        (lambda ledger: plots.rates(ledger.statistics), "no column 'uri'; it needs the frame of report.figures"),
        (lambda ledger: plots.topic_coverage(ledger.qa, 5), "needs the frame of report.coverage_by_topic"),
        (lambda ledger: plots.rates(ledger), "must be a DataFrame, not a Ledger"),
        (lambda ledger: report.figures(ledger, kind="rate"), "'rate' is not a kind; the kinds are: percent"),
        (lambda ledger: report.figures(ledger, role="x"), "'x' is not a role; the roles are: finding"),
        (
            lambda ledger: report.related_pairs(ledger, merged=False, kind="x"),
            "'x' is not a kind; the kinds are: exact_pair",
        ),
        (lambda ledger: report.figures(5), "ledger must be a ledger"),
        (lambda ledger: pipeline.open(5), "path must be a path or None, not 5"),
        (lambda ledger: pipeline.open(ledger.out, generation="x"), "'x' is not a generation; the generations are: "),
        (lambda ledger: pipeline.parse_text(None), "text must be text, not None"),
        (lambda ledger: pipeline.tag_topics(5, None), "question must be text or None, not 5"),
        (lambda ledger: pipeline.find_statistics(b"5 %"), "text must be text, not a bytes"),
        (lambda ledger: pipeline.find_statistics("5 %", 5), "question must be text or None, not 5"),
        (lambda ledger: pipeline.find_duplicates([]), "frame must be a DataFrame"),
        (lambda ledger: pipeline.find_duplicates(pd.DataFrame({"x": [1]})), "the column id, and question or answer"),
        (lambda ledger: pipeline.run(5), "raw must be a path, not 5"),
        (lambda ledger: pipeline.run("x", decisions=5), "decisions must be a path, not 5"),
        (lambda ledger: pipeline.run("x", topics=5), "topics must be a path, not 5"),
        (lambda ledger: pipeline.run("x", columns=5), "columns must be text or a mapping, not 5"),
        (lambda ledger: pipeline.run("x", encoding=5), "encoding must be text, a list or a mapping, not 5"),
        (lambda ledger: pipeline.run("x", workers="2"), "workers must be a whole number, not '2'"),
        (lambda ledger: pipeline.run("x", workers=-1), "workers must be at least 1, not -1"),
        (lambda ledger: pipeline.run("x", keep=True), "keep must be a whole number, not True"),
        (lambda ledger: pipeline.run("x", full="no"), "full must be True or False, not 'no'"),
        (lambda ledger: ledger.sql(""), "the query has no result"),
        (lambda ledger: ledger.compare("x"), "x is neither a generation nor a folder"),
        (lambda ledger: report.related_pairs(ledger, merged=True, limit=0), "limit must be at least 1, not 0"),
        (lambda ledger: plots.rates(report.figures(ledger), limit="x"), "limit must be a whole number, not 'x'"),
        (lambda ledger: plots.rates(report.figures(ledger), ax=5), "ax must be matplotlib axes or None, not 5"),
        (lambda ledger: plots.money(report.figures(ledger)), "A plot shows one of them"),
        (lambda ledger: plots.picture(5), "ax must be matplotlib axes"),
        (lambda ledger: show.table(5), "frame must be a DataFrame, not 5"),
        (lambda ledger: show.table(ledger.qa, ["x"]), "the frame has no column x; it has: qa_id"),
        (lambda ledger: show.say(5), "the sentence must be text, not 5"),
    ],
)
def test_a_wrong_argument_is_one_sentence(ledger, call, sentence):
    with pytest.raises((BadArgument, BadQuery)) as caught:
        call(ledger)
    assert sentence in str(caught.value)
    assert isinstance(caught.value, PipelineError)
    assert "\n" not in str(caught.value)


def test_dir_shows_public_names_only():
    code = "import pipeline; print(*dir(pipeline)); [getattr(pipeline, name) for name in dir(pipeline)]"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(shown.split()) == {*pipeline.__all__, "plots", "report", "show"}
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = pipeline.nothing
