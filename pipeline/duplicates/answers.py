"""How two answers relate: contained, near copies, in conflict, an orphan's, or with a sentence in common.

Works on distinct texts, so that a text on a million pages is compared once. Candidates come from shared rare words
and runs of words, never from all pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np
import pandas as pd

from pipeline.clean import answer_key
from pipeline.duplicates.containment import MOST_HOSTS, RUN, find_contained, is_in, place_of, shares_a_run
from pipeline.duplicates.edits import find_difference
from pipeline.duplicates.likeness import MEASURES, Likeness, share_words
from pipeline.duplicates.pairing import pairs_within
from pipeline.duplicates.tokens import Tokens, tokenise
from pipeline.sentences import split_sentences

__all__ = [
    "Answers",
    "compare_answers",
    "contained_answers",
    "distinct_answers",
    "near_answers",
    "not_contained",
    "worth_a_look",
]

SENTENCE = 8  # words: guidelines, section 4: an overlap is a whole sentence of 8 or more words
BOILERPLATE = 60  # answers; a sentence in more of them says nothing about two of them
NEAR = 0.85  # share of the shorter answer's words that a near copy shares: all typos and added boilerplate of the
# labelled copies are above .9, answers to other questions below .8
WORTH_A_LOOK = 0.6  # share of content words; no near copy of the labelled ones is below it, 1 % of other pairs above
PART = 0.8  # of the longer answer's words: a shorter near copy is a part of it rather than its like
COMPARABLE = 0.75  # share of words; in text reworded more heavily a changed word says nothing about the meaning
SHORTEST_REWORDED = 4  # words; of labelled sentences that we take for one, 6 in 8 of 4 words are, of 3 words 5 in 11
REWORDED_PART = 0.5  # the same for rewording, which shortens too
COLUMNS = ["a", "b", "kind", "score", "reason", "inner"]
TOO_MANY = f" It is a part of more than {MOST_HOSTS} answers and listed with the longest one alone."
CUT_MARKS = ("…", "...")


@dataclass(frozen=True)
class Answers:
    """Distinct answers to compare, sorted: `keys` (none empty), the cleaned `texts`, and whether an orphan says it."""

    keys: Sequence[str]
    texts: Sequence[str]
    is_orphan: Sequence[bool]

    def numbers(self, keys: pd.Series) -> pd.Series:
        """The number of each of these keys; -1 for null, and for a key without a word."""
        return keys.map({key: number for number, key in enumerate(self.keys)}).fillna(-1).astype(int)

    @cached_property
    def tokens(self) -> Tokens:
        """The words of the keys."""
        return tokenise(self.keys)

    def may_be_cut(self) -> list[bool]:
        """For each text, whether it may stop in the middle of its last word ("he or she may b...")."""
        ends = [text[-200:].rstrip() for text in self.texts]
        return [end.endswith(CUT_MARKS) and end.rstrip(".…")[-1:].isalnum() for end in ends]


def distinct_answers(frame: pd.DataFrame) -> Answers:
    """Each answer once. frame: answer (cleaned), answer_key (null when unanswered), is_orphan (null: it is none)."""
    frame = frame[frame["answer_key"].fillna("") != ""]
    is_orphan = frame["is_orphan"].eq(True) if "is_orphan" in frame else pd.Series(False, index=frame.index)
    orphans = set(frame.loc[is_orphan, "answer_key"])
    first = frame.sort_values(["answer_key", "answer"]).drop_duplicates("answer_key")
    keys = first["answer_key"].tolist()
    return Answers(keys, first["answer"].tolist(), [key in orphans for key in keys])


def compare_answers(answers: Answers, under_one_question: pd.DataFrame) -> pd.DataFrame:
    """Related pairs of answers: a, b (numbers, a < b), kind, score, reason, inner (the one that is a part, or -1).

    Each pair once, under the first kind that fits: answer_contained, orphan_matches_answer (line by line; one side is
    an orphan), near_pair or near_conflict, answer_overlap. under_one_question: pairs a, b to look at in any case.
    """
    contained = contained_answers(answers, under_one_question)
    near = share_words(answers.tokens, WORTH_A_LOOK)
    near |= _worth_a_look_there(answers.keys, under_one_question)
    parts = [
        contained,
        _orphan_lines(answers),
        near_answers(answers.keys, not_contained(answers.keys, near, contained)),
        _overlapping(answers),
    ]
    found = pd.concat(parts, ignore_index=True).drop_duplicates(["a", "b"])
    return found.sort_values(["a", "b"], ignore_index=True)


def _table(rows: Iterable[tuple[int, int, str, float, str, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


# ---------------------------------------------------------------- contained


def contained_answers(answers: Answers, under_one_question: pd.DataFrame | None = None) -> pd.DataFrame:
    """Pairs of which the one answer is a part of the other, columns as `compare_answers` gives them.

    One that is a part of more than 200 others is paired with the longest, and with those under one question (a, b).
    """
    found = find_contained(answers.keys, answers.may_be_cut(), answers.tokens)
    words = answers.tokens.sizes.tolist()
    rows = [
        _contained(words, inner, outer, position, is_cut, TOO_MANY if hosts > MOST_HOSTS else "")
        for inner, outer, is_cut, position, hosts in found.itertuples(index=False)
    ]
    crowded = set(found.loc[found["hosts"] > MOST_HOSTS, "inner"])
    if crowded and under_one_question is not None:
        pairs = under_one_question[under_one_question["a"].isin(crowded) | under_one_question["b"].isin(crowded)]
        for a, b in zip(pairs["a"].tolist(), pairs["b"].tolist(), strict=True):
            inner, outer = (a, b) if len(answers.keys[a]) < len(answers.keys[b]) else (b, a)
            if inner in crowded and (position := place_of(answers.keys[inner], answers.keys[outer])):
                rows.append(_contained(words, inner, outer, position, False, TOO_MANY))
    return _table(rows).drop_duplicates(["a", "b"], ignore_index=True)


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


def _orphan_lines(answers: Answers) -> pd.DataFrame:
    """Orphans that repeat an answer line by line: every line of the one is in, or holds, a line of the other."""
    if not any(answers.is_orphan):
        return _table([])
    lines = [[key for line in text.split("\n") if (key := answer_key(line))] for text in answers.texts]
    opened: dict[str, set[int]] = {}
    for number, keys in enumerate(lines):
        for key in keys:
            opened.setdefault(" ".join(key.split()[:RUN]), set()).add(number)
    rows = []
    for orphan in np.flatnonzero(answers.is_orphan).tolist():
        near = set().union(*(opened[" ".join(key.split()[:RUN])] for key in lines[orphan]))
        for answer in sorted(near - {orphan}):
            if _repeats(lines[orphan], lines[answer]) or _repeats(lines[answer], lines[orphan]):
                reason = "Line by line, this text without a question repeats the answer."
                rows.append((min(orphan, answer), max(orphan, answer), "orphan_matches_answer", 0.85, reason, -1))
    return _table(rows)


def _repeats(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether each of these lines equals, holds or is in one of the others; of a line of under 5 words, only equals."""
    return all(any(line == other or is_in(line, other) or is_in(other, line) for other in others) for line in some)


