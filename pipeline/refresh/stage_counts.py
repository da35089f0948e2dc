"""The lines of a run's ledger (for each stage the rows in, kept and dropped) and its warnings, from the tables."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import duckdb

from pipeline.errors import many
from pipeline.extract.scan import Scan, file_of
from pipeline.storage.run_ledger import Stage
from pipeline.storage.schema import TABLES
from pipeline.storage.statements import answer, count, counts


def ingest_stages(db: duckdb.DuckDBPyConnection, scan: Scan, files_read: int) -> list[Stage]:
    """The lines on reading and parsing. Call it before the rejects of later stages are added."""
    return [read_stage(db, scan, files_read), *_records_stage(db, scan), _parse_stage(db), _figures_stage(db)]


def table_stages(db: duckdb.DuckDBPyConnection, dropped: int) -> list[Stage]:
    """The lines on duplicates, topics and storage. `dropped`: rows that did not fit their schema."""
    return [_duplicates_stage(db), _topics_stage(db), _store_stage(db, dropped)]


def read_stage(db: duckdb.DuckDBPyConnection, scan: Scan, files_read: int) -> Stage:
    """Files in; a file is kept when it gave a document."""
    names = _file_names(scan)
    kept = {file for (file,) in db.execute("select distinct file from documents").fetchall()}
    reason_of: dict[str, str] = {}
    for uri, reason in db.execute("select uri, reason from rejects order by all").fetchall():
        reason_of.setdefault(file_of(uri, names), reason)
    dropped = Counter(reason_of[name] for name in names - kept)
    if scan.hidden:
        dropped["hidden"] = scan.hidden
    unread = len(scan.files) - files_read
    note = f"{unread:,} unchanged, not read again" if unread else ""
    return Stage("read", "files", len(names) + scan.hidden, len(kept), dropped, note=note)


def _file_names(scan: Scan) -> set[str]:
    return {file.uri for file in scan.files} | {reject.uri for reject in scan.rejects}


def _records_stage(db: duckdb.DuckDBPyConnection, scan: Scan) -> list[Stage]:
    """Records in, where files contain several; a record is kept when it gave a document."""
    names = _file_names(scan)
    kept = {uri for (uri,) in db.execute("select uri from documents where uri <> file").fetchall()}
    refused: dict[str, str] = {}
    for uri, reason in db.execute("select uri, reason from rejects order by uri, stage, reason, detail").fetchall():
        if uri not in names and uri not in kept:
            refused.setdefault(uri, reason)
    total = len(kept) + len(refused)
    return [Stage("records", "records", total, len(kept), Counter(refused.values()))] if total else []


def _parse_stage(db: duckdb.DuckDBPyConnection) -> Stage:
    """Lines in; a line is kept when it is in an occurrence or a leftover."""
    lines, kept = answer(db, "refresh/lines_kept").fetchall()[0]
    runs = many(count(db, "leftovers"), "run")
    note = f"in {many(count(db, 'occurrences'), 'occurrence')} and {runs} of leftovers"
    return Stage("parse", "lines", lines, kept, {"blank": lines - kept}, note=note)


def _figures_stage(db: duckdb.DuckDBPyConnection) -> Stage:
    """Answers in; all are searched for figures."""
    answered = db.execute("select count(*) from occurrences where is_answered").fetchall()[0][0]
    return Stage("figures", "answers", answered, answered, note=many(count(db, "statistics"), "figure"))


def _duplicates_stage(db: duckdb.DuckDBPyConnection) -> Stage:
    """Occurrences in; one for each row of qa is kept, the others repeat it."""
    reasons = dict(answer(db, "report/merge_reasons").project("reason, rows").fetchall())
    note = many(count(db, "duplicates"), "related pair")
    return Stage("duplicates", "occurrences", count(db, "occurrences"), count(db, "qa"), reasons, note=note)


def _topics_stage(db: duckdb.DuckDBPyConnection) -> Stage:
    """Rows of qa in; all are searched for topics."""
    qa = count(db, "qa")
    tags, tagged = db.execute("select count(*), count(distinct qa_id) from qa_topics").fetchall()[0]
    return Stage("topics", "qa rows", qa, qa, note=f"{many(tags, 'tag')}, {many(qa - tagged, 'row')} without one")


def _store_stage(db: duckdb.DuckDBPyConnection, dropped: int) -> Stage:
    """Rows of every table in; a row that does not fit its schema is a row of rejects instead."""
    kept = sum(counts(db, (name for name in TABLES if name != "runs")).values())
    return Stage("store", "rows", kept + dropped, kept, {"schema": dropped} if dropped else {})


# ---------------------------------------------------------------- warnings


def warnings(db: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Sentences about documents that a person should check, sorted; the records of one file share a sentence.

    One of them is about our own mistakes: rows that do not fit their tables, and documents on which our code failed.
    """
    return tuple(sorted([*_without_question(db), *_columns(db), *_guessed_encodings(db), *_own_mistakes(db)]))


