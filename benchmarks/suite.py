"""Measures time and memory of runs, relative to the least work that any tool has to do with the same files.

    python -m benchmarks.suite                         # 1, 10, 100 MB: pages, pages that repeat, one file of records
    python -m benchmarks.suite --mb 10 1000 --times 1  # other sizes
    python -m benchmarks.suite --peers                 # also compare with other tools

`make bench` runs the last command. The reference reads every byte, decodes, splits into lines, writes the lines to a
DuckDB table and checkpoints. Of pages up to 20 MB a run is also measured by part (benchmarks/parts.py), and beside the
floor and the pipeline that one would assemble from libraries (benchmarks/peers.py), if these are installed. All of them
are measured on the same files, and with cached byte code, as installed packages have it. Seconds are the wall and
processor time of all processes together. Memory is the largest sum of what they hold at the same time (PSS, so that
shared memory pages count once). Each value is the median of `--times` runs. benchmarks/corpus.py generates the files.
Results are written to suite.json, suite.md and suite.png in the folder `--to`.
"""

from __future__ import annotations

import argparse
import compileall
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import Any

HERE = Path(__file__).parent
# pages: many small files. crawl: small files of which most answers are on several. records: one file with the same
# documents as pages. same: small files that all have one answer.
SHAPES = ("pages", "crawl", "records", "same")
SAMPLED = 0.05  # seconds between two samples of the memory; sampling four processes takes 2 ms
SAME = 7  # pages with one question that replace one page with seven
ALONE = 200_000_000  # bytes
CHANGED = 0.01  # of the small pages, in the refresh that is measured
NEW = 8  # the seed of what is added to them: another one than that of the pages
COMPARED = 20_000_000  # bytes of pages up to which other pipelines and the parts of a run are measured
QUANTULUM = 2_000_000  # and a pipeline with quantulum3, which takes 10 ms for a sentence

PEERS = ("floor", "assembled", "assembled, quantulum3")

Measure = dict[str, Any]

NAMES = {
    "pages": "pages",
    "crawl": "pages that repeat",
    "records": "one file of records",
    "same": "one answer on all pages",
}

# ---------------------------------------------------------------- one process and those it starts


def measured(*command: str) -> tuple[Measure, str]:
    """Wall and processor seconds and peak memory (bytes) of a command with its child processes, and its output."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(command, stdout=said, cwd=HERE.parent, env=environment) as process,
    ):
        most = [0]
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, most, ended))
        watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        ended.set()
        watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        printed = said.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return {"wall": wall, "busy": used.ru_utime + used.ru_stime, "memory": most[0]}, printed


def _watch(pid: int, most: list[int], ended: threading.Event) -> None:
    while not ended.wait(SAMPLED):
        most[0] = max(most[0], sum(map(_held, _family(pid))))


def _family(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has ended
        return
    for child in children:
        yield from _family(int(child))


def _held(pid: int) -> int:
    """Bytes that a process holds, shared pages divided by those who share them; 0 when it has ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)


# ---------------------------------------------------------------- parts that run as processes of their own


def reference(raw: Path) -> None:
    """Read every byte, decode, split into lines, write the lines to a DuckDB table, checkpoint."""
    import duckdb
    import pyarrow as pa

    with tempfile.TemporaryDirectory() as folder, duckdb.connect(str(Path(folder) / "lines.duckdb")) as db:
        db.execute("create table lines (line varchar)")
        lines: list[str] = []
        for path in sorted(path for path in raw.rglob("*") if path.is_file()):
            with path.open("rb") as file:
                while piece := file.read(4_000_000):
                    lines += (piece + file.readline()).decode("utf-8").split("\n")
                    if len(lines) > 50_000:
                        _store(db, pa.table({"line": lines}))
                        lines = []
        _store(db, pa.table({"line": lines}))
        db.execute("checkpoint")


def _store(db: Any, lines: Any) -> None:
    db.register("incoming", lines)
    db.execute("insert into lines select line from incoming")
    db.unregister("incoming")


def read_all(raw: Path, workers: int) -> None:
    """Do the parallel part of a run: read, parse and find figures; the rows are discarded."""
    from pipeline.extract.options import ReadOptions
    from pipeline.extract.scan import scan
    from pipeline.ingest import batches

    files, options = scan(raw).files, ReadOptions()
    started = time.perf_counter()
    for batch in batches.map_batches(partial(batches.read_batch, options=options), files, workers, False, options):
        del batch
    print(json.dumps({"wall": time.perf_counter() - started}))


# ---------------------------------------------------------------- one corpus


def corpus(raw: Path, shape: str, megabytes: float) -> int:
    """Write the files of one shape and about one size; returns their size in bytes."""
    from benchmarks.corpus import page_texts, write_crawl, write_pages, write_records, write_same

    pages = max(2, round(megabytes * 1e6 / sum(len(text) for text in page_texts(100)) * 100))
    if shape == "pages":
        write_pages(raw, pages)
    elif shape == "crawl":
        write_crawl(raw, pages)
    elif shape == "same":
        write_same(raw, pages * SAME)
    else:
        write_records(raw / "crawl.jsonl", pages)
    return sum(path.stat().st_size for path in raw.rglob("*") if path.is_file())


