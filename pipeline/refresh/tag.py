"""Tags the rows of qa with topics: those whose wording changed, or all of them after a change of the taxonomy."""

from __future__ import annotations

from functools import partial

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.duplicates.kernels import no_search_for_cycles
from pipeline.duplicates.stage import MapBlocks
from pipeline.limits import ROWS_WORTH_A_POOL
from pipeline.storage import arrow
from pipeline.storage.build import one_transaction
from pipeline.storage.run_ledger import Stage
from pipeline.storage.schema import TABLES
from pipeline.storage.statements import count, execute_file
from pipeline.topics.tagging import TAG_COLUMNS, build_prefilters, tag_rows, tag_table, topic_rows
from pipeline.topics.taxonomy import Taxonomy


def tag(db: duckdb.DuckDBPyConnection, taxonomy: Taxonomy, tags_all: bool, map_blocks: MapBlocks) -> int:
    """Fill `topics` and `qa_topics` from the representative of each row of qa; returns the number of rejected tags.

    The tags of a representative that is published with the same wording stay, unless `tags_all`. Reads the temporary
    tables `members` and `affected_qa_ids`; with `tags_all` every row of qa is added to `affected_qa_ids`.
    """
    if tags_all:
        db.execute(
            "insert into affected_qa_ids select distinct qa_id from members anti join affected_qa_ids using (qa_id)"
        )
    execute_file(db, "refresh/20_affected_representatives")
    if tags_all:
        db.execute("update affected_representatives set is_published = false")
    execute_file(db, "refresh/30_delete_outdated_tags")
    db.execute("delete from topics")
    _insert_topics(db, taxonomy)
    execute_file(db, "refresh/40_to_tag")
    is_large = count(db, "to_tag") >= ROWS_WORTH_A_POOL
    if is_large:
        build_prefilters(taxonomy)
    kernel, dropped = partial(tag_block, taxonomy=taxonomy), 0
    with one_transaction(db):
        for tags in (map_blocks if is_large else map)(kernel, arrow.blocks(db, "to_tag")):
            rejected = tags.filter(pc.is_valid(tags["misfit"]))
            arrow.insert(db, "qa_topics", tags.filter(pc.is_null(tags["misfit"])).drop_columns("misfit"))
            for row in rejected.select(["misfit", "qa_id"]).to_pylist():
                db.execute("insert into rejects values ('', 'store', 'schema', $misfit, $qa_id)", row)
            dropped += len(rejected)
    db.execute("drop table to_tag")
    return dropped


def _insert_topics(db: duckdb.DuckDBPyConnection, taxonomy: Taxonomy) -> None:
    """Fill `topics`, which is empty."""
    types = pa.schema(arrow.arrow_types(TABLES["topics"]))
    arrow.insert(db, "topics", pa.Table.from_pylist(topic_rows(taxonomy), types))


@no_search_for_cycles()
def tag_block(qa: pa.Table, taxonomy: Taxonomy) -> pa.Table:
    """The tags of rows of qa (qa_id, question, answer); `misfit` says what is wrong with one that does not fit."""
    rows = tag_rows(qa.to_pydict(), taxonomy)
    types = arrow.arrow_types(TABLES["qa_topics"])
    columns = zip(TAG_COLUMNS, zip(*rows, strict=True) if rows else [()] * len(TAG_COLUMNS), strict=True)
    tags = pa.table({name: pa.array(values, types[name]) for name, values in columns})
    if not arrow.fits(TABLES["qa_topics"], tags):
        return _with_misfits(tags)
    return tags.append_column("misfit", pa.nulls(len(tags), pa.string()))


def _with_misfits(tags: pa.Table) -> pa.Table:
    """The tags that fit, and of each other one only the qa_id and the misfit."""
    from pipeline.storage import frames  # a run needs no frames while all rows fit

    fitting, failures = frames.sift(TABLES["qa_topics"], frames.to_frame(tags))
    misfits = [
        {
            "qa_id": tags["qa_id"][int(failure["index"])].as_py(),
            "misfit": f"qa_topics.{failure['column']} does not fit: {failure['check']}; please report this row",
        }
        for failure in frames.records(failures.drop_duplicates("index"))
    ]
    types = pa.schema({"qa_id": pa.string(), "misfit": pa.string()})
    tables = [frames.to_arrow(TABLES["qa_topics"], fitting), pa.Table.from_pylist(misfits, types)]
    return pa.concat_tables(tables, promote_options="default")


def retag(db: duckdb.DuckDBPyConnection, taxonomy: Taxonomy) -> Stage:
    """Fill `topics`, `qa_topics` and `qa.topics` again, and change nothing else; the ledger's line on it."""
    from pipeline.storage import frames
    from pipeline.topics.preview import changes_of_tag_states, count_sentence

    qa = frames.frame_of(db.sql("select qa_id, question, answer from qa order by qa_id"))
    after = tag_table(qa, taxonomy)
    changes = changes_of_tag_states(qa, frames.read_table(db, "qa_topics"), after)
    db.execute("delete from topics")
    _insert_topics(db, taxonomy)
    db.execute("delete from qa_topics")
    frames.write(db, "qa_topics", after)
    execute_file(db, "refresh/retagged_qa")
    note = f"tagged again, nothing else: the taxonomy changed, {count_sentence(changes)}"
    return Stage("topics", "qa rows", len(qa), len(qa), note=note)
