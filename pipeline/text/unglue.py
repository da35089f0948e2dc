"""Separates sentences and list items whose line breaks or spaces were lost.

Scrapers lose the breaks between list items: "opinionMake an appointment.Ask both doctors". A boundary is found by the
characters on both sides and judged by the words on both sides, so that names are not cut: DeMarsh, McDonald,
MedlinePlus, mRNA, pH, LaTeX.
"""

from __future__ import annotations

import re
from bisect import bisect_right

_UPPER, _LOWER = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ÿ"
# A cheap test that finds every line with a boundary: a capital after a letter, digit or stop; a stop before a letter.
# It is one character class and what must surround the character: two patterns took half as long again.
GLUE_AT = rf"{_UPPER}.?:)"
GLUE_AROUND = (
    rf"(?<=[^\s({{\[<“‘\"'’/&+*_=|–—\d{_UPPER}-][{_UPPER}])"
    rf"|(?<=[.?:)])(?=[\"”’)]{{0,3}}[{_LOWER}]{{2}})"
)
_BOUNDARY = re.compile(
    rf"(?=[{_UPPER}.!?:;)\]])(?:"  # the first character of every alternative: saves trying all of them at every letter
    rf"(?P<letter>(?<=[{_LOWER}])(?=[{_UPPER}]))"  # opinionMake
    rf"|(?P<stop>(?<=[\w)\]%\"”’'])[.!?:;][\"”’)\]]{{0,3}}(?=[“\"‘(\[]?[{_UPPER}]))"  # doctor.Your
    rf"|(?P<lower>(?<=[{_LOWER}]{{2}})(?:[.?:)][\"”’)]{{0,3}})(?=[{_LOWER}]{{2}}))"  # following:private
    rf"|(?P<bracket>[)\]](?=[{_UPPER}][{_LOWER}]))"  # (EDS)The
    rf"|(?P<tail>(?<=[A-Z\d])(?=[{_UPPER}][{_LOWER}]{{2}})))"  # type 2Genetic, type IVGenetic
)
_CAPITAL = re.compile(f"[{_UPPER}]")
_SMALL_LETTERS = "".join(re.findall(f"[{_LOWER}]", bytes(range(256)).decode("latin-1")))
_RIGHT_WORD = re.compile(rf"[“\"‘(\[]?([{_UPPER}]*[{_LOWER}]*)")
_TAIL = re.compile(r"[IVX]{1,4}|[A-Z]|\d{1,4}[A-Z]?(?:/\d[A-Z])?")  # the end of a name: "type IV", "vitamin D", "2B"
_ADDRESS = re.compile(r"https?:|www\.|mailto:|@|\.(?:com|org|net|gov|edu|info|io)\b", re.IGNORECASE)
DENSE = 6  # characters per boundary; a line with more boundaries is code, not prose, whose words are longer
REACH = 40  # characters read on either side of a boundary; no English word is longer


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
# Names that look like two words; found on health pages of the source document's kind.
_NAMES = _set(
    """MedlinePlus GeneReviews GeneTests KidsHealth PubMed YouTube WebMD OrthoInfo JavaScript PowerPoint LinkedIn
    WhatsApp PayPal MyChart FaceBook HealthCare CancerCare StatPearls ClinicalTrials AstraZeneca SmithKline"""
)


def separate_sentences(line: str, is_list: bool, question: str) -> str:
    r"""The line with glued sentences apart.

    In a glued list every item gets a new line; in running text a space is enough. A line is a list if the caller
    knows it (`is_list`: its page cut it and said so), or if a letter is glued to a letter: running text loses only the
    space after a stop. `question`: its words help to distinguish a glued title from a name.

    >>> separate_sentences("See your doctor.Your doctor knows Dr. DeMarsh of MedlinePlus.", False, "")
    'See your doctor. Your doctor knows Dr. DeMarsh of MedlinePlus.'
    >>> separate_sentences("Making sense of asthmaTake notes.Ask questions", False, "")
    'Making sense of asthma\nTake notes.\nAsk questions'
    """
    found = list(_BOUNDARY.finditer(line))
    if found and _MAYBE_NAME.search(line):
        found = _outside_of_names(line, found)
    if DENSE * len(found) > len(line) > 200:
        return line
    is_list = is_list or _is_glued_list(line, found, question)
    glued = [match for match in found if _is_glue(line, match, is_list, question)]
    if not is_list and not _shows_glue(line, found, question):
        glued = [match for match in glued if _is_surely_glued(line, match, question)]
    cuts = [match.end() for match in glued]
    return ("\n" if is_list else " ").join(_cut(line, cuts))


# Code, addresses and names of accounts, which are written as they are: `maxRetries`, [text](https://...), @MaryAnn.
_MAYBE_NAME = re.compile(r"[`@]|\]\(|://")
_AS_WRITTEN = re.compile(r"`[^`\n]{1,300}`|\]\([^()\s]{1,400}\)|https?://[^\s)\]>\"”]{1,400}|(?<![\w.])@\w{2,40}")


