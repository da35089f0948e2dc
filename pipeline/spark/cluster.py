"""Starts Spark for one run when it is first needed, and stops it when the run ends, however it ends.

pyspark is imported in this module only, and only then. The output of Java goes to `spark.log` in the folder of the
tables.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from tqdm import tqdm

from pipeline.errors import OutputUnusable, PipelineError
from pipeline.spark.needs import MasterUnreachable, refuse_unreachable
from pipeline.spark.options import SparkOptions
from pipeline.storage.ids import identify

LOG = "spark.log"

# Seconds without a running task after which a job is cancelled. A busy cluster starts a task within minutes; a cluster
# without workers never does, so a nightly run would hold its lock until a person intervenes.
_IDLE_SECONDS = 600.0

# What every run needs, whatever `spark-defaults.conf` sets. A task's files become visible in one step (version 1), so
# a task that is killed or run twice leaves nothing behind. A task keeps one file open for each table, each with 16 MB
# in memory (128 MB is Spark's default); without that, Spark sorts its rows by table first.
_ALWAYS = {
    "spark.app.name": "qaledger",
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "1",
    "spark.hadoop.parquet.block.size": str(16 * 2**20),
    "spark.sql.maxConcurrentOutputFileWriters": "64",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
}
# On one machine, no other machine connects to the driver, and its web pages are not needed.
_LOCAL = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1", "spark.ui.enabled": "false"}


class SparkFailed(PipelineError):
    """A job ended with an error, after Spark had retried it."""

    def __init__(self, why: str, log: Path) -> None:
        self.log = log
        super().__init__(f"Spark failed: {why}. Nothing was published; see {log} for more.")


def cluster_of(spark: SparkOptions, out: Path, run_id: str, is_dry: bool, progress: bool) -> Cluster:
    """The cluster of a run, not started yet; scratch folders that dead runs left are removed first.

    A dry run holds no lock: it removes nothing of other runs, keeps no log and needs no folder in `out` on one machine.
    """
    base = (spark.scratch or out).absolute()
    prefix = f".qaledger-spark-{identify('', str(out.absolute()))}-"
    if is_dry:
        is_local = spark.master.startswith("local") and not spark.scratch
        scratch = (Path(tempfile.gettempdir()) if is_local else base) / f"{prefix}dry-{run_id}"
        return Cluster(spark, scratch, scratch / LOG, progress)
    for left in base.glob(f"{prefix}r_*"):
        shutil.rmtree(left, ignore_errors=True)
    return Cluster(spark, base / f"{prefix}{run_id}", out.absolute() / LOG, progress)


@dataclass
class Cluster:
    """The Spark of one run. `scratch` is a folder of this run that the driver and every worker see at the same path."""

    options: SparkOptions
    scratch: Path
    log: Path
    progress: bool = False
    idle_seconds: float = _IDLE_SECONDS
    _context: Any = None
    _session: Any = None
    _gateway: Any = None

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if self._gateway is not None:
                _end(self._context, self._gateway, at_once=kind is not None and not issubclass(kind, Exception))
        finally:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def map(
        self,
        tasks: Sequence[bytes],
        kernel: Callable[..., Any],
        schema: pa.Schema,
        name: str,
        then: Sequence[Callable[..., Any]] = (),
    ) -> Path:
        """Run the kernel on each task; returns the folder of the Parquet files, with a `table=...` for each table.

        `kernel` maps record batches with the column `task` to record batches of `schema`, which has the column
        `table`. Each kernel of `then` maps what the one before it gives to record batches of the same schema: all rows
        with one value of the column `bucket` together, in any order; there are as many buckets as tasks, from 0 on.
        Kernels must be pure: a task whose worker dies runs again. Raises `SparkMissing`, `MasterUnreachable` and
        `SparkFailed`.
        """
        from pyspark.sql.pandas.types import from_arrow_schema

        session = self._started()
        folder = self.scratch / name
        rows = self._context.parallelize([(task,) for task in tasks], len(tasks))
        with self._watched(), self._errors_in_one_sentence(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
            types = from_arrow_schema(schema)
            results = session.createDataFrame(rows, "task binary").mapInArrow(kernel, types)
            for following in then:
                results = results.repartitionById(len(tasks), "bucket").mapInArrow(following, types)
            results.write.partitionBy("table").parquet(f"file://{folder}")
        return folder

    def folder(self, name: str) -> Path:
        """A new folder that the driver and every worker see, until the run ends. Raises `OutputUnusable`."""
        folder = self.scratch / name
        try:
            folder.mkdir(parents=True)
        except OSError as err:
            raise OutputUnusable(self.scratch.parent, err) from err
        return folder

    def _started(self) -> Any:
        if self._session is None:
            refuse_unreachable(self.options.master)
            try:
                self.scratch.mkdir(parents=True, exist_ok=True)
                with self.log.open("wb") as log, self._errors_in_one_sentence():
                    self._start(log)
            except OSError as err:
                raise OutputUnusable(self.scratch.parent, err) from err
        return self._session

    def _start(self, log: Any) -> None:
        """Start a context, or a session of the one that this process has already."""
        from pyspark import SparkConf, SparkContext
        from pyspark.java_gateway import launch_gateway
        from pyspark.sql import SparkSession

        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
            active = SparkContext._active_spark_context
            if active is None:
                conf = SparkConf().setAll(list(self._settings().items()))
                self._gateway = SparkContext._gateway or launch_gateway(conf, {"stdout": log, "stderr": log})
                with _own_signals():
                    active = SparkContext(conf=conf, gateway=self._gateway)
                active.pythonExec = conf.get("spark.pyspark.python")
            self._context = active
            self._session = SparkSession(active).newSession()
        for name, value in _ALWAYS.items():
            if name.startswith("spark.sql."):
                self._session.conf.set(name, value)

    def _settings(self) -> dict[str, str]:
        local = _LOCAL if self.options.master.startswith("local") else {}
        python = os.environ.get("PYSPARK_PYTHON", sys.executable)
        return {
            **local,
            "spark.master": self.options.master,
            "spark.pyspark.python": python,
            **dict(self.options.conf),
            **_ALWAYS,
        }

    @contextlib.contextmanager
    def _errors_in_one_sentence(self) -> Iterator[None]:
        """Raise `SparkFailed`, with one sentence, for every error of Spark."""
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            yield
        except (Py4JError, PySparkException) as err:
            raise SparkFailed(_gist(str(err)), self.log) from err

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Show progress on a terminal, and cancel a job of which no task starts. Raises `MasterUnreachable`."""
        over, gave_up = threading.Event(), threading.Event()
        watcher = threading.Thread(target=self._watch, args=(over, gave_up), daemon=True)
        watcher.start()
        try:
            yield
        except SparkFailed as err:
            if gave_up.is_set():
                raise MasterUnreachable(
                    self.options.master, f"it provided no worker within {self.idle_seconds:,.0f} s"
                ) from err
            raise
        finally:
            over.set()

    def _watch(self, over: threading.Event, gave_up: threading.Event) -> None:
        tracker = self._context.statusTracker()
        waited, pause = 0.0, min(1.0, self.idle_seconds)
        with tqdm(unit="task", desc="Spark", disable=None if self.progress else True) as bar:
            while not over.wait(pause):
                stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
                done = sum(stage.numCompletedTasks for stage in stages if stage)
                bar.total = sum(stage.numTasks for stage in stages if stage) or None
                bar.update(max(0, done - bar.n))
                is_idle = any(stages) and not any(stage.numActiveTasks + stage.numCompletedTasks for stage in stages)
                waited = waited + pause if is_idle else 0.0
                if waited >= self.idle_seconds:
                    gave_up.set()
                    self._context.cancelAllJobs()
                    return


