"""A run from files to published tables: what it builds, what it reports, and what it does not change."""

from __future__ import annotations

import gc
import json
import os
import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from conftest import SEED, assert_same_tables, tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pipeline
from pipeline.errors import DatabaseDamaged, RawEmpty, RawMissing, RunLocked
from pipeline.ledger.status import status as read_status
from pipeline.ledger.verify import verify
from pipeline.refresh.tag import tag_block
from pipeline.storage import connection, generations, statements
from pipeline.storage.journal import journal
from pipeline.storage.lock import locked
from pipeline.topics.taxonomy import load_taxonomy

PAGE = "What is a biopsy?\nA small sample of tissue.\n\nHow long does it take?\nAbout 20 minutes.\n"
OTHER = "How long does it take?\nAbout 20 minutes.\nWho reads the sample?\nA pathologist.\n"


def test_the_source_document_gives_the_ledger_it_must(published):
    """Pins the ledger of an end-to-end run: the rows in, kept and dropped of every stage."""
    runs = tables_of(published, "select stages from runs")
    counts = [(s["stage"], s["rows_in"], s["kept"], s["dropped"]) for s in runs[0][0]]
    assert counts[:5] == [
        ("read", 1, 1, 0),
        ("parse", 143, 140, 3),
        ("figures", 62, 62, 0),
        ("duplicates", 63, 59, 4),
        ("topics", 59, 59, 0),
    ]
    assert all(stage["rows_in"] == stage["kept"] + stage["dropped"] for stage in runs[0][0])


def test_a_run_searches_for_garbage_rarely_and_leaves_that_as_it_was(raw, out, monkeypatch):
    before, within = gc.get_threshold(), []
    monkeypatch.setattr(statements, "watchers", [lambda *_: within.append(gc.get_threshold()[0])])
    pipeline.run(raw, out, workers=1)
    assert max(within) > before[0]
    assert gc.get_threshold() == before


def test_what_the_source_document_repeats_is_one_row_and_nothing_else(published):
    lines = tables_of(
        published,
        "select list(line_start order by line_start) as lines from occurrences "
        "group by qa_id having count(*) > 1 order by lines",
    )
    assert [row[0] for row in lines] == [[64, 139], [66, 72, 140], [68, 142]]
    assert tables_of(published, "select count(*) from qa") == [(59,)]
    joined = tables_of(
        published,
        "select l.line_start, l.line_end, o.line_start from leftovers l join qa using (qa_id) "
        "join occurrences o on o.occurrence_id = canonical_occurrence_id",
    )
    assert joined == [(2, 4, 9)]


def test_the_source_documents_figures_are_the_seven_it_quotes(published):
    found = tables_of(published, "select line, kind, low, high, relation, unit, period, role, citation from statistics")
    assert found == [
        (31, "count", 20, 20, "=", "count", None, "source_qualifier", "[1]"),
        (31, "percent", 1, 88, "range", "percent", None, "finding", "[1]"),
        (35, "money", 1850, 1850, "=", "USD", None, "finding", None),
        (37, "percent", None, 66, "<=", "percent", None, "finding", None),
        (37, "percent", 21, 21, "=", "percent", None, "finding", None),
        (89, "money", 7000, 7000, "~", "USD", "year", "anecdote", None),
        (89, "money", 50000, 50000, "~", "USD", "month", "anecdote", None),
    ]


def test_every_law_holds_on_the_source_document(published):
    broken = [str(finding) for finding in verify(published) if not finding.is_ok]
    assert broken == []


def test_a_second_run_reads_nothing_and_changes_nothing(raw, out):
    _settle(raw)
    first = pipeline.run(raw, out)
    before = tables(out)
    second = pipeline.run(raw, out)
    assert (first.status, second.status) == ("published", "unchanged")
    assert second.documents_read == 0
    assert "1 unchanged, not read again" in str(second)
    after = tables(out)
    assert all(before[name].equals(after[name]) for name in before)
    assert [run["status"] for run in journal(out)] == ["published", "unchanged"]
    assert [str(finding) for finding in verify(out) if not finding.is_ok] == []


def test_a_run_that_finds_nothing_to_do_publishes_nothing_and_the_journal_notes_it(raw, out):
    _settle(raw)
    first = pipeline.run(raw, out)
    files = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (out / "generations").iterdir()}
    before = read_status(out)
    for _ in range(3):
        assert pipeline.run(raw, out, keep=1).generation == first.generation
    assert {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (out / "generations").iterdir()} == files
    after = read_status(out)
    assert (after.generation, after.published_at) == (before.generation, before.published_at)
    assert before.checked_at == before.published_at < after.checked_at
    assert after.last_run["status"] == "unchanged"
    (raw / "a.txt").write_text(PAGE)
    pipeline.run(raw, out)
    statuses = tables_of(out, "select status from runs order by started_at")
    assert statuses == [("published",), *[("unchanged",)] * 3, ("published",)]


