"""A moment in which pyspark is not found."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def spark_unseen() -> Iterator[None]:
    """What is imported in here takes pyspark (in a worker, its pandas) for not there; the environment stays as it was.

    pandera looks for it: an import of half a second for every command, a warning about pandas 3, and, worse,
    SPARK_LOCAL_IP=127.0.0.1, with which the workers of a cluster do not find the driver.
    """
    environment, absent = dict(os.environ), {"pyspark", "pyspark.pandas"} - set(sys.modules)
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None is Python's way to say: not there
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
        for name in set(os.environ) - set(environment):
            del os.environ[name]
