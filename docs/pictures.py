"""Takes the pictures of the documentation again, with Chromium: `make pictures`.

Each picture shows the sample page in data/raw. `images/pictures.json` holds a digest of the files that each picture was
made from, so that a test can say which pictures are out of date. The test needs no browser.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
DIGESTS = IMAGES / "pictures.json"

# The files that decide what a picture shows, as patterns below the root of the project.
INPUTS = {
    "report.png": ("data/raw/*", "notebooks/02_*.ipynb", "pipeline/report/static/*", "pipeline/report/templates/*"),
    "review.png": ("data/raw/*", "pipeline/audit/static/*", "pipeline/audit/templates/*"),
}


def digest_of(picture: str) -> str:
    """The digest of the files that a picture is made from."""
    digest = hashlib.sha256()
    for file in sorted(file for pattern in INPUTS[picture] for file in ROOT.glob(pattern) if file.is_file()):
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def take_all() -> None:
    """Build the tables in a temporary folder, take every picture, and note the digests."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "tables")
        _qaledger("run", ROOT / "data" / "raw", "--out", out)
        _qaledger("report", "--out", out)
        IMAGES.mkdir(exist_ok=True)
        with _page() as page:
            _take(page, "report.png", lambda: _open_report(page, out))
            with _review(out, Path(folder, "decisions.jsonl")) as address:
                _take(page, "review.png", lambda: _open_pair(page, address))
    DIGESTS.write_text(json.dumps({name: digest_of(name) for name in INPUTS}, indent=1) + "\n", "utf-8")


def _take(page: Page, name: str, show: Callable[[], None]) -> None:
    show()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / name)
    print(IMAGES / name)


def _open_report(page: Page, out: Path) -> None:
    """Open the page of figures at its first plot."""
    page.goto((out / "reports" / "02_quoted_statistics.html").as_uri())
    page.locator("h2").first.evaluate("heading => window.scrollTo(0, heading.offsetTop - 16)")


def _open_pair(page: Page, address: str) -> None:
    """Enter a name, and open the first pair of the queue."""
    page.goto(address)
    page.keyboard.type("Ada")
    for key in ("Enter", "o"):
        with page.expect_navigation():
            page.keyboard.press(key)


@contextmanager
def _page() -> Iterator[Page]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(60_000)
        yield page
        browser.close()


@contextmanager
def _review(out: Path, decisions: Path) -> Iterator[str]:
    """The address of a running review page."""
    words = ["audit", "--no-browser", "--out", out, "--decisions", decisions]
    server = subprocess.Popen(_command(*words), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        found = None
        while found is None and server.stdout is not None and (line := server.stdout.readline()):
            found = re.search(r"http://\S+", line)
        if found is None:
            raise SystemExit("qaledger audit printed no address")
        yield found[0]
    finally:
        server.terminate()
        server.wait()


def _qaledger(*words: object) -> None:
    subprocess.run(_command(*words), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _command(*words: object) -> list[str]:
    return [sys.executable, "-m", "pipeline", *map(str, words)]


if __name__ == "__main__":
    take_all()
