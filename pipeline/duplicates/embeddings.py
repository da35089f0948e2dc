"""Uses a sentence-embedding model: more candidates for questions that ask the same, and a better score.

Off by default, and not a dependency: any object with `encode(list of str)`, or the folder of a local model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.errors import PipelineError

__all__ = ["BATCH", "EmbedderUnusable", "load_model", "package_of", "unit_vectors", "with_vectors"]

BATCH = 10_000  # texts given to a model at a time, so that it holds the tokens of no more: 100 MB
BLOCK = 2_000  # texts compared with all others at a time: 300 MB at 20,000

NEAREST = 10  # neighbours by cosine that become candidates: they hold 99 % of the patients' pairs, words 96 %
FAR = 0.3  # cosine; of 11,757 labelled pairs that ask the same 12 are below it
NOT_BY_WORDS = -1.0  # replaces every feature of a pair that was not found by words; no feature is below 0
# The features that the vectors add to a pair. Of patients' and programmers' questions F1 is .88 and .93 with all
# three, .84 and .92 with the cosine alone; of Quora's .78 either way.
BY_VECTORS = (
    "cosine",
    "margin",  # cosine less the mean of what the two have with their nearest
    "share",  # cosine as a share of the best that the two have, the smaller one
)

Vectors = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Figures = npt.NDArray[np.float64]


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


def with_vectors(vectors: Vectors, a: Numbers, b: Numbers, figures: Figures) -> tuple[Numbers, Numbers, Figures]:
    """The pairs found by words (`a` < `b`, sorted) and the nearest ones by vectors, with their features.

    Pairs whose vectors are far apart are left out. figures: the features of the pairs found by words, one row each; the
    columns of BY_VECTORS are added.
    """
    texts = len(vectors)
    near = _Near.of(vectors)
    found = a * texts + b
    pair = np.unique(np.concatenate([found, near.pairs]))
    by_words = np.full((len(pair), figures.shape[1]), NOT_BY_WORDS)
    by_words[np.searchsorted(pair, found)] = figures
    a, b = np.divmod(pair, max(1, texts))
    cosine = np.concatenate(
        [np.zeros(0), *(_cosines(vectors, a[s : s + BLOCK], b[s : s + BLOCK]) for s in range(0, len(a), BLOCK))]
    )
    margin = cosine - (near.mean[a] + near.mean[b]) / 2
    share = cosine / np.maximum(np.maximum(near.best[a], near.best[b]), 1e-9)
    near_enough = cosine >= FAR
    return a[near_enough], b[near_enough], np.column_stack([by_words, cosine, margin, share])[near_enough]


@dataclass(frozen=True)
class _Near:
    """The nearest neighbours of each text.

    pairs: smaller number * texts + larger number, sorted. best, mean: the cosine of each text with its nearest
    neighbour, and the mean over all of its neighbours.
    """

    pairs: Numbers
    best: Figures
    mean: Figures

    @classmethod
    def of(cls, vectors: Vectors) -> _Near:
        """The neighbours by cosine; of equal cosines the first."""
        texts = len(vectors)
        neighbours = min(NEAREST, texts - 1)
        if neighbours < 1:
            return cls(np.zeros(0, dtype=np.int64), np.zeros(texts), np.zeros(texts))
        pairs, best, mean = [], np.zeros(texts), np.zeros(texts)
        for start in range(0, texts, BLOCK):
            likeness = vectors[start : start + BLOCK] @ vectors.T
            rows = np.arange(len(likeness))
            likeness[rows, start + rows] = -2
            other = np.argsort(-likeness, axis=1, kind="stable")[:, :neighbours]
            closest = np.take_along_axis(likeness, other, axis=1)
            best[start + rows], mean[start + rows] = closest[:, 0], closest.mean(axis=1)
            row = np.repeat(start + rows, neighbours)
            pairs.append(np.minimum(row, other.ravel()) * texts + np.maximum(row, other.ravel()))
        return cls(np.unique(np.concatenate(pairs)), best, mean)


def _cosines(vectors: Vectors, a: Numbers, b: Numbers) -> Figures:
    return np.asarray(np.einsum("ij,ij->i", vectors[a], vectors[b]), dtype=np.float64)
