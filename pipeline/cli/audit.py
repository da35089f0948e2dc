"""The verb `audit`: the review page, and the same work in a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.audit.filters import STATES
from pipeline.cli.options import EXIT_CODES, Command, OrderedGroup, decisions_option, out_option
from pipeline.errors import many
from pipeline.storage.location import RAW

_decisions_option = decisions_option("the one that the last run read")


@click.group(
    invoke_without_command=True,
    cls=OrderedGroup,
    epilog=EXIT_CODES,
    short_help="Review duplicates in the browser, or in a spreadsheet.",
)
@out_option
@_decisions_option
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; connections from other machines are not encrypted.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; 0, the default, is any free port."
)
@click.option("--no-browser", is_flag=True, help="Print the address without opening a browser.")
@click.pass_context
def audit(context: click.Context, out: Path, decisions: Path | None, host: str, port: int, no_browser: bool) -> None:
    """Review related questions and answers in the browser; the next run applies your decisions.

    Each decision is written to the file of decisions when you make it, by default to decisions.jsonl beside RAW, and
    applies to the two texts wherever they occur. Ctrl+C stops the server.

    \b
    For example:
      qaledger audit
      qaledger audit --port 8080 --no-browser
    """
    if context.invoked_subcommand is None:
        from pipeline.audit.serve import serve

        serve(out, _decisions_file(context, decisions, out), host, port, not no_browser, click.echo)


def _decisions_file(context: click.Context, named: Path | None, out: Path) -> Path:
    """The decisions file named after a verb of audit or after audit itself, else the one of the settings of `run`, else
    the one that the last run read."""
    from pipeline.storage.generations import decisions_file

    of_run = (context.find_root().default_map or {}).get("run", {})
    of_group = context.parent.params.get("decisions") if context.parent else None
    found = named or of_group or of_run.get("decisions")
    if not found and "raw" not in of_run:
        found = decisions_file(out)
    return Path(found) if found else Path(of_run.get("raw", RAW)).parent / "decisions.jsonl"


def _filter_options(function: Command) -> Command:
    for name, text in (
        ("text", "Only pairs with these words."),
        ("document", "Only pairs from documents whose uri contains this."),
        ("topic", "Only pairs of this topic."),
        ("kind", "Only pairs of this kind."),
    ):
        function = click.option(f"--{name}", default="", help=text)(function)
    return function


@audit.command("export", epilog=EXIT_CODES, short_help="Write the pairs to decide on to a spreadsheet.")
@click.option("--to", type=click.Path(path_type=Path), required=True, help="The file to write: .xlsx or .csv.")
@_filter_options
@click.option(
    "--state",
    type=click.Choice(list(STATES)),
    default="all",
    show_default=True,
    help="Only pairs in this state.",
)
@out_option
@_decisions_option
@click.pass_context
def audit_export(context: click.Context, /, to: Path, out: Path, decisions: Path | None, **filters: str) -> None:
    """Write the pairs to a spreadsheet, one pair per row; people enter their decisions in its column `decision`.

    A decision is same, different, keep a, keep b, flag (with a note) or skip. An .xlsx file has a second worksheet for
    the figures whose sources disagree: comparable, not comparable or misread. To read the decisions back, run:
    qaledger audit import FILE

    \b
    For example:
      qaledger audit export --to review.xlsx --state open
    """
    from pipeline.audit.decision_log import DecisionLog
    from pipeline.audit.filters import Filter
    from pipeline.audit.review_queue import ReviewQueue
    from pipeline.audit.spreadsheet import export_review

    queue = ReviewQueue(out, DecisionLog(_decisions_file(context, decisions, out)))
    written = export_review(queue, Filter.of(filters), to)
    figures = f" and {many(written.figures, 'figure')} that sources disagree about" if written.figures else ""
    click.echo(f"{to}: {many(written.pairs, 'pair')}{figures}, generation {queue.generation}")


@audit.command("import", epilog=EXIT_CODES, short_help="Read the decisions of a spreadsheet.")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--reviewer", required=True, help="The name of the person who decided.")
@out_option
@_decisions_option
@click.pass_context
def audit_import(context: click.Context, source: Path, reviewer: str, out: Path, decisions: Path | None) -> None:
    """Read the decisions of a spreadsheet that `audit export` wrote: all of them, or none when a cell is invalid.

    \b
    For example:
      qaledger audit import review.xlsx --reviewer Ada
    """
    from pipeline.audit.decision_log import DecisionLog
    from pipeline.audit.review_queue import ReviewQueue
    from pipeline.audit.spreadsheet import import_review

    log = DecisionLog(_decisions_file(context, decisions, out))
    added = import_review(ReviewQueue(out, log), source, reviewer)
    them = "it" if len(added) == 1 else "them"
    click.echo(f"{log.path}: {many(len(added), 'new decision')} from {source}; the next run applies {them}")


@audit.command("redirects", epilog=EXIT_CODES, short_help="Write a list of redirects and of copies to remove.")
@click.option(
    "--to", type=click.Path(path_type=Path), required=True, help="The file to write: .csv, .xlsx, .jsonl, .parquet."
)
@out_option
def audit_redirects(to: Path, out: Path) -> None:
    """Write which pages of a site to redirect, and which copies of a question and answer to remove.

    A page is redirected only if another page of its site answers all its questions at least as completely.

    \b
    For example:
      qaledger audit redirects --to redirects.csv
    """
    from pipeline.audit.redirects import export_redirects
    from pipeline.ledger.ledger import Ledger

    with Ledger(out) as ledger:
        click.echo(f"{to}: {many(export_redirects(ledger, to), 'row')}, generation {ledger.generation}")
