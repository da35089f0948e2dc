"""data/raw -> documents: the text of each file, or of each record in it, and where it came from.

Nothing is parsed here. A file that cannot be taken in becomes a `Reject` with a reason; the rest is read on. How each
format is read is described in the other modules of this package.
"""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Callable, Container, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from operator import attrgetter
from pathlib import Path

from pipeline.errors import RawMissing
from pipeline.extract.archives import PACKED, ArchiveStopped, LibraryMissing, open_unpacked, stopped
from pipeline.extract.options import ReadOptions
from pipeline.extract.plain_text import escaped, read_text
from pipeline.extract.record import Flaw, Found, Record, missing_library, too_large
from pipeline.parse.known import NOTHING_KNOWN, Known
from pipeline.text.encoding import BLANK

# Formats by the file's ending; a file without an ending is read as plain text.
FORMAT_OF_ENDING = {
    "": "txt", ".txt": "txt", ".text": "txt", ".md": "md", ".markdown": "md",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet",
    ".warc": "warc", ".wet": "wet",
}  # fmt: skip

# The reader of each format with records; it is imported when such a file is met.
_READERS = {
    "jsonl": "json_rows.read_jsonl", "json": "json_rows.read_json", "csv": "csv_rows.read_csv",
    "tsv": "csv_rows.read_csv", "parquet": "parquet_rows.read_parquet", "warc": "warc.read_warc",
    "wet": "warc.read_warc",
}  # fmt: skip


# Linux steps file times by 1 to 10 ms; where they are whole seconds, the file system keeps no finer ones (FAT: 2 s).
_RACY_NS = 20_000_000
_RACY_COARSE_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file below RAW: its place, and what tells cheaply whether it has changed."""

    uri: str
    path: Path
    bytes: int
    modified_ns: int

    @property
    def settled_ns(self) -> int:
        """From when on another change must show in `modified_ns`; until then the file is "racy", as git calls it."""
        is_coarse = self.modified_ns % 1_000_000_000 == 0
        return self.modified_ns + (_RACY_COARSE_NS if is_coarse else _RACY_NS)


@dataclass(frozen=True, slots=True)
class Document:
    """One source document's text. `lines` counts line ends at LF or CRLF, and what follows the last one.

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


@dataclass(frozen=True, slots=True)
class Reject:
    """What could not be taken in: `reason` is one of `schema.REJECT_REASONS`, `detail` a sentence."""

    uri: str
    stage: str
    reason: str
    detail: str
    sample: str | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """Everything found below RAW, by uri: files to read, what was rejected, and how many hidden files were passed."""

    files: list[SourceFile]
    rejects: list[Reject]
    hidden: int


def scan(raw: Path) -> Scan:
    """The files below `raw`, however deep, in order of uri. Hidden files and folders are counted, not read.

    Raises `RawMissing` when `raw` is no folder.
    """
    if not raw.is_dir():
        raise RawMissing(raw)
    root = raw.resolve()
    files: list[SourceFile] = []
    rejects: list[Reject] = []
    hidden = 0
    for name, entry in _walk(os.fspath(raw)):
        if name.startswith(".") or "/." in name:
            hidden += 1
            continue
        found = _look(name, entry, root)
        if isinstance(found, Reject):
            rejects.append(found)
        else:
            files.append(found)
    files.sort(key=attrgetter("uri"))
    rejects.sort(key=attrgetter("uri"))
    return Scan(files, rejects, hidden)


def scan_settled(raw: Path) -> tuple[Scan, int]:
    """A scan, and the time before it (ns), at which all files were settled: a later change to one is never missed.

    Waits for that, 2 seconds at most, when a file has been written in this very moment.
    """
    scanned_ns = time.time_ns()
    found = scan(raw)
    wait_ns = max((file.settled_ns for file in found.files if file.modified_ns <= scanned_ns), default=0) - scanned_ns
    if wait_ns >= 0:
        time.sleep((wait_ns + 1_000_000) / 1_000_000_000)
        scanned_ns = time.time_ns()
        found = scan(raw)
    return found, scanned_ns


