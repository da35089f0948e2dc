"""Cuts files of JSON lines into shards, so that several processes share one large file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from pipeline.extract.files import holds_lines, read_file, to_documents, unreadable
from pipeline.extract.lines import guess_of
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Document, Found, Reject, internal_error
from pipeline.extract.scan import SourceFile
from pipeline.text.encoding import wide_encoding

_CHUNK = 2**20  # bytes read at once of a longer line


@dataclass(frozen=True, slots=True)
class Shard:
    """Consecutive lines of a file: its bytes from `start` to `end`. `number`: of the first of these lines."""

    file: SourceFile
    start: int
    end: int
    number: int
    is_last: bool

    @property
    def bytes(self) -> int:
        """How many bytes it has."""
        return self.end - self.start


def cut_shards(file: SourceFile, size: int, lines: int, options: ReadOptions | None = None) -> Iterator[Shard]:
    """The shards of a file of JSON lines, in order; each has at least `size` bytes or `lines` lines.

    A file that has to be read as a whole has none: another format, packed, in UTF-16, without a record, unreadable.
    """
    if not holds_lines(file) or not _has_narrow_lines(file, options or ReadOptions()):
        return
    start = end = 0
    number, seen = 1, 0
    with suppress(OSError), file.open() as stream:  # reading the shard raises it again, and reports it
        while line := stream.readline(_CHUNK):
            end += len(line)
            if not line.endswith(b"\n"):
                continue
            seen += 1
            if end - start >= size or seen == lines:
                yield Shard(file, start, end, number, is_last=False)
                start, number, seen = end, number + seen, 0
    yield Shard(file, start, max(end, file.bytes), number, is_last=True)


def _has_narrow_lines(file: SourceFile, options: ReadOptions) -> bool:
    """Whether its first record can be read, and its line ends are single bytes."""
    with suppress(OSError), file.open() as stream:
        return wide_encoding(stream.peek(4096)[:4096]) is None and next(read_file(file, options)).uri != file.uri
    return False


def read_shard(shard: Shard, options: ReadOptions | None = None) -> Iterator[Document | Reject]:
    """What `read_file` yields for these lines of the file."""
    for item in _read(shard, (options or ReadOptions()).of_file(shard.file.uri)):
        yield from to_documents(shard.file.uri, item, "jsonl")


def _read(shard: Shard, options: ReadOptions) -> Found:
    try:
        from pipeline.extract.json_rows import read_jsonl_part

        with shard.file.open() as stream:
            guess = None if options.encoding else guess_of(stream)
            stream.seek(shard.start)
            yield from read_jsonl_part(stream, options, shard.bytes, shard.number, guess)
    except OSError as err:
        yield unreadable(err)
    except Exception as err:
        yield internal_error(err)
