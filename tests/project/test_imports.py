"""What a command must not import: imports are most of the time of a command that has little to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, SEED

import pipeline

FRAMES = {"pandas", "pandera", "numpy", "pyarrow", "matplotlib"}
STAGES = {"pipeline.extract.files", "pipeline.parse.classify", "pipeline.statistics.find", "pipeline.duplicates.stage"}
FOR_MISFITS = {"pandas", "pandera"}  # they list the rows that do not fit their table
FOR_PEOPLE = {"matplotlib", "jinja2", "nbformat", "pipeline.report", "pipeline.ledger.ledger"}
# What `--help` needs no part of: a database, files, encodings, logs.
OF_A_RUN = {"duckdb", "logging", "tomllib", "hashlib", "pipeline.text.encoding", "pipeline.storage.generations"}


def _imported(*words: str) -> tuple[int, set[str]]:
    """The exit code of a command, and the modules that it imported."""
    probe = (
        "import sys\n"
        "from pipeline.cli.main import main\n"
        f"sys.argv = ['qaledger', *{words!r}]\n"
        "code = 0\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        "print('\\n', code, *sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    code, *modules = done.stdout.splitlines()[-1].split()
    return int(code), set(modules)


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["topics", "--help"], ["trace", "--help"]])
def test_help_imports_no_library_but_click(words):
    code, modules = _imported(*words)
    assert (code, modules & (FRAMES | STAGES | OF_A_RUN)) == (0, set())


@pytest.mark.parametrize("words", [["run", "--nonsense"], ["fly"], ["trace"]])
def test_a_usage_error_imports_no_table_and_no_stage(words):
    code, modules = _imported(*words)
    assert (code, modules & (FRAMES | STAGES | {"duckdb"})) == (2, set())


def test_a_run_that_finds_nothing_to_do_imports_no_stage(raw_and_out):
    code, modules = _imported("run", *raw_and_out)
    assert (code, modules & (FRAMES | STAGES | {"pipeline.parse.page", "pipeline.text.encoding", "lxml"})) == (0, set())


def test_a_refresh_imports_nothing_that_only_people_or_misfits_need(raw_and_out):
    raw, *_ = raw_and_out
    with Path(raw, SEED.name).open("a", encoding="utf-8") as page:
        page.write("\nIs it sore?\nA little.\n")
    code, modules = _imported("run", *raw_and_out)
    assert (code, modules & (FOR_PEOPLE | FOR_MISFITS)) == (0, set())


def test_a_first_run_imports_nothing_that_only_people_or_misfits_need(tmp_path):
    code, modules = _imported("run", str(SEED.parent), "--out", str(tmp_path / "out"), "--workers", "1")
    assert (code, modules & (FOR_PEOPLE | FOR_MISFITS)) == (0, set())


def test_rows_that_do_not_fit_find_pandas_although_it_is_hidden():
    probe = (
        "import sys\n"
        "from pathlib import Path\n"
        "from pipeline.extract.scan import scan\n"
        "from pipeline.ingest.document_rows import COLUMNS, read_rows\n"
        "from pipeline.ingest.fit import fit_rows\n"
        "from pipeline.storage.pandas_unseen import pandas_unseen\n"
        "with pandas_unseen():\n"
        f"    rows = read_rows(scan(Path({str(SEED.parent)!r})).files[:1])\n"
        "    fit_rows(rows)\n"
        "    print('pandas' in sys.modules)\n"
        "    wrong = zip(COLUMNS['documents'], rows.documents[0])\n"
        "    rows.documents[0] = tuple('novel' if name == 'format' else value for name, value in wrong)\n"
        "    print(*[reject['reason'] for reject in fit_rows(rows)[0]['rejects'].to_pylist()])\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "schema"]


@pytest.fixture
def raw_and_out(tmp_path):
    """The arguments of a run over a folder that was published before, and has not changed since."""
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / SEED.name).write_bytes(SEED.read_bytes())
    os.utime(raw / SEED.name, (1_700_000_000, 1_700_000_000))  # a file written right before a run is read again
    pipeline.run(raw, tmp_path / "out", workers=1)
    return str(raw), "--out", str(tmp_path / "out"), "--workers", "1"
