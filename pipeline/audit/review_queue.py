"""A published generation laid out for review: groups of pairs, sorted by what matters, filtered and paged in SQL."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb
import pandas as pd

from pipeline.audit.decision_log import Book, Standing
from pipeline.duplicates.union_find import Clusters
from pipeline.ledger.ledger import Ledger
from pipeline.storage import frames, statements
from pipeline.storage.schema import DUPLICATE_KINDS
from pipeline.text.clean import clean_answer
from pipeline.text.keys import answer_key, content_key

Row = dict[str, Any]

LARGEST_GROUP = 40  # texts; a chain of pairs that runs on is cut at its least likely links, so that a page shows it all
PAGE = 50  # groups on a page of the queue
KINDS = [kind for kind in DUPLICATE_KINDS if kind != "exact_pair"]
DECIDED = ("same", "different", "keep", "implied_same", "implied_different")
STATES = {
    "open": "state is null",
    "decided": f"state in {DECIDED}",
    "flagged": "(state = 'flag' or note <> '')",
    "skipped": "state = 'skip'",
    "all": "true",
}
SORTS = {"matters": "matters", "size": "texts", "uncertainty": "doubt / pairs", "spread": "documents"}


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show. Empty: everything; `state` is one of STATES, `sort` one of SORTS, `page` counts from 1."""

    kind: str = ""
    topic: str = ""
    document: str = ""
    text: str = ""
    state: str = "open"
    sort: str = "matters"
    page: int = 1

    @classmethod
    def of(cls, words: dict[str, str]) -> Filter:
        """From a page's query; what is not known counts as not given."""
        page = words.get("page", "")
        known = {name: words.get(name, "")[:200].strip() for name in ("kind", "topic", "document", "text")}
        return cls(
            **known,
            state=words.get("state", "") if words.get("state") in STATES else "open",
            sort=words.get("sort", "") if words.get("sort") in SORTS else "matters",
            page=min(int(page), 10**6) if page.isdecimal() and page.isascii() and int(page[:7]) else 1,
        )

    def query(self, **changes: Any) -> str:
        """As a page's query, with changes; what is as usual is left out."""
        wanted = replace(self, **changes)
        usual = Filter()
        return urlencode({f.name: v for f in fields(self) if (v := getattr(wanted, f.name)) != getattr(usual, f.name)})


@dataclass(frozen=True, slots=True)
class Position:
    """Where a pair stands among those that a filter shows: its number from 1, of how many, and its neighbours."""

    number: int
    total: int
    before: tuple[str, str] | None
    after: tuple[str, str] | None


