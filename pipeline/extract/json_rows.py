"""Reads JSON lines, and JSON files that are a list of records."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import Any

from pipeline.extract.cells import plain_text
from pipeline.extract.columns import Layout, layout_of, unknown_columns
from pipeline.extract.lines import TextLine, guess_of, read_bytes_as_lines, read_lines
from pipeline.extract.nested_values import MAX_DEPTH, is_map, is_message, is_table
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Flaw, Found, Record, too_large
from pipeline.extract.rows import Source, record_of
from pipeline.limits import SAMPLE_CHARACTERS
from pipeline.parse.known import Known
from pipeline.text.encoding import decode, wide_encoding

_HEAD = 1_000
_CHUNK = 2**16


class _Number(str):
    """A number as it is written: Python refuses to read one of 4,300 digits."""


_DECODER = json.JSONDecoder(strict=False, parse_int=_Number, parse_float=_Number)  # not strict: tabs in strings


def read_jsonl(stream: io.BufferedReader, options: ReadOptions) -> Found:
    """One record a line, numbered as the lines are; blank lines are passed over.

    A file whose first 1,000 lines are no records is not of this format: it has one flaw, not 1,000.
    """
    found = _of_lines(read_lines(stream, options.max_document_bytes, options.encoding), options, 1)
    flaws: list[Flaw] = []
    for item in found:
        if not isinstance(item, Flaw) or item.reason == "too_large":
            yield from flaws
            yield item
            break
        flaws.append(item)
        if len(flaws) == _HEAD:
            first = flaws[0]
            detail = f"none of its first {_HEAD:,} lines is a record; the first: {first.detail} or rename the file"
            yield Flaw(first.reason, detail, sample=first.sample)
            return
    else:
        yield from flaws
    yield from found


def read_jsonl_part(stream: io.BufferedReader, options: ReadOptions, size: int, first: int, guess: str | None) -> Found:
    """As `read_jsonl`, of the next `size` bytes of a stream, whose first line is the one of that number."""
    lines = read_bytes_as_lines(stream, options.max_document_bytes, size, guess, options.encoding)
    return _of_lines(lines, options, first)


def _of_lines(lines: Iterable[TextLine], options: ReadOptions, first: int) -> Found:
    limit = options.max_document_bytes
    rows = _Rows(options)
    for number, line in enumerate(lines, first):
        if not line.is_whole:
            yield too_large(limit, number)
            continue
        text = line.text.strip().lstrip("\ufeff")
        if not text:
            continue
        try:
            value = _DECODER.decode(text)
        except (ValueError, RecursionError) as err:
            yield _broken(err, number, text)
            continue
        yield rows.record(value, number, line.encoding, line.is_certain)


def _broken(err: Exception, number: int | None, text: str) -> Flaw:
    reason = "its brackets are nested too deep" if isinstance(err, RecursionError) else err
    return Flaw("damaged", f"not valid JSON ({reason}); correct it", number, text[:SAMPLE_CHARACTERS])


class _Rows:
    """JSON values as records."""

    def __init__(self, options: ReadOptions) -> None:
        self._limit = options.max_document_bytes
        self._columns = options.columns

    def record(self, value: Any, number: int, encoding: str = "utf-8", is_certain: bool = True) -> Record | Flaw:
        if isinstance(value, str) and not isinstance(value, _Number):
            value = {"text": value}
        row = value if isinstance(value, Mapping) else {"": value}
        source = Source(number, self._limit, encoding, is_certain)
        record = record_of(row, self.layout(row), source, self._columns)
        if record is not None:
            return record
        if not isinstance(value, Mapping):
            sample = plain_text(str(value))[:SAMPLE_CHARACTERS]
            return Flaw("damaged", "a list or a number, not a record; correct it", number, sample)
        flaw = unknown_columns(list(value))
        return Flaw(flaw.reason, flaw.detail, number)

    def layout(self, value: Mapping[str, Any]) -> Layout:
        return layout_of(tuple(value), self._columns)


# ---------------------------------------------------------------- .json


def json_values(stream: io.BufferedReader, options: ReadOptions, is_lines: bool) -> Iterator[Any]:
    """The values of a file without reading them as records, up to the first broken one of a list."""
    limit = options.max_document_bytes
    if is_lines:
        for line in read_lines(stream, limit, options.encoding):
            with suppress(ValueError, RecursionError):
                yield _DECODER.decode(line.text.strip().lstrip("\ufeff"))
        return
    window = _Window(stream, limit, options.encoding)
    window.skip_comments()
    is_list = window.next_sign() == "["
    window.take(is_list)
    while (sign := window.next_sign()) not in ("]", ""):
        if sign == ",":
            window.take(1)
        else:
            yield window.value()


def read_json(stream: io.BufferedReader, options: ReadOptions) -> Found:
    """The records of a list, read one by one; of an object, the list it holds or the object itself."""
    limit = options.max_document_bytes
    window = _Window(stream, limit, options.encoding)
    window.skip_comments()
    if window.next_sign() == "[":
        yield from _listed(window, _Rows(options), limit)
        return
    try:
        value = window.value()
    except (ValueError, RecursionError) as err:
        yield too_large(limit) if window.is_full else _broken(err, None, window.text)
        return
    rows = _Rows(options)
    lists = [inner for inner in value.values() if isinstance(inner, list)] if isinstance(value, Mapping) else []
    is_record = isinstance(value, Mapping) and (
        rows.layout(value).holds_text or any(map(is_message, chain(*lists))) or is_map(value) or is_table(value)
    )
    if len(lists) == 1 and not is_record and isinstance(value, Mapping):
        rest = {key: inner for key, inner in value.items() if inner is not lists[0]}
        around = rows.record({"": "", **rest, "text": ""}, 0, window.encoding, window.is_certain) if rest else None
        if isinstance(around, Record) and around.text.strip():
            yield around
        elif isinstance(around, Record) and around.left_out:  # single words, such as the name of the list
            words = "\n".join(_strings_in(rest))
            if words:
                yield replace(around, text=words, known=Known(furniture=((0, len(words)),)))
    for number, item in enumerate(lists[0] if len(lists) == 1 and not is_record else [value], 1):
        yield rows.record(item, number, window.encoding, window.is_certain)


def _strings_in(value: Any, depth: int = 0) -> Iterator[str]:
    """The strings in a value that are not blank, in order."""
    if isinstance(value, str) and value.strip() and not isinstance(value, _Number):
        yield value
    elif isinstance(value, (Mapping, list)) and depth < MAX_DEPTH:
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _strings_in(inner, depth + 1)


def _listed(window: _Window, rows: _Rows, limit: int) -> Found:
    """The items of a list, up to the first broken one: nothing marks where the next one starts."""
    window.take(1)
    number = 0
    while (sign := window.next_sign()) not in ("]", ""):
        if sign == ",":
            window.take(1)
            continue
        number += 1
        try:
            value = window.value()
        except (ValueError, RecursionError) as err:
            yield too_large(limit, number) if window.is_full else _broken(err, number, window.text)
            yield Flaw("damaged", f"record {number} and all later records could not be read; correct the file")
            return
        yield rows.record(value, number, window.encoding, window.is_certain)
    if sign == "":
        yield Flaw("damaged", "the list is not closed, so the file is incomplete; fetch it again")


class _Window:
    """The part of a JSON text that is decoded. It doubles as it grows, so the work is linear in the text."""

    def __init__(self, stream: io.BufferedReader, limit: int, named: str | None = None) -> None:
        self._pieces = _pieces(stream, named)
        self._limit = limit
        self.text, self._start = "", 0
        self.encoding, self.is_certain = "utf-8", True
        self.is_full = False

    def next_sign(self) -> str:
        """The first character that is no white space, '' at the end."""
        while True:
            match = _SIGN.search(self.text, self._start)
            if match:
                self._start = match.start()
                return match[0]
            self.text, self._start = "", 0
            if not self._grow(_CHUNK):
                return ""

    def skip_comments(self) -> None:
        """Go on behind the comments at the start of a file: themes and settings have one there."""
        while self.next_sign() == "/" and (comment := _COMMENT.match(self.text, self._start)) is not None:
            self._start = comment.end()

    def take(self, count: int) -> None:
        self._start += count

    def value(self) -> Any:
        """The value that starts here. Raises `ValueError` (also when it is over the limit) and `RecursionError`."""
        size = _CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self._start)
                if end == len(self.text) and self._grow(1):  # a number may go on in the next piece
                    continue
                self._start = min(end, len(self.text))
                return value
            except ValueError:
                self.is_full = len(self.text) - self._start > self._limit
                if self.is_full or not self._grow(size):
                    raise
                size *= 2

    def _grow(self, size: int) -> bool:
        """Read on by at least `size` characters; whether there were any."""
        self.text, self._start = self.text[self._start :], 0
        more: list[str] = []
        count = 0
        while count < size and (piece := next(self._pieces, None)) is not None:
            text, self.encoding, is_certain = piece
            self.is_certain &= is_certain
            more.append(text)
            count += len(text)
        self.text += "".join(more)
        return bool(more)


_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*\n", re.DOTALL)
_SIGN = re.compile(r"[^\s\ufeff]")


def _pieces(stream: io.BufferedReader, named: str | None) -> Iterator[tuple[str, str, bool]]:
    """The text of a stream piece by piece, cut at line ends or, in a file of one line, between characters."""
    wide = wide_encoding(stream.peek(4096)[:4096])
    if wide is not None:
        stream.read(wide[1])
        reader = io.TextIOWrapper(stream, wide[0], errors="replace", newline="\n")
        while text := reader.read(_CHUNK):
            yield text, wide[0], bool(wide[1]) and "\ufffd" not in text
        return
    rest = b""
    guess = None if named else guess_of(stream)
    while data := stream.read(_CHUNK):
        data = rest + data
        cut = data.rfind(b"\n") + 1 or _whole(data)
        rest = data[cut:]
        decoded = decode(data[:cut], named, guess)
        yield decoded.text, decoded.encoding, decoded.is_certain
    if rest:
        decoded = decode(rest, named, guess)
        yield decoded.text, decoded.encoding, decoded.is_certain


def _whole(data: bytes) -> int:
    """How many of the bytes are whole UTF-8 characters."""
    end = len(data)
    while end and len(data) - end < 4 and data[end - 1] & 0xC0 == 0x80:
        end -= 1
    return end - 1 if end and data[end - 1] >= 0xC0 else len(data)
