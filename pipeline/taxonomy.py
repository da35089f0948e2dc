"""The topics we know, read from `topics.toml`: what each is, and the phrases that speak for it.

    [words]                                  # lists that phrases use by name
    payer = ["insurers?", "medicare"]

    [topic.insurance]
    title = "Insurance and cover"
    description = "What a health plan covers."
    required = true                          # reported even where no row carries it
    threshold = 0.5                          # a score of this or more is a tag ...
    review = 0.3                             # ... and one of this or more a tag that a person should see
    masks = ["cover your mouth"]             # blanked before cues are looked for
    examples = [{ question = "Will my insurer pay?", answer = "" }]
    counter_examples = [{ question = "How does it spread?", answer = "Cover your mouth." }]

    [[topic.insurance.cues]]                 # any number of such groups
    question = 0.8                           # weight in a question, -1 to 1; left out: not looked for there
    answer = 0.6
    near = "{payer}"                         # must stand in the same sentence (optional)
    phrases = ["(covers?|pays?)", "{payer} ~3 (covers?|pays?)"]

Phrases are a small language of their own. Each becomes a regular expression that RE2 accepts too (a test asks DuckDB)
and that cannot explode: no lookaround, no backreference, no open-ended repetition inside another.

    second opinion    these words, with white space, a hyphen, a slash, a quote or a bracket between them
    costs?            what stands before `?`, a letter or a group, may be missing
    (pay|cover)s      one of these
    {payer}           one of the word list; a phrase that is a list and nothing else stands for each of its phrases
    when ~3 call      up to three words between, in the same sentence
    # days, $#        a number
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NoReturn

from pipeline.errors import PipelineError

OWN = Path(__file__).with_name("topics.toml")

# Words that more than about 6 % of health questions and answers hold (counted on MedQuAD and FAQ pages), and some of
# the same kind. Only speed depends on them: a cue is looked for because of its rarer words.
_COMMON = (
    "a about after all also an and any are as at be been blood body but by called can care cases cause caused causes "
    "changes condition diagnosis disease disorder do doctor does each family for from get has have health help how i "
    "if in include information is it its like made make many may medical more most my need no not of often on one or "
    "other our out people provides related risk s see should signs some such symptoms t take test tests than that the "
    "their them there these they this through time to treatment treatments two type up use used we what when which "
    "who will with you your"
)
COMMON = frozenset(_COMMON.split())
# Where a topic says nothing else. Micro F1 on the labelled rows: .91 at .4, .93 at .45 and .5, .92 at .55, .90 at .6.
THRESHOLD = 0.5
REVIEW = 0.3  # the least weight of a cue that needs company: one such cue alone is worth a look
# Stands among the words of a text for any number in it; the other signs stand for themselves.
NUMBER = b"#"
SIGNS = "$%&+'"
RARE_SIGNS = frozenset("$%")


class TaxonomyInvalid(PipelineError):
    """A taxonomy file that cannot be used: where in it, what is wrong, and how to mend it."""

    def __init__(self, place: str, problem: str, remedy: str) -> None:
        self.place, self.problem, self.remedy = place, problem, remedy
        super().__init__(f"{place}: {problem}. {remedy}")


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase that speaks for a topic, or against it where its weights are negative.

    `spelled` is the phrase with its word lists in place. A text without a word of each set of `needs` cannot hold it,
    and it begins with one of `starts`. `near` is a spelled phrase.
    """

    phrase: str
    spelled: str
    question: float
    answer: float
    near: str | None
    needs: tuple[frozenset[bytes], ...]
    starts: frozenset[bytes]

    @property
    def pattern(self) -> re.Pattern[str]:
        """For folded text."""
        return compiled(self.spelled)


