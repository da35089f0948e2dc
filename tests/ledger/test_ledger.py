"""The ledger as researchers hold it, and the files they take away."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import unicodedata

import duckdb
import openpyxl
import pandas as pd
import pytest
from conftest import ROOT

import pipeline
from pipeline.errors import BadQuery, NothingPublished, UnknownId
from pipeline.ledger.export import export, spreadsheet_cells
from pipeline.storage.frames import fit
from pipeline.storage.schema import TABLES, columns


@pytest.fixture
def ledger(published):
    with pipeline.open(published) as opened:
        yield opened


def test_the_public_names_are_there_and_nothing_heavy_is_loaded():
    probe = (
        "import sys, pipeline\n"
        "assert not {'pandas', 'duckdb'} & set(sys.modules)\n"
        "assert all(callable(getattr(pipeline, n)) for n in "
        "['open', 'run', 'parse_text', 'tag_topics', 'find_statistics', 'find_duplicates'])\n"
    )
    subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=True)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_an_attribute_that_fits_its_schema(ledger, name):
    frame = getattr(ledger, name)
    assert list(frame.columns) == list(columns(TABLES[name]))
    pd.testing.assert_frame_equal(frame, fit(TABLES[name], frame))
    assert name in dir(ledger)


def test_an_unknown_table_is_named_with_those_there_are(ledger):
    with pytest.raises(AttributeError, match="its tables are: documents"):
        _ = ledger.answers


def test_sql_takes_parameters_and_explains_mistakes(ledger):
    found = ledger.sql("select question, topics from qa where list_contains(topics, $topic)", topic="insurance")
    assert len(found) >= 5
    assert all("insurance" in topics for topics in found["topics"])
    with pytest.raises(BadQuery, match="The tables are: documents"):
        ledger.sql("select * from nowhere")


@pytest.mark.parametrize("query", ["select * from read_text('/etc/passwd')", "copy qa to 'x.csv'", "delete from qa"])
def test_queries_cannot_leave_the_database_or_change_it(ledger, query):
    with pytest.raises(BadQuery):
        ledger.sql(query)


def test_open_finds_the_folder_by_argument_environment_or_upwards(published, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NothingPublished):
        pipeline.open()
    monkeypatch.setenv("QALEDGER_OUT", str(published))
    with pipeline.open() as ledger:
        assert len(ledger.qa) == 59
    with pipeline.open(published / "qa.duckdb") as ledger:
        assert len(ledger.qa) == 59
    monkeypatch.delenv("QALEDGER_OUT")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "processed").symlink_to(published)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    with pipeline.open() as ledger:
        assert len(ledger.qa) == 59


def test_the_database_explains_its_own_columns(published):
    with duckdb.connect(str(published / "qa.duckdb"), read_only=True) as shell:
        told = dict(
            shell.execute("select column_name, comment from duckdb_columns() where table_name = 'qa'").fetchall()
        )
    assert told["topics"] == "sorted; tags that need review are left out"


def test_a_narrowed_ledger_counts_its_rows_alone(ledger):
    with ledger.only(topic="cost") as part:
        assert part.generation == ledger.generation
        kept = set(part.qa["qa_id"])
        assert kept == set(ledger.qa.loc[["cost" in topics for topics in ledger.qa["topics"]], "qa_id"])
        for name in ("occurrences", "statistics", "qa_topics", "leftovers"):
            whole = getattr(ledger, name)
            pd.testing.assert_frame_equal(getattr(part, name), whole[whole["qa_id"].isin(kept)].reset_index(drop=True))
        ids = {*part.occurrences["occurrence_id"], *part.leftovers["leftover_id"]}
        assert {*part.duplicates["a_id"], *part.duplicates["b_id"]} <= ids
        assert (
            part.sql("select sum(figures) as n from claims")["n"][0]
            == len(part.statistics)
            == part.claims["figures"].sum()
        )
        assert set(part.search("cost")["qa_id"]) <= kept
        assert "topic cost" in part.source
        assert not part.refresh()


def test_a_ledger_is_narrowed_to_what_was_first_seen_since_a_day(ledger):
    today = ledger.as_of.date()
    assert len(ledger.only(since=today).qa) == len(ledger.qa)
    assert ledger.only(since="2999-01-31").qa.empty
    with pytest.raises(BadQuery, match="'soon' is not a day"):
        ledger.only(since="soon")
    with pytest.raises(BadQuery, match="'x' is not a topic; the topics are: "):
        ledger.only(topic="x")


def test_trace_marks_the_figure_in_its_source(ledger):
    statistic = ledger.sql("select statistic_id from statistics where surface = '1 and 88%'")["statistic_id"][0]
    assert "<mark>1 and 88%</mark>" in ledger.trace(statistic)._repr_html_()
    with pytest.raises(UnknownId, match="no row has this id"):
        ledger.trace("s_nothing")


def test_search_ranks_rows_that_hold_the_words(ledger):
    found = ledger.search("insurance pay")
    assert found["score"].is_monotonic_decreasing
    assert "insur" in f"{found['question'][0]} {found['answer'][0]}".lower()
    assert ledger.search("").empty


def test_search_takes_beginnings_and_phrases(ledger):
    begun = ledger.search("insur*", limit=100)
    assert {"insurance", "insurers"} <= set(re.findall(r"insur\w*", " ".join(begun["answer"].dropna()).lower()))
    assert ledger.search("insur").empty
    loose, exact = ledger.search("medical records", limit=100), ledger.search('"Medical Records"', limit=100)
    assert 0 < len(exact) < len(loose)
    texts = (exact["question"] + " | " + exact["answer"].fillna("")).str.lower()
    assert texts.str.contains("medical records").all()
    assert ledger.search('"records medical"').empty
    assert ledger.search('"" *').empty


def test_claims_count_a_figure_once_per_row(ledger):
    claims = ledger.claims
    assert claims["figures"].sum() == 7
    rate = claims[(claims["low"] == 1) & (claims["high"] == 88)]
    assert rate["unit"].tolist() == ["percent"]


def test_the_ledger_shows_itself(ledger):
    assert "59 qa" in repr(ledger)
    assert re.search(r"<b[^>]*>59</b><br>qa", ledger._repr_html_())
    assert ledger.generation in ledger._repr_html_()


# ---------------------------------------------------------------- export


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl", "xlsx"])
def test_export_writes_every_row(qaledger, published, tmp_path, ending):
    to = tmp_path / f"qa.{ending}"
    done = qaledger("export", "qa", "--to", to, "--out", published)
    assert done.returncode == 0, done.stderr
    frame = {
        "csv": pd.read_csv,
        "parquet": pd.read_parquet,
        "jsonl": lambda path: pd.read_json(path, lines=True),
        "xlsx": lambda path: pd.DataFrame(list(openpyxl.load_workbook(path).active.values)[1:]),
    }[ending](to)
    assert len(frame) == 59
    assert [path.name for path in tmp_path.iterdir()] == [to.name]


def test_parquet_and_jsonl_hold_the_table_as_it_is(qaledger, published, ledger, tmp_path):
    qaledger("export", "qa", "--to", tmp_path / "qa.parquet", "--out", published)
    back = duckdb.sql(f"select qa_id, topics from '{tmp_path / 'qa.parquet'}'").fetchall()
    assert back == ledger.db.sql("select qa_id, topics from qa").fetchall()
    qaledger("export", "qa", "--to", tmp_path / "qa.jsonl", "--out", published)
    rows = [json.loads(line) for line in (tmp_path / "qa.jsonl").read_text("utf-8").splitlines()]
    assert [(row["qa_id"], row["topics"]) for row in rows] == back


def test_words_of_the_ledger_are_not_guarded_and_a_workbook_describes_its_columns(qaledger, published, tmp_path):
    for ending in ("csv", "xlsx"):
        assert qaledger("export", "statistics", "--to", tmp_path / f"s.{ending}", "--out", published).returncode == 0
    relations = pd.read_csv(tmp_path / "s.csv")["relation"].tolist()
    assert "=" in relations
    workbook = openpyxl.load_workbook(tmp_path / "s.xlsx")
    assert workbook.sheetnames == ["statistics", "dictionary"]
    rows = list(workbook["statistics"].values)
    assert [row[rows[0].index("relation")] for row in rows[1:]] == relations
    assert {cell.data_type for row in workbook["statistics"].iter_rows() for cell in row} <= {
        "s",
        "n",
        "b",
        "inlineStr",
    }
    described = {row[1]: row[5] for row in workbook["dictionary"].values}
    assert described["low"].startswith("lowest value")


def test_spreadsheets_run_no_formula(qaledger, raw, out, tmp_path):
    (raw / "evil.txt").write_text('What is =1+1?\n=HYPERLINK("http://x","y")\nQ: @SUM(A1)?\n+cmd|\' /C calc\'!A0\n')
    qaledger("run", raw, "--out", out)
    for ending in ("csv", "xlsx"):
        to = tmp_path / f"o.{ending}"
        assert qaledger("export", "occurrences", "--to", to, "--out", out).returncode == 0
        cells = (
            pd.read_csv(to, dtype=str, keep_default_na=False).to_numpy().ravel().tolist()
            if ending == "csv"
            else [str(c) for row in openpyxl.load_workbook(to).active.values for c in row if isinstance(c, str)]
        )
        assert not [cell for cell in cells if cell[:1] in "=+@\t\r" and cell]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_spreadsheet_that_reads_another_delimiter_runs_a_formula(raw, out, tmp_path, delimiter):
    answer = 'a;=HYPERLINK("http://x");b\t\u200b+1 percent; "@SUM(A1)\n-cmd|x\n- a list item (mild)'
    (raw / "evil.jsonl").write_text(json.dumps({"question": "What is x;=1+1;y?", "answer": answer}))
    pipeline.run(raw, out, workers=1)
    with pipeline.open(out) as ledger:
        for table in ("qa", "occurrences", "statistics"):
            export(ledger, table, tmp_path / "x.csv")
            text = (tmp_path / "x.csv").read_text("utf-8")
            cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in row]
            assert not [cell for cell in cells if len(cell) > 2 and re.match('[\\s\u200b"]*([=+@]|-cmd)', cell)]
            assert "\n- a list item (mild)" in text or table != "occurrences"


def test_no_invisible_character_hides_a_formula_and_numbers_and_codes_stay_as_they_are():
    """Every character that a reader does not see: of the categories for control, format and blanks, and fillers."""
    characters = map(chr, range(0x110000))
    unseen = [one for one in characters if unicodedata.category(one) in ("Cc", "Cf", "Zs", "Zl", "Zp")]
    unseen += list("\u034f\u115f\u1160\u17b4\u180b\u3164\ufe00\ufe0f\uffa0\U000e0100\u2800")
    texts = [f"{hidden}{sign}1+1" for hidden in unseen for sign in "=+-@＝"]
    frame = pd.DataFrame({"text": texts})
    assert not [text for (text,) in spreadsheet_cells(frame, "occurrences") if "'" not in text]
    frame = pd.DataFrame({"low": [-5.0], "unit": ["-5"], "relation": ["="], "quote": ["= 5"], "topics": [["=1"]]})
    assert spreadsheet_cells(frame, "statistics") == [[-5.0, "'-5", "=", "'= 5", '["=1"]']]


@pytest.mark.parametrize(
    ("table", "to", "sentence"),
    [
        ("nonsense", "x.csv", "no such table"),
        ("qa", "x.doc", "no writer for this ending"),
        ("qa", "nowhere/x.csv", "cannot be written"),
    ],
)
def test_export_mistakes_are_one_sentence(qaledger, published, table, to, sentence):
    done = qaledger("export", table, "--to", to, "--out", published)
    assert (done.returncode, sentence in done.stderr, "Traceback" in done.stderr) == (1, True, False)
