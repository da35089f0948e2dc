"""Words in, exit codes out. Nothing heavy is imported until a verb has its arguments."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import signal
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.errors import PackageClash, PipelineError
from pipeline.extract.options import MAX_DOCUMENT_BYTES, read_columns
from pipeline.refresh import logs
from pipeline.spark.options import ENGINES
from pipeline.storage.generations import KEEP
from pipeline.storage.interrupts import note_interrupt, raise_query_interrupts
from pipeline.storage.journal import KEEP_RUNS
from pipeline.storage.lock import refuse_if_locked
from pipeline.version import __version__

if TYPE_CHECKING:
    from pipeline.run_ledger import RunLedger

RAW = Path("data/raw")
PROCESSED = Path("data/processed")
CONFIG = Path("qaledger.toml")

EXIT_CODES = """\b
Exit codes: 0 done; 1 failed, the published tables are the last good ones; 2 usage;
3 published, and some input was rejected; 4 stale or damaged; 75 another run is
writing; 130, 143 interrupted, nothing published."""

DECISIONS_HELP = "People's review decisions. [default: decisions.jsonl beside RAW]"

Command = Callable[..., None]


def out_option(function: Command) -> Command:
    return click.option(
        "--out",
        type=click.Path(path_type=Path),
        default=PROCESSED,
        show_default=True,
        help="Folder of the published tables.",
    )(function)


def json_option(function: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(function)


def topics_option(function: Command) -> Command:
    return click.option(
        "--topics",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Your own taxonomy; `topics show` prints ours.",
    )(function)


class InOrder(click.Group):
    """Verbs in the order one meets them, not by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, epilog=EXIT_CODES
)
@click.version_option(__version__, prog_name="qaledger")
@click.pass_context
def cli(context: click.Context) -> None:
    """A ledger of scraped questions and answers: every one kept once, each row traceable to its source.

    \b
    For example:
      qaledger run data/raw
      qaledger status

    Paths and options can stand in a qaledger.toml of the working folder: a table for each verb, for example
    [run] with raw = "pages" and out = "tables".
    """
    context.default_map = _configured()