def measure_corpus(raw: Path, shape: str, workers: int) -> Measure:
    """Measure the runs over one corpus: the reference, first runs, refreshes, and the parallel part.

    Runs with one worker are left out if the corpus has more than 200 MB.
    """
    size = sum(path.stat().st_size for path in raw.rglob("*") if path.is_file())
    is_small = size <= ALONE
    python = (sys.executable, "-m")
    found: Measure = {"reference": measured(*python, "benchmarks.suite", "--part", "reference", str(raw))[0]}
    if shape != "records" and size <= COMPARED:
        found["parts"] = json.loads(measured(*python, "benchmarks.parts", str(raw))[1])
        found |= {name: measured(*python, "benchmarks.peers", *words, str(raw))[0] for name, words in _peers(size)}
    with tempfile.TemporaryDirectory() as folder:
        run = (*python, "pipeline", "run", str(raw), "--json", "--out")
        out, alone = f"{folder}/out", f"{folder}/alone"
        found["first"] = _run(*run, out, "--workers", str(workers))
        if is_small:
            found["first, one worker"] = _run(*run, alone, "--workers", "1")
            rmtree(alone)
        found["unchanged"] = _run(*run, out, "--workers", str(workers))
        if shape != "records":
            _change(raw)
            found["1 % changed"] = _run(*run, out, "--workers", str(workers))
    for many in sorted({1, workers}) if is_small else ():
        cost, said = measured(*python, "benchmarks.suite", "--part", "read_all", str(raw), "--workers", str(many))
        found[f"read, {many} worker{'s' if many > 1 else ''}"] = {**cost, **json.loads(said)}
    return found


def _peers(size: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The other pipelines to measure on this many bytes, by name, and the words that start them."""
    if not all(map(find_spec, ("rensa", "datasketch"))):
        return
    yield "floor", ("floor",)
    yield "assembled", ("assembled",)
    if size <= QUANTULUM and find_spec("quantulum3"):
        yield "assembled, quantulum3", ("assembled", "--figures", "quantulum3")


def _run(*command: str) -> Measure:
    """The cost of a run, with seconds by stage; for reading, parsing and figures, these are summed over all workers."""
    cost, said = measured(*command)
    return {**cost, "stages": {stage["stage"]: stage["seconds"] for stage in json.loads(said)["stages"]}}


def _change(raw: Path) -> None:
    """Add a new question with its answer to one page in a hundred."""
    from benchmarks.corpus import pairs

    pages, new = sorted(raw.rglob("*.txt")), pairs(seed=NEW)
    for path, pair in zip(pages[:: round(1 / CHANGED)], new, strict=False):
        with path.open("a", encoding="utf-8") as page:
            page.write(f"\n{pair}")


def median(measures: Sequence[Any]) -> Any:
    """The median of each number in measures of the same structure."""
    if isinstance(measures[0], dict):
        return {name: median([measure[name] for measure in measures]) for name in measures[0]}
    return sorted(measures)[len(measures) // 2]


def with_ratios(row: Measure, workers: int) -> Measure:
    """The measures of a corpus with two ratios: first run to reference, and one worker to all workers."""
    first, base = row["runs"]["first"], row["runs"]["reference"]
    found = {**row, "times the reference": {name: first[name] / base[name] for name in ("wall", "busy")}}
    for peer in PEERS:
        if peer in row["runs"]:
            found[f"times the {peer}"] = first["busy"] / row["runs"][peer]["busy"]
    alone, shared = (row["runs"].get(f"read, {n} worker{'s' if n > 1 else ''}") for n in (1, workers))
    if alone and shared:
        found["workers against one"] = alone["wall"] / shared["wall"]
    return found


# ---------------------------------------------------------------- all of it


def suite(
    sizes: Sequence[float], shapes: Sequence[str], workers: int, times: int, show: Callable[[str], None]
) -> Measure:
    """Measure every corpus of every size and shape this many times."""
    for package in ("pipeline", "benchmarks"):
        compileall.compile_dir(HERE.parent / package, quiet=1)
    rows = []
    for megabytes in sizes:
        for shape in shapes:
            measures = []
            for _ in range(times):
                with tempfile.TemporaryDirectory() as folder:
                    raw = Path(folder) / "raw"
                    size = corpus(raw, shape, megabytes)
                    files = sum(path.is_file() for path in raw.rglob("*"))
                    measures.append(measure_corpus(raw, shape, workers))
            row = {"shape": shape, "megabytes": size / 1e6, "files": files, "runs": median(measures)}
            rows.append(with_ratios(row, workers))
            show(summary(rows[-1]))
    made_at = datetime.now(UTC).isoformat(timespec="minutes")
    return {"made_at": made_at, "machine": machine(), "workers": workers, "times": times, "corpora": rows}


def machine() -> dict[str, str]:
    """The machine and the versions of the software."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = [line.partition(":")[2].strip() for line in info.splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ("duckdb", "pandas", "pyarrow", "qaledger")
    return {
        "processor": f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "packages": ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages),
    }


