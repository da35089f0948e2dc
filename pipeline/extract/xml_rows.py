"""Reads feeds and exports in XML (RSS, Atom, WordPress, lists of questions): elements below the root are records."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from pipeline.errors import first_line
from pipeline.extract.columns import layout_of, unknown_columns
from pipeline.extract.html import read_html
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Flaw, Found, Record, too_large
from pipeline.extract.rows import Source, record_of
from pipeline.parse.known import Known


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


MAX_DEPTH = 40  # of elements in a record; deeper ones are hostile
_DECLARED = re.compile(rb"<\?xml[^>]{0,100}\sencoding\s*=\s*[\"']([\w.-]{1,40})[\"']")
_PAGE = re.compile(rb"<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)
# Elements of text with markup of its own.
_HTML = _set(
    """a abbr b blockquote br code dd div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre small span strong sub sup
    table u ul"""
)


def read_xml(stream: io.BufferedReader, options: ReadOptions) -> Found:
    """The records of a feed or an export; texts beside them are record 0. A page in XHTML is read as a web page."""
    limit = options.max_document_bytes
    head = stream.peek(4096)[:1024]
    if _PAGE.search(head) is not None:
        data = stream.read(limit + 1)
        yield too_large(limit) if len(data) > limit else read_html(data, named=options.encoding)
        return
    texts: list[str] = []
    unread: list[int] = []  # numbers of elements without a known child
    names: dict[str, None] = {}
    number, has_record = 0, False
    try:
        for element in _records(stream, None if _DECLARED.search(head) else options.encoding):
            value = _value(element, 0)
            if isinstance(value, str):
                texts += [value] if value.strip() else []
                names.setdefault(_name(element))
                continue
            number += 1
            names |= dict.fromkeys(value)
            layout = layout_of(tuple(value), options.columns)
            record = record_of(value, layout, Source(number, limit, _encoding(head, options.encoding)), options.columns)
            if record is None:
                unread.append(number)
            else:
                has_record = True
                yield record
    except etree.XMLSyntaxError as err:
        yield Flaw("damaged", f"not valid XML ({first_line(err)}); what is below was not read; correct it")
        return
    if not has_record:
        yield unknown_columns(list(names))
        return
    for number in unread:
        yield Flaw("no_columns", "it has no question and no text of a known name", number)
    if texts:
        text = "\n".join(texts)
        yield Record(text, _encoding(head, options.encoding), True, 0, known=Known(furniture=((0, len(text)),)))


def _records(stream: io.BufferedReader, encoding: str | None) -> Iterator[Any]:
    """The elements below the root, or below the channel of a feed; each is cleared when the next one is read."""
    events = etree.iterparse(
        stream, events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True,
        remove_pis=True, encoding=encoding,
    )  # fmt: skip
    path: list[str] = []
    for event, element in events:
        if event == "start":
            path.append(_name(element))
            continue
        is_record = len(path) == 3 if path[1:2] == ["channel"] else len(path) == 2
        path.pop()
        if is_record:
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def _encoding(head: bytes, named: str | None) -> str:
    """The encoding that an XML file declares, or that the user names; UTF-8 without one."""
    declared = _DECLARED.search(head)
    try:
        return codecs.lookup(declared[1].decode() if declared else named or "utf-8").name
    except LookupError:
        return "utf-8"


def _name(element: Any) -> str:
    local = etree.QName(element).localname
    return f"{element.prefix}:{local}" if element.prefix else local


def _value(element: Any, depth: int) -> str | Mapping[str, Any]:
    """An element as JSON has it: its text, or its children by name, several of one name as a list."""
    children = [child for child in element if isinstance(child.tag, str)]
    if not children:
        return "".join(element.itertext()) or _of_attributes(element)
    if depth > MAX_DEPTH:
        return "".join(element.itertext())
    if (element.text or "").strip() or all(etree.QName(child).localname in _HTML for child in children):
        parts = (etree.tostring(child, encoding="unicode", method="html") for child in children)  # with their tails
        return (element.text or "").replace("&", "&amp;").replace("<", "&lt;") + "".join(parts)
    found: dict[str, Any] = {}
    for child in children:
        name, value = _name(child), _value(child, depth + 1)
        if name in found:
            before = found[name]
            found[name] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            found[name] = value
    return found


def _of_attributes(element: Any) -> str | Mapping[str, Any]:
    """The attributes of an element without text, if they are a question and its answer; the address of a link."""
    attributes = {str(name): str(value) for name, value in element.attrib.items()}
    if any(answer for _, answer in layout_of(tuple(attributes), ()).pairs):
        return attributes
    return attributes.get("href", "")
