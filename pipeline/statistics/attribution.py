"""Finds who says a figure, and the citation mark beside it."""

import re
from dataclasses import dataclass

from pipeline.limits import CLAUSE_REACH, PHRASE_REACH
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import Figure, Sentence
from pipeline.statistics.phrases import MARKS_END, is_capital, is_verb, text_of

__all__ = ["STUDY", "Sources", "attribution_of", "citation_of", "find_sources", "source_of"]

_CITATION = re.compile(
    r"\[\d{1,4}(?:\s?[,;–-]\s?\d{1,4}){0,20}+\]"
    r"|\([A-Z][\w’'-]{1,40}+(?: et al\.?| (?:and|&) [A-Z][\w’'-]{1,40}+)?,? \d{4}[a-z]?\)"
)
_CITED_WITHIN = 400  # characters from a figure to its citation mark, at the end of the sentence as a rule
STUDY = words("study review survey trial report analysis poll meta-analysis")


_BEFORE_SOURCE = words(', ; : that ( [ “ " and – —')
_ASIDE_MARKS = frozenset(",–—")
_CLOSING_VERBS = words("says said say reports reported estimates found")
_FIRST_WORDS = 8  # of a sentence, which may be "In a recent study"


@dataclass(frozen=True, slots=True)
class Sources:
    """Who is quoted in a sentence: after "according to", as subject of a reporting verb, as "In a recent study"."""

    named: str | None
    reporters: list[tuple[int, str]]  # token of the verb and its subject, in order
    study: str | None


def find_sources(sentence: Sentence) -> Sources:
    size = len(sentence.tokens)
    said = None
    if "according" in sentence.vocabulary:
        said = next((i + 2 for i in range(size - 1) if sentence.words(i, i + 2) == ("according", "to")), None)
    named = None if said is None else text_of(sentence, said, _source_end(sentence, said))
    known = lexicon().source_verbs
    candidates = () if known.isdisjoint(sentence.vocabulary) else range(1, size)
    verbs = (i for i in candidates if sentence.lower[i] in known and is_verb(sentence, i))
    found = ((verb, source_of(sentence, verb)) for verb in verbs)
    study = None
    if sentence.word(0) in ("in", "from"):
        study = next((i for i in range(1, _FIRST_WORDS) if sentence.word(i) in STUDY), None)
    return Sources(
        named=None if named == "Dr" else named,  # a sentence cut off after "Dr."
        reporters=[(verb, source) for verb, source in found if source],
        study=None if study is None else text_of(sentence, 1, study + 1),
    )


def _source_end(sentence: Sentence, first: int) -> int:
    """End of what is named after "according to": a mark or the verb of the claim."""
    last = min(len(sentence.tokens), first + PHRASE_REACH)
    return next((i for i in range(first, last) if sentence.word(i) in MARKS_END or is_verb(sentence, i)), last)


def source_of(sentence: Sentence, verb: int) -> str | None:
    """The subject of the reporting verb at `verb` if it is a source, cut after its last source noun."""
    first = verb
    while first > max(0, verb - CLAUSE_REACH) and sentence.word(first - 1) not in _BEFORE_SOURCE:
        first -= 1
    if first == verb and sentence.word(verb - 1) in _ASIDE_MARKS:  # "The study – of camps – found"
        opening = next((i for i in range(verb - 2, 0, -1) if sentence.word(i) == sentence.word(verb - 1)), 0)
        return source_of(sentence, opening) if opening and verb - opening < CLAUSE_REACH else None
    nouns = [i for i in range(first, verb) if sentence.word(i) in lexicon().source_nouns]
    if nouns:
        return text_of(sentence, first, nouns[-1] + 1)
    is_name = first > 0 and sentence.is_word(first) and is_capital(sentence, first)
    is_said = sentence.word(verb + 1) in ("that", "", ".")
    return text_of(sentence, first, verb) if is_name and is_said else None


def attribution_of(sentence: Sentence, figure: Figure, sources: Sources) -> str | None:
    """Who says so: whom "according to" names, the first source that reports before the figure or at the end."""
    if sources.named:
        return sources.named
    for verb, source in sources.reporters:
        is_last = sentence.word(verb) in _CLOSING_VERBS and sentence.word(verb + 1) in ("", ".", "”", '"')
        if verb < figure.first or is_last:
            return source
    return sources.study


def citation_of(sentence: Sentence, figure: Figure) -> str | None:
    """The citation mark after the figure, else before it, in the same sentence."""
    text, tokens = sentence.text, sentence.tokens
    if "[" not in text and "(" not in text:
        return None
    start, end = tokens[figure.first].start, tokens[figure.last - 1].end
    after = _CITATION.search(text, end, min(tokens[-1].end, end + _CITED_WITHIN))
    found = after or _CITATION.search(text, max(tokens[0].start, start - _CITED_WITHIN), start)
    return found[0] if found else None
