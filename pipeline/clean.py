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
from dataclasses import dataclass

# ---------------------------------------------------------------- repairs of single characters

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# UTF-8 read as Windows-1252: a lead byte (Ã, Â, â, ...) before the looks of a continuation byte; or a bare C1 control.
_MOJIBAKE = re.compile(
    "[\u00c2-\u00c6\u00ce-\u00d1\u00e2-\u00ef]"
    "[\u0080-\u00bf\u0152-\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122 ]|[\u0080-\u009f]"
)
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]+")  # soft hyphen, zero-width space, word joiner, byte order mark
# Composing sorts each run of combining marks in quadratic time; no script stacks more than a handful of them.
_MARK_RUN = re.compile(r"([^\w\s\x00-\x7f]{31,})")


def _decode_entity(match: re.Match[str]) -> str:
    decoded = html.unescape(match[0])
    return " " if decoded.isspace() else decoded


def _normalize(form: str, text: str) -> str:
    return "".join(
        part if index % 2 else unicodedata.normalize(form, part) for index, part in enumerate(_MARK_RUN.split(text))
    )


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
    if _MOJIBAKE.search(text):
        from ftfy import fix_encoding  # a tenth of a second to import, and most documents never need it

        text = fix_encoding(text)
    text = _INVISIBLE.sub("", text)
    return text if unicodedata.is_normalized("NFC", text) else _normalize("NFC", text)


# ---------------------------------------------------------------- markers and bullets

BULLET = re.compile(r"(?:[-*+–—−·‣◦▪▫●○■□►▸▶▹➢➤➔✓✔→»>]+\s|[•●▪■‣])\s*")
ANSWER_MARKER = re.compile(r"(?:\*\*|__)?(?:A\d{0,4}|Ans(?:wer)?\.?\s?\d{0,4})\s?[:.)](?:\s?(?:\*\*|__))?(?=\s|$)\s*", re.IGNORECASE)
QUESTION_MARKER = re.compile(
    r"(?:#{1,6}\s*|\*\*|__|[-*•–·▸▶►▼+−»]\s+|Q\d{0,4}\s?[:.)]+\s*|Question\s?\d{0,4}\s?[:.)]\s*|\d{1,4}[.)]\s+)+",
    re.IGNORECASE,
)
# Emphasis, and the signs that open a folded answer: "**", "##", "[+]", "▼".
_CLOSING_MARKER = re.compile(r"(?<=\?)(?:[”\"’)]?(?:\s?[^\w\s”\"’)?.!…]|\s?[\[(][+x×–-][\])]){1,6})$|\s?(?:\*\*|__|#{1,6}|\s[+▼▾⌄▸›»])$")
_MORE_ITEMS = re.compile(r"More\s+items\s*(?:\.\.\.|…)\s*•?", re.IGNORECASE)


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
        found = QUESTION_MARKER.match(text)
        marker = found.end() if found and found.end() < len(text) else 0
    text = " ".join(text[marker:].split())
    return text if text[-1:].isalnum() else _CLOSING_MARKER.sub("", text)


# ---------------------------------------------------------------- answers


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned answer, and what the raw text showed on the way."""

    text: str
    is_bulleted: bool
    is_numbered_inline: bool
    is_glued: bool
    truncation_kinds: tuple[str, ...]


# Anything the repairs below could act on. Four answers of five hold none of it and are returned as they are.
_UNTIDY = re.compile(r"[^\x20-\x7e]|  |^ | $|[&*]|\.\.\.| [.,;:!?]|[a-z)\]\d.!?:;][\"']?[A-Z]|[a-z]:[a-z]| \(?1[.) ]|^\s*[-+>]|^A(?:ns)?|:$", re.IGNORECASE)


def clean_answer(raw: str, marker: int | None = None, question: str = "") -> Cleaned:
    r"""The answer as a reader would write it down, one list item per line, and what the raw text showed.

    `marker`: how many characters of `raw` are the answer marker; None finds the usual ones ("A:", "Answer:").
    `question`: its words help to tell a glued title ("Valley FeverOther people") from a name ("MedlinePlus").

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
    if marker is None:
        found = ANSWER_MARKER.match(text)
        marker = found.end() if found else 0
    text = text[marker:]
    kinds = truncation_kinds(text)
    if "more_items" in kinds:
        text = _MORE_ITEMS.sub("", text)
    lines: list[str] = []
    is_bulleted = is_numbered = is_glued = False
    for line in _unwrapped(text) if "\n" in text else [text]:
        tidy = " ".join(line.split()).replace("...", "…")
        if not tidy:
            continue
        bullet = BULLET.match(tidy)
        if bullet:
            is_bulleted, tidy = True, tidy[bullet.end() :]
        tidy, glued = _separate(_SPACE_BEFORE_STOP.sub(r"\1", tidy), "more_items" in kinds, question)
        for part in tidy.split("\n"):
            numbered = _break_before_numbers(part)
            is_numbered |= "\n" in numbered or numbered != part
            lines.append(numbered)
        is_glued |= glued
    return Cleaned("\n".join(filter(None, lines)), is_bulleted, is_numbered, is_glued, kinds)


