"""Reads a taxonomy, by default `topics.toml`: the topics and the phrases that are evidence for them.

    [words]                                  # lists that phrases use by name
    payer = ["insurers?", "medicare"]

    [topic.insurance]
    title = "Insurance and cover"
    description = "What a health plan covers."
    required = true                          # reported even when no row has it
    threshold = 0.5                          # a score of at least this is a tag ...
    review = 0.3                             # ... and of at least this a tag that a person should check
    masks = ["cover your mouth"]             # blanked before the text is searched for cues
    examples = [{ question = "Will my insurer pay?", answer = "" }]
    counter_examples = [{ question = "How does it spread?", answer = "Cover your mouth." }]

    [[topic.insurance.cues]]                 # any number of such groups
    question = 0.8                           # weight in a question, -1 to 1; without it, not searched there
    answer = 0.6
    near = "{payer}"                         # must be in the same sentence (optional)
    phrases = ["(covers?|pays?)", "{payer} ~3 (covers?|pays?)"]

phrases.py describes the syntax of a phrase.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn

from pipeline.errors import PipelineError
from pipeline.topics.phrases import (
    DEEPEST,
    LIST_NAME,
    MOST_SPELLINGS,
    PHRASE,
    TooManySpellings,
    boundaries,
    check_depth,
    compiled,
    first_words,
    is_balanced,
    needed_words,
)

Field = Literal["question", "answer"]
FIELDS: tuple[Field, Field] = ("question", "answer")

OWN = Path(__file__).with_name("topics.toml")

# The defaults of a topic. Micro F1 on the labelled rows: .91 at .4, .93 at .45 and .5, .92 at .55, .90 at .6.
THRESHOLD = 0.5
REVIEW = 0.3  # the smallest weight with which a single cue, not enough for a tag, asks for a check


class TaxonomyInvalid(PipelineError):
    """A taxonomy file that cannot be used: where in it, what is wrong, and what to do."""

    exit_code = 2

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        self.where, self.problem, self.remedy = where, problem, remedy
        super().__init__(f"{where}: {problem}. {remedy}")


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase that is evidence for a topic, or against it when its weights are negative.

    `spelled` is the phrase with its word lists expanded. A text that contains it has a word of each set of `needs`, and
    the match begins with one of `starts`. `near` is a phrase with its word lists expanded.
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
    """A row that must have the topic, or must not."""

    question: str
    answer: str
    has_topic: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; `masks` are phrases with another meaning, blanked before the text is searched for its cues."""

    name: str
    title: str
    description: str
    required: bool
    threshold: float
    review: float
    masks: tuple[Cue, ...]
    cues: tuple[Cue, ...]
    examples: tuple[Example, ...]


class FieldCue(NamedTuple):
    """A cue to search for in a field, and its weight there; 0 for a mask. `topic` is the index of the topic."""

    topic: int
    cue: Cue
    weight: float


class Candidate(NamedTuple):
    """A cue that may be in some texts: its index in `Taxonomy.field_cues`, and where it can begin in which texts."""

    number: int
    texts: list[int]
    starts: list[int]


@dataclass(frozen=True, slots=True, eq=False)
class Taxonomy:
    """All topics by name.

    `version` changes with the content, not with comments or layout. For each field, `field_cues` has its cues and
    masks by topic, and `index` maps a word to the indexes in `field_cues` of the cues that a text with it may contain.
    A taxonomy is pickled as its `source` (content and name of a file); another process parses it once.
    """

    topics: tuple[Topic, ...]
    version: str
    field_cues: Mapping[Field, tuple[FieldCue, ...]]
    index: Mapping[Field, Mapping[bytes, tuple[int, ...]]]
    source: tuple[bytes, str]

    def __reduce__(self) -> tuple[Callable[[bytes, str], Taxonomy], tuple[bytes, str]]:
        return _parse, self.source


