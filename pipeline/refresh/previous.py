"""The published generation, as a new run compares its files with it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.errors import DatabaseDamaged, DatabaseNewer, NothingPublished, unreadable
from pipeline.extract.scan import Scan, SourceFile, file_of
from pipeline.storage.connection import open_generation
from pipeline.storage.generations import generations, is_unpublished
from pipeline.storage.manifest import Manifest
from pipeline.storage.statements import tables_in

_FAR_AHEAD_NS = 600_000_000_000  # ten minutes: clocks that run apart differ by less, so a clock or a time was set


@dataclass(frozen=True)
class Previous:
    """The published generation: its database file, its manifest, and the files it was built from.

    `db` stays open until the `with` block ends. `files` gives size and time of change by uri, `refused` holds the uris
    that could not be opened.
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

    def unlisted_files(self, scan: Scan, raw: Path) -> list[SourceFile]:
        """The files that were in folders which the scan could not list; they count as unchanged."""
        return [
            SourceFile(uri, str(raw.resolve() / uri), size, modified_ns)
            for uri, (size, modified_ns) in self.files.items()
            if scan.is_unlisted(uri)
        ]

    def is_unchanged(self, file: SourceFile, scanned_ns: int) -> bool:
        """Whether a file need not be read: same size and time, and not written while the last run scanned it.

        `scanned_ns` is when this run scanned it: a write since the last run would have replaced a time far ahead of it.
        """
        if self.files.get(file.uri) != (file.bytes, file.modified_ns):
            return False
        return file.settled_ns < self.manifest.scanned_ns or file.modified_ns > scanned_ns + _FAR_AHEAD_NS


def open_previous(out: Path) -> Previous | None:
    """The published generation of a folder, None without one. Raises `DatabaseDamaged`."""
    return _open(out, None)


def open_newest_whole(out: Path) -> Previous | None:
    """The newest generation of a folder that is not damaged, None without one: its history is all that a run needs."""
    for generation in reversed(generations(out)):
        if is_unpublished(out, generation):
            continue
        with suppress(DatabaseDamaged, DatabaseNewer):
            return _open(out, generation)
    return None


def _open(out: Path, generation: str | None) -> Previous | None:
    try:
        database, manifest, db = open_generation(out, generation, is_whole=True)
    except NothingPublished:
        return None
    try:
        known = db.execute("select uri, bytes, modified_ns from files").fetchall() if "files" in tables_in(db) else []
        files = {uri: (size, modified_ns) for uri, size, modified_ns in known}
        rejected = {uri for (uri,) in db.execute("select uri from rejects").fetchall()}
    except duckdb.Error as err:
        db.close()
        raise unreadable(database, err) from err
    refused = frozenset(uri for uri in rejected if uri not in files and file_of(uri, files) not in files)
    return Previous(database, manifest, db, files, refused)
