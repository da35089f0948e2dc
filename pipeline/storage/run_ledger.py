"""A run's ledger: for each stage the rows that it received, kept and dropped, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Stage:
    """One line of the ledger. `unit` is the plural of what is counted; `dropped` gives the rows by reason.

    `seconds` is wall time. Raises `ValueError` when the rows do not add up: that is our own mistake.
    """

    stage: str
    unit: str
    rows_in: int
    kept: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    note: str = ""

    def __post_init__(self) -> None:
        if self.rows_in != self.kept + self.rows_dropped:
            raise ValueError(f"{self.stage}: {self.rows_in} rows in, {self.kept} kept, {self.rows_dropped} dropped")

    @property
    def rows_dropped(self) -> int:
        return sum(self.dropped.values())

    def __str__(self) -> str:
        why = ", ".join(f"{count:,} {reason}" for reason, count in sorted(self.dropped.items()) if count)
        tail = "; ".join(part for part in (why, self.note) if part)
        unit = self.unit.removesuffix("s") if self.rows_in == 1 else self.unit
        counts = f"{self.stage:<11}{self.rows_in:>11,} {unit:<12}{self.kept:>11,} kept{self.rows_dropped:>10,} dropped"
        return f"{counts}   {tail}".rstrip()


@dataclass(frozen=True, slots=True)
class RunLedger:
    """What a run did. Iterating gives (stage, rows kept, rows dropped), in order.

    `status` is published, unchanged or dry_run; `changes` counts rows of qa by what became of them;
    `rejects` are the rows of the table of that name; `warnings` are sentences; `changed_rows` is what a dry run would
    add to the table changes, and empty for all other runs. `embedder` is the digest of the embedding model, or None.
    """

    run_id: str
    generation: str | None
    status: str
    started_at: str
    finished_at: str
    stages: tuple[Stage, ...]
    counts: Mapping[str, int]
    changes: Mapping[str, int]
    documents_read: int = 0
    rejects: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()
    changed_rows: tuple[Mapping[str, Any], ...] = ()
    embedder: str | None = None

    @property
    def exit_code(self) -> int:
        """0 done, 3 when some input was rejected."""
        return 3 if self.rejects else 0

    def __iter__(self) -> Iterator[tuple[str, int, int]]:
        for stage in self.stages:
            yield stage.stage, stage.kept, stage.rows_dropped

    def __str__(self) -> str:
        return "\n".join(str(stage) for stage in self.stages)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, `stages` as a list of mappings; of a dry run each row that would change, too."""
        changed = {"changed_rows": [dict(row) for row in self.changed_rows]} if self.status == "dry_run" else {}
        return {
            "run_id": self.run_id,
            "generation": self.generation,
            "status": self.status,
            "exit_code": self.exit_code,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "documents_read": self.documents_read,
            "embedder": self.embedder,
            "counts": dict(self.counts),
            "changes": dict(self.changes),
            "stages": [
                {
                    "stage": stage.stage,
                    "unit": stage.unit,
                    "rows_in": stage.rows_in,
                    "kept": stage.kept,
                    "dropped": stage.rows_dropped,
                    "reasons": {reason: count for reason, count in stage.dropped.items() if count},
                    "seconds": round(stage.seconds, 3),
                }
                for stage in self.stages
            ],
            "rejects": [dict(row) for row in self.rejects],
            "warnings": list(self.warnings),
            **changed,
        }
