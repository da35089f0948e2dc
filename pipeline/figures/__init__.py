"""A sentence -> its figures and what they say, in small steps; `pipeline.statistics` lays them over a text.

`tokens` and `numbers` read words and numbers; `grammar` gives the order in which `units`, `ranges`, `kinds` and
`bounds` make figures of them; `meaning` puts together what `clauses`, `measures`, `populations` and `sources` find.
The words all of them know are in `lexicon.toml`.
"""
