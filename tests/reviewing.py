"""The review page as it runs: the command in a process of its own, and a visitor who speaks HTTP with it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from conftest import ROOT


@dataclass
class Server:
    """A running `qaledger audit`: the address it printed, with the token, and its process."""

    address: str
    process: subprocess.Popen[str]

    @property
    def origin(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    def kill(self) -> None:
        """End it as a power cut would."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(out: Path, decisions: Path, *words: str) -> Iterator[Server]:
    """The page over the tables in `out`, until the block ends."""
    command = [sys.executable, "-m", "pipeline", "audit", "--no-browser", "--out", str(out)]
    with subprocess.Popen(
        [*command, "--decisions", str(decisions), *words],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http://\S+", line):
                break
        else:
            raise AssertionError("qaledger audit printed no address")
        try:
            yield Server(found[0], process)
        finally:
            process.terminate()


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
