"""Question and answer -> topic tags, each with the words that earned it.

What a topic is stands in `topics.toml`; this module knows no topic by name. A topic has *cues*: phrases with one
weight for the question and one for the answer. The score of a row is `1 - product(1 - weight)` over the cues found,
each word of the text counting once; cues of negative weight then take their share away. A score of `threshold` or
more is a tag; one from `review` up to `threshold` is a tag with `needs_review`.

Phrases are a small language, made into regular expressions that RE2 accepts (a test asks DuckDB) and that nothing
can make explode: no lookaround, no backreference, no open-ended repetition inside another.

    second opinion    these words, with white space, a hyphen, a slash, a quote or a bracket between them
    costs?            what stands before `?`, a letter or a group, may be missing
    (pay|cover)s      one of these
    {payer}           one of the word list `payer`
    when ~3 call      up to three words between, in the same sentence
    # days, $#        a number
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn

from pipeline.errors import PipelineError

if TYPE_CHECKING:
    import pandas as pd

TAXONOMY = Path(__file__).with_name("topics.toml")

Field = Literal["question", "answer"]


class TaxonomyInvalid(PipelineError):
    """A taxonomy that cannot be used: says where, what is wrong and how to mend it."""

    def __init__(self, place: str, problem: str, remedy: str) -> None:
        self.place, self.problem, self.remedy = place, problem, remedy
        super().__init__(f"{place}: {problem}. {remedy}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One cue found: `text` stands at `start:end` (code points, end exclusive) of the question or answer as given."""

    field: Field
    start: int
    end: int
    text: str
    cue: str
    weight: float


@dataclass(frozen=True, slots=True)
class TopicTag:
    """One topic of a question and answer; `score` is 0 to 1, `needs_review` says it is too low to be sure."""

    topic: str
    score: float
    needs_review: bool
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase that speaks for a topic (or against it, where its weights are negative).

    `spelled` is the phrase with its word lists in place. `needs` holds sets of words; a text without a word of each
    cannot hold the phrase. `near` is a phrase that must stand in the same sentence.
    """

    phrase: str
    spelled: str
    question: float
    answer: float
    near: str | None
    needs: tuple[frozenset[bytes], ...]
    starts: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class Example:
    """A row that must, or must not, carry the topic."""

    question: str
    answer: str
    has_topic: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as the taxonomy defines it. `masks` are phrases blanked before its cues are looked for."""

    name: str
    title: str
    description: str
    required: bool
    threshold: float
    review: float
    masks: tuple[Cue, ...]
    cues: tuple[Cue, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, eq=False)
class Taxonomy:
    """All topics by name, and `index`: each word that is a cue's rarest to the (topic, place among its cues)."""

    topics: tuple[Topic, ...]
    version: str
    index: Mapping[bytes, tuple[tuple[int, int], ...]]


class LintFailure(NamedTuple):
    """An example that is not tagged as the taxonomy says it should be."""

    topic: str
    problem: str
    example: Example
    score: float


# ---------------------------------------------------------------- phrases

# Words that more than about 6 % of health questions and answers hold (MedQuAD and FAQ pages), and endings of other
# common words' contractions. Only speed depends on them: a cue is looked for because of its rarer words.
COMMON = frozenset(
    "a about after all also an and any are as at be been before blood body but by called can cancer care cases cause "
    "caused causes changes condition could course days diagnosis disability disease do doctor does drug each early "
    "eligible family for free from general get has have health help her his history home hospital how i if in include "
    "information is it its like long made make many may medical medicine more most my need no not of often on one or "
    "other our out patient patients pay people plan provides related risk s see should signs some such surgery "
    "symptoms t take test tests than that the their them there these they this through time to treatment treatments "
    "two up use used we what when which who will with you your".split()
)
PHRASE = re.compile(r"(?: ~[1-9] |[ (|#$%&+]|[a-z0-9')]\??)+")
PIECE = re.compile(r" ~(?P<gap>[1-9]) |(?P<space> )|(?P<number>#)|(?P<open>\()|(?P<symbol>[$+])")
# What may stand between two words of a phrase: "out of pocket" is also "out-of-pocket" and "(out of) pocket".
JOIN = "[ \\n\\t\\r\xa0'\"()*/\u2010-\u2015\u201c\u201d\u2022-]{1,3}"
# A word of a gap: no white space, and a full stop only inside ("3.5", "U.S"), so that a gap stays in its sentence.
# NUL is what masks are blanked with.
GAP_WORD = r"(?:[^ \n\t\r\xa0.?!;\x00]|\.[^ \n\t\r\xa0.?!;\x00])+[ \t\xa0]{1,3}"
NUMBER = r"[0-9][0-9.,]*"
CHOICE = re.compile(r"\(|[a-z0-9](?=\?)")
LIST_NAME = re.compile(r"\{([a-z_]+)\}")
FIRST_WORD = re.compile(r"[a-z0-9]+(?![#a-z0-9])")
PLAIN_WORD = re.compile(r"(?<![#a-z0-9])[a-z0-9]+(?![#a-z0-9])")


