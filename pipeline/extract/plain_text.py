"""Reads a file that is one page of plain text."""

from __future__ import annotations

from typing import Any

from pipeline.extract.record import Flaw, Record
from pipeline.limits import SAMPLE_CHARACTERS
from pipeline.text.encoding import decode, is_not_text


def read_text(data: bytes, *, declared: str | None = None, number: int | None = None, **known: Any) -> Record | Flaw:
    """The text without change; line ends of old Macs (CR alone) become LF. `known`: other fields of the record."""
    decoded = decode(data, declared)
    if is_not_text(decoded.text):
        return not_text(data, number)
    text, encoding, is_certain, undecodable = decoded.text, decoded.encoding, decoded.is_certain, decoded.undecodable
    if "\r" in text and "\n" not in text:
        text = text.replace("\r", "\n")
    return Record(text, encoding, is_certain, number, data, undecodable, **known)


HEAD = 512


def looks_like_html(data: bytes) -> bool:
    """Whether a page opens as a web page does.

    >>> looks_like_html(b" <!DOCTYPE html><p>Yes."), looks_like_html(b"<p> means paragraph")
    (True, False)
    """
    return data[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html"))


def not_text(data: bytes, number: int | None) -> Flaw:
    detail = "holds control characters as only binary files do; convert it to text or remove it"
    return Flaw("not_text", detail, number, escaped(data))


def escaped(data: bytes) -> str:
    """The first bytes, printable."""
    return repr(data[:SAMPLE_CHARACTERS])[2:-1]
