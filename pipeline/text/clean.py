"""Text to text: small repairs, applied in one listed order, and the keys that say when two texts are the same.

Nothing here adds, drops or changes a word: the letters and digits of a cleaned text are those of the mended raw one,
but for list bullets, question and answer markers, and the phrase "More items...•" that search pages put under a list
they cut short.
"""

from __future__ import annotations

import html
import re
import string
import unicodedata
from itertools import pairwise
from typing import Literal, NamedTuple

from pipeline.text.unglue import MAY_BE_GLUE, MAY_OPEN_GLUE, break_before_numbers, may_be_glued, separate

# ---------------------------------------------------------------- repairs of single characters

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# UTF-8 read as Windows-1252: a lead byte (Ã, Â, â, ...) before the looks of a continuation byte; or a bare C1 control.
_MOJIBAKE = re.compile(
    "[\u00c2-\u00c6\u00ce-\u00d1\u00e2-\u00ef\u0080-\u009f](?:(?<=[\u0080-\u009f])"
    "|[\u0080-\u00bf\u0152-\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122 ])"
)
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]+")  # soft hyphen, zero-width space, word joiner, byte order mark
_MAYBE_BROKEN = re.compile("[\u0080-\u009f\u00ad\u00c2-\u00c6\u00ce-\u00d1\u00e2-\u00ef\u200b\u2060\ufeff]")
# Composing sorts each run of combining marks in quadratic time; no script stacks more than a handful of them.
_MARK_RUN = re.compile(r"([^\w\s\x00-\x7f]{31,})")


def mend(text: str) -> str:
    """The text as its author typed it: entities decoded, mojibake undone, accents composed, invisible characters gone.

    Quotes, dashes and everything else a reader sees stay as they are.

    >>> mend("You can&#8217;t")
    'You can’t'
    >>> mend("donâ€™t")
    'don’t'
    >>> mend("SÃO PAULO, naïve “quotes”")
    'SÃO PAULO, naïve “quotes”'
    """
    if "&" in text:
        text = _ENTITY.sub(_decode_entity, text)
    if text.isascii():
        return text
    if _MAYBE_BROKEN.search(text):  # one look for what the two repairs need; curly quotes and dashes need none
        if _MOJIBAKE.search(text):
            from ftfy import fix_encoding  # a tenth of a second to import, and most documents never need it

            text = fix_encoding(text)
        text = _INVISIBLE.sub("", text)
    return text if unicodedata.is_normalized("NFC", text) else _normalize("NFC", text)


def _decode_entity(match: re.Match[str]) -> str:
    decoded = html.unescape(match[0])
    return " " if decoded.isspace() else decoded


def _normalize(form: Literal["NFC", "NFKC"], text: str) -> str:
    return "".join(
        part if index % 2 else unicodedata.normalize(form, part) for index, part in enumerate(_MARK_RUN.split(text))
    )


# ---------------------------------------------------------------- markers and bullets

BULLET = re.compile(r"(?:[-*+–—−·‣◦▪▫●○■□►▸▶▹➢➤➔✓✔→»>]+\s|[•●▪■‣])\s*")
_ANSWER_MARKER = re.compile(
    r"(?:\*\*|__)?(?:A\d{0,4}|Ans(?:wer)?\.?\s?\d{0,4})\s?[:.)](?:\s?(?:\*\*|__))?(?=\s|$)\s*", re.IGNORECASE
)
_QUESTION_MARKER = re.compile(
    r"(?:#{1,6}\s*|\*\*|__|[-*•–·▸▶►▼+−»]\s+|Q\d{0,4}\s?[:.)]+\s*|Question\s?\d{0,4}\s?[:.)]\s*|\d{1,4}[.)]\s+)+",
    re.IGNORECASE,
)
# Emphasis, and the signs that open a folded answer: "**", "##", "[+]", "▼".
_CLOSING_MARKER = re.compile(
    r"(?<=\?)(?:[”\"’)]?(?:\s?[^\w\s”\"’)?.!…]|\s?[\[(][+×–-][\])]){1,6})$"
    r"|\s?(?:\*\*|__|#{1,6}|\s[+▼▾⌄▸›»])$"
)
_MORE_ITEMS = re.compile(r"More\s+items\s?(?:\.\.\.|…)\s?•?", re.IGNORECASE)


