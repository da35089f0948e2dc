"""What changed between two ledgers: every change once, nothing between equal ones, the opposite the other way round."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline import report
from pipeline.errors import BadQuery
from pipeline.ledger.compare import word_diff
from pipeline.storage.frames import records

JANUARY = """How much does a filter cost?
A filter costs 20 dollars a year.

Which size of filter do I need?
Measure the old filter; the size is printed on its frame.

Can a filter be cleaned?
Foam filters can be washed in warm water.

Who sells filters?
Every hardware store sells them.
"""
FEBRUARY = """Which size of filter do I need?
Measure the old filter; the size is printed on its frame.

HOW MUCH does a filter cost?
A filter costs 25 dollars a year.

Can a filter be cleaned?
...

How long does a filter last?
It lasts 90 days in 95 percent of homes.
"""


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory):
    """Two snapshots of one page, published one after the other in one folder, and the later one by itself."""
    folder = tmp_path_factory.mktemp("compare")
    (folder / "raw").mkdir()
    for text in (JANUARY, FEBRUARY):
        (folder / "raw" / "page.txt").write_text(text)
        pipeline.run(folder / "raw", folder / "out", workers=1)
    pipeline.run(folder / "raw", folder / "alone", workers=1)
    return folder


def test_every_change_is_named_once_with_its_words(ledgers):
    with pipeline.open(ledgers / "out") as after:
        found = after.compare()
    assert found.questions[["change", "question"]].values.tolist() == [
        ["added", "How long does a filter last?"],
        ["removed", "Who sells filters?"],
    ]
    answers = found.answers[["change", "question", "diff"]].values.tolist()
    assert answers[0] == ["changed", "HOW MUCH does a filter cost?", "A filter costs [-20-] {+25+} dollars a year."]
    assert [row[:2] for row in answers[1:]] == [["removed", "Can a filter be cleaned?"]]
    figures = found.figures[["change", "before", "after"]]
    assert ["changed", "20 USD a year", "25 USD a year"] in figures.values.tolist()
    assert set(figures["change"]) == {"added", "changed"}
    assert "answers: 1 changed, 1 removed" in str(found)


def test_equal_ledgers_have_no_difference_and_the_other_way_round_is_the_opposite(ledgers):
    with pipeline.open(ledgers / "out") as after, pipeline.open(ledgers / "alone") as alone:
        same = after.compare(alone)
        assert same.counts() == {"questions": {}, "answers": {}, "figures": {}}
        forth = after.compare()
        with after.named(after.manifest.generation, after.out) as again:
            assert again.compare(after).counts() == same.counts()
        older = sorted(path.stem for path in (ledgers / "out" / "generations").glob("*.duckdb"))[0]
        with pipeline.open(ledgers / "out", generation=older) as before:
            back = before.compare(after)
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    for name in ("questions", "answers", "figures"):
        one, other = getattr(forth, name)["change"], getattr(back, name)["change"]
        assert sorted(turned[change] for change in one) == sorted(other)


def test_the_command_compares_generations_and_folders(qaledger, ledgers):
    out = ledgers / "out"
    older = sorted(path.stem for path in (out / "generations").glob("*.duckdb"))[0]
    done = qaledger("compare", older, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "questions: 1 added, 1 removed" in done.stdout
    assert qaledger("compare", "--out", out).stdout == done.stdout
    alone = qaledger("compare", "--out", ledgers / "alone")
    assert (alone.returncode, "there is no generation before" in alone.stderr) == (1, True)
    as_json = json.loads(qaledger("compare", out, ledgers / "alone", "--json").stdout)
    assert (as_json["questions"], as_json["answers"], as_json["figures"]) == ([], [], [])
    wrong = qaledger("compare", "nowhere", "--out", out)
    assert (wrong.returncode, "nowhere is neither a generation nor a folder" in wrong.stderr) == (1, True)


def test_without_an_older_generation_there_is_nothing_to_compare_with(published):
    with pipeline.open(published) as ledger, pytest.raises(BadQuery, match="no generation before"):
        ledger.compare()


WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=12).map(" ".join)


@given(WORDS, WORDS)
def test_a_diff_holds_both_texts(before, after):
    old, new, state = [], [], ""
    for word in word_diff(before, after).split():
        state = "old" if word.startswith("[-") else "new" if word.startswith("{+") else state
        text = word.removeprefix("[-").removeprefix("{+").removesuffix("-]").removesuffix("+}")
        old += [text] * (state != "new")
        new += [text] * (state != "old")
        state = "" if word.endswith(("-]", "+}")) else state
    assert (" ".join(old), " ".join(new)) == (before, after)


def test_what_a_page_changed_is_listed_from_one_snapshot_to_the_next(raw, out):
    texts = [
        "How much is a scan?\nA scan costs $200 at this clinic.\nWho reads it?\nA doctor reads it.\n",
        "How much is a scan?\nA scan costs $230 at this clinic.\nWho reads it?\nA doctor reads it.\n",
        "How much is a scan?\nA scan costs $230 at this clinic.\nCan it be done online?\nYes, by video.\n",
    ]
    pages = [{"url": "https://a.org/scan", "date": f"2026-0{n}-01", "text": text} for n, text in enumerate(texts, 1)]
    other = {"url": "https://b.org/scan", "date": "2026-01-01", "text": texts[0]}
    (raw / "pages.jsonl").write_text("\n".join(map(json.dumps, [*pages, other])))
    pipeline.run(raw, out, workers=1)
    with pipeline.open(out) as ledger:
        found = report.snapshot_changes(ledger)
        document_of = dict(ledger.sql("select uri, document_id from documents").itertuples(index=False))
    rows = records(found.assign(later=found["later"].astype("str").str[:7]))
    assert {row["page"] for row in rows} == {"https://a.org/scan"}
    columns = ("later", "part", "change", "before", "after")
    assert [tuple(row[name] for name in columns) for row in rows if row["part"] != "answer"] == [
        ("2026-02", "figure", "changed", "200 USD", "230 USD"),
        ("2026-03", "question", "added", None, "Can it be done online?"),
        ("2026-03", "question", "removed", "Who reads it?", None),
    ]
    diffs = [row["diff"] for row in rows if row["part"] == "answer"]
    assert diffs == ["A scan costs [-$200-] {+$230+} at this clinic."]
    second = document_of["pages.jsonl#2"]
    assert all(row["question_link"].startswith(second) for row in rows if row["later"] == "2026-02")
