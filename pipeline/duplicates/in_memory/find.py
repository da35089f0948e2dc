"""Duplicates and paraphrases in any frame of questions and answers: pairs we hold to say the same, after grouping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import log1p, sqrt
from typing import Any

import numpy as np
import pandas as pd

from pipeline.duplicates.answers import (
    Answers,
    contained_answers,
    distinct_answers,
    near_answers,
    not_contained,
    worth_a_look,
)
from pipeline.duplicates.in_memory.likeness import Likeness, likely_same, measure_likeness
from pipeline.duplicates.in_memory.pairing import lift, pairs_within
from pipeline.duplicates.in_memory.postings import Weights
from pipeline.duplicates.in_memory.trees import Trees, likelihood
from pipeline.duplicates.questions import same_questions
from pipeline.duplicates.tokens import Numbers
from pipeline.duplicates.union_find import Clusters, attach_parts
from pipeline.duplicates.vocabulary import function_words, stem
from pipeline.errors import BadQuery, check_argument
from pipeline.text.clean import clean_answer, clean_question
from pipeline.text.keys import answer_key, question_key

__all__ = ["figures_of_answers", "find_duplicates"]

REWORDED = 0.45  # likelihood; of reworded sentences that the trees have not seen F1 is .93 from .3 to .6, of health
# answers .97; of 100 sentences without their like in a frame of 200, one pair is taken for reworded at .3 and at .5
FIRST_LOOK = 0.02  # likelihood by words' weights; 3 pairs of 1,000 that say the same are below it, at .05 5
SAME_SUBJECT = 0.3  # cosine of two answers' questions; restated questions of the labelled ones have .40 and more
PAIR_COLUMNS = ["a_id", "b_id", "kind", "score", "reason"]


def find_duplicates(frame: pd.DataFrame, embedder: Any = None) -> pd.DataFrame:
    """Pairs of rows that say the same or ask the same: a_id, b_id, kind, score (0 to 1), reason; no pair twice a kind.

    frame: id, and question or answer or both; a column that is missing, an empty or a null text is absent and equals
    nothing. Kinds: exact_pair, near_pair, answer_contained, same_answer_different_question, paraphrased_question.
    A cut answer is paired with its best full text alone. Every pair of a group of up to 200 rows is given; in a
    larger one each is paired with the most common. embedder: an object with `encode(list of str)`, or the folder of a
    local sentence-embedding model; finds more questions that ask the same.

    >>> frame = pd.DataFrame({"id": ["x", "y"], "answer": ["Rest for two whole days.", "rest for two whole days"]})
    >>> find_duplicates(frame)[["a_id", "b_id", "kind"]].values.tolist()
    [['x', 'y', 'exact_pair']]
    """
    check_argument("frame", frame, pd.DataFrame, "a DataFrame with id, and question or answer")
    if "id" not in frame.columns or not {"question", "answer"} & {*frame.columns}:
        names = ", ".join(map(str, frame.columns))
        raise BadQuery(f"frame must have the column id, and question or answer; it has: {names}")
    rows = _rows(frame)
    found = pd.concat([_answer_pairs(rows), _question_pairs(rows, embedder)], ignore_index=True)
    ids = rows["id"].to_numpy()
    pairs = found.assign(a_id=ids[found["a"]], b_id=ids[found["b"]])
    return pairs.sort_values(["a", "b", "kind"], ignore_index=True)[PAIR_COLUMNS]


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    """id, question and answer (cleaned), their keys ('' when absent), by id."""
    rows = pd.DataFrame({"id": frame["id"].to_numpy()})
    rows["question"] = [clean_question(text) if text else "" for text in _texts(frame, "question")]
    rows["answer"] = [clean_answer(text).text if text else "" for text in _texts(frame, "answer")]
    rows["question_key"] = [question_key(text) if text else "" for text in rows["question"]]
    rows["answer_key"] = [answer_key(text) if text else "" for text in rows["answer"]]
    order = ["id"] if rows["id"].is_unique else ["id", "question", "answer"]
    return rows.sort_values(order, ignore_index=True)


def _texts(frame: pd.DataFrame, name: str) -> list[str]:
    """The texts of a column, empty where they are absent."""
    column = frame[name].tolist() if name in frame else [None] * len(frame)
    return [text if isinstance(text, str) else "" for text in column]


# ---------------------------------------------------------------- answers


def _answer_pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """Pairs of rows with one answer, or answers that say the same: a, b (rows), kind, score, reason."""
    answers = distinct_answers(rows)
    number = answers.numbers(rows["answer_key"])
    number = number.where(number >= 0)
    rank = pd.Series(range(len(rows)))
    equal = pairs_within(number, rank)
    asked = rows["question_key"].to_numpy()
    is_same_question = asked[equal["a"]] == asked[equal["b"]]
    equal["kind"] = np.where(is_same_question, "exact_pair", "same_answer_different_question")
    equal["score"] = np.where(is_same_question, 1.0, 0.98)
    equal["reason"] = np.where(is_same_question, "Word for word the same.", "The same answer to different questions.")
    alike = lift(_alike_answers(answers, _subjects(rows, number, len(answers.keys))), number, rank)
    return pd.concat([equal, alike], ignore_index=True)[["a", "b", "kind", "score", "reason"]]


def _alike_answers(answers: Answers, subjects: _Subjects) -> pd.DataFrame:
    """Pairs of answers that say the same, after grouping, columns as `near_answers` gives them."""
    likeness = measure_likeness(answers.keys, answers.tokens)
    a, b, figures = figures_of_answers(likeness, len(answers.keys))
    likely = likelihood(Trees.read("answers"), figures)
    scored = zip(a.tolist(), b.tolist(), likely.tolist(), strict=True)
    reworded = {(a, b): score for a, b, score in scored if score >= REWORDED and subjects.are_one(a, b)}
    contained = contained_answers(answers)
    pairs = not_contained(answers.keys, worth_a_look(likeness) | reworded.keys(), contained)
    near = near_answers(answers.keys, pairs, reworded)
    found = pd.concat([contained, near], ignore_index=True)
    return _grouped(found, answers, subjects)


def figures_of_answers(likeness: Likeness, answers: int) -> tuple[Numbers, Numbers, Weights]:
    """The pairs a < b that may say the same in other words, and for each a row of what the trees ask about it.

    The measures of `likeness`, and last how many answers there are: among few no word is rare.
    """
    seen = likely_same(likeness, "answers") >= FIRST_LOOK
    a, b, measures = likeness.a[seen], likeness.b[seen], likeness.measures[seen]
    return a, b, np.column_stack([measures, np.full(len(a), np.log1p(answers))])


def _grouped(found: pd.DataFrame, answers: Answers, subjects: _Subjects) -> pd.DataFrame:
    """The pairs within one group: near copies together, a part with its best whole, conflicts apart."""
    groups = Clusters(len(answers.keys))
    found = found[found["kind"] != "near_conflict"]
    whole = found[found["inner"] < 0].sort_values(["score", "a", "b"], ascending=[False, True, True])
    for a, b in zip(whole["a"], whole["b"], strict=True):
        groups.join(a, b)
    parts = found[found["inner"] >= 0]
    host = parts["a"].where(parts["inner"] != parts["a"], parts["b"])
    preference = [subjects.likeness(a, b) for a, b in zip(parts["a"], parts["b"], strict=True)]
    attach_parts(groups, parts.assign(copies=preference, length=[len(answers.keys[h]) for h in host]))
    is_one = [groups.are_joined(a, b) for a, b in zip(found["a"], found["b"], strict=True)]
    return found[np.array(is_one, dtype=bool)]


class _Subjects:
    """What the questions of each answer are about: weighted stems, none where an answer comes without a question."""

    def __init__(self, stems: Mapping[int, Counter[str]], answers: int) -> None:
        spread = Counter(word for counted in stems.values() for word in counted)
        self._weights = {
            answer: {word: often * log1p(answers / spread[word]) for word, often in counted.items()}
            for answer, counted in stems.items()
        }
        self._norms = {
            answer: sqrt(sum(weight * weight for weight in weights.values()))
            for answer, weights in self._weights.items()
        }

    def likeness(self, a: int, b: int) -> float:
        """Cosine of the two answers' questions; 1 where one has none."""
        if not self._norms.get(a) or not self._norms.get(b):
            return 1.0
        one, other = sorted((self._weights[a], self._weights[b]), key=len)
        return round(
            sum(weight * other.get(word, 0) for word, weight in one.items()) / (self._norms[a] * self._norms[b]), 4
        )

    def are_one(self, a: int, b: int) -> bool:
        """Whether nothing says that the two answers are about different things."""
        return self.likeness(a, b) >= SAME_SUBJECT


