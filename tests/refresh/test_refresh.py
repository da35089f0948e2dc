"""A run after other runs: what it notices, what it forgets, and which times it preserves."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import datetime
from importlib import import_module
from pathlib import Path

import pytest
from conftest import SEED

import pipeline
from pipeline.errors import FolderUnlisted
from pipeline.ledger.verify import verify
from pipeline.text.keys import answer_key, content_key, question_key

PAGE = "What is a biopsy?\nA small sample of tissue.\n"


def rows_of(out, sql: str) -> list[tuple]:
    with pipeline.open(out) as ledger:
        return ledger.db.execute(sql).fetchall()


def test_a_file_that_cannot_be_opened_is_noticed_when_it_comes_and_when_it_goes(raw, out, tmp_path):
    """Nothing else changes: no file that can be read."""
    (tmp_path / "elsewhere.txt").write_text(PAGE)
    for path in raw.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))  # long ago, so that it is left unread
    pipeline.run(raw, out, workers=1)
    (raw / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    came = pipeline.run(raw, out, workers=1)
    assert (came.status, [row["uri"] for row in came.rejects]) == ("published", ["link.txt"])
    assert pipeline.run(raw, out, workers=1).status == "unchanged"
    (raw / "link.txt").unlink()
    went = pipeline.run(raw, out, workers=1)
    assert (went.status, list(went.rejects)) == ("published", [])


def test_what_was_rejected_of_a_file_is_forgotten_when_it_is_read_again(raw, out):
    page = raw / "a.txt"
    page.write_bytes("What is “it”?\nIt’s “this”".encode()[:-1])
    assert [row["reason"] for row in pipeline.run(raw, out, workers=1).rejects] == ["undecodable_bytes"]
    page.write_bytes("What is “it”?\nIt’s “this one”".encode()[:-1])
    assert [row["reason"] for row in pipeline.run(raw, out, workers=1).rejects] == ["undecodable_bytes"]
    page.write_text("What is “it”?\nIt’s “this one”")
    assert list(pipeline.run(raw, out, workers=1).rejects) == []


@pytest.mark.parametrize(
    ("broken", "stage"),
    [("pipeline.extract.files.read_text", "read"), ("pipeline.ingest.document_rows.read_page", "parse")],
)
def test_a_document_on_which_our_own_code_fails_is_named_with_the_line_and_the_others_are_read(
    raw, out, monkeypatch, broken, stage
):
    module, _, name = broken.rpartition(".")
    real = getattr(import_module(module), name)

    def fails_on_one(text, *args, **named):
        return real(None if "cursed" in str(text) else text, *args, **named)

    monkeypatch.setattr(broken, fails_on_one)
    (raw / "a.txt").write_text("What is a cursed page?\nThis one.\n")
    ledger = pipeline.run(raw, out, workers=1)
    ((row,), (warning,)) = ledger.rejects, ledger.warnings
    assert (row["uri"], row["stage"], row["reason"]) == ("a.txt", stage, "internal_error")
    assert re.search(r"\w+Error: .*, at pipeline/[\w/]+\.py:\d+\); please report", row["detail"])
    assert warning == f"1 mistake of our own, the first: a.txt: {row['detail']}"
    assert (ledger.exit_code, ledger.counts["documents"]) == (3, 1)
    monkeypatch.undo()
    (raw / "a.txt").touch()
    assert pipeline.run(raw, out, workers=1).exit_code == 0


def test_a_document_keeps_when_it_came_and_when_its_bytes_last_changed(raw, out):
    page = raw / "a.txt"
    times = []
    for text in (PAGE, PAGE, PAGE + "It is tested.\n"):
        page.write_text(text)
        times.append(datetime.fromisoformat(pipeline.run(raw, out, workers=1).started_at))
        told = rows_of(out, "select first_seen_at, last_changed_at from documents where uri = 'a.txt'")
        assert told == [(times[0], times[2] if len(times) > 2 else times[0])]


@pytest.mark.parametrize("answers", [("It is free.", "Nobody knows."), ("Nobody knows.", "It is free.")])
def test_a_row_that_two_became_is_as_old_as_the_older_one(raw, out, answers):
    times = []
    for number, answer in enumerate(answers):
        (raw / f"{number}.txt").write_text(f"What is it?\n{answer}\n")
        times.append(datetime.fromisoformat(pipeline.run(raw, out, workers=1).started_at))
    a_key, b_key = (content_key(question_key("What is it?"), answer_key(answer)) for answer in answers)
    said = {"a_key": a_key, "b_key": b_key, "verdict": "same", "reviewer": "ada"}
    (raw.parent / "decisions.jsonl").write_text(json.dumps(said) + "\n")
    assert pipeline.run(raw, out, workers=1).changes["merged"] == 1
    assert rows_of(out, "select first_seen_at from qa where question = 'What is it?'") == [(times[0],)]


def test_a_row_of_parts_is_split_when_the_whole_that_joined_them_goes(raw, out):
    parts = ("Rest in bed for two days.", "Then see a nurse who knows you.")
    for name, answer in zip(("whole", "one", "other"), (" ".join(parts), *parts), strict=True):
        (raw / f"{name}.txt").write_text(f"What helps?\n{answer}\n")
    pipeline.run(raw, out, workers=1)
    joined = rows_of(out, "select qa_id, occurrence_count from qa where question = 'What helps?'")
    assert [count for _, count in joined] == [3]
    (raw / "whole.txt").unlink()
    ledger = pipeline.run(raw, out, workers=1)
    assert ledger.changes == {"split": 2}
    apart = rows_of(out, "select qa_id, answer from qa where question = 'What helps?' order by answer")
    assert [answer for _, answer in apart] == list(parts)
    told = f"select qa_id, before ->> 'qa_id' from changes where run_id = '{ledger.run_id}' order by after ->> 'answer'"
    assert rows_of(out, told) == [(qa_id, joined[0][0]) for qa_id, _ in apart]


def test_a_folder_that_cannot_be_listed_keeps_its_published_rows(raw, out, monkeypatch):
    (raw / "sub").mkdir()
    (raw / "sub" / "page.txt").write_text("Who reads the sample?\nA pathologist.\n")
    pipeline.run(raw, out, workers=1)
    listed = os.scandir

    def scandir(folder):
        if os.fspath(folder).endswith("sub"):
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    (raw / "new.txt").write_text("What is a biopsy?\nA small sample of tissue.\n")
    ledger = pipeline.run(raw, out, workers=1)
    assert (ledger.status, ledger.exit_code, ledger.changes) == ("published", 3, {"added": 1})
    assert [(row["uri"], row["reason"]) for row in ledger.rejects] == [("sub/", "unreadable")]
    with pipeline.open(out) as tables:
        assert set(tables.documents["uri"]) == {SEED.name, "new.txt", "sub/page.txt"}
    again = pipeline.run(raw, out, workers=1)
    assert (again.status, again.exit_code) == ("unchanged", 3)
    with pytest.raises(FolderUnlisted, match="cannot be listed"):
        pipeline.run(raw, out, workers=1, full=True)
    monkeypatch.undo()
    last = pipeline.run(raw, out, workers=1)
    assert (last.exit_code, last.changes, last.documents_read) == (0, {}, 0)
    assert [str(finding) for finding in verify(out) if not finding.is_ok] == []


def test_a_folder_whose_files_can_be_listed_but_not_opened_keeps_its_published_rows(raw, out, monkeypatch):
    """Permissions r-- without x."""
    (raw / "sub" / "deep").mkdir(parents=True)
    (raw / "sub" / "page.txt").write_text("Who reads the sample?\nA pathologist.\n")
    (raw / "sub" / "deep" / "page.txt").write_text("Who pays?\nYour insurance.\n")
    pipeline.run(raw, out, workers=1)
    permitted = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: "sub" not in os.fspath(path) and permitted(path, mode))
    (raw / "new.txt").write_text(PAGE)
    ledger = pipeline.run(raw, out, workers=1)
    assert (ledger.exit_code, ledger.changes) == (3, {"added": 1})
    assert [(row["uri"], row["reason"]) for row in ledger.rejects] == [("sub/", "unreadable")]
    with pipeline.open(out) as tables:
        assert set(tables.documents["uri"]) == {SEED.name, "new.txt", "sub/page.txt", "sub/deep/page.txt"}


def test_a_folder_that_gives_no_file_says_why(raw, out, monkeypatch):
    pipeline.run(raw, out, workers=1)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(pipeline.PipelineError, match=r"no file could be read \(.: this folder cannot be listed"):
        pipeline.run(raw, out, workers=1)


@pytest.mark.parametrize("years", [-60, 0, 200, 400], ids=["1910", "1970", "2170", "2370"])
def test_a_file_of_any_time_is_read_and_then_left_unread(raw, out, years):
    seconds = years * 365 * 86_400  # a file system that has no such time takes the nearest
    os.utime(raw / SEED.name, (seconds, seconds))
    assert pipeline.run(raw, out, workers=1).status == "published"
    assert pipeline.run(raw, out, workers=1).status == "unchanged"


def test_a_page_below_a_path_that_is_too_long_is_a_reject(raw, out):
    before = Path.cwd()
    os.chdir(raw)
    try:
        for _ in range(210):
            Path("d" * 20).mkdir()
            os.chdir("d" * 20)
        Path("page.txt").write_text("Who reads it?\nA doctor.\n")
    finally:
        os.chdir(before)
    ledger = pipeline.run(raw, out, workers=1)
    assert ledger.exit_code == 3
    assert [row["reason"] for row in ledger.rejects] == ["unreadable"]
    shutil.rmtree(raw / ("d" * 20))


def test_a_file_with_the_name_of_a_record_is_rejected_the_same_every_night(raw, out):
    (raw / "a.jsonl").write_text('{"question": "What is a cold?", "answer": "A virus."}\n')
    (raw / "a.jsonl#1").write_text(PAGE)
    ledger = pipeline.run(raw, out, workers=1)
    assert [(row["uri"], row["reason"]) for row in ledger.rejects] == [("a.jsonl\\x231", "ambiguous_name")]
    again = pipeline.run(raw, out, workers=1)
    assert (again.status, again.exit_code) == ("unchanged", 3)
    with pipeline.open(out) as tables:
        assert set(tables.documents["uri"]) == {SEED.name, "a.jsonl#1"}
    assert [str(finding) for finding in verify(out) if not finding.is_ok] == []


def test_the_folder_of_the_tables_is_left_out_below_the_pages_and_refused_as_their_folder(raw, qaledger):
    out = raw / "tables"
    for _ in range(2):
        assert pipeline.run(raw, out).counts["documents"] == 1
    assert pipeline.run(raw, out).status == "unchanged"
    refused = qaledger("run", raw, "--out", raw)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "Name another folder" in refused.stderr


def test_names_of_other_bytes_are_other_documents(raw, out):
    folder = os.fsencode(raw)
    for name in (b"caf\xe9.txt", b"caf\\xe9.txt", "caf\u00e9.txt".encode(), "cafe\u0301.txt".encode()):
        Path(os.fsdecode(folder + b"/" + name)).write_text("What is a cold?\nA virus.\n")
    assert pipeline.run(raw, out).counts["documents"] == 5
    assert [str(finding) for finding in verify(out) if not finding.is_ok] == []
