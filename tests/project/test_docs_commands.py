"""The commands on the how-to pages run as printed, one after the other, on the tables of the sample page."""

from __future__ import annotations

import os
import re
import shlex
import shutil

import forked
import pytest
from conftest import ROOT, SEED

pytestmark = pytest.mark.docs

# Serves the review page until somebody stops it; tests/project/test_readme.py runs it.
SERVES = "qaledger audit"


def commands(page):
    text = (ROOT / "docs" / page).read_text("utf-8")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    return [line.split(" #")[0].strip() for line in lines if line.startswith("qaledger")]


@pytest.fixture
def folder(tmp_path, published):
    """A folder with the source document and its published tables."""
    (tmp_path / "data" / "raw").mkdir(parents=True)
    shutil.copy(SEED, tmp_path / "data" / "raw")
    shutil.copytree(published, tmp_path / "data" / "processed", symlinks=True)
    return tmp_path


@pytest.mark.parametrize(("page", "count"), [("find.md", 6), ("topics.md", 4), ("claims.md", 2), ("audit.md", 4)])
def test_the_commands_of_a_page_run(folder, page, count):
    found = [line for line in commands(page) if line != SERVES]
    assert len(found) == count
    for line in found:
        words, _, to = line.removeprefix("qaledger ").partition(" > ")
        done = forked.command(shlex.split(words), folder, dict(os.environ))
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        if to:
            (folder / to).write_text(done.stdout, "utf-8")