def clean_question(raw: str, marker: int | None = None) -> str:
    """The question without its marker, in single spaces; no "?" is added and case is kept.

    `marker`: how many characters of the mended text are the marker; None finds the usual ones.

    >>> clean_question("## 3.  What is  asthma?")
    'What is asthma?'
    >>> clean_question("**Q: How to get help**")
    'How to get help'
    """
    text = mend(raw).strip()
    if marker is None:
        found = _QUESTION_MARKER.match(text)
        marker = found.end() if found and found.end() < len(text) else 0
    text = _in_single_spaces(text[marker:])
    return text if text[-1:] == "?" or text[-1:].isalnum() else _CLOSING_MARKER.sub("", text)


def _in_single_spaces(text: str) -> str:
    is_tidy = text.isprintable() and "  " not in text and " " not in (text[:1], text[-1:])
    return text if is_tidy else " ".join(text.split())


# ---------------------------------------------------------------- answers


class Cleaned(NamedTuple):
    """A cleaned answer, and what the raw text showed on the way."""

    text: str
    is_bulleted: bool
    is_numbered_inline: bool
    is_glued: bool
    truncation_kinds: tuple[str, ...]


_STRAY_STOP = re.compile(r"[.,;:!?](?<= .)")
# A stray stop, what may be glue, or a control character, in one pass: three took more than twice the time.
_UNTIDY = re.compile(rf"[{MAY_OPEN_GLUE},;!\x00-\x1f\x7f](?:(?<= [.,;:!?])|(?<=[\x00-\x1f\x7f])|{MAY_BE_GLUE})")
_SPACES_BEFORE_STOPS = re.compile(r" ([.,;:!?]+)(?!\w)")


def clean_answer(raw: str, marker: int | None = None, question: str = "") -> Cleaned:
    r"""The answer as a reader would write it down, one list item per line, and what the raw text showed.

    `marker`: how many characters of the mended text are the answer marker; None finds the usual ones ("A:",
    "Answer:"). `question`: its words help to tell a glued title ("Valley FeverOther people") from a name.

    >>> clean_answer("A: See your doctor.Your doctor may refer you .").text
    'See your doctor. Your doctor may refer you.'
    >>> clean_answer("- Gender. ...\n- Race. ...\n- Age").text
    'Gender. …\nRace. …\nAge'
    >>> clean_answer("They include: 1 Family 2 Friends").text
    'They include:\n1 Family\n2 Friends'
    >>> clean_answer("Facts about asthmaAsk your doctor.Take notes.More items...•").text
    'Facts about asthma\nAsk your doctor.\nTake notes.'
    """
    text = mend(raw).strip()
    if marker is None and text[:1] in "Aa*_":
        found = _ANSWER_MARKER.match(text)
        marker = found.end() if found else 0
    text = text[marker or 0 :]
    kinds = truncation_kinds(text)
    if "more_items" in kinds:
        text = _MORE_ITEMS.sub("", text)
    if not kinds and _is_tidy(text):
        return Cleaned(text, False, False, False, kinds)
    lines: list[str] = []
    is_bulleted = is_numbered = is_glued = False
    is_list = "more_items" in kinds
    may_separate = is_list or may_be_glued(text)  # once for all lines: what is mended below makes no boundary
    for line in _unwrapped(text) if "\n" in text else (text,):
        tidy = _in_single_spaces(line).replace("...", "…")
        bullet = BULLET.match(tidy)
        if bullet:
            is_bulleted, tidy = True, tidy[bullet.end() :]
        if _STRAY_STOP.search(tidy):
            tidy = _SPACES_BEFORE_STOPS.sub(r"\1", tidy)
        if may_separate:
            tidy, has_glue = separate(tidy, is_list, question)
            is_glued |= has_glue
        if "1" in tidy and "2" in tidy:  # most lines hold no two list numbers
            numbered = "\n".join(map(break_before_numbers, tidy.split("\n")))
            is_numbered |= numbered != tidy
            tidy = numbered
        if tidy:
            lines += filter(None, tidy.split("\n")) if "\n" in tidy else (tidy,)
    return Cleaned("\n".join(lines), is_bulleted, is_numbered, is_glued, kinds)


def _is_tidy(text: str) -> bool:
    """Whether no repair has anything to do: one line of single spaces, no bullet, list number, glue or stray space."""
    return (
        text[:1].isalnum()
        and not ("2" in text and "1" in text)
        and "  " not in text
        and _UNTIDY.search(text) is None
        and (text.isascii() or text.isprintable())  # the pattern has seen what ASCII cannot print
    )


