"""Clusters contents: joins those that are one row of `qa`, and never two that must stay apart.

A content is a distinct question and answer, by number. Only contents that are related to another one, or that a
reviewer decided on, are clustered here; all others are rows of their own. The contract's law 3 says what merges, and a
reviewer's decision counts before every rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.duplicates.decisions import Decision, Verdicts, latest_by_pair
from pipeline.duplicates.union_find import Clusters, Part, apply_verdicts, attach_parts
from pipeline.storage import arrow, statements

__all__ = ["find_clusters"]

_Row = tuple[Any, ...]

THROUGH_ABSENT = ", by way of a text that is not in the sources now"

_CONTENT = {"content": pa.int64(), "cluster": pa.int64()}
_ORPHAN = {"content_key": pa.string(), "content": pa.int64()}
_PREFERENCE = {"cluster": pa.int64(), "content": pa.int64(), "preference": pa.int64()}
_VERDICT = {"a_key": pa.string(), "b_key": pa.string(), "reviewer": pa.string(), "is_same": pa.bool_()}


def find_clusters(db: duckdb.DuckDBPyConnection, decisions: Sequence[Decision]) -> None:
    """Find the cluster of every occurrence and of every orphan, and the occurrence that represents each cluster.

    Takes the temporary tables contents, content_links and decided_keys. Creates occurrence_clusters, orphan_clusters,
    representatives (`sql/duplicates/56_occurrence_clusters.sql`, `58_representatives.sql`), decided_contents, and
    verdicts: what reviewers decided, by pair of content keys.
    """
    verdicts = latest_by_pair(decisions)
    statements.execute_file(db, "duplicates/55_decided_contents")
    clustering = _Clustering.of(db, verdicts)
    _create(db, "joined_content_clusters", _CONTENT, clustering.clusters_of_contents())
    _create(db, "unanswered_cannot_link", _CONTENT, _unanswered_cannot_link(db, clustering))
    _create(db, "orphan_cannot_link", _ORPHAN, clustering.orphans_cannot_link())
    _create(db, "orphan_must_link", _ORPHAN, clustering.orphans_must_link())
    statements.execute_file(db, "duplicates/56_occurrence_clusters")
    _create(db, "preferred_wordings", _PREFERENCE, _preferred_wordings(db, clustering, verdicts))
    statements.execute_file(db, "duplicates/58_representatives")
    present = {key for (key,) in db.execute("select content_key from decided_contents").fetchall()}
    _create(db, "verdicts", {**_VERDICT, "note": pa.string()}, [*_decided(verdicts), *_implied(verdicts, present)])


def _create(db: duckdb.DuckDBPyConnection, name: str, types: Mapping[str, pa.DataType], rows: Sequence[_Row]) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    arrays = {name: pa.array(values, kind) for (name, kind), values in zip(types.items(), columns, strict=True)}
    arrow.create_temp_table(db, name, pa.table(arrays))


@dataclass(frozen=True)
class _Clustering:
    """Clusters of contents and of other texts that reviewers decided on.

    contents: how many contents there are. numbers: the contents that are clustered, then numbers from `contents` on for
    the other texts: orphans, and texts that are not in the sources now, through which a decision still holds. index: of
    each number in `clusters`. named: the number of each content key that reviewers named.
    """

    contents: int
    numbers: Sequence[int]
    index: Mapping[int, int]
    named: Mapping[str, int]
    clusters: Clusters

    @classmethod
    def of(cls, db: duckdb.DuckDBPyConnection, verdicts: Verdicts) -> _Clustering:
        """Clusters by what reviewers decided, then by the rules."""
        contents = statements.count(db, "contents")
        named = _numbers_of_decided_keys(db, contents)
        linked = db.execute("select a from content_links union select b from content_links").fetchall()
        numbers = sorted({*(number for (number,) in linked), *named.values()})
        index = {number: position for position, number in enumerate(numbers)}
        clusters = Clusters(len(numbers))
        apply_verdicts(clusters, {key: index[number] for key, number in named.items()}, verdicts)
        _apply_rules(clusters, db, index)
        return cls(contents, numbers, index, named, clusters)

    @cached_property
    def first(self) -> dict[int, int]:
        """For each number, the smallest number of its cluster."""
        first = self.clusters.first_members()
        return {number: self.numbers[first[position]] for position, number in enumerate(self.numbers)}

    def clusters_of_contents(self) -> list[tuple[int, int]]:
        """Each content that is not the first one of its cluster: content, and the first one as the cluster's number."""
        return [(one, first) for one, first in self.first.items() if one != first and one < self.contents]

    def can_join(self, number: int, content: int) -> bool:
        """Whether reviewers and rules allow the two to be one."""
        if number not in self.index or content not in self.index:
            return True
        return self.clusters.can_join(self.index[number], self.index[content])

    @cached_property
    def _no_contents(self) -> dict[str, int]:
        """The named content keys of orphans and of texts that are not in the sources now."""
        return {key: number for key, number in self.named.items() if number >= self.contents}

    def orphans_cannot_link(self) -> list[tuple[str, int]]:
        """The content_key of an orphan, and each content that it cannot join."""
        found = []
        for key, number in self._no_contents.items():
            forbidden = {self.numbers[other] for other in self.clusters.forbidden_for(self.index[number])}
            found += [(key, one) for one in forbidden if one < self.contents]
        return found

    def orphans_must_link(self) -> list[tuple[str, int]]:
        """The content_key of an orphan, and the first content that reviewers decided is the same."""
        pairs = ((key, self.first[number]) for key, number in self._no_contents.items())
        return [(key, first) for key, first in pairs if first < self.contents]