def _configured() -> dict[str, Any]:
    """What qaledger.toml says: a table for each verb; `out` outside of them holds for all."""
    try:
        settings = tomllib.loads(CONFIG.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as err:
        raise click.UsageError(f"{CONFIG}: {err}. Mend it, or remove it to use the defaults.") from err
    shared = {name: value for name, value in settings.items() if not isinstance(value, dict)}
    unknown = sorted((set(settings) - set(shared) - set(cli.commands)) | (set(shared) - {"out"}))
    if unknown:
        raise click.UsageError(f"{CONFIG}: {unknown[0]} is no setting. There are: out, {', '.join(cli.commands)}")
    return {verb: _settings_of(command, shared, settings.get(verb, {})) for verb, command in cli.commands.items()}


def _settings_of(command: click.Command, shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A verb's settings; what stands for a group of verbs holds for each of them."""
    if not isinstance(command, click.Group):
        return {**shared, **own}
    alike = {name: value for name, value in own.items() if not isinstance(value, dict)}
    return {name: {**shared, **alike, **own.get(name, {})} for name in command.commands}


# ---------------------------------------------------------------- run


def _columns(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    try:
        read_columns(value)
    except PipelineError as err:
        raise click.BadParameter(str(err)) from err
    return value


@cli.command(epilog=EXIT_CODES, short_help="Refresh the tables from the scraped pages.")
@click.argument("raw", type=click.Path(path_type=Path), default=RAW)
@out_option
@click.option("--full", is_flag=True, help="Read everything again, also what has not changed.")
@click.option("--dry-run", is_flag=True, help="Say what would be added, changed, removed and merged; write nothing.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that read; by default one for each core.")
@click.option("--allow-empty", is_flag=True, help="Publish an empty ledger when there is nothing to read.")
@click.option(
    "--decisions",
    type=click.Path(path_type=Path),
    help=DECISIONS_HELP,
)
@click.option(
    "--columns",
    metavar="FIELD=NAME,...",
    callback=_columns,
    help="Columns of tables that hold question, answer, text, url or date, where their names do not say so.",
)
@click.option(
    "--max-document-bytes",
    type=click.IntRange(min=1),
    default=MAX_DOCUMENT_BYTES,
    show_default=True,
    help="A larger document is rejected, with its name.",
)
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=KEEP,
    show_default=True,
    help="Generations left beside each other; one that is being read stays too.",
)
@click.option(
    "--keep-runs",
    type=click.IntRange(min=1),
    default=KEEP_RUNS,
    show_default=True,
    help="Runs that the tables runs and changes tell of.",
)
@click.option(
    "--log",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to write on stderr: sentences, or one JSON object a line.",
)
@click.option("--notify", metavar="CMD", help="Run this when done, with the result as JSON on its standard input.")
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
    help="A local sentence-embedding model, to find more questions that ask the same; nothing is downloaded.",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="Where files are read: on this machine, or on a Spark cluster.",
)
@click.option("--master", metavar="URL", help="Of Spark: spark://HOST:PORT, yarn, k8s://URL. [default: local[*]]")
@click.option(
    "--scratch",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder that all of Spark's workers see, for rows under way. [default: OUT]",
)
@click.option(
    "--conf",
    metavar="KEY=VALUE",
    multiple=True,
    help="A setting of Spark, as often as needed: spark.executor.memory=8g",
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
    """Refresh the tables from the scraped pages in the folder RAW (default data/raw).

    Only files that changed since the last run are read. The result is a new generation of the database, published
    as OUT/qa.duckdb in one step; notebooks that hold the old one open are not disturbed.

    Reads .txt .md .html .jsonl .json .csv .tsv .parquet .warc .wet, also packed as .gz .zst .bz2. An archive is
    stopped at 64 GB unpacked, or at 500 times its size.

    \b
    For example:
      qaledger run data/raw
      qaledger run data/raw --dry-run
      qaledger run data/raw --keep 7 --log json --notify "cat" --metrics /tmp/qaledger.prom
      qaledger run tables --columns question=Frage,answer=Antwort
      qaledger run data/raw --topics topics.toml
      qaledger run data/raw --embedder models/all-MiniLM-L6-v2
      qaledger run /nfs/crawl --out /nfs/ledger --engine spark --master spark://head:7077
    """
    logs.configure(log)
    logs.tell("run started", raw=str(raw), out=str(out))
    started = datetime.now(UTC)
    try:
        if not options["dry_run"]:
            refuse_if_locked(out)
        from pipeline.refresh.run import run as refresh

        ledger = refresh(raw, out, progress=log == "text" and sys.stderr.isatty(), **options)
    except BaseException as err:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _afterwards(out, _failure(err, started), notify, metrics)
        raise
    result, is_dry = ledger.to_dict(), ledger.status == "dry_run"
    with _published():
        _log_ledger(ledger)
        click.echo(json.dumps(result, ensure_ascii=False, indent=1, default=str) if as_json else _told(ledger, out))
        if not is_dry:
            _afterwards(out, result, notify, metrics)
    sys.exit(0 if is_dry else ledger.exit_code)


def _log_ledger(ledger: RunLedger) -> None:
    for stage in ledger.to_dict()["stages"]:
        logs.tell("stage done", **stage)
    for warning in ledger.warnings:
        logs.tell(_plain(warning), logging.WARNING)
    for row in ledger.rejects:
        logs.tell("rejected", uri=row["uri"], reason=row["reason"])
    logs.tell(
        "run done", status=ledger.status, generation=ledger.generation, counts=dict(ledger.counts), run_id=ledger.run_id
    )


def _failure(err: BaseException, started: datetime) -> dict[str, Any]:
    """The result of a run that published nothing."""
    code = err.code if isinstance(err, SystemExit) else 130 if isinstance(err, KeyboardInterrupt) else 1
    return {
        "status": "interrupted" if isinstance(err, KeyboardInterrupt | SystemExit) else "failed",
        "exit_code": err.exit_code if isinstance(err, PipelineError) else code,
        "started_at": started.isoformat(),
        "finished_at": datetime.now(UTC).isoformat(),
        "error": str(err) or type(err).__name__,
    }


def _afterwards(out: Path, result: dict[str, Any], notify: str | None, metrics: Path | None) -> None:
    """What a scheduler hears of a run."""
    from pipeline.refresh.notify import notify as send
    from pipeline.refresh.notify import write_metrics

    if metrics:
        write_metrics(out, metrics)
    if notify:
        send(notify, {"out": str(out), **result})


@contextlib.contextmanager
def _published() -> Iterator[None]:
    """An interruption from here on ends what is left to do, but the run has published and says so."""

    class Enough(BaseException):
        pass

    def enough(number: int, frame: object) -> None:
        raise Enough

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, enough)
    with contextlib.suppress(Enough):
        yield


_SHOWN = 100  # rejects; a web archive has one for each image in it


def _told(ledger: RunLedger, out: Path) -> str:
    """A run's ledger in words: the stages, what was rejected, what became of the rows of qa, where they are."""
    lines = [str(ledger)]
    shown = ledger.rejects[:_SHOWN]
    lines += [f"rejected   {_plain(row['uri'])}: {row['reason']}, {_plain(row['detail'])}" for row in shown]
    if len(ledger.rejects) > _SHOWN:
        lines.append(f"rejected   {len(ledger.rejects) - _SHOWN:,} more: qaledger export rejects --to rejects.csv")
    changes = ", ".join(f"{count:,} {change}" for change, count in ledger.changes.items())
    if ledger.status == "dry_run":
        lines += [_change(row) for row in ledger.changed_rows]
        return "\n".join([*lines, f"dry run: {changes or 'nothing would change'}; nothing was written"])
    if ledger.status == "unchanged":
        changes = "nothing was read again: no file has changed"
    documents = ledger.counts["documents"]
    rows = f"{ledger.counts['qa']:,} rows of qa from {documents:,} document{'' if documents == 1 else 's'}"
    return "\n".join(
        [
            *lines,
            f"rows of qa: {changes or 'no row changed'}",
            f"published {out / 'qa.duckdb'}: {rows}, generation {ledger.generation}",
        ]
    )


def _change(row: Any) -> str:
    seen = json.loads(row["after"] or row["before"])
    before = json.loads(row["before"])["qa_id"] if row["before"] and row["after"] else None
    moved = f" (was {before})" if before and before != row["qa_id"] else ""
    return f"{row['change']:<8} {row['qa_id']}{moved}  {_plain(seen['question'])}"


# ---------------------------------------------------------------- status, verify, trace, export


@cli.command(epilog=EXIT_CODES, short_help="The last run, freshness, counts.")
@out_option
@click.option("--max-age", metavar="AGE", help="Exit 4 when the last good run is older: 90m, 24h, 7d.")
@click.option("--prometheus", is_flag=True, help="Print Prometheus metrics instead.")
@json_option
def status(out: Path, max_age: str | None, prometheus: bool, as_json: bool) -> None:
    """The last run, how fresh the tables are, and their counts.

    \b
    For example:
      qaledger status --max-age 24h
      qaledger status --prometheus
    """
    oldest = _seconds(max_age) if max_age else None
    if prometheus:
        from pipeline.refresh.notify import metrics

        click.echo(metrics(out), nl=False)
        return
    from pipeline.ledger.status import status as look

    found = look(out)
    click.echo(json.dumps(found.to_dict(), indent=1, default=str) if as_json else str(found))
    if oldest is not None and found.age_seconds > oldest:
        click.echo(f"stale: older than {max_age}. Refresh it: qaledger run", err=True)
        sys.exit(4)


def _seconds(age: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", age.strip())
    if not match:
        raise click.BadParameter(f"{age!r} is no age; write for example 90m, 24h or 7d", param_hint="--max-age")
    return float(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]


@cli.command(epilog=EXIT_CODES, short_help="Recompute checksums and every law.")
@out_option
@json_option
def verify(out: Path, as_json: bool) -> None:
    """Recompute checksums and every law on the published database; exit 4 when something is broken.

    \b
    For example:
      qaledger verify
    """
    from pipeline.ledger.verify import verify as check

    findings = check(out)
    broken = [finding for finding in findings if not finding.is_ok]
    if as_json:
        rows = [{"check": f.check, "is_ok": f.is_ok, "detail": f.detail} for f in findings]
        click.echo(json.dumps({"is_ok": not broken, "findings": rows}, indent=1))
    else:
        click.echo("\n".join(str(finding) for finding in findings))
    if broken:
        click.echo("damaged: make it again from the source documents with: qaledger run --full", err=True)
        sys.exit(4)


@cli.command(name="generations", epilog=EXIT_CODES, short_help="The generations there are, newest first.")
@out_option
@json_option
def list_generations(out: Path, as_json: bool) -> None:
    """The generations beside each other, newest first: id, rows, size, version; which is published, which is read.

    \b
    For example:
      qaledger generations
    """
    from pipeline.storage.generations import listed

    found = listed(out)
    click.echo(
        json.dumps([generation.to_dict() for generation in found], indent=1)
        if as_json
        else "\n".join(str(generation) for generation in found)
    )


@cli.command(epilog=EXIT_CODES, short_help="Publish an older generation again.")
@click.argument("generation", required=False)
@out_option
@json_option
def rollback(generation: str | None, out: Path, as_json: bool) -> None:
    """Publish an older GENERATION again, by default the newest that is older than the published one.

    Nothing is lost: the tables it replaces stay beside it. The next run starts from what is published then. Its id
    stands in the list of: qaledger generations

    \b
    For example:
      qaledger rollback
    """
    from pipeline.refresh.rollback import rollback as go_back

    manifest = go_back(out, generation)
    told = {"generation": manifest.generation, "created_at": manifest.created_at}
    click.echo(
        json.dumps(told) if as_json else f"published {out / 'qa.duckdb'}: generation {manifest.generation} again"
    )


@cli.command(epilog=EXIT_CODES, short_help="The source lines behind an id, and why.")
@click.argument("wanted", metavar="ID")
@out_option
@json_option
def trace(wanted: str, out: Path, as_json: bool) -> None:
    """The source lines behind the ID of a row of qa, an occurrence, a leftover or a figure.

    With file, line and characters, and why it was merged or tagged. An id of an earlier run leads to the row it
    became.

    \b
    For example:
      qaledger trace qa_7486ede5bfa65efbbce2
    """
    from pipeline.ledger.ledger import Ledger

    with Ledger(out) as ledger:
        found = ledger.trace(wanted)
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=1, default=str) if as_json else str(found))


