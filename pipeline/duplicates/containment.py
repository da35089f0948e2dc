"""Says whether one text contains another, word by word, and computes shingles, by which such pairs are found."""

from __future__ import annotations

import numpy as np

from pipeline.duplicates.tokens import MIX, Codes, Numbers
from pipeline.limits import SHINGLE_WORDS

__all__ = ["is_passage_in", "shingle_codes"]


def is_passage_in(part_key: str, whole_key: str) -> bool:
    """Whether `whole` contains or equals `part`, on word boundaries; a part has at least five words.

    >>> is_passage_in("two days after the visit", "call us two days after the visit or later")
    True
    >>> is_passage_in("two days", "call us two days after the visit or later")
    False
    """
    return part_key.count(" ") >= SHINGLE_WORDS - 1 and f" {part_key} " in f" {whole_key} "


def shingle_codes(text: Numbers, words: Codes) -> tuple[Numbers, Codes]:
    """The shingles of texts, every five words in a row: the text of each shingle, and a code made of its words.

    text: the text of each word, ascending. words: a code for each word. Different shingles may have one code; whoever
    needs to be sure compares the texts.
    """
    count = max(0, len(words) - SHINGLE_WORDS + 1)
    code = words[:count].copy()
    for offset in range(1, SHINGLE_WORDS):  # wraps around at 2**64 on purpose
        code = (code ^ (code >> np.uint64(29))) * MIX + words[offset : offset + count]
    is_whole = text[:count] == text[len(text) - count :]
    return text[:count][is_whole], code[is_whole]
