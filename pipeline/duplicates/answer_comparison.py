"""How two answers to one question relate: the same but for harmless edits, a copy cut short, or in conflict.

The guard is turned round: two answers are one only if every difference between them is proved harmless. A difference
that no rule knows keeps them apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from math import ceil
from sys import intern
from typing import Literal

from rapidfuzz.distance import LCSseq

from pipeline.duplicates.alignment import Edit, align
from pipeline.duplicates.harmless_edits import (
    are_interchangeable_articles,
    are_one_word,
    is_duration,
    is_harmless,
    is_one_slip,
    is_reordered,
    is_slip,
    is_swapped_or_doubled,
    is_too_long_to_prove,
    may_be_slip,
)
from pipeline.duplicates.page_words import in_plain_marks
from pipeline.duplicates.reading import MOST_READINGS, Reading, canonical, read
from pipeline.duplicates.rules import rules
from pipeline.duplicates.vocabulary import FUNCTION_WORDS
from pipeline.duplicates.word_forms import LOOKALIKES, base_of, word_form
from pipeline.duplicates.words import Word

__all__ = ["Comparison", "compare_answers", "compare_part", "forget_readings", "may_have_one_subject"]

Kind = Literal["near_pair", "near_conflict", "answer_contained"]

STEM = 4  # letters of a word that are compared before anything is read
# By how many different stems the shorter text has: the share of them below which nothing is read; and, unless most are
# in both (IN_ANY_ORDER), the share of its stems that are in both in the same order. Of 11,500 related pairs of health
# pages fewer than 40 have less: headings that share three words with a sentence, and other passages on one subject.
LEAST_COMMON = ((20, 0.65, 0.6), (13, 0.6, 0.6), (7, 0.5, 0.5), (0, 0.4, 0.4))
IN_ANY_ORDER = 0.75  # share of the stems
# The same for answers to different questions, where rewording that leaves less in order is long (REWORDED_SIZE). Of 696
# reworded, misspelt or cut copies of health answers 7 are lost; of 38,000 candidate pairs of health pages 4,000 stay.
LEAST_COMMON_OF_ONE_SUBJECT = ((13, 0.65, 0.75), (7, 0.5, 0.6), (0, 0.4, 0.4))
REWORDED_SIZE, REWORDED_IN_ORDER = 13, 0.6
MOST_MISSPELT = 0.15  # share of the stems that are in no list and not in the other text; half as many where reworded
COMPARABLE = 0.5  # share of the shorter text's different words; below it nothing is aligned
NEAR = 0.85  # share of the shorter text's words that a near copy shares: copies of the labelled sets are above .9
ONE_EDIT = 0.6  # the same where the texts differ in one edit alone
SHORTEST_CONTAINED = 5  # words: guidelines, section 4
HALF_PHRASE = 3  # words at the end of a text that was cut off that may be read otherwise than in the whole one
CONTEXT = 2  # words on both sides that must agree for an unknown word to replace another
PASSAGE = 5  # words; a longer run that replaces something else is another passage, no edit of a sentence
LONG_PASSAGE = 8  # words that replace fewer in a long text
REWORDED = 2  # edits that are usual rewording; in a text with so many, an unknown word is one, too
ARTICLE = 150  # words; a text as long as that is a whole article
COMMON = 0.8  # share of the shorter text's words, in any order, that a text in other words and another order has
MOVED = 5  # words; of a clause that is at another place of the other text, in which each word has kept its part
SHORT = 40  # words; in a text as short as that every difference counts, whatever surrounds it


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two answers relate.

    kind: `near_pair`, `near_conflict` or `answer_contained`, as in the table `duplicates`. score: 0 to 1. reason: a
    sentence for a content editor. merges: whether nothing a reader could act on is lost if one of them is kept, given
    the same question. inner: the one that is a part of the other, if one is.
    """

    kind: Kind
    score: float
    reason: str
    merges: bool = False
    inner: Literal["one", "other"] | None = None


def compare_answers(one: str, other: str) -> Comparison | None:
    """How two cleaned answers relate, or None if they are not alike. The order of the two does not matter.

    >>> compare_answers("Bring a pen and a ruler.", "Bring the ruler and a pen.").merges
    True
    >>> compare_answers("You must sign the form.", "You may sign the form.").reason
    'Alike, but “You may sign” in one and “You must sign” in the other.'
    """
    if not _may_be_alike(one, other):
        return None
    if (len(one), one) <= (len(other), other):
        return _compare_shorter_first(one, other)
    found = _compare_shorter_first(other, one)
    if found is None or found.inner is None:
        return found
    return replace(found, inner="other" if found.inner == "one" else "one")


def _compare_shorter_first(one: str, other: str) -> Comparison | None:
    """As `compare_answers`, of two texts in one order, the shorter one first."""
    a, b = read(one), read(other)
    if not a.words or not b.words:
        return None
    if len(a.distinct & b.distinct) < COMPARABLE * min(len(a.distinct), len(b.distinct)):
        return None
    return _contained(a, b) or _judged(a, b, align(a.forms, b.forms))


