"""The command as people and schedulers use it: arguments in, one clear sentence and the right exit code out."""

from __future__ import annotations

import errno
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from conftest import ROOT, SEED
from forked import Started

import pipeline
from pipeline import __main__
from pipeline.cli.main import _interrupt
from pipeline.cli.run import _light_libraries
from pipeline.errors import OutputUnusable, ResourcesMissing, TemporaryFolderUnusable
from pipeline.ledger.verify import verify
from pipeline.ledger.workbook import Worksheet, write_workbook


def ended(monkeypatch, *words):
    """The exit code of the command in this process, whose signals it leaves alone."""
    monkeypatch.setattr("pipeline.cli.main._SIGNALS", {})
    monkeypatch.setattr(sys, "argv", ["qaledger", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        __main__.main()
    return end.value.code


VERBS = ["run", "status", "verify", "generations", "rollback", "trace", "search", "export", "report"]


def test_help_of_every_verb_shows_an_example_and_the_exit_codes(qaledger):
    assert all(verb in qaledger("--help").stdout for verb in VERBS)
    for verb in VERBS:
        told = qaledger(verb, "--help").stdout
        assert f"qaledger {verb}" in told.split("For example:")[1]
        assert "--out" in told
        assert "Exit codes: 0 done" in told


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["run", "nowhere"], 2, "nowhere: no such folder"),
        (["run", "raw", "--workers", "0"], 2, "0 is not in the range"),
        (["status"], 1, "no published database. Make one first: qaledger run"),
        (["trace", "qa_1"], 1, "no published database"),
        (["verify"], 1, "no published database"),
        (["export", "qa", "--to", "qa.csv"], 1, "no published database"),
        (["status", "--max-age", "soon"], 2, "write for example 90m, 24h or 7d"),
    ],
)
def test_a_users_mistake_is_one_sentence_and_a_code(qaledger, words, code, sentence):
    done = qaledger(*words)
    assert done.returncode == code
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_run_prints_its_ledger_and_publishes(cold_qaledger, qaledger, raw, out):
    done = cold_qaledger("run", raw, "--out", out)
    assert done.returncode == 0, done.stderr
    assert re.search(r"parse +143 lines +140 kept +3 dropped +3 blank", done.stdout)
    assert "rows of qa: 59 added" in done.stdout
    assert done.stderr == "", "progress is for terminals only"
    again = qaledger("run", raw, "--out", out)
    assert "no file has changed" in again.stdout


def test_run_as_json_is_the_same_ledger(qaledger, raw, out):
    told = json.loads(qaledger("run", raw, "--out", out, "--json").stdout)
    assert (told["status"], told["exit_code"], told["changes"]) == ("published", 0, {"added": 59})
    assert [stage["stage"] for stage in told["stages"]][:2] == ["read", "parse"]


def test_rejected_input_does_not_stop_publishing_and_exits_3(qaledger, raw, out):
    (raw / "picture.txt").write_bytes(os.urandom(4096))
    done = qaledger("run", raw, "--out", out)
    assert done.returncode == 3
    assert "rejected   picture.txt: not_text" in done.stdout
    dry = qaledger("run", raw, "--out", out, "--dry-run")
    assert (dry.returncode, "nothing was written" in dry.stdout) == (0, True)


def test_an_empty_folder_exits_1_and_leaves_the_published_tables(qaledger, raw, out):
    qaledger("run", raw, "--out", out)
    target = (out / "qa.duckdb").readlink()
    (raw / SEED.name).unlink()
    done = qaledger("run", raw, "--out", out)
    assert (done.returncode, (out / "qa.duckdb").readlink()) == (1, target)
    assert "--allow-empty" in done.stderr
    assert qaledger("run", raw, "--out", out, "--allow-empty").returncode == 0