def _outside_of_names(line: str, found: list[re.Match[str]]) -> list[re.Match[str]]:
    """The boundaries that are not inside code, an address or the name of an account."""
    spans = [match.span() for match in _AS_WRITTEN.finditer(line)]
    if not spans:
        return found
    starts = [start for start, _ in spans]
    kept = []
    for match in found:
        at = bisect_right(starts, match.start()) - 1
        if at < 0 or match.end() >= spans[at][1]:
            kept.append(match)
    return kept


def break_after_ellipses(line: str, is_list: bool) -> str:
    """The line with a new line after each ellipsis if it is a list: one that is known, or one that was separated."""
    return line.replace("… ", "…\n") if is_list or "\n" in line else line


def _cut(line: str, cuts: list[int]) -> list[str]:
    return [line[start:end] for start, end in zip([0, *cuts], [*cuts, len(line)], strict=True)]


def _is_glued_list(line: str, found: list[re.Match[str]], question: str) -> bool:
    """Whether the boundaries of a line show a list: one that is certainly glue, or several different ones."""
    letters = [match for match in found if match.lastgroup == "letter"]
    # Without an ellipsis, capitals on both sides are more often a name with an inner capital ("HealthVault") than glue.
    ends = {left for match in letters if (left := _left_word(line, match)).islower() or "…" in line}
    if len(ends) > 2 and "…" not in line:
        are_alone = not _shows_glue(line, found, question)
        ends = {
            left
            for match in letters
            if (left := _left_word(line, match)).islower() and not _is_name(line, match, left, are_alone)
        }
    # With two a disease's list of sources ("GeneFacts: ...", "EyeSmart: ...") came apart in the development pages.
    if len(ends) >= (2 if "…" in line else 3):
        return True
    glued = [match for match in letters if _is_glue(line, match, False, question)]
    if not glued or _shows_glue(line, found, question):
        return bool(glued)
    return any(_is_surely_glued(line, match, question) for match in glued)


def _shows_glue(line: str, found: list[re.Match[str]], question: str) -> bool:
    """Whether a line shows lost breaks by more than letters glued to letters, which names have too: `userName`.

    Of 711 lines of the development pages that are separated, 707 do.
    """
    return "…" in line or any(match.lastgroup != "letter" and _is_glue(line, match, False, question) for match in found)


def _is_surely_glued(line: str, match: re.Match[str], question: str) -> bool:
    """Whether a boundary that is glue in a list is glue without other signs of lost breaks: no name as `userName`.

    The word behind it opens sentences far more often than it ends a name, or the one before it opens with a capital and
    is a word of the question: OsmAnd and AppStore are names, too.
    """
    if match.lastgroup != "letter":
        return True
    if not (left := _left_word(line, match)).islower():
        return re.search(rf"\b{left}\b", question) is not None
    after = _RIGHT_WORD.match(line, match.end(), match.end() + REACH)
    right = after[1] if after else ""
    return right in _STARTERS or (right in _SHORT_STARTERS and line[match.end() + len(right) :][:1] == " ")


def _is_glue(line: str, match: re.Match[str], is_list: bool, question: str) -> bool:
    """Whether a sentence ends and another begins at a boundary."""
    start, end = match.start(), match.end()
    left = _left_word(line, match)
    if match.lastgroup == "letter" and _CALL.match(line, end):
        return False
    after = _RIGHT_WORD.match(line, end, end + REACH)
    right = after[1] if after else ""
    if match.lastgroup == "letter":
        return _is_letter_glue(left, right, line[end + len(right) :][:1], is_list, question)
    if match.lastgroup == "tail":
        return is_list and _TAIL.fullmatch(line[max(0, start - 8) : start].rpartition(" ")[2]) is not None
    if _ADDRESS.search(_around(line, start, end)):
        return False
    if match.lastgroup == "lower":
        return line[start] == "?" or (line[start] == ":" and len(left) > 3) or (is_list and len(left) > 3)
    if match.lastgroup == "bracket":
        return True
    return _is_stop(line, start, end, left, right, is_list)


def _is_stop(line: str, start: int, end: int, left: str, right: str, is_list: bool) -> bool:
    """Whether a stop before a capital ends a sentence: not in "J.Smith", "U.S.Army", "Node.JS", "a.FrameType"."""
    after = line[end + len(right) : end + len(right) + 1]
    if not is_list and ((right.isupper() and len(right) > 1 and left[:1].isupper()) or after.isupper()):
        return False
    if len(right) == 1 and line[end + 1 : end + 2] not in {" ", ""}:
        return False
    if line[start] != ".":
        return True
    is_initial = len(left) == 1 and not is_list
    return not is_initial and "." not in line[max(0, start - 3) : start]


def _is_letter_glue(left: str, right: str, following: str, is_list: bool, question: str) -> bool:
    """Whether a word ends and another begins between two letters ("opinionMake"), or it is one name ("DeMarsh")."""
    if left.lower() in _NAME_PREFIXES or left + right in _NAMES:
        return False
    if right.isupper() and len(right) > 1:  # an acronym starts the item, or ends a name: "systemCT", "mRNA"
        return left.islower() and len(left) > 3
    is_short_starter = right in _SHORT_STARTERS and following == " "
    if left.islower():
        if (len(left) < 3 and left not in _SHORT_ENDS) or (left in _NO_ENDS and not is_list):
            return False
        return len(right) > 2 or is_short_starter
    if len(left) < 3 or (len(right) < 3 and not is_short_starter):
        return False
    return is_list or right in _STARTERS or re.search(rf"\b{left}\b", question) is not None


