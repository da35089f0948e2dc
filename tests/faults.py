"""Disturbs runs, by killing them or by letting their disk fail, and checks what must be true afterwards.

A run is a process of its own, forked from a server that has the imports done, so that hundreds of them are cheap.
"""

from __future__ import annotations

import codecs
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from forked import SERVER

import pipeline
from pipeline.cli import main
from pipeline.errors import NothingPublished, PipelineError
from pipeline.ledger.verify import verify
from pipeline.storage import build, connection, generations, lock
from pipeline.storage.fsync import UNFINISHED
from pipeline.storage.journal import JOURNAL, journal
from pipeline.storage.manifest import checked_manifest, sha256_of
from pipeline.storage.schema import TABLES

WHEN = {"first_seen_at", "last_seen_at", "last_changed_at"}
HISTORY = {"runs", "changes", "files"}

PAGES = {
    "biopsy.txt": "What is a biopsy?\nA small sample of tissue.\n\nHow long does it take?\nAbout 20 minutes.\n",
    "sample.txt": "How long does it take?\nAbout 20 minutes.\nWho reads the sample?\nA pathologist.\n",
    "cost.txt": "What does it cost?\nAbout $250. Insurance pays 80 percent.\n",
}
EDITS = {
    "biopsy.txt": "What is a biopsy?\nA sample of tissue, looked at closely.\n\nDoes it hurt?\nA little.\n",
    "sample.txt": None,
    "scan.txt": "What is a scan?\nA picture. It costs $900.\nWho reads the sample?\nA pathologist.\n",
}


@dataclass(frozen=True)
class Situation:
    """A published folder, pages that changed since, and digests of the tables before and after an undisturbed run."""

    raw: Path
    published: Path
    before: str
    after: str
    first_run: str | None
    born: Mapping[str, str]

    def at_first(self) -> Situation:
        """The same with nothing published yet."""
        nothing = self.published.with_name("nothing")
        nothing.mkdir(exist_ok=True)
        return replace(self, published=nothing, first_run=None, born={})

    def when_nothing_changed(self) -> Situation:
        """The same after the run, when another one has nothing to do."""
        return replace(self, published=self.published.with_name("undisturbed"), before=self.after)

    def copy_to(self, out: Path) -> Path:
        """Copy the folder, as it is before the disturbed run, to `out`."""
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(self.published, out, symlinks=True)
        return out


def prepare_situation(base: Path, pages: Mapping[str, str] | None = None, tables: str | None = None) -> Situation:
    raw, published, undisturbed = base / "raw", base / "published", base / "undisturbed"
    raw.mkdir()
    for name, text in (pages or PAGES).items():
        (raw / name).write_text(text)
    (base / "decisions.jsonl").write_text("")
    first = pipeline.run(raw, published, workers=1, tables=tables)
    before = digest(published)
    for name, text in EDITS.items():
        if text is None:
            (raw / name).unlink()
        else:
            (raw / name).write_text(text)
    shutil.copytree(published, undisturbed, symlinks=True)
    pipeline.run(raw, undisturbed, workers=1)
    return Situation(raw, published, before, digest(undisturbed), first.run_id, born(undisturbed))


def digest(out: Path) -> str:
    """A digest of what equal input must give: every row of every table in order, without the times."""
    with connection.open_generation(out).db as db:
        parts = []
        for name in sorted(set(TABLES) - HISTORY):
            columns = ", ".join(f'"{column}"' for column in db.table(name).columns if column not in WHEN)
            rows = f'select row_number() over () as place, {columns} from "{name}"'
            sql = f"select count(*), bit_xor(hash(t)) from ({rows}) t"
            parts.append(f"{name} {db.execute(sql).fetchall()}")
    return "\n".join(parts)


def state_of(out: Path) -> frozenset[tuple[str, str]]:
    """The files of a folder with what they contain, but for the lock and the times and errors in the journal."""
    found = []
    for path in out.rglob("*"):
        name = str(path.relative_to(out))
        if name == JOURNAL:
            found.append((name, str([run["status"] for run in journal(out)])))
        elif name not in (lock.LOCK, "run_results.json"):
            is_file = path.is_file() and not path.is_symlink()
            found.append((name, sha256_of(path) if is_file else os.path.realpath(path)))
    return frozenset(found)


def born(out: Path) -> dict[str, str]:
    """When each row of qa that the first run published was first seen."""
    with connection.open_generation(out).db as db:
        sql = "select qa_id, first_seen_at::varchar from qa where first_seen_at < (select max(started_at) from runs)"
        return dict(db.execute(sql).fetchall())


# ---------------------------------------------------------------- runs that are disturbed


