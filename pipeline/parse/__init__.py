"""Parses one document's text into questions with their answers, and leftovers.

Read `parse_text` (`occurrences`) first. `classify` decides the role of every line, with the help of `page` (the habits
of the page), `markers`, `questions` and `furniture`; `markup` parses formats that say where their questions are.

Nothing is imported here: a run that finds nothing to do needs only `known`.
"""
