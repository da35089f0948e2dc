"""The report in a real browser: nothing runs, nothing is loaded, nothing hangs over, and every reader can read it.

Run by `make test-browser`: it needs Chromium.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from test_notebooks import HOSTILE

import pipeline
from pipeline.report.html_pages import report
from pipeline.report.tables import table

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


def test_a_small_table_has_no_filter_and_one_page_has_no_buttons(browser):
    page = browser.new_page()
    for rows, size, controls in ((5, 50, (0, 0)), (30, 50, (1, 0)), (60, 50, (1, 2)), (5, 2, (1, 2))):
        page.set_content(table(pd.DataFrame({"n": range(rows)}), limit=size)._repr_html_())
        assert (page.locator("input").count(), page.locator(".explore button").count()) == controls
        assert page.locator("th button").count() == 1
    page.close()


def test_a_table_is_filtered_sorted_and_paged(browser, tmp_path):
    (tmp_path / "raw").mkdir()
    pairs = [
        f"How many people asked for item {n}?\nIn all, {n * 7 % 120 + 100} people asked for it.\n"
        for n in range(1, 120)
    ]
    (tmp_path / "raw" / "many.txt").write_text("".join(pairs))
    pipeline.run(tmp_path / "raw", tmp_path / "out", workers=1)
    page = browser.new_page()
    page.goto(report(tmp_path / "out")[2].as_uri())
    box = page.locator(".ledger-table", has_text="Counts")
    rows, count = box.locator("tbody tr:visible"), box.locator("output")
    assert (rows.count(), count.text_content()) == (50, "rows 1 to 50 of 119")
    box.get_by_label("Next rows").click()
    box.get_by_label("Next rows").click()
    assert (rows.count(), count.text_content()) == (19, "rows 101 to 119 of 119")
    assert box.get_by_label("Next rows").is_disabled()
    box.get_by_role("button", name="value").click()
    values = [int(text) for text in box.locator("tbody tr:visible td:first-child").all_text_contents()]
    assert values == sorted(values)
    assert values[0] == 101
    box.get_by_role("button", name="value").press("Enter")
    values = [int(text) for text in box.locator("tbody tr:visible td:first-child").all_text_contents()]
    assert values == sorted(values, reverse=True)
    box.get_by_label("Filter the rows of this table").fill("all, 177 PEOPLE")
    assert (rows.count(), count.text_content()) == (1, "rows 1 to 1 of 1")
    rows.get_by_role("link").first.click()
    assert page.locator("mark:target").text_content() == "177"
    page.close()


def test_nothing_is_folded_when_a_page_is_printed(browser, files):
    page = browser.new_page()
    page.goto(files[3].as_uri())
    assert page.locator("details:not([open])").count()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.close()


def test_a_printed_page_names_no_path_of_the_machine(browser, files):
    assert all(b"file://" not in file.read_bytes() for file in files if file.suffix == ".pdf")
    page = browser.new_page()
    page.goto(files[3].as_uri())
    beside = page.locator("a[href^='tables/'], a[href^='sources/']")
    before = beside.count()
    assert before
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert beside.count() == 0
    assert page.locator(".contents a[href^='#']").count()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert beside.count() == before
    page.close()


def test_hostile_text_does_nothing_in_sorted_and_filtered_tables_and_on_source_pages(browser, files):
    page = browser.new_page()
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    sources = sorted(files[0].parent.glob("sources/*.html"))
    assert sources
    for file in [*(file for file in files if file.suffix == ".html"), *sources]:
        page.goto(file.as_uri())
        title = page.title()
        for box in page.locator(".ledger-table").all():
            for button in box.locator("th button").all():
                button.click()
            if (search := box.get_by_label("Filter the rows of this table")).count():
                search.fill("<img src=x onerror=alert(1)>")
                search.fill("")
        assert page.title() == title
        assert page.locator("main img[src='x'], main script:not([src]):text('alert')").count() == 0
    page.close()
    assert said == []


def test_hostile_text_does_nothing_in_a_table_without_a_security_policy(browser):
    """As in a notebook, where only the escaping of the table stands between scraped text and the reader."""
    evil = '<img src=x onerror="window.ran = 1"><script>window.ran = 1</script></td></table>\'"&lt;b&gt;'
    frame = pd.DataFrame({evil: [evil, evil + "a" * 300], "n": [3.5, None], "list": [[evil], []]})
    page = browser.new_page()
    page.set_content(table(frame, caption=evil, limit=1)._repr_html_())
    for button in page.locator("th button").all():
        button.click()
        button.click()
    page.get_by_label("Filter the rows of this table").fill("onerror")
    page.get_by_label("Next rows").click()
    assert page.locator("output").text_content() == "rows 2 to 2 of 2"
    assert page.locator("tbody").text_content().count(evil) == 4  # long text is there folded, too
    assert page.locator("img, td script, table table").count() == 0
    assert not page.evaluate("window.ran")
    page.close()