def compare_part(part: str, whole: str) -> Comparison | None:
    """As `compare_answers`, of a text and one that has all its words in a row; most are decided without reading.

    >>> compare_part("It takes two whole days.", "We copy it. It takes two whole days. Then we write to you.").kind
    'answer_contained'
    """
    return _plainly_contained(part, whole) or compare_answers(part, whole)


def forget_readings() -> None:
    """Give back the memory of the texts that were compared last."""
    for kept in (read, _stems_of, _loose_counts):
        kept.cache_clear()


def _may_be_alike(one: str, other: str) -> bool:
    """A cheap bound: whether two texts share enough stems, in the same order or nearly all of them."""
    shorter, longer = _shorter_first(one, other)
    size = min(len(shorter.distinct), len(longer.distinct))
    common = len(shorter.distinct & longer.distinct)
    if common >= IN_ANY_ORDER * size:
        return True
    in_common, in_order = _shares_of(size, LEAST_COMMON)
    return common >= in_common * size and _share_in_order(shorter, longer, in_order)


@lru_cache(maxsize=1 << 12)
def _shares_of(size: int, table: tuple[tuple[int, float, float], ...]) -> tuple[float, float]:
    """The shares of stems in common, and in order, that texts need of which the shorter one has so many stems."""
    return next((in_common, in_order) for least, in_common, in_order in table if size >= least)


def may_have_one_subject(one: str, other: str) -> bool:
    """A closer bound, for answers to different questions: whether two texts may say the same of the same thing.

    What names a thing is in no list of the rules; only one text has it, if the other has nothing like it, that may be
    the same word misspelt. Numbers name nothing.

    >>> may_have_one_subject("Asthma is not contagious at all.", "Eczema is not contagious at all.")
    False
    """
    shorter, longer = _shorter_first(one, other)
    missing = shorter.distinct - longer.distinct
    size = len(shorter.distinct)
    in_common, in_order = _shares_of(size, LEAST_COMMON_OF_ONE_SUBJECT)
    if size - len(missing) < in_common * size:
        return False
    naming = missing - _usual_stems()
    if len(naming) > MOST_MISSPELT * size or not all(_is_like_one_of(stem, longer) for stem in naming):
        return False
    if _share_in_order(shorter, longer, in_order):
        return True
    is_long = size >= REWORDED_SIZE and len(naming) <= MOST_MISSPELT / 2 * size
    is_common = size - len(missing) >= IN_ANY_ORDER * size
    return is_long and (is_common or _share_in_order(shorter, longer, REWORDED_IN_ORDER))


def _is_like_one_of(stem: str, others: _Stems) -> bool:
    """Whether the other text has a stem with the same letters, or with most of them and one beginning or middle."""
    stem, is_number = stem.translate(LOOKALIKES), stem.isdigit()
    letters = _letters(stem)
    if is_number or letters in others.letters:
        return True
    first, middle, least = stem[0], stem[1:3], min(3, len(letters))
    near = [other for other in others.in_letters if other[0] == first or other[1:3] == middle]
    return any(len(letters & _letters(other)) >= least for other in near)


@lru_cache(maxsize=1 << 16)
def _letters(stem: str) -> frozenset[str]:
    return frozenset(stem)


def _shorter_first(one: str, other: str) -> tuple[_Stems, _Stems]:
    a, b = _stems_of(one), _stems_of(other)
    return (a, b) if (len(a.in_order), one) <= (len(b.in_order), other) else (b, a)


def _share_in_order(shorter: _Stems, longer: _Stems, share: float) -> bool:
    """Whether so large a share of the shorter text's stems is in both in the same order."""
    needed = ceil(share * len(shorter.in_order))
    return LCSseq.similarity(shorter.in_order, longer.in_order, score_cutoff=needed) >= needed


_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, eq=False)
class _Stems:
    """The first letters of each word of a text, in order and each once."""

    in_order: Sequence[str]
    distinct: frozenset[str]

    @cached_property
    def in_letters(self) -> Sequence[str]:
        """The stems in any order, with letters in place of the digits that look like them."""
        return [stem.translate(LOOKALIKES) for stem in self.distinct]

    @cached_property
    def letters(self) -> frozenset[frozenset[str]]:
        """The letters of each stem."""
        return frozenset(map(_letters, self.in_letters))


@lru_cache(maxsize=MOST_READINGS)
def _stems_of(text: str) -> _Stems:
    stems = [*map(_stem, _WORD.findall(text.lower()))]
    return _Stems(stems, frozenset(stems))


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    return intern(word[:STEM])  # one object for all texts


@cache
def _usual_stems() -> frozenset[str]:
    """The stems of all words of the lists: function words, and words for which others are usual."""
    data = rules()
    blocks = [
        *data["same"].values(),
        data["reworded"]["words"],
        *data["reworded"]["openings"],
        data["in_place"]["words"],
    ]
    blocks += [*data["differences"].values(), data["contractions"]["words"], *FUNCTION_WORDS]
    blocks += [data["fillers"]["words"], *data["fillers"]["before"], *data["fillers"]["after"]]
    return frozenset(word[:STEM] for block in blocks for word in _WORD.findall(block.lower()))


