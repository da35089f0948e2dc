"""Damages source files of every format at random, and checks that a run rejects what it cannot read and reads the rest.

Many damaged files are read in one run, in a process of bounded memory; where it fails, each of them is read alone.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import random
import resource
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from faults import Run

import pipeline
from pipeline.ledger.verify import verify

MEMORY = 3 * 2**30  # of addresses, of which libraries take a third before a file is read
FILES = 100  # of one run
OWN_FAULT = "our own code failed"

PAIRS = [("What is a biopsy?", "A small sample of tissue."), ("What does it cost?", "About $250; 80 percent is paid.")]
ROWS = [{"question": q, "answer": a, "url": "https://example.org/faq", "date": "2024-05-01"} for q, a in PAIRS]
PAGE = "".join(f"Q: {q}\nA: {a}\n\n" for q, a in PAIRS)
HTML = (
    "<html><head><meta charset=utf-8><title>FAQ</title></head><body><nav>Home</nav>"
    + "".join(f"<h3>{q}</h3><p>{a} <b>Caf&eacute;</b></p>" for q, a in PAIRS)
    + '<script type="application/ld+json">{"@type": "Question", "name": "Is it safe?", "acceptedAnswer": {"@type": '
    + '"Answer", "text": "Yes."}}</script><table><tr><td>1</td><td>5 %</td></tr></table></body></html>'
)
TABLE = "question,answer,date\n" + "".join(f'"{q}","{a}",2024-05-01\n' for q, a in PAIRS)


def _warc(kind: str, body: str) -> bytes:
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{body}" if kind == "response" else body
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://example.org/\r\nWARC-Date: 2024-05-01T00:00:00Z"
    return f"{head}\r\nContent-Length: {len(http.encode())}\r\n\r\n{http}\r\n\r\n".encode()


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([{**row, "tags": ["a", "b"], "n": 1.5} for row in ROWS * 20]), out)
    return out.getvalue()


def whole_files() -> dict[str, bytes]:
    """One file of each format, plain, and packed in each way."""
    plain = {
        "txt": PAGE.encode(),
        "md": "".join(f"## {q}\n\n{a} *Yes* `x`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n" for q, a in PAIRS).encode(),
        "html": HTML.encode(),
        "json": json.dumps({"items": [{**row, "more": [{"text": ["x"]}]} for row in ROWS]}).encode(),
        "jsonl": "".join(json.dumps(row) + "\n" for row in ROWS * 5).encode(),
        "csv": TABLE.encode(),
        "tsv": TABLE.replace(",", "\t").encode(),
        "parquet": _parquet(),
        "warc": 2 * _warc("response", HTML),
        "wet": 2 * _warc("conversion", PAGE),
    }
    packings = {"gz": gzip.compress, "bz2": bz2.compress, "zst": zstandard.ZstdCompressor().compress}
    packed = {f"{name}.{ending}": pack(data) for name, data in plain.items() for ending, pack in packings.items()}
    return plain | packed


# ---------------------------------------------------------------- mutations

ODD = [
    b"\0", b"\xff\xfe", b"\xed\xa0\xbd", b"\\ud83d", b"[" * 3000, b'{"a":' * 500, b"<div>" * 2000, b"\r", b'"', b"NaN",
    b"&#xd800;", b"9" * 400, b"-1e999", b"Content-Length: 99999999999\r\n", b"\xf0\x9f", b"\xe2\x80\xa8", b"<![CDATA[",
]  # fmt: skip


def _flip(data: bytes, draw: random.Random, _: list[bytes]) -> bytes:
    found = bytearray(data)
    for _number in range(draw.choice((1, 1, 2, 8, 64))):
        found[draw.randrange(len(found))] ^= 1 << draw.randrange(8)
    return bytes(found)


def _cut(data: bytes, draw: random.Random, _: list[bytes]) -> bytes:
    start, end = sorted(draw.choices(range(len(data) + 1), k=2))
    return draw.choice((data[:start], data[start:], data[:start] + data[end:]))


def _repeat(data: bytes, draw: random.Random, _: list[bytes]) -> bytes:
    start, end = sorted(draw.choices(range(len(data) + 1), k=2))
    count = draw.choice((2, 10, 1000))
    return data[:start] + data[start:end] * min(count, 1 + 200_000 // (1 + end - start)) + data[end:]


def _splice(data: bytes, draw: random.Random, others: list[bytes]) -> bytes:
    other, start = draw.choice(others), draw.randrange(len(data) + 1)
    first, last = sorted(draw.choices(range(len(other) + 1), k=2))
    return data[:start] + other[first:last] + data[start + draw.choice((0, last - first)) :]


def _insert(data: bytes, draw: random.Random, _: list[bytes]) -> bytes:
    start = draw.randrange(len(data) + 1)
    return data[:start] + draw.choice(ODD) + data[start:]


MUTATIONS: list[Callable[[bytes, random.Random, list[bytes]], bytes]] = [_flip, _cut, _repeat, _splice, _insert]


def write_mutated(raw: Path, count: int, draw: random.Random) -> None:
    """`count` damaged files in a folder, beside a good page; the formats take turns."""
    raw.mkdir()
    (raw / "good.txt").write_text(PAGE)
    whole = whole_files()
    for number in range(count):
        ending = list(whole)[number % len(whole)]
        data = whole[ending]
        for mutate in draw.choices(MUTATIONS, k=draw.choice((1, 1, 2, 4))):
            data = mutate(data or b"?", draw, list(whole.values()))
        (raw / f"page{number}.{ending}").write_bytes(data)


# ---------------------------------------------------------------- what must hold


def faults_of_mutations(base: Path, count: int, seed: int = 0) -> list[str]:
    """What went wrong in runs over `count` damaged files; where a fault names no file, each file is read alone."""
    draw, bad = random.Random(seed), []
    for start in range(0, count, FILES):
        raw = base / f"raw{start}"
        write_mutated(raw, min(FILES, count - start), draw)
        found = _faults(raw, base / f"out{start}")
        if all(fault.startswith(OWN_FAULT) for fault in found):
            bad += found
        else:
            bad += [f"{path.name}, {fault}" for path in sorted(raw.iterdir()) for fault in _faults_alone(path, base)]
        print(f"{min(start + FILES, count)} damaged files, {len(bad)} bad", *found, flush=True)
    return bad


def _faults_alone(path: Path, base: Path) -> list[str]:
    raw = base / "alone" / path.parent.name / path.name
    raw.mkdir(parents=True)
    (raw / "good.txt").write_text(PAGE)
    (raw / path.name).write_bytes(path.read_bytes())
    return _faults(raw, raw.with_name(f"{path.name}.out"))


def _faults(raw: Path, out: Path) -> list[str]:
    code, error = Run(raw, out, bound_memory).ended()
    if code not in (0, 3):
        return [f"exit {code}: {error}"]
    with pipeline.open(out) as ledger:
        mistakes = "select uri, detail from rejects where reason in ('internal_error', 'schema')"
        rejects = ledger.db.execute(mistakes).fetchall()
        kept = ledger.db.execute("select count(*) from documents where uri = 'good.txt'").fetchall() == [(1,)]
    faults = [f"{OWN_FAULT}: {reject}" for reject in rejects] + ([] if kept else ["the good page is gone"])
    return faults + [str(finding) for finding in verify(out) if not finding.is_ok]


def bound_memory(_: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
