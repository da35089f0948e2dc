"""Finds related pairs of occurrences, and which occurrences are one row of `qa`.

`stage.relate_all` is the stage of a run, `stage.relate` does the same for frames, `find.find_duplicates` takes any
frame. `sql/duplicates` finds candidate pairs and lists the pairs; `answer_comparison` and `question_intent` read texts;
`clusters` joins what is one.

Nothing is imported here: a run that finds nothing to do needs only `decisions`.
"""
