"""Every format has a golden file and a malformed twin: the documents read from them, and the rejects.

`golden.json` holds for every one of `files` its documents (with the questions and leftovers found in them) and its
rejects. Twins have `.broken` in their name.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.extract.archives import PACKED
from pipeline.extract.files import FORMAT_OF_ENDING
from pipeline.extract.options import ReadOptions, read_columns
from pipeline.extract.scan import SourceFile, scan
from pipeline.ingest.batches import read_batch
from pipeline.ledger.laws import lossless_faults
from pipeline.storage.schema import FORMATS, REJECT_REASONS

HERE = Path(__file__).parent
FILES = HERE / "files"
GOLDEN: dict[str, Any] = json.loads((HERE / "golden.json").read_text("utf-8"))
COLUMNS = ReadOptions(read_columns("question=Frage,answer=Antwort"))


def source(name: str) -> SourceFile:
    return next(file for file in scan(FILES).files if file.uri == name)


Tables = dict[str, list[dict[str, Any]]]


def summary(tables: Tables) -> dict[str, Any]:
    """What was read, in the form of `golden.json`."""
    documents = []
    for document in tables["documents"]:
        mine = [row for row in tables["occurrences"] if row["document_id"] == document["document_id"]]
        others = [row for row in tables["leftovers"] if row["document_id"] == document["document_id"]]
        fetched = document["fetched_at"]
        documents.append(
            {
                "uri": document["uri"],
                "encoding": document["encoding"] + ("" if document["encoding_certain"] else "?"),
                "source_url": document["source_url"],
                "fetched_at": fetched.isoformat() if fetched else None,
                "questions": [[row["question"], row["answer"]] for row in mine],
                "leftovers": [[row["role"], row["text"]] for row in others],
                "figures": [
                    row["surface"]
                    for row in tables["statistics"]
                    if row["occurrence_id"] in {own["occurrence_id"] for own in mine}
                ],
            }
        )
    return {"documents": documents, "rejects": [[row["uri"], row["reason"]] for row in tables["rejects"]]}


def text_of(tables: Tables, occurrence_id: str) -> str:
    home = next(o["document_id"] for o in tables["occurrences"] if o["occurrence_id"] == occurrence_id)
    return next(str(document["text"]) for document in tables["documents"] if document["document_id"] == home)


def faults(tables: Tables) -> list[str]:
    """The faults of law 1 in what was read."""
    found = []
    for document in tables["documents"]:
        rows = [
            {**row, "id": row["occurrence_id"], "opening": row["question_raw"], "rest": row["answer_raw"]}
            for row in tables["occurrences"]
            if row["document_id"] == document["document_id"]
        ]
        rows += [
            {**row, "id": row["leftover_id"], "opening": row["text"], "rest": None}
            for row in tables["leftovers"]
            if row["document_id"] == document["document_id"]
        ]
        rows.sort(key=lambda row: row["char_start"])
        found += lossless_faults(document["text"], rows)
    return found


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_a_file_is_read_as_its_golden_says(name: str) -> None:
    tables = {table: rows.to_pylist() for table, rows in read_batch([source(name)], COLUMNS).tables.items()}
    assert summary(tables) == GOLDEN[name]
    assert faults(tables) == []
    for row in tables["statistics"]:
        assert text_of(tables, row["occurrence_id"])[row["char_start"] : row["char_end"]] == row["surface"]


def test_every_file_has_its_golden() -> None:
    assert {path.name for path in FILES.iterdir()} == set(GOLDEN)


def test_every_format_and_packing_has_a_golden_file_and_a_malformed_twin() -> None:
    whole = [name for name in GOLDEN if ".broken" not in name]
    broken = [name for name in GOLDEN if ".broken" in name]
    for ending in {".txt", ".html", ".csv", ".tsv", ".jsonl", ".json", ".parquet", ".warc", ".wet", ".xml", *PACKED}:
        assert [name for name in whole if name.endswith(ending)], ending
        assert [name for name in broken if name.endswith(ending)], ending
    assert set(FORMAT_OF_ENDING.values()) == set(FORMATS)


def test_every_reason_is_a_code() -> None:
    assert {reason for golden in GOLDEN.values() for _, reason in golden["rejects"]} <= set(REJECT_REASONS)
