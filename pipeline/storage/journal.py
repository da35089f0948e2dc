"""The journal, OUT/runs.jsonl: one line for each run, also for failed ones. The table `runs` has the same rows."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError
from pipeline.storage.fsync import open_regular_file, sync, write_whole
from pipeline.version import __version__

JOURNAL = "runs.jsonl"
RUN_STATUSES = ["published", "unchanged", "failed", "interrupted", "rolled_back"]

Run = dict[str, Any]


def failed_run(run_id: str, started: datetime, err: BaseException) -> Run:
    """The line of the journal for a run that published nothing."""
    stopped = {KeyboardInterrupt: 130, SystemExit: getattr(err, "code", 1)}.get(type(err))
    return {
        "run_id": run_id,
        "started_at": started.isoformat(),
        "finished_at": datetime.now(UTC).isoformat(),
        "status": "interrupted" if stopped is not None else "failed",
        "version": __version__,
        "exit_code": stopped if stopped is not None else err.exit_code if isinstance(err, PipelineError) else 1,
        "error": str(err) or type(err).__name__,
        "stages": [],
    }


def append_run(out: Path, run: Mapping[str, Any]) -> None:
    """Append one run to the journal; it is on disk before this returns. Raises `OSError`."""
    path = out / JOURNAL
    with os.fdopen(open_regular_file(path, os.O_RDWR | os.O_APPEND | os.O_CREAT), "ab+") as file:
        is_new = not file.tell()
        if not is_new and file.seek(-1, os.SEEK_END) and file.read(1) != b"\n":
            file.write(b"\n")  # a crash cut the last line short
        file.write(json.dumps(run, default=str).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync(out)


def journal(out: Path) -> list[Run]:
    """Every run so far, oldest first; a line that a crash cut short, or that is no run, is left out.

    Of two lines of one run the later counts: a run that fails after it has noted itself as published has two.
    """
    try:
        with os.fdopen(open_regular_file(out / JOURNAL, os.O_RDONLY), "rb") as file:
            lines = file.read().split(b"\n")
    except OSError:
        return []
    runs: dict[str, Run] = {}
    for line in lines:
        with contextlib.suppress(ValueError, RecursionError):
            run = json.loads(line)
            if _is_run(run):
                runs[run["run_id"]] = run
    return list(runs.values())


def _is_run(run: object) -> bool:
    """Whether a line of the journal is one that `runs` can hold.

    Raises `ValueError` where a time is none, or where a text has half a character.
    """
    if not isinstance(run, dict) or not all(isinstance(run.get(name), str) for name in _TEXTS):
        return False
    if not run["run_id"].startswith("r_") or run["status"] not in RUN_STATUSES:
        return False
    json.dumps(run, ensure_ascii=False).encode()
    for name in ("started_at", "finished_at"):
        datetime.fromisoformat(run[name])
    stages = run.get("stages") or []
    return type(run.get("exit_code")) is int and isinstance(stages, list) and all(map(_is_stage, stages))


_TEXTS = ("run_id", "started_at", "finished_at", "status")


def _is_stage(stage: object) -> bool:
    return (
        isinstance(stage, dict)
        and isinstance(stage.get("stage"), str)
        and all(isinstance(stage.get(name), int | float) for name in ("seconds", "kept", "dropped"))
    )


def start_of_last_unchanged(runs: Sequence[Run], generation: str) -> datetime | None:
    """When the newest run that found a generation up to date began to read the sources; None if none did."""
    for run in reversed(runs):
        if run.get("status") == "unchanged" and run.get("generation") == generation:
            with contextlib.suppress(TypeError, ValueError):
                return datetime.fromisoformat(run["started_at"])
    return None


def trim_long_journal(out: Path, keep: int) -> None:
    """Keep only the newest `keep` runs in the journal. It is rewritten, in one step, when it is twice as long."""
    runs = journal(out)
    if len(runs) > 2 * keep:
        write_whole(out / JOURNAL, "".join(json.dumps(run) + "\n" for run in runs[-keep:]))
