"""data/raw -> documents: the text of each file and where it came from.

Nothing is parsed here. A file that cannot be taken in becomes a `Reject` with a reason; the rest is read on.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import RawMissing

# Formats by the file's ending; a file without an ending is read as plain text.
FORMAT_OF_ENDING = {"": "txt", ".txt": "txt", ".text": "txt", ".md": "md", ".markdown": "md"}

# Control characters that no page of text holds (tab, line ends, form feed and escape do occur).
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")

# A file with more control characters than this share is not text. Measured on the first 64 KB of 26 PNG, JPEG, gzip,
# PDF, parquet, npz, font, ELF and .pyc files: .077 to .757 (one PDF .02); on the source document: 0; a page with a
# stray NUL in each line of 100 characters: .01.
NOT_TEXT = 0.03
_PROBE = 65536

# What makes a line blank, besides white space: no-break space, zero-width space, byte order mark.
BLANK = " \t\r\f\v\xa0\u200b\ufeff"
_SAMPLE = 60


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file below RAW: its place, and what tells cheaply whether it has changed."""

    uri: str
    path: Path
    bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Document:
    """One source document's text. `lines` counts line ends at LF or CRLF, and what follows the last one."""

    uri: str
    sha256: str
    bytes: int
    format: str
    encoding: str
    encoding_certain: bool
    text: str
    lines: int


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
    for path in _walk(raw):
        name = path.relative_to(raw)
        uri = _uri(name)
        if any(part.startswith(".") for part in name.parts):
            hidden += 1
            continue
        found = _look(path, uri, root)
        if isinstance(found, Reject):
            rejects.append(found)
        else:
            files.append(found)
    return Scan(sorted(files, key=lambda file: file.uri), sorted(rejects, key=lambda reject: reject.uri), hidden)


def _walk(raw: Path) -> Iterator[Path]:
    """Every path below `raw` that is no folder; links to folders are not followed but given back as paths."""
    for folder, subfolders, names in os.walk(raw):
        for name in names:
            yield Path(folder, name)
        for name in subfolders:
            if Path(folder, name).is_symlink():
                yield Path(folder, name)


def _uri(name: Path) -> str:
    """The path below RAW with `/`; bytes of a file name that are no UTF-8 are written as \\xNN."""
    return os.fsencode(name.as_posix()).decode("utf-8", "backslashreplace")


def _look(path: Path, uri: str, root: Path) -> SourceFile | Reject:
    try:
        target = path.resolve(strict=True)
        if not target.is_relative_to(root):
            detail = "a link that leads out of the folder of source documents; copy the file there instead"
            return Reject(uri, "read", "outside_raw", detail)
        if not target.is_file():
            return Reject(uri, "read", "unreadable", "neither a file nor a folder; remove it")
        stat = target.stat()
    except (OSError, RuntimeError) as err:
        return Reject(uri, "read", "unreadable", f"{getattr(err, 'strerror', None) or err}; mend or remove it")
    return SourceFile(uri, path, stat.st_size, stat.st_mtime_ns)


def read_file(file: SourceFile) -> tuple[Document | None, list[Reject]]:
    """The document in a file, or none, and what of it had to be rejected."""
    ending = file.path.suffix.lower()
    if ending not in FORMAT_OF_ENDING:
        known = ", ".join(e for e in FORMAT_OF_ENDING if e)
        detail = f"no reader for {ending} files (only {known}); save its text as .txt"
        return None, [Reject(file.uri, "read", "unsupported_format", detail)]
    try:
        data = file.path.read_bytes()
    except OSError as err:
        detail = f"{err.strerror or err}; mend its permissions or remove it"
        return None, [Reject(file.uri, "read", "unreadable", detail)]
    return document_of(file.uri, data, FORMAT_OF_ENDING[ending])


