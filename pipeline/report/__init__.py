"""Queries, plots, tables and pages for notebooks and reports.

`from pipeline import report` gives the functions of `queries`.
"""

from pipeline.report.queries import (
    alerts,
    answer_states,
    content_gaps,
    coverage_by_topic,
    coverage_summary,
    duplicates_by_kind,
    figures,
    finding_details,
    lines_accounted,
    merge_policies,
    merge_reasons,
    questions_by_opening,
    related_pairs,
    repeated_rows,
    sources_per_question,
    topic_overlap,
)

__all__ = [
    "alerts",
    "answer_states",
    "content_gaps",
    "coverage_by_topic",
    "coverage_summary",
    "duplicates_by_kind",
    "figures",
    "finding_details",
    "lines_accounted",
    "merge_policies",
    "merge_reasons",
    "questions_by_opening",
    "related_pairs",
    "repeated_rows",
    "sources_per_question",
    "topic_overlap",
]
