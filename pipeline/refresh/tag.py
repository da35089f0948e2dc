"""New topics for rows that are published already, where nothing but the taxonomy has changed."""

from __future__ import annotations

import duckdb

from pipeline.run_ledger import Stage
from pipeline.storage import frames, statements
from pipeline.topics.preview import changes_of_tags, counted
from pipeline.topics.tagging import tag_table, topic_table
from pipeline.topics.taxonomy import Taxonomy


def retag(db: duckdb.DuckDBPyConnection, taxonomy: Taxonomy) -> Stage:
    """Fill `topics`, `qa_topics` and `qa.topics` anew, and touch nothing else; the ledger's line on it."""
    qa = frames.frame_of(db.sql("select qa_id, question, answer from qa order by qa_id"))
    after = tag_table(qa, taxonomy)
    changes = changes_of_tags(qa, frames.read_table(db, "qa_topics"), after)
    for name, frame in (("topics", topic_table(taxonomy)), ("qa_topics", after)):
        db.execute(f"delete from {name}")
        frames.write(db, name, frame)
    statements.execute_file(db, "refresh/retagged")
    note = f"tagged again, nothing else: the taxonomy is another, {counted(changes)}"
    return Stage("topics", "qa rows", len(qa), len(qa), note=note)
