"""The syntax of cues, and the folded text that is searched for them.

Each phrase becomes a regular expression that RE2 accepts too (a test asks DuckDB) and that cannot explode: no
lookaround, no backreference, no open-ended repetition inside another.

    second opinion    these words, with white space, a hyphen, a slash, a quote or a bracket between them
    costs?            the letter or group before `?` may be missing
    (pay|cover)s      one of these
    {payer}           one of the word list; a phrase that is only a list means each of its phrases
    when ~3 call      up to three words between, in the same sentence
    # days, $#        a number
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise, product
from math import prod

# Words that are in more than about 6 % of health questions and answers (counted on MedQuAD and FAQ pages), and some of
# the same kind. Only speed depends on them: a text is searched for a cue because of the cue's rarer words.
_COMMON = (
    "a about after all also an and any are as at be been blood body but by called can care cases cause caused causes "
    "changes condition diagnosis disease disorder do doctor does each family for from get has have health help how i "
    "if in include information is it its like made make many may medical more most my need no not of often on one or "
    "other our out people provides related risk s see should signs some such symptoms t take test tests than that the "
    "their them there these they this through time to treatment treatments two type up use used we what when which "
    "who will with you your"
)
COMMON = frozenset(_COMMON.split())
# Represents any number among the words of a text; the other signs represent themselves.
NUMBER = b"#"
SIGNS = "$%&+'"
RARE_SIGNS = frozenset("$%")

# ---------------------------------------------------------------- folded text

# The characters that `\b` counts as part of a word; all others, also those beyond ASCII, separate words.
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_"
LETTERS = frozenset(_LETTERS)
WORD_BYTES = bytes(byte if chr(byte) in _LETTERS else 32 for byte in range(256))
# A text without `_NO_SIGNS` consists of its signs, with a number sign for each digit.
_NUMBER_BYTES = bytes.maketrans(b"0123456789", NUMBER * 10)
_NO_SIGNS = bytes(byte for byte in range(256) if chr(byte) not in f"0123456789{SIGNS}")


# Dashes, quotes and a bullet. With these in `_JOIN` itself, the patterns of a run take .1 s more to compile.
_LIKE_A_HYPHEN = re.compile("[\u2010-\u2015\u201c\u201d\u2022]")


def fold(text: str) -> str:
    """The text in lower case with straight apostrophes and plain hyphens, character for character: offsets are kept.

    >>> fold("Don’t delay – İ")
    "don't delay - i"
    """
    # İ is the one character whose lower case is longer than itself (a test goes through all of them).
    folded = text.replace("İ", "i").lower().replace("’", "'")
    return folded if folded.isascii() else _LIKE_A_HYPHEN.sub("-", folded)


def words_of(folded: str) -> frozenset[bytes]:
    """The words and signs of a folded text, each once, and `#` where it contains a number.

    >>> sorted(words_of("don't pay 9%, don't"))
    [b'#', b'%', b"'", b'9', b'don', b'pay', b't']
    """
    encoded = folded.encode("utf-8", "surrogatepass")
    signs = encoded.translate(_NUMBER_BYTES, _NO_SIGNS)
    return frozenset(encoded.translate(WORD_BYTES).split() + [bytes([sign]) for sign in set(signs)])


# ---------------------------------------------------------------- phrases

PHRASE = re.compile(r"(?: ~[1-9] |[ (|#$%&+]|[a-z0-9')]\??)+")
_PIECE = re.compile(r" ~(?P<gap>[1-9]) |(?P<space> )|(?P<number>#)|(?P<open>\()|(?P<symbol>[$+])")
LIST_NAME = re.compile(r"\{([a-z_]+)\}")
_GAP = re.compile(r" ~[1-9] ")
_SIGN_OR_SPACE = re.compile("[$%&+' ]")
_CHOICE = re.compile(r"\(|[a-z0-9](?=\?)")
# A word that touches a number is not a word by itself: "#am" is one word of a text.
_WORD_OR_NUMBER = re.compile(r"[a-z0-9#]+")
_WORD_OR_SIGN = re.compile(r"(?<![#a-z0-9])[a-z0-9]+(?![#a-z0-9])|[#$%&+']")
# What may be between two words of a phrase in folded text: "out of pocket" is also "out-of-pocket", "(out of) pocket".
_JOIN = "[ \\n\\t\\r\xa0'\"()*/-]{1,3}"
# A word of a gap: no white space, and a full stop only inside ("3.5", "U.S"), so that a gap stays in its sentence.
# Masks are blanked with NUL.
_GAP_WORD = r"(?:[^ \n\t\r\xa0.?!;\x00]|\.[^ \n\t\r\xa0.?!;\x00])+[ \t\xa0]{1,3}"
_NUMBER_REGEX = r"[0-9][0-9.,]*"


@cache
def compiled(spelled: str) -> re.Pattern[str]:
    """The phrase as a pattern; ASCII only, so that `\\b` means the same in Python and in RE2."""
    return re.compile(phrase_regex(spelled), re.ASCII)


def phrase_regex(spelled: str) -> str:
    """The regular expression, for folded text, of a phrase whose word lists are expanded.

    >>> bool(re.search(phrase_regex("(pay|cover)s? ~2 visits?"), "they cover the first visit"))
    True
    """

    def piece(found: re.Match[str]) -> str:
        if found["gap"]:
            return f",?{_JOIN}(?:{_GAP_WORD}){{0,{found['gap']}}}"
        if found["space"]:
            return _JOIN
        if found["number"]:
            return _NUMBER_REGEX
        return "(?:" if found["open"] else re.escape(found["symbol"])

    before, after = boundaries(spelled)
    return f"{before}{_PIECE.sub(piece, spelled)}{after}"


def boundaries(spelled: str) -> tuple[str, str]:
    """What a pattern has before and after a phrase. Raises ValueError if only some spellings have a word there."""
    parts = _split(spelled, " ")
    return _boundary(parts[0], 0), _boundary(parts[-1], -1)


@lru_cache(maxsize=4096)
def _boundary(part: str, at: int) -> str:
    if not _SIGN_OR_SPACE.search(part):  # as of nearly all
        return r"\b"
    edges = {_boundary(parts[at], at) for parts in _choices(part)}
    if not edges:
        characters = {spelling[at] for spelling in _spellings(part)}
        edges = {r"\b" if character.isalnum() or character == "#" else "" for character in characters}
    if len(edges) > 1:
        raise ValueError(part)
    return edges.pop()


def needed_words(spelled: str) -> tuple[frozenset[bytes], ...]:
    """Sets of words and signs, the rarest first: a text that contains the phrase has one of each set.

    >>> [sorted(words) for words in needed_words("the (first|second) ~3 opinions?")]
    [[b'opinion', b'opinions'], [b'first', b'second'], [b'the']]
    """
    return tuple(sorted(_words_by_part(_split(spelled, " ")), key=_commonness))


def _words_by_part(parts: Sequence[str]) -> list[frozenset[bytes]]:
    return [_rarest_words(part) for part in parts if not part.startswith("~")]


def first_words(spelled: str) -> frozenset[bytes]:
    """The words and signs the phrase can begin with. Raises ValueError if it can begin with anything else.

    >>> sorted(first_words("(health )?plans?")), first_words("$# a day")
    ([b'health', b'plan', b'plans'], frozenset({b'$'}))
    """
    return _first_words(_split(spelled, " ")[0])


@lru_cache(maxsize=4096)
def _first_words(part: str) -> frozenset[bytes]:
    if choices := _choices(part):
        return frozenset().union(*[_first_words(parts[0]) for parts in choices])
    firsts = [_WORD_OR_SIGN.match(spelling) for spelling in _spellings(part)]
    if not all(firsts):
        raise ValueError(part)
    return frozenset(first[0].encode() for first in firsts if first)


def adjacent_words(spelled: str) -> tuple[tuple[frozenset[bytes], frozenset[bytes]], ...]:
    """Pairs of word sets: a text that contains the phrase has a word of the first directly before one of the second.

    >>> [[sorted(words) for words in pair] for pair in adjacent_words("(see|call) your ~3 # (doctor|family nurse)s?")]
    [[[b'call', b'see'], [b'your']], [[b'#'], [b'doctor', b'doctors', b'family']]]
    """
    edges = [(_edge_words(left, -1), _edge_words(right, 0)) for left, right in pairwise(_split(spelled, " "))]
    return tuple((last, first) for last, first in edges if last and first)


@lru_cache(maxsize=4096)
def _edge_words(part: str, at: int) -> frozenset[bytes]:
    """The first (0) or last (-1) word of each spelling, `#` for a number; empty if a spelling has no such word."""
    if choices := _choices(part):
        edges = [_edge_words(parts[at], at) for parts in choices]
        return frozenset().union(*edges) if all(edges) else frozenset()
    words: list[list[str]] = [_WORD_OR_NUMBER.findall(spelling) for spelling in _spellings(part)]
    if part.startswith("~") or not all(words) or any("#" in found[at] != "#" for found in words):
        return frozenset()
    return frozenset(found[at].encode() for found in words)


@lru_cache(maxsize=4096)
def _rarest_words(part: str) -> frozenset[bytes]:
    """For each spelling a word or sign in few texts: $ or %, else the longest word that is not common."""
    if choices := _choices(part):
        return frozenset().union(*[min(_words_by_part(parts), key=_commonness) for parts in choices])
    spellings = _spellings(part)
    found = {max(_WORD_OR_SIGN.findall(text), key=_rarity) for text in spellings if not text.isalnum()}
    return frozenset(word.encode() for word in found.union(filter(str.isalnum, spellings)))


@cache
def _rarity(word: str) -> tuple[bool, bool, bool, int]:
    return word in RARE_SIGNS, word.isalnum(), word not in COMMON, len(word)


@lru_cache(maxsize=4096)
def _commonness(words: frozenset[bytes]) -> tuple[bool, bool, int]:
    """A sort key that puts sets of rare words first: no common word, then rare signs only, then the longest words."""
    texts = [word.decode() for word in words]
    return not COMMON.isdisjoint(texts), not RARE_SIGNS.issuperset(texts), -min(map(len, texts))


def _choices(part: str) -> tuple[tuple[str, ...], ...]:
    """The phrases of which a part in brackets is a choice, as their parts; none if a part is anything else.

    >>> _choices("(health plan|insurers?)"), _choices("(pay|cover)s?")
    ((('health', 'plan'), ('insurers?',)), ())
    """
    if not part.startswith("(") or len(_up_to_closing(part, 1)) < len(part) - 2:
        return ()
    choices = tuple(_split(phrase, " ") for phrase in _split(part[1:-1], "|"))
    return choices if all(map(all, choices)) else ()


MOST_SPELLINGS = 10_000  # of a part that is not a choice; the built-in taxonomy has at most 710
DEEPEST = 20  # brackets within brackets


class TooManySpellings(ValueError):
    """A part of a phrase has more than MOST_SPELLINGS, or a phrase more than DEEPEST brackets within brackets."""


def check_depth(phrase: str) -> None:
    """Raises `TooManySpellings` for more than DEEPEST brackets within brackets."""
    depth = 0
    for mark in _MARK.findall(phrase) if phrase.count("(") > DEEPEST else ():
        depth += (mark == "(") - (mark == ")")
        if depth > DEEPEST:
            raise TooManySpellings(phrase)


@lru_cache(maxsize=4096)
def _spellings(part: str) -> tuple[str, ...]:
    """Every text that the part matches, without the words of gaps and with `#` for a number.

    >>> _spellings("(pay|cover for ~2 a)s?")
    ('pay', 'pays', 'cover for a', 'cover for as')
    """
    if part.isalnum():
        return (part,)
    options = _split(_GAP.sub(" ", part), "|")
    if len(options) > 1:
        every: list[str] = []
        for option in options:
            every += _spellings(option)
            _check_count(len(every))
        return tuple(every)
    (part,) = options
    pieces: list[tuple[str, ...]] = []
    while choice := _CHOICE.search(part):
        end, middle = choice.end(), choice[0]
        if middle == "(":
            middle = _up_to_closing(part, end)
            end += len(middle) + 1
        middles = _spellings(middle)
        pieces += [(part[: choice.start()],), ("", *middles) if part.startswith("?", end) else middles]
        part = part[end:].removeprefix("?")
        _check_count(prod(map(len, pieces)))
    return tuple(map("".join, product(*pieces, (part,))))


def _check_count(spellings: int) -> None:
    if spellings > MOST_SPELLINGS:
        raise TooManySpellings


def _up_to_closing(part: str, start: int) -> str:
    """What is between a bracket, which ends at `start`, and the one that closes it."""
    end = part.index(")", start)
    while part.count("(", start, end) > part.count(")", start, end):
        end = part.index(")", end + 1)
    return part[start:end]


@lru_cache(maxsize=4096)
def _split(phrase: str, separator: str) -> tuple[str, ...]:
    """The parts of a phrase between separators that are outside brackets.

    >>> _split("(health plan|insurer)s ~2 pays?", " ")
    ('(health plan|insurer)s', '~2', 'pays?')
    """
    pieces = phrase.split(separator)
    if len(pieces) == 1 or "(" not in phrase:
        return tuple(pieces)
    parts: list[str] = []
    start = end = depth = 0
    for piece in pieces:
        end += len(piece)
        depth += piece.count("(") - piece.count(")")
        if depth == 0:
            parts.append(phrase[start:end])
            start = end + 1
        end += 1
    return tuple(parts)


_MARK = re.compile(r"[()|]")


def is_balanced(phrase: str) -> bool:
    """Whether brackets are paired and every `|` is inside them."""
    depth = 0
    for mark in _MARK.findall(phrase):
        depth += (mark == "(") - (mark == ")")
        if depth < 0 or (depth == 0 and mark == "|"):
            return False
    return depth == 0