def document_of(uri: str, data: bytes, format_: str) -> tuple[Document | None, list[Reject]]:
    """The document these bytes hold, or none, and what of them had to be rejected."""
    decoded = decode(data)
    if _is_not_text(decoded.text):
        detail = "holds control characters as only binary files do; convert it to text or remove it"
        return None, [Reject(uri, "read", "not_text", detail, _sample(data))]
    if not decoded.text.strip(BLANK + "\n"):
        return None, [Reject(uri, "read", "empty", "holds no text; scrape it again or remove it")]
    rejects = []
    if decoded.undecodable:
        start, end = decoded.undecodable[0]
        detail = (
            f"{len(decoded.undecodable)} place(s) are not {decoded.encoding}, the first at byte {start}; "
            "each stands in the text as U+FFFD, all other text was taken in"
        )
        rejects.append(Reject(uri, "read", "undecodable_bytes", detail, _sample(data[max(0, start - 20) : end])))
    digest = hashlib.sha256(data).hexdigest()
    lines = decoded.text.count("\n") + (not decoded.text.endswith("\n"))
    return (
        Document(uri, digest, len(data), format_, decoded.encoding, decoded.is_certain, decoded.text, lines),
        rejects,
    )


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding it was read by, whether that is sure, and the byte spans that were no text in it."""

    text: str
    encoding: str
    is_certain: bool
    undecodable: tuple[tuple[int, int], ...] = ()


_MARKS = [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]


def decode(data: bytes) -> Decoded:
    r"""The text of a file: by its byte order mark, else strict UTF-8, else as cp1252, marked as a guess.

    Detectors of character sets misjudge short cp1252 text, so we do not ask one. A file in which well-formed UTF-8
    beyond ASCII outnumbers the broken places is broken UTF-8 (cut off, or spliced), not cp1252.

    >>> decode("naïve".encode()).encoding
    'utf-8'
    >>> decode("naïve".encode("cp1252"))
    Decoded(text='naïve', encoding='cp1252', is_certain=False, undecodable=())
    >>> decode("“naïve”".encode()[:-1]).undecodable
    ((9, 11),)
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly_or_patched(data, len(mark), encoding)
    try:
        return Decoded(data.decode("utf-8"), "utf-8", True)
    except UnicodeDecodeError:
        patched = _patched(data)
    well_formed = sum(1 for c in patched.text if c > "\x7f") - len(patched.undecodable)
    if well_formed > len(patched.undecodable):
        return patched
    return Decoded(_cp1252(data), "cp1252", False)


def _strictly_or_patched(data: bytes, skip: int, encoding: str) -> Decoded:
    try:
        return Decoded(data[skip:].decode(encoding), encoding, True)
    except UnicodeDecodeError as err:
        if encoding == "utf-8":
            return _patched(data, skip)
        first = (skip + err.start, skip + err.end)
        return Decoded(data[skip:].decode(encoding, "replace"), encoding, False, (first,))


# With `surrogateescape` each byte that is no text becomes one of these, which well-formed UTF-8 never holds.
_ESCAPED = re.compile("[\udc80-\udcff]+")


def _patched(data: bytes, skip: int = 0) -> Decoded:
    """`data` as UTF-8, with one U+FFFD for each run of bytes that is none, and the places of those runs."""
    escaped = data[skip:].decode("utf-8", "surrogateescape")
    places: list[tuple[int, int]] = []
    at, done = skip, 0
    for run in _ESCAPED.finditer(escaped):
        at += len(escaped[done : run.start()].encode())
        places.append((at, at + len(run[0])))
        at, done = at + len(run[0]), run.end()
    return Decoded(_ESCAPED.sub("\ufffd", escaped), "utf-8", False, tuple(places))


_C1 = {0xDC00 + byte: byte for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def _cp1252(data: bytes) -> str:
    """cp1252 as browsers read it: its five unassigned bytes are the control characters of the same number."""
    return data.decode("cp1252", "surrogateescape").translate(_C1)


def _is_not_text(text: str) -> bool:
    probe = text[:_PROBE]
    return len(_CONTROL.findall(probe)) > NOT_TEXT * len(probe)


def _sample(data: bytes) -> str:
    return repr(data[:_SAMPLE])[2:-1]
