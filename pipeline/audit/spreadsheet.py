"""The review in a spreadsheet: pairs out, decisions back in. What comes back is checked before any of it counts."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.audit.decision_log import Book
from pipeline.audit.labels import KIND_NAMES, is_name
from pipeline.audit.review_queue import Desk, Filter, Row
from pipeline.duplicates.decisions import Entry
from pipeline.errors import BadQuery, PipelineError
from pipeline.ledger.export import write_frame

COLUMNS = ["pair", "decision", "note", "question_a", "answer_a", "question_b", "answer_b", "kinds", "why"]
COLUMNS += ["places_a", "places_b", "decided_by"]
ANSWERS = ("same", "different", "keep a", "keep b", "flag", "skip")
_PAIR = re.compile(r"p_([0-9a-f]{32})_([0-9a-f]{32})")
_QUOTED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")  # `export` puts one apostrophe before what this matches without one
_SHOWN = 20  # bad cells named at once
_PLACES = 5


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that cannot be taken in: its row and column as the spreadsheet names them, and why."""

    row: int
    column: str
    why: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.why}"


class SheetRejected(PipelineError):
    """A spreadsheet holds cells that are no decisions; none of it was taken in."""

    def __init__(self, path: Path, bad: Sequence[BadCell]) -> None:
        self.path, self.bad = path, tuple(bad)
        shown = "\n".join(f"  {cell}" for cell in bad[:_SHOWN])
        more = f"\n  and {len(bad) - _SHOWN:,} more" if len(bad) > _SHOWN else ""
        super().__init__(
            f"{path}: {len(bad):,} cell(s) cannot be taken in, so no decision was. Mend them and import again.\n"
            f"{shown}{more}"
        )


# ---------------------------------------------------------------- out


def export_review(desk: Desk, wanted: Filter, to: Path) -> int:
    """Write the pairs as wanted to a .csv or .xlsx, one row each with what is decided by now; how many.

    Raises `BadQuery` (another ending) and `OutputUnusable`.
    """
    if to.suffix.lower() not in (".csv", ".xlsx"):
        raise BadQuery(f"{to}: a review is written as .csv or .xlsx")
    entries = desk.look().entries
    pairs = desk.wanted_pairs(wanted)
    keys = sorted({key for pair in pairs for key in (pair["a_key"], pair["b_key"])})
    texts = {text["key"]: text for text in desk.texts(keys)}
    places = _places(desk)
    kept = {entry.id: entry.a_key for entry in entries if entry.verdict == "keep"}
    rows = [_row(pair, texts, places, kept) for pair in pairs]
    return write_frame(pd.DataFrame(rows, columns=COLUMNS), "review", to)


def _places(desk: Desk) -> dict[str, str]:
    """The first places of each content, as uri:line."""
    sql = f"""
        select key, list(uri || ':' || line_start order by uri, line_start)[:{_PLACES}] as first, count(*) as n
        from places
        join (select occurrence_id as id, line_start from occurrences
            union all select leftover_id, line_start from leftovers) using (id)
        join documents using (document_id)
        group by key
    """
    return {
        row["key"]: ", ".join(row["first"]) + (f" and {row['n'] - _PLACES} more" if row["n"] > _PLACES else "")
        for row in desk.rows(sql)
    }


def _row(pair: Row, texts: dict[str, Row], places: dict[str, str], kept: dict[str, str]) -> list[str]:
    a, b = texts[pair["a_key"]], texts[pair["b_key"]]
    decision = pair["state"] or ""
    if decision == "keep":
        decision = "keep a" if kept[pair["entry"]] == a["key"] else "keep b"
    return [
        f"p_{a['key']}_{b['key']}",
        decision if decision in ANSWERS else "",
        _quoted(pair["note"] or ""),
        *(text[name] or "" for text in (a, b) for name in ("question", "answer")),
        ", ".join(KIND_NAMES[kind] for kind in pair["kinds"]),
        " ".join(pair["reasons"]),
        places[a["key"]],
        places[b["key"]],
        pair["reviewer"] or "",
    ]


def _quoted(note: str) -> str:
    """A note that begins like one of our quoted formulas gets a quote more, so that one can be taken away again."""
    return "'" + note if _QUOTED.match(note) else note


def _unquoted(note: str) -> str:
    return note[1:] if _QUOTED.match(note) else note


# ---------------------------------------------------------------- in


