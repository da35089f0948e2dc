"""Describes what figures mean: measure, population, attribution, citation and role, in the text's own words.

A clause is cut out around the figure (`clauses`); its parts are named by their position in it (`measures`,
`populations`, `attribution`). Null means that the text does not say. What the sentence says by itself
(`describe_figures`) is separate from what its question and the sentences before it add (`measures_and_populations`):
many pages contain the same sentence, and the first part is cached.
"""

from collections.abc import Sequence

from pipeline.statistics.attribution import STUDY, attribution_of, citation_of, find_sources
from pipeline.statistics.clauses import Clause, clause_at, counted_by
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.measures import measure_of, resolve_measure, size_of_source
from pipeline.statistics.model import COUNT, Context, Description, Figure, Sentence
from pipeline.statistics.phrases import is_verb, last_verb
from pipeline.statistics.populations import own_population, resolve_population

__all__ = ["describe_figures", "measures_and_populations"]


def describe_figures(sentence: Sentence, figures: list[Figure]) -> list[Description]:
    """What a sentence says by itself of each of its figures, in the same order."""
    descriptions: list[Description] = []
    sources = find_sources(sentence)
    for i, figure in enumerate(figures):
        clause = clause_at(sentence, figures, i)
        previous = descriptions[-1] if descriptions else None
        role = "source_qualifier" if _is_whole(figures, i) else _role(clause)
        if _is_whole(figures, i):
            measure = counted_by(clause)
        elif role == "source_qualifier":
            measure = size_of_source(clause)
        else:
            measure = measure_of(clause, previous)
        descriptions.append(
            Description(
                measure=measure,
                population=own_population(clause, is_first=previous is None),
                counted=counted_by(clause),
                attribution=attribution_of(figure, sources),
                citation=citation_of(sentence, figure),
                role=role,
            )
        )
    _share_listed(sentence, figures, descriptions)
    return descriptions


def measures_and_populations(
    descriptions: Sequence[Description], context: Context
) -> list[tuple[str | None, str | None]]:
    """Measure and population of each figure of a sentence, completed from the sentence's context."""
    populations: list[str | None] = []
    for description in descriptions:
        previous = populations[-1] if populations else None
        populations.append(resolve_population(description.population, previous, context, description.role))
    for i in range(len(descriptions) - 2, -1, -1):
        if descriptions[i].shares_next:
            populations[i] = populations[i] or populations[i + 1]
    measures = [resolve_measure(description.measure, context.question) for description in descriptions]
    return list(zip(measures, populations, strict=True))


def _is_whole(figures: list[Figure], i: int) -> bool:
    """Whether a count only says of how many the part after it is: the 100 of "Of 100 women, 12 agreed"."""
    return figures[i].kind == COUNT and i + 1 < len(figures) and figures[i + 1].rule == "ratio.part"


_LIST_REACH = 8  # tokens between two figures of one list: "5 percent of nurses and 10 percent of doctors agreed"


def _share_listed(sentence: Sentence, figures: list[Figure], descriptions: list[Description]) -> None:
    """Give figures without a measure that of the figure after them, where both belong to one list."""
    for i in range(len(figures) - 2, -1, -1):
        first, last = figures[i].finish, figures[i + 1].begin
        is_listed = last - first <= _LIST_REACH and sentence.word(last - 1) in ("and", "or", ",", "(")
        if descriptions[i].measure is None and is_listed and last_verb(sentence, first, last) is None:
            descriptions[i] = descriptions[i]._replace(measure=descriptions[i + 1].measure, shares_next=True)


_STUDIES = words("studies trials papers articles surveys reviews publications meta-analyses experiments")
_SAMPLES = STUDY | {"sample", "cohort", "panel"}
_LIMIT_REACH = 5  # tokens after "below 5 %" in which it is called a limit: "is considered normal"


def _role(clause: Clause) -> str:
    """finding, source_qualifier (the size of a source), anecdote (one person's story) or threshold (a limit set)."""
    if _is_evidence(clause):
        return "source_qualifier"
    known, left = lexicon(), clause.sentence.words(clause.start, clause.begin)
    may_be_story = clause.figure.kind != COUNT and not known.story.isdisjoint(left)
    if may_be_story and any(_is_story_pronoun(clause, i) for i in range(clause.start, clause.begin)):
        return "anecdote"
    right = clause.sentence.words(clause.finish, min(clause.finish + _LIMIT_REACH, clause.end))
    is_bound = clause.figure.relation in ("<", "<=", ">", ">=")
    return "threshold" if is_bound and not known.limits.isdisjoint(left + right) else "finding"


def _is_story_pronoun(clause: Clause, i: int) -> bool:
    """Whether token `i` is a pronoun of a story: the "I" of "I paid", not of "type I collagen"."""
    is_pronoun = clause.word(i) in lexicon().story
    return is_pronoun and (clause.word(i) != "i" or i == clause.start or is_verb(clause.sentence, i + 1))


def _is_evidence(clause: Clause) -> bool:
    """Whether a count sizes a source: "20 studies", "a survey of 500 adults"."""
    if clause.figure.noun is None:
        return False
    i = clause.begin - 1
    is_sample = clause.word(i) in ("of", "with", "involving", "among")
    is_of_study = is_sample and bool(_SAMPLES.intersection(clause.sentence.words(i - 3, i)))
    return is_of_study or clause.word(clause.figure.noun) in _STUDIES
