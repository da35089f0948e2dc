"""The words of a key, and which of them are function words."""

from __future__ import annotations

__all__ = ["FUNCTION_WORDS", "MOST_WORDS", "words_of"]

MOST_WORDS = 200_000  # words of a text that are compared; a page has thousands, more is a dump in one line

_FUNCTION_WORDS = """
a an the of to in on for is are was were be been being do does did i you my your me it its this that these those and or
but with can could will would should may might must have has had how what why when where who which if as at by from any
some there we our they their he she his her them us so than then into about not no up out just
"""
# Words without content of their own, as they occur in a key: a bigram of two of them is no blocking key.
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())


def words_of(key: str) -> list[str]:
    """The words of a key, the first 200,000 of them.

    >>> words_of("why get a second opinion")
    ['why', 'get', 'a', 'second', 'opinion']
    """
    return key.split(maxsplit=MOST_WORDS)[:MOST_WORDS]