@cli.command(epilog=EXIT_CODES, short_help="Write a table to csv, parquet, jsonl, xlsx or bib.")
@click.argument("table")
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    required=True,
    help="The file to write: .csv, .parquet, .jsonl, .xlsx or .bib.",
)
@out_option
@json_option
def export(table: str, to: Path, out: Path, as_json: bool) -> None:
    """Write a TABLE, or the view claims, to a file: csv, parquet, jsonl or xlsx by its ending.

    Rows of statistics and claims say where they stand and as of when they hold; as .bib each is a BibTeX entry.
    In csv and xlsx, text that a spreadsheet would run as a formula gets a leading apostrophe.

    \b
    For example:
      qaledger export statistics --to statistics.csv
      qaledger export statistics --to refs.bib
    """
    from pipeline.ledger.export import export as write
    from pipeline.ledger.ledger import Ledger

    with Ledger(out) as ledger:
        rows = write(ledger, table, to)
        done = {"table": table, "rows": rows, "file": str(to), "generation": ledger.generation}
    click.echo(json.dumps(done) if as_json else f"{to}: {rows:,} rows of {table}, generation {done['generation']}")


@cli.command(epilog=EXIT_CODES, short_help="The notebooks as HTML pages.")
@click.option("--topic", help="Only questions and answers with this topic.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what was first seen on this day (UTC) or later.")
@click.option("--generation", metavar="ID", help="Of an older generation; qaledger generations lists them.")
@click.option("--pdf", is_flag=True, help="Print each page as PDF too; needs Chromium or Chrome.")
@out_option
@json_option
def report(
    out: Path, topic: str | None, since: datetime | None, generation: str | None, pdf: bool, as_json: bool
) -> None:
    """Run the notebooks against the published database: an HTML page each and their contents in OUT/reports.

    Narrowed or of an older generation, they go to a folder of their own below it.

    \b
    For example:
      qaledger report
      qaledger report --topic insurance --pdf
    """
    from pipeline.report.html_pages import report as write

    pages = write(out, topic, f"{since:%Y-%m-%d}" if since else None, generation, pdf)
    click.echo(json.dumps([str(page) for page in pages]) if as_json else "\n".join(map(str, pages)))


