"""Finds what a Markdown file marks: front matter, `<details>`, components with a question, tables of pairs, comments.

The text does not change: the marks become spans, and everything else is parsed like any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.extract.columns import layout_of
from pipeline.parse.known import Known, Pair
from pipeline.parse.markup import COMMENT, MARKUP_LINE
from pipeline.parse.questions import ends_in_question_mark
from pipeline.text.characters import with_plain_marks

_FRONT = re.compile(
    r"\A\ufeff?(---|\+\+\+)[ \t]*\r?\n(?P<fields>.*?)^(?:\1|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
_FRONT_FIELD = re.compile(r"^[ \t]*(?:-[ \t]+)?(question|answer|title|q|a)[ \t]*[:=][ \t]*(\S[^\r\n]*)$", re.MULTILINE)
_DETAILS = re.compile(r"<details\b[^<>]*>\s*<summary\b[^<>]*>", re.IGNORECASE)
_SUMMARY_END = re.compile(r"</summary>", re.IGNORECASE)
_DETAILS_END = re.compile(r"</details>", re.IGNORECASE)
_COMPONENT = re.compile(
    r"^[ \t]*<([A-Z]\w{0,40})\b[^<>\n]*?\b(?:question|title|q)=([\"'])([^\"'\n]{2,400})\2[^<>\n]*>", re.MULTILINE
)
_ROW = re.compile(r"^[ \t]*\|(.+)\|[ \t]*\r?$", re.MULTILINE)
_RULE = re.compile(r"[ \t|:-]+")
_OUTER_TAGS = re.compile(r"(?:\s|</?(?:p|div|b|strong|em|i|h[1-6]|br|span|section)\b[^<>]*>)*", re.IGNORECASE)
_TAGS_AT_END = re.compile(r"(?:\s|</?(?:p|div|b|strong|em|i|h[1-6]|br|span|section)\b[^<>]{0,200}>)+\Z", re.IGNORECASE)


def read_marks(text: str) -> Known:
    """The pairs and furniture that a Markdown text marks.

    >>> text = "<details><summary>Is it free?</summary>\\n\\nYes.\\n\\n</details>"
    >>> [(text[p.question_start:p.question_end], text[p.answer_start:p.answer_end]) for p in read_marks(text).pairs]
    [('Is it free?', 'Yes.')]
    """
    pairs: list[Pair] = []
    comments = [match.span() for match in COMMENT.finditer(text, 0, text.rfind("-->") + 3)]
    apart = {span for span in comments if _is_apart(text, *span)}
    furniture = [span for span in comments if span not in apart]
    markup = sorted([*apart, *(match.span() for match in MARKUP_LINE.finditer(text))])
    if text.startswith(("---", "\ufeff---", "+++")) and (front := _FRONT.match(text)):
        found = _front_pairs(text, front)
        pairs += found
        furniture += _around(found, 0, front.end())
    if "<" in text:
        for pair, start, end in (*_details(text), *_components(text), *_shortcodes(text)):
            pairs.append(pair)
            furniture += [(start, pair.question_start), ((pair.answer_end or pair.question_end), end)]
    if "[!" in text or "??? " in text or "???+" in text or "!!! " in text or "::: " in text:
        for pair, start, end in _callouts(text):
            pairs.append(pair)
            furniture += [(start, pair.question_start), ((pair.answer_end or pair.question_end), end)]
    if "|" in text:
        for pair, start, end in _tables(text):
            pairs.append(pair)
            furniture.append((start, end))
    return Known(
        tuple(sorted(set(pairs))),
        furniture=tuple(sorted((a, b) for a, b in furniture if a < b)),
        is_article=True,
        markup=tuple(markup),
    )


def _is_apart(text: str, start: int, end: int) -> bool:
    """Whether nothing but a few blanks is beside a span on its lines."""
    before, after = text[max(0, start - MOST_BLANKS) : start], text[end : end + MOST_BLANKS]
    opens_line = start <= MOST_BLANKS or "\n" in before
    closes_line = end + MOST_BLANKS >= len(text) or "\n" in after
    return opens_line and closes_line and not (before.rpartition("\n")[2] + after.partition("\n")[0]).strip()


MOST_BLANKS = 40  # characters


_BLOCK_OF_HTML = re.compile(r"\s*<(?:h[1-6]|p|div|section|article|dl|table|ul|ol)[\s>]", re.IGNORECASE)
_HEADING_TAG = re.compile(r"^[ \t]*<h[1-6][\s>]", re.IGNORECASE | re.MULTILINE)
_MARKDOWN = re.compile(r"^(?:#{1,6} |[-*+] |```|~~~|> |\d+\. |\*\*|__)|^[=-]{3,}[ \t]*$|\]\(", re.MULTILINE)


def is_written_in_html(text: str) -> bool:
    """Whether a Markdown file is a web page without a frame: it opens with a block, has headings and no Markdown.

    >>> is_written_in_html("<h3>Is it free?</h3><p>Yes.</p>"), is_written_in_html("<p>Hello</p>\\n\\n## Is it free?")
    (True, False)
    """
    if _BLOCK_OF_HTML.match(text) is None or _HEADING_TAG.search(text) is None:
        return False
    return _MARKDOWN.search(text) is None


def _span(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without white space and tags around it."""
    outer = _OUTER_TAGS.match(text, start, end)
    start = outer.end() if outer else start
    tail = _TAGS_AT_END.search(text, max(start, end - 2_000), end)
    return start, tail.start() if tail else end


