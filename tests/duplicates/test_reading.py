"""What is looked up about a piece of a text is what a look at the whole text finds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.duplicates import words
from pipeline.duplicates.reading import read

CASES = json.loads((Path(__file__).parents[1] / "cases" / "harmless_edits.json").read_text(encoding="utf8"))
TEXTS = sorted({case[side] for group in CASES.values() if isinstance(group, list) for case in group for side in "ab"})
MARKS = """
A a an the US IT Dr. etc. e.g. i.e., U.S. a.m. No. 5 $5 -5 5- 5-10 - – 5% 1st 2nd 1,500 40.00 9:30 [1] [1, [2 [ ]
( ) (see (A) “so” ... … . , ; : ! don't cannot it's visit.The .NET 0ften H2O x.y.z and/or & + × ½ é ﬁne
"""
PIECES = st.sampled_from(
    [*MARKS.split(), "[1, 2]", "", "\n", "\t", "a\nb", *sorted({word for text in TEXTS for word in text.split()})]
)
WRITTEN = st.sampled_from(TEXTS) | st.lists(PIECES, max_size=15).map(" ".join) | st.text(max_size=40)


def split_without_tables(text: str, is_loud: bool) -> list[words.Token]:
    """The words of a text of which every piece is read where it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "_KNOWN", {key: {} for key in words._KNOWN})
        patch.setattr(words, "_look_up", lambda *_: words._Piece(None, 0, 0, (), "", 0, False, is_alone=False))
        return words.split_words(text, is_loud)


def facts(tokens: list[words.Token]) -> list[tuple]:
    return [
        (*(getattr(token.word, name) for name in words.Word.__slots__), token.start, token.end, token.sentence)
        for token in tokens
    ]


@settings(max_examples=500, deadline=None)
@given(WRITTEN, st.booleans())
def test_what_is_known_of_a_piece_is_what_its_text_says(text, is_loud):
    assert facts(words.split_words(text, is_loud)) == facts(split_without_tables(text, is_loud))


@settings(max_examples=200, deadline=None)
@given(WRITTEN)
def test_a_quote_is_a_part_of_the_text_from_word_to_word(text):
    reading = read(text)
    positions = range(len(reading.words))
    quotes = [reading.quote(position, position + 1) for position in positions]
    assert all(quote and quote in text for quote in quotes)
    assert not quotes or all(quote in reading.quote(0, len(quotes)) for quote in (quotes[0], quotes[-1]))
