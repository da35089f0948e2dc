"""Finds near copies of answers on a Spark cluster: each worker runs the SQL of one machine on a part of the tables.

The files `sql/duplicates/25` to `31` join rows of one bigram, or rows of one pair. So each of them gives the same on a
part of its tables that has all rows of its bigrams, or of its pairs:

    answers -> by bigram: pairs that share it -> by first answer: pairs that share enough -> by second one: relations

The scratch folder has the answers in files, by number, and the bucket of a number is the file that its answer is in. So
a worker reads the answers of its own bucket from one file; from worker to worker go only numbers, and the first answers
of pairs. The driver gets relations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.duplicates.kernels import compare_pairs
from pipeline.duplicates.stage import FindNearCopies, MapBlocks, find_near_copies
from pipeline.spark.blocks import MIN_BLOCKS, from_bytes, read_block, read_results, to_bytes, write_block
from pipeline.spark.cluster import Cluster
from pipeline.storage import arrow, build, statements

# Rows of one table for one bucket, as an Arrow stream.
_PIECE = pa.schema([("table", pa.string()), ("bucket", pa.int32()), ("result", pa.binary())])

Pieces = Iterator[pa.RecordBatch]


def cluster_finder(cluster: Cluster, min_files: int = MIN_BLOCKS, file_rows: int = arrow.BLOCK_ROWS) -> FindNearCopies:
    """A function that finds near copies: on a cluster if every answer is new and there are many, else in the database.

    With fewer than `min_files` files of answers the driver is done sooner than a job has started.

    The function raises what `Cluster.map` raises.
    """
    calls = count()

    def find(db: duckdb.DuckDBPyConnection, map_blocks: MapBlocks) -> None:
        files = -(-statements.count(db, "numbered") // file_rows)
        if files < min_files or not db.execute("select getvariable('all_new')").fetchall()[0][0]:
            find_near_copies(db, map_blocks)
            return
        name = f"near_copies_{next(calls)}"
        statements.execute_file(db, "duplicates/29_question_pairs_to_check")
        search = Search(cluster.folder(f"{name}_inputs"), files, file_rows, tuple(statements.variable_settings(db)))
        _write_inputs(db, search)
        first, *then = (
            partial(step, search=search) for step in (send_bigrams, join_bigrams, choose_pairs, compare_found)
        )
        folder = cluster.map([str(file).encode() for file in range(files)], first, _PIECE, name, then)
        _load(db, read_results(folder, files))

    return find


@dataclass(frozen=True)
class Search:
    """What every task has to know: the folder of inputs, how many files of how many answers, and statements that set
    the variables of the driver."""

    folder: Path
    files: int
    file_rows: int
    variables: tuple[str, ...]

    def read(self, table: str, bucket: int) -> pa.Table:
        """The rows of a bucket: `answers_by_number`, or `question_pairs` by their first answer."""
        return read_block(self._path(table, bucket))

    def write(self, table: str, bucket: int, rows: pa.Table) -> None:
        """Write the rows of a bucket."""
        write_block(rows, self._path(table, bucket))

    def _path(self, table: str, bucket: int) -> Path:
        return self.folder / f"{table}_{bucket}.arrow"


def _write_inputs(db: duckdb.DuckDBPyConnection, search: Search) -> None:
    """Write the answers, and the pairs of one question, into a file for each bucket."""
    statements.execute_file(db, "spark/10_inputs_of_workers")
    for table in ("answers_by_number", "question_pairs"):
        for bucket in range(search.files):
            first, end = bucket * search.file_rows, (bucket + 1) * search.file_rows
            rows = db.sql(f"from {table} where number >= {first} and number < {end}").to_arrow_table()
            search.write(table, bucket, rows)
        db.execute(f"drop table {table}")


def _load(db: duckdb.DuckDBPyConnection, results: Iterator[pa.Table]) -> None:
    """Insert the relations that the workers found into the cache, and create new_candidate_pairs of their pairs."""
    db.execute(
        "create or replace temp table new_candidate_pairs (a_hash ubigint, b_hash ubigint, is_overlapping boolean)"
    )
    with build.one_transaction(db):
        for found in results:
            arrow.insert(db, "cache.relations", found.drop_columns("is_overlapping"))
            arrow.insert(db, "new_candidate_pairs", found.select(["a_hash", "b_hash", "is_overlapping"]))


# ---------------------------------------------------------------- on a worker


def send_bigrams(tasks: Iterable[pa.RecordBatch], search: Search) -> Pieces:
    """The bigrams of the answers of each task's file, in buckets by bigram."""
    for given in tasks:
        for task in given["task"]:
            with _database(search, answers=search.read("answers_by_number", int(task.as_py()))) as db:
                yield from _in_buckets("bigrams", statements.answer(db, "spark/20_bigrams_to_send"), search)


