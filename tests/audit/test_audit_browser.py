"""The review page in a real browser: by keyboard alone, for every reader, and with hostile text in it.

Run by `make test-browser`: it needs Chromium.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from reviewing import Server, serving

import pipeline
from pipeline.duplicates.decisions import decisions_in_force, read_entries
from pipeline.ledger.verify import verify

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAIRS = 40
HOSTILE = "<img src=x onerror=\"document.title='pwned'\"><script>document.title='pwned'</script>{{7*7}}\"'"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def written(raw: Path, questions: int, answers: int) -> Path:
    """Source documents in which each question has several answers, and one of them hostile text."""
    raw.mkdir(parents=True)
    for document in range(answers):
        lines = [
            f"How is number {question} of the {_word(question)} kept?\nIn the {_word(document + question)} place, "
            f"{_word(3 * document)} and {_word(7 * document + 1)}, as the house of {_word(document)} does it."
            for question in range(questions)
        ]
        (raw / f"page_{document}.txt").write_text("\n".join(lines) + "\n", "utf-8")
    asked = f"What is {HOSTILE}?"
    hostile = f"{asked}\nIt is {HOSTILE} and nothing else at all.\n{asked}\nOnly {HOSTILE} here.\n"
    (raw / "hostile.txt").write_text(hostile, "utf-8")
    return raw


def _word(number: int) -> str:
    return ["oak", "elm", "ash", "fir", "yew", "bay", "fig", "box", "may", "rue", "hop"][number % 11] + "en"


def enter(page: Page, server: Server, name: str = "Ada") -> None:
    """Open the page and enter a name, by keyboard."""
    page.goto(server.address)
    page.keyboard.type(name)
    press(page, "Enter")


def press(page: Page, key: str) -> None:
    """Press a key that leads to another page, and wait for that page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def test_40_pairs_are_reviewed_by_keyboard_alone_and_the_next_run_follows(page: Page, tmp_path: Path) -> None:
    raw, out, decisions = written(tmp_path / "raw", 12, 5), tmp_path / "out", tmp_path / "decisions.jsonl"
    pipeline.run(raw, out, workers=1)
    with serving(out, decisions) as server:
        enter(page, server)
        press(page, "o")
        verdicts = itertools.cycle(["d", "d", "s", "d", "x", "d", "a"])
        for number in range(1, PAIRS + 1):
            press(page, next(verdicts))
            assert len(read_entries(decisions)) == number
        last = read_entries(decisions)[-1]
        press(page, "u")
        assert {last.a_key, last.b_key} == set(page.url.partition("?")[0].split("/")[-2:])
        assert last.id not in {entry.id for entry in _standing(decisions)}
        press(page, "s")
        page.keyboard.press("f")
        page.keyboard.type("ask Bo about this")
        press(page, "Enter")
        assert read_entries(decisions)[-1].note == "ask Bo about this"
        for key in "jjkgj":
            press(page, key)
        press(page, "p")
        assert "merged into one row" in page.inner_text("main")
        kept = {(d.pair, d.is_same) for d in decisions_in_force(read_entries(decisions))}
        ledger = pipeline.run(raw, out, workers=1, decisions=decisions)
        assert ledger.changes["merged"] > 0
        page.reload()
        assert "the published tables contain every decision" in page.inner_text("main")
    assert [finding for finding in verify(out) if not finding.is_ok] == []
    assert _applied(out, decisions) == kept


def _standing(decisions: Path) -> list[Any]:
    from pipeline.duplicates.decisions import in_force

    return in_force(read_entries(decisions))


def _applied(out: Path, decisions: Path) -> set[tuple[tuple[str, str], bool]]:
    """The decided pairs, with whether both texts are in one row of qa now."""
    from pipeline.text.keys import content_key

    with pipeline.open(out) as ledger:
        frame = ledger.occurrences
    rows = {
        content_key(row.question_key, row.answer_key if row.is_answered else None): row.qa_id
        for row in frame.itertuples()
    }
    return {(d.pair, rows[d.a_key] == rows[d.b_key]) for d in decisions_in_force(read_entries(decisions))}


