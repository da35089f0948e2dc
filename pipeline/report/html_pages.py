"""Writes the notebooks as HTML pages without their code, a contents page, and the source documents they link to.

A page loads nothing; its content security policy lets no script run but the one that sorts and filters tables.
"""

from __future__ import annotations

import html
import re
import shutil
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbconvert import HTMLExporter

from pipeline.errors import OutputUnusable
from pipeline.ledger.ledger import Ledger, open_ledger
from pipeline.report.notebooks import execute, notebooks
from pipeline.report.pdf import find_browser, print_pdf
from pipeline.report.sanitize import sanitize
from pipeline.report.source_pages import linked_anchors, source_page
from pipeline.report.tables import SOURCES, TABLES, explore_script

REPORTS = "reports"
_TEMPLATES = Path(__file__).with_name("templates")


def report(
    out: Path,
    topic: str | None = None,
    since: str | None = None,
    generation: str | None = None,
    pdf: bool = False,
    progress: Callable[[str], object] = lambda doing: None,
) -> list[Path]:
    """Write an HTML page for each notebook, and `index.html`, to `OUT/reports`; the paths, the contents page first.

    Beside them, `tables` has each table as csv and xlsx, and `sources` the documents that rows link to. Pages of one
    topic, of rows first seen since a day, or of an older generation go to a subfolder. `pdf` prints each page too.
    `progress` is called with what is being written. Raises `NothingPublished`, `BadQuery`, `NoBrowser`,
    `NotebookFailed` and `OutputUnusable`.
    """
    if pdf:
        find_browser()
    selection = {"generation": generation, "topic": topic, "since": since}
    folder_name = ",".join(f"{name}={value}" for name, value in selection.items() if value is not None)
    folder = out / REPORTS / re.sub(r"[^\w=.,-]", "_", folder_name)
    with open_ledger(out, generation) as whole, whole.only(topic, since) as ledger:
        since = str(ledger.since) if ledger.since else None
        about = {"source": ledger.source, "call": _call(ledger.generation, topic, since), "home": "index.html"}
        # One generation for all pages, also when a run publishes meanwhile.
        parameters = {"generation": ledger.generation, "topic": topic, "since": since}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in (SOURCES, TABLES):
                shutil.rmtree(folder / name, ignore_errors=True)
            pages = []
            for notebook in notebooks():
                progress(f"{notebook.stem}.html")
                pages.append(_page(notebook, execute(notebook, out, folder, **parameters)))
            title = "qaledger: reports"
            files = [_write(folder / "index.html", "contents.html", title=title, pages=pages, **about)]
            files += [_write(folder / f"{page.name}.html", "notebook.html", **vars(page), **about) for page in pages]
            progress("the source pages")
            _write_sources(whole, folder, pages, about)
            pdf_files = [file.with_suffix(".pdf") for file in files] if pdf else []
            for file, pdf_file in zip(files, pdf_files, strict=False):
                progress(pdf_file.name)
                print_pdf(file.resolve(), pdf_file)
        except OSError as err:
            raise OutputUnusable(folder, err) from err
    return files + pdf_files


def _write_sources(ledger: Ledger, folder: Path, pages: list[Page], about: dict[str, str]) -> None:
    """Write the source documents that the pages link to."""
    (folder / SOURCES).mkdir(exist_ok=True)
    for document_id, anchors in sorted(linked_anchors(page.body for page in pages).items()):
        values = {**about, "home": "../index.html", **source_page(ledger, document_id, anchors)}
        _write(folder / SOURCES / f"{document_id}.html", "source.html", **values)


def _call(generation: str, topic: str | None, since: str | None) -> str:
    """The Python call that opens the tables of a page again."""
    selection = [f'{name}="{value}"' for name, value in (("topic", topic), ("since", since)) if value is not None]
    only = f".only({', '.join(selection)})" if selection else ""
    return f'pipeline.open(generation="{generation}"){only}'


@dataclass(frozen=True)
class Section:
    """A part of a page: its heading, and the id of the heading."""

    title: str
    anchor: str

    @property
    def heading(self) -> str:
        """The heading as HTML, with its id."""
        return f'<h2 id="{self.anchor}">{html.escape(self.title)}</h2>'


@dataclass(frozen=True)
class Page:
    """A notebook that was run: its file name, its heading, its first sentence with numbers, its parts and its HTML."""

    name: str
    title: str
    finding: str
    sections: list[Section]
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
    for cell in document.cells:  # warnings of libraries are no part of a page
        cell.outputs = [output for output in cell.get("outputs", []) if output.get("name") != "stderr"]
    body, _ = exporter.from_notebook_node(document)
    headings = (re.match(r"# (.+)", cell.source) for cell in document.cells)
    title = next((heading[1] for heading in headings if heading), notebook.stem)
    outputs = (output.get("data", {}) for cell in document.cells for output in cell.get("outputs", []))
    finding = next((data["text/plain"] for data in outputs if 'says"' in data.get("text/html", "")), "")
    clean = sanitize(body)
    sections = [
        Section(html.unescape(text), f"part-{number}") for number, text in enumerate(_HEADING.findall(clean), 1)
    ]
    anchors = iter(sections)
    return Page(notebook.stem, title, finding, sections, _HEADING.sub(lambda found: next(anchors).heading, clean))


_HEADING = re.compile(r"<h2>([^<]+)</h2>")


def _write(file: Path, template: str, **values: Any) -> Path:
    """Write a page in one step."""
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    script = explore_script()
    digest = b64encode(sha256(script.encode()).digest()).decode()
    values |= {"css": (_TEMPLATES / "pages.css").read_text("utf-8")}
    values |= {"script": script, "script_hash": f"sha256-{digest}"}
    part = file.with_name(f".{file.name}.part")
    part.write_text(environment.get_template(template).render(**values), "utf-8")
    part.replace(file)
    return file