def test_only_the_changed_document_is_read_again(raw, out):
    (raw / "a.txt").write_text(PAGE)
    (raw / "b.txt").write_text(OTHER)
    _settle(raw)
    pipeline.run(raw, out)
    (raw / "b.txt").write_text(OTHER + "\nIs it sore?\nA little.\n")
    ledger = pipeline.run(raw, out)
    assert ledger.documents_read == 1
    assert "2 unchanged, not read again" in str(ledger)
    assert ledger.changes == {"added": 1}


def test_a_file_with_a_new_time_and_the_same_content_changes_no_row(raw, out):
    pipeline.run(raw, out)
    os.utime(raw / SEED.name)
    assert pipeline.run(raw, out).changes == {}


def test_of_a_page_that_is_read_again_only_what_is_new_is_built_again(raw, out, monkeypatch):
    (raw / "a.txt").write_text(PAGE)
    pipeline.run(raw, out)
    (raw / "a.txt").write_text(PAGE + "\nIs it sore?\nA little.\n")
    counts: list[int] = []

    def watch(db: duckdb.DuckDBPyConnection, name: str, _: object) -> None:
        if name == "refresh/60_affected_qa":
            counts.append(statements.count(db, "affected_qa_ids"))

    monkeypatch.setattr(statements, "watchers", [watch])
    pipeline.run(raw, out)
    assert counts == [1]
    assert tables_of(out, "select count(*) from statistics anti join qa using (qa_id)") == [(0,)]


def test_dry_run_reports_what_the_next_run_does_and_writes_nothing(raw, out):
    pipeline.run(raw, out)
    published = generations.published(out)
    (raw / "a.txt").write_text(PAGE)
    files = sorted(out.rglob("*"))
    told = pipeline.run(raw, out, dry_run=True)
    assert (told.status, told.generation) == ("dry_run", None)
    assert generations.published(out) == published
    assert sorted(out.rglob("*")) == files
    assert pipeline.run(raw, out).changes == told.changes == {"added": 2}


def test_dry_run_makes_no_folder(raw, out):
    pipeline.run(raw, out, dry_run=True)
    assert not out.exists()


def test_changes_name_added_changed_and_removed_rows(raw, out):
    page = raw / "a.txt"
    page.write_text(PAGE)
    pipeline.run(raw, out)
    page.write_text(PAGE.replace("A small sample of tissue.", "A sample of tissue, looked at under a microscope."))
    assert pipeline.run(raw, out).changes == {"changed": 1}
    page.unlink()
    assert pipeline.run(raw, out).changes == {"removed": 2}


def test_an_old_id_leads_to_the_row_it_became(raw, out):
    page = raw / "a.txt"
    page.write_text(PAGE)
    pipeline.run(raw, out)
    (old,) = tables_of(out, "select qa_id from qa where question = 'What is a biopsy?'")[0]
    page.write_text(PAGE.replace("A small sample of tissue.", "A sample of tissue, looked at under a microscope."))
    pipeline.run(raw, out)
    with pipeline.open(out) as ledger:
        found = ledger.trace(old)
    assert (found.requested_id, found.row["question"]) == (old, "What is a biopsy?")
    assert found.id != old


def test_first_seen_outlives_a_refresh(raw, out):
    pipeline.run(raw, out)
    born = tables_of(out, "select distinct first_seen_at from qa")
    (raw / "a.txt").write_text(PAGE)
    pipeline.run(raw, out)
    assert tables_of(out, "select count(distinct first_seen_at), min(first_seen_at) from qa") == [(2, born[0][0])]


def test_a_line_inserted_above_changes_no_occurrence_id(raw, out, tmp_path):
    pipeline.run(raw, out)
    before = set(tables(out)["occurrences"]["occurrence_id"])
    page = raw / SEED.name
    page.write_bytes(b"Frequently Asked Questions\n\n" + page.read_bytes())
    pipeline.run(raw, out)
    assert before == set(tables(out)["occurrences"]["occurrence_id"])


