"""Files of JSON lines in stretches that are read by themselves, so that several processes share one large file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from pipeline.extract.files import Document, Reject, SourceFile, holds_lines, read_file, taken, unreadable
from pipeline.extract.json_rows import read_jsonl_part
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Found
from pipeline.text.encoding import wide_encoding

_CHUNK = 2**20  # of a line that is longer than that


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some lines of a file: its bytes from `start` to `end`. `number` is that of the first of these lines."""

    file: SourceFile
    start: int
    end: int
    number: int
    is_last: bool

    @property
    def bytes(self) -> int:
        """Its length."""
        return self.end - self.start


def stretches(file: SourceFile, size: int, lines: int, options: ReadOptions | None = None) -> Iterator[Stretch]:
    """A file of JSON lines in stretches of at least so many bytes or lines, in order.

    None of a file that has to be read as a whole: another format, packed, in UTF-16, without a record, unreadable.
    """
    if not holds_lines(file) or not _has_narrow_lines(file, options or ReadOptions()):
        return
    start = end = 0
    number, seen = 1, 0
    with suppress(OSError), file.path.open("rb") as stream:  # who reads the stretch will meet it again, and say so
        while line := stream.readline(_CHUNK):
            end += len(line)
            if not line.endswith(b"\n"):
                continue
            seen += 1
            if end - start >= size or seen == lines:
                yield Stretch(file, start, end, number, is_last=False)
                start, number, seen = end, number + seen, 0
    yield Stretch(file, start, max(end, file.bytes), number, is_last=True)


def _has_narrow_lines(file: SourceFile, options: ReadOptions) -> bool:
    """Whether its first record can be read, and its line ends are single bytes."""
    with suppress(OSError), file.path.open("rb") as stream:
        return wide_encoding(stream.peek(4096)[:4096]) is None and next(read_file(file, options)).uri != file.uri
    return False


def read_stretch(stretch: Stretch, options: ReadOptions | None = None) -> Iterator[Document | Reject]:
    """What `read_file` gives of these lines of the file."""
    for item in _read(stretch, options or ReadOptions()):
        yield from taken(stretch.file.uri, item, "jsonl")


def _read(stretch: Stretch, options: ReadOptions) -> Found:
    try:
        with stretch.file.path.open("rb") as stream:
            stream.seek(stretch.start)
            yield from read_jsonl_part(stream, options, stretch.bytes, stretch.number)
    except OSError as err:
        yield unreadable(err)
