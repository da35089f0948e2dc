"""Processes of their own, forked from a server that has the imports done, so that hundreds of them are cheap."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import get_context, set_start_method
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pipeline
from pipeline.cli import main

# The server looks for what it preloads on PYTHONPATH alone (Python 3.11).
_PATHS = [str(Path(pipeline.__file__).parent.parent), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, _PATHS))
SERVER = get_context("forkserver")
SERVER.set_forkserver_preload(["warm"])


def command(words: Sequence[str], cwd: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """The output of `qaledger` with these arguments on stdout and stderr, and its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        stdout, stderr = Path(folder, "stdout"), Path(folder, "stderr")
        process = started(words, cwd, env, stdout, stderr)
        process.join(120)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(list(words), 120)
        said = (path.read_text("utf-8") for path in (stdout, stderr))
        return subprocess.CompletedProcess(list(words), process.exitcode, *said)


def started(
    words: Sequence[str], cwd: Path, env: Mapping[str, str], stdout: Path, stderr: Path, first: tuple[Any, ...] = ()
) -> BaseProcess:
    """A process that runs `qaledger` with these arguments; its output goes to these files.

    `first`: a function that the process calls first, and its arguments.
    """
    process = SERVER.Process(target=_command, args=(words, cwd, dict(env), stdout, stderr, *first))
    process.start()
    return process


class Started:
    """`qaledger` with these arguments, at work in a forked process with this working folder."""

    def __init__(self, cwd: Path, *words: object, stdout: Path = Path(os.devnull), first: tuple[Any, ...] = ()) -> None:
        with tempfile.NamedTemporaryFile(delete=False) as stderr:
            self._stderr = Path(stderr.name)
        self.process = started([*map(str, words)], cwd, os.environ, stdout, self._stderr, first)

    def ended(self) -> tuple[int | None, str]:
        """Its exit code, once it has ended, and what it wrote to stderr. None: it did not end within five minutes."""
        self.process.join(300)
        said = self._stderr.read_text("utf-8")
        self._stderr.unlink()
        return self.process.exitcode, said


def _command(
    words: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    stdout: Path,
    stderr: Path,
    first: Callable[..., None] | None = None,
    *args: Any,
) -> None:
    for number, path in ((1, stdout), (2, stderr)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    set_start_method("fork", force=True)  # of its workers, as in a command that was not forked from a server
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["qaledger", *words]
    if first is not None:
        first(*args)
    main.main()
