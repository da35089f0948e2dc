"""Tables for people: what changed is marked, wide columns get their room, and nothing of a list is lost."""

from __future__ import annotations

import re
import warnings

import nbformat
import pandas as pd
import pytest
from openpyxl import load_workbook

import pipeline
from pipeline import report
from pipeline.ledger.export import write_frame
from pipeline.report.html_pages import _page
from pipeline.report.tables import table
from pipeline.storage.frames import records


def test_words_that_changed_are_marked_and_texts_that_are_new_are_not():
    frame = pd.DataFrame({"change": ["changed", "added"], "diff": ["It costs [-<20>-] {+25+}.", "{+It is free.+}"]})
    shown = table(frame)._repr_html_()
    assert "It costs <del>&lt;20&gt;</del> <ins>25</ins>." in shown
    assert ">It is free.</td>" in shown


def test_columns_of_a_wide_table_are_as_wide_as_their_texts_need():
    narrow = pd.DataFrame({"a": ["one", "two"], "b": ["three", "four"]})
    assert "<col " not in table(narrow)._repr_html_()
    wide = pd.DataFrame({"value": ["5 %"] * 4, "sentence": ["word " * 60] * 4, "who": ["", "", "", "The Institute"]})
    shares = [int(share) for share in re.findall(r"<col style=\"width:(\d+)%\">", table(wide)._repr_html_())]
    assert shares[1] > 2 * max(shares[0], shares[2])
    assert 98 <= sum(shares) <= 102


def test_a_list_is_folded_with_a_line_for_each_text():
    quotes = ["The first sentence is about one thing.", "The second one is about another <thing>." + " And on." * 9]
    shown = table(pd.DataFrame({"quotes": [quotes]}))._repr_html_()
    assert "</summary>The first sentence is about one thing.<br>The second one is about another &lt;thing&gt;." in shown
    places = [f"folder/of/pages/with/a/long/name/page_{number}.html:7" for number in range(20)]
    shown = table(pd.DataFrame({"sources": [places]}))._repr_html_().replace("<wbr>", "")
    assert f"<summary>{places[0]} …</summary>{places[0]}, {places[1]}, " in shown
    assert ", and 12 more</details>" in shown


def test_a_worksheet_has_a_name_that_excel_accepts(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_frame(
            pd.DataFrame({"a": [1]}), "questions_added_or_removed_since_the_last_generation", tmp_path / "a.xlsx"
        )
    assert load_workbook(tmp_path / "a.xlsx").sheetnames == ["questions_added_or_removed_sinc"]


def test_warnings_of_libraries_are_no_part_of_a_page(tmp_path):
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [
        nbformat.v4.new_output("stream", name="stderr", text="/home/me/lib.py:1: UserWarning: old"),
        nbformat.v4.new_output("stream", name="stdout", text="Five figures."),
    ]
    body = _page(tmp_path / "a.ipynb", nbformat.v4.new_notebook(cells=[cell])).body
    assert "Five figures." in body
    assert "UserWarning" not in body


@pytest.fixture
def copies(raw, out):
    """Two word-for-word copies, two near copies, and another answer to the same question."""
    texts = [
        "How is the pool heated?\nThe pool is heated by the sun all year.\n",
        "How is the pool heated?\nThe pool is heated by the sun all year.\n",
        "Who may use the gym?\nMembers may use the gym from six in the morning until ten at night each day.\n",
        "Who may use the gym?\nMembers may use the gym from six in the morning until ten at night, each day\n",
        "Who may use the gym?\nNobody under the age of sixteen is admitted.\n",
    ]
    for number, text in enumerate(texts):
        (raw / f"page_{number}.txt").write_text(text)
    pipeline.run(raw, out, workers=1)
    with pipeline.open(out) as ledger:
        yield ledger


def test_pairs_that_a_person_should_see_come_first(copies):
    merged = report.related_pairs(copies, merged=True, limit=1000)
    assert merged["kind"].iloc[-1] == "exact_pair"
    assert (merged["kind"] == "exact_pair").is_monotonic_increasing
    reported = report.related_pairs(copies, merged=False)
    assert reported["kind"].iloc[0] == "same_question_different_answer"


def test_what_changed_links_to_the_passage_that_is_there_now(raw, out):
    (raw / "page.txt").write_text("What is a scan?\nA scan costs $200 at this clinic.\nWho reads it?\nA doctor.\n")
    pipeline.run(raw, out, workers=1)
    (raw / "page.txt").write_text("\nWhat is a scan?\nA scan costs $230 at this clinic.\nWhat is new?\nA lot of it.\n")
    pipeline.run(raw, out, workers=1)
    with pipeline.open(out) as ledger:
        found = report.previous_changes(ledger)
        document_id = ledger.sql("select document_id from documents where uri = 'page.txt'").iloc[0, 0]
    links = {row["question"]: row["question_link"] for row in records(found.questions)}
    assert links == {"What is new?": f"{document_id}#L4", "Who reads it?": None}
    assert found.answers["question_link"].tolist() == [f"{document_id}#L2"]
    assert found.figures["question_link"].str.startswith(f"{document_id}#").all()
