"""The ledger's lines: for each stage the rows it was given, kept and dropped, counted in the tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import duckdb

from pipeline.extract.scan import Scan, file_of
from pipeline.run_ledger import Stage
from pipeline.storage.statements import count, rows, statement, tables_in


def read_stage(found: Scan, db: duckdb.DuckDBPyConnection, unread: int) -> Stage:
    """Files in; a file is kept when a document came of it."""
    names = _file_names(found)
    kept = {file_of(uri, names) for uri in _uris(db, "documents")}
    reason_of: dict[str, str] = {}
    for uri, reason in db.execute("select uri, reason from rejects order by all").fetchall():
        reason_of.setdefault(file_of(uri, names), reason)
    dropped = Counter(reason_of[name] for name in names - kept)
    if found.hidden:
        dropped["hidden"] = found.hidden
    note = f"{unread:,} unchanged, not read again" if unread else ""
    return Stage("read", "files", len(names) + found.hidden, len(kept), dropped, note=note)


def _uris(db: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [uri for (uri,) in db.execute(f"select uri from {table}").fetchall()]


def _file_names(found: Scan) -> set[str]:
    return {file.uri for file in found.files} | {reject.uri for reject in found.rejects}


def records_stage(found: Scan, db: duckdb.DuckDBPyConnection) -> list[Stage]:
    """Records in, where files hold several; a record is kept when a document came of it."""
    names = _file_names(found)
    kept = {uri for uri in _uris(db, "documents") if uri not in names}
    rejected = db.execute("select uri, reason from rejects order by uri, stage, reason, detail").fetchall()
    refused: dict[str, str] = {}
    for uri, reason in rejected:
        if uri not in names and uri not in kept:
            refused.setdefault(uri, reason)
    total = len(kept) + len(refused)
    return [Stage("records", "records", total, len(kept), Counter(refused.values()))] if total else []


def parse_stage(db: duckdb.DuckDBPyConnection) -> Stage:
    """Lines in; a line is kept when it lies in an occurrence or a leftover (`sql/refresh/lines_kept.sql`)."""
    lines, kept = db.execute(statement("refresh/lines_kept")).fetchall()[0]
    occurrences, leftovers = (count(db, name) for name in ("occurrences", "leftovers"))
    note = f"in {occurrences:,} occurrences and {leftovers:,} runs of leftovers"
    return Stage("parse", "lines", lines, kept, {"blank": lines - kept}, note=note)


def figures_stage(db: duckdb.DuckDBPyConnection) -> Stage:
    """Answers in; every one is read for figures."""
    answered = db.execute("select count(*) from occurrences where is_answered").fetchall()[0][0]
    return Stage("figures", "answers", answered, answered, note=f"{count(db, 'statistics'):,} figures")


def warnings(db: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """A sentence for each document that deserves a look; the records of one file share theirs."""
    bare = db.execute("select uri from documents anti join occurrences using (document_id) order by uri").fetchall()
    found = _each_file((uri for (uri,) in bare), "no question found; its lines are kept as leftovers")
    guessed: dict[str, list[str]] = {}
    for encoding, uri in db.execute(
        "select encoding, uri from documents where not encoding_certain order by all"
    ).fetchall():
        guessed.setdefault(encoding, []).append(uri)
    for encoding, uris in guessed.items():
        found += _each_file(uris, f"not certainly {encoding}; look at its accents")
    return tuple(sorted(found))


def _each_file(uris: Iterable[str], what: str) -> list[str]:
    """What is to be said of these documents, in a sentence for each file."""
    by_file: dict[str, list[str]] = {}
    for uri in uris:
        by_file.setdefault(re.sub(r"#[0-9]+$", "", uri), []).append(uri)
    return [
        f"{group[0]}{f' and {len(group) - 1:,} more of its records' if len(group) > 1 else ''}: {what}"
        for group in by_file.values()
    ]


def duplicates_stage(db: duckdb.DuckDBPyConnection) -> Stage:
    """Occurrences in; one for each row of qa is kept, the others repeat it."""
    reasons = {row["reason"]: row["rows"] for row in rows(db, statement("report/merge_reasons"))}
    note = f"{count(db, 'duplicates'):,} related pairs"
    return Stage("duplicates", "occurrences", count(db, "occurrences"), count(db, "qa"), reasons, note=note)


def topics_stage(db: duckdb.DuckDBPyConnection) -> Stage:
    """Rows of qa in; every one is looked at."""
    looked_at = count(db, "qa")
    tags, tagged = db.execute("select count(*), count(distinct qa_id) from qa_topics").fetchall()[0]
    note = f"{tags:,} tags, {looked_at - tagged:,} without one"
    return Stage("topics", "qa rows", looked_at, looked_at, note=note)


def store_stage(db: duckdb.DuckDBPyConnection, dropped: int) -> Stage:
    """Rows of every table in; one that does not fit its schema is a row of rejects instead."""
    kept = sum(count(db, name) for name in tables_in(db) if name != "runs")
    return Stage("store", "rows", kept + dropped, kept, {"schema": dropped} if dropped else {})