_CALL = re.compile(r"\w{1,40}(?:\(|[_=]\w)")  # openHut(), maxSize=3


_NAME_ENDS = re.compile(rf"[{_UPPER}]{{2}}|[{_UPPER}][{_LOWER}]+(?:[\W_]?$|[^\s\w]|[{_UPPER}])")  # userID, fileName,


def _is_name(line: str, match: re.Match[str], left: str, is_alone: bool) -> bool:
    """Whether a boundary is more probably inside a name: iHike, macOS, openHut(), with `is_alone` also fileName."""
    if len(left) < 3 or left in _NAME_PREFIXES or _CALL.match(line, match.end()) is not None:
        return True
    return is_alone and _NAME_ENDS.match(line, match.end(), match.end() + REACH) is not None


def _left_word(line: str, match: re.Match[str]) -> str:
    """The small letters before a boundary, and the capital before them."""
    before = line[max(0, match.start() - REACH) : match.start()]
    start = len(before.rstrip(_SMALL_LETTERS))
    return before[start - 1 :] if start and _CAPITAL.match(before, start - 1) else before[start:]


def _around(line: str, start: int, end: int) -> str:
    """The characters around a boundary, up to the next spaces."""
    return line[max(0, start - REACH) : start].rpartition(" ")[2] + line[start : end + REACH].partition(" ")[0]


# ---------------------------------------------------------------- numbers inside a line

_LIST_NUMBER = re.compile(r"(?:(?<=\s)|^)(\()?([0-9]{1,2})([.)])?\s(?=[^\s\d])")
# Words after which a bare number counts or names something, so that it opens no list item.
_COUNTED = re.compile(
    r"\b(?:types?|stages?|grades?|chromosomes?|phases?|factors?|groups?|class|levels?|figure|table|steps?|days?|weeks?|"
    r"months?|years?|ages?|aged|page|part|section|chapter|no|number|least|about|approximately|every|than|vitamin|"
    r"between|over|under|only|per|nearly|around|until|within|and|or|one|once)[ ,]*$",
    re.IGNORECASE,
)
# Words before a number that may open a list ("caused by 1 infection 2 injury"), but more often count.
_LEADING_IN = re.compile(
    r"\b(?:of|to|the|a|in|by|for|from|at|up|last|first|next|some|after|with|that)[ ,]*$", re.IGNORECASE
)
_UNIT = re.compile(
    r"(?:in|to|of|out|or|and|percent|per|years?|months?|weeks?|days?|hours?|minutes?|times?|mg|ml|g|kg|cm|mm|"
    r"million|billion|thousand)\b"
)
_WORD_BEFORE = re.compile(r"(\w+),?\s*$")


def break_before_numbers(text: str) -> str:
    r"""The text with a new line before each list number; a line without a numbered list does not change.

    >>> break_before_numbers("Ask: 1. Why? 2. When?")
    'Ask:\n1. Why?\n2. When?'
    >>> break_before_numbers("It affects 1 in 2 people with type 1 or type 2 diabetes")
    'It affects 1 in 2 people with type 1 or type 2 diabetes'
    """
    return "\n".join(_break_before_numbers(line) for line in text.split("\n"))


def _break_before_numbers(line: str) -> str:
    if "1" not in line or "2" not in line:
        return line
    items: list[re.Match[str]] = []
    for match in _LIST_NUMBER.finditer(line):
        is_next = int(match[2]) == len(items) + 1 and (not items or match.group(1, 3) == items[0].group(1, 3))
        if is_next and (match[3] or not _counts(line, match)):
            items.append(match)
    if len(items) < 2 or not (items[0][3] or _is_list(line, items)):
        return line
    parts = [part.strip() for part in _cut(line, [match.start() for match in items])]
    return "\n".join(part for part in parts if part)


def _counts(line: str, match: re.Match[str]) -> bool:
    """Whether a bare number counts or names something: "2 years", "type 2"."""
    before = max(0, match.start() - 20)
    return bool(_UNIT.match(line, match.end()) or _COUNTED.search(line, before, match.start()))


def _is_list(line: str, items: list[re.Match[str]]) -> bool:
    """Whether bare numbers are those of a list.

    They are not when the same word precedes both ("hearing loss 1 ... hearing loss 2"), nor when there are only two,
    after a word that seldom opens a list, and lower case follows them.
    """
    words = [_WORD_BEFORE.search(line, max(0, match.start() - 30), match.start()) for match in items[:2]]
    if words[0] and words[1] and words[0][1].lower() == words[1][1].lower():
        return False
    if not any(_LEADING_IN.search(line, max(0, match.start() - 20), match.start()) for match in items):
        return True
    return len(items) > 2 or all(line[match.end()].isupper() for match in items)