@contextlib.contextmanager
def _own_signals() -> Iterator[None]:
    """Keep our handler of Ctrl-C: a Spark context installs its own."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _end(context: Any, gateway: Any, at_once: bool) -> None:
    """Stop Spark and its Java, so that the next run in this process starts its own.

    `at_once` waits for neither: the master releases the workers when the driver ends.
    """
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    try:
        if context is not None and not at_once:
            context.stop()
    finally:
        if gateway.proc is not None:
            gateway.proc.terminate()
            gateway.proc.stdin.close()
        SparkContext._active_spark_context = SparkContext._gateway = SparkContext._jvm = None
        SparkSession._instantiatedSession = None
    if gateway.proc is not None and not at_once:
        gateway.proc.wait()


def _gist(error: str) -> str:
    r"""The line of a Java or Python traceback that names the error.

    >>> _gist("Job aborted: Traceback (most recent call last):\n  File x\nKeyError: 'answer'\n\n\tat java.base/x")
    "KeyError: 'answer'"
    >>> _gist("An error occurred while calling o9.parquet.\n: java.io.IOException: No space left\n\tat java.base/x")
    'java.io.IOException: No space left'
    >>> _gist("ModuleNotFoundError: No module named 'pipeline'")
    "ModuleNotFoundError: No module named 'pipeline', on a worker; install the qaledger of this machine on every one"
    """
    lines = [re.sub(r"^(: |Caused by: )", "", line.strip()) for line in error.splitlines() if line.strip()]
    own = [
        line
        for line in lines
        if re.match(r"(?!Traceback)[A-Za-z_][\w.$]*(Error|Exception|Exit|Missing|Differ)\b", line)
    ]
    line = (own or lines or ["no reason given"])[-1 if own else 0]
    if line.startswith("ModuleNotFoundError"):
        line += ", on a worker; install the qaledger of this machine on every one"
    return re.sub(r"^pipeline\.[\w.]+: ", "", line)[:500]
