"""What a figure says: measure, population, source and role, from the words around it.

A clause is cut out around the figure (`clauses`), and its pieces are named by where they stand (`measures`,
`populations`, `sources`). What is returned are the text's own words; null means the text does not say.
What a sentence says by itself (`tell`) is kept apart from what its question and the sentences before it add
(`meanings_of`), since many pages say the same sentence.
"""

from collections.abc import Sequence

from pipeline.statistics.attribution import STUDY, attribution_of, citation_of, find_sources
from pipeline.statistics.clauses import Clause, clause_at, counted_by
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.measures import in_words_of, measure_of, size_of_source
from pipeline.statistics.model import COUNT, Context, Figure, Meaning, Sentence, Told
from pipeline.statistics.phrases import is_verb, last_verb
from pipeline.statistics.populations import population_of, whom_of

__all__ = ["meanings_of", "tell"]


def tell(sentence: Sentence, figures: list[Figure]) -> list[Told]:
    """What a sentence says by itself of each of its figures, in the same order."""
    told: list[Told] = []
    sources = find_sources(sentence)
    for i, figure in enumerate(figures):
        clause = clause_at(sentence, figures, i)
        before = told[-1] if told else None
        role = "source_qualifier" if _is_whole(figures, i) else _role(clause)
        if _is_whole(figures, i):
            measure = counted_by(clause)
        elif role == "source_qualifier":
            measure = size_of_source(clause)
        else:
            measure = measure_of(clause, before)
        told.append(
            Told(
                measure=measure,
                whom=whom_of(clause, is_first=before is None),
                counted=counted_by(clause),
                attribution=attribution_of(sentence, figure, sources),
                citation=citation_of(sentence, figure),
                role=role,
            )
        )
    _share_listed(sentence, figures, told)
    return told


def meanings_of(told: Sequence[Told], context: Context) -> list[Meaning]:
    """The meaning of each figure of a sentence, from what the sentence says and what stands around it."""
    populations: list[str | None] = []
    for each in told:
        populations.append(population_of(each.whom, populations[-1] if populations else None, context, each.role))
    for i in range(len(told) - 2, -1, -1):
        if told[i].shares_next:
            populations[i] = populations[i] or populations[i + 1]
    return [
        Meaning(
            in_words_of(context.question, each.measure),
            population,
            each.counted,
            each.attribution,
            each.citation,
            each.role,
        )
        for each, population in zip(told, populations, strict=True)
    ]


def _is_whole(figures: list[Figure], i: int) -> bool:
    """Whether a count only says of how many the part after it is: the 100 of "Of 100 women, 12 agreed"."""
    return figures[i].kind == COUNT and i + 1 < len(figures) and figures[i + 1].rule == "ratio.part"


_LIST_REACH = 8  # tokens between two figures of one list: "5 percent of nurses and 10 percent of doctors agreed"


def _share_listed(sentence: Sentence, figures: list[Figure], told: list[Told]) -> None:
    """Let figures without a measure have that of the figure after them, where both stand in one list."""
    for i in range(len(figures) - 2, -1, -1):
        first, last = figures[i].finish, figures[i + 1].begin
        is_listed = last - first <= _LIST_REACH and sentence.word(last - 1) in ("and", "or", ",", "(")
        if told[i].measure is None and is_listed and last_verb(sentence, first, last) is None:
            told[i] = told[i]._replace(measure=told[i + 1].measure, shares_next=True)


_STUDIES = words("studies trials papers articles surveys reviews publications meta-analyses experiments")
_SAMPLES = STUDY | {"sample", "cohort", "panel"}
_LIMIT_REACH = 5  # tokens after "below 5 %" in which it is called a limit: "is considered normal"


def _role(clause: Clause) -> str:
    """finding, source_qualifier (the size of a source), anecdote (one person's story) or threshold (a limit set)."""
    if _is_evidence(clause):
        return "source_qualifier"
    known, left = lexicon(), clause.sentence.words(clause.start, clause.begin)
    may_tell = clause.figure.kind != COUNT and not known.story.isdisjoint(left)
    if may_tell and any(_tells(clause, i) for i in range(clause.start, clause.begin)):
        return "anecdote"
    right = clause.sentence.words(clause.finish, min(clause.finish + _LIMIT_REACH, clause.end))
    is_bound = clause.figure.relation in ("<", "<=", ">", ">=")
    return "threshold" if is_bound and not known.limits.isdisjoint(left + right) else "finding"


def _tells(clause: Clause, i: int) -> bool:
    """Whether a pronoun of a story stands at `i`: the "I" of "I paid", not of "type I collagen"."""
    is_told = clause.word(i) in lexicon().story
    return is_told and (clause.word(i) != "i" or i == clause.start or is_verb(clause.sentence, i + 1))


def _is_evidence(clause: Clause) -> bool:
    """Whether a count sizes a source: "20 studies", "a survey of 500 adults"."""
    if clause.figure.noun is None:
        return False
    i = clause.begin - 1
    is_sample = clause.word(i) in ("of", "with", "involving", "among")
    is_of_study = is_sample and bool(_SAMPLES.intersection(clause.sentence.words(i - 3, i)))
    return is_of_study or clause.word(clause.figure.noun) in _STUDIES