def import_review(desk: Desk, book: Book, source: Path, reviewer: str) -> list[Entry]:
    """Take in what a spreadsheet decides and the decisions file does not say yet; the entries as written.

    All of it or nothing. A row without a decision says nothing, one whose texts are gone from the sources still holds.
    Raises `SheetRejected`, `BadQuery` (a file that is no review), `DecisionsUnwritable`.
    """
    if not is_name(reviewer):
        raise BadQuery(f"{reviewer!r} can be no reviewer's name: it has 1 to 60 letters or signs, and is not 'rule'")
    standing = desk.look()
    said = {(row[0], row[1]): row for row in standing.said.itertuples(index=False, name=None)}
    kept = {entry.id: entry.a_key for entry in standing.entries if entry.verdict == "keep"}
    found, bad = _read(source, reviewer)
    if bad:
        raise SheetRejected(source, bad)
    new = [entry for entry in found if not _is_said(entry, said, kept)]
    titles = {text["key"]: text["question"] or text["answer"] or "" for text in desk.texts(_keys(new))}
    named = [replace(e, a=titles.get(e.a_key, "")[:200], b=titles.get(e.b_key, "")[:200]) for e in new]
    return book.add(named) if named else []


def _keys(entries: Iterable[Entry]) -> list[str]:
    return [key for entry in entries for key in (entry.a_key, entry.b_key)]


def _is_said(entry: Entry, said: dict[tuple[str, str], tuple[str, ...]], kept: dict[str, str]) -> bool:
    """Whether the decisions file says the same of this pair already."""
    row = said.get((min(entry.a_key, entry.b_key), max(entry.a_key, entry.b_key)))
    if row is None:
        return False
    state, note, written = row[2], row[4], row[5]
    return (state, note) == (entry.verdict, entry.note) and (entry.verdict != "keep" or kept[written] == entry.a_key)


def _read(source: Path, reviewer: str) -> tuple[list[Entry], list[BadCell]]:
    rows = _cells(source)
    header = next(rows, [])
    missing = [name for name in ("pair", "decision") if name not in header]
    if missing:
        raise BadQuery(f"{source}: no column {missing[0]!r} in row 1; import a file that `audit export` has written")
    place = {name: header.index(name) for name in ("pair", "decision", "note") if name in header}
    found: list[Entry] = []
    bad: list[BadCell] = []
    decided: dict[str, tuple[int, str]] = {}
    for number, cells in enumerate(rows, 2):
        pair, decision, note = (
            cells[place[name]].strip() if name in place and place[name] < len(cells) else ""
            for name in ("pair", "decision", "note")
        )
        decision = " ".join(decision.lower().split())
        if not decision:
            continue
        wrong = _wrong(number, pair, decision, note, decided)
        if wrong:
            bad.append(wrong)
        elif pair not in decided:
            found.append(_entry(pair, decision, _unquoted(note), reviewer))
        decided.setdefault(pair, (number, decision))
    return found, bad


def _wrong(number: int, pair: str, decision: str, note: str, decided: dict[str, tuple[int, str]]) -> BadCell | None:
    if not _PAIR.fullmatch(pair):
        return BadCell(number, "pair", f"{pair[:80]!r} names no pair; leave this column as it was exported")
    if decision not in ANSWERS:
        return BadCell(number, "decision", f"{decision[:80]!r} is none of {', '.join(ANSWERS)}")
    if decision == "flag" and not note:
        return BadCell(number, "note", "a flag needs a note")
    before = decided.get(pair)
    if before and before[1] != decision:
        return BadCell(number, "decision", f"row {before[0]} says {before[1]!r} of the same pair")
    return None


def _entry(pair: str, decision: str, note: str, reviewer: str) -> Entry:
    match = _PAIR.fullmatch(pair)
    if match is None:
        raise ValueError(pair)
    a, b = match.groups()
    if decision.startswith("keep"):
        kept, other = (a, b) if decision == "keep a" else (b, a)
        return Entry("keep", reviewer, kept, other, note=note[:2000])
    return Entry(decision, reviewer, a, b, note=note[:2000])


def _cells(source: Path) -> Iterator[list[str]]:
    """The rows of the first sheet or of a csv with commas, semicolons or tabs, every cell as text."""
    if source.suffix.lower() not in (".csv", ".xlsx"):
        raise BadQuery(f"{source}: a review is read from .csv or .xlsx")
    try:
        yield from _sheet_rows(source) if source.suffix.lower() == ".xlsx" else _csv_rows(source)
    except (OSError, ValueError, KeyError, csv.Error) as err:
        raise BadQuery(f"{source}: cannot be read as a spreadsheet ({err})") from err


def _csv_rows(source: Path) -> Iterator[list[str]]:
    csv.field_size_limit(1 << 24)
    with source.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        file.seek(0)
        delimiter = max(",;\t", key=first.count)
        yield from csv.reader(file, delimiter=delimiter)


def _sheet_rows(source: Path) -> Iterator[list[str]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook

    try:
        book = load_workbook(source, read_only=True, data_only=True)
    except BadZipFile as err:
        raise ValueError(str(err)) from err
    try:
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [_text(cell) for cell in row]
    finally:
        book.close()


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)