def phrase_regex(phrase: str) -> str:
    """The regular expression of a phrase whose word lists are spelled out; for text folded by `fold`.

    >>> bool(re.search(phrase_regex("(pay|cover)s? ~2 visits?"), "they cover the first visit"))
    True
    """

    def piece(found: re.Match[str]) -> str:
        if found["gap"]:
            return f",?{JOIN}(?:{GAP_WORD}){{0,{found['gap']}}}"
        if found["space"]:
            return JOIN
        if found["number"]:
            return NUMBER
        return "(?:" if found["open"] else re.escape(found["symbol"])

    start = "" if phrase[0] in "$%+" else r"\b"
    end = "" if phrase[-1] in "%+" else r"\b"
    return f"{start}{PIECE.sub(piece, phrase)}{end}"


def needed_words(phrase: str) -> tuple[frozenset[bytes], ...]:
    """Sets of words, the rarest first: text without a word of each set does not hold the phrase.

    >>> [sorted(words) for words in needed_words("the (first|second) ~3 opinions?")]
    [[b'opinion', b'opinions'], [b'first', b'second'], [b'the']]
    """
    needs = (_key_words(part) for part in _split(phrase, " ") if not part.startswith("~"))
    return tuple(sorted(filter(None, needs), key=_commonness))


def _commonness(words: frozenset[bytes]) -> tuple[bool, int]:
    """Sorts sets of rare words first: by whether one is common, then by the shortest."""
    return any(word.decode() in COMMON for word in words), -min(map(len, words))


def first_words(phrase: str) -> frozenset[bytes]:
    """The words the phrase can begin with; empty where it can begin with something else.

    >>> sorted(first_words("(health )?plans?"))
    [b'health', b'plan', b'plans']
    """
    spellings = _spellings(next(_split(phrase, " ")))
    firsts = [FIRST_WORD.match(spelling) for spelling in spellings]
    return frozenset(first[0].encode() for first in firsts if first) if all(firsts) else frozenset()


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


@lru_cache(maxsize=4096)
def _key_words(part: str) -> frozenset[bytes]:
    """The rarest word of each spelling of the part, the longest of those that are not common; empty where it has none."""
    spellings = [PLAIN_WORD.findall(spelling) for spelling in _spellings(part)]
    rarest = [max(words, key=lambda word: (word not in COMMON, len(word)), default="") for words in spellings]
    return frozenset(word.encode() for word in rarest) if all(rarest) else frozenset()


def _spellings(part: str) -> list[str]:
    """Every text the part stands for, a gap left out and a number as `#`.

    >>> _spellings("(pay|cover)s?")
    ['pay', 'pays', 'cover', 'covers']
    """
    options = list(_split(part, "|"))
    if len(options) > 1:
        return [spelling for option in options for spelling in _spellings(option)]
    choice = CHOICE.search(part)
    if choice is None:
        return [re.sub(" ~[1-9] ", " ", part)]
    end = choice.end()
    if choice[0] == "(":
        inside = next(_split(part[end:], ")"))
        end += len(inside) + 1
    else:
        inside = choice[0]
    may_miss = part.startswith("?", end)
    middles = _spellings(inside)
    tails = _spellings(part[end:].removeprefix("?"))
    return [part[: choice.start()] + middle + tail for middle in ([""] if may_miss else []) + middles for tail in tails]


