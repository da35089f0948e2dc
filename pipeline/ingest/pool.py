"""Work on parts of something, by several processes when there is enough of it; what comes back is in order."""

from __future__ import annotations

import gc
import os
import signal
import warnings as warnings_of_python
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import active_children, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import TypeVar

from pipeline.storage.lock import release_inherited

__all__ = ["in_processes"]

# Objects made between two searches for garbage in cycles, of which a kernel leaves next to none: at Python's 700,
# reading takes 4 to 9 % more processor time.
_GARBAGE = 100_000
_AHEAD = 2  # parts under way for each worker, so that results do not pile up

Part = TypeVar("Part")
Result = TypeVar("Result")


def in_processes(kernel: Callable[[Part], Result], parts: Iterable[Part], workers: int) -> Iterator[Result]:
    """As `map`, by so many processes; no more than two parts for each of them are under way.

    The workers share no lock with the threads of this process: they only read, parse and compare.
    """
    others = {*active_children()}
    with ProcessPoolExecutor(workers, initializer=_become_worker) as pool:
        try:
            yield from _mapped(pool, kernel, parts, _AHEAD * workers)
        except BaseException:  # interrupted, or a kernel failed: nobody waits for what the workers are at
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in {*active_children()} - others:
                worker.terminate()
            raise


def _mapped(
    pool: ProcessPoolExecutor, kernel: Callable[[Part], Result], parts: Iterable[Part], ahead: int
) -> Iterator[Result]:
    under_way: deque[Future[Result]] = deque()
    with warnings_of_python.catch_warnings():
        warnings_of_python.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
        for part in parts:
            under_way.append(pool.submit(kernel, part))
            if len(under_way) >= ahead:
                yield under_way.popleft().result()
        for future in under_way:
            yield future.result()


def _become_worker() -> None:
    """A worker leaves signals and the lock to the process that started it, and ends when that one is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    release_inherited()
    gc.freeze()  # what was there before the processes parted stays shared
    gc.set_threshold(_GARBAGE)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A pool's workers wait for work for ever, also when the process that would bring it was killed."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
