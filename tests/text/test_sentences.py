"""Sentences are verbatim spans, found in one pass."""

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.sentences import split_sentences
from tests.linear_time import assert_linear

CASES = json.loads((Path(__file__).parents[1] / "cases" / "sentences.json").read_text(encoding="utf-8"))
BULLETS = "-*•·–▪◦●‣"
TEXTS = st.text(alphabet=st.sampled_from('aB1 .!?…\n\r[],"”)(•-–U.S'), max_size=60) | st.text(max_size=60)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(c, id=c["label"], marks=[pytest.mark.xfail(reason=c["xfail"])] if "xfail" in c else [])
        for c in CASES
    ],
)
def test_sentences_are_the_ones_a_reader_sees(case):
    text = case["text"]
    assert [text[start:end] for start, end in split_sentences(text)] == case["expected"]


@given(TEXTS)
def test_spans_are_ordered_and_stripped_and_hold_every_word(text):
    spans = split_sentences(text)
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert all(a_end <= b_start for (_, a_end), (b_start, _) in itertools.pairwise(spans))
    inside = {i for start, end in spans for i in range(start, end)}
    assert all(c.isspace() or c in BULLETS for i, c in enumerate(text) if i not in inside)


@given(TEXTS)
def test_a_line_end_is_in_no_sentence(text):
    assert all("\n" not in text[start:end] for start, end in split_sentences(text))


@given(TEXTS, TEXTS)
def test_lines_are_split_alone(above, below):
    shift = len(above) + 1
    moved = [(start + shift, end + shift) for start, end in split_sentences(below)]
    assert split_sentences(f"{above}\n{below}") == split_sentences(above) + moved


@pytest.mark.parametrize(
    "unit", [".", '?"', "a.", "[1]", ". [1,", "A.", "\n", " ", "• ", "- ", "1.", "x.1,2", "“", "e.g. ", "\ud800.", "\0"]
)
def test_hostile_text_takes_linear_time(unit):
    assert_linear(split_sentences, lambda size: unit * (size // len(unit)), 10_000)
