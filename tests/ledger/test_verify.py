"""`verify` finds every broken law, also where the manifest has been made to agree with the damage."""

from __future__ import annotations

import shutil
from dataclasses import replace
from operator import itemgetter

import duckdb
import pytest
from conftest import ROOT
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.extract.scan import scan
from pipeline.ingest.document_rows import COLUMNS, read_rows
from pipeline.ledger.laws import CheckedDocument, is_same_words
from pipeline.ledger.verify import verify
from pipeline.storage import build, generations
from pipeline.storage.manifest import manifest_of, sha256_of

FIRST = "(select occurrence_id from occurrences where is_answered order by char_start limit 1)"


def forged(published, out, sql):
    """A copy of the published folder after `sql`, its manifest, seal and checksums all made to fit."""
    shutil.copytree(published, out, symlinks=True)
    database = generations.published(out)
    with duckdb.connect(str(database)) as db:
        db.execute("set TimeZone = 'UTC'")
        db.execute(sql)
        tables = build.checksums(db)
    manifest = replace(
        manifest_of(database),
        tables=tables,
        sha256=sha256_of(database),
        bytes=database.stat().st_size,
    )
    database.with_suffix(".json").write_text(manifest.text())
    return out


@pytest.mark.parametrize(
    ("sql", "law"),
    [
        ("delete from leftovers", "law 1"),
        (f"update occurrences set char_end = char_end - 1 where occurrence_id = {FIRST}", "law 1"),
        (f"update occurrences set line_end = line_end + 1 where occurrence_id = {FIRST}", "law 1"),
        ("update documents set text = replace(text, 'cancer', 'cander')", "law 1"),
        (f"update occurrences set answer = replace(answer, ' the ', ' ') where occurrence_id = {FIRST}", "law 2"),
        (f"update occurrences set question = upper(question) where occurrence_id = {FIRST}", "law 2"),
        ("delete from qa where occurrence_count = 3", "law 3"),
        ("update qa set occurrence_count = 2 where occurrence_count = 1", "law 3"),
        ("update qa set answer = answer || '.' where is_answered", "law 3"),
        ("update duplicates set merged = false", "law 3"),
        ("update statistics set char_start = char_start + 1", "law 4"),
        ("update statistics set quote = quote || ' '", "law 4"),
        ("update statistics set measure = measure || ' of lunch'", "what figures mean"),
        ("update statistics set population = 'beekeepers'", "what figures mean"),
        ("update statistics set attribution = 'the Alden Fund'", "what figures mean"),
        ("update statistics set year = 1901", "what figures mean"),
        ("update documents set uri = 'other.txt'", "law 5"),
        ("update statistics set statistic_id = 's_' || md5(statistic_id)", "law 5"),
        ("update qa set qa_id = 'qa_' || md5(qa_id)", "law 5"),
        ("update runs set stages = [{stage: 'read', unit: '', rows_in: 2, kept: 1, dropped: 0, seconds: 0}]", "law 6"),
        ("update statistics set role = 'hearsay'", "law 7"),
        ("delete from topics where topic = 'cost'", "references"),
        ("update qa set topics = []", "references"),
    ],
)  # fmt: skip
def test_a_broken_law_is_named(published, tmp_path, sql, law):
    findings = verify(forged(published, tmp_path / "forged", sql))
    broken = [str(finding) for finding in findings if not finding.is_ok]
    assert any(law in finding for finding in broken), broken


def test_nothing_is_found_where_nothing_is_broken(published, tmp_path):
    findings = verify(forged(published, tmp_path / "forged", "select 1"))
    assert [str(finding) for finding in findings if not finding.is_ok] == []


@pytest.mark.parametrize(
    ("sql", "check"),
    [
        ("update topics set title = title || '!'", "table topics"),
        ("delete from changes", "table changes"),
    ],
)
def test_a_table_that_is_not_as_noted_is_named(published, tmp_path, sql, check):
    shutil.copytree(published, tmp_path / "out", symlinks=True)
    database = generations.published(tmp_path / "out")
    with duckdb.connect(str(database)) as db:
        db.execute(sql)
    manifest = replace(manifest_of(database), sha256=sha256_of(database))
    database.with_suffix(".json").write_text(manifest.text())
    broken = [finding.check for finding in verify(tmp_path / "out") if not finding.is_ok]
    assert check in broken


WORD = st.text("abcdefghäßé123", min_size=1, max_size=6)


@given(st.lists(WORD, min_size=2, max_size=8), st.integers(0, 7), WORD)
def test_a_word_lost_changed_or_added_is_noticed(words, place, other):
    text = " ".join(["Some", *words])
    place = 1 + place % len(words)
    without, changed = text.split(), text.split()
    del without[place]
    changed[place] += other
    assert is_same_words(text, text)
    assert not is_same_words(text, " ".join(without))
    assert not is_same_words(text, " ".join(changed))


# Signs that a marker, a bullet, a cut list or a word in another script can have, and letters around them.
SIGNS = [
    "Q: ", "A: ", "Q3. ", "Answer: ", "[Q] ", "(a) ", "2) ", "## ", "- ", "• ", "= ", "**", "[+]", "▼", "⬇️", "▪️ ", "1️⃣ ",
    "More items...", "more  items…•", "MORE ITEMS ...", "More items", "...", "…", "?", "؟", "？", ";", ":", ".", " .",
    "e\u0301", "\u0301", "?\u0301", "\u20dd", "\u200b", "\ufeff", "\u00ad", "\u202e", "\u2028", "\x85", "\x1c", "\x00",
    "&nbsp;", "&#8217;", "&amp;", "&#10;", "&#xd800;", "&eacute;", "Ã©", "â€™", "\ud83d", "\xa0", "\t", " ", "\n",
    "\n\n", "\r", "\r\n", "5 percent", "$1,500", "½", "²", "１０ %", "٥٠٪", "one in 5", "In 2019, ", "What is it",
    "Who pays", "It is a thing", "asthmaAsk your doctor.", "ﬁ", "ß", "İ",
]  # fmt: skip


@settings(max_examples=300)
@example(["Q: ", "What is it", "More items...", "?"])
@example(["More items...", "What is it", "?", "\n", "A: ", "It is a thing", "More items..."])
@example(["What is it", "?", " ", "⬇️", "\n", "It is a thing"])
@example(["What is it", "?", "\n", "&raquo; Show answer", "\n", "It is a thing"])
@example(["What is it", "?", " ", "\u200b", "Answer: ", "\n", "²", ":"])
@example(["It is a thing", "\r", "\r\n", "What is it", "?"])
@given(st.lists(st.sampled_from(SIGNS), max_size=30))
def test_the_rows_of_any_text_obey_the_laws(tmp_path_factory, signs):
    raw = tmp_path_factory.getbasetemp() / "signs"
    raw.mkdir(exist_ok=True)
    (raw / "page.txt").write_bytes("".join(signs).encode("utf-8", "surrogatepass"))
    rows = read_rows(scan(raw).files)
    named = {name: [dict(zip(COLUMNS[name], row, strict=True)) for row in getattr(rows, name)] for name in COLUMNS}
    for document in named["documents"]:
        assert (
            list(
                CheckedDocument(
                    *(document[name] for name in ("document_id", "uri", "text")),
                    **{
                        name: sorted(named[name], key=itemgetter("char_start"))
                        for name in ("occurrences", "leftovers", "statistics")
                    },
                ).faults()
            )
            == []
        )


def test_the_command_verifies_what_is_published(qaledger, published):
    assert qaledger("verify", "--out", published, cwd=ROOT).returncode == 0
