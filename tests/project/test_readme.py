"""The README is right: its commands run as printed, one after the other, and what it shows is published."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
import tomllib

import pytest
from conftest import ROOT, SEED

import pipeline

pytestmark = pytest.mark.docs

README = (ROOT / "README.md").read_text("utf-8")

# These need a package index, or set up an environment of their own: they are checked by reading, and by installing the
# package before a release (CONTRIBUTING.md). After them, `qaledger` is on the PATH.
INSTALLS = ("uv tool install '.[audit]'", "pipx install '.[audit]'", "make run")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    """The lines of all blocks for the shell, in order, without their comments."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [" ".join(shlex.split(line, comments=True, posix=False)) for line in lines]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what the README needs of the project, and an environment in which `qaledger` is on the PATH."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "data" / "raw").mkdir(parents=True)
    (folder / "data" / "raw" / SEED.name).write_bytes(SEED.read_bytes())
    command = folder / "bin" / "qaledger"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m pipeline "$@"\n')
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "BROWSER": "true", "TMPDIR": str(folder)}
    env.pop("QALEDGER_OUT", None)
    return folder, env


def test_its_commands_run_in_their_order(checkout):
    """Each line starts from the state that the line before it left, as in a shell into which they are typed."""
    folder, env = checkout
    ran = []
    for line in commands():
        if line in INSTALLS:
            continue
        if line.startswith("cd "):
            folder /= line.removeprefix("cd ")
        elif line == "qaledger audit":
            _serve(line, folder, env)
        else:
            done = subprocess.run(line, shell=True, cwd=folder, env=env, capture_output=True, text=True, timeout=600)
            assert done.returncode == 0, (line, done.stdout, done.stderr)
        ran.append(line.split()[1])
    assert {"demo", "run", "search", "trace", "report", "audit", "status", "verify", "generations"} <= set(ran)


def _serve(line, folder, env):
    """The review page starts, and Ctrl+C ends it."""
    said = folder / "audit.log"
    with said.open("w") as out:
        server = subprocess.Popen(shlex.split(line), cwd=folder, env=env, stdout=out, stderr=out)
        end = time.monotonic() + 120
        while "http://127.0.0.1:" not in said.read_text() and server.poll() is None and time.monotonic() < end:
            time.sleep(0.1)
        server.send_signal(signal.SIGINT)
        server.wait(60)
    assert "http://127.0.0.1:" in said.read_text()


def test_what_it_installs_exists():
    assert set(INSTALLS) <= set(commands())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {"audit", "formats", "semantic", "spark"} <= set(project["optional-dependencies"])
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in {*re.findall(r"`?\bmake ([a-z-]+)", README)}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
        subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_the_python_in_it_runs(published, monkeypatch):
    monkeypatch.setenv("QALEDGER_OUT", str(published))
    for block in blocks("python"):
        exec(block, {})


def test_the_raw_block_is_the_source_and_the_row_is_the_row(published):
    lines = SEED.read_text("utf-8").split("\n")
    for number, shown in re.findall(r"^(\d+) +(.*?)(?: …)?$", blocks("text")[0], re.MULTILINE):
        assert lines[int(number) - 1].startswith(shown)
    _, question, answer, count, topics, _ = re.search(r"^\| Is It A .*", README, re.MULTILINE)[0].split("|")
    with pipeline.open(published) as ledger:
        row = ledger.qa.set_index("question").loc[question.strip()]
    assert row["answer"].startswith(answer.strip().rstrip("… "))
    assert (row["occurrence_count"], row["topics"]) == (int(count), topics.strip().split(", "))