def _unwrapped(text: str) -> list[str]:
    """The lines of a text, or its paragraphs and list items when prose runs on over its line ends."""
    lines = [line.strip() for line in text.split("\n")]
    runs_on = sum(line[:1].islower() for line in lines[1:])
    width = max(map(len, lines))
    if width > 120 or 3 * runs_on < len(lines) - 1 or not runs_on:
        return lines
    joined = lines[:1]
    for before, line in zip(lines, lines[1:], strict=False):
        if line and before and len(before) > 0.5 * width and not BULLET.match(line):
            is_cut = before[-1] == "-" and before[-2:-1].isalpha() and line[0].isalpha()
            joined[-1] += line if is_cut else " " + line
        else:
            joined.append(line)
    return joined


_SPACE_BEFORE_STOP = re.compile(r" ([.,;:!?]+)(?!\w)")


# ---------------------------------------------------------------- glued sentences

_UPPER, _LOWER = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ÿ"
_BOUNDARY = re.compile(
    rf"(?P<letter>(?<=[{_LOWER}])(?=[{_UPPER}]))"  # opinionMake
    rf"|(?P<stop>(?<=[\w)\]%\"”’'])[.!?:;][\"”’)\]]*(?=[“\"‘(\[]?[{_UPPER}]))"  # doctor.Your
    rf"|(?P<lower>(?<=[{_LOWER}]{{2}})(?:[.?:)][\"”’)]*)(?=[{_LOWER}]{{2}}))"  # following:private
    rf"|(?P<bracket>[)\]](?=[{_UPPER}][{_LOWER}]))"  # (EDS)The
    rf"|(?P<tail>(?<=[A-Z\d])(?=[{_UPPER}][{_LOWER}]{{2}}))"  # type 2Genetic, type IVGenetic
)
_LEFT_WORD = re.compile(rf"[{_UPPER}]?[{_LOWER}]*$")
_RIGHT_WORD = re.compile(rf"[“\"‘(\[]?([{_UPPER}]*[{_LOWER}]*)")
_TOKEN_BEFORE = re.compile(r"\S*$")
_TAIL = re.compile(r"[IVX]{1,4}|[A-Z]|\d{1,4}[A-Z]?(?:/\d[A-Z])?")
_ADDRESS = re.compile(r"https?:|www\.|mailto:|@|\.(?:com|org|net|gov|edu|info|io)\b", re.IGNORECASE)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Words that open a sentence far more often than they end a name.
_STARTERS = _set(
    """The This These Those There They Their That You Your Ask What When How Why Who Where Which Most Many Some Other
    Others All And But For With Not Are Can Does Did Should Will Has Have Each Its Our Any Both Every Although Because
    While However After Before During Usually"""
)
_SHORT_STARTERS = _set("It In If Is He We My No An As At Be By Do Go On Or So To Up Us A I")
_SHORT_ENDS = _set("it us up me so in on to be do as of is at by")
# After these no sentence can end: "theUnited" lacks a space, but is no glued sentence.
_NO_ENDS = _set("a an the of in to and or by for with from as at on is are be this that these those its their your")
_NAME_PREFIXES = _set(
    "mc mac de du di da la le lo van von der den del della dos fitz san st el al ben bin bio anti pro non micro"
)
_NAMES = _set(
    """MedlinePlus GeneReviews GeneTests KidsHealth PubMed YouTube WebMD OrthoInfo JavaScript PowerPoint LinkedIn
    WhatsApp PayPal MyChart FaceBook HealthCare CancerCare StatPearls ClinicalTrials AstraZeneca SmithKline"""
)