@dataclass(frozen=True, slots=True)
class Example:
    """A row that must carry the topic, or must not."""

    question: str
    answer: str
    has_topic: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; `masks` are phrases that mean something else, blanked before its cues are looked for."""

    name: str
    title: str
    description: str
    required: bool
    threshold: float
    review: float
    masks: tuple[Cue, ...]
    cues: tuple[Cue, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Taxonomy:
    """All topics by name.

    `version` changes with the content, not with comments or layout. `index` leads, for "question" and "answer", from a
    word to the cues to look for where it stands: (place of the topic, place of the cue in the topic).
    """

    topics: tuple[Topic, ...]
    version: str
    index: Mapping[str, Mapping[bytes, tuple[tuple[int, int], ...]]]


def load_taxonomy(path: Path | str | None = None) -> Taxonomy:
    """The taxonomy of a file, by default the project's own; a content is parsed once.

    Raises `TaxonomyInvalid`, which names the line or the topic and what to do.
    """
    if path is None:
        return _own()
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise TaxonomyInvalid(str(path), f"cannot be read ({error.strerror})", "Name a taxonomy file.") from error
    return _parse(content, Path(path).name)


@cache
def _own() -> Taxonomy:
    return _parse(OWN.read_bytes(), OWN.name)


@lru_cache(maxsize=8)
def _parse(content: bytes, name: str) -> Taxonomy:
    try:
        text = content.decode("utf-8-sig")
        return _Reader(name, text, tomllib.loads(text)).taxonomy()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TaxonomyInvalid(f"{name}, line {line}", "not UTF-8", "Save the file as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise TaxonomyInvalid(name, f"not TOML: {error}", "Mend that line.") from error


# ---------------------------------------------------------------- folded text

# Bytes that `\b` takes for a word's; all others, those of characters beyond ASCII among them, separate words.
_WORD_BYTES = bytes(byte if chr(byte) in "abcdefghijklmnopqrstuvwxyz0123456789_" else 32 for byte in range(256))


def fold(text: str) -> str:
    """The text in lower case with straight apostrophes, character for character: offsets stay.

    >>> fold("Don’t delay İ")
    "don't delay i"
    """
    # İ is the one character whose lower case is longer than itself (a test goes through all of them).
    return text.replace("İ", "i").lower().replace("’", "'")


def words_of(folded: str) -> frozenset[bytes]:
    """The words and signs of a folded text, each once, and `#` where it holds a number.

    >>> sorted(words_of("don't pay 9%, don't"))
    [b'#', b'%', b"'", b'9', b'don', b'pay', b't']
    """
    signs = [sign.encode() for sign in SIGNS if sign in folded]
    if _DIGIT.search(folded):
        signs.append(NUMBER)
    return frozenset(folded.encode("utf-8", "surrogatepass").translate(_WORD_BYTES).split() + signs)


# ---------------------------------------------------------------- phrases

_PHRASE = re.compile(r"(?: ~[1-9] |[ (|#$%&+]|[a-z0-9')]\??)+")
_PIECE = re.compile(r" ~(?P<gap>[1-9]) |(?P<space> )|(?P<number>#)|(?P<open>\()|(?P<symbol>[$+])")
_LIST_NAME = re.compile(r"\{([a-z_]+)\}")
_GAP = re.compile(r" ~[1-9] ")
_CHOICE = re.compile(r"\(|[a-z0-9](?=\?)")
_DIGIT = re.compile(r"[0-9]")
# A word that touches a number is none of its own: "#am" is one word of a text.
_WORD_OR_SIGN = re.compile(r"(?<![#a-z0-9])[a-z0-9]+(?![#a-z0-9])|[#$%&+']")
# What may stand between two words of a phrase: "out of pocket" is also "out-of-pocket" and "(out of) pocket".
_JOIN = "[ \\n\\t\\r\xa0'\"()*/\u2010-\u2015\u201c\u201d\u2022-]{1,3}"
# A word of a gap: no white space, and a full stop only inside ("3.5", "U.S"), so that a gap stays in its sentence.
# NUL is what masks are blanked with.
_GAP_WORD = r"(?:[^ \n\t\r\xa0.?!;\x00]|\.[^ \n\t\r\xa0.?!;\x00])+[ \t\xa0]{1,3}"
_NUMBER_REGEX = r"[0-9][0-9.,]*"


@cache
def compiled(spelled: str) -> re.Pattern[str]:
    """ASCII only, so that `\\b` means the same in Python and in RE2."""
    return re.compile(phrase_regex(spelled), re.ASCII)


def phrase_regex(spelled: str) -> str:
    """The regular expression, for folded text, of a phrase whose word lists are in place.

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

    *_, last = _split(spelled, " ")
    start = _boundary({spelling[0] for spelling in _spellings(next(_split(spelled, " ")))})
    end = _boundary({spelling[-1] for spelling in _spellings(last)})
    return f"{start}{_PIECE.sub(piece, spelled)}{end}"


