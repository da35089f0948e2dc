"""Parts groups of questions that ask the same where reviewers decided that two of them are different."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import duckdb
import pyarrow as pa

from pipeline.duplicates.union_find import Clusters
from pipeline.storage import arrow, statements

__all__ = ["part_questions"]

_ID = {"question_hash": pa.uint64(), "question_id": pa.string()}


def part_questions(db: duckdb.DuckDBPyConnection) -> None:
    """Give the questions that reviewers decided to be different another question_id each.

    Takes the temporary tables of `find_clusters` and updates question_ids. Every other question of the group stays with
    the one that has its need in the same words, else with the one whose need it shares, else with the shortest. The
    question_id of a part is that of its shortest question, so one part keeps the id of the group.
    """
    statements.execute_file(db, "duplicates/59_questions_to_part")
    members: defaultdict[str, list[tuple[int, str, tuple[int | None, int | None]]]] = defaultdict(list)
    for group, question, question_id, *needs in db.execute("from questions_to_part").fetchall():
        members[group].append((question, question_id, (needs[0], needs[1])))
    if not members:
        return
    decided: defaultdict[str, list[tuple[int, int, bool]]] = defaultdict(list)
    for a, b, group, is_same in db.execute("from decided_questions order by a, b").fetchall():
        decided[group].append((a, b, is_same))
    rows: list[tuple[int, str]] = []
    for group, questions in members.items():
        number = {question: position for position, (question, *_) in enumerate(questions)}
        pairs = [(number[a], number[b], is_same) for a, b, is_same in decided[group]]
        first = parts_of_group([needs for *_, needs in questions], pairs)
        rows += [(question, questions[part][1]) for (question, *_), part in zip(questions, first, strict=True)]
    columns = zip(*rows, strict=True)
    arrays = {name: pa.array(values, kind) for (name, kind), values in zip(_ID.items(), columns, strict=True)}
    arrow.create_temp_table(db, "parted_questions", pa.table(arrays))
    db.execute(
        "update question_ids set question_id = p.question_id from parted_questions p "
        "where p.question_hash = question_ids.question_hash"
    )


def parts_of_group(
    needs: Sequence[tuple[int | None, int | None]], decided: Sequence[tuple[int, int, bool]]
) -> list[int]:
    """The first question of the part that each question of one group belongs to, by position.

    needs: for each question, the shortest first, its own need and the need that it shares. decided: pairs of positions,
    and whether they are the same.

    >>> parts_of_group([(1, 1), (2, 1), (1, 1), (2, 1)], [(0, 1, False)])
    [0, 1, 0, 1]
    >>> parts_of_group([(1, 1), (1, 1), (1, 1)], [(0, 1, False), (1, 2, True)])
    [0, 1, 1]
    """
    clusters = Clusters(len(needs))
    for a, b, is_same in decided:
        if not is_same:
            clusters.forbid_link(a, b)
    for a, b, is_same in decided:
        if is_same:
            clusters.join(a, b)
    levels: list[list[int | None]] = [[own for own, _ in needs], [shared for _, shared in needs], [0] * len(needs)]
    for level in levels:
        heads: defaultdict[int, list[int]] = defaultdict(list)
        for position, need in enumerate(level):
            if need is not None and not any(clusters.join(head, position) for head in heads[need]):
                heads[need].append(position)
    return clusters.first_members()
