"""Prints results on stdout: as JSON or as text that cannot control a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any

import click


def print_json(result: Any) -> None:
    """Print a result as indented JSON; times and other values that JSON lacks become text."""
    click.echo(json.dumps(result, ensure_ascii=False, indent=1, default=str))


def discard_output() -> None:
    """Send to nowhere what is still to be printed: stdout is closed, or its disk is full."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def one_line(text: str) -> str:
    r"""Text on one line, without characters that control a terminal.

    >>> one_line("a\n\x1b[31mb")
    'a\\n\\x1b[31mb'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)


def printable_lines(text: str) -> str:
    """The same text with its line ends, and without other characters that control a terminal."""
    return "\n".join(map(one_line, text.split("\n")))