def join_bigrams(pieces: Iterable[pa.RecordBatch], search: Search) -> Pieces:
    """The pairs of answers that share blocking keys of this bucket, in buckets by the first answer."""
    _, given = _received(pieces)
    with _database(search, **given) as db:
        statements.execute_file(db, "spark/30_bigrams_of_bucket")
        statements.execute_file(db, "duplicates/25_bigram_frequencies")
        statements.execute_file(db, "duplicates/27_pairs_by_bigram")
        yield from _in_buckets("pairs_by_bigram", statements.answer(db, "spark/40_shared_bigrams_to_send"), search)


def choose_pairs(pieces: Iterable[pa.RecordBatch], search: Search) -> Pieces:
    """The pairs to check whose first answer is in this bucket, and these answers, in buckets by the second answer."""
    bucket, given = _received(pieces)
    answers, question_pairs = (search.read(table, bucket) for table in ("answers_by_number", "question_pairs"))
    with _database(search, answers=answers, question_pairs=question_pairs, **given) as db:
        statements.execute_file(db, "duplicates/28_found_pairs")
        statements.execute_file(db, "spark/50_pairs_to_send")
        yield from _in_buckets("pairs", db.sql("from pairs_to_send"), search)
        yield from _in_buckets("first_answers", db.sql("from answers_to_send"), search)


def compare_found(pieces: Iterable[pa.RecordBatch], search: Search) -> Pieces:
    """The relations of the pairs whose second answer is in this bucket, with is_overlapping, as one result."""
    bucket, given = _received(pieces)
    with _database(search, answers=search.read("answers_by_number", bucket), **given) as db:
        statements.execute_file(db, "duplicates/00_missing_cache_tables")
        statements.execute_file(db, "spark/60_pairs_of_bucket")
        statements.execute_file(db, "duplicates/30_new_candidate_pairs")
        statements.execute_file(db, "duplicates/31_pairs_to_compare")
        for block in arrow.blocks(db, "pairs_to_compare"):
            arrow.insert(db, "cache.relations", compare_pairs(block))
        found = db.sql(
            "select relations.*, is_overlapping from cache.relations join new_candidate_pairs using (a_hash, b_hash)"
        )
        yield _piece("result", bucket, found.to_arrow_table())


@contextmanager
def _database(search: Search, **tables: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with these tables, and with the variables of the driver."""
    with TemporaryDirectory() as folder, duckdb.connect() as db:
        build.set_bounds(db, Path(folder))
        for setting in search.variables:
            db.execute(setting)
        db.execute(f"set variable files = {search.files}")
        db.execute(f"set variable file_rows = {search.file_rows}")
        for name, table in tables.items():
            db.register(name, table)
        yield db


def _in_buckets(table: str, rows: duckdb.DuckDBPyRelation, search: Search) -> Pieces:
    """Rows in pieces by their bucket; an empty one for a bucket without rows, so that it runs and knows the columns."""
    reader = rows.order("bucket").to_arrow_reader(arrow.BLOCK_ROWS)
    without = set(range(search.files))
    for batch in reader:
        part = pa.Table.from_batches([batch])
        buckets, starts = np.unique(part["bucket"].to_numpy(), return_index=True)
        for bucket, (start, end) in zip(buckets.tolist(), pairwise([*starts.tolist(), len(part)]), strict=True):
            yield _piece(table, bucket, part.slice(start, end - start).drop_columns("bucket"))
        without.difference_update(buckets.tolist())
    for bucket in sorted(without):
        yield _piece(table, bucket, reader.schema.empty_table().drop_columns("bucket"))


def _piece(table: str, bucket: int, rows: pa.Table) -> pa.RecordBatch:
    cells = ([table], [bucket], [to_bytes(rows)])
    return pa.record_batch([pa.array(cell, field.type) for cell, field in zip(cells, _PIECE, strict=True)], _PIECE)


def _received(pieces: Iterable[pa.RecordBatch]) -> tuple[int, dict[str, pa.Table]]:
    """The bucket, and its tables. Raises `ValueError` when pieces are of several buckets: that is our own mistake."""
    buckets: set[int] = set()
    tables: defaultdict[str, list[pa.Table]] = defaultdict(list)
    for batch in pieces:
        buckets.update(batch["bucket"].to_pylist())
        for table, cell in zip(batch["table"].to_pylist(), batch["result"], strict=True):
            tables[table].append(from_bytes(cell))
    (bucket,) = buckets
    return bucket, {name: pa.concat_tables(parts) for name, parts in tables.items()}
