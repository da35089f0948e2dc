"""A score from boosted decision trees: plain numbers in a file, looked up in arrays.

Every tree is complete and DEPTH questions deep. Node i asks whether a figure is above a limit and goes on to node
2 i + 2 if it is, to 2 i + 1 if not; what is past the last node is a leaf, and the leaves of all trees add up.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

__all__ = ["DEPTH", "Trees", "likelihood"]

DEPTH = 4
CHUNK = 4_096  # rows at a time, so that their columns stay in the processor's cache

Figures = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trees:
    """`figure`, `limit`: what each node of each tree (rows) asks; `leaf`: what its leaves add to `start`, in logits."""

    start: float
    figure: npt.NDArray[np.int64]
    limit: Figures
    leaf: Figures

    @classmethod
    @cache
    def read(cls, name: str) -> Trees:
        """The trees of `pipeline/<name>.toml`."""
        data = tomllib.loads(files("pipeline.duplicates.in_memory").joinpath(f"{name}.toml").read_text(encoding="utf8"))
        return cls(data["start"], np.array(data["figure"]), np.array(data["limit"]), np.array(data["leaf"]))


def likelihood(trees: Trees, figures: Figures) -> Figures:
    """For each row of figures the score of the trees, 0 to 1.

    >>> one = Trees(0.0, np.zeros((1, 15), dtype=np.int64), np.full((1, 15), 0.5), np.arange(16.0)[None] - 8)
    >>> likelihood(one, np.array([[0.0], [1.0]])).round(3).tolist()
    [0.0, 0.999]
    """
    total = np.empty(len(figures))
    for start in range(0, len(figures), CHUNK):
        part = slice(start, start + CHUNK)
        total[part] = _added_up(trees, np.asfortranarray(figures[part]))
    return np.asarray(1 / (1 + np.exp(-np.clip(total, -30, 30))))


def _added_up(trees: Trees, figures: Figures) -> Figures:
    total = np.full(len(figures), trees.start)
    for figure, limit, leaf in zip(trees.figure, trees.limit, trees.leaf, strict=True):
        is_above = [figures[:, column] > least for column, least in zip(figure.tolist(), limit.tolist(), strict=True)]
        node = _below(is_above, 0)
        total += leaf[node - len(is_above)]
    return total


def _below(is_above: list[npt.NDArray[np.bool_]], node: int) -> npt.NDArray[np.int64]:
    """The leaf, by number of node, that each row comes to below this node."""
    left, right = 2 * node + 1, 2 * node + 2
    if left >= len(is_above):
        return np.where(is_above[node], right, left)
    return np.where(is_above[node], _below(is_above, right), _below(is_above, left))
