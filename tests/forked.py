"""Processes of their own, forked from a server that has the imports done, so that hundreds of them are cheap."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

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


def started(words: Sequence[str], cwd: Path, env: Mapping[str, str], stdout: Path, stderr: Path) -> BaseProcess:
    """A process that runs `qaledger` with these arguments; its output goes to these files."""
    process = SERVER.Process(target=_command, args=(words, cwd, dict(env), stdout, stderr))
    process.start()
    return process


def _command(words: Sequence[str], cwd: Path, env: Mapping[str, str], stdout: Path, stderr: Path) -> None:
    for number, path in ((1, stdout), (2, stderr)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["qaledger", *words]
    main.main()
