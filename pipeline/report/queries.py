"""One function for each question a notebook asks. Every answer comes from one SQL file of the same name.

Each takes a `Ledger` and gives a DataFrame; `plots` draws them, `show` lays them out as tables.
"""

from __future__ import annotations

import pandas as pd

from pipeline.ledger.ledger import Ledger
from pipeline.storage import frames
from pipeline.storage.schema import DUPLICATE_KINDS


def _answer(ledger: Ledger, name: str, **parameters: object) -> pd.DataFrame:
    """The answer of `sql/<name>.sql`; `attrs["source"]` says of which generation, and plots print it."""
    found = frames.query(ledger.db, name, **parameters)
    found.attrs["source"] = ledger.source
    return found


def coverage_summary(ledger: Ledger) -> pd.Series:
    """What the pages hold, by name: documents, lines, occurrences, answered, complete, truncated, unanswered,

    qa_rows, distinct_questions, leftovers, rejects. Counts; complete is answered and not cut short.
    """
    return _answer(ledger, "report/coverage_summary").iloc[0]


def coverage_by_topic(ledger: Ledger) -> pd.DataFrame:
    """How many rows of qa speak of each topic, most covered first, topics no row carries among them.

    topic, title, required, questions, share (of all rows of qa, 0 to 1, null when there are none), complete,
    to_review.
    """
    return _answer(ledger, "report/coverage_by_topic")


def answer_states(ledger: Ledger) -> pd.DataFrame:
    """Occurrences by the state of their answer: complete, cut short, unanswered; share of all occurrences."""
    return _answer(ledger, "report/answer_states")


def questions_by_opening(ledger: Ledger) -> pd.DataFrame:
    """Rows of qa by what they ask (how, what, yes or no, ...), most frequent first; share of all rows."""
    return _answer(ledger, "report/questions_by_opening")


def sources_per_question(ledger: Ledger) -> pd.DataFrame:
    """Distinct questions by how many documents ask them: documents, questions, share of all distinct questions."""
    return _answer(ledger, "report/sources_per_question")


def topic_overlap(ledger: Ledger) -> pd.DataFrame:
    """Pairs of topics on one row of qa, most frequent first: rows, share_of_a, share_of_b (0 to 1), lift."""
    return _answer(ledger, "report/topic_overlap")


def lines_accounted(ledger: Ledger) -> pd.DataFrame:
    """For each document where its lines went: in_occurrences, in_leftovers, blank; they add up to lines."""
    return _answer(ledger, "report/lines_accounted")


def content_gaps(ledger: Ledger) -> pd.DataFrame:
    """Distinct questions no page answers in full: question, missing, occurrences, uri, line, qa_id."""
    return _answer(ledger, "report/content_gaps")


def figures(ledger: Ledger, kind: str | None = None, role: str | None = None) -> pd.DataFrame:
    """Quoted figures, each once per row of qa, of one kind or role if asked; `copies` says how often it is quoted.

    low and high are null where the quote leaves them open. Nothing is converted.
    """
    found = _answer(ledger, "report/figures")
    if kind is not None:
        found = found[found["kind"] == kind]
    if role is not None:
        found = found[found["role"] == role]
    return found.reset_index(drop=True)


def known_of_findings(ledger: Ledger) -> pd.DataFrame:
    """What the pages tell about their findings and what not: told, findings, of (all findings), share (0 to 1)."""
    return _answer(ledger, "report/known_of_findings")


def duplicates_by_kind(ledger: Ledger) -> pd.DataFrame:
    """Related pairs by kind, in the order of the guidelines: pairs, merged, reported_only, decided_by_people."""
    return _answer(ledger, "report/duplicates_by_kind", kinds=DUPLICATE_KINDS)


def repeated_rows(ledger: Ledger) -> pd.DataFrame:
    """Rows of qa that stand in more than one place, most repeated first: question, answer, occurrences, documents,

    places (uri:line), qa_id.
    """
    return _answer(ledger, "report/repeated_rows")


def related_pairs(ledger: Ledger, merged: bool, limit: int = 100, kind: str | None = None) -> pd.DataFrame:
    """Pairs that were merged, or were only reported, the closest first, with what both sides say and where.

    side_a and side_b are the question with its place, answer_a and answer_b what stands below. Only those of one kind,
    if asked.
    """
    return _answer(ledger, "report/related_pairs", merged=merged, limit=limit, kind=kind)


def merge_reasons(ledger: Ledger) -> pd.DataFrame:
    """Occurrences that were joined to another wording, by the kind of pair that joined them: reason, rows."""
    return _answer(ledger, "report/merge_reasons")


def merge_policies(ledger: Ledger) -> pd.DataFrame:
    """How many questions there are by what one counts as the same: policy, the_same_is, questions."""
    return _answer(ledger, "report/merge_policies")
