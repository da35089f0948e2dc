"""The published tables for notebooks and other readers: `ledger = pipeline.open()`."""

from __future__ import annotations

import html
import os
import re
from datetime import date, datetime
from pathlib import Path
from types import TracebackType

import duckdb
import pandas as pd

from pipeline.errors import BadQuery, GenerationRemoved, UnknownId, check_argument, check_count
from pipeline.ledger.compare import Comparison, compare
from pipeline.ledger.dictionary import dictionary
from pipeline.ledger.formatting import PLAIN
from pipeline.ledger.trace import Trace, trace
from pipeline.storage import connection, frames, generations, statements
from pipeline.storage.location import find_out
from pipeline.storage.manifest import Manifest
from pipeline.storage.schema import TABLES

_CARD = "border:1px solid rgba(128,128,128,.5);border-radius:6px;padding:.7em 1em;margin:.5em 0;max-width:52em"
_SUGGESTED = 3  # rows that are suggested for words that are not an id
_WORD = re.compile(r"[^\W_]+")
_PREFIX = re.compile(r"(?<![^\W_])([^\W_]++)\*")  # in linear time: it starts at the start of a word only


def open_ledger(path: str | os.PathLike[str] | None = None, generation: str | None = None) -> Ledger:
    """The published ledger, read only.

    `path` is the folder of the published tables, or its `qa.duckdb` or `qa.parquet`; else `$QALEDGER_OUT`; else
    `data/processed` in the nearest folder upwards that has one. `generation` is the id of an older generation. The
    ledger shows one generation until `refresh()`, and never makes a run fail or wait.

    Raises `NothingPublished`, `DatabaseDamaged` and `BadQuery` (no such generation).
    """
    check_argument("path", path, str | os.PathLike | None, "a path or None")
    check_argument("generation", generation, str | None, "the id of a generation or None")
    return Ledger(find_out(path), generation)


def _day(given: date | str | None) -> date | None:
    check_argument("since", given, date | str | None, "a date, as 2026-01-31")
    try:
        return date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError as err:
        raise BadQuery(f"{given!r} is not a day; write it as 2026-01-31") from err