def _separate(line: str, is_list: bool, question: str) -> tuple[str, bool]:
    """The line with glued sentences apart, and whether there were any.

    In a glued list every item gets a line of its own; in running text a space is enough. A list is known by the
    phrase "More items" or by a letter glued to a letter (running text loses the space after a stop only).
    """
    found = list(_BOUNDARY.finditer(line))
    if found and not is_list:
        letters = [m for m in found if m.lastgroup == "letter"]
        ends = {_left_word(line, m) for m in letters}
        is_list = len(ends) >= (2 if "…" in line else 3) or any(_is_glue(line, m, False, question) for m in letters)
    cuts = [m.end() for m in found if _is_glue(line, m, is_list, question)]
    if cuts:
        parts = [line[a:b] for a, b in zip([0, *cuts], [*cuts, len(line)], strict=True)]
        line = ("\n" if is_list else " ").join(parts)
    return (line.replace("… ", "…\n") if is_list else line), bool(cuts)


def _is_glue(line: str, match: re.Match[str], is_list: bool, question: str) -> bool:
    """Whether a sentence ends and another begins at a boundary."""
    start, end = match.start(), match.end()
    left = _left_word(line, match)
    right = _RIGHT_WORD.match(line, end)[1]  # type: ignore[index]
    kind = match.lastgroup
    if kind == "letter":
        return _is_letter_glue(left, right, line[end + len(right) :][:1], is_list, question)
    if kind == "tail":
        return is_list and _TAIL.fullmatch(_TOKEN_BEFORE.search(line, max(0, start - 8), start)[0]) is not None  # type: ignore[index]
    if _ADDRESS.search(_around(line, start, end)):
        return False
    if kind == "lower":
        return line[start] == "?" or (line[start] == ":" and len(left) > 3) or (is_list and len(left) > 3)
    if kind == "bracket":
        return True
    if len(right) == 1 and line[end + 1 : end + 2] not in {" ", ""}:  # "Ph.D."
        return False
    if line[start] != ".":
        return True
    is_initial = len(left) == 1 and not is_list  # "J.Smith"
    return not is_initial and "." not in line[max(0, start - 3) : start]  # "U.S.Army"


def _left_word(line: str, match: re.Match[str]) -> str:
    start = match.start()
    return _LEFT_WORD.search(line, max(0, start - 40), start)[0]  # type: ignore[index]


def _around(line: str, start: int, end: int) -> str:
    """The characters without a space around a place, at most 60 on each side."""
    return line[max(0, start - 60) : start].rpartition(" ")[2] + line[start : end + 60].partition(" ")[0]


def _is_letter_glue(left: str, right: str, following: str, is_list: bool, question: str) -> bool:
    """Whether a word ends and another begins between two letters ("opinionMake"), or it is one name ("DeMarsh")."""
    if left.lower() in _NAME_PREFIXES or left + right in _NAMES:
        return False
    if right.isupper() and len(right) > 1:  # an acronym starts the item, or ends a name: "systemCT", "mRNA"
        return left.islower() and len(left) > 3
    if left.islower():
        if len(left) < 3 and left not in _SHORT_ENDS:
            return False
        if left in _NO_ENDS and not is_list:
            return False
        return len(right) > 2 or (right in _SHORT_STARTERS and following == " ")
    if len(left) < 3 or (len(right) < 3 and not (right in _SHORT_STARTERS and following == " ")):
        return False
    return is_list or right in _STARTERS or re.search(rf"\b{left}\b", question) is not None


# ---------------------------------------------------------------- numbers inside a line

_LIST_NUMBER = re.compile(r"(?:(?<=\s)|^)(\()?(\d{1,2})([.)])?\s(?=[^\s\d])")
# Words after which a bare number counts or names something, so that it opens no list item.
_COUNTED = re.compile(
    r"\b(?:types?|stages?|grades?|chromosomes?|phases?|factors?|groups?|class|levels?|figure|table|steps?|days?|weeks?|"
    r"months?|years?|ages?|aged|page|part|section|chapter|no|number|least|about|approximately|every|than|vitamin|"
    r"between|over|under|only|per|nearly|around|until|within|and|or|one|once)[ ,]*$",
    re.IGNORECASE,
)
# Words before a number that may lead in a list ("caused by 1 infection 2 injury"), but more often count.
_LEADING_IN = re.compile(r"\b(?:of|to|the|a|in|by|for|from|at|up|last|first|next|some|after|with|that)[ ,]*$", re.IGNORECASE)
_UNIT = re.compile(
    r"(?:in|to|of|out|or|and|percent|per|years?|months?|weeks?|days?|hours?|minutes?|times?|mg|ml|g|kg|cm|mm|"
    r"million|billion|thousand)\b"
)
_WORD_BEFORE = re.compile(r"(\w+),?\s*$")


