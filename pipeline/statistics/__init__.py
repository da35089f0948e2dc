"""The figures a text quotes: value, kind, unit, measure, population, attribution and role of each.

`find` reads a text. `tokenizer` and `numbers` read words and numbers; `grammar` gives the order in which `units`,
`ranges`, `kinds` and `bounds` make figures of them; `roles` combines what `clauses`, `measures`, `populations` and
`attribution` find. The words they all use are in `lexicon.toml`.
"""

from pipeline.statistics.find import Statistic, find_statistics

__all__ = ["Statistic", "find_statistics"]
