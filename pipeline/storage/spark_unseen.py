"""Hides pyspark from imports, for libraries that look for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def spark_unseen() -> Iterator[None]:
    """A block in which pyspark (in a worker, its pandas) cannot be imported; the environment is restored afterwards.

    pandera imports it: half a second for every command, a warning about pandas 3, and, worse, it sets
    SPARK_LOCAL_IP=127.0.0.1, with which the workers of a cluster do not find the driver.
    """
    environment, absent = dict(os.environ), {"pyspark", "pyspark.pandas"} - set(sys.modules)
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None makes an import fail
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
        for name in set(os.environ) - set(environment):
            del os.environ[name]
