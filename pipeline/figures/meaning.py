"""What a figure says: measure, population, source and role, from the words around it.

A clause is cut out around the figure (`clauses`), and its pieces are named by where they stand (`measures`,
`populations`, `sources`). What is returned are the text's own words; null means the text does not say.
"""

from pipeline.figures.clauses import Clause, clause_at, counted_by
from pipeline.figures.lexicon import lexicon, words
from pipeline.figures.measures import asked, measure_of, size_of_source
from pipeline.figures.model import COUNT, Context, Figure, Meaning, Sentence
from pipeline.figures.populations import population_of
from pipeline.figures.sources import STUDY, attribution_of, citation_of, find_sources

__all__ = ["find_meanings"]


def find_meanings(sentence: Sentence, figures: list[Figure], context: Context) -> list[Meaning]:
    """The meaning of each figure of a sentence, in the same order."""
    meanings: list[Meaning] = []
    sources = find_sources(sentence)
    for i, figure in enumerate(figures):
        clause = clause_at(sentence, figures, i)
        before = meanings[-1] if meanings else None
        role = _role(clause)
        measure = size_of_source(clause) if role == "source_qualifier" else measure_of(clause, before)
        meanings.append(
            Meaning(
                measure=measure or asked(context.question),
                population=population_of(clause, before, context, role),
                counted=counted_by(clause),
                attribution=attribution_of(sentence, figure, sources),
                citation=citation_of(sentence, figure),
                role=role,
            )
        )
    return meanings


_STUDIES = words("studies trials papers articles surveys reviews publications meta-analyses experiments")
_SAMPLES = STUDY | {"sample", "cohort", "panel"}
_LIMIT_REACH = 5  # tokens after "below 5 %" in which it is called a limit: "is considered normal"


def _role(clause: Clause) -> str:
    """finding, source_qualifier (the size of a source), anecdote (one person's story) or threshold (a limit set)."""
    if _is_evidence(clause):
        return "source_qualifier"
    left = set(clause.sentence.words(clause.start, clause.begin))
    if clause.figure.kind != COUNT and left & lexicon().story:
        return "anecdote"
    near = left.union(clause.sentence.words(clause.finish, min(clause.finish + _LIMIT_REACH, clause.end)))
    is_bound = clause.figure.relation in ("<", "<=", ">", ">=")
    return "threshold" if is_bound and near & lexicon().limits else "finding"


def _is_evidence(clause: Clause) -> bool:
    """Whether a count sizes a source: "20 studies", "a survey of 500 adults"."""
    if clause.figure.noun is None:
        return False
    i = clause.begin - 1
    is_sample = clause.word(i) in ("of", "with", "involving", "among")
    is_of_study = is_sample and bool(_SAMPLES.intersection(clause.sentence.words(i - 3, i)))
    return is_of_study or clause.word(clause.figure.noun) in _STUDIES
