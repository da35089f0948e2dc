"""How two answers relate: equal, contained, near copies, in conflict, or with a sentence in common.

Works on distinct texts, so that a text on a million pages is compared once. Candidates come from shared runs of
words, never from all pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.clean import answer_key
from pipeline.sentences import split_sentences

__all__ = ["Answers", "compare_answers", "distinct_answers"]

RUN = 5  # words: guidelines, section 4: a contained answer is at least 5 words long
SENTENCE = 8  # words: guidelines, section 4: an overlap is a whole sentence of 8 or more words
HOT = 200  # texts that share a run or a sentence; contract: above 200 members each is paired with the canonical one
COLUMNS = ["a", "b", "kind", "score", "reason", "inner"]
CUT_MARKS = ("…", "...")

Ints = np.ndarray  # of int64, one-dimensional


@dataclass(frozen=True)
class Answers:
    """Distinct answers to compare, sorted: `keys` (none empty), the cleaned `texts`, and whether an orphan says it."""

    keys: Sequence[str]
    texts: Sequence[str]
    is_orphan: Sequence[bool]

    def numbers(self, keys: pd.Series) -> pd.Series:
        """The number of each of these keys; -1 for null, and for a key without a word."""
        numbers = pd.Series(range(len(self.keys)), index=pd.Index(self.keys, dtype=object))
        return keys.map(numbers).fillna(-1).astype(int)

    def is_cut_inside_word(self, number: int) -> bool:
        """Whether the text may stop in the middle of its last word ("he or she may b...")."""
        text = self.texts[number].rstrip()
        return text.endswith(CUT_MARKS) and text.rstrip(".…")[-1:].isalnum()


@dataclass(frozen=True)
class Words:
    """The words of many texts as numbers, in one array: text `i` is `codes[starts[i]:starts[i + 1]]`."""

    codes: Ints
    starts: Ints

    @classmethod
    def of(cls, keys: Sequence[str]) -> Words:
        split = [key.split() for key in keys]
        starts = np.zeros(len(split) + 1, dtype=np.int64)
        np.cumsum([len(words) for words in split], out=starts[1:])
        flat = np.array([word for words in split for word in words], dtype=object)
        codes = pd.factorize(flat)[0] if len(flat) else np.zeros(0, dtype=np.int64)
        return cls(codes.astype(np.int64), starts)

    def runs(self, length: int) -> tuple[Ints, Ints]:
        """Each run of `length` words as (text, code), in text order; equal runs have equal codes."""
        count = len(self.codes) - length + 1
        if count <= 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        code = self.codes[:count].astype(np.uint64)
        for offset in range(1, length):  # wraps around at 2**64 on purpose; what matters is checked on the text
            code = code * np.uint64(0x9E3779B97F4A7C15) + self.codes[offset : offset + count].astype(np.uint64)
        text = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        is_whole = text[:count] == text[length - 1 :]
        return text[:count][is_whole], pd.factorize(code[is_whole])[0]


def distinct_answers(frame: pd.DataFrame) -> Answers:
    """Each answer once. frame: answer (cleaned), answer_key (null when unanswered), is_orphan (null: it is none)."""
    frame = frame[frame["answer_key"].fillna("") != ""]
    is_orphan = frame["is_orphan"].eq(True) if "is_orphan" in frame else pd.Series(False, index=frame.index)
    frame = frame.assign(is_orphan=is_orphan)
    orphans = set(frame.loc[is_orphan, "answer_key"])
    first = frame.sort_values(["answer_key", "answer"]).drop_duplicates("answer_key")
    return Answers(
        first["answer_key"].tolist(), first["answer"].tolist(), [key in orphans for key in first["answer_key"]]
    )


def compare_answers(answers: Answers) -> pd.DataFrame:
    """Related pairs of answers: a, b (numbers, a < b), kind, score, reason, inner (the one that is a part, or -1).

    Each pair once, under the first kind that fits: answer_contained, orphan_matches_answer (line by line; one side is
    an orphan), answer_overlap.
    """
    parts = [_contained(answers), _orphan_lines(answers), _overlapping(answers)]
    found = pd.concat(parts, ignore_index=True).drop_duplicates(["a", "b"])
    return found.sort_values(["a", "b"], ignore_index=True)


def _contained(answers: Answers) -> pd.DataFrame:
    found = contained_answers(answers)
    lengths = [key.count(" ") + 1 for key in answers.keys]
    rows = [
        (
            min(inner, outer),
            max(inner, outer),
            "answer_contained",
            0.9 + 0.1 * lengths[inner] / lengths[outer],
            f"The shorter answer ({lengths[inner]} words) is the {position} of the longer one ({lengths[outer]} words)"
            + (", but for its last word, which is cut off." if is_cut else "."),
            inner,
        )
        for inner, outer, is_cut, position in found.itertuples(index=False)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _overlapping(answers: Answers) -> pd.DataFrame:
    found = overlapping_answers(answers)
    words = [key.count(" ") + 1 for key in answers.keys]
    rows = [
        (
            a,
            b,
            "answer_overlap",
            min(1.0, shared / min(words[a], words[b])),
            f"The answers share {_counted(sentences)}: “{_shortened(sentence)}”.",
            -1,
        )
        for a, b, sentences, shared, sentence in found.itertuples(index=False)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _counted(sentences: int) -> str:
    return "a sentence" if sentences == 1 else f"{sentences} sentences"


def _shortened(text: str) -> str:
    """The text, or its first words when it is long."""
    words = text.split()
    return text if len(words) <= 12 else " ".join(words[:12]) + " …"


def _orphan_lines(answers: Answers) -> pd.DataFrame:
    """Orphans that repeat an answer line by line: every line of the one is in, or holds, a line of the other."""
    lines = [[key for line in text.split("\n") if (key := answer_key(line))] for text in answers.texts]
    opened: dict[str, set[int]] = {}
    for number, keys in enumerate(lines):
        if answers.is_orphan[number]:
            continue
        for key in keys:
            opened.setdefault(" ".join(key.split()[:RUN]), set()).add(number)
    rows = []
    for orphan, keys in enumerate(lines):
        if not answers.is_orphan[orphan]:
            continue
        near = set().union(*(opened.get(" ".join(key.split()[:RUN]), ()) for key in keys))
        for answer in near - {orphan}:
            if _repeats(keys, lines[answer]) or _repeats(lines[answer], keys):
                a, b = sorted((orphan, answer))
                rows.append(
                    (
                        a,
                        b,
                        "orphan_matches_answer",
                        0.85,
                        "Line by line, this text without a question repeats the answer.",
                        -1,
                    )
                )
    return pd.DataFrame(rows, columns=COLUMNS)


def _repeats(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether each of these lines equals, holds or is in one of the others; of a line of under 5 words, only equals."""
    return all(any(line == other or _is_in(line, other) or _is_in(other, line) for other in others) for line in some)