def _walk(raw: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below `raw` that is no folder, with its path below it; links to folders are not followed."""
    folders = [(raw, "")]
    while folders:
        folder, under = folders.pop()
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append((entry.path, f"{under}{entry.name}/"))
                else:
                    yield under + entry.name, entry


def _uri(name: str) -> str:
    """The path below RAW with `/`; bytes of a file name that are no UTF-8 are written as \\xNN."""
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")


def _look(name: str, entry: os.DirEntry[str], root: Path) -> SourceFile | Reject:
    uri = _uri(name)
    try:
        if entry.is_symlink() and not Path(entry.path).resolve(strict=True).is_relative_to(root):
            detail = "a link that leads out of the folder of source documents; copy the file there instead"
            return Reject(uri, "read", "outside_raw", detail)
        if not entry.is_file():
            return Reject(uri, "read", "unreadable", "neither a file nor a folder; remove it")
        stat = entry.stat()
    except (OSError, RuntimeError) as err:
        return Reject(uri, "read", "unreadable", f"{getattr(err, 'strerror', None) or err}; mend or remove it")
    return SourceFile(uri, Path(entry.path), stat.st_size, stat.st_mtime_ns)


def file_of(uri: str, files: Container[str]) -> str:
    """The uri of the file that a document or a reject belongs to.

    >>> file_of("faq.csv#12", {"faq.csv"}), file_of("page #1", {"page #1"})
    ('faq.csv', 'page #1')
    """
    return uri if uri in files else uri.rpartition("#")[0]


# ---------------------------------------------------------------- one file


def read_file(file: SourceFile, options: ReadOptions | None = None) -> Iterator[Document | Reject]:
    """The documents in a file, in order, and what of it had to be rejected; at least one of them."""
    options = options or ReadOptions()
    format_, packing = _kind(file.path)
    if format_ is None:
        known = ", ".join(e for e in FORMAT_OF_ENDING if e)
        ending = "".join(file.path.suffixes[-2 if packing else -1 :]).lower()
        detail = f"no reader for {ending} files (only {known}, also with {', '.join(PACKED)}); save its text as .txt"
        yield Reject(file.uri, "read", "unsupported_format", detail)
        return
    is_empty = True
    for item in _read(file, format_, packing, options):
        is_empty = False
        yield from taken(file.uri, item, format_)
    if is_empty:
        yield Reject(file.uri, "read", "empty", "holds no record; scrape it again or remove it")


def _kind(path: Path) -> tuple[str | None, str]:
    """Format and packing of a file by its name; no format where we have no reader."""
    packing = path.suffix.lower()
    if packing in PACKED:
        return FORMAT_OF_ENDING.get(Path(path.stem).suffix.lower()), packing
    return FORMAT_OF_ENDING.get(packing), ""


def is_document(file: SourceFile) -> bool:
    """Whether the bytes of a file are those of its one document: neither packed nor of a format with records."""
    format_, packing = _kind(file.path)
    return not packing and format_ not in _READERS


def holds_records(file: SourceFile) -> bool:
    """Whether a file is of a format that holds many documents: a table, a list, a web archive."""
    return _kind(file.path)[0] in _READERS


def holds_lines(file: SourceFile) -> bool:
    """Whether the bytes of a file are those of its records, one a line."""
    return _kind(file.path) == ("jsonl", "")


def _read(file: SourceFile, format_: str, packing: str, options: ReadOptions) -> Found:
    """The records of a file; where it breaks off, a flaw instead of the rest."""
    try:
        with open_unpacked(file.path, packing) as stream:
            if format_ in _READERS:
                yield from _reader(format_)(stream, options)
            else:
                yield _page(stream, format_, file.bytes, options.max_document_bytes)
    except LibraryMissing as err:
        yield missing_library(str(err), packing)
    except ArchiveStopped as err:
        yield stopped(err)
    except OSError as err:
        if packing:
            yield stopped(err)
        else:
            yield unreadable(err)


def unreadable(err: OSError) -> Flaw:
    """The flaw of a file that the system does not let us read."""
    return Flaw("unreadable", f"{err.strerror or err}; mend its permissions or remove it")


def _reader(format_: str) -> Callable[[io.BufferedReader, ReadOptions], Found]:
    module, _, name = _READERS[format_].partition(".")
    reader: Callable[[io.BufferedReader, ReadOptions], Found] = getattr(
        import_module(f"pipeline.extract.{module}"), name
    )
    return reader


_CHUNK = 2**18


def _page(stream: io.BufferedReader, format_: str, expected: int, limit: int) -> Record | Flaw:
    """A file that is one document, of so many bytes where it is not packed."""
    pieces = [stream.read(min(expected, limit) + 1)]  # one byte more: less than that is all there is
    size = len(pieces[0])
    while min(expected, limit) < size <= limit and (piece := stream.read(_CHUNK)):
        pieces.append(piece)
        size += len(piece)
    if size > limit:
        return too_large(limit)
    data = b"".join(pieces)
    if format_ != "html":
        return read_text(data)
    from pipeline.extract.html import read_html

    return read_html(data)


def taken(uri: str, item: Record | Flaw, format_: str) -> Iterator[Document | Reject]:
    """A record as a document, with what of it is no text; a flaw as a reject."""
    if item.number is not None:
        uri = f"{uri}#{item.number}"
    if isinstance(item, Flaw):
        yield Reject(uri, "read", item.reason, item.detail, item.sample)
        return
    text = item.text
    if not text.strip(BLANK):
        yield Reject(uri, "read", "empty", "holds no text; scrape it again or remove it")
        return
    source = text.encode() if item.source is None else item.source
    if item.undecodable:
        yield _undecodable(uri, item, source)
    yield Document(
        uri=uri,
        sha256=hashlib.sha256(source).hexdigest(),
        bytes=len(source),
        format=format_,
        encoding=item.encoding,
        encoding_certain=item.is_certain,
        text=text,
        lines=text.count("\n") + (not text.endswith("\n")),
        source_url=item.source_url,
        fetched_at=item.fetched_at,
        known=item.known,
    )


def _undecodable(uri: str, record: Record, source: bytes) -> Reject:
    start, end = record.undecodable[0]
    where = "" if record.source is None else f", the first at byte {start}"
    detail = (
        f"{len(record.undecodable)} place(s) are not {record.encoding}{where}; "
        "each stands in the text as U+FFFD, all other text was taken in"
    )
    return Reject(uri, "read", "undecodable_bytes", detail, escaped(source[max(0, start - 20) : end or None]))
