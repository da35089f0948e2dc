"""Asserts that the work of a function grows with its input alone, also on a busy machine."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from statistics import median
from typing import TypeVar

Input = TypeVar("Input")
# Seconds of processor time below which nothing is compared: the clock and the caches of the processor decide.
NEGLIGIBLE = 0.05


def assert_linear(run: Callable[[Input], object], of_size: Callable[[int], Input], size: int, factor: int = 16) -> None:
    """Fails if `run` takes more than `factor ** 1.5` times as long on an input of `factor` times the size.

    Linear work takes `factor` times as long, quadratic work `factor ** 2`: the bound leaves as much room below as
    above. Processor time is measured, not the time on the wall, and the median of three runs counts.
    """
    small, large = of_size(size), of_size(factor * size)
    bound = factor**1.5 * _processor_seconds(run, small) + NEGLIGIBLE
    assert _processor_seconds(run, large) < bound


def _processor_seconds(run: Callable[[Input], object], value: Input) -> float:
    """The median of three runs, without the passes of the garbage collector over what other tests have left."""
    seconds = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            started = time.process_time()
            run(value)
            seconds.append(time.process_time() - started)
    finally:
        gc.enable()
    return median(seconds)