def test_workers_and_order_of_files_do_not_matter(tmp_path):
    """The pages are large enough, together, that two workers do share them."""
    one, other = tmp_path / "one", tmp_path / "other"
    pages = {f"{n:02d}.txt": SEED.read_text("utf-8") + f"\nWhat is number {n}?\nIt is number {n}.\n" for n in range(5)}
    pages["long.txt"] = "\n".join(f"What is a word of {n} letters?\n{'word ' * 400}{n}.\n" for n in range(700))
    records = [{"text": f"What is a text of {n} letters?\n{'letter ' * 200}{n}."} for n in range(400)]
    pages["crawl.jsonl"] = "\n".join(map(json.dumps, records))
    names = list(pages)
    for folder in (one, other):
        folder.mkdir()
        random.Random(str(folder.name)).shuffle(names)
        for name in names:
            (folder / name).write_text(pages[name], "utf-8")
    pipeline.run(one, tmp_path / "out1", workers=1)
    pipeline.run(other, tmp_path / "out2", workers=2)
    assert_same_tables(tmp_path / "out1", tmp_path / "out2")


edits = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["", PAGE, OTHER, PAGE + OTHER, "Only a title\n"])), max_size=3
)


@given(edits)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_incremental_runs_make_what_a_full_run_makes(tmp_path_factory, edits):
    folder = tmp_path_factory.mktemp("law")
    raw = folder / "raw"
    raw.mkdir()
    (raw / "always.txt").write_text(PAGE)
    pipeline.run(raw, folder / "incremental", workers=1)
    for name, text in edits:
        page = raw / f"{name}.txt"
        if text:
            page.write_text(text)
        else:
            page.unlink(missing_ok=True)
        pipeline.run(raw, folder / "incremental", workers=1)
    pipeline.run(raw, folder / "full", workers=1)
    assert_same_tables(folder / "incremental", folder / "full")
    assert all(finding.is_ok for finding in verify(folder / "incremental"))


# ---------------------------------------------------------------- bad input


def test_no_such_folder_is_one_sentence_and_makes_nothing(tmp_path, out):
    with pytest.raises(RawMissing, match="no such folder"):
        pipeline.run(tmp_path / "nowhere", out)
    assert not out.exists()


@pytest.mark.parametrize("allow_empty", [False, True])
def test_an_empty_folder_publishes_nothing_unless_allowed(raw, out, allow_empty):
    pipeline.run(raw, out)
    (raw / SEED.name).unlink()
    if allow_empty:
        assert pipeline.run(raw, out, allow_empty=True).changes == {"removed": 59}
        assert all(finding.is_ok for finding in verify(out))
        return
    before = generations.published(out)
    with pytest.raises(RawEmpty, match="--allow-empty"):
        pipeline.run(raw, out)
    assert generations.published(out) == before
    assert [run["status"] for run in journal(out)] == ["published", "failed"]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", b" \n\xc2\xa0\n\xe2\x80\x8b\n", "empty"),
        ("picture.txt", bytes(range(256)) * 40, "not_text"),
        ("cut.txt", "What’s a “biopsy”? A small sample.".encode()[:-18], "undecodable_bytes"),
        ("book.docx", b"PK\x03\x04", "unsupported_format"),
    ],
)
def test_bad_input_is_a_row_of_rejects_and_the_rest_is_read(raw, out, name, data, reason):
    (raw / name).write_bytes(data)
    ledger = pipeline.run(raw, out)
    assert ledger.exit_code == 3
    assert [(row["uri"], row["reason"]) for row in ledger.rejects] == [(name, reason)]
    assert ledger.counts["occurrences"] >= 63
    assert all(finding.is_ok for finding in verify(out))
    assert pipeline.run(raw, out).exit_code == 3, "what was rejected stays in sight while it is there"


def test_half_a_character_loses_nothing_but_itself(raw, out):
    (raw / "cut.txt").write_bytes("What is “it”?\nIt’s “this”".encode()[:-1])
    pipeline.run(raw, out)
    text, certain = tables_of(out, "select text, encoding_certain from documents where uri = 'cut.txt'")[0]
    assert (text, certain) == ("What is “it”?\nIt’s “this\ufffd", False)


def test_cp1252_is_read_and_marked_as_a_guess(raw, out):
    (raw / "old.txt").write_bytes("What is it?\nIt’s naïve.\n".encode("cp1252"))
    ledger = pipeline.run(raw, out)
    assert ledger.exit_code == 0
    assert any("old.txt" in warning and "cp1252" in warning for warning in ledger.warnings)
    assert tables_of(
        out, "select answer from occurrences join documents using (document_id) where uri = 'old.txt'"
    ) == [("It’s naïve.",)]


