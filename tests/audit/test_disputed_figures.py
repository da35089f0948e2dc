"""Figures whose sources disagree: people decide about each, and the next run leaves out what does not belong."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from conftest import assert_same_tables
from reviewing import Visitor, serving

import pipeline
from pipeline.audit.decision_log import DecisionLog
from pipeline.audit.disputed_figures import DisputedFigures, figure_entry
from pipeline.audit.filters import Filter
from pipeline.audit.review_queue import ReviewQueue
from pipeline.audit.spreadsheet import FIGURE_COLUMNS, SpreadsheetRejected, export_review, import_review
from pipeline.duplicates.contradictions import find_contradictions
from pipeline.duplicates.decisions import Entry, append, figure_decisions, read_entries
from pipeline.ledger.verify import verify

pytestmark = pytest.mark.slow

PAGES = {
    "north.txt": "How many patients seek one?\nAbout 31% of patients seek a second opinion.\n",
    "south.txt": "What do patients do?\n12% of patients seek a second opinion.\n",
    "east.txt": "And what about patients?\n55% of patients seek a second opinion.\n",
}


@pytest.fixture
def told(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Folders of source documents and tables in which three sources disagree, and the path of the decisions."""
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    for name, text in PAGES.items():
        (raw / name).write_text(text)
    pipeline.run(raw, out, workers=1)
    return raw, out, tmp_path / "decisions.jsonl"


def claim_of(out: Path) -> dict[str, object]:
    with pipeline.open(out) as ledger:
        claims = ledger.claims
    return claims[claims["claim"] == "second opinion rate"].iloc[0].to_dict()


def decide(log: Path, out: Path, **verdicts: str) -> list[Entry]:
    """Decide on the figures with these surfaces, named as `p12`."""
    queue = ReviewQueue(out, DecisionLog(log))
    figures = {f"p{figure['surface'].strip('%')}": figure for figure in DisputedFigures(queue).figures()}
    written = append(log, [figure_entry(figures[name], verdict, "Ada", "why") for name, verdict in verdicts.items()])
    queue.ledger.close()
    return written


def test_a_figure_that_is_left_out_no_longer_disagrees_and_an_undo_brings_it_back(told, tmp_path):
    raw, out, log = told
    before = claim_of(out)
    assert (before["figures"], before["sources"], before["agreement"], before["left_out"]) == (3, 3, "disagreeing", 0)
    first, second = decide(log, out, p12="not_comparable", p55="misread")
    queue = ReviewQueue(out, DecisionLog(log))
    (claim,) = DisputedFigures(queue).claims()
    pipeline.run(raw, out, workers=1)
    after = claim_of(out)
    assert (after["figures"], after["sources"], after["agreement"], after["left_out"]) == (1, 1, "single", 2)
    assert (after["low"], after["high"]) == (31, 31)
    assert {name: claim.outcome[name] for name in ("figures", "agreement", "left_out")} == {
        name: after[name] for name in ("figures", "agreement", "left_out")
    }
    assert [finding for finding in verify(out) if not finding.is_ok] == []
    with pipeline.open(out) as ledger:
        assert set(ledger.figure_decisions["decision"]) == {"not_comparable", "misread"}
        assert set(ledger.figure_decisions["note"]) == {"why"}
        assert len(ledger.statistics) == 3
    pipeline.run(raw, tmp_path / "full", workers=1, decisions=log)
    assert_same_tables(out, tmp_path / "full")
    append(log, [Entry("undo", "Ada", undoes=one.id) for one in (first, second)])
    pipeline.run(raw, out, workers=1)
    assert claim_of(out) == before


def test_a_claim_without_any_figure_left_is_not_comparable_and_comparable_changes_no_count(told):
    raw, out, log = told
    before = claim_of(out)
    decide(log, out, p12="comparable", p31="comparable")
    pipeline.run(raw, out, workers=1)
    assert claim_of(out) == before
    decide(log, out, p12="misread", p31="misread", p55="misread")
    pipeline.run(raw, out, workers=1)
    after = claim_of(out)
    assert (after["figures"], after["agreement"], after["left_out"]) == (0, "not comparable", 3)
    assert len(after["left_out_ids"]) == 3