class Desk:
    """The newest published tables and the decisions, ready to be asked. One question at a time; threads may share it.

    Raises `NothingPublished` and `DatabaseDamaged`.
    """

    def __init__(self, out: Path, book: Book) -> None:
        self.book = book
        self._lock = threading.RLock()
        self._ledger = Ledger(out)
        self._standing: Standing | None = None
        self._lay_out()
        self.look()

    @property
    def generation(self) -> str:
        return self._ledger.generation

    @property
    def ledger(self) -> Ledger:
        return self._ledger

    def look(self) -> Standing:
        """Move on to what is published and decided now; what is decided."""
        with self._lock:
            if self._ledger.refresh():
                self._lay_out()
                self._standing = None
            standing = self.book.read()
            if standing is not self._standing:
                for name in ("said", "label", "apart"):
                    self._db.register(name, getattr(standing, name))
                statements.execute_file(self._db, "audit/states")
                self._standing = standing
            return standing

    @property
    def _db(self) -> duckdb.DuckDBPyConnection:
        return self._ledger.db

    def rows(self, sql: str, **parameters: object) -> list[Row]:
        """The rows of a query's answer."""
        with self._lock:
            answer = self._db.execute(sql, parameters or None)
            names = [column[0] for column in answer.description or ()]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    # ------------------------------------------------------------ laying out

    def _lay_out(self) -> None:
        self._db.register("content_names", _content_names(self._db))
        self._db.register("orphan_names", _orphan_names(self._db))
        for name in ("audit/places", "audit/texts", "audit/pairs"):
            statements.execute_file(self._db, name)
        self._db.register("grouped", _grouped(self._db))
        for name in ("audit/groups", "audit/ranks"):
            statements.execute_file(self._db, name)
        self._db.execute("drop table ungrouped")

    # ------------------------------------------------------------ the queue

    def queue(self, wanted: Filter) -> tuple[list[Row], int]:
        """A page of groups that hold a pair as wanted, and how many there are in all."""
        values = _values(wanted)
        sql = f"""
            with {_wanted(wanted)},
            counted as (
                select "group", count(*) as shown, count(*) filter (state is null) as open from wanted group by all
            )
            select groups.*, shown, counted.open, count(*) over () as total
            from counted join groups using ("group")
            order by {SORTS[wanted.sort]} desc, "group"
            limit {PAGE} offset {(wanted.page - 1) * PAGE}
        """
        found = self.rows(sql, **values)
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

    def position(self, wanted: Filter, a_key: str, b_key: str) -> Position:
        """Where a pair stands; it counts as shown, also when it is decided by now."""
        rank = f"rank_{wanted.sort}"
        sql = f"""
            with {_wanted(wanted, also_here=True)},
            here as (select {rank} as here from pairs where a_key = $a_key and b_key = $b_key)
            select
                count(*) filter ({rank} <= here) as number, count(*) as total,
                arg_max([a_key, b_key], {rank}) filter ({rank} < here) as before,
                arg_min([a_key, b_key], {rank}) filter ({rank} > here) as after
            from wanted cross join here
        """
        (row,) = self.rows(sql, **_values(wanted), a_key=a_key, b_key=b_key)
        before, after = (tuple(row[name]) if row[name] else None for name in ("before", "after"))
        return Position(row["number"], row["total"], before, after)

    def first(self, wanted: Filter) -> tuple[str, str] | None:
        """The first pair as wanted."""
        sql = f"with {_wanted(wanted)} select arg_min([a_key, b_key], rank_{wanted.sort}) as first from wanted"
        found = self.rows(sql, **_values(wanted))[0]["first"]
        return (found[0], found[1]) if found else None

    def wanted_pairs(self, wanted: Filter) -> list[Row]:
        """Every pair as wanted, in order, with its state: for a spreadsheet."""
        return self.rows(f"with {_wanted(wanted)} from wanted order by rank_{wanted.sort}", **_values(wanted))

    # ------------------------------------------------------------ pairs, groups, texts

    def pair(self, a_key: str, b_key: str) -> Row | None:
        """A pair with its state; none when nothing relates the two."""
        found = self.rows(
            "select * from pairs left join states using (pair) where a_key = $a and b_key = $b", a=a_key, b=b_key
        )
        return found[0] if found else None

    def group(self, name: str) -> list[Row]:
        """The pairs of a group with their states, the likeliest first."""
        sql = 'select * from pairs left join states using (pair) where "group" = $name order by score desc, pair'
        return self.rows(sql, name=name)

    def texts(self, keys: Sequence[str]) -> list[Row]:
        """What these contents say; the most frequent first."""
        return self.rows(statements.statement("audit/text"), keys=sorted(set(keys))) if keys else []

    def places(self, key: str, limit: int, offset: int = 0, around: int = 300) -> list[Row]:
        """Where a content stands, with the lines around it."""
        found = self.rows(statements.statement("audit/place"), key=key, limit=limit, offset=offset, around=around)
        return [{**place, **_whole_lines(place)} for place in found]

    def mates(self, key: str) -> list[str]:
        """The other contents in a content's row of qa."""
        sql = """
            select distinct key from places
            where qa_id in (select qa_id from places where key = $key) and key <> $key order by key
        """
        return [row["key"] for row in self.rows(sql, key=key)]

    def find_texts(self, words: str, limit: int = 30) -> list[Row]:
        """Answered contents whose question or answer holds these words; the most frequent first."""
        sql = """
            select key from texts join occurrences on occurrence_id = id
            where is_answered and contains(lower(question || ' ' || answer), lower($words))
            order by copies desc, key limit $limit
        """
        return self.texts([row["key"] for row in self.rows(sql, words=words, limit=limit)])

    def topics(self) -> list[str]:
        return [row["topic"] for row in self.rows("select distinct topic from qa_topics order by topic")]


