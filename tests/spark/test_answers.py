"""Relations found on parts of the tables are those found in one database: in this process, and on Spark itself."""

from __future__ import annotations

import re
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
from pipeline.spark.answers import CONTAINED, NEAR_COPIES, cluster_relater
from pipeline.spark.cluster import cluster_of
from pipeline.spark.options import spark_options
from pipeline.spark.steps import Inputs, Step
from pipeline.storage import build, statements
from pipeline.storage.schema import ddl
from pipeline.storage.statements import execute_file, statement

COMPARED = (
    *("duplicates", "members", "orphans_joined"),
    *("cache.relations", "cache.shared_bigrams", "cache.rarest_shingles", "cache.boilerplate_answers"),
    *("cache.split_answers", "cache.sentences"),
)
# Small enough that the answers of a few pages cross every one of them.
LIMITS = {"largest_group": 4, "largest_document_frequency": 3, "largest_search": 5}

Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The occurrences and leftovers of 60 pages, and of 12 with answers that are mere boilerplate."""
    folder = tmp_path_factory.mktemp("pages")
    write_pages(folder / "raw", 60)
    call = "You can always call our office if you have more questions about it."
    write = f"{call} Or write to us at any time before your next visit to the clinic."
    for number in range(12):
        answer = " ".join(f"word{number}x{place}" for place in range(number + 5)) + f" and so on. {write}"
        texts = (
            f"What is thing {number}?\n{answer}\n\nWhat is thing {(number + 5) % 12}?\n{(call, write)[number % 2]}\n"
        )
        (folder / "raw" / f"thing_{number}.txt").write_text(
            f"{texts}\nHow do I reach you?\n{(call, write)[number % 2]}\n"
        )
    found = scan(folder / "raw")
    with build.new_generation(folder / "made.duckdb") as db:
        documents_to_rows(db, found, found.files, datetime(2026, 1, 1, tzinfo=UTC), local_reader(1, progress=False))
        return {name: db.sql(f"from {name}").to_arrow_table() for name in ("occurrences", "leftovers")}


def related(pages: Tables, limits: dict[str, float], relate: Any = None) -> dict[str, list[Any]]:
    """The tables of the stage, where every row is new."""
    with duckdb.connect(config={"threads": 1}) as db:
        for name, rows in pages.items():
            db.register("given", rows)
            db.execute(f"create table {name} as from given")
        db.execute(next(ddl("duplicates")))
        relate_all(db, limits=limits, relate=relate)
        return {name: db.execute(f"from {name} order by all").fetchall() for name in COMPARED}


@pytest.mark.parametrize("limits", [LIMITS, {}], ids=["everything is too much", "as shipped"])
def test_parts_give_the_tables_of_one_database(pages: Tables, tmp_path: Path, limits: dict[str, float]) -> None:
    cluster: Any = InTurn(tmp_path)
    there = related(pages, limits, cluster_relater(cluster, min_files=2, file_rows=100))
    assert len(list((tmp_path / "answers_0").glob("answers_*"))) > 3
    assert there == related(pages, limits)
    assert {row[2] for row in there["cache.relations"]} >= {"answer_contained", "near_conflict"}
    assert bool(there["cache.boilerplate_answers"]) == bool(limits)
    assert len(there["cache.sentences"]) > 10


def test_few_answers_are_compared_by_the_driver(pages: Tables, tmp_path: Path) -> None:
    cluster: Any = InTurn(tmp_path)
    related(pages, LIMITS, cluster_relater(cluster, min_files=100, file_rows=100))
    assert list(tmp_path.iterdir()) == []


def test_a_part_that_came_back_twice_is_no_result(pages: Tables, tmp_path: Path) -> None:
    cluster: Any = InTurn(tmp_path, twice=True)
    with pytest.raises(ValueError, match=r"[0-9]+ of [0-9]+ blocks came back"):
        related(pages, LIMITS, cluster_relater(cluster, min_files=2, file_rows=100))


@pytest.mark.parametrize("step", [*CONTAINED, *NEAR_COPIES])
def test_files_that_a_step_runs_make_what_it_sends(step: Step) -> None:
    made = {
        name
        for run in step.runs
        if isinstance(run, str)
        for name in re.findall(r"^create or replace temp (?:view|table) (\w+)_to_send", statement(run), re.MULTILINE)
    }
    assert made == {*step.sends}


def test_a_file_sends_few_rows_of_a_key_that_is_in_all_its_answers() -> None:
    with duckdb.connect() as db:
        for name, value in {**LIMITS, "files": 10, "bucket": 0, "file_rows": 100}.items():
            db.execute(f"set variable {name} = {value}")
        execute_file(db, "duplicates/00_missing_cache_tables")
        db.execute(
            "create temp table answers as select n as number, n as answer_hash, n as length, [7] as shingles, "
            "[7] as bigrams from range(100) t(n)"
        )
        db.execute("create temp table shared_shingle_frequencies as select 7 as shingle, 1000 as answers")
        db.execute("create temp table boilerplate (answer_hash ubigint)")
        db.execute("create temp table question_pairs (number int, other int, a_hash ubigint, b_hash ubigint)")
        for file in ("11_shingle_counts_to_send", "14_shingles_to_send", "20_bigrams_to_send"):
            execute_file(db, f"spark/{file}")
        assert db.execute("select answers from shingle_counts_to_send").fetchall() == [(100,)]
        assert db.execute("select length from shared_shingles_to_send order by all").fetchall() == [
            (length,) for length in range(100 - LIMITS["largest_search"], 100)
        ]
        assert len(db.execute("from bigrams_to_send").fetchall()) == LIMITS["largest_document_frequency"] + 1


def test_the_driver_sends_answers_that_it_has_no_memory_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "allow_memory_share", lambda db: None)
    answers = 60_000
    with duckdb.connect(tmp_path / "made.duckdb", config={"threads": 2}) as db:
        execute_file(db, "duplicates/00_missing_cache_tables")
        db.execute(
            "insert into cache.signatures by name select n as answer_hash, "
            f"list_transform(range(90), lambda x: n * 90 + x) as bigrams from range({answers}) t(n)"
        )
        db.execute(
            "create table texts_of_answers as select n as answer_hash, sha256(n::varchar) || sha256(n::varchar || 'x') "
            f"|| repeat(' word', 200) || n as answer from range({answers}) t(n)"
        )
        db.execute("create view answer_texts as select *, answer as answer_key from texts_of_answers")
        db.execute("create table pairs_of_one_question as select 1::ubigint as a_hash, 2::ubigint as b_hash")
        db.execute("create table question_pairs_to_check as from pairs_of_one_question")
        db.execute(
            "create table numbered as select answer_hash, (answer_hash * 7919) % 60000 as number from cache.signatures"
        )
        db.execute("checkpoint")
        db.execute("set memory_limit = '60MB'; set preserve_insertion_order = false")
        execute_file(db, "spark/10_inputs_of_workers")
        inputs = Inputs(tmp_path, 6, 10_000, ())
        inputs.write(db, "answers", "texts", "question_pairs")
        for bucket in range(6):
            numbers = set(inputs.read("answers", bucket)["number"].to_pylist())
            assert numbers == set(inputs.read("texts", bucket)["number"].to_pylist())
            assert numbers == set(range(bucket * 10_000, (bucket + 1) * 10_000))
        assert [len(inputs.read("question_pairs", bucket)) for bucket in range(6)] == [1, 1, 0, 0, 0, 0]


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
            there = related(pages, LIMITS, cluster_relater(cluster, min_files=2, file_rows=40))
            killer.join()
    assert "Lost executor" in (tmp_path / "out" / "spark.log").read_text("utf-8")
    assert there == related(pages, LIMITS)