def test_an_output_that_cannot_be_written_exits_1(qaledger, raw, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    done = qaledger("run", raw, "--out", blocked / "processed")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_database_exits_4_from_verify_and_1_from_run(qaledger, raw, out):
    qaledger("run", raw, "--out", out)
    database = (out / "qa.duckdb").resolve()
    data = bytearray(database.read_bytes())
    data[len(data) // 3] ^= 1
    database.write_bytes(bytes(data))
    done = qaledger("verify", "--out", out)
    assert done.returncode == 4
    assert "BROKEN  file" in done.stdout
    database.write_bytes(b"")
    for words in (["run", raw], ["status"], ["trace", "qa_1"]):
        done = qaledger(*words, "--out", out)
        assert done.returncode == 1
        assert "is damaged" in done.stderr
        assert "Traceback" not in done.stderr
    assert qaledger("run", raw, "--out", out, "--full").returncode == 0
    assert qaledger("verify", "--out", out).returncode == 0


def test_verify_accepts_what_was_published(qaledger, raw, out):
    qaledger("run", raw, "--out", out)
    done = qaledger("verify", "--out", out, "--json")
    assert (done.returncode, json.loads(done.stdout)["is_ok"]) == (0, True)
    last = qaledger("verify", "--out", out).stdout.splitlines()[-1]
    assert re.fullmatch(r"The tables are intact: \d+ checks passed.", last)


def test_status_shows_the_age_and_exits_4_when_stale(qaledger, raw, out):
    qaledger("run", raw, "--out", out)
    told = json.loads(qaledger("status", "--out", out, "--json").stdout)
    assert (told["counts"]["qa"], told["last_run"]["status"]) == (59, "published")
    shown = qaledger("status", "--out", out, "--max-age", "24h")
    assert shown.returncode == 0
    assert "59 distinct questions and answers, from 63 questions in 1 document\n" in shown.stdout
    assert "rejected   nothing\n" in shown.stdout
    assert "line_keys" not in shown.stdout
    stale = qaledger("status", "--out", out, "--max-age", "0s")
    assert stale.returncode == 4
    assert "stale" in stale.stderr


def test_status_names_a_failed_run_after_a_good_one(qaledger, raw, out):
    qaledger("run", raw, "--out", out)
    (raw / SEED.name).unlink()
    qaledger("run", raw, "--out", out)
    assert "last run   failed: " in qaledger("status", "--out", out).stdout


@pytest.mark.parametrize("key", ["statistic_id", "qa_id", "occurrence_id"])
def test_trace_prints_file_line_and_sentence_of_every_figure(qaledger, published, key):
    with pipeline.open(published) as ledger:
        figures = ledger.statistics
    for row in figures.drop_duplicates(key).to_dict("records"):
        done = qaledger("trace", row[key], "--out", published)
        assert done.returncode == 0
        assert f"{SEED.name}, lines" in done.stdout
        assert f"in line {row['line']}, characters {row['char_start']:,} to {row['char_end']:,}" in done.stdout
        assert f"“{row['quote']}”" in done.stdout


def test_trace_says_why_rows_were_merged_and_tagged(qaledger, published):
    with pipeline.open(published) as ledger:
        (qa_id,) = ledger.sql("select qa_id from qa where occurrence_count = 3")["qa_id"]
        (leftover,) = ledger.leftovers["leftover_id"]
    told = qaledger("trace", qa_id, "--out", published).stdout
    assert "merged because" in told
    assert "exact_pair" in told
    assert "tagged because" in told
    assert "insurance" in told
    assert all(f"lines {line} to" in told for line in (66, 72, 140))
    assert f"{SEED.name}, lines 2 to 4" in qaledger("trace", leftover, "--out", published).stdout


def test_trace_of_words_names_ids(qaledger, published):
    for words in (["second opinion"], ["second", "opinion"]):
        done = qaledger("trace", *words, "--out", published)
        assert done.returncode == 1
        assert re.search(r"Rows with these words are: qa_\w+ \(", done.stderr)


def test_trace_of_an_unknown_id_says_how_to_find_ids(qaledger, published):
    done = qaledger("trace", "qa_nothing", "--out", published)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "no row has this id. To find ids: qaledger search WORDS" in done.stderr


def test_trace_of_words_suggests_ids(qaledger, published):
    done = qaledger("trace", "cost of a second opinion", "--out", published)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    first = re.search(r"Rows with these words are: (qa_\w+) \(", done.stderr)
    assert first is not None
    assert qaledger("trace", first[1], "--out", published).returncode == 0


def test_search_prints_the_best_rows_with_their_ids(qaledger, published):
    done = qaledger("search", "medical", "records", "--limit", "3", "--out", published)
    ids = re.findall(r"^(qa_\w+)  .*record", done.stdout, re.MULTILINE)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 6)
    as_json = json.loads(qaledger("search", "medical", "records", "--limit", "3", "--json", "--out", published).stdout)
    assert set(ids) <= {row["qa_id"] for row in as_json}
    assert [row["score"] for row in as_json] == sorted((row["score"] for row in as_json), reverse=True)


@pytest.mark.parametrize(("words", "code", "message"), [(["zebra"], 0, "no question"), (['"open'], 1, "not closed")])
def test_a_search_without_a_result_or_a_closing_mark_says_so(qaledger, published, words, code, message):
    done = qaledger("search", *words, "--out", published)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert message in done.stderr


def test_a_file_sets_defaults(qaledger, raw, tmp_path):
    (tmp_path / "qaledger.toml").write_text('out = "tables"\n[run]\nraw = "raw"\nmax-document-bytes = 100000\n')
    assert qaledger("run").returncode == 0
    assert (tmp_path / "tables" / "qa.duckdb").exists()
    assert qaledger("status").returncode == 0


def test_settings_of_a_group_apply_to_each_of_its_verbs(published, qaledger, tmp_path):
    """And `out` at the top applies to verbs of a group, too."""
    (tmp_path / "qaledger.toml").write_text(
        f'out = "{published}"\n[audit]\ndecisions = "own.jsonl"\n[topics]\njson = true\n'
    )
    assert "list.csv: " in qaledger("audit", "redirects", "--to", "list.csv").stdout
    assert json.loads(qaledger("topics", "preview").stdout) == []


def test_the_folder_of_the_tables_is_found_as_open_finds_it(published, qaledger, tmp_path):
    """The option, else $QALEDGER_OUT, else the nearest data/processed upwards."""
    assert qaledger("status").returncode == 1
    assert qaledger("status", QALEDGER_OUT=str(published)).returncode == 0
    assert qaledger("status", QALEDGER_OUT=str(published / "qa.duckdb")).returncode == 0
    assert qaledger("status", "--out", tmp_path, QALEDGER_OUT=str(published)).returncode == 1
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "processed").symlink_to(published)
    (tmp_path / "notebooks").mkdir()
    assert qaledger("status", cwd=tmp_path / "notebooks").returncode == 0


