"""Finds the sentences of a text.

Scraped answers are glued, cut off and full of abbreviations, so a full stop alone says little. One
left-to-right pass reads a bounded number of characters around every possible end: time grows with the length
of the text and with nothing else.
"""

import re

__all__ = ["split_sentences"]

# A line end, a bullet inside a line, or a run of stops with what closes it: quotes, brackets, citation marks.
# The run is taken whole and unconditionally; whether it ends a sentence is decided in `_ends_sentence`.
# (A condition inside the pattern would try every suffix of a long run of dots again: quadratic.)
# The first character of every break comes first, as one set: a fifth of the time of trying three alternatives at every
# character.
_BREAK = re.compile(
    r"""
    [\n•▪◦●‣.!?…。！？]
    (?: (?<= [\n•▪◦●‣] )
      | [.!?…。！？]*+
        (?P<close> ["'”’»)\]}*]*+ )
        (?P<cite> (?: [ ]? \[ \d{1,4} (?: \s?[,;–-]\s? \d{1,4} ){0,20}+ \] )*+ ) )
    """,
    re.VERBOSE,
)
_BULLET = re.compile(r"(?:[-*•·–▪◦●‣](?:\s++|\Z))*+")  # marks before an item, not part of its sentence
_NOTE_NUMBER = re.compile(r"\d{1,3}(?:[,–-]\d{1,3}){0,8}+(?=\s|\Z)")  # a flattened superscript: "every year.1"
_LIST_NUMBER = re.compile(r"(?:\A|[:;]\s)\(?\d{1,2}\Z")  # "1." opens an item, it does not end one
_SPACED_POINT = re.compile(r"\d[^\S\n]\Z")  # "8 . 25 %", where all is spaced out
_GLUED_OPENER = re.compile(r"[A-Z](?:[a-z’']|[^\S\n])")  # "doctor.Your", "today.A second"
_ADDRESS = re.compile(r"[\w-]{1,40}+\.[a-z]")  # "www.Health.org"


def _words(listing: str) -> frozenset[str]:
    """The words of a listing, as a set."""
    return frozenset(listing.split())


# Never the end of a sentence: something always follows them.
_ALWAYS_FOLLOWED = _words(
    """mr mrs ms mx dr drs prof rev hon fr sr st gov sen rep gen col capt lt sgt cpl maj adm pres supt
    no nos fig figs eq eqs vol vols ed eds pp p ch sec art para approx ca cf vs viz eg ie e.g i.e al
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri mt ft rs est max min avg dept univ"""
)
# Read as part of the sentence when anything but a common opener follows ("in the U.S. The ...").
_SOMETIMES_LAST = _words("inc ltd co corp llc plc jr etc esq bros assn ave blvd rd a.m p.m ph.d m.d b.sc m.sc m.p.h")
_NUMBERED = _words("no nos fig figs eq vol p pp ch sec art")  # words too ("no."): followed only before a digit
_ABBREVIATIONS = _ALWAYS_FOLLOWED | _SOMETIMES_LAST | _NUMBERED
_PLAIN_OPENERS = _words(
    """a an the this that these those it its he she they we you i his her their our your there here in on at
    for from with by to of as if when while after before since because although but and or so however also
    some many most all each every no not what who how why where then patients people"""
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]\Z")  # "J", "U.S": the last stop is not part of the word
_LONGEST_ABBREVIATION = 24  # characters read before a stop; the longest entry above has 6


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of `text`, in order, as `(start, end)`; `text[start:end]` is the sentence.

    Verbatim and without white space at either end. A line end always ends a sentence. What lies in no span
    is white space or a bullet. Closing quotes, brackets and a citation mark belong to the sentence before.

    >>> text = 'Rates differ [1]. Dr. J. Smith, of the U.S. team, saw 2.5 % (e.g. No. 5).Your turn!'
    >>> [text[start:end] for start, end in split_sentences(text)]
    ['Rates differ [1].', 'Dr. J. Smith, of the U.S. team, saw 2.5 % (e.g. No. 5).', 'Your turn!']
    """
    spans: list[tuple[int, int]] = []
    start = _skip_bullets(text, 0)
    for found in _BREAK.finditer(text):
        stop, after = found.span()
        if stop < start:
            continue
        if text[stop:after] == "." and _is_plain_end(text, start, stop):
            spans.append((start, after))
            start = after + 1
            continue
        end = _end_of_sentence(text, start, found)
        if end is not None:
            _add(spans, text, start, end)
            start = _skip_bullets(text, max(end, after))
    _add(spans, text, start, len(text))
    return spans


def _is_plain_end(text: str, start: int, stop: int) -> bool:
    """Whether a full stop certainly ends a sentence, as most do: after a word, before a space and a capital."""
    following = text[stop + 1 : stop + 3]
    if following[:1] != " " or not following[1:].isupper():
        return False
    word = text[max(start, stop - _LONGEST_ABBREVIATION) : stop].rpartition(" ")[2]
    return len(word) > 1 and word.isalpha() and word.lower() not in _ABBREVIATIONS


def _skip_bullets(text: str, start: int) -> int:
    """Index of the first character after white space and bullets."""
    while start < len(text) and text[start].isspace():
        start += 1
    found = _BULLET.match(text, start)
    return found.end() if found else start


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Append the span without white space at its ends, unless nothing is left of it."""
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def _end_of_sentence(text: str, start: int, found: re.Match[str]) -> int | None:
    """Where the sentence that began at `start` ends if this break ends it, else None."""
    if found["close"] is None:  # a line end or a bullet
        return found.start()
    after = found.end()
    if after < len(text) and not text[after].isspace():
        note = _NOTE_NUMBER.match(text, after)
        if note and text[found.start() - 1 : found.start()].isalpha():
            after = note.end()
        elif not _is_glued(text, start, found):
            return None
        else:
            return after
    return after if _ends_sentence(text, start, found, after) else None