def _boundary(edge: set[str]) -> str:
    """What stands at an edge of a phrase that has these characters. Raises ValueError if only some are a word's."""
    are_words = {character.isalnum() or character == "#" for character in edge}
    if len(are_words) > 1:
        raise ValueError(edge)
    return r"\b" if True in are_words else ""


def needed_words(spelled: str) -> tuple[frozenset[bytes], ...]:
    """Sets of words and signs, the rarest first: a text without one of each set does not hold the phrase.

    >>> [sorted(words) for words in needed_words("the (first|second) ~3 opinions?")]
    [[b'opinion', b'opinions'], [b'first', b'second'], [b'the']]
    """
    parts = (part for part in _split(spelled, " ") if not part.startswith("~"))
    return tuple(sorted(map(_rarest_words, parts), key=_commonness))


def first_words(spelled: str) -> frozenset[bytes]:
    """The words and signs the phrase can begin with. Raises ValueError where it can begin with something else.

    >>> sorted(first_words("(health )?plans?")), first_words("$# a day")
    ([b'health', b'plan', b'plans'], frozenset({b'$'}))
    """
    firsts = [_WORD_OR_SIGN.match(spelling) for spelling in _spellings(next(_split(spelled, " ")))]
    if not all(firsts):
        raise ValueError(spelled)
    return frozenset(first[0].encode() for first in firsts if first)


@lru_cache(maxsize=4096)
def _rarest_words(part: str) -> frozenset[bytes]:
    """Of each spelling the word or sign that the fewest texts hold: $ or %, else the longest word not common."""
    found: list[list[str]] = [_WORD_OR_SIGN.findall(spelling) for spelling in _spellings(part)]
    return frozenset(max(words, key=_rarity).encode() for words in found)


def _rarity(word: str) -> tuple[bool, bool, bool, int]:
    return word in RARE_SIGNS, word.isalnum(), word not in COMMON, len(word)


def _commonness(words: frozenset[bytes]) -> tuple[bool, bool, int]:
    """Sorts sets of rare words first: by whether a word is common, whether all are rare signs, then by the shortest."""
    texts = [word.decode() for word in words]
    return not COMMON.isdisjoint(texts), not RARE_SIGNS.issuperset(texts), -min(map(len, texts))


def _spellings(part: str) -> list[str]:
    """Every text the part stands for; a gap is left out, a number stays `#`.

    >>> _spellings("(pay|cover for ~2 a)s?")
    ['pay', 'pays', 'cover for a', 'cover for as']
    """
    part = _GAP.sub(" ", part)
    options = list(_split(part, "|"))
    if len(options) > 1:
        return [spelling for option in options for spelling in _spellings(option)]
    choice = _CHOICE.search(part)
    if choice is None:
        return [part]
    end, middle = choice.end(), choice[0]
    if middle == "(":
        middle = next(_split(part[end:], ")"))
        end += len(middle) + 1
    middles = ["", *_spellings(middle)] if part.startswith("?", end) else _spellings(middle)
    tails = _spellings(part[end:].removeprefix("?"))
    return [part[: choice.start()] + middle + tail for middle in middles for tail in tails]


