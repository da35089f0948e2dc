"""How files are to be read: which columns hold what, and how large a document may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.errors import BadQuery
from pipeline.limits import MAX_DOCUMENT_BYTES

FIELDS = ("question", "answer", "text", "url", "date")


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