def _pair(question: tuple[int, int], answer: tuple[int, int]) -> Pair:
    return Pair(*question, *answer) if answer[0] < answer[1] else Pair(*question)


def _front_pairs(text: str, front: re.Match[str]) -> list[Pair]:
    """The pairs of a list in front matter, or its one question, which the body answers."""
    pairs: list[Pair] = []
    question: tuple[int, int] | None = None
    for field in _FRONT_FIELD.finditer(text, front.start("fields"), front.end("fields")):
        start, end = _whole_value(text, field, front.end("fields"))
        if start >= end:
            continue
        if text[start] in "\"'" and text[end - 1] == text[start] and end - start > 1:
            start, end = start + 1, end - 1
        name = field[1]
        if name in ("answer", "a"):
            if question is not None:
                pairs.append(_pair(question, (start, end)))
            question = None
        elif name != "title" or ends_in_question_mark(with_plain_marks(text[start:end])):
            question = question if name == "title" and question else (start, end)
    if question is not None and not pairs:
        pairs.append(_pair(question, _span(text, front.end(), len(text))))
    return pairs


_BLOCK = re.compile(r"[>|][-+\d]{0,2}[ \t]*(?:#[^\n]*)?\r?$")


def _whole_value(text: str, field: re.Match[str], stop: int) -> tuple[int, int]:
    """The span of a value in front matter: with the lines below its key that are indented deeper, or to its quotes."""
    start, end = field.span(2)
    quotes = text[start : start + 3]
    if quotes in ('"""', "'''"):
        closing = text.find(quotes, start + 3, stop)
        return (start + 3, closing) if closing >= 0 else (start, end)
    indent = field.start(1) - (text.rfind("\n", 0, field.start(1)) + 1)
    is_block = _BLOCK.match(text, start, end) is not None
    at = text.find("\n", end, stop) + 1
    first = at
    while 0 < at < stop:
        after = text.find("\n", at, stop)
        after = stop if after < 0 else after
        line = text[at:after]
        if line.strip():
            if len(line) - len(line.lstrip(" \t")) <= indent:
                break
            end = at + len(line.rstrip())
        at = after + 1
    if is_block:
        start = first if 0 < first < end else end
        start += len(text[start:end]) - len(text[start:end].lstrip())
    return start, end


