"""Reads harmless_edits.toml, the lists of what may differ between two answers that say the same."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["entries", "rules"]


@cache
def rules() -> dict[str, Any]:
    """All of harmless_edits.toml."""
    return tomllib.loads(files("pipeline.duplicates").joinpath("harmless_edits.toml").read_text(encoding="utf8"))


def entries(block: str) -> dict[str, str]:
    """The lines of a block, `short: full`, as a table.

    >>> entries("can't: can not")
    {"can't": 'can not'}
    """
    pairs = (line.split(":", 1) for line in block.strip().splitlines())
    return {short.strip(): full.strip() for short, full in pairs}