# ---------------------------------------------------------------- a part of the other


def _plainly_contained(part: str, whole: str) -> Comparison | None:
    """The comparison of a text with one that repeats it letter by letter, among sentences that limit nothing.

    None where this takes reading: the part ends inside a sentence without a sign of a cut, or what surrounds it has a
    word that occurs in limits.
    """
    part, whole = in_plain_marks(part), in_plain_marks(whole)
    plain = part.strip(" \n.…")
    position = whole.replace("\n", " ").find(plain.replace("\n", " "))
    if position < 0:
        return None
    before, after = whole[:position].rstrip(" "), whole[position + len(plain) :]
    is_cut = part.endswith(("…", "...", ":"))
    goes_on = not after.startswith(_SENTENCE_ENDS)
    if (before and not before.endswith(_SENTENCE_ENDS)) or (goes_on and (not is_cut or after[:1].isalnum())):
        return None
    signs = _signs_of_limits()
    if any(map(signs.__getitem__, _WORD.findall(f"{before} {after}".lower()))):
        first, *others = _SENTENCE_END.split(after.lower())
        if (goes_on and _may_limit(first, is_same_sentence=True)) or any(
            map(_may_limit, [*_SENTENCE_END.split(before.lower()), *others])
        ):
            return None
    return _found_in(part, whole, "beginning" if not before.strip() else "middle" if _WORD.search(after) else "end")


_SENTENCE_ENDS = (".", "!", "?", "\n", "…")
_SENTENCE_END = re.compile(r"[.!?;…\n]")


def _may_limit(sentence: str, is_same_sentence: bool = False) -> bool:
    """Whether a sentence in small letters may limit others, or the one that it is the end of, as its words tell."""
    words = _WORD.findall(sentence)
    signs = [_signs_of_limits()[word] for word in words]
    if not any(signs):
        return False
    if "exception" in signs or signs[0] == "perhaps_exception":
        return True
    if not is_same_sentence and signs[0] != "refers":
        return False
    joined = f" {' '.join(words)} "
    return "perhaps_exception" in signs or "condition" in signs or any(map(joined.__contains__, _conditions()[1]))


class _SignsOfLimits(dict[str, str]):
    """For each word the list of `differences` by which it may limit a text, or an empty text."""

    def __missing__(self, word: str) -> str:
        self[word] = self._sign(word) if word[:2] in _beginnings_of_limits() else ""
        return self[word]

    def _sign(self, word: str) -> str:
        base = base_of(word_form(word))
        if base in _exceptional_bases() or word == "1st":
            return "exception"
        for name in ("perhaps_exception", "refers"):
            if base in _difference_words(name):
                return name
        bases, phrases = _conditions()
        return "condition" if base in bases else "in_phrase" if any(f" {word} " in phrase for phrase in phrases) else ""


@cache
def _beginnings_of_limits() -> frozenset[str]:
    """The first two letters of all words that have a sign."""
    bases, phrases = _conditions()
    words = {*bases, *" ".join(phrases).split(), *_exceptional_bases(), "1st", *_difference_words("refers")}
    return frozenset(word[:2] for word in words)


@cache
def _signs_of_limits() -> _SignsOfLimits:
    return _SignsOfLimits()


@cache
def _exceptional_bases() -> frozenset[str]:
    """The longest word of each phrase that limits other sentences, and up to what something must be done."""
    phrases = [*_exceptions(), *_said(frozenset(map(base_of, _difference_words("bound"))))]
    return frozenset(max(map(base_of, map(word_form, phrase.split())), key=len) for phrase in phrases)


@cache
def _conditions() -> tuple[frozenset[str], tuple[str, ...]]:
    """The bases of the words that say a condition, and the phrases that say the same."""
    bases = {base_of(form) for form in _difference_words("condition_if_cut") | _difference_words("perhaps_exception")}
    said = _said(bases)
    bases |= {base_of(word_form(phrase)) for phrase in said if " " not in phrase}
    return frozenset(bases), tuple(f" {phrase} " for phrase in said if " " in phrase)


def _said(bases: Set[str]) -> list[str]:
    """These words, and the words and phrases that say the same."""
    lines = [line.partition("|")[0].split(",") for line in "\n".join(rules()["same"].values()).strip().splitlines()]
    same = [phrases for phrases in lines if not bases.isdisjoint(map(base_of, read(phrases[0].strip()).forms))]
    phrases = {phrase.strip() for phrases in same for phrase in phrases if phrase.strip()}
    return sorted(phrases.union(base.replace("_", " ") for base in bases))


def _found_in(part: str, whole: str, where: str, more: str = "") -> Comparison:
    """The comparison of a text with one that it is a part of. more: what the longer one says that may limit it."""
    words, of_words = len(part.split()), len(whole.split())
    reason = f"The shorter answer ({words} words) is the {where} of the longer one ({of_words} words){more}."
    return Comparison("answer_contained", round(0.9 + 0.1 * min(1.0, words / of_words), 4), reason, not more)


