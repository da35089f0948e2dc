"""The one door to DuckDB: write a generation, publish it, open what is published.

    OUT/qa.duckdb -> generations/<id>.duckdb    the published database: a link, swapped in one atomic step
    OUT/generations/<id>.duckdb                 written once, checkpointed, then never again
    OUT/generations/<id>.json                   its manifest: rows and checksum of each table, SHA-256 of the file
    OUT/runs.jsonl                              the journal: one line for each run, failed ones too
    OUT/.lock                                   held by the one run that writes, with its process id

A read-only connection blocks a writer of the same file, and a write-ahead log cut short loses rows in silence; so
a published file is never written to and never has a log beside it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline.errors import DatabaseDamaged, NothingPublished, OutputUnusable, RunLocked
from pipeline.schema import TABLES, Table, columns, ddl, duckdb_type, fit

PUBLISHED = "qa.duckdb"
GENERATIONS = "generations"
JOURNAL = "runs.jsonl"
LOCK = ".lock"
KEEP = 3  # generations left beside each other: the published one, and two to go back to
_BUILDING = ".building-"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of.

    `rules` and `decisions` are digests of the code and of people's decisions that made it, `scanned_ns` is when its
    files were looked at, `tables` gives each table's rows and an order-free checksum.
    """

    generation: str
    created_at: str
    version: str
    rules: str
    decisions: str
    scanned_ns: int
    sha256: str
    bytes: int
    tables: dict[str, dict[str, str | int]]

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Raises `DatabaseDamaged` when there is no readable manifest beside the database."""
        try:
            return cls(**json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as err:
            raise DatabaseDamaged(path, f"its manifest cannot be read: {err}") from err


# ---------------------------------------------------------------- queries


@cache
def statement(name: str) -> str:
    """The text of `sql/<name>.sql`."""
    return Path(__file__).with_name("sql").joinpath(f"{name}.sql").read_text("utf-8")


def query(db: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> pd.DataFrame:
    """The answer of `sql/<name>.sql`, lists as Python lists."""
    return frame_of(db.sql(statement(name), params=parameters or None))


def frame_of(answer: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """A DuckDB answer as a frame: text as `str`, whole numbers as `Int64`, times in UTC, lists as Python lists.

    By Arrow, not DuckDB's own `df()`: that makes floats of whole numbers with gaps.
    """
    arrow = answer.to_arrow_table()
    fields = [pa.field(f.name, _PLAINER.get(_shape(f.type), f.type)) for f in arrow.schema]
    frame: pd.DataFrame = arrow.cast(pa.schema(fields)).to_pandas(types_mapper=_PANDAS.get)
    for name in frame.columns:
        if frame[name].dtype == object:
            frame[name] = pd.Series([_plain(value) for value in frame[name]], dtype=object, index=frame.index)
    return frame


def _shape(kind: pa.DataType) -> str:
    return "decimal" if pa.types.is_decimal(kind) else "time" if pa.types.is_timestamp(kind) and kind.tz else "other"


# Sums of whole numbers are HUGEINT, a decimal to Arrow; times come in the session's zone, which is UTC.
_PLAINER = {"decimal": pa.float64(), "time": pa.timestamp("us", "UTC")}
_PANDAS = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int64Dtype()}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, np.ndarray) else value


def create(db: duckdb.DuckDBPyConnection) -> None:
    """Make every table, empty, its columns described."""
    for name in TABLES:
        for sql in ddl(name):
            db.execute(sql)


def write(db: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """Add the rows of `frame` to a table; they must fit it. Raises `TableRejected`."""
    table = TABLES[name]
    arrow = to_arrow(table, fit(table, frame))
    db.register("incoming", arrow)
    db.execute(f'INSERT INTO "{name}" SELECT * FROM incoming')
    db.unregister("incoming")


_ARROW = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "BOOLEAN": pa.bool_(), "DOUBLE": pa.float64()}


def lay(db: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """Let queries see a frame, or those of a table's columns that it has, under the table's name."""
    db.register(name, to_arrow(TABLES[name], frame))


def to_arrow(table: type[Table], frame: pd.DataFrame) -> pa.Table:
    """The frame as Arrow with the types its table is stored by; columns it does not have are left out."""
    arrays = {}
    for name, column in columns(table).items():
        if name not in frame.columns:
            continue
        sql = duckdb_type(column)
        if sql == "TIMESTAMPTZ":
            arrays[name] = pa.Array.from_pandas(frame[name], type=pa.timestamp("us", "UTC"))
        else:
            values = frame[name].tolist() if frame[name].dtype == object else frame[name]
            arrays[name] = pa.Array.from_pandas(values, type=_arrow_type(sql))
    return pa.table(arrays)


@cache
def _arrow_type(sql: str) -> pa.DataType:
    if sql in _ARROW:
        return _ARROW[sql]
    with duckdb.connect() as db:
        return db.sql(f"SELECT CAST(NULL AS {sql}) AS value").to_arrow_table().schema.field("value").type


def read_table(db: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    """A published table as a frame that fits its schema."""
    return fit(TABLES[name], frame_of(db.table(name)))


# ---------------------------------------------------------------- opening


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """A generation, read only, with no way from it to the file system or the network.

    Raises `NothingPublished` and `DatabaseDamaged`.
    """
    if not path.exists():
        raise NothingPublished(path)
    try:
        db = duckdb.connect(str(path.resolve()), read_only=True)
        _lock_down(db)
        known = {name for (name,) in db.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    except duckdb.Error as err:
        raise DatabaseDamaged(path, err) from err
    missing = sorted(set(TABLES) - known)
    if missing:
        db.close()
        raise DatabaseDamaged(path, f"it has no table {missing[0]}")
    return db


def _lock_down(db: duckdb.DuckDBPyConnection) -> None:
    """No way to the file system or the network. Connections of one process to one file share these settings."""
    if db.execute("SELECT current_setting('lock_configuration')").fetchall()[0][0]:
        return
    for setting in ("TimeZone = 'UTC'", "enable_external_access = false", "lock_configuration = true"):
        db.execute(f"SET {setting}")


def published(out: Path) -> Path:
    """The file of the published generation. Raises `NothingPublished`."""
    link = out / PUBLISHED
    if not link.exists():
        raise NothingPublished(link)
    return link.resolve()


def generation_file(out: Path, generation: str | None) -> Path:
    """The file of one generation, the published one by default. Raises `NothingPublished`."""
    if generation is None:
        return published(out)
    path = out / GENERATIONS / f"{Path(generation).name}.duckdb"
    if not path.exists():
        raise NothingPublished(path)
    return path.resolve()


def manifest_of(database: Path) -> Manifest:
    return Manifest.read(database.with_suffix(".json"))


def generations(out: Path) -> list[str]:
    """The ids of the generations in a folder, oldest first."""
    return sorted(path.stem for path in (out / GENERATIONS).glob("*.duckdb") if not path.name.startswith("."))


# ---------------------------------------------------------------- writing


@contextlib.contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the folder's one writing place. Raises `RunLocked` at once when another process does."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        handle = os.open(out / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as err:
        raise OutputUnusable(out, err) from err
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise RunLocked(out, os.read(handle, 32).decode().strip() or "unknown") from err
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


@contextlib.contextmanager
def building(out: Path, generation: str) -> Iterator[Path]:
    """A place for a new generation's file, taken away again when it was not published.

    What dead runs left is removed first. Call it only while `locked`. Raises `OutputUnusable`.
    """
    folder = out / GENERATIONS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove(folder.glob(f"{_BUILDING}*"))
        place = folder / f"{_BUILDING}{generation}.duckdb"
        place.touch()
        place.unlink()
    except OSError as err:
        raise OutputUnusable(out, err) from err
    try:
        yield place
    except duckdb.IOException as err:
        raise OutputUnusable(out, OSError(str(err).splitlines()[0])) from err
    except OSError as err:
        raise OutputUnusable(out, err) from err
    finally:
        _remove(folder.glob(f"{_BUILDING}*"))


def open_new(place: Path | None) -> duckdb.DuckDBPyConnection:
    """A database to write to: a file, or memory when there is no place."""
    db = duckdb.connect(str(place) if place else ":memory:")
    db.execute("SET TimeZone = 'UTC'")
    return db


def close_for_good(db: duckdb.DuckDBPyConnection, place: Path) -> dict[str, dict[str, str | int]]:
    """Checkpoint and close a new generation; its tables' rows and checksums. No log is left beside it."""
    tables = checksums(db)
    db.execute("CHECKPOINT")
    db.close()
    log = place.with_name(place.name + ".wal")
    if log.exists():
        raise DatabaseDamaged(place, "a write-ahead log was left after the checkpoint")
    return tables


