"""Finds the source text behind a row, and why the row was merged or tagged."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import duckdb

from pipeline.errors import UnknownId
from pipeline.ledger.formatting import number, printable
from pipeline.storage import frames
from pipeline.storage.frames import records

Row = dict[str, Any]


@dataclass(frozen=True)
class Trace:
    """The source text behind an id. Printing it shows lines, characters and reasons; Jupyter marks the span.

    `what` is qa, occurrence, leftover or statistic; `row` is the row itself, `passages` the source text of the row of
    qa it belongs to (uri, line_start, line_end, char_start, char_end, source), `pairs`, `tags` and `figures` its rows
    of duplicates, qa_topics and statistics. `requested_id` differs from `id` when it is an older id of the row.
    """

    what: str
    id: str
    requested_id: str
    row: Row
    passages: Sequence[Row]
    pairs: Sequence[Row]
    tags: Sequence[Row]
    figures: Sequence[Row]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __str__(self) -> str:
        parts = [self._head(), *(_passage(passage, self._figure_in(passage)) for passage in self.passages)]
        parts += [_section("merged because", [_pair(pair) for pair in self.pairs if pair["merged"]])]
        parts += [_section("related, not merged", [_pair(pair) for pair in self.pairs if not pair["merged"]])]
        parts += [_section("tagged because", [_tag(tag) for tag in self.tags])]
        parts += [_section("figures", [_figure(figure) for figure in self.figures])]
        return printable("\n\n".join(part for part in parts if part))

    def _head(self) -> str:
        replaced = f"{self.requested_id} is now part of {self.id}\n" if self.requested_id != self.id else ""
        return f"{replaced}{self.what} {self.id}" + (f"\n{_figure(self.row)}" if self.what == "statistic" else "")

    def _figure_in(self, passage: Row) -> Row | None:
        """The figure that is traced, if this passage is its occurrence."""
        return self.row if self.what == "statistic" and passage["id"] == self.row["occurrence_id"] else None

    def _repr_html_(self) -> str:
        parts = [f"<p><b>{html.escape(self.what)}</b> <code>{html.escape(self.id)}</code></p>"]
        for passage in self.passages:
            lines = f"{passage['uri']}:{passage['line_start']}-{passage['line_end']}"
            marked = _marked(passage["source"], passage["char_start"], self._figure_in(passage))
            characters = f"characters {passage['char_start']:,} to {passage['char_end']:,}"
            parts.append(
                f"<p><code>{html.escape(lines)}</code>, {characters}</p>"
                f'<pre style="white-space:pre-wrap">{marked}</pre>'
            )
        reasons = [_pair(pair) for pair in self.pairs if pair["merged"]] + [_tag(tag) for tag in self.tags]
        parts.append("<ul>" + "".join(f"<li>{html.escape(reason)}</li>" for reason in reasons) + "</ul>")
        return "".join(parts)


def trace(db: duckdb.DuckDBPyConnection, wanted: str) -> Trace:
    """The source behind a qa_id, occurrence_id, leftover_id or statistic_id. Raises `UnknownId`."""
    what, row = _find(db, wanted)
    found_id = wanted
    if row is None:
        successors = records(frames.query(db, "ledger/successor", id=wanted))
        if not successors:
            raise UnknownId(wanted)
        found_id = successors[0]["successor"]
        what, row = _find(db, found_id)
        if row is None:
            raise UnknownId(wanted)
    qa_id = row["qa_id"]
    passages = frames.query(db, "ledger/trace_passages", qa_id=qa_id)
    if what != "qa":
        passages = passages[passages["id"] == (row["occurrence_id"] if what == "statistic" else found_id)]
    return Trace(
        what=what,
        id=found_id,
        requested_id=wanted,
        row=row,
        passages=records(passages) or [_leftover_passage(db, row)],
        pairs=records(frames.query(db, "ledger/trace_pairs", qa_id=qa_id)) if what != "statistic" else [],
        tags=_rows(db, "qa_topics", "qa_id", qa_id) if what in ("qa", "occurrence") else [],
        figures=_figures(db, what, found_id),
    )


_KEYS = {"qa": "qa_id", "occurrences": "occurrence_id", "leftovers": "leftover_id", "statistics": "statistic_id"}
_NAMES = {"qa": "qa", "occurrences": "occurrence", "leftovers": "leftover", "statistics": "statistic"}


def _find(db: duckdb.DuckDBPyConnection, wanted: str) -> tuple[str, Row | None]:
    for table, key in _KEYS.items():
        rows = _rows(db, table, key, wanted)
        if rows:
            return _NAMES[table], rows[0]
    return "", None


def _rows(db: duckdb.DuckDBPyConnection, table: str, key: str, value: str) -> list[Row]:
    return records(frames.frame_of(db.sql(f"select * from {table} where {key} = $value", params={"value": value})))


def _figures(db: duckdb.DuckDBPyConnection, what: str, found_id: str) -> list[Row]:
    key = {"qa": "qa_id", "occurrence": "occurrence_id"}.get(what)
    return _rows(db, "statistics", key, found_id) if key else []


def _leftover_passage(db: duckdb.DuckDBPyConnection, leftover: Row) -> Row:
    """The source text of a leftover that belongs to no row of qa, as `trace_passages` gives those that do."""
    document = _rows(db, "documents", "document_id", leftover["document_id"])[0]
    return {
        "what": leftover["role"],
        "id": leftover["leftover_id"],
        "uri": document["uri"],
        "source_url": document["source_url"],
        **{name: leftover[name] for name in ("line_start", "line_end", "char_start", "char_end")},
        "source": leftover["text"],
        "is_representative": False,
    }


# ---------------------------------------------------------------- text


def _passage(passage: Row, figure: Row | None) -> str:
    """A passage with its line numbers; of a passage with a figure only the line of the figure."""
    head = (
        f"{passage['uri']}, lines {passage['line_start']} to {passage['line_end']}, "
        f"characters {passage['char_start']:,} to {passage['char_end']:,}   {passage['what']} {passage['id']}"
        + ("   (representative)" if passage["is_representative"] else "")
    )
    lines = enumerate(passage["source"].replace("\r\n", "\n").split("\n"), passage["line_start"])
    shown = [f"{number:>7}  {line}" for number, line in lines if figure is None or number == figure["line"]]
    return "\n".join([head, *shown])


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *(f"  {line}" for line in lines)]) if lines else ""


def _pair(pair: Row) -> str:
    sources = f"{pair['source_a']} and {pair['source_b']}"
    return f"{pair['kind']} {pair['score']:.2f}  {sources}: {pair['reason']} ({pair['decided_by']})"


def _tag(tag: Row) -> str:
    cues = "; ".join(
        f"“{cue['text']}” ({cue['field']} {cue['start']}:{cue['end']}, cue {cue['cue']}, {cue['weight']:+g})"
        for cue in tag["evidence"]
    )
    review = ", needs review" if tag["needs_review"] else ""
    return f"{tag['topic']} {tag['score']:.2f}{review}: {cues}"


def _figure(figure: Row) -> str:
    bounds = (
        f"{_bound(figure['low'])} to {_bound(figure['high'])}"
        if figure["low"] != figure["high"]
        else _bound(figure["low"])
    )
    period = f" a {figure['period']}" if figure["period"] else ""
    return (
        f"{figure['statistic_id']}  {figure['relation']} {bounds} {figure['unit']}{period}  "
        f"“{figure['surface']}” in line {figure['line']}, "
        f"characters {figure['char_start']:,} to {figure['char_end']:,}: "
        f"“{figure['quote']}” ({figure['role']}, rule {figure['rule']})"
    )


def _bound(value: float | None) -> str:
    return "open" if value is None else number(value)


def _marked(source: str, start: int, figure: Row | None) -> str:
    if figure is None:
        return html.escape(source)
    first, last = figure["char_start"] - start, figure["char_end"] - start
    return f"{html.escape(source[:first])}<mark>{html.escape(source[first:last])}</mark>{html.escape(source[last:])}"