def _split(phrase: str, separator: str) -> Iterator[str]:
    """The pieces of a phrase between separators, those inside brackets left alone.

    >>> list(_split("(health plan|insurer)s ~2 pays?", " "))
    ['(health plan|insurer)s', '~2', 'pays?']
    """
    depth = start = 0
    for at, character in enumerate(phrase):
        if character == separator and depth == 0:
            yield phrase[start:at]
            start = at + 1
        depth += (character == "(") - (character == ")")
    yield phrase[start:]


def _is_balanced(phrase: str) -> bool:
    """Whether brackets pair up and every `|` stands inside them."""
    depth = 0
    for character in phrase:
        depth += (character == "(") - (character == ")")
        if depth < 0 or (depth == 0 and character == "|"):
            return False
    return depth == 0


# ---------------------------------------------------------------- reading

_TOPIC_KEYS = frozenset(
    {"title", "description", "required", "threshold", "review", "masks", "cues", "examples", "counter_examples"}
)
_CUE_KEYS = frozenset({"question", "answer", "near", "phrases"})


class _Reader:
    """A taxonomy file, checked while it is read."""

    def __init__(self, name: str, content: str, data: dict[str, Any]) -> None:
        self.name, self.content, self.data = name, content, data
        self.spelled_lists: dict[str, str] = {}

    def taxonomy(self) -> Taxonomy:
        self._check_keys(self.data, frozenset({"words", "topic"}), "the file")
        for name, phrases in self._table(self.data, "words", "the file").items():
            spelled = [self._spell(phrase, f"words.{name}") for phrase in self._strings(phrases, f"words.{name}")]
            self.spelled_lists[name] = "(" + "|".join(spelled) + ")"
        tables = self._table(self.data, "topic", "the file")
        topics = tuple(self._topic(name, self._table(tables, name, "topic")) for name in sorted(tables))
        content = json.dumps(self.data, sort_keys=True, default=str)
        version = hashlib.sha256(content.encode()).hexdigest()[:12]
        return Taxonomy(topics, version, {field: _index(topics, field) for field in ("question", "answer")})

    def _topic(self, name: str, data: dict[str, Any]) -> Topic:
        place = f"topic.{name}"
        self._check_keys(data, _TOPIC_KEYS, place)
        threshold = self._number(data.get("threshold", THRESHOLD), f"{place}.threshold", 0)
        review = self._number(data.get("review", REVIEW), f"{place}.review", 0)
        if not 0 < review <= threshold:
            self._fail(place, f"review ({review}) is not between 0 and threshold ({threshold})", "Lower it.")
        cues = tuple(cue for group in self._tables(data, "cues", place) for cue in self._cues(group, f"{place}.cues"))
        if not cues:
            self._fail(place, "it has no cues", f"Add [[{place}.cues]] with weights and phrases.")
        return Topic(
            name=name,
            title=self._string(data, "title", place),
            description=self._string(data, "description", place),
            required=data.get("required", False) is True,
            threshold=threshold,
            review=review,
            masks=tuple(self._cue(mask, place) for mask in self._strings(data.get("masks", []), f"{place}.masks")),
            cues=cues,
            examples=(*self._examples(data, "examples", place), *self._examples(data, "counter_examples", place)),
        )

    def _examples(self, data: dict[str, Any], key: str, place: str) -> Iterator[Example]:
        for example in self._tables(data, key, place):
            self._check_keys(example, frozenset({"question", "answer"}), f"{place}.{key}")
            yield Example(str(example.get("question", "")), str(example.get("answer", "")), key == "examples")

    def _cues(self, group: dict[str, Any], place: str) -> Iterator[Cue]:
        self._check_keys(group, _CUE_KEYS, place)
        question = self._number(group.get("question", 0.0), f"{place}.question", -1)
        answer = self._number(group.get("answer", 0.0), f"{place}.answer", -1)
        if not (question or answer):
            self._fail(place, "a group of cues has no weight", "Give it `question` or `answer`, -1 to 1.")
        near = self._spell(group["near"], f"{place}.near") if "near" in group else None
        for phrase in self._each(self._strings(group.get("phrases", []), f"{place}.phrases")):
            yield self._cue(phrase, place, question, answer, near)

    def _each(self, phrases: list[str]) -> Iterator[str]:
        """The phrases; in place of one that is a word list and nothing else, the phrases of the list."""
        for phrase in phrases:
            name = _LIST_NAME.fullmatch(phrase)
            if name and name[1] in self.spelled_lists:
                yield from self._each(self.data["words"][name[1]])
            else:
                yield phrase

    def _cue(self, phrase: str, place: str, question: float = 0.0, answer: float = 0.0, near: str | None = None) -> Cue:
        spelled = self._spell(phrase, place)
        try:
            phrase_regex(spelled)
            return Cue(phrase, spelled, question, answer, near, needed_words(spelled), first_words(spelled))
        except ValueError:
            remedy = "Let each part hold a whole word, and each choice at its edges be words or signs."
            self._fail(place, f"{phrase!r} has a part without a word, or words and signs at one edge", remedy, phrase)

    def _spell(self, phrase: str, place: str) -> str:
        """The phrase with its word lists in place."""

        def listed(found: re.Match[str]) -> str:
            if found[1] not in self.spelled_lists:
                self._fail(place, f"no word list {found[1]!r}", "Define it in [words], above its first use.", phrase)
            return self.spelled_lists[found[1]]

        spelled = _LIST_NAME.sub(listed, phrase)
        if not _PHRASE.fullmatch(spelled) or spelled != spelled.strip():
            remedy = "Use lower case letters, digits, single spaces, ( | ) ? # $ % & + ' ~N and {list}."
            self._fail(place, f"{phrase!r} is not a phrase", remedy, phrase)
        if not _is_balanced(spelled):
            self._fail(place, f"{phrase!r} has a bracket or a `|` alone", "Close it, or put ( ) around.", phrase)
        return spelled

    def _table(self, data: dict[str, Any], key: str, place: str) -> dict[str, Any]:
        value = data.get(key, {})
        if not isinstance(value, dict):
            self._fail(place, f"{key!r} is not a table", f"Write [{key}].")
        return value

    def _tables(self, data: dict[str, Any], key: str, place: str) -> list[dict[str, Any]]:
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._fail(place, f"{key!r} is not a list of tables", f"Write [[{place}.{key}]].")
        return value

    def _strings(self, value: object, place: str) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._fail(place, "not a list of texts", 'Write ["one", "two"].')
        return value

    def _string(self, data: dict[str, Any], key: str, place: str) -> str:
        value = data.get(key)
        if not isinstance(value, str) or not value.strip():
            self._fail(place, f"{key} is missing", f'Write {key} = "...".')
        return value

    def _number(self, value: object, place: str, lowest: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= 1:
            self._fail(place, f"{value!r} is not a number from {lowest} to 1", "Mend it.")
        return float(value)

    def _check_keys(self, data: dict[str, Any], known: frozenset[str], place: str) -> None:
        for key in sorted(data.keys() - known):
            self._fail(place, f"unknown key {key!r}", f"Known are {', '.join(sorted(known))}.")

    def _fail(self, place: str, problem: str, remedy: str, phrase: str | None = None) -> NoReturn:
        at = self.content.find(f'"{phrase}"') if phrase is not None else -1
        line = f" (line {self.content.count(chr(10), 0, at) + 1})" if at >= 0 else ""
        raise TaxonomyInvalid(f"{self.name}, {place}{line}", problem, remedy)


def _index(topics: tuple[Topic, ...], field: str) -> dict[bytes, tuple[tuple[int, int], ...]]:
    """From each word of the rarest set that a cue with a weight in the field needs to the places of the cue."""
    places: dict[bytes, list[tuple[int, int]]] = {}
    for topic_place, topic in enumerate(topics):
        for cue_place, cue in enumerate(topic.cues):
            if getattr(cue, field):
                for word in cue.needs[0]:
                    places.setdefault(word, []).append((topic_place, cue_place))
    return {word: tuple(found) for word, found in places.items()}
