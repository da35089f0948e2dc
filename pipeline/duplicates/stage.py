"""Builds table `duplicates` and says which occurrences are one row of `qa`; the order of the stage is `relate_all`.

    signatures -> candidate pairs -> relations of texts -> clusters of contents -> edges between nodes -> duplicates

What depends on one text or on two texts alone is computed by kernels (`kernels.py`) once, and stays in schema `cache`
for the next run. Everything that depends on how many other texts there are is SQL (`sql/duplicates`, numbered in the
order of execution). So no step holds all texts in memory, a run compares only new texts, and its result is the same as
if all texts were new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import pyarrow as pa

from pipeline import limits as bounds
from pipeline.duplicates.answer_comparison import forget_readings
from pipeline.duplicates.clusters import find_clusters
from pipeline.duplicates.decisions import Decision, latest_by_pair
from pipeline.duplicates.kernels import (
    Kernel,
    compare_by_line,
    compare_contained,
    compare_pairs,
    list_long_sentences,
    list_older_keys,
    name_contents,
    no_search_for_cycles,
    read_questions,
    sign_all,
)
from pipeline.duplicates.model_groups import group_by_model
from pipeline.duplicates.parted_questions import part_questions
from pipeline.storage import arrow, build, statements
from pipeline.storage.ids import identify
from pipeline.storage.parts import attach
from pipeline.storage.schema import ddl
from pipeline.text.clean import clean_answer
from pipeline.text.keys import answer_key, content_key

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "OCCURRENCES",
    "Kernel",
    "MapBlocks",
    "RelateAnswers",
    "Relations",
    "all_are_new",
    "relate",
    "relate_all",
    "relate_answers",
    "relate_published",
    "related_pairs",
    "run_kernel",
]

# The variables that `sql/duplicates` reads.
_VARIABLES = (
    "LARGEST_GROUP",
    "LARGEST_DOCUMENT_FREQUENCY",
    "LARGEST_SEARCH",
    "SHINGLE_WORDS",
    "SENTENCE_WORDS",
    "SEARCHING_BIGRAMS",
    "SHORT_ANSWER_WORDS",
    "SHORT_ANSWER_WORDS_OF_ONE_QUESTION",
    "SHARED_BIGRAMS_IF_SHORT",
    "SHARED_BIGRAMS",
    "SMALLEST_BIGRAM_OVERLAP",
    "SMALLEST_BIGRAM_OVERLAP_IF_SHORT",
    "MODEL_SCORE",
    "SHARE_OF_THING",
    "SHARE_OF_OTHER_SUBJECT",
    "SHARE_OF_DOMINANT_SUBJECT",
    "LEAST_SUBJECT",
)


class MapBlocks(Protocol):
    """Applies a kernel to blocks of rows, as `map` does; worker processes or a cluster may do the work."""

    def __call__(self, kernel: Kernel, blocks: Iterable[pa.Table], /) -> Iterator[pa.Table]:
        """The result of the kernel for each block, in any order."""
        ...


# Finds contained answers, near copies and sentences, as `relate_answers` does.
RelateAnswers = Callable[[duckdb.DuckDBPyConnection, MapBlocks], None]


@dataclass(frozen=True)
class Relations:
    """What `relate` finds.

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
    """Every related pair of occurrences and orphan answers, and which occurrences are one row; `relate_all` for frames.

    occurrences: occurrence_id, document_id, question_key, answer (cleaned), answer_key, is_answered, is_truncated.
    leftovers: leftover_id, role, text; only orphan answers are used. The order of rows does not matter. The last
    decision on two contents counts. embedder: a model (`embeddings`) that finds more questions that ask the same;
    without one, only what the rules of `question_intent` find is listed.
    """
    with _database() as db:
        for name, frame, schema in (("occurrences", occurrences, OCCURRENCES), ("leftovers", leftovers, _LEFTOVERS)):
            arrow.insert(db, name, pa.Table.from_pandas(frame, schema, preserve_index=False))
        relate_all(db, decisions, embedder)
        return _relations(db)


