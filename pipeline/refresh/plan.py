"""The options of a run (`Job`), what it has to do (`Plan`), and the result of building the tables (`Built`)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.extract.options import ReadOptions
from pipeline.extract.scan import Scan, SourceFile
from pipeline.limits import KEEP, KEEP_RUNS
from pipeline.refresh.previous import Previous
from pipeline.spark.options import SparkOptions
from pipeline.storage.ids import identify
from pipeline.storage.run_ledger import Stage


@dataclass(frozen=True)
class Job:
    """The options of a run.

    `topics` is a taxonomy file, None for the one of the package; `form` is that of the tables, "" for the
    form of the published ones; `spark` is None on one machine. `scanned_ns` comes
    from the scan of RAW, `generation` (the id of the one that is built) from `out`.
    """

    raw: Path
    out: Path
    decisions_file: Path
    full: bool
    dry_run: bool
    workers: int
    options: ReadOptions
    topics: Path | None
    topics_version: str
    allow_empty: bool
    progress: bool
    started: datetime
    keep: int = KEEP
    keep_runs: int = KEEP_RUNS
    form: str = ""
    embedder: Path | None = None
    spark: SparkOptions | None = None
    scanned_ns: int = 0
    generation: str = ""

    @property
    def run_id(self) -> str:
        return identify("r_", self.started.isoformat(), str(os.getpid()))


@dataclass(frozen=True)
class Plan:
    """What a run has to do: the difference between what was scanned and the previous generation.

    scan: the files found. previous: the published generation, None without one. changed: the files to read.
    from_scratch: all tables are built from empty ones; otherwise the previous generation is copied and updated.
    is_up_to_date: no table but the topics can differ. tags_all: every row of qa is tagged again.
    digests: of rules, topics, decisions and embedder, as the manifest has them.
    """

    scan: Scan
    previous: Previous | None
    changed: list[SourceFile]
    from_scratch: bool
    is_up_to_date: bool
    tags_all: bool
    digests: Mapping[str, Any]


def make_plan(job: Job, scan: Scan, previous: Previous | None, digests: Mapping[str, Any]) -> Plan:
    """Compare a scan and the digests of a run with the previous generation."""
    is_taxonomy_new = previous is not None and previous.manifest.topics != digests["topics"]
    if previous is None or job.full or previous.manifest.rules != digests["rules"]:
        return Plan(scan, previous, scan.files, from_scratch=True, is_up_to_date=False, tags_all=True, digests=digests)
    changed = [file for file in scan.files if not previous.is_unchanged(file, job.scanned_ns)]
    is_up_to_date = (
        not changed
        and {file.uri for file in scan.files} == set(previous.files)
        and {reject.uri for reject in scan.rejects} == previous.refused
        and all(getattr(previous.manifest, name) == digests[name] for name in ("decisions", "embedder"))
    )
    return Plan(
        scan,
        previous,
        changed,
        from_scratch=False,
        is_up_to_date=is_up_to_date,
        tags_all=is_taxonomy_new,
        digests=digests,
    )


@dataclass(frozen=True)
class Built:
    """The result of building the tables: status, the ledger's lines, the number of files read, and warnings."""

    status: str
    stages: tuple[Stage, ...]
    files_read: int = 0
    warnings: tuple[str, ...] = ()
