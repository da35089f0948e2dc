"""A text as a sequence of words, each in the one form that it shares with whatever says the same.

All that is equal by itself, without a look at the other text, is made equal here: case, punctuation, contractions,
spelling variants, singular and plural (`word_forms`, `words`), numbers and signs (`numerals`), listed synonyms and
fillers (`phrases`), articles (`articles`) and the page's own words (`page_words`). Being an equality, it holds along
chains. The lists are in harmless_edits.toml, by kind (H1 to H12).
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from pipeline.duplicates.articles import determiners, with_determiners
from pipeline.duplicates.numerals import with_numbers
from pipeline.duplicates.page_words import extent_of, in_plain_marks
from pipeline.duplicates.phrases import with_meanings
from pipeline.duplicates.vocabulary import MOST_WORDS
from pipeline.duplicates.words import Token, Word, split_words

__all__ = ["Reading", "canonical", "read"]

# Texts whose readings, and whose stems, are kept. Pairs come in the order of their texts, so few are read again: of
# 20,600 readings in 49,000 pairs 4,401 are found with 32,768 kept, 4,319 with 4,096, in 120 MB less for each process.
MOST_READINGS = 1 << 12
LOUD = 200  # characters; a text without a small letter in them is set in capitals


@dataclass(eq=False)
class Reading:
    """A text, its words, and whether it was cut at its beginning or end ("…", "...", "More items...").

    forms: the words as they are compared. begins, ends: the first and last character of each word. starts: where each
    sentence begins, in words.
    """

    text: str
    words: Sequence[Word]
    forms: tuple[str, ...]
    begins: Sequence[int]
    ends: Sequence[int]
    starts: Sequence[int]
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
        if len(self.starts) == 1:
            return 0, len(self.words)
        after = bisect_right(self.starts, position)
        return self.starts[after - 1], self.starts[after] if after < len(self.starts) else len(self.words)

    def quote(self, start: int, end: int) -> str:
        """The text from word to word, as it is written; the words of "$5" are "5" and "dollar", in another order."""
        return self.text[min(self.begins[start:end]) : max(self.ends[start:end])]


@lru_cache(maxsize=MOST_READINGS)
def read(text: str) -> Reading:
    """The words of a cleaned answer, the first 200,000 of them.

    >>> read("Don't pay the $1,500: it's 2 days.").forms
    ('do', 'not', 'pay', '1500', 'dollar', 'it', 'be', '2', 'day')
    """
    plain = in_plain_marks(text)
    start, end, is_cut_before, is_cut_after = extent_of(plain)
    is_loud = not any(map(str.islower, plain[start : start + LOUD]))
    bounds = [start, *[found.end() for found in _BETWEEN_SEGMENTS.finditer(plain, start, end)], end]
    tokens: list[Token] = []
    for first, last in pairwise(bounds):
        sentence = tokens[-1].sentence + 1 if tokens else 0
        split = split_words(plain[first:last], is_loud, first, sentence)
        tokens += with_determiners(with_meanings(with_numbers(split)))
        if len(tokens) > MOST_WORDS:
            break
    while is_cut_after and len(tokens) > 1 and tokens[-1].word.form in determiners():
        tokens.pop()
    words, begins, ends, sentences = zip(*tokens, strict=True) if tokens else ((), (), (), ())
    starts = [0] if words else []
    starts += [position for position, (one, next_one) in enumerate(pairwise(sentences), 1) if one != next_one]
    forms = tuple([word.form for word in words])
    positions = array("L", begins), array("L", ends)
    return Reading(text, words, forms, *positions, starts, is_cut_before, is_cut_after)


# Between two of these nothing that the reading combines goes on: no full stop of an abbreviation, no words left out.
# The mark that ends a sentence comes first, so that the text is searched for these marks alone.
_BETWEEN_SEGMENTS = re.compile(r"[.!?\n](?:(?<=\n)|(?<=[a-z]{4}[.!?])(?<![Pp]rof\.) (?=[A-Z]))(?!\s*(?:\.\.\.|…))")


def canonical(words: str) -> frozenset[str]:
    """The forms of these words, each by itself: for lists of words in the rules."""
    return frozenset(form for word in words.split() for form in (word, "_".join(read(word.replace("_", " ")).forms)))
