"""Errors that a user can act on: each says what is wrong, where, and what to do next.

Anything that is not a `PipelineError` is our own mistake and is not caught. `exit_code` is what the command line
ends with: 1 failed, 2 usage, 75 another run holds the lock.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping
from numbers import Integral
from pathlib import Path
from typing import Any, ClassVar


class PipelineError(Exception):
    """Something that a user can correct: bad input, or a folder that cannot be used."""

    exit_code: ClassVar[int] = 1


def many(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun, for messages; `plural` is for nouns that do not just add an s.

    >>> many(1, "document"), many(2, "document"), many(0, "entry", "entries")
    ('1 document', '2 documents', '0 entries')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


class RawMissing(PipelineError):
    """The folder of source documents is not there."""

    exit_code = 2

    def __init__(self, raw: Path) -> None:
        self.raw = raw
        super().__init__(f"{raw}: no such folder. Name the folder of scraped pages, for example: qaledger run data/raw")


class OutputIsRaw(PipelineError):
    """The folder of source documents is the folder of the published tables, too."""

    exit_code = 2

    def __init__(self, raw: Path) -> None:
        self.raw = raw
        super().__init__(
            f"{raw}: this is the folder of source documents, which a run does not write to. Name another folder for "
            "the tables with --out, for example: --out data/processed"
        )


class FolderUnlisted(PipelineError):
    """A folder of source documents cannot be listed in a run that reads everything again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"{folder}: this folder cannot be listed. A run that reads all files again would lose its rows, so nothing "
            "was published. Correct the permissions of the folder, or remove it."
        )


class RawEmpty(PipelineError):
    """There is nothing to read; the published tables stay as they are."""

    def __init__(self, raw: Path, rejected: int = 0, first: str = "") -> None:
        self.raw, self.rejected = raw, rejected
        more = f", and {rejected - 1:,} more" if rejected > 1 else ""
        found = f"no file could be read ({first}{more})" if rejected else "there is no file to read"
        super().__init__(
            f"{raw}: {found}, so nothing was published. Put source documents there, "
            "or pass --allow-empty if you want an empty ledger."
        )


class LedgerEmptied(PipelineError):
    """A run found no question where the published tables have some; they stay as they are."""

    def __init__(self, raw: Path, published: int) -> None:
        self.raw, self.published = raw, published
        super().__init__(
            f"{raw}: no question was found, and the published tables have {many(published, 'row')} of qa, so nothing "
            "was published. Check the files that were fetched, or pass --allow-empty if you want an empty ledger."
        )


class OutputUnusable(PipelineError):
    """The folder of the published tables cannot be written."""

    result: ClassVar[str] = "Nothing was published"
    others: ClassVar[str] = "or name another folder with --out"

    def __init__(self, out: Path, cause: OSError) -> None:
        self.out, self.cause = out, cause
        super().__init__(
            f"{out}: cannot be written ({cause.strerror or cause}). {self.result}; {_advice(cause)}, {self.others}."
        )


_ADVICE = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EFBIG: "raise the limit of a file's size (ulimit -f)",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "end other programs",
    errno.ENOENT: "make its folder first",
    errno.ENOTDIR: "make its folder first",
    errno.EROFS: "mount its file system for writing",
    errno.EACCES: "correct the folder's permissions",
    errno.EIO: "check the disk",  # last: DuckDB's errors have this number, and their text says more
}


def _advice(cause: OSError) -> str:
    """What to do about a file that cannot be written."""
    said = (advice for number, advice in _ADVICE.items() if number == cause.errno or os.strerror(number) in str(cause))
    return next(said, "correct the folder's permissions")


class FileUnwritable(OutputUnusable):
    """A file that a command was asked to write cannot be written."""

    result, others = "It is as it was", "or name another file"


class TemporaryFolderUnusable(OutputUnusable):
    """The folder of temporary files cannot be written."""

    others = "or name another folder of temporary files with the variable TMPDIR"


