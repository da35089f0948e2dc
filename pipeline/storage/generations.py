"""Generations: the database of each run beside earlier ones, and a link to the published one.

    OUT/qa.duckdb -> generations/<id>.duckdb    the published database: a link, swapped in one atomic step
    OUT/generations/<id>.duckdb                 written once, checkpointed, never changed
    OUT/generations/<id>.json                   its manifest: rows and checksum of each table, SHA-256 of the file

A generation can be a folder of Parquet files instead (`forms`): OUT/qa.parquet -> generations/<id>.parquet.
Nothing heavy is imported here, so that listing generations and rolling back to one take a moment.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.errors import (
    BadQuery,
    DatabaseDamaged,
    DatabaseNewer,
    DiskFull,
    GenerationRemoved,
    NothingPublished,
    OutputUnusable,
    TablesUnreadable,
)
from pipeline.limits import KEEP, KEEP_RUNS
from pipeline.storage.forms import FORMS, PUBLISHED, form_of, is_folder, manifest_file, opened_file
from pipeline.storage.fsync import UNFINISHED, open_regular_file, remove, sync
from pipeline.storage.interrupts import ignore_interrupts
from pipeline.storage.journal import append_run, trim_long_journal
from pipeline.storage.manifest import Manifest, checked_manifest, manifest_of, sha256_of

GENERATIONS = "generations"
REMOVED = "removed.txt"  # in GENERATIONS: a line for each generation that a run removed, with the time and the run
PIN = ".pin"  # ending of the empty file beside a pinned generation
_log = logging.getLogger("qaledger.generations")


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation in a folder, as `qaledger generations` lists it."""

    id: str
    created_at: datetime
    version: str
    rows: Mapping[str, int]
    bytes: int
    is_published: bool
    is_read: bool
    is_pinned: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**asdict(self), "created_at": self.created_at.isoformat(), "rows": dict(self.rows)}

    def __str__(self) -> str:
        states = ("published", self.is_published), ("pinned", self.is_pinned), ("being read", self.is_read)
        notes = [state for state, holds in states if holds]
        documents, rows = self.rows.get("documents", 0), self.rows.get("qa", 0)
        nouns = "document" if documents == 1 else "documents", "row" if rows == 1 else "rows"
        counts = f"{documents:>9,} {nouns[0]:<9}{rows:>10,} {nouns[1]:<4} of qa"
        return f"{self.id}  {counts}{self.bytes / 1e6:>10,.1f} MB  {self.version}  {', '.join(notes)}".rstrip()


# ---------------------------------------------------------------- reading


def published(out: Path) -> Path:
    """The file or folder of the published generation. Raises `NothingPublished` and `TablesUnreadable`."""
    return published_link(out).resolve()


def published_link(out: Path) -> Path:
    """The link to the published generation.

    There are two for a moment, while one of another form is published: then the newer generation is the published one,
    whether it is the one that comes or, in a rollback, the one that goes. Raises as `published` does.
    """
    links = _published_links(out)
    if not links:
        raise NothingPublished(_links(out)[0])
    return max(links, key=lambda link: link.resolve().stem)


def is_published(out: Path) -> bool:
    """Whether a generation is published. Raises `TablesUnreadable`."""
    return bool(_published_links(out))


def _published_links(out: Path) -> list[Path]:
    try:
        return [link for link in _links(out) if link.exists()]  # one that leads to itself leads to no database either
    except OSError as err:
        raise TablesUnreadable(out, err) from err


def newest_form(out: Path) -> str:
    """The form of the published generation, where there is none of the newest one; DuckDB's where there is none.

    Raises `TablesUnreadable`.
    """
    if is_published(out):
        return form_of(published(out))
    known = generations(out)
    return form_of(_database(out, known[-1])) if known else FORMS[0]


def _links(out: Path) -> list[Path]:
    return [out / PUBLISHED[form] for form in FORMS]


