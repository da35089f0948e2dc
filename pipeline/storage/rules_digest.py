"""Digests of the rules that the published tables were built with, so that a run notices when the rules change."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Hashable
from functools import cache
from pathlib import Path

import duckdb


@cache
def rules_digest(options: Hashable) -> str:
    """A digest of every rule of a run except topics: code, SQL, data, DuckDB's and Unicode's version, and the options.

    When it differs from the published one, everything is built again.
    """
    digest = hashlib.sha256(repr((options, duckdb.__version__, unicodedata.unidata_version)).encode())
    for name in _rules():
        if not name.startswith(_TAGGING):
            _add(digest, name)
    return digest.hexdigest()


@cache
def tagging_digest(taxonomy_version: str) -> str:
    """A digest of the taxonomy and of the code that applies it. When it differs, all rows are tagged again."""
    digest = hashlib.sha256(taxonomy_version.encode())
    for name in _rules():
        if name.startswith(_TAGGING) and name.endswith(".py"):
            _add(digest, name)
    return digest.hexdigest()


_ROOT = Path(__file__).parents[1]
_TAGGING = "topics/"  # decides the topics of a row, and nothing else


@cache
def _rules() -> list[str]:
    """The files of the rules, as paths below `_ROOT` with /; as text: comparing 340 path objects takes 13 ms."""
    paths = (f"{folder}/{name}" for folder, _, names in os.walk(_ROOT) for name in names)
    below = len(str(_ROOT)) + 1
    return sorted(path[below:].replace(os.sep, "/") for path in paths if path.endswith((".py", ".sql", ".toml")))


def _add(digest: hashlib._Hash, name: str) -> None:
    digest.update(name.encode() + b"\0" + _ROOT.joinpath(name).read_bytes() + b"\0")
