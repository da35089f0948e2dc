"""Writes pairs and disputed figures to a spreadsheet, and reads decisions back from it.

A workbook has a worksheet for each, a csv file has the pairs. All cells are checked before any is used.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from pipeline.audit.disputed_figures import DisputedFigures, figure_entry, figure_states
from pipeline.audit.filters import Filter
from pipeline.audit.forms import NOTE_CHARACTERS, title_of
from pipeline.audit.labels import KIND_NAMES, is_reviewer_name
from pipeline.audit.review_queue import ReviewQueue, Row
from pipeline.duplicates.decisions import FIGURE_VERDICTS, Entry
from pipeline.errors import BadQuery, PipelineError
from pipeline.ledger.export import replace_file, spreadsheet_cells, write_frame
from pipeline.ledger.formatting import limits
from pipeline.ledger.workbook import Worksheet, write_workbook

COLUMNS = ["decision", "note", "question_a", "question_b", "answer_a", "answer_b", "kinds", "why"]
COLUMNS += ["sources_a", "sources_b", "decided_by", "pair"]
FIGURE_COLUMNS = ["decision", "note", "claim", "only_for", "value", "sentence", "measure", "population", "attribution"]
FIGURE_COLUMNS += ["source", "decided_by", "figure"]
# The kinds that need most care, in colours that can be distinguished in greyscale.
COLOURS = {
    KIND_NAMES["near_conflict"]: "F4B183",
    KIND_NAMES["near_pair"]: "C6E0B4",
    KIND_NAMES["scope_variant"]: "FFE699",
}
ANSWERS = ("same", "different", "keep a", "keep b", "flag", "skip")
FIGURE_ANSWERS = tuple(verdict.replace("_", " ") for verdict in FIGURE_VERDICTS)
_PAIR = re.compile(r"p_([0-9a-f]{32})_([0-9a-f]{32})")
_FIGURE = re.compile(r"f_([0-9a-f]{32})_([0-9a-f]{32})")
_QUOTED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")  # `export` puts one apostrophe before what this matches without one
_SHOWN = 20  # invalid cells listed in a message
_SOURCES = 5  # sources listed for a text


@dataclass(frozen=True, slots=True)
class InvalidCell:
    """An invalid cell: its row and column as the spreadsheet names them, why it is invalid, and its worksheet."""

    row: int
    column: str
    why: str
    worksheet: str = ""

    def __str__(self) -> str:
        worksheet = f"worksheet {self.worksheet}, " if self.worksheet else ""
        return f"{worksheet}row {self.row}, column {self.column}: {self.why}"


@dataclass(frozen=True, slots=True)
class _Table:
    """What people decide on in a worksheet: the column of its ids, their form, and the decisions that can be made."""

    id_column: str
    id_form: re.Pattern[str]
    answers: tuple[str, ...]
    worksheet: str = ""  # in messages


_PAIRS = _Table("pair", _PAIR, ANSWERS)
_FIGURES = _Table("figure", _FIGURE, FIGURE_ANSWERS, "figures")


class Exported(NamedTuple):
    """How many pairs and disputed figures were written."""

    pairs: int
    figures: int


class SpreadsheetRejected(PipelineError):
    """A spreadsheet has invalid cells; nothing was imported."""

    def __init__(self, path: Path, invalid: Sequence[InvalidCell]) -> None:
        self.path, self.invalid = path, tuple(invalid)
        shown = "; ".join(map(str, invalid[:_SHOWN])) + ("; …" if len(invalid) > _SHOWN else "")
        count = "1 cell is" if len(invalid) == 1 else f"{len(invalid):,} cells are"
        super().__init__(f"{path}: nothing was imported, because {count} invalid: {shown}. Correct and import again.")


# ---------------------------------------------------------------- export


def export_review(queue: ReviewQueue, shown: Filter, to: Path) -> Exported:
    """Write the pairs to show to a .csv or .xlsx file, one row each with its decision.

    A workbook also has the figures whose sources disagree, unless a filter selects pairs by more than their state.
    Raises `BadQuery` (another ending) and `OutputUnusable`.
    """
    if to.suffix.lower() not in (".csv", ".xlsx"):
        raise BadQuery(f"{to}: a review is written as .csv or .xlsx")
    entries = queue.update().entries
    pairs = queue.pairs(shown)
    keys = sorted({key for pair in pairs for key in (pair["a_key"], pair["b_key"])})
    texts = {text["key"]: text for text in queue.texts(keys)}
    sources = _sources(queue)
    chosen = {entry.id: entry.a_key for entry in entries if entry.verdict == "keep"}
    rows = [_row(pair, texts, sources, chosen) for pair in pairs]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    if to.suffix.lower() == ".csv":
        return Exported(write_frame(frame, "review", to), 0)
    cells = spreadsheet_cells(frame, "review")
    worksheets = [Worksheet("review", COLUMNS, cells, choices={"decision": ANSWERS}, colours={"kinds": COLOURS})]
    figures = _figure_rows(queue, shown)
    if len(figures):
        cells = spreadsheet_cells(figures, "figures")
        worksheets.append(Worksheet("figures", FIGURE_COLUMNS, cells, choices={"decision": FIGURE_ANSWERS}))
    replace_file(to, lambda part: write_workbook(part, worksheets))
    return Exported(len(frame), len(figures))


def _figure_rows(queue: ReviewQueue, shown: Filter) -> pd.DataFrame:
    """The disputed figures in a state, by claim and value; none where a filter selects pairs by something else."""
    disputed = DisputedFigures(queue)
    wanted = {"open": {False}, "decided": {True}, "all": {False, True}}.get(shown.state)
    if wanted is None or shown != Filter(state=shown.state) or not disputed.are_published():
        return pd.DataFrame(columns=FIGURE_COLUMNS)
    rows = [
        [
            figure["state"].replace("_", " "),
            _with_extra_apostrophe(figure["note"]),
            figure["claim"],
            ", ".join(limits(figure)),
            figure["value"],
            figure["quote"],
            *(figure[name] or "" for name in ("measure", "population", "attribution")),
            f"{figure['uri']}:{figure['line']}",
            figure["reviewer"],
            f"f_{figure['figure_key']}_{figure['reading_key']}",
        ]
        for figure in disputed.figures()
        if bool(figure["state"]) in wanted
    ]
    return pd.DataFrame(rows, columns=FIGURE_COLUMNS)


def _sources(queue: ReviewQueue) -> dict[str, str]:
    """The first sources of each content, as uri:line."""
    sql = f"""
        select key, list(uri || ':' || line_start order by uri, line_start)[:{_SOURCES}] as first, count(*) as n
        from passages
        join (select occurrence_id as id, line_start from occurrences
            union all select leftover_id, line_start from leftovers) using (id)
        join documents using (document_id)
        group by key
    """
    return {
        row["key"]: ", ".join(row["first"]) + (f" and {row['n'] - _SOURCES} more" if row["n"] > _SOURCES else "")
        for row in queue.rows(sql)
    }


def _row(pair: Row, texts: dict[str, Row], sources: dict[str, str], chosen: dict[str, str]) -> list[str]:
    a, b = texts[pair["a_key"]], texts[pair["b_key"]]
    decision = pair["state"] or ""
    if decision == "keep":
        decision = "keep a" if chosen[pair["entry"]] == a["key"] else "keep b"
    return [
        decision if decision in ANSWERS else "",
        _with_extra_apostrophe(pair["note"] or ""),
        *(text[name] or "" for name in ("question", "answer") for text in (a, b)),
        ", ".join(KIND_NAMES[kind] for kind in pair["kinds"]),
        " ".join(pair["reasons"]),
        sources[a["key"]],
        sources[b["key"]],
        pair["reviewer"] or "",
        f"p_{a['key']}_{b['key']}",
    ]


def _with_extra_apostrophe(note: str) -> str:
    """A note that starts like an escaped formula gets one more apostrophe; `_without_extra_apostrophe` removes it."""
    return "'" + note if _QUOTED.match(note) else note


def _without_extra_apostrophe(note: str) -> str:
    return note[1:] if _QUOTED.match(note) else note


# ---------------------------------------------------------------- import


def import_review(queue: ReviewQueue, source: Path, reviewer: str) -> list[Entry]:
    """Add the decisions of a spreadsheet that are not in the decisions file yet; the entries as written.

    Either all rows are imported or none. Rows without a decision are ignored; a decision on texts that are no longer in
    the sources is added, too. Raises `SpreadsheetRejected`, `BadQuery` (other files) and `DecisionsUnwritable`.
    """
    if not is_reviewer_name(reviewer):
        raise BadQuery(f"{reviewer!r} is not a valid reviewer's name: a name has 1 to 60 characters and is not 'rule'")
    state = queue.update()
    verdicts = {(row[0], row[1]): row for row in state.verdicts.itertuples(index=False, name=None)}
    chosen = {entry.id: entry.a_key for entry in state.entries if entry.verdict == "keep"}
    found, invalid = _read(source, _cells(source), _PAIRS, reviewer)
    figures, invalid_figures = _read(source, _figure_cells(source), _FIGURES, reviewer)
    if invalid or invalid_figures:
        raise SpreadsheetRejected(source, [*invalid, *invalid_figures])
    new = [entry for entry in found if not _is_known(entry, verdicts, chosen)]
    titles = {text["key"]: title_of(text) for text in queue.texts(_keys(new))}
    named = [replace(entry, a=titles.get(entry.a_key, ""), b=titles.get(entry.b_key, "")) for entry in new]
    named += _new_figure_entries(queue, figures)
    return queue.log.add(named) if named else []


def _new_figure_entries(queue: ReviewQueue, entries: list[Entry]) -> list[Entry]:
    """Decisions on figures that the decisions file does not have yet, with what people read of them."""
    states = figure_states(queue.log.read().entries)
    disputed = DisputedFigures(queue)
    rows = disputed.figures() if entries and disputed.are_published() else []
    figures = {(row["figure_key"], row["reading_key"]): row for row in rows}
    new = []
    for entry in entries:
        keys = entry.a_key, entry.b_key
        known = states.get(keys)
        if known is None or (known.verdict, known.note) != (entry.verdict, entry.note):
            figure = figures.get(keys)
            new.append(figure_entry(figure, entry.verdict, entry.reviewer, entry.note) if figure else entry)
    return new


def _keys(entries: Iterable[Entry]) -> list[str]:
    return [key for entry in entries for key in (entry.a_key, entry.b_key)]


def _is_known(entry: Entry, verdicts: dict[tuple[str, str], tuple[str, ...]], chosen: dict[str, str]) -> bool:
    """Whether the decisions file has the same verdict on this pair already."""
    row = verdicts.get((min(entry.a_key, entry.b_key), max(entry.a_key, entry.b_key)))
    if row is None:
        return False
    state, note, written = row[2], row[4], row[5]
    return (state, note) == (entry.verdict, entry.note) and (entry.verdict != "keep" or chosen[written] == entry.a_key)


def _read(
    source: Path, rows: Iterator[list[str]], table: _Table, reviewer: str
) -> tuple[list[Entry], list[InvalidCell]]:
    header = next(rows, [])
    if not header and table.worksheet:
        return [], []  # the file has no such worksheet
    missing = [name for name in (table.id_column, "decision") if name not in header]
    if missing:
        raise BadQuery(f"{source}: no column {missing[0]!r} in row 1; import a file that `audit export` wrote")
    names = (table.id_column, "decision", "note")
    column = {name: header.index(name) for name in names if name in header}
    found: list[Entry] = []
    invalid: list[InvalidCell] = []
    decided: dict[str, tuple[int, str]] = {}
    for number, cells in enumerate(rows, 2):
        pair, decision, note = (
            cells[column[name]].strip() if name in column and column[name] < len(cells) else "" for name in names
        )
        decision = " ".join(decision.lower().split())
        if not decision:
            continue
        wrong = _wrong(table, number, pair, decision, note, decided)
        if wrong:
            invalid.append(wrong)
        elif pair not in decided:
            found.append(_entry(table, pair, decision, _without_extra_apostrophe(note), reviewer))
        decided.setdefault(pair, (number, decision))
    return found, invalid


def _wrong(
    table: _Table, number: int, wanted: str, decision: str, note: str, decided: dict[str, tuple[int, str]]
) -> InvalidCell | None:
    what = table.id_column
    if not table.id_form.fullmatch(wanted):
        why = f"{wanted[:80]!r} is not a {what}; leave this column as it was exported"
        return InvalidCell(number, what, why, table.worksheet)
    if decision not in table.answers:
        why = f"{decision[:80]!r} is not one of: {', '.join(table.answers)}"
        return InvalidCell(number, "decision", why, table.worksheet)
    if decision == "flag" and not note:
        return InvalidCell(number, "note", "a flag needs a note", table.worksheet)
    before = decided.get(wanted)
    if before and before[1] != decision:
        why = f"row {before[0]} has {before[1]!r} for the same {what}"
        return InvalidCell(number, "decision", why, table.worksheet)
    return None


def _entry(table: _Table, wanted: str, decision: str, note: str, reviewer: str) -> Entry:
    match = table.id_form.fullmatch(wanted)
    if match is None:
        raise ValueError(wanted)
    a, b = match.groups()
    if table is _FIGURES:
        return Entry(decision.replace(" ", "_"), reviewer, a, b, note=note[:NOTE_CHARACTERS])
    if decision.startswith("keep"):
        wording, other = (a, b) if decision == "keep a" else (b, a)
        return Entry("keep", reviewer, wording, other, note=note[:NOTE_CHARACTERS])
    return Entry(decision, reviewer, a, b, note=note[:NOTE_CHARACTERS])


def _figure_cells(source: Path) -> Iterator[list[str]]:
    """The rows of the worksheet of figures; none without one."""
    return _cells(source, "figures") if source.suffix.lower() == ".xlsx" else iter(())


def _cells(source: Path, worksheet: str = "") -> Iterator[list[str]]:
    """The rows of a worksheet, by default the first, or of a csv with commas, semicolons or tabs; all cells as text."""
    if source.suffix.lower() not in (".csv", ".xlsx"):
        raise BadQuery(f"{source}: a review is read from .csv or .xlsx")
    try:
        yield from _xlsx_rows(source, worksheet) if source.suffix.lower() == ".xlsx" else _csv_rows(source)
    except (OSError, ValueError, KeyError, csv.Error) as err:
        raise BadQuery(f"{source}: cannot be read as a spreadsheet ({err})") from err


def _csv_rows(source: Path) -> Iterator[list[str]]:
    csv.field_size_limit(1 << 24)
    with source.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        file.seek(0)
        delimiter = max(",;\t", key=first.count)
        yield from csv.reader(file, delimiter=delimiter)


def _xlsx_rows(source: Path, worksheet: str) -> Iterator[list[str]]:
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(source, read_only=True, data_only=True)
        try:
            sheets = [sheet for sheet in workbook.worksheets if sheet.title == worksheet or not worksheet][:1]
            rows = [[_text(cell) for cell in row] for sheet in sheets for row in sheet.iter_rows(values_only=True)]
        finally:
            workbook.close()
    except OSError:
        raise
    except Exception as err:  # a damaged workbook can raise anything: from zlib, XML, or openpyxl itself
        raise ValueError(f"it is not an intact workbook: {str(err) or type(err).__name__}") from err
    yield from rows


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)
