"""A text as a sequence of words, each in the one form that it shares with whatever says the same.

All that is equal by itself, without a look at the other text, is made equal here: case, punctuation, contractions,
spelling variants, singular and plural (`word_forms`, `words`), numbers and signs (`numerals`), listed synonyms and
fillers (`phrases`), articles (`articles`) and the page's own words (`page_words`). Being an equality, it holds along
chains. The lists are in harmless_edits.toml, by kind (H1 to H12).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from pipeline.duplicates.articles import determiners, with_determiners
from pipeline.duplicates.numerals import with_numbers
from pipeline.duplicates.page_words import extent_of, in_plain_marks
from pipeline.duplicates.phrases import with_meanings
from pipeline.duplicates.words import MOST_WORDS, Word, split_words

__all__ = ["Reading", "canonical", "read"]

LOUD = 200  # characters; a text without a small letter in them is set in capitals


class _Segment(NamedTuple):
    """One or more sentences of a text, read by themselves: parallel sequences, one entry for each word.

    begins, ends: the first and last character of each word, from the beginning of the segment. starts: where each of
    its sentences begins, in words.
    """

    words: Sequence[Word]
    begins: Sequence[int]
    ends: Sequence[int]
    starts: Sequence[int]


@dataclass(frozen=True, eq=False)
class Reading:
    """A text, its words, and whether it was cut at its beginning or end ("…", "...", "More items...").

    forms: the words as they are compared. starts: where each sentence begins, in words. segments: what it was read in;
    firsts: the first word of each segment; offsets: its first character.
    """

    text: str
    words: Sequence[Word]
    forms: tuple[str, ...]
    starts: Sequence[int]
    segments: Sequence[_Segment]
    firsts: Sequence[int]
    offsets: Sequence[int]
    is_cut_before: bool
    is_cut_after: bool

    @cached_property
    def determiners(self) -> tuple[str, ...]:
        """The article before each word, "" where there is none."""
        return tuple([word.determiner for word in self.words])

    @cached_property
    def distinct(self) -> frozenset[str]:
        """Each form once."""
        return frozenset(self.forms)

    @cached_property
    def repeated(self) -> Mapping[str, int]:
        """How often the text has each form that it has more than once."""
        if len(self.distinct) == len(self.forms):
            return {}
        return {form: count for form, count in Counter(self.forms).items() if count > 1}

    @cached_property
    def joined(self) -> str:
        """The forms with a blank around each: a text is a part of another if its `joined` is."""
        return f" {' '.join(self.forms)} "

    def sentence_at(self, position: int) -> int:
        """The number of the sentence that a word belongs to."""
        return bisect_right(self.starts, position) - 1

    def sentence_of(self, position: int) -> tuple[int, int]:
        """The sentence that a word belongs to, as words from and to."""
        after = bisect_right(self.starts, position)
        return self.starts[after - 1], self.starts[after] if after < len(self.starts) else len(self.words)

    def quote(self, start: int, end: int) -> str:
        """The text from word to word, as it is written."""
        first, last = (bisect_right(self.firsts, position) - 1 for position in (start, end - 1))
        begin = self.segments[first].begins[start - self.firsts[first]]
        after = self.segments[last].ends[end - 1 - self.firsts[last]]
        return self.text[self.offsets[first] + begin : self.offsets[last] + after]


@lru_cache(maxsize=1 << 14)
def read(text: str) -> Reading:
    """The words of a cleaned answer, the first 200,000 of them.

    >>> read("Don't pay the $1,500: it's 2 days.").forms
    ('do', 'not', 'pay', '1500', 'dollar', 'it', 'be', '2', 'day')
    """
    plain = in_plain_marks(text)
    start, end, is_cut_before, is_cut_after = extent_of(plain)
    is_loud = not any(map(str.islower, plain[start : start + LOUD]))
    bounds = [start, *[found.end() for found in _BETWEEN_SEGMENTS.finditer(plain, start, end)], end]
    segments: list[_Segment] = []
    firsts, offsets, starts = [], [], []
    size = 0
    for offset, after in pairwise(bounds):
        segment = _read_segment(plain[offset:after], is_loud)
        if not segment.words:
            continue
        segments.append(segment)
        firsts.append(size)
        offsets.append(offset)
        starts += [size + place for place in segment.starts]
        size += len(segment.words)
        if size > MOST_WORDS:
            break
    words = list(chain.from_iterable([segment.words for segment in segments]))
    while is_cut_after and len(words) > 1 and words[-1].form in determiners():
        words.pop()
        starts = [place for place in starts if place < len(words)]
    forms = tuple([word.form for word in words])
    return Reading(text, words, forms, starts, segments, firsts, offsets, is_cut_before, is_cut_after)


# Between two of these nothing that the reading combines goes on: no full stop of an abbreviation, no words left out.
_BETWEEN_SEGMENTS = re.compile(r"(?:\n|(?<=[a-z]{4}[.!?])(?<![Pp]rof\.) (?=[A-Z]))(?!\s*(?:\.\.\.|…))")


@lru_cache(maxsize=1 << 15)
def _read_segment(text: str, is_loud: bool) -> _Segment:
    """The words of sentences that no word of another sentence has to do with; many pages repeat sentences."""
    tokens = with_determiners(with_meanings(with_numbers(split_words(text, is_loud))))
    if not tokens:
        return _Segment((), (), (), ())
    words, begins, ends, sentences = zip(*tokens, strict=True)
    starts = [at for at, number in enumerate(sentences) if not at or number != sentences[at - 1]]
    return _Segment(words, begins, ends, starts)


def canonical(words: str) -> frozenset[str]:
    """The forms of these words, each by itself: for lists of words in the rules."""
    return frozenset(form for word in words.split() for form in (word, "_".join(read(word.replace("_", " ")).forms)))