def _subjects(rows: pd.DataFrame, number: pd.Series, answers: int) -> _Subjects:
    """The subjects of each answer, by number."""
    stems: dict[int, Counter[str]] = {}
    asked = pd.DataFrame({"answer": number, "question": rows["question_key"]})
    asked = asked[asked["question"] != ""].dropna().drop_duplicates()
    for answer, question in zip(asked["answer"].astype(int), asked["question"], strict=True):
        words = [stem(word) for word in question.split() if word not in function_words()]
        stems.setdefault(answer, Counter()).update(words)
    return _Subjects(stems, answers)


# ---------------------------------------------------------------- questions


def _question_pairs(rows: pd.DataFrame, embedder: Any) -> pd.DataFrame:
    """Pairs of rows that ask the same: a, b (rows), kind, score, reason."""
    keys = sorted(set(rows["question_key"]) - {""})
    number = rows["question_key"].map({key: place for place, key in enumerate(keys)})
    rank = pd.Series(range(len(rows)))
    equal = pairs_within(number, rank)
    is_answered = (rows["answer_key"] != "").to_numpy()
    equal = equal[~is_answered[equal["a"]] & ~is_answered[equal["b"]]]
    equal = equal.assign(kind="exact_pair", score=1.0, reason="Word for word the same question.")
    alike = lift(same_questions(keys, embedder), number, rank)
    return pd.concat([equal, alike], ignore_index=True)[["a", "b", "kind", "score", "reason"]]
