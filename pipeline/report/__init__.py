"""Queries, plots, tables and pages for notebooks and reports.

`from pipeline import report` gives the functions of `queries`.
"""

from pipeline.report.queries import (
    alerts,
    answer_states,
    content_gaps,
    coverage_by_topic,
    coverage_summary,
    decided_figures,
    duplicates_by_kind,
    field_accuracy,
    figures,
    findings_by_detail,
    lines_accounted,
    merge_policies,
    merge_reasons,
    passage_links,
    previous_changes,
    questions_by_document_count,
    questions_by_opening,
    related_pairs,
    repeated_rows,
    snapshot_changes,
    topic_overlap,
)

__all__ = [
    "alerts",
    "answer_states",
    "content_gaps",
    "coverage_by_topic",
    "coverage_summary",
    "decided_figures",
    "duplicates_by_kind",
    "field_accuracy",
    "figures",
    "findings_by_detail",
    "lines_accounted",
    "merge_policies",
    "merge_reasons",
    "passage_links",
    "previous_changes",
    "questions_by_document_count",
    "questions_by_opening",
    "related_pairs",
    "repeated_rows",
    "snapshot_changes",
    "topic_overlap",
]
