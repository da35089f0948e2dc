"""Fit the trees that say how likely two questions ask the same, and say how well they do on what they have not seen.

    python benchmarks/fit_questions.py FOLDER=WEIGHT ... [--write]

Each FOLDER holds records.csv (id, text) and either pairs.csv (id1, id2, label) or truth.csv (id, cluster_id); WEIGHT is
how much the set counts. The measure is F1 over the labelled pairs at one threshold, each pair scored by trees fitted
without its questions. `--write` fits on everything and writes pipeline/questions.toml. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from pipeline.clean import clean_question, question_key
from pipeline.paraphrases import LIKELY, figures_of_pairs
from pipeline.trees import DEPTH

TARGET = Path(__file__).parents[1] / "pipeline" / "questions.toml"
FOLDS = 3
UNLABELLED, THEIR_SHARE = 6_000, 0.15  # pairs nobody labelled that count as different, and their weight in the whole:
# without them the trees return 5 pairs for each question, with .15 3, at F1 .01 less
SETTINGS: dict[str, Any] = {
    "max_iter": 200,
    "learning_rate": 0.08,
    "max_depth": DEPTH,
    "max_leaf_nodes": 2**DEPTH,
    "min_samples_leaf": 40,
    "l2_regularization": 1,
    "early_stopping": False,
}
NODES, LEAVES = 2**DEPTH - 1, 2**DEPTH


@dataclass(frozen=True)
class Labelled:
    """Candidate pairs of a set. label: 1 same, 0 different, -1 unlabelled; `missed`: same, and no candidates."""

    name: str
    weight: float
    figures: np.ndarray
    label: np.ndarray
    fold_a: np.ndarray
    fold_b: np.ndarray
    missed: int


def read_set(folder: Path, weight: float) -> Labelled:
    """The candidates of a folder with their labels."""
    records = pd.read_csv(folder / "records.csv", dtype=str, keep_default_na=False)
    asked = [question_key(clean_question(text)) for text in records["text"]]
    keys = sorted(set(asked) - {""})
    number = dict(zip(records["id"], (pd.Series(asked).map({key: n for n, key in enumerate(keys)})), strict=True))
    a, b, figures = figures_of_pairs(keys)
    code, count = a * len(keys) + b, len(keys)
    if (folder / "pairs.csv").exists():
        pairs = pd.read_csv(folder / "pairs.csv", dtype=str)
        ends = np.array([pairs["id1"].map(number), pairs["id2"].map(number)]).astype(np.int64)
        low, high, same = ends.min(axis=0), ends.max(axis=0), pairs["label"].astype(int).to_numpy()
        topic = _components(count, low, high)
        labels = pd.Series(same, index=low * count + high)[low != high].groupby(level=0).max()
        label = labels.reindex(code).fillna(-1).to_numpy().astype(int)
        missed = int((labels[~labels.index.isin(code)] == 1).sum())
    else:
        truth = pd.read_csv(folder / "truth.csv", dtype=str)
        topic = np.zeros(count, dtype=np.int64)
        topic[truth["id"].map(number).to_numpy()] = pd.factorize(truth["cluster_id"])[0]
        label = (topic[a] == topic[b]).astype(int)
        sizes = np.bincount(topic)
        missed = int((sizes * (sizes - 1) // 2).sum() - label.sum())
    fold = np.random.default_rng(0).integers(0, FOLDS, topic.max() + 1)[topic]
    return Labelled(folder.name, weight, figures, label, fold[a], fold[b], missed)


def _components(count: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """For each number the smallest that pairs connect it with."""
    least = np.arange(count)
    while True:
        before = least.copy()
        np.minimum.at(least, a, least[b])
        np.minimum.at(least, b, least[a])
        if (before == least).all():
            return least


def fit(sets: list[Labelled], left_out: int | None) -> HistGradientBoostingClassifier:
    """Trees fitted on all pairs, or on those of which no question is in one fold."""
    figures, labels, weights = [], [], []
    for each in sets:
        is_used = (each.fold_a != left_out) & (each.fold_b != left_out)
        known, unknown = (np.flatnonzero(is_used & test) for test in (each.label >= 0, each.label < 0))
        unknown = np.random.default_rng(0).permutation(unknown)[:UNLABELLED]
        for chosen, share in ((known, 1.0), (unknown, THEIR_SHARE)):
            figures.append(each.figures[chosen])
            labels.append(np.maximum(each.label[chosen], 0))
            weights.append(np.full(len(chosen), share * each.weight / max(1, len(chosen))))
    weight = np.concatenate(weights)
    model = HistGradientBoostingClassifier(**SETTINGS)
    return model.fit(np.vstack(figures), np.concatenate(labels), sample_weight=weight / weight.mean())


def report(sets: list[Labelled]) -> None:
    """F1 of each set, each pair scored without its questions."""
    models = [fit(sets, fold) for fold in range(FOLDS)]
    for each in sets:
        scores = np.array([model.predict_proba(each.figures)[:, 1] for model in models])
        pair = np.arange(len(each.label))
        score = (scores[each.fold_a, pair] + scores[each.fold_b, pair]) / 2
        known, yes = each.label >= 0, score >= LIKELY
        hits, wanted = (yes & (each.label == 1)).sum(), (each.label == 1).sum() + each.missed
        f1 = 2 * hits / ((yes & known).sum() + wanted)
        print(f"{each.name:24} F1 {f1:.3f}  {yes.sum():,} pairs over {LIKELY}")


def complete(nodes: np.ndarray) -> tuple[list[int], list[float], list[float]]:
    """A tree as figure and limit of each node and value of each leaf, all paths DEPTH long."""
    figure, limit, leaf = [0] * NODES, [0.0] * NODES, [0.0] * LEAVES

    def put(place: int, node: int) -> None:
        is_leaf = bool(nodes[node]["is_leaf"])
        if place >= NODES:
            leaf[place - NODES] = _short(nodes[node]["value"])
            return
        if not is_leaf:
            figure[place], limit[place] = int(nodes[node]["feature_idx"]), _short(nodes[node]["num_threshold"])
        put(2 * place + 1, node if is_leaf else int(nodes[node]["left"]))
        put(2 * place + 2, node if is_leaf else int(nodes[node]["right"]))

    put(0, 0)
    return figure, limit, leaf


def _short(number: float) -> float:
    return float(f"{number:.4g}")


def write(model: HistGradientBoostingClassifier, names: str) -> None:
    """The trees as plain numbers."""
    trees = [complete(stage[0].nodes) for stage in model._predictors]
    lines = [
        "# How likely two questions ask the same: boosted trees over the measures of pipeline/likeness.py and the",
        "# comparisons of pipeline/comparing.py, as pipeline/trees.py reads them. Made by",
        f"# benchmarks/fit_questions.py on labelled pairs of {names}, each with a share",
        "# of random candidates as different.",
        "",
        f"start = {_short(float(np.ravel(model._baseline_prediction)[0]))}",
    ]
    for name, column in (("figure", 0), ("limit", 1), ("leaf", 2)):
        lines += [f"{name} = [", *(f"  {tree[column]}," for tree in trees), "]"]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", metavar="FOLDER=WEIGHT")
    parser.add_argument("--write", action="store_true", help=f"fit on everything and write {TARGET.name}")
    args = parser.parse_args()
    sets = [read_set(Path(name), float(weight)) for name, _, weight in (each.rpartition("=") for each in args.sets)]
    if args.write:
        write(fit(sets, None), ", ".join(each.name.replace("_", " ") for each in sets))
    else:
        report(sets)


if __name__ == "__main__":
    main()