def _is_glued(text: str, start: int, found: re.Match[str]) -> bool:
    """Whether the next sentence follows without a space: "doctor.Your", not "U.S.A" or an address."""
    if text[found.end()] in "“¿¡":
        return True
    if not _GLUED_OPENER.match(text, found.end()) or _ADDRESS.match(text, found.end()):
        return False
    word = _word_before(text, start, found.start())
    if _NAME_END.search(word) and _is_common_opener(text, found.end()):  # "vitamin C.The", "COVID-19.It"
        return not _LIST_NUMBER.search(text[max(start, found.start() - 5) : found.start()])
    is_plain = len(word) > 1 and word[-1].islower() and word != "www" and not any(mark in word for mark in "./@:\\_")
    return is_plain or word[-1:] in (")", "]", "”", '"')


_NAME_END = re.compile(r"(?:[A-Z]|\d)\Z")
_LETTERS = re.compile(r"[A-Za-z]{2,8}+(?=[\s’',])")


def _is_common_opener(text: str, start: int) -> bool:
    """Whether the word at `start` opens sentences as a rule: "The", not the "A" of "U.S.A" nor a name."""
    opener = _LETTERS.match(text, start)
    return opener is not None and opener[0].lower() in _PLAIN_OPENERS


def _ends_sentence(text: str, start: int, found: re.Match[str], after: int) -> bool:
    """Whether stops that white space or the end of the text follows end the sentence."""
    stop = text[found.start() : found.start("close")]
    rest = _next_word(text, after)
    if not rest:
        return True
    if stop == "." and rest[0].isdigit() and _SPACED_POINT.search(text, max(start, found.start() - 2), found.start()):
        return False
    opener = rest.lstrip("\"'“‘«([¿¡*")
    if opener[:1].islower():
        return False
    if stop != "." or found["cite"]:
        return True
    before = text[max(start, found.start() - 5) : found.start()]
    return not _LIST_NUMBER.search(before) and not _is_abbreviation(_word_before(text, start, found.start()), opener)


def _word_before(text: str, start: int, end: int) -> str:
    """The unbroken word that ends at `end`, at most `_LONGEST_ABBREVIATION` characters of it."""
    piece = text[max(start, end - _LONGEST_ABBREVIATION) : end]
    words = piece.split()
    return words[-1].lstrip("(\"'“‘[") if words and not piece[-1].isspace() else ""


def _next_word(text: str, start: int) -> str:
    """The next word on the same line, at most 30 characters of it; empty when the line ends before it."""
    line = text[start : start + 30].split("\n", 1)[0]
    words = line.split()
    return words[0] if words else ""


def _is_abbreviation(word: str, opener: str) -> bool:
    """Whether `word` and its stop are an abbreviation inside a sentence that goes on with `opener`."""
    short = word.lower()
    if short in _NUMBERED:
        return opener[:1].isdigit()
    if short in _ALWAYS_FOLLOWED:
        return True
    is_initial = bool(_INITIALS.match(word)) and ("." in word or word.isupper()) and word != "I"
    return (is_initial or short in _SOMETIMES_LAST) and opener.lower() not in _PLAIN_OPENERS
