"""The verbs that read the published tables: `status`, `verify`, `trace`, `search`, `compare`, `export` and `report`."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path

import click

from pipeline.cli.options import EXIT_CODES, Checked, json_option, out_option
from pipeline.cli.output import one_line, print_json
from pipeline.errors import many

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _seconds(age: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", age.strip())
    if not match:
        raise ValueError(f"{age!r} is not an age; write for example 90m, 24h or 7d")
    return float(match[1]) * _SECONDS[match[2]]


@click.command(epilog=EXIT_CODES, short_help="Show what is published and how old it is.")
@out_option
@click.option(
    "--max-age",
    metavar="AGE",
    type=Checked("age", _seconds, "an age, such as 90m, 24h or 7d"),
    help="Exit with 4 if the last good run is older than this, for example 90m, 24h or 7d.",
)
@click.option("--prometheus", is_flag=True, help="Print Prometheus metrics instead.")
@json_option
def status(out: Path, max_age: str | None, prometheus: bool, as_json: bool) -> None:
    """Show what is published, how old it is, and how the last run ended; --json also prints the rows of every table.

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
    from pipeline.ledger.status import status as read_status

    found = read_status(out)
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo(found)
    if oldest is not None and found.age_seconds > oldest:
        click.echo(f"stale: the tables are older than {max_age}. Refresh them with: qaledger run", err=True)
        sys.exit(4)


@click.command(epilog=EXIT_CODES, short_help="Check the published tables for damage.")
@out_option
@json_option
def verify(out: Path, as_json: bool) -> None:
    """Check that the published tables are intact: recompute their checksums and test every rule that they obey.

    It prints one line for each check and a verdict, and exits with 4 if a check fails.

    \b
    For example:
      qaledger verify
    """
    from pipeline.ledger.verify import verdict
    from pipeline.ledger.verify import verify as check

    findings = check(out)
    is_ok = all(finding.is_ok for finding in findings)
    if as_json:
        rows = [{"check": f.check, "is_ok": f.is_ok, "detail": f.detail} for f in findings]
        print_json({"is_ok": is_ok, "findings": rows})
    else:
        click.echo("\n".join([*map(str, findings), verdict(findings)]))
    if not is_ok:
        click.echo("damaged: build the tables again: qaledger run --full; until then: qaledger rollback", err=True)
        sys.exit(4)


@click.command(epilog=EXIT_CODES, short_help="Show the source of a row, and why it was merged or tagged.")
@click.argument("wanted", metavar="ID", nargs=-1, required=True)
@out_option
@json_option
def trace(wanted: tuple[str, ...], out: Path, as_json: bool) -> None:
    """Show the source lines of a row of qa, an occurrence, a leftover or a figure, by its ID.

    The output names the file, the lines and the characters, and says why a row was merged or tagged. For an id of an
    earlier run, it shows the row that replaced it. Words instead of an ID give the ids of rows with these words.

    \b
    For example:
      qaledger trace qa_cb7c11b806153836b132
    """
    from pipeline.ledger.ledger import Ledger

    with Ledger(out) as ledger:
        found = ledger.trace(" ".join(wanted))
        if as_json:
            print_json(found.to_dict())
        else:
            click.echo(found)


@click.command(epilog=EXIT_CODES, short_help="Search questions and answers.")
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=20, show_default=True, help="Number of rows to print."
)
@out_option
@json_option
def search(words: tuple[str, ...], limit: int, out: Path, as_json: bool) -> None:
    """Search questions and answers for WORDS and print the rows of qa that contain any of them, best first.

    `insur*` matches every word that starts with it; words in double quotes must occur exactly as they are.

    \b
    For example:
      qaledger search second opinion cost
      qaledger search '"medical records" insur*'
    """
    from pipeline.ledger.ledger import Ledger

    with Ledger(out) as ledger:
        found = ledger.search(" ".join(words), limit)
    if as_json:
        print_json(found.assign(topics=found["topics"].map(list)).to_dict("records"))
        return
    for qa_id, question, answer in zip(found["qa_id"], found["question"], found["answer"], strict=True):
        shown = one_line(" ".join(answer.split())) if isinstance(answer, str) else "no answer"
        click.echo(f"{qa_id}  {one_line(question)}\n    {shown if len(shown) <= 160 else shown[:159] + '…'}")
    if found.empty:
        click.echo("no question or answer contains any of these words", err=True)