def load_taxonomy(path: str | os.PathLike[str] | None = None) -> Taxonomy:
    """The taxonomy of a file, by default the project's own; equal content is parsed once.

    Raises `TaxonomyInvalid`, which names the line or the topic and what to do.
    """
    if path is None:
        return _own()
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise TaxonomyInvalid(str(path), f"cannot be read ({error.strerror})", "Name a taxonomy file.") from error
    return _parse(content, Path(path).name)


def version_of(path: str | os.PathLike[str] | None = None) -> str:
    """The `version` of a taxonomy, without compiling the project's own, which takes a tenth of a second."""
    return _own_version() if path is None else load_taxonomy(path).version


@cache
def _own_version() -> str:
    return _version(_table_of(OWN.read_bytes(), OWN.name)[1])


def _version(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()[:12]


def taxonomy_text(path: str | os.PathLike[str] | None = None) -> str:
    """The text of a taxonomy file, by default of the project's own, after a check. Raises `TaxonomyInvalid`."""
    load_taxonomy(path)
    return Path(path or OWN).read_text("utf-8-sig")


@cache
def _own() -> Taxonomy:
    return _parse(OWN.read_bytes(), OWN.name)


@lru_cache(maxsize=8)
def _parse(content: bytes, name: str) -> Taxonomy:
    return _Reader(name, *_table_of(content, name)).taxonomy(content)


@lru_cache(maxsize=8)
def _table_of(content: bytes, name: str) -> tuple[str, dict[str, Any]]:
    """A taxonomy file as text, and the table that it is."""
    try:
        text = content.decode("utf-8-sig")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TaxonomyInvalid(f"{name}, line {line}", "not UTF-8", "Save the file as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise TaxonomyInvalid(name, f"not TOML: {error}", "Correct that line.") from error


# ---------------------------------------------------------------- reading

_TOPIC_KEYS = frozenset(
    {"title", "description", "required", "threshold", "review", "masks", "cues", "examples", "counter_examples"}
)
_CUE_KEYS = frozenset({"question", "answer", "near", "phrases"})


class _Reader:
    """Reads and checks a taxonomy file; `section` is the current table: its header and the rank among equal ones."""

    def __init__(self, name: str, content: str, data: dict[str, Any]) -> None:
        self.name, self.lines, self.data = name, content.splitlines(), data
        self.spelled_lists: dict[str, str] = {}
        self.section = ("", 0)

    def taxonomy(self, source: bytes) -> Taxonomy:
        self._check_keys(self.data, frozenset({"words", "topic"}), "the file")
        self.section = ("words", 0)
        for name, phrases in self._table(self.data, "words", "the file").items():
            spelled = [self._spell(phrase, f"words.{name}") for phrase in self._strings(phrases, f"words.{name}")]
            self.spelled_lists[name] = "(" + "|".join(spelled) + ")"
        tables = self._table(self.data, "topic", "the file")
        topics = tuple(self._topic(name, self._table(tables, name, "topic")) for name in sorted(tables))
        field_cues = {field: _field_cues(topics, field) for field in FIELDS}
        index = {field: _index(field_cues[field]) for field in FIELDS}
        return Taxonomy(topics, _version(self.data), field_cues, index, (source, self.name))

    def _topic(self, name: str, data: dict[str, Any]) -> Topic:
        where = f"topic.{name}"
        self.section = (where, 0)
        self._check_keys(data, _TOPIC_KEYS, where)
        threshold = self._number(data.get("threshold", THRESHOLD), f"{where}.threshold", 0)
        review = self._number(data.get("review", REVIEW), f"{where}.review", 0)
        if not 0 < review <= threshold:
            self._fail(where, f"review ({review}) is not between 0 and threshold ({threshold})", "Lower it.")
        masks = tuple(self._cue(mask, where) for mask in self._strings(data.get("masks", []), f"{where}.masks"))
        title, description = self._string(data, "title", where), self._string(data, "description", where)
        examples = (*self._examples(data, "examples", where), *self._examples(data, "counter_examples", where))
        groups = self._tables(data, "cues", where)
        if not groups:
            self._fail(where, "it has no cues", f"Add [[{where}.cues]] with weights and phrases.")
        cues: list[Cue] = []
        for number, group in enumerate(groups):
            self.section = (f"{where}.cues", number)
            cues += self._cues(group, f"{where}.cues")
        return Topic(
            name=name,
            title=title,
            description=description,
            required=data.get("required", False) is True,
            threshold=threshold,
            review=review,
            masks=masks,
            cues=tuple(cues),
            examples=examples,
        )

    def _examples(self, data: dict[str, Any], key: str, where: str) -> Iterator[Example]:
        for example in self._tables(data, key, where):
            self._check_keys(example, frozenset({"question", "answer"}), f"{where}.{key}")
            yield Example(str(example.get("question", "")), str(example.get("answer", "")), key == "examples")

    def _cues(self, group: dict[str, Any], where: str) -> Iterator[Cue]:
        self._check_keys(group, _CUE_KEYS, where)
        question = self._number(group.get("question", 0.0), f"{where}.question", -1)
        answer = self._number(group.get("answer", 0.0), f"{where}.answer", -1)
        if not (question or answer):
            self._fail(where, "a group of cues has no weight", "Give it `question` or `answer`, -1 to 1.")
        near = self._spell(group["near"], f"{where}.near") if "near" in group else None
        for phrase in self._expanded(self._strings(group.get("phrases", []), f"{where}.phrases")):
            yield self._cue(phrase, where, question, answer, near)

    def _expanded(self, phrases: list[str]) -> Iterator[str]:
        """The phrases, where a phrase that is only a word list is replaced by the phrases of the list."""
        for phrase in phrases:
            name = LIST_NAME.fullmatch(phrase)
            if name and name[1] in self.spelled_lists:
                yield from self._expanded(self.data["words"][name[1]])
            else:
                yield phrase

    def _cue(self, phrase: str, where: str, question: float = 0.0, answer: float = 0.0, near: str | None = None) -> Cue:
        spelled = self._spell(phrase, where)
        try:
            check_depth(spelled)
            boundaries(spelled)
            return Cue(phrase, spelled, question, answer, near, needed_words(spelled), first_words(spelled))
        except TooManySpellings:
            problem = (
                f"{phrase[:60]!r} has more than {MOST_SPELLINGS:,} spellings, or {DEEPEST} brackets within brackets"
            )
            self._fail(where, problem, "Write it as several phrases.", phrase)
        except ValueError:
            remedy = "Let each part contain a whole word, and each choice at its edges be words or signs."
            self._fail(where, f"{phrase!r} has a part without a word, or words and signs at one edge", remedy, phrase)

    def _spell(self, phrase: str, where: str) -> str:
        """The phrase with its word lists expanded."""

        def listed(found: re.Match[str]) -> str:
            if found[1] not in self.spelled_lists:
                self._fail(where, f"no word list {found[1]!r}", "Define it in [words], before its first use.", phrase)
            return self.spelled_lists[found[1]]

        shape = LIST_NAME.sub("()", phrase)
        if not PHRASE.fullmatch(shape) or shape != shape.strip():
            remedy = "Use lower case letters, digits, single spaces, ( | ) ? # $ % & + ' ~N and {list}."
            self._fail(where, f"{phrase!r} is not a phrase", remedy, phrase)
        if not is_balanced(shape):
            self._fail(
                where,
                f"{phrase!r} has an unpaired bracket, or a `|` outside brackets",
                "Close it, or put ( ) around the choices.",
                phrase,
            )
        return phrase if shape == phrase else LIST_NAME.sub(listed, phrase)

    def _table(self, data: dict[str, Any], key: str, where: str) -> dict[str, Any]:
        value = data.get(key, {})
        if not isinstance(value, dict):
            self._fail(where, f"{key!r} is not a table", f"Write [{key}].")
        return value

    def _tables(self, data: dict[str, Any], key: str, where: str) -> list[dict[str, Any]]:
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._fail(where, f"{key!r} is not a list of tables", f"Write [[{where}.{key}]].")
        return value

    def _strings(self, value: object, where: str) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._fail(where, "not a list of texts", 'Write ["one", "two"].')
        return value

    def _string(self, data: dict[str, Any], key: str, where: str) -> str:
        value = data.get(key)
        if not isinstance(value, str) or not value.strip():
            self._fail(where, f"{key} is missing", f'Write {key} = "...".')
        return value

    def _number(self, value: object, where: str, lowest: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= 1:
            self._fail(where, f"{value!r} is not a number from {lowest} to 1", "Correct it.")
        return float(value)

    def _check_keys(self, data: dict[str, Any], known: frozenset[str], where: str) -> None:
        for key in sorted(data.keys() - known):
            self._fail(where, f"unknown key {key!r}", f"The known keys are {', '.join(sorted(known))}.", key=key)

    def _fail(
        self, where: str, problem: str, remedy: str, phrase: str | None = None, key: str | None = None
    ) -> NoReturn:
        line = self._line(phrase, key or where.rpartition(".")[2])
        raise TaxonomyInvalid(f"{self.name}, {where}{f' (line {line})' if line else ''}", problem, remedy)

    def _line(self, phrase: str | None, key: str) -> int | None:
        """The line, from 1, of a phrase or key in the current section, or of the section's header."""
        first, stop = self._section_lines()
        pattern = rf'"{re.escape(phrase)}"' if phrase is not None else rf"^\s*(?:\[+\s*)?{re.escape(key)}\s*[=.\]]"
        within = (number for number in range(first, stop) if re.search(pattern, self.lines[number]))
        return next(within, first - 1) + 1 or None

    def _section_lines(self) -> tuple[int, int]:
        """From the line after the section's header to the next header; 0-based; all lines for the file itself."""
        headers = [(number, found[1]) for number, line in enumerate(self.lines) if (found := _HEADER.match(line))]
        name, which = self.section
        own = [number for number, header in headers if header == name]
        if which >= len(own):
            return 0, len(self.lines)
        after = [number for number, _ in headers if number > own[which]]
        return own[which] + 1, after[0] if after else len(self.lines)


_HEADER = re.compile(r"\s*\[\[?\s*([^\[\]\s]+)\s*\]\]?\s*(?:#.*)?$")


def _field_cues(topics: tuple[Topic, ...], field: Field) -> tuple[FieldCue, ...]:
    found = []
    for number, topic in enumerate(topics):
        cues = [FieldCue(number, cue, getattr(cue, field)) for cue in topic.cues if getattr(cue, field)]
        found += [*(FieldCue(number, mask, 0.0) for mask in topic.masks if cues), *_without_lighter_equals(cues)]
    return tuple(found)


def _without_lighter_equals(cues: list[FieldCue]) -> list[FieldCue]:
    """The cues; of equal phrases only the heaviest, since only that one counts."""
    heaviest: dict[tuple[str, str | None], FieldCue] = {}
    for item in cues:
        key = item.cue.spelled, item.cue.near
        if item.weight > 0 and (key not in heaviest or item.weight > heaviest[key].weight):
            heaviest[key] = item
    return [item for item in cues if item.weight < 0 or heaviest[item.cue.spelled, item.cue.near] is item]


def _index(field_cues: tuple[FieldCue, ...]) -> dict[bytes, tuple[int, ...]]:
    """Each word of the rarest set that a cue needs, with the indexes of the cues that need it."""
    numbers: dict[bytes, list[int]] = {}
    for number, item in enumerate(field_cues):
        for word in item.cue.needs[0]:
            numbers.setdefault(word, []).append(number)
    return {word: tuple(found) for word, found in numbers.items()}
