"""What a run was asked to do, and what came of making its tables."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.extract.options import ReadOptions
from pipeline.run_ledger import Stage
from pipeline.spark.options import SparkOptions
from pipeline.storage.generations import KEEP
from pipeline.storage.ids import identify
from pipeline.storage.journal import KEEP_RUNS


@dataclass(frozen=True)
class Job:
    """What a run was asked to do. `topics` is the taxonomy file, None the package's own; `spark` None this machine."""

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
    embedder: Path | None = None
    spark: SparkOptions | None = None
    scanned_ns: int = 0
    raw_bytes: int = 0

    @property
    def run_id(self) -> str:
        return identify("r_", self.started.isoformat(), str(os.getpid()))

    @property
    def generation(self) -> str:
        return self.started.strftime("%Y%m%dT%H%M%S.%fZ")


@dataclass(frozen=True)
class Made:
    """What came of making the tables: the ledger's lines, how many files were read, and what deserves a look.

    `untouched` are the tables of a copied generation to which nothing was written.
    """

    status: str
    stages: tuple[Stage, ...]
    files_read: int = 0
    warnings: tuple[str, ...] = ()
    untouched: frozenset[str] = frozenset()
