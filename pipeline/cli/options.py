"""The options that several verbs share, and the texts of their help."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import click

from pipeline.ledger.location import PROCESSED, find_out

RAW = Path("data/raw")

EXIT_CODES = """\b
Exit codes: 0 done; 1 failed, the published tables are the last good ones; 2 usage;
3 published, and some input was rejected; 4 stale or damaged; 75 another run is
writing; 130, 143 interrupted, nothing published."""

Command = Callable[..., None]


class OrderedGroup(click.Group):
    """Lists its verbs in the order in which they were added, not by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def out_option(function: Command) -> Command:
    return click.option(
        "--out",
        type=click.Path(path_type=Path),
        envvar="QALEDGER_OUT",
        callback=lambda _context, _option, given: _checked_out(find_out(given)),
        help=f"Folder of the published tables.  [default: $QALEDGER_OUT, else {PROCESSED}]",
    )(function)


def _checked_out(out: Path) -> Path:
    """DuckDB opens only files whose path is text."""
    try:
        os.fspath(out).encode()
    except UnicodeEncodeError as err:
        raise click.BadParameter("the path is not valid UTF-8; rename the folder, or name another one") from err
    return out


def json_option(function: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(function)


def topics_option(function: Command) -> Command:
    return click.option(
        "--topics",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Your own taxonomy; `topics show` prints the built-in one.",
    )(function)


def claims_option(function: Command) -> Command:
    return click.option(
        "--claims",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Your own file of claims; `claims show` prints the built-in one.",
    )(function)


def decisions_option(function: Command) -> Command:
    return click.option(
        "--decisions",
        type=click.Path(path_type=Path, dir_okay=False),
        help="People's review decisions.  [default: decisions.jsonl beside RAW]",
    )(function)
