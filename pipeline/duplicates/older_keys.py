"""Computes the keys that contents had before, so that older decisions still find them.

At first a key held letters, digits and inner apostrophes alone: "$1,500" was "1 500", "5.5 %" was "5 5". From November
2026 keys kept the signs of numbers; since 30 November 2026 they read other signs as words ("HER2+" is "her2 plus").
"""

from __future__ import annotations

import re
import unicodedata

from pipeline.text.characters import normalize
from pipeline.text.keys import SIGN_WORDS, content_key, has_digit, key_without_signs, read_signs

__all__ = ["older_content_keys"]

_TYPOGRAPHIC = str.maketrans(
    {"‘": "'", "’": "'", "‛": "'", "ʼ": "'", "“": " ", "”": " ", "–": " ", "—": " ", "…": " ", "•": " "}
)
_ASCII = bytes(code if chr(code).isalnum() or chr(code) == "'" else 32 for code in range(128)).lower() + bytes(128)
_OUTER_APOSTROPHE = re.compile(r"'(?:(?<!\w')|(?!\w))")
_SIGN_WORDS = re.compile(rf"\b(?:{'|'.join(SIGN_WORDS)})\b")
_THOUSANDS = re.compile(r"(?<![\d.])\d{4,}")


def older_content_keys(question_key: str, answer: str | None, key: str) -> list[str]:
    """The keys by which an older decision may name a content, but for the one it has now (`key`); mostly none.

    A question is given by its key, which has lost the commas of thousands and the signs that are words now: it may have
    had them, or not.

    >>> content_key("is 1 500 due", "yes 5 5") in older_content_keys("is $1500 due", "Yes, 5.5 %.", "")
    True
    >>> content_key("is her2 treated", "yes") in older_content_keys("is her2 plus treated", "Yes.", "")
    True
    >>> older_content_keys("what is due", "Nothing.", content_key("what is due", "nothing"))
    []
    """
    answer = answer or ""
    questions = {question_key, " ".join(_SIGN_WORDS.sub(" ", question_key).split())}
    has_sign = len(questions) > 1 or read_signs(answer) != answer
    if not (has_sign or has_digit(question_key) or has_digit(answer)):
        return []
    names = {content_key(question, key_without_signs(answer)) for question in questions} if has_sign else set()
    first_answer = _first_key(answer)
    for question in questions:
        names.update(
            content_key(_first_key(text), first_answer) for text in {question, _THOUSANDS.sub(_with_commas, question)}
        )
    return sorted(names - {key})


def _with_commas(number: re.Match[str]) -> str:
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", number.group())


def _first_key(text: str) -> str:
    if text.isascii():
        plain = text.encode().translate(_ASCII).decode()
    else:
        plain = normalize("NFKC", text.translate(_TYPOGRAPHIC)).casefold().translate(_plain_characters)
    return " ".join((_OUTER_APOSTROPHE.sub(" ", plain) if "'" in plain else plain).split())


class _PlainCharacters(dict[int, str]):
    """Each character of a word as it is, and a space for any other one."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        is_of_word = character.isalnum() or character == "'" or unicodedata.category(character)[0] == "M"
        self[code] = character if is_of_word else " "
        return self[code]


_plain_characters = _PlainCharacters()
