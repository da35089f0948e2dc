"""What is worked out of texts and of pairs of texts, a block of rows at a time: pure functions from table to table.

Each depends on the texts it is given alone, so what it finds is kept from run to run.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import pyarrow as pa

from pipeline.duplicates.answers import SENTENCE, near_answers, repeats_lines, shortened
from pipeline.duplicates.containment import is_in
from pipeline.duplicates.question_intent import read_question
from pipeline.duplicates.signatures import hash64, sign
from pipeline.storage.ids import identify
from pipeline.text.keys import answer_key, content_key
from pipeline.text.sentences import split_sentences

__all__ = ["compare_by_line", "compare_words", "name_contents", "read_questions", "sign_all", "split_all"]

COMPARABLE = 0.5  # share of the shorter one's words; near copies share .85 of them in order, conflicts .6
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


def _digest(text: str) -> str:
    return blake2b(text.encode("utf8", "surrogatepass"), digest_size=8).hexdigest()


def sign_all(answers: pa.Table) -> pa.Table:
    """The signatures of answers (answer_hash, text_hash, answer_key, answer), as `sign` gives them, and text_hash."""
    keys, texts = answers["answer_key"].to_pylist(), answers["answer"].to_pylist()
    signed = sign(answers["answer_hash"].combine_chunks(), keys, texts)
    return signed.append_column("text_hash", answers["text_hash"])


def compare_words(pairs: pa.Table) -> pa.Table:
    """The near copies and conflicts among pairs of answers (a_hash, b_hash, a_key, b_key)."""
    hashes = list(zip(pairs["a_hash"].to_pylist(), pairs["b_hash"].to_pylist(), strict=True))
    both = list(zip(pairs["a_key"].to_pylist(), pairs["b_key"].to_pylist(), strict=True))
    worth_it = [place for place, pair in enumerate(both) if _is_comparable(*sorted(pair))]
    keys = [key for place in worth_it for key in sorted(both[place])]
    found = near_answers(keys, ((2 * turn, 2 * turn + 1) for turn in range(len(worth_it))))
    rows = []
    for first, _, kind, score, reason, inner in found.itertuples(index=False):
        place = worth_it[first // 2]
        of = dict(zip(both[place], hashes[place], strict=True))
        rows.append((*hashes[place], kind, score, reason, of[keys[inner]] if inner >= 0 else None))
    return _table(rows, _RELATION)


def _is_comparable(a: str, b: str) -> bool:
    """Whether two answers share enough words to be near, and neither is a part of the other."""
    one, other = _different_words(a), frozenset(b.split())
    return len(one & other) >= COMPARABLE * min(len(one), len(other)) and not is_in(*sorted((a, b), key=len))


@lru_cache(maxsize=1)  # pairs come sorted by their texts, and the first of them stays
def _different_words(key: str) -> frozenset[str]:
    return frozenset(key.split())


def compare_by_line(pairs: pa.Table) -> pa.Table:
    """The pairs of answers (a_hash, b_hash, a_text, b_text) that repeat each other line by line."""
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
            if words >= SENTENCE:
                rows.append((answer_hash, hash64(key), words, shortened(key)))
    names = {"answer_hash": pa.uint64(), "sentence_hash": pa.uint64(), "words": pa.int32(), "sentence": pa.string()}
    return _table(rows, pa.schema(names))


def read_questions(questions: pa.Table) -> pa.Table:
    """What questions (question_hash, question_key) ask: question_id, and digests of their need and of all they say."""
    rows = []
    for question_hash, key in _rows(questions, "question_hash", "question_key"):
        asked = read_question(key)
        scope = sorted(asked.scope or asked.general)
        need = _digest(repr((asked.demand, asked.need))) if asked.need else None
        told = (asked.demand, asked.modality, asked.need, sorted(asked.scope), scope)
        meaning = _digest(repr(told)) if asked.need else None
        rows.append((question_hash, key, f"q_{_digest(key)}", need, meaning))
    names = ["question_key", "question_id", "need_hash", "meaning_hash"]
    return _table(rows, pa.schema({"question_hash": pa.uint64(), **dict.fromkeys(names, pa.string())}))


def name_contents(contents: pa.Table) -> pa.Table:
    """The names of questions and answers (question_hash, answer_hash, question_key, answer_key): qa_id, content_key."""
    rows = [
        (question_hash, answer_hash, identify("qa_", question, answer or ""), content_key(question, answer))
        for question_hash, answer_hash, question, answer in _rows(
            contents, "question_hash", "answer_hash", "question_key", "answer_key"
        )
    ]
    names = {"question_hash": pa.uint64(), "answer_hash": pa.uint64(), "qa_id": pa.string(), "content_key": pa.string()}
    return _table(rows, pa.schema(names))


def _rows(table: pa.Table, *names: str) -> zip[tuple]:  # type: ignore[type-arg]
    return zip(*(table[name].to_pylist() for name in names), strict=True)


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema)
