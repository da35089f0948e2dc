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
from functools import cache, lru_cache
from itertools import chain, pairwise, product

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
Term = tuple[bytes] | tuple[bytes, bytes]
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


def fold(text: str) -> str:
    """The text in lower case with straight apostrophes, character for character, so that offsets are kept.

    >>> fold("Don’t delay İ")
    "don't delay i"
    """
    # İ is the one character whose lower case is longer than itself (a test goes through all of them).
    return text.replace("İ", "i").lower().replace("’", "'")


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
_CHOICE = re.compile(r"\(|[a-z0-9](?=\?)")
# A word that touches a number is not a word by itself: "#am" is one word of a text.
_WORD_OR_NUMBER = re.compile(r"[a-z0-9#]+")
_WORD_OR_SIGN = re.compile(r"(?<![#a-z0-9])[a-z0-9]+(?![#a-z0-9])|[#$%&+']")
_PAIR = re.compile(r"(?<![#a-z0-9])(?=([a-z0-9]+) ([a-z0-9]+)(?![#a-z0-9]))")
# What may be between two words of a phrase: "out of pocket" is also "out-of-pocket" and "(out of) pocket".
_JOIN = "[ \\n\\t\\r\xa0'\"()*/\u2010-\u2015\u201c\u201d\u2022-]{1,3}"
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

    parts = _split(spelled, " ")
    return f"{_boundary(parts[0], 0)}{_PIECE.sub(piece, spelled)}{_boundary(parts[-1], -1)}"


@lru_cache(maxsize=4096)
def _boundary(part: str, at: int) -> str:
    """The boundary before (0) or after (-1) a part. Raises ValueError if only some spellings have a word there."""
    edge = {spelling[at] for spelling in _spellings(part)}
    are_words = {character.isalnum() or character == "#" for character in edge}
    if len(are_words) > 1:
        raise ValueError(part)
    return r"\b" if True in are_words else ""


def needed_words(spelled: str) -> tuple[frozenset[bytes], ...]:
    """Sets of words and signs, the rarest first: a text that contains the phrase has one of each set.

    >>> [sorted(words) for words in needed_words("the (first|second) ~3 opinions?")]
    [[b'opinion', b'opinions'], [b'first', b'second'], [b'the']]
    """
    parts = (part for part in _split(spelled, " ") if not part.startswith("~"))
    return tuple(sorted(map(_rarest_words, parts), key=_commonness))


def first_words(spelled: str) -> frozenset[bytes]:
    """The words and signs the phrase can begin with. Raises ValueError if it can begin with anything else.

    >>> sorted(first_words("(health )?plans?")), first_words("$# a day")
    ([b'health', b'plan', b'plans'], frozenset({b'$'}))
    """
    firsts = [_WORD_OR_SIGN.match(spelling) for spelling in _spellings(_split(spelled, " ")[0])]
    if not all(firsts):
        raise ValueError(spelled)
    return frozenset(first[0].encode() for first in firsts if first)


def adjacent_words(spelled: str) -> tuple[tuple[frozenset[bytes], frozenset[bytes]], ...]:
    """Pairs of word sets: a text that contains the phrase has a word of the first directly before one of the second.

    >>> [[sorted(words) for words in pair] for pair in adjacent_words("(see|call) your ~3 # (doctor|family nurse)s?")]
    [[[b'call', b'see'], [b'your']], [[b'#'], [b'doctor', b'doctors', b'family']]]
    """
    edges = [(_edge_words(left, -1), _edge_words(right, 0)) for left, right in pairwise(_split(spelled, " "))]
    return tuple((last, first) for last, first in edges if last and first)


def needed_terms(spelled: str) -> tuple[frozenset[Term], ...]:
    """Like `needed_words`, with pairs of adjacent words: stricter, and more expensive to search for.

    >>> [sorted(terms) for terms in needed_terms("(see|talk to) ~3 opinions?")]
    [[(b'opinion',), (b'opinions',)], [(b'see',), (b'talk', b'to')]]
    """
    parts = (part for part in _split(spelled, " ") if not part.startswith("~"))
    return tuple(sorted(map(_rarest_terms, parts), key=sorted))


@lru_cache(maxsize=4096)
def _rarest_terms(part: str) -> frozenset[Term]:
    """For each spelling of the part its rarest pair of adjacent words, or its rarest word if it has no pair."""
    terms: list[Term] = []
    for spelling in _spellings(part, "\0"):
        if spelling.isalnum():
            terms.append((spelling.encode(),))
            continue
        pairs: list[tuple[str, str]] = _PAIR.findall(spelling)
        if pairs:
            one, other = max(pairs, key=lambda pair: (_rarity(pair[0]), _rarity(pair[1])))
            terms.append((one.encode(), other.encode()))
        else:
            terms.append((max(_WORD_OR_SIGN.findall(spelling), key=_rarity).encode(),))
    return frozenset(terms)


