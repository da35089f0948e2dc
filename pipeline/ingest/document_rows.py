"""One file -> its rows: read, parse and figures for a single document, with ids.

This is the part of a run that looks at one document only, so it can be done for many at once, in any order and in
any process. Ids come from content and place: the same file gives the same rows on any machine, on any day.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from operator import attrgetter
from time import perf_counter
from typing import Any

from pipeline.extract.files import is_document, read_file
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Document, Reject
from pipeline.extract.scan import SourceFile
from pipeline.extract.shards import Shard, read_shard
from pipeline.parse import Occurrence
from pipeline.parse.markup import read_structured
from pipeline.parse.occurrences import read_page
from pipeline.statistics.find import Statistic, find_in_answer
from pipeline.statistics.prefilter import NumberScan, scan_numbers
from pipeline.storage.ids import identify
from pipeline.storage.schema import TABLES, columns

Row = tuple[Any, ...]

# Reasons for which a file could not be opened: it counts as not seen, so that a later run tries it again.
_TRY_AGAIN = frozenset({"unreadable", "missing_library"})


@dataclass(frozen=True, slots=True)
class Portion:
    """Some of the records of a file that holds more than one batch of them; `is_last` of those there are."""

    file: SourceFile
    items: list[Document | Reject]
    is_last: bool


@dataclass(frozen=True, slots=True)
class Intake:
    """What some files gave: rows of tables, with the values of `NAMES` in that order, and what had to be rejected.

    `line_keys` counts, by file, the documents with each line that could be furniture (`sitewide`); `seconds` is the
    time spent by stage: read, parse, figures.
    """

    documents: list[Row] = field(default_factory=list)
    occurrences: list[Row] = field(default_factory=list)
    leftovers: list[Row] = field(default_factory=list)
    statistics: list[Row] = field(default_factory=list)
    files: list[Row] = field(default_factory=list)
    line_keys: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    rejects: list[Reject] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: {"read": 0.0, "parse": 0.0, "figures": 0.0})


def _names(table: str, kind: type, *ids: str) -> tuple[str, ...]:
    """The ids, and the columns of a table that are fields of what was found, in the order of these."""
    wanted = columns(TABLES[table])
    return (*ids, *(column.name for column in fields(kind) if column.name in wanted and column.name not in ids))


# The columns of the tables whose values an intake has; later stages fill the others.
NAMES = {
    "documents": _names("documents", Document, "document_id"),
    "occurrences": _names("occurrences", Occurrence, "occurrence_id", "document_id"),
    "leftovers": _names("leftovers", Occurrence, "leftover_id", "document_id"),
    "statistics": _names("statistics", Statistic, "statistic_id", "occurrence_id"),
    "files": tuple(columns(TABLES["files"])),
}
_of_document = attrgetter(*NAMES["documents"][1:])
_of_occurrence = attrgetter(*NAMES["occurrences"][2:])
_of_leftover = attrgetter(*NAMES["leftovers"][2:])
_of_statistic = attrgetter(*NAMES["statistics"][2:])


def take_in(
    parts: Iterable[SourceFile | Portion | Shard],
    options: ReadOptions | None = None,
    furniture: frozenset[str] = frozenset(),
) -> Intake:
    """Read files and find all that is in them. `furniture`: keys of lines known to stand on many pages."""
    intake = Intake()
    for part in parts:
        started, elsewhere = perf_counter(), _elsewhere(intake)
        if isinstance(part, Portion):
            _take(intake, part.file, part.items, part.is_last, furniture)
        elif isinstance(part, Shard):
            _take(intake, part.file, read_shard(part, options), part.is_last, furniture)
        else:
            _take(intake, part, read_file(part, options), True, furniture)
        intake.seconds["read"] += perf_counter() - started - (_elsewhere(intake) - elsewhere)
    return intake


def _elsewhere(intake: Intake) -> float:
    return intake.seconds["parse"] + intake.seconds["figures"]


def _take(
    intake: Intake, file: SourceFile, items: Iterable[Document | Reject], is_last: bool, furniture: frozenset[str]
) -> None:
    """Add documents of a file, and after the last ones the file: a later run compares what is said of it."""
    is_open, document = True, None
    for item in items:
        if isinstance(item, Reject):
            intake.rejects.append(item)
            is_open = is_open and item.reason not in _TRY_AGAIN
        else:
            document = item
            _add(intake, file.uri, item, furniture)
    if is_last and is_open:
        intake.files.append((file.uri, file.bytes, file.modified_ns, _digest(file, document) if document else ""))


def _add(intake: Intake, uri: str, document: Document, furniture: frozenset[str]) -> None:
    """Add a document of the file at `uri` and all that is found in it."""
    document_id = identify("d_", document.uri)
    started = perf_counter()
    if document.known:
        found = read_structured(document.text, document.known)
    else:
        found, keys = read_page(document.text, furniture)
        intake.line_keys[uri].update(keys)
    intake.documents.append((document_id, *_of_document(document)))
    pieces = [(_id_of(piece, document.uri, rank), piece) for piece, rank in _ranked(found)]
    intake.occurrences.extend((i, document_id, *_of_occurrence(p)) for i, p in pieces if p.role == "question")
    intake.leftovers.extend((i, document_id, *_of_leftover(p)) for i, p in pieces if p.role != "question")
    parsed = perf_counter()
    scan: NumberScan | None = None
    for occurrence_id, piece in pieces:
        start, end = piece.answer_char_start, piece.char_end
        if start is not None:
            if scan is None or not scan.covers(start, end):
                scan = scan_numbers(document.text, start, end)
            intake.statistics.extend(_statistics(scan, occurrence_id, piece, start))
    intake.seconds["parse"] += parsed - started
    intake.seconds["figures"] += perf_counter() - parsed


def _digest(file: SourceFile, document: Document) -> str:
    """The SHA-256 of a file's bytes; `document` is its last one."""
    if is_document(file):
        return document.sha256
    with file.path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _ranked(found: Iterable[Occurrence]) -> Iterator[tuple[Occurrence, int]]:
    """The pieces of a document, each with its rank among those before it with the same text, of its sort."""
    ranks: dict[tuple[bool, str], int] = {}
    for piece in found:
        same = (piece.role == "question", piece.text)
        rank = ranks[same] = ranks.get(same, -1) + 1
        yield piece, rank


def _id_of(piece: Occurrence, uri: str, rank: int) -> str:
    if piece.role == "question":
        return identify("o_", uri, piece.text, str(rank))
    return identify("l_", uri, piece.role, piece.text, str(rank))


def _statistics(scan: NumberScan, occurrence_id: str, piece: Occurrence, start: int) -> Iterator[Row]:
    """The figures of the answer that starts at `start`."""
    line = piece.line_start + scan.text.count("\n", piece.char_start, start)
    for figure in find_in_answer(scan, start, piece.char_end, line, piece.question):
        offset = str(figure.char_start - piece.char_start)
        statistic_id = identify("s_", occurrence_id, offset, figure.surface, figure.kind)
        yield (statistic_id, occurrence_id, *_of_statistic(figure))
