"""The README is right: its code runs, its commands work, and the row that it shows is published."""

from __future__ import annotations

import re
import shlex

import pytest
from conftest import ROOT, SEED

import pipeline

README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


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


@pytest.mark.parametrize(
    "line", [line for block in blocks("sh") for line in block.splitlines() if line.startswith("qaledger")]
)
def test_its_commands_work(qaledger, cold_qaledger, raw, tmp_path, line):
    (tmp_path / "data").mkdir()
    raw.rename(tmp_path / "data" / "raw")
    qaledger("run")
    words = shlex.split(line.split("#")[0])[1:]
    assert cold_qaledger(*words).returncode == 0
