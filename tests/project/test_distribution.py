"""The wheel contains every file that the package needs, and works from another folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from conftest import ROOT, SEED


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built without a network from a copy of the project."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "project"
    ignored = shutil.ignore_patterns("__pycache__", "processed")
    for name in ("pipeline", "notebooks", "data"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in ("pyproject.toml", "qaledger.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--wheel-dir", folder, copy], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_contains_the_whole_package(wheel):
    packed = set(zipfile.ZipFile(wheel).namelist())
    files = {file.relative_to(ROOT).as_posix() for file in (ROOT / "pipeline").rglob("*") if file.is_file()}
    needed = {name for name in files if "__pycache__" not in name}
    needed |= {f"pipeline/notebooks/{file.name}" for file in (ROOT / "notebooks").glob("*.ipynb")}
    assert needed - packed == set()
    assert f"pipeline/sample/raw/{SEED.name}" in packed


def test_it_works_from_another_folder(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    (tmp_path / "work").mkdir()
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    code = (
        "import pipeline, pathlib\n"
        "from pipeline.cli.demo import _copy_sample\n"
        "from pipeline.report.notebooks import notebooks\n"
        "_copy_sample(pathlib.Path('raw'))\n"
        "ledger = pipeline.run('raw', 'out', workers=1)\n"
        "print(pipeline.__file__, ledger.counts['qa'], len(notebooks()))\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path / "work", env=env, capture_output=True, text=True, check=True)
    assert done.stdout == f"{tmp_path / 'installed' / 'pipeline' / '__init__.py'} 59 4\n"
