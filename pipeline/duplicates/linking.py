"""Which pairs the audit lists, and why: answers' and questions' relations laid over the texts that carry them.

A node is what a pair speaks of: a content with its exact copies behind it, or an orphan answer. Nodes have numbers:
contents first, answered before unanswered, then orphans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.duplicates.answers import Answers
from pipeline.duplicates.merging import (
    MERGING_KINDS,
    Decision,
    Groups,
    Merged,
    Verdicts,
    apply_verdicts,
    content_key,
    stand_for_copies,
)
from pipeline.duplicates.pairing import lift, pairs_within

Numbers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

__all__ = ["PAIR_COLUMNS", "list_pairs", "name_nodes"]

PAIR_COLUMNS = ["a_id", "b_id", "kind", "same_question", "score", "reason", "merged", "decided_by"]
QUESTION_KINDS = ("paraphrased_question", "scope_variant")
TOO_MANY = " Too many share it to list every pair, so each is paired with the most common one."
SAME_ANSWER = "The answers are the same word for word, under two different questions."
SAME_QUESTION = "The same question with two different answers."
UNANSWERED = "The same question, on one side without an answer."
EXACT = "The same question and the same answer, word for word."
EXACT_UNANSWERED = "The same question, both times without an answer."
ORPHAN_EQUAL = "This text without a question is an answer word for word."
THROUGH_ABSENT = ", by way of a text that is not in the sources now"
ORPHAN_PART = "This text without a question and the answer repeat each other: "


def name_nodes(merged: Merged, answers: Answers, questions: Sequence[str]) -> pd.DataFrame:
    """The nodes by number; answer_number and question_number count in the lists given, -1 where there is none.

    Unanswered copies of a question that joined different rows are different nodes.
    """
    nodes = stand_for_copies(merged.occurrences, ["content", "row"]).rename(columns={"occurrence_id": "id"})
    orphans = merged.orphans.rename(columns={"leftover_id": "id"}).assign(is_answered=True, copies=1)
    nodes = pd.concat([nodes.assign(is_orphan=False), orphans], ignore_index=True)
    nodes["answer_number"] = answers.numbers(nodes["answer_key"])
    numbers = {question: number for number, question in enumerate(questions)}
    nodes["question_number"] = nodes["question_key"].map(numbers).fillna(-1).astype(int)
    nodes["length"] = nodes["answer_key"].str.len().fillna(0)
    return nodes[
        [
            "id",
            "content",
            "row",
            "copies",
            "is_orphan",
            "is_answered",
            "question_key",
            "answer_key",
            "answer_number",
            "question_number",
            "length",
        ]
    ]


def list_pairs(nodes: pd.DataFrame, merged: Merged, compared: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """The contract's table `duplicates`, sorted. compared, asked: pairs of answer and of question numbers."""
    links = pd.concat([_answer_links(nodes, compared), _question_links(nodes, asked)], ignore_index=True)
    row = nodes["row"].to_numpy()
    a, b = links["a"].to_numpy(), links["b"].to_numpy()
    links["same_question"] = _same(nodes["question_number"].to_numpy(), a, b)
    links["merged"] = (row[a] == row[b]) & (row[a] >= 0) & _may_merge(nodes, links)
    ids = nodes["id"].to_numpy()
    pairs = links.assign(first=ids[a], second=ids[b], decided_by="rule")
    if merged.verdicts:
        pairs = _with_verdicts(pairs, nodes, merged)
    pairs = pd.concat([pairs, _copies(nodes, merged.occurrences)], ignore_index=True)
    pairs["a_id"] = pairs[["first", "second"]].min(axis=1)
    pairs["b_id"] = pairs[["first", "second"]].max(axis=1)
    return pairs[PAIR_COLUMNS].sort_values(["a_id", "b_id", "kind"], ignore_index=True)


def _same(values: Numbers, a: Numbers, b: Numbers) -> Booleans:
    """Whether both sides have the same value, and have one."""
    return np.asarray((values[a] == values[b]) & (values[a] >= 0))


def _may_merge(nodes: pd.DataFrame, links: pd.DataFrame) -> Booleans:
    """Whether a pair of this kind makes its two sides one."""
    kind = links["kind"]
    under_one_question = kind.isin(MERGING_KINDS) & links["same_question"]
    is_answered = nodes["is_answered"].to_numpy()
    one_unanswered = (kind == "same_question_different_answer") & ~(is_answered[links["a"]] & is_answered[links["b"]])
    return np.asarray(under_one_question | one_unanswered | (kind == "orphan_matches_answer"))


# ---------------------------------------------------------------- answer kinds


