"""The notebooks run top to bottom on data/raw, and what they were committed with is what they print."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT

import pipeline
from pipeline.report.html_pages import report
from pipeline.report.notebooks import NotebookFailed, execute, notebooks
from pipeline.report.queries import field_accuracy
from pipeline.report.source_pages import CONTEXT_LINES, source_page
from pipeline.report.tables import explore_script

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
GENERATION = re.compile(r"\d{8}T\d{6}\.\d{6}Z|\d{4}-\d\d-\d\d \d\d:\d\d UTC")


def printed(notebook) -> list[str]:
    """What the cells print, generation and time aside; of a plot its description."""
    shown = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {"text/plain": output.get("text", "")})
            shown += [GENERATION.sub("…", data.get("text/html", data["text/plain"]))]
    return shown


@pytest.fixture(scope="module")
def executed(published) -> dict[Path, object]:
    return {path: execute(path, published) for path in NOTEBOOKS}


def test_there_are_four():
    names = ["01_coverage", "02_quoted_statistics", "03_duplicates", "04_changes"]
    assert [path.stem for path in NOTEBOOKS] == names
    assert [path.name for path in notebooks()] == [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_a_notebook_shows_is_what_it_was_committed_with(executed, path):
    committed = nbformat.read(path, as_version=4)
    assert printed(executed[path]) == printed(committed)


def test_notebooks_show_the_same_of_tables_in_parquet_files(executed, tmp_path):
    pipeline.run(ROOT / "data" / "raw", tmp_path, workers=1, tables="parquet")
    for path, notebook in executed.items():
        assert printed(execute(path, tmp_path)) == printed(notebook), path.name


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


HOSTILE = (
    "What is <script>alert(1)</script>?\n<img src=x onerror=alert(2)> costs $5 or $6, in 12 percent of cases.\n"
    "Is it \u202eevil\u202c $\\frac{1}{2}$ and [so](javascript:alert(3)) **on**?\n" + "x" * 3000 + " ...\n"
    "Why does \u05de\u05d4 \u0627\u0644\u0639\u0631\u0628\u064a\u0629 matter?\n\u05db\u05df, 45 percent of people.\n"
    "How do \U0001f469\u200d\u2695\ufe0f feel?\nUp to 88 percent are \U0001f600, says the <b>Institute</b> \u4e2d.\n"
    "What is =HYPERLINK(1)?\n</details></table></main><h1>broken</h1> 7 in 10 patients paid $1,000 to $2,000 a year.\n"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> list[Path]:
    """The report of a ledger full of hostile text."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "raw").mkdir()
    (folder / "raw" / "evil.txt").write_text(HOSTILE, "utf-8")
    pipeline.run(folder / "raw", folder / "out", workers=1)
    return report(folder / "out")


def test_report_writes_a_page_for_each_with_their_contents_first(hostile):
    assert [page.stem for page in hostile] == ["index", *(path.stem for path in NOTEBOOKS)]
    contents = hostile[0].read_text("utf-8")
    assert all(f'href="{path.stem}.html"' in contents for path in NOTEBOOKS)
    assert "5 questions found in 1 document" in contents


class Markup(HTMLParser):
    """The tags and attributes a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_hostile_text_stays_text_in_a_report(hostile):
    for page in hostile:
        text = page.read_text("utf-8")
        parser = Markup()
        parser.feed(text)
        assert text.count("<script") == 1
        assert f"<script>{explore_script()}</script>" in text
        assert not parser.tags & {"iframe", "svg", "object", "embed", "form"}
        assert not [name for name, _ in parser.attributes if name.startswith("on")]
        assert not [value for name, value in parser.attributes if name in ("href", "src") and "javascript:" in value]
        assert "Content-Security-Policy" in text
    assert "&lt;img src=x onerror=alert(2)&gt;" in hostile[2].read_text("utf-8")


def test_a_report_loads_nothing_and_describes_its_plots(hostile):
    for page in hostile:
        text = page.read_text("utf-8")
        assert not re.findall(
            r"""(?:src|href)=["'](?!data:image/png|index\.html|0\d_\w+\.html|#part-\d|tables/|sources/)[^"']*""", text
        )
        images = re.findall(r"<img [^>]*>", text)
        assert all(re.search(r'alt="[^"]{20,}', image) for image in images)
        assert "Glyph" not in text
    assert len(re.findall("<img ", hostile[2].read_text("utf-8"))) == 4


