"""Two references for a whole run: the work that no tool can leave out, and a pipeline assembled from libraries.

    python -m benchmarks.peers floor RAW
    python -m benchmarks.peers assembled RAW
    python -m benchmarks.peers assembled RAW --figures quantulum3

The floor reads and decodes the files, splits them into questions and answers, stores them in DuckDB, searches each of
them once for 200 patterns with RE2 (pyarrow), and signs each answer with 64 permutations of MinHash (rensa, compiled).

The assembled pipeline does what it can of the same work with datasketch (near copies of answers by MinHash and LSH,
checked by their shingles), regular expressions (topics; figures, or quantulum3 for them) and DuckDB (tables). It leaves
undone: other formats, encodings, page furniture, offsets, kinds and reasons of pairs, conflicts, measures and
populations, decisions, generations, refreshes and checks.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

NEEDED = ("rensa", "datasketch")  # the libraries of both references; quantulum3 takes too long for large corpora
PATTERNS = 200
PERMUTATIONS = 64
SHINGLE = 5  # words
SIMILAR = 0.8  # share of the shingles that near copies have in common

FIGURES = re.compile(
    r"(?P<money>[$€£]\s?\d[\d,.]*(?:\s?(?:million|billion))?)|(?P<percent>\d[\d,.]*\s?(?:%|percent))"
    r"|(?P<ratio>\d+ (?:in|out of) \d+)|(?P<count>\d[\d,.]*\s+(?:people|patients|cases|adults|women|men))",
    re.IGNORECASE,
)


class Pair(NamedTuple):
    """A question of a page, and its answer; empty without one."""

    page: str
    question: str
    answer: str


def read_pairs(raw: Path) -> list[Pair]:
    """The questions and answers of all files: a line that ends in "?" is a question, the lines below it its answer."""
    return [
        pair for path in sorted(raw.rglob("*.txt")) for pair in _pairs(str(path), path.read_bytes().decode("utf-8"))
    ]


def _pairs(page: str, text: str) -> Iterator[Pair]:
    question, answer = "", []
    for line in text.split("\n"):
        if line.endswith("?"):
            if question:
                yield Pair(page, question, "\n".join(answer))
            question, answer = line, []
        elif line:
            answer.append(line)
    if question:
        yield Pair(page, question, "\n".join(answer))


def patterns_by_topic() -> dict[str, list[str]]:
    """200 patterns of the built-in taxonomy, as many of each topic."""
    from pipeline.topics.phrases import phrase_regex
    from pipeline.topics.taxonomy import load_taxonomy

    topics = load_taxonomy().topics
    of_each = PATTERNS // len(topics)
    return {
        topic.name: [phrase_regex(cue.spelled) for cue in topic.cues if "~" not in cue.spelled][:of_each]
        for topic in topics
    }


def floor(raw: Path) -> None:
    """Read, decode, split, store, one pass of 200 patterns, one signature of each answer."""
    from rensa import RMinHash

    pairs = read_pairs(raw)
    pattern = "|".join(f"(?:{one})" for some in patterns_by_topic().values() for one in some)
    texts = pa.array([f"{pair.question}\n{pair.answer}".lower() for pair in pairs])
    has_topic = pc.match_substring_regex(texts, pattern)
    signatures = []
    for pair in pairs:
        signature = RMinHash(num_perm=PERMUTATIONS, seed=7)
        signature.update(pair.answer.split())
        signatures.append(signature.digest())
    _store({"pairs": _table(pairs).append_column("has_topic", has_topic)})


def assembled(raw: Path, figures: str) -> None:
    """Questions and answers, near copies, figures and topics as tables, by libraries and regular expressions."""
    pairs = read_pairs(raw)
    first_of: dict[tuple[str, str], int] = {}
    of_row = [
        first_of.setdefault((_key(pair.question), _key(pair.answer)), number) for number, pair in enumerate(pairs)
    ]
    rows = sorted(set(of_row))
    answers = {_key(pairs[row].answer): row for row in rows if pairs[row].answer}
    find = _quantulum3() if figures == "quantulum3" else _by_pattern
    found = [(row, *figure) for row in rows for figure in find(pairs[row].answer)]
    topics = {name: re.compile("|".join(some)) for name, some in patterns_by_topic().items()}
    tags = [
        (row, name)
        for row in rows
        for text in [f"{pairs[row].question}\n{pairs[row].answer}".lower()]
        for name, pattern in topics.items()
        if pattern.search(text)
    ]
    _store(
        {
            "pairs": _table(pairs).append_column("row", pa.array(of_row)),
            "near": _columns(_near_copies(answers), "a", "b", "score"),
            "figures": _columns(found, "row", "kind", "surface"),
            "tags": _columns(tags, "row", "topic"),
        }
    )


_WORD = re.compile(r"\w+")


def _key(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _near_copies(answers: dict[str, int]) -> list[tuple[int, int, float]]:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=SIMILAR, num_perm=PERMUTATIONS)
    shingles: dict[int, set[str]] = {}
    found = []
    for key, row in answers.items():
        words = key.split()
        own = {" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))}
        signature = MinHash(num_perm=PERMUTATIONS)
        signature.update_batch([shingle.encode() for shingle in own])
        for other in index.query(signature):
            score = len(own & shingles[other]) / len(own | shingles[other])
            if score >= SIMILAR:
                found.append((other, row, score))
        index.insert(row, signature)
        shingles[row] = own
    return found


def _by_pattern(text: str) -> Iterator[tuple[str, str]]:
    for match in FIGURES.finditer(text):
        yield match.lastgroup or "", match[0]


def _quantulum3() -> Callable[[str], Iterator[tuple[str, str]]]:
    from quantulum3 import classifier, parser

    classifier.USE_CLF = False  # its model does not load with today's scikit-learn, and costs more time

    def find(text: str) -> Iterator[tuple[str, str]]:
        for sentence in text.split(". "):
            if any(character.isdigit() for character in sentence):
                for quantity in parser.parse(sentence):
                    yield quantity.unit.name, quantity.surface

    return find


def _table(pairs: list[Pair]) -> pa.Table:
    return _columns(pairs, *Pair._fields)


def _columns(rows: list[Any], *names: str) -> pa.Table:
    return pa.table({name: pa.array([row[place] for row in rows]) for place, name in enumerate(names)})


def _store(tables: dict[str, pa.Table]) -> None:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(str(Path(folder) / "qa.duckdb")) as db:
        for name, rows in tables.items():
            db.register("incoming", rows)
            db.execute(f"create table {name} as from incoming")
            db.unregister("incoming")
        db.execute("checkpoint")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["floor", "assembled"])
    parser.add_argument("raw", type=Path)
    parser.add_argument("--figures", choices=["patterns", "quantulum3"], default="patterns")
    options = parser.parse_args()
    if options.what == "floor":
        floor(options.raw)
    else:
        assembled(options.raw, options.figures)


if __name__ == "__main__":
    main()
