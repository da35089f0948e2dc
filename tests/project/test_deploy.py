"""The examples in deploy/ work: their own tools accept them, and their command lines run in a folder as they expect it.

A shell runs each line with a command that only notes its arguments; then `qaledger` runs with these arguments in a
forked process, which has its imports done. Not run here: Airflow (the DAG gets a fake one), GitHub's machines, a
Docker engine, and systemd itself.
"""

from __future__ import annotations

import ast
import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import types
from datetime import datetime
from pathlib import Path

import forked
import pytest
from conftest import ROOT, SEED

DEPLOY = ROOT / "deploy"
NIGHTLY = (ROOT / "docs" / "nightly.md").read_text("utf-8")


# In the place of the command: notes its folder and arguments in `called`, and ends with the code in $CODE.
NOTING = """#!/bin/sh
printf '%s\\n' "$PWD" "$@" > "$QALEDGER/called"
echo 'a ledger'
echo 'a log' >&2
exit "$CODE"
"""


@pytest.fixture
def home(tmp_path):
    """A folder like /opt/qaledger: a .venv with a command that notes how it is called, and the data."""
    (tmp_path / "data" / "raw").mkdir(parents=True)
    shutil.copy(SEED, tmp_path / "data" / "raw")
    command = tmp_path / ".venv" / "bin" / "qaledger"
    command.parent.mkdir(parents=True)
    command.write_text(NOTING)
    command.chmod(0o755)
    return tmp_path


