"""Databases of other versions: an older one is read, and the next run rebuilds it; a newer one is refused.

storage/generations/0.1.0.zip is what version 0.1.0 published from two pages in two runs, before there were formats.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

import pipeline
from pipeline.errors import DatabaseDamaged, DatabaseNewer
from pipeline.ledger.verify import verify
from pipeline.storage import generations
from pipeline.storage.manifest import FORMAT
from pipeline.storage.schema import TABLES

STORED = sorted((ROOT / "tests" / "storage" / "generations").glob("*.zip"))
PAGES = {
    "biopsy.txt": "What is a biopsy?\nA small sample of tissue.\n\nHow long does it take?\nAbout 20 minutes.\n",
    "sample.txt": "Who reads the sample?\nA pathologist. It costs $250.\n",
}


@pytest.fixture(params=STORED, ids=[path.stem for path in STORED])
def older(request, tmp_path):
    """The folder that an older version published, unpacked."""
    out = tmp_path / "older"
    with zipfile.ZipFile(request.param) as archive:
        archive.extractall(out)
    (database,) = (out / "generations").glob("*.duckdb")
    (out / "qa.duckdb").symlink_to(Path("generations") / database.name)
    return out


@pytest.fixture
def pages(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    for name, text in PAGES.items():
        (raw / name).write_text(text)
        os.utime(raw / name, (1_700_000_000, 1_700_000_000))
    return raw


def test_there_is_one_for_each_version_that_published_another_format():
    assert [path.stem for path in STORED] == ["0.1.0"]


def test_an_older_database_opens_with_every_table(older):
    with pipeline.open(older) as ledger:
        assert len(ledger.qa) == 3
        assert ledger.runs["generation"].isna().all(), "what it did not note is null"
        assert {name: len(getattr(ledger, name)) >= 0 for name in TABLES} == dict.fromkeys(TABLES, True)
        assert ledger.trace(ledger.qa["qa_id"][0]).passages


def test_the_next_run_rebuilds_it_with_its_history(older, pages):
    with pipeline.open(older) as ledger:
        before = {name: getattr(ledger, name) for name in ("runs", "changes", "qa", "documents")}
    pipeline.run(pages, older)
    with pipeline.open(older) as ledger:
        assert list(ledger.runs["run_id"])[:2] == list(before["runs"]["run_id"])
        assert set(before["changes"]["run_id"]) <= set(ledger.changes["run_id"])
        for name, key in (("qa", "question"), ("documents", "uri")):
            seen = dict(zip(before[name][key], before[name]["first_seen_at"], strict=True))
            assert dict(zip(getattr(ledger, name)[key], getattr(ledger, name)["first_seen_at"], strict=True)) == seen
        assert ledger.manifest.format == FORMAT
    assert all(finding.is_ok for finding in verify(older))


def test_one_can_go_back_to_it(older, pages, qaledger):
    pipeline.run(pages, older)
    assert qaledger("rollback", "--out", older).returncode == 0
    with pipeline.open(older) as ledger:
        assert ledger.manifest.format == 0


def test_a_newer_database_is_refused_in_one_sentence_and_not_changed(raw, out, qaledger):
    pipeline.run(raw, out)
    note = generations.published(out).with_suffix(".json")
    _make_newer(note)
    with pytest.raises(DatabaseNewer, match="made by a newer qaledger"):
        pipeline.open(out)
    files = sorted((path.name, path.stat().st_mtime_ns) for path in (out / "generations").iterdir())
    for words in (["run", raw], ["run", raw, "--full"], ["status"], ["verify"], ["generations"]):
        done = qaledger(*words, "--out", out)
        assert (done.returncode, done.stderr.count("made by a newer qaledger (9.9.9)")) == (1, 1), words
    assert sorted((path.name, path.stat().st_mtime_ns) for path in (out / "generations").iterdir()) == files


def _make_newer(note: Path) -> None:
    told = json.loads(note.read_text())
    del told["seal"]
    told |= {"format": FORMAT + 1, "version": "9.9.9", "shape": "unheard of"}
    told["seal"] = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    note.write_text(json.dumps(told, indent=1) + "\n")


def test_a_manifest_that_is_no_manifest_is_damage(raw, out):
    pipeline.run(raw, out)
    note = generations.published(out).with_suffix(".json")
    for text in ("", "[]", "{}", "null", '{"format": "x"}', note.read_text().replace('"format": 1', '"format": 2')):
        note.write_text(text)
        with pytest.raises(DatabaseDamaged):
            pipeline.open(out)
