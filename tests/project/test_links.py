"""The relative links of the pages at the top of the project, and the pages that code names, exist."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "data/README.md"])
def test_every_relative_link_leads_to_a_file(page):
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text("utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if "://" not in link:
            assert ((ROOT / page).parent / link).exists(), link


def test_every_page_of_the_documentation_that_code_names_exists():
    files = [file for folder in ("pipeline", "tests", "notebooks", "deploy") for file in (ROOT / folder).rglob("*")]
    named = {
        page
        for file in [*files, ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "Makefile", ROOT / "CONTRIBUTING.md"]
        if file.suffix in ("", ".py", ".toml", ".sql", ".ipynb", ".md", ".html", ".yml") and file.is_file()
        for page in re.findall(r"\bdocs/[\w-]+\.md", file.read_text("utf-8", "replace"))
    }
    assert named
    assert [page for page in sorted(named) if not (ROOT / page).exists()] == []


def test_every_page_of_the_documentation_is_in_the_navigation():
    """`make docs` finds the opposite, a page in the navigation that does not exist."""
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f": {page.name}\n" not in settings] == []
