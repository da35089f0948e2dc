"""Splits many texts into words at once, as numbers; a call for each word takes five times as long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.duplicates.vocabulary import MOST_WORDS, words_of

__all__ = ["MIX", "Codes", "Numbers", "Tokens", "tokenise"]

Codes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.signedinteger[Any]]

MIX = np.uint64(0x9E3779B97F4A7C15)  # an odd number whose multiples spread evenly over 64 bits

BLOCK = 20_000  # texts split at a time: 30 MB of answers; 1,000,000 answers at a time would take 2 GB


@dataclass(frozen=True)
class Tokens:
    """The words of texts in order: `text` (ascending) and `code` of each word; `vocabulary`: the word of each code.

    sizes: words of each text.
    """

    text: Numbers
    code: Numbers
    vocabulary: Sequence[str]
    sizes: Numbers


def tokenise(keys: Sequence[str]) -> Tokens:
    """The words of each key, the first 200,000 of them. keys: words separated by single spaces, as `answer_key` gives.

    >>> tokens = tokenise(["rest and sleep", "sleep"])
    >>> tokens.text.tolist(), [tokens.vocabulary[code] for code in tokens.code], tokens.sizes.tolist()
    ([0, 0, 0, 1], ['rest', 'and', 'sleep', 'sleep'], [3, 1])
    """
    blocks = [_words(keys[start : start + BLOCK]) for start in range(0, len(keys), BLOCK)] or [_words([])]
    words = pa.chunked_array([words for words, _ in blocks]).unify_dictionaries()
    sizes = np.concatenate([sizes for _, sizes in blocks])
    code = np.concatenate([chunk.indices.to_numpy() for chunk in words.chunks])
    text = np.repeat(np.arange(len(keys), dtype=np.int32), sizes)
    return Tokens(text, code, words.chunk(0).dictionary.to_pylist(), sizes)


def _words(keys: Sequence[str]) -> tuple[pa.DictionaryArray, npt.NDArray[np.int64]]:
    """The words of these keys one after the other, and how many each has."""
    shortened = [key if len(key) <= MOST_WORDS else " ".join(words_of(key)) for key in keys]
    lists = pc.split_pattern(pa.array([key or None for key in shortened], pa.large_string()), " ")
    sizes = pc.fill_null(pc.list_value_length(lists), 0)
    return lists.flatten().dictionary_encode(), sizes.to_numpy().astype(np.int64)
