"""One writer: the lock of a folder of published tables, and the moments in which a writer must not be interrupted.

The kernel lets go of a lock when its process ends, however it ends, so a stale one holds nobody up. Nothing heavy is
imported here: a run that finds the folder locked says so at once.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.errors import OutputUnusable, RunLocked

LOCK = ".lock"

_log = logging.getLogger("qaledger.lock")
_held: set[int] = set()


@contextlib.contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the folder's one writing place. Raises `RunLocked` at once when another process does."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        handle = os.open(out / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as err:
        raise OutputUnusable(out, err) from err
    try:
        _take(out, handle)
        _held.add(handle)
        yield
        with contextlib.suppress(OSError):
            os.ftruncate(handle, 0)
    finally:
        _held.discard(handle)
        os.close(handle)
        _hear_interruptions()


def refuse_if_locked(out: Path) -> None:
    """Raises `RunLocked` when a run holds the folder now; changes nothing, and makes nothing."""
    try:
        handle = os.open(out / LOCK, os.O_RDONLY)
    except OSError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as err:
        raise RunLocked(out, _holder(handle)) from err
    except OSError:
        return  # whoever takes the lock says what is wrong with it
    finally:
        os.close(handle)


def let_go() -> None:
    """Close a lock inherited from the process that started this one: it is not ours to hold, least of all alone."""
    while _held:
        with contextlib.suppress(OSError):
            os.close(_held.pop())


def _take(out: Path, handle: int) -> None:
    for moment in range(10):  # `refuse_if_locked` of another run holds it for a moment
        time.sleep(0.02 * bool(moment))
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
        if stale := _holder_noted(handle):
            _log.info("a run died while it held the lock; this one takes it over from process %s", stale)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC".encode(), 0)
    except OSError as err:
        raise OutputUnusable(out, err) from err


def _holder_noted(handle: int) -> str:
    return os.pread(handle, 100, 0).decode("utf-8", "replace").strip()


def _holder(handle: int) -> str:
    """Who holds it; it writes its name down a moment after taking it."""
    for _ in range(20):
        if holder := _holder_noted(handle):
            return holder
        time.sleep(0.01)
    return "unknown"


# ---------------------------------------------------------------- interruptions

PATIENCE = 0.8  # seconds that a query has to stop: of those that run here all but a sort on disk do, in a tenth of it
TIDYING = 3.0  # seconds for what is left to do then; Spark's threads have been seen to take more than 5

_asked: list[int] = []
_at_work: list[bool] = []
_last_resort: list[threading.Timer] = []


def note_interruption(number: int) -> None:
    """A signal asks this process to end. Kept, since DuckDB drops what a handler raises while it works at a query."""
    _asked.append(number)
    if _at_work:
        _end_within(PATIENCE)


@contextlib.contextmanager
def ended_at_last() -> Iterator[None]:
    """Where an interruption ends the process even if a query does not stop; it leaves what a killed run leaves."""
    _at_work.append(True)
    try:
        yield
    finally:
        _at_work.pop()
        _patient()
        if _asked:
            _end_within(TIDYING)


def _end_within(seconds: float) -> None:
    """End the process as it was asked to, if it has not ended by itself by then."""
    timer = threading.Timer(seconds, os._exit, [128 + _asked[-1]])
    timer.daemon = True
    timer.start()
    _last_resort.append(timer)


def _patient() -> None:
    while _last_resort:
        _last_resort.pop().cancel()


@contextlib.contextmanager
def heard_in_queries() -> Iterator[None]:
    """Where DuckDB only says that a query was interrupted: raises `SystemExit` or `KeyboardInterrupt`, as was asked."""
    try:
        yield
    except RuntimeError as err:
        if str(err) != "Query interrupted":
            raise
        raise SystemExit(128 + _asked[-1]) if _asked else KeyboardInterrupt from err


# ---------------------------------------------------------------- the point of no return

_handlers: dict[int, Any] = {}


def pass_over_interruptions() -> None:
    """From here until the lock is let go, Ctrl-C and SIGTERM are passed over: what is left is done in a moment.

    So is SIGALRM, by which the command asks itself to end until it does.
    Only the main thread is ever interrupted, so elsewhere there is nothing to do.
    """
    _patient()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            _handlers.setdefault(number, signal.signal(number, signal.SIG_IGN))


def _hear_interruptions() -> None:
    if threading.current_thread() is threading.main_thread():
        while _handlers:
            number, handler = _handlers.popitem()
            signal.signal(number, handler or signal.SIG_DFL)
