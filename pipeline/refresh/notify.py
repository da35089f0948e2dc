"""Reports a run to a scheduler: run_results.json, a notification, metrics. No failure here makes a run fail."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError
from pipeline.refresh.logs import is_json
from pipeline.storage import generations
from pipeline.storage.fsync import write_whole
from pipeline.storage.journal import journal, start_of_last_unchanged
from pipeline.storage.manifest import manifest_of

RESULTS = "run_results.json"
NOTIFY_SECONDS = 30

Result = Mapping[str, Any]

_log = logging.getLogger("qaledger.notify")


def write_results(out: Path, result: Result) -> None:
    """Write the result of the last run, also of a failed one, beside the database."""
    try:
        write_whole(out / RESULTS, json.dumps(result, ensure_ascii=False, indent=1, default=str) + "\n")
    except OSError as err:
        _log.warning("%s: cannot be written (%s)", out / RESULTS, err.strerror or err)


# ---------------------------------------------------------------- notify


def notify(command: str, result: Result, seconds: float = NOTIFY_SECONDS) -> None:
    """Run a command with the result as JSON on its standard input; its words are split as a shell splits them.

    Its output goes to stderr, or nowhere when stderr is JSON. A command that fails or takes longer than `seconds` is a
    warning that names only the program: its arguments may contain a secret.
    """
    try:
        words = shlex.split(command)
        program = Path(words[0]).name
    except (ValueError, IndexError):
        _log.warning("--notify was not run: its quotes do not match, or it is empty")
        return
    try:
        output = subprocess.DEVNULL if is_json() else sys.stderr.fileno()
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True)
    except OSError as err:
        _log.warning("--notify %s was not run: %s", program, err.strerror or "it cannot be started")
        return
    try:
        process.communicate(json.dumps(result, default=str).encode(), seconds)
    except subprocess.TimeoutExpired:
        _log.warning("--notify %s was stopped after %g s", program, seconds)
    except BaseException:
        _end(process)
        raise
    else:
        if process.returncode:
            _log.warning("--notify %s failed with exit code %d", program, process.returncode)
        return
    _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and all processes that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# ---------------------------------------------------------------- metrics

_METRICS = {
    "last_run_timestamp_seconds": "Time at which the last run ended, also if it failed.",
    "last_run_exit_code": "Exit code of the last run; 0 and 3 mean that it published.",
    "last_run_duration_seconds": "Wall time of the last run.",
    "last_run_documents_read": "Documents that the last run read; the others had not changed.",
    "last_run_stage_seconds": "Seconds of the last run, by stage.",
    "last_run_stage_rows": "Rows of the last run, by stage: kept and dropped.",
    "last_success_timestamp_seconds": "Time at which the tables were last up to date; their age is time() minus this.",
    "published_rows": "Rows of the published tables, by table.",
    "published_bytes": "Size of the published database.",
    "generations": "Number of generations.",
}


def metrics(out: Path) -> str:
    """The last run and the published tables in Prometheus' text format (0.0.4), for its textfile collector."""
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for name, labels, value in (*_run_samples(out), *_table_samples(out)):
        found.setdefault(name, []).append((labels, value))
    return "".join(_family(name, found[name]) for name in _METRICS if name in found)


def write_metrics(out: Path, to: Path) -> None:
    """`metrics` as a file, replaced in one step; a device or a pipe in its place is left alone."""
    try:
        if to.exists() and not to.is_file():
            raise OSError(errno.EINVAL, "it is no regular file")
        write_whole(to, metrics(out))
    except (OSError, PipelineError) as err:
        _log.warning("--metrics %s: cannot be written (%s)", to, err)


def _family(name: str, samples: list[tuple[dict[str, str], float]]) -> str:
    lines = [f"# HELP qaledger_{name} {_METRICS[name]}", f"# TYPE qaledger_{name} gauge"]
    for labels, value in samples:
        inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        lines.append(f"qaledger_{name}{f'{{{inside}}}' if inside else ''} {value:.15g}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """The value of a label as the text format writes it."""
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


Sample = tuple[str, dict[str, str], float]


def _run_samples(out: Path) -> Iterator[Sample]:
    runs = [run for run in journal(out) if run.get("status") != "rolled_back"]
    if not runs:
        return
    last = runs[-1]
    started, finished = (datetime.fromisoformat(last[name]).timestamp() for name in ("started_at", "finished_at"))
    yield "last_run_timestamp_seconds", {}, finished
    yield "last_run_exit_code", {}, last["exit_code"]
    yield "last_run_duration_seconds", {}, finished - started
    if last.get("documents_read") is not None:
        yield "last_run_documents_read", {}, last["documents_read"]
    for stage in last.get("stages") or []:
        yield "last_run_stage_seconds", {"stage": stage["stage"]}, stage["seconds"]
        for outcome in ("kept", "dropped"):
            yield "last_run_stage_rows", {"stage": stage["stage"], "outcome": outcome}, stage[outcome]


def _table_samples(out: Path) -> Iterator[Sample]:
    if not generations.is_published(out):
        return
    manifest = manifest_of(generations.published(out))
    published_at = datetime.fromisoformat(manifest.created_at)
    checked_at = start_of_last_unchanged(journal(out), manifest.generation) or published_at
    yield "last_success_timestamp_seconds", {}, max(published_at, checked_at).timestamp()
    for name, table in manifest.tables.items():
        yield "published_rows", {"table": name}, float(table["rows"])
    yield "published_bytes", {}, manifest.bytes
    yield "generations", {}, len(generations.generations(out))
