"""Duplicates: what relates, what merges, and what never does."""

from __future__ import annotations

import pandas as pd

from pipeline.clean import answer_key, question_key
from pipeline.duplicates import Relations, relate

LEFTOVERS = pd.DataFrame(columns=["leftover_id", "document_id", "role", "text"])


def occurrences(*rows: tuple[str, str | None]) -> pd.DataFrame:
    """A table of occurrences o_0, o_1, ... of these questions and answers, each in a document of its own."""
    return pd.DataFrame(
        [
            {
                "occurrence_id": f"o_{number}",
                "document_id": f"d_{number}",
                "question_key": question_key(question),
                "answer": answer,
                "answer_key": None if answer is None else answer_key(answer),
                "is_answered": answer is not None,
                "is_truncated": answer is not None and answer.endswith("…"),
            }
            for number, (question, answer) in enumerate(rows)
        ]
    )


def kinds(related: Relations) -> set[tuple[str, str, str]]:
    return set(zip(related.pairs["a_id"], related.pairs["b_id"], related.pairs["kind"], strict=True))


def rows_of_qa(related: Relations) -> set[frozenset[str]]:
    groups = related.members.groupby("canonical_occurrence_id")["occurrence_id"]
    return {frozenset(members) for _, members in groups}


def test_a_cut_answer_joins_its_full_text_under_the_same_question_only():
    full = "Drink plenty of water and rest for two days. See a nurse if the fever stays."
    related = relate(
        occurrences(
            ("How is a cold treated?", full),
            ("How is a cold treated", "Drink plenty of water and rest for two …"),
            ("What helps against a cold?", "See a nurse if the fever stays."),
        ),
        LEFTOVERS,
    )
    assert kinds(related) == {("o_0", "o_1", "answer_contained"), ("o_0", "o_2", "answer_contained")}
    assert rows_of_qa(related) == {frozenset({"o_0", "o_1"}), frozenset({"o_2"})}
