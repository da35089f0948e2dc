"""Starts the server of the review page and opens it in the browser."""

from __future__ import annotations

import contextlib
import gc
import html
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.errors import PipelineError


class AuditMissing(PipelineError):
    """The libraries of the review page are not installed."""

    exit_code = 2

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the review page needs {name}, which is not installed. Install it: pip install 'qaledger[audit]' "
            "(in a copy of the source: pip install '.[audit]')"
        )


class AddressTaken(PipelineError):
    """The server cannot listen at an address."""

    def __init__(self, host: str, port: int, cause: OSError | UnicodeError) -> None:
        super().__init__(
            f"{host[:60]}:{port}: cannot listen there ({getattr(cause, 'strerror', None) or cause}). "
            "Choose another port with --port, or leave it out to use any free port."
        )


def serve(
    out: Path, decisions: Path, host: str, port: int, open_browser: bool, say: Callable[[str], object] = print
) -> None:
    """Serve the review page over the published tables in `out` until interrupted. `port` 0 is any that is free.

    Raises `AuditMissing`, `AddressTaken`, `NothingPublished`, `DatabaseDamaged` or `DecisionsUnreadable`.
    """
    try:
        import uvicorn

        from pipeline.audit.security import Credentials, is_loopback
        from pipeline.audit.web import make_app
    except ModuleNotFoundError as err:
        if (err.name or "").partition(".")[0] not in ("uvicorn", "starlette"):
            raise
        raise AuditMissing(err.name or "") from err
    from pipeline.audit.decision_log import DecisionLog
    from pipeline.audit.review_queue import ReviewQueue

    queue = ReviewQueue(out, DecisionLog(decisions))
    listener = _listen(host, port)
    credentials = Credentials(host, listener.getsockname()[1])
    url_host = f"[{host}]" if ":" in host else host
    address = f"http://{url_host}:{credentials.port}/?token={credentials.token}"
    if not is_loopback(host):
        say(f"Others can reach this page at {host}, and the connection is not encrypted: use it in a trusted network.")
    say(f"Review at {address}\nDecisions go to {decisions}; stop with Ctrl+C.")
    app = make_app(queue, credentials)
    gc.freeze()  # what is there stays: looking through it took 100 ms of every second decision
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2
    )
    with TemporaryDirectory() as folder, _ending_by_signal():
        if open_browser:
            threading.Timer(0.5, webbrowser.open, [_redirecting_page(Path(folder), address).as_uri()]).start()
        uvicorn.Server(config).run(sockets=[listener])
    say("Stopped. The next run applies the decisions.")


@contextlib.contextmanager
def _ending_by_signal() -> Iterator[None]:
    """A block that Ctrl+C or SIGTERM ends without an error: uvicorn stops, then raises the signal once more."""
    if threading.current_thread() is not threading.main_thread():
        yield  # uvicorn handles no signal there either
        return
    handlers = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _redirecting_page(folder: Path, address: str) -> Path:
    """A page in an own folder, that only this user can read, that leads to an address.

    The address has the token, and every user can see the command line of the browser.
    """
    page = folder / "review.html"
    page.write_text(f'<meta http-equiv="refresh" content="0; url={html.escape(address)}">', "utf-8")
    return page


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        if not host:  # it would mean every address of this machine
            raise OSError("no address is named")
        listener.bind((host, port))
        listener.listen(64)
    except (OSError, UnicodeError) as err:
        listener.close()
        raise AddressTaken(host, port, err) from err
    return listener
