"""The journal, OUT/runs.jsonl: one line for each run, also for failed ones. The table `runs` has the same rows."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.storage.fsync import sync, write_whole

JOURNAL = "runs.jsonl"
KEEP_RUNS = 1000  # runs in `runs`, `changes` and the journal: nightly runs of more than two years

Run = dict[str, Any]


def append_run(out: Path, run: Mapping[str, Any]) -> None:
    """Append one run to the journal; it is on disk before this returns. Raises `OSError`."""
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


def last_confirmed(runs: Sequence[Run], generation: str) -> datetime | None:
    """When the newest run that found a generation up to date began to read the sources; None if none did."""
    for run in reversed(runs):
        if run.get("status") == "unchanged" and run.get("generation") == generation:
            with contextlib.suppress(TypeError, ValueError):
                return datetime.fromisoformat(run["started_at"])
    return None


def retire_runs(out: Path, keep: int) -> None:
    """Keep only the newest `keep` runs in the journal. It is rewritten, in one step, when it is twice as long."""
    runs = journal(out)
    if len(runs) > 2 * keep:
        write_whole(out / JOURNAL, "".join(json.dumps(run) + "\n" for run in runs[-keep:]))
