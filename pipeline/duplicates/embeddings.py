"""Uses a sentence-embedding model: more candidates for questions that ask the same, and a better score.

Off by default, and not a dependency: any object with `encode(list of str)`, or the folder of a local model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.errors import PipelineError

__all__ = ["BATCH", "EmbedderUnusable", "load_model", "nearest_pairs", "package_of", "unit_vectors"]

BATCH = 10_000  # texts given to a model at a time, so that it holds the tokens of no more: 100 MB
BLOCK = 2_000  # texts compared with all others at a time: 300 MB at 20,000

NEAREST = 10  # neighbours by cosine that become candidates: they hold 99 % of the pairs of patients' questions

Vectors = npt.NDArray[np.float32]


class EmbedderUnusable(PipelineError):
    """What was given as `embedder` cannot be used."""

    def __init__(self, embedder: object, why: str) -> None:
        self.embedder = embedder
        super().__init__(
            f"embedder {embedder!r}: {why}. Give an object with encode(list of str) -> one vector for each text, or "
            "the folder of a local sentence-transformers or model2vec model (pip install '.[semantic]')."
        )


def unit_vectors(embedder: Any, texts: Sequence[str]) -> Vectors:
    """One vector of length 1 for each text, as rows. Raises `EmbedderUnusable`."""
    model = load_model(Path(embedder)) if isinstance(embedder, str | PathLike) else embedder
    if not hasattr(model, "encode"):
        raise EmbedderUnusable(embedder, "it has no encode()")
    vectors = np.asarray(model.encode(list(texts)), dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise EmbedderUnusable(embedder, f"encode() of {len(texts)} texts gave an array of shape {vectors.shape}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


@dataclass(frozen=True)
class _Package:
    """A package that loads models, and the files that a folder with one of its models has.

    They are checked here, because a package that misses a file tries to download it.
    """

    module: str
    maker: str
    files: tuple[str, ...]


_STATIC = _Package("model2vec", "StaticModel", ("config.json", "model.safetensors", "tokenizer.json"))
_SENTENCE = _Package("sentence_transformers", "SentenceTransformer", ("modules.json",))


def package_of(folder: Path) -> _Package:
    """The package that loads the model in a folder. Raises `EmbedderUnusable` when either is missing."""
    if not folder.is_dir():
        raise EmbedderUnusable(str(folder), "no such folder")
    package = _STATIC if _is_static(folder) else _SENTENCE
    missing = [name for name in package.files if not (folder / name).exists()]
    if missing:
        raise EmbedderUnusable(str(folder), f"it contains no model: {missing[0]} is missing")
    if find_spec(package.module) is None:
        raise EmbedderUnusable(str(folder), f"the package {package.module} is not installed")
    return package


def _is_static(folder: Path) -> bool:
    """Whether model2vec wrote a folder; it lists itself there as a module that sentence-transformers can read."""
    modules = folder / "modules.json"
    return not modules.exists() or b'"path": "."' in modules.read_bytes()


def load_model(folder: Path) -> Any:
    """The model in a folder, loaded by its package; nothing is downloaded. Raises `EmbedderUnusable`."""
    package = package_of(folder)
    try:
        maker = getattr(import_module(package.module), package.maker)
        return maker.from_pretrained(str(folder)) if package is _STATIC else maker(str(folder), local_files_only=True)
    except Exception as err:  # the two packages and their dependencies raise many kinds of errors for a broken file
        raise EmbedderUnusable(str(folder), f"it cannot be loaded ({type(err).__name__}: {err})") from err


def nearest_pairs(vectors: Vectors) -> Iterator[tuple[int, int, float]]:
    """The pairs (a < b) of each text with its nearest neighbours by cosine, each once, with their cosine.

    Of equal cosines the first text counts as the nearest.
    """
    neighbours = min(NEAREST, len(vectors) - 1)
    found: dict[tuple[int, int], float] = {}
    for start in range(0, len(vectors) if neighbours > 0 else 0, BLOCK):
        cosine = vectors[start : start + BLOCK] @ vectors.T
        rows = np.arange(len(cosine))
        cosine[rows, start + rows] = -2
        nearest = np.argsort(-cosine, axis=1, kind="stable")[:, :neighbours]
        for row, others in zip(rows.tolist(), nearest.tolist(), strict=True):
            for other in others:
                pair = min(start + row, other), max(start + row, other)
                found.setdefault(pair, round(float(cosine[row, other]), 4))
    for (a, b), cosine_of_pair in found.items():
        yield a, b, cosine_of_pair
