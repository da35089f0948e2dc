"""Reads the words of the command `qaledger` and ends with an exit code; a verb imports its libraries when it starts."""

from __future__ import annotations

import errno
import os
import signal
import sys
from functools import partial
from pathlib import Path

import click

from pipeline.cli.audit import audit
from pipeline.cli.claims import claims
from pipeline.cli.demo import demo
from pipeline.cli.generations import list_generations, rollback
from pipeline.cli.inspect import compare, export, report, search, status, trace, verify
from pipeline.cli.options import EXIT_CODES, OrderedGroup
from pipeline.cli.output import discard_output, one_line
from pipeline.cli.run import run
from pipeline.cli.topics import topics
from pipeline.errors import PackageClash, PipelineError, ResourcesMissing, lacks_resources
from pipeline.storage.interrupts import end_after_cleanup, note_interrupt, raise_query_interrupts
from pipeline.version import __version__

CONFIG = Path("qaledger.toml")


@click.group(
    cls=OrderedGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(__version__, prog_name="qaledger")
@click.pass_context
def cli(context: click.Context) -> None:
    """Turn a folder of scraped questions and answers into one database without duplicates, and trace every row to its
    source.

    \b
    For example:
      qaledger demo
      qaledger run data/raw
      qaledger status

    Options can be set in a file qaledger.toml in the working folder. It has one table for each command, for example
    [run] with raw = "pages" and out = "tables"; docs/settings.md lists them all.
    """
    if os.path.lexists(CONFIG):
        from pipeline.cli.settings import read_settings

        context.default_map = read_settings(cli, CONFIG)


for _verb in (
    demo, run, status, verify, list_generations, rollback, trace, search, compare, export, report, topics, claims,
    audit,
):  # fmt: skip
    cli.add_command(_verb)


# ---------------------------------------------------------------- entry point


def main() -> None:
    """The command `qaledger`: every error that a user can act on is one sentence on stderr and an exit code."""
    interrupt = partial(_interrupt, os.getpid())
    for number in _SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, interrupt)
    _replace_closed_streams()
    try:
        _refuse_clash()
        _refuse_bytes()
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
    except Exception as err:
        _end_with_sentence(err)
        raise  # our own mistake
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        end_after_cleanup()


def _end_with_sentence(err: Exception) -> None:
    """Report an error of the system and exit; returns where it is an error of ours."""
    if lacks_resources(err):
        _report_error(one_line(str(ResourcesMissing(err))), "Error: ")
        sys.exit(ResourcesMissing.exit_code)
    if not isinstance(err, OSError):
        return
    if err.errno == errno.ENAMETOOLONG:
        _report_error(f"{one_line(str(err.filename)[:60])}…: this name is too long", "Error: ")
        sys.exit(2)
    if err.filename is None and err.errno in _OUTPUT_ERRORS:
        discard_output()
        _report_error(f"the output cannot be written ({err.strerror})", "Error: ")
        sys.exit(1)


_OUTPUT_ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG)  # of a write to stdout, which has no file name


def _replace_closed_streams() -> None:
    """Give a process that was started without stdout or stderr one that goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


_SIGNALS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


def _interrupt(command: int, number: int, frame: object) -> None:
    """End the command. Python swallows what is raised in a destructor, so an alarm repeats it every half second.

    command: its process. A worker that has just been forked, and still has this handler, ends without a word.
    """
    if os.getpid() != command:
        os._exit(128 + number)
    _report_error(f"{_SIGNALS[signal.Signals(number)]}; nothing was published")
    note_interrupt(number)
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(128 + number))
    signal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)
    sys.exit(128 + number)


def _report_error(sentence: str, prefix: str = "") -> None:
    from pipeline.refresh import logs

    if logs.is_json():
        logs.LOGGER.error("%s", sentence)
    else:
        click.echo(prefix + sentence, err=True)


def _refuse_bytes() -> None:
    """Raises `UsageError` for a word that is not valid UTF-8: neither DuckDB nor JSON can hold it."""
    for word in sys.argv[1:]:
        try:
            word.encode()
        except UnicodeEncodeError as err:
            raise click.UsageError(f"{one_line(word[:60])} is not valid UTF-8; rename the file or folder") from err


def _refuse_clash() -> None:
    """Raises `PackageClash` where the unrelated distribution `pipeline` is installed.

    importlib.metadata would know, too, but takes 25 ms to import.
    """
    if any(next(Path(folder).glob("pipeline-*.dist-info"), None) for folder in sys.path if folder):
        raise PackageClash
