"""Finds the figures a text quotes: value, kind, unit, measure, population, attribution, role and claim of each.

`find` reads a text. `prefilter` skips sentences without numbers; `tokenizer` and `numbers` read words and numbers;
`grammar` gives the order in which `units`, `ranges`, `kinds` and `bounds` turn them into figures; `roles` combines what
`clauses`, `measures`, `populations` and `attribution` find; `claims` names what is measured. The vocabulary is in
`lexicon.toml`, the claims are in `claims.toml`.
"""

from pipeline.statistics.find import Statistic, find_statistics

__all__ = ["Statistic", "find_statistics"]
