"""Damages published files, and checks whether `verify` reports it and `run --full` builds the tables again."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from faults import Situation, born, digest

import pipeline
from pipeline.errors import DatabaseDamaged, PipelineError
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


# ---------------------------------------------------------------- blocks

BLOCK = 4096  # bytes that a file system writes together

# What can become of a file from one of its blocks on.
KINDS: dict[str, Callable[[bytes, int], bytes]] = {
    "overwritten": lambda whole, start: whole[:start] + b"\xa5" * BLOCK + whole[start + BLOCK :],
    "zeroed": lambda whole, start: whole[:start] + bytes(BLOCK) + whole[start + BLOCK :],
    "one bit flipped": lambda whole, start: whole[:start] + bytes([whole[start] ^ 16]) + whole[start + 1 :],
    "cut": lambda whole, start: whole[:start],
    "a block inserted": lambda whole, start: whole[:start] + whole[start : start + BLOCK] + whole[start:],
    "a block taken from another one": lambda whole, start: whole[:start] + whole[:BLOCK] + whole[start + BLOCK :],
}


def not_healed(situation: Situation, out: Path, count: int) -> list[str]:
    """Damage to `count` blocks of a published database, evenly spread, that is not found, or that --full leaves.

    The kinds of damage take turns.
    """
    whole = generations.published(situation.published).read_bytes()
    blocks, bad = range(0, len(whole), BLOCK), []
    turns = enumerate(blocks[:: max(1, len(blocks) // count)])
    for turn, start in turns:
        kind = list(KINDS)[turn % len(KINDS)]
        damaged = KINDS[kind](whole, start)
        if damaged != whole:
            where = f"block {start // BLOCK} of {len(blocks)} {kind}"
            bad += [f"{where}: {fault}" for fault in _faults_of_damage(situation, out, damaged)]
        if turn % 20 == 19:
            print(f"{turn + 1} damaged blocks, {len(bad)} bad", flush=True)
    return bad


def _faults_of_damage(situation: Situation, out: Path, damaged: bytes) -> Iterator[str]:
    database = generations.published(situation.copy_to(out))
    database.write_bytes(damaged)
    if all(finding.is_ok for finding in verify(out)):
        yield "verify finds nothing"
    try:
        pipeline.run(situation.raw, out, workers=1)
        yield "a run takes it for whole"
    except DatabaseDamaged as err:
        if "--full" not in str(err):
            yield f"the advice is {err}"
    try:
        pipeline.run(situation.raw, out, workers=1, full=True)
    except PipelineError as err:
        yield f"the full run failed: {err}"
        return
    if digest(out) != situation.after:
        yield "the full run made other tables"
    if not situation.born.items() <= born(out).items():
        yield "when a row was first seen was forgotten"
    yield from (str(finding) for finding in verify(out) if not finding.is_ok)
