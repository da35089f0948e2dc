"""Looks up the names of the columns that tables have, to refuse a run whose `--columns` names one that is not there."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from pipeline.errors import ColumnsMissing
from pipeline.extract.archives import ArchiveStopped, LibraryMissing, open_unpacked
from pipeline.extract.columns import plain_name
from pipeline.extract.csv_rows import column_names
from pipeline.extract.files import kind_of
from pipeline.extract.json_rows import json_values
from pipeline.extract.options import ReadOptions
from pipeline.extract.scan import SourceFile

_RECORDS = 100_000  # of a file; a key that none of these has is taken for missing
_SHOWN = 12  # names in the message
_DEPTH = 60  # of containers in a record


def refuse_unknown_columns(files: Sequence[SourceFile], options: ReadOptions) -> None:
    """Raises `ColumnsMissing` if no table has a column of a name that was given. Without a table nothing is missing."""
    missing = dict(options.columns)
    known: dict[str, None] = {}
    for file in files:
        if not missing:
            return
        for name in _names(file, options):
            known.setdefault(name)
            missing = {field: one for field, one in missing.items() if plain_name(one) != plain_name(name)}
            if not missing:
                return
    if missing and known:
        raise ColumnsMissing(missing, islice(known, _SHOWN))


def _names(file: SourceFile, options: ReadOptions) -> Iterator[str]:
    """The names of the columns of a file, or the keys of its records; none where it is no table."""
    format_, packing = kind_of(file)
    options = options.of_file(file.uri)
    damaged = (OSError, ValueError, RecursionError, ArchiveStopped, LibraryMissing, csv.Error)
    with suppress(*damaged):
        if format_ == "parquet" and not packing:
            from pyarrow import ArrowException
            from pyarrow.parquet import read_schema

            with suppress(ArrowException), file.open() as stream:
                yield from map(str, read_schema(stream).names)
        elif format_ in ("csv", "tsv"):
            with open_unpacked(file, packing) as stream:
                yield from column_names(stream, options, is_tsv=format_ == "tsv")
        elif format_ in ("json", "jsonl"):
            with open_unpacked(file, packing) as stream:
                for value in islice(json_values(stream, options, is_lines=format_ == "jsonl"), _RECORDS):
                    yield from _keys(value)


def _keys(value: Any) -> Iterator[str]:
    """The keys of a value at any depth, each level by itself: the outer ones first."""
    level = [value]
    for _ in range(_DEPTH):
        inner: list[Any] = []
        for one in level:
            if isinstance(one, Mapping):
                yield from map(str, one)
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        level = [one for one in inner if isinstance(one, Mapping | list)]
        if not level:
            return
