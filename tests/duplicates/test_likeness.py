"""What the arrays say of texts, beside what sets of words say."""

from __future__ import annotations

from itertools import combinations
from math import log1p, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipeline.duplicates.in_memory.containment import find_contained
from pipeline.duplicates.in_memory.likeness import MEASURES, measure_likeness
from pipeline.duplicates.in_memory.postings import Postings

from pipeline.duplicates.containment import is_in
from pipeline.duplicates.tokens import tokenise
from pipeline.duplicates.vocabulary import function_words, stem

WORDS = st.sampled_from(
    ["rest", "sleep", "the", "a", "doctor", "doctors", "lamp", "window", "of", "tea", "walk", "river"]
)
KEYS = st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), min_size=2, max_size=8, unique=True).map(sorted)


@given(st.lists(st.sets(st.integers(0, 9)), max_size=7), st.booleans())
def test_the_index_holds_what_two_or_more_texts_have(texts, is_wide):
    factor = 2**62 + 1 if is_wide else 1
    text = np.array([number for number, terms in enumerate(texts) for _ in terms], dtype=np.int32)
    code = np.array([term * factor % 2**64 for terms in texts for term in terms], dtype=np.uint64)
    index = Postings.of(text, code, len(texts))
    spread = {term: sum(term in terms for terms in texts) for term in range(10)}
    holders = sorted([n for n, terms in enumerate(texts) if term in terms] for term in range(10) if spread[term] > 1)
    assert sorted(index.text[a:b].tolist() for a, b in zip(index.bounds, index.bounds[1:], strict=False)) == holders
    assert index.lone.tolist() == [sum(spread[term] == 1 for term in terms) for terms in texts]
    assert (np.diff(index.spread) >= 0).all()
    for number, terms in enumerate(texts):
        own = index.terms_of[index.starts[number] : index.starts[number + 1]]
        assert sorted(index.spread[own]) == sorted(spread[term] for term in terms if spread[term] > 1)
        assert (np.diff(own) > 0).all()


@given(KEYS)
@settings(max_examples=60)
def test_measures_are_what_sets_of_stems_give(keys):
    stems = [{stem(word) for word in key.split()} for key in keys]
    says = [{stem(word) for word in key.split() if word not in function_words()} for key in keys]
    weight = {s: log1p(len(keys) / sum(s in own for own in stems)) for s in set().union(*stems)}
    likeness = measure_likeness(keys)
    assert (likeness.a < likeness.b).all()
    for a, b, row in zip(likeness.a, likeness.b, likeness.measures, strict=True):
        found = dict(zip(MEASURES, row, strict=True))
        shared = stems[a] & stems[b]
        norms = [sqrt(sum(weight[s] ** 2 for s in stems[text])) for text in (a, b)]
        missing = [max((weight[s] for s in stems[text] - shared), default=0) for text in (a, b)]
        words_shared = len(says[a] & says[b])
        assert found["cosine"] == pytest.approx(sum(weight[s] ** 2 for s in shared) / (norms[0] * norms[1]))
        assert found["weight_shared"] == pytest.approx(log1p(sum(weight[s] for s in shared)))
        assert found["shared"] == pytest.approx(log1p(words_shared))
        assert found["words_contained"] == pytest.approx(
            words_shared / max(1e-9, min(len(says[a]), len(says[b]))), abs=1e-6
        )
        assert found["rarest_missing"] == pytest.approx(max(missing))
        assert found["rarest_missing_least"] == pytest.approx(min(missing))


@given(KEYS)
def test_whatever_is_a_part_is_found(keys):
    found = find_contained(keys, [False] * len(keys))
    pairs = {(a, b) if len(keys[a]) < len(keys[b]) else (b, a) for a, b in combinations(range(len(keys)), 2)}
    assert set(zip(found["inner"], found["outer"], strict=True)) == {
        (a, b) for a, b in pairs if is_in(keys[a], keys[b])
    }


def test_an_empty_text_has_no_words():
    assert tokenise(["", "rest", ""]).sizes.tolist() == [0, 1, 0]
    assert tokenise([]).sizes.tolist() == []
