"""Names the codes of the tables on the review page and in spreadsheets."""

from __future__ import annotations

from pipeline.duplicates.decisions import RULE

KIND_NAMES = {
    "near_pair": "nearly the same",
    "answer_contained": "one answer contains the other",
    "same_answer_different_question": "same answer, two questions",
    "same_question_different_answer": "same question, two answers",
    "paraphrased_question": "same question in other words",
    "scope_variant": "same question, another scope",
    "orphan_matches_answer": "answer without a question",
    "answer_overlap": "shared sentence",
    "near_conflict": "similar, but contradicts",
}
STATE_NAMES = {
    "open": "not decided",
    "decided": "decided",
    "flagged": "flagged or noted",
    "skipped": "skipped",
    "all": "all",
}
VERDICT_NAMES = {
    "same": "Same",
    "different": "Different",
    "keep": "Same, one wording chosen",
    "move": "Moved",
    "flag": "Flagged",
    "skip": "Skipped",
    "comparable": "Comparable",
    "not_comparable": "Not comparable",
    "misread": "Misread",
    "implied_same": "Same, follows from other decisions",
    "implied_different": "Different, follows from other decisions",
}
SORT_NAMES = {
    "importance": "most important",
    "size": "most texts",
    "uncertainty": "least certain",
    "documents": "most documents",
}
TRUNCATION_NAMES = {
    "trailing_ellipsis": "the end is cut off",
    "internal_ellipsis": "a part in the middle is left out",
    "more_items": "the list is incomplete",
    "trailing_colon": "ends with a colon",
    "mid_word": "ends inside a word",
}


def is_reviewer_name(name: str) -> bool:
    """Whether this can be a reviewer's name.

    >>> is_reviewer_name("Ada Lovelace"), is_reviewer_name("rule"), is_reviewer_name(" "), is_reviewer_name("x" * 61)
    (True, False, False, False)
    """
    return 0 < len(name) <= 60 and name.isprintable() and name == name.strip() and name.casefold() != RULE