def related_pairs(occurrences: Iterable[pa.Table], embedder: Any = None) -> pd.DataFrame:
    """The table `duplicates` of occurrences (`OCCURRENCES`) that come in blocks, so that Python holds few at a time."""
    with _database() as db:
        for block in occurrences:
            arrow.insert(db, "occurrences", block)
        relate_all(db, embedder=embedder)
        return _duplicates(db)


@contextmanager
def _database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with the tables of the stage, without rows; what exceeds its memory limit goes to disk."""
    with TemporaryDirectory() as folder, duckdb.connect() as db:
        build.set_bounds(db, Path(folder))
        for name, schema in (("occurrences", OCCURRENCES), ("leftovers", _LEFTOVERS)):
            rows = schema.empty_table()  # noqa: F841  # the query names it
            db.execute(f"create table {name} as from rows")
        db.execute(next(ddl("duplicates")))
        yield db


def relate_published(database: Path, decisions: Sequence[Decision]) -> Relations:
    """What the next run would find in a generation, of either form, with these decisions. Writes nothing.

    Reuses their cache, unless an older qaledger made it with other columns.
    """
    try:
        return _relate_copy(database, decisions, is_reusing_cache=True)
    except duckdb.BinderException:
        return _relate_copy(database, decisions, is_reusing_cache=False)


def _relate_copy(database: Path, decisions: Sequence[Decision], is_reusing_cache: bool) -> Relations:
    with duckdb.connect(config={"threads": 1}) as db:
        attach(db, database, "published")
        db.execute("create schema cache")
        cached = statements.tables_in(db, "cache", "published") if is_reusing_cache else []
        for name in ("occurrences", "leftovers", "duplicates", *(f"cache.{table}" for table in cached)):
            source = name if name.startswith("cache.") else f"main.{name}"
            db.execute(f"create table {name} as from published.{source}")
        relate_all(db, decisions)
        return _relations(db)


def _relations(db: duckdb.DuckDBPyConnection) -> Relations:
    return Relations(
        pairs=_duplicates(db),
        members=_frame(db, "occurrence_id, canonical_occurrence_id from members"),
        orphans=_frame(db, "leftover_id, canonical_occurrence_id from orphans_joined"),
        questions=_frame(db, "distinct canonical_occurrence_id, question_id from members"),
    )


# The columns of occurrences and leftovers that the stage reads.
OCCURRENCES = pa.schema(
    {name: pa.string() for name in ("occurrence_id", "document_id", "question_key", "answer", "answer_key")}
    | {name: pa.bool_() for name in ("is_answered", "is_truncated")}
)
_LEFTOVERS = pa.schema({name: pa.string() for name in ("leftover_id", "role", "text")})


def _duplicates(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    from pipeline.storage import frames  # a run needs no frames

    return frames.read_table(db, "duplicates")


def _frame(db: duckdb.DuckDBPyConnection, columns: str) -> pd.DataFrame:
    from pipeline.storage import frames

    return frames.frame_of(db.sql(f"select {columns} order by all"))


# ---------------------------------------------------------------- the order of the stage


def relate_all(
    db: duckdb.DuckDBPyConnection,
    decisions: Sequence[Decision] = (),
    embedder: Any = None,
    map_blocks: MapBlocks = map,
    limits: Mapping[str, float] = MappingProxyType({}),
    relate: RelateAnswers | None = None,
) -> None:
    """Relate the rows of tables occurrences and leftovers: update `duplicates`, and create two temporary tables.

    members: occurrence_id, canonical_occurrence_id, question_id, qa_id, each occurrence once. orphans_joined:
    leftover_id, canonical_occurrence_id, qa_id, each orphan that joins a row. map_blocks: applies kernels, in this
    process or in others. limits: other values for the bounds of `limits.py` that SQL reads, by their lower-case names;
    the same for all runs on one database. relate: relates answers, by default `relate_answers`.
    """
    for name in _VARIABLES:
        db.execute(f"set variable {name.lower()} = {limits.get(name.lower(), getattr(bounds, name))}")
    db.execute("SET preserve_insertion_order = false")  # DuckDB need not hold results back to keep their order
    with no_search_for_cycles():
        _sign_answers(db, map_blocks)  # cache.signatures: shingles and bigrams
        _relate_answers(db, map_blocks, relate or relate_answers)  # candidate pairs, answer_relations
        forget_readings()
        _relate_questions(db, embedder, map_blocks)  # question_relations, question_ids
        _number_contents(db, map_blocks)  # contents, content_links
        _list_older_keys(db, decisions, map_blocks)  # decided_keys
    find_clusters(db, decisions)  # occurrence_clusters, representatives, orphan_clusters
    part_questions(db)  # question_ids, where reviewers decided that two questions are different
    _update_duplicates(db)  # nodes, edges, duplicates
    _name_rows(db)  # members, orphans_joined
    db.execute("RESET preserve_insertion_order")


def _sign_answers(db: duckdb.DuckDBPyConnection, map_blocks: MapBlocks) -> None:
    """Bring cache.signatures up to date: the shingles and bigrams of every current answer."""
    _execute(db, "00_missing_cache_tables", "04_new_orphans")
    _insert(db, "orphans", _clean_orphans(db.execute("from new_orphans").fetchall()))
    _execute(db, "08_sync_cache_with_answers")
    run_kernel(db, sign_all, "answers_to_sign", "signatures", map_blocks)


def _relate_answers(db: duckdb.DuckDBPyConnection, map_blocks: MapBlocks, relate: RelateAnswers) -> None:
    """Create answer_relations: shared shingles and bigrams give candidate pairs, kernels compare their texts."""
    _execute(db, "12_pairs_of_one_question", "24_affected_bigrams")
    relate(db, map_blocks)
    _execute(db, "32_shared_bigrams_of_new_pairs", "36_pairs_to_compare_by_line")
    run_kernel(db, compare_by_line, "pairs_to_compare_by_line", "relations", map_blocks)
    _execute(db, "44_answer_relations")


def relate_answers(db: duckdb.DuckDBPyConnection, map_blocks: MapBlocks) -> None:
    """Find contained answers and near copies, and insert their relations into cache.relations; split answers.

    Creates new_candidate_pairs. A cluster does the same by the same files (`spark/answers.py`).
    """
    texts_to_compare = [] if all_are_new(db) else ["19_texts_to_compare"]
    _execute(db, "16_shingle_frequencies_of_new_answers", "17_rarest_shingles", "18_containing_candidates")
    _execute(db, *texts_to_compare, "20_contained_pairs_to_compare")
    run_kernel(db, compare_contained, "contained_pairs_to_compare", "relations", map_blocks)
    _execute(db, "25_bigram_frequencies", "26_rarer_bigrams", "27_pairs_by_bigram", "28_found_pairs")
    _execute(db, "29_question_pairs_to_check", "30_new_candidate_pairs", *texts_to_compare, "31_pairs_to_compare")
    run_kernel(db, compare_pairs, "pairs_to_compare", "relations", map_blocks)
    _execute(db, "40_answers_to_split")
    run_kernel(db, list_long_sentences, "answers_to_split", "sentences", map_blocks)


def all_are_new(db: duckdb.DuckDBPyConnection) -> bool:
    """Whether every answer is new, as `08_sync_cache_with_answers.sql` found."""
    return bool(db.execute("select getvariable('all_new')").fetchall()[0][0])


def _relate_questions(db: duckdb.DuckDBPyConnection, embedder: Any, map_blocks: MapBlocks) -> None:
    """Create question_relations (pairs of hashes) and question_ids (question_hash, question_id)."""
    _execute(db, "48_questions_to_read")
    run_kernel(db, read_questions, "questions_to_read", "questions", map_blocks)
    _execute(db, "50_needs_by_question")
    _create_model_tables(db, embedder)
    _execute(db, "52_question_relations")


def _number_contents(db: duckdb.DuckDBPyConnection, map_blocks: MapBlocks) -> None:
    """Create contents (distinct questions and answers) and content_links; bring cache.contents up to date."""
    _execute(db, "54_contents")
    run_kernel(db, name_contents, "contents_to_name", "contents", map_blocks)


def _list_older_keys(db: duckdb.DuckDBPyConnection, decisions: Sequence[Decision], map_blocks: MapBlocks) -> None:
    """Create decided_keys; bring cache.older_keys up to date if a decision names a key that no content has now."""
    keys = sorted({key for pair in latest_by_pair(decisions) for key in pair})
    arrow.create_temp_table(db, "decided_keys", pa.table({"content_key": pa.array(keys, pa.string())}))
    if db.execute("from decided_keys anti join cache.contents using (content_key) limit 1").fetchall():
        _execute(db, "55_contents_without_older_keys")
        run_kernel(db, list_older_keys, "contents_without_older_keys", "older_keys", map_blocks)


def _update_duplicates(db: duckdb.DuckDBPyConnection) -> None:
    """Bring table duplicates up to date: pairs of nodes, where a node is the copies of one content, or an orphan."""
    _execute(db, "60_nodes", "61_group_relations", "62_changed_nodes")
    _execute(db, "63_changed_answer_edges", "64_changed_other_edges", "65_changed_duplicates")


def _name_rows(db: duckdb.DuckDBPyConnection) -> None:
    """Create members and orphans_joined: the qa_id of every occurrence, and of every orphan that joins a row."""
    _execute(db, "66_qa_ids")
    _name_repeated_contents(db)
    _execute(db, "67_qa_ids_by_occurrence")


def _execute(db: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Execute files of `sql/duplicates`."""
    for name in names:
        statements.execute_file(db, f"duplicates/{name}")


