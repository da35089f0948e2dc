"""Computes the keys that say when two texts are the same, word for word.

They keep what makes a number another number (the point between its digits, its sign, its currency and "%"), and read
signs that say something as words: "HER2+" is not "HER2-", "≤ 5" not "≥ 5", "C++" not "C#".
"""

from __future__ import annotations

import re
import string
import unicodedata
from hashlib import blake2b

from pipeline.text.characters import normalize

_CURRENCY = "$€£¥¢₹₩₽₪฿"
_TYPOGRAPHIC = {
    "‘": "'", "’": "'", "‛": "'", "ʼ": "'", "“": " ", "”": " ", "–": "-", "—": " ", "…": " ", "•": " ", "−": "-",
}  # fmt: skip


def _ascii_table(kept: str) -> bytes:
    """What turns ASCII to small letters, digits, the marks kept, and spaces."""
    spaced = "".join(sorted(set(string.punctuation) - set(kept))) + "\t\n\v\f\r\x1c\x1d\x1e\x1f"
    return bytes.maketrans(
        (string.ascii_uppercase + spaced).encode(), string.ascii_lowercase.encode() + b" " * len(spaced)
    )


_MARKS = "'.,%$-"  # what a number may need, in ASCII
_OF_WORDS, _OF_NUMBERS = _ascii_table("'"), _ascii_table(_MARKS)
_DIGIT = re.compile(r"\d")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_BEFORE_SIGN, _AFTER_SIGN = re.compile(r"(?<=\d) +(?=%|€(?! *\d))"), re.compile(rf"(?<=[{_CURRENCY}])(?<!\d.) +(?=\d)")
_OF_NO_NUMBER = re.compile(  # one of the marks, first, so that the text is searched for these alone
    rf"[.,%{_CURRENCY}-](?:(?<=,)"
    r"|(?<=\.)(?:(?<!\d.)|(?!\d))"  # a point between digits
    rf"|(?<=-)(?:(?<=\S.)|(?!\d|[{_CURRENCY}]\d))"  # a minus opens a word
    r"|(?<=%)(?<!\d.)"  # "%" follows a number
    rf"|(?<=[{_CURRENCY}])(?<!\d.)(?!\d))"  # and a sign of currency touches one
)
_OUTER_APOSTROPHE = re.compile(r"'(?:(?<!\w')|(?!\w))")
# Signs that say something, and the words they are read as. A raised digit or a fraction behind a digit begins a word.
_SIGNS = {
    r"(?<=\d)(?=[⁰¹²³⁴-⁹¼½¾⅐-⅞])": " ",
    r"[≤⩽]|<=(?= ?\d)": " at most ",
    r"[≥⩾]|>=(?= ?\d)": " at least ",
    r"<(?= ?\d)": " less than ",
    r">(?= ?\d)": " more than ",
    r"±": " plus or minus ",
    r"≠": " not equal to ",
    r"(?<=\w)\+\+(?!\w)": " plus plus ",
    r"(?<=\w)\+(?!\w)": " plus ",
    r"(?<=\b[A-Za-z])#(?!\w)": " sharp ",
    r"\b[A-Z][A-Zh]?[A-Z\d]{0,5}[-−](?![\w-])(?! ?\d)": " minus ",  # HER2-, Rh-; not "pre-" and "A-level"
}
_SIGN = re.compile("|".join(f"({sign})" for sign in _SIGNS))
_WORDS_OF_SIGNS = list(_SIGNS.values())
SIGN_WORDS = [words.strip() for words in _SIGNS.values() if words.strip()]
_MAY_HAVE_SIGN = re.compile(r"[-−+<>#≤⩽≥⩾±≠⁰¹²³⁴-⁹¼½¾⅐-⅞](?:(?<![-−])|(?<=[A-Zh\d].)(?!\w))")  # marks first
_SIGNS_IN_ASCII = "-+<>#"


