"""Answers the questions of the notebooks: each function runs the SQL file of the same name on a ledger.

`plots` draws the frames, `show` formats them as tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from pipeline.errors import BadQuery, check_argument, check_count
from pipeline.ledger.compare import Comparison, compare_snapshots
from pipeline.ledger.ledger import Ledger
from pipeline.storage import frames
from pipeline.storage.schema import DUPLICATE_KINDS, STATISTIC_KINDS, STATISTIC_ROLES


def _answer(ledger: Ledger, name: str, **parameters: object) -> pd.DataFrame:
    """The result of `sql/<name>.sql`; `attrs["source"]` names the generation, and plots print it."""
    check_argument("ledger", ledger, Ledger, "a ledger, as pipeline.open() returns it")
    found = frames.query(ledger.db, name, **parameters)
    found.attrs["source"] = ledger.source
    return found


def _check_name(argument: str, name: str | None, known: Sequence[str]) -> None:
    if name is not None and name not in known:
        raise BadQuery(f"{name!r} is not a {argument}; the {argument}s are: {', '.join(known)}")


def coverage_summary(ledger: Ledger) -> pd.Series:
    """How much the documents contain, as counts.

    documents, files, sites, lines, occurrences, with_mark and without_mark (questions, by their mark), answered,
    complete (answered and not cut short), truncated, unanswered, qa_rows, distinct_questions, leftovers, rejects.
    """
    return _answer(ledger, "report/coverage_summary").iloc[0]


def alerts(ledger: Ledger) -> pd.DataFrame:
    """What a reader should know first, as rejected input or one large source: alert, count, of, detail."""
    return _answer(ledger, "report/alerts")


def coverage_by_topic(ledger: Ledger) -> pd.DataFrame:
    """How many rows of qa have each topic, the most frequent first; topics without a row are included.

    topic, title, required, questions, share (of all rows of qa, 0 to 1, null when there are none), complete,
    to_review.
    """
    return _answer(ledger, "report/coverage_by_topic")


def answer_states(ledger: Ledger) -> pd.DataFrame:
    """Occurrences by the state of their answer: complete, cut short, unanswered; share of all occurrences."""
    return _answer(ledger, "report/answer_states")


def questions_by_opening(ledger: Ledger) -> pd.DataFrame:
    """Rows of qa by their opening words (how, what, yes or no, ...), most frequent first; share of all rows."""
    return _answer(ledger, "report/questions_by_opening")


def questions_by_document_count(ledger: Ledger) -> pd.DataFrame:
    """Distinct questions by how many documents ask them: documents, questions, share of all distinct questions."""
    return _answer(ledger, "report/questions_by_document_count")


def topic_overlap(ledger: Ledger) -> pd.DataFrame:
    """Pairs of topics on one row of qa, most frequent first: rows, share_of_a, share_of_b (0 to 1), lift."""
    return _answer(ledger, "report/topic_overlap")


def lines_accounted(ledger: Ledger) -> pd.DataFrame:
    """The lines of each document: in_occurrences, in_leftovers, blank; they add up to lines."""
    return _answer(ledger, "report/lines_accounted")


def content_gaps(ledger: Ledger) -> pd.DataFrame:
    """The questions with a question mark that no page answers in full, each once; unanswered ones first.

    question, missing (in words), occurrences; uri, line and qa_id are those of the most frequent wording.
    """
    return _answer(ledger, "report/content_gaps")


def figures(ledger: Ledger, kind: str | None = None, role: str | None = None) -> pd.DataFrame:
    """Quoted figures, each once per row of qa, optionally of one kind or role; `copies` counts its occurrences.

    low and high are null where the quote leaves them open. Nothing is converted.
    """
    _check_name("kind", kind, STATISTIC_KINDS)
    _check_name("role", role, STATISTIC_ROLES)
    found = _answer(ledger, "report/figures")
    if kind is not None:
        found = found[found["kind"] == kind]
    if role is not None:
        found = found[found["role"] == role]
    return found.reset_index(drop=True)


def decided_figures(ledger: Ledger) -> pd.DataFrame:
    """Figures that reviewers decided on because sources disagree, once per row of qa, by claim and value.

    decision (comparable, not_comparable, misread), decided_by, note; the claims leave out the latter two.
    """
    return _answer(ledger, "report/decided_figures")


def field_accuracy() -> pd.DataFrame:
    """How often each field of a figure was right on labelled passages that were not used to write the rules.

    field, health and health_of (right, and labelled, on health care), other and other_of (on other subjects).
    """
    return pd.read_csv(Path(__file__).with_name("accuracy.csv"), dtype_backend="numpy_nullable")


def findings_by_detail(ledger: Ledger) -> pd.DataFrame:
    """How many findings name each detail a reader needs: detail, findings, of (all findings), share (0 to 1)."""
    return _answer(ledger, "report/findings_by_detail")


def duplicates_by_kind(ledger: Ledger) -> pd.DataFrame:
    """Related pairs by kind, in the order of the guidelines: pairs, merged, reported_only, decided_by_people."""
    return _answer(ledger, "report/duplicates_by_kind", kinds=DUPLICATE_KINDS)


def repeated_rows(ledger: Ledger) -> pd.DataFrame:
    """Rows of qa with more than one occurrence, most repeated first.

    question, answer, occurrences, documents, sources (uri:line), qa_id.
    """
    return _answer(ledger, "report/repeated_rows")


def related_pairs(ledger: Ledger, merged: bool, limit: int = 100, kind: str | None = None) -> pd.DataFrame:
    """Pairs that were merged, or were only reported, with the text of both sides.

    Merged pairs: those whose answers differ first, word-for-word copies last. Others: other answers to one question
    first, then conflicts, then the highest score. side_a and side_b are the question with its document and line,
    answer_a and answer_b its answer. `kind` selects the pairs of one kind.
    """
    check_argument("merged", merged, bool, "True or False")
    check_count("limit", limit)
    _check_name("kind", kind, DUPLICATE_KINDS)
    return _answer(ledger, "report/related_pairs", merged=merged, limit=limit, kind=kind)


def snapshot_changes(ledger: Ledger) -> pd.DataFrame:
    """What changed on pages that were fetched on several days, from one snapshot to the next.

    page, earlier, later (when the two were fetched), part (question, answer, figure), change (added, changed, removed),
    question, measure (of a figure), before, after, diff (of answers).
    """
    check_argument("ledger", ledger, Ledger, "a ledger, as pipeline.open() returns it")
    found = compare_snapshots(ledger.db)
    found.attrs["source"] = ledger.source
    return found


def previous_changes(ledger: Ledger) -> Comparison | None:
    """What changed since the generation before this one; None if there is none.

    question_link: the passage of what is there now, for `show.table`.
    """
    check_argument("ledger", ledger, Ledger, "a ledger, as pipeline.open() returns it")
    if min(ledger.generations()) >= ledger.generation:
        return None
    found = ledger.compare()
    links = passage_links(ledger)
    return replace(
        found,
        questions=found.questions.assign(question_link=found.questions["after_qa_id"].map(links)),
        answers=found.answers.assign(question_link=found.answers["after_qa_id"].map(links)),
        figures=found.figures.assign(question_link=found.figures["after_id"].map(links)),
    )


def passage_links(ledger: Ledger) -> pd.Series:
    """Where each row of qa and each figure is in the source pages of a report, by its id; for `show.table`."""
    return _answer(ledger, "report/passage_links").set_index("id")["link"]


def merge_reasons(ledger: Ledger) -> pd.DataFrame:
    """Occurrences that another one represents, by the kind of pair that merged them: reason, rows."""
    return _answer(ledger, "report/merge_reasons")


def merge_policies(ledger: Ledger) -> pd.DataFrame:
    """How many questions there are, by what counts as the same question: policy, the_same_is, questions."""
    return _answer(ledger, "report/merge_policies")
