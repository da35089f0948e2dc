"""What a figure measures, in the text's own words."""

from dataclasses import replace

from pipeline.figures.clauses import OUTCOMES, Clause, after_opening, counted_by, has_owner, stop
from pipeline.figures.lexicon import words
from pipeline.figures.model import COUNT, MONEY, MULTIPLIER, Meaning
from pipeline.figures.numbers import HYPHENS
from pipeline.figures.phrases import ADVERBS, MARKS_END, PREPOSITIONS, REACH, is_verb, is_wordy

__all__ = ["asked", "measure_of", "size_of_source"]

_COPULAS = words(
    """is are was were be been equals equaled reached reaches reach ranged ranges range averaged averages average
    totaled totals stood stands varied varies vary increased increases rose rises fell falls dropped declined"""
)
_GRADED = words("high great large low much big higher greater larger lower")


def measure_of(clause: Clause, before: Meaning | None) -> str | None:
    """What the figure measures, by the first reading that fits."""
    if clause.figure.kind == MULTIPLIER:
        return _compared(clause, before) or _subject_and_verb(clause)
    if clause.figure.kind == COUNT:
        return _told_of(clause, before) or _existing(clause) or _subject_and_verb(clause)
    named = _told_of(clause, before) or _named_after(clause) or _named_before(clause) or _told_of_bracket(clause)
    if named or clause.verb is not None:
        return named or _subject_and_verb(clause)
    if clause.word(clause.begin - 1) == "(":
        return _subject_and_verb(replace(clause, start=after_opening(clause.sentence, 0, clause.begin)))
    if clause.word(clause.begin - 1) == "by" and clause.begin - 1 > clause.start:
        return _subject_and_verb(clause)  # "to cut your intake by 9 percent in all"
    right = clause.finish if clause.whole is None else clause.whole[1]
    return clause.text(right, stop(clause, right)) or _subject_and_verb(clause)


_RESUMES = words(", the a an their his her its this no")  # after an aside: "in 5 patients the diagnosis was changed"


def _told_of(clause: Clause, before: Meaning | None) -> str | None:
    """The verb phrase after the whole: "have their original diagnosis refined" of 66 % of patients."""
    if clause.whole is None:
        return None
    first = clause.whole[1]
    if _is_elliptic(clause):
        return _elliptic(clause, before)
    is_aside = clause.word(clause.begin - 1) in ("in", "for", "among") and clause.begin - 1 <= clause.start + 1
    if is_aside and clause.word(first) in _RESUMES:
        first += clause.word(first) == ","
        return clause.text(first, stop(clause, first))
    first += clause.word(first) in ADVERBS
    return clause.text(first, stop(clause, first)) if is_verb(clause.sentence, first) else None


def _told_of_bracket(clause: Clause) -> str | None:
    """The verb phrase after a figure in brackets: "most adults (85 %) of this age sleep well"."""
    if clause.word(clause.begin - 1) != "(" or clause.word(clause.finish) != ")":
        return None
    last = min(clause.end, clause.finish + REACH)
    marks = (i for i in range(clause.finish + 1, last) if clause.word(i) in MARKS_END)
    first = next((i for i in range(clause.finish + 1, next(marks, last)) if is_verb(clause.sentence, i)), None)
    return None if first is None else clause.text(first, stop(clause, first))


def _is_elliptic(clause: Clause) -> bool:
    """Whether a participle alone tells the rest: "..., and in 21 % of cases, changed."."""
    if clause.whole is None:
        return False
    i = clause.whole[1]
    return clause.word(i) == "," and clause.word(i + 1).endswith("ed") and clause.word(i + 2) in ("", ".", ";")


def _elliptic(clause: Clause, before: Meaning | None) -> str | None:
    """The participle with the object that the figure before had: "have their original diagnosis changed"."""
    i = clause.whole[1] + 1 if clause.whole else clause.finish
    participle = clause.text(i, i + 1)
    if before is None or not before.measure or " " not in before.measure:
        return participle
    return f"{before.measure.rsplit(' ', 1)[0]} {participle}"


_DETERMINERS = words("a an another additional the this that its their his her my your our first each one")
_AFTER_SUM = words(
    "each less dollars years months weeks days hours minutes times as its his hers ours yours theirs this"
)


