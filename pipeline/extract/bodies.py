"""Decodes the body of a web page as a server sent it: chunks, gzip, deflate, brotli, zstandard.

What the body holds decides, not what its header says: archives unpack bodies and keep the header, or the reverse.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from pipeline.extract.archives import LibraryMissing
from pipeline.text.encoding import is_not_text

_LAYERS = 3  # encodings one around the other; servers use one, seldom two


class BodyDamaged(Exception):
    """Nothing of a body can be decoded."""


def decoded_body(body: bytes, headers: Mapping[str, str], limit: int) -> tuple[bytes, str]:
    """The body without its encodings, at most `limit` + 1 bytes of it, and what is damaged in it ('' for nothing).

    Raises `BodyDamaged` and `LibraryMissing`.

    >>> decoded_body(b"<p>Yes.", {"content-encoding": "gzip"}, 100)
    (b'<p>Yes.', '')
    >>> decoded_body(b"4\\r\\n<p>Y\\r\\n3\\r\\nes.\\r\\n0\\r\\n\\r\\n", {"transfer-encoding": "chunked"}, 100)
    (b'<p>Yes.', '')
    """
    body = _unchunked(body, "chunked" in headers.get("transfer-encoding", "").lower())
    named = headers.get("content-encoding", "").lower()
    damage = ""
    for _ in range(_LAYERS):
        unpacked, damage = _unpacked(body, named, limit)
        if unpacked is body or damage:
            return unpacked, damage
        body, named = unpacked, ""
    return body, damage


_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r?\n")


def _unchunked(body: bytes, is_named: bool) -> bytes:
    """The chunks of a body joined; a body without chunks as it is. Where no header names them, all must be whole."""
    pieces: list[bytes] = []
    at = 0
    while (chunk := _CHUNK.match(body, at)) is not None:
        size = int(chunk[1], 16)
        if size == 0:
            return b"".join(pieces) if pieces or is_named else body
        pieces.append(body[chunk.end() : chunk.end() + size])
        at = chunk.end() + size
        if body[at : at + 2] == b"\r\n":
            at += 2
        elif body[at : at + 1] == b"\n":
            at += 1
        else:
            break
    return b"".join(pieces) if pieces and is_named else body


def _unpacked(body: bytes, named: str, limit: int) -> tuple[bytes, str]:
    """The body with one encoding undone, and what is damaged; the body itself if it has none."""
    if body.startswith(b"\x1f\x8b\x08"):
        return _inflated(body, 31, limit)
    if body.startswith(b"\x28\xb5\x2f\xfd"):
        return _from_library("zstandard", body, limit)
    is_text = not is_not_text(body[:4096].decode("latin-1"))
    if "deflate" in named or (not is_text and body[:2] in (b"\x78\x01", b"\x78\x9c", b"\x78\xda")):
        for bits in (15, -15):
            try:
                found, damage = _inflated(body, bits, limit)
            except BodyDamaged:
                continue
            if found and not (damage and is_text):
                return found, damage
    if re.search(r"\bbr\b", named):
        try:
            return _from_library("brotli", body, limit)
        except (BodyDamaged, LibraryMissing):
            if not _is_prose(body):
                raise
    if named and not is_text:
        raise BodyDamaged(f"it is no {named[:20]}")
    return body, ""


def _is_prose(body: bytes) -> bool:
    """Whether a body is text in UTF-8; a cut character at the end of what is looked at does not count."""
    try:
        text = body[:4096].decode("utf-8")
    except UnicodeDecodeError as err:
        if err.start < min(len(body), 4096) - 3:
            return False
        text = body[: err.start].decode("utf-8")
    return not is_not_text(text)


def _inflated(body: bytes, bits: int, limit: int) -> tuple[bytes, str]:
    """The bytes of a deflated body, also of one that is cut; raises `BodyDamaged` where there are none."""
    pieces: list[bytes] = []
    length = 0
    while body and length <= limit:
        unpacker = zlib.decompressobj(bits)
        at = 0
        while at < len(body) and not unpacker.eof and length <= limit:
            try:
                piece = unpacker.decompress(unpacker.unconsumed_tail + body[at : at + 1024], limit + 1 - length)
            except zlib.error as err:
                if not length:
                    raise BodyDamaged(err) from err
                return b"".join(pieces), first_words(err)
            at += 1024
            pieces.append(piece)
            length += len(piece)
        if not unpacker.eof:
            if not length:
                raise BodyDamaged("it is cut")
            return b"".join(pieces), "" if length > limit else "it is cut"
        rest = unpacker.unused_data + body[at:]
        body = rest if bits == 31 and rest.startswith(b"\x1f\x8b\x08") else b""
    return b"".join(pieces), ""


def first_words(err: Exception) -> str:
    """What an error says, shortly."""
    return str(err)[:80]


def _from_library(name: str, body: bytes, limit: int) -> tuple[bytes, str]:
    """The bytes of a body that a library unpacks piece by piece; raises `LibraryMissing` without it."""
    try:
        library: Any = import_module(name)
    except ImportError as err:
        raise LibraryMissing(name) from err
    unpack = (
        library.Decompressor().process if name == "brotli" else library.ZstdDecompressor().decompressobj().decompress
    )
    pieces: list[bytes] = []
    length = 0
    for at in range(0, len(body), 1024):
        try:
            piece = unpack(body[at : at + 1024])
        except Exception as err:  # each library has an error of its own
            if not length:
                raise BodyDamaged(f"it is no {name}") from err
            return b"".join(pieces), first_words(err)
        pieces.append(piece)
        length += len(piece)
        if length > limit:
            break
    return b"".join(pieces), ""