def _contained(a: Reading, b: Reading) -> Comparison | None:
    """The comparison of a text that is whole a part of another one."""
    part, whole = (a, b) if len(a.words) <= len(b.words) else (b, a)
    if len(part.words) == len(whole.words):
        return None
    found = _position(part, whole)
    if found is None:
        return None
    start, end = found
    articles = zip(part.determiners, whole.determiners[start:end], strict=False)
    if any(not are_interchangeable_articles(*pair) for pair in articles):
        return None
    edits = align(part.forms, whole.forms)
    if all(is_harmless(part, whole, edit) or _is_opening(part, whole, edit) for edit in edits):
        return None  # a few words more that say nothing
    limit = _strongest_limit(part, whole, start, end)
    share = len(part.words) / len(whole.words)
    inner: Literal["one", "other"] = "one" if part is a else "other"
    if limit is not None and limit.is_strong:
        reason = f"Alike, but only one says “{_quoted(whole, limit.start, limit.end)}”."
        return Comparison("near_conflict", round(0.9 * share, 4), reason)
    if len(part.words) < SHORTEST_CONTAINED:
        return None
    where = "beginning" if start == 0 else "end" if end == len(whole.words) else "middle"
    more = f", which says more of it: “{_quoted(whole, limit.start, limit.end)}”" if limit else ""
    return replace(_found_in(part.text, whole.text, where, more), inner=inner)


def _position(part: Reading, whole: Reading) -> tuple[int, int] | None:
    """Where a text is in another, in words from and to; the last words of one that was cut may be half a phrase."""
    joined = part.joined
    for dropped in range(HALF_PHRASE + 1 if _is_unfinished(part) else 1):
        position = whole.joined.find(joined) if dropped < len(part.words) else -1
        if position >= 0:
            start = whole.joined.count(" ", 0, position + 1) - 1
            return start, start + len(part.words) - dropped
        joined = joined[: joined.rstrip().rfind(" ") + 1]
    return None


def _is_unfinished(text: Reading) -> bool:
    """Whether a text was cut off, or ends with a word that nothing ends with."""
    return text.is_cut_after or text.forms[-1] in _difference_words("goes_on")


@dataclass(frozen=True, slots=True)
class _Limit:
    """Words of a longer text, from and to, that may limit what the shorter one says; strong: they surely do."""

    start: int
    end: int
    is_strong: bool


def _strongest_limit(part: Reading, whole: Reading, start: int, end: int) -> _Limit | None:
    """What the longer text adds to what it shares with the shorter one, its words `start` to `end`."""
    found: list[_Limit] = []
    for first, last, is_cut in ((0, start, part.is_cut_before), (end, len(whole.words), part.is_cut_after)):
        if first < last:
            is_cut = is_cut or (first >= end and _is_unfinished(part))
            found += _limits(whole, first, last, is_cut, at_end=last == len(whole.words) and first >= end)
    return min(found, key=lambda limit: (not limit.is_strong, limit.start), default=None)


def _limits(whole: Reading, first: int, last: int, is_cut: bool, at_end: bool) -> Iterator[_Limit]:
    """What of the words `first` to `last`, which only the longer text has, may limit the rest."""
    edge = first if at_end else last - 1
    kept = first - 1 if at_end else last
    is_clause = at_end and whole.words[kept].stop == "," and whole.forms[edge] == "and"
    if whole.sentence_at(kept) == whole.sentence_at(edge) and not is_clause:
        start, end = whole.sentence_of(edge)
        start, end = max(start, first), min(end, last)
        words = {base_of(word.form) for word in whole.words[start:end]}
        if words & (_difference_words("condition_if_cut") if is_cut else _difference_words("condition")):
            yield _Limit(start, end, not is_cut)
        elif not is_cut:
            is_item = whole.words[start].is_name or whole.words[start].is_number  # of a list without its line ends
            yield _Limit(start, end, end - start <= PASSAGE and not is_item)
        first, last = (end, last) if at_end else (first, start)
    while first < last:
        end = min(whole.sentence_of(first)[1], last)
        strength = _exception_strength(whole.forms[first:end])
        if strength is not None:
            yield _Limit(first, end, strength)
        first = end


@cache
def _difference_words(name: str) -> frozenset[str]:
    """The words of a list of `differences`, in their forms."""
    return canonical(rules()["differences"][name])


@cache
def _exceptions() -> tuple[str, ...]:
    """Phrases of sentences that limit other sentences."""
    listed = rules()["differences"]["exception"].split(",")
    return tuple(f" {' '.join(read(phrase.strip()).forms)} " for phrase in listed)


def _exception_strength(forms: Sequence[str]) -> bool | None:
    """Whether a sentence limits others: True, perhaps (False), or not at all (None)."""
    joined = f" {' '.join(forms)} "
    is_duty = "must" in forms and not _difference_words("bound").isdisjoint(forms)
    if is_duty or any(phrase in joined for phrase in _exceptions()):
        return True
    if forms[0] in _difference_words("perhaps_exception"):
        return False
    refers = forms[0] in _difference_words("refers")
    return False if refers and not _difference_words("condition_if_cut").isdisjoint(map(base_of, forms)) else None


# ---------------------------------------------------------------- word by word


