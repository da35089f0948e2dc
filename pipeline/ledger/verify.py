"""Checks that the published database is intact and that its rows obey every law."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from pipeline.errors import DatabaseDamaged, PipelineError, lacks_resources, many, unreadable
from pipeline.ledger.laws import FIGURES, IDS, LOSSLESS, MEANINGS, SAME_WORDS, CheckedDocument, Row
from pipeline.storage import build, connection, frames, generations
from pipeline.storage.forms import is_folder, manifest_file
from pipeline.storage.frames import records, sift
from pipeline.storage.ids import identify
from pipeline.storage.manifest import checked_manifest, manifest_of
from pipeline.storage.schema import TABLES, columns


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check, with what was found in words."""

    check: str
    is_ok: bool
    detail: str

    def __str__(self) -> str:
        return f"{'ok     ' if self.is_ok else 'BROKEN '} {self.check:<28} {self.detail}".rstrip()


def verify(out: Path, generation: str | None = None) -> list[Finding]:
    """The results of all checks, in order; when the file is damaged, those of the tables and laws are left out.

    Raises `NothingPublished`.
    """
    database = generations.generation_file(out, generation)
    findings = list(_check_file(database))
    if not all(finding.is_ok for finding in findings):
        return findings
    try:
        with connection.connect(database) as db:
            findings += _check_tables(db, database)
            with _numbered(database, db) as numbered:
                return [*findings, *_check_laws(numbered)]
    except (PipelineError, duckdb.Error) as err:
        if lacks_resources(err):
            raise unreadable(database, err) from err
        return [*findings, Finding("database opens", False, str(err))]


def verdict(findings: list[Finding]) -> str:
    """One sentence: whether the tables are intact.

    >>> verdict([Finding("file", True, ""), Finding("manifest", False, "")])
    'DAMAGED: 1 of 2 checks failed.'
    """
    failed = sum(not finding.is_ok for finding in findings)
    if failed:
        return f"DAMAGED: {failed} of {many(len(findings), 'check')} failed."
    return f"The tables are intact: {many(len(findings), 'check')} passed."


@contextmanager
def _numbered(database: Path, db: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database whose rows have numbers (`rowid`), so that blocks of them can be read: of Parquet files, a copy."""
    if not is_folder(database):
        yield db
        return
    with build.temporary_file() as path, build.new_generation(path, database, from_scratch=False) as copy:
        yield copy


def _check_file(database: Path) -> Iterator[Finding]:
    """Checks the file, or the files of a folder, against the manifest."""
    try:
        manifest = manifest_of(database)
    except DatabaseDamaged as err:
        yield Finding("manifest", False, str(err))
        return
    yield Finding("manifest", True, f"generation {manifest.generation}")
    try:
        checked_manifest(database)
        yield Finding("file", True, "SHA-256 as in the manifest")
    except DatabaseDamaged as err:
        yield Finding("file", False, f"{err.path.relative_to(database.parent)}: {err.cause}")
    if is_folder(database):
        known = {*manifest.files_of(database), manifest_file(database)}
        others = sorted(path for path in database.rglob("*") if path.is_file() and path not in known)
    else:
        log = database.with_name(database.name + ".wal")
        others = [log] if log.exists() else []
    yield Finding("no other file", not others, f"{others[0]} must not be there" if others else "")


def _check_tables(db: duckdb.DuckDBPyConnection, database: Path) -> Iterator[Finding]:
    """Checks the rows and checksum of each table against the manifest."""
    current = build.checksums(db)
    for name, noted in manifest_of(database).tables.items():
        same = current.get(name) == noted
        yield Finding(
            f"table {name}", same, many(int(noted["rows"]), "row") if same else f"{current.get(name)} is not {noted}"
        )


def _check_laws(db: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Checks each table against its schema, then each law of the contract."""
    faults = _faults(db)
    for name in TABLES:
        yield _finding(f"schema of {name}", faults.pop(f"schema of {name}", []), "law 7: ")
    for law in (LOSSLESS, SAME_WORDS, FIGURES, MEANINGS, IDS):
        yield _finding(law, faults[law])
    for law, name in (
        ("law 3: one row each", "verify/law_membership"),
        ("law 6: rows add up", "verify/law_rows_add_up"),
        ("references", "verify/law_references"),
    ):
        yield _finding(law, [f"{row['fault']}: {row['id']}" for row in records(frames.query(db, name))])


def _finding(check: str, faults: list[str], prefix: str = "") -> Finding:
    return Finding(check, not faults, f"{prefix}{many(len(faults), 'fault')}, first {faults[0]}" if faults else "")


# Bytes of documents, or rows of other tables, that are checked together: 16 MB of documents take 200 MB as rows.
BLOCK_BYTES, BLOCK_ROWS = 16_000_000, 50_000

Faults = defaultdict[str, list[str]]


def _faults(db: duckdb.DuckDBPyConnection) -> Faults:
    """The faults of all rows by check. Works block by block, so that not all rows are in memory at once."""
    faults: Faults = defaultdict(list)
    for first, last in _blocks(db):
        _check_block(db, first, last, faults)
    for name in TABLES:
        if name not in _BLOCK_TABLES:
            for start in range(0, _rowid_end(db, name), BLOCK_ROWS):
                _checked_rows(db, name, f"where rowid >= {start} and rowid < {start + BLOCK_ROWS}", faults)
        faults[f"schema of {name}"] += _not_unique(db, name)
    faults[IDS] += _wrong_qa_ids(db)
    return faults


_BLOCK_TABLES = ("documents", "occurrences", "leftovers", "statistics")


def _blocks(db: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, int]]:
    """First and last rowid of adjacent documents that have at most BLOCK_BYTES together, or of one larger document."""
    first, total = 0, 0
    last = -1
    for rowid, size in db.execute("select rowid, bytes from documents order by rowid").fetchall():
        if total and total + size > BLOCK_BYTES:
            yield first, last
            first, total = rowid, 0
        total, last = total + size, rowid
    if last >= 0:
        yield first, last


