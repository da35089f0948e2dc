"""Tables that are published as Parquet files are the same for readers, the next run and verify, also after a crash."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from conftest import ROOT, assert_same_tables
from faults import EDITS, Run, born, die_at, digest, faults_of, note_points, prepare_situation
from readers import refreshes
from reviewing import Visitor, serving

import pipeline
from pipeline.duplicates.stage import relate_published
from pipeline.errors import BadQuery, DatabaseDamaged, DatabaseNewer, OutputUnusable
from pipeline.ledger.verify import verify
from pipeline.refresh.rollback import rollback
from pipeline.storage import build, generations, write_parts
from pipeline.storage.fsync import sync
from pipeline.storage.manifest import Manifest
from pipeline.storage.parts import attach
from pipeline.storage.schema import TABLES
from pipeline.storage.statements import variable_settings

# What only one generation, or one session of the review page, shows.
OWN = re.compile(r'\d{8}T\d{6}\.\d{6}Z|\d{4}-\d\d-\d\d \d\d:\d\d UTC|(?:nonce|name="form_token" value)="[\w-]+"')


@pytest.fixture(scope="module")
def in_parts(tmp_path_factory) -> Path:
    """The tables of data/raw as Parquet files, for tests that only read."""
    out = tmp_path_factory.mktemp("in_parts")
    pipeline.run(ROOT / "data" / "raw", out, workers=1, tables="parquet")
    return out


@pytest.fixture(scope="module")
def situation(tmp_path_factory):
    return prepare_situation(tmp_path_factory.mktemp("situation"), tables="parquet")


def broken(out: Path) -> list[str]:
    return [str(finding) for finding in verify(out) if not finding.is_ok]


def part(out: Path, table: str = "qa") -> Path:
    return out / "qa.parquet" / table / "part-0.parquet"


# ---------------------------------------------------------------- runs


def test_a_first_run_and_a_refresh_give_the_tables_of_the_other_form(situation, tmp_path):
    other = prepare_situation(tmp_path)
    assert (situation.before, situation.after) == (other.before, other.after)
    refreshed = situation.published.with_name("undisturbed")
    assert_same_tables(refreshed, other.published.with_name("undisturbed"))
    assert situation.born.keys() == born(refreshed).keys()
    assert broken(refreshed) == []


def test_a_refresh_reads_only_what_changed_and_reuses_the_cache(situation, tmp_path, monkeypatch):
    out = situation.copy_to(tmp_path / "out")
    signed = []
    sign_all = "pipeline.duplicates.stage.sign_all"
    kernel = pipeline.duplicates.stage.sign_all
    monkeypatch.setattr(sign_all, lambda rows: signed.extend(rows["answer_hash"].to_pylist()) or kernel(rows))
    ledger = pipeline.run(situation.raw, out, workers=1)
    assert ledger.documents_read == len([text for text in EDITS.values() if text])
    with pipeline.open(out) as found:
        assert 0 < len(set(signed)) < len(found.sql("select distinct answer_hash from cache.occurrence_hashes"))


def test_later_runs_keep_the_form_until_one_names_the_other(qaledger, situation, tmp_path):
    out = situation.copy_to(tmp_path / "out")
    run = ["run", situation.raw, "--out", out, "--workers", "1"]
    assert f"published {out / 'qa.parquet'}: " in qaledger(*run).stdout
    assert "up to date" in qaledger(*run).stdout
    assert f"published {out / 'qa.duckdb'}: " in qaledger(*run, "--tables", "duckdb").stdout
    assert digest(out) == situation.after
    assert not (out / "qa.parquet").is_symlink(), "nobody reads old tables there"
    assert "up to date" in qaledger(*run).stdout
    assert f"published {out / 'qa.parquet'}: " in qaledger(*run, "--tables", "parquet").stdout
    assert digest(out) == situation.after
    assert not (out / "qa.duckdb").is_symlink()
    assert broken(out) == []
    with pytest.raises(BadQuery, match="the forms are: duckdb, parquet"):
        pipeline.run(situation.raw, out, tables="csv")


def test_a_rollback_publishes_a_generation_of_the_other_form(situation, tmp_path):
    out = situation.copy_to(tmp_path / "out")
    first = generations.published(out)
    second = pipeline.run(situation.raw, out, workers=1, tables="duckdb").generation
    assert [one.id for one in generations.listed(out)] == [second, first.stem]
    assert rollback(out).generation == first.stem
    assert (generations.published(out), generations.published_link(out)) == (first, out / "qa.parquet")
    assert not (out / "qa.duckdb").is_symlink()
    (out / "qa.duckdb").symlink_to(Path("generations") / f"{second}.duckdb")  # as if it died before it removed this
    assert generations.published(out).stem == second
    generations.remove_unfinished(out)
    assert not (out / "qa.parquet").is_symlink()
    assert rollback(out).generation == first.stem
    pipeline.run(situation.raw, out, workers=1)
    assert generations.published_link(out) == out / "qa.parquet", "the next run keeps the form that is published"
    generations.published_link(out).unlink()
    pipeline.run(situation.raw, out, workers=1)
    assert generations.published_link(out) == out / "qa.parquet", "or that of the newest generation"


# ---------------------------------------------------------------- readers


def answers(ledger: pipeline.Ledger) -> dict[str, object]:
    """What a reader gets from every method of a ledger."""
    qa_id = ledger.qa["qa_id"][0]
    insurance = ledger.only(topic="insurance")
    return {
        **{name: getattr(ledger, name) for name in set(TABLES) - {"runs", "changes", "files"}},
        "claims": ledger.claims,
        "view": ledger.sql("from claims order by all"),
        "descriptions": ledger.sql("select table_name, column_name, comment from duckdb_columns() "
                                   "where schema_name = 'main' and comment is not null order by all"),
        "search": ledger.search('biopsy insur* "how long"'),
        "trace": str(ledger.trace(qa_id)),
        "selected": insurance.qa,
        "selected_search": insurance.search("cost"),
        "selected_claims": insurance.claims,
        "related": relate_published(ledger.database, []).pairs,
        "counts": ledger._counts(),
    }  # fmt: skip


def test_a_reader_gets_the_same_from_both_forms(published, in_parts):
    with pipeline.open(published) as one, pipeline.open(in_parts / "qa.parquet") as other:
        expected, found = answers(one), answers(other)
        assert one.compare(other).counts() == {"questions": {}, "answers": {}, "figures": {}}
    for name, value in expected.items():
        if isinstance(value, pd.DataFrame):
            dates = [column for column in value if column in ("first_seen_at", "last_seen_at", "last_changed_at")]
            pd.testing.assert_frame_equal(found[name].drop(columns=dates), value.drop(columns=dates), obj=name)
        else:
            assert found[name] == value, name


def test_the_commands_work_on_both_forms(qaledger, published, in_parts, tmp_path):
    for name, out in (("one", published), ("other", in_parts)):
        qaledger("export", "statistics", "--to", tmp_path / f"{name}.csv", "--out", out)
    one, other = (
        pd.read_csv(tmp_path / f"{name}.csv").drop(columns=["generation", "as_of"]) for name in ("one", "other")
    )
    pd.testing.assert_frame_equal(one, other)
    for command in (["verify"], ["generations"], ["status"], ["search", "biopsy"], ["report"]):
        assert qaledger(*command, "--out", in_parts).returncode == 0


def test_a_reviewer_sees_the_same_of_both_forms(published, in_parts, tmp_path):
    pages = ["/?", "/?kind=answer_contained", "/start?", "/figures?", "/redirects.csv?", "/agreement?"]
    shown = []
    for out in (published, in_parts):
        with serving(out, tmp_path / "decisions.jsonl") as server:
            visitor = Visitor(server, "Ada")
            found = [visitor.get(page) for page in pages]
            assert {page.status for page in found} == {200}
            shown.append([OWN.sub("", page.text) for page in found])
    assert shown[0] == shown[1]


def test_a_reader_can_neither_change_the_tables_nor_read_other_files(in_parts, tmp_path):
    (tmp_path / "other.csv").write_text("a\n1\n")
    with pipeline.open(in_parts) as ledger:
        for query in (
            f"from '{tmp_path / 'other.csv'}'",
            f"copy qa to '{part(in_parts)}'",
            f"copy qa to '{part(in_parts).with_name('part-1.parquet')}'",
            "drop view qa",
        ):
            with pytest.raises(BadQuery):
                ledger.sql(query)
    assert broken(in_parts) == []


def test_the_folder_can_be_moved_anywhere(in_parts, tmp_path, monkeypatch):
    moved = tmp_path / "it's, [a]* folder"
    shutil.copytree(in_parts, moved, symlinks=True)
    monkeypatch.chdir(tmp_path)
    with pipeline.open(moved.name) as ledger, pipeline.open(in_parts) as original:
        assert len(ledger.qa) == len(original.qa)
    pipeline.run(ROOT / "data" / "raw", moved, workers=1, full=True)
    assert broken(moved) == []


def test_the_example_for_other_programs_reads_the_tables(in_parts, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "processed").symlink_to(in_parts)
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "scaling.md").read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    with pipeline.open() as ledger:
        assert names["qa"]["qa_id"].tolist() == ledger.qa["qa_id"].tolist()
        assert sorted(names["answered"]) == sorted(Counter(ledger.qa_topics["topic"]).items())


def test_readers_see_whole_generations_while_runs_replace_them(tmp_path):
    assert refreshes(tmp_path, 2, tables="parquet") == []


def test_a_generation_that_another_process_reads_is_not_removed(situation, tmp_path):
    out = situation.copy_to(tmp_path / "out")
    first = generations.published(out).stem
    program = "import pipeline, sys\nledger = pipeline.open(sys.argv[1])\nprint('open', flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(out)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    ) as reader:  # fmt: skip
        assert reader.stdout.readline() == "open\n"
        second = pipeline.run(situation.raw, out, workers=1, keep=1).generation
        assert generations.generations(out) == [first, second]
        reader.communicate("\n")
    pipeline.run(situation.raw, out, workers=1, keep=1)
    assert generations.generations(out) == [second]


# ---------------------------------------------------------------- parts


def test_parts_are_bounded_and_in_order_and_equal_tables_give_equal_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(write_parts, "PART_BYTES", 1_000_000)
    uris = [f"{number:06}.txt" for number in range(200_000)]
    written = []
    for turn, shuffled in enumerate([uris, random.Random(1).sample(uris, len(uris))]):
        with build.new_generation(tmp_path / f"{turn}.duckdb", threads=2) as db:
            rows = pd.DataFrame({"uri": shuffled})
            db.execute(
                "insert into files by name select uri, sha256(uri) as sha256, 7 as bytes, 7 as modified_ns from rows"
            )
            folder = tmp_path / f"{turn}.parquet"
            notes = {name: note for name, note in write_parts.write_parts(db, folder).items() if "files" in name}
        assert len(rows) == sum(int(note["rows"]) for note in notes.values())
        assert len(notes) > 2
        assert all((folder / name).stat().st_size == note["bytes"] < 2_000_000 for name, note in notes.items())
        files = [str(folder / name) for name in notes]
        assert [uri for (uri,) in duckdb.sql(f"select uri from read_parquet({files})").fetchall()] == uris
        written.append(notes)
    assert written[0] == written[1]


def test_the_paths_of_parts_are_not_among_the_settings_that_other_connections_get(in_parts):
    with duckdb.connect() as db:
        db.execute("set variable largest = 7")
        attach(db, generations.published(in_parts), "before")
        assert db.sql("from before.qa").fetchall()
        assert variable_settings(db) == ["set variable largest = '7'::INTEGER"]


# ---------------------------------------------------------------- damage


def flip(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 3] ^= 16
    path.write_bytes(whole)


DAMAGE = {
    "gone": (Path.unlink, True),
    "cut short": (lambda path: os.truncate(path, path.stat().st_size - 1), True),
    "changed": (flip, False),
}


@pytest.mark.parametrize("what", DAMAGE)
@pytest.mark.parametrize("table", ["qa", "cache/signatures"])
def test_a_part_that_is_damaged_is_named_and_a_full_run_heals_it(situation, tmp_path, what, table):
    out = situation.copy_to(tmp_path / "out")
    damage, is_seen_on_open = DAMAGE[what]
    damage(part(out, table))
    name = f"{table}/part-0.parquet"
    (fault,) = broken(out)
    assert name in fault
    for attempt in (pipeline.open, lambda out: pipeline.run(situation.raw, out, workers=1)):
        if attempt is pipeline.open and not is_seen_on_open:
            continue
        with pytest.raises(DatabaseDamaged, match=f"{name}.*--full"):
            attempt(out)
    pipeline.run(situation.raw, out, workers=1, full=True)
    assert digest(out) == situation.after
    assert generations.published_link(out) == out / "qa.parquet", "the form stays where no whole generation is left"
    assert broken(out) == []


@pytest.mark.parametrize("file", ["manifest.json", "views.duckdb"])
def test_damage_to_the_manifest_or_the_views_is_found(situation, tmp_path, file):
    out = situation.copy_to(tmp_path / "out")
    with (out / "qa.parquet" / file).open("ab") as damaged:
        damaged.write(b"\0")
    assert broken(out)
    with pytest.raises(DatabaseDamaged):
        pipeline.run(situation.raw, out, workers=1)


def test_a_file_that_no_run_wrote_is_found(situation, tmp_path):
    """A reader of all files in a folder would read it, too."""
    out = situation.copy_to(tmp_path / "out")
    shutil.copy(part(out), part(out).with_name("part-1.parquet"))
    (fault,) = broken(out)
    assert "part-1.parquet must not be there" in fault


def test_tables_of_a_newer_version_are_refused(situation, tmp_path):
    out = situation.copy_to(tmp_path / "out")
    database = generations.published(out)
    fields = json.loads((database / "manifest.json").read_text())
    fields.pop("seal")
    (database / "manifest.json").write_text(Manifest(**{**fields, "format": 2, "version": "9.0"}).text())
    for attempt in (pipeline.open, lambda out: pipeline.run(situation.raw, out, workers=1)):
        with pytest.raises(DatabaseNewer, match=r"made by a newer qaledger \(9.0\)"):
            attempt(out)


# ---------------------------------------------------------------- crashes


def test_a_run_killed_at_any_call_that_uses_its_folder_is_repaired_by_the_next(situation, tmp_path):
    notes = tmp_path / "points"
    assert Run(situation.raw, situation.copy_to(tmp_path / "out"), note_points, notes).ended() == (0, "")
    points = len(notes.read_text().splitlines())
    assert points > 100
    for point in [*range(points // 5, points, points // 5), points - 10]:
        out = situation.copy_to(tmp_path / "out")
        assert Run(situation.raw, out, die_at, point).ended() == (-signal.SIGKILL, "")
        assert faults_of(situation, out, laws=False) == [], f"killed at call {point} of {points}"


def test_every_file_is_on_disk_before_the_link_leads_to_it_and_nothing_stays_if_that_fails(
    situation, tmp_path, monkeypatch
):
    out = situation.copy_to(tmp_path / "out")
    synced, missing = [], []

    def is_full(out, database):
        missing.extend({path.relative_to(database) for path in database.rglob("*")} - {*synced})
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(out))

    def note(path):
        synced.extend([path.relative_to(folder) for folder in path.parents if folder.suffix == ".parquet"])
        sync(path)

    monkeypatch.setattr(generations, "sync", note)
    monkeypatch.setattr(generations, "_swap", is_full)
    with pytest.raises(OutputUnusable):
        pipeline.run(situation.raw, out, workers=1)
    assert (len(synced) > len(TABLES), missing) == (True, [])
    assert generations.generations(out) == [generations.published(out).stem]


def test_a_generation_that_is_half_removed_is_none(situation, tmp_path, monkeypatch):
    out = situation.copy_to(tmp_path / "out")

    def die(path):
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    monkeypatch.setattr(shutil, "rmtree", die)
    second = pipeline.run(situation.raw, out, workers=1, keep=1).generation
    assert generations.generations(out) == [second]
    monkeypatch.undo()
    pipeline.run(situation.raw, out, workers=1)
    assert not [path.name for path in (out / "generations").iterdir() if path.name.startswith(".")]