class Ledger:
    """One generation of the tables. Each table is an attribute that gives a pandas DataFrame: `ledger.qa`.

    `sql` runs any query, `trace` shows the source text behind a row, `search` finds words, `claims` groups figures by
    what they measure; `manifest` holds the generation's id, time, version, row counts and checksums. Use it in a
    `with` block, or `close()` it.
    """

    def __init__(
        self, out: Path, generation: str | None = None, topic: str | None = None, since: date | str | None = None
    ) -> None:
        self.out, self.topic, self.since = out, topic, _day(since)
        self._open(generation)

    def _open(self, generation: str | None) -> None:
        opened = connection.open_generation(self.out, generation)
        self._database: Path = opened.database
        self.manifest: Manifest = opened.manifest
        self.db: duckdb.DuckDBPyConnection = opened.db
        if self.topic is not None or self.since is not None:
            self._select()

    def _select(self) -> None:
        """Hide the tables behind views that show only rows of the topic and the period."""
        known = [name for (name,) in self.db.execute("select topic from topics order by topic").fetchall()]
        if self.topic is not None and self.topic not in known:
            self.db.close()
            raise BadQuery(f"{self.topic!r} is not a topic; the topics are: {', '.join(known)}")
        statements.execute_file(self.db, "ledger/selected_qa", topic=self.topic, since=self.since)
        database = self.db.execute("select current_database()").fetchall()[0][0]
        self.db.execute(statements.statement("ledger/selected_views").replace("{database}", f'"{database}"'))
        self.db.execute(f"create temp view claims as {statements.statement('ledger/claims')}")

    def only(self, topic: str | None = None, since: date | str | None = None) -> Ledger:
        """The part of this generation that has a topic, or was first seen on a day (UTC) or later.

        Every table, query, search and claim of the new ledger counts only these rows of qa and what belongs to them;
        a pair belongs when both of its sides do. Raises `BadQuery` when there is no such topic or day.
        """
        return Ledger(self.out, self.generation, topic, since)

    @property
    def source(self) -> str:
        """The generation, its time and the selection in one line, to print below plots and pages."""
        parts = [f"topic {self.topic}" if self.topic else "", f"first seen since {self.since}" if self.since else ""]
        only = "".join(f", {part}" for part in parts if part)
        return f"qaledger generation {self.generation}, as of {self.as_of:%Y-%m-%d %H:%M} UTC{only}"

    @property
    def generation(self) -> str:
        """The id with which `pipeline.open(generation=...)` opens these tables again."""
        return self._database.stem

    @property
    def database(self) -> Path:
        """The file or folder of this generation."""
        return self._database

    def generations(self) -> list[str]:
        """The ids of the generations in the same folder, oldest first."""
        return generations.generations(self.out)

    def refresh(self) -> bool:
        """Whether newer tables were published; if so, the ledger shows them from now on."""
        newest = generations.published(self.out)
        if newest == self._database:
            return False
        old = self.db
        self._open(None)
        old.close()
        return True

    def sql(self, query: str, **parameters: object) -> pd.DataFrame:
        """The result of a DuckDB query; `$name` in it is a parameter. Raises `BadQuery`."""
        check_argument("query", query, str, "text")
        try:
            found = self.db.sql(query, params=parameters or None)
        except duckdb.Error as err:
            raise BadQuery(f"{str(err).strip()}\nThe tables are: {', '.join(TABLES)}") from err
        if found is None:
            raise BadQuery("the query has no result; write one that selects rows")
        return frames.frame_of(found)

    def trace(self, wanted: str) -> Trace:
        """The source text behind a qa_id, occurrence_id, leftover_id or statistic_id, and why. Raises `UnknownId`."""
        check_argument("the id", wanted, str, "text")
        try:
            return trace(self.db, wanted)
        except UnknownId as err:
            words = " ".join(_WORD.findall(wanted))
            found = self.search(words, limit=_SUGGESTED) if " " in words else None
            if found is None or found.empty:
                raise
            raise UnknownId(wanted, dict(zip(found["qa_id"], found["question"], strict=True))) from err

    def compare(self, other: Ledger | str | os.PathLike[str] | None = None) -> Comparison:
        """What changed since another ledger: a `Ledger`, the id of a generation, or the folder of other tables.

        By default since the generation before this one. Raises `BadQuery` and `NothingPublished`.
        """
        check_argument("other", other, Ledger | str | os.PathLike | None, "a ledger, a generation or a folder")
        if isinstance(other, Ledger):
            return compare(other.db, self.db, (other.source, self.source))
        if other is None:
            older = [generation for generation in generations.generations(self.out) if generation < self.generation]
            if not older:
                raise BadQuery(f"there is no generation before {self.generation}; name a generation or a folder")
            other = older[-1]
        with Ledger.named(other, self.out) as opened, opened.only(self.topic, self.since) as selected:
            return self.compare(selected)

    @classmethod
    def named(cls, name: str | os.PathLike[str], out: Path) -> Ledger:
        """The ledger of a generation in `out`, or of a folder of published tables.

        Raises `BadQuery`, and `GenerationRemoved` for a generation that a run has removed.
        """
        known = generations.generations(out)
        if str(name) in known:
            return cls(out, str(name))
        if not Path(name).exists():
            if removal := generations.removal_of(out, str(name)):
                raise GenerationRemoved(str(name), *removal)
            raise BadQuery(
                f"{name} is neither a generation nor a folder; generations are: {', '.join(known) or 'none'}"
            )
        return cls(find_out(name))

    @property
    def claims(self) -> pd.DataFrame:
        """Figures grouped by what they measure; a figure counts once per row of qa (`sql/ledger/claims.sql`)."""
        return frames.query(self.db, "ledger/claims")

    @property
    def dictionary(self) -> pd.DataFrame:
        """One row for each column of each table: table, column, type, nullable, values (codes), description."""
        return dictionary()

    def search(self, words: str, limit: int = 20) -> pd.DataFrame:
        """Rows of qa that contain any of these words, best first: qa_id, question, answer, topics, score (BM25).

        `insur*` matches every word that starts with it; words in double quotes must occur exactly as they are. Case
        is ignored. Raises `BadQuery` where a quotation mark is not closed.
        """
        check_argument("words", words, str, "text")
        check_count("limit", limit)
        if words.count('"') % 2:
            raise BadQuery(f'{words!r}: a quotation mark is not closed; write a phrase as "second opinion"')
        lower = words.lower()
        phrases = [" ".join(_WORD.findall(phrase)) for phrase in re.findall(r'"([^"]*)"', lower)]
        found = {
            "words": _WORD.findall(lower),
            "prefixes": _PREFIX.findall(lower),
            "phrases": [phrase for phrase in phrases if phrase],
        }
        return frames.query(self.db, "ledger/search", **found, limit=limit)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in TABLES:
            return frames.read_table(self.db, name)
        raise AttributeError(f"the ledger has no table or method {name!r}; its tables are: {', '.join(TABLES)}")

    def __dir__(self) -> list[str]:
        return sorted([*super().__dir__(), *TABLES])

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        counts = ", ".join(f"{rows:,} {name}" for name, rows in self._counts().items())
        return f"<Ledger as of {self.as_of:%Y-%m-%d %H:%M} UTC, generation {self.generation}: {counts}>"

    @property
    def as_of(self) -> datetime:
        """When the tables were refreshed, UTC."""
        return datetime.fromisoformat(self.manifest.created_at)

    def _counts(self) -> dict[str, int]:
        names = ("documents", "occurrences", "qa", "duplicates", "statistics", "rejects")
        return {name: self.db.table(name).shape[0] for name in names}

    def _repr_html_(self) -> str:
        cells = "".join(
            f'<div style="padding:0 2em .3em 0"><b style="font-size:1.5em">{count:,}</b><br>{html.escape(name)}</div>'
            for name, count in self._counts().items()
        )
        hint = "ledger.sql(…), .search(…), .trace(…), .claims, .only(…); each table is an attribute: ledger.qa"
        return (
            f'<div class="{PLAIN} ledger" style="{_CARD}"><div>{html.escape(self.source)}</div>'
            f'<div style="display:flex;flex-wrap:wrap;margin:.4em 0">{cells}</div>'
            f'<div class="hint" style="font-size:12px"><code>{html.escape(hint)}</code></div></div>'
        )