@pytest.mark.parametrize("named", ["elsewhere", "elsewhere/qa.duckdb", "./elsewhere/", ""])
def test_the_environment_means_the_same_in_the_shell_and_in_python(qaledger, raw, tmp_path, monkeypatch, named):
    """Where a run publishes and where it is read; the command line wins over it, and it wins over the settings."""
    folder = tmp_path / ("elsewhere" if named else "data/processed")
    (tmp_path / "qaledger.toml").write_text('out = "file"' if named else "")
    done = qaledger("run", raw, QALEDGER_OUT=named)
    assert done.returncode == 0, done.stderr
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QALEDGER_OUT", named)
    assert pipeline.run(raw, workers=1).status == "unchanged"
    with pipeline.open() as ledger:
        assert ledger.generation == (folder / "qa.duckdb").resolve().stem
    assert not (tmp_path / "file").exists()
    words = ["audit", "redirects", "--to", "list.csv"]
    assert qaledger(*words, QALEDGER_OUT=named).returncode == 0
    assert qaledger(*words, "--out", "nowhere", QALEDGER_OUT=named).returncode == 1
    assert qaledger("audit", "--out", "nowhere", *words[1:], QALEDGER_OUT=named).returncode == 1
    assert qaledger("generations", "--out", "nowhere", "pin", ledger.generation, QALEDGER_OUT=named).returncode == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_terminated_runs_publish_nothing_and_exit_143(raw, out, tmp_path, workers):
    for n in range(400):
        (raw / f"{n}.txt").write_bytes(SEED.read_bytes())
    started = Started(tmp_path, "run", raw, "--out", out, "--workers", workers)
    while not (out / ".lock").exists():
        time.sleep(0.02)
    os.kill(started.process.pid, signal.SIGTERM)
    code, told = started.ended()
    assert (code, told.count("nothing was published")) == (143, 1)
    assert not (out / "qa.duckdb").exists()


def test_a_second_run_exits_75_and_names_the_process(qaledger, raw, out):
    from pipeline.storage.lock import locked

    with locked(out):
        done = qaledger("run", raw, "--out", out)
    assert done.returncode == 75
    assert f"process {os.getpid()}" in done.stderr


