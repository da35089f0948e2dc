"""Digests of the rules that the published tables were built with, so that a run notices when the rules change."""

from __future__ import annotations

import hashlib
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
    for path in _rules():
        if _TAGGING not in path.parents:
            _add(digest, path)
    return digest.hexdigest()


@cache
def tagging_digest(taxonomy_version: str) -> str:
    """A digest of the taxonomy and of the code that applies it. When it differs, all rows are tagged again."""
    digest = hashlib.sha256(taxonomy_version.encode())
    for path in _rules():
        if _TAGGING in path.parents and path.suffix == ".py":
            _add(digest, path)
    return digest.hexdigest()


_ROOT = Path(__file__).parents[1]
_TAGGING = _ROOT / "topics"  # decides the topics of a row, and nothing else


@cache
def _rules() -> list[Path]:
    return sorted(p for p in _ROOT.rglob("*") if p.suffix in (".py", ".sql", ".toml"))


def _add(digest: hashlib._Hash, path: Path) -> None:
    digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