def _around(pairs: list[Pair], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a span outside of pairs."""
    for pair in pairs:
        if start < pair.question_start:
            yield start, pair.question_start
        start = max(start, pair.answer_end or pair.question_end)
    if start < end:
        yield start, end


def _details(text: str) -> Iterator[tuple[Pair, int, int]]:
    at = 0
    while opening := _DETAILS.search(text, at):
        middle = _SUMMARY_END.search(text, opening.end())
        closing = _DETAILS_END.search(text, middle.end()) if middle else None
        if middle is None or closing is None:
            return
        question = _span(text, opening.end(), middle.start())
        at = closing.end()
        if question[0] < question[1]:
            yield _pair(question, _span(text, middle.end(), closing.start())), opening.start(), at


# {{< faq question="..." >}} ... {{< /faq >}}, of Hugo and others.
_SHORTCODE = re.compile(
    r"\{\{[<%]\s*(?P<name>[\w-]{1,30})\s[^{}\n]{0,200}?(?:question|title|q|summary)=([\"'])(?P<title>[^\"'\n]{2,400})\2"
    r"[^{}\n]{0,200}[>%]\}\}"
)


def _shortcodes(text: str) -> Iterator[tuple[Pair, int, int]]:
    at = 0
    unclosed: set[str] = set()  # names that no closing follows; each is searched for once
    while opening := _SHORTCODE.search(text, at):
        at, name = opening.end(), opening["name"]
        if name in unclosed:
            continue
        closing = re.compile(r"\{\{[<%]\s*/\s*" + re.escape(name) + r"\s*[>%]\}\}").search(text, at)
        if closing is None:
            unclosed.add(name)
            continue
        title = text[slice(*opening.span("title"))]
        if ends_in_question_mark(with_plain_marks(title)) or "faq" in name.lower():
            at = closing.end()
            yield _pair(opening.span("title"), _span(text, opening.end(), closing.start())), opening.start(), at


def _components(text: str) -> Iterator[tuple[Pair, int, int]]:
    at = 0
    unclosed: set[str] = set()
    while opening := _COMPONENT.search(text, at):
        end = -1 if opening[1] in unclosed else text.find(f"</{opening[1]}>", opening.end())
        if end < 0:
            unclosed.add(opening[1])
            at = opening.end()
            continue
        at = end + len(opening[1]) + 3
        yield _pair(opening.span(3), _span(text, opening.end(), end)), opening.start(), at


# Boxes with a title: "> [!question]- Title" (Obsidian, GitHub), "??? question "Title"" and "!!! question "Title""
# (MkDocs), "::: details Title" (VuePress). A box of another kind is a question if its title ends in "?".
_ASKING_KINDS = frozenset({"question", "faq", "help", "details", "qa"})
_CALLOUT = re.compile(
    r"^>[ \t]?\[!(?P<kind>[\w-]{2,20})\][-+]?[ \t]+(?P<title>\S[^\r\n]*?)[ \t]*\r?\n(?P<body>(?:>[^\n]*(?:\n|\Z))*)"
    r"|^(?:\?\?\?\+?|!!!)[ \t]+(?P<kind2>[\w-]{2,20})[^\"'\n]{0,60}[\"'](?P<title2>[^\n]+?)[\"'][ \t]*\r?\n"
    r"(?P<body2>(?:(?:[ \t]*|(?: {2,}|\t)[^\n]*)(?:\n|\Z)(?<!\A))*)"
    r"|^:{3,}[ \t]*(?P<kind3>\w{2,20})[ \t]+(?P<title3>\S[^\n]*?)[ \t]*\r?\n(?P<body3>(?:(?!:{3})[^\n]*\n)*):{3,}",
    re.MULTILINE,
)


def _callouts(text: str) -> Iterator[tuple[Pair, int, int]]:
    """The boxes whose title is a question."""
    at = 0
    while box := _CALLOUT.search(text, at):
        at = max(box.end(), at + 1)
        end = "" if box["kind"] else "2" if box["kind2"] else "3"
        question = box.span(f"title{end}")
        title = text[slice(*question)]
        if box[f"kind{end}"].lower() in _ASKING_KINDS or ends_in_question_mark(with_plain_marks(title)):
            start, stop = box.span(f"body{end}")
            part = text[start:stop]
            lead = len(part) - len(part.lstrip("> \t\r\n"))
            start, stop = start + lead, start + max(lead, len(part.rstrip("> \t\r\n")))
            yield _pair(question, (start, stop)), box.start(), max(box.end() if end == "3" else stop, question[1])


def _tables(text: str) -> Iterator[tuple[Pair, int, int]]:
    """The rows of tables whose header names a question and an answer."""
    columns: tuple[int, int] | None = None
    end_of_last, header = -2, (0, 0)
    for row in _ROW.finditer(text):
        cells = _cells(row)
        if row.start() > end_of_last + 1:
            names = tuple(text[start:end] for start, end in cells)
            pairs = layout_of(names, ()).pairs
            columns = None
            if pairs and pairs[0][1] is not None:
                columns, header = (names.index(pairs[0][0]), names.index(pairs[0][1])), row.span()
        elif columns is not None and not _RULE.fullmatch(row[0].strip()) and len(cells) > max(columns):
            question, answer = (cells[column] for column in columns)
            if question[0] < question[1] and (answer[0] >= question[1] or answer[0] == answer[1]):
                yield _pair(question, answer), *header
        end_of_last = row.end()


def _cells(row: re.Match[str]) -> list[tuple[int, int]]:
    cells = []
    start = row.start(1)
    for cell in row[1].split("|"):
        left = start + len(cell) - len(cell.lstrip())
        cells.append((left, max(left, start + len(cell.rstrip()))))
        start += len(cell) + 1
    return cells
