"""Two answers merge only if every difference between them is proved harmless, whatever the subject."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.duplicates.answer_comparison import compare_answers, compare_part
from pipeline.duplicates.reading import read
from pipeline.duplicates.rules import rules
from pipeline.duplicates.word_forms import spelt
from pipeline.text import keys

CASES = json.loads((Path(__file__).parents[1] / "cases" / "harmless_edits.json").read_text(encoding="utf8"))
TEXTS = sorted({case[side] for group in CASES.values() if isinstance(group, list) for case in group for side in "ab"})


def each(group: str) -> pytest.MarkDecorator:
    names = [f"{case.get('kind', group)}: {case['a'][:30]}" for case in CASES[group]]
    return pytest.mark.parametrize("case", CASES[group], ids=names)


@each("harmless")
def test_harmless_edits_merge(case):
    found = compare_answers(case["a"], case["b"])
    assert found is not None
    assert found.merges, found


@each("look_alike")
def test_what_looks_like_a_harmless_edit_is_a_conflict(case):
    found = compare_answers(case["a"], case["b"])
    assert found is not None
    assert (found.kind, found.merges) == ("near_conflict", False)


@each("cut")
def test_a_copy_cut_short_merges(case):
    found = compare_answers(case["a"], case["b"])
    assert found is not None
    assert (found.kind, found.merges, found.inner) == ("answer_contained", True, "other")


@given(st.lists(st.sampled_from(TEXTS), min_size=2, max_size=3, unique=True), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_a_part_is_judged_without_reading_as_it_is_after_reading(sentences, cut):
    """The rest may hold any condition or exception of the cases; the part may be cut off."""
    whole = " ".join(sentences)
    part = f"{sentences[0][: -cut or None].rpartition(' ')[0]} …" if cut else sentences[0]
    assume(keys.answer_key(part).count(" ") >= 4)  # shorter ones are no parts
    found, expected = compare_part(part, whole), compare_answers(part, whole)
    if expected is not None and expected.kind != "near_pair":  # the rest says nothing, or the part is too short
        assert (found.kind, found.merges, found.reason) == (expected.kind, expected.merges, expected.reason)


@each("condition")
def test_an_added_condition_keeps_apart(case):
    found = compare_answers(case["a"], case["b"])
    assert found is not None
    assert (found.kind, found.merges) == ("near_conflict", False)


@each("unlike")
def test_what_is_not_alike_is_not_compared(case):
    assert compare_answers(case["a"], case["b"]) is None


def test_a_reason_shows_both_words():
    found = compare_answers("The bill is due on Monday.", "The bill is due on Friday.")
    assert found.reason == "Alike, but “on Friday” in one and “on Monday” in the other."


def test_every_kind_of_harmless_edit_has_cases_and_look_alikes():
    kinds = {f"H{number}" for number in range(1, 13)}
    assert {case["kind"] for case in CASES["harmless"]} == kinds
    assert {case["kind"] for case in CASES["look_alike"]} == kinds


def test_a_number_that_one_answer_lacks_is_a_conflict_with_every_number():
    tablets = ["Take 2 tablets at night.", "Take tablets at night.", "Take 4 tablets at night."]
    assert not any(compare_answers(one, other).merges for one in tablets for other in tablets if one != other)


def test_what_is_one_in_pairs_may_be_a_conflict_over_a_chain():
    """Articles and typing slips are no equality, so that clusters have to keep conflicts apart."""
    for one, middle, other in (
        ("The well is old.", "The wll is old.", "The wall is old."),
        ("Ask any clerk.", "Ask a clerk.", "Ask the clerk."),
    ):
        assert compare_answers(one, middle).merges
        assert compare_answers(middle, other).merges
        assert compare_answers(one, other).kind == "near_conflict"


# ---------------------------------------------------------------- the lists


def lines() -> list[tuple[list[str], list[str]]]:
    """What each line says is the same, and what stands beside it that is not."""
    found = []
    for line in "\n".join(rules()["same"].values()).split("\n"):
        same, _, others = line.partition("|")
        if same.strip():
            found.append(([p.strip() for p in same.split(",")], [p.strip() for p in others.split(",") if p.strip()]))
    return found


def forms(phrase: str) -> tuple[str, ...]:
    """What a phrase is compared as, without the number that follows it."""
    return tuple(form for form in read(f"it is {phrase.replace('#', '7')} so").forms[2:-1] if form != "7")


def test_no_phrase_stands_in_two_lines():
    said = [phrase for same, _ in lines() for phrase in same]
    assert sorted({phrase for phrase in said if said.count(phrase) > 1}) == []


@pytest.mark.parametrize("line", lines(), ids=lambda line: line[0][0])
def test_a_line_is_one_meaning_and_its_look_alikes_are_not(line):
    same, others = line
    meanings = {forms(phrase) for phrase in same if not phrase.startswith(("be ", "not "))}
    assert len(meanings) <= 1 or len(same) == 1
    assert not meanings & {forms(phrase) for phrase in others}


@pytest.mark.parametrize("rule", rules()["spelling"], ids=lambda rule: rule["same"][0])
def test_a_rule_of_spelling_makes_its_pairs_one_word_and_no_others(rule):
    assert all(rule["part"] in pair.split()[0] for pair in rule["same"])
    assert all(len({spelt(word) for word in pair.split()}) == 1 for pair in rule["same"])
    assert all(len({spelt(word) for word in pair.split()}) == 2 for pair in rule["but_not"])


# ---------------------------------------------------------------- laws

WORDS = sorted({word.strip(".,") for text in TEXTS for word in text.split()})
ANSWERS = st.one_of(
    st.sampled_from(TEXTS),
    st.lists(st.sampled_from([*WORDS, "...", "\n", "5%", "$3.50", "A", "…"]), max_size=30).map(" ".join),
    st.text(max_size=60),
)


@settings(max_examples=300, deadline=None)
@given(ANSWERS, ANSWERS)
def test_the_order_of_two_answers_does_not_matter(one, other):
    found, turned = compare_answers(one, other), compare_answers(other, one)
    assert (found is None) == (turned is None)
    if found is not None:
        assert (found.kind, found.score, found.merges) == (turned.kind, turned.score, turned.merges)
        assert 0 <= found.score <= 1
        assert (found.inner, turned.inner) in {(None, None), ("one", "other"), ("other", "one")}


@settings(max_examples=200, deadline=None)
@given(ANSWERS)
def test_an_answer_is_one_with_itself(text):
    found = compare_answers(text, text)
    assert found is None if not read(text).words else found.merges


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([case["a"] for case in CASES["look_alike"]]), st.integers(0, 50))
def test_a_word_that_no_list_knows_never_merges(text, place):
    words = text.split()
    place %= len(words)
    changed = " ".join([*words[:place], "zorblat", *words[place + 1 :]])
    found = compare_answers(text, changed)
    assert found is None or not found.merges or words[place].lower() in ("a", "the")


def steps(function, *texts) -> float:
    started = time.process_time()
    function(*texts)
    return time.process_time() - started


@pytest.mark.parametrize(
    "piece", ["word ", "a the ", "1 ", "not ", "a, b and c ", "If so, ", "... ", "$5-", "x.y.", "no no "]
)
def test_time_grows_with_the_text_alone(piece):
    one = piece * 8000
    other = piece * 4000 + "other " + piece * 4000
    assert steps(compare_answers, one, other) < 5


def test_texts_without_a_word_in_common_at_the_same_place_take_no_square_of_time():
    rng = random.Random(1)
    one, other = (" ".join(rng.choice(WORDS) for _ in range(20_000)) for _ in "ab")
    assert steps(compare_answers, one, other) < 8


# ---------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("one", "other"),
    [("$1,500", "$1.500"), ("-5 points", "5 points"), ("5% more", "5 more"), ("3.5 %", "35 %"), ("€20", "$20")],
)
def test_keys_keep_what_makes_a_number_another_number(one, other):
    assert keys.answer_key(one) != keys.answer_key(other)


def test_keys_drop_what_does_not():
    assert keys.answer_key("It costs $1,500.") == keys.answer_key("it costs $1500")
    assert keys.answer_key("2-3 days: 50 %") == keys.answer_key("2 3 days 50%")


KEYED = st.one_of(st.text(alphabet="aAé1234567890.,%$€£-–−'’ ()½①²\n\tſß\u0301٣Σ", max_size=25), st.text(max_size=30))


@settings(max_examples=500, deadline=None)
@given(KEYED)
def test_the_key_of_a_key_is_the_key(text):
    key = keys.question_key(text)
    assert keys.question_key(key) == key
