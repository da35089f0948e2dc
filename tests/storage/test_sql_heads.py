"""The head of every SQL file is true: with only the tables it names, the file runs and makes what it says."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import duckdb
import pytest

import pipeline
from pipeline import report
from pipeline.audit.decision_log import DecisionLog
from pipeline.audit.disputed_figures import DisputedFigures
from pipeline.audit.filters import Filter
from pipeline.audit.redirects import redirects_and_removals
from pipeline.audit.review_queue import ReviewQueue
from pipeline.duplicates.decisions import Entry
from pipeline.errors import UnknownId
from pipeline.ledger.export import export
from pipeline.ledger.verify import verify
from pipeline.refresh.debug import copy_tables, leave_tables, readable_tables, settings
from pipeline.report.source_pages import source_page
from pipeline.storage import frames, statements

SQL = Path(pipeline.__file__).parent / "sql"
FILES = sorted(path.relative_to(SQL).with_suffix("").as_posix() for path in SQL.rglob("*.sql"))
# Files that this test does not run: those of a cluster, and a file with a database's name to be put in.
NOT_RUN = {name for name in FILES if name.startswith("spark/")} | {"ledger/selected_views"}

Head = dict[str, str]


def head_of(name: str) -> Head:
    """The lines `-- key: value` on top of a file; a line that is indented further continues the one above."""
    head: Head = {}
    key = ""
    for line in statements.statement(name).splitlines():
        if match := re.match(r"-- (grain|reads|makes|answers): (.*)", line):
            key = match[1]
            head[key] = match[2]
        elif key in ("reads", "makes") and (match := re.match(r"--\s{4,}(.*)", line)):
            head[key] += " " + match[1]
        elif key:
            key = "" if line.startswith("-- ") else key
        if not line.startswith("--"):
            break
    return head


def names_of(head: Head, key: str) -> list[str]:
    """The tables that a line of a head names; "nothing" names none."""
    return [name for name in re.findall(r"[\w.]+", head.get(key, "")) if name != "nothing"]


@pytest.mark.parametrize("name", FILES)
def test_a_sql_file_opens_with_grain_reads_and_makes_or_answers(name):
    lines = statements.statement(name).splitlines()
    assert re.match("-- grain: .*one row", lines[0])
    assert lines[1].startswith("-- reads: ")
    head = head_of(name)
    assert ("makes" in head) != ("answers" in head)


@pytest.mark.parametrize("name", sorted({*FILES} - NOT_RUN))
def test_a_head_names_no_table_that_the_file_does_not_mention(name):
    body = "\n".join(line for line in statements.statement(name).splitlines() if not line.startswith("--"))
    head = head_of(name)
    unused = [table for table in names_of(head, "reads") if not re.search(rf"\b{re.escape(table)}\b", body)]
    views = {"occurrences": "affected_qa"}  # read through a view
    assert [table for table in unused if views.get(table) not in names_of(head, "reads")] == []


# ---------------------------------------------------------------- a real run


def fault_of(db: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, object]) -> str | None:
    """What happens when a file runs in a database with only the tables that its head names; None when all is well."""
    head = head_of(name)
    makes = names_of(head, "makes")
    there = {*readable_tables(db)}
    missing = [table for table in names_of(head, "reads") if table not in there]
    if missing:
        return f"reads {missing}, which the run does not have"
    with duckdb.connect() as alone:
        alone.execute(settings(db))
        copy_tables(db, alone, there & {*names_of(head, "reads"), *makes})
        try:
            statements.execute(alone, statements.statement(name), parameters)
        except duckdb.Error as err:
            return str(err)
        macros = {row[0] for row in alone.execute("select function_name from duckdb_functions()").fetchall()}
        dropped = set(re.findall(r"^drop table (\w+)", statements.statement(name), re.MULTILINE))
        absent = [table for table in makes if table not in {*readable_tables(alone), *macros, *dropped}]
        return f"does not make {absent}" if absent else None


@pytest.fixture(scope="module")
def faults(tmp_path_factory) -> dict[str, list[str]]:
    """The faults of every file with a head that a first run, a refresh, a run with a new taxonomy and readers use."""
    folder = tmp_path_factory.mktemp("heads")
    raw, out = folder / "raw", folder / "out"
    raw.mkdir()
    found: dict[str, list[str]] = {}

    def watch(db: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, object]) -> None:
        found.setdefault(name, [])
        if name in FILES and (fault := fault_of(db, name, parameters)):
            found[name].append(fault)

    statements.watchers.append(watch)
    try:
        write_pages(raw)
        pipeline.run(raw, out, workers=1)
        (raw / "gout.txt").write_text("What is gout?\nA disease of the joints that comes and goes.\n", "utf-8")
        (raw / "flu.txt").unlink()
        unknown = Entry(verdict="same", reviewer="Ada", a_key="1", b_key="2")  # keys that no content has
        (folder / "decisions.jsonl").write_text(json.dumps(asdict(unknown)), "utf-8")
        pipeline.run(raw, out, workers=1)
        taxonomy = folder / "topics.toml"
        text = (SQL.parent / "topics" / "topics.toml").read_text("utf-8")
        taxonomy.write_text(text.replace('\ntitle = "', '\ntitle = "Other ', 1), "utf-8")
        pipeline.run(raw, out, workers=1, topics=taxonomy)
        read_everything(out)
    finally:
        statements.watchers.remove(watch)
    return found


def write_pages(raw: Path) -> None:
    """Pages that share a line, near answers, equal questions, figures, and a large file of records."""
    for number in range(24):
        answer = f"A virus of the nose that lasts {number % 3 + 5} days, and 20 % of patients see a doctor about it."
        question = ["What is a cold?", "How long does a cold last?", "Can I catch a cold twice?"][number % 3]
        (raw / f"{number}.txt").write_text(f"{question}\n{answer}\nAsk the team of My Clinic\n", "utf-8")
    (raw / "gout.txt").write_text("What is gout?\nA disease of the joints.\n", "utf-8")
    (raw / "flu.txt").write_text("What is the flu?\nA virus with a fever.\n", "utf-8")
    with (raw / "crawl.jsonl").open("w", encoding="utf-8") as file:
        for number in range(300):
            file.write(f'{{"text": "What is illness {number}?\\nA virus number {number}.\\nMy Clinic{" " * 1500}"}}\n')


def read_everything(out: Path) -> None:
    """What readers ask of the published tables."""
    with pipeline.open(out) as ledger:
        for name in {*report.__all__} - {"related_pairs", "field_accuracy"}:
            getattr(report, name)(ledger)
        report.related_pairs(ledger, merged=True)
        export(ledger, "statistics", out / "statistics.bib")
        assert len(ledger.search("cold"))
        for qa_id in ledger.sql("select before->>'qa_id' as id from changes where before is not null")["id"]:
            with contextlib.suppress(UnknownId):  # a removed row has no successor
                ledger.trace(qa_id)
        assert len(ledger.claims)
        assert ledger.compare().counts()
        redirects_and_removals(ledger)
        source_page(ledger, ledger.documents["document_id"][0], {"L1"})
        frames.query(ledger.db, "ledger/figures_for_claims")
    queue = ReviewQueue(out, DecisionLog(out / "decisions.jsonl"))
    a, b = queue.first(Filter()) or ("", "")
    assert len(queue.texts([a, b])) == 2
    assert queue.passages(a, 1)
    disputed = DisputedFigures(queue)
    assert isinstance(disputed.claims(), list)
    assert disputed.source(queue.rows("select statistic_id from statistics limit 1")[0])["surface"]
    with pipeline.open(out) as ledger, ledger.only(topic="cost") as part:
        assert part.qa is not None
    verify(out)


@pytest.mark.parametrize("name", sorted({*FILES} - NOT_RUN))
def test_a_sql_file_runs_with_only_the_tables_that_its_head_names_and_makes_what_it_says(faults, name):
    assert faults.get(name, ["no run of this test uses the file"]) == []


# ---------------------------------------------------------------- the recipe for a DuckDB shell


def test_the_tables_of_a_stage_can_be_left_for_a_shell(raw, tmp_path):
    file, database = "refresh/50_qa_continuations", tmp_path / "debug.duckdb"
    leave_tables(raw, file, database)
    with duckdb.connect(str(database)) as db:
        db.execute(database.with_suffix(".sql").read_text("utf-8"))
        db.execute(statements.statement(file))
        assert db.execute("select count(*) from occurrences").fetchone() != (0,)
        assert db.execute("select count(*) from qa_continuations").fetchone() == (0,)
    with pytest.raises(pipeline.PipelineError, match="exists already"):
        leave_tables(raw, file, database)
    with pytest.raises(pipeline.PipelineError, match="does not use a SQL file"):
        leave_tables(raw, "refresh/no_such_file", tmp_path / "other.duckdb")