@lru_cache(maxsize=4096)
def _edge_words(part: str, at: int) -> frozenset[bytes]:
    """The first (0) or last (-1) word of each spelling, `#` for a number; empty if a spelling has no such word."""
    words: list[list[str]] = [_WORD_OR_NUMBER.findall(spelling) for spelling in _spellings(part)]
    if part.startswith("~") or not all(words) or any("#" in found[at] != "#" for found in words):
        return frozenset()
    return frozenset(found[at].encode() for found in words)


@lru_cache(maxsize=4096)
def _rarest_words(part: str) -> frozenset[bytes]:
    """For each spelling the word or sign in the fewest texts: $ or %, else the longest word that is not common."""
    spellings = _spellings(part)
    found = {max(_WORD_OR_SIGN.findall(text), key=_rarity) for text in spellings if not text.isalnum()}
    return frozenset(word.encode() for word in found.union(filter(str.isalnum, spellings)))


@cache
def _rarity(word: str) -> tuple[bool, bool, bool, int]:
    return word in RARE_SIGNS, word.isalnum(), word not in COMMON, len(word)


def _commonness(words: frozenset[bytes]) -> tuple[bool, bool, int]:
    """A sort key that puts sets of rare words first: no common word, then rare signs only, then the longest words."""
    texts = [word.decode() for word in words]
    return not COMMON.isdisjoint(texts), not RARE_SIGNS.issuperset(texts), -min(map(len, texts))


MOST_SPELLINGS = 10_000  # of a part of a phrase; the built-in taxonomy has at most 3,007
DEEPEST = 20  # brackets within brackets


def count_spellings(phrase: str) -> int:
    """How many texts the part of a phrase matches that matches most. Raises `ValueError` above MOST_SPELLINGS.

    >>> count_spellings("(pay|cover for ~2 a)s?"), count_spellings("(health|dental) (plan|cover)s?")
    (4, 4)
    """
    depth = 0
    for character in phrase:
        depth += (character == "(") - (character == ")")
        if depth > DEEPEST:
            raise ValueError(phrase)
    count = max(map(_count, _split(phrase, " ")))
    if count > MOST_SPELLINGS:
        raise ValueError(phrase)
    return count


@lru_cache(maxsize=4096)
def _count(part: str) -> int:
    if part.isalnum():
        return 1
    options = _split(part, "|")
    if len(options) > 1:
        return sum(map(_count, options))
    total = 1
    while choice := _CHOICE.search(part):
        end, middle = choice.end(), choice[0]
        if middle == "(":
            middle = _split(part[end:], ")")[0]
            end += len(middle) + 1
        is_optional = part.startswith("?", end)
        total = min(total * (_count(middle) + is_optional), MOST_SPELLINGS + 1)
        part = part[end:].removeprefix("?")
    return total


@lru_cache(maxsize=4096)
def _spellings(part: str, gap: str = " ") -> tuple[str, ...]:
    """Every text that the part matches, with `gap` for a gap and `#` for a number.

    >>> _spellings("(pay|cover for ~2 a)s?")
    ('pay', 'pays', 'cover for a', 'cover for as')
    """
    if part.isalnum():
        return (part,)
    options = _split(_GAP.sub(gap, part), "|")
    if len(options) > 1:
        return tuple(chain.from_iterable(_spellings(option, gap) for option in options))
    (part,) = options
    pieces: list[tuple[str, ...]] = []
    while choice := _CHOICE.search(part):
        end, middle = choice.end(), choice[0]
        if middle == "(":
            middle = _split(part[end:], ")")[0]
            end += len(middle) + 1
        middles = _spellings(middle, gap)
        pieces += [(part[: choice.start()],), ("", *middles) if part.startswith("?", end) else middles]
        part = part[end:].removeprefix("?")
    return tuple(map("".join, product(*pieces, (part,))))


@lru_cache(maxsize=4096)
def _split(phrase: str, separator: str) -> tuple[str, ...]:
    """The parts of a phrase between separators that are outside brackets.

    >>> _split("(health plan|insurer)s ~2 pays?", " ")
    ('(health plan|insurer)s', '~2', 'pays?')
    """
    if "(" not in phrase:
        return (*phrase.split(separator),)
    if separator not in phrase:
        return (phrase,)
    parts: list[str] = []
    depth = start = 0
    for mark in _MARK.finditer(phrase):
        character, at = mark[0], mark.start()
        if character == separator and depth == 0:
            parts.append(phrase[start:at])
            start = at + 1
        depth += (character == "(") - (character == ")")
    return (*parts, phrase[start:])


_MARK = re.compile(r"[() |]")


def is_balanced(phrase: str) -> bool:
    """Whether brackets are paired and every `|` is inside them."""
    depth = 0
    for character in phrase:
        depth += (character == "(") - (character == ")")
        if depth < 0 or (depth == 0 and character == "|"):
            return False
    return depth == 0
