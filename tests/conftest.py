"""Real files, a real DuckDB and the real command, for every test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import forked
import pandas as pd
import pytest
from hypothesis import settings

from pipeline.storage import connection, generations
from pipeline.storage.frames import read_table
from pipeline.storage.schema import TABLES

# No time limit for one example: a loaded machine is no broken law. In CI the examples are the same for each commit, so
# that a red run can be repeated; elsewhere they are new ones every time.
settings.register_profile("qaledger", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("qaledger")

# Folders and files whose tests run the whole pipeline, processes, notebooks or long laws.
SLOW = (
    "audit", "cli", "extract/test_bounds.py", "extract/test_runs.py", "extract/test_shards.py", "duplicates/test_d",
    "duplicates/test_embeddings.py", "duplicates/test_stage.py", "ledger", "project", "refresh", "report",
    "spark", "statistics/test_claims.py", "storage", "topics/test_topics_verbs.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests by where they are."""
    tests = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(tests) and item.path.relative_to(tests).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)


Command = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parent.parent
SEED = ROOT / "data" / "raw" / "000_202d2eeb3b6f341d.txt"
WHEN = {"first_seen_at", "last_seen_at", "last_changed_at"}
NOT_COMPARED = {"runs", "changes", "files"}


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tables made from data/raw, for tests that only read."""
    import pipeline

    out = tmp_path_factory.mktemp("published")
    pipeline.run(ROOT / "data" / "raw", out, workers=1)
    return out


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """An own folder of source documents with the seed document in it."""
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / SEED.name).write_bytes(SEED.read_bytes())
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "processed"


@pytest.fixture
def qaledger(tmp_path: Path) -> Command:
    """The command in a forked process, with imports already done: `qaledger("run", raw)` returns code and output."""
    return lambda *words, cwd=tmp_path, **env: forked.command([*map(str, words)], cwd, {**os.environ, **env})


@pytest.fixture
def cold_qaledger(tmp_path: Path) -> Command:
    """The command in a new interpreter, as people run it, for tests of its imports and of the paths that it finds."""

    def command(*words: object, cwd: Path = tmp_path, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pipeline", *map(str, words)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return command


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The Chromium that the system has, for the tests marked `browser`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of tests/cases/<name>.json."""
    found: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / f"{name}.json").read_text("utf-8"))
    return found


def tables(out: Path) -> dict[str, pd.DataFrame]:
    """Every table that the same input must make the same, without the columns that say when."""
    with connection.connect(generations.published(out)) as db:
        frames = {name: read_table(db, name) for name in TABLES if name not in NOT_COMPARED}
    return {name: frame.drop(columns=WHEN & set(frame.columns)) for name, frame in frames.items()}


def assert_same_tables(one: Path, other: Path) -> None:
    """Two folders hold the same tables, row for row."""
    first, second = tables(one), tables(other)
    for name in first:
        pd.testing.assert_frame_equal(first[name], second[name], obj=name)
