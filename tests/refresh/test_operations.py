"""What a nightly job needs: generations, rollback, notifications, metrics, logs, and a lock against other runs."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import duckdb
import pytest
from conftest import SEED, assert_same_tables
from damage import missed
from edits import wrong_dry_runs
from faults import query_instead
from forked import SERVER, Started
from readers import refreshes

import pipeline
from pipeline.errors import BadQuery, DatabaseDamaged, DiskFull
from pipeline.ledger.verify import verify
from pipeline.refresh import notify
from pipeline.refresh.rollback import rollback
from pipeline.storage import build, generations, lock
from pipeline.storage.journal import append_run, journal, trim_long_journal

PAGE = "What is a biopsy?\nA small sample of tissue.\n"


@pytest.fixture
def twice(raw, out):
    """A folder with two generations; gives their ids, older first."""
    pipeline.run(raw, out)
    (raw / "a.txt").write_text(PAGE)
    pipeline.run(raw, out)
    return generations.generations(out)


# ---------------------------------------------------------------- generations


def test_generations_are_listed_newest_first(twice, out, qaledger):
    told = json.loads(qaledger("generations", "--out", out, "--json").stdout)
    assert [(g["id"], g["is_published"], g["rows"]["qa"]) for g in told] == [
        (twice[1], True, 60),
        (twice[0], False, 59),
    ]
    lines = qaledger("generations", "--out", out).stdout.splitlines()
    assert [line.split()[0] for line in lines] == twice[::-1]
    assert [line.endswith("published") for line in lines] == [True, False]


def test_rollback_publishes_the_older_tables_and_the_next_run_goes_on_from_there(twice, raw, out, tmp_path, qaledger):
    assert f"generation {twice[0]} again" in qaledger("rollback", "--out", out).stdout
    assert generations.published(out).stem == twice[0]
    assert all(finding.is_ok for finding in verify(out))
    ledger = pipeline.run(raw, out)
    assert ledger.changes == {"added": 1}
    pipeline.run(raw, tmp_path / "fresh")
    assert_same_tables(out, tmp_path / "fresh")
    with pipeline.open(out) as opened:
        runs = opened.runs
    assert list(runs["status"]) == ["published", "published", "rolled_back", "published"]
    assert list(runs["generation"]) == [*twice, twice[0], ledger.generation]


def test_rollback_goes_forward_again_by_an_id(twice, out):
    rollback(out)
    rollback(out, twice[1])
    assert generations.published(out).stem == twice[1]


def test_rollback_refuses_what_is_not_there_or_damaged(twice, out):
    with pytest.raises(BadQuery, match="'2001' is not a generation; the generations are: "):
        rollback(out, "2001")
    rollback(out)
    with pytest.raises(BadQuery, match="no generation is older"):
        rollback(out)
    newer = generations.generation_file(out, twice[1])
    newer.write_bytes(newer.read_bytes()[:-1])
    with pytest.raises(DatabaseDamaged):
        rollback(out, twice[1])
    assert generations.published(out).stem == twice[0]


@pytest.mark.parametrize("keep", [1, 2])
def test_keep_sets_the_number_of_generations(twice, raw, out, keep, qaledger):
    (raw / "b.txt").write_text(PAGE)
    assert qaledger("run", raw, "--out", out, "--keep", keep).returncode == 0
    assert len(generations.generations(out)) == keep
    assert generations.published(out).stem == generations.generations(out)[-1]


def test_a_generation_that_another_program_reads_stays_until_it_is_closed(twice, raw, out):
    program = "import duckdb, sys\ndb = duckdb.connect(sys.argv[1], read_only=True)\nprint('open', flush=True)\ninput()"
    reader = subprocess.Popen(
        [sys.executable, "-c", program, out / "generations" / f"{twice[0]}.duckdb"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout.readline() == "open\n"
    assert [g.is_read for g in generations.listed(out)] == [False, True]
    (raw / "b.txt").write_text(PAGE)
    pipeline.run(raw, out, keep=1)
    assert twice[0] in generations.generations(out)
    reader.communicate("\n")
    pipeline.run(raw, out, keep=1)
    assert len(generations.generations(out)) == 1


def test_a_generation_that_was_never_published_is_removed(twice, raw, out):
    """As a run leaves it that dies between the last rename and the swap."""
    folder = out / "generations"
    for ending in (".duckdb", ".json"):
        (folder / f"29990101T000000.000000Z{ending}").write_bytes((folder / f"{twice[1]}{ending}").read_bytes())
    (folder / ".building-29990101T000000.000000Z.intent").touch()
    (folder / "19990101T000000.000000Z.json").write_text("of a generation whose database is gone")
    pipeline.run(raw, out)
    assert not [*folder.glob("*2999*"), *folder.glob("1999*")]
    assert set(twice) <= set(generations.generations(out))


def test_too_little_space_is_reported_before_anything_is_written(raw, out):
    pipeline.run(raw, out)
    before = generations.generations(out)
    with (
        lock.locked(out),
        pytest.raises(DiskFull, match=r"MB are free.*--keep"),
        generations.building(out, "x", needed=10**18),
    ):
        pytest.fail("there is never so much")
    assert generations.generations(out) == before


# ---------------------------------------------------------------- at once


def test_of_eight_runs_at_once_one_writes_and_the_others_say_who(raw, out, tmp_path):
    for n in range(100):
        (raw / f"{n}.txt").write_bytes(SEED.read_bytes())
    runs = [Started(tmp_path, "run", raw, "--out", out, "--workers", "1") for _ in range(8)]
    codes, told = zip(*(run.ended() for run in runs), strict=True)
    assert Counter(codes) == {0: 1, 75: 7}
    writer = runs[codes.index(0)].process.pid
    assert sum(f"process {writer}, since 2" in sentence for sentence in told) == 7
    assert len(generations.generations(out)) == 1


def test_a_lock_of_a_dead_run_blocks_no_other_run(raw, out):
    out.mkdir()
    (out / lock.LOCK).write_text("999999, since 2026-01-01 00:00:00 UTC")
    lock.refuse_if_locked(out)
    assert pipeline.run(raw, out).status == "published"


def test_workers_of_a_killed_run_do_not_hold_its_lock(raw, out, tmp_path):
    for n in range(400):
        (raw / f"{n}.txt").write_bytes(SEED.read_bytes())
    run = Started(tmp_path, "run", raw, "--out", out, "--workers", "2").process
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    while len(children.read_text().split()) < 2:
        time.sleep(0.02)
    workers = children.read_text().split()
    run.kill()
    run.join()
    with lock.locked(out):
        pass
    until = time.monotonic() + 30
    while any(_is_running(worker) for worker in workers) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(_is_running(worker) for worker in workers)


def _is_running(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_says_so_once_and_leaves_its_result(raw, out, tmp_path, number, code):
    for n in range(400):
        (raw / f"{n}.txt").write_bytes(SEED.read_bytes())
    run = Started(tmp_path, "run", raw, "--out", out, "--workers", "2")
    lock = out / ".lock"
    while not (lock.exists() and lock.read_text()):  # it names its process once it has begun
        time.sleep(0.02)
    time.sleep(0.2)
    os.kill(run.process.pid, number)
    ended, told = run.ended()
    assert (ended, told.count("nothing was published")) == (code, 1)
    assert json.loads((out / "run_results.json").read_text())["status"] == "interrupted"
    assert not (out / "qa.duckdb").exists()


def test_an_interrupted_run_waits_for_no_thread(raw, out, tmp_path):
    run = Started(tmp_path, "run", raw, "--out", out, first=(wait_in_thread, 60))
    lock = out / ".lock"
    while not (lock.exists() and lock.read_text()):
        time.sleep(0.02)
    os.kill(run.process.pid, signal.SIGINT)
    asked = time.monotonic()
    assert run.ended()[0] == 130
    assert time.monotonic() - asked < 40


def wait_in_thread(seconds):
    """Python waits for this thread when a process ends, as for that of a pool."""
    threading.Thread(target=time.sleep, args=(seconds,)).start()


def test_what_does_not_fit_into_memory_goes_to_disk_and_is_removed_at_the_end(tmp_path):
    place = tmp_path / "new.duckdb"
    with build.new_generation(place, threads=2, thread_bytes=20 * 2**20) as db:
        bounds = db.execute("select current_setting('threads'), current_setting('memory_limit')").fetchall()[0]
        db.execute("create temp table sorted as select hash(range) as h from range(5000000) order by h")
        spilled = [path for path in tmp_path.rglob("*") if path.parent.name == "new.duckdb.tmp"]
    assert bounds == (2, "40.0 MiB")
    assert spilled
    assert [path.name for path in tmp_path.iterdir()] == ["new.duckdb"]


LONG_QUERY = "create table x as select hash(a.range + b.range) as h from range(100000) a, range(30000) b"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("query", [LONG_QUERY, f"{LONG_QUERY} order by h"], ids=["stops", "does not hear"])
def test_a_running_query_delays_an_interrupted_command_by_a_second_at_most(tmp_path, number, code, query):
    """Up to three attempts: other work on the machine can delay one of them, a fault of ours delays all."""
    held_up = []
    while len(held_up) < 3 and (not held_up or held_up[-1] >= 1.5):
        at_work = SERVER.Event()
        command = Started(tmp_path, first=(query_instead, tmp_path / f"{len(held_up)}.duckdb", query, at_work))
        assert at_work.wait(60)
        time.sleep(0.3)
        os.kill(command.process.pid, number)
        asked = time.monotonic()
        ended, told = command.ended()
        held_up.append(time.monotonic() - asked)
        assert (ended, told.count("nothing was published")) == (code, 1), told
    assert held_up[-1] < 1.5, "a second, and what a loaded machine adds"


def test_readers_see_whole_generations_while_runs_replace_them(tmp_path):
    assert refreshes(tmp_path, 2) == []


# ---------------------------------------------------------------- what schedulers hear


def test_the_result_of_every_run_is_written_beside_the_database(raw, out):
    ledger = pipeline.run(raw, out)
    told = json.loads((out / "run_results.json").read_text())
    assert (told["run_id"], told["exit_code"], told["counts"]["qa"]) == (ledger.run_id, 0, 59)
    (raw / SEED.name).unlink()
    with pytest.raises(pipeline.PipelineError):
        pipeline.run(raw, out)
    told = json.loads((out / "run_results.json").read_text())
    assert (told["status"], told["exit_code"], "--allow-empty" in told["error"]) == ("failed", 1, True)


def test_a_notifier_gets_the_result_on_its_standard_input(raw, out, tmp_path, qaledger):
    note = tmp_path / "a note.json"
    command = f"{sys.executable} -c \"import sys; open(sys.argv[1], 'w').write(sys.stdin.read())\" '{note}'"
    assert qaledger("run", raw, "--out", out, "--notify", command).returncode == 0
    assert json.loads(note.read_text())["counts"]["qa"] == 59
    assert qaledger("run", tmp_path / "nowhere", "--out", out, "--notify", command).returncode == 2
    assert "no such folder" in json.loads(note.read_text())["error"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("false --token s3cret", "--notify false failed with exit code 1"),
        ("no-such-program --token s3cret", "--notify no-such-program was not run"),
        ("'unbalanced s3cret", "its quotes do not match"),
        (" ", "it is empty"),
        ("echo s3cret ; touch injected", None),
    ],
)
def test_a_failing_notifier_never_fails_the_run_and_reveals_no_secret(raw, out, tmp_path, qaledger, command, said):
    done = qaledger("run", raw, "--out", out, "--log", "json", "--notify", command)
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    warnings = [line["message"] for line in lines if line["level"] == "warning"]
    assert said is None or said in warnings[0]
    assert "s3cret" not in done.stderr + done.stdout + (out / "run_results.json").read_text()
    assert not list(tmp_path.rglob("injected")), "no shell has read the command"


def test_a_hanging_notifier_is_stopped_with_all_its_processes(tmp_path, caplog):
    script = tmp_path / "hang.py"
    script.write_text("import subprocess, sys, time\nsubprocess.Popen(['sleep', '1000'])\ntime.sleep(1000)\n")
    notify.notify(f"{sys.executable} {script} {tmp_path}", {"status": "published"}, seconds=1)
    assert "was stopped after 1 s" in caplog.text


def test_logs_are_json_lines_and_end_with_what_was_published(raw, out, qaledger):
    (raw / "picture.txt").write_bytes(bytes(range(256)) * 40)
    done = qaledger("run", raw, "--out", out, "--log", "json")
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["message"] for line in lines][:2] == ["run started", "stage done"]
    assert (lines[-1]["message"], lines[-1]["counts"]["qa"]) == ("run done", 59)
    assert [line["uri"] for line in lines if line["message"] == "rejected"] == ["picture.txt"]
    failed = qaledger("run", "nowhere", "--log", "json")
    last = json.loads(failed.stderr.splitlines()[-1])
    assert (failed.returncode, last["level"], "no such folder" in last["message"]) == (2, "error", True)


def test_metrics_are_prometheus_text_from_run_and_status(raw, out, tmp_path, qaledger):
    to = tmp_path / "qaledger.prom"
    assert qaledger("run", raw, "--out", out, "--metrics", to).returncode == 0
    assert qaledger("status", "--out", out, "--prometheus").stdout == to.read_text()
    samples = dict(line.rsplit(" ", 1) for line in to.read_text().splitlines() if not line.startswith("#"))
    assert samples['qaledger_published_rows{table="qa"}'] == "59"
    assert samples["qaledger_last_run_exit_code"] == "0"
    assert samples['qaledger_last_run_stage_rows{stage="duplicates",outcome="dropped"}'] == "4"
    declared = {line.split()[2] for line in to.read_text().splitlines() if line.startswith("# TYPE")}
    assert {name.partition("{")[0] for name in samples} == declared
    (raw / SEED.name).unlink()
    qaledger("run", raw, "--out", out, "--metrics", to)
    assert "qaledger_last_run_exit_code 1" in to.read_text()


def test_metrics_that_cannot_be_written_are_a_warning(raw, out, tmp_path, qaledger):
    done = qaledger("run", raw, "--out", out, "--metrics", tmp_path / "nowhere" / "q.prom")
    assert done.returncode == 0
    assert "warning: --metrics" in done.stderr


# ---------------------------------------------------------------- history


def test_keep_runs_sets_the_number_of_runs_in_runs_and_changes(raw, out):
    ids = []
    for n in range(4):
        (raw / "a.txt").write_text(f"What is number {n}?\nIt is {n}.\n")
        ids.append(pipeline.run(raw, out, keep_runs=2).run_id)
    with pipeline.open(out) as ledger:
        assert list(ledger.runs["run_id"]) == ids[-2:]
        assert set(ledger.changes["run_id"]) == set(ids[-2:])
    assert [run["run_id"] for run in journal(out)][-2:] == ids[-2:]


@pytest.mark.parametrize("target", ["20200101T000000.000000Z.duckdb", "gone"], ids=["to itself", "to nothing"])
def test_a_link_that_leads_nowhere_is_no_generation(twice, raw, out, qaledger, target):
    (out / "generations" / "20200101T000000.000000Z.duckdb").symlink_to(target)
    done = qaledger("generations", "--out", out)
    assert (done.returncode, [line.split()[0] for line in done.stdout.splitlines()]) == (0, twice[::-1])
    (raw / "b.txt").write_text(PAGE)
    assert pipeline.run(raw, out, workers=1).exit_code == 0


ODD_LINES = [
    {"run_id": "x"},
    {"status": "done"},
    {"run_id": "r_\ud83d"},
    {"error": "\udc00"},
    {"run_id": "r_1", "stages": {"a": 1}},
    {"run_id": "r_1", "generation": ["../x"], "version": [1]},
    {"run_id": "r_1", "started_at": "0001-01-01T00:00:00+14:00"},
    {"run_id": "r_1", "finished_at": "9999-12-31T23:59:59-12:00"},
    {"run_id": "r_1", "qa": "many", "exit_code": 2**70},
    {"run_id": "r_a\0b"},
]


def test_an_odd_line_of_the_journal_makes_no_command_fail_and_no_table_damaged(raw, out, qaledger):
    pipeline.run(raw, out, workers=1)
    run = journal(out)[0]
    lines = (out / "runs.jsonl").read_text() + "".join(json.dumps({**run, **odd}) + "\n" for odd in ODD_LINES)
    (out / "runs.jsonl").write_text(lines)
    for words in (["status"], ["status", "--json"], ["status", "--prometheus"]):
        done = qaledger(*words, "--out", out)
        assert (done.returncode, done.stderr) == (0, "")
    (raw / "a.txt").write_text(PAGE)
    pipeline.run(raw, out, workers=1)
    assert [str(finding) for finding in verify(out) if not finding.is_ok] == []


def test_the_journal_is_shortened_when_it_is_twice_as_long(tmp_path):
    times = {"started_at": "2026-01-01T00:00:00", "finished_at": "2026-01-01T00:00:01"}
    for n in range(7):
        append_run(tmp_path, {"run_id": f"r_{n}", "status": "published", "exit_code": 0, **times})
    trim_long_journal(tmp_path, 3)
    assert [run["run_id"] for run in journal(tmp_path)] == ["r_4", "r_5", "r_6"]
    trim_long_journal(tmp_path, 3)
    assert len(journal(tmp_path)) == 3


def test_a_dry_run_as_json_lists_each_row(twice, raw, out, qaledger):
    (raw / "a.txt").unlink()
    told = json.loads(qaledger("run", raw, "--out", out, "--dry-run", "--json").stdout)
    assert [(row["change"], json.loads(row["before"])["question"]) for row in told["changed_rows"]] == [
        ("removed", "What is a biopsy?")
    ]


def test_after_random_edits_the_dry_run_was_right_and_incremental_equals_full(tmp_path):
    assert wrong_dry_runs(tmp_path, 2) == []


# ---------------------------------------------------------------- damage


def test_verify_finds_every_damage_to_the_database_and_its_manifest(raw, out):
    pipeline.run(raw, out)
    assert missed(out, 100, random.Random(1)) == []


def test_a_published_database_cannot_access_files_or_network(published):
    with pipeline.open(published) as ledger:
        for sql in ("select * from read_csv('/etc/passwd')", "copy qa to '/tmp/qa.csv'", "attach '/tmp/other.duckdb'"):
            with pytest.raises(duckdb.PermissionException):
                ledger.db.execute(sql)
        with pytest.raises(duckdb.InvalidInputException, match="locked"):
            ledger.db.execute("set enable_external_access = true")


def test_a_run_needs_no_more_disk_than_it_says(tmp_path, monkeypatch):
    raw, out, said = tmp_path / "raw", tmp_path / "out", []
    raw.mkdir()
    building = generations.building

    def noting(*arguments):
        said.append(arguments[2])
        return building(*arguments)

    monkeypatch.setattr(generations, "building", noting)

    def pages(numbers):
        for number in numbers:
            pairs = (f"Who pays for {number} of {k}?\nAbout {k} percent pay ${number}.\n" for k in range(20))
            (raw / f"p{number}.txt").write_text("\n".join(pairs))

    for numbers in (range(30), range(30, 31), range(40, 70)):
        pages(numbers)
        with disk_usage(out) as used:
            pipeline.run(raw, out, workers=1)
        assert used[-1] < said[-1]
    with disk_usage(out) as used:
        pipeline.run(raw, out, workers=1, full=True)
    assert used[-1] < said[-1]


@contextmanager
def disk_usage(folder):
    """A list that gets, at the end of the block, how many bytes more the folder had at most than at its beginning."""
    used, has_ended = [], Event()

    def size():
        total = 0
        for path in folder.rglob("*"):
            with suppress(OSError):
                total += path.lstat().st_size
        return total

    def watch():
        start = peak = size()
        while not has_ended.wait(0.002):
            peak = max(peak, size())
        used.append(peak - start)

    thread = Thread(target=watch)
    thread.start()
    try:
        yield used
    finally:
        has_ended.set()
        thread.join()
