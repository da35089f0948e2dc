"""Nothing that a file can hold breaks a run, costs more than its size, or is lost without a word."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.extract import archives
from pipeline.extract.csv_rows import read_csv
from pipeline.extract.files import read_file
from pipeline.extract.html import read_html
from pipeline.extract.json_rows import read_json, read_jsonl
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Document, Flaw, Found, Record, Reject
from pipeline.extract.scan import SourceFile
from pipeline.extract.warc import read_warc
from pipeline.ledger.laws import is_same_words, lossless_faults, without_interruptions
from pipeline.parse.known import Known, Pair
from pipeline.parse.markup import read_structured
from pipeline.parse.page import printed_lines
from pipeline.text.encoding import BLANK
from tests.linear_time import assert_linear

Reader = Callable[[io.BufferedReader, ReadOptions], Found]


def stream_of(data: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(data))  # type: ignore[arg-type]


def broken_laws(text: str, known: Known) -> list[str]:
    """The faults of law 1 in what is read of a text; law 2 is asserted."""
    rows: list[dict[str, object]] = []
    for row in read_structured(text, known):
        assert is_same_words(row.question_raw or "", row.question or "")
        raw, answer = row.answer_raw or "", row.answer or ""
        assert is_same_words(raw, answer) or is_same_words(without_interruptions(raw, printed_lines(text)), answer)
        opening = row.text if row.question_raw is None else row.question_raw
        span = {name: getattr(row, name) for name in ("line_start", "line_end", "char_start", "char_end")}
        rows.append({**span, "id": row.role, "opening": opening, "rest": row.answer_raw})
    return lossless_faults(text, rows)


# ---------------------------------------------------------------- any bytes, any text

PLAIN = """<p> </p> <div> </div> <h3> </h3> <ul> <ol> <li> <details> </details> <summary> </summary> <dl> <dt> <dd>
    </dl> <nav> </nav> <footer> </footer> <pre> </pre> <br> <!-- --> <script> </script> </b> </i> &amp; &#xd800;
    <a/href=' '>"""
TAGS = [
    *PLAIN.split(),
    "<script type='application/ld+json'>",
    '{"@type":"Question","name":"Why?","acceptedAnswer":{"text":"So."}}',
    '<div itemscope itemtype="https://schema.org/Question">',
    '<p itemprop="acceptedAnswer">',
    '<b itemprop="name">',
    '<i itemprop="text">',
    "Why is it?",
    "So.",
    *"F \u200b\u3000\x00\n",
]


@given(st.lists(st.sampled_from(TAGS), max_size=40).map("".join))
@example("<nav>a</nav><details><summary>Why?<p>b</details>")
@example("<h3><h3>Who?</h3></h3><p>a<h3>\x00Why?</h3><h3>When?</h3><h3>How?</h3>")
@settings(deadline=None, max_examples=300)
def test_any_page_is_read_without_losing_a_line(page: str) -> None:
    record = read_html(page.encode())
    if isinstance(record, Record):
        assert broken_laws(record.text, record.known) == []


@given(st.text(alphabet="ab?:. \n\r\t\u200b\u3000\x1c•-#Q1", max_size=60), st.lists(st.integers(0, 60), max_size=12))
@settings(deadline=None, max_examples=300)
def test_known_places_keep_every_line(text: str, cuts: list[int]) -> None:
    lines = [0, *(index + 1 for index, c in enumerate(text) if c == "\n"), len(text) + 1]
    starts = sorted({cut for cut in cuts if cut < len(lines) - 1})
    pairs = tuple(
        Pair(lines[first], lines[first + 1] - 1, lines[first + 1], min(lines[last] - 1, len(text)))
        if last > first + 1
        else Pair(lines[first], lines[first + 1] - 1)
        for first, last in zip(starts, [*starts[1:], len(lines) - 1], strict=False)
    )
    headings = tuple((start, "## ") for start in lines[:-1] if start < len(text))
    assert broken_laws(text, Known(pairs[::2], headings)) == []


@pytest.mark.parametrize("reader", [read_csv, read_jsonl, read_json, read_warc])
@given(data=st.binary(max_size=200))
@example(data=b"question\n\xff\x00")
@example(data=b'[{"text": 1}')
@example(data=b"\xff\xfe[\x00\x00\xd8")
@settings(deadline=None, max_examples=100)
def test_any_bytes_are_read_or_refused(reader: Reader, data: bytes) -> None:
    for item in reader(stream_of(data), ReadOptions()):
        assert isinstance(item, Flaw) or item.text.encode() is not None


# ---------------------------------------------------------------- cost grows with size alone

HOSTILE = {
    "nested elements": lambda n: "<div>" * n + "x",
    "misnested elements": lambda n: "".join(f"<font id={i}><p>" for i in range(n)),
    "unclosed items": lambda n: "<ul><li>x" * n,
    "items within inline elements": lambda n: "<b>" * n + "<li></li>" * n,
    "nested questions": lambda n: "<details><summary>Why is it?</summary>a" * n,
    "attributes": lambda n: "<p " + " ".join(f"a{i}=1" for i in range(n)) + ">x",
    "unclosed tags": lambda n: "<a" * n,
    "unclosed quotes": lambda n: "<a href=\"" * n,
    "unclosed comments": lambda n: "<!--" * n,
    "unclosed drawings": lambda n: "<svg>x" * n,
    "deep JSON-LD": lambda n: '<script type="application/ld+json">' + "[" * n,
    "broken JSON-LD": lambda n: '<script type="application/ld+json">' + '"\\' * n,
    "long numbers": lambda n: "&#" + "1" * n + ";",
    "blanks": lambda n: "<p>" + "\u200b \u3000" * n,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_costs_its_size(name: str) -> None:
    assert_linear(read_html, lambda size: HOSTILE[name](size).encode(), 1_250)


# ---------------------------------------------------------------- limits


def read(path: Path, limit: int = 10**6) -> tuple[list[Document], list[Reject]]:
    file = SourceFile(path.name, str(path), path.stat().st_size, 0)
    items = list(read_file(file, ReadOptions(max_document_bytes=limit)))
    return [i for i in items if isinstance(i, Document)], [i for i in items if isinstance(i, Reject)]


ROWS = {
    "a.jsonl": '{"text": "What is it?"}\n{"text": "%s"}\n{"text": "Who is it?"}\n',
    "a.json": '[{"text": "What is it?"}, {"text": "%s"}, {"text": "Who is it?"}]',
    "a.csv": "text\nWhat is it?\n%s\nWho is it?\n",
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_over_the_limit_is_refused_by_name_and_the_others_are_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(ROWS[name] % ("x" * 3000))
    documents, rejects = read(path, 2000)
    assert [d.uri for d in documents] == [f"{name}#1", f"{name}#3"]
    assert [(r.uri, r.reason) for r in rejects] == [(f"{name}#2", "too_large")]


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.txt.gz"])
def test_a_page_over_the_limit_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    data = b"What is it?\n" * 200
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    assert read(path, len(data))[1] == []
    documents, rejects = read(path, len(data) - 1)
    assert (documents, [r.reason for r in rejects]) == ([], ["too_large"])
    assert "--max-document-bytes" in rejects[0].detail


def test_an_archive_stops_at_its_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "FREE", 10**5)
    path = tmp_path / "bomb.jsonl.gz"
    row = json.dumps({"text": "What is it?"}).encode() + b"\n"
    path.write_bytes(gzip.compress(row + b"\n" * 500_000))
    documents, rejects = read(path)
    assert [d.uri for d in documents] == ["bomb.jsonl.gz#1"]
    assert [(r.uri, r.reason) for r in rejects] == [("bomb.jsonl.gz", "too_large")]


def test_an_archive_stops_at_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 3 * 10**5)
    path = tmp_path / "big.csv.gz"
    path.write_bytes(gzip.compress(b"text\n" + b"What is it?\n" * 50_000))
    documents, rejects = read(path)
    assert 15_000 < len(documents) < 25_000
    assert [(r.uri, r.reason) for r in rejects] == [("big.csv.gz", "too_large")]


def test_blank_lines_cost_little(tmp_path: Path) -> None:
    path = tmp_path / "blank.txt"
    path.write_bytes(b"What is it?" + b"\n" * 10**6 + b"A thing.")
    (document,), rejects = read(path, 10**7)
    assert (document.lines, rejects, document.text.strip(BLANK)[:5]) == (10**6 + 1, [], "What ")


# ---------------------------------------------------------------- files that are not what their name says


def flaws_of(lines: list[str]) -> list[tuple[int | None, str]]:
    found = read_jsonl(stream_of("\n".join(lines).encode()), ReadOptions())
    return [(item.number, item.reason) for item in found if isinstance(item, Flaw)]


def test_a_thousand_lines_that_are_no_records_are_one_flaw_and_the_end() -> None:
    text = ["What is a biopsy?"] * 1_000
    assert flaws_of([*text, '{"text": "What is it?"}']) == [(None, "damaged")]
    assert flaws_of(['{"name": 1}'] * 1_500) == [(None, "no_columns")]
    (flaw,) = read_jsonl(stream_of("\n".join(text).encode()), ReadOptions())
    assert isinstance(flaw, Flaw)
    assert flaw.detail.startswith(
        "none of its first 1,000 lines is a record; the first: not valid JSON (Expecting value"
    )
    assert flaw.detail.endswith("correct it or rename the file")
    assert flaw.sample == "What is a biopsy?"


def test_fewer_of_them_or_after_a_record_are_flaws_of_their_own() -> None:
    record, text = '{"text": "What is it?"}', ["What is a biopsy?"]
    assert len(flaws_of([*text * 999, record])) == 999
    assert len(flaws_of([record, *text * 1_200])) == 1_200
    assert flaws_of([*text * 3, ""]) == [(1, "damaged"), (2, "damaged"), (3, "damaged")]
