"""Web archives whose headers lie and whose records are broken: no bad record costs another one."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import brotli
import pytest

from pipeline.extract.bodies import decoded_body
from pipeline.extract.files import read_file
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Document, Flaw, Record, Reject
from pipeline.extract.scan import scan
from pipeline.extract.warc import read_warc
from tests.linear_time import assert_linear

PAGE = b"<html><body><h2>Does the ferry take bicycles?</h2><p>Yes, on the lower deck.</p></body></html>"
CHUNKED = b"a\r\n" + PAGE[:10] + b"\r\n%x\r\n" % len(PAGE[10:]) + PAGE[10:] + b"\r\n0\r\n\r\n"


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("named", ["", "gzip", "deflate", "br", "zstd", "identity"])
def test_a_plain_body_is_read_whatever_its_header_says(named: str) -> None:
    assert decoded_body(PAGE, {"content-encoding": named}, 10_000) == (PAGE, "")
    assert decoded_body(PAGE, {"content-encoding": named, "transfer-encoding": "chunked"}, 10_000) == (PAGE, "")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (gzip.compress(PAGE), "gzip"),
        (gzip.compress(PAGE), ""),
        (gzip.compress(PAGE), "deflate"),
        (zlib.compress(PAGE), "deflate"),
        (raw_deflate(PAGE), "deflate"),
        (brotli.compress(PAGE), "br"),
        (gzip.compress(gzip.compress(PAGE)), "gzip"),
    ],
    ids=["gzip", "gzip, not named", "gzip, named deflate", "zlib", "raw deflate", "brotli", "gzip twice"],
)
def test_a_packed_body_is_unpacked_by_what_it_holds(body: bytes, named: str) -> None:
    assert decoded_body(body, {"content-encoding": named}, 10_000) == (PAGE, "")


def test_chunks_are_joined_with_and_without_their_header() -> None:
    assert decoded_body(CHUNKED, {"transfer-encoding": "chunked"}, 10_000)[0] == PAGE
    assert decoded_body(CHUNKED, {}, 10_000)[0] == PAGE


def test_what_is_readable_of_a_cut_body_is_kept_and_said() -> None:
    text = b"".join(b"Line %d of the timetable. " % n for n in range(3000))
    found, damage = decoded_body(gzip.compress(text)[:-2000], {"content-encoding": "gzip"}, 10**6)
    assert text.startswith(found)
    assert found
    assert damage


def test_an_unpacked_body_stops_at_the_limit() -> None:
    assert len(decoded_body(gzip.compress(bytes(10**7)), {}, 1000)[0]) == 1001


def record(number: int, length: int | None = None) -> bytes:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h2>Is pier %d open?</h2><p>Yes.</p>" % number
    head = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://pier.example/%d\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n"
    )
    return head % (number, len(http) if length is None else length) + http + b"\r\n\r\n"


BAD = {
    "too short": record(2, 60),
    "too long": record(2, 200),
    "empty": record(2, 0),
    "far too long": record(2, 10**12),
    "no number": record(2).replace(b"Content-Length: ", b"Content-Length: x"),
    "no length": record(2).replace(b"Content-Length", b"Content-Width"),
    "other bytes": b"\x00\x01 no record\r\nat all\r\n\r\n",
    "no version": record(2).replace(b"WARC/1.0", b"WART/1.0"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_record_costs_no_other(name: str) -> None:
    data = record(1) + BAD[name] + record(3) + record(4)
    found = list(read_warc(io.BufferedReader(io.BytesIO(data)), ReadOptions()))  # type: ignore[arg-type]
    texts = [item.text for item in found if isinstance(item, Record)]
    assert [f"Is pier {number} open?\n\nYes." for number in (1, 3, 4)] == [t for t in texts if "pier 2" not in t]
    assert any("pier 2" in text for text in texts) or any(isinstance(item, Flaw) for item in found)


@pytest.mark.parametrize("damage", ["bytes missing", "end missing", "bytes between", "wrong sum"])
def test_a_damaged_member_costs_no_other(damage: str, tmp_path: Path) -> None:
    one, two, three = (gzip.compress(record(number)) for number in (1, 2, 3))
    bad = {
        "bytes missing": two[:40] + two[60:],
        "end missing": two[:-30],
        "bytes between": b"??" + two,
        "wrong sum": two[:-8] + b"12345678",
    }
    (tmp_path / "piers.warc.gz").write_bytes(one + bad[damage] + three)
    found = list(read_file(scan(tmp_path).files[0]))
    texts = [item.text for item in found if isinstance(item, Document)]
    assert {f"Is pier {number} open?\n\nYes." for number in (1, 3)} <= set(texts)
    assert [item.reason for item in found if isinstance(item, Reject)] == ["damaged"]


def test_wrong_lengths_take_linear_time() -> None:
    assert_linear(
        lambda data: list(read_warc(io.BufferedReader(io.BytesIO(data)), ReadOptions())),  # type: ignore[arg-type]
        lambda size: b"WARC/1.0\r\nContent-Length: 999999\r\n\r\n" * size,
        20_000,
        factor=4,
    )