# ---------------------------------------------------------------- topics


@cli.group(cls=InOrder, short_help="Look at the taxonomy, test it, try another.")
def topics() -> None:
    """The taxonomy: what each topic is, and the phrases that speak for it.

    \b
    For example, to make one of your own:
      qaledger topics show > topics.toml
      qaledger topics lint --topics topics.toml
      qaledger topics preview --topics topics.toml
      qaledger run data/raw --topics topics.toml
    """


@topics.command(short_help="Print the taxonomy file.")
@topics_option
@json_option
def show(topics: Path | None, as_json: bool) -> None:
    """Print the taxonomy file, the one of the package unless another is named; with --json its topics.

    \b
    For example:
      qaledger topics show > topics.toml
    """
    from pipeline.topics import topic_table
    from pipeline.topics.taxonomy import load_taxonomy, taxonomy_text

    taxonomy = load_taxonomy(topics)
    rows = topic_table(taxonomy).to_dict("records") if as_json else []
    click.echo(json.dumps(rows, ensure_ascii=False, indent=1) if as_json else taxonomy_text(topics), nl=as_json)


@topics.command(epilog=EXIT_CODES, short_help="Test the taxonomy's examples; what each cue does.")
@topics_option
@out_option
@json_option
def lint(topics: Path | None, out: Path, as_json: bool) -> None:
    """Run the taxonomy's examples as tests, and tell what each cue does on the published rows.

    Exit 1 when an example does not get its topic or a counter-example does. Of the cues it names those that fire
    nowhere, those in whose place a heavier cue always counts, and those that fire mostly where other cues disagree.
    With --json every cue: the rows it fires in, alone and with others.

    \b
    For example:
      qaledger topics lint
      qaledger topics lint --topics topics.toml
    """
    from pipeline.ledger.ledger import Ledger
    from pipeline.topics.lint import cue_uses, lint_report, lint_taxonomy
    from pipeline.topics.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(topics)
    failures = lint_taxonomy(taxonomy)
    with Ledger(out) as ledger:
        qa = ledger.qa
    uses = cue_uses(qa, taxonomy)
    if as_json:
        found = {
            "taxonomy_version": taxonomy.version,
            "failures": [failure.to_dict() for failure in failures],
            "rows": len(qa),
            "cues": [use.to_dict() for use in uses],
        }
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        click.echo(_plain_lines(lint_report(taxonomy, failures, uses, len(qa))))
    sys.exit(1 if failures else 0)


