"""Reads claims.toml: the names of what figures measure, as word patterns, and checks that the file is well formed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from pipeline.errors import PipelineError
from pipeline.statistics.model import MONEY, UNITS

__all__ = ["ClaimDefinitions", "ClaimsInvalid", "Definition", "built_in", "claims_text", "compiled", "load_claims"]


class ClaimsInvalid(PipelineError):
    """A file of claims cannot be read, or an entry of it is not well formed."""

    exit_code = 2

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        self.where, self.problem, self.remedy = where, problem, remedy
        super().__init__(f"{where}: {problem}. {remedy}")


@dataclass(frozen=True, slots=True)
class Definition:
    """An entry of claims.toml: word patterns for `compiled`, one for each group of words that is required."""

    name: str
    means: str
    opening: str  # the last words of each phrase in the first group of `measure`
    kinds: frozenset[str]
    measure: tuple[str, ...]
    figure: tuple[str, ...]
    context: tuple[str, ...]
    unless: str | None
    unless_population: str | None
    unless_sentence: str | None
    may_deny: bool
    yes: tuple[str, ...]
    no: tuple[str, ...]

    def words(self) -> tuple[str, ...]:
        """The patterns whose words belong to the name, so that they limit nothing."""
        return (*self.measure, *self.figure)


@dataclass(frozen=True, eq=False)  # each file is its own key of a cache
class ClaimDefinitions:
    """The claims of a file, in the order in which they are tried.

    `openings`: by kind of figure, any word or phrase that the measure needs for some claim; most measures have none.
    """

    name: str
    claims: tuple[Definition, ...]
    by_kind: Mapping[str, tuple[Definition, ...]]
    openings: Mapping[str, str]


@cache
def built_in() -> ClaimDefinitions:
    """The claims of claims.toml in this package."""
    return load_claims()


def load_claims(path: Path | None = None) -> ClaimDefinitions:
    """The claims of a file, by default the built-in one.

    Raises ClaimsInvalid, which names the entry and the key.
    """
    name = "claims.toml" if path is None else str(path)
    try:
        table = tomllib.loads(claims_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ClaimsInvalid(name, f"not TOML: {error}", "Correct that line.") from error
    patterns = _Patterns(name, table.pop("lists", {}))
    claims = tuple(_definition(name, claim, entry, patterns) for claim, entry in table.items())
    if not claims:
        raise ClaimsInvalid(name, "there is no claim in it", "Begin with a copy: qaledger claims show > claims.toml")
    kinds = sorted({kind for claim in claims for kind in claim.kinds})
    by_kind = {kind: tuple(claim for claim in claims if kind in claim.kinds) for kind in kinds}
    openings = {kind: patterns.any_of(" ".join(claim.opening for claim in by_kind[kind])) for kind in kinds}
    return ClaimDefinitions(name, claims, by_kind, openings)


def claims_text(path: Path | None = None) -> str:
    """The text of a file of claims, by default the built-in one."""
    if path is None:
        return (files(__package__) / "claims.toml").read_text(encoding="utf-8")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ClaimsInvalid(str(path), "not UTF-8", "Save the file as UTF-8.") from error
    except OSError as error:
        raise ClaimsInvalid(str(path), f"cannot be read ({error.strerror})", "Name a file of claims.") from error


# ---------------------------------------------------------------- entries

_GROUPED = ("measure", "figure", "context")
_LISTED = ("unless", "unless_population", "unless_sentence")
_KINDS = frozenset({MONEY, *UNITS})
_KEYS = frozenset({"means", "kinds", "may_deny", "yes", "no", *_GROUPED, *_LISTED})


def _definition(name: str, claim: str, entry: Any, patterns: _Patterns) -> Definition:
    _check(name, claim, entry)
    groups = {part: tuple(map(patterns.any_of, entry.get(part, ()))) for part in _GROUPED}
    lists = {part: patterns.any_of(entry[part]) if part in entry else None for part in _LISTED}
    return Definition(
        name=claim,
        means=entry["means"],
        opening=" ".join(word.rpartition("..")[2] for word in entry["measure"][0].split()),
        kinds=frozenset(entry["kinds"].split()),
        measure=groups["measure"],
        figure=groups["figure"],
        context=groups["context"],
        unless=lists["unless"],
        unless_population=lists["unless_population"],
        unless_sentence=lists["unless_sentence"],
        may_deny=entry.get("may_deny", False),
        yes=tuple(entry["yes"]),
        no=tuple(entry["no"]),
    )


def _check(name: str, claim: str, entry: Any) -> None:
    """Raise ClaimsInvalid unless an entry has all it needs, and nothing that is not known."""
    where = f"{name}, [{claim}]"
    if not isinstance(entry, dict):
        raise ClaimsInvalid(where, "it is not a table", 'Write ["name of the claim"] and its keys below.')
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise ClaimsInvalid(where, f"unknown key {unknown[0]!r}", f"Known are: {', '.join(sorted(_KEYS))}.")
    for key in ("means", "kinds", "measure", "yes", "no"):
        if not entry.get(key):
            raise ClaimsInvalid(where, f"{key} is missing or empty", "The head of claims.toml says what each key is.")
    for key in ("means", "kinds", *_LISTED):
        if not isinstance(entry.get(key, "x"), str) or not entry.get(key, "x").strip():
            raise ClaimsInvalid(where, f"{key} is not a text with words", 'Write it as "first second".')
    for key in (*_GROUPED, "yes", "no"):
        texts = entry.get(key, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
            raise ClaimsInvalid(where, f"{key} is not a list of texts", 'Write it as ["first second", "third"].')
    strange = sorted(set(entry["kinds"].split()) - _KINDS)
    if strange:
        raise ClaimsInvalid(where, f"unknown kind {strange[0]!r}", f"Known are: {', '.join(sorted(_KINDS))}.")
    if not isinstance(entry.get("may_deny", False), bool):
        raise ClaimsInvalid(where, "may_deny is neither true nor false", "Write true, or leave it out.")


# ---------------------------------------------------------------- patterns

_BETWEEN = r"(?:[ ,]+[\w’'-]+){0,4}?[ ,]+"  # at most four words, for ".." in a listing
_LIST_NAME = re.compile(r"@([a-z]+)")


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A word pattern, ready to be searched for. Most texts need few: all take 30 ms to compile."""
    return re.compile(pattern)


