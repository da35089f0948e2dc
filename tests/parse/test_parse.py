"""Parsing: the source document, pages with markers and parts never seen before, and the laws on any text."""

from __future__ import annotations

import itertools
import random
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.parse.furniture import is_furniture
from pipeline.parse.occurrences import Occurrence, parse_text
from pipeline.parse.page import line_keys
from tests.conftest import SEED, cases
from tests.linear_time import assert_linear

BLANK = re.compile(r"[\s\u200b\ufeff]*")


def marked(case: dict) -> object:
    marks = [pytest.mark.xfail(reason=case["xfail"], strict=True)] if "xfail" in case else []
    return pytest.param(case, id=case["label"], marks=marks)


def seen(text: str, **options: object) -> list[list[str | None]]:
    """What a reader sees: role and text of leftovers, cleaned question and answer of the others."""
    return [
        [o.role, o.question, o.answer] if o.role == "question" else [o.role, o.text.replace("\r\n", "\n")]
        for o in parse_text(text, **options)
    ]


@pytest.mark.parametrize("case", [marked(case) for case in cases("parse")])
def test_a_page_is_read_as_a_reader_reads_it(case):
    assert seen(case["text"]) == case["expected"]


# ---------------------------------------------------------------- the source document


@pytest.fixture(scope="module")
def source() -> list[Occurrence]:
    return parse_text(SEED.read_text(encoding="utf-8"))


def test_the_source_document_has_63_questions_and_three_orphan_lines(source):
    leftovers = [(o.role, o.line_start, o.line_end) for o in source if o.role != "question"]
    questions = [o for o in source if o.role == "question"]
    assert leftovers == [("orphan_answer", 2, 4)]
    assert [o.ordinal for o in questions] == list(range(63))
    assert [o.line_start for o in questions if not o.is_answered] == [139]


@pytest.mark.parametrize(
    ("flag", "lines"),
    [
        ("is_bulleted", [9, 13, 140, 142]),
        ("is_numbered_inline", [84, 122, 142]),
        ("has_citation", [30]),
        ("is_glued", [26, 28, 38, 142]),
        ("has_embedded_question", [38]),
    ],
)
def test_the_flags_of_the_source_document(source, flag, lines):
    assert [o.line_start for o in source if getattr(o, flag)] == lines


def test_how_answers_of_the_source_document_are_cut(source):
    kinds = [kind for o in source for kind in o.truncation_kinds]
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    assert counts == {
        "trailing_colon": 4,
        "trailing_ellipsis": 7,
        "internal_ellipsis": 3,
        "more_items": 3,
        "mid_word": 1,
    }
    assert sum(o.is_truncated for o in source) == 16


def test_cleaned_answers_of_the_source_document(source):
    answer = {o.line_start: o.answer for o in source}
    assert answer[26].split("\n")[:2] == [
        "Making sense of the second opinion",
        "Make an appointment with your first doctor to talk about the second opinion.",
    ]
    assert answer[60].startswith("Your doctor is not a specialist in your condition. You’re having trouble")
    assert answer[84].split("\n")[2] == "2 Friends and family members"
    assert answer[142].split("\n")[1].startswith("1. Your primary care doctor. Your doctor may")
    assert answer[142].endswith("He or she may b…")


# ---------------------------------------------------------------- pages of a kind never seen

PAIRS = [
    ("What is coryza?", "A cold in the head. It passes in a week."),
    ("Is it catching?", "Yes, for two or three days."),
    ("How to keep it from the children", "Wash your hands and sneeze into your sleeve."),
    ("Can I go to work with it?", "Stay at home while you have a fever. Then go when you feel well."),
    ("Why does my nose run?", "The nose washes the virus away:\n- first it is clear\n- then it is thick"),
    ("Where can I get help?", "A pharmacist can tell you what eases the symptoms."),
    ("Does the cold air cause it?", "No. A virus does."),
]
MARKERS = [
    ("", ""),
    ("Q: ", "A: "),
    ("Frage {n}: ", "Antwort {n}: "),
    ("» ", ""),
    ("[Q] ", "[A] "),
    ("❓ ", "💬 "),
    ("Q.{n}) ", "Ans. "),
    ("FAQ {n} - ", ""),
    ("▶ ", ""),
    ("☞ ", ""),
    ("({n}) ", ""),
    ("{n}. ", ""),
    ("{n} - ", ""),
    ("Question #{n} – ", "Answer – "),
    ("🔹", ""),
    (":: ", ""),
    ("~ ", ""),
    ("P: ", "R: "),
    (">> ", ""),
    ("§{n} ", ""),
    ("=> ", "-> "),
    ("Topic {n}: ", ""),
    ("Q{n} | ", "A{n} | "),
    ("|Q| ", "|A| "),
    ("### ", ""),
    ("#### Q{n}. ", ""),
]
TITLES = ["About Colds", "For Parents and Schools", "At the pharmacy"]
PARTS = [
    "Print this page",
    "Was this helpful? Yes No",
    "Last checked: 4 May 2020",
    "Home / Health / Colds",
    "Back to top",
]


