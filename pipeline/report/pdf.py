"""Prints HTML pages as PDF with Chromium or Chrome."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from pipeline.errors import PipelineError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_SECONDS = 120  # a page may take to print


class NoBrowser(PipelineError):
    """There is no Chromium or Chrome, or it did not print."""


def find_browser() -> str:
    """The path of Chromium or Chrome. Raises `NoBrowser`."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise NoBrowser(
            "--pdf needs Chromium or Chrome, and neither is on the PATH. Install one (apt-get install chromium), "
            "or leave out --pdf and print the HTML pages from a browser."
        )
    return found


def print_pdf(page: Path, to: Path) -> None:
    """Write an HTML page as PDF. Nothing is loaded from the network. Raises `NoBrowser`."""
    browser = find_browser()
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # its sandbox refuses root
    with tempfile.TemporaryDirectory() as profile:
        part = Path(profile) / "page.pdf"
        words = [browser, "--headless", "--disable-gpu", "--disable-background-networking", *root]
        words += [f"--user-data-dir={profile}", "--no-pdf-header-footer", f"--print-to-pdf={part}", page.as_uri()]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired as err:
            raise NoBrowser(f"{browser} took more than {_SECONDS} seconds to print {page.name}") from err
        if done.returncode or not part.exists():
            message = (done.stderr.strip().splitlines() or ["it printed no message"])[-1]
            raise NoBrowser(f"{browser} could not print {page.name}: {message}")
        shutil.copyfile(part, to)