@cache
def _compiled(phrase: str) -> re.Pattern[str]:
    """ASCII only, so that `\\b` means the same in Python and in RE2."""
    return re.compile(phrase_regex(phrase), re.ASCII)


def fold(text: str) -> str:
    """The text in lower case with straight apostrophes, character for character (offsets stay).

    >>> fold("Don’t delay İ")
    "don't delay i"
    """
    # İ is the only character whose lower case is longer than one (tests/test_topics.py goes through all).
    return text.replace("İ", "i").lower().replace("’", "'")


# Bytes of a word as `\b` has it; all others, those of characters beyond ASCII among them, separate words.
WORD_BYTES = bytes(byte if chr(byte) in "abcdefghijklmnopqrstuvwxyz0123456789_" else 32 for byte in range(256))


# Index key of the cues that need no word ("$#"): they are looked for in every text.
NO_WORD = b""


def _words(folded: str) -> list[bytes]:
    return folded.encode("utf-8", "surrogatepass").translate(WORD_BYTES).split()


# ---------------------------------------------------------------- taxonomy


def load_taxonomy(path: Path | str | None = None) -> Taxonomy:
    """The taxonomy of a TOML file, by default the project's own; read once for each content.

    Raises `TaxonomyInvalid` that names the line or topic and what to do.
    """
    if path is None:
        return _own_taxonomy()
    place = Path(path)
    try:
        content = place.read_bytes()
    except OSError as error:
        raise TaxonomyInvalid(str(place), f"cannot be read ({error.strerror})", "Name a taxonomy file.") from error
    return _parsed(content, place.name)


@lru_cache(maxsize=1)
def _own_taxonomy() -> Taxonomy:
    return _parsed(TAXONOMY.read_bytes(), TAXONOMY.name)


