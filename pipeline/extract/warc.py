"""Reads web archives: pages as servers sent them (WARC), or the text that was extracted from them (WET)."""

from __future__ import annotations

import io
from typing import Any, cast

from pipeline.extract.cells import read_date
from pipeline.extract.html import read_html
from pipeline.extract.options import ReadOptions
from pipeline.extract.plain_text import looks_like_html, read_text
from pipeline.extract.record import Flaw, Found, Record, first_line, missing_library, too_large

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TEXT = frozenset({"text/plain", "text/markdown", "text/x-markdown"})


class _Stream:
    """A stream as fastwarc needs it: it asks for the position, which our stream cannot give, and never seeks."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.given += len(data)
        return data

    def tell(self) -> int:
        return self.given


def read_warc(stream: io.BufferedReader, options: ReadOptions) -> Found:
    """The pages of an archive, numbered among its records that hold what a server sent.

    A record that is no page (an image, a redirect, an error page) is a flaw, so that every record is accounted for.
    """
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType
    except ImportError:
        yield missing_library("fastwarc", "web archive")
        return
    kinds = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
    source = _Stream(stream)
    number = end = 0
    try:
        records = ArchiveIterator(
            cast(Any, source), record_types=kinds, parse_http=False, stream_detect=False, fsspec_args=False
        )
        for number, record in enumerate(records, 1):
            end = _least_end(record)
            yield _page(record, number, options.max_document_bytes)
    except OSError as err:
        yield Flaw("damaged", f"cut or damaged after record {number} ({first_line(err)}); fetch it again")
        return
    if end > source.given:
        yield Flaw("damaged", f"cut within record {number}; fetch it again")
    elif not number:
        yield Flaw("damaged", "holds no record of a page; is it a web archive?")


def _least_end(record: Any) -> int:
    """Where a record ends at the earliest, by what its header says."""
    header = sum(len(name) + len(value) + 3 for name, value in record.headers.items())
    return int(record.stream_pos) + header + int(record.content_length)


def _page(record: Any, number: int, limit: int) -> Record | Flaw:
    """One record as a page."""
    try:
        if record.is_http:
            record.parse_http(auto_decode="all")
        refused = _refused(record, number)
        if refused is not None:
            return refused
        body = record.reader.read(limit + 1)
    except OSError as err:
        return Flaw("damaged", f"its body cannot be decoded ({first_line(err)}); fetch it again", number)
    if len(body) > limit:
        return too_large(limit, number)
    url = record.headers.get("WARC-Target-URI", "").strip("<> ") or None
    fetched_at = read_date(record.headers.get("WARC-Date"))
    charset = record.http_charset if record.is_http_parsed else None
    read = read_html if _media_type(record) in _HTML or looks_like_html(body) else read_text
    return read(body, declared=charset, number=number, source_url=url, fetched_at=fetched_at)


def _refused(record: Any, number: int) -> Flaw | None:
    """Why a record is no page, if it is none."""
    status = record.http_headers.status_code if record.is_http_parsed else None
    if status is not None and not 200 <= status < 300:
        return Flaw("no_page", f"the server answered {status}; nothing to do, or fetch it again", number)
    media_type = _media_type(record)
    if media_type and media_type not in _HTML | _TEXT:
        return Flaw("unsupported_format", f"no reader for {media_type[:60]}; nothing to do", number)
    return None


def _media_type(record: Any) -> str:
    """The media type that the server or else the archive names; '' if neither does."""
    named = record.http_content_type if record.is_http_parsed else record.headers.get("Content-Type")
    return (named or "").partition(";")[0].strip().lower()
