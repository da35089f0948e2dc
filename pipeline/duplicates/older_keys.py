"""Computes the keys that contents had before keys kept the signs of numbers, so that older decisions still find them.

Until November 2026 a key held letters, digits and inner apostrophes alone: "$1,500" was "1 500", "5.5 %" was "5 5".
"""

from __future__ import annotations

import re
import unicodedata

from pipeline.text.characters import normalize
from pipeline.text.keys import content_key

__all__ = ["older_content_keys"]

_TYPOGRAPHIC = str.maketrans(
    {"‘": "'", "’": "'", "‛": "'", "ʼ": "'", "“": " ", "”": " ", "–": " ", "—": " ", "…": " ", "•": " "}
)
_OUTER_APOSTROPHE = re.compile(r"'(?:(?<!\w')|(?!\w))")
_DIGIT = re.compile(r"\d")
_THOUSANDS = re.compile(r"(?<![\d.])\d{4,}")


def older_content_keys(question_key: str, answer: str | None, key: str) -> list[str]:
    """The keys by which an older decision may name a content, but for the one it has now (`key`); mostly none.

    A question is given by its key, which has lost the commas of thousands: it may have had them, or not.

    >>> content_key("is 1 500 due", "yes 5 5") in older_content_keys("is $1500 due", "Yes, 5.5 %.", "")
    True
    >>> older_content_keys("what is due", "Nothing.", content_key("what is due", "nothing"))
    []
    """
    if _DIGIT.search(question_key) is None and (answer is None or _DIGIT.search(answer) is None):
        return []
    questions = {_older_key(question_key), _older_key(_THOUSANDS.sub(_with_commas, question_key))}
    keys = {content_key(question, _older_key(answer or "")) for question in questions}
    return sorted(keys - {key})


def _with_commas(number: re.Match[str]) -> str:
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", number.group())


def _older_key(text: str) -> str:
    folded = normalize("NFKC", text.translate(_TYPOGRAPHIC)).casefold()
    return " ".join(_OUTER_APOSTROPHE.sub(" ", "".join(map(_plain, folded))).split())


def _plain(character: str) -> str:
    is_of_word = character.isalnum() or character == "'" or unicodedata.category(character)[0] == "M"
    return character if is_of_word else " "
