"""Finds duplicates and paraphrases in a frame: the stage of a run, on a database in memory."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.duplicates.stage import relate
from pipeline.errors import BadQuery, check_argument
from pipeline.text.clean import clean_answer, clean_question, truncation_kinds
from pipeline.text.keys import answer_key, question_key

__all__ = ["find_duplicates"]

# The kinds of pairs that say or ask the same.
SAME_KINDS = (
    "exact_pair",
    "near_pair",
    "answer_contained",
    "same_answer_different_question",
    "paraphrased_question",
)
_NO_LEFTOVERS = pd.DataFrame({"leftover_id": [], "role": [], "text": []}, dtype="str")


def find_duplicates(frame: pd.DataFrame, embedder: Any = None) -> pd.DataFrame:
    """Pairs of rows that say the same or ask the same: a_id, b_id, kind, score (0 to 1), reason, by id and kind.

    These are the pairs that a run over the same rows lists, of the kinds exact_pair, near_pair, answer_contained,
    same_answer_different_question and paraphrased_question. frame: id, and question or answer or both; a column that is
    missing, an empty or a null text is absent and equals nothing, nor does a row of punctuation alone. embedder: an
    object with `encode(list of str)`, or the folder of a local sentence-embedding model; it finds more questions that
    ask the same.

    >>> frame = pd.DataFrame({"id": ["x", "y"], "answer": ["Rest for two whole days.", "rest for two whole days"]})
    >>> find_duplicates(frame)[["a_id", "b_id", "kind"]].values.tolist()
    [['x', 'y', 'exact_pair']]
    """
    check_argument("frame", frame, pd.DataFrame, "a DataFrame with id, and question or answer")
    if "id" not in frame.columns or not {"question", "answer"} & {*frame.columns}:
        names = ", ".join(map(str, frame.columns))
        raise BadQuery(f"frame must have the column id, and question or answer; it has: {names}")
    ids, occurrences = _occurrences(frame)
    pairs = relate(occurrences, _NO_LEFTOVERS, embedder=embedder).pairs
    pairs = pairs[pairs["kind"].isin(SAME_KINDS)].sort_values(["a_id", "b_id", "kind"], ignore_index=True)
    for side in ("a_id", "b_id"):
        pairs[side] = ids[pairs[side].str.removeprefix("o_").astype("int64").to_numpy()]
    return pairs[["a_id", "b_id", "kind", "score", "reason"]]


def _occurrences(frame: pd.DataFrame) -> tuple[Any, pd.DataFrame]:
    """The ids of the rows in order, and the rows that hold a text as occurrences named by their rank in that order."""
    rows = pd.DataFrame({"id": frame["id"].to_numpy(), "question": _texts(frame, "question")})
    rows["answer"] = _texts(frame, "answer")
    rows = rows.sort_values(["id"] if rows["id"].is_unique else ["id", "question", "answer"], ignore_index=True)
    answers = [clean_answer(text).text if text else "" for text in rows["answer"]]
    occurrences = pd.DataFrame(
        {
            "occurrence_id": pd.Series([f"o_{number:012}" for number in range(len(rows))], dtype="str"),
            "document_id": pd.Series([f"d_{number:012}" for number in range(len(rows))], dtype="str"),
            "question_key": pd.Series([question_key(clean_question(text)) for text in rows["question"]], dtype="str"),
            "answer": pd.Series([text or None for text in answers], dtype="str"),
            "answer_key": pd.Series([answer_key(text) if text else None for text in answers], dtype="str"),
            "is_truncated": [bool(truncation_kinds(text)) for text in rows["answer"]],
        }
    )
    occurrences["is_answered"] = occurrences["answer_key"].notna()
    has_text = (occurrences["answer_key"].fillna("") != "") | (occurrences["question_key"] != "")
    return rows["id"].to_numpy(), occurrences[has_text]


def _texts(frame: pd.DataFrame, name: str) -> list[str]:
    """The texts of a column, empty where they are absent."""
    column = frame[name].tolist() if name in frame else [None] * len(frame)
    return [text if isinstance(text, str) else "" for text in column]
