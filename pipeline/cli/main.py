"""Reads the words of the command `qaledger` and ends with an exit code; a verb imports its libraries when it starts."""

from __future__ import annotations

import difflib
import errno
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
from pipeline.cli.output import discard_output, one_line
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
    except (OSError, ValueError, RecursionError) as err:
        raise click.UsageError(f"{CONFIG}: {err}. Correct it, or remove it to use the defaults.") from err
    for name in settings:
        if name != "out" and not (name in cli.commands and isinstance(settings[name], dict)):
            raise _unknown(name, ["out", *cli.commands])
    shared = {"out": settings["out"]} if "out" in settings else {}
    if "out" in shared:
        _check_text("out", shared["out"])
    return {verb: _verb_settings(command, shared, settings.get(verb, {})) for verb, command in cli.commands.items()}


def _verb_settings(command: click.Command, shared: Settings, own: Settings) -> Settings:
    """A verb's settings by parameter; settings of a group of verbs apply to each verb in it."""
    verbs = command.commands if isinstance(command, click.Group) else {}
    of_verbs = {name: own[name] for name in own if name in verbs}
    parameters = {key: one for verb in (command, *verbs.values()) for key, one in _parameters(verb).items()}
    settings = dict(shared)
    for key in own.keys() - of_verbs:
        parameter = parameters.get(key.replace("-", "_"))
        if parameter is None:
            raise _unknown(key, parameters, f"[{command.name}] ")
        _check_setting(f"[{command.name}] {key}", own[key], parameter)
        settings[parameter.name or ""] = own[key]
    return settings | {name: _verb_settings(one, settings, of_verbs.get(name, {})) for name, one in verbs.items()}


def _parameters(command: click.Command) -> dict[str, click.Parameter]:
    """The keys that a verb's table may have, and the parameters they set: options without their dashes."""
    return {option.lstrip("-").replace("-", "_"): one for one in command.params for option in one.opts}


LONGEST_SETTING = 4096  # characters; no path is longer on Linux


def _check_setting(key: str, value: object, parameter: click.Parameter) -> None:
    """Raise `UsageError` where a value has another type than its option takes; click checks the rest."""
    if getattr(parameter, "multiple", False) and isinstance(value, list):
        for one in value:
            _check_text(key, one)
    elif getattr(parameter, "is_flag", False):
        if not isinstance(value, bool):
            raise _wrong_setting(key, value, "true or false")
    elif isinstance(parameter.type, click.IntRange | click.types.IntParamType):
        if type(value) is not int:
            raise _wrong_setting(key, value, "a whole number")
    else:
        _check_text(key, value)


def _check_text(key: str, value: object) -> None:
    if not isinstance(value, str) or not value or not value.isprintable() or len(value) > LONGEST_SETTING:
        raise _wrong_setting(key, value, f"text of 1 to {LONGEST_SETTING:,} printable characters")


def _wrong_setting(key: str, value: object, allowed: str) -> click.UsageError:
    shown = one_line(repr(value))
    return click.UsageError(f"{CONFIG}: {key} = {shown[:60]}{'…' if len(shown) > 60 else ''} is not {allowed}")


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
    _replace_closed_streams()
    try:
        _refuse_clash()
        with raise_query_interrupts():
            cli.main(prog_name="qaledger", standalone_mode=False)
        sys.stdout.flush()
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
        discard_output()
        sys.exit(1)
    except OSError as err:
        if err.filename is not None or err.errno not in _OUTPUT_ERRORS:
            raise  # our own mistake
        discard_output()
        _report_error(f"the output cannot be written ({err.strerror})", "Error: ")
        sys.exit(1)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


_OUTPUT_ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG)  # of a write to stdout, which has no file name


def _replace_closed_streams() -> None:
    """Give a process that was started without stdout or stderr one that goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


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
