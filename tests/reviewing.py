"""Runs the review page in a process of its own, with a visitor that sends HTTP requests to it."""

from __future__ import annotations

import os
import re
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from multiprocessing.process import BaseProcess
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import forked
from conftest import ROOT


@dataclass
class Server:
    """A running `qaledger audit`: the address it printed, with the token, and its process."""

    address: str
    process: BaseProcess

    @property
    def origin(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    def kill(self) -> None:
        """Kill the server at once, as a power cut would."""
        self.process.kill()
        self.process.join()


@contextmanager
def serving(out: Path, decisions: Path) -> Iterator[Server]:
    """The page over the tables in `out`, until the block ends."""
    words = ["audit", "--no-browser", "--out", str(out), "--decisions", str(decisions)]
    with tempfile.TemporaryDirectory() as folder:
        stdout, stderr = Path(folder, "stdout"), Path(folder, "stderr")
        process = forked.started(words, ROOT, os.environ, stdout, stderr)
        try:
            yield Server(_address(process, stdout, stderr), process)
        finally:
            process.terminate()
            process.join()


def _address(process: BaseProcess, stdout: Path, stderr: Path) -> str:
    while process.is_alive():
        if stdout.exists() and (found := re.search(r"http://\S+(?=\s)", stdout.read_text("utf-8"))):
            return found[0]
        time.sleep(0.01)
    raise AssertionError(f"qaledger audit printed no address: {stderr.read_text('utf-8')}")


@dataclass
class Page:
    """An answer: status, address after all redirects, headers, text."""

    status: int
    url: str
    headers: dict[str, str]
    text: str

    def pair(self) -> tuple[str, str]:
        """The pair that this page shows."""
        found = re.search(r"/pair/(\w+)/(\w+)", self.url)
        assert found, self.url
        return found[1], found[2]


class Visitor:
    """A browser without a screen: keeps cookies, follows redirects, fills in the page's own forms."""

    def __init__(self, server: Server, name: str = "", opens: str = "") -> None:
        self.origin = server.origin
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.page = self.get(opens or server.address.removeprefix(server.origin))
        if name:
            self.form_token = re.search(r'name="form_token" value="(\w+)"', self.page.text)[1]
            self.page = self.post("/name", name=name, next="/")

    def get(self, path: str, **headers: str) -> Page:
        return self._open(urllib.request.Request(self.origin + path, headers=headers))

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: object) -> Page:
        body = urlencode({"form_token": getattr(self, "form_token", ""), "query": "", **fields}, doseq=True).encode()
        sent = {"Origin": self.origin, **(headers or {})}
        return self._open(urllib.request.Request(self.origin + path, body, {k: v for k, v in sent.items() if v}))

    def decide(self, pair: tuple[str, str], verdict: str, **fields: object) -> Page:
        return self.post("/decide", a=pair[0], b=pair[1], verdict=verdict, **fields)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            answer = self._opener.open(request, timeout=60)
        except urllib.error.HTTPError as err:
            answer = err
        with answer:
            return Page(answer.status, answer.url, dict(answer.headers), answer.read().decode())
