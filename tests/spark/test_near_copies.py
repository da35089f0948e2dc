"""Near copies found on parts of the tables are those found in one database: in this process, and on Spark itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from clusters import SPARK, InTurn, kill, standalone, wait_until, write_pages

from pipeline.duplicates.stage import relate_all
from pipeline.extract.scan import scan
from pipeline.ingest.batches import documents_to_rows, local_reader
from pipeline.spark.cluster import cluster_of
from pipeline.spark.near_copies import cluster_finder
from pipeline.spark.options import spark_options
from pipeline.storage import build
from pipeline.storage.schema import ddl

COMPARED = ("duplicates", "members", "orphans_joined", "cache.relations", "cache.shared_bigrams")
# Small enough that the answers of a few pages cross every one of them.
LIMITS = {"largest_group": 4, "largest_document_frequency": 3, "largest_search": 5}

Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The occurrences and leftovers of 60 pages."""
    folder = tmp_path_factory.mktemp("pages")
    write_pages(folder / "raw", 60)
    found = scan(folder / "raw")
    with build.new_generation(folder / "made.duckdb") as db:
        documents_to_rows(db, found, found.files, datetime(2026, 1, 1, tzinfo=UTC), local_reader(1, progress=False))
        return {name: db.sql(f"from {name}").to_arrow_table() for name in ("occurrences", "leftovers")}


def related(pages: Tables, limits: dict[str, float], near_copies: Any = None) -> dict[str, list[Any]]:
    """The tables of the stage, where every row is new."""
    with duckdb.connect(config={"threads": 1}) as db:
        for name, rows in pages.items():
            db.register("given", rows)
            db.execute(f"create table {name} as from given")
        db.execute(next(ddl("duplicates")))
        relate_all(db, limits=limits, near_copies=near_copies)
        return {name: db.execute(f"from {name} order by all").fetchall() for name in COMPARED}


@pytest.mark.parametrize("limits", [LIMITS, {}], ids=["everything is too much", "as shipped"])
def test_parts_give_the_tables_of_one_database(pages: Tables, tmp_path: Path, limits: dict[str, float]) -> None:
    cluster: Any = InTurn(tmp_path)
    there = related(pages, limits, cluster_finder(cluster, min_files=2, file_rows=100))
    assert len(list((tmp_path / "near_copies_0_inputs").glob("answers_*"))) > 3
    assert there == related(pages, limits)
    assert {row[2] for row in there["cache.relations"]} >= {"answer_contained", "near_conflict"}


def test_few_answers_are_compared_by_the_driver(pages: Tables, tmp_path: Path) -> None:
    cluster: Any = InTurn(tmp_path)
    related(pages, LIMITS, cluster_finder(cluster, min_files=100, file_rows=100))
    assert list(tmp_path.iterdir()) == []


def test_a_part_that_came_back_twice_is_no_result(pages: Tables, tmp_path: Path) -> None:
    cluster: Any = InTurn(tmp_path, twice=True)
    with pytest.raises(ValueError, match=r"[0-9]+ of [0-9]+ blocks came back"):
        related(pages, LIMITS, cluster_finder(cluster, min_files=2, file_rows=100))


@pytest.mark.spark
def test_spark_finds_the_same_when_a_worker_is_killed_between_its_shuffles(pages: Tables, tmp_path: Path) -> None:
    with standalone(tmp_path / "workers", 2) as workers:
        options = spark_options("spark", workers.url, None, SPARK[3::2])
        assert options is not None
        with cluster_of(options, tmp_path / "out", "r_1", is_dry=False, progress=False) as cluster:

            def is_in_second_step() -> bool:
                context = cluster._context
                return context is not None and any(stage > 0 for stage in context.statusTracker().getActiveStageIds())

            def kill_one() -> None:
                wait_until(is_in_second_step, 900)
                kill(workers.workers[0])

            killer = Thread(target=kill_one)
            killer.start()
            there = related(pages, LIMITS, cluster_finder(cluster, min_files=2, file_rows=40))
            killer.join()
    assert "Lost executor" in (tmp_path / "out" / "spark.log").read_text("utf-8")
    assert there == related(pages, LIMITS)
