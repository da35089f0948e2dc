"""Whole runs over files of many formats: ids, ledger, laws, and what a second run reads again."""

from __future__ import annotations

import builtins
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import pipeline
from pipeline.errors import BadQuery, ColumnsMissing, LedgerEmptied, PipelineError
from pipeline.ledger.verify import verify
from pipeline.limits import BATCH_FILES

FILES = Path(__file__).parent / "files"
GIVEN = "question=Frage,answer=Antwort"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FILES, tmp_path / "raw"))


def tables(out: Path) -> dict[str, str]:
    """The published rows that say what was read, less the columns that say when."""
    with pipeline.open(out) as ledger:
        when = ["first_seen_at", "last_changed_at", "last_seen_at"]
        names = ("documents", "occurrences", "leftovers", "statistics", "qa", "rejects")
        return {name: ledger.sql(f"from {name}").drop(columns=when, errors="ignore").to_csv() for name in names}


def broken_laws(out: Path) -> list[str]:
    return [str(finding) for finding in verify(out) if not finding.is_ok]


def test_every_format_is_published_lawfully_and_read_once(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = pipeline.run(raw, out, columns=GIVEN, workers=1)
    assert broken_laws(out) == []
    assert first.exit_code == 3
    stages = {stage.stage: stage for stage in first.stages}
    assert stages["read"].rows_in == len(list(FILES.iterdir()))
    assert stages["records"].rows_in == stages["records"].kept + stages["records"].rows_dropped
    before = tables(out)
    assert pipeline.run(raw, out, columns=GIVEN).status == "unchanged"
    assert tables(out) == before
    pipeline.run(raw, tmp_path / "other", columns=GIVEN, workers=2)
    assert tables(tmp_path / "other") == before


def test_a_changed_file_is_read_again_and_the_records_of_others_are_kept(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pipeline.run(raw, out, columns=GIVEN)
    with (raw / "rows.jsonl").open("a") as lines:
        lines.write('{"question": "What is new?", "answer": "This line."}\n')
    (raw / "rows.csv#1").write_text("no format has this ending")
    (raw / "plain.md").unlink()
    second = pipeline.run(raw, out, columns=GIVEN)
    assert second.documents_read == 1
    assert [row["uri"] for row in second.rejects if row["reason"] == "ambiguous_name"] == ["rows.csv\\x231"]
    assert broken_laws(out) == []
    pipeline.run(raw, tmp_path / "full", columns=GIVEN, full=True)
    assert tables(out) == tables(tmp_path / "full")
    with pipeline.open(out) as ledger:
        assert list(ledger.sql("select uri from documents where uri like 'rows.jsonl#%' order by uri")["uri"]) == [
            "rows.jsonl#1", "rows.jsonl#3", "rows.jsonl#4", "rows.jsonl#5", "rows.jsonl#6"
        ]  # fmt: skip


def test_a_file_named_like_a_record_is_a_file_of_its_own(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    (raw / "page").write_text("What is a page?\nA side of a leaf.\n")
    (raw / "page#1").write_text("What is a leaf?\nTwo pages.\n")
    pipeline.run(raw, out)
    (raw / "page#1").write_text("What is a leaf?\nTwo pages of a book.\n")
    pipeline.run(raw, out)
    with pipeline.open(out) as ledger:
        assert list(ledger.documents["uri"]) == ["page", "page#1"]
    assert broken_laws(out) == []


def test_columns_that_are_named_otherwise_can_be_given(raw: Path, tmp_path: Path) -> None:
    for path in raw.iterdir():
        path.unlink()
    row = '"Asthma";"Eine Krankheit; sie ist chronisch."'
    (raw / "words.csv").write_text(f"Stichwort;Auskunft\n{row}\n", "utf-8")
    with pytest.raises(PipelineError, match="--columns question=Q"):
        pipeline.run(raw, tmp_path / "out")
    pipeline.run(raw, tmp_path / "out", columns={"question": "stichwort", "answer": "Auskunft"})
    with pipeline.open(tmp_path / "out") as ledger:
        assert list(ledger.qa["question"]) == ["Asthma"]
    with pytest.raises(BadQuery, match="who=x does not name a column"):
        pipeline.run(raw, tmp_path / "out", columns="who=x")


def test_other_options_read_everything_again(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    pipeline.run(raw, out)
    again = pipeline.run(raw, out, columns=GIVEN)
    assert again.documents_read == len(list(FILES.iterdir()))


def test_a_missing_library_is_one_sentence_and_its_files_are_tried_again(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.split(".")[0] in ("brotli", "zstandard"):
            raise ImportError(name)
        return imported(name, *rest)

    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr(builtins, "__import__", without)
        for name in [m for m in sys.modules if m.split(".")[0] in ("brotli", "zstandard")]:
            patched.delitem(sys.modules, name)
        patched.setattr("pipeline.extract.archives.import_module", without)
        ledger = pipeline.run(raw, out, workers=1)
    missing = [row for row in ledger.rejects if row["reason"] == "missing_library"]
    assert sorted(row["uri"] for row in missing) == sorted(
        path.name for path in FILES.iterdir() if path.name.endswith(".zst")
    )
    assert all("pip install 'qaledger[formats]'" in row["detail"] for row in missing)
    assert ledger.exit_code == 3
    again = pipeline.run(raw, out)
    assert again.documents_read == len(missing)
    assert not [row for row in again.rejects if row["reason"] == "missing_library"]


def test_a_file_with_more_records_than_a_batch_is_read_in_groups(tmp_path: Path) -> None:
    """Every record once, and a line that ends all of them is counted over all groups."""
    raw, records = tmp_path / "raw", BATCH_FILES + 100
    raw.mkdir()
    with (raw / "crawl.jsonl").open("w", encoding="utf-8") as file:
        for number in range(records):
            text = (
                f"What is illness {number}?\nA virus of the nose that lasts a week, and no more than that.\nMy Clinic"
            )
            file.write(json.dumps({"text": text + " " * 150}) + "\n")
    ledger = pipeline.run(raw, tmp_path / "out", workers=1)
    assert ledger.counts["documents"] == ledger.counts["occurrences"] == records
    with pipeline.open(tmp_path / "out") as published:
        assert published.sql("select sum(documents) as n, count(*) as rows from line_keys").to_dict("records") == [
            {"n": records, "rows": 1}
        ]
    assert broken_laws(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("words.csv", 'Stichwort;Auskunft\n"Was ist Mohn?";"Eine Blume."\n'),
        ("words.tsv", "Stichwort\tAuskunft\nWas ist Mohn?\tEine Blume.\n"),
        ("words.jsonl", '{"Stichwort": "Was ist Mohn?", "Auskunft": "Eine Blume."}\n'),
        ("words.json", '[{"liste": [{"Stichwort": "Was ist Mohn?", "Auskunft": "Eine Blume."}]}]'),
    ],
)
def test_a_given_column_that_no_table_has_is_refused_with_those_that_are_there(
    name: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / name).write_text(text, "utf-8")
    out = tmp_path / "out"
    pipeline.run(tmp_path / "raw", out, columns="question=Stichwort,answer=Auskunft")
    for dry_run in (True, False):
        with pytest.raises(ColumnsMissing, match=r"answer=Auskunf:.*'Stichwort', 'Auskunft'") as refused:
            pipeline.run(tmp_path / "raw", out, columns="question=stichwort,answer=Auskunf", dry_run=dry_run)
        assert refused.value.exit_code == 2
    with pipeline.open(out) as ledger:
        assert list(ledger.qa["answer"]) == ["Eine Blume."]


def test_a_run_that_finds_no_question_any_more_is_refused(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    page = raw / "page.html"
    page.write_text("<h2>Is the mill open?</h2><p>On Sundays.</p>")
    pipeline.run(raw, out)
    page.write_text("<h1>We will be back soon</h1>")
    with pytest.raises(LedgerEmptied, match="--allow-empty"):
        pipeline.run(raw, out)
    with pipeline.open(out) as ledger:
        assert list(ledger.qa["question"]) == ["Is the mill open?"]
    assert pipeline.run(raw, out, allow_empty=True).counts["qa"] == 0


@pytest.mark.parametrize("name", ["page.txt", "page.html", "rows.csv", "rows.jsonl", "rows.json"])
def test_an_encoding_that_is_given_is_certain_and_what_a_file_says_counts_more(name: str, tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    (raw / "old").mkdir(parents=True)
    rows = '"{q}": "Est-ce gênant?", "{a}": "Un peu."'.replace("{q}", "question").replace("{a}", "answer")
    text = {
        "txt": "Est-ce gênant?\nUn peu.\n",
        "html": "<h2>Est-ce gênant?</h2><p>Un peu.</p>",
        "csv": "question,answer\nEst-ce gênant?,Un peu.\n",
        "jsonl": "{" + rows + "}\n",
        "json": "[{" + rows + "}]",
    }[name.partition(".")[2]]
    (raw / "old" / name).write_bytes(text.encode("mac-roman"))
    (raw / name).write_text(text, "utf-8")
    pipeline.run(raw, out, encoding={"old/*": "macintosh"})
    with pipeline.open(out) as ledger:
        assert set(ledger.qa["question"]) == {"Est-ce gênant?"}
        read = ledger.documents.sort_values("uri")[["encoding", "encoding_certain"]].values.tolist()
        assert read == [["mac-roman", True], ["utf-8", True]]


def test_an_encoding_that_is_none_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BadQuery, match="nearest one is koi8-r"):
        pipeline.run(tmp_path, tmp_path / "out", encoding="koi8r")


def test_records_below_a_language_with_names_without_accents_are_read(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    record = {"question": "Faut-il un foyer ?", "reponse": "Non, un four suffit."}
    (raw / "faq.json").write_text(json.dumps({"fr": {"questions": [record]}, "en": {"questions": []}}), "utf-8")
    pipeline.run(raw, out)
    with pipeline.open(out) as ledger:
        assert ledger.occurrences[["question", "answer"]].values.tolist() == [list(record.values())]
