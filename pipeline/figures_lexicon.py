"""The words of lexicon.toml, read once and laid out for look-up."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from unicodedata import category

__all__ = ["Lexicon", "Phrases", "lexicon"]

Phrases = dict[tuple[str, ...], str]  # words of a phrase -> what it means


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything in lexicon.toml; phrases are tuples of lower-case words."""

    units: dict[str, int]  # zero to nineteen
    tens: dict[str, int]
    magnitudes: dict[str, float]
    short_magnitudes: dict[str, float]
    denominators: dict[str, int]  # singular and plural
    currency_words: dict[str, str]  # name without spaces -> code
    currency_signs: dict[str, str]  # sign without spaces -> code
    currency_codes: frozenset[str]  # lower case
    minor_units: dict[str, str]
    spoken_currencies: frozenset[str]  # names that mean something else too
    lab_values: frozenset[str]  # currency codes that are also results of blood tests
    dollar_countries: dict[str, str]
    before: Phrases  # phrase -> relation
    after: Phrases
    neutral: frozenset[tuple[str, ...]]
    fillers: frozenset[tuple[str, ...]]  # those of the neutral phrases that qualify nothing: "a", "well"
    code_lookalikes: frozenset[str]  # currency codes that are also words or genes
    periods: dict[str, str]
    people: frozenset[str]
    events: frozenset[str]
    sources: frozenset[str]
    things: frozenset[str]
    measured: frozenset[str]  # units of measure, time and dose
    parts: frozenset[str]
    comparatives: frozenset[str]
    source_nouns: frozenset[str]
    source_verbs: frozenset[str]
    story: frozenset[str]
    limits: frozenset[str]
    finite: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The lexicon, read on first use."""
    table = tomllib.loads((files(__package__) / "lexicon.toml").read_text(encoding="utf-8"))
    names, signs = _currencies(table)
    return Lexicon(
        units={word: value for value, word in enumerate(table["numbers"]["units"].split())},
        tens={word: 10 * value for value, word in enumerate(table["numbers"]["tens"].split(), 2)},
        magnitudes=table["magnitudes"],
        short_magnitudes=table["magnitudes_short"],
        denominators=_denominators(table["denominators"]),
        currency_words=names,
        currency_signs=signs,
        currency_codes=frozenset(code.lower() for code in table["currencies"]),
        minor_units=table["minor_units"],
        spoken_currencies=_words(table["currency_notes"]["spoken"]),
        lab_values=_words(table["currency_notes"]["lab_values"]),
        dollar_countries=table["dollar_countries"],
        before=_phrases(table["before"]),
        after=_phrases(table["after"]),
        neutral=frozenset(_phrase(entry) for listing in table["neutral"].values() for entry in listing.split()),
        fillers=frozenset(_phrase(entry) for entry in table["neutral"]["fillers"].split()),
        code_lookalikes=_words(table["currency_notes"]["lookalikes"]),
        periods={word: period for period, listing in table["periods"].items() for word in listing.split()},
        people=_words(table["counted"]["people"]),
        events=_words(table["counted"]["events"]),
        sources=_words(table["counted"]["sources"]),
        things=_words(table["counted"]["things"]),
        measured=_words(table["uncounted"]["units"]),
        parts=_words(table["uncounted"]["parts"]),
        comparatives=_words(table["comparatives"]["words"]),
        source_nouns=_words(table["sources"]["nouns"]),
        source_verbs=_words(table["sources"]["verbs"]),
        story=_words(table["roles"]["story"]),
        limits=_words(table["roles"]["limits"]),
        finite=_words(table["grammar"]["finite"]),
    )


def _words(listing: str) -> frozenset[str]:
    return frozenset(listing.split())


def _phrase(entry: str) -> tuple[str, ...]:
    return tuple(entry.split("_"))


def _phrases(table: dict[str, str]) -> Phrases:
    return {_phrase(entry): meaning for meaning, listing in table.items() for entry in listing.split()}


def _denominators(table: dict[str, int]) -> dict[str, int]:
    plurals = {word + "s": value for word, value in table.items() if word != "half"}
    return table | plurals | {"halves": 2}


def _currencies(table: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Names and signs of the currencies, each without spaces, plural names too."""
    names: dict[str, str] = {}
    signs: dict[str, str] = {}
    for code, listing in table["currencies"].items():
        for entry in listing.split():
            name = entry.replace("_", "")
            if any(category(sign) == "Sc" or sign in "=/" for sign in name):
                signs[name] = code
            else:
                names |= {name: code, name + "s": code}
    return names, signs
