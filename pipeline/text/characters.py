"""Restores the characters of a text: entities, wrongly decoded UTF-8, accents, invisible ones, lone surrogates."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Literal

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# UTF-8 read as Windows-1252: a lead byte (Ã, Â, â, ...) before a character that a continuation byte becomes; or a bare
# C1 control.
_LEAD_BYTES, _C1_CONTROLS = "\u00c2-\u00c6\u00ce-\u00d1\u00e2-\u00ef", "\u0080-\u009f"
_MOJIBAKE = re.compile(
    f"[{_LEAD_BYTES}{_C1_CONTROLS}](?:(?<=[{_C1_CONTROLS}])"
    "|[\u0080-\u00bf\u0152-\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122 ])"
)
# Soft hyphen, zero-width space, word joiner, byte order mark, marks of the direction of writing.
_INVISIBLE = "\u00ad\u200b\u2060\ufeff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE_RUN = re.compile(f"[{_INVISIBLE}]+")
_MAYBE_BROKEN = re.compile(f"[{_LEAD_BYTES}{_C1_CONTROLS}{_INVISIBLE}]")
# Composing sorts each run of combining marks in quadratic time; no script stacks more than a handful of them.
_MARK_RUN = re.compile(r"([^\w\s\x00-\x7f]{31,})")


def restore_characters(text: str) -> str:
    """The text as its author typed it: entities decoded, mojibake undone, accents composed, no invisible characters.

    Quotes, dashes and everything else a reader sees do not change.

    >>> restore_characters("You can&#8217;t")
    'You can’t'
    >>> restore_characters("donâ€™t")
    'don’t'
    >>> restore_characters("SÃO PAULO, naïve “quotes”")
    'SÃO PAULO, naïve “quotes”'
    """
    if "&" in text:
        text = _ENTITY.sub(_decode_entity, text)
    if text.isascii():
        return text
    if _MAYBE_BROKEN.search(text):  # one search for what the two repairs need; curly quotes and dashes need none
        if _MOJIBAKE.search(text):
            from ftfy import fix_encoding  # a tenth of a second to import, and most documents never need it

            text = fix_encoding(text)
        text = _INVISIBLE_RUN.sub("", text)
    if unicodedata.is_normalized("NFC", text):
        return text
    return _GREEK_QUESTION.join(normalize("NFC", part) for part in text.split(_GREEK_QUESTION))


_GREEK_QUESTION = "\u037e"  # NFC would make it a semicolon


def _decode_entity(match: re.Match[str]) -> str:
    decoded = html.unescape(match[0])
    return " " if decoded.isspace() else decoded


def normalize(form: Literal["NFC", "NFKC"], text: str) -> str:
    """As `unicodedata.normalize`, in linear time on hostile text: runs of more than 30 marks stay as they are."""
    return "".join(
        part if index % 2 else unicodedata.normalize(form, part) for index, part in enumerate(_MARK_RUN.split(text))
    )


# Punctuation of other scripts, by the ASCII character that means the same.
_PLAIN_MARKS = str.maketrans(
    {
        **dict.fromkeys("？؟՞፧⸮⁇⁈︖﹖", "?"),
        **dict.fromkeys("！﹗", "!"),
        **dict.fromkeys("：﹕", ":"),
        "．": ".",
        "。": ".",
    }
)
_FOREIGN_MARK = re.compile(f"[{''.join(map(chr, _PLAIN_MARKS))}]")  # spares text with curly quotes a slow translation
# What ends a question without a mark of its own: ";" in Greek, "か。" in Japanese, "까." in Korean.
_GREEK_MARK = re.compile('(?<=[\u0370-\u03ff\u1f00-\u1fff»”"])[;\u037e](?=\\s|$)')
_SPOKEN_MARK = re.compile("(?<=か)。(?=\\s|$)|(?<=까)[.。](?=\\s|$)")


def with_plain_marks(text: str) -> str:
    """The text with question marks, colons and stops of other scripts in ASCII; all offsets stay the same.

    >>> with_plain_marks("费用是多少？ كم؟ Τι είναι; 何ですか。")
    '费用是多少? كم? Τι είναι? 何ですか?'
    """
    if text.isascii():
        return text
    if ";" in text or "\u037e" in text:
        text = _GREEK_MARK.sub("?", text)
    if "か" in text or "까" in text:
        text = _SPOKEN_MARK.sub("?", text)
    return text.translate(_PLAIN_MARKS) if _FOREIGN_MARK.search(text) else text


_SURROGATE = re.compile("[\ud800-\udfff]")


def without_surrogates(text: str) -> tuple[str, int]:
    r"""The text with U+FFFD for each lone surrogate (JSON can spell one), which no file can hold; and how many.

    >>> without_surrogates("a cold\ud83d")
    ('a cold�', 1)
    """
    return (text, 0) if text.isascii() else _SURROGATE.subn("\ufffd", text)
