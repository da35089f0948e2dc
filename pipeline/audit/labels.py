"""How the page names what the tables name by codes."""

from __future__ import annotations

from pipeline.duplicates.decisions import RULE

KIND_NAMES = {
    "near_pair": "nearly the same",
    "answer_contained": "one is part of the other",
    "same_answer_different_question": "same answer, two questions",
    "same_question_different_answer": "same question, two answers",
    "paraphrased_question": "question in other words",
    "scope_variant": "question about another scope",
    "orphan_matches_answer": "text without a question",
    "answer_overlap": "shared sentence",
    "near_conflict": "alike, but says otherwise",
}
STATE_NAMES = {
    "open": "not decided",
    "decided": "decided",
    "flagged": "flagged or noted",
    "skipped": "skipped",
    "all": "all",
}
STATE_SHOWN = {
    "same": "Same",
    "different": "Different",
    "keep": "Same, one wording kept",
    "move": "Moved",
    "flag": "Flagged",
    "skip": "Skipped",
    "implied_same": "Same, by other decisions",
    "implied_different": "Different, by other decisions",
}
SORT_NAMES = {
    "matters": "what matters most",
    "size": "most texts",
    "uncertainty": "least certain",
    "spread": "most documents",
}
CUTS = {
    "trailing_ellipsis": "the end is cut off",
    "internal_ellipsis": "something is left out inside",
    "more_items": "the list goes on",
    "trailing_colon": "ends with a colon",
    "mid_word": "ends inside a word",
}


def is_name(name: str) -> bool:
    """Whether this can be a reviewer's name.

    >>> is_name("Ada Lovelace"), is_name("rule"), is_name(" "), is_name("x" * 61)
    (True, False, False, False)
    """
    return 0 < len(name) <= 60 and name.isprintable() and name == name.strip() and name.casefold() != RULE
