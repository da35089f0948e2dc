"""Finds related pairs of occurrences, and which occurrences are one row of `qa`.

Start with `stage.relate_all`, which is the stage of a run; `stage.relate` does the same for frames, and
`find.find_duplicates` takes any frame. `sql/duplicates` finds candidate pairs and lists the pairs. `kernels` has what
looks at one or two texts:

    signatures         the shingles and bigrams of an answer (`tokens`, `vocabulary`, `containment`)
    answer_comparison  two answers: `reading` gives the forms of their words (`words`, `word_forms`, `numerals`,
                       `phrases`, `articles`, `page_words`), `alignment` aligns them, `harmless_edits` judges edits
    question_intent    what a question asks (`question_patterns`); `model_groups` adds what a model finds (`embeddings`)

`clusters` says which contents are one row (`union_find`), by the rules and by what people decided (`decisions`).

Nothing is imported here: a run that finds nothing to do needs only `decisions`.
"""
