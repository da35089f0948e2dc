"""The kernels of the stage: pure functions from a block of rows to a block of rows.

Each result depends on the texts of its row alone, so it stays in the cache from run to run.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b

import pyarrow as pa

from pipeline.duplicates.answer_comparison import Comparison, compare_answers, compare_part, may_have_one_subject
from pipeline.duplicates.containment import is_passage_in
from pipeline.duplicates.older_keys import older_content_keys
from pipeline.duplicates.question_intent import fields, read_intent
from pipeline.duplicates.signatures import hash64, sign
from pipeline.limits import SENTENCE_WORDS
from pipeline.storage.ids import identify
from pipeline.text.keys import answer_key, content_key
from pipeline.text.sentences import split_sentences

__all__ = [
    "Kernel",
    "compare_by_line",
    "compare_contained",
    "compare_pairs",
    "list_long_sentences",
    "list_older_keys",
    "name_contents",
    "no_search_for_cycles",
    "read_questions",
    "sign_all",
]

Kernel = Callable[[pa.Table], pa.Table]

BY_LINE = "Line by line, this text without a question repeats the answer."
CONTAINED = "The shorter answer is a part of the longer one."

# Share of the words of a text that the other must have to repeat it line by line. Of 103 such pairs of health pages 101
# have less: their lines begin alike ("Check with your doctor if you have any of the following:") and go on otherwise.
REPEATED = 0.8

_RELATION = pa.schema(
    {
        "a_hash": pa.uint64(),
        "b_hash": pa.uint64(),
        "kind": pa.string(),
        "score": pa.float64(),
        "reason": pa.string(),
        "inner_hash": pa.uint64(),
        "may_merge": pa.bool_(),
        "is_contained": pa.bool_(),
        "has_one_subject": pa.bool_(),
    }
)
_SENTENCE = pa.schema(
    {"answer_hash": pa.uint64(), "sentence_hash": pa.uint64(), "words": pa.int32(), "sentence": pa.string()}
)
_CONCEPT = pa.struct(
    {
        "concept": pa.string(),
        "class": pa.string(),
        "field": pa.string(),
        "is_droppable": pa.bool_(),
        "is_limiting": pa.bool_(),
        "is_light": pa.bool_(),
    }
)
_QUESTION = pa.schema(
    {
        "question_hash": pa.uint64(),
        "question_key": pa.string(),
        "question_id": pa.string(),
        "kind": pa.string(),
        "actor": pa.string(),
        "concepts": pa.list_(_CONCEPT),
        "has_implied_object": pa.bool_(),
    }
)
_CONTENT = pa.schema(
    {
        "question_hash": pa.uint64(),
        "answer_hash": pa.uint64(),
        "qa_id": pa.string(),
        "content_key": pa.string(),
    }
)
_OLDER_KEYS = pa.schema({"question_hash": pa.uint64(), "answer_hash": pa.uint64(), "older_keys": pa.list_(pa.string())})


@contextmanager
def no_search_for_cycles() -> Iterator[None]:
    """While this is open, Python does not search for objects that refer to each other in a circle.

    The kernels make none, and each search looks at every text read so far: a quarter of the time of `compare_pairs`.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def sign_all(answers: pa.Table) -> pa.Table:
    """The signatures of answers (answer_hash, text_hash, answer_key, answer), as `sign` gives them, and text_hash."""
    keys, texts = answers["answer_key"].to_pylist(), answers["answer"].to_pylist()
    signed = sign(answers["answer_hash"].combine_chunks(), keys, texts)
    return signed.append_column("text_hash", answers["text_hash"])


@no_search_for_cycles()
def compare_pairs(pairs: pa.Table) -> pa.Table:
    """The relations of pairs of answers (a_hash, b_hash, a_text, b_text) neither of which contains the other.

    is_of_one_question: the two answer one question; answers to different questions must have one subject.
    """
    rows = []
    for a_hash, b_hash, a, b, is_of_one_question in _rows(pairs, *pairs.column_names):
        has_one_subject = may_have_one_subject(a, b)
        found = compare_answers(a, b) if has_one_subject or is_of_one_question else None
        if found is not None:
            inner_hash = {"one": a_hash, "other": b_hash, None: None}[found.inner]
            judged = found.kind, found.score, found.reason, inner_hash, found.merges
            rows.append((a_hash, b_hash, *judged, False, has_one_subject))
    return _table(rows, _RELATION)


@no_search_for_cycles()
def compare_contained(pairs: pa.Table) -> pa.Table:
    """The relations of pairs of answers (inner_hash, outer_hash, inner_text, outer_text, is_half).

    The key of the inner one is a part of the key of the outer one; is_half: but for its last word, which is cut off.
    """
    rows = []
    for inner_hash, outer_hash, inner, outer, is_half in _rows(pairs, *pairs.column_names):
        found = compare_part(_without_last_word(inner) if is_half else inner, outer)
        if found is None or found.kind == "near_pair":
            found = Comparison("answer_contained", 0.9, CONTAINED, found is not None)
        kind, score, reason, may_merge = found.kind, found.score, found.reason, found.merges
        pair = min(inner_hash, outer_hash), max(inner_hash, outer_hash)
        rows.append((*pair, kind, score, reason, inner_hash, may_merge, True, True))
    return _table(rows, _RELATION)