def _answer_links(nodes: pd.DataFrame, compared: pd.DataFrame) -> pd.DataFrame:
    """At most one answer kind for each pair of nodes, the first that fits (contract, table `duplicates`)."""
    answer = nodes["answer_number"].where(nodes["answer_number"] >= 0)
    prominence = _prominence(nodes)
    near = compared[compared["kind"] != "answer_overlap"]
    links = [
        _lifted_everywhere(nodes, near, prominence),
        _described(pairs_within(answer, prominence), "same_answer_different_question", 0.98, SAME_ANSWER),
        _same_question_links(nodes, prominence),
        lift(compared[compared["kind"] == "answer_overlap"], answer, prominence),
    ]
    found = pd.concat(links, ignore_index=True)
    found.loc[found["is_against_canonical"], "reason"] += TOO_MANY
    return _orphan_kinds(found, nodes).drop_duplicates(["a", "b"])[["a", "b", "kind", "score", "reason"]]


def _prominence(nodes: pd.DataFrame) -> pd.Series:
    """Rank of the nodes: answered before unanswered before orphans, most copies, longest answer, first id."""
    order = nodes.assign(unanswered=~nodes["is_answered"]).sort_values(
        ["is_orphan", "unanswered", "copies", "length", "id"], ascending=[True, True, False, False, True]
    )
    return pd.Series(range(len(nodes)), index=order.index).sort_index()


def _described(pairs: pd.DataFrame, kind: str, score: float, reason: str) -> pd.DataFrame:
    return pairs.assign(kind=kind, score=score, reason=reason)


def _lifted_everywhere(nodes: pd.DataFrame, compared: pd.DataFrame, prominence: pd.Series) -> pd.DataFrame:
    """Compared answers laid over their nodes; those under one question are all there, however many carry them."""
    answer = nodes["answer_number"].where(nodes["answer_number"] >= 0)
    lifted = lift(compared, answer, prominence)
    side = nodes.loc[nodes["question_number"] >= 0, ["question_number", "answer_number"]].reset_index(names="node")
    alike = compared.merge(side, left_on="a", right_on="answer_number").merge(
        side, left_on=["b", "question_number"], right_on=["answer_number", "question_number"], suffixes=("_a", "_b")
    )
    ends = np.sort(alike[["node_a", "node_b"]].to_numpy(dtype=np.int64), axis=1)
    alike = alike[["kind", "score", "reason"]].assign(a=ends[:, 0], b=ends[:, 1], is_against_canonical=False)
    return pd.concat([alike, lifted], ignore_index=True).drop_duplicates(["a", "b"])


def _same_question_links(nodes: pd.DataFrame, prominence: pd.Series) -> pd.DataFrame:
    """Pairs of one question with different answers, or with one answer."""
    pairs = pairs_within(nodes["question_number"].where(nodes["question_number"] >= 0), prominence)
    is_answered = nodes["is_answered"].to_numpy()
    answers = is_answered[pairs["a"]].astype(int) + is_answered[pairs["b"]].astype(int)
    described = _described(pairs, "same_question_different_answer", 0.5, SAME_QUESTION)
    described["reason"] = np.where(answers == 2, SAME_QUESTION, UNANSWERED)
    found: pd.DataFrame = described[answers > 0]
    return found


