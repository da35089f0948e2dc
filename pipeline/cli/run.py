"""The verb `run`: refreshes the tables, prints the run's ledger, notifies a scheduler.

What only a run needs is imported where it is used: every `--help` imports this module.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.options import EXIT_CODES, Checked, decisions_option, json_option, out_option, topics_option
from pipeline.cli.output import discard_output, one_line, print_json
from pipeline.errors import many
from pipeline.extract.options import read_columns, read_encodings
from pipeline.limits import KEEP, KEEP_RUNS, MAX_DOCUMENT_BYTES, MOST_WORKERS
from pipeline.spark.options import ENGINES
from pipeline.storage.forms import FORMS
from pipeline.storage.location import RAW

if TYPE_CHECKING:
    from pipeline.storage.run_ledger import RunLedger

_REJECTS_SHOWN = 100  # a web archive has one for each image in it


@click.command(epilog=EXIT_CODES, short_help="Build or refresh the tables from a folder of scraped pages.")
@click.argument("raw", type=click.Path(path_type=Path), default=RAW)
@out_option
@click.option("--full", is_flag=True, help="Read every file again, changed or not.")
@click.option("--dry-run", is_flag=True, help="Print what would be added, changed, removed and merged; write nothing.")
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    help="Number of processes that read files.  [default: one for each core]",
)
@click.option(
    "--allow-empty", is_flag=True, help="Publish even if there is nothing to read, or if no question is left."
)
@decisions_option("decisions.jsonl beside RAW")
@click.option(
    "--columns",
    metavar="FIELD=NAME,...",
    type=Checked("columns", read_columns, "pairs FIELD=NAME with commas between them"),
    help="The columns that contain question, answer, text, url or date, if they have other names.",
)
@click.option(
    "--encoding",
    metavar="[PATTERN=]NAME",
    multiple=True,
    type=Checked("encoding", read_encodings, "a list of encodings NAME or PATTERN=NAME"),
    help="Encoding of files that do not declare one; with a PATTERN, of those whose path matches. May be repeated.",
)
@click.option(
    "--max-document-bytes",
    type=click.IntRange(1, 2**40),
    default=MAX_DOCUMENT_BYTES,
    show_default=True,
    help="Reject larger documents, and list them in the table rejects.",
)
@click.option(
    "--keep",
    type=click.IntRange(1, 10_000),
    default=KEEP,
    show_default=True,
    help="Number of generations to keep; pinned ones, and those that are being read, are kept as well.",
)
@click.option(
    "--keep-runs",
    type=click.IntRange(1, 1_000_000),
    default=KEEP_RUNS,
    show_default=True,
    help="Number of runs to keep in the tables runs and changes.",
)
@click.option(
    "--tables",
    type=click.Choice(FORMS),
    help="Form of the tables: one DuckDB file, or a folder of Parquet files.  [default: as published, else duckdb]",
)
@click.option(
    "--log",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of messages on stderr: sentences, or one JSON object per line.",
)
@click.option("--notify", metavar="CMD", help="Run this command at the end, with the result as JSON on its stdin.")
@click.option(
    "--metrics",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write Prometheus metrics to this file, for the node exporter's textfile collector.",
)
@topics_option
@click.option(
    "--embedder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="A local sentence-embedding model, which finds more paraphrased questions; nothing is downloaded.",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="Where files are read: on this machine, or on a Spark cluster.",
)
@click.option(
    "--master", metavar="URL", help="Spark's master: spark://HOST:PORT, yarn or k8s://URL.  [default: local[*]]"
)
@click.option(
    "--scratch",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder that all Spark workers can read, for intermediate rows.  [default: OUT]",
)
@click.option(
    "--conf",
    metavar="KEY=VALUE",
    multiple=True,
    help="A Spark setting, for example spark.executor.memory=8g; may be repeated.",
)
@json_option
def run(
    raw: Path,
    out: Path,
    as_json: bool,
    log: str,
    notify: str | None,
    metrics: Path | None,
    **options: Any,
) -> None:
    """Build or refresh the tables from the scraped pages in the folder RAW (default data/raw).

    Only files that changed since the last run are read. The result is a new generation of the database, published
    as OUT/qa.duckdb in one step. Programs that have the old one open are not disturbed. With --tables parquet, it is a
    folder of Parquet files, published as OUT/qa.parquet; later runs keep that form.

    It reads .txt .md .html .jsonl .json .csv .tsv .parquet .xml .warc .wet files, also packed as .gz .zst .bz2. Of a
    packed file at most 64 GB are read, and at most 500 times its size.

    \b
    For example:
      qaledger run data/raw
      qaledger run data/raw --dry-run
      qaledger run data/raw --keep 7 --log json --notify "cat" --metrics /tmp/qaledger.prom
      qaledger run tables --columns question=Frage,answer=Antwort
      qaledger run pages --encoding "archive/*=windows-1251"
      qaledger run data/raw --topics topics.toml
      qaledger run data/raw --embedder models/all-MiniLM-L6-v2
      qaledger run /nfs/crawl --out /nfs/ledger --engine spark --master spark://head:7077
    """
    from pipeline.refresh import logs
    from pipeline.storage.lock import refuse_if_locked

    logs.configure(log)
    logs.log("run started", raw=str(raw), out=str(out))
    started = datetime.now(UTC)
    try:
        if not options["dry_run"]:
            refuse_if_locked(out)
        from pipeline.refresh.run import run as refresh

        with _light_libraries(options):
            ledger = refresh(raw, out, progress=log == "text" and sys.stderr.isatty(), **options)
    except BaseException as err:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _notify(out, _failure(err, started), notify, metrics)
        raise
    result, is_dry = ledger.to_dict(), ledger.status == "dry_run"
    with _after_publishing():
        _log_ledger(ledger)
        if as_json:
            print_json(result)
        else:
            click.echo(_summary(ledger, out))
        if not is_dry:
            _notify(out, result, notify, metrics)
    sys.exit(0 if is_dry else ledger.exit_code)


@contextlib.contextmanager
def _light_libraries(options: Mapping[str, Any]) -> Iterator[None]:
    """A block in which no library imports pandas or starts threads, unless that of a model or Spark may need them."""
    from pipeline.storage.pandas_unseen import pandas_unseen

    if options["embedder"] or options["engine"] != ENGINES[0]:
        yield
    else:
        with pandas_unseen(), _one_blas_thread():
            yield


@contextlib.contextmanager
def _one_blas_thread() -> Iterator[None]:
    """A block in which NumPy, when it is imported, starts no threads for products of matrices, of which a run has none.

    They wait busily, which takes .1 s of processor time. Commands that are started later do not inherit the setting.
    """
    setting = "OPENBLAS_NUM_THREADS"
    is_set = setting in os.environ
    os.environ.setdefault(setting, "1")
    try:
        yield
    finally:
        if not is_set:
            del os.environ[setting]


def _log_ledger(ledger: RunLedger) -> None:
    from pipeline.refresh import logs

    for stage in ledger.to_dict()["stages"]:
        logs.log("stage done", **stage)
    for warning in ledger.warnings:
        logs.warn(one_line(warning))
    for row in ledger.rejects:
        logs.log("rejected", uri=row["uri"], reason=row["reason"])
    logs.log(
        "run done", status=ledger.status, generation=ledger.generation, counts=dict(ledger.counts), run_id=ledger.run_id
    )


def _failure(err: BaseException, started: datetime) -> dict[str, Any]:
    """The result of a run that published nothing, as far as it is known here: it may have no id yet."""
    from pipeline.storage.journal import failed_run

    run = failed_run("", started, err)
    return {name: run[name] for name in ("status", "exit_code", "started_at", "finished_at", "error")}


def _notify(out: Path, result: dict[str, Any], command: str | None, metrics: Path | None) -> None:
    """Write the metrics file and run the command that the options name."""
    from pipeline.refresh.notify import notify, write_metrics

    if metrics:
        write_metrics(out, metrics)
    if command:
        notify(command, {"out": str(out), **result})


@contextlib.contextmanager
def _after_publishing() -> Iterator[None]:
    """After publishing, an interruption or a full disk ends only the report: the exit code is that of the run."""

    class Interrupted(BaseException):
        pass

    def interrupt(number: int, frame: object) -> None:
        raise Interrupted

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        yield
        sys.stdout.flush()
    except Interrupted:
        pass
    except OSError as err:
        from pipeline.refresh import logs

        discard_output()
        logs.warn(f"the tables are published, but the report cannot be printed ({err.strerror})")


def _summary(ledger: RunLedger, out: Path) -> str:
    """A run's ledger in words: the stages, what was rejected, the changes of qa, and where the tables are."""
    from pipeline.storage.generations import published_link

    lines = [str(ledger)]
    for row in ledger.rejects[:_REJECTS_SHOWN]:
        lines.append(f"rejected   {one_line(row['uri'])}: {row['reason']}, {one_line(row['detail'])}")
    if len(ledger.rejects) > _REJECTS_SHOWN:
        more = len(ledger.rejects) - _REJECTS_SHOWN
        lines.append(f"rejected   {more:,} more: qaledger export rejects --to rejects.csv")
    changes = ", ".join(f"{count:,} {change}" for change, count in ledger.changes.items())
    if ledger.status == "dry_run":
        lines += [_changed_row(row) for row in ledger.changed_rows]
        return "\n".join([*lines, f"dry run: {changes or 'nothing would change'}; nothing was written"])
    if ledger.status == "unchanged":
        checked = f"up to date: no file has changed, so nothing was published; generation {ledger.generation} stays"
        return "\n".join([*lines, checked])
    rows = f"{many(ledger.counts['qa'], 'row')} of qa from {many(ledger.counts['documents'], 'document')}"
    lines.append(f"rows of qa: {changes or 'no row changed'}")
    lines.append(f"published {published_link(out)}: {rows}, generation {ledger.generation}")
    return "\n".join(lines)


def _changed_row(row: Any) -> str:
    shown = json.loads(row["after"] or row["before"])
    before = json.loads(row["before"])["qa_id"] if row["before"] and row["after"] else None
    old_id = f" (was {before})" if before and before != row["qa_id"] else ""
    return f"{row['change']:<8} {row['qa_id']}{old_id}  {one_line(shown['question'])}"
