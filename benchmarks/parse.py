"""Measures parsing and cleaning on one core, relative to reading, decoding and splitting the same bytes into lines.

    python benchmarks/parse.py             # print MB/s, the ratio, and the growth from 1 to 100 MB
    python benchmarks/parse.py --mb 1 10   # other sizes

The pages are generated from a word list. Answers have 1 to 12 sentences, and some of them have bullets, glued
sentences, cut ends, smart quotes and page furniture. A page has about 20 KB; growth is measured on single pages of
the given sizes.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.parse.occurrences import parse_text

SUBJECTS = ["coryza", "hay fever", "the flu", "asthma", "a sprain", "sunburn", "a cough", "migraine", "insomnia"]
PROSE = """the doctor may ask you to rest and drink warm tea because a virus in the nose can last for a week or two
    before it goes away by itself while most people feel better after three days they should stay at home until the
    fever is gone"""
WORDS = PROSE.split()
OPENERS = ["What is", "How do you treat", "Can I work with", "Why do people get", "How long lasts", "Who gets"]
PARTS = ["Back to top", "Was this helpful? Yes No", "Share this page", "Updated 3 May 2020"]


def sentence(draw: random.Random) -> str:
    words = draw.choices(WORDS, k=draw.randint(8, 22))
    return " ".join(words).capitalize() + "."


def pair(draw: random.Random) -> str:
    """A question and its answer, formatted as on scraped pages."""
    sentences = [sentence(draw) for _ in range(draw.randint(1, 12))]
    answer = draw.choices(
        [
            " ".join(sentences),
            " ".join(sentences).replace("the doctor", "the “doctor’s” nurse"),
            "\n".join(f"- {s} ..." for s in sentences),
            "Making sense of it" + "".join(sentences) + "More items...•",
            " ".join(sentences)[:-9] + " ...",
        ],
        weights=[70, 15, 7, 3, 5],
    )[0]
    end = f"\n{draw.choice(PARTS)}\n" if draw.random() < 0.05 else "\n"
    return f"{draw.choice(OPENERS)} {draw.choice(SUBJECTS)}?\n{answer}{end}"


def page(draw: random.Random, characters: int) -> str:
    """A page of at least this many characters; a long one repeats its first million."""
    parts: list[str] = []
    length = 0
    while length < min(characters, 1_000_000):
        parts.append(pair(draw))
        length += len(parts[-1])
    return "".join(parts) * max(1, round(characters / length))


def seconds(work: Callable[[], object], times: int) -> float:
    """Processor seconds of the fastest run."""
    best = float("inf")
    for _ in range(times):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def read_and_split(path: Path) -> list[str]:
    return path.read_bytes().decode("utf-8").split("\n")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mb", type=int, nargs="+", default=[1, 10, 100], help="sizes of the single pages")
    sizes = options.parse_args().mb
    draw = random.Random(20260101)
    pages = [page(draw, 20_000) for _ in range(200)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pages.txt"
        path.write_text("".join(pages), encoding="utf-8")
        megabytes = path.stat().st_size / 1e6
        base = seconds(lambda: read_and_split(path), 9)
        parse = seconds(lambda: [parse_text(text) for text in pages], 3)
    print(f"{len(pages)} pages, {megabytes:.1f} MB: read, decode and split {megabytes / base:.0f} MB/s, ", end="")
    print(f"parse and clean {megabytes / parse:.1f} MB/s, {parse / base:.0f} times as long")
    for size in sizes:
        text = page(draw, size * 1_000_000)
        took = seconds(lambda text=text: parse_text(text), 1)  # type: ignore[misc]
        print(f"one page of {size:>3} MB: {took:.2f} s, {size / took:.1f} MB/s")


if __name__ == "__main__":
    main()