def _rowid_end(db: duckdb.DuckDBPyConnection, name: str) -> int:
    return int(db.execute(f'select coalesce(max(rowid) + 1, 0) from "{name}"').fetchall()[0][0])


def _checked_rows(db: duckdb.DuckDBPyConnection, name: str, where: str, faults: Faults) -> pd.DataFrame:
    """Some rows of a table; those that do not fit its schema are added to the faults, too."""
    rows = frames.frame_of(db.sql(f'select * from "{name}" {where}'))
    failures = sift(TABLES[name], rows)[1]
    faults[f"schema of {name}"] += [str(failure) for failure in records(failures)]
    return rows


def _not_unique(db: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """Keys that occur in more than one row of a table."""
    table = TABLES[name]
    keys = [(column,) for column, spec in columns(table).items() if spec.unique]
    found = []
    for key in [*keys, *([table.unique] if table.unique else [])]:
        names = ", ".join(f'"{column}"' for column in key)
        sql = f'select {names} from "{name}" group by all having count(*) > 1 order by all limit 10'
        found += [f"{names} is not unique: {row}" for row in db.execute(sql).fetchall()]
    return found


def _check_block(db: duckdb.DuckDBPyConnection, first: int, last: int, faults: Faults) -> None:
    """Add the faults of some documents (first to last rowid) and of all rows that belong to them."""
    within = f"where rowid between {first} and {last}"
    documents = _checked_rows(db, "documents", within, faults)
    db.execute(f"create or replace temp table block as select document_id from documents {within}")
    rows: dict[str, defaultdict[str, list[Row]]] = {name: defaultdict(list) for name in _BLOCK_TABLES}
    for name in ("occurrences", "leftovers"):
        found = _checked_rows(db, name, _where_in_block(db, name, "document_id"), faults)
        for row in _python_rows(found.sort_values("char_start")):
            rows[name][row["document_id"]].append(row)
    of_block = "select occurrence_id from occurrences semi join block using (document_id)"
    db.execute(f"create or replace temp table block as {of_block}")
    document_of = {row["occurrence_id"]: name for name, of in rows["occurrences"].items() for row in of}
    for row in _python_rows(
        _checked_rows(db, "statistics", _where_in_block(db, "statistics", "occurrence_id"), faults)
    ):
        rows["statistics"][document_of[row["occurrence_id"]]].append(row)
    for document in _python_rows(documents[["document_id", "uri", "text"]]):
        found_in = {name: rows[name][document["document_id"]] for name in ("occurrences", "leftovers", "statistics")}
        for law, fault in CheckedDocument(**(document | found_in)).faults():
            faults[law].append(fault)


def _where_in_block(db: duckdb.DuckDBPyConnection, name: str, key: str) -> str:
    """A where clause for the rows of a table that belong to `block`; with a range of rowids, so others are not read."""
    sql = f"select min(t.rowid), max(t.rowid) from {name} t semi join block using ({key})"
    low, high = db.execute(sql).fetchall()[0]
    return f"where rowid between {low or 0} and {high or 0} and {key} in (from block)"


def _python_rows(frame: pd.DataFrame) -> Iterator[Row]:
    """The rows of a frame as mappings with values of Python's types."""
    names = list(frame.columns)
    for values in zip(*(frame[name].astype(object).tolist() for name in names), strict=True):
        yield {
            name: None if isinstance(value, float) and value != value else value
            for name, value in zip(names, values, strict=True)
        }


def _wrong_qa_ids(db: duckdb.DuckDBPyConnection) -> list[str]:
    """Ids of qa that are not made from question and answer, with a number where people separated equal rows."""
    rows = db.execute(
        "select qa.qa_id, question_key, coalesce(answer_key, ''), "
        "count(*) over (partition by question_key, answer_key) "
        "from qa join occurrences on occurrence_id = canonical_occurrence_id"
    ).fetchall()
    return [
        id_
        for id_, question, answer, equals in rows
        if id_ not in {identify("qa_", question, answer, *([str(n)] if n else [])) for n in range(equals)}
    ]