class Run:
    """A run in its own process, like the command, disturbed by a function that is called first.

    `Run(raw, out, die_at, 3).ended()` gives its exit code, negative the signal that ended it, and its error.
    """

    def __init__(self, raw: Path, out: Path, disturb: Callable[..., None] | None = None, *args: Any) -> None:
        self._error, report = SERVER.Pipe(duplex=False)
        self.process = SERVER.Process(target=_refresh, args=(report, raw, out, disturb, *args))
        self.process.start()
        report.close()

    def killed_after(self, seconds: float) -> tuple[int, str]:
        self.process.join(seconds)
        self.process.kill()
        return self.ended()

    def ended(self) -> tuple[int, str]:
        self.process.join(120)
        if self.process.exitcode is None:
            self.process.kill()
            raise AssertionError("a run did not end within two minutes")
        try:
            return self.process.exitcode, self._error.recv()
        except EOFError:
            return self.process.exitcode, ""


def _refresh(report: Any, raw: Path, out: Path, disturb: Callable[..., None] | None, *args: Any) -> None:
    if disturb is not None:
        disturb(out, *args)
    try:
        code, error = pipeline.run(raw, out, workers=1).exit_code, ""
    except PipelineError as err:
        code, error = err.exit_code, str(err)
    report.send(error)
    sys.exit(code)


def die_at(out: Path, point: int) -> None:
    """Have this process killed just before its `point`-th call that names a file below `out`."""
    seen = 0

    def hook(event: str, args: tuple[object, ...]) -> None:
        nonlocal seen
        if _touches(event, args, str(out)):
            seen += 1
            if seen == point:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def note_points(out: Path, notes: Path) -> None:
    """Write down the calls at which `die_at` can kill."""
    handle = notes.open("a", buffering=1)

    def hook(event: str, args: tuple[object, ...]) -> None:
        if _touches(event, args, str(out)):
            handle.write(event + "\n")

    sys.addaudithook(hook)


def _touches(event: str, args: tuple[object, ...], out: str) -> bool:
    if event == "fcntl.flock":
        return True
    return any(isinstance(arg, str | os.PathLike) and os.fspath(arg).startswith(out) for arg in args)


def limit_files(out: Path, size: int) -> None:
    """Let no file grow beyond `size` bytes, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def be_nobody(out: Path) -> None:
    """Continue without the right to write to the folder; root drops its rights, everyone else the folder's."""
    codecs.lookup("utf-8-sig")  # nobody may not be able to read Python's own files
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    else:
        for folder in (out, out / generations.GENERATIONS):
            folder.chmod(0o555)


def be_another_machine(out: Path, name: str) -> None:
    """Take a lock of this name, which no other process knows, and report no error."""
    lock.LOCK = name
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def query_instead(path: Path, query: str, at_work: Any) -> None:
    """Have the command of this process run a query in a new generation, and set the event once it is about to."""

    def run_query(**_: object) -> None:
        with build.new_generation(path, threads=2) as db:
            at_work.set()
            db.execute(query)

    main.cli.main = run_query  # type: ignore[method-assign]


# ---------------------------------------------------------------- what must hold


def faults_before_rerun(situation: Situation, out: Path) -> list[str]:
    """The faults a disturbed run left: the published tables must be the old or the new ones."""
    try:
        checked_manifest(generations.published(out))
        if digest(out) not in (situation.before, situation.after):
            return ["the published tables are neither the old nor the new ones"]
    except NothingPublished:
        return ["nothing is published any more"] if generations.is_published(situation.published) else []
    except PipelineError as err:
        return [f"unreadable: {err}"]
    return []


def faults_after_rerun(situation: Situation, out: Path, laws: bool = True) -> list[str]:
    """What one plain run does not repair."""
    try:
        ledger = pipeline.run(situation.raw, out, workers=1)
    except PipelineError as err:
        return [f"the rerun failed: {err}"]
    faults = []
    if digest(out) != situation.after:
        faults.append("the rerun made other tables")
    with connection.open_generation(out).db as db:
        runs = {run for (run,) in db.execute("select run_id from runs").fetchall()}
    noted = {run["run_id"] for run in journal(out)}
    if not {situation.first_run or ledger.run_id, ledger.run_id} <= runs | noted:
        faults.append("a run was forgotten")
    if not situation.born.items() <= born(out).items():
        faults.append("when a row was first seen was forgotten")
    faults += [f"left over: {path}" for path in out.rglob(f"{UNFINISHED}*")]
    folder = out / generations.GENERATIONS
    generation_ids = generations.generations(out)
    manifests = [*folder.glob("*.json"), *(path.parent for path in folder.glob("*.parquet/manifest.json"))]
    if len(generation_ids) > generations.KEEP or {path.stem for path in manifests} != set(generation_ids):
        faults.append(f"generations: {sorted(path.name for path in folder.iterdir())}")
    if laws:
        faults += [str(finding) for finding in verify(out) if not finding.is_ok]
    return faults


def faults_of(situation: Situation, out: Path, laws: bool = True) -> list[str]:
    return faults_before_rerun(situation, out) or faults_after_rerun(situation, out, laws)