def _judged(a: Reading, b: Reading, edits: Sequence[Edit]) -> Comparison | None:
    """The comparison of two aligned texts."""
    size = min(len(a.words), len(b.words))
    if _is_hopeless(a, b, edits):
        return _reworded(a, b)
    open_edits = [edit for edit in edits if not is_harmless(a, b, edit)]
    open_edits, reordered = _without_reordered(a, b, open_edits)
    share = _share_kept(a, size, open_edits)
    if not open_edits:
        article = _other_article(a, b, edits, reordered)
        if article is None:
            return Comparison("near_pair", round(0.9 + 0.1 * share, 4), "The same answer but for harmless edits.", True)
    if not _are_alike(a, b, share, open_edits):
        return _reworded(a, b)
    if not open_edits and article is not None:
        return Comparison("near_conflict", round(0.9 * share, 4), _against(a, b, article))
    return _compared_by_open_edits(a, b, open_edits, share, _either_has_slips(a, b, edits))


def _is_hopeless(a: Reading, b: Reading, edits: Sequence[Edit]) -> bool:
    """Whether the two are not alike whatever the proofs for the short edits say, so that these need not be tried."""
    long = [edit for edit in edits if is_too_long_to_prove(edit)]
    size = min(len(a.words), len(b.words))
    if not long or _share_kept(a, size, long) >= (ONE_EDIT if len(long) == 1 else NEAR):
        return False
    if _are_alike(a, b, 0.0, ()):
        return False
    long, _ = _without_reordered(a, b, long)
    return bool(long) and not _are_alike(a, b, _share_kept(a, size, long), long)


def _share_kept(a: Reading, size: int, open_edits: Sequence[Edit]) -> float:
    """The share of the shorter text's words that these edits leave as they are."""
    kept = len(a.words) - sum([edit.a_end - edit.a_start for edit in open_edits])
    return max(0.0, min(1.0, kept / size))


def _are_alike(a: Reading, b: Reading, share: float, open_edits: Sequence[Edit]) -> bool:
    """Whether two texts have so much in common that a difference between them is one of meaning."""
    if share >= NEAR or (len(open_edits) == 1 and share >= ONE_EDIT):
        return True
    common = _in_common(a, b)
    return common >= NEAR * max(len(a.words), len(b.words)) and common > 2


def _in_common(a: Reading, b: Reading) -> int:
    """How many words both have, in any order; what each has several times counts as often as both have it."""
    repeated = [min(count, b.repeated[form]) - 1 for form, count in a.repeated.items() if form in b.repeated]
    return len(a.distinct & b.distinct) + sum(repeated)


def _other_article(a: Reading, b: Reading, edits: Sequence[Edit], reordered: frozenset[int]) -> Edit | None:
    """The first word both have with articles that may not replace each other, as an edit.

    reordered: the sentences of `a` that are proved as they are.
    """
    if a.determiners == b.determiners and not edits:
        return None
    from_a = from_b = 0
    for edit in [*edits, Edit(len(a.words), len(a.words), len(b.words), len(b.words), 0, 0)]:
        for position, twin in zip(range(from_a, edit.a_start), range(from_b, edit.b_start), strict=True):
            if a.determiners[position] == b.determiners[twin]:
                continue
            if not _may_article_differ(a, position, b.words[twin], reordered):
                return Edit(position, position + 1, twin, twin + 1, 0, 0)
        from_a, from_b = edit.a_end, edit.b_end
    return None


def _may_article_differ(a: Reading, position: int, twin: Word, reordered: frozenset[int]) -> bool:
    """Whether the articles of two equal words may replace each other at this position of `a`.

    With a negation "any" says no more than none; a week is one week, and weeks are more.
    """
    word = a.words[position]
    one, other = word.determiner, twin.determiner
    is_counted = "a" in (one, other) and word.surface != twin.surface and is_duration(word.form)
    if a.sentence_at(position) in reordered:
        return True
    if are_interchangeable_articles(one, other):
        return not is_counted
    start, _ = a.sentence_of(position)
    return {one, other} == {"any", ""} and not _difference_words("negation").isdisjoint(a.forms[start:position])


def _without_reordered(a: Reading, b: Reading, open_edits: Sequence[Edit]) -> tuple[list[Edit], frozenset[int]]:
    """The edits but for those of sentences that say the same in another order, and the numbers of these in `a`."""
    left: list[Edit] = []
    proved: dict[tuple[int, int, int, int], bool] = {}
    for edit in open_edits:
        pair = (*_sentence(a, edit.a_start, edit.a_end), *_sentence(b, edit.b_start, edit.b_end))
        if pair not in proved:
            proved[pair] = is_reordered(a.words[pair[0] : pair[1]], b.words[pair[2] : pair[3]])
        if not proved[pair]:
            left.append(edit)
    return left, frozenset(a.sentence_at(pair[0]) for pair, is_proved in proved.items() if is_proved)


def _sentence(text: Reading, start: int, end: int) -> tuple[int, int]:
    """The sentence of these words; of a position between two sentences, the one before it."""
    position = start if start < end else max(0, start - 1)
    return text.sentence_of(min(position, len(text.words) - 1))


