"""`import qaledger` is `import pipeline`, also beside a file of somebody else that is called pipeline.py."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT


def python(code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A Python of its own that looks for modules in `cwd` first, as a notebook does, then in the checkout."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(params=["pipeline.py", "pipeline/__init__.py", None], ids=["a file", "a package", "nothing"])
def folder(request, tmp_path):
    """A working folder, with a foreign module `pipeline` or without."""
    if request.param:
        foreign = tmp_path / request.param
        foreign.parent.mkdir(exist_ok=True)
        foreign.write_text("def run(): return 'not ours'\n")
    return tmp_path


def test_every_public_name_is_ours_wherever_it_is_imported(folder, published):
    done = python(
        "import qaledger\n"
        "names = [getattr(qaledger, name) for name in qaledger.__all__]\n"
        "import pipeline\n"
        "assert names == [getattr(pipeline, name) for name in qaledger.__all__]\n"
        "from qaledger import open, plots, report\n"
        "assert plots.rates and report.figures\n"
        "assert qaledger.find_statistics('It costs 5 dollars.')\n"
        f"with open({str(published)!r}) as ledger: print(len(ledger.qa))\n",
        folder,
    )
    assert (done.stdout, done.returncode) == ("59\n", 0), done.stderr


def test_importing_it_loads_nothing_heavy_and_leaves_the_path_as_it_was(folder):
    done = python(
        "import sys\n"
        "path = list(sys.path)\n"
        "import qaledger\n"
        "assert sys.path == path\n"
        "assert not {'pandas', 'duckdb'} & set(sys.modules)\n",
        folder,
    )
    assert done.returncode == 0, done.stderr


def test_a_foreign_module_that_is_already_imported_is_named_in_one_sentence(tmp_path):
    (tmp_path / "pipeline.py").write_text("")
    done = python("import pipeline, qaledger", tmp_path)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith("ImportError: another module called 'pipeline' is already imported")
    assert "import qaledger first" in last
