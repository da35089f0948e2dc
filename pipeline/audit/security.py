"""Restricts access to the review page, and what may run in it.

Every site that is open in the browser can send requests to 127.0.0.1. A request is therefore accepted only with the
token of the printed address (then in a cookie that other sites cannot send) and a Host header of this machine (against
DNS rebinding); a change also needs the right Origin header and a form of this page. The content security policy lets
the browser run the page's own script only.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import socket
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_FORM_BYTES = 1 << 18  # a note has up to 2,000 characters, a group up to 40 texts


@dataclass(frozen=True)
class Credentials:
    """The secrets and addresses of this server. host: the address it listens on."""

    host: str
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def cookie(self) -> str:
        return f"qaledger_audit_{self.port}"

    @property
    def form_token(self) -> str:
        return hmac.new(self.token.encode(), b"form", hashlib.sha256).hexdigest()

    def is_known(self, offered: str | None) -> bool:
        return offered is not None and hmac.compare_digest(offered.encode(), self.token.encode())

    def is_own_form(self, offered: str) -> bool:
        return hmac.compare_digest(offered.encode(), self.form_token.encode())

    def is_own_host(self, host: str) -> bool:
        """Whether a Host header names this machine by an address, or by a name that another site cannot use."""
        name = (urlsplit(f"//{host}").hostname or "") if _is_readable(host) else ""
        if name in {"localhost", self.host}:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return not is_loopback(self.host) and name in {socket.gethostname().lower(), socket.getfqdn().lower()}
        return address.is_loopback or not is_loopback(self.host)


def _is_readable(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").netloc == host and "@" not in host
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class AccessControl:
    """Refuses requests without the token, and adds security headers to every response."""

    def __init__(self, app: ASGIApp, credentials: Credentials) -> None:
        self.app, self.credentials = app, credentials

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})
        nonce = scope["state"]["nonce"] = secrets.token_urlsafe(16)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_headers(nonce))
            await send(message)

        refusal = self._refusal(Request(scope))
        await (refusal or self.app)(scope, receive, send_with_headers)

    def _refusal(self, request: Request) -> Response | None:
        if not self.credentials.is_own_host(request.headers.get("host", "")):
            return _refused(421, "This page answers only at its own address.")
        offered = request.query_params.get("token")
        if request.method == "GET" and self.credentials.is_known(offered):
            answer = RedirectResponse(request.url.path, 303)
            answer.set_cookie(self.credentials.cookie, self.credentials.token, httponly=True, samesite="strict")
            return answer
        if not self.credentials.is_known(request.cookies.get(self.credentials.cookie)):
            return _refused(403, "Open the address that `qaledger audit` printed; it contains the token of this page.")
        if request.method not in ("GET", "HEAD") and not _is_own_origin(request.headers):
            return _refused(403, "The request came from another page.")
        return None


def _is_own_origin(headers: Headers) -> bool:
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")


def _refused(status: int, why: str) -> Response:
    return PlainTextResponse(why + "\n", status)


def _headers(nonce: str) -> dict[str, str]:
    policy = [
        "default-src 'none'",
        f"script-src 'nonce-{nonce}'",
        f"style-src 'nonce-{nonce}'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
