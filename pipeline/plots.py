"""The plots of `pipeline.report.plots`, under the name that notebooks import."""

from pipeline.report.plots import (
    answer_states,
    duplicate_kinds,
    merge_policies,
    money,
    picture,
    questions_by_document_count,
    questions_by_opening,
    rates,
    timeline,
    topic_coverage,
)

__all__ = [
    "answer_states",
    "duplicate_kinds",
    "merge_policies",
    "money",
    "picture",
    "questions_by_document_count",
    "questions_by_opening",
    "rates",
    "timeline",
    "topic_coverage",
]