def checksums(db: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str | int]]:
    """Rows and an order-free checksum of each table."""
    found: dict[str, dict[str, str | int]] = {}
    for name in TABLES:
        sql = f'SELECT count(*), coalesce(bit_xor(hash(t)), 0)::VARCHAR FROM "{name}" t'
        rows, checksum = db.execute(sql).fetchall()[0]
        found[name] = {"rows": rows, "checksum": checksum}
    return found


def publish(out: Path, place: Path, manifest: Mapping[str, Any], keep: int = KEEP) -> Manifest:
    """Make a finished file the published generation: manifest beside it, all on disk, then one atomic swap."""
    sealed = Manifest(sha256=sha256_of(place), bytes=place.stat().st_size, **manifest)
    final = out / GENERATIONS / f"{sealed.generation}.duckdb"
    note = place.with_suffix(".json")
    note.write_text(json.dumps(asdict(sealed), indent=1) + "\n", "utf-8")
    for path in (place, note):
        _sync(path)
    note.replace(final.with_suffix(".json"))
    place.replace(final)
    _sync(final.parent)
    link = out / f"{_BUILDING}link"
    _remove([link])
    link.symlink_to(Path(GENERATIONS) / final.name)
    link.replace(out / PUBLISHED)
    _sync(out)
    _retire(out, sealed.generation, keep)
    return sealed


