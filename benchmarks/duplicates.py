"""How fast duplicates are found: 20,000 generated answers in one run, and 200,000 for the time per row.

    python benchmarks/duplicates.py [--large]

One answer in ten is a copy: with a spelling mistake, cut short, or with other words around it. Beside it, where
datasketch is installed, its bulk MinHash and LSH on the same answers: candidates alone, without a kind or a reason.
"""

from __future__ import annotations

import argparse
import random
import time
from importlib import import_module

import pandas as pd

from pipeline.duplicates import find_duplicates

WORDS = 20_000  # in the generated language, used as often as words are: the n-th 1/n of the time
LENGTH = 60  # words of an answer on average
SMALL, LARGE = 20_000, 200_000


def generated_answers(count: int, seed: int = 7) -> pd.DataFrame:
    """id and answer: `count` answers of about 60 words, one in ten a near copy of another."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("aeiounrstlmd", k=rng.randint(3, 10))) for _ in range(WORDS)]
    weights = [1 / (rank + 10) for rank in range(WORDS)]
    answers: list[str] = []
    while len(answers) < count:
        if answers and rng.random() < 0.1:
            answers.append(_near_copy(rng.choice(answers), rng))
        else:
            answers.append(" ".join(rng.choices(words, weights, k=rng.randint(LENGTH // 2, LENGTH * 3 // 2))) + ".")
    return pd.DataFrame({"id": [f"row-{number:07}" for number in range(count)], "answer": answers})


def _near_copy(answer: str, rng: random.Random) -> str:
    words = answer.split()
    kind = rng.randrange(3)
    if kind == 0:
        place = rng.randrange(len(words))
        words[place] = words[place][1:] + words[place][:1]
    elif kind == 1:
        words = [*words[: len(words) * 2 // 3], "…"]
    else:
        words = ["As", "we", "wrote:", *words]
    return " ".join(words)


def seconds_of_minhash(answers: pd.DataFrame) -> float | None:
    """What datasketch needs to index and to query the answers; None where it is not installed."""
    try:
        datasketch = import_module("datasketch")
    except ImportError:
        return None
    started = time.perf_counter()
    shingles = [
        [" ".join(words[i : i + 3]).encode() for i in range(max(1, len(words) - 2))]
        for words in (answer.lower().split() for answer in answers["answer"])
    ]
    lsh = datasketch.MinHashLSH(threshold=0.5, num_perm=128)
    hashes = datasketch.MinHash.bulk(shingles, num_perm=128)
    with lsh.insertion_session() as session:
        for row, minhash in zip(answers["id"], hashes, strict=True):
            session.insert(row, minhash)
    for minhash in hashes:
        lsh.query(minhash)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help=f"also {LARGE:,} answers")
    sizes = (SMALL, LARGE) if parser.parse_args().large else (SMALL,)
    per_row = []
    for size in sizes:
        answers = generated_answers(size)
        started = time.perf_counter()
        pairs = find_duplicates(answers)
        seconds = time.perf_counter() - started
        per_row.append(seconds / size)
        print(f"{size:>8,} answers  {seconds:7.1f} s  {size / seconds:8,.0f} answers/s  {len(pairs):,} pairs")
        other = seconds_of_minhash(answers) if size == SMALL else None
        if other is not None:
            print(f"{'':17} {other:7.1f} s  datasketch: {other / seconds:.1f} times ours")
    if len(per_row) > 1:
        print(f"time per row at {LARGE:,} answers: {per_row[1] / per_row[0]:.2f} times that at {SMALL:,}")


if __name__ == "__main__":
    main()
