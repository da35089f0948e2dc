"""HTML as a sequence of tags and texts, in time that grows with the page alone.

Why not a library's tree: building one is quadratic on hostile pages. Lexbor (selectolax 1.0.2) takes 15 s for 80,000
nested <div> (400 KB), 2.6 s for 20,000 unclosed <li>, and makes 2 million nodes of 33 KB of misnested <font>. The
text of a page needs no tree, so we read the tags as browsers do (https://html.spec.whatwg.org/#tokenization).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple


class Tag(NamedTuple):
    """A tag by its name in lower case; `attributes` is what stands behind the name, unread."""

    name: str
    is_end: bool
    attributes: str


# What stands in these is no markup. Scripts are handed on, the rest is not shown on a page.
_RAW = ("script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp")
# Elements a reader does not see, or sees one line of.
_UNSEEN = ("noscript", "template", "svg", "select", "datalist", "math")

_MARKUP = re.compile(r"<(?:(/?)([a-zA-Z][^\s/>]*+)|!--|[!?/])")
# To the end of a tag: a ">" within a quoted value does not end it.
_TAG_REST = re.compile(r"(?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+>")


def read_tags(page: str) -> Iterator[Tag | str]:
    """The tags and the texts between them, in order; of a script its text follows its tag. Comments are left out."""
    at = 0
    ends = _Ends(page)
    while match := _MARKUP.search(page, at):
        if match.start() > at:
            yield html_text(page[at : match.start()])
        name = match[2]
        if not name:
            at = ends.of_comment(match)
            continue
        rest = _TAG_REST.match(page, match.end())
        if rest is None:
            return  # the page ends within a tag
        name, at = name.lower(), rest.end()
        is_start = not match[1]
        if is_start and name in _UNSEEN:
            at = ends.of_element(name, at)
            continue
        yield Tag(name, not is_start, rest[0][:-1])
        if is_start and name in _RAW:
            end = ends.of_raw(name, at)
            if name == "script":
                yield page[at:end]
            at = end
    if at < len(page):
        yield html_text(page[at:])


class _Ends:
    """Where comments and elements of which we read no tags end; what is not found once is never looked for again."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._endless: set[str] = set()

    def of_comment(self, match: re.Match[str]) -> int:
        if match[0] != "<!--":
            end = self._page.find(">", match.end())
            return end + 1 if end >= 0 else len(self._page)
        end = self._page.find("-->", match.start() + 2)
        return end + 3 if end >= 0 else len(self._page)

    def of_raw(self, name: str, start: int) -> int:
        """Where the end tag of a raw element starts; one without an end runs to the end of the page."""
        match = _end_tag(name).search(self._page, start)
        return match.start() if match else len(self._page)

    def of_element(self, name: str, start: int) -> int:
        """After the end tag of an unseen element; one without an end hides nothing."""
        match = None if name in self._endless else _end_tag(name).search(self._page, start)
        if match is None:
            self._endless.add(name)
            return start
        return match.end()


_END_TAGS = {name: re.compile(rf"</{name}(?=[\s/>])[^>]*+>?", re.IGNORECASE) for name in (*_RAW, *_UNSEEN)}


def _end_tag(name: str) -> re.Pattern[str]:
    return _END_TAGS[name]


# ---------------------------------------------------------------- attributes and entities

_ATTRIBUTE = re.compile(r"([^\s\"'>/=]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?+")
_ENTITY_WITH_END = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LONG_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}+;?")


def attributes(text: str) -> dict[str, str]:
    """The attributes of a tag by name in lower case, entities decoded; of two of one name the first counts.

    >>> attributes(' itemprop="name" hidden data-x=1')
    {'itemprop': 'name', 'hidden': '', 'data-x': '1'}
    """
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        value = match[2] or match[3] or match[4] or ""
        if "&" in value:
            value = _ENTITY_WITH_END.sub(lambda entity: html.unescape(entity[0]), value)
        found.setdefault(match[1].lower(), value)
    return found


def html_text(text: str) -> str:
    """Text with its entities decoded, as browsers do.

    >>> html_text("Q&amp;A &#8211; it&rsquo;s")
    'Q&A – it’s'
    """
    if "&" not in text:
        return text
    try:
        return html.unescape(text)
    except ValueError:  # a number of more than 4,300 digits
        return html.unescape(_LONG_NUMBER.sub("\ufffd", text))
