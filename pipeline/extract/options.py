"""How files are to be read: which columns hold what, and how large a document may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from pipeline.errors import BadQuery
from pipeline.limits import MAX_DOCUMENT_BYTES

FIELDS = ("question", "answer", "text", "url", "date")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """`columns` names the column of a table that holds a field (see `FIELDS`); the others are known by their names.

    `max_document_bytes`: a larger document is rejected, its name in `rejects`. `encodings`: (pattern of the uri, name)
    of files that do not say their encoding; the last pattern that fits counts. `encoding`: the one of the file that is
    read, None without one.
    """

    columns: tuple[tuple[str, str], ...] = ()
    max_document_bytes: int = MAX_DOCUMENT_BYTES
    encodings: tuple[tuple[str, str], ...] = ()
    encoding: str | None = None

    def of_file(self, uri: str) -> ReadOptions:
        """The options for one file.

        >>> ReadOptions(encodings=(("*", "cp1252"), ("old/*", "gb18030"))).of_file("old/a.txt").encoding
        'gb18030'
        """
        if not self.encodings:
            return self
        found = [name for pattern, name in self.encodings if fnmatchcase(uri, pattern)]
        return replace(self, encoding=found[-1] if found else None)


def read_encodings(named: str | Iterable[str] | Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    """The encodings a user names: `NAME` for all files, `PATTERN=NAME`, several of them, or a mapping.

    Raises `BadQuery` with the nearest name that there is.

    >>> read_encodings("GBK"), read_encodings(["old/*=latin-1", "*.htm=koi8-r"])
    ((('*', 'gb18030'),), (('old/*', 'cp1252'), ('*.htm', 'koi8-r')))
    """
    if isinstance(named, Mapping):
        parts = [(str(pattern), str(name)) for pattern, name in named.items()]
    else:
        texts = [named] if isinstance(named, str) else list(named or ())
        parts = [(pattern or "*", name) for pattern, _, name in (text.rpartition("=") for text in texts)]
    return tuple((pattern, _known_encoding(name)) for pattern, name in parts)


def _known_encoding(name: str) -> str:
    from pipeline.text.encoding import encoding_names, known_encoding

    known = known_encoding(name)
    if known is None:
        from difflib import get_close_matches

        near = get_close_matches(name.strip().lower(), encoding_names(), 1, 0)
        raise BadQuery(f"{name!r} is not a known encoding; the nearest one is {near[0]}")
    return known


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
                f"{field}={column} does not name a column: write for example question=Q,answer=A "
                f"(the fields are: {', '.join(FIELDS)})"
            )
    return tuple(sorted(pairs))
