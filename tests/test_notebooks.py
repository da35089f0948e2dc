"""The notebooks run top to bottom on data/raw, and what they were committed with is what they print."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT

import pipeline
from pipeline.pages import NotebookFailed, execute, notebooks, report

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
GENERATION = re.compile(r"\d{8}T\d{6}\.\d{6}Z|\d{4}-\d\d-\d\d \d\d:\d\d UTC")


def printed(notebook) -> list[str]:
    """What the cells print, generation and time aside; of a plot only that it is there."""
    shown = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {"text/plain": output.get("text", "")})
            shown += [
                "a plot" if "image/png" in data else GENERATION.sub("…", data.get("text/html", data["text/plain"]))
            ]
    return shown


@pytest.fixture(scope="module")
def executed(published) -> dict[Path, object]:
    return {path: execute(path, published) for path in NOTEBOOKS}


def test_there_are_three():
    assert [path.stem for path in NOTEBOOKS] == ["01_coverage", "02_quoted_statistics", "03_duplicates"]
    assert [path.name for path in notebooks()] == [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_a_notebook_shows_is_what_it_was_committed_with(executed, path):
    committed = nbformat.read(path, as_version=4)
    assert printed(executed[path]) == printed(committed)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_define_nothing_and_name_no_machine(path):
    notebook = nbformat.read(path, as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert not re.search(r"^\s*(def|class) ", code, re.MULTILINE)
    assert not re.search(r"/(work|home|root|tmp|Users)/", path.read_text("utf-8"))
    assert not any(o.output_type == "error" for c in notebook.cells for o in c.get("outputs", []))


def test_a_failing_notebook_names_its_cell(published, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in ("1", "1 / 0")])
    nbformat.write(notebook, tmp_path / "bad.ipynb")
    with pytest.raises(NotebookFailed, match=r"bad\.ipynb, cell 2: ZeroDivisionError"):
        execute(tmp_path / "bad.ipynb", published)


def test_report_writes_a_page_for_each_and_hostile_text_stays_text(raw, out):
    (raw / "evil.txt").write_text(
        "What is <script>alert(1)</script>?\n<img src=x onerror=alert(2)> costs $5 or $6, in 12 percent of cases.\n"
        "Is it \u202eevil\u202c $\\frac{1}{2}$?\n" + "x" * 3000 + " ...\n"
    )
    pipeline.run(raw, out)
    pages = report(out)
    assert [page.stem for page in pages] == [path.stem for path in NOTEBOOKS]
    for page in pages:
        text = page.read_text("utf-8")
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(2)&gt;" in pages[1].read_text("utf-8")
