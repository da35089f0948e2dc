"""People's decisions: saved on disk, read in any order, followed by every later run; contradictions are reported."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT, assert_same_tables, tables
from test_duplicates import kinds, leftovers, occurrences, rows_of_qa

import pipeline
from pipeline.audit.decision_log import DecisionLog
from pipeline.audit.preview import preview
from pipeline.audit.review_queue import ReviewQueue
from pipeline.duplicates.contradictions import find_contradictions
from pipeline.duplicates.decisions import (
    Decision,
    DecisionsUnreadable,
    DecisionsUnwritable,
    Entry,
    append,
    decisions_digest,
    decisions_in_force,
    in_force,
    read_entries,
)
from pipeline.duplicates.stage import relate
from pipeline.ledger.verify import verify
from pipeline.text.keys import answer_key, content_key, question_key


def key(question: str, answer: str | None = None) -> str:
    return content_key(question_key(question), None if answer is None else answer_key(answer))


def said(verdict: str, a: str, b: str, reviewer: str = "Ada", **more: object) -> Entry:
    return Entry(verdict=verdict, reviewer=reviewer, a_key=a, b_key=b, a=a, b=b, **more)


# ---------------------------------------------------------------- the file


def test_what_was_written_is_read_back(tmp_path):
    path = tmp_path / "new" / "decisions.jsonl"
    written = append(path, [said("same", "x", "y", note="“sic”\n"), said("move", "x", "z", away_from=("y",))])
    assert read_entries(path) == written
    assert decisions_in_force(read_entries(path)) == [
        Decision("x", "y", "same", "Ada"),
        Decision("x", "y", "different", "Ada"),
        Decision("x", "z", "same", "Ada"),
    ]
    assert [entry.act for entry in written] == [written[0].id] * 2


def test_flags_and_skips_decide_nothing_and_what_was_undone_is_gone(tmp_path):
    path = tmp_path / "decisions.jsonl"
    first, *_ = append(path, [said("same", "x", "y")])
    append(path, [said("flag", "x", "y", note="ask Bo"), said("skip", "y", "z")])
    append(path, [Entry(verdict="undo", reviewer="Ada", undoes=first.id)])
    assert decisions_in_force(read_entries(path)) == []
    assert [entry.verdict for entry in in_force(read_entries(path))] == ["flag", "skip"]


def test_a_later_line_is_later_even_where_the_clock_was_set_back(tmp_path):
    path = tmp_path / "decisions.jsonl"
    ahead = {"id": "x", "time": "2999-01-01T00:00:00.000000Z", "reviewer": "Ada", "verdict": "same"}
    near = pd.Timestamp.now("UTC") + pd.Timedelta(hours=2)
    path.write_text(json.dumps({**ahead, "time": near.isoformat(), "a_key": "x", "b_key": "y"}) + "\n")
    append(path, [said("different", "x", "y")])
    assert [decision.verdict for decision in decisions_in_force(read_entries(path))] == ["same", "different"]


def test_two_files_merged_by_git_say_the_same_in_any_order_of_lines(tmp_path):
    one, other, both = (tmp_path / name for name in ("one.jsonl", "other.jsonl", "both.jsonl"))
    append(one, [said("same", "x", "y")])
    other.write_bytes(one.read_bytes())
    append(one, [said("different", "y", "z")])
    append(other, [said("same", "y", "z", "Bo"), said("keep", "x", "y", "Bo")])
    lines = [*one.read_text().splitlines(), *other.read_text().splitlines()]
    both.write_text("\n".join(lines) + "\n")
    expected = decisions_in_force(read_entries(both))
    digest = decisions_digest(read_entries(both))
    assert len(expected) == 4
    for seed in range(10):
        random.Random(seed).shuffle(lines)
        both.write_text("\n\n".join(lines))
        assert decisions_in_force(read_entries(both)) == expected
        assert decisions_digest(read_entries(both)) == digest


def test_git_merges_two_peoples_files_by_union(tmp_path):
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True)

    path = tmp_path / "decisions.jsonl"
    git("init", "--quiet", "--initial-branch", "main")
    (tmp_path / ".gitattributes").write_text("decisions.jsonl merge=union\n")
    append(path, [said("same", "a", "b")])
    git("add", "."), git("commit", "--quiet", "-m", "one"), git("checkout", "--quiet", "-b", "bo")
    append(path, [said("same", "c", "d", "Bo")])
    git("commit", "--quiet", "-am", "two"), git("checkout", "--quiet", "main")
    append(path, [said("different", "e", "f")])
    git("commit", "--quiet", "-am", "three"), git("merge", "--quiet", "-m", "both", "bo")
    assert {decision.pair for decision in decisions_in_force(read_entries(path))} == {
        ("a", "b"),
        ("c", "d"),
        ("e", "f"),
    }


def test_a_file_without_a_last_line_end_is_added_to_on_a_line_of_its_own(tmp_path):
    path = tmp_path / "decisions.jsonl"
    path.write_text(json.dumps({"a_key": "x", "b_key": "y", "verdict": "same", "reviewer": "Ada"}))
    append(path, [said("different", "y", "z")])
    assert [decision.verdict for decision in decisions_in_force(read_entries(path))] == ["same", "different"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not a decision"),
        ('"same"', "not a decision"),
        ('{"verdict": "perhaps", "reviewer": "Ada", "a_key": "x", "b_key": "y"}', "'perhaps'"),
        ('{"verdict": "same", "reviewer": "Ada", "a_key": 1, "b_key": "y"}', "a_key must be a text"),
        ('{"verdict": "same", "reviewer": "", "a_key": "x", "b_key": "y"}', "reviewer must be a text"),
        ('{"verdict": "same", "reviewer": "rule", "a_key": "x", "b_key": "y"}', "a reviewer cannot be called"),
        ('{"verdict": "undo", "reviewer": "Ada"}', "undoes"),
        ('{"verdict": "move", "reviewer": "Ada", "a_key": "x", "b_key": "y", "away_from": "z"}', "away_from"),
    ],
)
def test_a_line_that_is_no_decision_is_named(tmp_path, line, why):
    path = tmp_path / "decisions.jsonl"
    append(path, [said("same", "x", "y")])
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(DecisionsUnreadable, match=rf"line 2: .*{re.escape(why)}"):
        decisions_in_force(read_entries(path))


def test_half_a_character_in_a_decision_stops_no_run(raw, tmp_path):
    """JSON can spell one, and no table can hold it."""
    row, half = {"a_key": "x", "b_key": "y", "verdict": "move", "reviewer": "Ada"}, "Ada \ud83d"
    rows = [{**row, name: half} for name in ("a_key", "b_key", "reviewer", "note", "a", "id", "time", "act")]
    path = tmp_path / "decisions.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in [*rows, {**row, "away_from": [half]}]))
    entries = read_entries(path)
    assert (len(entries), {entry.reviewer for entry in entries}) == (9, {"Ada", "Ada \ufffd"})
    assert pipeline.run(raw, tmp_path / "own", workers=1, decisions=path).exit_code == 0


def test_a_decision_that_cannot_be_written_is_an_error_for_the_user(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DecisionsUnwritable, match="the decision was not saved"):
        append(tmp_path / "file" / "decisions.jsonl", [said("same", "x", "y")])


def _decide_often(path: Path, reviewer: str, times: int) -> None:
    for number in range(times):
        append(path, [said("same", f"{reviewer}{number}", "x" * (number % 400 + 1), reviewer)])


def test_of_2000_decisions_by_two_people_at_once_none_is_lost(tmp_path):
    path = tmp_path / "decisions.jsonl"
    people = multiprocessing.get_context("spawn")
    writers = [people.Process(target=_decide_often, args=(path, name, 1000)) for name in ("Ada", "Bo")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    entries = read_entries(path)
    assert {(entry.reviewer, entry.a_key) for entry in entries} == {
        (name, f"{name}{number}") for name in ("Ada", "Bo") for number in range(1000)
    }
    assert len({entry.time for entry in entries}) == 2000


_ACKNOWLEDGE = """
import sys
from pathlib import Path
from pipeline.duplicates.decisions import Entry, append
number = 0
while True:
    append(Path(sys.argv[1]), [Entry("same", "Ada", str(number), "x" * 5000)])
    print(number, flush=True)
    number += 1
