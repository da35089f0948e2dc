"""Stores the vectors of a run beside its output, so that the next run asks the model for new texts alone.

One file, OUT/vectors.npz: a digest of the model, and a digest and a vector of each text of the last run. It can be
deleted: vectors that are missing or cannot be read are computed again. The next run drops those of removed texts.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.duplicates.embeddings import BATCH, load_model, package_of
from pipeline.storage.fsync import UNFINISHED, sync

__all__ = ["CachedEmbedder", "digest_of_model"]

FILE = "vectors.npz"
DIGEST = 16  # bytes of a text's digest

Vectors = npt.NDArray[np.float32]
Digests = npt.NDArray[np.void]


def digest_of_model(folder: Path) -> str:
    """A digest of the names and contents of a model's files except its README, by which a run notices another model."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").digest()
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + content)
    return digest.hexdigest()


class CachedEmbedder:
    """The model in a folder, asked only for texts whose vectors are not in the cache of `out`.

    Only `save` writes. The model itself is loaded when a text is first missing.
    """

    def __init__(self, folder: Path, out: Path) -> None:
        """Raises `EmbedderUnusable`."""
        package_of(folder)
        self.digest = digest_of_model(folder)
        self.missing = 0
        self._folder, self._file = folder, out / FILE
        self._last: tuple[Digests, Vectors] | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One vector for each text, as the model gives it. Raises `EmbedderUnusable`."""
        wanted = _digests(texts)
        known, vectors = self._load()
        row = {digest.tobytes(): number for number, digest in enumerate(known)}
        found = np.array([row.get(digest.tobytes(), -1) for digest in wanted], dtype=np.int64)
        missing = np.flatnonzero(found < 0)
        self.missing = len(missing)
        if len(missing):
            new = _compute(load_model(self._folder), [texts[number] for number in missing.tolist()])
            found[missing] = len(vectors) + np.arange(len(missing))
            vectors = np.vstack([vectors, new]) if len(vectors) else new
        self._last = wanted, vectors[found]
        return self._last[1]

    def save(self) -> None:
        """Replace the file, in one step, by the vectors of the texts that were encoded last."""
        if self._last is None:
            return
        part = self._file.with_name(f"{UNFINISHED}{FILE}")
        with part.open("wb") as file:
            np.savez(file, model=np.array(self.digest), digests=self._last[0], vectors=self._last[1])
        sync(part)
        part.replace(self._file)

    def _load(self) -> tuple[Digests, Vectors]:
        """The digests and vectors of the file; none when it cannot be read or is of another model."""
        nothing = np.zeros(0, dtype=f"V{DIGEST}"), np.zeros((0, 0), dtype=np.float32)
        try:
            with self._file.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                if str(file["model"]) != self.digest:
                    return nothing
                digests, vectors = file["digests"], file["vectors"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return nothing
        is_whole = digests.dtype == f"V{DIGEST}" and vectors.ndim == 2 and len(digests) == len(vectors)
        return (digests, vectors.astype(np.float32)) if is_whole else nothing


def _compute(model: Any, texts: Sequence[str]) -> Vectors:
    parts = [model.encode(list(texts[start : start + BATCH])) for start in range(0, len(texts), BATCH)]
    return np.vstack([np.asarray(part, dtype=np.float32) for part in parts])


def _digests(texts: Sequence[str]) -> Digests:
    """A digest of each text."""
    digests = [hashlib.blake2b(text.encode("utf8", "surrogatepass"), digest_size=DIGEST).digest() for text in texts]
    return np.frombuffer(b"".join(digests), dtype=f"V{DIGEST}")
