"""Computes the keys that say when two texts are the same."""

from __future__ import annotations

import re
import string
import unicodedata
from hashlib import blake2b

from pipeline.text.characters import normalize

_SPACED = string.punctuation.replace("'", "") + "\t\n\v\f\r\x1c\x1d\x1e\x1f"
_ASCII_KEY = bytes.maketrans(
    (string.ascii_uppercase + _SPACED).encode(), string.ascii_lowercase.encode() + b" " * len(_SPACED)
)
_OUTER_APOSTROPHE = re.compile(r"'(?:(?<!\w')|(?!\w))")
_TYPOGRAPHIC = {"‘": "'", "’": "'", "‛": "'", "ʼ": "'", "“": " ", "”": " ", "–": " ", "—": " ", "…": " ", "•": " "}


def question_key(text: str) -> str:
    """What equal questions have in common: letters, digits and inner apostrophes, case folded, in single spaces.

    >>> question_key("How to Get  a Doctor’s “opinion”?")
    "how to get a doctor's opinion"
    """
    if not text.isascii():
        for mark, plain in _TYPOGRAPHIC.items():
            text = text.replace(mark, plain)
    if text.isascii():
        key = text.encode().translate(_ASCII_KEY).decode()  # bytes: a quarter of the time of str.translate and lower
    else:
        key = "".join(map(_plain, normalize("NFKC", text).casefold()))
    if "'" in key:
        key = _OUTER_APOSTROPHE.sub(" ", key)
    while (shorter := key.replace("  ", " ")) != key:  # two thirds of the time of splitting
        key = shorter
    return key.strip()


def _plain(character: str) -> str:
    """The character if it is a letter, a digit, a mark on one or an apostrophe, else a space."""
    is_of_word = character.isalnum() or character == "'" or unicodedata.category(character)[0] == "M"
    return character if is_of_word else " "


def answer_key(text: str) -> str:
    """As `question_key`, for a cleaned answer; the ellipsis of a cut text is no part of it.

    >>> answer_key("Ask for a copy …") == answer_key("ask for a copy")
    True
    """
    return question_key(text)


def content_key(question_key: str, answer_key: str | None) -> str:
    """The digest that identifies a question with its answer; "" or None for an orphan's question or a missing answer.

    >>> content_key("why get a second opinion", None) == content_key("why get a second opinion", "")
    True
    """
    text = f"{question_key}\n{answer_key or ''}"
    return blake2b(text.encode("utf8", "surrogatepass"), digest_size=16).hexdigest()