def _is_in(part: str, whole: str) -> bool:
    return part.count(" ") >= RUN - 1 and f" {part} " in f" {whole} "


def contained_answers(answers: Answers) -> pd.DataFrame:
    """Pairs where the one key is a part of the other, on word boundaries: inner, outer, is_cut, position.

    `is_cut`: only so because the inner text breaks off inside its last word. Position is `beginning`, `end` or
    `middle`. An inner text found in more than 200 others is paired with the longest of them alone.
    """
    words = Words.of(answers.keys)
    text, run = words.runs(RUN)
    is_last = np.append(text[1:] != text[:-1], True)
    is_cut = np.array([answers.is_cut_inside_word(number) for number in range(len(answers.keys))])
    posting = pd.DataFrame({"text": text, "run": run, "may_be_partial": is_last & is_cut[text]})
    posting = posting.sort_values("may_be_partial", kind="stable").drop_duplicates(["text", "run"])
    posting["spread"] = posting["run"].map(posting["run"].value_counts())
    whole = posting[~posting["may_be_partial"]]
    anchors = whole.sort_values(["text", "spread", "run"]).drop_duplicates("text")
    lengths = np.array([len(key) for key in answers.keys])
    by_run = dict(iter(posting[posting["run"].isin(anchors["run"])].groupby("run")["text"]))
    found: list[tuple[int, int, bool, str]] = []
    for inner, anchor in zip(anchors["text"], anchors["run"], strict=True):
        hosts = [h for h in by_run[anchor] if lengths[h] > lengths[inner]]
        for outer in hosts:
            position = _position(answers, inner, outer)
            if position:
                found.append((inner, outer, *position))
    return pd.DataFrame(found, columns=["inner", "outer", "is_cut", "position"])


def _position(answers: Answers, inner: int, outer: int) -> tuple[bool, str] | None:
    """Where the one key stands in the other, and whether its last word had to be completed; None if nowhere."""
    part, whole = f" {answers.keys[inner]} ", f" {answers.keys[outer]} "
    is_cut = False
    if part not in whole:
        if not answers.is_cut_inside_word(inner) or part[:-1] not in whole:
            return None
        is_cut, part = True, part[:-1]
    if whole.startswith(part):
        return is_cut, "beginning"
    return is_cut, "end" if whole.endswith(part) else "middle"


def overlapping_answers(answers: Answers) -> pd.DataFrame:
    """Pairs that share a whole sentence of 8 or more words: a, b (a < b), sentences and words (how many), sentence (one)."""
    rows: list[tuple[int, str]] = []
    for number, text in enumerate(answers.texts):
        keys = {answer_key(text[start:end]) for start, end in split_sentences(text)}
        rows.extend((number, key) for key in keys if key.count(" ") >= SENTENCE - 1)
    shared: dict[str, list[int]] = {}
    for number, key in rows:
        shared.setdefault(key, []).append(number)
    found: dict[tuple[int, int], list[str]] = {}
    for key in sorted(shared):
        members = shared[key]
        if len(members) > HOT:
            continue
        for i, a in enumerate(members):
            for b in members[i + 1 :]:
                found.setdefault((a, b), []).append(key)
    return pd.DataFrame(
        [(a, b, len(keys), sum(key.count(" ") + 1 for key in keys), keys[0]) for (a, b), keys in sorted(found.items())],
        columns=["a", "b", "sentences", "words", "sentence"],
    )