def test_a_decision_holds_for_copies_and_after_files_are_moved_and_respaced(told):
    raw, out, log = told
    decide(log, out, p12="not_comparable")
    for name, text in PAGES.items():
        (raw / name).unlink()
        (raw / f"new_{name}").write_text("Some heading\n\n" + text.replace("of patients", "of  patients"))
    (raw / "copy.txt").write_text(PAGES["south.txt"])
    pipeline.run(raw, out, workers=1)
    after = claim_of(out)
    assert (after["figures"], after["left_out"]) == (2, 1)
    with pipeline.open(out) as ledger:
        assert len(ledger.figure_decisions) == 2


def test_two_people_who_decide_differently_about_a_figure_contradict_each_other(told):
    _, out, log = told
    (entry,) = decide(log, out, p12="misread")
    later = Entry("comparable", "Bo", entry.a_key, entry.b_key, entry.a, entry.b)
    append(log, [later])
    (found,) = find_contradictions(read_entries(log))
    assert "Ada said" in str(found)
    assert "is misread" in str(found)
    assert [one.reviewer for one in figure_decisions(read_entries(log))] == ["Bo"]


def test_figures_are_decided_one_after_the_other_on_the_page(told):
    _, out, log = told
    with serving(out, log) as server:
        ada = Visitor(server, "Ada")
        assert "1 claim whose sources disagree" in ada.get("/figures").text
        verdicts = ["comparable", "not_comparable", "misread"]
        page = ada.get("/figures/start")
        for verdict in verdicts:
            figure, reading = page.url.partition("?")[0].split("/")[-2:]
            page = ada.post("/decide-figure", figure=figure, reading=reading, verdict=verdict, note="<b>so</b>")
        assert [entry.verdict for entry in read_entries(log)] == verdicts
        assert "3 figures decided, 0 left" in page.text
        assert "&lt;b&gt;so&lt;/b&gt;" in page.text
        assert "2 left out" in page.text
        assert "3 figures have a new decision" in ada.get("/preview").text
        assert "12 %" in ada.get("/decisions").text or "12%" in ada.get("/decisions").text
        back = ada.post("/undo")
        assert "/figure/" in back.url
        assert "2 figures decided, 1 left" in back.text
        assert ada.post("/decide-figure", figure="0", reading="1", verdict="misread").status == 404
        assert ada.post("/decide-figure", figure=figure, reading=reading, verdict="same").status == 422


def test_figures_are_decided_in_a_workbook_as_on_the_page(told, tmp_path):
    raw, out, log = told
    sheet = tmp_path / "review.xlsx"
    queue = ReviewQueue(out, DecisionLog(log))
    assert export_review(queue, Filter(), sheet).figures == 3
    assert export_review(queue, Filter(text="patients"), tmp_path / "pairs.xlsx").figures == 0
    workbook = openpyxl.load_workbook(sheet)
    figures = workbook["figures"]
    header, *rows = figures.iter_rows(values_only=True)
    assert list(header) == FIGURE_COLUMNS
    assert [row[header.index("value")] for row in rows] == ["12 %", "about 31 %", "55 %"]
    assert rows[0][header.index("source")] == "south.txt:2"
    assert figures.freeze_panes == "A2"
    assert "not comparable" in figures.data_validations.dataValidation[0].formula1
    figures["A2"], figures["B2"] = "Not comparable", "asks something else"
    figures["A4"] = "maybe"
    workbook.save(sheet)
    with pytest.raises(SpreadsheetRejected, match="worksheet figures, row 4, column decision: 'maybe' is not one of"):
        import_review(queue, sheet, "Ada")
    figures["A4"] = "misread"
    workbook.save(sheet)
    taken = import_review(queue, sheet, "Ada")
    assert [(entry.verdict, entry.reviewer, entry.note) for entry in taken] == [
        ("not_comparable", "Ada", "asks something else"),
        ("misread", "Ada", ""),
    ]
    assert taken[0].a == "12%: 12% of patients seek a second opinion."
    assert export_review(queue, Filter(state="all"), sheet).figures == 3
    assert import_review(queue, sheet, "Bo") == []
    assert export_review(queue, Filter(), sheet).figures == 1
    pipeline.run(raw, out, workers=1)
    after = claim_of(out)
    assert (after["figures"], after["agreement"], after["left_out"]) == (1, "single", 2)
