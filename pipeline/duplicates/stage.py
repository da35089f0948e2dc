"""The pipeline's stage: related pairs of occurrences and orphan answers, and which occurrences are one row.

What a text tells of itself, and what two texts tell of each other, is worked out once and kept in the database; who
stands beside whom is counted by SQL (`sql/duplicates`), so that nothing holds all texts at once and a run compares
only what is new. The result is the same as if all were new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import duckdb
import pandas as pd
import pyarrow as pa

from pipeline.duplicates.clusters import seat
from pipeline.duplicates.kernels import (
    compare_by_line,
    compare_words,
    name_contents,
    read_questions,
    sign_all,
    split_all,
)
from pipeline.duplicates.questions import group_questions, related_questions, with_likely_questions
from pipeline.duplicates.union_find import Decision
from pipeline.storage import build, frames, statements
from pipeline.storage.ids import identify
from pipeline.storage.schema import ddl
from pipeline.text.clean import clean_answer
from pipeline.text.keys import answer_key, content_key

__all__ = ["Relations", "relate", "relate_all"]

WORTH_A_POOL = 20_000  # texts or pairs; below it processes of their own cost as much as they spare

Kernel = Callable[[pa.Table], pa.Table]


class Each(Protocol):
    """How a kernel is carried out on blocks of rows: as `map` does, or by several processes."""

    def __call__(self, kernel: Kernel, blocks: Iterable[pa.Table], /) -> Iterator[pa.Table]:
        """What the kernel makes of each block, in any order."""
        ...


@dataclass(frozen=True)
class Relations:
    """What `relate` found.

    pairs: the contract's table `duplicates`, `a_id < b_id`, sorted.
    members: occurrence_id, canonical_occurrence_id: each occurrence once; the groups are the rows of `qa`.
    orphans: leftover_id, canonical_occurrence_id: the orphans that join a row.
    questions: canonical_occurrence_id, question_id: one row for each group; questions that ask the same share the id.
    """

    pairs: pd.DataFrame
    members: pd.DataFrame
    orphans: pd.DataFrame
    questions: pd.DataFrame


def relate(
    occurrences: pd.DataFrame, leftovers: pd.DataFrame, decisions: Sequence[Decision] = (), embedder: Any = None
) -> Relations:
    """Every related pair of occurrences and orphan answers, and which occurrences are one row.

    occurrences: occurrence_id, document_id, question_key, answer (cleaned), answer_key, is_answered, is_truncated.
    leftovers: leftover_id, role, text; only orphan answers are looked at. The order of rows does not matter.
    The last decision on two contents counts. embedder: a model (`embedding`) that finds more questions that ask the
    same; without one only what the rules of `paraphrases` find is listed.
    """
    with duckdb.connect(config={"threads": 1}) as db:
        for name, frame, wanted in (("occurrences", occurrences, _COMPARED), ("leftovers", leftovers, _LOOKED_AT)):
            db.register("given", pa.table({column: _as_arrow(frame[column]) for column in wanted}))
            db.execute(f"create table {name} as from given")
        db.execute(next(ddl("duplicates")))
        relate_all(db, decisions, embedder)
        return Relations(
            pairs=frames.read_table(db, "duplicates"),
            members=_frame(db, "occurrence_id, canonical_occurrence_id from members"),
            orphans=_frame(db, "leftover_id, canonical_occurrence_id from orphans_joined"),
            questions=_frame(db, "distinct canonical_occurrence_id, question_id from members"),
        )


_COMPARED = ("occurrence_id", "document_id", "question_key", "answer", "answer_key", "is_answered", "is_truncated")
_LOOKED_AT = ("leftover_id", "role", "text")


def _as_arrow(column: pd.Series) -> pa.Array:
    is_flag = column.name in ("is_answered", "is_truncated")
    return pa.Array.from_pandas(column, type=pa.bool_() if is_flag else pa.string())


def _frame(db: duckdb.DuckDBPyConnection, columns: str) -> pd.DataFrame:
    return frames.frame_of(db.sql(f"select {columns} order by all"))


def relate_all(
    db: duckdb.DuckDBPyConnection,
    decisions: Sequence[Decision] = (),
    embedder: Any = None,
    each: Each = map,
    limits: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Relate what is in the tables occurrences and leftovers: fill `duplicates`, and two tables for queries.

    members: occurrence_id, canonical_occurrence_id, question_id, qa_id, each occurrence once. orphans_joined:
    leftover_id, canonical_occurrence_id, qa_id, each orphan that joins a row. Schema `kept` holds what the next run
    may use again. each: carries out the work on blocks of texts, as `map` does or by several processes. limits: other
    values for what `sql/duplicates/limits.sql` sets; the same for all runs on one database.
    """
    for name in ("duplicates/kept", "duplicates/limits"):
        statements.execute_file(db, name)
    db.execute("SET preserve_insertion_order = false")  # what queries leave need not be held back to be put in order
    for name, value in limits.items():
        db.execute(f"set variable {name} = {value:d}")
    _keep_orphans(db)
    statements.execute_file(db, "duplicates/texts")
    _work(db, "duplicates/to_sign", sign_all, "answers", each)
    statements.execute_file(db, "duplicates/one_question")
    statements.execute_file(db, "duplicates/runs")
    is_first = statements.count(db, "fresh") == statements.count(db, "present")
    statements.execute_file(db, "duplicates/spread_first" if is_first else "duplicates/spread")
    statements.execute_file(db, "duplicates/contained")
    statements.execute_file(db, "duplicates/phrases_first" if is_first else "duplicates/phrases")
    statements.execute_file(db, "duplicates/near")
    _work(db, "duplicates/words_to_compare", compare_words, "relations", each)
    statements.execute_file(db, "duplicates/met")
    statements.execute_file(db, "duplicates/lines")
    _work(db, "duplicates/lines_to_compare", compare_by_line, "relations", each)
    statements.execute_file(db, "duplicates/to_split")
    _work(db, "duplicates/texts_to_split", split_all, "sentences", each)
    statements.execute_file(db, "duplicates/related")
    _relate_questions(db, embedder, each)
    statements.execute_file(db, "duplicates/contents")
    _work(db, "duplicates/contents_to_name", name_contents, "contents", each)
    seat(db, decisions)
    for name in ("duplicates/nodes", "duplicates/pairs", "duplicates/duplicates", "duplicates/ids"):
        statements.execute_file(db, name)
    _tell_equals_apart(db)
    statements.execute_file(db, "duplicates/members")
    db.execute("RESET preserve_insertion_order")


