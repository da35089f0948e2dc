"""Describes what figures mean: measure, population, attribution, citation and role, in the text's own words.

A clause is cut out around the figure (`clauses`); its parts are named by their position in it (`measures`,
`populations`, `attribution`). Null means that the text does not say. What the sentence says by itself
(`describe_figures`) is separate from what its question and the sentences before it add (`complete_from_context`):
many pages contain the same sentence, and the first part is cached.
"""

from collections.abc import Sequence

from pipeline.statistics.attribution import attribution_of, citation_of, find_sources, resolve_attribution
from pipeline.statistics.clauses import Clause, clause_at, counted_phrase, fronted_phrase, label_of
from pipeline.statistics.joined import list_starts_by_figure, measure_in_list
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.measures import (
    measure_in_aside,
    measure_in_relative,
    measure_of,
    resolve_measure,
    sized_source,
)
from pipeline.statistics.model import COUNT, MONEY, PERCENT, RATIO, Context, Description, Figure, Sentence
from pipeline.statistics.phrases import ACTORS, PREPOSITIONS, last_verb
from pipeline.statistics.populations import own_population, resolve_population
from pipeline.statistics.roles import StorySigns, continues_story, may_continue_story, role_of
from pipeline.statistics.scope import header_and_row, scope_of, year_of, year_tokens_in

__all__ = ["complete_from_context", "describe_figures"]


def describe_figures(sentence: Sentence, figures: list[Figure]) -> list[Description]:
    """What a sentence says by itself of each of its figures, in the same order."""
    descriptions: list[Description] = []
    sources = find_sources(sentence)
    signs, years = StorySigns(sentence, sources), year_tokens_in(sentence)
    clauses = [clause_at(sentence, figures, i) for i in range(len(figures))]
    lists = list_starts_by_figure(clauses) if len(clauses) > 1 else []
    for i, (figure, clause) in enumerate(zip(figures, clauses, strict=True)):
        previous = descriptions[-1] if descriptions else None
        attribution = attribution_of(sentence, figure, sources)
        role = role_of(clause, figures, i, attribution, signs)
        if previous and previous.role == "source_qualifier" and role == "finding" and _continues_list(clauses, i):
            role = previous.role  # "The response rates were 64% for nurses and 38% for doctors"
        is_size = role == "source_qualifier" and figure.kind == COUNT
        header, row = header_and_row(sentence, figure)
        listed = measure_in_list(clauses, lists, i, descriptions) if len(figures) > 1 and not is_size else None
        measure = (
            header
            or measure_in_relative(clause)
            or measure_in_aside(clause)
            or listed
            or (sized_source(clause) if is_size else measure_of(clause, previous))
        )
        is_labelled = measure is not None and clause.word(clause.start - 1) == ":"
        if measure and is_labelled and measure.split()[0].lower() in _POINTING and (label := label_of(clause)):
            measure = f"{clause.text(*label)} {measure}"  # "Evening classes: you pay 20%"
        if measure and _says_nothing(clause, measure):
            measure = None
        if measure and attribution and _only_credits(measure, attribution):
            measure = None
        descriptions.append(
            Description(
                measure=measure,
                own_population=own_population(clause, previous is None, attribution),
                counted=counted_phrase(clause),
                attribution=attribution,
                citation=citation_of(sentence, figure),
                role=role,
                scope=scope_of(clause, len(figures) == 1, row, measure),
                year=year_of(sentence, years, figures, i),
                may_continue_story=may_continue_story(clause, role, attribution),
            )
        )
    _fill_listed_measures(sentence, figures, clauses, descriptions)
    _mark_shared_population(clauses, descriptions)
    return descriptions