@lru_cache(maxsize=8)
def _parsed(content: bytes, name: str) -> Taxonomy:
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise TaxonomyInvalid(name, f"byte {error.start} is not UTF-8", "Save the file as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise TaxonomyInvalid(name, f"not TOML: {error}", "Mend that line.") from error
    return _Reader(name, content.decode("utf-8"), data).taxonomy()


TOPIC_KEYS = {
    "title", "description", "required", "threshold", "review", "masks", "cues", "examples", "counter_examples",
}  # fmt: skip
CUE_KEYS = {"question", "answer", "near", "phrases"}


class _Reader:
    """What a taxonomy file says, checked while it is read."""

    def __init__(self, name: str, content: str, data: dict[str, Any]) -> None:
        self.name, self.content, self.data = name, content, data
        self.lists: dict[str, str] = {}

    def taxonomy(self) -> Taxonomy:
        self._known_keys(self.data, {"words", "topic"}, "the file")
        for list_name, phrases in self._table(self.data, "words", "the file").items():
            spelled = [self._phrase(phrase, f"words.{list_name}") for phrase in self._strings(phrases, list_name)]
            self.lists[list_name] = "(" + "|".join(spelled) + ")"
        tables = self._table(self.data, "topic", "the file")
        topics = tuple(self._topic(name, tables) for name in sorted(tables))
        index: dict[bytes, list[tuple[int, int]]] = {}
        for place, topic in enumerate(topics):
            for number, cue in enumerate(topic.cues):
                for word in cue.needs[0] if cue.needs else {NO_WORD}:
                    index.setdefault(word, []).append((place, number))
        content = json.dumps(self.data, sort_keys=True, ensure_ascii=True, default=str)
        version = hashlib.sha256(content.encode()).hexdigest()[:12]
        return Taxonomy(topics, version, {word: tuple(places) for word, places in index.items()})

    def _topic(self, name: str, topics: dict[str, Any]) -> Topic:
        place = f"topic.{name}"
        data = self._table(topics, name, "topic")
        self._known_keys(data, TOPIC_KEYS, place)
        threshold = self._number(data.get("threshold", 0.5), f"{place}.threshold", 0)
        review = self._number(data.get("review", 0.3), f"{place}.review", 0)
        if not 0 < review <= threshold:
            self._fail(place, f"review {review} is not between 0 and threshold {threshold}", "Lower it.")
        cues = [cue for group in data.get("cues", []) for cue in self._cues(group, place)]
        if not cues:
            self._fail(place, "it has no cues", f"Add [[{place}.cues]] with weights and phrases.")
        examples = [
            Example(example.get("question", ""), example.get("answer", ""), key == "examples")
            for key in ("examples", "counter_examples")
            for example in data.get(key, [])
        ]
        return Topic(
            name=name,
            title=self._string(data, "title", place),
            description=self._string(data, "description", place),
            required=bool(data.get("required", False)),
            threshold=threshold,
            review=review,
            masks=tuple(self._cue(mask, place) for mask in self._strings(data.get("masks", []), f"{place}.masks")),
            cues=tuple(cues),
            examples=tuple(examples),
        )

    def _cues(self, group: dict[str, Any], place: str) -> Iterator[Cue]:
        self._known_keys(group, CUE_KEYS, f"{place}.cues")
        question = self._number(group.get("question", 0.0), f"{place}.cues.question", -1)
        answer = self._number(group.get("answer", 0.0), f"{place}.cues.answer", -1)
        if not (question or answer):
            self._fail(f"{place}.cues", "a group of cues has no weight", "Give it `question` or `answer`, -1 to 1.")
        near = self._phrase(group["near"], f"{place}.cues.near") if "near" in group else None
        for phrase in self._each(self._strings(group.get("phrases", []), f"{place}.cues.phrases")):
            yield self._cue(phrase, f"{place}.cues", question, answer, near)

    def _each(self, phrases: list[str]) -> Iterator[str]:
        """The phrases; one that is a word list and nothing else stands for each phrase of the list."""
        for phrase in phrases:
            name = LIST_NAME.fullmatch(phrase)
            if name and name[1] in self.data["words"]:
                yield from self._each(self.data["words"][name[1]])
            else:
                yield phrase

    def _cue(self, phrase: str, place: str, question: float = 0.0, answer: float = 0.0, near: str | None = None) -> Cue:
        spelled = self._phrase(phrase, place)
        try:
            needs = needed_words(spelled)
        except RecursionError:
            self._fail(place, f"{phrase!r} is too long", "Split it.")
        return Cue(phrase, spelled, question, answer, near, needs, first_words(spelled))

    def _phrase(self, phrase: str, place: str) -> str:
        """The phrase with its word lists spelled out."""

        def spelled(found: re.Match[str]) -> str:
            if found[1] not in self.lists:
                self._fail(place, f"{phrase!r} uses the word list {found[1]!r}", "Define it above in [words].")
            return self.lists[found[1]]

        text = LIST_NAME.sub(spelled, phrase)
        if not PHRASE.fullmatch(text) or text != text.strip():
            self._fail(place, f"{phrase!r} is not a phrase", "Use lower case, digits, ' $ % & + ( | ) ? # ~N {list}.")
        try:
            re.compile(phrase_regex(text))
        except re.error as error:
            self._fail(place, f"{phrase!r}: {error.msg}", "Mind its brackets and question marks.")
        return text

    def _table(self, data: dict[str, Any], key: str, place: str) -> dict[str, Any]:
        value = data.get(key, {})
        if not isinstance(value, dict):
            self._fail(place, f"{key!r} is not a table", f"Write [{key}].")
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

    def _known_keys(self, data: dict[str, Any], known: set[str], place: str) -> None:
        for key in data.keys() - known:
            self._fail(place, f"unknown key {key!r}", f"Known are {', '.join(sorted(known))}.")

    def _fail(self, place: str, problem: str, remedy: str) -> NoReturn:
        raise TaxonomyInvalid(f"{self.name}, {place}", problem, remedy)


# ---------------------------------------------------------------- tagging

# How far, in characters, a cue's `near` is looked for inside the cue's sentence.
NEAR = 200
SENTENCE_END = re.compile(r"[.?!]['\")\]]*[ \t\r\n]|\n")


# Characters; a longer question is a letter, and only what it asks speaks of its topic.
LONG_QUESTION = 200


def tag_topics(question: str | None, answer: str | None, taxonomy: Taxonomy | None = None) -> list[TopicTag]:
    """The topics of a cleaned question and answer, by name; None stands for a part that is not there.

    >>> [tag.topic for tag in tag_topics("How much does the visit cost?", "Please call us.")]
    ['cost']
    """
    taxonomy = taxonomy or _own_taxonomy()
    return list(_tags(taxonomy, question or "", answer or ""))


def _tags(taxonomy: Taxonomy, question: str, answer: str) -> Iterator[TopicTag]:
    found: dict[int, list[Evidence]] = {}
    for place, evidence in (*_evidence(taxonomy, "question", question), *_evidence(taxonomy, "answer", answer)):
        found.setdefault(place, []).extend(evidence)
    for place in sorted(found):
        topic = taxonomy.topics[place]
        score = _score(evidence.weight for evidence in found[place])
        if score >= topic.review:
            yield TopicTag(topic.name, score, score < topic.threshold, tuple(found[place]))


def _score(weights: Iterable[float]) -> float:
    """1 - product(1 - weight) over the positive weights, less the share each negative one takes."""
    missing = share = 1.0
    for weight in weights:
        if weight > 0:
            missing *= 1 - weight
        else:
            share *= 1 + weight
    return round((1 - missing) * share, 4)


def _evidence(taxonomy: Taxonomy, field: Field, text: str) -> Iterator[tuple[int, list[Evidence]]]:
    """For each topic (its place) with a cue in the text: its cues there, in text order."""
    folded = fold(text)
    if field == "question" and len(folded) > LONG_QUESTION:
        folded = _asking(folded)
    present = frozenset(_words(folded))
    for place, numbers in _candidates(taxonomy, present):
        topic = taxonomy.topics[place]
        cues = [cue for number in numbers if getattr(cue := topic.cues[number], field) and _could_hold(cue, present)]
        spans = _spans(cues, folded, present)
        if spans:  # else there is nothing that a mask could take away
            masked = _masked(topic, folded, present)
            if masked != folded:
                spans = _spans([cue for cue, _ in spans], masked, present)
        if spans:
            yield place, [
                Evidence(field, start, end, text[start:end], cue.phrase, getattr(cue, field))
                for cue, (start, end) in _each_word_once(spans, field)
            ]


def _candidates(taxonomy: Taxonomy, present: frozenset[bytes]) -> Iterator[tuple[int, list[int]]]:
    """Each topic (its place) with the numbers of its cues whose rarest word is present, both ascending."""
    numbers: dict[int, list[int]] = {}
    for word in (NO_WORD, *(present & taxonomy.index.keys())):
        for place, number in taxonomy.index.get(word, ()):
            numbers.setdefault(place, []).append(number)
    for place in sorted(numbers):
        yield place, sorted(set(numbers[place]))


def _asking(question: str) -> str:
    """The question with its sentences blanked that do not end in "?"; as it is where none does.

    >>> _asking("i was ill. what does it cost?").strip(chr(0))
    'what does it cost?'
    """
    if "?" not in question:
        return question
    ends = [0, *(stop.end() for stop in SENTENCE_END.finditer(question)), len(question)]
    sentences = (question[start:end] for start, end in pairwise(ends))
    return "".join(text if "?" in text[-4:] else "\0" * len(text) for text in sentences)


def _could_hold(cue: Cue, words: frozenset[bytes]) -> bool:
    for need in cue.needs:  # a loop, for speed: this is asked dozens of times for each row
        if need.isdisjoint(words):
            return False
    return True


def _masked(topic: Topic, folded: str, words: frozenset[bytes]) -> str:
    for mask in topic.masks:
        if _could_hold(mask, words):
            folded = _compiled(mask.spelled).sub(lambda found: "\0" * len(found[0]), folded)
    return folded


def _spans(cues: list[Cue], text: str, present: frozenset[bytes]) -> list[tuple[Cue, tuple[int, int]]]:
    return [(cue, span) for cue in cues if (span := _find(cue, text, present))]


def _find(cue: Cue, text: str, present: frozenset[bytes]) -> tuple[int, int] | None:
    """Where the cue first stands (near what it must be near)."""
    pattern = _compiled(cue.spelled)
    for start in _starts(cue, text, present):
        found = pattern.match(text, start)
        if found and (cue.near is None or _compiled(cue.near).search(text, *_sentence(text, *found.span()))):
            return found.span()
    return None


def _starts(cue: Cue, text: str, present: frozenset[bytes]) -> Iterable[int]:
    """The places, ascending, at which the cue can begin: looking there only is ten times faster than a search."""
    if not cue.starts:
        return (found.start() for found in _compiled(cue.spelled).finditer(text))
    starts = []
    for word in cue.starts & present:
        sought = word.decode()
        at = text.find(sought)
        while at >= 0:
            starts.append(at)
            at = text.find(sought, at + 1)
    return sorted(starts)


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around a span, at most `NEAR` characters to either side of it."""
    first = max(0, start - NEAR)
    for stop in SENTENCE_END.finditer(text, first, start):
        first = stop.end()
    stop_after = SENTENCE_END.search(text, end, end + NEAR)
    return first, stop_after.start() if stop_after else end + NEAR


def _each_word_once(spans: list[tuple[Cue, tuple[int, int]]], field: Field) -> list[tuple[Cue, tuple[int, int]]]:
    """The spans in text order; where two overlap only the heavier, longer, earlier one."""
    kept: list[tuple[Cue, tuple[int, int]]] = []
    for cue, (start, end) in sorted(
        spans, key=lambda item: (-abs(getattr(item[0], field)), item[1][0] - item[1][1], item[1][0], item[0].phrase)
    ):
        against = getattr(cue, field) < 0
        if against or all(end <= other_start or other_end <= start for _, (other_start, other_end) in kept):
            kept.append((cue, (start, end)))
    return sorted(kept, key=lambda item: item[1])


# ---------------------------------------------------------------- tables


def tag_table(qa: pd.DataFrame, taxonomy: Taxonomy | None = None) -> pd.DataFrame:
    """One row for each tag of `qa` (`qa_id`, `question`, `answer`), in its order, then by topic.

    `qa_id`, `topic`, `score`, `needs_review`, `evidence` (list of dicts: field, start, end, text, cue, weight).
    Each row is tagged as `tag_topics` tags it.
    """
    import pandas as pd

    taxonomy = taxonomy or _own_taxonomy()
    rows = []
    for qa_id, question, answer in zip(qa["qa_id"], qa["question"], qa["answer"], strict=True):
        question = question if isinstance(question, str) else ""
        answer = answer if isinstance(answer, str) else ""
        for tag in _tags(taxonomy, question, answer):
            evidence = [{name: getattr(item, name) for name in item.__slots__} for item in tag.evidence]
            rows.append((qa_id, tag.topic, tag.score, tag.needs_review, evidence))
    return pd.DataFrame(rows, columns=["qa_id", "topic", "score", "needs_review", "evidence"])


def topic_table(taxonomy: Taxonomy | None = None) -> pd.DataFrame:
    """One row for each topic known: `topic`, `title`, `description`, `required`, `taxonomy_version`."""
    import pandas as pd

    taxonomy = taxonomy or _own_taxonomy()
    rows = [(topic.name, topic.title, topic.description, topic.required, taxonomy.version) for topic in taxonomy.topics]
    return pd.DataFrame(rows, columns=["topic", "title", "description", "required", "taxonomy_version"])


def lint_taxonomy(taxonomy: Taxonomy | None = None) -> list[LintFailure]:
    """The examples that do not get their topic, and the counter-examples that do."""
    taxonomy = taxonomy or _own_taxonomy()
    failures = []
    for topic in taxonomy.topics:
        for example in topic.examples:
            tags = {tag.topic: tag for tag in _tags(taxonomy, example.question, example.answer)}
            tag = tags.get(topic.name)
            has_topic = tag is not None and not tag.needs_review
            if has_topic != example.has_topic:
                problem = "missed" if example.has_topic else "stray"
                failures.append(LintFailure(topic.name, problem, example, tag.score if tag else 0.0))
    return failures
