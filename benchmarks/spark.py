"""Runs the same pages on one machine and on a Spark cluster, compares the tables, and measures the cost.

    python benchmarks/spark.py --pages 20000     # needs pyspark and Java; everything stays on the loopback interface

Runs qaledger on generated pages (`corpus.py`) with two processes, with Spark in one process, and on a standalone
master with two workers of one core each: undisturbed, and with one worker killed after three tasks. Every result must
equal the first, row for row. Prints the processor seconds of all processes together, which other load on the machine
hardly changes; those of the driver alone, which a cluster does not reduce; wall seconds; and the peak memory of the
largest Java and the largest Python process. Exits with 1 when tables differ.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent.parent
sys.path[:0] = [str(HERE), str(HERE / "tests"), str(HERE / "tests" / "spark")]

from clusters import LOOPBACK, kill, process, standalone, wait_until, write_pages  # noqa: E402
from conftest import assert_same_tables  # noqa: E402

AT_TASK = 3  # tasks done when one of the two workers is killed
_DONE = ".qaledger-spark-*/documents_0/_temporary/0/task_*"

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Watch:
    """The processor time and the peak memory of process groups, sampled four times a second."""

    groups: list[int]
    seconds: dict[int, float] = field(default_factory=dict)
    peak: dict[str, int] = field(default_factory=dict)

    def sample(self) -> None:
        """Add the resources that each process of the groups has used, including ended child processes."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[2]) in self.groups:
                    self.seconds[int(stat.parent.name)] = sum(map(int, fields[11:13])) / TICK
                    kind = stat.with_name("exe").readlink().name
                    self.peak[kind] = max(self.peak.get(kind, 0), int(fields[21]) * PAGE)


@contextlib.contextmanager
def watched(groups: list[int]) -> Iterator[Watch]:
    watch, over = Watch(groups), threading.Event()

    def sample_regularly() -> None:
        while not over.wait(0.25):
            watch.sample()

    thread = threading.Thread(target=sample_regularly)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()


@dataclass(frozen=True)
class Cost:
    """What one run took; `driver` is the processor time of the process that was started, without its children."""

    processor: float
    driver: float
    wall: float
    peak: dict[str, int]

    def __str__(self) -> str:
        peak = ", ".join(f"{kind} {size / 1e6:,.0f} MB" for kind, size in sorted(self.peak.items()) if size > 100e6)
        seconds = f"{self.processor:7.1f} s processor, {self.driver:6.1f} of it the driver's, {self.wall:7.1f} s wall"
        return f"{seconds}   peak {peak}"


def measured(raw: Path, out: Path, words: tuple[str, ...], cluster: list[subprocess.Popen[bytes]], dies: bool) -> Cost:
    """One run of the command; with `dies` the first process of the cluster is killed midway."""
    shutil.rmtree(out, ignore_errors=True)
    started = time.monotonic()
    command = (sys.executable, "-m", "pipeline", "run", raw, "--out", out, *words)
    others = [member.pid for member in cluster]
    with process(*command, log=out.with_suffix(".log")) as run, watched([run.pid, *others]) as watch:
        if dies:
            wait_until(lambda: run.poll() is not None or len(list(out.glob(_DONE))) >= AT_TASK, 3600)
            kill(cluster[0])
        code = run.wait()
    if code:
        raise SystemExit(f"{' '.join(words)}: exit {code}\n{out.with_suffix('.log').read_text('utf-8')}")
    return Cost(sum(watch.seconds.values()), watch.seconds[run.pid], time.monotonic() - started, watch.peak)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        raw = base / "raw"
        write_pages(raw, options.pages)
        size = sum(page.stat().st_size for page in raw.rglob("*.txt"))
        print(f"{options.pages:,} pages, {size / 1e6:,.1f} MB", flush=True)
        compare(base, raw)


def compare(base: Path, raw: Path) -> None:
    """Run each variant, print its cost, and compare its tables with those of one machine."""
    print(f"{'one machine, 2 processes':32}{measured(raw, base / 'here', ('--workers', '2'), [], False)}", flush=True)
    spark = ("--engine", "spark", *LOOPBACK)
    print(
        f"{'Spark, local[2]':32}{measured(raw, base / 'local', (*spark, '--master', 'local[2]'), [], False)}",
        flush=True,
    )
    for name, dies in (("2 workers", False), ("2 workers, 1 killed", True)):
        with standalone(base / f"cluster_{dies}", 2) as cluster:
            cost = measured(raw, base / f"there_{dies}", (*spark, "--master", cluster.url), cluster.workers, dies)
        print(f"{name:32}{cost}", flush=True)
    for name in ("local", "there_False", "there_True"):
        assert_same_tables(base / "here", base / name)
    print("all tables are equal, row for row")


def print_cost(name: str, cost: Cost) -> None:
    print(f"{name:26}{cost}", flush=True)


if __name__ == "__main__":
    main()
