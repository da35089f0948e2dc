"""The pages of the reference are what docs/reference.py makes of the help texts, the docstrings and the schema."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from conftest import ROOT

PAGES = ("cli.md", "settings.md", "python.md", "tables.md")


def test_the_pages_are_current(tmp_path):
    """After a change of a help text, a docstring or the schema: python docs/reference.py"""
    shutil.copy(ROOT / "docs" / "reference.py", tmp_path)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, tmp_path / "reference.py"], env=env, check=True, capture_output=True)
    for page in PAGES:
        assert (tmp_path / page).read_text("utf-8") == (ROOT / "docs" / page).read_text("utf-8"), page