def read_signs(text: str) -> str:
    """The text with the signs that say something as words.

    >>> " ".join(read_signs("Is HER2- or HER2+ for 18+, or ≤5?").split())
    'Is HER2 minus or HER2 plus for 18 plus , or at most 5?'
    """
    if text.isascii() and not any(map(text.__contains__, _SIGNS_IN_ASCII)):
        return text
    return _SIGN.sub(_in_words, text) if _MAY_HAVE_SIGN.search(text) else text


def has_digit(text: str) -> bool:
    """Whether a text has a digit of any script."""
    if text.isascii():  # in half the time of a search for one
        return len(text.encode().translate(None, b"0123456789")) < len(text)
    return _DIGIT.search(text) is not None


def _in_words(sign: re.Match[str]) -> str:
    return sign.group().rstrip("-−+<>=#≤⩽≥⩾±≠") + _WORDS_OF_SIGNS[(sign.lastindex or 0) - 1]


def question_key(text: str) -> str:
    """What two texts share when they are the same question: letters, digits, inner apostrophes, and signs of numbers.

    The signs are the point between digits, "%", a sign of currency and a minus; the commas of thousands go. Case is
    folded, all else is a space. The key of a key is the key itself.

    >>> question_key("How to Get  a Doctor’s “opinion”?")
    "how to get a doctor's opinion"
    >>> question_key("Is $1,500 (or 5.5 %) due?"), question_key("Is it -5, or 5-10?")
    ('is $1500 or 5.5% due', 'is it -5 or 5 10')
    >>> question_key("Is it HER2+, or ≤ 5?"), question_key("HER2-: what now?"), question_key("👍!")
    ('is it her2 plus or at most 5', 'her2 minus what now', '👍')
    """
    return key_without_signs(read_signs(text))


def key_without_signs(text: str) -> str:
    """The key of a text in which no sign is read as a word; that was the key until 29 November 2026."""
    if not text.isascii():
        for mark, plain in _TYPOGRAPHIC.items():  # a twentieth of the time of str.translate
            text = text.replace(mark, plain)
    has_number = has_digit(text)
    if text.isascii():
        key = text.encode().translate(_OF_NUMBERS if has_number else _OF_WORDS).decode()
    else:
        normal = normalize("NFKC", normalize("NFKC", text).casefold())
        key = normal.translate(_PLAIN_OF_NUMBERS if has_number else _PLAIN_OF_WORDS)
    if "'" in key:
        key = _OUTER_APOSTROPHE.sub(" ", key)
    if has_number:
        if "," in key:  # these characters are found in a tenth of the time of the patterns
            key = _THOUSANDS.sub("", key)
        if " %" in key or " €" in key:
            key = _BEFORE_SIGN.sub("", key)
        if "$" in key or not key.isascii():
            key = _AFTER_SIGN.sub("", key)
        key = _OF_NO_NUMBER.sub(" ", key)
    while (shorter := key.replace("  ", " ")) != key:
        key = shorter
    key = key.strip()
    return key if any(map(str.isalnum, key)) else _symbols(text) or key


def _symbols(text: str) -> str:
    """The symbols of a text without a letter or a digit ("✓", "✗", "👍"); no marks of punctuation."""
    return "".join(character for character in text if unicodedata.category(character) == "So")


class _Plain(dict[int, int]):
    """What turns text to letters, digits, the marks kept, and spaces; a character is classified once."""

    def __init__(self, kept: str) -> None:
        self.update((ord(character), ord(character)) for character in kept)
        self.update((ord(mark), self[ord(plain)]) for mark, plain in _TYPOGRAPHIC.items())

    def __missing__(self, code: int) -> int:
        character = chr(code)
        plain = code if character.isalnum() or unicodedata.category(character)[0] == "M" else ord(" ")
        if len(self) < _CHARACTERS_REMEMBERED:
            self[code] = plain
        return plain


_CHARACTERS_REMEMBERED = 20_000  # more than texts of one language have; 2 MB
_PLAIN_OF_WORDS, _PLAIN_OF_NUMBERS = _Plain("'"), _Plain(f"{_MARKS}{_CURRENCY}")


def answer_key(text: str) -> str:
    """The same for a cleaned answer; the ellipsis of a cut text leaves no trace.

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
