"""Which files a run need not read: those with the same size and time, if a later change would alter the time."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.extract.scan import SourceFile, scan_settled
from pipeline.refresh.previous import Previous

FINE = 1_700_000_000_123_456_789  # a time from a file system that counts finer than whole seconds
COARSE = 1_700_000_000_000_000_000  # and one that may come from a file system that does not
MS = 1_000_000


def is_unchanged(then: SourceFile, now: SourceFile, scanned_ns: int, now_ns: int | None = None) -> bool:
    """Whether a run counts a file as unchanged, if the last run scanned it at `scanned_ns` and found `then`.

    `now_ns`: when this run scans it, by default at the same time.
    """
    known = {then.uri: (then.bytes, then.modified_ns)}
    manifest = SimpleNamespace(scanned_ns=scanned_ns)
    previous = Previous(Path("qa.duckdb"), manifest, SimpleNamespace(), known, frozenset())
    return previous.is_unchanged(now, now_ns or scanned_ns)


def file(*, uri: str = "a.txt", size: int = 7, modified_ns: int = FINE) -> SourceFile:
    return SourceFile(uri, uri, size, modified_ns)


@pytest.mark.parametrize(
    ("modified_ns", "grain"), [(FINE, 20 * MS), (COARSE, 2000 * MS)], ids=["fine times", "whole seconds"]
)
def test_a_file_changed_within_the_grain_of_the_clock_is_not_taken_for_unchanged(modified_ns, grain):
    """The file may have changed again after the last run scanned it, with the same time."""
    one = file(modified_ns=modified_ns)
    looked_before = [modified_ns - 300 * 1000 * MS, modified_ns, modified_ns + MS, modified_ns + grain]
    assert [is_unchanged(one, one, scanned_ns) for scanned_ns in looked_before] == [False] * 4
    assert is_unchanged(one, one, modified_ns + grain + 1)


def test_a_file_of_another_size_or_time_or_name_has_changed():
    now = FINE + 3600 * 1000 * MS
    assert is_unchanged(file(), file(), now)
    for other in (file(size=8), file(modified_ns=FINE + 1), file(modified_ns=FINE - 1), file(uri="b.txt")):
        assert not is_unchanged(file(), other, now)


def test_a_run_scans_only_when_any_later_change_must_alter_the_time(tmp_path):
    (tmp_path / "a.txt").write_text("What is it?\n")
    found, scanned_ns = scan_settled(tmp_path)
    assert [one.settled_ns < scanned_ns <= time.time_ns() for one in found.files] == [True]


def test_a_run_does_not_wait_for_a_file_from_the_future(tmp_path):
    """Its clock was wrong, or ours is; it is read again in the next run instead."""
    (tmp_path / "a.txt").write_text("What is it?\n")
    later = time.time_ns() + 5000 * MS
    os.utime(tmp_path / "a.txt", ns=(later, later))
    found, scanned_ns = scan_settled(tmp_path)
    assert [is_unchanged(one, one, scanned_ns) for one in found.files] == [False]
    assert time.time_ns() < later


def test_a_file_whose_time_is_far_ahead_is_read_once_and_again_when_that_time_has_come():
    """Any write before then gives it an earlier time."""
    day = 86_400 * 1000 * MS
    one = file(modified_ns=FINE + 100 * day)
    assert is_unchanged(one, one, FINE, now_ns=FINE + day)
    assert not is_unchanged(one, one, FINE, now_ns=FINE + 100 * day)
    assert not is_unchanged(one, file(modified_ns=FINE), FINE, now_ns=FINE + day)
