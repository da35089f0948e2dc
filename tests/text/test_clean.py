"""Cleaning: the cases people see, and the law that no word is added, lost or changed."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.text.characters import restore_characters
from pipeline.text.clean import LINE_REPAIRS, AnswerContext, clean_answer, clean_question, truncation_kinds
from pipeline.text.keys import answer_key, question_key
from tests.conftest import cases
from tests.linear_time import assert_linear

PIECES = [
    "doctor.Your",
    "opinionMake",
    "Ask:",
    "1.",
    "2.",
    "1 Family",
    "2 Friends",
    "(1)",
    "(2)",
    "...",
    "…",
    "- ",
    "• ",
    "\n",
    "\r\n",
    " ",
    "  ",
    "\u00a0",
    "\u200b",
    "&amp;",
    "&#8217;",
    "â€™",
    "e\u0301",
    "\ud800",
    "\x00",
    "\x0b",
    "\x85",
    "\u2028",
    "More items",
    "?",
    ".",
    ":",
    "DeMarsh",
    "mRNA",
    "type 2",
    "A: ",
    "**",
    "“",
    "”",
    "co\u00adry",
    "ß",
    "İ",
    "２",
    "½",
    "#",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=25).map("".join)


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def marked(case: dict) -> object:
    marks = [pytest.mark.xfail(reason=case["xfail"], strict=True)] if "xfail" in case else []
    return pytest.param(case, id=case["label"], marks=marks)


@pytest.mark.parametrize("case", [marked(case) for case in cases("clean")])
def test_an_answer_reads_as_written_down(case):
    cleaned = clean_answer(case["raw"])
    assert cleaned.text == case["clean"]
    for flag in ("is_bulleted", "is_glued", "is_numbered_inline"):
        assert getattr(cleaned, flag) is case.get(flag, False), flag
    assert list(cleaned.truncation_kinds) == case.get("truncation_kinds", [])


@pytest.mark.parametrize(
    ("raw", "question"),
    [
        ("## 3.  What is it?", "What is it?"),
        ("**Is it\nrare?**", "Is it rare?"),
        ("Q12) How to get help", "How to get help"),
        ("Question: Who gets it ?", "Who gets it ?"),
        ("- What is it? [+]", "What is it?"),
        ("## What is it? ##", "What is it?"),
        ("What is “it”?", "What is “it”?"),
        ("What is vitamin B12?", "What is vitamin B12?"),
        ("2 in 3 people have it?", "2 in 3 people have it?"),
        ("WHAT IS IT", "WHAT IS IT"),
    ],
)
def test_a_question_loses_its_marker_and_nothing_else(raw, question):
    assert clean_question(raw) == question


@given(TEXTS)
@example("Zoe\u0308 Ã© \ufb01 &frac12; 2.3.4 items")
def test_no_letter_or_digit_of_an_answer_is_added_lost_or_moved(raw):
    restored = re.sub(r"More\s+items\s?(?:\.\.\.|…)", "", restore_characters(raw), flags=re.IGNORECASE)
    assert letters(clean_answer(raw, marker=0).text) == letters(restored)


@given(TEXTS)
def test_no_letter_or_digit_of_a_question_is_added_lost_or_moved(raw):
    assert letters(clean_question(raw, marker=0)) == letters(restore_characters(raw))


@given(TEXTS)
@example("(1)(2)A: More items…• ")
def test_clean_texts_hold_no_white_space_but_single_spaces_and_line_ends(raw):
    text = clean_answer(raw).text
    assert text == "\n".join(" ".join(line.split()) for line in text.split("\n") if line.split())
    question = clean_question(raw)
    assert question == " ".join(question.split())


@given(TEXTS)
@example("x1 01. a 2. b")
@example("(1 a (2 b")
@example("follows?”private")
def test_a_line_without_the_sign_of_a_repair_is_not_changed_by_it(raw):
    line = " ".join(restore_characters(raw).split())
    for repair in LINE_REPAIRS:
        if not re.search(repair.sign, line):
            assert repair.apply(line, AnswerContext(is_list=False, question="")) == line


@given(TEXTS)
def test_the_kinds_of_truncation_are_those_of_the_guidelines(raw):
    kinds = truncation_kinds(restore_characters(raw))
    assert list(kinds) == sorted(set(kinds))
    assert set(kinds) <= {"trailing_ellipsis", "internal_ellipsis", "more_items", "trailing_colon", "mid_word"}


@given(TEXTS)
def test_keys_are_the_same_for_texts_that_differ_in_looks_only(raw):
    key = question_key(raw)
    assert question_key(key) == key
    assert question_key(f"  “{raw}” !") == key
    assert answer_key(raw + " …") == answer_key(raw)


def test_a_key_keeps_letters_digits_and_inner_apostrophes():
    assert question_key("Does Zoë’s 'doctor' take X-rays (24/7)?") == "does zoë's doctor take x rays 24 7"
    assert question_key("क्या यह ठीक है?") == "क्या यह ठीक है"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Is ER+ cancer treated?", "Is ER- cancer treated?"),
        ("Is Rh+ blood given?", "Is Rh- blood given?"),
        ("A lump > 2 cm?", "A lump < 2 cm?"),
        ("Doses ≤ 3 mg?", "Doses ≥ 3 mg?"),
        ("Doses <= 3 mg?", "Doses < 3 mg?"),
        ("4 ± 1 days?", "4 1 days?"),
        ("For 65+?", "For 65?"),
        ("What is C++?", "What is C#?"),
        ("10⁶ cells?", "106 cells?"),
        ("1½ hours?", "11/2 hours?"),
        ("✓", "✗"),
        ("❤️", "☀️"),
    ],
)
def test_a_sign_that_says_something_makes_another_key(a, b):
    assert question_key(a) != question_key(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("A 24- hour ward?", "A 24-hour ward?"),
        ("Pre- and aftercare?", "Pre and aftercare?"),
        ("Is the A-level needed?", "Is the A level needed?"),
        ("Call +49 30 123?", "Call 49 30 123?"),
        ("Account > Bookings?", "Account: Bookings?"),
        ("👉 How do I apply?", "How do I apply?"),
        ("#1 in town?", "1 in town?"),
    ],
)
def test_a_sign_that_says_nothing_makes_no_other_key(a, b):
    assert question_key(a) == question_key(b)


HOSTILE = {
    "a word": "a",
    "spaces": " ",
    "stops": ".",
    "glue": "aB",
    "glued words": "wordWord ",
    "numbers": "1. 2. ",
    "bare numbers": "1 a 2 b ",
    "brackets": "[1",
    "entities": "&amp;",
    "half entities": "&a",
    "mojibake": "â€™",
    "marks": "a\u0300\u0316",
    "one letter with marks": "\u0316\u0300",
    "ellipses": "... ",
    "more items": "More   items ",
    "lines": "a line\n",
    "bullets": "- a\n",
    "emphasis": "*",
    "parentheses": "(A",
    "colons": "abcd:efgh",
}


@pytest.mark.parametrize("piece", list(HOSTILE.values()), ids=list(HOSTILE))
def test_the_time_grows_no_faster_than_the_text(piece):
    def clean(text: str) -> None:
        clean_answer(text)
        clean_question(text)
        question_key(text)

    assert_linear(clean, lambda size: "What " + piece * (size // len(piece)), 3_000)


def test_restored_characters_are_not_restored_again():
    for first, second in itertools.product(["don&#39;t", "Itâ€™s", "cafe\u0301", "\ufeffa"], repeat=2):
        text = restore_characters(first + " " + second)
        assert restore_characters(text) == text
