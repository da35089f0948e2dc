"""The results of extraction: readers yield records and flaws; files become documents and rejects."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import first_line
from pipeline.parse.known import NOTHING_KNOWN, Known


@dataclass(frozen=True, slots=True)
class Record:
    """One document's text, and what its format says about it.

    `number` counts the records of a file from 1; None for the only document of a file. `source` is the bytes it was
    read from, None for a row of a table: its text in UTF-8 is used instead. `undecodable` are the spans of bytes that
    are not text. `left_out` are the columns or keys whose values are not in the text, `guessed` the columns that were
    chosen by their cells, as `--columns` has them.
    """

    text: str
    encoding: str
    is_certain: bool
    number: int | None = None
    source: bytes | None = None
    undecodable: tuple[tuple[int, int], ...] = ()
    known: Known = NOTHING_KNOWN
    source_url: str | None = None
    fetched_at: datetime | None = None
    left_out: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flaw:
    """What could not be read: the record of this number, or with None the file from here on."""

    reason: str
    detail: str
    number: int | None = None
    sample: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One source document's text. `lines` counts line ends at LF or CRLF, and the text below the last one.

    `known` is what its format says about its text.
    """

    uri: str
    sha256: str
    bytes: int
    format: str
    encoding: str
    encoding_certain: bool
    text: str
    lines: int
    source_url: str | None = None
    fetched_at: datetime | None = None
    known: Known = NOTHING_KNOWN
    file: str = ""
    site: str | None = None
    language: str | None = None
    left_out: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reject:
    """What could not be read: `reason` is one of `schema.REJECT_REASONS`, `detail` a sentence."""

    uri: str
    stage: str
    reason: str
    detail: str
    sample: str | None = None


Found = Iterator[Record | Flaw]


def too_large(limit: int, number: int | None = None) -> Flaw:
    """The flaw of a document over the limit."""
    detail = f"larger than {limit:,} bytes; split it, or raise the limit with --max-document-bytes"
    return Flaw("too_large", detail, number)


def missing_library(library: str, what: str, number: int | None = None) -> Flaw:
    """The flaw of a file or record whose format needs a library that is not installed."""
    detail = f"reading {what} needs {library}; install it with: pip install 'qaledger[formats]'"
    return Flaw("missing_library", detail, number)


def internal_error(err: Exception) -> Flaw:
    """The flaw of a file or document on which our own code failed: one input never ends a run.

    Everywhere else our own mistakes are not caught. `detail` names the error and the line of code that raised it, and a
    warning of the run repeats it.
    """
    if isinstance(err, MemoryError):
        return Flaw("too_large", "reading it needs more memory than there is; split it")
    what = f"{type(err).__name__}: {first_line(err)}{_place(err)}".encode("utf-8", "replace").decode()
    return Flaw("internal_error", f"qaledger failed on it ({what}); please report this, with the file")


def _place(err: Exception) -> str:
    """The last line of the package that an error passed through.

    Too deep a recursion has none: where it ends depends on the process that reads, and the same file has to give the
    same row.
    """
    lines = [frame for frame in traceback.extract_tb(err.__traceback__) if "/pipeline/" in frame.filename]
    if not lines or isinstance(err, RecursionError):
        return ""
    return f", at pipeline/{lines[-1].filename.rpartition('/pipeline/')[2]}:{lines[-1].lineno}"
