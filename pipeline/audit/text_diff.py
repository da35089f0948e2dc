"""Marks the words that two texts have in common, and where a text was cut off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby

from pipeline.limits import SENTENCE_WORDS

# Words between the common beginning and the common end. Up to EXACT, all words are aligned: the worst texts take 0.6 s
# of processor time, with 800 words 4.9 s. Up to LONGEST, frequent words are not used as anchors: 4,000 words take under
# 0.1 s. Longer texts are shown as different.
EXACT, LONGEST = 400, 4000
ALIKE = 0.5  # share of the words of the shorter text that two texts have in common, from which on they are alike
SHORTEST_RUN, SHORT = 2, 12  # words; a single shared word is chance, except in texts of at most 12 words
_WORDS = re.compile(r"\S+\s*|\s+")
_CUT = re.compile(r"(…|\.\.\.|More items)")


@dataclass(frozen=True, slots=True)
class Span:
    """Some words of a text.

    `is_only`: the other text, which is alike, does not have them; `is_shared`: the other text, which is not alike, has
    them; `is_cut`: the source was cut off here.
    """

    text: str
    is_only: bool = False
    is_cut: bool = False
    is_shared: bool = False


def compare(a: str, b: str, exact: int = EXACT) -> tuple[list[Span], list[Span]]:
    """Both texts as spans, in order; joined, they are the text. Case and punctuation around a word are ignored.

    Texts that have less than half of the words of the shorter one in common are not alike: their differences are
    everything, so what they share is marked instead, in runs of at least 8 words. exact: words up to which all are
    aligned, see EXACT.

    >>> [span.text for span in compare("Drink water daily.", "drink it daily")[0] if span.is_only]
    ['water ']
    """
    one, other = _WORDS.findall(a), _WORDS.findall(b)
    left, right = [_plain(word) for word in one], [_plain(word) for word in other]
    start = _common_start(left, right)
    end = _common_start(left[start:][::-1], right[start:][::-1])
    middle_a, middle_b = left[start : len(left) - end], right[start : len(right) - end]
    shared_a, shared_b = set(range(start)), set(range(start))
    if max(len(middle_a), len(middle_b)) <= LONGEST:
        least = 1 if max(len(left), len(right)) <= SHORT else SHORTEST_RUN
        is_long = max(len(middle_a), len(middle_b)) > exact
        blocks = SequenceMatcher(None, middle_a, middle_b, autojunk=is_long).get_matching_blocks()
        for block in [block for block in blocks if block.size >= least]:
            shared_a |= set(range(start + block.a, start + block.a + block.size))
            shared_b |= set(range(start + block.b, start + block.b + block.size))
    shared_a |= set(range(len(left) - end, len(left)))
    shared_b |= set(range(len(right) - end, len(right)))
    if len(shared_a) < ALIKE * min(len(one), len(other)):
        return _spans_marking_shared(one, shared_a), _spans_marking_shared(other, shared_b)
    return _spans_marking_only(one, shared_a), _spans_marking_only(other, shared_b)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a text differs from one that is alike: the words that only it has, and those that it lacks."""

    only: list[str]
    lacks: list[str]


def difference(text: str, base: str) -> Difference | None:
    """How a text differs from another one, in a few words of each place; None where the two are not alike.

    >>> difference("Drink cold water daily, says Ada.", "Drink warm water daily.")
    Difference(only=['cold', 'says Ada'], lacks=['warm'])
    """
    own, other = compare(text, base, exact=_LISTED_EXACT)
    is_equal = [*map(_plain, text.split())] == [*map(_plain, base.split())]
    if not is_equal and not any(span.is_only for span in (*own, *other)):
        return None
    return Difference(*([_shortened(span.text) for span in spans if span.is_only] for spans in (own, other)))


_LISTED_EXACT = 100  # words; 40 texts are compared for one page
_SHOWN = 60  # characters of a difference


def _shortened(words: str) -> str:
    plain = " ".join(words.split()).strip(" .,;:")
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN].rpartition(' ')[0] or plain[:_SHOWN]} …"


def mark_cuts(text: str) -> list[Span]:
    """A single text as spans, with its cuts marked."""
    return _split_cuts(Span(text))


def _plain(word: str) -> str:
    return word.strip().strip(".,;:!?\"'()[]“”‘’-–•…").casefold()


def _common_start(left: Sequence[str], right: Sequence[str]) -> int:
    pairs = enumerate(zip(left, right, strict=False))
    return next((index for index, (x, y) in pairs if x != y), min(len(left), len(right)))


def _spans_marking_only(words: list[str], shared: set[int]) -> list[Span]:
    """The words as runs of shared words and of others."""
    runs: list[tuple[bool, list[str]]] = []
    for index, word in enumerate(words):
        is_only = index not in shared
        if not runs or runs[-1][0] != is_only:
            runs.append((is_only, []))
        runs[-1][1].append(word)
    return [span for is_only, run in runs for span in _split_cuts(Span("".join(run), is_only))]


def _spans_marking_shared(words: list[str], shared: set[int]) -> list[Span]:
    """The words as long runs of shared words, marked, and the rest."""
    spans: list[Span] = []
    for is_shared, run in groupby(range(len(words)), key=shared.__contains__):
        numbers = list(run)
        text = "".join(words[number] for number in numbers)
        spans += _split_cuts(Span(text, is_shared=is_shared and len(numbers) >= SENTENCE_WORDS))
    return spans


def _split_cuts(span: Span) -> list[Span]:
    parts = enumerate(_CUT.split(span.text))
    return [replace(span, text=part, is_cut=index % 2 == 1) for index, part in parts if part or index % 2 == 1]