class _Patterns:
    """Makes word patterns of listings; `lists` are those that a phrase names as "@name"."""

    def __init__(self, name: str, lists: Mapping[str, str]) -> None:
        self._name, self._lists = name, lists
        self._forms: dict[str, str] = {}

    def any_of(self, listing: str) -> str:
        """The pattern of any word or phrase of a listing, tried at the start of a word."""
        listed = sorted(set(listing.split()))
        letters = "".join(sorted(set().union(*map(self._first_letters, listed))))
        return rf"(?<![\w-])(?=[{re.escape(letters)}])(?:{'|'.join(map(self._form, listed))})(?![\w-])"

    def _form(self, word: str) -> str:
        """The pattern of one word or phrase of a listing."""
        escaped = re.escape(word).replace("_", " ").replace(r"\*", r"[\w-]*").replace(r"\.\.", _BETWEEN)
        return _LIST_NAME.sub(lambda found: self._list_form(found[1]), escaped)

    def _list_form(self, name: str) -> str:
        if name not in self._forms:
            self._forms[name] = f"(?:{'|'.join(map(self._form, sorted(set(self._words(name)))))})"
        return self._forms[name]

    def _first_letters(self, word: str) -> set[str]:
        if word[0] == "*":
            return set(ascii_lowercase)
        named = _LIST_NAME.match(word)
        return {word[0]} if named is None else set().union(*map(self._first_letters, self._words(named[1])))

    def _words(self, name: str) -> list[str]:
        """The words of a list. A list names no other list, so that none can name itself."""
        if not isinstance(self._lists.get(name), str) or not self._lists[name].strip():
            raise ClaimsInvalid(f"{self._name}, [lists]", f"there is no list {name!r}", "Add it, or correct its name.")
        listed = self._lists[name].split()
        if any("@" in word for word in listed):
            raise ClaimsInvalid(f"{self._name}, [lists]", f"{name} names another list", "Write its words out.")
        return listed