def test_hostile_text_is_shown_and_does_nothing(page: Page, tmp_path: Path) -> None:
    raw, out = written(tmp_path / "raw", 1, 2), tmp_path / "out"
    pipeline.run(raw, out, workers=1)
    said: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    with serving(out, tmp_path / "decisions.jsonl") as server:
        enter(page, server, '"><b>Bo</b>')
        page.goto(server.origin + "/start?text=onerror")
        assert HOSTILE in page.inner_text("main")
        page.fill("#note", HOSTILE)
        press(page, "Enter")
        assert HOSTILE in page.inner_text(".note")
        for path in ("/", "/preview", "/agreement", "/redirects", "/?text=%3Cscript%3Ealert(1)%3C/script%3E"):
            page.goto(server.origin + path)
            assert "pwned" not in page.title()
            assert page.locator("main img, main script, main b:text-is('Bo')").count() == 0
        ran = page.evaluate(
            "() => { const script = document.createElement('script'); script.textContent = 'window.ran = true';"
            " document.body.append(script); return window.ran === true }"
        )
        assert not ran
        assert "pwned" not in page.title()
    assert said == []


def test_a_key_held_down_decides_once(page: Page, published: Path, tmp_path: Path) -> None:
    decisions = tmp_path / "decisions.jsonl"
    with serving(published, decisions) as server:
        enter(page, server)
        press(page, "o")
        with page.expect_navigation():
            page.evaluate(
                "() => { for (let i = 0; i < 5; i++) document.body.dispatchEvent("
                "new KeyboardEvent('keydown', {key: 'd', bubbles: true, cancelable: true})) }"
            )
        assert len(read_entries(decisions)) == 1


