"""Reads the word lists of duplicates.toml, and stems words."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["function_words", "settings", "stem", "words_of"]

MOST_WORDS = 200_000  # words of a text that are compared; a page has thousands, more is a dump in one line


@cache
def settings() -> dict[str, Any]:
    """All of duplicates.toml."""
    return tomllib.loads(files("pipeline.duplicates").joinpath("duplicates.toml").read_text(encoding="utf8"))


def words_of(key: str) -> list[str]:
    """The words of a key, the first 200,000 of them.

    >>> words_of("why get a second opinion")
    ['why', 'get', 'a', 'second', 'opinion']
    """
    return key.split(maxsplit=MOST_WORDS)[:MOST_WORDS]


@cache
def function_words() -> frozenset[str]:
    """Function words, as they occur in a key."""
    return frozenset(settings()["words"]["function"].split())


def stem(word: str) -> str:
    """The word without its grammatical ending, roughly.

    >>> [stem(word) for word in ["getting", "opinions", "diagnosed", "diagnosis", "families", "cancer", "this"]]
    ['get', 'opinion', 'diagnos', 'diagnosis', 'family', 'cancer', 'this']
    """
    if len(word) <= 3:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        base = word[: -len(ending)]
        if word.endswith(ending) and len(base) >= 3 and any(vowel in base for vowel in "aeiouy"):
            is_doubled = base[-1] == base[-2] and base[-1] not in "lsz"
            return base[:-1] if is_doubled else base
    return word.removesuffix("e") if len(word) > 4 else word
