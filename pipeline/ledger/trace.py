"""From a row back to the very characters it came from, and why it was merged or tagged."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.errors import UnknownId
from pipeline.ledger.formatting import printable
from pipeline.storage import frames
from pipeline.storage.schema import records

Row = dict[str, Any]


@dataclass(frozen=True)
class Trace:
    """The source behind an id. Printing it shows lines, characters and reasons; Jupyter shows the span marked.

    `what` is qa, occurrence, leftover or statistic; `row` is the row itself, `places` the source of the row of qa it
    belongs to (uri, line_start, line_end, char_start, char_end, source), `pairs`, `tags` and `figures` its rows of
    duplicates, qa_topics and statistics. `asked` is the id asked for when it is an older id of the row.
    """

    what: str
    id: str
    asked: str
    row: Row
    places: Sequence[Row]
    pairs: Sequence[Row]
    tags: Sequence[Row]
    figures: Sequence[Row]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        names = ("what", "id", "asked", "row", "places", "pairs", "tags", "figures")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        parts = [self._head(), *(_place(place, self._figure(place)) for place in self.places)]
        parts += [_section("merged because", [_pair(pair) for pair in self.pairs if pair["merged"]])]
        parts += [_section("related, not merged", [_pair(pair) for pair in self.pairs if not pair["merged"]])]
        parts += [_section("tagged because", [_tag(tag) for tag in self.tags])]
        parts += [_section("figures", [_figure(figure) for figure in self.figures])]
        return printable("\n\n".join(part for part in parts if part))

    def _head(self) -> str:
        moved = f"{self.asked} is now part of {self.id}\n" if self.asked != self.id else ""
        return f"{moved}{self.what} {self.id}" + (f"\n{_figure(self.row)}" if self.what == "statistic" else "")

    def _figure(self, place: Row) -> Row | None:
        return self.row if self.what == "statistic" and place["id"] == self.row["occurrence_id"] else None

    def _repr_html_(self) -> str:
        parts = [f"<p><b>{html.escape(self.what)}</b> <code>{html.escape(self.id)}</code></p>"]
        for place in self.places:
            where = f"{place['uri']}:{place['line_start']}-{place['line_end']}"
            marked = _marked(place["source"], place["char_start"], self._figure(place))
            parts.append(
                f"<p><code>{html.escape(where)}</code>, characters {place['char_start']:,} to {place['char_end']:,}</p>"
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
        heir = records(frames.query(db, "ledger/heirs", id=wanted))
        if not heir:
            raise UnknownId(wanted)
        found_id = heir[0]["heir"]
        what, row = _find(db, found_id)
        if row is None:
            raise UnknownId(wanted)
    qa_id = row["qa_id"]
    places = frames.query(db, "ledger/trace_places", qa_id=qa_id)
    if what == "statistic":
        places = places[places["id"] == row["occurrence_id"]]
    elif what != "qa":
        places = places[places["id"] == found_id]
    return Trace(
        what=what,
        id=found_id,
        asked=wanted,
        row=row,
        places=records(places) or [_own_place(db, row)],
        pairs=records(frames.query(db, "ledger/trace_pairs", qa_id=qa_id)) if what != "statistic" else [],
        tags=_rows(db, "qa_topics", "qa_id", qa_id) if what in ("qa", "occurrence") else [],
        figures=_rows(db, "statistics", "qa_id", qa_id) if what == "qa" else _own_figures(db, what, found_id),
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


def _own_figures(db: duckdb.DuckDBPyConnection, what: str, found_id: str) -> list[Row]:
    return _rows(db, "statistics", "occurrence_id", found_id) if what == "occurrence" else []


def _own_place(db: duckdb.DuckDBPyConnection, leftover: Row) -> Row:
    """Where a leftover stands that belongs to no row of qa."""
    document = _rows(db, "documents", "document_id", leftover["document_id"])[0]
    place = {name: leftover[name] for name in ("line_start", "line_end", "char_start", "char_end")}
    return {
        "what": leftover["role"],
        "id": leftover["leftover_id"],
        "uri": document["uri"],
        "source_url": document["source_url"],
        **place,
        "source": leftover["text"],
        "is_wording": False,
    }


# ---------------------------------------------------------------- words


def _place(place: Row, figure: Row | None) -> str:
    wording = "   the wording kept" if place["is_wording"] else ""
    head = (
        f"{place['uri']}, lines {place['line_start']} to {place['line_end']}, "
        f"characters {place['char_start']:,} to {place['char_end']:,}   {place['what']} {place['id']}{wording}"
    )
    lines = place["source"].replace("\r\n", "\n").split("\n")
    numbered = [
        (number, line)
        for number, line in enumerate(lines, place["line_start"])
        if figure is None or number == figure["line"]
    ]
    return "\n".join([head, *(f"{number:>7}  {line}" for number, line in numbered)])


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *(f"  {line}" for line in lines)]) if lines else ""


def _pair(pair: Row) -> str:
    where = f"{pair['place_a']} and {pair['place_b']}"
    return f"{pair['kind']} {pair['score']:.2f}  {where}: {pair['reason']} ({pair['decided_by']})"


def _tag(tag: Row) -> str:
    cues = "; ".join(
        f"“{item['text']}” ({item['field']} {item['start']}:{item['end']}, cue {item['cue']}, {item['weight']:+g})"
        for item in tag["evidence"]
    )
    review = ", needs review" if tag["needs_review"] else ""
    return f"{tag['topic']} {tag['score']:.2f}{review}: {cues}"


def _figure(figure: Row) -> str:
    bounds = (
        f"{_number(figure['low'])} to {_number(figure['high'])}"
        if figure["low"] != figure["high"]
        else _number(figure["low"])
    )
    period = f" a {figure['period']}" if figure["period"] else ""
    return (
        f"{figure['statistic_id']}  {figure['relation']} {bounds} {figure['unit']}{period}  "
        f"“{figure['surface']}” in line {figure['line']}, "
        f"characters {figure['char_start']:,} to {figure['char_end']:,}: "
        f"“{figure['quote']}” ({figure['role']}, rule {figure['rule']})"
    )


def _number(value: float | None) -> str:
    return "open" if value is None else f"{value:,.10g}"


def _marked(source: str, start: int, figure: Row | None) -> str:
    if figure is None:
        return html.escape(source)
    first, last = figure["char_start"] - start, figure["char_end"] - start
    return f"{html.escape(source[:first])}<mark>{html.escape(source[first:last])}</mark>{html.escape(source[last:])}"