def _work(db: duckdb.DuckDBPyConnection, query: str, kernel: Kernel, table: str, each: Each) -> None:
    """Add to a table of `kept` what the kernel makes of the answer of `sql/<query>.sql`, a block of rows at a time."""
    statements.create_table(db, "work", query)
    rows = statements.count(db, "work")
    with build.one_transaction(db):
        for made in (each if rows >= WORTH_A_POOL else map)(kernel, frames.blocks(db, "work")):
            _add(db, table, made)
    db.execute("drop table work")


def _keep_orphans(db: duckdb.DuckDBPyConnection) -> None:
    """Bring kept.orphans up to date with the orphan answers among the leftovers: cleaned, and their keys."""
    statements.execute_file(db, "duplicates/orphans")
    texts = db.execute("from orphans_anew").fetchall()
    cleaned = [(leftover, clean_answer(text).text) for leftover, text in texts]
    keyed = [(leftover, answer, answer_key(answer)) for leftover, answer in cleaned]
    rows = [(*row, content_key("", row[-1])) for row in keyed]
    frame = pd.DataFrame(rows, columns=["leftover_id", "answer", "answer_key", "content_key"])
    _add(db, "orphans", _arrow(frame))


# ---------------------------------------------------------------- questions


def _relate_questions(db: duckdb.DuckDBPyConnection, embedder: Any, each: Each) -> None:
    """Which questions ask the same: asked (pairs of hashes) and question_groups (question_hash, question_id)."""
    statements.execute_file(db, "duplicates/questions")
    _work(db, "duplicates/questions_to_read", read_questions, "questions", each)
    statements.execute_file(db, "duplicates/needs")
    touched = dict(db.execute("select question_key, need_hash from questions_touched order by question_key").fetchall())
    keys = list(touched)
    related = related_questions(keys)
    needs = [touched[keys[a]] for a in related["a"]]
    _add(db, "asked", _arrow(_by_key(keys, related).assign(need_hash=needs)))
    if embedder is None:
        statements.execute_file(db, "duplicates/asked")
        statements.execute_file(db, "duplicates/question_groups")
        return
    _ask_embedder(db, embedder)
    statements.execute_file(db, "duplicates/question_groups_by_embedder")


def _ask_embedder(db: duckdb.DuckDBPyConnection, embedder: Any) -> None:
    """As the rules and a model see it: asked, and stands (question_key, and stands_key: of the one for its group)."""
    keys = [key for (key,) in db.execute("select question_key from kept.questions order by all").fetchall() if key]
    number = pd.Series(range(len(keys)), pd.Index(keys, dtype="str"), dtype="int64")
    ruled = frames.frame_of(db.sql("select a_key as a, b_key as b, kind, score, reason from kept.asked"))
    found = with_likely_questions(keys, ruled.assign(a=ruled["a"].map(number), b=ruled["b"].map(number)), embedder)
    _lay(db, "asked_by_key", _by_key(keys, found))
    statements.create_table(db, "asked", "duplicates/asked_by_model")
    stands = group_questions(keys, found)
    _lay(db, "stands", pd.DataFrame({"question_key": list(stands), "stands_key": list(stands.values())}, dtype="str"))


def _by_key(keys: Sequence[str], pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs of questions by their keys: a_key, b_key, kind, score, reason."""
    named = {f"{side}_key": pd.Series([keys[one] for one in pairs[side]], dtype="str") for side in ("a", "b")}
    return pairs[["kind", "score", "reason"]].assign(**named)


def _lay(db: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """Let queries see a frame of texts and scores."""
    frames.create_temp_table(db, name, _arrow(frame))


def _arrow(frame: pd.DataFrame) -> pa.Table:
    types = {column: pa.float64() if column == "score" else pa.string() for column in frame}
    return pa.table({column: pa.Array.from_pandas(frame[column], type=types[column]) for column in frame})


def _add(db: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Add rows to a table of `kept`."""
    frames.insert(db, f"kept.{table}", rows)


# ---------------------------------------------------------------- names of rows


def _tell_equals_apart(db: duckdb.DuckDBPyConnection) -> None:
    """Rows that people hold apart though their question and answer are equal get names of their own, by rank."""
    named = [
        (row, identify("qa_", question, answer or "", str(again)))
        for row, again, question, answer in statements.answer(db, "duplicates/equals").fetchall()
    ]
    for row, qa_id in named:
        db.execute("update qa_ids set qa_id = ? where row = ?", [qa_id, row])
