"""Flips bits of published files or truncates them, and checks whether `verify` reports it."""

from __future__ import annotations

import random
from pathlib import Path

from pipeline.ledger.verify import verify
from pipeline.storage import generations


def missed(out: Path, count: int, draw: random.Random) -> list[str]:
    """Damage to the published database and its manifest, one at a time, that `verify` does not find."""
    database = generations.published(out)
    found = []
    for turn in range(count):
        path = database if turn % 2 else database.with_suffix(".json")
        whole = path.read_bytes()
        what, damaged = _cut(whole, draw) if turn % 10 > 7 else _flipped(whole, draw)
        path.write_bytes(damaged)
        if all(finding.is_ok for finding in verify(out)):
            found.append(f"{path.suffix}: {what}")
        path.write_bytes(whole)
    return found


def _cut(whole: bytes, draw: random.Random) -> tuple[str, bytes]:
    size = draw.randrange(len(whole))
    return f"cut to {size} bytes", whole[:size]


def _flipped(whole: bytes, draw: random.Random) -> tuple[str, bytes]:
    place, bit = draw.randrange(len(whole)), draw.randrange(8)
    damaged = bytearray(whole)
    damaged[place] ^= 1 << bit
    return f"bit {bit} of byte {place}", bytes(damaged)
