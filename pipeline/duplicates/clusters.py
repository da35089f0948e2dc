"""Which contents become one row: joins what may be joined, and never two that must stay apart.

A content is a distinct question and answer, by number; only those that relate to another one, or that a reviewer
decided on, are looked at here, for all others are rows of their own. Contract, law 3, says what merges; a reviewer's
word comes before every rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from pipeline.duplicates.union_find import Decision, Groups, Verdicts, apply_verdicts, attach_parts, latest
from pipeline.storage import frames, statements

__all__ = ["seat"]

_Row = tuple[Any, ...]

THROUGH_ABSENT = ", by way of a text that is not in the sources now"


def seat(db: duckdb.DuckDBPyConnection, decisions: Sequence[Decision]) -> None:
    """Say of every occurrence, and of every orphan, which row it belongs to (`sql/duplicates/rows.sql`).

    Takes the temporary tables contents and linked; leaves seated, canonical, orphans_joined, and said: what reviewers
    decided, by pair of content keys.
    """
    verdicts = latest(decisions)
    grouped = _Grouped.of(db, verdicts)
    _lay(db, "led", {"content": pa.int64(), "leader": pa.int64()}, grouped.leaders_of_contents())
    _lay(db, "barred", {"content": pa.int64(), "row": pa.int64()}, _barred(db, grouped))
    _lay(db, "barred_orphans", {"content_key": pa.string(), "content": pa.int64()}, grouped.barred_orphans())
    _lay(db, "decided_orphans", {"content_key": pa.string(), "content": pa.int64()}, grouped.decided_orphans())
    statements.execute_file(db, "duplicates/rows")
    names = {"row": pa.int64(), "content": pa.int64(), "preference": pa.int64()}
    _lay(db, "preferred", names, _preferences(db, grouped, verdicts))
    statements.execute_file(db, "duplicates/canonical")
    names = {"a_key": pa.string(), "b_key": pa.string(), "reviewer": pa.string(), "is_same": pa.bool_()}
    said = [*_said(verdicts), *_implied(verdicts, _present(db, verdicts))]
    _lay(db, "said", {**names, "how": pa.string()}, said)


def _lay(db: duckdb.DuckDBPyConnection, name: str, types: Mapping[str, pa.DataType], rows: Sequence[_Row]) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    arrays = {name: pa.array(values, kind) for (name, kind), values in zip(types.items(), columns, strict=True)}
    frames.create_temp_table(db, name, pa.table(arrays))


@dataclass(frozen=True)
class _Grouped:
    """Contents in groups. numbers: the contents looked at, then numbers from `contents` on for other texts that
    reviewers decided on: orphans, and texts that are not in the sources now; what was said through them still holds.
    place: of each number in `groups`. named: the number of each content key that reviewers named.
    """

    contents: int
    numbers: Sequence[int]
    place: Mapping[int, int]
    named: Mapping[str, int]
    groups: Groups

    @classmethod
    def of(cls, db: duckdb.DuckDBPyConnection, verdicts: Verdicts) -> _Grouped:
        """The groups of contents that are one: what reviewers decided, then what the rules say."""
        links = frames.frame_of(db.sql("from linked order by a, b, kind"))
        contents = statements.count(db, "contents")
        named = _numbers(db, verdicts, contents)
        numbers = sorted({*links["a"], *links["b"], *named.values()})
        place = {number: at for at, number in enumerate(numbers)}
        groups = Groups(len(numbers))
        apply_verdicts(groups, {key: place[number] for key, number in named.items()}, verdicts)
        links = links.assign(**{side: links[side].map(place).astype("int64") for side in ("a", "b")})
        _apply_rules(groups, links.assign(inner=links["inner"].map(place).fillna(-1).astype("int64")))
        return cls(contents, numbers, place, named, groups)

    @cached_property
    def leaders(self) -> dict[int, int]:
        """For each number, the smallest number of its group."""
        leaders = self.groups.leaders()
        return {number: self.numbers[leaders[at]] for at, number in enumerate(self.numbers)}

    def leaders_of_contents(self) -> list[tuple[int, int]]:
        """Each content that is not alone or not the first of its group: content, leader."""
        return [(one, leader) for one, leader in self.leaders.items() if one != leader and one < self.contents]

    def can_join(self, number: int, content: int) -> bool:
        """Whether reviewers and rules let the two be one."""
        if number not in self.place or content not in self.place:
            return True
        return self.groups.can_join(self.place[number], self.place[content])

    @cached_property
    def _outside(self) -> dict[str, int]:
        """Content keys that name no content: of orphans, or of texts that are gone."""
        return {key: number for key, number in self.named.items() if number >= self.contents}

    def barred_orphans(self) -> list[tuple[str, int]]:
        """content_key of an orphan, and each content that it must not join."""
        found = []
        for key, number in self._outside.items():
            apart = {self.numbers[other] for other in self.groups.apart_from(self.place[number])}
            found += [(key, one) for one in apart if one < self.contents]
        return found

    def decided_orphans(self) -> list[tuple[str, int]]:
        """content_key of an orphan, and the first content that reviewers made one with it."""
        leaders = ((key, self.leaders[number]) for key, number in self._outside.items())
        return [(key, leader) for key, leader in leaders if leader < self.contents]


def _numbers(db: duckdb.DuckDBPyConnection, verdicts: Verdicts, contents: int) -> dict[str, int]:
    """The number of each content key that reviewers named."""
    if not verdicts:
        return {}
    keys = sorted({key for pair in verdicts for key in pair})
    _lay(db, "named", {"content_key": pa.string()}, [(key,) for key in keys])
    number = dict(statements.answer(db, "duplicates/named").fetchall())
    others = [key for key in keys if key not in number]
    return number | {key: place for place, key in enumerate(others, contents)}


def _apply_rules(groups: Groups, links: pd.DataFrame) -> None:
    """Keep conflicts apart, join near copies, the likest first, then each part with its best whole."""
    for a, b in _ends(links[links["kind"] == "near_conflict"]):
        if not groups.are_one(a, b):
            groups.keep_apart(a, b)
    merging = links[links["kind"] != "near_conflict"]
    is_whole = merging["inner"] < 0
    for a, b in _ends(merging[is_whole].sort_values(["score", "a", "b"], ascending=[False, True, True])):
        groups.join(a, b)
    attach_parts(groups, merging[~is_whole].rename(columns={"copies": "preference"}))


def _ends(links: pd.DataFrame) -> zip[tuple[int, int]]:
    return zip(links["a"].tolist(), links["b"].tolist(), strict=True)


def _barred(db: duckdb.DuckDBPyConnection, grouped: _Grouped) -> list[tuple[int, int]]:
    """Unanswered contents, and rows of answered ones under their question that they must not join."""
    if not grouped.named:
        return []
    pairs = statements.answer(db, "duplicates/unanswered_named").fetchall()
    return sorted(
        {(one, grouped.leaders.get(other, other)) for one, other in pairs if not grouped.can_join(one, other)}
    )


def _preferences(db: duckdb.DuckDBPyConnection, grouped: _Grouped, verdicts: Verdicts) -> list[tuple[int, int, int]]:
    """How much reviewers prefer a wording: row, content, preference; more is better.

    A wording kept over another one in its row; first those that no other one was kept over, then the latest.
    """
    named = grouped.named
    kept = [(named[d.a_key], named[d.b_key]) for d in verdicts.values() if d.verdict == "keep"]
    if not kept:
        return []
    rows: defaultdict[int, set[int]] = defaultdict(set)
    wanted = sorted({content for pair in kept for content in pair})
    seats = "select distinct content, row from seated where list_contains(?, content)"
    for content, row in db.execute(seats, [wanted]).fetchall():
        rows[content].add(row)
    chosen = [(row, a, b) for a, b in kept for row in sorted(rows[a] & rows[b])]
    beaten = {(row, b) for row, _, b in chosen}
    best = {(row, a): place + (0 if (row, a) in beaten else len(chosen)) for place, (row, a, _) in enumerate(chosen, 1)}
    return [(*place, preference) for place, preference in best.items()]


# ---------------------------------------------------------------- what reviewers said


def _present(db: duckdb.DuckDBPyConnection, verdicts: Verdicts) -> frozenset[str]:
    """The content keys of these decisions that name a content or an orphan."""
    if not verdicts:
        return frozenset()
    return frozenset(key for (key,) in statements.answer(db, "duplicates/present").fetchall())


def _said(verdicts: Verdicts) -> list[tuple[str, str, str, bool, str]]:
    return [(*pair, decision.reviewer, decision.is_same, "") for pair, decision in sorted(verdicts.items())]


def _implied(verdicts: Verdicts, present: frozenset[str]) -> list[tuple[str, str, str, bool, str]]:
    """Pairs that are the same only through texts that are not in the sources now.

    Each absent text's first neighbour stands for it.
    """
    number = {key: place for place, key in enumerate(sorted({key for pair in verdicts for key in pair}))}
    groups, of_present = Groups(len(number)), Groups(len(number))
    apply_verdicts(groups, number, verdicts)
    apply_verdicts(of_present, number, {pair: d for pair, d in verdicts.items() if all(key in present for key in pair)})
    first: dict[int, str] = {}
    found = []
    for pair, decision in sorted(verdicts.items()):
        for key in [key for key in pair if decision.is_same and key in present]:
            stands = first.setdefault(groups.leader(number[key]), key)
            if not of_present.are_one(number[stands], number[key]):
                of_present.join(number[stands], number[key])
                found.append((stands, key, decision.reviewer, decision.is_same, THROUGH_ABSENT))
    return found