def _without_question(db: duckdb.DuckDBPyConnection) -> list[str]:
    found = db.execute("select uri from documents anti join occurrences using (document_id) order by uri").fetchall()
    return _by_file((uri for (uri,) in found), "no question was found; its lines are stored as leftovers")


def _guessed_encodings(db: duckdb.DuckDBPyConnection) -> Iterator[str]:
    uris_of: defaultdict[str, list[str]] = defaultdict(list)
    guessed = "select encoding, uri from documents where not encoding_certain order by all"
    for encoding, uri in db.execute(guessed).fetchall():
        uris_of[encoding].append(uri)
    for encoding, uris in uris_of.items():
        message = f"its encoding was guessed ({encoding}); check its accented letters, or name it with --encoding"
        yield from _by_file(uris, message)


def _own_mistakes(db: duckdb.DuckDBPyConnection) -> Iterator[str]:
    own = "select uri, detail from rejects where reason in ('internal_error', 'schema') order by all"
    mistakes = db.execute(own).fetchall()
    if mistakes:
        first = ": ".join(filter(None, mistakes[0]))  # a tag that does not fit belongs to no file
        yield f"{many(len(mistakes), 'mistake')} of our own, the first: {first}"


def _columns(db: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """A sentence for each file about its columns: which were guessed, and which were not read."""
    left_out = "select file, unnest(left_out) as name from documents"
    names_of: defaultdict[str, list[str]] = defaultdict(list)
    for file, name, documents in db.execute(
        f"select file, name, count(*) from ({left_out}) group by all order by all"
    ).fetchall():
        names_of[file].append(f"{name!r} ({documents:,})")
    guesses = "select file, any_value(guessed order by uri) from documents where len(guessed) > 0 group by file"
    guessed = dict(db.execute(guesses).fetchall())
    for file in sorted({*names_of, *guessed}):
        names = names_of[file]
        shown = ", ".join(names[:12]) + (f" and {len(names) - 12:,} more" if len(names) > 12 else "")
        unread = f"columns without sentences were not read: {shown}"
        if file in guessed:
            columns = ", ".join(f"{one.partition('=')[2]!r} as {one.partition('=')[0]}" for one in guessed[file])
            also = f"; {unread}" if names else ""
            yield f"{file}: columns were guessed by their cells: {columns}{also}; to choose, name them with --columns"
        else:
            yield f"{file}: {unread}; to read one, name it with --columns"


def _by_file(uris: Iterable[str], message: str) -> list[str]:
    """The message for each file that these documents come from."""
    by_file = defaultdict(list)
    for uri in uris:
        by_file[re.sub(r"#[0-9]+$", "", uri)].append(uri)
    return [
        f"{group[0]}{f' and {len(group) - 1:,} more of its records' if len(group) > 1 else ''}: {message}"
        for group in by_file.values()
    ]
