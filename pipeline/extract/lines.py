"""Reads a stream of bytes as lines of text, and holds no line longer than the limit in memory."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.text.encoding import decode, wide_encoding
from pipeline.text.guess import PROBE

_CHUNK = 2**20


class TextLine(NamedTuple):
    """A line with its end, and how it was decoded; `is_whole` is false for one over the limit, which has no text."""

    text: str
    encoding: str
    is_certain: bool
    is_whole: bool = True
    undecodable: tuple[tuple[int, int], ...] = ()


def read_lines(stream: io.BufferedReader, limit: int, named: str | None = None) -> Iterator[TextLine]:
    """The lines of a stream; a line ends at LF. Lines are decoded one by one, so a bad line harms no other.

    `named`: the encoding that the user names.
    """
    wide = wide_encoding(stream.peek(4096)[:4096])
    if wide is not None:
        yield from _wide_lines(stream, limit, *wide)
        return
    yield from read_bytes_as_lines(stream, limit, guess=None if named else guess_of(stream), named=named)


def guess_of(stream: io.BufferedReader) -> str | None:
    """The encoding of a stream by the bytes that follow; None if they are UTF-8 up to a character that is cut."""
    probe = stream.peek(PROBE)[:PROBE]
    cut = probe[: probe.rfind(b"\n") + 1] or probe
    try:
        cut.decode("utf-8")
    except UnicodeDecodeError:
        return decode(cut).encoding
    return None


def read_bytes_as_lines(
    stream: io.BufferedReader,
    limit: int,
    size: float = math.inf,
    guess: str | None = None,
    named: str | None = None,
) -> Iterator[TextLine]:
    """The lines of the next `size` bytes of a stream that is not in UTF-16 or UTF-32.

    `guess`: the encoding of the file, for lines that are not UTF-8; `named`: the one that the user names.
    """
    is_seven_bit = named is not None and named.startswith("iso2022")
    while size > 0 and (line := stream.readline(limit + 1)):
        size -= len(line)
        if len(line) > limit:
            while not line.endswith(b"\n") and (line := stream.readline(_CHUNK)):
                size -= len(line)
            yield TextLine("", "utf-8", True, is_whole=False)
            continue
        try:
            text = None if is_seven_bit else line.decode("utf-8")
        except UnicodeDecodeError:
            text = None
        if text is not None:
            yield TextLine(text, "utf-8", True)
        else:
            decoded = decode(line, named, guess)
            yield TextLine(decoded.text, decoded.encoding, decoded.is_certain, undecodable=decoded.undecodable)


def _wide_lines(stream: io.BufferedReader, limit: int, encoding: str, mark: int) -> Iterator[TextLine]:
    """The lines of a stream in UTF-16 or UTF-32, whose line ends are no single bytes."""
    stream.read(mark)
    text = io.TextIOWrapper(stream, encoding, errors="replace", newline="\n")
    while line := text.readline(limit + 1):
        if len(line) > limit:
            while not line.endswith("\n") and (line := text.readline(_CHUNK)):
                pass
            yield TextLine("", encoding, True, is_whole=False)
            continue
        is_sure = bool(mark) and "\ufffd" not in line
        yield TextLine(line, encoding, is_sure)
