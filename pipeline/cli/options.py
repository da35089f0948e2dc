"""The options that several verbs share, and the texts of their help."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from pipeline.errors import PipelineError
from pipeline.storage.location import PROCESSED, find_out

EXIT_CODES = """\b
Exit codes: 0 done; 1 failed, the published tables are the last good ones; 2 wrong
usage; 3 published, and some input was rejected; 4 stale or damaged; 75 another run is
writing; 130, 143 interrupted, nothing published."""

Command = Callable[..., None]


class OrderedGroup(click.Group):
    """Lists its verbs in the order in which they were added, not by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


class Checked(click.ParamType):  # type: ignore[type-arg]  # click 8.1 has no type arguments
    """Text of a form that a function checks by raising `PipelineError` or `ValueError`; `allowed` describes it."""

    def __init__(self, name: str, check: Callable[[str], object], allowed: str) -> None:
        self.name, self.check, self.allowed = name, check, allowed

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            self.check(value)
        except (PipelineError, ValueError) as err:
            self.fail(str(err), param, ctx)
        return value


def out_option(function: Command) -> Command:
    """The verb with `--out`: the folder of the published tables, by default where `pipeline.open` finds them."""
    return click.option(
        "--out",
        type=click.Path(path_type=Path),
        envvar="QALEDGER_OUT",
        callback=_out,
        help=f"Folder of the published tables.  [default: $QALEDGER_OUT, else {PROCESSED}]",
    )(function)


def _out(context: click.Context, option: click.Parameter, given: Path | None) -> Path:
    """The folder named after a verb, else the one of its group, else the one that Python finds."""
    group = context.parent.params.get("out") if context.parent else None
    if group and context.get_parameter_source("out") is not ParameterSource.COMMANDLINE:
        return Path(group)
    try:
        return find_out(given)
    except PipelineError as err:
        raise click.BadParameter(str(err)) from err


def json_option(function: Command) -> Command:
    """The verb with `--json`, which it gets as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(function)


def topics_option(function: Command) -> Command:
    """The verb with `--topics`: a taxonomy file; None for the built-in one."""
    return click.option(
        "--topics",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Your own taxonomy; `topics show` prints the built-in one.",
    )(function)


def claims_option(function: Command) -> Command:
    """The verb with `--claims`: a file of claims; None for the built-in one."""
    return click.option(
        "--claims",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Your own file of claims; `claims show` prints the built-in one.",
    )(function)


def decisions_option(default: str) -> Callable[[Command], Command]:
    """What gives a verb `--decisions`: the file of review decisions. `default` is the text of its help."""
    return click.option(
        "--decisions",
        type=click.Path(path_type=Path, dir_okay=False),
        help=f"File of people's review decisions.  [default: {default}]",
    )
