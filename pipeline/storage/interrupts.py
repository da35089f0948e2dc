"""Handles Ctrl-C and SIGTERM while a run writes: DuckDB swallows exceptions that a signal handler raises in a query.

So the handler only notes the signal (`note_interrupt`); an interrupted query raises the right exception
(`raise_query_interrupts`); a process whose query does not stop ends anyway (`end_despite_query`); and the moments of
publishing are not interrupted at all (`ignore_interrupts`).
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

QUERY_SECONDS = 0.8  # that a query has to stop: those of a run need a tenth of it, except a sort on disk
CLEANUP_SECONDS = 3.0  # for what is left to do then; Spark's threads have been seen to take more than 5

_signals: list[int] = []
_writers: list[bool] = []
_timers: list[threading.Timer] = []


def note_interrupt(number: int) -> None:
    """Remember that a signal asks this process to end."""
    _signals.append(number)
    if _writers:
        _end_within(QUERY_SECONDS)


@contextlib.contextmanager
def end_despite_query() -> Iterator[None]:
    """A block in which an interrupt ends the process even if a query does not stop, as if the run were killed."""
    _writers.append(True)
    try:
        yield
    finally:
        _writers.pop()
        _cancel_timers()
        end_after_cleanup()


def end_after_cleanup() -> None:
    """End a process that was interrupted in a few seconds, whatever it still waits for.

    A thread of a pool waits for ever for the rest of what a worker was sending when it was ended.
    """
    if _signals:
        _end_within(CLEANUP_SECONDS)


def _end_within(seconds: float) -> None:
    """End the process with the code of its signal, if it has not ended by itself by then."""
    timer = threading.Timer(seconds, os._exit, [128 + _signals[-1]])
    timer.daemon = True
    timer.start()
    _timers.append(timer)


def _cancel_timers() -> None:
    while _timers:
        _timers.pop().cancel()


@contextlib.contextmanager
def raise_query_interrupts() -> Iterator[None]:
    """A block in which DuckDB's "Query interrupted" becomes `SystemExit` (SIGTERM) or `KeyboardInterrupt`."""
    try:
        yield
    except RuntimeError as err:
        if str(err) != "Query interrupted":
            raise
        raise SystemExit(128 + _signals[-1]) if _signals else KeyboardInterrupt from err


# ---------------------------------------------------------------- publishing

_handlers: dict[int, Any] = {}


def ignore_interrupts() -> None:
    """Ignore Ctrl-C, SIGTERM and SIGALRM until `restore_interrupts`: publishing takes a moment and must finish.

    The command uses SIGALRM to remind itself of a signal. Only the main thread is ever interrupted.
    """
    _cancel_timers()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            _handlers.setdefault(number, signal.signal(number, signal.SIG_IGN))


def restore_interrupts() -> None:
    """Undo `ignore_interrupts`."""
    if threading.current_thread() is threading.main_thread():
        while _handlers:
            number, handler = _handlers.popitem()
            signal.signal(number, handler or signal.SIG_DFL)
