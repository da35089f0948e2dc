"""Measures how fast duplicates are found among 20,000 generated answers, and compares this with other tools.

    python benchmarks/duplicates.py                          # on all cores
    python benchmarks/duplicates.py --cores 1
    python benchmarks/duplicates.py --answers 20000 200000   # also print how the time per row grows
    python benchmarks/duplicates.py --answers 1000000 --alone   # measure the memory

One answer in ten is a copy: with a spelling mistake, cut short, or surrounded by other words. The other tools are
measured on the same answers in the same run, if they are installed (`pip install --group bench`). They find candidate
pairs only, without a kind or a reason; their time is that from the answers to the candidate pairs. The fastest of three
runs counts.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha1
from importlib import import_module
from itertools import accumulate

import numpy as np
import pandas as pd

from pipeline.duplicates.find import find_duplicates

WORDS = 20_000  # in the generated language, used as often as words are: the n-th 1/n of the time
LENGTH = 60  # words of an answer on average


def generated_answers(count: int, seed: int = 7) -> pd.DataFrame:
    """id and answer: `count` answers of about 60 words, one in ten a near copy of another."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("aeiounrstlmd", k=rng.randint(3, 10))) for _ in range(WORDS)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(WORDS)))
    answers: list[str] = []
    while len(answers) < count:
        if answers and rng.random() < 0.1:
            answers.append(_near_copy(rng.choice(answers), rng))
        else:
            answers.append(
                " ".join(rng.choices(words, cum_weights=weights, k=rng.randint(LENGTH // 2, LENGTH * 3 // 2))) + "."
            )
    return pd.DataFrame({"id": [f"row-{number:07}" for number in range(count)], "answer": answers})


def _near_copy(answer: str, rng: random.Random) -> str:
    words = answer.split()
    kind = rng.randrange(3)
    if kind == 0:
        index = rng.randrange(len(words))
        words[index] = words[index][1:] + words[index][:1]
    elif kind == 1:
        words = [*words[: len(words) * 2 // 3], "…"]
    else:
        words = ["As", "we", "wrote:", *words]
    return " ".join(words)


def shingles(answers: Sequence[str]) -> Iterator[list[str]]:
    """The shingles of three words of each answer."""
    for words in (answer.lower().split() for answer in answers):
        yield [" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2))]


def bulk_minhash(answers: Sequence[str]) -> int:
    """datasketch: bulk MinHash of 128 permutations into its LSH, and a query for each answer."""
    datasketch = import_module("datasketch")
    lsh = datasketch.MinHashLSH(threshold=0.5, num_perm=128)
    hashes = datasketch.MinHash.bulk([[s.encode() for s in row] for row in shingles(answers)], num_perm=128)
    with lsh.insertion_session() as session:
        for row, minhash in enumerate(hashes):
            session.insert(row, minhash)
    return sum(len(lsh.query(minhash)) - 1 for minhash in hashes) // 2


def rust_minhash(answers: Sequence[str]) -> int:
    """rensa: R-MinHash of 128 permutations into its LSH, and a query for each answer."""
    rensa = import_module("rensa")
    lsh = rensa.RMinHashLSH(threshold=0.5, num_perm=128, num_bands=16)
    hashes = []
    for row, words in enumerate(shingles(answers)):
        minhash = rensa.RMinHash(num_perm=128, seed=42)
        minhash.update(words)
        lsh.insert(row, minhash)
        hashes.append(minhash)
    return sum(len(lsh.query(minhash)) - 1 for minhash in hashes) // 2


def banded_minhash(answers: Sequence[str]) -> int:
    """As text-dedup does it, with NumPy: 128 permutations of hashed shingles, bands in dictionaries, union-find."""
    prime = np.uint64((1 << 61) - 1)
    draw = np.random.default_rng(42)
    a, b = (draw.integers(1, int(prime), 128, dtype=np.uint64) for _ in range(2))
    tables: list[dict[bytes, int]] = [{} for _ in range(16)]
    parent = list(range(len(answers)))
    found = 0
    for row, words in enumerate(shingles(answers)):
        hashed = np.array([int.from_bytes(sha1(s.encode()).digest()[:4], "little") for s in words], dtype=np.uint64)
        signature = ((hashed[:, None] * a + b) % prime & np.uint64(0xFFFFFFFF)).min(axis=0)
        for band, table in enumerate(tables):
            first = table.setdefault(signature[band * 8 : band * 8 + 8].tobytes(), row)
            while parent[first] != first:
                first = parent[first]
            if first != parent[row]:
                parent[row], found = first, found + 1
    return found


OTHERS = {"datasketch": bulk_minhash, "rensa": rust_minhash, "text-dedup-like": banded_minhash}


def fastest(work: Callable[[], int], times: int = 3) -> tuple[float, float, int]:
    """Wall and processor seconds of the fastest run, and the number of pairs that it found."""
    runs = []
    for _ in range(times):
        started, busy = time.perf_counter(), time.process_time()
        found = work()
        runs.append((time.perf_counter() - started, time.process_time() - busy, found))
    return min(run[0] for run in runs), min(run[1] for run in runs), runs[0][2]


def _most_memory() -> float:
    """The most memory that this process has held so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def show(name: str, answers: int, measured: tuple[float, float, int], more: str = "") -> None:
    wall, busy, found = measured
    print(f"{name:16} {answers:>9,} answers {wall:7.2f} s  {busy:7.2f} s of processor time {found:>9,} pairs  {more}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, nargs="+", default=[20_000])
    parser.add_argument("--cores", type=int, help="number of cores to use, by default all")
    parser.add_argument("--alone", action="store_true", help="do not measure the other tools")
    options = parser.parse_args()
    if options.cores:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    per_row = []
    for size in options.answers:
        frame = generated_answers(size)
        times = 3 if size <= 100_000 else 1
        before = _most_memory()
        ours = fastest(lambda frame=frame: len(find_duplicates(frame)), times)
        per_row.append(ours[1] / size)
        peak = _most_memory()
        growth = f"{per_row[-1] / per_row[0]:.2f} times the processor time per row of {options.answers[0]:,}; "
        show(
            "qaledger",
            size,
            ours,
            (growth if len(per_row) > 1 else "") + f"at most {peak:.2f} GB, the frame {before:.2f}",
        )
        for name, work in {} if options.alone or len(per_row) > 1 else OTHERS.items():
            try:
                theirs = fastest(lambda work=work, frame=frame: work(frame["answer"].tolist()), times)
            except ImportError:
                print(f"{name:16} is not installed")
                continue
            ratios = f"{theirs[0] / ours[0]:.1f} times our wall, {theirs[1] / ours[1]:.1f} times our processor time"
            show(name, size, theirs, ratios)


if __name__ == "__main__":
    main()
