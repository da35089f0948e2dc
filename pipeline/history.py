"""What became of each row from one run to the next: `changes`, `runs`, and when a row was first seen."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import __version__, store
from pipeline.account import RunLedger
from pipeline.errors import PipelineError
from pipeline.previous import Previous
from pipeline.schema import TABLES, columns, empty, records, sift

Tables = dict[str, pd.DataFrame]

_LEAVES = ("duplicates", "qa_topics", "statistics")  # tables that no other table points into


def first_seen(tables: Tables, before: Previous | None) -> pd.DataFrame:
    """qa_id, first_seen_at of the present rows that an earlier row lives on in."""
    if before is None:
        return pd.DataFrame({"qa_id": pd.Series(dtype="str"), "first_seen_at": pd.Series(dtype="datetime64[us, UTC]")})
    linked = links(tables, before)
    with store.connect(before.database) as db:
        db.register("links", linked)
        return store.frame_of(
            db.sql(
                "select new_id as qa_id, min(first_seen_at) as first_seen_at "
                "from links join qa on qa_id = old_id group by new_id"
            )
        )


def links(tables: Tables, before: Previous) -> pd.DataFrame:
    """old_id, new_id: which earlier row of qa lives on in which present one (`sql/links.sql`)."""
    with store.connect(before.database) as db:
        old_places = store.query(db, "places")
    with store.open_new(None) as db:
        db.register("old_places", old_places)
        db.register("new_places", tables["occurrences"][list(old_places.columns)])
        return store.query(db, "links")


def note_changes(tables: Tables, before: Previous | None, run_id: str) -> None:
    """Fill `changes`: all that earlier runs did, then what this one does (`sql/changes.sql`)."""
    earlier, old_qa = empty(TABLES["changes"]), pd.DataFrame({"qa_id": [], "summary": []}, dtype="str")
    linked = pd.DataFrame({"old_id": [], "new_id": []}, dtype="str")
    if before is not None:
        linked = links(tables, before)
        with store.connect(before.database) as db:
            earlier, old_qa = store.read_table(db, "changes"), store.query(db, "qa_summary")
    with store.open_new(None) as db:
        store.lay(db, "qa", tables["qa"])
        db.register("new_qa", store.query(db, "qa_summary"))
        db.register("old_qa", old_qa)
        db.register("links", linked)
        present = store.query(db, "changes").assign(run_id=run_id)
    parts = [part for part in (earlier, present) if len(part)]
    tables["changes"] = pd.concat(parts, ignore_index=True)[list(columns(TABLES["changes"]))] if parts else earlier


def count_changes(changes: pd.DataFrame, run_id: str) -> dict[str, int]:
    """How many rows one run added, changed, removed, merged and split."""
    return dict(sorted(Counter(changes.loc[changes["run_id"] == run_id, "change"]).items()))


def sift_leaves(tables: Tables) -> int:
    """Move rows that do not fit their schema to `rejects`; how many. Only rows that no other row points to."""
    dropped = 0
    for name in _LEAVES:
        fitting, failures = sift(TABLES[name], tables[name])
        dropped += len(tables[name]) - len(fitting)
        tables[name] = fitting
        for failure in records(failures.drop_duplicates("index")):
            detail = f"{name}.{failure['column']} does not fit: {failure['check']}; please report this row"
            row = ("", "store", "schema", detail, str(failure["failure_case"])[:60])
            tables["rejects"].loc[len(tables["rejects"])] = row
    return dropped


# ---------------------------------------------------------------- runs


def published_run(ledger: RunLedger) -> dict[str, Any]:
    """The row of `runs` for a run that published."""
    return {
        **dict.fromkeys(columns(TABLES["runs"])),
        "run_id": ledger.run_id,
        "started_at": ledger.started_at,
        "finished_at": ledger.finished_at,
        "status": ledger.status,
        "version": __version__,
        "exit_code": ledger.exit_code,
        **{name: ledger.counts[name] for name in _COUNTED},
        "documents_read": ledger.documents_read,
        "stages": [
            {key: stage[key] for key in ("stage", "unit", "rows_in", "kept", "dropped", "seconds")}
            for stage in ledger.to_dict()["stages"]
        ],
    }


_COUNTED = ("documents", "occurrences", "leftovers", "qa", "duplicates", "statistics", "rejects")


def failed_run(run_id: str, started: datetime, err: BaseException) -> dict[str, Any]:
    """The row of `runs` for a run that published nothing."""
    stopped = {KeyboardInterrupt: 130, SystemExit: getattr(err, "code", 1)}.get(type(err))
    return {
        **dict.fromkeys(columns(TABLES["runs"])),
        "run_id": run_id,
        "started_at": started.isoformat(),
        "finished_at": datetime.now(UTC).isoformat(),
        "status": "interrupted" if stopped is not None else "failed",
        "version": __version__,
        "exit_code": stopped if stopped is not None else err.exit_code if isinstance(err, PipelineError) else 1,
        "error": str(err) or type(err).__name__,
        "stages": [],
    }


def runs(out: str | os.PathLike[str], before: Previous | None, present: Mapping[str, Any]) -> pd.DataFrame:
    """Every run so far, oldest first: what the last generation knows, what the journal adds, and this one."""
    known = empty(TABLES["runs"])
    if before is not None:
        with store.connect(before.database) as db:
            known = store.read_table(db, "runs")
    names = list(columns(TABLES["runs"]))
    seen = set(known["run_id"])
    rows = [run for run in [*store.journal(Path(out)), present] if run["run_id"] not in seen]
    added = pd.DataFrame([[row.get(name) for name in names] for row in rows], columns=names)
    for name in ("started_at", "finished_at"):
        added[name] = pd.to_datetime(added[name], utc=True, format="ISO8601").astype("datetime64[us, UTC]")
    together = pd.concat([known, added], ignore_index=True) if len(known) else added
    return together.sort_values(["started_at", "run_id"], ignore_index=True)
