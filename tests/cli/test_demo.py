"""`qaledger demo` builds a small ledger from the sample page, and what it says to type next works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib

import pytest
from conftest import ROOT, SEED

pytestmark = pytest.mark.docs


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder of a demo, and what was printed."""
    folder = tmp_path_factory.mktemp("demo") / "new"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "QALEDGER_OUT": "elsewhere"}
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "demo", "--to", folder],
        cwd=folder.parent, env=env, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_it_says_what_it_found_and_where_the_report_is(demo):
    folder, said = demo
    assert "63 questions on 1 page, 59 distinct rows, 7 quoted figures" in said
    report = re.search(r"file://(\S+)", said)[1]
    assert report == str(folder / "data" / "processed" / "reports" / "index.html")
    assert (folder / "data" / "processed" / "reports" / "index.html").exists()
    assert (folder / "data" / "raw" / SEED.name).read_bytes() == SEED.read_bytes()
    assert not (folder.parent / "elsewhere").exists(), "the demo does not write to the tables of $QALEDGER_OUT"


def test_what_it_says_to_type_works(demo, qaledger):
    folder, said = demo
    steps = [line.split("#")[0].strip() for line in said.split("Next, type:\n")[1].splitlines()]
    assert steps[:2] == [f"cd {folder}", "unset QALEDGER_OUT"]
    commands = [shlex.split(line)[1:] for line in steps[2:]]
    assert [words[0] for words in commands] == ["search", "trace", "status", "run"]
    for words in commands[:3]:
        done = qaledger(*words, cwd=folder)
        assert (done.returncode, done.stderr) == (0, ""), words
        assert done.stdout


def test_a_folder_that_is_not_empty_is_refused(demo, qaledger):
    folder, _ = demo
    done = qaledger("demo", "--to", folder)
    assert done.returncode == 2
    assert "is not empty. Name a new or an empty folder" in done.stderr


def test_the_sample_page_is_part_of_the_package():
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    folder = ROOT / setuptools["package-dir"]["pipeline.sample"]
    packed = setuptools["package-data"]["pipeline.sample"]
    assert [folder / name for name in packed] == [ROOT / "data" / "README.md", SEED]