@pytest.mark.parametrize(("marker", "answer_marker"), MARKERS, ids=[f"{q or 'none'}{a}" for q, a in MARKERS])
@pytest.mark.parametrize("gap", ["", "\n"], ids=["close", "apart"])
def test_markers_titles_and_parts_never_seen_before(marker, answer_marker, gap):
    draw = random.Random(marker + gap)
    titles = draw.sample(TITLES, len(TITLES))
    text, expected = "", []
    for n, (question, answer) in enumerate(PAIRS, 1):
        if titles and draw.random() < 0.3:
            title = titles.pop()
            text, expected = f"{text}\n{title}\n\n", [*expected, ["heading", title]]
        text += f"{marker.format(n=n)}{question}\n{gap}{answer_marker.format(n=n)}{answer}\n"
        expected.append(["question", question, answer.replace("- ", "")])
        if draw.random() < 0.3:
            part = draw.choice(PARTS)
            text, expected = text + part + "\n", [*expected, ["furniture", part]]
        text += gap
    assert seen(text) == expected


PARTS_OF_PAGES = """\
Show more; Share on Facebook; Email this article; Next question →; [Top]; © 2021 Example Health; Page 2 of 7;
3 min read; Home > Topics > FAQ; Posted by admin at 10:32 am; Can't find what you're looking for? Ask us; By
Ann Lee, MD; 12 people found this helpful; Terms of Use | Privacy Policy; A B C D E F G; Tags: colds, flu;
https://example.org/faq
"""
ANSWERS = """\
Rest; Yes; Call your doctor; Read the label; Stop smoking; Type 2 diabetes; 1 in 100; Contact with animals;
Less salt; Do you need a doctor for a cold?; Cough / cold; Search for a specialist near you.; Do you have
information about colds?; Published studies disagree.; Was the vaccine tested?; Pain > 5 days; Help is at
hand; Home care; By mouth
"""


def entries(text: str) -> list[str]:
    return [" ".join(entry.split()) for entry in text.split(";")]


def test_parts_of_pages_and_answers_that_look_like_them():
    assert [part for part in entries(PARTS_OF_PAGES) if not is_furniture(part)] == []
    assert [text for text in entries(ANSWERS) if is_furniture(text)] == []


def test_lines_known_from_other_pages_are_furniture_but_never_the_only_answer():
    text = "What is a cold?\nA virus.\nThe Daily Nurse\nWho wrote this?\nThe Daily Nurse"
    assert line_keys(text) == ["the daily nurse"]
    assert seen(text, furniture={"the daily nurse"}) == [
        ["question", "What is a cold?", "A virus."],
        ["furniture", "The Daily Nurse"],
        ["question", "Who wrote this?", "The Daily Nurse"],
    ]


# ---------------------------------------------------------------- laws

LINES = [
    "What is it?",
    "- What is it?",
    "Q: What is it?",
    "1. Why",
    "How to get it",
    "What is it?It is.",
    "So what? Go.",
    "Is it the",
    "same thing?",
    "It is.What is it?",
    "A: It is so.",
    "A:",
    "Q",
    "Answer",
    "- item",
    "2) item",
    "FAQ",
    "Treatment",
    "Back to top",
    "-----",
    "Search for: What is it?",
    "More items...•",
    "It goes on:",
    "# Title",
    "**Is it?**",
    "a virus that is",
    "[Q] Is it?",
    "❓ Is it?",
    "example.org",
    "&nbsp;",
    "\u00ad",
    "\u200b",
    "What is it?It.Is it you? No.",
]
ENDS = st.sampled_from(["\n", "\r\n", "\n\n", "\n \t\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\x00\n", "\ud800\n"])
PAGES = st.lists(st.tuples(st.sampled_from(LINES) | st.text(max_size=12), ENDS).map("".join), max_size=25).map("".join)


