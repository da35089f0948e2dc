"""How two answers relate: contained, near copies, in conflict, or line by line.

Works on distinct texts, so that a text on a million pages is compared once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

import pandas as pd

from pipeline.duplicates.containment import is_in
from pipeline.duplicates.edits import find_difference
from pipeline.duplicates.in_memory.containment import find_contained
from pipeline.duplicates.in_memory.likeness import MEASURES, Likeness
from pipeline.duplicates.tokens import Tokens, tokenise
from pipeline.limits import LARGEST_GROUP, SHINGLE_WORDS
from pipeline.text.keys import answer_key

__all__ = [
    "Answers",
    "contained_answers",
    "distinct_answers",
    "may_be_cut",
    "near_answers",
    "not_contained",
    "repeats_lines",
    "shortened",
    "worth_a_look",
]

NEAR = 0.85  # share of the shorter answer's words that a near copy shares: all typos and added boilerplate of the
# labelled copies are above .9, answers to other questions below .8
WORTH_A_LOOK = 0.6  # share of content words; no near copy of the labelled ones is below it, 1 % of other pairs above
PART = 0.8  # of the longer answer's words: a shorter near copy is a part of it rather than its like
COMPARABLE = 0.75  # share of words; in text reworded more heavily a changed word says nothing about the meaning
SHORTEST_REWORDED = 4  # words; of labelled sentences that we take for one, 6 in 8 of 4 words are, of 3 words 5 in 11
REWORDED_PART = 0.5  # the same for rewording, which shortens too
COLUMNS = ["a", "b", "kind", "score", "reason", "inner"]
TOO_MANY = f" It is a part of more than {LARGEST_GROUP} answers and listed with the longest one alone."
CUT_MARKS = ("…", "...")


def may_be_cut(text: str) -> bool:
    """Whether a text may stop in the middle of its last word.

    >>> may_be_cut("he or she may b..."), may_be_cut("and so on ...")
    (True, False)
    """
    end = text[-200:].rstrip()
    return end.endswith(CUT_MARKS) and end.rstrip(".…")[-1:].isalnum()


@dataclass(frozen=True)
class Answers:
    """Distinct answers to compare, sorted: `keys` (none empty) and the cleaned `texts`."""

    keys: Sequence[str]
    texts: Sequence[str]

    def numbers(self, keys: pd.Series) -> pd.Series:
        """The number of each of these keys; -1 for null, and for a key without a word."""
        return keys.map({key: number for number, key in enumerate(self.keys)}).fillna(-1).astype(int)

    @cached_property
    def tokens(self) -> Tokens:
        """The words of the keys."""
        return tokenise(self.keys)

    def may_be_cut(self) -> list[bool]:
        """For each text, whether it may stop in the middle of its last word."""
        return [may_be_cut(text) for text in self.texts]


def distinct_answers(frame: pd.DataFrame) -> Answers:
    """Each answer once. frame: answer (cleaned), answer_key (null when unanswered)."""
    first: dict[str, str] = {}  # 30 ms for 20,000 answers; sorting and dropping in pandas takes 70
    for key, text in zip(frame["answer_key"].fillna("").tolist(), frame["answer"].tolist(), strict=True):
        if key and not first.get(key, text) < text:
            first[key] = text
    keys = sorted(first)
    return Answers(keys, [first[key] for key in keys])


def _table(rows: Iterable[tuple[int, int, str, float, str, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


# ---------------------------------------------------------------- contained


def contained_answers(answers: Answers) -> pd.DataFrame:
    """Pairs of which the one answer is a part of the other: a, b (numbers, a < b), kind, score, reason, inner.

    inner: the one that is a part. One that is a part of more than 200 others is paired with the longest.
    """
    found = find_contained(answers.keys, answers.may_be_cut(), answers.tokens)
    words = answers.tokens.sizes.tolist()
    return _table(
        _contained(words, inner, outer, position, is_cut, TOO_MANY if hosts > LARGEST_GROUP else "")
        for inner, outer, is_cut, position, hosts in found.itertuples(index=False)
    )


def _contained(
    words: Sequence[int], inner: int, outer: int, position: str, is_cut: bool, more: str
) -> tuple[int, int, str, float, str, int]:
    reason = f"The shorter answer ({words[inner]} words) is the {position} of the longer one ({words[outer]} words)"
    reason += ", but for its last word, which is cut off." if is_cut else "."
    score = 0.9 + 0.1 * words[inner] / words[outer]
    return min(inner, outer), max(inner, outer), "answer_contained", score, reason + more, inner


def not_contained(
    keys: Sequence[str], pairs: Iterable[tuple[int, int]], contained: pd.DataFrame
) -> list[tuple[int, int]]:
    """The pairs, sorted, of which neither answer is a part of the other, be it listed in `contained` or not."""
    rest = sorted(set(pairs) - set(zip(contained["a"], contained["b"], strict=True)))
    return [(a, b) for a, b in rest if not is_in(*sorted((keys[a], keys[b]), key=len))]


def repeats_lines(a: str, b: str) -> bool:
    """Whether every line of the one text is in, or holds, a line of the other; lines are compared by their keys.

    >>> repeats_lines("Rest for two days", "rest for two days.")
    True
    """
    one, other = ([key for line in text.split("\n") if (key := answer_key(line))] for text in (a, b))
    return _repeats(one, other) or _repeats(other, one)


def _repeats(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether each of these lines equals, holds or is in one of the others; of a line of under 5 words, only equals."""
    return all(any(line == other or is_in(line, other) or is_in(other, line) for other in others) for line in some)


