"""English words: which exist, and what they are inflected from. The table is the one that `lemminflect` ships.

It lists 70,000 forms of the SPECIALIST Lexicon, general and medical. It is read here without importing the package,
which loads neural networks for words that are not in it (0.5 s; the table alone takes 0.03 s).
"""

from __future__ import annotations

import gzip
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

__all__ = ["is_known", "lemmas"]


def lemmas(word: str) -> Mapping[str, tuple[str, ...]]:
    """What a word may be inflected from, by part of speech (noun, verb, adj, adv, aux); empty if it is not known.

    >>> lemmas("leaves")
    {'noun': ('leave', 'leaf'), 'verb': ('leave',)}
    """
    return {kind: tuple(bases.split("/")) for kind, bases in (entry.split(",", 1) for entry in _entries(word))}


def is_known(word: str) -> bool:
    """Whether this is an English word, in lower case; no names are.

    >>> is_known("received"), is_known("recieved")
    (True, False)
    """
    return next(_entries(word), None) is not None


def _entries(word: str) -> Iterator[str]:
    """The entries of a word, `kind,base/base`."""
    lines, beginning = _lines(), f"{word},"
    for number in range(bisect_left(lines, beginning), len(lines) if "," not in word else 0):
        if not lines[number].startswith(beginning):
            break
        yield lines[number].removeprefix(beginning)


@cache
def _lines() -> Sequence[str]:
    """The lines of the table, `word,kind,base/base`, sorted: a search in them needs no index, which takes longer."""
    found = find_spec("lemminflect")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("lemminflect is not installed: its table of English words is needed to compare texts")
    packed = (Path(found.origin).parent / "resources" / "lemma_lu.csv.gz").read_bytes()
    return sorted(gzip.decompress(packed).decode("utf8").splitlines())