# ---------------------------------------------------------------- what is not proved


def _either_has_slips(a: Reading, b: Reading, edits: Sequence[Edit]) -> bool:
    """Whether one of two long texts has typing slips, so that further slips may have made words that exist."""
    if max(len(a.words), len(b.words)) <= SHORT:
        return False
    sides = ((a.words[edit.a_start : edit.a_end], b.words[edit.b_start : edit.b_end]) for edit in edits)
    return any(is_slip(*old, *new) for old, new in sides if len(old) == len(new) == 1)


def _compared_by_open_edits(
    a: Reading, b: Reading, open_edits: Sequence[Edit], share: float, has_slips: bool
) -> Comparison:
    """The comparison of two texts that differ in these places; has_slips: one of them has typing slips."""
    passages = [edit for edit in open_edits if _is_passage(a, b, edit)]
    others = [edit for edit in open_edits if edit not in passages]
    unknown = [edit for edit in others if not _is_rewording(a, b, edit) and not _is_dropped(a, b, edit)]
    different = [
        edit for edit in unknown if not (has_slips and _may_be_slips(a, b, edit)) and not _may_be_misspelt(a, b, edit)
    ]
    is_short = max(len(a.words), len(b.words)) <= SHORT
    is_reworded = len(others) - len(different) >= REWORDED and min(len(a.words), len(b.words)) > SHORT // 2
    conflicts = [edit for edit in different if is_short or _has_context(a, b, edit)]
    if is_reworded:
        conflicts = [edit for edit in conflicts if _weight(a, b, edit) > 2]
    if conflicts and _are_moved(a, b, [*different, *passages]):
        reason = "The same answer in other words and in another order, not proved the same."
        return Comparison("near_pair", round(0.8 * share, 4), reason)
    if conflicts:
        worst = max(conflicts, key=lambda edit: _weight(a, b, edit))
        return Comparison("near_conflict", round(0.9 * share, 4), _against(a, b, worst))
    limited = next((limit for edit in passages for limit in _limits_of(a, b, edit)), None)
    if limited is not None and limited[1].is_strong:
        text, limit = limited
        reason = f"Alike, but only one says “{_quoted(text, limit.start, limit.end)}”."
        return Comparison("near_conflict", round(0.9 * share, 4), reason)
    inner = _inner(passages)
    if len(passages) == len(open_edits) and inner is not None:
        at_ends = all(_is_at_either_end(a, b, edit) for edit in passages)
        reason = "The shorter answer is the longer one with passages left out."
        return Comparison("near_pair", round(0.9 * share, 4), reason, at_ends and limited is None, inner)
    reason = f"The same answer in other words, not proved the same: {_both(a, b, open_edits[0])}."
    return Comparison("near_pair", round(0.9 * share, 4), reason)


def _reworded(a: Reading, b: Reading) -> Comparison | None:
    """The comparison of two long texts with many words replaced and sentences moved: the same words in any order."""
    shorter, longer = (a, b) if len(a.words) <= len(b.words) else (b, a)
    if len(shorter.words) <= SHORT // 2:
        return None
    one, other = _loose_counts(shorter), _loose_counts(longer)
    if len(shorter.words) - len(one.keys() - other.keys()) < COMMON * len(shorter.words):
        return None
    missing = one - other
    common = len(shorter.words) - missing.total()
    has_own_subject = any(count > 1 for count in missing.values())
    if common < COMMON * len(shorter.words) or has_own_subject:
        return None
    if any(one[word] != other[word] for word in map(_loose_meaning, _difference_words("negation"))):
        return None
    if any(_loose_meaning(word.form) in missing for word in shorter.words if word.is_number or word.is_name):
        return None
    reason = "The same answer in other words and in another order, not proved the same."
    return Comparison("near_pair", round(0.8 * common / len(shorter.words), 4), reason)


@lru_cache(maxsize=4096)
def _loose_counts(text: Reading) -> Counter[str]:
    """How often a text has each word, where words that are usual rewording of each other are one."""
    return Counter(map(_loose_meaning, text.forms))


@lru_cache(maxsize=1 << 16)
def _loose_meaning(form: str) -> str:
    """The first of the words that are usual rewording of each other."""
    lines = _rewordings().get(base_of(form))
    return f"={min(lines)}" if lines else base_of(form)


def _is_dropped(a: Reading, b: Reading, edit: Edit) -> bool:
    """Whether a word was lost from a whole article, none that is listed: a damaged copy rather than a claim."""
    is_lost = edit.a_start == edit.a_end or edit.b_start == edit.b_end
    return is_lost and max(len(a.words), len(b.words)) > ARTICLE and _weight(a, b, edit) == 1


def _is_passage(a: Reading, b: Reading, edit: Edit) -> bool:
    """Whether a whole sentence or more was left out or put in, or replaces another one, or the text shows a cut."""
    old, new = edit.a_end - edit.a_start, edit.b_end - edit.b_start
    if min(old, new) >= PASSAGE or _is_cut(a, b, edit):
        return True
    if max(old, new) >= LONG_PASSAGE and max(len(a.words), len(b.words)) > SHORT:
        return True
    if min(old, new) > 0:
        return False
    text, start, end = (a, edit.a_start, edit.a_end) if old else (b, edit.b_start, edit.b_end)
    return any(_are_whole_sentences(text, start + shift, end + shift) for shift in _shifts(text, start, end))


