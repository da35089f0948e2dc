"""Relates answers on a Spark cluster: which keys the SQL of one machine joins by, and what is sent between them."""

from __future__ import annotations

from itertools import count

import duckdb

from pipeline.duplicates.kernels import compare_contained, compare_pairs, list_long_sentences
from pipeline.duplicates.stage import MapBlocks, RelateAnswers, all_are_new, relate_answers
from pipeline.spark.blocks import MIN_BLOCKS
from pipeline.spark.cluster import Cluster
from pipeline.spark.steps import Inputs, MapRows, Step, run_steps
from pipeline.storage import arrow, statements

# Answers that are contained in others, and sentences: file -> shingle -> file -> shingle -> file of the shorter answer
# -> file of the longer one.
CONTAINED = (
    Step(("spark/11_shingle_counts_to_send",), reads=("answers",), sends=("shingle_counts",)),
    Step(("spark/12_shared_shingle_frequencies_to_send",), sends=("shared_shingle_frequencies",)),
    Step(
        (
            "spark/13_answers_of_file",
            "duplicates/17_rarest_shingles",
            "duplicates/40_answers_to_split",
            MapRows(list_long_sentences, "answers_to_split", "sentences"),
            "spark/14_shingles_to_send",
        ),
        reads=("answers", "texts", "question_pairs"),
        sends=("shared_shingles", "wanted", "boilerplate_pairs"),
        keeps=("cache.rarest_shingles", "boilerplate", "cache.split_answers", "cache.sentences"),
    ),
    Step(
        ("spark/15_shingles_of_bucket", "duplicates/18_containing_candidates", "spark/16_candidates_to_send"),
        sends=("candidates",),
    ),
    Step(
        ("spark/17_inner_answers_to_send",),
        reads=("answers", "texts"),
        sends=("containing_candidates", "inner_answers"),
    ),
    Step(
        (
            "spark/18_candidates_of_bucket",
            "duplicates/20_contained_pairs_to_compare",
            MapRows(compare_contained, "contained_pairs_to_compare", "relations"),
        ),
        reads=("answers", "texts"),
        keeps=("cache.relations",),
    ),
)

# Near copies: file -> bigram -> file of the first answer of a pair -> file of the second one.
NEAR_COPIES = (
    Step(("spark/20_bigrams_to_send",), reads=("answers",), sends=("bigrams",)),
    Step(
        (
            "spark/30_bigrams_of_bucket",
            "duplicates/25_bigram_frequencies",
            "duplicates/27_pairs_by_bigram",
            "spark/40_pairs_by_bigram_to_send",
        ),
        sends=("pairs_by_bigram",),
    ),
    Step(
        ("duplicates/28_found_pairs", "spark/50_pairs_to_send"),
        reads=("answers", "texts", "question_pairs"),
        sends=("pairs", "first_answers"),
    ),
    Step(
        (
            "spark/60_pairs_of_bucket",
            "duplicates/30_new_candidate_pairs",
            "duplicates/31_pairs_to_compare",
            MapRows(compare_pairs, "pairs_to_compare", "relations"),
            "spark/70_candidates_that_are_related",
        ),
        reads=("answers", "texts"),
        keeps=("cache.relations", "new_candidate_pairs"),
    ),
)


def cluster_relater(cluster: Cluster, min_files: int = MIN_BLOCKS, file_rows: int = arrow.BLOCK_ROWS) -> RelateAnswers:
    """A function that relates answers: on a cluster if every answer is new and there are many, else in the database.

    With fewer than `min_files` files of answers the driver is done sooner than a job has started.

    The function raises what `Cluster.map` raises.
    """
    calls = count()

    def relate(db: duckdb.DuckDBPyConnection, map_blocks: MapBlocks) -> None:
        files = -(-statements.count(db, "numbered") // file_rows)
        if files < min_files or not all_are_new(db):
            relate_answers(db, map_blocks)
            return
        call = next(calls)
        statements.execute_file(db, "duplicates/29_question_pairs_to_check")
        statements.execute_file(db, "spark/10_inputs_of_workers")
        folder = cluster.folder(f"answers_{call}")
        inputs = Inputs(folder, files, file_rows, tuple(statements.variable_settings(db)))
        inputs.write(db, "answers", "texts", "question_pairs")
        db.execute("drop table question_pairs_to_check; drop table numbered")
        run_steps(db, cluster, f"contained_{call}", CONTAINED, inputs)
        db.execute("create or replace table cache.boilerplate_answers as from boilerplate")
        run_steps(db, cluster, f"near_copies_{call}", NEAR_COPIES, inputs)

    return relate