# ---------------------------------------------------------------- near copies


def worth_a_look(likeness: Likeness) -> set[tuple[int, int]]:
    """Pairs that share most of the shorter one's content words."""
    alike = likeness.measures[:, MEASURES.index("words_contained")] >= WORTH_A_LOOK
    return set(zip(likeness.a[alike].tolist(), likeness.b[alike].tolist(), strict=True))


def _worth_a_look_there(keys: Sequence[str], pairs: pd.DataFrame) -> set[tuple[int, int]]:
    """Those of the pairs that share most of the shorter one's words, whatever other answers there are."""
    words: dict[int, frozenset[str]] = {}
    found = set()
    for a, b in zip(pairs["a"].tolist(), pairs["b"].tolist(), strict=True):
        one, other = (words.setdefault(number, frozenset(keys[number].split())) for number in (a, b))
        if len(one & other) >= WORTH_A_LOOK * min(len(one), len(other)):
            found.add((a, b))
    return found


def near_answers(
    keys: Sequence[str], pairs: Iterable[tuple[int, int]], reworded: Mapping[tuple[int, int], float] | None = None
) -> pd.DataFrame:
    """Of these pairs, the near copies and those that conflict, columns as `compare_answers` gives them.

    What counts is in the two texts alone, so that other answers around them change nothing. reworded: pairs to take
    for the same answer in other words unless they conflict, and how likely they are.
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
        if difference.conflict and is_told_apart:
            yield a, b, "near_conflict", score, f"Nearly the same answer, but {difference.conflict}.", -1
        elif is_near and min(words_a, words_b) >= PART * max(words_a, words_b):
            yield a, b, "near_pair", score, "The same answer but for spelling or usual rewording.", -1
        elif min(words_a, words_b) >= (RUN if is_near else SHORTEST_REWORDED if is_reworded else inf):
            is_part = is_near or min(words_a, words_b) < REWORDED_PART * max(words_a, words_b)
            reason = "The shorter answer is the longer one with passages left out."
            reason = reason if is_near else "The same answer in other words."
            yield a, b, "near_pair", score, reason, (a if words_a < words_b else b) if is_part else -1


# ---------------------------------------------------------------- overlapping


def _overlapping(answers: Answers) -> pd.DataFrame:
    """Pairs that share a whole sentence of 8 or more words."""
    members, sentences = [], []
    for number in np.flatnonzero(shares_a_run(answers.tokens)).tolist():  # so does a sentence
        text = answers.texts[number]
        for key in sorted({answer_key(text[start:end]) for start, end in split_sentences(text)}):
            if key.count(" ") >= SENTENCE - 1:
                members.append(number)
                sentences.append(key)
    shared = pd.DataFrame({"answer": pd.Series(members, dtype="int64"), "sentence": pd.Series(sentences, dtype="str")})
    spread = shared.groupby("sentence")["answer"].transform("size")
    shared = shared[(spread > 1) & (spread <= BOILERPLATE)].reset_index(drop=True)
    pairs = pairs_within(shared["sentence"], shared["answer"])
    pairs = pd.DataFrame(
        {
            "a": shared["answer"].to_numpy()[pairs["a"]],
            "b": shared["answer"].to_numpy()[pairs["b"]],
            "sentence": shared["sentence"].to_numpy()[pairs["a"]],
        }
    )
    pairs["words"] = pairs["sentence"].str.count(" ") + 1
    found = pairs.groupby(["a", "b"]).agg(sentence=("sentence", "min"), count=("words", "size"), words=("words", "sum"))
    words = [key.count(" ") + 1 for key in answers.keys]
    return _table(
        (
            a,
            b,
            "answer_overlap",
            min(1.0, shared_words / min(words[a], words[b])),
            f"The answers share {'a sentence' if count == 1 else f'{count} sentences'}: “{_shortened(sentence)}”.",
            -1,
        )
        for (a, b), sentence, count, shared_words in found.itertuples()
    )


def _shortened(text: str) -> str:
    """The text, or its first words when it is long."""
    words = text.split()
    return text if len(words) <= 12 else " ".join(words[:12]) + " …"
