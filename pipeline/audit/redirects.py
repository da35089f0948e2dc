"""Lists for a site's editors which pages to redirect, and which copies of a question and answer to remove.

A redirect is a fact about a page, that is a URL: it is proposed only if another page of the same site answers every
question of the page at least as completely. For all other copies the list proposes to remove the block.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.errors import many
from pipeline.ledger.export import write_frame
from pipeline.ledger.ledger import Ledger
from pipeline.storage import frames
from pipeline.storage.frames import records

COLUMNS = {
    "action": "str", "uri": "str", "url": "str", "line": "Int64", "question": "str", "share": "float64",
    "target_uri": "str", "target_url": "str", "target_line": "Int64", "reason": "str", "qa_id": "str",
    "occurrence_id": "str",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """A question with its answer, or an orphan answer, on a page: a row of `audit/newest_page_blocks.sql`."""

    page: str
    site: str | None
    uri: str
    url: str | None
    line: int
    occurrence_id: str | None
    qa_id: str | None
    question: str | None
    answer_length: int
    is_truncated: bool
    is_canonical: bool
    is_orphan: bool
    share: float

    def covers(self, other: Block) -> bool:
        """Whether nothing is lost if only this one of two blocks of one row of qa remains.

        A block without an answer loses nothing to a truncated one.
        """
        is_complete = not self.is_truncated or other.is_truncated or not other.answer_length
        return 0 < self.answer_length >= other.answer_length and is_complete


@dataclass(frozen=True, slots=True)
class PageContent:
    """The distinct content of pages of one site.

    rows: for each row of qa the lengths of its longest answer and of its longest complete answer, 0 for none. An orphan
    answer that repeats no row has the empty id; nothing covers it, nor a question without an answer. is_certain: the
    documents of a page, where several were fetched at one time, hold the same rows; otherwise it is no target.
    """

    site: str
    rows: tuple[tuple[str, int, int], ...]
    is_certain: bool = True

    def covers(self, other: PageContent) -> bool:
        """Whether every row of the other content is answered here, with an answer at least as long and complete."""
        if not self.is_certain:
            return False
        own = {qa_id: (longest, complete) for qa_id, longest, complete in self.rows}
        for qa_id, longest, complete in other.rows:
            own_longest, own_complete = own.get(qa_id, (0, 0))
            if not 0 < own_longest >= longest or own_complete < complete:
                return False
        return True

    @property
    def order(self) -> tuple[int, int, int, tuple[tuple[str, int, int], ...]]:
        """Sorts a content before all other contents that it covers."""
        return -len(self.rows), -sum(row[1] for row in self.rows), -sum(row[2] for row in self.rows), self.rows


def _content(blocks: list[Block]) -> PageContent:
    rows: dict[str, tuple[int, int]] = {}
    of_document: defaultdict[str, set[str]] = defaultdict(set)
    for block in blocks:
        of_document[block.uri].add(block.qa_id or "")
        longest, complete = rows.get(block.qa_id or "", (0, 0))
        length = block.answer_length
        rows[block.qa_id or ""] = max(longest, length), complete if block.is_truncated else max(complete, length)
    is_certain = all(ids == rows.keys() for ids in of_document.values())
    return PageContent(blocks[0].site or "", tuple((qa_id, *rows[qa_id]) for qa_id in sorted(rows)), is_certain)


def find_redirects(blocks: Iterable[Block]) -> dict[str, str]:
    """The page that each page can be redirected to. No target is redirected itself, and no page to itself.

    Covering is a partial order of page contents, so of those that cover one the first by `PageContent.order` is covered
    by no other. Of pages with the same content one remains.
    """
    pages: defaultdict[str, list[Block]] = defaultdict(list)
    for block in blocks:
        if block.site is not None:
            pages[block.page].append(block)
    same_content: defaultdict[PageContent, list[str]] = defaultdict(list)
    for page, own in pages.items():
        same_content[_content(own)].append(page)
    with_row: defaultdict[tuple[str, str], list[PageContent]] = defaultdict(list)
    for content in same_content:
        for qa_id, _, _ in content.rows:
            with_row[content.site, qa_id].append(content)
    redirects: dict[str, str] = {}
    for content, same in same_content.items():
        rarest = min((with_row[content.site, qa_id] for qa_id, _, _ in content.rows), key=len)
        covering = [other for other in rarest if other.covers(content)]
        if covering and any(longest for _, longest, _ in content.rows):
            target = min(same_content[min(covering, key=lambda other: other.order)], key=lambda page: (len(page), page))
            redirects |= {page: target for page in same if page != target}
    return redirects


def find_removals(blocks: Iterable[Block], redirects: Mapping[str, str]) -> list[tuple[Block, Block]]:
    """Answered copies on pages that remain, each with a block that covers it and remains.

    The covering block is of the same site, or of the same document. The target of a redirect keeps its blocks, unless
    the covering one is on the same page. Of several documents of one page only the first counts, since they contain
    the same rows; a page whose documents differ is left out.
    """
    on_page: defaultdict[str, list[Block]] = defaultdict(list)
    for block in blocks:
        if block.page not in redirects:
            on_page[block.page].append(block)
    groups: defaultdict[tuple[str, str], list[Block]] = defaultdict(list)
    for page, own in on_page.items():
        first_uri = min(block.uri for block in own)
        for block in own if _content(own).is_certain else []:
            if block.answer_length and block.qa_id and block.uri == first_uri:
                groups[block.site or page, block.qa_id].append(block)
    targets = set(redirects.values())
    removals: list[tuple[Block, Block]] = []
    for copies in groups.values():
        remaining: list[Block] = []
        for copy in sorted(copies, key=lambda block: (block.page not in targets, *_keep_order(block))):
            covering = (
                other
                for other in remaining
                if other.covers(copy) and (copy.page not in targets or copy.page == other.page)
            )
            if (best := next(covering, None)) is None:
                remaining.append(copy)
            else:
                removals.append((copy, best))
    return sorted(removals, key=lambda removal: (removal[0].uri, removal[0].line))


def _keep_order(block: Block) -> tuple[bool, int, bool, str, int]:
    return block.is_truncated, -block.answer_length, not block.is_canonical, block.uri, block.line


def redirects_and_removals(ledger: Ledger) -> pd.DataFrame:
    """What an editor can do about copies, one row each, with `COLUMNS`: action is `redirect` or `remove copy`.

    A redirect is about a page, so its line, question and ids are null, and share is that of all its questions; of a
    copy to remove, share is that of the block in its document (0 to 1). url and target_url are null where the source
    does not say.
    """
    blocks = [Block(**row) for row in records(frames.query(ledger.db, "audit/newest_page_blocks"))]
    redirects = find_redirects(blocks)
    on_page: defaultdict[str, list[Block]] = defaultdict(list)
    for block in blocks:
        on_page[block.page].append(block)
    rows = [_redirect_row(on_page[page], on_page[target]) for page, target in sorted(redirects.items())]
    rows += [_removal_row(copy, best) for copy, best in find_removals(blocks, redirects)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _redirect_row(page: list[Block], target: list[Block]) -> dict[str, object]:
    count = len({block.qa_id for block in page})
    questions = "Its question is" if count == 1 else f"All {many(count, 'question')} of this page are"
    return {
        "action": "redirect",
        "uri": page[0].uri,
        "url": page[0].url,
        "share": min(1.0, sum(block.share for block in page)),
        "target_uri": target[0].uri,
        "target_url": target[0].url,
        "reason": f"{questions} answered on the target page as well, at least as completely.",
    }


def _removal_row(copy: Block, best: Block) -> dict[str, object]:
    where = "further up or down on this page" if copy.page == best.page else "on the target page"
    return {
        "action": "remove copy",
        "uri": copy.uri,
        "url": copy.url,
        "line": copy.line,
        "question": copy.question,
        "share": copy.share,
        "target_uri": best.uri,
        "target_url": best.url,
        "target_line": best.line,
        "reason": f"The same question is answered {where}, at least as completely.",
        "qa_id": copy.qa_id,
        "occurrence_id": copy.occurrence_id,
    }


def export_redirects(ledger: Ledger, to: Path) -> int:
    """Write the list to a file by its ending; the number of rows. Raises `BadQuery` and `OutputUnusable`."""
    return write_frame(redirects_and_removals(ledger), "redirects", to)