def _shifts(text: Reading, start: int, end: int) -> Iterator[int]:
    """By how many words a passage may be moved so that the same text is left without it."""
    yield 0
    for step in range(1, PASSAGE):
        if start - step < 0 or text.forms[start - step] != text.forms[end - step]:
            break
        yield -step
    for step in range(PASSAGE):
        if end + step >= len(text.forms) or text.forms[start + step] != text.forms[end + step]:
            break
        yield step + 1


def _are_whole_sentences(text: Reading, start: int, end: int) -> bool:
    """Whether these words are whole sentences."""
    is_first = text.starts[text.sentence_at(start)] == start
    return is_first and (end == len(text.words) or text.starts[text.sentence_at(end)] == end)


def _is_cut(a: Reading, b: Reading, edit: Edit) -> bool:
    """Whether the text that lacks the words of an edit shows that something was cut there: "…"."""
    old, new = a.words[edit.a_start : edit.a_end], b.words[edit.b_start : edit.b_end]
    if len(old) == len(new) == 1 and not (_may_be_half(old[0], new[0]) or _may_be_half(new[0], old[0])):
        return False
    for text, start, end in ((a, edit.a_start, edit.a_end), (b, edit.b_start, edit.b_end)):
        if end - start <= 1 and (
            (start == 0 and text.is_cut_before)
            or (end == len(text.words) and text.is_cut_after)
            or any(word.stop == "…" for word in text.words[max(0, start - 1) : end])
        ):
            return True
    return False


def _may_be_half(half: Word, whole: Word) -> bool:
    """Whether a word is how another one begins, and so may be what a cut has left of it."""
    return not half.is_number and whole.surface.startswith(half.surface)


def _limits_of(a: Reading, b: Reading, edit: Edit) -> Iterator[tuple[Reading, _Limit]]:
    is_cut = _is_cut(a, b, edit)
    for text, start, end in ((a, edit.a_start, edit.a_end), (b, edit.b_start, edit.b_end)):
        while start < end:
            last = min(text.sentence_of(start)[1], end)
            strength = _exception_strength(text.forms[start:last])
            if strength is not None:
                yield text, _Limit(start, last, strength)
            elif is_cut and not _difference_words("condition_if_cut").isdisjoint(map(base_of, text.forms[start:last])):
                yield text, _Limit(start, last, False)
            start = last


def _inner(passages: Sequence[Edit]) -> Literal["one", "other"] | None:
    """Which text only leaves passages out."""
    if all(edit.a_start == edit.a_end for edit in passages):
        return "one"
    return "other" if all(edit.b_start == edit.b_end for edit in passages) else None


def _is_at_either_end(a: Reading, b: Reading, edit: Edit) -> bool:
    return edit.a_start == edit.b_start == 0 or (edit.a_end == len(a.words) and edit.b_end == len(b.words))


def _has_context(a: Reading, b: Reading, edit: Edit) -> bool:
    """Whether what surrounds an edit is the same in both, so that the words replace each other."""
    needed = 1 if _weight(a, b, edit) > 1 else CONTEXT
    left = edit.left >= needed or edit.a_start == edit.left or edit.b_start == edit.left
    right = edit.right >= needed or edit.a_end + edit.right == len(a.words) or edit.b_end + edit.right == len(b.words)
    return left and right


def _weight(a: Reading, b: Reading, edit: Edit) -> int:
    """How surely an edit changes what is said: 3 for a negation or number, 2 for other listed words, 1 for any."""
    words = [*a.words[edit.a_start : edit.a_end], *b.words[edit.b_start : edit.b_end]]
    listed = _listed()
    weights = [3 if word.is_number else listed.get(base_of(word.form), 2 if word.is_name else 1) for word in words]
    return max(weights, default=1)


@cache
def _listed() -> dict[str, int]:
    names = ("condition", "unit", "pronoun", "preposition", "conjunction", "frequency", "quantifier", "modal")
    listed = dict.fromkeys(frozenset().union(*map(_difference_words, names)), 2)
    return listed | dict.fromkeys(_difference_words("negation"), 3)


def _is_rewording(a: Reading, b: Reading, edit: Edit) -> bool:
    """Whether the two sides are listed as usual rewording, or in a long text may be one word once misspelt."""
    for wider_left, wider_right in ((0, 0), (1, 0), (0, 1)):
        if wider_left > edit.left or wider_right > edit.right:
            continue
        old = _surfaces(a, edit.a_start - wider_left, edit.a_end + wider_right)
        new = _surfaces(b, edit.b_start - wider_left, edit.b_end + wider_right)
        if not wider_left + wider_right:
            while old and new and old[-1] == new[-1]:
                old, new = old[:-1], new[:-1]
        one = _rewordings().get(_loose(" ".join(old)))
        if one and not one.isdisjoint(_rewordings().get(_loose(" ".join(new)), ())):
            return True
    old_words, new_words = a.words[edit.a_start : edit.a_end], b.words[edit.b_start : edit.b_end]
    if _is_opening(a, b, edit):
        return True
    is_too_long_to_prove = max(len(a.words), len(b.words)) > SHORT
    return is_too_long_to_prove and len(old_words) == len(new_words) and all(map(_is_loosely_one, old_words, new_words))


