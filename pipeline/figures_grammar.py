"""A sentence -> its figures, in one order of reading.

Every number first looks for the unit written at it (`figures_units`). Neighbours then join into ranges and
share a unit (`figures_ranges`). What has no unit is a proportion, a multiple or a count, or nothing
(`figures_kinds`). Last come the words around the value (`figures_bounds`). `Figure.rule` names the step
that decided: its first part is the kind, its second the function's reading, `.range` or `.spread` follow.
"""

from pipeline.figures_bounds import with_bounds, with_period
from pipeline.figures_kinds import find_counts, find_multipliers, find_ratios
from pipeline.figures_model import Figure, Sentence
from pipeline.figures_ranges import join_ranges, join_ratio_ranges, share_percent
from pipeline.figures_units import add_indefinite_money, join_cents, with_unit

__all__ = ["find_figures"]


def find_figures(sentence: Sentence) -> list[Figure]:
    """The figures of a sentence, in order."""
    figures = _without_swallowed([with_unit(sentence, number) for number in sentence.numbers])
    figures = add_indefinite_money(sentence, figures)
    figures = join_cents(sentence, figures)
    figures = join_ranges(sentence, figures)
    figures = share_percent(sentence, figures)
    figures = find_ratios(sentence, figures)
    figures = join_ratio_ranges(sentence, figures)
    figures = find_multipliers(sentence, figures)
    figures = find_counts(sentence, figures)
    figures = with_bounds(sentence, [figure for figure in figures if figure.kind is not None])
    return with_period(sentence, figures)


def _without_swallowed(figures: list[Figure]) -> list[Figure]:
    """The figures but for numbers that the one before took in: the "one" of "half of one percent"."""
    kept: list[Figure] = []
    for figure in figures:
        if not kept or figure.first >= kept[-1].last:
            kept.append(figure)
    return kept