@topics.command(epilog=EXIT_CODES, short_help="What another taxonomy would change.")
@topics_option
@out_option
@json_option
def preview(topics: Path | None, out: Path, as_json: bool) -> None:
    """Tell which published rows would gain or lose which tag by the taxonomy in FILE, and why; write nothing.

    Each row with its scores before and after, the cues that only the new taxonomy finds (+), and those that only the
    old one did (-).

    \b
    For example:
      qaledger topics preview --topics topics.toml
    """
    from pipeline.ledger.ledger import Ledger
    from pipeline.topics.preview import counted
    from pipeline.topics.preview import preview as compare
    from pipeline.topics.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(topics)
    with Ledger(out) as ledger:
        changes = compare(ledger.qa, ledger.qa_topics, taxonomy)
    if as_json:
        click.echo(json.dumps([change.to_dict() for change in changes], ensure_ascii=False, indent=1))
    else:
        click.echo(_plain_lines("\n".join([*map(str, changes), f"{counted(changes)}; nothing was written"])))


def _plain_lines(text: str) -> str:
    return "\n".join(map(_plain, text.split("\n")))


# ---------------------------------------------------------------- audit


def _decisions_option(function: Command) -> Command:
    return click.option("--decisions", type=click.Path(path_type=Path, dir_okay=False), help=DECISIONS_HELP)(function)


