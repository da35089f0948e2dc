"""Decodes bytes to text, and says whether the encoding is certain.

It tries, in this order: a byte order mark, UTF-16 recognised by its zero bytes, strict UTF-8, the encoding that the
page declares, a guess.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from pipeline.text.guess import MULTIBYTE, guess_encoding

# Control characters that no page of text holds (tab, line ends, form feed and escape do occur).
_CONTROL = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])

# A file with more control characters than this share is not text. Measured on the first 64 KB of 26 PNG, JPEG, gzip,
# PDF, parquet, npz, font, ELF and .pyc files: .077 to .757 (one PDF .02); on the source document: 0; a page with a
# stray NUL in each line of 100 characters: .01.
NOT_TEXT = 0.03
_PROBE = 65536

SURELY_UTF8 = 10  # times as many characters of UTF-8 as broken places; by chance text in GBK has up to twice as many

# What makes a line blank: white space of any script, zero-width spaces, byte order marks.
BLANK = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding it was read by, whether that is sure, and the byte spans that were no text in it."""

    text: str
    encoding: str
    is_certain: bool
    undecodable: tuple[tuple[int, int], ...] = ()


def is_not_text(text: str) -> bool:
    """Whether a text holds as many control characters as only binary files do."""
    probe = text[:_PROBE].encode("ascii", "replace")  # as bytes: a fifth of the time of a pattern
    return len(probe) - len(probe.translate(None, _CONTROL)) > NOT_TEXT * len(probe)


# The mark of UTF-32 comes first: it opens with that of UTF-16.
_MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]


def decode(data: bytes, declared: str | None = None, guess: str | None = None) -> Decoded:
    r"""The text of a file. `declared` is the label of the encoding its page, its server or the user names, if any;
    `guess` the encoding of the whole file, where `data` is a line of it.

    Detectors of character sets misjudge short cp1252 text, so the guess is our own (`guess_encoding`). A file in which
    well-formed UTF-8 beyond ASCII outnumbers the broken places is broken UTF-8 (cut off, or spliced), not cp1252.

    >>> decode("naïve".encode()).encoding
    'utf-8'
    >>> decode("naïve".encode("cp1252"))
    Decoded(text='naïve', encoding='cp1252', is_certain=False, undecodable=())
    >>> decode("“naïve”".encode()[:-1]).undecodable
    ((9, 11),)
    >>> decode("что это?".encode("koi8-r"), declared="KOI8-R")
    Decoded(text='что это?', encoding='koi8-r', is_certain=True, undecodable=())
    """
    wide = wide_encoding(data)
    if wide is not None:
        return _wide(data, *wide)
    if data.startswith(codecs.BOM_UTF8):
        return _utf8(data, len(codecs.BOM_UTF8)) or _patched(data, len(codecs.BOM_UTF8))
    named = known_encoding(declared)
    if named and named.startswith("iso2022"):  # in seven bits, so it is valid UTF-8, too
        return _declared(data, named)
    strict = _utf8(data)
    if strict is not None:
        return strict
    if named and named != "utf-8":
        return _declared(data, named)
    if guess and guess != "utf-8":
        return _guessed(data, guess)
    patched = _patched(data)
    well_formed = sum(1 for c in patched.text if c > "\x7f") - len(patched.undecodable)
    if well_formed > SURELY_UTF8 * len(patched.undecodable):
        return patched
    guessed = guess_encoding(data)
    # Text in a Chinese or Japanese encoding holds pairs of bytes that happen to be UTF-8; its guess is whole.
    is_whole = guessed in MULTIBYTE and _declared(data, guessed).is_certain
    if well_formed > len(patched.undecodable) and not is_whole:
        return patched
    return _guessed(data, guessed)


def _guessed(data: bytes, encoding: str) -> Decoded:
    return replace(_declared(data, encoding), is_certain=False)


def _utf8(data: bytes, skip: int = 0) -> Decoded | None:
    try:
        return Decoded(data[skip:].decode("utf-8") if skip else data.decode("utf-8"), "utf-8", True)
    except UnicodeDecodeError:
        return None


# ---------------------------------------------------------------- UTF-16 and UTF-32

# In UTF-16 every other byte of Latin text is zero: .998 on one side and none on the other in the source document, .86
# in a line of French with as many curly quotes as it can hold. Of the first 4 KB of 128 binary files (programs, .pyc,
# images, fonts, archives, databases) none is beyond both cuts; the nearest, a font, has .35 and .05.
_ZEROS = 0.5
_NO_ZEROS = 0.02
_LEAST = 8  # bytes; in fewer, zeros say nothing


