"""Fit the trees that say how likely two questions ask, or two answers say, the same; and how well they do on new ones.

    python benchmarks/fit_trees.py FOLDER=WEIGHT ... [--embedder MODEL] [--write]
    python benchmarks/fit_trees.py FOLDER=WEIGHT ... --answers [--write]

Each FOLDER holds records.csv (id, text) and either pairs.csv (id1, id2, label) or truth.csv (id, cluster_id); WEIGHT is
how much the set counts. Printed are, for each likelihood from where on a pair counts, F1 over the labelled pairs and
the pairs per text, each pair scored by trees fitted without its texts; and for topics F1 of groups by average
linkage. `--write` fits on everything and writes questions.toml of pipeline/duplicates, with vectors
questions_by_vectors.toml, for answers answers.toml.
Needs the packages of the dependency group bench.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pipeline.duplicates.in_memory.find import figures_of_answers
from pipeline.duplicates.in_memory.likeness import measure_likeness
from pipeline.duplicates.in_memory.linkage import average_linkage
from pipeline.duplicates.in_memory.trees import DEPTH
from sklearn.ensemble import HistGradientBoostingClassifier

from pipeline.duplicates.questions import BY_VECTORS, BY_WORDS, FAINT, figures_of_pairs
from pipeline.text.clean import clean_answer, clean_question
from pipeline.text.keys import answer_key, question_key

PIPELINE = Path(__file__).parents[1] / "pipeline" / "duplicates" / "in_memory"
LEVELS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.42, 0.45, 0.48, 0.5, 0.55)
FOLDS = 3
UNLABELLED, THEIR_SHARE = 6_000, 0.15  # pairs nobody labelled that count as different, and their weight in the whole:
# without them the trees return 5 pairs for each question, with .15 3, at F1 .01 less
SMALL, SMALL_TEXTS, SMALL_WEIGHT = (
    (20, 200),
    6_000,
    0.15,
)  # frames of so many texts, texts taken in all, and their weight
# beside the whole set: without them F1 in frames of 20 of Quora's questions is .55 instead of .69, with .3 that of all
# patients' questions .765 instead of .777
ALONE_WEIGHT = 0.3  # of frames of texts that have no like in them: without them 34 pairs are returned for 100 sentences
# in frames of 200, with them 1, at F1 .01 less
SETTINGS: dict[str, Any] = {
    "learning_rate": 0.08,
    "max_depth": DEPTH,
    "max_leaf_nodes": 2**DEPTH,
    "min_samples_leaf": 40,
    "l2_regularization": 1,
    "early_stopping": False,
}
NODES, LEAVES = 2**DEPTH - 1, 2**DEPTH


@dataclass(frozen=True)
class Goal:
    """What is fitted. `key`: of a text as it is compared; `figures`: the candidate pairs of keys, and a row for each.

    columns: of records.csv, the first that is there. file: of the trees; `about`: what their figures are.
    """

    file: str
    about: str
    key: Callable[[str], str]
    figures: Callable[[Sequence[str]], tuple[np.ndarray, np.ndarray, np.ndarray]]
    columns: tuple[str, ...] = ("text",)
    trees: int = 200


def goal_of_questions(embedder: Any = None) -> Goal:
    """What says how likely two questions ask the same; embedder as `find_duplicates` takes it."""
    return Goal(
        file=(BY_WORDS if embedder is None else BY_VECTORS).trees,
        about="likeness.py, comparing.py" + ("" if embedder is None else " and embedding.py"),
        key=lambda text: question_key(clean_question(text)),
        figures=partial(figures_of_pairs, embedder=embedder),
    )


def goal_of_answers() -> Goal:
    """What says how likely two answers say the same; with 200 trees F1 is the same as with 100."""
    return Goal(
        file="answers",
        about="likeness.py",
        key=lambda text: answer_key(clean_answer(text).text),
        figures=lambda keys: figures_of_answers(measure_likeness(keys), len(keys)),
        columns=("answer", "text"),
        trees=100,
    )


@dataclass(frozen=True)
class Labelled:
    """Candidate pairs a, b of a set. label: 1 same, 0 different, -1 unlabelled; `missed`: same, and no candidates.

    topic: of each text of the folder, those that the labels connect; `are_topics`: they say the same, all others do
    not, and all are in one frame. texts: in the frames.
    """

    name: str
    weight: float
    a: np.ndarray
    b: np.ndarray
    topic: np.ndarray
    texts: int
    are_topics: bool
    figures: np.ndarray
    label: np.ndarray
    fold_a: np.ndarray
    fold_b: np.ndarray
    missed: int


@dataclass(frozen=True)
class Source:
    """Texts of a folder as they are compared, the topic of each, and the label of pairs (by number * texts + number).

    No labels: texts of one topic say the same, and all others do not.
    """

    name: str
    keys: Sequence[str]
    topic: np.ndarray
    labels: pd.Series | None


def read_source(folder: Path, goal: Goal) -> Source:
    """The labelled texts of a folder."""
    records = pd.read_csv(folder / "records.csv", dtype=str, keep_default_na=False)
    column = next(name for name in goal.columns if name in records)
    said = [goal.key(text) for text in records[column]]
    keys = sorted(set(said) - {""})
    number = dict(zip(records["id"], (pd.Series(said).map({key: n for n, key in enumerate(keys)})), strict=True))
    if (folder / "pairs.csv").exists():
        pairs = pd.read_csv(folder / "pairs.csv", dtype=str)
        ends = np.array([pairs["id1"].map(number), pairs["id2"].map(number)]).astype(np.int64)
        low, high, same = ends.min(axis=0), ends.max(axis=0), pairs["label"].astype(int).to_numpy()
        labels = pd.Series(same, index=low * len(keys) + high)[low != high].groupby(level=0).max()
        return Source(folder.name, keys, _components(len(keys), low, high), labels)
    truth = pd.read_csv(folder / "truth.csv", dtype=str)
    topic = np.zeros(len(keys), dtype=np.int64)
    topic[truth["id"].map(number).to_numpy()] = pd.factorize(truth["cluster_id"])[0]
    return Source(folder.name, keys, topic, None)


def sets_of(source: Source, weight: float, goal: Goal) -> list[Labelled]:
    """The candidates of all texts as one frame, of the same texts in small frames, and of texts without their like."""
    sets = [_candidates(source, "", [np.arange(len(source.keys))], weight, goal)]
    for size in SMALL:
        if frames := _frames(source.topic, size):
            sets.append(_candidates(source, f" in frames of {size}", frames, SMALL_WEIGHT * weight, goal))
        if frames := _frames_of_one(source.topic, size):
            alone = _candidates(source, f" alone in frames of {size}", frames, ALONE_WEIGHT * weight, goal)
            sets.append(replace(alone, label=np.zeros_like(alone.label)))
    return sets


def _frames_of_one(topic: np.ndarray, size: int) -> list[np.ndarray]:
    """Numbers of texts in frames of this size, one text of each topic."""
    order = np.random.default_rng(size).permutation(len(topic))
    chosen = order[np.unique(topic[order], return_index=True)[1]]
    chosen = np.random.default_rng(size).permutation(chosen)[:SMALL_TEXTS]
    return [np.sort(chosen[start : start + size]) for start in range(0, len(chosen) - size + 1, size)]


def _frames(topic: np.ndarray, size: int) -> list[np.ndarray]:
    """Numbers of texts in frames of about this size, by whole topics."""
    order = np.random.default_rng(size).permutation(topic.max() + 1)[topic]
    place = np.lexsort((np.arange(len(topic)), order))
    ends = np.flatnonzero(np.diff(order[place], append=-1)) + 1
    cuts = np.unique(ends[np.searchsorted(ends, np.arange(size, len(topic), size))])
    frames = [np.sort(frame) for frame in np.split(place, cuts) if 1 < len(frame) <= 2 * size]
    return frames[: SMALL_TEXTS // size]


def _candidates(source: Source, name: str, frames: list[np.ndarray], weight: float, goal: Goal) -> Labelled:
    """The candidates within each of these frames."""
    parts = [(frame, *goal.figures([source.keys[number] for number in frame])) for frame in frames]
    a, b = (np.concatenate([part[0][part[side]] for part in parts]) for side in (1, 2))
    texts, topic = len(source.keys), source.topic
    if source.labels is None:
        label = (topic[a] == topic[b]).astype(int)
        sizes = np.bincount(topic[np.concatenate(frames)])
        wanted = int((sizes * (sizes - 1) // 2).sum())
    else:
        label = source.labels.reindex(a * texts + b).fillna(-1).to_numpy().astype(int)
        frame_of = np.full(texts, -1)
        for place, frame in enumerate(frames):
            frame_of[frame] = place
        same = source.labels[source.labels == 1].index.to_numpy()
        low, high = np.divmod(same, texts)
        wanted = int(((frame_of[low] == frame_of[high]) & (frame_of[low] >= 0)).sum())
    fold = np.random.default_rng(0).integers(0, FOLDS, topic.max() + 1)[topic]
    return Labelled(
        source.name + name,
        weight,
        a,
        b,
        topic,
        sum(map(len, frames)),
        source.labels is None and not name,
        np.concatenate([part[3] for part in parts]),
        label,
        fold[a],
        fold[b],
        wanted - int((label == 1).sum()),
    )


def _components(count: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """For each number the smallest that pairs connect it with."""
    least = np.arange(count)
    while True:
        before = least.copy()
        np.minimum.at(least, a, least[b])
        np.minimum.at(least, b, least[a])
        if (before == least).all():
            return least


def fit(sets: list[Labelled], trees: int, left_out: int | None) -> HistGradientBoostingClassifier:
    """Trees fitted on all pairs, or on those of which no text is in one fold."""
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
    model = HistGradientBoostingClassifier(max_iter=trees, **SETTINGS)
    return model.fit(np.vstack(figures), np.concatenate(labels), sample_weight=weight / weight.mean())


def report(sets: list[Labelled], trees: int) -> None:
    """The figures of each set at each level, each pair scored without its texts."""
    models = [fit(sets, trees, fold) for fold in range(FOLDS)]
    for each in sets:
        scores = np.array([model.predict_proba(each.figures)[:, 1] for model in models])
        pair = np.arange(len(each.label))
        score = (scores[each.fold_a, pair] + scores[each.fold_b, pair]) / 2
        known, wanted = each.label >= 0, (each.label == 1).sum() + each.missed
        print(f"{each.name}: {each.texts:,} texts")
        for level in LEVELS:
            yes = score >= level
            f1 = 2 * (yes & (each.label == 1)).sum() / max(1, (yes & known).sum() + wanted)
            grouped = f"   in groups F1 {_f1_of_groups(each, score, level):.3f}" if each.are_topics else ""
            print(f"  {level:.2f}   F1 {f1:.3f}   {yes.sum() / each.texts:.2f} pairs a text{grouped}")


def _f1_of_groups(each: Labelled, score: np.ndarray, least: float) -> float:
    """F1 over pairs of one group, by groups that are alike on average."""
    counts = score >= FAINT
    likeness = zip(*(side[counts].tolist() for side in (each.a, each.b, score)), strict=True)
    group = np.arange(len(each.topic))
    for members in average_linkage(len(group), likeness, least):
        group[members] = members[0]
    both = each.topic * len(group) + group
    hits, found, wanted = (
        int((sizes * (sizes - 1) // 2).sum())
        for sizes in (np.unique(column, return_counts=True)[1] for column in (both, group, each.topic))
    )
    return 2 * hits / (found + wanted)


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


def write(fitted: HistGradientBoostingClassifier, goal: Goal, names: str) -> None:
    """The trees as plain numbers."""
    trees = [complete(stage[0].nodes) for stage in fitted._predictors]
    lines = [
        f"# How likely two texts say or ask the same: boosted trees over the figures of {goal.about},",
        "# as trees.py reads them. Made by benchmarks/fit_trees.py on labelled pairs of",
        f"# {names}, with a share of random candidates as different.",
        "",
        f"start = {_short(float(np.ravel(fitted._baseline_prediction)[0]))}",
    ]
    for name, column in (("figure", 0), ("limit", 1), ("leaf", 2)):
        lines += [f"{name} = [", *(f"  {tree[column]}," for tree in trees), "]"]
    (PIPELINE / f"{goal.file}.toml").write_text("\n".join(lines) + "\n", encoding="utf8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", metavar="FOLDER=WEIGHT")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--embedder", metavar="MODEL", help="folder of an embedding model: weigh its vectors too")
    kind.add_argument("--answers", action="store_true", help="fit the trees of answers instead of those of questions")
    parser.add_argument("--write", action="store_true", help="fit on everything and write the file of trees")
    args = parser.parse_args()
    folders = [(Path(name), float(weight)) for name, _, weight in (each.rpartition("=") for each in args.sets)]
    run(folders, goal_of_answers() if args.answers else goal_of_questions(args.embedder), args.write)


def run(folders: Sequence[tuple[Path, float]], goal: Goal, is_to_be_written: bool = False) -> None:
    """Report, or write the trees."""
    sets = [each for folder, weight in folders for each in sets_of(read_source(folder, goal), weight, goal)]
    if is_to_be_written:
        write(fit(sets, goal.trees, None), goal, ", ".join(folder.name.replace("_", " ") for folder, _ in folders))
    else:
        report(sets, goal.trees)


if __name__ == "__main__":
    main()
