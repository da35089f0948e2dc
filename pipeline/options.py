"""How files are to be read: which columns hold what, and how large a document may be."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import BadQuery

FIELDS = ("question", "answer", "text", "url", "date")

# Reading and parsing a document takes 13 times its size in memory (the source document 250 times over, 5 MB: 63 MB), so
# about 3.4 GB at this limit.
MAX_DOCUMENT_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """`columns` names the column of a table that holds a field (see `FIELDS`); the others are known by their names.

    `max_document_bytes`: a larger document is rejected, its name in `rejects`.
    """

    columns: tuple[tuple[str, str], ...] = ()
    max_document_bytes: int = MAX_DOCUMENT_BYTES


def read_columns(named: str | Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    """The columns a user names, as `question=Q,answer=A` or as a mapping, sorted by field. Raises `BadQuery`.

    >>> read_columns("question=Q, answer=Full answer")
    (('answer', 'Full answer'), ('question', 'Q'))
    """
    if not named:
        return ()
    if isinstance(named, str):
        parts = [part.partition("=") for part in named.split(",")]
        pairs = [(field.strip().lower(), column.strip()) for field, _, column in parts]
    else:
        pairs = list(named.items())
    for field, column in pairs:
        if field not in FIELDS or not column:
            raise BadQuery(
                f"{field}={column} names no column: write for example question=Q,answer=A "
                f"(there are: {', '.join(FIELDS)})"
            )
    return tuple(sorted(pairs))


@dataclass(frozen=True, slots=True)
class SparkOptions:
    """Where Spark's master is, a folder that the driver and all workers share (None: that of the tables), settings."""

    master: str
    scratch: Path | None
    conf: tuple[tuple[str, str], ...]


ENGINES = ("local", "spark")
_MASTER = re.compile(r"local(\[([0-9]+|\*)(,[0-9]+)?\])?|spark://[^/]+|yarn|k8s://.+")


def spark_options(
    engine: str, master: str | None, scratch: str | os.PathLike[str] | None, conf: Mapping[str, str] | Iterable[str]
) -> SparkOptions | None:
    """What a user says of Spark; None for the engine `local`. `conf` is a mapping, or words `KEY=VALUE`.

    Raises `BadQuery`.

    >>> spark_options("spark", None, None, ["spark.executor.memory=8g"])
    SparkOptions(master='local[*]', scratch=None, conf=(('spark.executor.memory', '8g'),))
    """
    if engine not in ENGINES:
        raise BadQuery(f"{engine}: no such engine (there are: {', '.join(ENGINES)})")
    if engine == "local":
        if master or scratch or conf:
            raise BadQuery("--master, --scratch and --conf go with --engine spark")
        return None
    if master and not _MASTER.fullmatch(master):
        raise BadQuery(f"{master}: no master that can be used: write spark://HOST:PORT, yarn, k8s://URL or local[N]")
    words = [f"{key}={value}" for key, value in conf.items()] if isinstance(conf, Mapping) else list(conf)
    pairs = [word.partition("=") for word in words]
    for key, equals, _ in pairs:
        if not equals or not key.startswith("spark."):
            raise BadQuery(f"{key}: no setting of Spark: write for example spark.executor.memory=8g")
    place = Path(scratch).absolute() if scratch else None
    return SparkOptions(master or "local[*]", place, tuple((key, value) for key, _, value in pairs))