def _database(out: Path, generation: str) -> Path:
    """The file or folder of a generation."""
    found = [out / GENERATIONS / f"{generation}.{form}" for form in FORMS]
    return next((database for database in found if database.exists()), found[0])


def generation_file(out: Path, generation: str | None) -> Path:
    """The file or folder of one generation, the published one by default.

    Raises `NothingPublished`, `GenerationRemoved`, and `BadQuery` for an id that no generation has or had.
    """
    if generation is None:
        return published(out)
    known = generations(out)
    if generation in known:
        return _database(out, generation).resolve()
    if removal := removal_of(out, generation):
        raise GenerationRemoved(generation, *removal)
    if not known:
        raise NothingPublished(_links(out)[0])
    raise BadQuery(f"{generation!r:.80} is not a generation; the generations are: {', '.join(known)}")


def decisions_file(out: Path) -> Path | None:
    """The file of decisions that the run of the published generation read; None if that is not noted."""
    noted = manifest_of(published(out)).decisions_file
    return Path(os.path.normpath(out.resolve() / noted)) if noted else None


def path_from(out: Path, file: Path) -> str:
    """The path of a file from the folder of the tables; neither has to exist."""
    return os.path.relpath(file.parent.resolve() / file.name, out.resolve())


def generations(out: Path) -> list[str]:
    """The ids of the generations in a folder, oldest first; a link that leads nowhere is none."""
    found = [path for form in FORMS for path in (out / GENERATIONS).glob(f"*.{form}")]
    return sorted({path.stem for path in found if not path.name.startswith(".") and path.exists()})


def new_id(out: Path, started: datetime) -> str:
    """The id of a generation that is built from now on: the time, as its order among the ids of a folder is its age.

    If the clock was set back, it is a microsecond more than the newest id.
    """
    earlier = [started - _MICROSECOND]
    for generation in generations(out):
        if not is_unpublished(out, generation):
            with contextlib.suppress(ValueError):  # a copy that somebody named
                earlier.append(datetime.strptime(generation, _ID).replace(tzinfo=UTC))
    return (max(earlier) + _MICROSECOND).strftime(_ID)


_ID, _MICROSECOND = "%Y%m%dT%H%M%S.%fZ", timedelta(microseconds=1)


def is_unpublished(out: Path, generation: str) -> bool:
    """Whether a run died before it published a generation; the next run removes it."""
    return (out / GENERATIONS / f"{UNFINISHED}{generation}.intent").exists()


def listed(out: Path) -> list[Generation]:
    """Every generation in a folder, newest first. Raises `NothingPublished` and `DatabaseDamaged`."""
    current = published(out)
    found = []
    for generation in reversed(generations(out)):
        database = generation_file(out, generation)
        manifest = manifest_of(database)
        found.append(
            Generation(
                id=generation,
                created_at=datetime.fromisoformat(manifest.created_at),
                version=manifest.version,
                rows={name: int(table["rows"]) for name, table in manifest.tables.items()},
                bytes=manifest.bytes,
                is_published=database == current,
                is_read=is_read(database),
                is_pinned=is_pinned(database),
            )
        )
    return found


def is_read(database: Path) -> bool:
    """Whether another process has a generation open: DuckDB holds a lock on every file that it reads."""
    try:
        handle = os.open(opened_file(database), os.O_RDWR)
    except OSError:
        return True
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


# ---------------------------------------------------------------- writing


@contextlib.contextmanager
def building(out: Path, generation: str, needed: int = 0) -> Iterator[Path]:
    """The path of a new generation's file, which is removed at the end unless it was published.

    What dead runs left is removed first, and there must be `needed` bytes of free space. Call it only while `locked`.
    Raises `DiskFull`, and `OutputUnusable` for every failure to write in `out`.
    """
    folder = out / GENERATIONS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_unfinished(out)
        path = folder / f"{UNFINISHED}{generation}.duckdb"
        path.touch()
        path.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as err:
        raise OutputUnusable(out, err) from err
    if free < needed:
        raise DiskFull(out, needed, free)
    try:
        yield path
    except OSError as err:
        names = [name for name in (err.filename, err.filename2) if name is not None]  # of a link, its target and itself
        if names and not any(Path(name).resolve().is_relative_to(out.resolve()) for name in names):
            raise  # a file that is not part of the output: our own mistake
        raise OutputUnusable(out, err) from err
    finally:
        with contextlib.suppress(OSError, TablesUnreadable):  # the next run cleans up again
            remove_unfinished(out)


