"""The report in a real browser: nothing runs, nothing is loaded, nothing hangs over, and every reader can read it.

Run by `make test-browser`: it needs Chromium.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from test_notebooks import HOSTILE

import pipeline
from pipeline.report.html_pages import report

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The report and its PDFs, of a ledger with hostile text beside the seed document."""
    from conftest import SEED

    folder = tmp_path_factory.mktemp("report")
    (folder / "raw").mkdir()
    (folder / "raw" / "evil.txt").write_text(HOSTILE, "utf-8")
    (folder / "raw" / SEED.name).write_bytes(SEED.read_bytes())
    pipeline.run(folder / "raw", folder / "out", workers=1)
    return report(folder / "out", pdf=True)


@pytest.mark.parametrize("width", [1280, 800])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_run_and_load_nothing_fit_and_are_accessible(browser, files, width, scheme):
    for file in files:
        if file.suffix != ".html":
            continue
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        asked: list[str] = []
        page.on("dialog", lambda dialog, asked=asked: (asked.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(file.as_uri())
        assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.querySelectorAll('main img:not([alt])').length") == 0
        found = Axe().run(page).response["violations"] if scheme == "light" or width == 1280 else []
        assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []
        context.close()


def test_every_page_is_printed(files):
    printed = [file for file in files if file.suffix == ".pdf"]
    assert [file.stem for file in printed] == [file.stem for file in files if file.suffix == ".html"]
    assert all(file.read_bytes().startswith(b"%PDF-") for file in printed)
