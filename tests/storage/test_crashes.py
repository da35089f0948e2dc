"""A run that is killed, or whose disk fails, leaves the published tables intact; one plain rerun repairs the rest.

The long form, with five hundred kills and a fault at every write, is benchmarks/crashes.py.
"""

from __future__ import annotations

import random
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import Run, Situation, be_nobody, die_at, faults_of, limit_files, note_points, prepare_situation


@pytest.fixture(scope="module")
def situation() -> Iterator[Situation]:
    """Not below pytest's own folder, which only its owner may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield prepare_situation(Path(folder))


def test_a_run_killed_at_any_call_that_uses_its_folder_is_repaired_by_the_next(situation, tmp_path):
    notes = tmp_path / "points"
    assert Run(situation.raw, situation.copy_to(tmp_path / "out"), note_points, notes).ended() == (0, "")
    points = len(notes.read_text().splitlines())
    assert points > 20
    for point in range(1, points + 1, points // 4):
        out = situation.copy_to(tmp_path / "out")
        assert Run(situation.raw, out, die_at, point).ended() == (-signal.SIGKILL, "")
        assert faults_of(situation, out, laws=False) == [], f"killed at call {point} of {points}"


def test_a_run_killed_at_any_time_is_repaired_by_the_next(situation, tmp_path):
    begun = time.monotonic()
    assert Run(situation.raw, situation.copy_to(tmp_path / "out")).ended() == (0, "")
    length = time.monotonic() - begun
    for moment in (random.Random(7).uniform(0.1, 1) * length for _ in range(3)):
        out = situation.copy_to(tmp_path / "out")
        Run(situation.raw, out).killed_after(moment)
        assert faults_of(situation, out) == [], f"killed after {moment:.3f} s"


@pytest.mark.parametrize("size", [0, 1000, 1_000_000])
def test_a_run_on_a_full_disk_says_so_and_leaves_the_published_tables(situation, tmp_path, size):
    out = situation.copy_to(tmp_path / "out")
    code, error = Run(situation.raw, out, limit_files, size).ended()
    assert (code, "cannot be written" in error) == (1, True), error
    assert faults_of(situation, out, laws=False) == []


def test_a_folder_that_may_not_be_written_is_named_and_its_tables_stay(situation):
    out = situation.copy_to(situation.published.with_name("read-only"))
    code, error = Run(situation.raw, out, be_nobody).ended()
    assert (code, "cannot be written (Permission denied)" in error) == (1, True), error
    for folder in (out, out / "generations"):
        folder.chmod(0o755)
    assert faults_of(situation, out, laws=False) == []