def summary(row: Measure) -> str:
    """A corpus in a few lines."""
    size = row["megabytes"]
    lines = [f"{size:,.1f} MB in {row['files']:,} file{'s' if row['files'] > 1 else ''}"]
    for name, cost in row["runs"].items():
        if name == "parts":
            lines += [
                f"  {part:20} {seconds / size:8.3f} s of processor time for a MB" for part, seconds in cost.items()
            ]
            continue
        lines.append(
            f"  {name:20} {cost['wall']:8.2f} s {cost['busy']:8.2f} s of processor time"
            f" {size / cost['wall']:7.2f} MB/s {cost['memory'] / 1e6:7.0f} MB of memory"
        )
    ratio = row["times the reference"]
    lines.append(f"  first run: {ratio['wall']:.1f} times the reference, {ratio['busy']:.1f} times in processor time")
    lines += [
        f"  first run: {row[name]:.1f} {name} in processor time"
        for name in map("times the {}".format, PEERS)
        if name in row
    ]
    if "workers against one" in row:
        lines.append(f"  the shared part: {row['workers against one']:.2f} times as fast as with one worker")
    return "\n".join(lines)


def table(results: Measure) -> str:
    """The corpora as a table in Markdown, with the machine above it."""
    seconds = ("reference", "first", "first, one worker", "unchanged", "1 % changed")
    names = ("", *seconds, "times the reference", "workers", "memory")
    on, many = "; ".join(results["machine"].values()), results["times"]
    how = f"{results['workers']} workers; {f'median of {many} runs' if many > 1 else 'one run'}"
    units = "Times are in seconds: wall time / processor time of all processes."
    lines = [
        f"Measured on {results['made_at'][:10]}: {on}; {how}. {units}",
        "",
        f"| {' | '.join(names)} |",
        f"|---|{'---:|' * (len(names) - 1)}",
    ]
    for row in results["corpora"]:
        runs, ratio = row["runs"], row["times the reference"]
        cells = [f"{row['megabytes']:,.1f} MB, {NAMES[row['shape']]}"]
        cells += [f"{runs[name]['wall']:.1f} / {runs[name]['busy']:.1f}" if name in runs else "" for name in seconds]
        shared = f"{row['workers against one']:.2f}" if "workers against one" in row else ""
        cells += [f"{ratio['wall']:.1f} / {ratio['busy']:.1f}", shared]
        lines.append("| " + " | ".join([*cells, f"{runs['first']['memory'] / 1e6:,.0f} MB"]) + " |")
    return "\n".join(lines) + "\n\n" + table_by_part(results)


def table_by_part(results: Measure) -> str:
    """Processor seconds per megabyte of a first run with one process by part, and of the other pipelines."""
    rows = [row for row in results["corpora"] if "parts" in row["runs"]]
    if not rows:
        return ""
    names = [f"{row['megabytes']:,.1f} MB, {NAMES[row['shape']]}" for row in rows]
    lines = [f"| processor seconds for a MB | {' | '.join(names)} |", f"|---|{'---:|' * len(rows)}"]
    for part in rows[0]["runs"]["parts"]:
        lines.append(_cells(part, [row["runs"]["parts"][part] / row["megabytes"] for row in rows]))
    lines.append(_cells("**sum**", [sum(row["runs"]["parts"].values()) / row["megabytes"] for row in rows]))
    for peer in PEERS:
        busy = [row["runs"][peer]["busy"] / row["megabytes"] if peer in row["runs"] else None for row in rows]
        lines += [_cells(peer, busy)] if any(busy) else []
    return "\n".join(lines) + "\n"


def _cells(name: str, values: Sequence[float | None]) -> str:
    return f"| {name} | {' | '.join('' if value is None else f'{value:.3f}' for value in values)} |"


def peers() -> dict[str, list[str]]:
    """The output of the benchmarks that compare qaledger with other tools."""
    found = {}
    for name in ("duplicates", "statistics"):
        said = measured(sys.executable, str(HERE / f"{name}.py"))[1]
        found[name] = said.splitlines()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=float, nargs="+", default=[1, 10, 100], help="sizes of the corpora in MB")
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=SHAPES[:3])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--peers", action="store_true", help="also measure other tools that are installed")
    parser.add_argument("--to", type=Path, default=HERE / "results", help="folder for the results")
    parser.add_argument("--part", choices=["reference", "read_all"], help=argparse.SUPPRESS)
    parser.add_argument("raw", type=Path, nargs="?", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part == "reference":
        reference(options.raw)
    elif options.part == "read_all":
        read_all(options.raw, options.workers)
    else:
        from benchmarks.picture import draw

        results = suite(options.mb, options.shapes, options.workers, options.times, partial(print, flush=True))
        if options.peers:
            results["peers"] = peers()
            print("\n".join(line for lines in results["peers"].values() for line in lines))
        options.to.mkdir(parents=True, exist_ok=True)
        (options.to / "suite.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
        (options.to / "suite.md").write_text(table(results), "utf-8")
        draw(results, options.to / "suite.png")


if __name__ == "__main__":
    main()
