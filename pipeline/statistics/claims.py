"""Names what a figure measures, alike for figures that measure the same: a claim of claims.toml, else its own words.

A claim is given when the measure itself says it, never for a word that is only near the figure, and never for a denied
statement. What else limits a figure ("bronze plan", "thyroid biopsies") is its scope: figures of different scope are
not compared.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.measures import asks_quantity, subject_of

__all__ = ["Claim", "claim_of", "definitions"]


class Claim(NamedTuple):
    """The name of what is measured, whether claims.toml has it, and what limits it beyond the name, sorted."""

    name: str | None
    is_known: bool
    scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Definition:
    """An entry of claims.toml: word patterns, one for each group of words that is required."""

    name: str
    opening: str  # the first words of the first group of `measure`
    kinds: frozenset[str]
    measure: tuple[re.Pattern[str], ...]
    figure: tuple[re.Pattern[str], ...]
    context: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None
    unless_population: re.Pattern[str] | None
    may_deny: bool

    def words(self) -> tuple[re.Pattern[str], ...]:
        """The patterns whose words belong to the name, so that they limit nothing."""
        return (*self.measure, *self.figure)


@cache
def definitions() -> dict[str, dict[str, Any]]:
    """The entries of claims.toml by name, in the order in which they are tried."""
    return tomllib.loads((files(__package__) / "claims.toml").read_text(encoding="utf-8"))


@cache
def _vocabulary() -> dict[str, tuple[_Definition, ...]]:
    """The claims by kind of figure, in the order in which they are tried."""
    claims = [
        _Definition(
            name,
            " ".join(word.partition("..")[0] for word in entry["measure"][0].split()),
            words(entry["kinds"]),
            _groups(entry, "measure"),
            _groups(entry, "figure"),
            _groups(entry, "context"),
            _any_of(entry["unless"]) if "unless" in entry else None,
            _any_of(entry["unless_population"]) if "unless_population" in entry else None,
            entry.get("may_deny", False),
        )
        for name, entry in definitions().items()
    ]
    return {kind: tuple(c for c in claims if kind in c.kinds) for kind in {kind for c in claims for kind in c.kinds}}


@cache
def _openings() -> dict[str, re.Pattern[str]]:
    """By kind of figure, any word or phrase that the measure needs for some claim: most measures have none."""
    return {kind: _any_of(" ".join(claim.opening for claim in claims)) for kind, claims in _vocabulary().items()}


def _groups(entry: dict[str, list[str]], part: str) -> tuple[re.Pattern[str], ...]:
    return tuple(_any_of(listing) for listing in entry.get(part, ()))


_BETWEEN = r"(?:[ ,]+[\w’'-]+){0,4}?[ ,]+"  # at most four words, for ".." in a listing


def _any_of(listing: str) -> re.Pattern[str]:
    """Any word or phrase of a listing, tried at the start of a word."""
    listed = sorted(set(listing.split()))
    letters = "".join(sorted({word[0] for word in listed}))
    forms = (re.escape(word).replace("_", " ").replace(r"\*", r"[\w-]*").replace(r"\.\.", _BETWEEN) for word in listed)
    return re.compile(rf"(?<![\w-])(?=[{re.escape(letters)}])(?:{'|'.join(forms)})(?![\w-])")


# No claim is named by its denial: "did not seek a second opinion" is the rest of those who did.
_DENIAL = re.compile(r"\b(?:not|never|without|no|none|neither|nor|cannot|fail\w*|hardly)\b|n['’]t\b")
# A denied statement says nothing of what it denies.
_DENIED = re.compile(
    r"""\bmyth\b | \b(?:not|n['’]t)\ true\b | \bno\ (?:evidence|proof|sign|study|data)\b | \bfalse(?:ly)?\b
      | \b(?:nobody|no\ one|none|never)\ (?:has\ |have\ )?(?:ever\ )?(?:shown|proved|proven|found|confirmed)\b
      | \b(?:claims?|figure|number|rumou?r|statement)\b.{0,80}\b(?:withdrawn|retracted|wrong|debunked|refuted|corrected
        |disproved|unfounded|made\ up|invented)\b
      | \bcontrary\ to\b | \bdebunk | \bmistaken(?:ly)?\b | \bit\ is\ wrong\ (?:to|that)\b""",
    re.I | re.X,
)


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
    kind: str,
    measure: str | None,
    population: str | None,
    quote: str,
    question: str | None,
    scope: tuple[str, ...] = (),
) -> Claim:
    """What a figure measures. Without a known claim it is the measure and population, word for word.

    >>> claim_of("percent", "had sought a second opinion", "patients with melanoma", "", None)
    Claim(name='second opinion rate', is_known=True, scope=('melanoma',))
    >>> claim_of("ratio", "The prevalence", "people", "", "How common is ataxia?")
    Claim(name='prevalence of ataxia: people', is_known=False, scope=())
    >>> claim_of("ratio", "The prevalence", "people", "", None)
    Claim(name=None, is_known=False, scope=())
    """
    measure, population, question = measure or "", population or "", question or ""
    if question and _POINTS.search(measure):  # "the payment for this service"
        scope = tuple(sorted({*scope, _plain(subject_of(question) or question)}))
    if _is_made_of(_BARE, measure):
        measure = question.rstrip("? ") if asks_quantity(question) else measure
    elif _is_made_of(_COMMON, measure) and _is_made_of(_COMMON, population):
        subject = _subject(question)
        measure = f"{measure} of {subject}" if subject else ""
    around = f"{quote}\n{question}" if asks_quantity(question) else quote
    named = _named(kind, measure, population, around)
    if named is None or _DENIED.search(quote):
        return Claim(_own_words(measure, population), False, scope)
    return Claim(named.name, True, tuple(sorted({*scope, *_limits(named, f"{measure} {population}".lower(), scope)})))


_POINTS = re.compile(r"\b(?:this|these|that|such an?) (?!is\b|was\b)\w+", re.I)
_POINTING = words("it its they them their this that these those")


def _subject(question: str) -> str | None:
    """What the question asks about, in its own words; null without any, and where it only points: "Is it common?"."""
    subject = subject_of(question) or question.rstrip("? ")
    return None if not subject or not _POINTING.isdisjoint(subject.lower().split()) else subject


def _named(kind: str, measure: str, population: str, around: str) -> _Definition | None:
    """The first claim of claims.toml that fits."""
    measure, population = measure.lower(), population.lower()
    claims = _claims_of(kind, measure)
    if not claims:
        return None
    figure, context = f"{measure}\n{population}", f"{measure}\n{population}\n{around}".lower()
    for claim in claims:
        is_other = claim.unless_population is not None and claim.unless_population.search(population)
        if not is_other and _has(figure, claim.figure) and _has(context, claim.context):
            return claim
    return None


@lru_cache(maxsize=1024)  # many pages contain the same sentence
def _claims_of(kind: str, measure: str) -> tuple[_Definition, ...]:
    """The claims that a measure in small letters may be named by, whatever else is said."""
    if kind not in _openings() or not _openings()[kind].search(measure):
        return ()
    is_denial = _DENIAL.search(measure) is not None
    claims = (claim for claim in _vocabulary()[kind] if _has(measure, claim.measure))
    return tuple(
        claim
        for claim in claims
        if not (claim.unless and claim.unless.search(measure)) and (claim.may_deny or not is_denial)
    )


def _has(text: str, groups: tuple[re.Pattern[str], ...]) -> bool:
    return all(group.search(text) for group in groups)


# ---------------------------------------------------------------- scope of a known claim

_GENERAL = words(
    """a an the this that these those its their his her our your my all is are was were be been being has have had do
    does did will would can could may might must also just only about approximately some any each every other another
    of in for to with on among from by at as and or per than under over who whom which when if because it they you we
    i he she one there here then after before during while but not most many much more few several half
    patients patient people persons person adults adult cases case members member individuals those them women_and_men
    subjects respondents participants second opinion opinions what how
    share rate rates percentage proportion number total amount average mean median typical typically usual usually
    generally overall current first original initial new own certain cost costs price prices fee fees charge charges
    expect expects plan plans insurance insurer insurers policy policies health annual yearly monthly weekly daily year
    month week day doctor doctors diagnosis diagnoses treatment treatments review reviews referral referred percent"""
)


def _limits(claim: _Definition, text: str, scope: tuple[str, ...]) -> set[str]:
    """The words of a figure that neither name the claim nor are said of every figure: "thyroid", "bronze"."""
    for pattern in claim.words():
        text = pattern.sub(" ", text)
    known, taken = lexicon(), {word for limit in scope for word in limit.split()}
    rest = {word for word in _WORD.findall(text) if not word[0].isdigit()}
    rest -= _GENERAL | known.verbs | taken | {"part"}
    return {_singular(word) for word in rest if len(word) > 2 and not word.endswith("ly")}


_EMPTY = words(
    """a an the is are was were be been being has have had do does did will would also just only about approximately"""
)
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_LONGEST = 120  # characters of a name; what is longer is cut


def _own_words(measure: str, population: str) -> str | None:
    """Measure and population in lower case, without articles and helping verbs; null without a measure."""
    what, whom = _plain(measure), _plain(population)
    name = what if not what or whom in what else f"{what}: {whom}"
    return name[:_LONGEST].strip() or None


@lru_cache(maxsize=512)  # a text is needed twice, and figures share question and population
def _plain(text: str) -> str:
    return " ".join(word for word in _WORD.findall(text[: 2 * _LONGEST].lower()) if word not in _EMPTY)


def _is_made_of(listing: frozenset[str], text: str) -> bool:
    """Whether a text has no word but those of a listing, articles and helping verbs; the first other word decides."""
    for found in _WORD.finditer(text, 0, 2 * _LONGEST):
        word = found[0].lower()
        if (
            word not in listing
            and word not in _EMPTY
            and word not in _POINTING_OR_OWN
            and _singular(word) not in listing
        ):
            return False
    return True


_POINTING_OR_OWN = words("this that these those its their his her our your my all some")


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
