"""Reads the words of the command `qaledger` and ends with an exit code; a verb imports its libraries when it starts."""

from __future__ import annotations

import contextlib
import difflib
import logging
import os
import signal
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from pipeline.cli.audit import audit
from pipeline.cli.claims import claims
from pipeline.cli.generations import list_generations, rollback
from pipeline.cli.inspect import compare, export, report, search, status, trace, verify
from pipeline.cli.options import EXIT_CODES, OrderedGroup
from pipeline.cli.output import one_line
from pipeline.cli.run import run
from pipeline.cli.topics import topics
from pipeline.errors import PackageClash, PipelineError
from pipeline.refresh import logs
from pipeline.storage.interrupts import note_interrupt, raise_query_interrupts
from pipeline.version import __version__

CONFIG = Path("qaledger.toml")

Settings = dict[str, Any]


@click.group(
    cls=OrderedGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(__version__, prog_name="qaledger")
@click.pass_context
def cli(context: click.Context) -> None:
    """Store scraped questions and answers in a ledger, each once, and trace every row to its source.

    \b
    For example:
      qaledger run data/raw
      qaledger status

    Paths and options can be set in a file qaledger.toml in the working folder. It has one table for each command, for
    example [run] with raw = "pages" and out = "tables".
    """
    context.default_map = _read_settings()


for _verb in (
    run, status, verify, list_generations, rollback, trace, search, compare, export, report, topics, claims, audit,
):  # fmt: skip
    cli.add_command(_verb)


# ---------------------------------------------------------------- qaledger.toml


def _read_settings() -> Settings:
    """The defaults that qaledger.toml sets for each verb; an `out` outside of the verbs' tables applies to all."""
    try:
        settings = tomllib.loads(CONFIG.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as err:
        raise click.UsageError(f"{CONFIG}: {err}. Correct it, or remove it to use the defaults.") from err
    for name in settings:
        if name != "out" and not (name in cli.commands and isinstance(settings[name], dict)):
            raise _unknown(name, ["out", *cli.commands])
    shared = {"out": settings["out"]} if "out" in settings else {}
    return {verb: _verb_settings(command, shared, settings.get(verb, {})) for verb, command in cli.commands.items()}


def _verb_settings(command: click.Command, shared: Settings, own: Settings) -> Settings:
    """A verb's settings by parameter; settings of a group of verbs apply to each verb in it."""
    verbs = command.commands if isinstance(command, click.Group) else {}
    of_verbs = {name: own[name] for name in own if name in verbs}
    names = {key: name for one in (command, *verbs.values()) for key, name in _parameter_names(one).items()}
    settings = dict(shared)
    for key in own.keys() - of_verbs:
        if key.replace("-", "_") not in names:
            raise _unknown(key, names, f"[{command.name}] ")
        settings[names[key.replace("-", "_")]] = own[key]
    return settings | {name: _verb_settings(one, settings, of_verbs.get(name, {})) for name, one in verbs.items()}


def _parameter_names(command: click.Command) -> dict[str, str]:
    """The keys that a verb's table may have, and the parameters they set: options without their dashes."""
    options = {option: one.name or "" for one in command.params for option in one.opts}
    return {option.lstrip("-").replace("-", "_"): name for option, name in options.items()}


def _unknown(key: str, known: Iterable[str], table: str = "") -> click.UsageError:
    nearest = difflib.get_close_matches(key.replace("-", "_"), known, 1, 0)
    return click.UsageError(
        f"{CONFIG}: {table}{key} is not a setting. The nearest is {nearest[0]}; the settings are: {', '.join(known)}"
    )


# ---------------------------------------------------------------- entry point


def main() -> None:
    """The command `qaledger`: every error that a user can act on is one sentence on stderr and an exit code."""
    for number in _SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)
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
        _report_error(one_line(str(err)), "Error: ")
        sys.exit(err.exit_code)
    except click.Abort:
        _report_error("interrupted; nothing was published")
        sys.exit(130)
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


_SIGNALS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


def _interrupt(number: int, frame: object) -> None:
    """End the command. Python swallows what is raised in a destructor, so an alarm repeats it every half second."""
    _report_error(f"{_SIGNALS[signal.Signals(number)]}; nothing was published")
    note_interrupt(number)
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(128 + number))
    signal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)
    sys.exit(128 + number)


def _report_error(sentence: str, prefix: str = "") -> None:
    if logs.is_json():
        logs.log(sentence, logging.ERROR)
    else:
        click.echo(prefix + sentence, err=True)


def _refuse_clash() -> None:
    """Raises `PackageClash` where the unrelated distribution `pipeline` is installed.

    importlib.metadata would know, too, but takes 25 ms to import.
    """
    if any(next(Path(folder).glob("pipeline-*.dist-info"), None) for folder in sys.path if folder):
        raise PackageClash