def complete_from_context(descriptions: Sequence[Description], quote: str, context: Context) -> list[Description]:
    """The descriptions of a sentence's figures, completed from its question and the sentences before it."""
    roles = [
        "anecdote"
        if described.may_continue_story and context.before and continues_story(quote, context.before)
        else described.role
        for described in descriptions
    ]
    populations: list[str | None] = []
    for described, role in zip(descriptions, roles, strict=True):
        previous = populations[-1] if populations else None
        populations.append(resolve_population(described.own_population, previous, context, role))
    for i in range(len(descriptions) - 2, -1, -1):
        if descriptions[i].shares_next:
            populations[i] = populations[i] or populations[i + 1]
    return [
        described._replace(
            measure=resolve_measure(described.measure, context.question),
            population=population,
            attribution=resolve_attribution(described.attribution, context.before),
            role=role,
        )
        for described, population, role in zip(descriptions, populations, roles, strict=True)
    ]


def _says_nothing(clause: Clause, measure: str) -> bool:
    """Whether a measure is a verb of being, a pronoun, a number, or only the phrase in front: "In the first group"."""
    small = measure.lower()
    if small in _EMPTY or small == measure.upper():
        return True
    if small.split(None, 1)[0] not in _FRONTING:
        return False
    phrase = fronted_phrase(clause)
    is_between = clause.verb is None and clause.text(clause.start, clause.begin) == measure
    return is_between or (phrase is not None and clause.text(*phrase) == measure)  # "$50 for one roof/$90 for two"


_FRONTING = words("in for among of at with")
_EMPTY = words("is are was were be been has have had it they this that there")
_POINTING = ACTORS | words("it this that these those one")


def opens_complement(measure: str | None) -> bool:
    """Whether a measure is only the complement of its figure: "with a library card"."""
    return measure is not None and measure.lower().split()[0] in PREPOSITIONS


def _continues_list(clauses: list[Clause], i: int) -> bool:
    """Whether figure `i` is a share that continues the list of the share before, without a verb."""
    left, right = clauses[i - 1].figure, clauses[i].figure
    is_share = left.kind == right.kind and right.kind in (PERCENT, RATIO)
    joint = clauses[i].word(clauses[i].begin - 1)
    return is_share and joint in ("and", ",") and last_verb(clauses[i].sentence, left.finish, right.begin) is None


def _only_credits(measure: str, attribution: str) -> bool:
    """Whether a measure only says who found the figure: "an earlier paper by Brandvold reported"."""
    rest = measure.removeprefix(attribution)
    return rest != measure and lexicon().source_verbs.issuperset(rest.lower().split())


_LIST_REACH = 8  # tokens between two figures of one list: "5 percent of nurses and 10 percent of doctors agreed"


def _fill_listed_measures(
    sentence: Sentence, figures: list[Figure], clauses: list[Clause], descriptions: list[Description]
) -> None:
    """Give figures without a measure that of the figure after them, where both belong to one list."""
    for i in range(len(figures) - 2, -1, -1):
        first, last = figures[i].finish, figures[i + 1].begin
        is_listed = last - first <= _LIST_REACH and sentence.word(last - 1) in ("and", "or", "but", ",", "(")
        is_open = descriptions[i].measure is None and clauses[i].verb is None
        if figures[i].kind == MONEY and opens_complement(descriptions[i + 1].measure):
            continue  # "$35, or $20 with a card"
        if is_open and is_listed and last_verb(sentence, first, last) is None:
            descriptions[i] = descriptions[i]._replace(measure=descriptions[i + 1].measure, shares_next=True)


def _mark_shared_population(clauses: list[Clause], descriptions: list[Description]) -> None:
    """Give "milder in 8% and stronger in 19% of patients" one population: the first figure has none of its own."""
    for i in range(len(clauses) - 2, -1, -1):
        left, right = clauses[i], clauses[i + 1]
        lead = left.word(left.begin - 1)
        is_listed = lead in ("in", "for", "among") and lead == right.word(right.begin - 1) and left.whole is None
        has_whole = right.whole is not None or descriptions[i + 1].shares_next
        if is_listed and has_whole and descriptions[i].own_population.named is None:
            descriptions[i] = descriptions[i]._replace(shares_next=True)