def _named_after(clause: Clause) -> str | None:
    """The noun that "a 25 % chance of ..." measures, an aside in brackets skipped."""
    i, size = clause.finish, len(clause.sentence.tokens)
    if clause.whole is not None:
        return None
    if clause.word(i) == "(":
        i = next((j + 1 for j in range(i, min(i + REACH, size)) if clause.word(j) == ")"), i)
    elif clause.word(i) == ")" and clause.word(clause.begin - 1) == "(":
        i += 1
    while clause.word(i) in HYPHENS:
        i += 1
    if i >= size or clause.sentence.tokens[i].sort != "word" or clause.word(i) in PREPOSITIONS:
        return None
    has_article = {clause.word(clause.begin - 1), clause.word(clause.begin)} & {"a", "an", "another", "additional"}
    is_priced = clause.figure.kind == MONEY and clause.word(i) not in _AFTER_SUM  # "her $500 contract", "$50 checks"
    is_priced = is_priced and (clause.word(clause.begin - 1) in _DETERMINERS or clause.word(i).endswith("s"))
    is_noun = (has_article or is_priced) and not is_verb(clause.sentence, i)
    if clause.word(i) not in OUTCOMES and not is_noun:
        return None
    return clause.text(i, stop(replace(clause, end=clause.end if i <= clause.end else size), i))


_BEFORE_NOUN = words("a an the its their with to by and")


def _named_before(clause: Clause) -> str | None:
    """The noun phrase of "a failure rate of 3 %", "a loss of $5"."""
    sentence, last = clause.sentence, clause.begin - 1
    if clause.word(last) not in ("of", ":") or last <= clause.start:
        return None
    first = last
    while first > clause.start and is_wordy(sentence, first - 1) and not is_verb(sentence, first - 1):
        if clause.word(first - 1) in _BEFORE_NOUN:
            break
        first -= 1
    while sentence.is_glued(first) and is_wordy(sentence, first - 1):
        first -= 1  # the whole of "A1C"
    return clause.text(first, last)


def _subject_and_verb(clause: Clause) -> str | None:
    """The subject of "X is 5 %"; of another verb the words up to the figure, and a short complement after it."""
    last = clause.begin
    while last > clause.start and clause.word(last - 1) in PREPOSITIONS and clause.word(last - 1) != "for":
        last -= 1
    if clause.verb is None:
        return clause.text(clause.start, last)
    subject = clause.text(clause.start, clause.verb)
    is_copula = clause.word(clause.complement - 1) in _COPULAS and last <= clause.complement
    if subject and is_copula and subject.lower() not in ("it", "this", "that", "they", "there", "these", "those"):
        return subject
    left = clause.text(clause.start, last)
    right = _complement(clause)
    return f"{left} {right}" if left and right else left or right


def _complement(clause: Clause) -> str | None:
    """The prepositional phrase right after a sum: "out of pocket", "for one location"."""
    first = clause.finish
    if clause.whole is not None or clause.word(first) not in ("out", "for", "on", "toward", "towards", "as"):
        return None
    return clause.text(first, min(stop(clause, first), first + REACH // 2))


def _compared(clause: Clause, before: Meaning | None) -> str | None:
    """Of a multiple the risk that is higher, or what is "more common in women than in men"."""
    i = clause.finish + (clause.word(clause.finish) == ")")
    is_graded = clause.word(i) in _GRADED or clause.word(i + 1) in _GRADED
    if is_graded and clause.verb is not None:
        if clause.word(clause.complement - 1) in _COPULAS:
            return clause.text(clause.start, clause.verb)
        first = clause.complement + (clause.word(clause.complement) in PREPOSITIONS)
        return clause.text(first, clause.begin) or clause.text(i, stop(clause, i))
    if is_graded and before is not None and before.measure:
        return before.measure  # "... is twice as high in smokers and 6 times higher in miners"
    return clause.text(i, stop(clause, i))


def _existing(clause: Clause) -> str | None:
    """What there are so many of, where the sentence says no more: "There were 15 deaths"."""
    if clause.verb is None or clause.whole is None or clause.figure.noun is None:
        return None
    is_there = clause.word(clause.verb - 1) == "there"
    return clause.text(*clause.whole) if is_there or has_owner(clause) else None


def size_of_source(clause: Clause) -> str | None:
    """What a number is the size of: "A review of quantitative studies"."""
    parts = (clause.text(clause.start, clause.begin), counted_by(clause))
    return " ".join(part for part in parts if part) or None


def asked(question: str | None) -> str | None:
    """The question without its mark: what is measured where the text names nothing."""
    return (question or "").strip().rstrip("?").strip() or None
