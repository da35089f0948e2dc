"""Finds the notebooks of qaledger and runs them against published tables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from pipeline.errors import PipelineError
from pipeline.report.tables import REPORT_FOLDER

_TIMEOUT = 600  # seconds a cell may take


class NotebookFailed(PipelineError):
    """A cell of a notebook raised."""

    def __init__(self, notebook: Path, cell: int, err: CellExecutionError) -> None:
        self.notebook, self.cell = notebook, cell
        super().__init__(
            f"{notebook.name}, cell {cell}: {err.ename}: {err.evalue}. Open it in Jupyter to see the cell."
        )


def notebooks() -> list[Path]:
    """The notebooks of qaledger, in order; from the installed package, or from the checkout it runs in."""
    package = Path(__file__).parents[1]
    for folder in (package / "notebooks", package.parent / "notebooks"):
        found = sorted(folder.glob("*.ipynb"))
        if found:
            return found
    raise PipelineError(
        "the notebooks are not installed; install qaledger again: pip install --force-reinstall qaledger"
    )


def execute(notebook: Path, out: Path, report: Path | None = None, **parameters: str | None) -> Any:
    """The notebook with its outputs, run from top to bottom against the tables in `out`.

    `report`: the folder of the report that the outputs are for; tables are written there as files, too. `parameters`:
    values for names that the cell tagged `parameters` sets. Raises `NotebookFailed`, which names the cell.
    """
    document = nbformat.read(notebook, as_version=4)
    _set_parameters(document, parameters)
    env = {**os.environ, "QALEDGER_OUT": str(out.resolve()), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    if report is not None:
        env[REPORT_FOLDER] = str(report.resolve())
    client = NotebookClient(
        document,
        timeout=_TIMEOUT,
        resources={"metadata": {"path": str(notebook.parent)}},
        extra_arguments=["--log-level=ERROR"],  # the kernel warns that loopback traffic is not encrypted
    )
    try:
        client.execute(env=env)
    except CellExecutionError as err:
        failed = (
            number
            for number, cell in enumerate(document.cells, 1)
            if any(output.output_type == "error" for output in cell.get("outputs", []))
        )
        raise NotebookFailed(notebook, next(failed, 0), err) from err
    return document


def _set_parameters(document: Any, parameters: dict[str, str | None]) -> None:
    """Set values as papermill does, but at the end of the tagged cell, so that cell numbers stay the same."""
    values = "\n".join(f"{name} = {value!r}" for name, value in parameters.items() if value is not None)
    for cell in document.cells:
        if values and "parameters" in cell.metadata.get("tags", []):
            cell.source += f"\n{values}"