class ResourcesMissing(PipelineError):
    """The system has no memory, thread or open file left for this process."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(
            f"the system gives this command too little memory, too few threads or too few open files "
            f"({first_line(cause)}), so nothing was published. End other programs, or raise the limits (ulimit -v, "
            "ulimit -u, ulimit -n)."
        )


_RESOURCES = (
    "can't start new thread",
    "failed to map segment",
    "annot allocate memory",
    "Failed to launch worker thread",  # Arrow
    "Out of Memory Error",  # DuckDB
)
_NO_MORE = (errno.ENOMEM, errno.EMFILE, errno.ENFILE)


def lacks_resources(err: BaseException | None) -> bool:
    """Whether an error, or one that led to it, says that the system gives no more memory, threads or open files."""
    while err is not None:
        if isinstance(err, MemoryError) or any(words in str(err) for words in _RESOURCES):
            return True
        if isinstance(err, OSError) and err.errno in _NO_MORE:
            return True
        err = err.__cause__ or err.__context__
    return False


def first_line(err: BaseException) -> str:
    """What an error says, in a line.

    >>> first_line(ValueError("no number\\nat line 3")), first_line(MemoryError())
    ('no number', 'MemoryError')
    """
    return str(err).strip().partition("\n")[0][:200] or type(err).__name__


def _size(count: int) -> str:
    """A number of bytes, for messages.

    >>> _size(1_500_000_000), _size(300_000)
    ('1,500 MB', '300 kB')
    """
    return f"{count / 1e6:,.0f} MB" if count >= 10**6 else f"{count / 1e3:,.0f} kB"


class DiskFull(PipelineError):
    """There is too little free space for another generation."""

    def __init__(self, out: Path, needed: int, free: int) -> None:
        self.out, self.needed, self.free = out, needed, free
        super().__init__(
            f"{out}: {_size(free)} are free and the new tables may need {_size(needed)}, so nothing was published. "
            "Free some space, keep fewer generations with --keep, or name another folder with --out."
        )


class MemoryFull(PipelineError):
    """DuckDB needs more memory than a run may use on this machine."""

    def __init__(self, cause: object) -> None:
        super().__init__(
            f"the tables need more memory than a run may use on this machine ({str(cause).splitlines()[0]}), so "
            "nothing was published. Use more --workers, each of which raises the limit, or a machine with more memory."
        )


class NothingPublished(PipelineError):
    """There is no published database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path}: there is no published database. Make one first: qaledger run")


class TablesUnreadable(PipelineError):
    """The folder of the published tables cannot be read."""

    def __init__(self, out: Path, cause: OSError) -> None:
        self.out, self.cause = out, cause
        super().__init__(
            f"{out}: cannot be read ({cause.strerror or cause}). Correct the folder's permissions, or name another "
            "folder with --out."
        )


class WorkerKilled(PipelineError):
    """A worker process was ended from outside."""

    def __init__(self) -> None:
        super().__init__(
            "a worker process was ended from outside, perhaps because memory ran out. Nothing was published; run again "
            "with fewer processes, for example --workers 1."
        )


class GenerationRemoved(NothingPublished):
    """A generation that a later run has removed."""

    def __init__(self, generation: str, removed_at: str, run_id: str) -> None:
        self.generation, self.removed_at, self.run_id = generation, removed_at, run_id
        by = f"the run {run_id}" if run_id else "a run"
        PipelineError.__init__(
            self,
            f"{generation}: this generation was removed at {removed_at} UTC by {by}. Pin the ones that you cite: "
            "qaledger generations pin ID",
        )


class DatabaseDamaged(PipelineError):
    """A published database cannot be read."""

    def __init__(self, path: Path, cause: object) -> None:
        self.path, self.cause = path, cause
        reason = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
        super().__init__(
            f"{path}: the database is damaged ({reason}). It was not changed; build it again from the source "
            "documents with: qaledger run --full"
        )


