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
_ASCII = bytes(code if chr(code).isalnum() or chr(code) == "'" else 32 for code in range(128)).lower() + bytes(128)
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
    questions = {_older_key(text) for text in {question_key, _THOUSANDS.sub(_with_commas, question_key)}}
    older_answer_key = _older_key(answer or "")
    return sorted({content_key(question, older_answer_key) for question in questions} - {key})


def _with_commas(number: re.Match[str]) -> str:
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", number.group())


def _older_key(text: str) -> str:
    if text.isascii():
        plain = text.encode().translate(_ASCII).decode()
    else:
        plain = "".join(map(_plain, normalize("NFKC", text.translate(_TYPOGRAPHIC)).casefold()))
    return " ".join((_OUTER_APOSTROPHE.sub(" ", plain) if "'" in plain else plain).split())


def _plain(character: str) -> str:
    is_of_word = character.isalnum() or character == "'" or unicodedata.category(character)[0] == "M"
    return character if is_of_word else " "
