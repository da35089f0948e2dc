"""Scans the folder of source documents (RAW): which files there are, and when they were changed last."""

from __future__ import annotations

import errno
import io
import os
import re
import stat
import time
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path

from pipeline.errors import RawMissing
from pipeline.extract.record import Reject

# Linux advances file times in steps of 1 to 10 ms. A time in whole seconds shows a file system with coarse times
# (FAT: 2 s).
_RACY_NS = 20_000_000
_RACY_COARSE_NS = 2_000_000_000
_MOST_NS = 2**63 - 1  # of a column of the tables: until 2262. A file may have a later time, ext4 until 2446


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file below RAW, and its size and time, by which a change is noticed without reading it.

    `path` is where it is, without a link on the way; as a `Path` it takes a third of the time of a scan to make.
    """

    uri: str
    path: str
    bytes: int
    modified_ns: int

    @property
    def settled_ns(self) -> int:
        """From this time on another change must show in `modified_ns`; until then the file is "racy", as git says."""
        is_coarse = self.modified_ns % 1_000_000_000 == 0
        return self.modified_ns + (_RACY_COARSE_NS if is_coarse else _RACY_NS)

    @property
    def _absolute(self) -> str:
        return self.path if self.path.startswith("/") else os.fspath(Path.cwd() / self.path)

    def open(self) -> io.BufferedReader:
        """The bytes of the file. Raises `OSError`, also when a link or a pipe has taken its place since the scan."""
        handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        if stat.S_ISREG(os.fstat(handle).st_mode) and _path_of(handle) in (None, self._absolute):
            return os.fdopen(handle, "rb")
        os.close(handle)
        raise OSError(errno.ESTALE, "it was replaced by a link or a pipe while the run read its folder")


def _path_of(handle: int) -> str | None:
    """Where an open file is; None where the system does not say it."""
    try:
        return os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115  # as Path it takes five times as long
    except OSError:
        return None


@dataclass(frozen=True, slots=True)
class Scan:
    """Everything found below RAW, in order of uri: files to read, rejects, and the number of hidden files skipped.

    `unlisted`: the folders whose files are not known, because the system did not list them; each is a reject, too.
    """

    files: list[SourceFile]
    rejects: list[Reject]
    hidden: int
    unlisted: tuple[str, ...] = ()

    def is_unlisted(self, uri: str) -> bool:
        """Whether a file could be in a folder that was not listed."""
        return uri.startswith(self.unlisted)

    def with_files(self, files: Iterable[SourceFile]) -> Scan:
        """The scan with more files."""
        return replace(self, files=sorted([*self.files, *files], key=attrgetter("uri")))


def scan(raw: Path, out: Path | None = None) -> Scan:
    """The files below `raw`, however deep, in order of uri. Hidden files and folders are counted, not read.

    `out`, the folder of the published tables, is left out where it is below `raw`. Raises `RawMissing` when `raw` is no
    folder.
    """
    if not raw.is_dir():
        raise RawMissing(raw)
    root = raw.resolve()
    files: list[SourceFile] = []
    rejects: list[Reject] = []
    hidden = 0
    unlisted: list[str] = []
    for name, entry in _walk(os.fspath(root), os.path.realpath(out) if out else None):
        if isinstance(entry, OSError):
            unlisted.append(_uri(name))
            detail = (
                f"this folder cannot be listed ({entry.strerror}), so its published rows stay; correct its permissions"
            )
            rejects.append(Reject(_uri(name), "read", "unreadable", detail))
            continue
        if name.startswith(".") or "/." in name:
            hidden += 1
            continue
        found = _source_file(name, entry, root)
        if isinstance(found, Reject):
            rejects.append(found)
        else:
            files.append(found)
    files, ambiguous = _without_record_names(files)
    rejects += ambiguous
    files.sort(key=attrgetter("uri"))
    rejects.sort(key=attrgetter("uri"))
    return Scan(files, rejects, hidden, tuple(sorted(unlisted)))


# The formats of `files.py` that hold records.
_WITH_RECORDS = re.compile(r"\.(?:jsonl|json|csv|tsv|parquet|warc|wet)(?:\.\w+)?$", re.IGNORECASE)


def _without_record_names(files: list[SourceFile]) -> tuple[list[SourceFile], list[Reject]]:
    """The files but for those that are named as a record of another one is, such as `a.jsonl#1` beside `a.jsonl`."""
    uris = {file.uri for file in files if _WITH_RECORDS.search(file.uri)}
    kept: list[SourceFile] = []
    rejects: list[Reject] = []
    for file in files:
        owner, _, number = file.uri.rpartition("#")
        if owner in uris and number.isdecimal():
            detail = f"it has the name of a record of {owner}; rename it"
            rejects.append(Reject(f"{owner}\\x23{number}", "read", "ambiguous_name", detail))
        else:
            kept.append(file)
    return kept, rejects


def scan_settled(raw: Path, out: Path | None = None) -> tuple[Scan, int]:
    """A scan, and a time before it (ns) at which all files were settled: a later change to one is never missed.

    Waits until they are settled, 2 seconds at most, if a file has just been written.
    """
    scanned_ns = time.time_ns()
    found = scan(raw, out)
    wait_ns = max((file.settled_ns for file in found.files if file.modified_ns <= scanned_ns), default=0) - scanned_ns
    if wait_ns >= 0:
        time.sleep((wait_ns + 1_000_000) / 1_000_000_000)
        scanned_ns = time.time_ns()
        found = scan(raw, out)
    return found, scanned_ns


def _walk(raw: str, out: str | None) -> Iterator[tuple[str, os.DirEntry[str] | OSError]]:
    """Everything below `raw` except folders, with its path below `raw`; links to folders and `out` are not followed.

    A folder that cannot be listed is given with its error; its path ends with `/`.
    """
    folders = [(raw, "")]
    while folders:
        folder, under = folders.pop()
        try:
            with os.scandir(folder) as entries:
                if not os.access(folder, os.X_OK):  # its names can be listed, but not opened
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.path == out:
                            continue
                        folders.append((entry.path, f"{under}{entry.name}/"))
                    else:
                        yield under + entry.name, entry
        except OSError as err:
            yield under, err


def _uri(name: str) -> str:
    r"""The path below RAW with `/`; bytes of a name that are no UTF-8 are written as \xNN, and "\x" as \x5cx.

    So no two files have one uri.

    >>> _uri("caf\udce9.txt"), _uri("caf\\xe9.txt")
    ('caf\\xe9.txt', 'caf\\x5cxe9.txt')
    """
    name = name.replace("\\x", "\\x5cx")
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")


def _source_file(name: str, entry: os.DirEntry[str], root: Path) -> SourceFile | Reject:
    uri, path = _uri(name), entry.path
    try:
        if entry.is_symlink() and not Path(path := os.path.realpath(path, strict=True)).is_relative_to(root):
            detail = "a link to a file outside the folder of source documents; copy the file into the folder instead"
            return Reject(uri, "read", "outside_raw", detail)
        if not entry.is_file():
            return Reject(uri, "read", "unreadable", "neither a file nor a folder; remove it")
        status = entry.stat()
    except (OSError, RuntimeError) as err:
        return Reject(uri, "read", "unreadable", f"{getattr(err, 'strerror', None) or err}; correct or remove it")
    modified_ns = max(-_MOST_NS, min(status.st_mtime_ns, _MOST_NS))
    return SourceFile(uri, path, status.st_size, modified_ns)


def file_of(uri: str, files: Container[str]) -> str:
    """The uri of the file that a document or a reject belongs to.

    >>> file_of("faq.csv#12", {"faq.csv"}), file_of("page #1", {"page #1"})
    ('faq.csv', 'page #1')
    """
    return uri if uri in files else uri.rpartition("#")[0]