def _decisions_file(context: click.Context, decisions: Path | None) -> Path:
    """The file named, else what qaledger.toml says a run reads, else decisions.jsonl beside RAW."""
    of_run = (context.find_root().default_map or {}).get("run", {})
    named = decisions or of_run.get("decisions")
    return Path(named) if named else Path(of_run.get("raw", RAW)).parent / "decisions.jsonl"


@cli.group(
    invoke_without_command=True, cls=InOrder, epilog=EXIT_CODES, short_help="The duplicates review page on 127.0.0.1."
)
@out_option
@_decisions_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; others are not encrypted.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port; 0, the default, is any that is free.")
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@click.pass_context
def audit(context: click.Context, out: Path, decisions: Path | None, host: str, port: int, no_browser: bool) -> None:
    """Review what repeats, in the browser; the next run follows what you decide.

    The page works through groups of related questions and answers. Decisions are added to decisions.jsonl beside RAW
    at once; they hold for these texts wherever they turn up again. Ctrl+C ends it.

    \b
    For example:
      qaledger audit
      qaledger audit --port 8080 --no-browser
    """
    context.obj = out
    if context.invoked_subcommand is None:
        from pipeline.audit.serve import serve

        serve(out, _decisions_file(context, decisions), host, port, not no_browser, click.echo)


def _of_audit(context: click.Context, decisions: Path | None) -> Path:
    """The decisions file named after a verb of audit, or after audit itself."""
    of_audit = context.parent.params.get("decisions") if context.parent else None
    return _decisions_file(context, decisions or of_audit)


def _filters(function: Command) -> Command:
    """What a review shows, as the page's own filters."""
    for name, text in (
        ("text", "Only pairs with these words."),
        ("document", "Only pairs from documents with this in their uri."),
        ("topic", "Only pairs of this topic."),
        ("kind", "Only pairs of this kind."),
    ):
        function = click.option(f"--{name}", default="", help=text)(function)
    return function


def _folder(context: click.Context, out: Path | None) -> Path:
    found: Path = out or context.find_object(Path) or PROCESSED
    return found


_out_of_audit = click.option("--out", type=click.Path(path_type=Path), help="Folder of the published tables.")


