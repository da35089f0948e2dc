"""The lock of a folder of published tables: one run writes to it at a time.

The kernel releases the lock when its process ends, however it ends, so a run that died blocks no other run. Nothing
heavy is imported here, so that a run that finds the folder locked says so at once.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import OutputUnusable, RunLocked
from pipeline.storage.fsync import open_regular_file
from pipeline.storage.interrupts import restore_interrupts

LOCK = ".lock"

_log = logging.getLogger("qaledger.lock")
_held: set[int] = set()


@contextlib.contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the lock of a folder. Raises `RunLocked` at once when another process holds it, `OutputUnusable`."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        handle = open_regular_file(out / LOCK, os.O_RDWR | os.O_CREAT)
    except OSError as err:
        raise OutputUnusable(out, err) from err
    try:
        _acquire(out, handle)
        _held.add(handle)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, 0)
    finally:
        _held.discard(handle)
        os.close(handle)
        restore_interrupts()


def refuse_if_locked(out: Path) -> None:
    """Raise `RunLocked` when a run holds the lock now; creates and changes nothing."""
    try:
        handle = open_regular_file(out / LOCK, os.O_RDONLY)
    except OSError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as err:
        raise RunLocked(out, _holder(handle)) from err
    except OSError:
        return  # `locked` reports what is wrong with the file
    finally:
        os.close(handle)


def release_inherited() -> None:
    """Close the locks that a worker process inherited: only the process that started it holds them."""
    while _held:
        with contextlib.suppress(OSError):
            os.close(_held.pop())


def _acquire(out: Path, handle: int) -> None:
    """Take the lock and write this process's id into the file."""
    for attempt in range(10):  # `refuse_if_locked` of another process holds the lock for a moment
        time.sleep(0.02 * bool(attempt))
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            continue
        except OSError as err:
            raise OutputUnusable(out, err) from err
    else:
        raise RunLocked(out, _holder(handle))
    try:
        if dead := _noted_holder(handle):
            _log.info("a run died while it held the lock; this one takes it over from process %s", dead)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC".encode(), 0)
    except OSError as err:
        raise OutputUnusable(out, err) from err


def _noted_holder(handle: int) -> str:
    return os.pread(handle, 100, 0).decode("utf-8", "replace").strip()


def _holder(handle: int) -> str:
    """The process that holds the lock; it notes its id a moment after it takes the lock."""
    for _ in range(20):
        if holder := _noted_holder(handle):
            return holder
        time.sleep(0.01)
    return "unknown"
