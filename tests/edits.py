"""Edits pages and decisions at random, and compares what a dry run reports with what the run then does."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from faults import digest

import pipeline
from pipeline.storage.history import changes_of
from pipeline.text.keys import answer_key, content_key, question_key

QUESTIONS = [
    "What is a biopsy?",
    "How long does it take?",
    "Who reads the sample?",
    "What does it cost?",
    "Is it safe?",
    "Do I need to fast?",
]
ANSWERS = [
    "A small sample of tissue.",
    "About 20 minutes.",
    "About 20 minutes. Some people need 30 minutes, and 5 percent need an hour.",
    "A pathologist reads it, and writes a report for your doctor.",
    "A pathologist reads it.",
    "It costs $250. Insurance pays 80 percent.",
    "Yes.",
    "",
]


def wrong_dry_runs(base: Path, count: int) -> list[str]:
    """Random edits after which a dry run did not report what the run did, or a full run made other tables."""
    bad, first = [], _first_night(base / "first")
    for seed in range(count):
        folder = base / str(seed)
        shutil.copytree(first, folder, symlinks=True)
        bad += [f"sequence {seed}, {fault}" for fault in _sequence(folder, random.Random(seed))]
        shutil.rmtree(folder)
        if seed % 10 == 9:
            print(f"{seed + 1} sequences of edits, {len(bad)} bad", flush=True)
    return bad


def _first_night(folder: Path) -> Path:
    """A folder with one page, and its published tables."""
    raw = folder / "raw"
    raw.mkdir(parents=True)
    (raw / "always.txt").write_text(f"{QUESTIONS[0]}\n{ANSWERS[0]}\n")
    pipeline.run(raw, folder / "out", workers=1)
    return folder


def _sequence(folder: Path, draw: random.Random, steps: int = 3) -> list[str]:
    raw, bad = folder / "raw", []
    for step in range(steps):
        done = [draw.choice(EDITS)(raw, draw) for _ in range(draw.randint(1, 3))]
        output = pipeline.run(raw, folder / "out", workers=1, dry_run=True)
        did = pipeline.run(raw, folder / "out", workers=1)
        with pipeline.open(folder / "out") as ledger:
            noted = changes_of(ledger.db, did.run_id)
        if output.changes != did.changes or _without_run(output.changed_rows) != _without_run(noted):
            bad.append(
                f"step {step} ({', '.join(done)}): the dry run reported {output.changes}, the run did {did.changes}"
            )
    pipeline.run(raw, folder / "full", workers=1)
    if digest(folder / "out") != digest(folder / "full"):
        bad.append("a full run makes other tables")
    return bad


def _without_run(changes: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if name != "run_id"} for row in changes]


# ---------------------------------------------------------------- edits


def _page(draw: random.Random) -> str:
    pairs = [f"{draw.choice(QUESTIONS)}\n{draw.choice(ANSWERS)}" for _ in range(draw.randint(1, 4))]
    return "\n\n".join(pairs) + "\n"


def _pages(raw: Path) -> list[Path]:
    return sorted(raw.glob("page*.txt"))


def add(raw: Path, draw: random.Random) -> str:
    (raw / f"page{draw.randrange(6)}.txt").write_text(_page(draw))
    return "add"


def change(raw: Path, draw: random.Random) -> str:
    for page in _pages(raw)[:1]:
        page.write_text(page.read_text().replace(draw.choice(ANSWERS[:-1]), draw.choice(ANSWERS[:-1])))
    return "change"


def rename(raw: Path, draw: random.Random) -> str:
    for page in _pages(raw)[-1:]:
        page.rename(raw / f"page{draw.randrange(6)}.txt")
    return "rename"


def remove(raw: Path, draw: random.Random) -> str:
    for page in _pages(raw)[:1]:
        page.unlink()
    return "remove"


def reorder(raw: Path, draw: random.Random) -> str:
    for page in _pages(raw):
        blocks = page.read_text().strip().split("\n\n")
        draw.shuffle(blocks)
        page.write_text("\n\n".join(blocks) + "\n")
    return "reorder"


def duplicate(raw: Path, draw: random.Random) -> str:
    for page in _pages(raw)[:1]:
        (raw / f"page{draw.randrange(6)}.txt").write_text(page.read_text())
    return "duplicate"


def decide(raw: Path, draw: random.Random) -> str:
    """A person says of two pairs that they are the same, or that they are not."""
    keys = [content_key(question_key(draw.choice(QUESTIONS)), answer_key(draw.choice(ANSWERS[:-1]))) for _ in range(2)]
    row = {"a_key": keys[0], "b_key": keys[1], "verdict": draw.choice(["same", "different"]), "reviewer": "ada"}
    with (raw.parent / "decisions.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    return "decide"


EDITS: list[Callable[[Path, random.Random], str]] = [add, add, change, rename, remove, reorder, duplicate, decide]
