"""Loads the words of lexicon.toml once, as sets and dictionaries."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from unicodedata import category

__all__ = ["Lexicon", "Phrases", "lexicon", "words"]

Phrases = dict[tuple[str, ...], str]  # words of a phrase -> what it means


def words(listing: str) -> frozenset[str]:
    """The words of a listing, as a set."""
    return frozenset(listing.split())


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything in lexicon.toml, in lower case; a phrase is the tuple of its words."""

    units: dict[str, int]  # zero to nineteen
    tens: dict[str, int]
    magnitudes: dict[str, float]  # singular and plural
    short_magnitudes: dict[str, float]
    denominators: dict[str, int]  # singular and plural
    number_openers: frozenset[str]  # words a spelled number can begin with
    currency_names: dict[str, str]  # without spaces, singular and plural -> code
    currency_signs: dict[str, str]  # without spaces -> code
    currency_codes: frozenset[str]
    code_lookalikes: frozenset[str]  # codes that are also words or genes
    lab_values: frozenset[str]  # codes that are also results of blood tests
    spoken_currencies: frozenset[str]  # names that mean something else too
    local_signs: dict[str, str]  # "RM", "Rs": as written -> code
    minor_units: dict[str, str]
    dollar_countries: dict[str, str]
    before: Phrases  # phrase left of a value -> relation
    after: Phrases
    neutral: frozenset[tuple[str, ...]]  # phrases that may come between a bound and its value
    fillers: frozenset[tuple[str, ...]]  # those of them that qualify nothing: "a", "well"
    periods: dict[str, str]
    people: frozenset[str]
    listed: frozenset[str]  # nouns that any number before them counts: people, events, sources
    sources: frozenset[str]
    things: frozenset[str]
    measured: frozenset[str]  # units of measure, time and dose
    parts: frozenset[str]
    comparatives: frozenset[str]
    documents: frozenset[str]  # studies, data and those who make them: sources with any verb of saying or finding
    bodies: frozenset[str]  # organisations and offices: sources with a verb of saying
    say_verbs: frozenset[str]
    source_verbs: frozenset[str]  # those and the verbs of finding
    qualifiers: frozenset[str]  # the first words of the phrases of `before` and `neutral`
    given_names: frozenset[str]
    limits: frozenset[str]
    changing: frozenset[str]  # verbs and nouns of change
    finite: frozenset[str]  # finite verbs
    verbs: frozenset[str]  # those and the verbs of sources
    ends_before: frozenset[str]  # the last words of the phrases of `before` and `neutral`
    opens_after: frozenset[str]  # the first words of the phrases of `after`


@cache
def lexicon() -> Lexicon:
    """The lexicon, read on first use."""
    table = tomllib.loads((files(__package__) / "lexicon.toml").read_text(encoding="utf-8"))
    numbers, money, counted = table["numbers"], table["money"], table["counted"]
    names, signs = _currencies(table["currencies"])
    before, after = _phrases(table["before"]), _phrases(table["after"])
    neutral = frozenset(_phrase(entry) for listing in table["neutral"].values() for entry in listing.split())
    finite, say, find = (
        words(table["grammar"]["finite"]),
        words(table["sources"]["say"]),
        words(table["sources"]["find"]),
    )
    return Lexicon(
        units={word: value for value, word in enumerate(numbers["units"].split())},
        tens={word: 10 * value for value, word in enumerate(numbers["tens"].split(), 2)},
        magnitudes=table["magnitudes"] | {f"{word}s": value for word, value in table["magnitudes"].items()},
        short_magnitudes=table["magnitudes_short"],
        denominators=_denominators(table["denominators"]),
        number_openers=words(f"a an half quarter {numbers['units']} {numbers['tens']} {' '.join(table['magnitudes'])}"),
        currency_names=names,
        currency_signs=signs,
        currency_codes=frozenset(code.lower() for code in table["currencies"]),
        code_lookalikes=words(money["lookalikes"]),
        lab_values=words(money["lab_values"]),
        spoken_currencies=words(money["spoken"]),
        local_signs=money["local_signs"],
        minor_units=money["minor_units"],
        dollar_countries=money["dollar_countries"],
        before=before,
        after=after,
        neutral=neutral,
        fillers=frozenset(_phrase(entry) for entry in table["neutral"]["fillers"].split()),
        periods={word: period for period, listing in table["periods"].items() for word in listing.split()},
        people=words(counted["people"]),
        listed=words(" ".join((counted["people"], counted["events"], counted["sources"]))),
        sources=words(counted["sources"]),
        things=words(counted["things"]),
        measured=words(table["uncounted"]["units"]),
        parts=words(table["uncounted"]["parts"]),
        comparatives=words(table["comparatives"]["words"]),
        documents=words(table["sources"]["documents"]),
        bodies=_with_plurals(words(table["sources"]["bodies"])),
        say_verbs=say,
        source_verbs=say | find,
        qualifiers=frozenset(phrase[0] for phrase in (*before, *neutral)),
        given_names=words(table["roles"]["given_names"]),
        limits=words(table["roles"]["limits"]),
        changing=words(table["grammar"]["changing"]),
        finite=finite,
        verbs=finite | say | find,
        ends_before=frozenset(phrase[-1] for phrase in (*before, *neutral)),
        opens_after=frozenset(phrase[0] for phrase in after),
    )


def _phrase(entry: str) -> tuple[str, ...]:
    return tuple(entry.split("_"))


def _phrases(table: dict[str, str]) -> Phrases:
    return {_phrase(entry): meaning for meaning, listing in table.items() for entry in listing.split()}


def _denominators(table: dict[str, int]) -> dict[str, int]:
    plurals = {f"{word}s": value for word, value in table.items() if word != "half"}
    return table | plurals | {"halves": 2}


def _with_plurals(nouns: frozenset[str]) -> frozenset[str]:
    return nouns | {f"{noun}s" for noun in nouns if not noun.endswith(("s", "y"))}


def _currencies(table: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Names and signs of the currencies; a sign has a currency symbol, "=", "/" or "¬" in it."""
    names: dict[str, str] = {}
    signs: dict[str, str] = {}
    for code, listing in table.items():
        for entry in listing.split():
            name = entry.replace("_", "")
            if any(category(sign) == "Sc" or sign in "=/¬" for sign in name):
                signs[name] = code
            else:
                names |= {name: code, f"{name}s": code}
    return names, signs
