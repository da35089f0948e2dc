"""Topics: a taxonomy that people edit, tags with the words that are evidence for them, and what helps to edit it.

`tagging` finds the topics of a row or a table, `taxonomy` reads `topics.toml`, `lint` and `preview` check a taxonomy
on the published rows; `refresh/tag.py` applies another one to them.

Nothing is imported here: a run that finds nothing to do needs only `taxonomy`.
"""
