"""Decisions from before keys kept the signs of numbers still find the contents that they are about."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from test_duplicates import leftovers, occurrences

from pipeline.duplicates import stage
from pipeline.duplicates.decisions import Decision
from pipeline.duplicates.older_keys import older_content_keys
from pipeline.duplicates.stage import relate
from pipeline.storage import arrow
from pipeline.text.keys import answer_key, content_key, question_key

A = ("Is a fee of $1,500 due?", "Yes, $1,500 are due within 30 days, and 5.5 % more after that.")
B = ("Is a fee of $1,500 due?", "Yes. Pay $1,500 in 30 days; add 5.5 % when you are late, every month.")
OLD_A = content_key("is a fee of 1 500 due", "yes 1 500 are due within 30 days and 5 5 more after that")
OLD_B = content_key("is a fee of 1 500 due", "yes pay 1 500 in 30 days add 5 5 when you are late every month")


def row_count(*rows: tuple[str, str], decisions: list[Decision]) -> int:
    members = relate(occurrences(*rows), leftovers(), decisions).members
    return members["canonical_occurrence_id"].nunique()


def test_an_older_decision_still_joins_and_parts() -> None:
    assert row_count(A, B, decisions=[]) == 2
    assert row_count(A, B, decisions=[Decision(OLD_A, OLD_B, "same", "Ada")]) == 1
    assert row_count(A, A, decisions=[]) == 1
    related = relate(occurrences(A, B), leftovers(), [Decision(OLD_A, OLD_B, "different", "Ada")])
    assert "Ada" in set(related.pairs["decided_by"])


def test_an_older_key_and_a_newer_one_name_one_content() -> None:
    new_b = content_key(question_key(B[0]), answer_key(B[1]))
    assert row_count(A, B, decisions=[Decision(OLD_A, new_b, "same", "Ada")]) == 1


def test_an_older_key_of_two_contents_that_differ_now_names_neither() -> None:
    """One was a copy of the other when signs did not count; nobody decided between the two."""
    other = (A[0], A[1].replace("5.5 %", "5 5"))
    assert row_count(A, other, B, decisions=[Decision(OLD_A, OLD_B, "same", "Ada")]) == 3


def test_older_keys_are_only_listed_if_a_decision_names_a_key_that_no_content_has(monkeypatch) -> None:
    monkeypatch.setattr(stage, "list_older_keys", None)
    keys = [content_key(question_key(question), answer_key(answer)) for question, answer in (A, B)]
    assert row_count(A, B, decisions=[]) == 2
    assert row_count(A, B, decisions=[Decision(*keys, "same", "Ada")]) == 1


def test_an_older_decision_joins_a_content_that_a_later_run_adds() -> None:
    decisions = [Decision(OLD_A, OLD_B, "same", "Ada")]
    with stage._database() as db:
        for row in (A, B):
            added = occurrences(row).assign(occurrence_id=row[1])
            arrow.insert(db, "occurrences", pa.Table.from_pandas(added, stage.OCCURRENCES, preserve_index=False))
            stage.relate_all(db, decisions)
        assert db.sql("select count(distinct canonical_occurrence_id) from members").fetchall() == [(1,)]


def test_older_keys_of_texts_without_numbers_are_the_present_ones() -> None:
    assert older_content_keys("why wait", "Because it's closed – for now …", content_key("why wait", "x")) == []


@given(st.text(alphabet="ab '5,.%$€-–1", max_size=30), st.text(alphabet="ab 5,.%$-10", max_size=30) | st.none())
def test_older_keys_are_never_the_present_one(question: str, answer: str | None) -> None:
    key = content_key(question_key(question), answer_key(answer or ""))
    assert key not in older_content_keys(question_key(question), answer, key)


def test_a_decision_from_before_signs_were_words_still_parts() -> None:
    one = ("Is HER2+ cancer rare?", "About 1 in 5 cases, and it grows fast without the right medicine for it.")
    other = ("Is HER2+ cancer rare?", "No: 20+ of 100 cases; it grows fast when the right medicine is not given.")
    keys = [
        content_key("is her2 cancer rare", key)
        for key in (
            "about 1 in 5 cases and it grows fast without the right medicine for it",
            "no 20 of 100 cases it grows fast when the right medicine is not given",
        )
    ]
    assert row_count(one, other, decisions=[]) == 2
    assert row_count(one, other, decisions=[Decision(*keys, "same", "Ada")]) == 1
