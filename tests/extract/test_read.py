"""What a file's bytes become, whatever they are."""

from __future__ import annotations

import codecs
import io
import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import parse_text
from pipeline.extract.csv_rows import column_names
from pipeline.extract.files import kind_of, read_file, unreadable
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Document, Flaw, Reject
from pipeline.extract.scan import SourceFile, scan
from pipeline.text.encoding import decode


@pytest.mark.parametrize(
    ("data", "text", "encoding", "is_certain"),
    [
        (b"plain", "plain", "utf-8", True),
        ("naïve".encode(), "naïve", "utf-8", True),
        (codecs.BOM_UTF8 + "naïve".encode(), "naïve", "utf-8", True),
        (codecs.BOM_UTF16_LE + "naïve".encode("utf-16-le"), "naïve", "utf-16-le", True),
        (codecs.BOM_UTF16_BE + "naïve".encode("utf-16-be"), "naïve", "utf-16-be", True),
        ("It’s naïve".encode("cp1252"), "It’s naïve", "cp1252", False),
        (b"caf\xe9", "café", "cp1252", False),
        (b"\x81\x8d", "\x81\x8d", "cp1252", False),
    ],
)
def test_encodings(data, text, encoding, is_certain):
    found = decode(data)
    assert (found.text, found.encoding, found.is_certain) == (text, encoding, is_certain)
    assert found.undecodable == ()


def test_a_file_of_utf8_with_broken_places_is_utf8_and_says_where():
    found = decode("“one” ".encode() + b"\xe2\x80" + " “two”".encode())
    assert (found.text, found.encoding, found.is_certain) == ("“one” \ufffd “two”", "utf-8", False)
    assert found.undecodable == ((10, 12),)


@given(st.binary(max_size=200))
def test_any_bytes_become_a_document_or_a_reject(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "x.txt"
    path.write_bytes(data)
    items = list(read_file(SourceFile("x.txt", str(path), len(data), 0)))
    assert items
    for document in (item for item in items if isinstance(item, Document)):
        document.text.encode("utf-8")
        assert document.lines == document.text.count("\n") + (not document.text.endswith("\n"))


def test_what_a_library_says_of_a_damaged_file_is_not_about_permissions():
    assert unreadable(OSError("Couldn't deserialize thrift: Invalid data\n")) == Flaw(
        "damaged", "Couldn't deserialize thrift: Invalid data; fetch it again"
    )
    assert unreadable(PermissionError(13, "Permission denied")).reason == "unreadable"


# What the text of a format is made of.
PIECES = {
    "csv": ["question", "answer", "a", "q?", ",", ";", "|", "\t", '"', '""', "\\", "\r", "\n", "sep=;\n", "\ufeff"],
    "md": ["Q: ", "A: ", "What is it?", "x", "#", "```\n", "|", "- ", "1. ", "> ", "**", "[", "](", "\r", "\n"],
    "html": [
        "<h3>", "</h3>", "<p>", "<ul><li>", "<table><tr><td>", "</td>", "<details><summary>", "<script>", "</script>",
        "<!--", "-->", "<a href='", "'>", "<button aria-controls=x>", "<div id=x hidden>", "&#", ";", "What?", "x",
        '<script type="application/ld+json">', '{"@type":"Question","name":"What?","acceptedAnswer":', '{"text":"x"}}',
    ],
    "jsonl": [
        '{"question":', '"answer":', '"text":', '"url":', '"date":', '"items":', '"What is it?"', '"x"', "[", "]", "{",
        "}", ",", "null", "1e999", "true", '"\\ud83d"', '""', "\r", "\n",
    ],
}  # fmt: skip
PIECES |= {"tsv": PIECES["csv"], "txt": PIECES["md"], "json": PIECES["jsonl"]}


@given(
    st.sampled_from(sorted(PIECES)).flatmap(lambda one: st.tuples(st.just(one), st.lists(st.sampled_from(PIECES[one]))))
)
@example(("csv", ["a", "\r", "q?", "\n"])).via("a return in a cell, and no known column")
@example(("csv", [";", "a", "\r", "q?"])).via("a row that ends before its column of text")
def test_whatever_a_format_is_put_together_from_our_own_code_does_not_fail(tmp_path_factory, made):
    ending, pieces = made
    path, data = tmp_path_factory.getbasetemp() / f"x.{ending}", "".join(pieces).encode()
    path.write_bytes(data)
    items = list(read_file(SourceFile(path.name, str(path), len(data), 0)))
    assert [item for item in items if isinstance(item, Reject) and item.reason == "internal_error"] == []
    for item in items:
        if isinstance(item, Document):
            parse_text(item.text)
    if ending in ("csv", "tsv"):
        column_names(io.BufferedReader(io.BytesIO(data)), ReadOptions(), ending == "tsv")


# Text in which every other character is a zero is UTF-16.
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\ufeff\0"), min_size=1))
def test_utf8_text_comes_back_as_it_is(text):
    assert decode(text.encode()).text == text


def test_scan_is_in_order_of_uri_however_deep(tmp_path):
    for name in ("b/z.txt", "a.txt", "b/a/c.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert [file.uri for file in scan(tmp_path).files] == ["a.txt", "b/a/c.txt", "b/z.txt"]


def test_a_file_name_that_is_no_utf8_has_a_uri(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("What is it?\n")
    assert [file.uri for file in scan(tmp_path).files] == [r"caf\xe9.txt"]


def test_a_folder_that_links_to_itself_ends(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a.txt").write_text("x")
    found = scan(tmp_path)
    assert [file.uri for file in found.files] == ["a.txt"]
    assert [reject.reason for reject in found.rejects] == ["unreadable"]


@pytest.mark.parametrize("what", ["link", "pipe", "folder", "nothing", "link above"])
def test_a_file_that_something_else_replaced_since_the_scan_is_a_reject(tmp_path, what):
    raw, outside = tmp_path / "raw", tmp_path / "outside"
    for folder in (raw / "a", outside):
        folder.mkdir(parents=True)
        (folder / "page.txt").write_text("What is it?\nA secret.\n")
    (file,) = scan(raw).files
    if what == "link above":
        (raw / "a").rename(raw / "b")
        (raw / "a").symlink_to(outside)
    else:
        Path(file.path).unlink()
    if what == "link":
        Path(file.path).symlink_to(outside / "page.txt")
    elif what == "pipe":
        os.mkfifo(file.path)
    elif what == "folder":
        Path(file.path).mkdir()
    (reject,) = read_file(file)
    assert isinstance(reject, Reject)
    assert reject.reason == "unreadable"


def test_a_link_to_a_file_in_the_folder_is_read_under_its_own_name(tmp_path):
    (tmp_path / "page.html").write_text("<p>What is it?<p>A thing.")
    (tmp_path / "page.txt").symlink_to("page.html")
    assert [(file.uri, kind_of(file)[0]) for file in scan(tmp_path).files] == [
        ("page.html", "html"),
        ("page.txt", "txt"),
    ]
    assert all(isinstance(item, Document) for file in scan(tmp_path).files for item in read_file(file))


def test_a_reader_that_fails_rejects_its_file(tmp_path, monkeypatch):
    (tmp_path / "page.json").write_text("[]")

    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("pipeline.extract.json_rows.read_json", fail)
    (reject,) = read_file(scan(tmp_path).files[0])
    assert "ZeroDivisionError" in reject.detail
