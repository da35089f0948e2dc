"""Finds duplicates and paraphrases in a frame: the stage of a run, on a database in memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pipeline.duplicates.stage import OCCURRENCES, related_pairs
from pipeline.errors import BadQuery, check_argument
from pipeline.storage.arrow import BLOCK_ROWS
from pipeline.text.clean import clean_answer, clean_question
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
    order = _order(frame)
    pairs = related_pairs(_blocks(frame, order), embedder)
    pairs = pairs[pairs["kind"].isin(SAME_KINDS)].sort_values(["a_id", "b_id", "kind"], ignore_index=True)
    ids = frame["id"].to_numpy()
    for side in ("a_id", "b_id"):
        pairs[side] = ids[order[pairs[side].str.removeprefix("o_").astype("int64").to_numpy()]]
    return pairs[["a_id", "b_id", "kind", "score", "reason"]]


def _order(frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    """The positions of the rows in order of id, and of question and answer where ids repeat."""
    rows = pd.DataFrame({"id": frame["id"].to_numpy()})
    by = ["id"]
    if not rows["id"].is_unique:
        rows["question"], rows["answer"] = _texts(frame, "question"), _texts(frame, "answer")
        by += ["question", "answer"]
    return rows.sort_values(by).index.to_numpy()


class _Occurrence(NamedTuple):
    """A row of `OCCURRENCES`."""

    occurrence_id: str
    document_id: str
    question_key: str
    answer: str | None
    answer_key: str | None
    is_answered: bool
    is_truncated: bool


def _blocks(frame: pd.DataFrame, order: npt.NDArray[np.int64]) -> Iterator[pa.Table]:
    """The rows that hold a text as occurrences, in this order and named by their rank in it, in blocks."""
    for start in range(0, len(order), BLOCK_ROWS):
        block = frame.iloc[order[start : start + BLOCK_ROWS]]
        found = map(_occurrence, count(start), _texts(block, "question"), _texts(block, "answer"))
        rows = [one for one in found if one.question_key or one.answer_key]
        if rows:
            columns = zip(OCCURRENCES, zip(*rows, strict=True), strict=True)
            yield pa.table([pa.array(values, field.type) for field, values in columns], schema=OCCURRENCES)


def _occurrence(rank: int, question: str, answer: str) -> _Occurrence:
    asked = question_key(clean_question(question)) if question else ""
    cleaned = clean_answer(answer)
    key = answer_key(cleaned.text) if cleaned.text else None
    is_cut = bool(cleaned.truncation_kinds)
    return _Occurrence(f"o_{rank:012}", f"d_{rank:012}", asked, cleaned.text or None, key, bool(cleaned.text), is_cut)


def _texts(frame: pd.DataFrame, name: str) -> list[str]:
    """The texts of a column, empty where they are absent."""
    column = frame[name].tolist() if name in frame else [None] * len(frame)
    return [text if isinstance(text, str) else "" for text in column]