def shell(line, home, code=0):
    """What a shell says to a line whose command ends with this code."""
    return subprocess.run(
        ["/bin/sh", "-c", line.replace("/opt/qaledger", str(home))],
        cwd=home,
        env={**os.environ, "QALEDGER": str(home), "CODE": str(code)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def qaledger(words, home, **env):
    """Run the command in this folder, and fail with what it says."""
    done = forked.command(words, home, {**os.environ, **env})
    assert done.returncode == 0, (words, done.stdout, done.stderr)


def run_as_in_shell(line, home, **env):
    """Run the command with the arguments that a shell gives it in this line."""
    (home / "called").unlink(missing_ok=True)
    assert shell(line, home).returncode == 0
    folder, *words = (home / "called").read_text().splitlines()
    assert folder == str(home)
    qaledger(words, home, **env)


def tool(*words):
    """Run a checker of the group `dev`, and fail with what it says."""
    found = shutil.which(words[0], path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert found, f"{words[0]} is not installed; it is in the dependency group dev"
    done = subprocess.run([found, *words[1:]], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def cron_lines():
    lines = [line for line in (DEPLOY / "cron").read_text().splitlines() if re.match(r"[\d*]", line)]
    return [line.split(maxsplit=6) for line in lines]


def test_the_cron_lines_publish_and_say_nothing_when_all_is_well(home):
    refresh, freshness = (" ".join(fields[6:]) for fields in cron_lines())
    run_as_in_shell(refresh, home)
    assert (home / "data" / "processed" / "qa.duckdb").exists()
    run_as_in_shell(freshness, home)
    for code in (0, 3, 75):
        done = shell(refresh, home, code)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "qaledger run failed with exit code 2" in shell(refresh, home, 2).stdout
    assert (shell(freshness, home).stderr, shell(freshness, home, 4).returncode) == ("a log\n", 4), "cron mails it"


def test_the_log_of_cron_is_one_file_a_night_and_eight_at_most(home):
    refresh = " ".join(cron_lines()[0][6:])
    for _ in range(3):
        shell(refresh, home)
    for n in range(3, 8):
        (home / f"run.log.{n}").write_text("older")
    shell(refresh, home)
    assert len(list(home.glob("run.log*"))) == 8
    assert all((home / name).read_text() == "a log\n" for name in ("run.log", "run.log.1", "run.log.3"))
    assert (home / "run.log.4").read_text() == "older"


def test_shell_lines_pass_shellcheck(tmp_path):
    script = tmp_path / "cron.sh"
    for fields in cron_lines():
        script.write_text(f"#!/bin/sh\nQALEDGER=/opt/qaledger\n{' '.join(fields[6:])}\n")
        tool("shellcheck", script)
    tool("shellcheck", ROOT / ".ci" / "run")


def test_cron_has_five_fields_a_user_and_no_percent_sign():
    for fields in cron_lines():
        assert all(re.fullmatch(r"\*|\d{1,2}", field) for field in fields[:5])
        assert fields[5] == "qaledger"
        assert "%" not in fields[6], "cron reads it as a line end"


def unit(name):
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str
    parser.read_string((DEPLOY / name).read_text())
    return parser


def test_the_systemd_service_publishes(home):
    service = unit("qaledger.service")["Service"]
    program, *words = shlex.split(service["ExecStart"].replace("/var/lib/node_exporter", str(home)))
    assert (program, service["WorkingDirectory"]) == ("/opt/qaledger/.venv/bin/qaledger", "/opt/qaledger")
    qaledger(words, home)
    assert (home / "data" / "processed" / "qa.duckdb").exists()
    assert (home / "qaledger.prom").exists()
    assert {"3", "75"} == set(service["SuccessExitStatus"].split())


def test_systemd_accepts_the_units(home):
    """With its own checker where systemd is installed, as in CI."""
    for path in DEPLOY.glob("qaledger*.*"):
        (home / path.name).write_text(path.read_text().replace("/opt/qaledger", str(home)))
    analyze = shutil.which("systemd-analyze")
    assert analyze or "CI" not in os.environ
    if analyze:
        tool("systemd-analyze", "verify", *home.glob("qaledger*.*"))


def test_the_systemd_service_may_write_what_it_names_and_a_failure_is_reported():
    service = unit("qaledger.service")
    writable = [path.lstrip("-") for path in service["Service"]["ReadWritePaths"].split()]
    metrics = re.search(r"--metrics (\S+)", service["Service"]["ExecStart"])[1]
    assert str(Path(metrics).parent) in writable
    assert f"--metrics {metrics}" in NIGHTLY
    assert "/opt/qaledger/data" in writable
    assert "PrivateNetwork" not in service["Service"], "a notifier sends something"
    assert (DEPLOY / service["Unit"]["OnFailure"]).exists()


def test_the_systemd_timer_names_a_time_of_every_day():
    timer = unit("qaledger.timer")["Timer"]
    day, _, time_of_day = timer["OnCalendar"].partition(" ")
    assert day == "*-*-*"
    assert datetime.strptime(time_of_day, "%H:%M:%S")
    assert (DEPLOY / "qaledger.service").exists(), "a timer starts the service of its name"


def test_the_steps_of_the_github_workflow_run(home):
    lines = re.findall(r"run: (qaledger .*)", (DEPLOY / "github-actions.yml").read_text())
    assert [line.split()[1] for line in lines] == ["run", "verify"]
    for line in lines:
        run_as_in_shell(f".venv/bin/{line}", home)
    assert [shell(f".venv/bin/{lines[0]}", home, code).returncode for code in (1, 3)] == [1, 0]


def test_the_workflow_and_the_compose_file_fit_their_schemas():
    tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", DEPLOY / "github-actions.yml")
    tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


def test_the_image_is_built_from_files_that_exist_and_its_command_publishes(home):
    tool("hadolint", DEPLOY / "Dockerfile")
    text = (DEPLOY / "Dockerfile").read_text()
    for line in re.findall("^COPY (.*)$", text, re.MULTILINE):
        assert all((ROOT / name).exists() for name in line.split()[:-1]), line
    compose = (DEPLOY / "compose.yaml").read_text()
    (out,) = re.findall("QALEDGER_OUT=(.*)", text)
    assert f"- tables:{out}\n" in compose
    assert f"- tables:{out}:ro\n" in compose
    words = json.loads(re.search("^CMD (.*)$", text, re.MULTILINE)[1])
    reader = re.search(r"command: \[(.*)\]", compose)[1].split(", ")
    for command in (words, reader):
        qaledger([word.replace("/source", str(home / "data")) for word in command], home, QALEDGER_OUT=f"{home}/tables")


def test_the_airflow_tasks_run_in_their_order(home, monkeypatch):
    """Uses a fake Airflow that records its calls, because Airflow itself needs 200 packages."""
    tasks, order = {}, []

    class Task:
        def __init__(self, task_id, bash_command, **_):
            self.name = task_id
            tasks[task_id] = bash_command

        def __rshift__(self, other):
            order.append((self.name, other.name))
            return other

    class Dag:
        def __init__(self, **options):
            assert options["catchup"] is False

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    for name, held in (
        ("airflow", {"DAG": Dag}), ("airflow.operators", {}), ("airflow.operators.bash", {"BashOperator": Task}),
    ):  # fmt: skip
        module = types.ModuleType(name)
        module.__dict__.update(held)
        monkeypatch.setitem(sys.modules, name, module)
    source = (DEPLOY / "airflow_dag.py").read_text()
    assert ast.get_docstring(ast.parse(source))
    exec(compile(source, "airflow_dag.py", "exec"), {})
    assert order == [("run", "verify"), ("verify", "status")]
    lines = {name: re.sub(r"\{\{.*?\}\}", "/opt/qaledger", tasks[name]) for name in ("run", "verify", "status")}
    for line in lines.values():
        run_as_in_shell(line, home)
    assert [shell(lines["run"], home, code).returncode for code in (1, 3, 75)] == [1, 0, 1]


# ---------------------------------------------------------------- docs/nightly.md


def test_the_commands_of_the_page_run(home):
    lines = [line for block in re.findall(r"```sh\n(.*?)```", NIGHTLY, re.DOTALL) for line in block.splitlines()]
    assert len(lines) == 5
    for line in lines:
        if "rollback" in line:
            (home / "data" / "raw" / "a.txt").write_text("Q: What is a biopsy?\nA: A sample of tissue.\n")
            qaledger(["run", "data/raw"], home)
        run_as_in_shell(f".venv/bin/{line}", home)


def test_the_settings_of_the_page_are_settings(home):
    settings = re.search(r"```toml\n(.*?)```", NIGHTLY, re.DOTALL)[1]
    assert tomllib.loads(settings)["run"]["keep"] == 7
    (home / "tell_the_team.py").write_text("import sys\nopen('told.json', 'w').write(sys.stdin.read())\n")
    (home / "qaledger.toml").write_text(settings.replace("python3", sys.executable))
    qaledger(["run"], home)
    assert (home / "told.json").exists()
    qaledger(["status"], home)


def test_every_file_the_page_names_is_there():
    for name in re.findall(r"`(deploy/[\w.-]+)`", NIGHTLY):
        assert (ROOT / name).exists(), name