"""


def test_what_was_acknowledged_before_a_kill_is_there(tmp_path):
    path = tmp_path / "decisions.jsonl"
    acknowledged: list[str] = []
    for wanted in (3, 17, 40):
        command = [sys.executable, "-c", _ACKNOWLEDGE, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
            assert writer.stdout is not None
            for _ in range(wanted):
                acknowledged.append(writer.stdout.readline().strip())
            os.kill(writer.pid, signal.SIGKILL)
    kept = [entry.a_key for entry in read_entries(path)]
    assert all(kept.count(name) >= acknowledged.count(name) for name in acknowledged)


# ---------------------------------------------------------------- what a run makes of them

LABEL, LABL = "Because it says so on the label.", "Because it says so on the labl."


def test_the_wording_a_reviewer_chose_represents_the_row():
    long, short = ("Why?", LABEL + " Read it all."), ("Why?", LABEL)
    frame = occurrences(long, short)
    assert relate(frame, leftovers()).members["canonical_occurrence_id"].tolist() == ["o_00", "o_00"]
    kept = Decision(key(*short), key(*long), "keep", "Ada")
    assert relate(frame, leftovers(), [kept]).members["canonical_occurrence_id"].tolist() == ["o_01", "o_01"]


def test_keeping_a_wording_makes_two_texts_one_row():
    kept = Decision(key("How?", "So."), key("Why?", LABEL), "keep", "Ada")
    related = relate(occurrences(("Why?", LABEL), ("How?", "So.")), leftovers(), [kept])
    assert rows_of_qa(related) == {frozenset({"o_00", "o_01"})}
    assert set(related.members["canonical_occurrence_id"]) == {"o_01"}


def test_of_several_chosen_wordings_the_one_chosen_over_the_others_represents_the_row_else_the_latest():
    texts = [("Why?", "One."), ("How?", "Two."), ("Who?", "Three.")]
    one, two, three = (key(*text) for text in texts)
    first_over_second, second_over_third = Decision(one, two, "keep", "Ada"), Decision(two, three, "keep", "Ada")
    third_over_first = Decision(three, one, "keep", "Ada")
    for decisions, canonical in [
        ([first_over_second, second_over_third], "o_00"),
        ([second_over_third, first_over_second], "o_00"),
        ([first_over_second, second_over_third, third_over_first], "o_02"),
    ]:
        related = relate(occurrences(*texts), leftovers(), decisions)
        assert set(related.members["canonical_occurrence_id"]) == {canonical}


def test_an_unanswered_wording_never_takes_the_answer_from_its_row():
    texts = [("Why read it?", LABEL), ("Why Read It", None)]
    kept = Decision(key(*texts[1]), key(*texts[0]), "keep", "Ada")
    assert set(relate(occurrences(*texts), leftovers(), [kept]).members["canonical_occurrence_id"]) == {"o_00"}


def test_a_text_without_a_question_joins_the_row_a_reviewer_names_and_leaves_the_one_it_repeats():
    frame, orphan = occurrences(("Why?", LABEL), ("How?", "So.")), leftovers(LABEL)
    here, there, own = key("Why?", LABEL), key("How?", "So."), content_key("", answer_key(LABEL))
    assert relate(frame, orphan).orphans["canonical_occurrence_id"].tolist() == ["o_00"]
    assert relate(frame, orphan, [Decision(own, here, "different", "Ada")]).orphans.empty
    related = relate(frame, orphan, [Decision(own, here, "different", "Ada"), Decision(own, there, "same", "Ada")])
    assert related.orphans["canonical_occurrence_id"].tolist() == ["o_01"]
    assert ("l_0", "o_01", "orphan_matches_answer") in kinds(related)


def test_what_two_texts_have_in_common_with_a_third_holds_when_that_one_is_gone():
    texts = [("Why?", "One."), ("How?", "Two."), ("Who?", "Three.")]
    one, two, three = (key(*text) for text in texts)
    decisions = [Decision(one, two, "same", "Ada"), Decision(two, three, "same", "Bo")]
    related = relate(occurrences(texts[0], texts[2]), leftovers(), decisions)
    assert rows_of_qa(related) == {frozenset({"o_00", "o_01"})}
    assert related.pairs[["merged", "decided_by"]].values.tolist() in ([[True, "Ada"]], [[True, "Bo"]])
    assert "not in the sources" in related.pairs["reason"][0]


def test_the_order_of_contradicting_decisions_on_other_pairs_changes_no_row():
    texts = [("Why?", "One."), ("How?", "Two."), ("Who?", "Three.")]
    one, two, three = (key(*text) for text in texts)
    decisions = [
        Decision(one, three, "different", "Bo"),
        Decision(one, two, "same", "Ada"),
        Decision(two, three, "same", "Ada"),
    ]
    rows = rows_of_qa(relate(occurrences(*texts), leftovers(), decisions))
    assert rows == {frozenset({"o_00", "o_01"}), frozenset({"o_02"})}


# ---------------------------------------------------------------- contradictions


def test_a_chain_of_sames_against_a_different_is_reported_with_all_of_them(tmp_path):
    path = tmp_path / "decisions.jsonl"
    append(path, [said("same", "a", "b")])
    append(path, [said("different", "a", "c", "Bo")])
    append(path, [said("same", "b", "c", "Cleo")])
    (found,) = find_contradictions(read_entries(path))
    assert found.refused.reviewer == "Cleo"
    assert [entry.reviewer for entry in found.counts] == ["Bo", "Ada"]
    assert "Bo said" in str(found)
    assert "Cleo said" in str(found)


def test_two_people_of_two_minds_are_reported_and_one_who_changed_hers_is_not(tmp_path):
    path = tmp_path / "decisions.jsonl"
    append(path, [said("same", "a", "b")])
    append(path, [said("different", "a", "b")])
    assert find_contradictions(read_entries(path)) == []
    append(path, [said("same", "b", "a", "Bo")])
    (found,) = find_contradictions(read_entries(path))
    assert (found.refused.reviewer, found.counts[0].reviewer) == ("Ada", "Bo")


def test_a_contradiction_is_a_warning_of_every_run(raw, out):
    path = raw.parent / "decisions.jsonl"
    append(path, [said("same", "a", "b"), said("same", "b", "c"), said("different", "a", "c", "Bo")])
    for _ in range(2):
        ledger = pipeline.run(raw, out, workers=1)
        assert any("decisions contradict" in warning and "Bo" in warning for warning in ledger.warnings)


# ---------------------------------------------------------------- they last


def _rows(out: Path) -> set[tuple[str, frozenset[tuple[str, str]]]]:
    """The rows of qa by content: their wording, and the texts in them."""
    with pipeline.open(out) as ledger:
        frame = ledger.sql(
            "select q.question_key || q.answer_key as wording, o.question_key as asks, "
            "coalesce(o.answer_key, '') as says from qa "
            "join occurrences q on q.occurrence_id = canonical_occurrence_id join occurrences o on o.qa_id = qa.qa_id"
        )
    groups = frame.groupby("wording", dropna=False)
    return {(str(wording), frozenset(zip(part["asks"], part["says"], strict=True))) for wording, part in groups}


def _respaced(text: str) -> str:
    return re.sub(" +", " \t ", text).replace("\n", "  \n")


def test_every_decision_is_followed_after_renames_new_order_new_white_space_and_a_new_folder(raw, out, tmp_path):
    text = "Why rest?\nBecause it helps a lot.\nHow to rest?\nLie down.\nWho rests?\nAll of us do.\nWhen?\nAt noon.\n"
    (raw / "a.txt").write_text(text)
    why, how, who, when = (
        key("Why rest?", "Because it helps a lot."),
        key("How to rest?", "Lie down."),
        key("Who rests?", "All of us do."),
        key("When?", "At noon."),
    )
    path = raw.parent / "decisions.jsonl"
    append(path, [said("keep", why, how), said("same", how, who), said("different", when, who)])
    with pipeline.open(_ran(raw, out)) as ledger:
        decided = ledger.sql("select a_id from duplicates where decided_by = 'Ada'")
    assert len(decided) == 2
    assert [finding for finding in verify(out) if not finding.is_ok] == []
    elsewhere = tmp_path / "elsewhere" / "raw"
    elsewhere.mkdir(parents=True)
    for place, file in enumerate(sorted(raw.iterdir(), reverse=True)):
        (elsewhere / f"{place}.txt").write_text(_respaced(file.read_text("utf-8")), "utf-8")
    (elsewhere.parent / "decisions.jsonl").write_bytes(path.read_bytes())
    assert _rows(_ran(elsewhere, tmp_path / "out")) == _rows(out)


def _ran(raw: Path, out: Path) -> Path:
    pipeline.run(raw, out, workers=1)
    return out


def test_decisions_in_another_order_of_lines_give_the_same_tables(raw, out, tmp_path):
    path = raw.parent / "decisions.jsonl"
    with pipeline.open(_ran(raw, tmp_path / "bare")) as ledger:
        frame = ledger.occurrences
    keys = [content_key(row.question_key, row.answer_key if row.is_answered else None) for row in frame.itertuples()]
    pairs = list(zip(keys[::3], keys[1::3], strict=False))
    append(path, [said(("same", "different", "keep")[place % 3], a, b) for place, (a, b) in enumerate(pairs)])
    _ran(raw, out)
    path.write_text("\n".join(path.read_text().splitlines()[::-1]) + "\n")
    assert_same_tables(out, _ran(raw, tmp_path / "again"))
    assert (tables(out)["duplicates"]["decided_by"] == "Ada").sum() >= len(pairs) / 3
    assert [finding for finding in verify(out) if not finding.is_ok] == []


ASKED = (
    ("How much does a second opinion cost?", "It costs 300 dollars at most clinics."),
    ("What is the price of a second opinion?", "Expect to pay for the visit, and ask first."),
    ("What does a second opinion cost?", "Prices differ by state."),
    ("How long does a second opinion take?", "One week, or two where pictures are sent."),
)


def _question_ids(out: Path) -> list[str]:
    """The question_id of each of ASKED, in its order."""
    with pipeline.open(out) as ledger:
        found = dict(zip(ledger.qa["question"], ledger.qa["question_id"], strict=True))
    return [found[question] for question, _ in ASKED]


def test_different_on_a_paraphrase_parts_its_question_id_and_undo_restores_it(raw, out, tmp_path):
    (raw / "a.txt").write_text("".join(f"{question}\n{answer}\n" for question, answer in ASKED))
    path = raw.parent / "decisions.jsonl"
    before = _question_ids(_ran(raw, out))
    assert len(set(before)) == 2
    (decided,) = append(path, [said("different", key(*ASKED[0]), key(*ASKED[1]))])
    queue = ReviewQueue(out, DecisionLog(path))
    keys = [key(*pair) for pair in ASKED]
    for only in (None, keys[:1]):
        (change,) = preview(queue, queue.update().decisions, only)
        assert (change.kind, len(change.after)) == ("asked_apart", 2)
        assert {*change.after} & {ASKED[1][0]}
    parted = _question_ids(_ran(raw, out))
    assert parted[0] == parted[2] == before[0]
    assert len(set(parted)) == 3
    assert preview(queue, queue.update().decisions) == []
    pipeline.run(raw, tmp_path / "full", workers=1, decisions=path)
    assert_same_tables(out, tmp_path / "full")
    assert [finding for finding in verify(out) if not finding.is_ok] == []
    append(path, [Entry(verdict="undo", reviewer="Ada", undoes=decided.id)])
    assert [change.kind for change in preview(queue, queue.update().decisions)] == ["asked_alike"]
    assert _question_ids(_ran(raw, out)) == before


def test_what_is_the_same_as_a_parted_question_goes_with_it():
    decisions = [
        Decision(key(*ASKED[0]), key(*ASKED[1]), "different", "Ada"),
        Decision(key(*ASKED[1]), key(*ASKED[2]), "keep", "Ada"),
    ]
    for order in (decisions, decisions[::-1]):
        related = relate(occurrences(*ASKED), leftovers(), order)
        assert related.questions["question_id"].nunique() == len(related.questions) == 3
    assert relate(occurrences(*ASKED), leftovers(), decisions[1:]).questions["question_id"].nunique() == 2


def test_lines_that_were_read_before_are_read_as_the_file_has_them_now(tmp_path):
    path = tmp_path / "decisions.jsonl"
    append(path, [Entry(verdict="same", reviewer="Ada", a_key="a", b_key=str(n)) for n in range(3)])
    known: dict[bytes, Entry] = {}
    assert read_entries(path, known) == read_entries(path)
    old = b'{"verdict": "skip", "reviewer": "Bo", "a_key": "a", "b_key": "b"}\n'  # written before lines had ids
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([old, lines[2], lines[0], old]))  # git merges files of two people in any order
    append(path, [Entry(verdict="undo", reviewer="Ada", undoes=read_entries(path)[-1].id)])
    assert read_entries(path, known) == read_entries(path)
    assert len(read_entries(path, known)) == 5
