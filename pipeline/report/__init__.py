"""What notebooks and report pages show: one function for each question, plots, tables, pages.

`from pipeline import report` gives the questions of `queries`.
"""

from pipeline.report.queries import (
    answer_states,
    content_gaps,
    coverage_by_topic,
    coverage_summary,
    duplicates_by_kind,
    figures,
    known_of_findings,
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
    "answer_states",
    "content_gaps",
    "coverage_by_topic",
    "coverage_summary",
    "duplicates_by_kind",
    "figures",
    "known_of_findings",
    "lines_accounted",
    "merge_policies",
    "merge_reasons",
    "questions_by_opening",
    "related_pairs",
    "repeated_rows",
    "sources_per_question",
    "topic_overlap",
]
