"""Start the review page and open it in the browser."""

from __future__ import annotations

import contextlib
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

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
    """The page cannot listen where it was told to."""

    def __init__(self, host: str, port: int, cause: OSError) -> None:
        super().__init__(
            f"{host}:{port}: cannot listen there ({cause.strerror or cause}). "
            "Name another port with --port, or leave it out for any that is free."
        )


def serve(
    out: Path, decisions: Path, host: str, port: int, open_browser: bool, say: Callable[[str], object] = print
) -> None:
    """Serve the review page over the published tables in `out` until interrupted. `port` 0 is any that is free.

    Raises `AuditMissing`, `AddressTaken`, `NothingPublished`, `DatabaseDamaged` or `DecisionsUnreadable`.
    """
    try:
        import uvicorn

        from pipeline.audit.security import Keys, is_loopback
        from pipeline.audit.web import make_app
    except ModuleNotFoundError as err:
        if (err.name or "").partition(".")[0] not in ("uvicorn", "starlette"):
            raise
        raise AuditMissing(err.name or "") from err
    from pipeline.audit.decision_log import Book
    from pipeline.audit.review_queue import Desk

    desk = Desk(out, Book(decisions))
    listener = _listen(host, port)
    keys = Keys(host, listener.getsockname()[1])
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{keys.port}/?token={keys.token}"
    if not is_loopback(host):
        say(f"Others can reach this page on {host}, and nothing encrypts the way: use it in a network you trust.")
    say(f"Review at {address}\nDecisions go to {decisions}; end with Ctrl+C.")
    config = uvicorn.Config(
        make_app(desk, keys), log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2
    )
    if open_browser:
        threading.Timer(0.5, webbrowser.open, [address]).start()
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl+C is how it ends
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(64)
    except OSError as err:
        listener.close()
        raise AddressTaken(host, port, err) from err
    return listener
