"""Opens packed files as plain streams, and stops an archive that unpacks to too much."""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any, BinaryIO

from pipeline.extract.record import Flaw
from pipeline.extract.scan import SourceFile
from pipeline.limits import MAX_UNPACKED_BYTES

PACKED = (".gz", ".zst", ".bz2")

# A file is stopped that unpacks to this many times its size, once it has given FREE bytes. The source document shrinks
# 3 times, 1,000 copies of it 131 times in gzip, 60 in bzip2 (2,300 in zstandard, which sees further back); 50 MB of
# zeros 1,028 times in gzip, 32,000 in zstandard, 617,000 in bzip2.
MAX_RATIO = 500
FREE = 64 * 2**20


class ArchiveStopped(Exception):
    """An archive unpacks to more than we allow."""


class LibraryMissing(Exception):
    """A library that unpacks a format is not installed; its name is the argument."""


# What the unpackers raise on a file that is cut or damaged.
_DAMAGED = (OSError, EOFError, zlib.error, ValueError)


class Unpacked(io.RawIOBase):
    """The unpacked bytes of `inner`. Raises `ArchiveStopped` beyond the bounds, `OSError` where it is damaged."""

    def __init__(self, inner: Any, packed: BinaryIO) -> None:
        self._inner, self._packed = inner, packed
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            data = self._inner.read(len(buffer))
        except _DAMAGED as err:
            raise OSError(f"the archive is cut or damaged ({err})") from err
        self._given += len(data)
        if self._given > MAX_UNPACKED_BYTES:
            raise ArchiveStopped(f"unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")
        if self._given > FREE and self._given > MAX_RATIO * self._packed.tell():
            raise ArchiveStopped(f"unpacks to more than {MAX_RATIO} times its size")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inner.close()
        self._packed.close()
        super().close()


def open_unpacked(file: SourceFile, packing: str, in_members: bool = False) -> io.BufferedReader:
    """The bytes of a file, unpacked as its ending says ('' for none). Raises `OSError` and `LibraryMissing`.

    `in_members`: each member of a .gz is a record by itself, so a damaged one is passed over.
    """
    if not packing:
        return file.open()
    packed = file.open()
    try:
        inner = _Members(packed) if in_members and packing == ".gz" else _UNPACKERS[packing](packed)
    except ImportError as err:
        packed.close()
        raise LibraryMissing("zstandard") from err
    return io.BufferedReader(Unpacked(inner, packed), 2**18)


class _Zstandard:
    """The unpacked bytes of a file in zstandard, frame after frame; its own reader is silent about a cut file."""

    def __init__(self, packed: BinaryIO) -> None:
        self._zstandard = import_module("zstandard")
        # A frame may ask for a window of up to 2 GB; 128 MB is what `zstd` itself allows by default.
        self._decompressor = self._zstandard.ZstdDecompressor(max_window_size=2**27)
        self._packed = packed
        self._frame: Any = None
        self._given = io.BytesIO()

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end. Raises `EOFError` and `ValueError`."""
        while True:
            data = self._given.read(size)
            if data or not self._unpack_more():
                return data

    def _unpack_more(self) -> bool:
        """Unpack the next bytes; whether there were any. 4 KB in are 128 MB out at the very most."""
        data = self._frame.unused_data if self._frame is not None and self._frame.eof else b""
        data = data or self._packed.read(4096)
        if not data:
            if self._frame is not None and not self._frame.eof:
                raise EOFError("the last frame has no end")
            return False
        if self._frame is None or self._frame.eof:
            self._frame = self._decompressor.decompressobj()
        try:
            self._given = io.BytesIO(self._frame.decompress(data))
        except self._zstandard.ZstdError as err:
            raise ValueError(err) from err
        return True

    def close(self) -> None:
        self._given.close()


class _Members:
    """The unpacked bytes of a file in gzip whose members are records, as web archives are.

    Where a member is damaged, a line `DAMAGED` follows what it held, and reading goes on at the next member.
    """

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._unpacker = zlib.decompressobj(31)
        self._data = b""
        self._is_begun = False

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end. Raises `EOFError` on a file that is cut."""
        while True:
            data = self._data or self._packed.read(2**16)
            if not data:
                if not self._is_begun or self._unpacker.eof:
                    return b""
                given = self._unpacker.decompress(b"", size)
                if given or self._unpacker.eof:
                    return given
                raise EOFError("the last member has no end")
            if self._unpacker.eof or not self._is_begun:
                data = data.lstrip(b"\0")
                self._unpacker = zlib.decompressobj(31)
            try:
                given = self._unpacker.decompress(data, size)
            except zlib.error:
                self._skip(data)
                return DAMAGED
            self._is_begun = self._is_begun or bool(data)
            self._data = self._unpacker.unused_data or self._unpacker.unconsumed_tail
            if given:
                return given

    def _skip(self, data: bytes) -> None:
        """Go on to the next member."""
        start = 1 if not self._is_begun or self._unpacker.eof or data.startswith(_MEMBER) else 0
        self._unpacker, self._is_begun = zlib.decompressobj(31), False
        while (at := data.find(_MEMBER, start)) < 0:
            more = self._packed.read(2**16)
            if not more:
                self._data = b""
                return
            data, start = data[-2:] + more, 0
        self._data = data[at:]

    def close(self) -> None:
        self._data = b""


_MEMBER = b"\x1f\x8b\x08"
DAMAGED = b"\r\n\r\n(a damaged part of the archive was here)\r\n"


_UNPACKERS: dict[str, Callable[[BinaryIO], Any]] = {
    ".gz": lambda packed: gzip.GzipFile(fileobj=packed),
    ".bz2": bz2.BZ2File,
    ".zst": _Zstandard,
}


def stopped(err: Exception) -> Flaw:
    """The flaw of an archive that could not be unpacked to its end; the records before it were read."""
    if isinstance(err, ArchiveStopped):
        detail = f"{err}; if its content is correct, unpack it and split it"
        return Flaw("too_large", detail)
    detail = f"{getattr(err, 'strerror', None) or err}; complete records before the damage were read; fetch it again"
    return Flaw("damaged", detail)
