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

What stands in a phrase: the head of phrases.py.
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
from pipeline.topics.phrases import LIST_NAME, PHRASE, compiled, first_words, is_balanced, needed_words, phrase_regex

Field = Literal["question", "answer"]
FIELDS: tuple[Field, Field] = ("question", "answer")

OWN = Path(__file__).with_name("topics.toml")

# Where a topic says nothing else. Micro F1 on the labelled rows: .91 at .4, .93 at .45 and .5, .92 at .55, .90 at .6.
THRESHOLD = 0.5
REVIEW = 0.3  # the least weight of a cue that needs company: one such cue alone is worth a look


class TaxonomyInvalid(PipelineError):
    """A taxonomy file that cannot be used: where in it, what is wrong, and how to mend it."""

    exit_code = 2

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


class Sought(NamedTuple):
    """A cue to look for in a field, and its weight there; 0 for a mask. `topic` is the topic's place."""

    topic: int
    cue: Cue
    weight: float


class Candidate(NamedTuple):
    """What may stand in some texts: its place in `Taxonomy.sought`, and where it can begin, ascending: text, start."""

    place: int
    texts: list[int]
    starts: list[int]


@dataclass(frozen=True, slots=True, eq=False)
class Taxonomy:
    """All topics by name.

    `version` changes with the content, not with comments or layout. For each field, `sought` holds its cues and masks
    by topic, and `index` leads from a word to the places in `sought` of those to look for where it stands.
    To another process it goes as what it was read from, `source`: content and name of a file. There it is read once,
    and what was made for it stays its own.
    """

    topics: tuple[Topic, ...]
    version: str
    sought: Mapping[Field, tuple[Sought, ...]]
    index: Mapping[Field, Mapping[bytes, tuple[int, ...]]]
    source: tuple[bytes, str]

    def __reduce__(self) -> tuple[Callable[[bytes, str], Taxonomy], tuple[bytes, str]]:
        return _parse, self.source


def load_taxonomy(path: str | os.PathLike[str] | None = None) -> Taxonomy:
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


def version_of(path: str | os.PathLike[str] | None = None) -> str:
    """The `version` of the taxonomy that `load_taxonomy` gives, which takes a tenth of a second more for our own."""
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


def _table_of(content: bytes, name: str) -> tuple[str, dict[str, Any]]:
    """A taxonomy file as text, and the table that it is."""
    try:
        text = content.decode("utf-8-sig")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TaxonomyInvalid(f"{name}, line {line}", "not UTF-8", "Save the file as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise TaxonomyInvalid(name, f"not TOML: {error}", "Mend that line.") from error


# ---------------------------------------------------------------- reading

_TOPIC_KEYS = frozenset(
    {"title", "description", "required", "threshold", "review", "masks", "cues", "examples", "counter_examples"}
)
_CUE_KEYS = frozenset({"question", "answer", "near", "phrases"})


class _Reader:
    """A taxonomy file, checked while it is read; `section` is the table it is at: header, and which of that name."""

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
        sought = {field: _sought(topics, field) for field in FIELDS}
        index = {field: _index(sought[field]) for field in FIELDS}
        return Taxonomy(topics, _version(self.data), sought, index, (source, self.name))

    def _topic(self, name: str, data: dict[str, Any]) -> Topic:
        place = f"topic.{name}"
        self.section = (place, 0)
        self._check_keys(data, _TOPIC_KEYS, place)
        threshold = self._number(data.get("threshold", THRESHOLD), f"{place}.threshold", 0)
        review = self._number(data.get("review", REVIEW), f"{place}.review", 0)
        if not 0 < review <= threshold:
            self._fail(place, f"review ({review}) is not between 0 and threshold ({threshold})", "Lower it.")
        masks = tuple(self._cue(mask, place) for mask in self._strings(data.get("masks", []), f"{place}.masks"))
        title, description = self._string(data, "title", place), self._string(data, "description", place)
        examples = (*self._examples(data, "examples", place), *self._examples(data, "counter_examples", place))
        groups = self._tables(data, "cues", place)
        if not groups:
            self._fail(place, "it has no cues", f"Add [[{place}.cues]] with weights and phrases.")
        cues: list[Cue] = []
        for number, group in enumerate(groups):
            self.section = (f"{place}.cues", number)
            cues += self._cues(group, f"{place}.cues")
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
            name = LIST_NAME.fullmatch(phrase)
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

        spelled = LIST_NAME.sub(listed, phrase)
        if not PHRASE.fullmatch(spelled) or spelled != spelled.strip():
            remedy = "Use lower case letters, digits, single spaces, ( | ) ? # $ % & + ' ~N and {list}."
            self._fail(place, f"{phrase!r} is not a phrase", remedy, phrase)
        if not is_balanced(spelled):
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
            self._fail(place, f"unknown key {key!r}", f"Known are {', '.join(sorted(known))}.", key=key)

    def _fail(
        self, place: str, problem: str, remedy: str, phrase: str | None = None, key: str | None = None
    ) -> NoReturn:
        line = self._line(phrase, key or place.rpartition(".")[2])
        raise TaxonomyInvalid(f"{self.name}, {place}{f' (line {line})' if line else ''}", problem, remedy)

    def _line(self, phrase: str | None, key: str) -> int | None:
        """The line, from 1, of a phrase or a key in the present section, or of the section's header."""
        first, stop = self._section_lines()
        sought = rf'"{re.escape(phrase)}"' if phrase is not None else rf"^\s*(?:\[+\s*)?{re.escape(key)}\s*[=.\]]"
        within = (number for number in range(first, stop) if re.search(sought, self.lines[number]))
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


def _sought(topics: tuple[Topic, ...], field: Field) -> tuple[Sought, ...]:
    found = []
    for place, topic in enumerate(topics):
        cues = [Sought(place, cue, getattr(cue, field)) for cue in topic.cues if getattr(cue, field)]
        found += [*(Sought(place, mask, 0.0) for mask in topic.masks if cues), *_heaviest(cues)]
    return tuple(found)


def _heaviest(cues: list[Sought]) -> list[Sought]:
    """The cues, but of equal phrases only the heaviest: it is the one that counts."""
    heaviest: dict[tuple[str, str | None], Sought] = {}
    for item in cues:
        key = item.cue.spelled, item.cue.near
        if item.weight > 0 and (key not in heaviest or item.weight > heaviest[key].weight):
            heaviest[key] = item
    return [item for item in cues if item.weight < 0 or heaviest[item.cue.spelled, item.cue.near] is item]


def _index(sought: tuple[Sought, ...]) -> dict[bytes, tuple[int, ...]]:
    """From each word of the rarest set that a cue needs to the places of the cue."""
    places: dict[bytes, list[int]] = {}
    for place, item in enumerate(sought):
        for word in item.cue.needs[0]:
            places.setdefault(word, []).append(place)
    return {word: tuple(found) for word, found in places.items()}