def _unwrapped(text: str) -> list[str]:
    """The lines of a text, or its paragraphs and list items when prose runs on over its line ends."""
    lines = [line.strip() for line in text.split("\n")]
    runs_on = sum(line[:1].islower() for line in lines[1:])
    width = max(map(len, lines))
    if width > 120 or 3 * runs_on < len(lines) - 1 or not runs_on:
        return lines
    paragraphs: list[list[str]] = [lines[:1]]
    for before, line in pairwise(lines):
        if line and before and len(before) > 0.5 * width and not BULLET.match(line):
            is_cut = before[-1] == "-" and before[-2:-1].isalpha() and line[0].isalpha()
            paragraphs[-1] += [line] if is_cut else [" ", line]
        else:
            paragraphs.append([line])
    return ["".join(paragraph) for paragraph in paragraphs]


# ---------------------------------------------------------------- what was taken away


def removable(raw: str) -> tuple[str, list[str]]:
    """The mended text without "More items...", and the openings that cleaning may have taken for its marker.

    >>> removable("Q3: What is it?More items...•")
    ('Q3: What is it?', ['', 'Q3: '])
    """
    text = _MORE_ITEMS.sub("", mend(raw).strip())
    found = (_QUESTION_MARKER.match(text), _ANSWER_MARKER.match(text))
    return text, ["", *dict.fromkeys(match[0] for match in found if match)]


# ---------------------------------------------------------------- truncation


def truncation_kinds(text: str) -> tuple[str, ...]:
    """How a mended answer shows that it was cut, in alphabetical order; empty when it does not.

    `trailing_ellipsis` `internal_ellipsis` `more_items` `trailing_colon` `mid_word`, as in the annotation guidelines.

    >>> truncation_kinds("He or she may b...")
    ('mid_word', 'trailing_ellipsis')
    >>> truncation_kinds("- Gender. ...\\n- These include:")
    ('internal_ellipsis', 'trailing_colon')
    """
    end = text.rstrip()
    if "..." not in end and "…" not in end:
        return ("trailing_colon",) if end.endswith(":") else ()
    kinds = []
    if "ore" in end and _MORE_ITEMS.search(end):
        kinds.append("more_items")
        end = _MORE_ITEMS.sub("", end).rstrip()
    if end.endswith(("...", "…")):
        kinds.append("trailing_ellipsis")
        if end[-4:-3].isalnum() and end.endswith("..."):  # "…" is glued to whole words too where quotes are smart
            kinds.append("mid_word")
        end = end.removesuffix("…").removesuffix("...")
    if "..." in end or "…" in end:
        kinds.append("internal_ellipsis")
    if end.endswith(":"):
        kinds.append("trailing_colon")
    return tuple(sorted(kinds))


# ---------------------------------------------------------------- keys

_SPACED = string.punctuation.replace("'", "") + "\t\n\v\f\r\x1c\x1d\x1e\x1f"
_ASCII_KEY = bytes.maketrans(
    (string.ascii_uppercase + _SPACED).encode(), string.ascii_lowercase.encode() + b" " * len(_SPACED)
)
_OUTER_APOSTROPHE = re.compile(r"'(?:(?<!\w')|(?!\w))")
_TYPOGRAPHIC = {"‘": "'", "’": "'", "‛": "'", "ʼ": "'", "“": " ", "”": " ", "–": " ", "—": " ", "…": " ", "•": " "}


def question_key(text: str) -> str:
    """What two texts share when they are the same question: letters, digits and inner apostrophes, case folded.

    >>> question_key("How to Get  a Doctor’s “opinion”?")
    "how to get a doctor's opinion"
    """
    if not text.isascii():
        for mark, plain in _TYPOGRAPHIC.items():
            text = text.replace(mark, plain)
    if text.isascii():
        key = text.encode().translate(_ASCII_KEY).decode()  # bytes: a quarter of the time of str.translate and lower
    else:
        key = "".join(map(_plain, _normalize("NFKC", text).casefold()))
    if "'" in key:
        key = _OUTER_APOSTROPHE.sub(" ", key)
    while (shorter := key.replace("  ", " ")) != key:  # two thirds of the time of splitting; halves a run at each turn
        key = shorter
    return key.strip()


def _plain(character: str) -> str:
    """A character of a key: letters, digits, the marks on them and apostrophes stay, all else is a space."""
    is_kept = character.isalnum() or character == "'" or unicodedata.category(character)[0] == "M"
    return character if is_kept else " "


def answer_key(text: str) -> str:
    """The same for a cleaned answer; the ellipsis of a cut text leaves no trace.

    >>> answer_key("Ask for a copy …") == answer_key("ask for a copy")
    True
    """
    return question_key(text)