def _break_before_numbers(line: str) -> str:
    """The line with a new line before each list number; a line with no such list comes back as it is.

    >>> _break_before_numbers("Ask: 1. Why? 2. When?")
    'Ask:\\n1. Why?\\n2. When?'
    >>> _break_before_numbers("It affects 1 in 2 people with type 1 or type 2 diabetes")
    'It affects 1 in 2 people with type 1 or type 2 diabetes'
    """
    if "1" not in line or "2" not in line:
        return line
    items: list[re.Match[str]] = []
    for match in _LIST_NUMBER.finditer(line):
        is_next = int(match[2]) == len(items) + 1 and (not items or match.group(1, 3) == items[0].group(1, 3))
        if is_next and (match[3] or not _counts(line, match)):
            items.append(match)
    if len(items) < 2 or not (items[0][3] or _is_list(line, items)):
        return line
    cuts = [match.start() for match in items]
    parts = [line[a:b].strip() for a, b in zip([0, *cuts], [*cuts, len(line)], strict=True)]
    return "\n".join(part for part in parts if part)


def _counts(line: str, match: re.Match[str]) -> bool:
    """Whether a bare number counts or names something: "2 years", "type 2"."""
    before = max(0, match.start() - 20)
    return bool(_UNIT.match(line, match.end()) or _COUNTED.search(line, before, match.start()))


def _is_list(line: str, items: list[re.Match[str]]) -> bool:
    """Whether bare numbers are those of a list.

    They are not when the same word stands before each ("hearing loss 1 ... hearing loss 2"), nor when two small words
    and counts follow a word that seldom leads in a list.
    """
    words = [_WORD_BEFORE.search(line, max(0, m.start() - 30), m.start()) for m in items[:2]]
    if words[0] and words[1] and words[0][1].lower() == words[1][1].lower():
        return False
    first = items[0]
    if not _LEADING_IN.search(line, max(0, first.start() - 20), first.start()):
        return True
    return len(items) > 2 or all(line[m.end()].isupper() for m in items)


# ---------------------------------------------------------------- truncation

_ELLIPSIS = re.compile(r"\.\.\.|…")


def truncation_kinds(text: str) -> tuple[str, ...]:
    """How a mended answer shows that it was cut, in alphabetical order; empty when it does not.

    >>> truncation_kinds("He or she may b...")
    ('mid_word', 'trailing_ellipsis')
    >>> truncation_kinds("- Gender. ...\\n- These include:")
    ('internal_ellipsis', 'trailing_colon')
    """
    kinds = []
    end = text.rstrip()
    if "..." in end or "…" in end:
        bare = _MORE_ITEMS.sub("", end)
        if bare != end:
            kinds.append("more_items")
        end = bare.rstrip()
        last = None
        count = 0
        for last in _ELLIPSIS.finditer(end):
            count += 1
        if last is not None and last.end() == len(end):
            kinds.append("trailing_ellipsis")
            count -= 1
            if last[0] == "..." and end[last.start() - 1 : last.start()].isalnum():
                kinds.append("mid_word")
        if count:
            kinds.append("internal_ellipsis")
    if end.endswith(":"):
        kinds.append("trailing_colon")
    return tuple(sorted(kinds))


# ---------------------------------------------------------------- keys

_APOSTROPHES = str.maketrans("‘’‛ʼ“”„‟", "''''\"\"\"\"")
_ASCII_PUNCTUATION = str.maketrans({c: " " for c in string.punctuation if c != "'"})
_PUNCTUATION = re.compile(r"[^\w\s']|_")
_OUTER_APOSTROPHE = re.compile(r"(?<!\w)'|'(?!\w)")


def question_key(text: str) -> str:
    """What two texts share when they are the same question: letters, digits and inner apostrophes, case folded.

    >>> question_key("How to Get  a Doctor’s “opinion”?")
    "how to get a doctor's opinion"
    """
    if text.isascii():
        key = text.translate(_ASCII_PUNCTUATION).lower()
    else:
        key = _PUNCTUATION.sub(" ", _normalize("NFKC", text).translate(_APOSTROPHES)).casefold()
    if "'" in key:
        key = _OUTER_APOSTROPHE.sub(" ", key)
    return " ".join(key.split())


def answer_key(text: str) -> str:
    """The same for a cleaned answer; the ellipsis of a cut text leaves no trace.

    >>> answer_key("Ask for a copy …") == answer_key("ask for a copy")
    True
    """
    return question_key(text)