def _may_be_slips(a: Reading, b: Reading, edit: Edit) -> bool:
    """Whether every word of an edit may be the other one but for a slip that made another word: "form", "from"."""
    old, new = a.words[edit.a_start : edit.a_end], b.words[edit.b_start : edit.b_end]
    if len(old) != len(new) or _weight(a, b, edit) > 2:
        return False
    one, other = ([word.surface.translate(LOOKALIKES) for word in side] for side in (old, new))
    pairs = list(zip(one, other, strict=True))
    return all(is_one_slip(*pair) or is_one_slip(*pair[::-1]) for pair in pairs)


def _may_be_misspelt(a: Reading, b: Reading, edit: Edit) -> bool:
    """Whether an edit replaces a word by none that exists, which may be a slip in it, be it as short as a name."""
    old, new = a.words[edit.a_start : edit.a_end], b.words[edit.b_start : edit.b_end]
    return len(old) == len(new) == 1 and may_be_slip(old[0], new[0])


def _are_moved(a: Reading, b: Reading, edits: Sequence[Edit]) -> bool:
    """Whether what one text alone has at one place the other has at another: a clause that moved, perhaps reworded.

    Words that moved alone may have changed their part in the sentence: who does it to whom.
    """
    longest = max(max(edit.a_end - edit.a_start, edit.b_end - edit.b_start) for edit in edits)
    if longest < MOVED or min(len(a.words), len(b.words)) <= SHORT // 2:
        return False
    sides = (
        [word for edit in edits for word in a.words[edit.a_start : edit.a_end]],
        [word for edit in edits for word in b.words[edit.b_start : edit.b_end]],
    )
    one, other = (Counter(_loose_meaning(word.form) for word in side) for side in sides)
    if (one & other).total() < COMMON * max(one.total(), other.total()):
        return False
    extra = (one - other) + (other - one)
    return not any(
        _loose_meaning(word.form) in extra and (word.is_number or word.is_name or base_of(word.form) in _listed())
        for side in sides
        for word in side
    )


def _is_opening(a: Reading, b: Reading, edit: Edit) -> bool:
    """Whether one text alone has words that often open a sentence and add little: "In general, "."""
    old, new = a.words[edit.a_start : edit.a_end], b.words[edit.b_start : edit.b_end]
    extra = old or new
    return not (old and new) and extra[0].opens and tuple(word.form for word in extra) in _openings()


@cache
def _openings() -> frozenset[tuple[str, ...]]:
    return frozenset(read(phrase).forms for phrase in rules()["reworded"]["openings"])


def _surfaces(text: Reading, start: int, end: int) -> list[str]:
    return " ".join(word.surface for word in text.words[start:end]).split()


def _is_loosely_one(old: Word, new: Word) -> bool:
    """Whether two words are one, are listed as rewording, or may be one with a letter swapped, doubled or missing."""
    if old.is_number or new.is_number:
        return old.form == new.form
    if are_one_word(old, new) or _loose_meaning(old.form) == _loose_meaning(new.form):
        return True
    one, other = old.surface, new.surface
    if old.is_name or new.is_name or not (one.isalpha() and other.isalpha()):
        return is_swapped_or_doubled(one, other)
    if base_of(old.form) in _listed() or base_of(new.form) in _listed():
        return False
    return is_one_slip(one, other) or is_one_slip(other, one)


@cache
def _rewordings() -> dict[str, frozenset[int]]:
    lines: dict[str, set[int]] = {}
    for number, line in enumerate(rules()["reworded"]["words"].strip().splitlines()):
        for phrase in line.split(","):
            lines.setdefault(_loose(phrase.strip()), set()).add(number)
    return {phrase: frozenset(numbers) for phrase, numbers in lines.items()}


@lru_cache(maxsize=1 << 14)
def _loose(phrase: str) -> str:
    return " ".join(base_of(form) for form in read(phrase).forms)


def _against(a: Reading, b: Reading, edit: Edit) -> str:
    """What sets two texts apart, in a sentence."""
    return f"Alike, but {_both(a, b, edit)}."


def _both(a: Reading, b: Reading, edit: Edit) -> str:
    """Both texts around an edit."""
    one = _quoted(a, edit.a_start - 1, edit.a_end + 1)
    other = _quoted(b, edit.b_start - 1, edit.b_end + 1)
    return f"“{one}” in one and “{other}” in the other"


def _quoted(text: Reading, start: int, end: int) -> str:
    """The text from word to word, shortened."""
    start, end = max(0, start), min(len(text.words), end)
    quoted = " ".join(text.quote(start, end).split())
    words = quoted.split(" ")
    return quoted if len(words) <= 14 else " ".join(words[:14]) + " …"
