"""A published database that was damaged is found by `verify`, and `run --full` builds its tables again.

Damaged source files are rejected, and the others are read. The long forms are in benchmarks/crashes.py.
"""

from __future__ import annotations

import pytest
from damage import not_healed
from faults import born, digest, prepare_situation
from mutations import faults_of_mutations

import pipeline
from pipeline.errors import DatabaseDamaged
from pipeline.ledger.verify import verify
from pipeline.storage import generations


@pytest.fixture(scope="module")
def situation(tmp_path_factory):
    """Two generations: when a row was first seen is in the older one, too."""
    return prepare_situation(tmp_path_factory.mktemp("damage")).when_nothing_changed()


def test_damage_to_any_block_is_found_and_a_full_run_heals_it(situation, tmp_path):
    assert not_healed(situation, tmp_path / "out", 6) == []


@pytest.mark.parametrize("what", ["manifest", "manifest gone", "database gone", "a folder", "the other generation"])
def test_whatever_is_damaged_a_full_run_heals_it(situation, tmp_path, what):
    out = situation.copy_to(tmp_path / "out")
    database = generations.published(out)
    if what == "manifest":
        database.with_suffix(".json").write_bytes(b"{}")
    elif what == "manifest gone":
        database.with_suffix(".json").unlink()
    elif what == "the other generation":
        for other in {*database.parent.glob("*.duckdb")} - {database}:
            other.write_bytes(b"")
    else:
        database.unlink()
        if what == "a folder":
            database.mkdir()
    if what in ("manifest", "manifest gone", "a folder"):
        with pytest.raises(DatabaseDamaged, match="--full"):
            pipeline.run(situation.raw, out, workers=1)
    pipeline.run(situation.raw, out, workers=1, full=True)
    assert digest(out) == situation.after
    assert situation.born.items() <= born(out).items()
    assert [str(finding) for finding in verify(out) if not finding.is_ok] == []


def test_without_any_whole_generation_a_full_run_begins_anew(situation, tmp_path):
    out = situation.copy_to(tmp_path / "out")
    for database in (out / "generations").glob("*.duckdb"):
        database.write_bytes(database.read_bytes()[:-1])
    pipeline.run(situation.raw, out, workers=1, full=True)
    assert digest(out) == situation.after
    assert [str(finding) for finding in verify(out) if not finding.is_ok] == []


def test_damaged_files_of_every_format_end_no_run_and_the_others_are_read(tmp_path):
    assert faults_of_mutations(tmp_path, 40) == []