def test_one_warning_of_a_file_names_the_columns_that_were_guessed_and_those_that_were_not_read(raw, out):
    rows = ["1;Wo ist mein Paket?;In der Mail steht seine Nummer.;Lager", "2;Was kostet es?;Bis 20 kg vier Euro.;Kasse"]
    (raw / "list.csv").write_text("\n".join(["Zeile;Kundenwunsch;Textbaustein;Abteilung", *rows]), encoding="utf-8")
    ledger = pipeline.run(raw, out, workers=1)
    (warning,) = [warning for warning in ledger.warnings if warning.startswith("list.csv")]
    assert warning == (
        "list.csv: columns were guessed by their cells: 'Kundenwunsch' as question, 'Textbaustein' as answer; "
        "columns without sentences were not read: 'Abteilung' (2), 'Zeile' (2); to choose, name them with --columns"
    )
    ledger = pipeline.run(raw, out, workers=1, columns={"question": "Kundenwunsch", "answer": "Textbaustein"})
    assert [warning for warning in ledger.warnings if "guessed by their cells" in warning] == []


def test_a_page_without_a_question_becomes_leftovers_with_a_warning(raw, out):
    (raw / "about.txt").write_text("About us\nWe are a clinic.\n")
    ledger = pipeline.run(raw, out)
    assert ledger.exit_code == 0
    assert any("about.txt: no question was found" in warning for warning in ledger.warnings)
    lines = tables_of(
        out,
        "select sum(l.line_end - l.line_start + 1) from leftovers l join documents using (document_id) "
        "where uri = 'about.txt'",
    )
    assert lines == [(2,)]


def test_a_link_out_of_the_folder_is_rejected(raw, out, tmp_path):
    (tmp_path / "secret.txt").write_text(PAGE)
    (raw / "link.txt").symlink_to(tmp_path / "secret.txt")
    ledger = pipeline.run(raw, out)
    assert [row["reason"] for row in ledger.rejects] == ["outside_raw"]
    assert ledger.counts["documents"] == 1


def test_hidden_files_are_counted_and_not_read(raw, out):
    (raw / ".DS_Store").write_bytes(b"\0\0")
    ledger = pipeline.run(raw, out)
    assert ledger.exit_code == 0
    assert ledger.stages[0].dropped == {"hidden": 1}


def test_a_damaged_database_is_named_and_not_changed(raw, out):
    pipeline.run(raw, out)
    database = generations.published(out)
    database.write_bytes(b"not a database" * 100)
    (raw / "a.txt").write_text(PAGE)
    with pytest.raises(DatabaseDamaged, match="--full"):
        pipeline.run(raw, out)
    assert database.read_bytes() == b"not a database" * 100
    assert pipeline.run(raw, out, full=True).counts["documents"] == 2
    assert all(finding.is_ok for finding in verify(out))


def test_an_unchanged_run_notices_a_damaged_database(raw, out):
    _settle(raw)
    pipeline.run(raw, out)
    database = generations.published(out)
    data = bytearray(database.read_bytes())
    data[len(data) // 2] ^= 0x40
    database.write_bytes(bytes(data))
    with pytest.raises(DatabaseDamaged):
        pipeline.run(raw, out)


# ---------------------------------------------------------------- readers and writers


def test_readers_are_not_disturbed_by_a_run(raw, out):
    pipeline.run(raw, out)
    with pipeline.open(out) as ledger, duckdb.connect(str(out / "qa.duckdb"), read_only=True) as shell:
        (raw / "a.txt").write_text(PAGE)
        pipeline.run(raw, out)
        assert len(ledger.qa) == shell.sql("select count(*) from qa").fetchall()[0][0] == 59
        assert ledger.refresh()
        assert len(ledger.qa) == 61
        assert not ledger.refresh()


def test_a_reader_keeps_its_generation_when_the_folder_moves_on(raw, out):
    pipeline.run(raw, out)
    with pipeline.open(out) as ledger:
        for n in range(generations.KEEP + 2):
            (raw / f"{n}.txt").write_text(f"What is number {n}?\nIt is {n}.\n")
            pipeline.run(raw, out)
        assert len(ledger.qa) == 59
    assert len(generations.generations(out)) == generations.KEEP


def test_an_older_generation_can_be_opened_by_its_id(raw, out):
    first = pipeline.run(raw, out)
    (raw / "a.txt").write_text(PAGE)
    pipeline.run(raw, out)
    with pipeline.open(out, generation=first.generation) as ledger:
        assert len(ledger.qa) == 59


def test_a_second_writer_is_refused_at_once_with_the_name_of_the_lock_holder(raw, out):
    with locked(out), pytest.raises(RunLocked, match=str(os.getpid())):
        pipeline.run(raw, out)
    pipeline.run(raw, out)


def test_what_a_dead_run_left_is_cleaned_up(raw, out):
    pipeline.run(raw, out)
    leftover = out / generations.GENERATIONS / ".building-dead.duckdb"
    leftover.write_bytes(b"half")
    (raw / "a.txt").write_text(PAGE)
    pipeline.run(raw, out)
    assert not leftover.exists()
    assert list(out.rglob("*.wal")) == []


def tables_of(out: Path, sql: str) -> list[tuple]:
    with connection.connect(generations.published(out)) as db:
        return db.execute(sql).fetchall()


def _settle(raw: Path) -> None:
    """Set the files' times back, as if they had not been written in this very moment."""
    for path in raw.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))