@given(PAGES)
@example("What is it?\r\nIt.\r\n\r\nWhy?\r")
@example("\n\ud800?\x00\n\u00ad\nA:\n")
@example("What is it?\n\n1. Why\n&nbsp;\n")
def test_every_line_lies_in_exactly_one_row_and_rows_say_what_stands_there(text):
    found = parse_text(text)
    covered: dict[int, list[Occurrence]] = {}
    for o in found:
        for line in range(o.line_start, o.line_end + 1):
            covered.setdefault(line, []).append(o)
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not BLANK.fullmatch(line):
            rows = covered.get(number, [])
            assert len(rows) == 1 or (len(rows) > 1 and any(o.role == "question" for o in rows)), (number, line, rows)
            reached = "".join(text[max(o.char_start, start) : min(o.char_end, start + len(line))] for o in rows)
            assert "".join(reached.split()) == "".join(line.split()).replace("\r", "") or len(rows) == 1
        start += len(line) + 1
    assert [o.char_start for o in found] == sorted(o.char_start for o in found)
    assert all(a.char_end <= b.char_start for a, b in itertools.pairwise(found))


@given(PAGES)
def test_spans_and_fields_of_a_row_agree(text):
    ordinals = []
    for o in parse_text(text):
        assert o.text == text[o.char_start : o.char_end]
        assert o.text.strip()
        assert o.line_start == text.count("\n", 0, o.char_start) + 1
        assert o.line_end == text.count("\n", 0, o.char_end) + 1
        assert o.is_answered is (o.answer is not None)
        assert o.is_truncated is bool(o.truncation_kinds)
        if o.role != "question":
            assert o == Occurrence(o.role, o.text, o.line_start, o.line_end, o.char_start, o.char_end)
            continue
        ordinals.append(o.ordinal)
        assert o.text.replace("\r\n", "\n").startswith(o.question_raw)
        if o.is_answered:
            assert o.answer_raw == text[o.answer_char_start : o.char_end].replace("\r\n", "\n")
        else:
            assert o.question_raw == o.text.replace("\r\n", "\n")
    assert ordinals == list(range(len(ordinals)))


@given(PAGES)
@settings(max_examples=30)
def test_the_same_text_gives_the_same_rows_whatever_was_read_before(text):
    first = parse_text(text)
    parse_text("Q: Is it?\nA: It is.\n" * 3)
    assert parse_text(text) == first


def test_a_blank_line_above_moves_lines_and_characters_and_nothing_else(source):
    text = SEED.read_text(encoding="utf-8")
    for before, after in zip(source, parse_text("\n" + text), strict=True):
        assert (after.line_start, after.char_start) == (before.line_start + 1, before.char_start + 1)
        assert (after.role, after.text, after.question, after.answer) == (
            before.role,
            before.text,
            before.question,
            before.answer,
        )


HOSTILE = {
    "one line": "word ",
    "question marks": "?",
    "questions on one line": "What is it? ",
    "glued pairs": "What is it?It is.",
    "questions": "What is it?\n",
    "pairs": "What is it?\nIt is.\n",
    "blank lines": "\n",
    "spaces": " ",
    "bullets": "- is it?\n",
    "labels": "Q:\n",
    "titles": "What is it\n",
    "short lines": "a\n",
    "hashes": "#",
    "headings": "# a\n",
    "markers": "**",
    "quotes": "> ",
    "arrows": "a › ",
    "glued sentences": "plan.What is it?",
    "wrapped": "What is the\nthing of it\n",
    "surrogates": "\ud800",
    "carriage returns": "\r",
    "zero width": "\u200b\n",
    "tabs": "What?" + "\t" * 500 + "x\n",
}


@pytest.mark.parametrize("piece", list(HOSTILE.values()), ids=list(HOSTILE))
def test_the_time_grows_no_faster_than_the_page(piece):
    assert_linear(parse_text, lambda size: "What is it?\n" + piece * (size // len(piece)), 2_000)


def test_a_page_of_contents_and_a_long_page_of_pairs_grow_with_their_length():
    def page(pairs: int) -> str:
        contents = "".join(f"- What is thing {n}?\n" for n in range(pairs))
        return contents + "\n" + "".join(f"What is thing {n}?\nIt is number {n}.\n" for n in range(pairs))

    assert len(parse_text(page(800))) == 1600
    assert_linear(parse_text, page, 50)
