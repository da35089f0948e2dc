"""Names what a figure measures, alike for figures that measure the same: a claim of claims.toml, else its own words.

A claim is given when the main clause of the measure says it, never for a word that is only near the figure or in a
subordinate clause ("a penalty if you skip the second opinion"). It is never given for a denied statement, for the
amount of a change ("rose by 11%"), for what people think or wish, nor for a sum too large for one person. What else
limits a figure ("bronze plan", "thyroid biopsies") is its scope: figures of different scope are not compared.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from pipeline.statistics.claim_definitions import ClaimDefinitions, Definition, built_in, compiled
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.measures import asks_quantity, subject_of
from pipeline.statistics.model import MONEY, PERCENT, RATIO
from pipeline.statistics.phrases import ADVERBS
from pipeline.statistics.scope import place_name

__all__ = ["Claim", "claim_of"]


class Claim(NamedTuple):
    """The name of what is measured, whether claims.toml has it, and what limits it beyond the name, sorted."""

    name: str | None
    is_known: bool
    scope: tuple[str, ...] = ()


# No claim is named by its denial: "did not seek a second opinion" is the rest of those who did.
_DENIAL = re.compile(
    r"\b(?:not(?! only\b)|never|without|no(?! longer\b)|none|neither|nor|cannot|fail\w*|hardly)\b|n['’]t\b"
)
# A denied statement says nothing of what it denies. "Claims" that are wrong may be bills: only "the claim that" counts.
_DENIED = re.compile(
    r"""\bmyth\b | \bmisconception | \bhoax\b | \b(?:not\ |n['’]t\ |un)(?:quite\ )?true\b | \bfalse(?:ly)?\b
      | \bno\ (?:truth|basis|evidence|proof|sign|study|data|support|research|trial|source)\b
      | \b(?:nobody|no\ one|none|never|nothing|no\ \w+)\ (?:has\ |have\ |had\ |was\ |were\ )?(?:ever\ |yet\ )?
        (?:shown?|proved|proven|found|confirmed|supports|backs|demonstrated|established|verified)\b
      | \b(?:not|never|n['’]t)\ (?:yet\ |ever\ )?(?:be\ |been\ )?(?:shown|proved|proven|verified|substantiated)\b
      | \b(?:claim|figure|number|rumou?r|statement|idea|belief|notion|assertion|boast|promise)\ (?:that|of)\b
        .{0,120}\b(?:withdrawn|withdrew|retracted|wrong|debunked|refuted|corrected|disproved|unfounded|baseless
        |made\ up|invented|incorrect|untrue|misleading|exaggerated)\b
      | \b(?:withdr[ae]w\w*|retract\w*|debunk\w*|refut\w*|disprov\w*|den(?:y|ies|ied)|reject\w*|disput\w*|doubt\w*)
        \ (?:(?:the|a|an|its|their|his|her|any|this)\ )?(?:\w+\ )?(?:claim|figure|number|rumou?r|statement|report
        |idea|notion|assertion|that)\b
      | \bcontrary\ to\b | \bmistaken(?:ly)?\b | \bit\ is\ (?:wrong|incorrect)\ (?:to|that)\b
      | \bcould\ not\ (?:be\ )?(?:confirm|verif|prove|show)""",
    re.I | re.X,
)

# A subordinate clause names no claim: "a penalty if you skip the second opinion", "women who had their drug changed".
_SUBORDINATE = re.compile(
    r"[ ,]+(?:if|when|whenever|who|whom|whose|that|which|because|unless|until|so that|even though|in order to|even if"
    r"|rather than|instead of|for example|such as|including|by (?:not )?(?:seeking|getting|asking))\b.*",
    re.S,
)
_OPENS_SUBORDINATE = re.compile(
    r"(?:with|without)\b[^,]*,\s*|(?:if|when|once|unless|because|since|although|though|while|until)\b[^,]*(?:,|$)\s*"
)
# A relative clause inside the subject: "patients who appeal win", "claims that are appealed are overturned".
_INSIDE = re.compile(
    r"[ ,]+(?:who|that|which) (?!(?:they|he|she|we|i|you|it|the|an?|there)\b)(?:(?:is|are|was|were|have|has|had) )?"
    r"[\w-]+(?: [\w-]+){0,4}?"
    r"(?= (?:is|are|was|were|wins?|won|succeeds?|succeeded)\b)"
)
# "The share of people who seek a second opinion": here the relative clause is what is measured.
_IS_SHARE = re.compile(
    r"(?:the |an? )?(?:[\w-]+ ){0,2}(?:share|percentage|proportion|fraction|percent|rates?|number|prevalence)"
    r" (?:of|for)\b"
)
# What people think, wish or might do is not what they did.
_ATTITUDE = re.compile(
    r"""\b(?:believ\w+|think\w*|thought|fear\w*|worr(?:y|ied|ies)|afraid|hop(?:e|es|ed|ing)|know|knew|knows|aware|heard
      |feels?|felt|prefer\w*|intend\w*|plan(?:ned|s)?\ to|willing|would|should|might|wish\w*|consider\w*|thinking
      |agreed?\ that|support(?:s|ed)?|oppos\w+|unsure|uncertain|doubt(?:s|ed)?)\b""",
    re.X,
)
# "Patients without insurance made up 22% of visits" says of what the visits consist, not how many have no insurance.
# "Getting a second opinion took a week for 70% of members" says of the members what took a week.
_IS_SUBJECT = re.compile(r"(?:getting|seeking|obtaining|asking|requesting|having|receiving|finding)\b")
_COMPOSES = re.compile(r"\b(?:ma[dk]es? up|account(?:s|ed)? for|compris\w+|constitut\w+|represent\w*)\b")
_CHANGES = (
    r"(?:r[io]se[sn]?|rising|f[ae]ll(?:s|en|ing)?|increas\w*|decreas\w*|dropp?\w*|climb\w*|jump\w*|gr[eo]wn?|grows"
    r"|declin\w*|reduc\w*|cuts?|lower\w*|raised?|raises|went (?:up|down)|(?:is|are|was|were|,) (?:up|down)|sav\w+)"
)
# The amount of a change ("premiums rose by 11%", "14% more likely") is no level of what changed.
_CHANGE_BEFORE = re.compile(
    rf"(?:\b|(?=,)){_CHANGES}(?:(?: [\w'’-]+){{0,6}} by)?(?: (?:about|another|an?|additional|further|extra|nearly"
    r"|almost|roughly|some|only|just|up to|as much as|more than|at least))* $"
)
_CHANGE_AFTER = re.compile(
    r"[ -]*(?:points? )?(?:more|less|higher|lower|longer|shorter|fewer|greater|faster|slower|cheaper|increase|reduction"
    r"|decrease|drop|rise|jump|decline|growth|hike|cut|off|discount|extra|additional)\b"
)
_LARGEST_PRICE = 1_000_000  # no one pays as much for a visit, a policy or an opinion; markets, funds and insurers do

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
    *,
    high: float | None = None,
    span: tuple[int, int] = (0, 0),
    definitions: ClaimDefinitions | None = None,
) -> Claim:
    """What a figure measures. Without a known claim it is the measure and population, word for word.

    `high` is the figure's upper end and `span` the characters of the quote that it takes; `definitions`: another
    claims.toml than the built-in one.

    >>> claim_of("percent", "had sought a second opinion", "patients with melanoma", "", None)
    Claim(name='second opinion rate', is_known=True, scope=('melanoma',))
    >>> claim_of("percent", "said they would want a second opinion", "patients", "", None).is_known
    False
    >>> claim_of("ratio", "The prevalence", "people", "", "How common is ataxia?")
    Claim(name='prevalence of ataxia: people', is_known=False, scope=())
    >>> claim_of("ratio", "The prevalence", "people", "", None)
    Claim(name=None, is_known=False, scope=())
    """
    measure, population, question = measure or "", population or "", question or ""
    if question and _POINTS.search(measure):  # "the payment for this service"
        scope = tuple(sorted({*scope, _plain(subject_of(question) or question)}))
    is_asked = asks_quantity(question)
    said = measure  # what may name a claim: a question that asks for no quantity names none
    if _is_made_of(_BARE, measure):
        said = measure = question.rstrip("? ") if is_asked else measure
    elif _is_made_of(_COMMON, measure) and _is_made_of(_COMMON, population):
        subject = _subject(question)
        measure = f"{measure} of {subject}" if subject else ""
        said = measure if is_asked else said
    named = _matching_definition(definitions or built_in(), kind, said, population, quote, question if is_asked else "")
    if named is not None and (_is_other_value(kind, quote, span, high) or _DENIED.search(quote)):
        named = None
    if named is None:
        return Claim(_own_words(measure, population), False, scope)
    return Claim(named.name, True, tuple(sorted({*scope, *_limits(named, f"{said} {population}".lower(), scope)})))


def _is_other_value(kind: str, quote: str, span: tuple[int, int], high: float | None) -> bool:
    """Whether a figure is the amount of a change, or a sum too large for what one person pays."""
    if kind == MONEY and high is not None and high >= _LARGEST_PRICE:
        return True
    start, end = span
    before, after = quote[max(0, start - _BESIDE) : start].lower(), quote[end : end + _BESIDE].lower()
    return _CHANGE_AFTER.match(after) is not None or _CHANGE_BEFORE.search(before) is not None


_BESIDE = 80  # characters beside a figure in which its verb says that it is the amount of a change


_POINTS = re.compile(r"\b(?:this|these|that|such an?) (?!is\b|was\b)\w+", re.I)
_POINTING = words("it its they them their this that these those")


def _subject(question: str) -> str | None:
    """What the question asks about, in its own words; null without any, and where it only points: "Is it common?"."""
    subject = subject_of(question) or question.rstrip("? ")
    return None if not subject or not _POINTING.isdisjoint(subject.lower().split()) else subject


def _matching_definition(
    definitions: ClaimDefinitions, kind: str, measure: str, population: str, quote: str, question: str
) -> Definition | None:
    """The first claim of claims.toml that fits; `question`: only one that asks for a quantity."""
    measure, population = measure.lower(), population.lower()
    claims = _claims_of(definitions, kind, measure)
    if not claims:
        return None
    figure, sentence = f"{_main_clause(measure)}\n{population}", f"{measure}\n{quote}\n{question}".lower()
    for claim in claims:
        is_other = claim.unless_population is not None and compiled(claim.unless_population).search(population)
        if is_other and not _IS_SHARE.match(measure):  # "the share of women who sought a second opinion"
            continue
        if not _has(figure, claim.figure):
            continue
        has_context = all(_has(figure, (group,)) or _has(sentence, (group,)) for group in claim.context)
        if has_context and not (claim.unless_sentence and compiled(claim.unless_sentence).search(sentence)):
            return claim
    return None


@lru_cache(maxsize=1024)  # many pages contain the same sentence
def _claims_of(definitions: ClaimDefinitions, kind: str, measure: str) -> tuple[Definition, ...]:
    """The claims that a measure in small letters may be named by, whatever else is said."""
    if kind not in definitions.openings or not compiled(definitions.openings[kind]).search(measure):
        return ()
    claims = [claim for claim in definitions.by_kind[kind] if _has(measure, claim.measure)]
    if not claims:
        return ()
    main = _main_clause(measure)
    is_share = kind in (PERCENT, RATIO)
    if is_share and (_ATTITUDE.search(main) or _COMPOSES.search(main) or _IS_SUBJECT.match(main)):
        return ()
    is_cut, is_denial = main != measure, _DENIAL.search(main) is not None
    return tuple(
        claim
        for claim in claims
        if (claim.may_deny or not is_denial)
        and not (claim.unless and compiled(claim.unless).search(measure))
        and (not is_cut or _has(main, claim.measure))
    )


def _main_clause(measure: str) -> str:
    """A measure without its subordinate clauses.

    >>> _main_clause("a penalty if you skip the second opinion"), _main_clause("the share of adults who seek one")
    ('a penalty', 'the share of adults who seek one')
    """
    main = _OPENS_SUBORDINATE.sub("", measure, count=1) if _OPENS_SUBORDINATE.match(measure) else measure
    return main if _IS_SHARE.match(main) else _SUBORDINATE.sub("", _INSIDE.sub("", main, count=1))


def _has(text: str, groups: tuple[str, ...]) -> bool:
    return all(compiled(group).search(text) for group in groups)


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


def _limits(claim: Definition, text: str, scope: tuple[str, ...]) -> set[str]:
    """The words of a figure that neither name the claim nor are said of every figure: "thyroid", "bronze"."""
    for pattern in claim.words():
        text = compiled(pattern).sub(" ", text)
    general, taken = _words_that_limit_nothing(), {word for limit in scope for word in limit.split()}
    rest = {word for word in _WORD.findall(text) if word not in general and word not in taken}
    rest = {word for word in rest if place_name(word) not in scope}  # "the U.S." is in the scope by its name
    return {_singular(word) for word in rest if len(word) > 2 and not word[0].isdigit() and not word.endswith("ly")}


@cache
def _words_that_limit_nothing() -> frozenset[str]:
    return _GENERAL | ADVERBS | lexicon().verbs | {"part"}  # "still" limits nothing


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
