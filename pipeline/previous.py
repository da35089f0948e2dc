"""What the last run published, and what of it a new run may use again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from pipeline.errors import DatabaseDamaged, NothingPublished
from pipeline.extract.files import SourceFile, file_of
from pipeline.extract.options import ReadOptions
from pipeline.storage.connection import open_generation, tables_in
from pipeline.storage.generations import Manifest


@dataclass(frozen=True)
class Previous:
    """The published generation: its file and manifest, and what it was made from.

    `db` stays open until the `with` block ends. `files` gives size and time of change by uri,
    `refused` the uris that could not be opened.
    """

    database: Path
    manifest: Manifest
    db: duckdb.DuckDBPyConnection
    files: dict[str, tuple[int, int]]
    refused: frozenset[str]

    def __enter__(self) -> Previous:
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()

    def is_unchanged(self, file: SourceFile) -> bool:
        """Whether a file can be left unread: same size and time, and not written while the last run looked at it."""
        if self.files.get(file.uri) != (file.bytes, file.modified_ns):
            return False
        return file.settled_ns < self.manifest.scanned_ns


def previous(out: Path) -> Previous | None:
    """The published generation of a folder, or none. Raises `DatabaseDamaged`."""
    try:
        database, manifest, db = open_generation(out)
    except NothingPublished:
        return None
    try:
        known = db.execute("select uri, bytes, modified_ns from files").fetchall() if "files" in tables_in(db) else []
        files = {uri: (size, modified_ns) for uri, size, modified_ns in known}
        rejected = {uri for (uri,) in db.execute("select uri from rejects").fetchall()}
    except duckdb.Error as err:
        db.close()
        raise DatabaseDamaged(database, err) from err
    refused = frozenset(uri for uri in rejected if uri not in files and file_of(uri, files) not in files)
    return Previous(database, manifest, db, files, refused)


@cache
def rules_digest(options: ReadOptions) -> str:
    """A digest of every rule a run follows, but for topics: code, SQL and data, DuckDB, and how files are to be read.

    Other rules, and all is made again.
    """
    digest = hashlib.sha256(repr((options, duckdb.__version__)).encode())
    for path in _rules():
        if _TAGGING not in path.parents:
            _add(digest, path)
    return digest.hexdigest()


@cache
def tagging_digest(taxonomy_version: str) -> str:
    """A digest of the taxonomy and of the code that applies it. Another one, and all rows are tagged again."""
    digest = hashlib.sha256(taxonomy_version.encode())
    for path in _rules():
        if _TAGGING in path.parents and path.suffix == ".py":
            _add(digest, path)
    return digest.hexdigest()


_ROOT = Path(__file__).parent
_TAGGING = _ROOT / "topics"  # what tells the topics of a row, and nothing else


def _rules() -> list[Path]:
    return sorted(p for p in _ROOT.rglob("*") if p.suffix in (".py", ".sql", ".toml"))


def _add(digest: hashlib._Hash, path: Path) -> None:
    digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
