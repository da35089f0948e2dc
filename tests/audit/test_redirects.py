"""A redirect is a fact about a URL: nothing is lost by it, and it never leads to itself, to a chain or in a circle."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline.audit.redirects import Block, find_redirects, find_removals, redirects_and_removals


@st.composite
def blocks(draw):
    """Blocks of a few pages on two sites and on none, with few rows, so that pages often have the same ones."""
    found = []
    for number in range(draw(st.integers(0, 8))):
        site = draw(st.sampled_from(["a.org", "b.org", None]))
        page = f"{site}/{number}"
        for line in range(draw(st.integers(1, 4))):
            is_orphan = draw(st.integers(0, 9)) == 0
            found.append(
                Block(
                    page=page,
                    site=site,
                    uri=f"{number}.html#{draw(st.sampled_from('12'))}",
                    url=page if site else None,
                    line=line,
                    occurrence_id=None if is_orphan else f"o_{number}_{line}",
                    qa_id=draw(st.sampled_from(["x", "y", "z", *([None] if is_orphan else [])])),
                    question=None if is_orphan else "What?",
                    answer_length=0 if is_orphan else draw(st.sampled_from([0, 5, 5, 9])),
                    is_truncated=draw(st.integers(0, 4)) == 0,
                    is_canonical=draw(st.booleans()),
                    is_orphan=is_orphan,
                    share=0.1,
                )
            )
    return found


def by_page(found):
    pages = defaultdict(list)
    for block in found:
        pages[block.page].append(block)
    return pages


def rows_by_document(found):
    rows = defaultdict(set)
    for block in found:
        rows[block.uri].add(block.qa_id)
    return rows


@given(blocks())
def test_no_redirect_loses_a_question_or_leads_on(found):
    redirects, pages = find_redirects(found), by_page(found)
    for page, target in redirects.items():
        assert page != target
        assert target not in redirects, "a chain or a circle"
        assert pages[page][0].site == pages[target][0].site is not None
        assert any(block.answer_length for block in pages[page])
        for block in pages[page]:
            assert any(other.qa_id == block.qa_id and other.covers(block) for other in pages[target])
            assert all(block.qa_id in rows for rows in rows_by_document(pages[target]).values())


@given(blocks())
def test_every_page_that_another_one_covers_is_redirected(found):
    redirects, pages = find_redirects(found), by_page(found)
    for page, own in pages.items():
        if page in redirects or own[0].site is None or not any(block.answer_length for block in own):
            continue
        covering = [
            other
            for other, blocks_of in pages.items()
            if other != page
            and len({frozenset(rows) for rows in rows_by_document(blocks_of).values()}) == 1
            and blocks_of[0].site == own[0].site
            and all(any(b.qa_id == block.qa_id and b.covers(block) for b in blocks_of) for block in own)
        ]
        assert all(other in redirects for other in covering), "only pages with the same content, which lead to this one"


@given(blocks())
def test_a_copy_is_removed_only_where_another_one_remains(found):
    redirects = find_redirects(found)
    removals = find_removals(found, redirects)
    removed = {copy.occurrence_id for copy, _ in removals}
    for copy, best in removals:
        assert best.occurrence_id not in removed
        assert not {copy.page, best.page} & redirects.keys()
        assert copy.qa_id == best.qa_id
        assert best.covers(copy)
        assert copy.answer_length
        assert copy.uri == best.uri or (copy.site == best.site is not None and copy.page != best.page)
        assert len({frozenset(rows) for rows in rows_by_document(by_page(found)[copy.page]).values()}) == 1


@given(blocks())
def test_redirects_and_removals_together_lose_nothing(found):
    redirects, pages = find_redirects(found), by_page(found)
    removed = {copy.occurrence_id for copy, _ in find_removals(found, redirects)}
    for page, target in redirects.items():
        for block in pages[page]:
            remaining = [other for other in pages[target] if other.occurrence_id not in removed]
            assert any(other.qa_id == block.qa_id and other.covers(block) for other in remaining)


def page(url, *pairs, fetched=None, text=""):
    lines = [f"{question}\n{answer}" for question, answer in pairs]
    return {"url": url, "text": "\n\n".join([*lines, text]), **({"date": fetched} if fetched else {})}


COST = ("How much does a filter cost?", "A filter costs twenty dollars, and it lasts a year.")
SIZE = ("Which size of filter do I need?", "Measure the old filter; the size is printed on its frame.")
CLEAN = ("Can a filter be cleaned?", "Foam filters can be washed in warm water, and paper filters cannot.")
OPEN = ("Who sells filters on Sundays?", "")


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([page("https://a.org/x", COST, SIZE), page("https://a.org/y", COST)], [("redirect", "y", "x")]),
        ([page("https://a.org/xx", COST, SIZE), page("https://a.org/y", SIZE, COST)], [("redirect", "xx", "y")]),
        ([page("https://a.org/x", COST), page("http://www.a.org/x/#top", COST)], []),
        ([page("https://a.org/x", COST), page("https://b.org/y", COST)], []),
        ([page("https://a.org/x", COST, SIZE), page("https://a.org/y", COST, CLEAN)], [("remove copy", "y", "x")]),
        ([page("https://a.org/x", COST, SIZE), page("https://a.org/y", COST, OPEN)], [("remove copy", "y", "x")]),
        ([page("https://a.org/x", OPEN), page("https://a.org/y", OPEN)], []),
        (
            [
                page("https://a.org/x", OPEN, COST, SIZE),
                page("https://a.org/y", SIZE, COST),
                page("https://a.org/z", SIZE),
            ],
            [("redirect", "y", "x"), ("redirect", "z", "x")],
        ),
        ([page("https://a.org/x", COST, COST, SIZE)], [("remove copy", "x", "x")]),
        (
            [
                page("https://a.org/x", COST, SIZE, CLEAN),
                page("https://a.org/y", SIZE),
                page("https://a.org/z", SIZE, OPEN),
            ],
            [("redirect", "y", "x"), ("remove copy", "z", "x")],
        ),
    ],
    ids=[
        "part",
        "equal",
        "one page",
        "two sites",
        "other question",
        "open question",
        "no answer",
        "three",
        "twice",
        "a target",
    ],
)
def test_real_pages(tmp_path, pages, expected):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "pages.jsonl").write_text("\n".join(map(json.dumps, pages)))
    pipeline.run(tmp_path / "raw", tmp_path / "out", workers=1)
    with pipeline.open(tmp_path / "out") as ledger:
        rows = redirects_and_removals(ledger)
    page_of, target_of = ([url.rpartition("/")[2] for url in rows[name]] for name in ("url", "target_url"))
    found = list(zip(rows["action"], page_of, target_of, strict=True))
    assert found in (expected, [(action, target, page) for action, page, target in expected if "copy" in action])
    assert rows["reason"].str.endswith("at least as completely.").all()
    assert rows["share"].between(0, 1).all()


def test_only_the_newest_snapshot_of_a_page_counts(tmp_path):
    (tmp_path / "raw").mkdir()
    pages = [
        page("https://a.org/x", COST, SIZE, fetched="2026-01-01"),
        page("https://a.org/x", SIZE, CLEAN, fetched="2026-02-01"),
        page("https://a.org/y", COST, fetched="2026-02-01"),
    ]
    (tmp_path / "raw" / "pages.jsonl").write_text("\n".join(map(json.dumps, pages)))
    pipeline.run(tmp_path / "raw", tmp_path / "out", workers=1)
    with pipeline.open(tmp_path / "out") as ledger:
        assert redirects_and_removals(ledger).empty
