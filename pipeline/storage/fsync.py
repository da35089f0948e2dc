"""Writes files so that they are complete or absent, also after a crash or a power cut."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path

UNFINISHED = ".building-"  # prefix of files that a dead run may have left


def write_whole(path: Path, text: str) -> None:
    """Write a text file in one step: the old content stays until the new one is on disk."""
    part = path.with_name(f"{UNFINISHED}{os.getpid()}-{path.name}.part")
    try:
        part.write_text(text, "utf-8")
        sync(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync(path.parent)


def open_regular_file(path: Path, flags: int) -> int:
    """A handle of a regular file of ours. A link or a pipe in its place is an `OSError`; it is not followed or read."""
    handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, f"{path.name} is not a regular file; remove it", os.fspath(path))
    return handle


def sync(path: Path) -> None:
    """Put a file, or the names in a folder, on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(paths: Iterable[Path]) -> None:
    """Remove files, links and folders; a path that does not exist is no error."""
    for path in list(paths):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