def test_the_unrelated_package_called_pipeline_is_detected(tmp_path, monkeypatch, capsys):
    info = tmp_path / "pipeline-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pipeline\nVersion: 0.1\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert (ended(monkeypatch, "status"), "pip uninstall pipeline" in capsys.readouterr().err) == (1, True)


BYTES, LONG, HUGE = os.fsdecode(b"\xff\xfe"), "a" * 5000, "9" * 30


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["run", "raw", "--workers", "257"], 2),
        (["run", "raw", "--workers", HUGE], 2),
        (["run", "raw", "--keep", HUGE], 2),
        (["run", "raw", "--keep-runs", HUGE], 2),
        (["run", "raw", "--max-document-bytes", HUGE], 2),
        (["run", "raw", "--columns", BYTES], 2),
        (["run", "raw", "--encoding", "hex"], 2),
        (["run", "raw", "--encoding", BYTES], 2),
        (["run", "raw", "--decisions", BYTES], 2),
        (["run", "raw", "--decisions", LONG], 1),
        (["run", "raw", "--topics", BYTES], 2),
        (["run", "raw", "--topics", LONG], 2),
        (["run", "raw", "--embedder", LONG], 2),
        (["run", "raw", "--out", LONG], 1),
        (["run", "raw", "--conf", "a"], 1),
        (["run", LONG], 2),
        (["run", BYTES], 2),
        (["search", BYTES], 2),
        (["search", "a" * 100_000], 0),
        (["search", "care", "--limit", HUGE], 2),
        (["trace", BYTES], 2),
        (["trace", LONG], 1),
        (["compare", LONG], 2),
        (["compare", BYTES], 2),
        (["rollback", ""], 1),
        (["rollback", "../../x"], 1),
        (["generations", "pin", LONG], 1),
        (["generations", "pin", ""], 1),
        (["generations", "pin", "../qa"], 1),
        (["export", "qa", "--to", ""], 1),
        (["export", "qa", "--to", f"{LONG}.csv"], 1),
        (["export", "qa", "--to", f"{BYTES}.csv"], 2),
        (["report", "--since", "0001-01-01"], 1),
        (["report", "--generation", "../../x"], 1),
        (["status", "--max-age", f"{'9' * 400}d"], 0),
        (["audit", "--host", "a" * 300, "--no-browser"], 1),
        (["audit", "--host", "", "--no-browser"], 1),
        (["audit", "--host", "..", "--no-browser"], 1),
        (["audit", "--port", "65536"], 2),
        (["audit", "import", LONG, "--reviewer", "Ada"], 1),
        (["topics", "show", "--topics", LONG], 2),
        (["claims", "show", "--claims", LONG], 2),
    ],
)
def test_an_odd_value_of_an_option_is_one_sentence_and_no_traceback(qaledger, published, raw, words, code):
    reads = words[0] in ("search", "trace", "compare", "rollback", "generations", "export", "report", "status", "audit")
    done = qaledger(*words, QALEDGER_OUT=str(published) if reads else "")
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr[-500:]
    assert code == 0 or len(done.stderr.splitlines()[-1]) > 10


