"""The folder of published tables: which generations stay, what the journal and the lock say."""

from __future__ import annotations

import errno
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from faults import Run, be_another_machine

import pipeline
from pipeline.errors import GenerationRemoved, NothingPublished, OutputUnusable
from pipeline.ledger.verify import verify
from pipeline.refresh.rollback import rollback
from pipeline.storage import generations, lock
from pipeline.storage.journal import append_run, journal

PAGE = "What is a biopsy?\nA small sample of tissue.\n"


def publish(raw, out, number: int, **options) -> str:
    """One more page, and one more generation; its id."""
    (raw / f"{number}.txt").write_text(PAGE.replace("biopsy", f"biopsy of kind {number}"))
    return pipeline.run(raw, out, workers=1, **options).generation


def test_the_newest_generations_are_kept_and_whichever_is_published(raw, out):
    _, second, third = (publish(raw, out, number, keep=2) for number in range(3))
    assert generations.generations(out) == [second, third]
    rollback(out)
    generations.retire(out, 1)
    assert generations.generations(out) == [second]


def test_generations_with_the_same_tables_count_once(raw, out):
    first, second = publish(raw, out, 1), publish(raw, out, 2)
    newest = [pipeline.run(raw, out, workers=1, full=True, keep=2).generation for _ in range(3)][-1]
    assert generations.generations(out) == [first, newest], "the history stays, not three times the same"
    assert generations.removal_of(out, second)[1] == journal(out)[2]["run_id"]
    with pytest.raises(GenerationRemoved, match="by the run"):
        pipeline.Ledger.named(second, out)


def test_after_the_clock_was_set_back_the_newest_generation_is_the_last_one(raw, out, monkeypatch):
    class Ahead(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(hours=1)

    with monkeypatch.context() as patched:
        patched.setattr("pipeline.refresh.run.datetime", Ahead)
        first = publish(raw, out, 1)
    second, third = publish(raw, out, 2), publish(raw, out, 3)
    assert generations.generations(out) == sorted([first, second, third]) == [first, second, third]
    assert rollback(out).generation == second
    assert publish(raw, out, 4, keep=2) == max(generations.generations(out)) > third


def test_a_generation_stays_whose_run_died_right_after_publishing_it(raw, out):
    """The note that it is about to be published is still there."""
    first = publish(raw, out, 1)
    (out / "generations" / f".building-{first}.intent").touch()
    second = publish(raw, out, 2)
    assert generations.generations(out) == [first, second]


def test_a_run_is_noted_on_a_line_of_its_own_behind_one_that_a_crash_cut_short(tmp_path):
    times = {"started_at": "2026-01-01T00:00:00", "finished_at": "2026-01-01T00:00:01"}
    run = {"status": "published", "exit_code": 0, **times}
    append_run(tmp_path, {"run_id": "r_1", **run})
    with (tmp_path / "runs.jsonl").open("ab") as lines:
        lines.write(b'{"run_id": "r_2", "sta')
    append_run(tmp_path, {"run_id": "r_3", **run})
    assert [run["run_id"] for run in journal(tmp_path)] == ["r_1", "r_3"]


def test_the_lock_names_who_holds_it_now_and_nothing_of_who_held_it_before(out):
    out.mkdir()
    (out / lock.LOCK).write_text("99999999999999, since 2026-01-01 00:00:00 UTC, by a process with a long name")
    with lock.locked(out):
        held = (out / lock.LOCK).read_text()
    assert re.fullmatch(rf"{os.getpid()}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC", held)


def test_a_pinned_generation_stays_until_it_is_unpinned(qaledger, raw, out):
    first = publish(raw, out, 1)
    assert qaledger("generations", "pin", first, "--out", out).stdout == f"{first} is pinned\n"
    newer = [publish(raw, out, number, keep=1) for number in range(2, 5)]
    assert generations.generations(out) == [first, newer[-1]]
    assert re.search(f"^{first} .*pinned$", qaledger("generations", "--out", out).stdout, re.MULTILINE)
    qaledger("generations", "unpin", first, "--out", out)
    last = publish(raw, out, 9, keep=1)
    assert generations.generations(out) == [last]
    gone = qaledger("report", "--generation", first, "--out", out)
    assert gone.returncode == 1
    removed = re.fullmatch(rf"Error: {first}: .* removed at [\d :-]+ UTC by the run (\w+)\. .*\n", gone.stderr)
    assert removed[1] == journal(out)[-1]["run_id"]
    with (out / "generations" / "removed.txt").open("a") as notes:  # as an older version wrote them
        notes.write("20200102T000000.000000Z 2020-01-03 00:00:00\n")
    older = qaledger("report", "--generation", "20200102T000000.000000Z", "--out", out).stderr
    assert "removed at 2020-01-03 00:00:00 UTC by a run." in older
    never = qaledger("generations", "pin", "20200101T000000.000000Z", "--out", out)
    assert never.returncode == 1
    assert "'20200101T000000.000000Z' is not a generation; the generations are: " in never.stderr


def test_a_disk_that_is_full_when_the_link_is_made_is_one_sentence(raw, out, monkeypatch):
    def is_full(link, target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target), None, str(link))

    monkeypatch.setattr(Path, "symlink_to", is_full)
    with pytest.raises(OutputUnusable, match="free some space"):
        publish(raw, out, 1)


def test_runs_that_share_no_lock_leave_tables_that_are_whole_or_that_the_next_run_heals(raw, out, tmp_path):
    """As on two machines that do not see each other's locks: here each takes a lock of its own name."""
    publish(raw, out, 1)
    for number in range(4):
        (raw / f"more{number}.txt").write_text(PAGE.replace("biopsy", f"graft {number}"))
        for run in [Run(raw, out, be_another_machine, f".lock-{name}") for name in "ab"]:
            run.ended()  # one of them may fail, in any way: the other removed its file
    pipeline.run(raw, out, workers=1)
    assert all(finding.is_ok for finding in verify(out))


def test_a_generation_that_another_machine_removes_before_it_is_published_is_built_again(raw, out, monkeypatch):
    """The worst moment: between the last rename and the swap of the link."""
    swap = generations._swap

    def swap_late(out, database):
        generations.remove_unfinished(out)  # as a run of another machine begins
        swap(out, database)

    with monkeypatch.context() as patched:
        patched.setattr(generations, "_swap", swap_late)
        with pytest.raises(NothingPublished):
            publish(raw, out, 1)
    publish(raw, out, 2)
    assert all(finding.is_ok for finding in verify(out))
