"""English words: which exist, and what they are inflected from. The table is the one that `lemminflect` ships.

It lists 70,000 forms of the SPECIALIST Lexicon, general and medical. It is read here without importing the package,
which loads neural networks for words that are not in it (0.5 s; the table alone takes 0.1 s).
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

__all__ = ["is_known", "lemmas"]


def lemmas(word: str) -> Mapping[str, tuple[str, ...]]:
    """What a word may be inflected from, by part of speech (noun, verb, adj, adv, aux); empty if it is not known.

    >>> lemmas("leaves")
    {'noun': ('leave', 'leaf'), 'verb': ('leave',)}
    """
    return {kind: tuple(bases.split("/")) for kind, bases in (entry.split(",", 1) for entry in _table().get(word, ()))}


def is_known(word: str) -> bool:
    """Whether this is an English word, in lower case; no names are.

    >>> is_known("received"), is_known("recieved")
    (True, False)
    """
    return word in _table()


@cache
def _table() -> dict[str, list[str]]:
    """The lines of the table, `kind,base/base`, by word."""
    found = find_spec("lemminflect")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("lemminflect is not installed: its table of English words is needed to compare texts")
    table: dict[str, list[str]] = {}
    with gzip.open(Path(found.origin).parent / "resources" / "lemma_lu.csv.gz", "rt", encoding="utf8") as lines:
        for line in lines:
            word, entry = line.rstrip("\n").split(",", 1)
            table.setdefault(word, []).append(entry)
    return table
