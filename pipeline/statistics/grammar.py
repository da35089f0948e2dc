"""Turns the numbers of a sentence into figures; the order of the steps is defined here.

First the unit written at a number is read (`units`). Then neighbours are joined to ranges or share a unit (`ranges`).
A number without a unit is a proportion, a multiple or a count, or no figure (`kinds`). The words around the value come
last (`bounds`).
"""

from pipeline.statistics.bounds import with_bounds, with_period
from pipeline.statistics.kinds import MULTIPLES, with_counts, with_multipliers, with_part_ratios, with_ratios
from pipeline.statistics.model import Figure, Sentence
from pipeline.statistics.ranges import extend_percent_to_list, join_ranges, join_ratio_ranges
from pipeline.statistics.units import add_indefinite_money, join_cents, with_unit

__all__ = ["RULES", "find_figures"]

# What the `rule` of a figure means; ".range" is appended where two ends were joined, ".spread" where "±" joined them.
RULES = {
    "percent.unit": "a percent sign or word after the number",
    "percent.list": "a number of a list that ends in one: 10, 20 and 30 percent",
    "percent.of": "a percent word before the number: percents of sixty",
    "money.sign": "a currency sign beside the number",
    "money.code": "a currency code or local sign beside the number: USD 50, RM65",
    "money.name": "the name of a currency beside the number: 20 Swiss francs",
    "money.minor": "cents, pence and the like",
    "money.cents": "a sum and its cents, joined",
    "money.indefinite": "one unit, as in: a dollar a day",
    "money.accounting": "a loss in an accountant's brackets",
    "ratio.pair": "two numbers in proportion: 1 in 4, two cases per million",
    "ratio.fraction": "a fraction of something: two thirds of patients",
    "ratio.part": "a number for a part of a count before it: of 100 women, 12 agreed",
    "multiplier.times": "a number and times, fold or x, compared",
    "multiplier.word": "twice, thrice, doubled; halved is 0.5 times",
    "count.listed": "a number before people, events or sources",
    "count.things": "a number before other things the lexicon lists",
    "count.period": "a number before a noun, in a year or month",
    "count.many": "a large number before a plural",
    "count.bare": "a large number without a noun: kills 400,000 a year",
    "count.number": "a number said to be the number of something: the number of deaths was 300",
    "count.one": "one of something listed, reported: in only one family",
}


_WITHOUT_NUMBERS = MULTIPLES | {"a", "an"}  # "doubled", "a dollar"


def find_figures(sentence: Sentence) -> list[Figure]:
    """The figures of a sentence, in order."""
    if not sentence.numbers and sentence.vocabulary.isdisjoint(_WITHOUT_NUMBERS):
        return []
    figures = _without_overlaps([with_unit(sentence, number) for number in sentence.numbers])
    figures = add_indefinite_money(sentence, figures)
    figures = join_cents(sentence, figures)
    figures = join_ranges(sentence, figures)
    figures = extend_percent_to_list(sentence, figures)
    figures = with_ratios(sentence, figures)
    figures = join_ratio_ranges(sentence, figures)
    figures = with_multipliers(sentence, figures)
    figures = with_part_ratios(sentence, with_counts(sentence, figures))
    figures = with_bounds(sentence, [figure for figure in figures if figure.kind is not None])
    return with_period(sentence, figures)


def _without_overlaps(figures: list[Figure]) -> list[Figure]:
    """The figures without numbers that belong to the one before: the "one" of "half of one percent"."""
    separate: list[Figure] = []
    for figure in figures:
        if not separate or figure.first >= separate[-1].last:
            separate.append(figure)
    return separate
