"""A sentence-embedding model beside the words: more candidates for questions that ask the same, and a better score.

Off by default, and no dependency: any object with `encode(list of str)`, or the folder of a local model.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.errors import PipelineError

__all__ = ["EmbedderUnusable", "unit_vectors", "with_vectors"]

BLOCK = 2_000  # texts compared with all others at a time: 300 MB at 20,000

NEAREST = 10  # neighbours by cosine that become candidates: they hold 99 % of the patients' pairs, words 96 %
BY_VECTORS_ALONE = 0.005  # likelihood by words of a pair that words did not find
# A logistic regression on patients', programmers' and Quora's questions with a small sentence model (6 layers, 384
# numbers): F1 .80, .89 and .73, by words alone .77, .74 and .64. How crowded it is around a text adds .05 to the first
# and takes .03 from the second, and makes nonsense of a frame of few rows.
WEIGHTS = {"intercept": -6.805, "words": 0.1577, "cosine": 9.385}

Vectors = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Likelihoods = npt.NDArray[np.float64]


class EmbedderUnusable(PipelineError):
    """What was given as `embedder` is none we can use."""

    def __init__(self, embedder: object, why: str) -> None:
        self.embedder = embedder
        super().__init__(
            f"embedder {embedder!r}: {why}. Give an object with encode(list of str) -> one vector for each text, or "
            "the folder of a local sentence-transformers or model2vec model whose package is installed."
        )


def unit_vectors(embedder: Any, texts: Sequence[str]) -> Vectors:
    """One vector of length 1 for each text, as rows. Raises `EmbedderUnusable`."""
    model = _model(Path(embedder)) if isinstance(embedder, str | PathLike) else embedder
    if not hasattr(model, "encode"):
        raise EmbedderUnusable(embedder, "it has no encode()")
    vectors = np.asarray(model.encode(list(texts)), dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise EmbedderUnusable(embedder, f"encode() of {len(texts)} texts gave an array of shape {vectors.shape}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def _model(folder: Path) -> Any:
    """The model in a folder, by whichever package made it."""
    if not folder.is_dir():
        raise EmbedderUnusable(str(folder), "no such folder")
    is_static = not (folder / "modules.json").exists()
    package, name = ("model2vec", "StaticModel") if is_static else ("sentence_transformers", "SentenceTransformer")
    try:
        maker = getattr(import_module(package), name)
    except ImportError as err:
        raise EmbedderUnusable(str(folder), f"the package {package} is not installed") from err
    return maker.from_pretrained(str(folder)) if is_static else maker(str(folder))


def with_vectors(vectors: Vectors, a: Numbers, b: Numbers, likely: Likelihoods) -> tuple[Numbers, Numbers, Likelihoods]:
    """The pairs found by words (`a` < `b`, sorted, how likely they say the same) joined by those near as vectors.

    How likely a pair says the same is then weighed anew, by its words and its cosine.
    """
    texts = len(vectors)
    near = _nearest(vectors)
    pair = np.unique(np.concatenate([a * texts + b, near]))
    by_words = np.full(len(pair), BY_VECTORS_ALONE)
    by_words[np.searchsorted(pair, a * texts + b)] = likely
    a, b = np.divmod(pair, texts)
    cosine = np.concatenate(
        [np.zeros(0), *(_cosines(vectors, a[s : s + BLOCK], b[s : s + BLOCK]) for s in range(0, len(a), BLOCK))]
    )
    by_words = np.log(by_words / (1 - by_words + 1e-9))
    score = WEIGHTS["intercept"] + WEIGHTS["words"] * by_words + WEIGHTS["cosine"] * cosine
    return a, b, np.asarray(1 / (1 + np.exp(-np.clip(score, -30, 30))))


def _nearest(vectors: Vectors) -> Numbers:
    """Each text with its nearest others by cosine, as smaller number * texts + larger; of equals the first."""
    texts = len(vectors)
    found = [np.zeros(0, dtype=np.int64)]
    for start in range(0, texts, BLOCK):
        likeness = vectors[start : start + BLOCK] @ vectors.T
        rows = np.arange(len(likeness))
        likeness[rows, start + rows] = -2
        other = np.argsort(-likeness, axis=1, kind="stable")[:, : min(NEAREST, texts - 1)]
        row = np.repeat(start + rows, other.shape[1])
        found.append(np.minimum(row, other.ravel()) * texts + np.maximum(row, other.ravel()))
    return np.unique(np.concatenate(found))


def _cosines(vectors: Vectors, a: Numbers, b: Numbers) -> Likelihoods:
    return np.asarray(np.einsum("ij,ij->i", vectors[a], vectors[b]), dtype=np.float64)