def _without_last_word(text: str) -> str:
    """A text that was cut in the middle of its last word, without that word."""
    return f"{text.rstrip(' .…').rpartition(' ')[0]} …"


def compare_by_line(pairs: pa.Table) -> pa.Table:
    """The pairs of answers (a_hash, b_hash, a_text, b_text) that repeat each other line by line, as relations."""
    rows = [
        (a_hash, b_hash, "orphan_matches_answer", 0.85, BY_LINE, None, False, False, True)
        for a_hash, b_hash, a, b in _rows(pairs, "a_hash", "b_hash", "a_text", "b_text")
        if repeats_lines(a, b)
    ]
    return _table(rows, _RELATION)


@no_search_for_cycles()
def list_long_sentences(answers: pa.Table) -> pa.Table:
    """The sentences of 8 words and more of answers (answer_hash, answer), each once."""
    rows = []
    for answer_hash, text in _rows(answers, "answer_hash", "answer"):
        for key in sorted({answer_key(text[start:end]) for start, end in split_sentences(text)}):
            words = key.count(" ") + 1
            if words >= SENTENCE_WORDS:
                rows.append((answer_hash, hash64(key), words, _shortened(key)))
    return _table(rows, _SENTENCE)


@no_search_for_cycles()
def read_questions(questions: pa.Table) -> pa.Table:
    """What questions (question_hash, question_key) ask: their id, kind, actor and concepts; kind null if none."""
    rows = []
    for question_hash, key in _rows(questions, "question_hash", "question_key"):
        intent = read_intent(key)
        concepts = [
            {
                "concept": concept,
                "class": of_class,
                "field": fields().get(concept, concept),
                "is_droppable": concept in intent.droppable,
                "is_limiting": concept in intent.limiting,
                "is_light": concept in intent.light,
            }
            for concept, of_class in intent.classes.items()
        ]
        asked = (intent.kind or None, intent.actor, concepts, intent.has_implied_object)
        rows.append((question_hash, key, f"q_{_digest(key)}", *asked))
    return _table(rows, _QUESTION)


def name_contents(contents: pa.Table) -> pa.Table:
    """The names of contents (question_hash, answer_hash, question_key, answer_key): qa_id and content_key."""
    rows = [
        (question_hash, answer_hash, identify("qa_", question, key or ""), content_key(question, key))
        for question_hash, answer_hash, question, key in _rows(contents, *contents.column_names)
    ]
    return _table(rows, _CONTENT)


def list_older_keys(contents: pa.Table) -> pa.Table:
    """The keys in older decisions on contents (question_hash, answer_hash, question_key, answer, content_key)."""
    rows = [
        (question_hash, answer_hash, older_content_keys(question, answer, key))
        for question_hash, answer_hash, question, answer, key in _rows(contents, *contents.column_names)
    ]
    return _table(rows, _OLDER_KEYS)


def _digest(text: str) -> str:
    return blake2b(text.encode("utf8", "surrogatepass"), digest_size=8).hexdigest()


def repeats_lines(a: str, b: str) -> bool:
    """Whether every line of one text contains, or is in, a line of the other, and most of its words are in both.

    Lines are compared by their keys.

    >>> repeats_lines("Rest for two days", "rest for two days.")
    True
    >>> repeats_lines("Stay in bed if you have: a cough, a cold, a fever.", "Stay in bed if you have:\\nA rash.")
    False
    """
    one, other = ([key for line in text.split("\n") if (key := answer_key(line))] for text in (a, b))
    return _repeats(one, other) or _repeats(other, one)


def _repeats(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether each of these lines equals, contains or is in one of the others, which have most of their words.

    A line of under 5 words must equal one.
    """
    repeated = [max(_words_in_both(line, other) for other in others) if others else 0 for line in some]
    words = sum(line.count(" ") + 1 for line in some)
    return all(repeated) and sum(repeated) >= REPEATED * words


def _words_in_both(line: str, other: str) -> int:
    """The number of words of the shorter of two lines if the other one contains it; 0 if it does not."""
    if line == other or is_passage_in(line, other):
        return line.count(" ") + 1
    return other.count(" ") + 1 if is_passage_in(other, line) else 0


def _shortened(text: str) -> str:
    """The text, or its first words when it is long."""
    words = text.split(maxsplit=12)
    return text if len(words) <= 12 else " ".join(words[:12]) + " …"


def _rows(table: pa.Table, *names: str) -> zip[tuple]:  # type: ignore[type-arg]
    return zip(*(table[name].to_pylist() for name in names), strict=True)


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema)
