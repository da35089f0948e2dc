"""The worked examples of CONTRIBUTING.md work when they are applied to a copy of the package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

from pipeline.statistics.claim_definitions import claims_text, load_claims
from pipeline.statistics.lint import lint_claims
from pipeline.topics.lint import lint_taxonomy
from pipeline.topics.tagging import tag_topics
from pipeline.topics.taxonomy import load_taxonomy, taxonomy_text

pytestmark = pytest.mark.docs

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def example(heading: str, language: str) -> str:
    """The first block of a section."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)[1]


def test_the_topic(tmp_path):
    file = tmp_path / "topics.toml"
    file.write_text(f"{taxonomy_text()}\n{example('Add a topic', 'toml')}")
    taxonomy = load_taxonomy(file)
    assert lint_taxonomy(taxonomy) == []
    assert "parking" in {tag.topic for tag in tag_topics("Is there a parking garage?", None, taxonomy)}
    file.write_text(file.read_text().replace('"where (can|do|should) (i|we) park", ', ""))
    assert [failure.topic for failure in lint_taxonomy(load_taxonomy(file))] == ["parking"]


def test_the_claim(tmp_path):
    file = tmp_path / "claims.toml"
    file.write_text(f"{claims_text()}\n{example('Add a claim', 'toml')}")
    assert lint_claims(load_claims(file)) == []
    file.write_text(file.read_text().replace('unless = "fine* penalt*"\n', ""))
    assert [failure.claim for failure in lint_claims(load_claims(file))] == ["parking fee"]


@pytest.fixture
def copy(tmp_path):
    """A copy of the package, in which an example can be applied."""
    shutil.copytree(ROOT / "pipeline", tmp_path / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def python(folder, code):
    env = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=True).stdout


def insert(file, after, text):
    content = file.read_text("utf-8")
    assert content.count(after) == 1
    file.write_text(content.replace(after, after + text), "utf-8")


def test_the_harmless_edit(copy):
    code = (
        "import pandas as pd, pipeline\n"
        "frame = pd.DataFrame([('a', 'Where do I park?', 'Leave your car in the car park behind the house.'),"
        " ('b', 'Where do I park?', 'Leave your car in the {} behind the house.')],"
        " columns=['id', 'question', 'answer'])\n"
        "print(*pipeline.find_duplicates(frame)['kind'])"
    )
    alike, unlike = (code.format(words) for words in ("parking lot", "playground"))
    assert "near_pair" not in python(copy, alike)
    insert(copy / "pipeline/duplicates/harmless_edits.toml", '\nnouns = """\n', example("Add a harmless edit", "text"))
    assert "near_pair" in python(copy, alike)
    assert "near_pair" not in python(copy, unlike)


def test_the_format(copy):
    (copy / "pipeline/extract/tips.py").write_text(example("Add a file format", "python"))
    files, schema = copy / "pipeline/extract/files.py", copy / "pipeline/storage/schema.py"
    added = dict(re.findall(r"`(FORMAT_OF_ENDING|_READERS|FORMATS)` \| `(.*?)` \|", PAGE))
    insert(files, "FORMAT_OF_ENDING = {\n", added["FORMAT_OF_ENDING"])
    insert(files, "_READERS = {\n", added["_READERS"])
    insert(schema, "FORMATS = [", added["FORMATS"] + ", ")
    (copy / "raw").mkdir()
    (copy / "raw" / "faq.tips").write_text("Where can I park?\tIn the lot.\nno tab\nIs it free?\tYes, it is.\n")
    code = (
        "import pipeline\n"
        "ledger = pipeline.run('raw', 'out', workers=1)\n"
        "rows = pipeline.open('out').occurrences\n"
        "print(list(zip(rows['question'], rows['answer'])), [row['reason'] for row in ledger.rejects])"
    )
    assert python(copy, code) == (
        "[('Where can I park?', 'In the lot.'), ('Is it free?', 'Yes, it is.')] ['damaged']\n"
    )


def test_the_version_is_the_same_everywhere():
    named = {
        "pyproject.toml": r'^version = "(.*)"',
        "pipeline/version.py": r'^__version__ = "(.*)"',
        "CITATION.cff": r"^version: (.*)",
        "codemeta.json": r'^  "version": "(.*)"',
    }
    versions = {re.search(at, (ROOT / name).read_text("utf-8"), re.MULTILINE)[1] for name, at in named.items()}
    assert len(versions) == 1
