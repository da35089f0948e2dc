"""The verb `demo`: a small ledger from the sample page that comes with the package, in a folder of its own."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import click

from pipeline.cli.options import EXIT_CODES, json_option
from pipeline.cli.output import print_json
from pipeline.errors import OutputUnusable, PipelineError, many
from pipeline.storage.location import PROCESSED, RAW


@click.command(epilog=EXIT_CODES, short_help="Build a small ledger from a sample page, to try the commands on.")
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A new or empty folder for the demo.  [default: a new temporary folder]",
)
@click.option("--open", "is_opened", is_flag=True, help="Open the report in the browser.")
@json_option
def demo(to: Path | None, is_opened: bool, as_json: bool) -> None:
    """Build a small ledger and its report from the sample page that comes with qaledger, and say what to type next.

    Nothing outside of the folder of the demo is read or changed; delete the folder when you are done.

    \b
    For example:
      qaledger demo
      qaledger demo --to demo --open
    """
    folder = _new_folder(to)
    raw, out = folder / RAW, folder / PROCESSED
    _copy_sample(raw)
    from pipeline.ledger.ledger import Ledger
    from pipeline.refresh.run import run
    from pipeline.report.html_pages import report

    run(raw, out, workers=1)
    with Ledger(out) as ledger:
        counts = {
            name: int(ledger.sql(f"select count(*) as n from {name}")["n"].iloc[0])
            for name in ("documents", "occurrences", "qa", "statistics")
        }
        example = ledger.sql(
            "select statistic_id, surface from statistics order by kind != 'percent', line limit 1"
        ).iloc[0]
    if not as_json:
        click.echo(
            f"Built a ledger in {folder}: {many(counts['occurrences'], 'question')} "
            f"on {many(counts['documents'], 'page')}, {many(counts['qa'], 'distinct row')}, "
            f"{many(counts['statistics'], 'quoted figure')}."
        )
    if sys.stderr.isatty():
        click.echo("Writing the report, which takes about 20 seconds.", err=True)
    index = report(out)[0].resolve()
    if as_json:
        print_json({"folder": str(folder), "report": str(index), "counts": counts})
    else:
        click.echo(f"Its report: {index.as_uri()}\n\nNext, type:\n{_next_steps(folder, *example)}")
    if is_opened:
        click.launch(index.as_uri())


def _new_folder(to: Path | None) -> Path:
    """The folder of the demo, which is empty. Raises `UsageError` where something is in it."""
    import tempfile  # every `--help` imports this module

    try:
        if to is None:
            return Path(tempfile.mkdtemp(prefix="qaledger-demo-")).resolve()
        to.mkdir(parents=True, exist_ok=True)
        if any(to.iterdir()):
            raise click.UsageError(f"{to} is not empty. Name a new or an empty folder, or leave out --to")
        return to.resolve()
    except OSError as err:
        raise OutputUnusable(to or Path(tempfile.gettempdir()), err) from err


def _copy_sample(raw: Path) -> None:
    """Copy the sample page of the installed package, or of the checkout, to the folder `raw`."""
    package = Path(__file__).parents[1]
    for folder in (package / "sample" / "raw", package.parent / RAW):
        for page in folder.glob("000_*.txt"):
            raw.mkdir(parents=True)
            (raw / page.name).write_bytes(page.read_bytes())
            return
    raise PipelineError(
        "the sample page is not installed; install qaledger again: pip install --force-reinstall qaledger"
    )


def _next_steps(folder: Path, statistic_id: str, surface: str) -> str:
    steps = [
        (f"cd {shlex.quote(str(folder))}", ""),
        ("qaledger search insurance pay", "find questions and answers"),
        (f"qaledger trace {statistic_id}", f"see where the figure “{surface}” comes from"),
        ("qaledger status", "see what was published"),
        ("qaledger run YOUR_FOLDER --out YOUR_TABLES", "use your own pages"),
    ]
    if "QALEDGER_OUT" in os.environ:
        steps.insert(1, ("unset QALEDGER_OUT", "this variable names other tables"))
    width = max(len(command) for command, does in steps if does) + 2
    return "\n".join(f"  {command:<{width}}# {does}" if does else f"  {command}" for command, does in steps)
