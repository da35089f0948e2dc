"""The kernels of the stage: pure functions from a block of rows to a block of rows.

Each result depends on the texts of its row alone, so it stays in the cache from run to run.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import pyarrow as pa

from pipeline.duplicates.answers import near_answers, repeats_lines, shortened
from pipeline.duplicates.containment import is_in
from pipeline.duplicates.question_intent import read_question
from pipeline.duplicates.signatures import hash64, sign
from pipeline.limits import SENTENCE_WORDS
from pipeline.storage.ids import identify
from pipeline.text.keys import answer_key, content_key
from pipeline.text.sentences import split_sentences

__all__ = ["compare_by_line", "compare_words", "name_contents", "read_questions", "sign_all", "split_all"]

COMPARABLE = 0.5  # share of the shorter answer's words; near copies share .85 of them in order, conflicts .6
BY_LINE = "Line by line, this text without a question repeats the answer."

_RELATION = pa.schema(
    {
        "a_hash": pa.uint64(),
        "b_hash": pa.uint64(),
        "kind": pa.string(),
        "score": pa.float64(),
        "reason": pa.string(),
        "inner_hash": pa.uint64(),
    }
)
_SENTENCE = pa.schema(
    {"answer_hash": pa.uint64(), "sentence_hash": pa.uint64(), "words": pa.int32(), "sentence": pa.string()}
)
_QUESTION = pa.schema(
    {"question_hash": pa.uint64()}
    | dict.fromkeys(["question_key", "question_id", "need_hash", "meaning_hash"], pa.string())
)
_CONTENT = pa.schema(
    {"question_hash": pa.uint64(), "answer_hash": pa.uint64(), "qa_id": pa.string(), "content_key": pa.string()}
)


def sign_all(answers: pa.Table) -> pa.Table:
    """The signatures of answers (answer_hash, text_hash, answer_key, answer), as `sign` gives them, and text_hash."""
    keys, texts = answers["answer_key"].to_pylist(), answers["answer"].to_pylist()
    signed = sign(answers["answer_hash"].combine_chunks(), keys, texts)
    return signed.append_column("text_hash", answers["text_hash"])


def compare_words(pairs: pa.Table) -> pa.Table:
    """The near copies and conflicts among pairs of answers (a_hash, b_hash, a_key, b_key), as rows of relations."""
    hashes = list(zip(pairs["a_hash"].to_pylist(), pairs["b_hash"].to_pylist(), strict=True))
    both = list(zip(pairs["a_key"].to_pylist(), pairs["b_key"].to_pylist(), strict=True))
    comparable = [row for row, pair in enumerate(both) if _is_comparable(*sorted(pair))]
    keys = [key for row in comparable for key in sorted(both[row])]
    found = near_answers(keys, ((2 * pair, 2 * pair + 1) for pair in range(len(comparable))))
    rows = []
    for first, _, kind, score, reason, inner in found.itertuples(index=False):
        row = comparable[first // 2]
        hash_of = dict(zip(both[row], hashes[row], strict=True))
        rows.append((*hashes[row], kind, score, reason, hash_of[keys[inner]] if inner >= 0 else None))
    return _table(rows, _RELATION)


def _is_comparable(a: str, b: str) -> bool:
    """Whether two answers share enough words to be near copies, and neither contains the other."""
    one, other = _distinct_words(a), frozenset(b.split())
    return len(one & other) >= COMPARABLE * min(len(one), len(other)) and not is_in(*sorted((a, b), key=len))


@lru_cache(maxsize=1)  # pairs are sorted by their texts, so that many in a row have the same first text
def _distinct_words(key: str) -> frozenset[str]:
    return frozenset(key.split())


def compare_by_line(pairs: pa.Table) -> pa.Table:
    """The pairs of answers (a_hash, b_hash, a_text, b_text) that repeat each other line by line, as relations."""
    rows = [
        (a_hash, b_hash, "orphan_matches_answer", 0.85, BY_LINE, None)
        for a_hash, b_hash, a, b in _rows(pairs, "a_hash", "b_hash", "a_text", "b_text")
        if repeats_lines(a, b)
    ]
    return _table(rows, _RELATION)


def split_all(answers: pa.Table) -> pa.Table:
    """The sentences of 8 words and more of answers (answer_hash, answer), each once."""
    rows = []
    for answer_hash, text in _rows(answers, "answer_hash", "answer"):
        for key in sorted({answer_key(text[start:end]) for start, end in split_sentences(text)}):
            words = key.count(" ") + 1
            if words >= SENTENCE_WORDS:
                rows.append((answer_hash, hash64(key), words, shortened(key)))
    return _table(rows, _SENTENCE)


def read_questions(questions: pa.Table) -> pa.Table:
    """What questions (question_hash, question_key) ask: question_id, and digests of their need and of all they ask."""
    rows = []
    for question_hash, key in _rows(questions, "question_hash", "question_key"):
        asked = read_question(key)
        scope = sorted(asked.scope or asked.general)
        need = _digest(repr((asked.demand, asked.need))) if asked.need else None
        everything = (asked.demand, asked.modality, asked.need, sorted(asked.scope), scope)
        meaning = _digest(repr(everything)) if asked.need else None
        rows.append((question_hash, key, f"q_{_digest(key)}", need, meaning))
    return _table(rows, _QUESTION)


def name_contents(contents: pa.Table) -> pa.Table:
    """The names of contents (question_hash, answer_hash, question_key, answer_key): qa_id and content_key."""
    rows = [
        (question_hash, answer_hash, identify("qa_", question, answer or ""), content_key(question, answer))
        for question_hash, answer_hash, question, answer in _rows(
            contents, "question_hash", "answer_hash", "question_key", "answer_key"
        )
    ]
    return _table(rows, _CONTENT)


def _digest(text: str) -> str:
    return blake2b(text.encode("utf8", "surrogatepass"), digest_size=8).hexdigest()


def _rows(table: pa.Table, *names: str) -> zip[tuple]:  # type: ignore[type-arg]
    return zip(*(table[name].to_pylist() for name in names), strict=True)


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema)
