"""DuckDB's memory: bounded, and what a query needs beyond it is had where the machine has more."""

from __future__ import annotations

import duckdb
import pytest

from pipeline import door

LIST = "create temp table t as select sum(len(n)) as held from (select list(range) as n from range(4_000_000))"


def test_a_statement_that_needs_more_memory_has_it_once_and_only_once(tmp_path):
    with duckdb.connect(config={"threads": 1, "memory_limit": "16MiB"}) as db:
        db.execute(f"set temp_directory = '{tmp_path}'")
        with pytest.raises(duckdb.OutOfMemoryException):
            db.execute(LIST)
        door.carry_out(db, f"create table kept_before (x int); {LIST}; insert into kept_before values (1)")
        assert db.execute("select held from t").fetchall() == [(4_000_000,)]
        assert db.execute("select count(*) from kept_before").fetchall() == [(1,)]
        assert db.execute("select current_setting('memory_limit')").fetchall() == [("16.0 MiB",)]


def settings(db, *names):
    return [db.execute(f"select current_setting('{name}')").fetchall()[0][0] for name in names]


def test_duckdb_has_one_thread_and_half_of_its_memory_while_others_work(tmp_path):
    with door.writing(tmp_path / "new.duckdb", threads=2) as db:
        whole = settings(db, "threads", "memory_limit")
        with door.leaner(db):
            lean = settings(db, "threads", "memory_limit")
        assert settings(db, "threads", "memory_limit") == whole
    assert whole[0] == 2
    assert lean[0] == 1
    assert lean[1] == "500.0 MiB" or lean[1] < whole[1]


def test_rows_are_moved_out_of_the_log_every_256_mb(tmp_path):
    with door.writing(tmp_path / "new.duckdb") as db:
        assert settings(db, "checkpoint_threshold") == ["256.0 MiB"]
