"""Tasks of a cluster give the rows that one machine gives; everything is tested except Spark itself."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from clusters import InTurn, free_port, many_formats

from pipeline.errors import BadQuery
from pipeline.extract.options import ReadOptions
from pipeline.extract.scan import Scan, scan
from pipeline.ingest.batches import Ingested, ReadFiles, documents_to_rows, local_reader
from pipeline.ingest.fit import INGEST_TABLES
from pipeline.spark.blocks import cluster_mapper
from pipeline.spark.documents import WorkersDiffer, cluster_reader, task_rows
from pipeline.spark.needs import MasterUnreachable, SparkMissing, refuse_unreachable, refuse_without_spark
from pipeline.spark.options import spark_options
from pipeline.storage import build
from pipeline.storage.rules_digest import rules_digest
from pipeline.storage.spark_unseen import spark_unseen


@pytest.fixture
def found(tmp_path: Path) -> Scan:
    return scan(many_formats(tmp_path / "raw"))


def ingest(found: Scan, read_files: ReadFiles) -> tuple[dict[str, Any], Ingested]:
    """The rows of each table in the order they are stored in, and the counts."""
    with TemporaryDirectory() as folder, build.new_generation(Path(folder, "made.duckdb")) as db:
        ingested = documents_to_rows(db, found, found.files, datetime(2026, 1, 1, tzinfo=UTC), read_files)
        return {name: db.execute(f"from {name}").fetchall() for name in INGEST_TABLES}, ingested


def test_tasks_give_the_rows_that_this_machine_gives_in_the_same_order(found: Scan, tmp_path: Path) -> None:
    here, one = ingest(found, local_reader(1, progress=False))
    there, other = ingest(found, cluster_reader(InTurn(tmp_path / "s"), tmp_path / "raw", ReadOptions()))  # type: ignore[arg-type]
    assert here == there
    assert (one.files_read, one.dropped, set(one.seconds)) == (other.files_read, other.dropped, set(other.seconds))
    assert len(here["rejects"]) > 20
    assert (tmp_path / "s" / "documents_1").is_dir(), "50 pages are read again, since they share a line"


def test_a_task_that_came_back_twice_is_no_result(found: Scan, tmp_path: Path) -> None:
    cluster: Any = InTurn(tmp_path / "s", twice=True)
    with pytest.raises(ValueError, match=r"inputs: [0-9]+ came back"):
        ingest(found, cluster_reader(cluster, tmp_path / "raw", ReadOptions()))


def run_task(found: Scan, rules: str) -> Iterator[pa.RecordBatch]:
    task = pa.record_batch({"task": pa.array([pickle.dumps(found.files[:1])])})
    return task_rows(iter([task]), Path("raw"), ReadOptions(), frozenset(), rules)


def test_a_worker_that_would_read_otherwise_is_refused(found: Scan) -> None:
    with pytest.raises(WorkersDiffer, match="another version of qaledger"):
        list(run_task(found, "the rules of another version"))


def test_a_worker_that_does_not_see_the_files_is_refused(found: Scan, tmp_path: Path) -> None:
    moved = replace(found, files=[replace(found.files[0], path=tmp_path / "elsewhere" / "a.txt")])
    with pytest.raises(WorkersDiffer, match=r"does not see .*elsewhere/a\.txt"):
        list(run_task(moved, rules_digest(ReadOptions())))


def test_without_pyspark_one_sentence_says_what_to_install() -> None:
    with spark_unseen(), pytest.raises(SparkMissing, match=r"pip install 'qaledger\[spark\]'"):
        refuse_without_spark()


def test_a_master_that_nobody_answers_for_is_named() -> None:
    master = f"spark://127.0.0.1:{free_port()}"
    with pytest.raises(MasterUnreachable, match=rf"{master}: no server answers there \(Connection refused\)"):
        refuse_unreachable(master)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("spark", "sc://head:15002", None, ()), "not a usable master"),
        (("spark", None, None, ["spark.executor.memory"]), "write for example spark.executor.memory=8g"),
        (("local", "spark://head:7077", None, ()), "are used only with --engine spark"),
        (("hadoop", None, None, ()), "no such engine"),
    ],
)
def test_an_unknown_engine_is_refused(given: Any, said: str) -> None:
    with pytest.raises(BadQuery, match=said):
        spark_options(*given)


@pytest.mark.parametrize(
    "master", ["local", "local[*]", "local[4,2]", "spark://a:7077,b:7077", "yarn", "k8s://https://a:6443"]
)
def test_masters_of_spark_are_known(master: str) -> None:
    options = spark_options("spark", master, None, {"spark.executor.cores": "2"})
    assert options is not None
    assert (options.master, options.conf) == (master, (("spark.executor.cores", "2"),))


# ---------------------------------------------------------------- blocks of rows


def doubled(block: pa.Table) -> pa.Table:
    return pa.table({"hash": pa.compute.add(block["hash"], pa.scalar(2**63, pa.uint64()))})


def blocks(number: int) -> Iterator[pa.Table]:
    return (pa.table({"hash": pa.array([2**62 + turn], pa.uint64())}) for turn in range(number))


@pytest.mark.parametrize("number", [0, 1, 2, 3, 7])
def test_blocks_go_to_the_cluster_where_there_are_enough_of_them(number: int, tmp_path: Path) -> None:
    cluster: Any = InTurn(tmp_path / "s")
    results = list(cluster_mapper(cluster, map, min_blocks=3)(doubled, blocks(number)))
    assert results == list(map(doubled, blocks(number)))
    assert (tmp_path / "s").exists() == (number >= 3)


def test_a_block_that_came_back_twice_is_no_result(tmp_path: Path) -> None:
    cluster: Any = InTurn(tmp_path / "s", twice=True)
    with pytest.raises(ValueError, match="4 of 3 blocks came back"):
        list(cluster_mapper(cluster, map, min_blocks=3)(doubled, blocks(3)))