def _whole_lines(place: Row) -> Row:
    """What stands before and after a place, without a line that is not there whole, unless it is the only one."""
    before, after = place["before"], place["after"]
    if not place["is_at_start"] and "\n" in before.rstrip("\n"):
        before = before.partition("\n")[2]
    if not place["is_at_end"] and "\n" in after.lstrip("\n"):
        after = after.rpartition("\n")[0]
    return {"before": before, "after": after}


def _content_names(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Every content of the occurrences by name: question_key, answer_key ('' when unanswered), key."""
    frame = frames.frame_of(
        db.sql(
            "select distinct question_key, if(is_answered, coalesce(answer_key, ''), '') as answer_key from occurrences"
        )
    )
    pairs = zip(frame["question_key"], frame["answer_key"], strict=True)
    return frame.assign(key=pd.Series([content_key(*pair) for pair in pairs], dtype="str"))


def _orphan_names(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Every orphan answer by name: leftover_id, key."""
    frame = frames.frame_of(db.sql("select leftover_id, \"text\" from leftovers where role = 'orphan_answer'"))
    names = [content_key("", answer_key(clean_answer(text).text)) for text in frame["text"]]
    return frame[["leftover_id"]].assign(key=pd.Series(names, dtype="str"))


def _grouped(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The group of each pair: pair, group (the first key in it); the likeliest pairs join first."""
    frame = frames.frame_of(db.sql("select pair, a_key, b_key from ungrouped order by merged desc, score desc, pair"))
    number = {key: place for place, key in enumerate(sorted({*frame["a_key"], *frame["b_key"]}))}
    groups, size = Clusters(len(number)), [1] * len(number)
    ends = [(number[a], number[b]) for a, b in zip(frame["a_key"], frame["b_key"], strict=True)]
    for a, b in ends:
        left, right = groups.root(a), groups.root(b)
        if left != right and size[left] + size[right] <= LARGEST_GROUP:
            groups.join(left, right)
            size[groups.root(left)] = size[left] + size[right]
    leaders, keys = groups.first_members(), list(number)
    names = [keys[min(leaders[a], leaders[b])] for a, b in ends]
    return pd.DataFrame({"pair": frame["pair"].astype("int64"), "group": pd.Series(names, dtype="str")})


# ---------------------------------------------------------------- filters

_HOLDS = "contains(lower({}), lower($text))"
_OF_TEXT = {
    "text": "id in (select occurrence_id from occurrences where "
    + _HOLDS.format("question || ' ' || coalesce(answer, '')")
    + " union all select leftover_id from leftovers where "
    + _HOLDS.format('"text"')
    + ")",
    "topic": "qa_id in (select qa_id from qa_topics where topic = $topic)",
    "document": "document_id in (select document_id from documents where contains(lower(uri), lower($document)))",
}


def _wanted(wanted: Filter, also_here: bool = False) -> str:
    """The CTE `wanted`: the pairs that a filter shows, with their states."""
    tests = [STATES[wanted.state]]
    if wanted.kind:
        tests.append("list_contains(kinds, $kind)")
    for name, test in _OF_TEXT.items():
        if getattr(wanted, name):
            tests.append(
                f"(a_key in (select key from places where {test}) or b_key in (select key from places where {test}))"
            )
    here = " or (a_key = $a_key and b_key = $b_key)" if also_here else ""
    return f"wanted as (select * from pairs left join states using (pair) where ({' and '.join(tests)}){here})"


def _values(wanted: Filter) -> dict[str, object]:
    return {name: value for name, value in asdict(wanted).items() if name in ("kind", *_OF_TEXT) and value}
