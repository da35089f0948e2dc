"""The notebooks as pages: run against the published database, written as HTML without their code.

A page holds all it needs and loads nothing; what is no plain markup is taken out, and its policy lets no script run.
"""

from __future__ import annotations

import html
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bleach
import nbformat
from bleach.css_sanitizer import ALLOWED_CSS_PROPERTIES, CSSSanitizer
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from pipeline.errors import OutputUnusable, PipelineError
from pipeline.ledger.ledger import open_ledger
from pipeline.report.pdf import find_browser, print_pdf

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
    package = Path(__file__).parents[1]
    for folder in (package / "notebooks", package.parent / "notebooks"):
        found = sorted(folder.glob("*.ipynb"))
        if found:
            return found
    raise PipelineError(
        "the notebooks are not installed; install qaledger again: pip install --force-reinstall qaledger"
    )


def execute(notebook: Path, out: Path, **parameters: str | None) -> Any:
    """A notebook run top to bottom against the tables in `out`, with these values for names of its `parameters` cell.

    Raises `NotebookFailed`, naming the cell.
    """
    page = nbformat.read(notebook, as_version=4)
    _fill_in(page, parameters)
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


def _fill_in(page: Any, parameters: dict[str, str | None]) -> None:
    """Values for the cell tagged `parameters`, as papermill gives them, but in that cell: none is counted twice."""
    given = "\n".join(f"{name} = {value!r}" for name, value in parameters.items() if value is not None)
    for cell in page.cells:
        if given and "parameters" in cell.metadata.get("tags", []):
            cell.source += f"\n{given}"


def report(
    out: Path, topic: str | None = None, since: str | None = None, generation: str | None = None, pdf: bool = False
) -> list[Path]:
    """One HTML page for each notebook and their contents, `index.html`, in `OUT/reports`; the paths, contents first.

    Narrowed to a topic, to rows first seen on a day or later, or of an older generation, they stand in a folder of
    their own below it. `pdf` prints each page too. Raises `NothingPublished`, `BadQuery`, `NoBrowser`,
    `NotebookFailed` and `OutputUnusable`.
    """
    with open_ledger(out, generation) as whole, whole.only(topic, since) as ledger:
        source = ledger.source
        published = ledger.generation
        day = str(ledger.since) if ledger.since else None
    if pdf:
        find_browser()
    asked = {"generation": generation, "topic": topic, "since": day}
    narrowed = ",".join(f"{name}={value}" for name, value in asked.items() if value is not None)
    folder = out / REPORTS / re.sub(r"[^\w=.,-]", "_", narrowed)
    numbers = Numbers(source, _call(published, topic, day))
    wanted = {**asked, "generation": published}  # one for all pages, also when a run publishes meanwhile
    try:
        folder.mkdir(parents=True, exist_ok=True)
        chapters = [_chapter(notebook, execute(notebook, out, **wanted)) for notebook in notebooks()]
        pages = [_write(folder / "index.html", "qaledger: reports", _contents(chapters), numbers)]
        pages += [_write(folder / f"{c.name}.html", c.title, c.body, numbers) for c in chapters]
        for page in pages if pdf else []:
            print_pdf(page.resolve(), page.with_suffix(".pdf"))
    except OSError as err:
        raise OutputUnusable(folder, err) from err
    return pages + ([page.with_suffix(".pdf") for page in pages] if pdf else [])


# ---------------------------------------------------------------- markup


@dataclass(frozen=True)
class Numbers:
    """Which tables the numbers of a page are of, in words and as the call that opens them."""

    source: str
    call: str


def _call(generation: str, topic: str | None, since: str | None) -> str:
    narrowed = [f'{name}="{value}"' for name, value in (("topic", topic), ("since", since)) if value is not None]
    only = f".only({', '.join(narrowed)})" if narrowed else ""
    return f'pipeline.open(generation="{generation}"){only}'


@dataclass(frozen=True)
class Chapter:
    """A notebook that was run: its name, its heading, its first finding, and all of it as HTML."""

    name: str
    title: str
    finding: str
    body: str


def _chapter(notebook: Path, page: Any) -> Chapter:
    exporter = HTMLExporter(
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )
    body, _ = exporter.from_notebook_node(page)
    heading = next((found for cell in page.cells if (found := re.match(r"# (.+)", cell.source))), None)
    said = (output.get("data", {}) for cell in page.cells for output in cell.get("outputs", []))
    finding = next((data["text/plain"] for data in said if 'says"' in data.get("text/html", "")), "")
    return Chapter(notebook.stem, heading[1] if heading else notebook.stem, finding, sanitised(body))


def _contents(chapters: list[Chapter]) -> str:
    parts = [
        f'<h2><a href="{html.escape(chapter.name)}.html">{html.escape(chapter.title)}</a></h2>'
        f"<p>{html.escape(chapter.finding)}</p>"
        for chapter in chapters
    ]
    return f"<h1>What these pages answer, quote and repeat</h1>{''.join(parts)}"


_TEXT = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "em",
    "hr",
    "i",
    "mark",
    "p",
    "pre",
    "s",
    "small",
    "span",
    "strong",
    "sub",
]
_BLOCKS = ["dd", "details", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "img", "li", "ol", "summary", "ul"]
_CELLS = ["caption", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "wbr"]
_TAGS = frozenset([*_TEXT, *_BLOCKS, *_CELLS])
_ATTRIBUTES = frozenset(["class", "id", "style", "scope", "colspan", "rowspan", "open", "alt", "width", "dir", "title"])
_STYLES = CSSSanitizer(
    allowed_css_properties=[
        *ALLOWED_CSS_PROPERTIES,
        *("border", "border-bottom", "border-collapse", "border-radius", "flex-wrap", "font-size", "margin"),
        *("max-width", "min-width", "overflow-wrap", "padding", "table-layout", "white-space"),
    ]
)


def sanitised(body: str) -> str:
    """Markup that shows and links, and nothing that runs or loads.

    >>> sanitised('<b onclick="x()">7</b><script>alert(1)</script><a href="javascript:x()">a</a>')
    '<b>7</b>&lt;script&gt;alert(1)&lt;/script&gt;<a>a</a>'
    """
    return str(bleach.clean(body, _TAGS, _allowed, {"http", "https", "mailto", "data"}, css_sanitizer=_STYLES))


def _allowed(tag: str, name: str, value: str) -> bool:
    if name == "src":
        return tag == "img" and value.startswith("data:image/png;base64,")
    if name == "href":
        return tag == "a" and value.startswith(("https:", "http:", "mailto:", "#"))
    return name in _ATTRIBUTES


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{css}</style>
</head>
<body>
<nav aria-label="Reports">{way}</nav>
<main>{body}</main>
<footer>{source}. The same numbers again: <code>{call}</code></footer>
</body>
</html>
"""


def _write(page: Path, title: str, body: str, numbers: Numbers) -> Path:
    css = Path(__file__).with_name("pages.css").read_text("utf-8")
    way = "" if page.stem == "index" else '<a href="index.html">All reports</a>'
    text = _PAGE.format(
        title=html.escape(title),
        css=css,
        way=way,
        body=body,
        source=html.escape(numbers.source),
        call=html.escape(numbers.call),
    )
    part = page.with_name(f".{page.name}.part")
    part.write_text(text, "utf-8")
    part.replace(page)
    return page
