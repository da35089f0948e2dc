"""The pipeline's stage: related pairs of occurrences and orphan answers, and which occurrences are one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import pandas as pd

from pipeline.clean import answer_key, clean_answer
from pipeline.duplicates.answers import Answers, compare_answers, distinct_answers
from pipeline.duplicates.linking import list_pairs, name_nodes
from pipeline.duplicates.merging import Decision, Merged, merge
from pipeline.duplicates.pairing import pairs_within
from pipeline.duplicates.paraphrases import group_questions, related_questions, with_likely_questions

__all__ = ["Relations", "relate"]


@dataclass(frozen=True)
class Relations:
    """What `relate` found.

    pairs: the contract's table `duplicates`, `a_id < b_id`, sorted.
    members: occurrence_id, canonical_occurrence_id: each occurrence once; the groups are the rows of `qa`.
    orphans: leftover_id, canonical_occurrence_id: the orphans that join a row.
    questions: canonical_occurrence_id, question_id: one row for each group; questions that ask the same share the id.
    """

    pairs: pd.DataFrame
    members: pd.DataFrame
    orphans: pd.DataFrame
    questions: pd.DataFrame


def relate(
    occurrences: pd.DataFrame, leftovers: pd.DataFrame, decisions: Sequence[Decision] = (), embedder: Any = None
) -> Relations:
    """Every related pair of occurrences and orphan answers, and which occurrences are one row.

    occurrences: occurrence_id, document_id, question_key, answer (cleaned), answer_key, is_answered, is_truncated.
    leftovers: leftover_id, role, text; only orphan answers are looked at. The order of rows does not matter.
    The last decision on two contents counts. embedder: a model (`embedding`) that finds more questions that ask the
    same; without one only what the rules of `paraphrases` find is listed.
    """
    occurrences = _number_contents(occurrences)
    orphans = _orphans(leftovers)
    answers = distinct_answers(pd.concat([occurrences, orphans]))
    compared = compare_answers(answers, _under_one_question(occurrences, answers))
    questions = sorted(set(occurrences["question_key"]) - {""})
    asked = related_questions(questions)
    if embedder is not None:
        asked = with_likely_questions(questions, asked, embedder)
    merged = merge(occurrences, orphans, answers, compared, decisions)
    nodes = name_nodes(merged, answers, questions)
    return Relations(
        pairs=list_pairs(nodes, merged, compared, asked),
        members=merged.members(),
        orphans=merged.orphans_joined(),
        questions=_question_ids(merged, group_questions(questions, asked)),
    )


def _number_contents(occurrences: pd.DataFrame) -> pd.DataFrame:
    """The occurrences by id, each with its `content`: the number of its question and answer among the distinct ones.

    Answered contents come first, then those nobody answers; each in the order of their first id.
    """
    frame = occurrences.sort_values(["is_answered", "occurrence_id"], ascending=[False, True], ignore_index=True)
    frame["answer_key"] = frame["answer_key"].where(frame["is_answered"])
    frame["content"] = frame.groupby(["question_key", "answer_key"], sort=False, dropna=False).ngroup()
    return frame


def _under_one_question(occurrences: pd.DataFrame, answers: Answers) -> pd.DataFrame:
    """Pairs of answers to one question: a, b (numbers, a < b). Of a question with over 200, those with the first."""
    asked = occurrences.loc[occurrences["question_key"] != "", ["question_key", "answer_key"]].drop_duplicates()
    asked = asked.assign(answer=answers.numbers(asked["answer_key"]))
    asked = asked[asked["answer"] >= 0].sort_values("answer", ignore_index=True)
    pairs = pairs_within(asked["question_key"], asked["answer"])
    answer = asked["answer"].to_numpy()
    return pd.DataFrame({"a": answer[pairs["a"]], "b": answer[pairs["b"]]}).drop_duplicates()


def _orphans(leftovers: pd.DataFrame) -> pd.DataFrame:
    """The orphan answers by id: leftover_id, answer (cleaned), answer_key; those without a word are left out."""
    frame = leftovers[leftovers["role"] == "orphan_answer"].sort_values("leftover_id", ignore_index=True)
    frame = frame[["leftover_id"]].assign(answer=[clean_answer(text).text for text in frame["text"]], is_orphan=True)
    frame["answer_key"] = [answer_key(text) for text in frame["answer"]]
    return frame[frame["answer_key"] != ""].reset_index(drop=True)


def _question_ids(merged: Merged, canonical_question: dict[str, str]) -> pd.DataFrame:
    """The id of what each row's question asks: made from the question that stands for its group."""
    canonical = merged.canonical
    names = [
        "q_" + blake2b(canonical_question.get(key, key).encode("utf8", "surrogatepass"), digest_size=8).hexdigest()
        for key in canonical["question_key"]
    ]
    return pd.DataFrame(
        {"canonical_occurrence_id": canonical["occurrence_id"].to_numpy(), "question_id": names}
    ).sort_values("canonical_occurrence_id", ignore_index=True)