def _numbers_of_decided_keys(db: duckdb.DuckDBPyConnection, contents: int) -> dict[str, int]:
    """The number of each content key that reviewers named; keys that name no content get numbers from `contents` on."""
    named = (
        "select content_key, max(content) from decided_keys left join decided_contents using (content_key) group by 1"
    )
    number = dict(db.execute(f"{named} order by 1").fetchall())
    others = [key for key, content in number.items() if content is None]
    return number | {key: position for position, key in enumerate(others, contents)}


def _apply_rules(clusters: Clusters, db: duckdb.DuckDBPyConnection, index: Mapping[int, int]) -> None:
    """Forbid links between conflicts, join near copies, the most alike first, then each part to its best whole.

    index: of the contents of content_links in `clusters`.
    """

    def links(which: str) -> list[tuple[int, int]]:
        found = db.execute(f"select a, b from content_links where kind {which}").fetchall()
        return [(index[a], index[b]) for a, b in found]

    for a, b in links("= 'near_conflict' order by a, b"):
        if not clusters.are_joined(a, b):
            clusters.forbid_link(a, b)
    compared = {*links("<> 'near_conflict' and is_crowded")}
    crowd = {end for pair in compared for end in pair}

    def join(a: int, b: int) -> bool:
        """Join two clusters; in a crowd not those with members that were never compared: they may be in conflict."""
        if a in crowd and clusters.can_join(a, b) and not clusters.are_joined(a, b):
            for pair in product(crowd.intersection(clusters.members(a)), crowd.intersection(clusters.members(b))):
                if (min(pair), max(pair)) not in compared:
                    clusters.forbid_link(*pair)
                    break
        return clusters.join(a, b)

    for a, b in links("<> 'near_conflict' and \"inner\" < 0 order by score desc, a, b"):
        join(a, b)
    parts = db.execute(
        'select if("inner" = a, b, a), "inner", copies, length from content_links '
        "where kind <> 'near_conflict' and \"inner\" >= 0"
    ).fetchall()
    attach_parts(clusters, [Part(index[host], index[inner], *rest) for host, inner, *rest in parts], join)


def _unanswered_cannot_link(db: duckdb.DuckDBPyConnection, clustering: _Clustering) -> list[tuple[int, int]]:
    """Unanswered contents, and the clusters of answered ones of their question that they cannot join."""
    pairs = db.execute("from decided_unanswered_pairs").fetchall()
    return sorted(
        {(one, clustering.first.get(other, other)) for one, other in pairs if not clustering.can_join(one, other)}
    )


def _preferred_wordings(
    db: duckdb.DuckDBPyConnection, clustering: _Clustering, verdicts: Verdicts
) -> list[tuple[int, int, int]]:
    """The wordings that reviewers chose to represent a cluster: cluster, content, preference (more is better).

    First those over which no other one was chosen, then the latest.
    """
    named = clustering.named
    keep = [(named[d.a_key], named[d.b_key]) for d in verdicts.values() if d.verdict == "keep"]
    if not keep:
        return []
    clusters_of: defaultdict[int, set[int]] = defaultdict(set)
    wanted = sorted({content for pair in keep for content in pair})
    query = "select distinct content, cluster from occurrence_clusters where list_contains(?, content)"
    for content, cluster in db.execute(query, [wanted]).fetchall():
        clusters_of[content].add(cluster)
    chosen = [(cluster, a, b) for a, b in keep for cluster in sorted(clusters_of[a] & clusters_of[b])]
    beaten = {(cluster, b) for cluster, _, b in chosen}
    best = {
        (cluster, a): position + (0 if (cluster, a) in beaten else len(chosen))
        for position, (cluster, a, _) in enumerate(chosen, 1)
    }
    return [(*wording, preference) for wording, preference in best.items()]


# ---------------------------------------------------------------- what reviewers decided


def _decided(verdicts: Verdicts) -> list[tuple[str, str, str, bool, str]]:
    """The pairs that reviewers decided on: the two keys, reviewer, is_same, and a note that is empty."""
    return [(*pair, decision.reviewer, decision.is_same, "") for pair, decision in sorted(verdicts.items())]


def _implied(verdicts: Verdicts, present: set[str]) -> list[tuple[str, str, str, bool, str]]:
    """Pairs of present texts that are the same only through texts that are not in the sources now; as `_decided`.

    Each absent text is replaced by its first neighbour. present: the content keys that a content or an orphan has.
    """
    number = {key: position for position, key in enumerate(sorted({key for pair in verdicts for key in pair}))}
    clusters, of_present = Clusters(len(number)), Clusters(len(number))
    apply_verdicts(clusters, number, verdicts)
    apply_verdicts(of_present, number, {pair: d for pair, d in verdicts.items() if all(key in present for key in pair)})
    first: dict[int, str] = {}
    found = []
    for pair, decision in sorted(verdicts.items()):
        for key in [key for key in pair if decision.is_same and key in present]:
            neighbour = first.setdefault(clusters.root(number[key]), key)
            if not of_present.are_joined(number[neighbour], number[key]):
                of_present.join(number[neighbour], number[key])
                found.append((neighbour, key, decision.reviewer, decision.is_same, THROUGH_ABSENT))
    return found