def _orphan_kinds(links: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """The links with the kind they have where one side is an orphan; none between two orphans."""
    is_orphan = nodes["is_orphan"].to_numpy()
    orphans = is_orphan[links["a"]].astype(int) + is_orphan[links["b"]].astype(int)
    links = links[orphans < 2].reset_index(drop=True)
    has_orphan = orphans[orphans < 2] == 1
    is_equal = has_orphan & (links["kind"] == "same_answer_different_question")
    is_part = has_orphan & (links["kind"] == "answer_contained")
    part = ORPHAN_PART + links["reason"].str[:1].str.lower() + links["reason"].str[1:]
    links["reason"] = links["reason"].mask(is_equal, ORPHAN_EQUAL).mask(is_part, part)
    links["score"] = links["score"].mask(is_equal, 1.0)
    links["kind"] = links["kind"].mask(is_equal | is_part, "orphan_matches_answer")
    found: pd.DataFrame = links[has_orphan | (links["kind"] != "orphan_matches_answer")]
    return found


def _copies(nodes: pd.DataFrame, occurrences: pd.DataFrame) -> pd.DataFrame:
    """Each exact copy with the occurrence that stands for it."""
    stands = nodes[~nodes["is_orphan"]][["content", "row", "id"]]
    frame = occurrences[["occurrence_id", "content", "row", "is_answered"]].merge(stands, on=["content", "row"])
    frame = frame[frame["occurrence_id"] != frame["id"]]
    return pd.DataFrame(
        {
            "first": frame["id"],
            "second": frame["occurrence_id"],
            "kind": "exact_pair",
            "same_question": True,
            "score": 1.0,
            "reason": np.where(frame["is_answered"], EXACT, EXACT_UNANSWERED),
            "merged": True,
            "decided_by": "rule",
        }
    )


# ---------------------------------------------------------------- question kinds and reviewers


def _question_links(nodes: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Related questions laid over the nodes that ask them."""
    found = lift(asked, nodes["question_number"].where(nodes["question_number"] >= 0), _prominence(nodes))
    found.loc[found["is_against_canonical"], "reason"] += TOO_MANY
    return found[["a", "b", "kind", "score", "reason"]]


def _with_verdicts(pairs: pd.DataFrame, nodes: pd.DataFrame, merged: Merged) -> pd.DataFrame:
    """The pairs with reviewers' names on those they decided; those they called the same and no rule found are added."""
    decided = _decided_nodes(nodes, merged)
    row, ids, question, is_orphan = (nodes[name].to_numpy() for name in ("row", "id", "question_number", "is_orphan"))
    added = decided[decided["is_same"]].assign(kind="near_pair", score=1.0)
    added.loc[is_orphan[added["a"]] | is_orphan[added["b"]], "kind"] = "orphan_matches_answer"
    added["reason"] = added["reviewer"] + " decided that these say the same" + added["how"] + "."
    added["same_question"] = _same(question, added["a"].to_numpy(), added["b"].to_numpy())
    added["first"], added["second"] = ids[added["a"]], ids[added["b"]]
    is_answer_kind = ~pairs["kind"].isin(QUESTION_KINDS)
    known = pd.concat([pairs[is_answer_kind], added], ignore_index=True).drop_duplicates(["a", "b"])
    known = pd.concat([known, pairs[~is_answer_kind]], ignore_index=True).drop(columns=["reviewer", "is_same", "how"])
    known = known.merge(decided, on=["a", "b"], how="left")
    is_decided = known["reviewer"].notna() & ~known["kind"].isin(QUESTION_KINDS)
    is_one = (row[known["a"]] == row[known["b"]]) & (row[known["a"]] >= 0)
    known["merged"] = np.where(is_decided, is_one, known["merged"].eq(True))
    known["decided_by"] = known["reviewer"].fillna("rule")
    return known


def _decided_nodes(nodes: pd.DataFrame, merged: Merged) -> pd.DataFrame:
    """The pairs of nodes that reviewers decided on: a, b, reviewer, is_same, how (for the reason)."""
    named: dict[str, list[int]] = {}
    names = zip(nodes["question_key"].fillna(""), nodes["answer_key"].fillna(""), strict=True)
    for number, (question, answer) in enumerate(names):
        named.setdefault(content_key(question, answer), []).append(number)
    rows = [
        (min(a, b), max(a, b), decision.reviewer, decision.is_same, how)
        for a_key, b_key, decision, how in [*_said(merged.verdicts), *_implied(merged.verdicts, named)]
        for a in named.get(a_key, ())
        for b in named.get(b_key, ())
        if a != b
    ]
    decided = pd.DataFrame(rows, columns=["a", "b", "reviewer", "is_same", "how"]).drop_duplicates(["a", "b"])
    return decided.astype({"a": "int64", "b": "int64", "is_same": bool})


def _said(verdicts: Verdicts) -> list[tuple[str, str, Decision, str]]:
    return [(*pair, decision, "") for pair, decision in sorted(verdicts.items())]


def _implied(verdicts: Verdicts, named: Mapping[str, object]) -> list[tuple[str, str, Decision, str]]:
    """Pairs that are the same only through texts that are not in the sources now.

    Each absent text's first neighbour stands for it.
    """
    number = {key: place for place, key in enumerate(sorted({key for pair in verdicts for key in pair}))}
    groups, present = Groups(len(number)), Groups(len(number))
    apply_verdicts(groups, number, verdicts)
    apply_verdicts(present, number, {pair: d for pair, d in verdicts.items() if all(key in named for key in pair)})
    first: dict[int, str] = {}
    found = []
    for pair, decision in sorted(verdicts.items()):
        for key in [key for key in pair if decision.is_same and key in named]:
            stands = first.setdefault(groups.leader(number[key]), key)
            if not present.are_one(number[stands], number[key]):
                present.join(number[stands], number[key])
                found.append((stands, key, decision, THROUGH_ABSENT))
    return found
