"""What an answer tells of itself for others to be found by: kept from run to run, so that only new answers are signed.

A signature depends on the answer alone. Who is found by it is a join (`sql/duplicates`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.duplicates.answers import may_be_cut
from pipeline.duplicates.containment import RUN, run_codes
from pipeline.duplicates.in_memory.postings import MIX, Codes, Numbers, run_starts
from pipeline.duplicates.in_memory.tokens import Tokens, tokenise
from pipeline.duplicates.vocabulary import function_words
from pipeline.text.keys import answer_key

__all__ = ["ASKING", "hash64", "sign"]

ASKING = 16  # phrases of an answer that look for others (`sql/duplicates/limits.sql`)
SAMPLE = 1 << 30  # of 2**32: phrases that others can find an answer by, a quarter, so that a part finds its whole

_Places = npt.NDArray[np.int64]


def sign(hashes: pa.Array, keys: Sequence[str], texts: Sequence[str]) -> pa.Table:
    """A row for each answer: answer_hash (as given), and its signature.

    keys: none empty, as `answer_key` makes them of `texts`, the cleaned answers.
    words, length: of the key, in words and characters. is_cut: the text may stop in the middle of its last word.
    runs: its runs of five words; half_run: the one that may end in half a word, if it stands nowhere else in it.
    phrases: pairs of neighbouring words that say something, the smallest first: a quarter of them and at least 16.
    openings: how its lines begin, five words each. All as numbers of 32 bits, each once; two in four billion that
    differ count as one, and what was found by them is looked at itself.
    """
    tokens = tokenise(keys)
    word = np.fromiter(map(_of_word, tokens.vocabulary), np.uint64, len(tokens.vocabulary))
    runs, ending = _runs(tokens, word)
    is_cut = [may_be_cut(text) for text in texts]
    return pa.table(
        {
            "answer_hash": hashes,
            "words": pa.array(tokens.sizes, pa.int32()),
            "length": pa.array(np.fromiter(map(len, keys), np.int32, len(keys))),
            "is_cut": pa.array(is_cut),
            "half_run": pa.array(ending, pa.uint32(), mask=~np.array(is_cut, dtype=bool) | (ending < 0)),
            "runs": runs,
            "phrases": _phrases(tokens, word),
            "openings": pa.array([_openings(text, key) for text, key in zip(texts, keys, strict=True)], _NUMBERS),
        }
    )


_NUMBERS = pa.list_(pa.uint32())


def hash64(word: str) -> int:
    """A number for a text, the same on every machine."""
    return int.from_bytes(blake2b(word.encode("utf8", "surrogatepass"), digest_size=8).digest(), "little")


_of_word = lru_cache(maxsize=1 << 16)(hash64)  # most words of one block of answers stand in the next one, too


def _runs(tokens: Tokens, word: Codes) -> tuple[pa.Array, _Places]:
    """The runs of five words of each text; and its last one, -1 where it has none or more than one such."""
    text, code = run_codes(tokens.text, word[tokens.code])
    code >>= np.uint64(32)
    is_last = np.append(text[1:] != text[:-1], True)[: len(text)]
    ending = np.full(len(tokens.sizes), -1, dtype=np.int64)
    ending[text[is_last]] = code[is_last]
    often = np.bincount(text[code == ending[text].astype(np.uint64)], minlength=len(ending))
    ending[often != 1] = -1
    return _lists(*_distinct(text, code), len(tokens.sizes)), ending


def _phrases(tokens: Tokens, word: Codes) -> pa.Array:
    """The phrases of each text that others can find it by."""
    empty = function_words()
    says = np.array([word not in empty for word in tokens.vocabulary], dtype=bool)[tokens.code]
    follows = (tokens.text[:-1] == tokens.text[1:]) & (says[:-1] | says[1:])
    first, second = word[tokens.code[:-1][follows]], word[tokens.code[1:][follows]]
    code = (((first ^ (first >> np.uint64(29))) * MIX + second) * MIX) >> np.uint64(32)
    text, code = _distinct(tokens.text[:-1][follows], code)
    starts = np.searchsorted(text, np.arange(len(tokens.sizes)))
    rank = np.arange(len(text)) - starts[text]
    is_kept = (code < SAMPLE) | (rank < ASKING)
    return _lists(text[is_kept], code[is_kept], len(tokens.sizes))


def _distinct(text: Numbers, code: Codes) -> tuple[Numbers, Codes]:
    """Each code of a text once, sorted by text and code; codes of 32 bits."""
    # the texts stand in order already, so that a stable sort has half the work of another
    packed = np.sort((text.astype(np.uint64) << np.uint64(32)) | code, kind="stable")
    packed = packed[run_starts(packed)]
    return (packed >> np.uint64(32)).astype(np.int64), packed & np.uint64(0xFFFFFFFF)


def _lists(text: Numbers, code: Codes, texts: int) -> pa.Array:
    """The codes of each text as a list."""
    bounds = np.searchsorted(text, np.arange(texts + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(bounds), pa.array(code.astype(np.uint32)))


def _openings(text: str, key: str) -> list[int]:
    """How the lines of a text begin: their first five words."""
    lines = [answer_key(line) for line in text.split("\n")] if "\n" in text else [key]
    return sorted({hash64(" ".join(line.split(maxsplit=RUN)[:RUN])) >> 32 for line in lines if line})
