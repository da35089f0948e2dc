"""Reads one file to its documents: its text, or the text of each record in it, and where it came from.

Nothing is parsed here. What cannot be read becomes a `Reject` with a reason, and reading goes on. How each format is
read is described in the other modules of this package.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from os.path import splitext
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.errors import first_line, many
from pipeline.extract.archives import PACKED, ArchiveStopped, LibraryMissing, open_unpacked, stopped
from pipeline.extract.options import ReadOptions
from pipeline.extract.plain_text import escaped, read_text
from pipeline.extract.record import Document, Flaw, Found, Record, Reject, internal_error, missing_library, too_large
from pipeline.extract.scan import SourceFile
from pipeline.text.characters import without_surrogates
from pipeline.text.encoding import BLANK
from pipeline.text.language import language_of

# Formats by the file's ending; a file without an ending is read as plain text.
FORMAT_OF_ENDING = {
    "": "txt", ".txt": "txt", ".text": "txt",
    ".md": "md", ".markdown": "md", ".mdx": "md", ".mdown": "md", ".mkd": "md", ".qmd": "md", ".rmd": "md",
    ".rst": "md", ".adoc": "md", ".asciidoc": "md",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet",
    ".warc": "warc", ".wet": "wet", ".xml": "xml", ".rss": "xml", ".atom": "xml",
}  # fmt: skip

# The reader of each format with records; it is imported when such a file is found.
_READERS = {
    "jsonl": "json_rows.read_jsonl", "json": "json_rows.read_json", "csv": "csv_rows.read_csv",
    "tsv": "csv_rows.read_tsv", "parquet": "parquet_rows.read_parquet", "warc": "warc.read_warc",
    "wet": "warc.read_warc", "xml": "xml_rows.read_xml",
}  # fmt: skip


def read_file(file: SourceFile, options: ReadOptions | None = None) -> Iterator[Document | Reject]:
    """The documents of a file, in order, and its rejects; at least one of either."""
    options = (options or ReadOptions()).of_file(file.uri)
    format_, packing = kind_of(file)
    if format_ is None:
        known = ", ".join(e for e in FORMAT_OF_ENDING if e)
        ending = "".join(Path(file.uri).suffixes[-2 if packing else -1 :]).lower()
        detail = f"no reader for {ending} files (only {known}, also with {', '.join(PACKED)}); save its text as .txt"
        yield Reject(file.uri, "read", "unsupported_format", detail)
        return
    is_empty = True
    for item in _read(file, format_, packing, options):
        is_empty = False
        yield from to_documents(file.uri, item, format_)
    if is_empty:
        yield Reject(file.uri, "read", "empty", "the file contains no record; fetch it again or remove it")


def kind_of(file: SourceFile) -> tuple[str | None, str]:
    """Format and packing of a file by its name; no format where we have no reader."""
    name, packing = splitext(file.uri.lower())  # noqa: PTH122  # as a Path it takes five times as long
    if packing not in PACKED:
        name, packing = file.uri.lower(), ""
    return FORMAT_OF_ENDING.get(splitext(name)[1].rstrip(".")), packing  # noqa: PTH122


def is_document(file: SourceFile) -> bool:
    """Whether the bytes of a file are those of its one document: neither packed nor of a format with records."""
    format_, packing = kind_of(file)
    return not packing and format_ not in _READERS


def holds_records(file: SourceFile) -> bool:
    """Whether a file is of a format that holds many documents: a table, a list, a web archive."""
    return kind_of(file)[0] in _READERS


def likely_text_bytes(file: SourceFile) -> int:
    """How many bytes of text a file is likely to hold at most: ten times its size where it is packed."""
    format_, packing = kind_of(file)
    return file.bytes * (10 if packing or format_ == "parquet" else 1)


def unpacks_beyond(file: SourceFile, size: int) -> bool:
    """Whether a file holds more than `size` bytes when it is unpacked; a Parquet file always may."""
    format_, packing = kind_of(file)
    if not packing:
        return format_ == "parquet" or file.bytes > size
    with suppress(OSError, ArchiveStopped, LibraryMissing), open_unpacked(file, packing) as stream:
        while size >= 0 and (piece := stream.read(_CHUNK)):
            size -= len(piece)
    return size < 0


def holds_lines(file: SourceFile) -> bool:
    """Whether the bytes of a file are those of its records, one a line."""
    return kind_of(file) == ("jsonl", "")


def _read(file: SourceFile, format_: str, packing: str, options: ReadOptions) -> Found:
    """The records of a file; a flaw instead of the rest where it cannot be read further."""
    try:
        with open_unpacked(file, packing, in_members=format_ in ("warc", "wet")) as stream:
            if format_ in _READERS:
                yield from _reader(format_)(stream, options)
            else:
                yield _page(stream, format_, file.bytes, options)
    except LibraryMissing as err:
        yield missing_library(str(err), f"{packing} files")
    except ArchiveStopped as err:
        yield stopped(err)
    except OSError as err:
        if packing:
            yield stopped(err)
        else:
            yield unreadable(err)
    except Exception as err:
        yield internal_error(err)


def unreadable(err: OSError) -> Flaw:
    """The flaw of a file that the system does not let us read, or that a library finds damaged."""
    if err.errno is None:
        return Flaw("damaged", f"{first_line(err)}; fetch it again")
    return Flaw("unreadable", f"{err.strerror or err}; correct its permissions or remove it")


def _reader(format_: str) -> Callable[[io.BufferedReader, ReadOptions], Found]:
    module, _, name = _READERS[format_].partition(".")
    reader: Callable[[io.BufferedReader, ReadOptions], Found] = getattr(
        import_module(f"pipeline.extract.{module}"), name
    )
    return reader


_CHUNK = 2**18


def _page(stream: io.BufferedReader, format_: str, expected: int, options: ReadOptions) -> Record | Flaw:
    """A file that is one document. `expected`: its bytes, if it is not packed."""
    limit, named = options.max_document_bytes, options.encoding
    pieces = [stream.read(min(expected, limit) + 1)]  # one byte more: less than that is all there is
    size = len(pieces[0])
    while min(expected, limit) < size <= limit and (piece := stream.read(_CHUNK)):
        pieces.append(piece)
        size += len(piece)
    if size > limit:
        return too_large(limit)
    data = b"".join(pieces)
    if format_ == "md":
        from pipeline.extract.markdown import is_written_in_html, read_marks

        record = read_text(data, declared=named)
        if isinstance(record, Record) and is_written_in_html(record.text):
            from pipeline.extract.html import read_html

            return read_html(data, declared=record.encoding)
        return record if isinstance(record, Flaw) else replace(record, known=read_marks(record.text))
    if format_ != "html":
        return read_text(data, declared=named)
    from pipeline.extract.html import read_html

    return read_html(data, named=named)


def to_documents(uri: str, item: Record | Flaw, format_: str) -> Iterator[Document | Reject]:
    """A record as a document, and a reject for its bytes that are not text; a flaw as a reject."""
    file = uri
    if item.number is not None:
        uri = f"{uri}#{item.number}"
    if isinstance(item, Flaw):
        yield Reject(uri, "read", item.reason, item.detail, item.sample)
        return
    text, replaced = without_surrogates(item.text)
    if not text.strip(BLANK):
        names = without_surrogates(", ".join(map(repr, item.left_out[:12])))[0]
        unread = f" (no sentence is in {names}; name a column with --columns if one holds text)" if names else ""
        yield Reject(uri, "read", "empty", f"it contains no text{unread}; fetch it again or remove it")
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
        encoding_certain=item.is_certain and not replaced,
        text=text,
        lines=text.count("\n") + (not text.endswith("\n")),
        source_url=item.source_url and without_surrogates(item.source_url)[0],
        fetched_at=item.fetched_at,
        known=item.known,
        file=file,
        site=_site(item.source_url),
        language=language_of(text),
        left_out=tuple(without_surrogates(name)[0] for name in item.left_out),
        guessed=tuple(without_surrogates(name)[0] for name in item.guessed),
    )


def _site(url: str | None) -> str | None:
    """The host of an address, without www."""
    try:
        host = urlsplit(url).hostname if url else None
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def _undecodable(uri: str, record: Record, source: bytes) -> Reject:
    start, end = record.undecodable[0]
    where = "" if record.source is None else f", the first at byte {start}"
    detail = (
        f"{many(len(record.undecodable), 'sequence')} of bytes cannot be decoded as {record.encoding}{where}; "
        "each was replaced by U+FFFD, and all other text was read"
    )
    return Reject(uri, "read", "undecodable_bytes", detail, escaped(source[max(0, start - 20) : end or None]))
