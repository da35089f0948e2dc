"""Which occurrences become one row: joins what may be joined, and never two that must stay apart.

A content is a distinct question and answer, by number. Contract, law 3, says what merges; a reviewer's word comes
before every rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

import numpy as np
import pandas as pd

from pipeline.duplicates.answers import Answers

__all__ = [
    "Decision",
    "Groups",
    "Merged",
    "Verdicts",
    "apply_verdicts",
    "attach_parts",
    "content_key",
    "latest",
    "merge",
]

ORPHAN_KINDS = ("answer_contained", "orphan_matches_answer")
MERGING_KINDS = ("near_pair", "answer_contained")  # besides exact copies; contract, law 3: under one question key


@dataclass(frozen=True, slots=True)
class Decision:
    """A reviewer's word on two contents, named by `content_key`; it holds wherever these contents turn up again.

    keep: they are the same, and the wording of `a_key` shall stand for both.
    """

    a_key: str
    b_key: str
    verdict: Literal["same", "different", "keep"]
    reviewer: str

    @property
    def pair(self) -> tuple[str, str]:
        """The two keys, the smaller one first."""
        return (self.a_key, self.b_key) if self.a_key <= self.b_key else (self.b_key, self.a_key)

    @property
    def is_same(self) -> bool:
        return self.verdict != "different"


Verdicts = dict[tuple[str, str], Decision]


def content_key(question_key: str, answer_key: str | None) -> str:
    """The name of a question and answer by content alone; an unanswered one has no answer key, an orphan no question.

    >>> content_key("why get a second opinion", None) == content_key("why get a second opinion", "")
    True
    """
    text = f"{question_key}\n{answer_key or ''}"
    return blake2b(text.encode("utf8", "surrogatepass"), digest_size=16).hexdigest()


class Groups:
    """Groups of the numbers 0 to `count - 1`, at first each alone.

    >>> groups = Groups(4)
    >>> groups.keep_apart(0, 2)
    >>> groups.join(0, 1), groups.join(1, 2), groups.join(2, 3)
    (True, False, True)
    >>> groups.leaders()
    [0, 0, 2, 2]
    """

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self._size = [1] * count
        self._apart: defaultdict[int, set[int]] = defaultdict(set)  # leader -> members of other groups

    def leader(self, member: int) -> int:
        """The number that stands for the group of `member`; it changes when groups join."""
        parent = self._parent
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    def are_one(self, a: int, b: int) -> bool:
        """Whether the two are in one group."""
        return self.leader(a) == self.leader(b)

    def keep_apart(self, a: int, b: int) -> None:
        """From now on, refuse to join the groups of `a` and `b`."""
        self._apart[self.leader(a)].add(b)
        self._apart[self.leader(b)].add(a)

    def can_join(self, a: int, b: int) -> bool:
        """Whether no member of the one group must be kept apart from a member of the other."""
        left, right = self.leader(a), self.leader(b)
        if len(self._apart.get(left, ())) > len(self._apart.get(right, ())):
            left, right = right, left
        return all(self.leader(other) != right for other in self._apart.get(left, ()))

    def join(self, a: int, b: int) -> bool:
        """Make one group of two, and tell whether they are one now."""
        left, right = self.leader(a), self.leader(b)
        if left == right:
            return True
        if not self.can_join(left, right):
            return False
        if (self._size[left], -left) < (self._size[right], -right):
            left, right = right, left
        self._parent[right] = left
        self._size[left] += self._size[right]
        if right in self._apart:
            self._apart[left] |= self._apart.pop(right)
        return True

    def leaders(self) -> list[int]:
        """For each number, the smallest number of its group."""
        smallest: dict[int, int] = {}
        return [smallest.setdefault(self.leader(member), member) for member in range(len(self._parent))]


@dataclass(frozen=True)
class Merged:
    """Occurrences and orphans with the `row` they belong to, a number; -1 for an orphan that joins none.

    occurrences: as given, and row. contents: one occurrence for each content (the one that stands for its copies),
    with copies. orphans: as given, and row. canonical: by row, the occurrence whose wording stands for it.
    verdicts: by pair of content keys, the decision that counts, the earliest first.
    """

    occurrences: pd.DataFrame
    contents: pd.DataFrame
    orphans: pd.DataFrame
    canonical: pd.DataFrame
    verdicts: Verdicts

    def members(self) -> pd.DataFrame:
        """occurrence_id, canonical_occurrence_id: each occurrence once, by id."""
        return self._placed(self.occurrences, "occurrence_id")

    def orphans_joined(self) -> pd.DataFrame:
        """leftover_id, canonical_occurrence_id: each orphan that joins a row, by id."""
        return self._placed(self.orphans[self.orphans["row"] >= 0], "leftover_id")

    def _placed(self, frame: pd.DataFrame, name: str) -> pd.DataFrame:
        canonical = frame["row"].map(self.canonical["occurrence_id"])
        return pd.DataFrame({name: frame[name], "canonical_occurrence_id": canonical}).sort_values(
            name, ignore_index=True
        )


def merge(
    occurrences: pd.DataFrame,
    orphans: pd.DataFrame,
    answers: Answers,
    compared: pd.DataFrame,
    decisions: Sequence[Decision],
) -> Merged:
    """Put every occurrence in one row, and every orphan that repeats an answer.

    occurrences: with `content`, answered contents first. compared: as `compare_answers` gives it.
    """
    contents = stand_for_copies(occurrences, ["content"])
    contents["answer_number"] = answers.numbers(contents["answer_key"])
    verdicts = latest(decisions)
    named = _numbers(contents, verdicts)
    groups = _group_contents(len(contents), named, _under_one_question(contents, compared), contents, verdicts)
    occurrences = occurrences.assign(row=_rows(occurrences, groups))
    canonical = _canonical(occurrences, _preferences(occurrences, named, verdicts))
    orphans = orphans.assign(answer_number=answers.numbers(orphans["answer_key"]))
    orphans["row"] = _orphan_rows(occurrences, contents, orphans, compared, named, groups)
    return Merged(occurrences, contents, orphans, canonical, verdicts)


def latest(decisions: Iterable[Decision]) -> Verdicts:
    """By pair of content keys the last decision on it, in the order of these decisions."""
    verdicts: Verdicts = {}
    for decision in decisions:
        if decision.a_key != decision.b_key:
            verdicts.pop(decision.pair, None)
            verdicts[decision.pair] = decision
    return verdicts


def apply_verdicts(groups: Groups, number: Mapping[str, int], verdicts: Verdicts) -> list[Decision]:
    """Keep apart what was called different, then join what was called the same; the joins that this does not allow.

    number: of every key that the verdicts name.
    """
    for a, b in (pair for pair, decision in verdicts.items() if not decision.is_same):
        groups.keep_apart(number[a], number[b])
    same = [decision for decision in verdicts.values() if decision.is_same]
    return [decision for decision in same if not groups.join(number[decision.a_key], number[decision.b_key])]


def stand_for_copies(occurrences: pd.DataFrame, copies_share: list[str]) -> pd.DataFrame:
    """One occurrence for each group of copies, by group, with `copies`, how many: one not cut off, then by id."""
    frame = occurrences.sort_values([*copies_share, "is_truncated", "occurrence_id"])
    first = frame.drop_duplicates(copies_share).reset_index(drop=True)
    first["copies"] = frame.groupby(copies_share).size().to_numpy()
    return first


def _under_one_question(contents: pd.DataFrame, compared: pd.DataFrame) -> pd.DataFrame:
    """Pairs of contents with one question key whose answers compare: a, b, kind, score, inner (contents, or -1)."""
    side = contents.loc[contents["answer_number"] >= 0, ["content", "question_key", "answer_number"]]
    found = compared.merge(side, left_on="a", right_on="answer_number").merge(
        side, left_on=["b", "question_key"], right_on=["answer_number", "question_key"], suffixes=("_a", "_b")
    )
    inner = found["content_a"].where(found["inner"] == found["a"], found["content_b"]).where(found["inner"] >= 0, -1)
    links = found.rename(columns={"a": "answer_a", "b": "answer_b", "content_a": "a", "content_b": "b"})
    return links[["a", "b", "kind", "score"]].assign(inner=inner)


# ---------------------------------------------------------------- contents


def _group_contents(
    count: int, named: dict[str, int], links: pd.DataFrame, contents: pd.DataFrame, verdicts: Verdicts
) -> Groups:
    """The groups of contents that are one: what reviewers decided, then what the rules say."""
    groups = Groups(max([count - 1, *named.values()]) + 1)
    apply_verdicts(groups, named, verdicts)
    for a, b in _ends(links[links["kind"] == "near_conflict"]):
        if not groups.are_one(a, b):
            groups.keep_apart(a, b)
    merging = links[links["kind"].isin(MERGING_KINDS)]
    is_whole = merging["inner"] < 0
    for a, b in _ends(merging[is_whole].sort_values(["score", "a", "b"], ascending=[False, True, True])):
        groups.join(a, b)
    parts = merging[~is_whole]
    host = parts["a"].where(parts["inner"] != parts["a"], parts["b"])
    copies, length = contents["copies"], contents["answer_key"].str.len()
    attach_parts(groups, parts.assign(preference=copies[host].to_numpy(), length=length[host].to_numpy()))
    return groups


def _ends(links: pd.DataFrame) -> Iterable[tuple[int, int]]:
    return zip(links["a"].tolist(), links["b"].tolist(), strict=True)


def _numbers(contents: pd.DataFrame, verdicts: Verdicts) -> dict[str, int]:
    """The number of each content by its key, and numbers above these for other texts that reviewers decided on.

    Those are orphans, and texts that are not in the sources now: what was said through them still holds.
    """
    if not verdicts:
        return {}
    answers = contents["answer_key"].where(contents["is_answered"], None)
    keys = zip(contents["question_key"], answers, contents["content"], strict=True)
    number = {content_key(question, answer): number for question, answer, number in keys}
    others = sorted({key for pair in verdicts for key in pair} - set(number))
    return number | {key: place for place, key in enumerate(others, len(contents))}


def attach_parts(groups: Groups, parts: pd.DataFrame) -> None:
    """Join each group that is only a part of longer answers to the best one of these, so that it bridges no two.

    parts: a, b, inner (the one that is a part), preference and length (of the other; more is better). Best: a longest
    answer, one that is no part of another; then preference, length, first number.
    """
    leaders = groups.leaders()
    hosts: defaultdict[int, set[tuple[float, float, int]]] = defaultdict(set)
    columns = (parts[name].tolist() for name in ("a", "b", "inner", "preference", "length"))
    for a, b, inner, preference, length in zip(*columns, strict=True):
        host = b if inner == a else a
        if leaders[inner] != leaders[host]:
            hosts[leaders[inner]].add((-preference, -length, host))
    for part in sorted(hosts):
        for *_, host in sorted(hosts[part], key=lambda offer: (leaders[offer[-1]] in hosts, *offer)):
            if groups.join(part, host):
                break


# ---------------------------------------------------------------- rows


def _rows(occurrences: pd.DataFrame, groups: Groups) -> pd.Series:
    """The row of each occurrence, a number.

    An unanswered one joins the answered row of its document that asks the same question, else the answered row with
    most occurrences, then longest answer, then first id (contract, law 3); else the other unanswered ones.
    """
    row = occurrences["content"].map(pd.Series(groups.leaders()))
    answered = occurrences["is_answered"]
    homeless = occurrences[~answered & ~row.isin(row[answered])]
    offers = _offers(occurrences[answered].assign(row=row), homeless, groups)
    for asks_alike in (["question_key"], ["document_id", "question_key"]):  # the latter, where there is one, wins
        best = offers.drop_duplicates(["content", *asks_alike])[["content", *asks_alike, "row"]]
        found = homeless.reset_index().merge(best, on=["content", *asks_alike]).set_index("index")["row"]
        row.loc[found.index] = found
    return row


def _offers(answered: pd.DataFrame, homeless: pd.DataFrame, groups: Groups) -> pd.DataFrame:
    """The rows that unanswered contents may join, best first: content, document_id, question_key, row."""
    rows = answered.assign(length=answered["answer_key"].str.len()).groupby("row")
    rank = pd.DataFrame(
        {"copies": rows.size(), "length": rows["length"].max(), "first": rows["occurrence_id"].min()}
    ).reset_index()
    places = answered[["document_id", "question_key", "row"]].drop_duplicates()
    wanted = homeless[["content", "question_key"]].drop_duplicates()
    offers = places.merge(wanted, on="question_key").merge(rank, on="row")
    is_open = [groups.can_join(content, row) for content, row in zip(offers["content"], offers["row"], strict=True)]
    return offers[np.array(is_open, dtype=bool)].sort_values(
        ["copies", "length", "first", "document_id", "question_key"], ascending=[False, False, True, True, True]
    )


def _canonical(occurrences: pd.DataFrame, preferences: dict[tuple[int, int], int]) -> pd.DataFrame:
    """By row, the occurrence whose wording stands for it.

    An answered one; then the wording a reviewer chose, the longest answer, not cut off, first id.
    """
    frame = occurrences.assign(length=occurrences["answer_key"].str.len().fillna(-1), preference=0)
    if preferences:
        places = zip(frame["row"], frame["content"], strict=True)
        frame["preference"] = [preferences.get(place, 0) for place in places]
    best = frame.sort_values(
        ["is_answered", "preference", "length", "is_truncated", "occurrence_id"],
        ascending=[False, False, False, True, True],
    )
    return best.drop_duplicates("row").set_index("row", drop=False).sort_index()


def _preferences(occurrences: pd.DataFrame, named: dict[str, int], verdicts: Verdicts) -> dict[tuple[int, int], int]:
    """How much reviewers prefer a wording, by row and content; more is better.

    A wording kept over another one in its row; first those that no other one was kept over, then the latest.
    """
    kept = [(named[d.a_key], named[d.b_key]) for d in verdicts.values() if d.verdict == "keep"]
    if not kept:
        return {}
    rows: defaultdict[int, set[int]] = defaultdict(set)
    for content, row in occurrences[["content", "row"]].drop_duplicates().itertuples(index=False):
        rows[content].add(row)
    chosen = [(row, a, b) for a, b in kept for row in rows[a] & rows[b]]
    beaten = {(row, b) for row, _, b in chosen}
    return {(row, a): place + (0 if (row, a) in beaten else len(chosen)) for place, (row, a, _) in enumerate(chosen, 1)}


def _orphan_rows(
    occurrences: pd.DataFrame,
    contents: pd.DataFrame,
    orphans: pd.DataFrame,
    compared: pd.DataFrame,
    named: dict[str, int],
    groups: Groups,
) -> pd.Series:
    """The row each orphan joins, -1 if none: a reviewer's, else the one whose answer it repeats best.

    Best: equal before contained, most occurrences, first id.
    """
    repeats = compared[compared["kind"].isin(ORPHAN_KINDS)]
    repeated = pd.concat(
        [
            orphans[["answer_number"]].assign(other=orphans["answer_number"], how=0),
            repeats.rename(columns={"a": "answer_number", "b": "other"})[["answer_number", "other"]].assign(how=1),
            repeats.rename(columns={"b": "answer_number", "a": "other"})[["answer_number", "other"]].assign(how=1),
        ]
    ).drop_duplicates(["answer_number", "other"])
    wanted = orphans[["answer_number", "answer_key"]].drop_duplicates()
    row = occurrences.drop_duplicates("content").set_index("content")["row"]
    offers = wanted.merge(repeated, on="answer_number").merge(
        contents[contents["is_answered"]].assign(row=contents["content"].map(row)),
        left_on="other",
        right_on="answer_number",
        suffixes=("", "_of_content"),
    )
    offers["size"] = offers["row"].map(occurrences.loc[occurrences["is_answered"], "row"].value_counts())
    numbers = [named.get(content_key("", key), -1) for key in offers["answer_key"]] if named else []
    if numbers:
        ends = zip(numbers, offers["content"], strict=True)
        offers = offers[np.array([orphan < 0 or groups.can_join(orphan, content) for orphan, content in ends])]
    best = offers.sort_values(["how", "size", "occurrence_id"], ascending=[True, False, True])
    chosen = best.drop_duplicates("answer_number").set_index("answer_number")["row"]
    repeating = orphans["answer_number"].map(chosen).fillna(-1).astype(int)
    return _decided_rows(orphans, row, named, groups).fillna(repeating).astype(int) if named else repeating


def _decided_rows(orphans: pd.DataFrame, row: pd.Series, named: dict[str, int], groups: Groups) -> pd.Series:
    """The row of the content that reviewers made one with each orphan; null where there is none. row: by content."""
    leaders = groups.leaders()
    numbers = [named.get(content_key("", key)) for key in orphans["answer_key"]]
    contents = pd.Series([None if number is None else leaders[number] for number in numbers], orphans.index, "Int64")
    return contents.map(row)
