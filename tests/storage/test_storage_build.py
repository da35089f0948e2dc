"""A generation being built: bounded memory, no log, and errors that name the right cause."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

import pipeline
from pipeline.storage import arrow, build, frames, statements
from pipeline.storage.schema import ddl

LIST = "create temp table t as select sum(len(n)) as held from (select list(range) as n from range(4_000_000))"


def test_a_statement_that_needs_more_memory_has_it_once_and_only_once(tmp_path):
    with duckdb.connect(config={"threads": 1, "memory_limit": "16MiB"}) as db:
        db.execute(f"set temp_directory = '{tmp_path}'")
        with pytest.raises(duckdb.OutOfMemoryException):
            db.execute(LIST)
        statements.execute(db, f"create table kept_before (x int); {LIST}; insert into kept_before values (1)")
        assert db.execute("select held from t").fetchall() == [(4_000_000,)]
        assert db.execute("select count(*) from kept_before").fetchall() == [(1,)]
        assert db.execute("select current_setting('memory_limit')").fetchall() == [("16.0 MiB",)]


def setting(db, name):
    return db.execute(f"select current_setting('{name}')").fetchall()[0][0]


def memory(db):
    number, unit = setting(db, "memory_limit").split()
    return float(number) * {"MiB": 1, "GiB": 1024}[unit]


def test_duckdb_has_one_thread_and_a_quarter_of_its_memory_while_others_work(tmp_path):
    with build.new_generation(tmp_path / "new.duckdb", threads=2) as db:
        whole = memory(db)
        with build.reduced_resources(db):
            assert setting(db, "threads") == 1
            assert memory(db) == pytest.approx(whole / 4, rel=0.01)
        assert (setting(db, "threads"), memory(db)) == (2, whole)


def test_rows_are_not_written_to_a_log_first(tmp_path):
    with build.new_generation(tmp_path / "new.duckdb") as db:
        db.execute("create table texts as select range::varchar as text from range(1000)")
        assert [path.name for path in tmp_path.iterdir()] == ["new.duckdb"]


def test_rows_inserted_at_once_are_in_the_file_and_not_in_memory(tmp_path):
    with build.new_generation(tmp_path / "new.duckdb") as db:
        db.execute("create table texts (text varchar)")
        held = pa.total_allocated_bytes()
        with build.one_transaction(db):
            for block in range(5):
                arrow.insert(db, "texts", pa.table({"text": [f"{block} {row:0100}" for row in range(20_000)]}))
            assert pa.total_allocated_bytes() < held + 1_000_000  # of the 10 MB inserted
        assert statements.count(db, "texts") == 100_000
        packed = db.sql("select max(count) from pragma_storage_info('texts')").fetchall()
        assert packed == [(16_384,)]
        build.close_generation(db)
    with duckdb.connect(str(tmp_path / "new.duckdb"), read_only=True) as db:
        assert statements.count(db, "texts") == 100_000


def test_a_missing_file_of_our_own_is_not_reported_as_an_output_that_cannot_be_written(raw, out, monkeypatch):
    real = statements.statement

    def broken(name):
        return real("refresh/no_such_file" if name == "refresh/70_changes" else name)

    monkeypatch.setattr(statements, "statement", broken)
    with pytest.raises(FileNotFoundError, match=r"no_such_file\.sql"):
        pipeline.run(raw, out, workers=1)
    assert not (out / "qa.duckdb").exists()


def test_changes_are_read_in_the_order_of_runs_kinds_and_rows_however_they_were_inserted():
    rows = [("r_1", "qa_1", "removed"), ("r_1", "qa_3", "added"), ("r_2", "qa_4", "added"), ("r_1", "qa_2", "added")]
    with duckdb.connect() as db:
        db.execute("create table runs as select 'r_1' as run_id, 2 as started_at union all select 'r_2', 1")
        db.execute(next(ddl("changes")))
        db.executemany("insert into changes (run_id, qa_id, change) values (?, ?, ?)", rows)
        assert [*frames.read_table(db, "changes")["qa_id"]] == ["qa_4", "qa_2", "qa_3", "qa_1"]


def test_each_row_that_a_run_adds_removes_or_changes_is_one_row_of_changes():
    row = "select '{0}' as qa_id, 'Why?' as question, '{1}' as answer, false as is_truncated, ['cost'] as topics,"
    row += " 1 as occurrence_count, 1 as document_count"
    with duckdb.connect() as db:
        db.execute(next(ddl("changes")))
        for name, rows in (
            ("affected_qa", [("qa_new", "A"), ("qa_same", "B"), ("qa_edited", "C2"), ("qa_next", "D2")]),
            ("published_affected_qa", [("qa_gone", "E"), ("qa_same", "B"), ("qa_edited", "C"), ("qa_last", "D")]),
        ):
            db.execute(f"create table {name} as {' union all '.join(row.format(*values) for values in rows)}")
        db.execute("create table affected_qa_counts as select qa_id from affected_qa")
        db.execute(
            "create table qa_continuations as from (values ('qa_same', 'qa_same'), ('qa_edited', 'qa_edited'), "
            "('qa_last', 'qa_next')) pairs(old_id, new_id)"
        )
        statements.execute_file(db, "refresh/70_changes", run_id="r_1")
        found = db.execute("select qa_id, change, before ->> 'answer', after ->> 'answer' from changes order by qa_id")
        assert found.fetchall() == [
            ("qa_edited", "changed", "C", "C2"),
            ("qa_gone", "removed", "E", None),
            ("qa_new", "added", None, "A"),
            ("qa_next", "changed", "D", "D2"),
        ]