def test_the_key_that_opens_the_queue_decides_nothing_and_any_decision_can_be_undone(
    page: Page, tmp_path: Path
) -> None:
    raw, out, decisions = written(tmp_path / "raw", 4, 3), tmp_path / "out", tmp_path / "decisions.jsonl"
    pipeline.run(raw, out, workers=1)
    with serving(out, decisions) as server:
        enter(page, server)
        page.keyboard.press("s")
        press(page, "o")
        page.keyboard.press("o")
        assert read_entries(decisions) == []
        assert "0 decided" in page.inner_text("main")
        for key in "sds":
            press(page, key)
        assert re.search(r"\b[3-9] decided, \d+ left in this filter", page.inner_text("main"))
        page.goto(server.origin + "/decisions")
        second = read_entries(decisions)[1]
        with page.expect_navigation():
            page.get_by_label("Undo the decision 2").click()
        assert read_entries(decisions)[-1].undoes == second.id
        assert page.get_by_role("button", name="Undo the decision").count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_every_page_can_be_read_by_everybody(
    browser: Browser, published: Path, tmp_path: Path, scheme: str, width: int
):
    """axe finds no serious fault, nothing overflows the page, and the focus is visible."""
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    with serving(published, tmp_path / "decisions.jsonl") as server:
        page.goto(server.address)
        faults = _faults(Axe(), page)
        enter(page, server)
        press(page, "o")
        pair = page.url
        press(page, "s")
        group = page.get_attribute("#group", "href")
        ticked = server.origin + f"{group}&verdict=same" if "?" in group else server.origin + f"{group}?verdict=same"
        for address in (
            server.origin + "/?state=all",
            pair,
            server.origin + group,
            server.origin + "/preview",
            server.origin + "/agreement",
            server.origin + "/decisions",
            server.origin + "/redirects",
            server.origin + "/contradictions",
            pair.replace("/pair/", "/move/") + ("&" if "?" in pair else "?") + "find=insurance",
            ticked,
        ):
            page.goto(address)
            faults += _faults(Axe(), page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
            page.keyboard.press("Shift+Tab")
            ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring == "solid", address
        page.goto(pair)
        page.keyboard.press("?")
        assert page.locator("#keys").is_visible()
        faults += _faults(Axe(), page)
        page.keyboard.press("Escape")
        assert not page.locator("#keys").is_visible()
    context.close()
    assert faults == []


def _faults(axe: Any, page: Page) -> list[str]:
    found = axe.run(page).response["violations"]
    return [
        f"{page.url}: {fault['id']}: {fault['nodes'][0]['html'][:200]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


def test_40_pairs_are_reviewed_by_mouse_alone(page: Page, tmp_path: Path) -> None:
    raw, out, decisions = written(tmp_path / "raw", 8, 4), tmp_path / "out", tmp_path / "decisions.jsonl"
    pipeline.run(raw, out, workers=1)
    with serving(out, decisions) as server:
        enter(page, server)
        click(page, "Start with the first pair")
        names = itertools.cycle(["Different d", "Same s", "Different d", "Skip x", "Same, wording of B b"])
        for number in range(1, 41):
            click(page, next(names), "button")
            assert len(read_entries(decisions)) == number
        last = read_entries(decisions)[-1]
        click(page, "Undo my last decision", "button")
        assert read_entries(decisions)[-1].undoes == last.id
        page.fill("#note", "ask Bo")
        click(page, "Flag f", "button")
        assert read_entries(decisions)[-1].note == "ask Bo"
        click(page, "Next j")
        click(page, "Group of")
        click(page, "Pair by pair")
        click(page, "Decisions")
        click(page, "Undo the decision 3", "button")
        click(page, "Preview")
        assert "merged into one row" in page.inner_text("main")


def click(page: Page, name: str, role: Any = "link") -> None:
    """Click a link or button that leads to another page, and wait for that page."""
    with page.expect_navigation():
        page.get_by_role(role, name=name).first.click()


@pytest.fixture(scope="module")
def disputed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables in which sources disagree about figures in hostile sentences."""
    folder = tmp_path_factory.mktemp("disputed")
    (folder / "raw").mkdir()
    for number, share in enumerate((12, 31, 55, 70)):
        for what in ("seek a second opinion", "want a doctor who listens"):
            text = f"What is {HOSTILE} of {what}?\n{share}% of patients {what} {HOSTILE}.\n"
            (folder / "raw" / f"{number}_{len(what)}.txt").write_text(text, "utf-8")
    pipeline.run(folder / "raw", folder / "out", workers=1)
    return folder / "out"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_figures_are_decided_by_keyboard_and_by_mouse_by_everybody_and_hostile_text_does_nothing(
    browser: Browser, disputed: Path, tmp_path: Path, scheme: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    decisions = tmp_path / "decisions.jsonl"
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    said: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    with serving(disputed, decisions) as server:
        enter(page, server)
        page.goto(server.origin + "/figures")
        faults = _faults(Axe(), page)
        press(page, "o")
        assert HOSTILE.partition(">")[0] in page.inner_text("main")
        faults += _faults(Axe(), page)
        for key in "cnr":
            press(page, key)
        assert [entry.verdict for entry in read_entries(decisions)] == ["comparable", "not_comparable", "misread"]
        press(page, "u")
        assert "2 figures decided" in page.inner_text("main")
        page.get_by_label("Note").fill(HOSTILE)
        click(page, "Not comparable n", "button")
        assert read_entries(decisions)[-1].note == HOSTILE
        click(page, "Previous k")
        press(page, "j")
        press(page, "q")
        assert "2 left out" in page.inner_text("main")
        for address in ("/decisions", "/figures/start", "/figures", "/preview"):
            page.goto(server.origin + address)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
            assert "pwned" not in page.title()
            assert page.locator("main img, main script").count() == 0
        faults += _faults(Axe(), page)
    context.close()
    assert (faults, said) == ([], [])
