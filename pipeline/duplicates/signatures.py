"""Computes the signature of an answer: the shingles, bigrams and line starts by which related answers are found.

A signature depends on the answer alone, so it stays in the cache from run to run. Which answers share a part of their
signatures is a join (`sql/duplicates`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.duplicates.containment import shingle_codes
from pipeline.duplicates.tokens import MIX, Codes, Numbers, Tokens, tokenise
from pipeline.duplicates.vocabulary import FUNCTION_WORDS
from pipeline.limits import SEARCHING_BIGRAMS, SHINGLE_WORDS
from pipeline.text.keys import answer_key

__all__ = ["hash64", "may_end_in_half_word", "sign"]

# Bigrams with a code below this one (of 2**32) are part of every signature, so that a part of an answer finds the whole
# answer: a quarter of all bigrams.
SAMPLE = 1 << 30

_NUMBERS = pa.list_(pa.uint32())


def sign(hashes: pa.Array, keys: Sequence[str], texts: Sequence[str]) -> pa.Table:
    """A row for each answer: answer_hash (as given), and its signature.

    keys: none empty, as `answer_key` makes them of `texts`, the cleaned answers.
    words, length: of the key, in words and characters. is_cut: the text may end in the middle of its last word.
    shingles: every five words in a row. cut_shingle: the last one if it may end in half a word and occurs only once.
    bigrams: pairs of neighbouring words of which at least one is no function word; a quarter of them by code, and at
    least the 16 with the smallest codes. line_starts: the first five words of each line. All are numbers of 32 bits,
    each once and ascending; two in four billion that differ have one number, so whatever they find is compared by text.
    """
    tokens = tokenise(keys)
    word = np.fromiter(map(_word_code, tokens.vocabulary), np.uint64, len(tokens.vocabulary))
    shingles, last = _shingles(tokens, word)
    is_cut = [may_end_in_half_word(text) for text in texts]
    return pa.table(
        {
            "answer_hash": hashes,
            "words": pa.array(tokens.sizes, pa.int32()),
            "length": pa.array(np.fromiter(map(len, keys), np.int32, len(keys))),
            "is_cut": pa.array(is_cut),
            "cut_shingle": pa.array(last, pa.uint32(), mask=~np.array(is_cut, dtype=bool) | (last < 0)),
            "shingles": shingles,
            "bigrams": _sampled_bigrams(tokens, word),
            "line_starts": pa.array([_line_starts(text, key) for text, key in zip(texts, keys, strict=True)], _NUMBERS),
        }
    )


def may_end_in_half_word(text: str) -> bool:
    """Whether a text may stop in the middle of its last word.

    >>> may_end_in_half_word("he or she may b..."), may_end_in_half_word("and so on ...")
    (True, False)
    """
    end = text[-200:].rstrip()
    return end.endswith(("…", "...")) and end.rstrip(".…")[-1:].isalnum()


def hash64(word: str) -> int:
    """A number for a text, the same on every machine."""
    return int.from_bytes(blake2b(word.encode("utf8", "surrogatepass"), digest_size=8).digest(), "little")


_word_code = lru_cache(maxsize=1 << 16)(hash64)  # most words of one block of answers occur in the next one, too


def _shingles(tokens: Tokens, word: Codes) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """The shingles of each text; and its last one, -1 where it has none or where it occurs more than once."""
    text, code = shingle_codes(tokens.text, word[tokens.code])
    code >>= np.uint64(32)
    is_last = np.append(text[1:] != text[:-1], True)[: len(text)]
    last = np.full(len(tokens.sizes), -1, dtype=np.int64)
    last[text[is_last]] = code[is_last]
    count = np.bincount(text[code == last[text].astype(np.uint64)], minlength=len(last))
    last[count != 1] = -1
    return _lists(*_distinct(text, code), len(tokens.sizes)), last


def _sampled_bigrams(tokens: Tokens, word: Codes) -> pa.Array:
    """The bigrams of each text by which other texts can find it."""
    function = FUNCTION_WORDS
    is_content = np.array([word not in function for word in tokens.vocabulary], dtype=bool)[tokens.code]
    is_bigram = (tokens.text[:-1] == tokens.text[1:]) & (is_content[:-1] | is_content[1:])
    first, second = word[tokens.code[:-1][is_bigram]], word[tokens.code[1:][is_bigram]]
    code = (((first ^ (first >> np.uint64(29))) * MIX + second) * MIX) >> np.uint64(32)
    text, code = _distinct(tokens.text[:-1][is_bigram], code)
    starts = np.searchsorted(text, np.arange(len(tokens.sizes)))
    rank = np.arange(len(text)) - starts[text]
    is_used = (code < SAMPLE) | (rank < SEARCHING_BIGRAMS)
    return _lists(text[is_used], code[is_used], len(tokens.sizes))


def _distinct(text: Numbers, code: Codes) -> tuple[Numbers, Codes]:
    """Each code of a text once, sorted by text and code; codes of 32 bits."""
    # a stable sort uses that the texts are in order already, which halves its work
    packed = np.sort((text.astype(np.uint64) << np.uint64(32)) | code, kind="stable")
    packed = packed[np.append(True, packed[1:] != packed[:-1])[: len(packed)]]
    return (packed >> np.uint64(32)).astype(np.int64), packed & np.uint64(0xFFFFFFFF)


def _lists(text: Numbers, code: Codes, texts: int) -> pa.Array:
    """The codes of each text as a list."""
    bounds = np.searchsorted(text, np.arange(texts + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(bounds), pa.array(code.astype(np.uint32)))


def _line_starts(text: str, key: str) -> list[int]:
    """The first five words of each line of a text, as numbers."""
    lines = [answer_key(line) for line in text.split("\n")] if "\n" in text else [key]
    starts = (" ".join(line.split(maxsplit=SHINGLE_WORDS)[:SHINGLE_WORDS]) for line in lines if line)
    return sorted({hash64(start) >> 32 for start in starts})
