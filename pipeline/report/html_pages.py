"""Writes the notebooks as HTML pages without their code, and a contents page.

A page is one file that loads nothing; its content security policy lets no script run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbconvert import HTMLExporter

from pipeline.errors import OutputUnusable
from pipeline.ledger.ledger import open_ledger
from pipeline.report.notebooks import execute, notebooks
from pipeline.report.pdf import find_browser, print_pdf
from pipeline.report.sanitize import sanitize

REPORTS = "reports"
_TEMPLATES = Path(__file__).with_name("templates")


def report(
    out: Path, topic: str | None = None, since: str | None = None, generation: str | None = None, pdf: bool = False
) -> list[Path]:
    """Write an HTML page for each notebook, and `index.html`, to `OUT/reports`; the paths, the contents page first.

    Pages of one topic, of rows first seen since a day, or of an older generation go to a subfolder. `pdf` prints each
    page too. Raises `NothingPublished`, `BadQuery`, `NoBrowser`, `NotebookFailed` and `OutputUnusable`.
    """
    with open_ledger(out, generation) as whole, whole.only(topic, since) as ledger:
        since = str(ledger.since) if ledger.since else None
        about = {"source": ledger.source, "call": _call(ledger.generation, topic, since)}
        # One generation for all pages, also when a run publishes meanwhile.
        parameters = {"generation": ledger.generation, "topic": topic, "since": since}
    if pdf:
        find_browser()
    selection = {"generation": generation, "topic": topic, "since": since}
    folder_name = ",".join(f"{name}={value}" for name, value in selection.items() if value is not None)
    folder = out / REPORTS / re.sub(r"[^\w=.,-]", "_", folder_name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pages = [_page(notebook, execute(notebook, out, **parameters)) for notebook in notebooks()]
        index = _write(folder / "index.html", "contents.html", title="qaledger: reports", pages=pages, **about)
        files = [index, *(_write(folder / f"{page.name}.html", "page.html", **vars(page), **about) for page in pages)]
        pdf_files = [file.with_suffix(".pdf") for file in files] if pdf else []
        for file, pdf_file in zip(files, pdf_files, strict=False):
            print_pdf(file.resolve(), pdf_file)
    except OSError as err:
        raise OutputUnusable(folder, err) from err
    return files + pdf_files


def _call(generation: str, topic: str | None, since: str | None) -> str:
    """The Python call that opens the tables of a page again."""
    selection = [f'{name}="{value}"' for name, value in (("topic", topic), ("since", since)) if value is not None]
    only = f".only({', '.join(selection)})" if selection else ""
    return f'pipeline.open(generation="{generation}"){only}'


@dataclass(frozen=True)
class Page:
    """A notebook that was run: its file name, its heading, its first sentence with numbers, and its HTML."""

    name: str
    title: str
    finding: str
    body: str


def _page(notebook: Path, document: Any) -> Page:
    exporter = HTMLExporter(
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )
    body, _ = exporter.from_notebook_node(document)
    headings = (re.match(r"# (.+)", cell.source) for cell in document.cells)
    title = next((heading[1] for heading in headings if heading), notebook.stem)
    outputs = (output.get("data", {}) for cell in document.cells for output in cell.get("outputs", []))
    finding = next((data["text/plain"] for data in outputs if 'says"' in data.get("text/html", "")), "")
    return Page(notebook.stem, title, finding, sanitize(body))


def _write(file: Path, template: str, **values: Any) -> Path:
    """Write a page in one step."""
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    css = (_TEMPLATES / "pages.css").read_text("utf-8")
    text = environment.get_template(template).render(css=css, is_contents=template == "contents.html", **values)
    part = file.with_name(f".{file.name}.part")
    part.write_text(text, "utf-8")
    part.replace(file)
    return file
