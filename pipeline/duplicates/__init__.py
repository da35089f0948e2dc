"""Which occurrences say the same: related pairs for audit, and which of them become one row of `qa`.

`relate_all` is the pipeline's stage, `relate` does the same for frames, `find_duplicates` looks at any frame. Behind
them: `answers` and `paraphrases` say how two texts compare, `rows` what becomes one; `sql/duplicates` finds the pairs
and lists them.

Nothing is imported here: a run that finds nothing to do needs only `decisions`.
"""