def test_a_line_on_many_pages_is_furniture_and_an_incremental_run_finds_it_too(raw, out, tmp_path):
    """The line looks like text. Only its presence on every page shows, from the twentieth page on, what it is."""
    _settle(raw)
    for n in range(25):
        page = f"What is number {n}?\nIt is the number {n}.\nThe Number Gazette of Upper Town\n"
        (raw / f"{n:02d}.txt").write_text(page)
        if n == 18:
            pipeline.run(raw, out)
            assert "Upper Town" in _answer(out, 3)
    ledger = pipeline.run(raw, out)
    assert _answer(out, 3) == "It is the number 3."
    assert ledger.documents_read == 25, "the seed document holds no such line and is left unread"
    pipeline.run(raw, tmp_path / "full")
    assert_same_tables(out, tmp_path / "full")
    assert all(finding.is_ok for finding in verify(out))


def _answer(out: Path, number: int) -> str:
    return tables_of(out, f"select answer from qa where question = 'What is number {number}?'")[0][0]


def test_a_tag_that_does_not_fit_its_table_is_rejected_and_the_others_stay():
    asked = "Does insurance cover an MRI?"
    block = pa.table({"qa_id": ["qa_1", None], "question": [asked, asked], "answer": ["It does.", "It does."]})
    made = tag_block(block, load_taxonomy()).to_pylist()
    assert {row["qa_id"] for row in made if row["misfit"] is None} == {"qa_1"}
    told = {row["misfit"] for row in made if row["misfit"] is not None}
    assert told == {"qa_topics.qa_id does not fit: not_nullable; please report this row"}


def test_a_file_that_changed_within_the_grain_of_the_clock_is_read_again(raw, out):
    """Its size and time are as the last run found them, but it was so new then that the time proves nothing."""
    page = raw / "a.txt"
    later = (raw / SEED.name).stat().st_mtime_ns + 60_000_000_001
    for answer in ("About 20 minutes.", "About 90 minutes."):
        page.write_text(PAGE.replace("About 20 minutes.", answer))
        os.utime(page, ns=(later, later))
        ledger = pipeline.run(raw, out)
    assert ledger.changes == {"changed": 1}
    assert tables_of(out, "select answer from qa where question = 'How long does it take?'") == [("About 90 minutes.",)]


@pytest.mark.parametrize(
    ("leave", "come", "stays"),
    [(1, 0, False), (0, 180, False), (0, 179, True)],
    ids=["19 pages have it", "20 of 201 have it", "20 of 200 have it"],
)
def test_lines_that_are_no_longer_boilerplate_belong_to_their_answers_again(raw, out, tmp_path, leave, come, stays):
    """Pages that contain such a line are read again, although the pages did not change."""
    for n in range(20):
        page = f"What is number {n}?\nIt is the number {n}.\nThe Number Gazette of Upper Town\n"
        (raw / f"{n:02d}.txt").write_text(page)
    pipeline.run(raw, out)
    assert _answer(out, 19) == "It is the number 19."
    for n in range(leave):
        (raw / f"{n:02d}.txt").unlink()
    for n in range(come):
        (raw / f"new{n:03d}.txt").write_text(f"Who likes number {n}?\nNobody likes the number {n}.\n")
    ledger = pipeline.run(raw, out)
    assert _answer(out, 19) == "It is the number 19." + ("" if stays else "\nThe Number Gazette of Upper Town")
    assert ledger.documents_read == come + (0 if stays else 20 - leave)
    pipeline.run(raw, tmp_path / "full")
    assert_same_tables(out, tmp_path / "full")
