"""Reads how old the published tables are and how many rows they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.errors import many
from pipeline.storage import connection, frames, generations
from pipeline.storage.journal import journal, start_of_last_unchanged
from pipeline.storage.schema import TABLES


@dataclass(frozen=True)
class Status:
    """The published generation, its age and row counts, and the last run, which may have failed since.

    `checked_at`: when a run last found these tables up to date, or published them; `age_seconds` counts from then.
    """

    link: Path
    generation: str
    version: str
    published_at: datetime
    checked_at: datetime
    age_seconds: float
    counts: Mapping[str, int]
    last_run: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "generation": self.generation,
            "version": self.version,
            "published_at": self.published_at.isoformat(),
            "checked_at": self.checked_at.isoformat(),
            "age_seconds": round(self.age_seconds, 3),
            "counts": dict(self.counts),
            "last_run": dict(self.last_run),
        }

    def __str__(self) -> str:
        counts = self.counts
        of = {
            "published": f"{many(counts['qa'], 'distinct question and answer', 'distinct questions and answers')}, "
            f"from {many(counts['occurrences'], 'question')} in {many(counts['documents'], 'document')}",
            "with": f"{many(counts['statistics'], 'quoted figure')}, {many(counts['duplicates'], 'related pair')}",
            "rejected": f"{many(counts['rejects'], 'input')}; list them with: qaledger export rejects --to rejects.csv"
            if counts["rejects"]
            else "nothing",
            "changed": f"{self.published_at:%Y-%m-%d %H:%M:%S} UTC",
            "up to date": f"{self.checked_at:%Y-%m-%d %H:%M:%S} UTC, {_age(self.age_seconds)} ago",
            "last run": self.last_run["status"] + (f": {self.last_run['error']}" if self.last_run["error"] else ""),
            "database": f"{self.link}, generation {self.generation}",
        }
        return "\n".join(f"{name:<10} {value}" for name, value in of.items())


def status(out: Path) -> Status:
    """The state of a folder of published tables. Raises `NothingPublished` and `DatabaseDamaged`."""
    _, manifest, opened = connection.open_generation(out)
    with opened as db:
        counts = {name: db.table(name).shape[0] for name in TABLES}
        last = frames.frame_of(
            db.sql("select run_id, status, error, started_at from runs order by started_at desc limit 1")
        )
    published_at = datetime.fromisoformat(manifest.created_at)
    runs = journal(out)
    checked_at = max(published_at, start_of_last_unchanged(runs, manifest.generation) or published_at)
    newest: Mapping[str, Any] = runs[-1] if runs else {str(k): v for k, v in last.iloc[0].items()}
    return Status(
        link=generations.published_link(out),
        generation=manifest.generation,
        version=manifest.version,
        published_at=published_at,
        checked_at=checked_at,
        age_seconds=(datetime.now(UTC) - checked_at).total_seconds(),
        counts=counts,
        last_run={name: newest.get(name) for name in ("run_id", "status", "error", "started_at", "finished_at")},
    )


def _age(seconds: float) -> str:
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return many(round(seconds / size), unit)
    return many(max(0, round(seconds)), "second")