def remove_unfinished(out: Path) -> None:
    """Remove what dead runs left: unfinished files, generations that were never published, half-removed ones."""
    folder = out / GENERATIONS
    current = published(out) if is_published(out) else Path()
    for intent in folder.glob(f"{UNFINISHED}*.intent"):
        generation = intent.name.removeprefix(UNFINISHED).removesuffix(".intent")
        if current.stem != generation:
            remove(folder / f"{generation}.{ending}" for ending in (*FORMS, "json"))
    orphaned = [note for note in folder.glob("*.json") if not note.with_suffix(".duckdb").exists()]
    outdated = [link for link in _links(out) if link.exists() and link.resolve() != current]
    remove([*orphaned, *outdated, *folder.glob(f"{UNFINISHED}*"), *out.glob(f"{UNFINISHED}*")])


def publish(
    out: Path,
    path: Path,
    manifest: Mapping[str, Any],
    run: Mapping[str, Any],
    keep: int = KEEP,
    keep_runs: int = KEEP_RUNS,
) -> Manifest:
    """Publish a finished file or folder: write its manifest, sync all to disk, replace the link in one atomic step.

    `run` is the line of the journal. A failure before the swap publishes nothing; a failure after it is a warning.
    """
    files = [*path.rglob("*")] if is_folder(path) else [path]
    size = sum(file.stat().st_size for file in files if file.is_file())
    sealed = Manifest(sha256=sha256_of(opened_file(path)), bytes=size, **manifest)
    folder = out / GENERATIONS
    final = folder / f"{sealed.generation}{path.suffix}"
    note = manifest_file(path)
    note.write_text(sealed.text(), "utf-8")
    for written in {*files, path, note}:
        sync(written)
    intent = folder / f"{UNFINISHED}{sealed.generation}.intent"
    intent.touch()
    sync(folder)
    if not is_folder(path):
        note.replace(manifest_file(final))
    path.replace(final)
    sync(folder)
    ignore_interrupts()
    _swap(out, final)
    with _warn_on_failure("the tables are published, but the journal or the removal of old generations failed"):
        sync(out)
        append_run(out, run)
        trim_long_journal(out, keep_runs)
        retire(out, keep, str(run.get("run_id", "")))
        intent.unlink()
    return sealed


def confirm(out: Path, run: Mapping[str, Any], keep: int = KEEP, keep_runs: int = KEEP_RUNS) -> None:
    """Note that a run found the published generation up to date. `run` is the line of the journal.

    Call it only while `locked`. Raises `OutputUnusable`.
    """
    try:
        append_run(out, run)
    except OSError as err:
        raise OutputUnusable(out, err) from err
    with _warn_on_failure("the run is in the journal, but the removal of old generations failed"):
        remove_unfinished(out)
        trim_long_journal(out, keep_runs)
        retire(out, keep, str(run.get("run_id", "")))


def rollback(out: Path, generation: str | None, run: Mapping[str, Any]) -> Manifest:
    """Publish an older generation again, by default the newest that is older than the published one.

    Call it only while `locked`. `run` is the line of the journal, without its generation. Raises `NothingPublished`,
    `BadQuery` and `DatabaseDamaged`.
    """
    remove_unfinished(out)
    current = published(out).stem
    older = [id_ for id_ in generations(out) if id_ < current]
    if generation is None and not older:
        raise BadQuery(f"{out}: no generation is older than the published one ({current}); nothing was changed")
    wanted = generation if generation is not None else older[-1]
    database = generation_file(out, wanted)
    manifest = checked_manifest(database)
    ignore_interrupts()
    try:
        _swap(out, database)
    except OSError as err:
        raise OutputUnusable(out, err) from err
    with _warn_on_failure("the generation is published, but the journal was not written"):
        sync(out)
        append_run(out, {**run, "generation": wanted})
    return manifest


