"""Maps a kernel over many inputs with several processes; results come in the order of the inputs."""

from __future__ import annotations

import gc
import os
import signal
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from pipeline.errors import WorkerKilled
from pipeline.limits import GC_THRESHOLD
from pipeline.storage.lock import release_inherited

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

__all__ = ["map_in_processes", "rare_garbage_collection"]

_AHEAD = 2  # inputs in work for each process, so that results do not pile up

Input = TypeVar("Input")
Result = TypeVar("Result")


def map_in_processes(kernel: Callable[[Input], Result], inputs: Iterable[Input], workers: int) -> Iterator[Result]:
    """Like `map`, with several processes; at most two inputs for each of them are in work. Raises `WorkerKilled`.

    The workers share no lock with the threads of this process: they only read, parse and compare.
    """
    from concurrent.futures import ProcessPoolExecutor  # a run with one process needs none of these
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children

    others = {*active_children()}
    with ProcessPoolExecutor(workers, initializer=_start_worker) as pool:
        try:
            yield from _map_in_order(pool, kernel, inputs, _AHEAD * workers)
        except BaseException as err:  # interrupted, or a kernel failed: do not wait for the workers
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in {*active_children()} - others:
                worker.terminate()
            if isinstance(err, BrokenProcessPool):
                raise WorkerKilled from err
            raise


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """While this is open, Python searches for garbage in cycles as rarely as in a worker."""
    thresholds = gc.get_threshold()
    gc.set_threshold(GC_THRESHOLD)
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()  # now they are the oldest objects, so that the next search does not look at all of them
        gc.set_threshold(*thresholds)


def _map_in_order(
    pool: ProcessPoolExecutor, kernel: Callable[[Input], Result], inputs: Iterable[Input], ahead: int
) -> Iterator[Result]:
    in_work: deque[Future[Result]] = deque()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
        for value in inputs:
            in_work.append(pool.submit(kernel, value))
            if len(in_work) >= ahead:
                yield in_work.popleft().result()
        for future in in_work:
            yield future.result()


def _start_worker() -> None:
    """Leave signals and the lock to the process that started this worker, and end when that process ends."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    release_inherited()
    gc.freeze()  # objects from before the fork stay in shared memory
    gc.set_threshold(GC_THRESHOLD)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Workers of a pool wait for inputs for ever, also when the process that sends them was killed."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
