"""Names what a figure measures, alike for figures that measure the same: a claim of claims.toml, else its own words."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from pipeline.statistics.lexicon import words
from pipeline.statistics.measures import subject_of

__all__ = ["claim_of"]


@dataclass(frozen=True, slots=True)
class _Claim:
    """An entry of claims.toml: word patterns, one for each group of words that is required."""

    name: str
    means: str
    opening: str  # the listing of the first group of `measure`; any word without one
    kinds: frozenset[str]
    measure: tuple[re.Pattern[str], ...]
    figure: tuple[re.Pattern[str], ...]
    context: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None


@cache
def _vocabulary() -> dict[str, tuple[_Claim, ...]]:
    """The claims of claims.toml by kind of figure, in the order in which they are tried."""
    table = tomllib.loads((files(__package__) / "claims.toml").read_text(encoding="utf-8"))
    claims = [
        _Claim(
            name,
            entry["means"],
            entry.get("measure", ["*"])[0],
            words(entry["kinds"]),
            _groups(entry, "measure"),
            _groups(entry, "figure"),
            _groups(entry, "context"),
            _any_of(entry["unless"]) if "unless" in entry else None,
        )
        for name, entry in table.items()
    ]
    return {kind: tuple(c for c in claims if kind in c.kinds) for kind in {kind for c in claims for kind in c.kinds}}


@cache
def _openings() -> dict[str, re.Pattern[str]]:
    """By kind of figure, any word or phrase that the measure needs for some claim: most measures have none."""
    return {kind: _any_of(" ".join(claim.opening for claim in claims)) for kind, claims in _vocabulary().items()}


def _groups(entry: dict[str, list[str]], part: str) -> tuple[re.Pattern[str], ...]:
    return tuple(_any_of(listing) for listing in entry.get(part, ()))


def _any_of(listing: str) -> re.Pattern[str]:
    """Any word or phrase of a listing, tried at the start of a word."""
    listed = sorted(set(listing.split()))
    letters = "".join(sorted({word[0] for word in listed}))
    first = "" if "*" in listed else f"(?=[{re.escape(letters)}])"  # where most words of a text fail
    forms = (re.escape(word).replace("_", " ").replace(r"\*", r"[\w-]*") for word in listed)
    return re.compile(rf"(?<![\w-]){first}(?:{'|'.join(forms)})(?![\w-])")


# No claim is named by its denial: "did not seek a second opinion" is the rest of those who did.
_DENIAL = re.compile(r"\b(?:not|never|without|no|none|neither|nor|cannot|fail\w*)\b|n['’]t\b")


# What every price or rate is called; a measure of such words alone means what the question asks for.
_BARE = words(
    """it this that they you one there fee price cost charge pay paid rate percentage share figure amount number total
    run range vary start cheap service option usually typically generally often average can may will could from between
    up to for of in at by on about around and or most some"""
)


# Measures and populations that every disease has: without the subject of the question such figures stay apart.
_COMMON = _BARE | words(
    """prevalence incidence frequency occurrence risk lifetime survival mortality death fatality case chance likelihood
    probability odds annual yearly overall estimated lifelong five-year 5-year ten-year 10-year year worldwide global
    affect affected occur occurring happen happened die died develop developed condition disease disorder syndrome
    illness infection get people person individual patient population newborn birth baby child adult man men woman
    women everyone general live per new with who not male female such other diagnosed known found seen"""
)


def claim_of(
    kind: str, measure: str | None, population: str | None, quote: str, question: str | None
) -> tuple[str | None, bool]:
    """What a figure measures, and whether claims.toml names it.

    Otherwise its measure and population in plain words, so that the same words meet; null where it has no measure.

    >>> claim_of("percent", "had sought a second opinion", "patients", "", None)
    ('second opinion rate', True)
    >>> [claim_of("ratio", "The prevalence", "people", "", question) for question in ("How common is ataxia?", None)]
    [('prevalence of ataxia: people', False), (None, False)]
    >>> claim_of("percent", "snore", "all adults", "", None)
    ('snore: adult', False)
    """
    measure, population, question = measure or "", population or "", question or ""
    if _BARE.issuperset(_stripped(measure).split()):
        measure = question.rstrip("? ")
    elif all(_COMMON.issuperset(_stripped(part).split()) for part in (measure, population)):
        subject = _subject(question)
        measure = f"{measure} of {subject}" if subject else ""
    found = _named(kind, measure, population, f"{quote}\n{question}")
    return (found, True) if found else (_plain(measure, population), False)


_POINTING = words("it its they them their this that these those")


def _subject(question: str) -> str | None:
    """What the question asks about, in its own words; null without any, and where it only points: "Is it common?"."""
    subject = subject_of(question) or question.rstrip("? ")
    return None if not subject or not _POINTING.isdisjoint(subject.lower().split()) else subject


def _named(kind: str, measure: str, population: str, around: str) -> str | None:
    """The first claim of claims.toml that fits."""
    measure = measure.lower()
    claims = _claims_of(kind, measure)
    if not claims:
        return None
    figure = f"{measure}\n{population}".lower()
    context = f"{figure}\n{around}".lower()
    return next((c.name for c in claims if _has(figure, c.figure) and _has(context, c.context)), None)


@lru_cache(maxsize=1024)  # many pages contain the same sentence
def _claims_of(kind: str, measure: str) -> tuple[_Claim, ...]:
    """The claims that a measure in small letters may be named by, whatever else is said."""
    if kind not in _openings() or not _openings()[kind].search(measure) or _DENIAL.search(measure):
        return ()
    claims = (claim for claim in _vocabulary()[kind] if _has(measure, claim.measure))
    return tuple(claim for claim in claims if not (claim.unless and claim.unless.search(measure)))


def _has(text: str, groups: tuple[re.Pattern[str], ...]) -> bool:
    return all(group.search(text) for group in groups)


_EMPTY = words(
    """a an the this that these those its their his her our your my all is are was were be been being has have had do
    does did will would also just only about approximately some"""
)
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_LONGEST = 120  # characters of a name; what goes on is cut


def _plain(measure: str, population: str) -> str | None:
    """Measure and population in lower case, without articles, helping verbs and plurals; null without a measure."""
    what, whom = _stripped(measure), _stripped(population)
    name = what if not what or whom in what else f"{what}: {whom}"
    return name[:_LONGEST].strip() or None


@lru_cache(maxsize=512)  # a text is needed twice, and figures share question and population
def _stripped(text: str) -> str:
    return " ".join(_singular(word) for word in _WORD.findall(text[: 2 * _LONGEST].lower()) if word not in _EMPTY)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
