"""Hides pandas from imports, for libraries that look for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class _Finder:
    """Finds no pandas until `frames`, the only module of a run that needs it, is imported."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "pandas" and "pipeline.storage.frames" not in sys.modules:
            raise ModuleNotFoundError("pandas is hidden", name=name)


@contextmanager
def pandas_unseen() -> Iterator[None]:
    """A block in which pandas cannot be imported before `frames` is.

    pyarrow imports it for the first list that becomes an array: .2 s of processor time and 30 MB in each process. Only
    for a command of ours: from then on, pyarrow takes a series for a list, until it makes a frame.
    """
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
