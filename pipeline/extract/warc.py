"""Reads web archives: pages as servers sent them (WARC), or the text that was extracted from them (WET).

Archives lie: the header says gzip while the body is plain, a length is wrong, bytes are missing. A body is decoded by
what it holds, and a record whose length is wrong ends where the next one begins, so that one bad record costs no other.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.errors import first_line, many
from pipeline.extract.archives import DAMAGED, LibraryMissing
from pipeline.extract.bodies import BodyDamaged, decoded_body
from pipeline.extract.cells import read_date
from pipeline.extract.html import read_html
from pipeline.extract.options import ReadOptions
from pipeline.extract.plain_text import looks_like_html, read_text
from pipeline.extract.record import Flaw, Found, Record, missing_library, too_large
from pipeline.text.encoding import declared_in_markup

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TEXT = frozenset({"text/plain", "text/markdown", "text/x-markdown"})
_KINDS = frozenset({"response", "resource", "conversion"})  # of records that hold what a server sent


def read_warc(stream: io.BufferedReader, options: ReadOptions) -> Found:
    """The pages of an archive, numbered among its records that hold what a server sent.

    A record that is no page (an image, a redirect, an error page) is a flaw, so that every record is accounted for.
    """
    limit = options.max_document_bytes
    source = _Source(stream)
    number = 0
    for item in _records(source, limit):
        if isinstance(item, str):
            if number:
                yield Flaw("damaged", f"after record {number} {item} skipped; fetch it again")
            continue
        kind = item.headers.get("warc-type", "").lower()
        if kind not in _KINDS:
            continue
        number += 1
        yield from _page(item, number, options)
        if item.is_cut:
            detail = f"cut or damaged at the end of record {number}; the complete part was read; fetch it again"
            yield Flaw("damaged", detail)
    if source.error is not None:
        yield Flaw("damaged", f"cut or damaged after record {number} ({first_line(source.error)}); fetch it again")
    elif not number:
        yield Flaw("damaged", "contains no record of a page; check that it is a web archive")


# ---------------------------------------------------------------- records

_VERSION = re.compile(rb"WARC/\d")
_NEXT = re.compile(rb"\r?\n(?=WARC/\d\.\d{1,2}\r?\n)")
_LINE = 2**16  # bytes of a line that is read at once
_HEADER_LINES = 200
_WRONG_LENGTHS = 16  # in an archive, until no length is trusted; going back over each would be quadratic


class _Source:
    """A stream of which bytes can be given back. Where it cannot be read on it ends, and `error` says why."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._back = io.BytesIO()
        self.error: OSError | None = None

    def line(self) -> bytes:
        """The next line with its end, or the first 64 KB of it; none at the end."""
        line = self._back.readline(_LINE)
        if line.endswith(b"\n") or len(line) == _LINE:
            return line
        try:
            return line + self._stream.readline(_LINE)
        except OSError as err:
            self.error = err
            return line

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer at the end."""
        pieces = [self._back.read(size)]
        size -= len(pieces[0])
        try:
            while size > 0 and (piece := self._stream.read(min(size, 2**20))):
                pieces.append(piece)
                size -= len(piece)
        except OSError as err:
            self.error = err
        return b"".join(pieces)

    def give_back(self, data: bytes) -> None:
        """Let these bytes be read again, before the others."""
        self._back = io.BytesIO(data + self._back.read())


@dataclass(frozen=True, slots=True)
class _WarcRecord:
    """A record: its headers with names in small letters, its block (None: over the limit), and whether it is cut."""

    headers: Mapping[str, str]
    block: bytes | None
    is_cut: bool = False


def _records(source: _Source, limit: int) -> Iterator[_WarcRecord | str]:
    """The records of an archive in order; where bytes belong to none, words that say so."""
    lost, wrong = 0, 0
    while line := source.line():
        if not _VERSION.match(line):
            if line in DAMAGED and line.strip():
                yield "a damaged part was"
            else:
                lost += len(line) if line.strip() else 0
            continue
        if lost:
            yield _lost(lost)
            lost = 0
        headers = _headers(source)
        length = headers.get("content-length", "")
        size = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else -1
        if size < 0 or size > limit or wrong > _WRONG_LENGTHS:
            block, is_cut = _up_to_next(source, limit, size if wrong <= _WRONG_LENGTHS else -1)
        else:
            block, is_cut = source.read(size), False
            if len(block) < size or not _ends_here(source):
                wrong += 1
                block, is_cut = _mended(source, block, size, limit)
        yield _WarcRecord(headers, block, is_cut)
    if lost:
        yield _lost(lost)


def _lost(count: int) -> str:
    """Words for bytes that belong to no record."""
    belong, were = ("belongs", "was") if count == 1 else ("belong", "were")
    return f"{many(count, 'byte')} that {belong} to no record {were}"


def _headers(source: _Source) -> dict[str, str]:
    found: dict[str, str] = {}
    for _ in range(_HEADER_LINES):
        line = source.line()
        if not line.strip():
            break
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    return found


def _ends_here(source: _Source) -> bool:
    """Whether a record ends here: a blank line follows, the next record, or nothing."""
    line = source.line()
    if line.strip():
        source.give_back(line)
    return not line.strip() or _VERSION.match(line) is not None


def _mended(source: _Source, block: bytes, size: int, limit: int) -> tuple[bytes | None, bool]:
    """The block of a record whose length is wrong: up to the record that begins in it, or that follows."""
    inner = _NEXT.search(block)
    if inner is not None:
        source.give_back(block[inner.end() :])
        block = block[: inner.start()]
    elif len(block) == size:
        more, _ = _up_to_next(source, limit, -1)
        if more is None:
            return None, False
        block += more
    whole, damage, _ = block.partition(DAMAGED)
    return whole, bool(damage) or (inner is None and len(block) < size)


def _up_to_next(source: _Source, limit: int, size: int) -> tuple[bytes | None, bool]:
    """What is before the next record, or `size` bytes if that is less and not -1; None if it is over the limit."""
    pieces: list[bytes] = []
    length = 0
    is_start = True
    while (size < 0 or length < size) and (line := source.line()):
        if is_start and _VERSION.match(line):
            source.give_back(line)
            break
        is_start = line.endswith(b"\n")
        length += len(line)
        if length <= limit:
            pieces.append(line)
    return (b"".join(pieces) if length <= limit else None), False


# ---------------------------------------------------------------- pages


@dataclass(frozen=True, slots=True)
class _Response:
    """What a server sent: its status (None where no server is involved), its headers, and the body."""

    status: int | None
    headers: Mapping[str, str]
    body: bytes


_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})\b")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


def _response(record: _WarcRecord, block: bytes) -> _Response:
    status = _STATUS.match(block)
    is_http = record.headers.get("content-type", "").lower().startswith("application/http")
    if status is None or not (is_http or record.headers.get("warc-type", "").lower() == "response"):
        return _Response(None, {}, block)
    end = _HEAD_END.search(block)
    head, body = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    headers: dict[str, str] = {}
    for line in head.decode("latin-1").splitlines()[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return _Response(int(status[1]), headers, body)


def _page(record: _WarcRecord, number: int, options: ReadOptions) -> Found:
    """One record as a page; what is readable of a damaged body is a page, too."""
    limit = options.max_document_bytes
    if record.block is None:
        yield too_large(limit, number)
        return
    response = _response(record, record.block)
    media_type = (response.headers if response.status else record.headers).get("content-type", "")
    if response.status is None and _plain_type(media_type) == "application/http":
        yield Flaw("damaged", "contains no response of a server; fetch it again", number)
        return
    refused = _refused(response, _plain_type(media_type), number)
    if refused is not None:
        yield refused
        return
    try:
        body, damage = decoded_body(response.body, response.headers, limit)
    except LibraryMissing as err:
        yield missing_library(str(err), "such a web page", number)
        return
    except BodyDamaged as err:
        yield Flaw("damaged", f"its body cannot be decoded ({first_line(err)}); fetch it again", number)
        return
    if len(body) > limit:
        yield too_large(limit, number)
        return
    if damage:
        yield Flaw(
            "damaged", f"its body is incomplete or damaged ({damage}); the part before the damage was read", number
        )
    yield _read(record, body, media_type, number, options.encoding)


def _read(record: _WarcRecord, body: bytes, media_type: str, number: int, named: str | None) -> Record | Flaw:
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", media_type, re.IGNORECASE)
    is_html = _plain_type(media_type) in _HTML or looks_like_html(body)
    declared = charset[1] if charset else declared_in_markup(body) if is_html else None
    read = read_html if is_html else read_text
    return read(
        body,
        declared=declared or named,
        number=number,
        source_url=record.headers.get("warc-target-uri", "").strip("<> ") or None,
        fetched_at=read_date(record.headers.get("warc-date")),
    )


def _refused(response: _Response, media_type: str, number: int) -> Flaw | None:
    """Why a record is no page, if it is none."""
    if response.status is not None and not 200 <= response.status < 300:
        return Flaw("no_page", f"the server answered {response.status}; nothing to do, or fetch it again", number)
    if media_type and media_type not in _HTML | _TEXT:
        return Flaw("unsupported_format", f"no reader for {media_type[:60]}; nothing to do", number)
    return None


def _plain_type(media_type: str) -> str:
    """The media type without its parameters; '' if neither the server nor the archive names one."""
    return media_type.partition(";")[0].strip().lower()
