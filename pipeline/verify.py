"""Is the published database what it was when it was made, and does it keep every law?"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline import door, generations, store
from pipeline.clean import removable
from pipeline.encoding import BLANK
from pipeline.errors import DatabaseDamaged, PipelineError
from pipeline.ids import identify
from pipeline.parse.markers import opening
from pipeline.schema import TABLES, records, sift


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what it was, whether it held, and in words what was found."""

    check: str
    is_ok: bool
    detail: str

    def __str__(self) -> str:
        return f"{'ok     ' if self.is_ok else 'BROKEN '} {self.check:<28} {self.detail}".rstrip()


def verify(out: Path, generation: str | None = None) -> list[Finding]:
    """Every check on the published database, in order; the laws only when its file is whole.

    Raises `NothingPublished`.
    """
    database = generations.generation_file(out, generation)
    findings = list(_file(database))
    if not all(finding.is_ok for finding in findings):
        return findings
    try:
        with door.connect(database) as db:
            return [*findings, *_tables(db, database), *_laws(db)]
    except (PipelineError, duckdb.Error) as err:
        return [*findings, Finding("database opens", False, str(err))]


def _file(database: Path) -> Iterator[Finding]:
    """The file against its manifest."""
    try:
        manifest = generations.manifest_of(database)
    except DatabaseDamaged as err:
        yield Finding("manifest", False, str(err))
        return
    yield Finding("manifest", True, f"generation {manifest.generation}")
    same = generations.sha256_of(database) == manifest.sha256
    yield Finding("file", same, "SHA-256 as in the manifest" if same else "its SHA-256 is not the one in the manifest")
    log = database.with_name(database.name + ".wal")
    yield Finding("no write-ahead log", not log.exists(), "" if not log.exists() else f"{log} must not be there")


def _tables(db: duckdb.DuckDBPyConnection, database: Path) -> Iterator[Finding]:
    """Each table against the manifest, and against its schema."""
    present = door.checksums(db)
    for name, noted in generations.manifest_of(database).tables.items():
        same = present.get(name) == noted
        yield Finding(
            f"table {name}", same, f"{noted['rows']:,} rows" if same else f"{present.get(name)} is not {noted}"
        )
    for name, table in TABLES.items():
        failures = sift(table, store.frame_of(db.table(name)))[1]
        detail = f"law 7: {len(failures)} failure(s), first {records(failures)[0]}" if len(failures) else ""
        yield Finding(f"schema of {name}", failures.empty, detail)