def test_every_page_says_of_which_generation_it_is(hostile):
    with pipeline.open(hostile[0].parent.parent) as ledger:
        told = f'generation="{ledger.generation}"'
    assert all(told in html.unescape(page.read_text("utf-8")) for page in hostile)


@pytest.mark.parametrize(
    "text", ["", "Is the clinic open on Sundays?\nYes, from nine to noon.\n"], ids=["empty", "one"]
)
def test_little_or_nothing_gives_sensible_pages(tmp_path, text):
    (tmp_path / "raw").mkdir()
    if text:
        (tmp_path / "raw" / "page.txt").write_text(text)
    pipeline.run(tmp_path / "raw", tmp_path / "out", workers=1, allow_empty=True)
    for page in report(tmp_path / "out"):
        shown = re.sub(r"data:image[^\"]*|<style>.*?</style>", "", page.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"\b(nan|NaN|None|inf|NaT)\b|<NA>|Warning", shown)


def test_a_report_can_be_narrowed_to_a_topic_and_an_older_generation(qaledger, raw, out):
    pipeline.run(raw, out, workers=1)
    with pipeline.open(out) as ledger:
        first, insured = ledger.generation, len(ledger.only("insurance").occurrences)
    (raw / "more.txt").write_text("Does insurance pay for a visit?\nYes, your insurance plan pays for a visit.\n")
    pipeline.run(raw, out, workers=1)
    pages = report(out, topic="insurance", generation=first)
    assert pages[0].parent == out / "reports" / f"generation={first},topic=insurance"
    assert f"{insured} questions found in 1 document" in pages[0].read_text("utf-8")
    told = html.unescape(pages[1].read_text("utf-8"))
    assert f'pipeline.open(generation="{first}").only(topic="insurance")' in told
    wrong = qaledger("report", "--out", out, "--topic", "nonsense")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)
    assert "'nonsense' is not a topic; the topics are: " in wrong.stderr


def test_pdf_without_a_browser_is_one_sentence(qaledger, published, tmp_path):
    done = qaledger("report", "--out", published, "--pdf", PATH=str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "--pdf needs Chromium or Chrome" in done.stderr


def test_a_report_has_each_table_as_files_and_links_rows_to_their_source(hostile):
    folder = hostile[0].parent
    page = hostile[2].read_text("utf-8")
    files = set(re.findall(r'href="(tables/[^"]+)"', page))
    assert {"tables/claims.csv", "tables/claims.xlsx"} <= files
    assert all((folder / file).exists() for file in files)
    links = re.findall(r'href="sources/([\w-]+)\.html#([\w-]+)"', page)
    assert links
    for document_id, anchor in links:
        source = (folder / "sources" / f"{document_id}.html").read_text("utf-8")
        assert f'id="{anchor}"' in source
        assert "<script>alert" not in source
        assert "&lt;script&gt;alert(1)" in source


def test_a_long_document_is_shown_around_the_lines_that_a_report_links_to(tmp_path):
    (tmp_path / "raw").mkdir()
    pairs = [f"What is item {n}?\nItem {n} is a thing of its own with a name.\n" for n in range(1000)]
    pairs[700] = "How many agree?\nAbout 45 percent of patients agree with it.\n"
    (tmp_path / "raw" / "long.txt").write_text("".join(pairs))
    pipeline.run(tmp_path / "raw", tmp_path / "out", workers=1)
    with pipeline.open(tmp_path / "out") as ledger:
        figure = ledger.statistics.iloc[0]
        document_id = ledger.documents["document_id"].iloc[0]
        page = source_page(ledger, document_id, {figure["statistic_id"]})
    numbers = [line.number for line in page["lines"]]
    assert numbers == list(range(1402 - CONTEXT_LINES, 1402 + CONTEXT_LINES + 1))
    assert [line.number for line in page["lines"] if line.is_after_gap] == [numbers[0]]
    mark = f'<mark id="{figure["statistic_id"]}" title="agree with it, patients">45 percent</mark>'
    marked = [line.html for line in page["lines"] if "<mark" in line.html]
    assert marked == [f"About {mark} of patients agree with it."]


def test_the_accuracy_of_fields_is_that_of_the_documentation():
    documented = (ROOT / "docs" / "statistics.md").read_text("utf-8").replace("`", "")
    for row in field_accuracy().itertuples():
        assert f"| {row.field} | {row.health} of {row.health_of} | {row.other} of {row.other_of} |" in documented