def test_metrics_do_not_replace_a_device_or_a_pipe(qaledger, raw, out, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    done = qaledger("run", raw, "--out", out, "--metrics", tmp_path / "pipe")
    assert (done.returncode, "it is no regular file" in done.stderr) == (0, True)
    assert (tmp_path / "pipe").is_fifo()


def test_a_full_disk_below_the_output_and_a_closed_error_stream_are_no_traceback(raw, out, tmp_path):
    code, said = Started(tmp_path, "run", raw, "--out", out, stdout=Path("/dev/full")).ended()
    assert (code, "Traceback" in said, "the report cannot be printed" in said) == (0, False, True)
    code, said = Started(tmp_path, "status", "--out", out, stdout=Path("/dev/full")).ended()
    assert (code, "Traceback" in said, "the output cannot be written" in said) == (1, False, True)
    command = [sys.executable, "-m", "pipeline", "run", raw, "--out", out, "--full"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run(["sh", "-c", '"$@" 2>&- >&-', "sh", *command], env=env, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("name", [".lock", "runs.jsonl"])
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_link_or_a_pipe_in_the_place_of_a_file_of_ours_is_not_followed(qaledger, raw, out, tmp_path, name, kind):
    out.mkdir()
    (tmp_path / "precious").write_text("keep me\n")
    if kind == "link":
        (out / name).symlink_to(tmp_path / "precious")
    else:
        os.mkfifo(out / name)
    done = qaledger("run", raw, "--out", out)
    assert "Traceback" not in done.stderr
    assert (tmp_path / "precious").read_text() == "keep me\n"
    assert done.returncode == (1 if name == ".lock" else 0)


RUN = (
    '{"run_id": "r", "started_at": "2026-01-01T00:00:00", "finished_at": "2026-01-01T00:00:00", "exit_code": 0, '
    '"status": "published", "stages": [{"stage": "x", "seconds": 1, "kept": 1, "dropped": 0}]}'
)


@pytest.mark.parametrize(
    "line",
    [
        '{"run_id": "x"}',
        "[" * 100_000,
        '{"run_id": "r", "started_at": "long ago", "finished_at": "", "status": "published", "exit_code": 0}',
        RUN.replace('"x"', '"a\\\\"} 1\\\\nevil 7 #"'),
    ],
)
def test_an_odd_line_of_the_journal_stops_no_command_and_forges_no_metric(qaledger, raw, out, line):
    qaledger("run", raw, "--out", out)
    with (out / "runs.jsonl").open("a") as journal:
        journal.write(line + "\n")
    assert qaledger("status", "--out", out).returncode == 0
    metrics = qaledger("status", "--prometheus", "--out", out)
    assert (metrics.returncode, "\nevil 7" in metrics.stdout) == (0, False)
    assert qaledger("run", raw, "--out", out).returncode == 0


def test_what_cannot_be_read_or_written_is_one_sentence(qaledger, raw, out, tmp_path, monkeypatch):
    qaledger("run", raw, "--out", out)
    (out / "qa.duckdb").unlink()
    (out / "qa.duckdb").symlink_to("qa.duckdb")
    done = qaledger("run", raw, "--out", out)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    (out / "qa.duckdb").unlink()
    (out / "qa.duckdb").symlink_to("x" * 300)  # no system can look there, as in a folder without rights
    for words in (["run", raw], ["status"], ["status", "--prometheus"], ["verify"], ["rollback"]):
        done = qaledger(*words, "--out", out)
        assert (done.returncode, "cannot be read" in done.stderr, "Traceback" in done.stderr) == (1, True, False), words
    (out / "qa.duckdb").unlink()
    os.mkfifo(tmp_path / "decisions.jsonl")
    done = qaledger("run", raw, "--out", out, "--decisions", tmp_path / "decisions.jsonl")
    assert (done.returncode, "is not a regular file" in done.stderr, "Traceback" in done.stderr) == (1, True, False)
    done = qaledger("status", "--out", os.fsdecode(b"no\xff\xfe"))
    assert (done.returncode, "not valid UTF-8" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("environment", "options", "threads"),
    [
        ({}, {"embedder": None, "engine": "local"}, "1"),
        ({"OPENBLAS_NUM_THREADS": "4"}, {"embedder": None, "engine": "local"}, "4"),
        ({}, {"embedder": "model", "engine": "local"}, None),
        ({}, {"embedder": None, "engine": "spark"}, None),
    ],
)
def test_a_run_without_a_model_starts_no_threads_for_matrices(monkeypatch, environment, options, threads):
    monkeypatch.setattr(os, "environ", dict(environment))
    with _light_libraries(options):
        assert os.environ.get("OPENBLAS_NUM_THREADS") == threads
    assert os.environ == environment  # as a command of --notify finds it


def test_a_command_ends_at_once_after_what_was_registered_for_its_end():
    program = """
import atexit, sys
import pipeline.cli.main
from pipeline.__main__ import start

class TakenApart:
    def __del__(self):
        print("taken apart")

def command():
    atexit.register(print, "called at the end")
    print("result")
    sys.exit(4)

sys.kept = TakenApart()
pipeline.cli.main.main = command
start()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (4, "result\ncalled at the end\n", "")


def test_an_interrupt_while_libraries_load_is_one_sentence(monkeypatch, capsys):
    class Interrupted:
        def __getattr__(self, name):
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "pipeline.cli.main", Interrupted())
    with pytest.raises(SystemExit) as end:
        __main__.main()
    assert (end.value.code, capsys.readouterr().err) == (130, "interrupted; nothing was published\n")


@pytest.mark.parametrize(
    "err",
    [
        RuntimeError("can't start new thread"),
        MemoryError(),
        duckdb.OutOfMemoryException("Out of Memory Error: Failed to allocate block"),
        pa.ArrowException("Unknown error: Failed to launch worker thread: Resource temporarily unavailable"),
        OSError(errno.ENOMEM, os.strerror(errno.ENOMEM), "a module"),
        OSError(errno.EMFILE, os.strerror(errno.EMFILE), "a page"),
    ],
    ids=lambda err: f"{type(err).__name__} {err}"[:30],
)
def test_too_little_memory_or_too_few_threads_are_one_sentence(raw, out, monkeypatch, capsys, err):
    def refuse(*_):
        raise err

    monkeypatch.setattr("pipeline.refresh.run.scan_settled", refuse)
    code = ended(monkeypatch, "run", raw, "--out", out)
    assert (code, "too few threads" in capsys.readouterr().err) == (1, True)


def test_a_database_that_cannot_be_read_for_want_of_memory_is_not_called_damaged(raw, out, monkeypatch):
    """A run with --full would give up its history."""
    pipeline.run(raw, out, workers=1)

    def refuse(*_, **__):
        raise duckdb.OutOfMemoryException("Out of Memory Error: Allocation failure")

    monkeypatch.setattr("pipeline.storage.connection.duckdb.connect", refuse)
    for attempt in (lambda: verify(out), lambda: pipeline.run(raw, out, full=True), lambda: pipeline.open(out)):
        with pytest.raises(ResourcesMissing, match="too little memory"):
            attempt()


@pytest.mark.parametrize(
    ("number", "said", "advice"),
    [
        (errno.EIO, "IO Error: Cannot open file: Too many open files", "raise the limit of open files"),
        (errno.EIO, "IO Error: Could not write: No space left on device", "free some space"),
        (errno.EIO, "Input/output error", "check the disk"),
        (errno.EFBIG, "File too large", "raise the limit of a file's size"),
        (errno.EDQUOT, "Disk quota exceeded", "free some space"),
        (errno.EROFS, "Read-only file system", "mount its file system for writing"),
        (errno.EACCES, "Permission denied", "correct the folder's permissions"),
        (errno.EPERM, "Operation not permitted", "correct the folder's permissions"),
        (errno.ENOENT, "No such file or directory", "make its folder first"),
    ],
)
def test_the_advice_fits_the_reason_why_a_file_cannot_be_written(number, said, advice):
    assert f"({said}). Nothing was published; {advice}" in str(OutputUnusable(Path("out"), OSError(number, said)))


def test_an_export_into_a_folder_that_is_missing_says_so(published, tmp_path, qaledger):
    done = qaledger("export", "qa", "--to", tmp_path / "missing" / "x.csv", "--out", published)
    assert (done.returncode, "make its folder first, or name another file" in done.stderr) == (1, True)


def test_a_folder_of_temporary_files_that_is_full_of_a_workbook_is_named(tmp_path, monkeypatch):
    """openpyxl writes the rows to a file there, by lxml."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    rows = [[f"{number} " * 1000] for number in range(300)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(TemporaryFolderUnusable, match="cannot be written"):
            write_workbook(tmp_path / "x.xlsx", [Worksheet("x", ["text"], rows)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_folder_of_temporary_files_is_named(raw, out, monkeypatch):
    def is_full(source, target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(source), None, str(target))

    pipeline.run(raw, out)
    (raw / "a.txt").write_text("What is it?\nA thing.\n")
    monkeypatch.setattr("pipeline.storage.build.shutil.copyfile", is_full)
    with pytest.raises(TemporaryFolderUnusable, match=r"free some space, .* TMPDIR"):
        pipeline.run(raw, out, dry_run=True)


def test_a_worker_that_is_stopped_before_it_has_begun_says_nothing(monkeypatch, capsys):
    """Until it has begun, a forked worker has the handler of the command."""
    monkeypatch.setattr(os, "_exit", sys.exit)
    with pytest.raises(SystemExit, match="143"):
        _interrupt(os.getpid() + 1, signal.SIGTERM, None)
    assert capsys.readouterr() == ("", "")
