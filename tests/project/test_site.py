"""The documentation site builds without warnings and without a network, and all its links lead somewhere.

Run by `make docs`, which builds the site to build/site first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from conftest import ROOT

SITE = ROOT / "build" / "site"
pytestmark = pytest.mark.docs


class Page(HTMLParser):
    """The ids, the links and what a browser would load of one page."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        self.ids.add(values.get("id", ""))
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "link" and values.get("rel") not in ("canonical", "next", "prev"):
            self.loaded.append(values["href"])
        elif "src" in values:
            self.loaded.append(values["src"])


def pages() -> Iterator[tuple[Path, Page]]:
    files = sorted(SITE.rglob("*.html"))
    assert len(files) > 15, "build the site first: make docs"
    for file in files:
        if file.name != "404.html":  # its links start at the root of a server
            yield file, Page(file)


def test_every_link_leads_to_a_page_and_a_heading_that_exist():
    ids = {file: page.ids for file, page in pages()}
    broken = []
    for file, page in pages():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            target = target / "index.html" if target.is_dir() else target
            if not target.exists() or (parts.fragment and parts.fragment not in ids.get(target, set())):
                broken.append(f"{file.name}: {link}")
    assert broken == []


def test_the_pages_load_nothing_from_other_servers():
    loaded = {f"{file.name}: {what}" for file, page in pages() for what in page.loaded if urlsplit(what).netloc}
    imported = {
        f"{file.name}: {what}"
        for file in SITE.rglob("*.css")
        for what in re.findall(r"(?:@import|url\()\s*[\"']?(https?:[^\"')]+)", file.read_text("utf-8"))
    }
    assert loaded | imported == set()
