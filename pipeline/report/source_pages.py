"""Writes the source documents that a report links to as pages: numbered lines, with figures and questions marked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from pipeline.ledger.formatting import printable
from pipeline.ledger.ledger import Ledger
from pipeline.report.tables import SOURCES
from pipeline.storage import frames
from pipeline.storage.frames import records

CONTEXT_LINES = 200  # around each linked line that a page shows; a crawl dump has 100,000 lines

_LINK = re.compile(rf'href="{SOURCES}/([\w-]+)\.html#([\w-]+)"')


@dataclass(frozen=True)
class Line:
    """A line of a source page. is_question: a question begins in it. is_after_gap: lines before it are left out."""

    number: int
    html: str
    is_question: bool
    is_after_gap: bool


def linked_anchors(bodies: Iterable[str]) -> dict[str, set[str]]:
    """The anchors that pages link to, by document_id."""
    anchors: defaultdict[str, set[str]] = defaultdict(set)
    for body in bodies:
        for document_id, anchor in _LINK.findall(body):
            anchors[document_id].add(anchor)
    return anchors


def source_page(ledger: Ledger, document_id: str, anchors: set[str]) -> dict[str, Any]:
    """The values of template `source.html` for a document: title, url, fetched_at, lines (of `Line`) and line_count."""
    parameters = {"document_id": document_id}
    document = records(frames.query(ledger.db, "report/source_document", **parameters))[0]
    figures = records(frames.query(ledger.db, "report/source_figures", **parameters))
    questions = {int(line) for (line,) in ledger.db.execute(_QUESTION_LINES, [document_id]).fetchall()}
    texts = re.split("\r?\n", document["text"])
    wanted = {int(anchor[1:]) for anchor in anchors if re.fullmatch(r"L\d+", anchor)}
    wanted |= {figure["line"] for figure in figures if figure["statistic_id"] in anchors}
    url = document["source_url"]
    return {
        "title": printable(document["uri"]),
        "url": url if url and re.match(r"https?://", url) else None,
        "fetched_at": document["fetched_at"],
        "line_count": len(texts),
        "lines": list(_lines(document["text"], figures, questions, wanted)),
    }


_QUESTION_LINES = "select line_start from occurrences where document_id = ?"


def _lines(text: str, figures: list[dict[str, Any]], questions: set[int], wanted: set[int]) -> Iterator[Line]:
    """The lines around the wanted ones."""
    on_line: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for figure in figures:
        on_line[figure["line"]].append(figure)
    shown: set[int] = set()
    for number in wanted:
        shown.update(range(number - CONTEXT_LINES, number + CONTEXT_LINES + 1))
    start, previous = 0, 0
    for number, raw in enumerate(text.split("\n"), 1):
        if number in shown:
            marked = _marked(raw.removesuffix("\r"), start, on_line[number])
            yield Line(number, marked, number in questions, number > previous + 1)
            previous = number
        start += len(raw) + 1


def _marked(line: str, start: int, figures: list[dict[str, Any]]) -> str:
    """A line as HTML, with its figures marked; start: its first character in the document."""
    parts: list[str] = []
    done = 0
    for figure in figures:
        first, last = figure["char_start"] - start, figure["char_end"] - start
        title = ", ".join(str(figure[name]) for name in ("measure", "population", "attribution") if figure[name])
        parts.append(escape(printable(line[done:first])))
        parts.append(
            Markup('<mark id="{}" title="{}">{}</mark>').format(
                figure["statistic_id"], printable(title), printable(line[first:last])
            )
        )
        done = last
    return Markup("").join([*parts, escape(printable(line[done:]))])
