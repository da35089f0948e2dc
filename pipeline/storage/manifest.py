"""Reads manifests: what a generation was built from, and checksums of what is in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from pipeline.errors import DatabaseDamaged, DatabaseNewer, ResourcesMissing, lacks_resources, unreadable
from pipeline.storage.forms import manifest_file, opened_file

FORMAT = 1  # of the tables and the manifest; a database with a higher one cannot be read

TableNote = dict[str, str | int]  # rows, and a checksum that is independent of row order
PartNote = dict[str, str | int]  # rows, bytes and sha256


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was built from, and checksums of what is in it.

    `rules`, `topics`, `decisions` and `embedder` are digests of the code, of the taxonomy, of people's decisions and of
    the embedding model (empty without one). `scanned_ns`: when its files were scanned. `tables`: rows and a checksum,
    independent of row order, of each table. `format`: which tables and columns there are. `decisions_file`: the path of
    people's decisions, from the folder of the tables, so that both can be moved together. `parts`: the Parquet files of
    a generation that is a folder, by their paths in it, in order; `sha256` is then that of its views, and `bytes` those
    of all files.
    """

    generation: str
    created_at: str
    version: str
    rules: str
    decisions: str
    scanned_ns: int
    sha256: str
    bytes: int
    tables: dict[str, TableNote]
    format: int = FORMAT
    topics: str = ""  # empty in generations from before the taxonomy had its own digest
    embedder: str = ""
    decisions_file: str = ""  # empty in generations from before it was noted
    parts: dict[str, PartNote] = field(default_factory=dict)

    @classmethod
    def read(cls, database: Path) -> Manifest:
        """Read that of a generation. Raises `DatabaseDamaged` when it is missing or changed, `DatabaseNewer`."""
        path = manifest_file(database)
        try:
            fields_ = _unsealed(path.read_bytes())
            if fields_["format"] > FORMAT:
                raise DatabaseNewer(database, str(fields_["version"]))
            return cls(**{one.name: fields_[one.name] for one in fields(cls) if one.name in fields_})
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as err:
            if lacks_resources(err):
                raise ResourcesMissing(err) from err
            raise DatabaseDamaged(path, f"its manifest cannot be read: {err}") from err

    def files_of(self, database: Path) -> dict[Path, str]:
        """The SHA-256 of each file of this generation, except that of the manifest."""
        parts = {database / name: str(note["sha256"]) for name, note in self.parts.items()}
        return {opened_file(database): self.sha256, **parts}

    def text(self) -> str:
        """The manifest as JSON, with a digest of itself."""
        return _sealed(asdict(self))


def _sealed(manifest: Mapping[str, Any]) -> str:
    seal = hashlib.sha256(json.dumps(manifest).encode()).hexdigest()
    return json.dumps({**manifest, "seal": seal}, indent=1) + "\n"


def _unsealed(data: bytes) -> dict[str, Any]:
    """The fields of a manifest; raises `ValueError` when a single bit changed. Format 0 had no seal."""
    manifest: dict[str, Any] = json.loads(data)
    if "format" not in manifest and "seal" not in manifest:
        return {**manifest, "format": 0}
    manifest.pop("seal", None)
    if _sealed(manifest).encode() != data:
        raise ValueError("it was changed after it was written")
    return manifest


def manifest_of(database: Path) -> Manifest:
    """The manifest of a generation. Raises `DatabaseDamaged` and `DatabaseNewer`."""
    return Manifest.read(database)


def checked_manifest(database: Path) -> Manifest:
    """The manifest of a generation. Raises `DatabaseDamaged` when one of its files is not what the manifest says."""
    manifest = manifest_of(database)
    for file, expected in manifest.files_of(database).items():
        try:
            digest = sha256_of(file)
        except OSError as err:
            raise unreadable(file, err) from err
        if digest != expected:
            raise DatabaseDamaged(file, "its SHA-256 is not the one in its manifest")
    return manifest


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
