"""Is the published database what it was when it was made, and does it keep every law?"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipeline.errors import DatabaseDamaged, PipelineError
from pipeline.parse.markers import opening
from pipeline.storage import build, connection, frames, generations
from pipeline.storage.ids import identify
from pipeline.storage.schema import TABLES, records, sift
from pipeline.text.clean import removable
from pipeline.text.encoding import BLANK


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
        with connection.connect(database) as db:
            return [*findings, *_tables(db, database), *_contents(db)]
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
    """Each table against the manifest."""
    present = build.checksums(db)
    for name, noted in generations.manifest_of(database).tables.items():
        same = present.get(name) == noted
        yield Finding(
            f"table {name}", same, f"{noted['rows']:,} rows" if same else f"{present.get(name)} is not {noted}"
        )


def _contents(db: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Each table against its schema, and the contract's laws, one finding each."""
    faults = _faults(db)
    for name in TABLES:
        found = faults.pop(f"schema of {name}", [])
        yield Finding(
            f"schema of {name}", not found, f"law 7: {len(found)} failure(s), first {found[0]}" if found else ""
        )
    for law in (LOSSLESS, SAME_WORDS, FIGURES, IDS):
        yield _finding(law, faults[law])
    for law, name in (
        ("law 3: one row each", "verify/law_membership"),
        ("law 6: rows add up", "verify/law_balance"),
        ("references", "verify/law_references"),
    ):
        yield _finding(law, [f"{row['fault']}: {row['id']}" for row in records(frames.query(db, name))])


def _finding(law: str, faults: list[str]) -> Finding:
    return Finding(law, not faults, f"{len(faults)} fault(s), first {faults[0]}" if faults else "")


LOSSLESS, SAME_WORDS = "law 1: lossless", "law 2: no word changed"
FIGURES, IDS = "law 4: figures stand there", "law 5: ids from content"

# Bytes of documents, and rows of other tables, that are looked at together: 16 MB take 200 MB as rows.
BLOCK_BYTES, BLOCK_ROWS = 16_000_000, 50_000

Faults = defaultdict[str, list[str]]
Row = dict[str, Any]


def _faults(db: duckdb.DuckDBPyConnection) -> Faults:
    """What is wrong with the rows, by check; block by block, so that not all of them are in memory at once."""
    faults: Faults = defaultdict(list)
    for first, last in _blocks(db):
        _block_faults(db, first, last, faults)
    for name in TABLES:
        if name not in _OF_A_BLOCK:
            for start in range(0, _end_of(db, name), BLOCK_ROWS):
                _sifted(name, f"where rowid >= {start} and rowid < {start + BLOCK_ROWS}", db, faults)
        faults[f"schema of {name}"] += _not_unique(db, name)
    faults[IDS] += _ids_of_qa(db)
    return faults


_OF_A_BLOCK = ("documents", "occurrences", "leftovers", "statistics")


def _blocks(db: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, int]]:
    """First and last rowid of documents that lie beside each other and are not too many bytes together."""
    first, held = 0, 0
    last = -1
    for rowid, size in db.execute("select rowid, bytes from documents order by rowid").fetchall():
        if held and held + size > BLOCK_BYTES:
            yield first, last
            first, held = rowid, 0
        held, last = held + size, rowid
    if last >= 0:
        yield first, last


def _end_of(db: duckdb.DuckDBPyConnection, name: str) -> int:
    return int(db.execute(f'select coalesce(max(rowid) + 1, 0) from "{name}"').fetchall()[0][0])


def _sifted(name: str, where: str, db: duckdb.DuckDBPyConnection, faults: Faults) -> pd.DataFrame:
    """Some rows of a table, after a look whether they fit it."""
    rows = frames.frame_of(db.sql(f'select * from "{name}" {where}'))
    failures = sift(TABLES[name], rows)[1]
    faults[f"schema of {name}"] += [str(failure) for failure in records(failures)]
    return rows