def run_kernel(db: duckdb.DuckDBPyConnection, kernel: Kernel, source: str, target: str, map_blocks: MapBlocks) -> None:
    """Insert the results of a kernel for the rows of a temporary table into a table of the cache; drop the former."""
    is_worth_a_pool = statements.count(db, source) >= bounds.ROWS_WORTH_A_POOL
    with build.one_transaction(db):
        for result in (map_blocks if is_worth_a_pool else map)(kernel, arrow.blocks(db, source)):
            _insert(db, target, result)
    db.execute(f"drop table {source}")


def _insert(db: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Insert rows into a table of the cache."""
    arrow.insert(db, f"cache.{table}", rows)


# ---------------------------------------------------------------- the steps that are Python


def _clean_orphans(orphans: Iterable[tuple[str, str]]) -> pa.Table:
    """Rows of cache.orphans for orphan answers (leftover_id, text as it is on the page)."""
    cleaned = [(leftover_id, clean_answer(text).text) for leftover_id, text in orphans]
    keyed = [(leftover_id, answer, answer_key(answer)) for leftover_id, answer in cleaned]
    rows = [(*row, content_key("", row[-1])) for row in keyed]
    names = ("leftover_id", "answer", "answer_key", "content_key")
    return pa.table({name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(names)})


def _create_model_tables(db: duckdb.DuckDBPyConnection, embedder: Any) -> None:
    """Create model_pairs (a_need, b_need) and model_groups (need_hash, group_hash); empty without a model."""
    pairs: list[tuple[int, int]] = []
    groups: list[tuple[int, int]] = []
    if embedder is not None:
        needs = db.execute(
            "select min(question_key) as question_key, need_hash "
            "from members_of_needs join cache.questions using (question_hash) group by need_hash order by question_key"
        ).fetchall()
        found = group_by_model([key for key, _ in needs], embedder)
        pairs = [(needs[a][1], needs[b][1]) for a, b in found.pairs]
        groups = [(needs[number][1], needs[first][1]) for number, first in found.groups.items()]
    for name, columns, rows in (
        ("model_pairs", ("a_need", "b_need"), pairs),
        ("model_groups", ("need_hash", "group_hash"), groups),
    ):
        arrays = [pa.array([row[position] for row in rows], pa.uint64()) for position in range(2)]
        arrow.create_temp_table(db, name, pa.table(dict(zip(columns, arrays, strict=True))))


def _name_repeated_contents(db: duckdb.DuckDBPyConnection) -> None:
    """Give rows that reviewers keep apart although their question and answer are equal ids of their own, by rank."""
    named = [
        (cluster, identify("qa_", question, answer or "", str(repeat)))
        for cluster, repeat, question, answer in db.execute("from clusters_with_repeated_qa_id").fetchall()
    ]
    for cluster, qa_id in named:
        db.execute("update qa_ids set qa_id = ? where cluster = ?", [qa_id, cluster])
