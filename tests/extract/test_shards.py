"""A large file of JSON lines, handed out in shards: what comes of it is what comes of it as a whole."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.files import read_file
from pipeline.extract.options import ReadOptions
from pipeline.extract.scan import SourceFile
from pipeline.extract.shards import cut_shards, read_shard

RECORD = json.dumps({"text": "What is a biopsy?\nA small sample."}).encode()
LINES = st.one_of(
    st.just(RECORD),
    st.sampled_from(
        [b"", b" ", b"{", b'{"text": "caf\xe9"}', b'{"text": ""}', b"[1]", b'{"name": 1}', b"\0\0", b'"a"\r']
    ),
    st.integers(1, 300).map(lambda length: b'{"text": "' + b"x" * length + b'"}'),
)
LIMIT = ReadOptions(max_document_bytes=200)


def _file(folder, data, name="crawl.jsonl"):
    path = folder / name
    path.write_bytes(data)
    return SourceFile(name, str(path), len(data), 0)


def _in_shards(file, size, lines, options=None):
    found = list(cut_shards(file, size, lines, options))
    return found, [item for shard in found for item in read_shard(shard, options)]


@given(st.lists(LINES, max_size=12), st.booleans(), st.integers(1, 400), st.integers(1, 5))
def test_shards_give_what_the_whole_file_gives(tmp_path_factory, rows, is_ended, size, lines):
    data = b"\n".join([RECORD, *rows]) + b"\n" * is_ended
    file = _file(tmp_path_factory.getbasetemp(), data)
    found, items = _in_shards(file, size, lines, LIMIT)
    assert items == list(read_file(file, LIMIT))
    assert [shard.start for shard in found[1:]] == [shard.end for shard in found[:-1]]
    assert [shard.is_last for shard in found] == [False] * (len(found) - 1) + [True]


def test_a_line_longer_than_what_is_read_at_once_is_not_cut(tmp_path):
    file = _file(tmp_path, RECORD + b'\n{"text": "' + b"x" * 3_000_000 + b'"}\n' + RECORD)
    found, items = _in_shards(file, 1_000, 100)
    assert items == list(read_file(file))
    assert [item.uri for item in items] == [f"crawl.jsonl#{number}" for number in (1, 2, 3)]
    assert [(shard.start, shard.number) for shard in found] == [(0, 1), (3_000_000 + len(RECORD) + 14, 3)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.txt", RECORD),
        ("list.json", b"[" + RECORD + b"]"),
        ("crawl.jsonl.gz", RECORD),
        ("blank.jsonl", b"\n \n\xef\xbb\xbf\n"),
        ("wide.jsonl", codecs.BOM_UTF16_LE + RECORD.decode().encode("utf-16-le")),
    ],
)
def test_what_has_to_be_read_as_a_whole_has_no_shards(tmp_path, name, data):
    assert list(cut_shards(_file(tmp_path, data, name), 10, 10)) == []


def test_a_file_that_cannot_be_opened_or_is_gone_is_reported_by_its_reader(tmp_path):
    file = _file(tmp_path, RECORD + b"\n" + RECORD)
    found = list(cut_shards(file, 1, 1))
    Path(file.path).unlink()
    assert list(cut_shards(file, 1, 1)) == []
    assert [(item.uri, item.reason) for shard in found[:1] for item in read_shard(shard)] == [
        ("crawl.jsonl", "unreadable")
    ]