def wide_encoding(data: bytes) -> tuple[str, int] | None:
    """The encoding of bytes in UTF-16 or UTF-32, and the length of its mark (0: known by zero bytes); else None."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return None if encoding == "utf-8" else (encoding, len(mark))
    probe = data[: 4096 if len(data) > 4096 else len(data) - len(data) % 2]
    if b"\0" not in probe or len(probe) < _LEAST:
        return None
    half = len(probe) / 2
    even, odd = probe[::2].count(0) / half, probe[1::2].count(0) / half
    if odd > _ZEROS and even < _NO_ZEROS:
        return "utf-16-le", 0
    if even > _ZEROS and odd < _NO_ZEROS:
        return "utf-16-be", 0
    return None


def _wide(data: bytes, encoding: str, mark: int) -> Decoded:
    """Sure when a mark says so and every byte is text."""
    try:
        return Decoded(data[mark:].decode(encoding), encoding, bool(mark))
    except UnicodeDecodeError as err:
        first = (mark + err.start, mark + err.end)
        return Decoded(data[mark:].decode(encoding, "replace"), encoding, False, (first,))


# ---------------------------------------------------------------- broken UTF-8, cp1252

# With `surrogateescape` each byte that is no text becomes one of these, which well-formed UTF-8 never holds.
_ESCAPED = re.compile("[\udc80-\udcff]+")


def _patched(data: bytes, skip: int = 0) -> Decoded:
    """`data` as UTF-8, with one U+FFFD for every run of bytes that is not, and the spans of those runs."""
    escaped = data[skip:].decode("utf-8", "surrogateescape")
    spans: list[tuple[int, int]] = []
    at, done = skip, 0
    for run in _ESCAPED.finditer(escaped):
        at += len(escaped[done : run.start()].encode())
        spans.append((at, at + len(run[0])))
        at, done = at + len(run[0]), run.end()
    return Decoded(_ESCAPED.sub("\ufffd", escaped), "utf-8", False, tuple(spans))


_C1 = {0xDC00 + byte: byte for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def _cp1252(data: bytes) -> str:
    """cp1252 as browsers read it: its five unassigned bytes are the control characters of the same number."""
    return data.decode("cp1252", "surrogateescape").translate(_C1)


# ---------------------------------------------------------------- declared encodings

# What browsers read (https://encoding.spec.whatwg.org), by the names Python gives it; Latin-1 and ASCII are read as
# cp1252, its superset. Python's other codecs are no character sets of pages, and some are slow on purpose.
_CHARSETS = """utf-8 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 cp866 iso8859-2 iso8859-3
    iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r
    koi8-u mac-roman mac-cyrillic gb18030 big5hkscs euc_jp iso2022_jp cp932 cp949"""
_SUPERSET = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932", "euc_kr": "cp949",
}  # fmt: skip


def encoding_names() -> list[str]:
    """Python's names of the encodings that pages are written in."""
    return _CHARSETS.split()


def known_encoding(label: str | None) -> str | None:
    """Python's name for the encoding a page declares; None when it is none that pages are written in.

    >>> known_encoding("ISO-8859-1"), known_encoding("x-made-up"), known_encoding("rot13")
    ('cp1252', None, None)
    """
    try:
        name = codecs.lookup((label or "").strip().lower()).name
    except (LookupError, ValueError, UnicodeError):
        return None
    name = _SUPERSET.get(name, name)
    return name if name in _CHARSETS.split() else None


def _declared(data: bytes, encoding: str) -> Decoded:
    if encoding == "cp1252":
        return Decoded(_cp1252(data), encoding, True)
    try:
        return Decoded(data.decode(encoding), encoding, True)
    except UnicodeDecodeError as err:
        return Decoded(data.decode(encoding, "replace"), encoding, False, ((err.start, err.end),))


_XML = re.compile(rb"\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]{0,300}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_HEAD = 4096  # the standard says 1024; pages with long scripts before the tag exist


def declared_in_markup(data: bytes) -> str | None:
    """The label of the encoding a page names in its XML declaration or a meta tag at its beginning.

    >>> declared_in_markup(b'<!DOCTYPE html><meta charset="windows-1251">')
    'windows-1251'
    """
    head = data[:_HEAD]
    match = _XML.match(head) or _META.search(head)
    return match[1].decode("ascii", "replace") if match else None
