"""Prepares a published generation for review: groups of pairs, sorted, filtered and paged in SQL."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipeline.audit.decision_log import DecisionLog, DecisionState
from pipeline.audit.filters import SORTS, STATES, Filter
from pipeline.duplicates.union_find import Clusters
from pipeline.ledger.ledger import Ledger
from pipeline.storage import frames, statements
from pipeline.storage.schema import DUPLICATE_KINDS
from pipeline.text.clean import clean_answer
from pipeline.text.keys import answer_key, content_key

Row = dict[str, Any]

GROUP_TEXTS = 40  # at most, so that one page can show a group; longer chains are cut at their lowest scores, into parts
PAGE = 50  # groups on a page of the queue
_MOST_TEXTS = 5_000  # kept in memory, some 10 MB; then they are read again
KINDS = [kind for kind in DUPLICATE_KINDS if kind != "exact_pair"]


@dataclass(frozen=True, slots=True)
class Position:
    """The number of a pair (from 1) among those that a filter shows, their total, and the pairs before and after it.

    decided, left: how many pairs of the filter are decided and how many are not, whatever state it shows.
    """

    number: int
    total: int
    before: tuple[str, str] | None
    after: tuple[str, str] | None
    decided: int
    left: int


class ReviewQueue:
    """The newest published tables with the decisions. Threads may share it; a lock lets one query run at a time.

    Raises `NothingPublished` and `DatabaseDamaged`.
    """

    def __init__(self, out: Path, log: DecisionLog) -> None:
        self.log = log
        self._lock = threading.RLock()
        self._ledger = Ledger(out)
        self._state: DecisionState | None = None
        self._texts: dict[str, Row] = {}  # those read from this generation, since pages show the same ones again
        self._prepare()
        self.update()

    @property
    def generation(self) -> str:
        return self._ledger.generation

    @property
    def ledger(self) -> Ledger:
        return self._ledger

    def update(self) -> DecisionState:
        """Load the newest tables and decisions; the decisions."""
        with self._lock:
            if self._ledger.refresh():
                self._prepare()
                self._state = None
            state = self.log.read()
            if state is not self._state:
                for name in ("verdicts", "same_groups", "separations"):
                    self._db.register(name, getattr(state, name))
                statements.execute_file(self._db, "audit/50_states_of_decided_pairs")
                self._state = state
            return state

    @property
    def _db(self) -> duckdb.DuckDBPyConnection:
        return self._ledger.db

    def rows(self, sql: str, **parameters: object) -> list[Row]:
        """The rows of a query."""
        with self._lock:
            answer = self._db.execute(sql, parameters or None)
            names = [column[0] for column in answer.description or ()]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def rows_with(self, name: str, frame: pd.DataFrame, sql: str) -> list[Row]:
        """The rows of a query that reads a frame under a name."""
        with self._lock:
            self._db.register(name, frame)
            try:
                return self.rows(sql)
            finally:
                self._db.unregister(name)

    def execute_files(self, *names: str) -> None:
        """Execute SQL files that create temporary tables."""
        with self._lock:
            for name in names:
                statements.execute_file(self._db, name)

    def answer(self, name: str, **parameters: object) -> list[Row]:
        """The rows of the answer of a SQL file."""
        with self._lock:
            answer = statements.answer(self._db, name, **parameters)
            return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]

    # ------------------------------------------------------------ preparation

    def _prepare(self) -> None:
        self._texts = {}
        self._db.register("occurrence_keys", _content_keys(self._db))
        self._db.register("orphan_keys", _orphan_keys(self._db))
        for name in ("audit/00_passages", "audit/10_distinct_contents", "audit/20_related_contents"):
            statements.execute_file(self._db, name)
        self._db.register("pair_groups", _pair_groups(self._db))
        for name in ("audit/30_groups", "audit/40_pairs"):
            statements.execute_file(self._db, name)
        self._db.execute("drop table related_contents")

    # ------------------------------------------------------------ the queue

    def page(self, shown: Filter) -> tuple[list[Row], int]:
        """A page of groups that have a pair to show, and the number of all such groups."""
        sql = f"""
            with {shown.matching_pairs()},
            counted as (
                select "group", count(*) as shown, count(*) filter (state is null) as open from matching group by all
            )
            select groups.*, shown, counted.open, count(*) over () as total
            from counted join groups using ("group")
            order by {SORTS[shown.sort]} desc, "group"
            limit {PAGE} offset {(shown.page - 1) * PAGE}
        """
        found = self.rows(sql, **shown.parameters())
        return self._titled(found), found[0]["total"] if found else 0

    def _titled(self, groups: list[Row]) -> list[Row]:
        if not groups:
            return []
        names = [group["group"] for group in groups]
        kinds = self.rows(
            'select "group", list(distinct kind order by kind) as kinds '
            'from (select "group", unnest(kinds) as kind from pairs where list_contains($names, "group")) group by all',
            names=names,
        )
        of_group = {row["group"]: row["kinds"] for row in kinds}
        titles = {row["key"]: row for row in self.texts([group["title_key"] for group in groups])}
        return [{**group, "title": titles[group["title_key"]], "kinds": of_group[group["group"]]} for group in groups]

    def position(self, shown: Filter, pair: Row) -> Position:
        """The position of a pair of the queue; it counts as shown, also when it was decided meanwhile."""
        rank = f"rank_{shown.sort}"
        sql = f"""
            with {shown.pairs_in_any_state()}
            select
                count(*) filter ({rank} <= $rank and (is_shown or pair = $current_pair)) as number,
                count(*) filter (is_shown or pair = $current_pair) as total,
                max({rank}) filter ({rank} < $rank and is_shown) as before,
                min({rank}) filter ({rank} > $rank and is_shown) as after,
                count(*) filter (is_selected and {STATES["decided"]}) as decided,
                count(*) filter (is_selected and {STATES["open"]}) as "left"
            from selected
        """
        (row,) = self.rows(sql, **shown.parameters(), current_pair=pair["pair"], rank=pair[rank])
        row |= {name: self._pair_at(rank, row[name]) for name in ("before", "after")}
        return Position(**row)

    def _pair_at(self, rank: str, number: int | None) -> tuple[str, str] | None:
        """The pair with a number in an order of the queue."""
        if number is None:
            return None
        (row,) = self.rows(f"select a_key, b_key from pairs where {rank} = $number", number=number)
        return row["a_key"], row["b_key"]

    def progress(self, shown: Filter) -> Row:
        """How many pairs that a filter selects are decided and how many are left, whatever state it shows."""
        everything = replace(shown, state="all")
        sql = f"""
            with {everything.matching_pairs()}
            select count(*) filter ({STATES["decided"]}) as decided, count(*) filter ({STATES["open"]}) as "left"
            from matching
        """
        return self.rows(sql, **shown.parameters())[0]

    def first(self, shown: Filter) -> tuple[str, str] | None:
        """The first pair to show."""
        rank = f"rank_{shown.sort}"
        sql = f"with {shown.matching_pairs()} select min({rank}) as first from matching"
        return self._pair_at(rank, self.rows(sql, **shown.parameters())[0]["first"])

    def pairs(self, shown: Filter) -> list[Row]:
        """All pairs to show, in order, with their states."""
        sql = f"with {shown.matching_pairs()} from matching order by rank_{shown.sort}"
        return self.rows(sql, **shown.parameters())

    # ------------------------------------------------------------ pairs, groups, texts

    def pair(self, a_key: str, b_key: str) -> Row | None:
        """A pair with its state; None when the two are not related."""
        found = self.rows(
            "select * from pairs left join states using (pair) where a_key = $a and b_key = $b", a=a_key, b=b_key
        )
        return found[0] if found else None

    def group(self, name: str) -> list[Row]:
        """The pairs of a group with their states, the highest score first."""
        sql = 'select * from pairs left join states using (pair) where "group" = $name order by score desc, pair'
        return self.rows(sql, name=name)

    def neighbours(self, pair: Row, count: int) -> list[Row]:
        """A pair and its nearest neighbours in its group, `count` in all, with their states; as `group`."""
        sql = """
            with ranks as (
                select min(rank_importance) as first, max(rank_importance) as last from pairs where "group" = $name
            ),
            start as (
                select greatest(first, least($rank - $count // 2, last - $count + 1)) as start from ranks
            )
            select pairs.*, states.* exclude (pair) from pairs left join states using (pair), start
            where "group" = $name and rank_importance between start and start + $count - 1
            order by rank_importance
        """
        return self.rows(sql, name=pair["group"], rank=pair["rank_importance"], count=count)

    def sizes(self, name: str) -> Row:
        """How many texts and pairs a group has."""
        return self.rows('select texts, pairs from groups where "group" = $name', name=name)[0]

    def siblings(self, name: str) -> list[str]:
        """The groups that a longer chain of related texts was cut into, with this one, in order."""
        sql = """
            select "group" from groups where split_part("group", '-', 1) = split_part($name, '-', 1)
            order by length("group"), "group"
        """
        return [row["group"] for row in self.rows(sql, name=name)]

    def texts(self, keys: Sequence[str]) -> list[Row]:
        """The question and answer of these contents, the most frequent first."""
        wanted = set(keys)
        with self._lock:
            if unread := wanted - self._texts.keys():
                if len(self._texts) > _MOST_TEXTS:
                    self._texts, unread = {}, wanted
                rows = self.answer("audit/contents_of_keys", keys=sorted(unread))
                self._texts |= {row["key"]: row for row in rows}
            found = [self._texts[key] for key in wanted if key in self._texts]
        return sorted(found, key=lambda text: (-text["copies"], text["key"]))

    def passages(self, keys: Sequence[str], limit: int, offset: int = 0, around: int = 300) -> dict[str, list[Row]]:
        """The passages of each content in the sources, with the lines around them."""
        found: dict[str, list[Row]] = {key: [] for key in keys}
        parameters = {"keys": list(keys), "limit": limit, "offset": offset, "around": around}
        for passage in self.answer("audit/passage_sources", **parameters):
            found[passage["key"]].append({**passage, **whole_lines(passage)})
        return found

    def others_in_row(self, key: str) -> list[str]:
        """The other contents in the same row of qa."""
        sql = """
            select distinct key from passages
            where qa_id in (select qa_id from passages where key = $key) and key <> $key order by key
        """
        return [row["key"] for row in self.rows(sql, key=key)]

    def find_texts(self, words: str, limit: int = 30) -> list[Row]:
        """Answered contents whose question or answer contains these words, the most frequent first."""
        sql = """
            select key from texts join occurrences on occurrence_id = id
            where is_answered and contains(lower(question || ' ' || answer), lower($words))
            order by copies desc, key limit $limit
        """
        return self.texts([row["key"] for row in self.rows(sql, words=words, limit=limit)])

    def topics(self) -> list[str]:
        return [row["topic"] for row in self.rows("select distinct topic from qa_topics order by topic")]


def whole_lines(passage: Row) -> Row:
    """The text before and after a passage, without its incomplete line, unless that is the only one."""
    before, after = passage["before"], passage["after"]
    if not passage["is_at_start"] and "\n" in before.rstrip("\n"):
        before = before.partition("\n")[2]
    if not passage["is_at_end"] and "\n" in after.lstrip("\n"):
        after = after.rpartition("\n")[0]
    return {"before": before, "after": after}


def _content_keys(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The key of each distinct content of the occurrences: question_key, answer_key ('' when unanswered), key."""
    frame = frames.frame_of(
        db.sql(
            "select distinct question_key, if(is_answered, coalesce(answer_key, ''), '') as answer_key from occurrences"
        )
    )
    pairs = zip(frame["question_key"], frame["answer_key"], strict=True)
    return frame.assign(key=pd.Series([content_key(*pair) for pair in pairs], dtype="str"))


def _orphan_keys(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The key of each orphan answer: leftover_id, key."""
    frame = frames.frame_of(db.sql("select leftover_id, \"text\" from leftovers where role = 'orphan_answer'"))
    keys = [content_key("", answer_key(clean_answer(text).text)) for text in frame["text"]]
    return frame[["leftover_id"]].assign(key=pd.Series(keys, dtype="str"))


def _pair_groups(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The group of each pair: pair, group (its first key). Pairs with the highest scores are grouped first.

    A pair between two groups is in a further part of the larger one, "<first key>-2" and so on; no part has more than
    GROUP_TEXTS texts.
    """
    frame = frames.frame_of(
        db.sql("select pair, a_key, b_key from related_contents order by merged desc, score desc, pair")
    )
    number = {key: index for index, key in enumerate(sorted({*frame["a_key"], *frame["b_key"]}))}
    groups = Clusters(len(number))
    ends = [(number[a], number[b]) for a, b in zip(frame["a_key"], frame["b_key"], strict=True)]
    for a, b in ends:
        if not groups.are_joined(a, b) and len(groups.members(a)) + len(groups.members(b)) <= GROUP_TEXTS:
            groups.join(a, b)
    leaders, keys = groups.first_members(), list(number)
    sizes = Counter(leaders)
    names = [""] * len(ends)
    between: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for position, (a, b) in enumerate(ends):
        larger, smaller = sorted((leaders[a], leaders[b]), key=lambda leader: (-sizes[leader], leader))
        names[position] = keys[larger]
        if larger != smaller:
            between[larger].append((smaller, position))
    for leader, pairs in between.items():
        texts: set[int] = set()
        part = 2
        for _, position in sorted(pairs):
            if len(texts | {*ends[position]}) > GROUP_TEXTS:
                texts, part = set(), part + 1
            texts |= {*ends[position]}
            names[position] = f"{keys[leader]}-{part}"
    return pd.DataFrame({"pair": frame["pair"].astype("int64"), "group": pd.Series(names, dtype="str")})