@click.command(epilog=EXIT_CODES, short_help="Show what changed between two generations or ledgers.")
@click.argument("before", metavar="[A]", required=False)
@click.argument("after", metavar="[B]", required=False)
@out_option
@json_option
def compare(before: str | None, after: str | None, out: Path, as_json: bool) -> None:
    """Show which questions, answers and figures were added, changed or removed from A to B.

    A and B are generations (`qaledger generations` lists them) or folders of published tables. Without B, A is compared
    with the published generation; without A, the generation before the published one is. [-…-] marks words that were
    removed from an answer, {+…+} words that were added.

    \b
    For example:
      qaledger compare
      qaledger compare data/processed.old
      qaledger compare tables/january tables/february
    """
    from pipeline.ledger.ledger import Ledger

    with Ledger(out) if after is None else Ledger.named(after, out) as ledger:
        found = ledger.compare(before)
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo(found)


@click.command(epilog=EXIT_CODES, short_help="Write a table to csv, parquet, jsonl, xlsx or bib.")
@click.argument("table", required=False)
@click.option(
    "--to",
    required=True,
    metavar="FILE",
    help="The file to write: .csv, .parquet, .jsonl, .xlsx or .bib; without a TABLE the folder of a data package.",
)
@out_option
@json_option
def export(table: str | None, to: str, out: Path, as_json: bool) -> None:
    """Write a TABLE, or the view claims, to a file; the ending of the file decides its format. Without a TABLE, write a
    data package: every table as parquet, a data dictionary, datapackage.json and croissant.json.

    Rows of statistics and claims name their source and the time of the data; a .bib file has one BibTeX entry per row.
    In csv and xlsx, text that a spreadsheet would run as a formula gets a leading apostrophe.

    \b
    For example:
      qaledger export statistics --to statistics.csv
      qaledger export statistics --to refs.bib
      qaledger export --to package/
    """
    if table is None and Path(to).suffix and not to.endswith("/"):
        raise click.UsageError(f"{to} is a file, so name a table: qaledger export TABLE --to {to}")
    from pipeline.ledger.export import export as write
    from pipeline.ledger.ledger import Ledger
    from pipeline.ledger.package import export_package

    with Ledger(out) as ledger:
        count = export_package(ledger, Path(to)) if table is None else write(ledger, table, Path(to))
        generation = ledger.generation
    if as_json:
        found = {"tables": count} if table is None else {"table": table, "rows": count}
        print_json({**found, "file": to, "generation": generation})
    else:
        what = many(count, "table") if table is None else f"{many(count, 'row')} of {table}"
        click.echo(f"{to}: {what}, generation {generation}")


@click.command(epilog=EXIT_CODES, short_help="Write a report as HTML pages.")
@click.option("--topic", help="Only questions and answers with this topic.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what was first seen on this day (UTC) or later.")
@click.option("--generation", metavar="ID", help="Read an older generation; qaledger generations lists them.")
@click.option("--pdf", is_flag=True, help="Also print each page as PDF; this needs Chromium or Chrome.")
@out_option
@json_option
def report(
    out: Path, topic: str | None, since: datetime | None, generation: str | None, pdf: bool, as_json: bool
) -> None:
    """Run the notebooks on the published tables and write each as an HTML page, with a contents page, to OUT/reports.

    With --topic, --since or --generation, the pages are written to a subfolder.

    \b
    For example:
      qaledger report
      qaledger report --topic insurance --pdf
    """
    from pipeline.report.html_pages import report as write

    def show_progress(doing: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"writing {doing}", err=True)

    pages = write(out, topic, f"{since:%Y-%m-%d}" if since else None, generation, pdf, show_progress)
    if as_json:
        print_json([str(page) for page in pages])
    else:
        click.echo("\n".join(map(str, pages)))
