"""Nothing leaves in silence: each text of a table ends in a document, or a message names its column or key."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.extract.files import read_file
from pipeline.extract.record import Document, Reject
from pipeline.extract.scan import scan

NAMES = [
    "question",
    "answer",
    "text",
    "title",
    "note",
    "remark",
    "Bemerkung",
    "x",
    "url",
    "date",
    "tags",
    "回答",
    "body",
]
# Each leaf gets a number of its own, so that no two are the same text.
LEAF = st.sampled_from(
    ["Why does {} creak?", "The {} creaks in winter.", "{}", "<p>The {} is <b>old</b>.</p>", "  {} \t"]
)
NUMBER = st.integers(1, 10**6) | st.booleans() | st.none() | st.floats(1, 100)
NESTED = st.recursive(
    LEAF | NUMBER,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=8,
)


def numbered(value: Any, count: Iterator[int]) -> Any:
    if isinstance(value, str):
        return value.replace("{}", f"plank{next(count)}")
    if isinstance(value, list):
        return [numbered(inner, count) for inner in value]
    if isinstance(value, dict):
        return {key: numbered(inner, count) for key, inner in value.items()}
    return value


def leaves(value: Any, keys: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names of planks in a value, each with the keys above it."""
    if isinstance(value, str):
        yield from ((word, keys) for word in re.findall(r"plank[0-9]+", value))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, keys)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*keys, key))


def check(path: Path, data: bytes, rows: list[dict[str, Any]]) -> None:
    path.write_bytes(data)
    found = list(read_file(next(file for file in scan(path.parent).files if Path(file.path).name == path.name)))
    rejects = [item for item in found if isinstance(item, Reject)]
    if any("#" not in reject.uri for reject in rejects):
        return  # the file is rejected, or named for its columns
    documents = [item for item in found if isinstance(item, Document)]
    text = "\n".join(f"{document.text}\n{document.source_url}" for document in documents)
    left_out = {name for document in documents for name in document.left_out}
    rejected = {reject.uri.rpartition("#")[2] for reject in rejects}
    named = " ".join(reject.detail for reject in rejects)
    for number, row in enumerate(rows, 1):
        for word, keys in leaves(row):
            is_named = bool(left_out.intersection(keys)) or any(f"'{key}'" in named for key in keys)
            is_told = is_named or str(number) in rejected or any(name.startswith("column ") for name in left_out)
            assert word in text or is_told, f"{word} of {keys} is in no document, and {left_out} does not name it"


def table(cells: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)
    return names.flatmap(
        lambda keys: st.lists(st.fixed_dictionaries(dict.fromkeys(keys, cells)), min_size=1, max_size=4)
    )


WITHIN = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("ending", ["json", "jsonl"])
@WITHIN
@given(rows=table(NESTED))
def test_every_text_of_a_json_record_is_kept_or_named(ending: str, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    rows = numbered(rows, iter(range(10_000)))
    texts = [json.dumps(row, ensure_ascii=False) for row in rows]
    data = "[" + ",".join(texts) + "]" if ending == "json" else "\n".join(texts)
    check(tmp_path / f"planks.{ending}", data.encode(), rows)


@WITHIN
@given(rows=table(NESTED), around=st.dictionaries(st.sampled_from(NAMES), NESTED, max_size=3))
def test_what_is_around_the_list_of_an_object_is_kept_or_named(
    rows: list[dict[str, Any]], around: dict[str, Any], tmp_path: Path
) -> None:
    whole = numbered({**around, "items": rows}, iter(range(10_000)))
    check(tmp_path / "planks.json", json.dumps(whole).encode(), [whole])


@pytest.mark.parametrize("ending", ["csv", "tsv"])
@WITHIN
@given(rows=table(LEAF))
def test_every_cell_of_a_table_is_kept_or_named(ending: str, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    rows = numbered([{key: cell.replace("\t", " ") for key, cell in row.items()} for row in rows], iter(range(10_000)))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0], delimiter="," if ending == "csv" else "\t")
    writer.writeheader()
    writer.writerows(rows)
    check(tmp_path / f"planks.{ending}", out.getvalue().encode(), rows)


@WITHIN
@given(rows=table(LEAF))
def test_every_cell_of_a_parquet_file_is_kept_or_named(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    rows = numbered(rows, iter(range(10_000)))
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    check(tmp_path / "planks.parquet", out.getvalue(), rows)


def test_columns_of_the_same_name_keep_all_cells(tmp_path: Path) -> None:
    data = b"question,answer,note,note\nWhy does it creak?,It is old.,The first note.,The second note.\n"
    rows = [{"note": "The first note.", "note (2)": "The second note."}]
    check(tmp_path / "planks.csv", data, rows)
    (document,) = read_file(scan(tmp_path).files[0])
    assert isinstance(document, Document)
    assert "The first note." in document.text
    assert "The second note." in document.text


def test_half_a_character_in_data_of_a_page_becomes_a_sign_of_its_own(tmp_path: Path) -> None:
    script = '{"@type": "Question", "name": "Is \\ud83d old?", "acceptedAnswer": {"text": "Yes \\udc00."},}'
    (tmp_path / "plank.html").write_text(f'<script type="application/ld+json">{script}</script>')
    (document,) = read_file(scan(tmp_path).files[0])
    assert isinstance(document, Document)
    assert document.text == "Is \ufffd old?\nYes \ufffd."
    assert not document.encoding_certain


def test_a_time_outside_of_all_years_ends_no_file(tmp_path: Path) -> None:
    times = pa.array([2**62], pa.timestamp("us"))
    pq.write_table(pa.table({"question": ["Is it old?"], "answer": ["Very."], "date": times}), tmp_path / "p.parquet")
    (document,) = read_file(scan(tmp_path).files[0])
    assert isinstance(document, Document)
    assert document.text.startswith("Is it old?\nVery.")
