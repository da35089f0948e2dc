"""Publishes an older generation again; the journal notes it as a run."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from pipeline.storage import generations
from pipeline.storage.ids import identify
from pipeline.storage.lock import locked
from pipeline.storage.manifest import Manifest
from pipeline.version import __version__


def rollback(out: Path, generation: str | None = None) -> Manifest:
    """Publish an older generation again, by default the newest that is older than the published one.

    The generation that it replaces is kept. The next run compares the source documents with the older generation, so
    what changed since then is read again. Raises `NothingPublished`, `BadQuery`, `DatabaseDamaged`, `RunLocked` and
    `OutputUnusable`; then the published generation is not changed.
    """
    generations.published(out)
    with locked(out):
        now = datetime.now(UTC).isoformat()
        run = {
            "run_id": identify("r_", now, str(os.getpid())),
            "started_at": now,
            "finished_at": now,
            "status": "rolled_back",
            "version": __version__,
            "exit_code": 0,
            "stages": [],
        }
        return generations.rollback(out, generation, run)
