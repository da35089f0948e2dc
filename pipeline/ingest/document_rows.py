"""Turns files into rows: reads each document, parses it, finds its statistics and gives every row its id.

Each document is processed alone, so files can be read in any order and in any process. Ids come from content
and position in the source: the same file gives the same rows on any machine, on any day.
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
from pipeline.extract.record import Document, Reject, internal_error
from pipeline.extract.scan import SourceFile
from pipeline.extract.shards import Shard, read_shard
from pipeline.limits import SAMPLE_CHARACTERS
from pipeline.parse.markup import read_structured
from pipeline.parse.occurrences import Occurrence, read_page
from pipeline.statistics.find import Statistic, find_in_answer
from pipeline.storage.ids import identify
from pipeline.storage.schema import TABLES, columns

Row = tuple[Any, ...]

# A file that could not be opened for one of these reasons is not listed in `files`, so that the next run tries again.
_RETRY_REASONS = frozenset({"unreadable", "missing_library"})


@dataclass(frozen=True, slots=True)
class FileRecords:
    """Some of the records of a file that holds more than one batch of them; `is_last`: no more follow."""

    file: SourceFile
    records: list[Document | Reject]
    is_last: bool


Input = SourceFile | Shard | FileRecords  # what is read as one


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """The rows of some files, by table, with the values of `COLUMNS` in that order; and what was rejected.

    `line_keys` counts, by file, the documents with each line that could be boilerplate; `seconds` is the time spent by
    stage: read, parse, figures.
    """

    documents: list[Row] = field(default_factory=list)
    occurrences: list[Row] = field(default_factory=list)
    leftovers: list[Row] = field(default_factory=list)
    statistics: list[Row] = field(default_factory=list)
    files: list[Row] = field(default_factory=list)
    line_keys: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    rejects: list[Reject] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: {"read": 0.0, "parse": 0.0, "figures": 0.0})


def _columns(table: str, found: type, *ids: str) -> tuple[str, ...]:
    """The ids, and the fields of what was found that are columns of the table, in the order of the fields."""
    wanted = columns(TABLES[table])
    return (*ids, *(column.name for column in fields(found) if column.name in wanted and column.name not in ids))


# The columns that are filled here, by table; later stages fill the others.
COLUMNS = {
    "documents": _columns("documents", Document, "document_id"),
    "occurrences": _columns("occurrences", Occurrence, "occurrence_id", "document_id"),
    "leftovers": _columns("leftovers", Occurrence, "leftover_id", "document_id"),
    "statistics": _columns("statistics", Statistic, "statistic_id", "occurrence_id"),
    "files": tuple(columns(TABLES["files"])),
}
_document_values = attrgetter(*COLUMNS["documents"][1:])
_occurrence_values = attrgetter(*COLUMNS["occurrences"][2:])
_leftover_values = attrgetter(*COLUMNS["leftovers"][2:])
_statistic_values = attrgetter(*COLUMNS["statistics"][2:])


def read_rows(
    inputs: Iterable[Input], options: ReadOptions | None = None, boilerplate: frozenset[str] = frozenset()
) -> DocumentRows:
    """The rows of everything in these files. `boilerplate`: keys of lines that are known to repeat on many pages."""
    rows = DocumentRows()
    for source in inputs:
        started, others = perf_counter(), _seconds_without_reading(rows)
        if isinstance(source, FileRecords):
            _add_file(rows, source.file, source.records, source.is_last, boilerplate)
        elif isinstance(source, Shard):
            _add_file(rows, source.file, read_shard(source, options), source.is_last, boilerplate)
        else:
            _add_file(rows, source, read_file(source, options), True, boilerplate)
        rows.seconds["read"] += perf_counter() - started - (_seconds_without_reading(rows) - others)
    return rows


def _seconds_without_reading(rows: DocumentRows) -> float:
    return rows.seconds["parse"] + rows.seconds["figures"]


def _add_file(
    rows: DocumentRows,
    file: SourceFile,
    records: Iterable[Document | Reject],
    is_last: bool,
    boilerplate: frozenset[str],
) -> None:
    """Add the records of a file, and after the last one the row of `files` with which the next run compares."""
    is_read, document = True, None
    for record in records:
        if isinstance(record, Reject):
            rows.rejects.append(record)
            is_read = is_read and record.reason not in _RETRY_REASONS
        else:
            document = record
            try:
                _add_document(rows, file.uri, record, boilerplate)
            except Exception as err:
                flaw, sample = internal_error(err), record.text[:SAMPLE_CHARACTERS]
                rows.rejects.append(Reject(record.uri, "parse", flaw.reason, flaw.detail, sample))
    if is_last and is_read:
        try:
            digest = _file_sha256(file, document) if document else ""
        except OSError:
            return  # it is gone since it was read; the next run finds out
        rows.files.append((file.uri, file.bytes, file.modified_ns, digest))


def _add_document(rows: DocumentRows, uri: str, document: Document, boilerplate: frozenset[str]) -> None:
    """Add a document of the file at `uri`, with its occurrences, leftovers and statistics; all of them or none."""
    document_id = identify("d_", document.uri)
    started = perf_counter()
    keys: list[str] = []
    if document.known:
        found = read_structured(document.text, document.known)
    else:
        found, keys = read_page(document.text, boilerplate, is_article=document.known.is_article)
    with_ids = [(_id_of(occurrence, document.uri, rank), occurrence) for occurrence, rank in _ranked(found)]
    parsed = perf_counter()
    statistics: list[Row] = []
    heading: str | None = None
    for occurrence_id, occurrence in with_ids:
        if occurrence.role == "heading":
            heading = occurrence.text
        start = occurrence.answer_char_start
        if start is not None:
            statistics.extend(_statistics(document.text, occurrence_id, occurrence, start, heading))
    if not document.known:
        rows.line_keys[uri].update(keys)
    rows.documents.append((document_id, *_document_values(document)))
    rows.occurrences.extend((i, document_id, *_occurrence_values(o)) for i, o in with_ids if o.role == "question")
    rows.leftovers.extend((i, document_id, *_leftover_values(o)) for i, o in with_ids if o.role != "question")
    rows.statistics.extend(statistics)
    rows.seconds["parse"] += parsed - started
    rows.seconds["figures"] += perf_counter() - parsed


def _statistics(
    text: str, occurrence_id: str, occurrence: Occurrence, start: int, heading: str | None
) -> Iterator[Row]:
    """The rows of the figures in the answer that starts at `start`; `heading`: the last one above it."""
    line = occurrence.line_start + text.count("\n", occurrence.char_start, start)
    answer = text[start : occurrence.char_end]
    for figure in find_in_answer(answer, start, line, occurrence.question, heading):
        offset = str(figure.char_start - occurrence.char_start)
        statistic_id = identify("s_", occurrence_id, offset, figure.surface, figure.kind)
        yield (statistic_id, occurrence_id, *_statistic_values(figure))


def _file_sha256(file: SourceFile, document: Document) -> str:
    """The SHA-256 of a file's bytes; `document` is its last one."""
    if is_document(file):
        return document.sha256
    with file.open() as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _ranked(found: Iterable[Occurrence]) -> Iterator[tuple[Occurrence, int]]:
    """Occurrences and leftovers, each with the number of earlier ones in the document that have the same text."""
    ranks: dict[tuple[bool, str], int] = {}
    for occurrence in found:
        same = (occurrence.role == "question", occurrence.text)
        rank = ranks[same] = ranks.get(same, -1) + 1
        yield occurrence, rank


def _id_of(occurrence: Occurrence, uri: str, rank: int) -> str:
    if occurrence.role == "question":
        return identify("o_", uri, occurrence.text, str(rank))
    return identify("l_", uri, occurrence.role, occurrence.text, str(rank))