@audit.command("export", epilog=EXIT_CODES, short_help="The pairs to decide on, as a spreadsheet.")
@click.option("--to", type=click.Path(path_type=Path), required=True, help="The file to write: .xlsx or .csv.")
@_filters
@click.option("--state", type=click.Choice(["open", "decided", "flagged", "skipped", "all"]), default="all")
@_out_of_audit
@_decisions_option
@click.pass_context
def audit_export(context: click.Context, /, to: Path, out: Path | None, decisions: Path | None, **filters: str) -> None:
    """Write the pairs to a spreadsheet, one row each, to be decided in its column `decision`.

    Write there same, different, keep a, keep b, flag (with a note) or skip, then: qaledger audit import FILE

    \b
    For example:
      qaledger audit export --to review.xlsx --state open
    """
    from pipeline.audit.decision_log import Book
    from pipeline.audit.review_queue import Desk, Filter
    from pipeline.audit.spreadsheet import export_review

    desk = Desk(_folder(context, out), Book(_of_audit(context, decisions)))
    rows = export_review(desk, Filter.of(filters), to)
    click.echo(f"{to}: {rows:,} pairs, generation {desk.generation}")


@audit.command("import", epilog=EXIT_CODES, short_help="The decisions of a spreadsheet.")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--reviewer", required=True, help="Whose decisions these are.")
@_out_of_audit
@_decisions_option
@click.pass_context
def audit_import(context: click.Context, source: Path, reviewer: str, out: Path | None, decisions: Path | None) -> None:
    """Take in the decisions of a spreadsheet that `audit export` wrote: all of them, or none when a cell is wrong.

    \b
    For example:
      qaledger audit import review.xlsx --reviewer Ada
    """
    from pipeline.audit.decision_log import Book
    from pipeline.audit.review_queue import Desk
    from pipeline.audit.spreadsheet import import_review

    book = Book(_of_audit(context, decisions))
    taken = import_review(Desk(_folder(context, out), book), book, source, reviewer)
    click.echo(f"{book.path}: {len(taken):,} new decisions from {source}; the next run follows them")


@audit.command("redirects", epilog=EXIT_CODES, short_help="Keep and redirect lists for a site's editors.")
@click.option(
    "--to", type=click.Path(path_type=Path), required=True, help="The file to write: .csv, .xlsx, .jsonl, .parquet."
)
@_out_of_audit
@click.pass_context
def audit_redirects(context: click.Context, to: Path, out: Path | None) -> None:
    """Write which place of each repeated row to keep, and which copies to lead to it, with uri, line and URL.

    \b
    For example:
      qaledger audit redirects --to redirects.csv
    """
    from pipeline.audit.redirects import export_redirects
    from pipeline.ledger.ledger import Ledger

    with Ledger(_folder(context, out)) as ledger:
        click.echo(f"{to}: {export_redirects(ledger, to):,} rows, generation {ledger.generation}")


# ---------------------------------------------------------------- the way in


def main() -> None:
    """The command `qaledger`: every error a user can act on is one sentence on stderr and an exit code."""
    for number in _ENDED:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)
    try:
        _refuse_clash()
        with raise_query_interrupts():
            cli.main(prog_name="qaledger", standalone_mode=False)
    except click.exceptions.Exit as err:
        sys.exit(err.exit_code)
    except click.ClickException as err:
        err.show()
        sys.exit(err.exit_code)
    except PipelineError as err:
        _complain(_plain(str(err)), "Error: ")
        sys.exit(err.exit_code)
    except click.Abort:
        _complain("interrupted; nothing was published")
        sys.exit(130)
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


_ENDED = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


def _end(number: int, frame: object) -> None:
    """End the command; what is raised in a destructor is swallowed, so ask again every half second until it ends."""
    _complain(f"{_ENDED[signal.Signals(number)]}; nothing was published")
    note_interrupt(number)
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(128 + number))
    signal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)
    sys.exit(128 + number)


def _complain(sentence: str, before: str = "") -> None:
    if logs.is_json():
        logs.tell(sentence, logging.ERROR)
    else:
        click.echo(before + sentence, err=True)


def _refuse_clash() -> None:
    with contextlib.suppress(metadata.PackageNotFoundError):
        metadata.distribution("pipeline")
        raise PackageClash


def _plain(text: str) -> str:
    """Text on one line, without characters that steer a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)
