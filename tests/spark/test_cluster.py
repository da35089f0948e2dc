"""Whole runs on Spark itself, on one machine and on a master with workers. Run by `make test-spark`: it needs Java."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from clusters import SPARK, kill, many_formats, process, standalone, wait_until, write_pages
from conftest import ROOT, assert_same_tables

import pipeline
from pipeline.ledger.verify import verify

pytestmark = pytest.mark.spark

Command = Callable[..., subprocess.CompletedProcess[str]]


def test_spark_makes_the_tables_of_one_machine_row_for_row(tmp_path: Path, qaledger: Command) -> None:
    raw, here, there = many_formats(tmp_path / "raw"), tmp_path / "here", tmp_path / "there"
    ledger = pipeline.run(raw, here)
    done = qaledger("run", raw, "--out", there, *SPARK, "--master", "local[2]")
    assert (done.returncode, done.stderr.replace("warning: ", "")) == (3, _said(ledger.warnings))
    assert_same_tables(here, there)
    assert sorted(path.name for path in there.glob(".*")) == [".lock"]

    for page in sorted(raw.rglob("*.txt"))[100:103]:
        page.write_text(page.read_text("utf-8").replace("?", " now?", 1), "utf-8")
    shutil.rmtree(raw / "formats")
    done = qaledger("run", raw, "--out", there, "--tables", "parquet", *SPARK, "--master", "local[2]")
    assert done.returncode == 0, done.stderr
    pipeline.run(raw, here, full=True)
    assert_same_tables(here, there)
    with pipeline.open(there) as ledger:
        assert ledger.runs["documents_read"].to_list()[-1] == 3
    next(raw.rglob("*.txt")).unlink()
    done = qaledger("run", raw, "--out", there, *SPARK, "--master", "local[2]")
    assert f"published {there / 'qa.parquet'}: " in done.stdout
    pipeline.run(raw, here)
    assert_same_tables(here, there)

    done = qaledger(
        "run", raw, "--out", there, *SPARK, "--master", "local[2]", JAVA_HOME=os.environ.get("JAVA_HOME", "")
    )
    assert "no file has changed" in done.stdout, "nothing was to be read, so nothing was started"


def _said(warnings: tuple[str, ...]) -> str:
    return "".join(f"{warning}\n" for warning in warnings)


def test_no_row_is_lost_or_doubled_when_a_worker_is_killed_midway(tmp_path: Path) -> None:
    raw, here, there = tmp_path / "raw", tmp_path / "here", tmp_path / "there"
    write_pages(raw, 1_000)
    with standalone(tmp_path / "cluster", workers=2) as cluster:
        command = (sys.executable, "-m", "pipeline", "run", raw, "--out", there, *SPARK, "--master", cluster.url)
        with process(*command, log=tmp_path / "run.log") as run:
            wait_until(lambda: list(there.glob(".qaledger-spark-*/documents_0/_temporary/0/task_*")))
            kill(cluster.workers[0])
            assert run.wait(120) == 0, (tmp_path / "run.log").read_text("utf-8")
    assert "Lost executor" in (there / "spark.log").read_text("utf-8")
    pipeline.run(raw, here)
    assert_same_tables(here, there)
    assert [finding for finding in verify(there) if not finding.is_ok] == []


def test_ctrl_c_ends_the_run_and_spark_and_publishes_nothing(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    write_pages(raw, 1_000)
    command = (sys.executable, "-m", "pipeline", "run", raw, "--out", out, *SPARK, "--master", "local[2]")
    with process(*command, log=tmp_path / "run.log") as run:
        wait_until(lambda: list(out.glob(".qaledger-spark-*/documents_0/_temporary/0/_temporary/*/*/*")))
        os.kill(run.pid, signal.SIGINT)
        assert run.wait(60) == 130
        assert (tmp_path / "run.log").read_text("utf-8") == "interrupted; nothing was published\n"
        assert not (out / "qa.duckdb").exists()
        wait_until(lambda: not _is_alive(run.pid))


def _is_alive(group: int) -> bool:
    """Whether a process of this group is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, 0)
        return True
    return False


@pytest.mark.parametrize("home", ["no/java/here", "old"])
def test_without_a_java_that_will_do_one_sentence_says_so(tmp_path: Path, qaledger: Command, home: str) -> None:
    java = tmp_path / "old" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_412\"' >&2\n")
    java.chmod(0o755)
    (tmp_path / "raw").mkdir()
    done = qaledger("run", tmp_path / "raw", *SPARK, JAVA_HOME=str(tmp_path / home))
    said = f"there is none in JAVA_HOME ({tmp_path / home})" if home != "old" else "1.8.0_412"
    assert done.returncode == 2
    assert done.stderr.startswith("Error: --engine spark needs Java 17 or newer")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_pandera_finds_no_pyspark_and_ties_no_driver_to_this_machine() -> None:
    asked = (
        "import os, sys; known = set(os.environ)\n"
        "from pipeline.storage.frames import empty\n"
        "from pipeline.storage.schema import TABLES\n"
        "TABLES['qa'].validate(empty(TABLES['qa']))\n"
        "print(sorted(set(os.environ) - known), 'pyspark' in sys.modules)"
    )
    for before in ("", "import pyspark\n"):
        command = [sys.executable, "-W", "error", "-c", before + asked]
        done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
        assert done.stderr == ""
        assert done.stdout == f"[] {bool(before)}\n"