def _retire(out: Path, published_id: str, keep: int) -> None:
    """Remove the oldest generations; a reader that holds one open keeps its file until it closes it."""
    others = [generation for generation in generations(out) if generation != published_id]
    for generation in others[: max(0, len(others) - (keep - 1))]:
        _remove(out / GENERATIONS / f"{generation}{ending}" for ending in (".duckdb", ".json"))


def copy(source: Path, place: Path) -> None:
    """Copy a generation to a new place. Raises `DatabaseDamaged` when it is not what its manifest says."""
    if sha256_of(source) != manifest_of(source).sha256:
        raise DatabaseDamaged(source, "its SHA-256 is not the one in its manifest")
    shutil.copyfile(source, place)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(paths: Any) -> None:
    for path in list(paths):
        path.unlink(missing_ok=True)


# ---------------------------------------------------------------- the journal


def append_run(out: Path, run: Mapping[str, Any]) -> None:
    """Add one run to the journal, on disk before it returns."""
    with (out / JOURNAL).open("ab+") as file:
        if file.tell() and file.seek(-1, os.SEEK_END) and file.read(1) != b"\n":
            file.write(b"\n")  # a crash cut the last line short
        file.write(json.dumps(run, default=str).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def journal(out: Path) -> list[dict[str, Any]]:
    """Every run so far, oldest first; a line that a crash cut short is left out."""
    try:
        lines = (out / JOURNAL).read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    runs = []
    for line in lines:
        with contextlib.suppress(ValueError):
            runs.append(json.loads(line))
    return runs
