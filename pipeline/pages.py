"""The notebooks as pages: run against the published database, written as HTML without their code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from pipeline import generations
from pipeline.errors import OutputUnusable, PipelineError

REPORTS = "reports"
_TIMEOUT = 600  # seconds a cell may take


class NotebookFailed(PipelineError):
    """A cell of a notebook raised."""

    def __init__(self, notebook: Path, cell: int, err: CellExecutionError) -> None:
        self.notebook, self.cell = notebook, cell
        super().__init__(
            f"{notebook.name}, cell {cell}: {err.ename}: {err.evalue}. Open it in Jupyter to see the cell."
        )


def notebooks() -> list[Path]:
    """The notebooks that come with qaledger, in order; from the package, or from the checkout it runs in."""
    package = Path(__file__).parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        found = sorted(folder.glob("*.ipynb"))
        if found:
            return found
    raise PipelineError(
        "the notebooks are not installed; install qaledger again: pip install --force-reinstall qaledger"
    )


def execute(notebook: Path, out: Path) -> Any:
    """A notebook run top to bottom against the tables in `out`. Raises `NotebookFailed`, naming the cell."""
    page = nbformat.read(notebook, as_version=4)
    env = {**os.environ, "QALEDGER_OUT": str(out.resolve()), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    client = NotebookClient(
        page,
        timeout=_TIMEOUT,
        resources={"metadata": {"path": str(notebook.parent)}},
        extra_arguments=["--log-level=ERROR"],  # the kernel warns that loopback traffic is not encrypted
    )
    try:
        client.execute(env=env)
    except CellExecutionError as err:
        failed = [
            n for n, cell in enumerate(page.cells, 1) if any(o.output_type == "error" for o in cell.get("outputs", []))
        ]
        raise NotebookFailed(notebook, failed[0] if failed else 0, err) from err
    return page


def report(out: Path) -> list[Path]:
    """One HTML page for each notebook in `OUT/reports`; their paths.

    Raises `NothingPublished`, `NotebookFailed` and `OutputUnusable`.
    """
    generations.published(out)
    folder = out / REPORTS
    pages = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for notebook in notebooks():
            exporter = HTMLExporter(exclude_input=True, exclude_output_prompt=True, embed_images=True)
            body, _ = exporter.from_notebook_node(execute(notebook, out), {"metadata": {"name": notebook.stem}})
            page = folder / f"{notebook.stem}.html"
            part = page.with_name(f".{page.name}.part")
            part.write_text(body, "utf-8")
            part.replace(page)
            pages.append(page)
    except OSError as err:
        raise OutputUnusable(folder, err) from err
    return pages