def unreadable(path: Path, err: Exception) -> PipelineError:
    """The error for a database that cannot be read: it is damaged, unless the system gives too little to read it."""
    if isinstance(err, ResourcesMissing):
        return err
    return ResourcesMissing(err) if lacks_resources(err) else DatabaseDamaged(path, err)


class DatabaseNewer(PipelineError):
    """A published database that a newer qaledger wrote."""

    def __init__(self, path: Path, version: str) -> None:
        self.path, self.version = path, version
        super().__init__(
            f"{path}: made by a newer qaledger ({version}), which this one cannot read; it was not changed. "
            "Install that version, or name another folder with --out."
        )


class RunLocked(PipelineError):
    """Another run is writing to the same folder."""

    exit_code = 75

    def __init__(self, out: Path, holder: str) -> None:
        self.out, self.holder = out, holder
        super().__init__(f"{out}: another run holds the lock (process {holder}). Wait for it to end, then try again.")


class UnknownId(PipelineError):
    """An id that no row has."""

    def __init__(self, wanted: str, similar: Mapping[str, str] | None = None) -> None:
        """`similar`: questions that contain the words of the id, by qa_id."""
        self.wanted, self.similar = wanted, dict(similar or {})
        rows = ", ".join(f"{qa_id} ({question})" for qa_id, question in self.similar.items())
        help_ = f"Rows with these words are: {rows}" if rows else "To find ids: qaledger search WORDS"
        super().__init__(f"{wanted[:200] or repr(wanted)}: no row has this id. {help_}")


class TableRejected(PipelineError):
    """A table does not fit its schema; nothing was written."""

    def __init__(self, table: str, failures: int, first: str) -> None:
        self.table, self.failures, self.first = table, failures, first
        super().__init__(
            f"{table}: {many(failures, 'check')} failed, first {first}. "
            "Correct the stage that builds the table, or the schema if the data is right."
        )


class BadQuery(PipelineError):
    """A table, column or option that does not exist, or a query that cannot be understood."""


class ColumnsMissing(BadQuery):
    """No table has a column of a name that was given."""

    exit_code = 2

    def __init__(self, missing: Mapping[str, str], known: Iterable[str]) -> None:
        """`missing`: the names by their fields. `known`: the names of the columns that there are."""
        self.missing, self.known = dict(missing), tuple(known)
        named = ", ".join(f"{field}={name}" for field, name in self.missing.items())
        there = ", ".join(repr(name) for name in self.known)
        super().__init__(
            f"--columns {named}: no table has such a column (the columns are: {there}), so nothing was published. "
            "Name one of these columns, or leave the field out."
        )


class BadArgument(PipelineError, TypeError):
    """An argument of a public function has the wrong type."""


def check_argument(name: str, value: object, types: Any, expected: str) -> None:
    """Raises `BadArgument` unless the value is of one of the types (`str | None`)."""
    if not isinstance(value, types):
        shown = repr(value) if isinstance(value, str | int | float | None) else f"a {type(value).__name__}"
        raise BadArgument(f"{name} must be {expected}, not {shown:.80}")


def check_count(name: str, value: object) -> None:
    """Raises `BadArgument` unless the value is a whole number, and `BadQuery` unless it is at least 1."""
    check_argument(name, value, () if isinstance(value, bool) else Integral, "a whole number")
    if isinstance(value, Integral) and value < 1:
        raise BadQuery(f"{name} must be at least 1, not {value}")


class PackageClash(PipelineError):
    """Another distribution has put its own package called `pipeline` in this environment."""

    def __init__(self) -> None:
        super().__init__(
            "the unrelated PyPI package 'pipeline' is installed in this environment and overwrites qaledger's files. "
            "Remove it and install qaledger again: pip uninstall pipeline qaledger, then pip install qaledger"
        )
