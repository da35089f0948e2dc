"""One file -> its rows: read, parse and figures for a single document, with ids.

This is the part of a run that looks at one document only, so it can be done for many at once, in any order and in
any process. Ids come from content and place: the same file gives the same rows on any machine, on any day.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from time import perf_counter
from typing import Any

from pipeline.options import ReadOptions
from pipeline.parse import Occurrence, parse_text
from pipeline.parse.layout import line_keys
from pipeline.parse.structured import read_structured
from pipeline.read import Document, Reject, SourceFile, read_file
from pipeline.statistics import Statistic, find_statistics

Row = dict[str, Any]


def identify(prefix: str, *parts: str) -> str:
    """An id made from content and place: 80 bits of BLAKE2b, in hexadecimal after the prefix.

    Among 10^9 rows two share an id with a chance of 4 in 10 million.

    >>> identify("d_", "000_202d2eeb3b6f341d.txt")
    'd_b781adf4e58f61906930'
    """
    digest = hashlib.blake2b(digest_size=10)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    return prefix + digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Intake:
    """What one file gave: its documents, their rows, and what had to be rejected.

    `line_keys` counts its documents by the lines that could be furniture (`sitewide`), `sha256` is of its bytes,
    `seconds` the time spent on it by stage: read, parse, figures.
    """

    documents: list[Row] = field(default_factory=list)
    occurrences: list[Row] = field(default_factory=list)
    leftovers: list[Row] = field(default_factory=list)
    statistics: list[Row] = field(default_factory=list)
    line_keys: Counter[str] = field(default_factory=Counter)
    rejects: list[Reject] = field(default_factory=list)
    sha256: str = ""
    seconds: dict[str, float] = field(default_factory=lambda: {"read": 0.0, "parse": 0.0, "figures": 0.0})


def take_in(file: SourceFile, options: ReadOptions | None = None, furniture: frozenset[str] = frozenset()) -> Intake:
    """Read one file and find all that is in it. `furniture`: keys of lines known to stand on many pages."""
    intake = Intake()
    started = perf_counter()
    for item in read_file(file, options):
        if isinstance(item, Reject):
            intake.rejects.append(item)
        else:
            _add(intake, item, furniture)
    digest = _digest(file) if intake.documents else ""
    intake.seconds["read"] = perf_counter() - started - sum(intake.seconds.values())
    return replace(intake, sha256=digest)


def _add(intake: Intake, document: Document, furniture: frozenset[str]) -> None:
    """Add a document and all that is found in it."""
    document_id = identify("d_", document.uri)
    started = perf_counter()
    if document.known:
        found = read_structured(document.text, document.known)
    else:
        found = parse_text(document.text, furniture=furniture)
        intake.line_keys.update(line_keys(document.text))
    occurrences = list(_occurrences(document, document_id, found))
    intake.documents.append(_document(document, document_id))
    intake.occurrences.extend(occurrences)
    intake.leftovers.extend(_leftovers(document, document_id, found))
    parsed = perf_counter()
    intake.statistics.extend(row for occurrence in occurrences for row in _statistics(document.text, occurrence))
    intake.seconds["parse"] += parsed - started
    intake.seconds["figures"] += perf_counter() - parsed


def _digest(file: SourceFile) -> str:
    """The SHA-256 of a file's bytes."""
    with file.path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _document(document: Document, document_id: str) -> Row:
    names = (field.name for field in fields(Document) if field.name != "known")
    return {"document_id": document_id, **{name: getattr(document, name) for name in names}}


def _occurrences(document: Document, document_id: str, found: Iterable[Occurrence]) -> Iterable[Row]:
    rank: Counter[str] = Counter()
    for piece in found:
        if piece.role != "question":
            continue
        occurrence_id = identify("o_", document.uri, piece.text, str(rank[piece.text]))
        rank[piece.text] += 1
        row = {name: getattr(piece, name) for name in Occurrence.__dataclass_fields__ if name not in ("role", "text")}
        row["truncation_kinds"] = list(piece.truncation_kinds)
        yield {"occurrence_id": occurrence_id, "document_id": document_id, **row}


def _leftovers(document: Document, document_id: str, found: Iterable[Occurrence]) -> Iterable[Row]:
    rank: Counter[str] = Counter()
    for piece in found:
        if piece.role == "question":
            continue
        leftover_id = identify("l_", document.uri, piece.role, piece.text, str(rank[piece.text]))
        rank[piece.text] += 1
        yield {
            "leftover_id": leftover_id,
            "document_id": document_id,
            **{name: getattr(piece, name) for name in ("role", "line_start", "line_end", "char_start", "char_end")},
            "text": piece.text,
        }


_FIGURE = [column.name for column in fields(Statistic)]
_figure_values = attrgetter(*_FIGURE)  # a tenth of the time of `asdict`, which copies every value


def _statistics(text: str, occurrence: Row) -> Iterable[Row]:
    """The figures of one answer, their places counted in the document."""
    start = occurrence["answer_char_start"]
    if start is None:
        return
    first_line = occurrence["line_start"] + text.count("\n", occurrence["char_start"], start)
    for figure in find_statistics(text[start : occurrence["char_end"]], occurrence["question"]):
        row = dict(zip(_FIGURE, _figure_values(figure), strict=True))
        offset = str(start - occurrence["char_start"] + figure.char_start)
        for name in ("char_start", "char_end", "quote_char_start", "quote_char_end"):
            row[name] += start
        row["line"] += first_line - 1
        statistic_id = identify("s_", occurrence["occurrence_id"], offset, figure.surface, figure.kind)
        yield {"statistic_id": statistic_id, "occurrence_id": occurrence["occurrence_id"], **row}