def _laws(db: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """The contract's laws, one finding each."""
    in_python: list[tuple[str, Callable[[duckdb.DuckDBPyConnection], list[str]]]] = [
        ("law 1: lossless", _lossless),
        ("law 2: no word changed", _no_word_changed),
        ("law 4: figures stand there", _figures_stand_there),
        ("law 5: ids from content", _ids_from_content),
    ]
    for law, check in in_python:
        yield _finding(law, check(db))
    for law, name in (
        ("law 3: one row each", "law_membership"),
        ("law 6: rows add up", "law_balance"),
        ("references", "law_references"),
    ):
        yield _finding(law, [f"{row['fault']}: {row['id']}" for row in records(store.query(db, name))])


def _finding(law: str, faults: list[str]) -> Finding:
    return Finding(law, not faults, f"{len(faults)} fault(s), first {faults[0]}" if faults else "")


def _lossless(db: duckdb.DuckDBPyConnection) -> list[str]:
    """Lines in no row or in too many, and spans that are not what their row says."""
    names = "document_id, line_start, line_end, char_start, char_end"
    spans = store.frame_of(
        db.sql(
            f"select {names}, occurrence_id as id, question_raw as opening, answer_raw as rest, answer_char_start "
            f"from occurrences union all select {names}, leftover_id, text, null, null from leftovers "
            "order by document_id, char_start"
        )
    )
    rows_of = {document: records(frame) for document, frame in spans.groupby("document_id")}
    faults: list[str] = []
    for document_id, uri, text in db.execute("select document_id, uri, text from documents order by uri").fetchall():
        faults += [f"{uri}: {fault}" for fault in document_faults(text, rows_of.get(document_id, []))]
    return faults


def document_faults(text: str, rows: list[dict[str, object]]) -> list[str]:
    """What is wrong with the rows of one document, in source order: law 1.

    >>> document_faults("What is it?", [])
    ['line 1 is in no row']
    """
    faults = []
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    owners = [0] * len(lines)
    for row in rows:
        first, last, start, end = (int(row[k]) for k in ("line_start", "line_end", "char_start", "char_end"))  # type: ignore[call-overload]
        if not starts[first - 1] <= start < starts[first] or not starts[last - 1] < end <= starts[last]:
            faults.append(f"{row['id']}: its characters do not lie in its lines")
        opening, rest = str(row["opening"]), row["rest"]
        source = text[start:end].replace("\r\n", "\n")
        if not source.startswith(opening.replace("\r\n", "\n")) or (
            rest is not None and not source.endswith(str(rest))
        ):
            faults.append(f"{row['id']}: its characters are not its text")
        for number in range(first - 1, last):
            owners[number] += 1
    last_lines = {int(row["line_end"]) for row in rows}  # type: ignore[call-overload]
    for number, (line, owned) in enumerate(zip(lines, owners, strict=True), 1):
        is_blank = not line.strip(BLANK)
        if not is_blank and owned == 0:
            faults.append(f"line {number} is in no row")
        if owned > 2 or (owned == 2 and number not in last_lines):
            faults.append(f"line {number} is in {owned} rows")
    return faults


def _no_word_changed(db: duckdb.DuckDBPyConnection) -> list[str]:
    """Cleaned texts that hold other words than their raw ones, markers and "More items" aside."""
    rows = db.execute("select occurrence_id, question_raw, question, answer_raw, answer from occurrences").fetchall()
    faults = []
    for occurrence_id, question_raw, question, answer_raw, answer in rows:
        if not is_same_words(question_raw, question) or (answer is not None and not is_same_words(answer_raw, answer)):
            faults.append(occurrence_id)
    return faults


def is_same_words(raw: str, cleaned: str) -> bool:
    """Whether cleaning changed no word: the letters, digits and accents are equal, in order and in case.

    But for one marker that opened the raw text, and for the phrase "More items...".

    >>> is_same_words("Q: What is it?", "What is it?"), is_same_words("What is it?", "What was it?")
    (True, False)
    >>> is_same_words("What is the cost of it?", "What is cost of it?"), is_same_words("Is it?", "It is?")
    (False, False)
    """
    text, markers = removable(raw)
    said, kept = _words(text), _words(cleaned)
    if not said.endswith(kept):
        return False
    gone = said.removesuffix(kept)
    return gone in map(_words, markers) or gone == _words(text[: opening(text)[0]])


def _words(text: str) -> str:
    """All that makes words of a text: letters, digits and the marks on them."""
    return "".join(c for c in text if c.isalnum() or unicodedata.category(c)[0] == "M")


def _figures_stand_there(db: duckdb.DuckDBPyConnection) -> list[str]:
    texts = dict(
        db.execute("select occurrence_id, text from occurrences join documents using (document_id)").fetchall()
    )
    faults = []
    for row in records(store.frame_of(db.table("statistics"))):
        text = texts[row["occurrence_id"]]
        stands = text[row["char_start"] : row["char_end"]] == row["surface"]
        quoted = text[row["quote_char_start"] : row["quote_char_end"]] == row["quote"]
        holds = row["quote_char_start"] <= row["char_start"] and row["char_end"] <= row["quote_char_end"]
        at_line = text.count("\n", 0, row["char_start"]) + 1 == row["line"]
        if not (stands and quoted and holds and at_line):
            faults.append(row["statistic_id"])
    return faults


def _ids_from_content(db: duckdb.DuckDBPyConnection) -> list[str]:
    """Ids that are not made from what their rows say, and so would differ on another machine."""
    documents = records(store.frame_of(db.sql("select document_id, uri, text from documents")))
    source = {row["document_id"]: row for row in documents}
    faults = [row["uri"] for row in documents if identify("d_", row["uri"]) != row["document_id"]]
    for table, key, prefix in (("occurrences", "occurrence_id", "o_"), ("leftovers", "leftover_id", "l_")):
        rank: Counter[tuple[str, str]] = Counter()
        for row in records(store.frame_of(db.sql(f"select * from {table} order by document_id, char_start"))):
            document = source[row["document_id"]]
            text = document["text"][row["char_start"] : row["char_end"]]
            role = [row["role"]] if "role" in row else []
            made = identify(prefix, document["uri"], *role, text, str(rank[row["document_id"], text]))
            rank[row["document_id"], text] += 1
            faults += [row[key]] if made != row[key] else []
    return faults + _ids_of_statistics(db) + _ids_of_qa(db)


def _ids_of_statistics(db: duckdb.DuckDBPyConnection) -> list[str]:
    rows = db.execute(
        "select statistic_id, occurrence_id, s.char_start - o.char_start, surface, kind "
        "from statistics s join occurrences o using (occurrence_id)"
    ).fetchall()
    return [id_ for id_, home, offset, *rest in rows if identify("s_", home, str(offset), *rest) != id_]


def _ids_of_qa(db: duckdb.DuckDBPyConnection) -> list[str]:
    """Rows that people hold apart though they say the same are told apart by a number."""
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