def _not_unique(db: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """Keys of a table that stand in more than one row."""
    table = TABLES[name].to_schema()
    keys = [[column] for column, spec in table.columns.items() if spec.unique]
    found = []
    for key in [*keys, *([table.unique] if table.unique else [])]:
        wanted = ", ".join(f'"{column}"' for column in key)
        sql = f'select {wanted} from "{name}" group by all having count(*) > 1 order by all limit 10'
        found += [f"{wanted} is not unique: {row}" for row in db.execute(sql).fetchall()]
    return found


def _block_faults(db: duckdb.DuckDBPyConnection, first: int, last: int, faults: Faults) -> None:
    """What is wrong with some documents and all that came of them."""
    within = f"where rowid between {first} and {last}"
    documents = _sifted("documents", within, db, faults)
    db.execute(f"create or replace temp table block as select document_id from documents {within}")
    rows: defaultdict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for name in ("occurrences", "leftovers"):
        for row in _columns(_sifted(name, _in_block(db, name, "document_id"), db, faults).sort_values("char_start")):
            rows[row["document_id"]][name].append(row)
    of_block = "select occurrence_id from occurrences semi join block using (document_id)"
    db.execute(f"create or replace temp table block as {of_block}")
    home = {row["occurrence_id"]: row for of in rows.values() for row in of["occurrences"]}
    for row in _columns(_sifted("statistics", _in_block(db, "statistics", "occurrence_id"), db, faults)):
        occurrence = home[row["occurrence_id"]]
        rows[occurrence["document_id"]]["statistics"].append(
            row | {"offset": row["char_start"] - occurrence["char_start"]}
        )
    for document in _columns(documents[["document_id", "uri", "text"]]):
        of = rows[document["document_id"]]
        page = Page(document["uri"], document["text"])
        if identify("d_", page.uri) != document["document_id"]:
            faults[IDS].append(page.uri)
        faults[LOSSLESS] += [f"{page.uri}: {fault}" for fault in document_faults(page.text, _spans(of))]
        faults[SAME_WORDS] += [row["occurrence_id"] for row in of["occurrences"] if _has_other_words(row)]
        faults[FIGURES] += [row["statistic_id"] for row in of["statistics"] if not page.holds(row)]
        faults[IDS] += [*_ids(page, of["occurrences"], "o_"), *_ids(page, of["leftovers"], "l_"), *_ids_of_figures(of)]


def _in_block(db: duckdb.DuckDBPyConnection, name: str, key: str) -> str:
    """Which rows of a table belong to the table `block`. Where they lie is said too: so the others are not read."""
    sql = f"select min(t.rowid), max(t.rowid) from {name} t semi join block using ({key})"
    low, high = db.execute(sql).fetchall()[0]
    return f"where rowid between {low or 0} and {high or 0} and {key} in (from block)"


def _columns(frame: pd.DataFrame) -> Iterator[Row]:
    """The rows of a frame as mappings, values as Python's."""
    names = list(frame.columns)
    for values in zip(*(frame[name].astype(object).tolist() for name in names), strict=True):
        yield {
            name: None if isinstance(value, float) and value != value else value
            for name, value in zip(names, values, strict=True)
        }


@dataclass(frozen=True)
class Page:
    """A document's text, and where its lines start."""

    uri: str
    text: str

    @cached_property
    def starts(self) -> list[int]:
        return list(accumulate((len(line) + 1 for line in self.text.split("\n")), initial=0))

    def holds(self, figure: Row) -> bool:
        """Whether a figure stands where it says, in its sentence: law 4."""
        return bool(
            self.text[figure["char_start"] : figure["char_end"]] == figure["surface"]
            and self.text[figure["quote_char_start"] : figure["quote_char_end"]] == figure["quote"]
            and figure["quote_char_start"] <= figure["char_start"]
            and figure["char_end"] <= figure["quote_char_end"]
            and bisect_right(self.starts, figure["char_start"]) == figure["line"]
        )


def _spans(of: Mapping[str, list[Row]]) -> list[Row]:
    """The occurrences and leftovers of a document in source order, as `document_faults` takes them."""
    spans = [
        row | {"id": row["occurrence_id"], "opening": row["question_raw"], "rest": row["answer_raw"]}
        for row in of["occurrences"]
    ]
    spans += [row | {"id": row["leftover_id"], "opening": row["text"], "rest": None} for row in of["leftovers"]]
    return sorted(spans, key=lambda row: row["char_start"])


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


def _has_other_words(occurrence: Row) -> bool:
    """Whether its cleaned texts hold other words than the raw ones, markers and "More items" aside."""
    pairs = ((occurrence[f"{name}_raw"], occurrence[name]) for name in ("question", "answer"))
    return any(cleaned is not None and not is_same_words(raw, cleaned) for raw, cleaned in pairs)


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
    return text.translate(_WORDS)


class _Words(dict[int, int | None]):
    """By code point: itself where it belongs to a word, else nothing."""

    def __missing__(self, point: int) -> int | None:
        character = chr(point)
        is_of_word = character.isalnum() or unicodedata.category(character)[0] == "M"
        return self.setdefault(point, point if is_of_word else None)


_WORDS = _Words()


def _ids(page: Page, rows: list[Row], prefix: str) -> Iterator[str]:
    """Ids of a document's rows that are not made from what they say, and so would differ on another machine."""
    key = {"o_": "occurrence_id", "l_": "leftover_id"}[prefix]
    rank: Counter[str] = Counter()
    for row in rows:
        text = page.text[row["char_start"] : row["char_end"]]
        role = [row["role"]] if "role" in row else []
        if identify(prefix, page.uri, *role, text, str(rank[text])) != row[key]:
            yield row[key]
        rank[text] += 1


def _ids_of_figures(of: Mapping[str, list[Row]]) -> Iterator[str]:
    for row in of["statistics"]:
        made = identify("s_", row["occurrence_id"], str(row["offset"]), row["surface"], row["kind"])
        if made != row["statistic_id"]:
            yield row["statistic_id"]


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