def _swap(out: Path, database: Path) -> None:
    link = out / f"{UNFINISHED}link"
    remove([link])
    link.symlink_to(Path(GENERATIONS) / database.name)
    link.replace(out / PUBLISHED[form_of(database)])
    remove(other for other in _links(out) if other.name != PUBLISHED[form_of(database)])


@contextlib.contextmanager
def _warn_on_failure(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        _log.warning("%s: %s", what, err)


def retire(out: Path, keep: int, run_id: str = "") -> None:
    """Remove the oldest generations; the newest `keep` whose tables differ stay, the published one among them.

    Pinned ones and those being read stay as well. `run_id` is the run that removes them.
    """
    current = published(out)
    databases = [_database(out, generation) for generation in reversed(generations(out))]
    contents = {_content(current)}
    for database in databases:
        content = _content(database)
        if database.stem == current.stem or is_pinned(database):
            continue
        if content not in contents and len(contents) < keep:
            contents.add(content)
        elif is_read(database):
            _log.info("generation %s is being read; it is removed after a later run", database.stem)
        else:
            _note_removed(out, database.stem, run_id)
            gone = database.replace(database.with_name(f"{UNFINISHED}{database.name}"))  # a folder goes file by file
            remove([gone, database.with_suffix(".json")])


_OF_RUNS = ("runs", "changes", "files")  # tables that differ although the same was found
# Tables with times, so their checksums differ from run to run. Only their numbers of rows are compared: where anything
# else in them differs, so do tables that are made from them.
_TIMED = ("qa", "documents")


def _content(database: Path) -> object:
    """What is equal for generations with the same tables but for the columns that say when."""
    try:
        tables = manifest_of(database).tables
    except (DatabaseDamaged, DatabaseNewer):
        return database  # like no other
    notes = ((name, note) for name, note in sorted(tables.items()) if name not in _OF_RUNS)
    return tuple((name, note["rows"], () if name in _TIMED else tuple(sorted(note.items()))) for name, note in notes)


def _note_removed(out: Path, generation: str, run_id: str) -> None:
    """Note when, and by which run, a generation is removed, for people who cite it."""
    handle = open_regular_file(out / GENERATIONS / REMOVED, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.write(f"{generation} {datetime.now(UTC):%Y-%m-%d %H:%M:%S} {run_id}\n")


def removal_of(out: Path, generation: str) -> tuple[str, str] | None:
    """When a run removed a generation, and its id ("" in notes of older versions); None if no run did."""
    try:
        with os.fdopen(open_regular_file(out / GENERATIONS / REMOVED, os.O_RDONLY), "rb") as file:
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return None
    found = next((line.split() for line in lines if line.startswith(f"{generation} ")), None)
    return (" ".join(found[1:3]), " ".join(found[3:])) if found else None


# ---------------------------------------------------------------- pins


def is_pinned(database: Path) -> bool:
    """Whether people pinned a generation, so that no run removes it."""
    return database.with_suffix(PIN).exists()


def pin(out: Path, generation: str, pinned: bool = True) -> None:
    """Pin a generation, so that no run removes it, or unpin it.

    Raises `NothingPublished`, `BadQuery` (no such generation) and `OutputUnusable`.
    """
    note = generation_file(out, generation).with_suffix(PIN)
    try:
        if pinned:
            note.touch()
        else:
            note.unlink(missing_ok=True)
        sync(note.parent)
    except OSError as err:
        raise OutputUnusable(out, err) from err
