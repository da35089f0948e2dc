"""OUT/runs.jsonl, the journal: one line for each run, failed ones too. What it tells is also in the table `runs`."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.storage.fsync import sync, write_whole

JOURNAL = "runs.jsonl"
KEEP_RUNS = 1000  # of which `runs`, `changes` and the journal tell: nightly runs of more than two years

Run = dict[str, Any]


def append_run(out: Path, run: Mapping[str, Any]) -> None:
    """Add one run to the journal, on disk before it returns. Raises `OSError`."""
    path = out / JOURNAL
    with path.open("ab+") as file:
        is_new = not file.tell()
        if not is_new and file.seek(-1, os.SEEK_END) and file.read(1) != b"\n":
            file.write(b"\n")  # a crash cut the last line short
        file.write(json.dumps(run, default=str).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync(out)


def journal(out: Path) -> list[Run]:
    """Every run so far, oldest first; a line that a crash cut short is left out."""
    try:
        lines = (out / JOURNAL).read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    runs = []
    for line in lines:
        with contextlib.suppress(ValueError):
            run = json.loads(line)
            if isinstance(run, dict) and "run_id" in run:
                runs.append(run)
    return runs


def retire_runs(out: Path, keep: int) -> None:
    """Leave only the newest `keep` runs in the journal, in one step. Rewrites it when it is twice as long."""
    runs = journal(out)
    if len(runs) > 2 * keep:
        write_whole(out / JOURNAL, "".join(json.dumps(run) + "\n" for run in runs[-keep:]))
