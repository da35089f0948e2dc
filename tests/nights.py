"""Random nights in a row, and what must be true of the folder after each: generations, pins, disk use, freshness."""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from datetime import UTC, datetime

import pytest

import pipeline
from pipeline.errors import BadQuery, GenerationRemoved, RawEmpty
from pipeline.ledger.status import status
from pipeline.ledger.verify import verify
from pipeline.refresh.notify import metrics
from pipeline.refresh.rollback import rollback
from pipeline.storage import generations
from pipeline.storage.journal import journal

KEEP = 3
PAGE = "Q: What is a biopsy of kind {}?\nA: A small sample of tissue, in {} of 100 women.\n"
# An idle run also removes what a rollback or an unpinned generation left to remove.
WRITTEN_BY_AN_IDLE_RUN = {"runs.jsonl", "run_results.json", ".lock", "generations/removed.txt"}


class Nights:
    """A folder of pages with its tables, and what must be true of them after each night."""

    def __init__(self, folder, seed):
        self.raw, self.out, self.empty = folder / "raw", folder / "out", folder / "empty"
        self.raw.mkdir()
        self.empty.mkdir()
        self.random, self.kinds, self.done = random.Random(seed), Counter(), 0
        self.version, self.versions = 0, {}  # of the pages, and by generation
        self.checked = {}  # by generation: the time before and after the last run that found it up to date
        self.ids, self.pinned = [], set()  # of the generations, oldest first
        self.change()

    @property
    def published(self):
        return generations.published(self.out).stem

    def night(self):
        kind = self.random.choice(["idle"] * 4 + ["change"] * 3 + ["fail", "roll_back", "pin", "unpin"])
        before = self.files()
        getattr(self, kind)()
        self.kinds[kind] += 1
        self.check()
        if kind == "idle" and self.done == len(journal(self.out)) and self.last.status == "unchanged":
            changed = {name for name, state in self.files().items() if before.get(name) != state}
            assert changed <= WRITTEN_BY_AN_IDLE_RUN
            assert sum(self.files()[name][0] for name in changed) < 1_000 * (self.done + 2)

    def files(self):
        found = (path for path in self.out.rglob("*") if path.is_file() and not path.is_symlink())
        return {str(path.relative_to(self.out)): (path.stat().st_size, path.stat().st_mtime_ns) for path in found}

    def change(self):
        self.version += 1
        (self.raw / f"{self.version % 5}.txt").write_text(PAGE.format(self.version, self.version))
        self.run()

    def idle(self):
        self.run()

    def run(self):
        start = datetime.now(UTC)
        is_current = self.ids and self.versions[self.published] == self.version
        self.last = pipeline.run(self.raw, self.out, workers=1, keep=KEEP)
        self.done += 1
        assert self.last.status == ("unchanged" if is_current else "published")
        generation = self.last.generation
        self.checked[generation] = start, datetime.now(UTC)
        if not is_current:
            self.versions[generation] = self.version
            self.ids.append(generation)
        kept = [generation]
        for one in reversed(self.ids):
            is_new = self.versions[one] not in {self.versions[other] for other in kept}
            if one not in self.pinned | {generation} and is_new and len(kept) < KEEP:
                kept.append(one)
        for one in set(self.ids) - self.pinned - set(kept):
            with pytest.raises(GenerationRemoved, match=f"by the run {self.last.run_id}"):
                pipeline.open(self.out, one)
        self.ids = [one for one in self.ids if one in self.pinned or one in kept]

    def fail(self):
        with pytest.raises(RawEmpty):
            pipeline.run(self.empty, self.out, workers=1, keep=KEEP)
        self.done += 1
        assert status(self.out).last_run["status"] == "failed"

    def roll_back(self):
        older = [one for one in self.ids if one < self.published]
        if not older:
            with pytest.raises(BadQuery):
                rollback(self.out)
            return
        assert rollback(self.out).generation == older[-1]
        self.done += 1

    def pin(self):
        one = self.random.choice(self.ids)
        generations.pin(self.out, one)
        self.pinned.add(one)

    def unpin(self):
        if self.pinned:
            one = self.random.choice(sorted(self.pinned))
            generations.pin(self.out, one, False)
            self.pinned.remove(one)

    def check(self):
        assert generations.generations(self.out) == self.ids
        assert len(self.ids) <= KEEP + len(self.pinned) + 1, "one more right after a rollback or when one is unpinned"
        assert {one.id for one in generations.listed(self.out) if one.is_pinned} == self.pinned
        assert len(journal(self.out)) == self.done, "one line for each night"
        now, (start, end) = status(self.out), self.checked[self.published]
        assert start <= now.checked_at <= end
        told = re.search("^qaledger_last_success_timestamp_seconds (.*)$", metrics(self.out), re.MULTILINE)
        assert float(told[1]) == pytest.approx(now.checked_at.timestamp(), abs=0.01)
        on_disk = sum(size for size, _ in self.files().values())
        databases = sum(one.bytes for one in generations.listed(self.out))
        assert on_disk - databases < 5_000 + 2_000 * (len(self.ids) + self.done), "manifests, journal, result"
        assert not [name for name in self.files() if ".building-" in name]


def many_nights(folder, seed, number):
    nights = Nights(folder, seed)
    for _ in range(number):
        nights.night()
    assert all(finding.is_ok for finding in verify(nights.out))
    shutil.rmtree(nights.out)
    return nights
