"""Pages for a cluster, and clusters in this process and on the loopback interface, for the tests."""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
from conftest import ROOT

write_pages = runpy.run_path(str(ROOT / "benchmarks" / "corpus.py"))["write_pages"]

# Java compiles less and starts in half the processor time; the runs here are over before more would pay.
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# Nothing listens but on the loopback interface.
LOOPBACK = (
    *("--conf", "spark.driver.host=127.0.0.1"),
    *("--conf", "spark.driver.bindAddress=127.0.0.1"),
    *("--conf", "spark.ui.enabled=false"),
)
# What every run of the tests says of Spark.
SPARK = (
    *("--engine", "spark"),
    *LOOPBACK,
    *("--conf", f"spark.driver.extraJavaOptions={QUICK}"),
    *("--conf", f"spark.executor.extraJavaOptions={QUICK}"),
)


class InTurn:
    """Runs the tasks of a cluster in this process, one after the other, or one of them twice."""

    def __init__(self, scratch: Path, twice: bool = False) -> None:
        self.scratch = scratch
        self.twice = twice

    def map(self, tasks: Sequence[bytes], kernel: Any, schema: pa.Schema, name: str, then: Sequence[Any] = ()) -> Path:
        given = [[pa.record_batch({"task": pa.array([task])})] for task in tasks]
        for following in (kernel, *then)[: len(then)]:
            rows = pa.Table.from_batches([row for part in given for row in following(iter(part))], schema)
            given = [
                rows.filter(pa.compute.field("bucket") == bucket).to_batches()[::-1] for bucket in range(len(tasks))
            ]  # Spark gives them in any order
        for number, part in enumerate([*given, *given[: self.twice]]):
            rows = pa.Table.from_batches((then or (kernel,))[-1](iter(part)), schema)
            for table in rows["table"].unique().to_pylist():
                folder = self.scratch / name / f"table={table}"
                folder.mkdir(parents=True, exist_ok=True)
                own = rows.filter(pa.compute.field("table") == table).drop_columns("table")
                pq.write_table(own, folder / f"part-{number:05}.parquet")
        return self.scratch / name

    def folder(self, name: str) -> Path:
        (self.scratch / name).mkdir(parents=True)
        return self.scratch / name


def many_formats(raw: Path) -> Path:
    """250 pages and every format we read; 50 pages share a line that only its frequency shows to be boilerplate.

    One file is so large that it is split into shards.
    """
    write_pages(raw, 250)
    for page in sorted(raw.rglob("*.txt"))[:50]:
        page.write_text(page.read_text("utf-8") + "The Number Gazette of Upper Town\n", "utf-8")
    shutil.copytree(ROOT / "tests" / "extract" / "files", raw / "formats")
    ignored = "x" * 50_000
    records = ({"text": f"What is page {n}?\nIt is number {n} of 90.", "markup": ignored} for n in range(90))
    (raw / "large.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    return raw


def wait_until(is_so: Callable[[], object], seconds: float = 300.0) -> None:
    """Wait until a condition is true; raises `TimeoutError`."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"not so within {seconds} s")
        time.sleep(0.05)


@contextlib.contextmanager
def process(*words: object, log: Path, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, which is killed at the end with all that it started.

    It hears Ctrl-C even if these tests run in the background of a script, where a shell lets processes ignore it.
    """
    with log.open("wb") as file:
        started = subprocess.Popen(
            list(map(str, words)),
            stdout=file,
            stderr=file,
            env={**os.environ, "PYTHONPATH": str(ROOT), **env},
            start_new_session=True,
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
    try:
        yield started
    finally:
        kill(started)


def kill(started: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.wait()


@dataclass
class Standalone:
    """A master, and the processes of its workers."""

    url: str
    workers: list[subprocess.Popen[bytes]]


@contextlib.contextmanager
def standalone(folder: Path, workers: int) -> Iterator[Standalone]:
    """A standalone master with workers of one core each, all on 127.0.0.1."""
    import pyspark

    command = Path(pyspark.__file__).parent / "bin" / "spark-class"
    env = {"SPARK_DAEMON_JAVA_OPTS": QUICK, "SPARK_NO_DAEMONIZE": "1", "PYSPARK_PYTHON": sys.executable}
    port = free_port()
    url = f"spark://127.0.0.1:{port}"
    place = ("--host", "127.0.0.1", "--webui-port", 0)
    master = (command, "org.apache.spark.deploy.master.Master", *place, "--port", port)
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        stack.enter_context(process(*master, log=folder / "master.log", **env))
        wait_until(lambda: answers(port))
        size = ("--cores", 1, "--memory", "1g", "--work-dir", folder / "work")
        worker = (command, "org.apache.spark.deploy.worker.Worker", *place, *size, url)
        started = [stack.enter_context(process(*worker, log=folder / f"worker_{n}.log", **env)) for n in range(workers)]
        wait_until(lambda: (folder / "master.log").read_text("utf-8").count("Registering worker") == workers)
        yield Standalone(url, started)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