# ---------------------------------------------------------------- near copies


def worth_a_look(likeness: Likeness) -> set[tuple[int, int]]:
    """Pairs that share most of the shorter one's content words."""
    alike = likeness.measures[:, MEASURES.index("words_contained")] >= WORTH_A_LOOK
    return set(zip(likeness.a[alike].tolist(), likeness.b[alike].tolist(), strict=True))


def near_answers(
    keys: Sequence[str], pairs: Iterable[tuple[int, int]], reworded: Mapping[tuple[int, int], float] | None = None
) -> pd.DataFrame:
    """Of these pairs, the near copies and those that conflict, columns as `contained_answers` gives them.

    inner: the one that is a part of the other with passages left out, or -1. What counts is in the two
    texts alone, so that other answers around them change nothing. reworded: pairs to take for
    the same answer in other words unless they conflict, and how likely they are.
    """
    return _table(_near(keys, pairs, reworded or {}))


def _near(
    keys: Sequence[str], pairs: Iterable[tuple[int, int]], reworded: Mapping[tuple[int, int], float]
) -> Iterator[tuple[int, int, str, float, str, int]]:
    for a, b in pairs:
        difference = find_difference(keys[a], keys[b])
        words_a, words_b = keys[a].count(" ") + 1, keys[b].count(" ") + 1
        is_near, is_reworded = difference.shared >= NEAR, (a, b) in reworded
        score = round(0.9 * difference.shared if is_near else 0.8 * reworded.get((a, b), 0), 4)
        is_told_apart = is_near or (is_reworded and (difference.shared >= COMPARABLE or difference.has_other_disease))
        is_told_apart |= not is_reworded and difference.edits == 1 and difference.shared >= WORTH_A_LOOK
        if is_told_apart and difference.conflict:
            yield a, b, "near_conflict", score, f"Nearly the same answer, but {difference.conflict}.", -1
        elif is_near and min(words_a, words_b) >= PART * max(words_a, words_b):
            yield a, b, "near_pair", score, "The same answer but for spelling or usual rewording.", -1
        elif min(words_a, words_b) >= (SHINGLE_WORDS if is_near else SHORTEST_REWORDED if is_reworded else inf):
            is_part = is_near or min(words_a, words_b) < REWORDED_PART * max(words_a, words_b)
            reason = "The shorter answer is the longer one with passages left out."
            reason = reason if is_near else "The same answer in other words."
            yield a, b, "near_pair", score, reason, (a if words_a < words_b else b) if is_part else -1


def shortened(text: str) -> str:
    """The text, or its first words when it is long."""
    words = text.split(maxsplit=12)
    return text if len(words) <= 12 else " ".join(words[:12]) + " …"
