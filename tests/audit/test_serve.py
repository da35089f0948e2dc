"""How the review page is started: at which address, and what other users of the machine can see of it."""

from __future__ import annotations

import re
import signal
import threading
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from pipeline.audit.serve import AddressTaken, serve


def test_the_token_is_not_on_the_command_line_of_the_browser(published, tmp_path, monkeypatch):
    opened, arrived = [], threading.Event()

    def open_browser(url):
        page = Path(unquote(urlparse(url).path))
        opened.append((url, page, page.read_text("utf-8"), page.parent.stat().st_mode & 0o777))
        arrived.set()

    monkeypatch.setattr("webbrowser.open", open_browser)
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: (arrived.wait(60), sockets[0].close()))
    said = []
    serve(published, tmp_path / "decisions.jsonl", "127.0.0.1", 0, True, said.append)
    token = re.search(r"token=([\w-]+)", "\n".join(said))[1]
    ((url, page, text, mode),) = opened
    assert token not in url
    assert f"token={token}" in text
    assert mode == 0o700, "only this user can read the page"
    assert not page.exists()


@pytest.mark.parametrize("host", ["", "..", "a" * 300, "256.256.256.256"])
def test_an_address_that_is_none_is_one_sentence(published, tmp_path, host):
    with pytest.raises(AddressTaken, match="cannot listen there"):
        serve(published, tmp_path / "decisions.jsonl", host, 0, False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_page_without_an_error(published, tmp_path, monkeypatch, number):
    def raise_again(self, sockets):
        sockets[0].close()
        signal.raise_signal(number)

    def interrupt(*_):
        raise AssertionError("nothing was published")

    monkeypatch.setattr("uvicorn.Server.run", raise_again)
    said, before = [], signal.signal(number, interrupt)
    try:
        serve(published, tmp_path / "decisions.jsonl", "127.0.0.1", 0, False, said.append)
        assert signal.getsignal(number) is interrupt
    finally:
        signal.signal(number, before)
    assert said[-1] == "Stopped. The next run applies the decisions."
