"""Another taxonomy: the run tags by it and reads nothing again, lint tests it, preview says what it would change."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from conftest import assert_same_tables, tables

import pipeline
from pipeline.errors import PipelineError
from pipeline.ledger.verify import verify
from pipeline.storage.generations import published as published_file
from pipeline.topics.lint import cue_uses, lint_taxonomy
from pipeline.topics.preview import preview
from pipeline.topics.taxonomy import OWN, TaxonomyInvalid, load_taxonomy

OPINIONS = """
[topic.opinions]
title = "Opinions"
description = "Whatever asks for an opinion."
examples = [{ question = "Is an opinion of use?" }]
counter_examples = [{ question = "Is it of use?" }]

[[topic.opinions.cues]]
question = 0.6
phrases = ["opinions?", "second opinions?"]

[[topic.opinions.cues]]
answer = 0.4
phrases = ["opinions?", "lighthouses?"]

[[topic.opinions.cues]]
question = -0.9
phrases = ["how to"]
"""
QA = pd.DataFrame(
    {
        "qa_id": ["a", "b", "c", "d", "e"],
        "question": ["A second opinion?", "How to get an opinion", "How to ask an opinion", "How to do", "An opinion?"],
        "answer": ["Any opinion.", None, "", "By opinions.", "Yes."],
    }
)


@pytest.fixture
def own(tmp_path):
    """A small taxonomy of its own."""
    path = tmp_path / "own.toml"
    path.write_text(OPINIONS, "utf-8")
    return path


def stages(ledger):
    return [stage.stage for stage in ledger.stages]


# ---------------------------------------------------------------- run


def test_another_taxonomy_tags_again_and_reads_nothing(raw, out, own):
    pipeline.run(raw, out)
    before = tables(out)
    ledger = pipeline.run(raw, out, topics=own)
    assert (ledger.status, ledger.documents_read, stages(ledger)) == ("published", 0, ["read", "topics"])
    assert "tagged again, nothing else" in str(ledger)
    after = tables(out)
    assert after["topics"]["topic"].tolist() == ["opinions"]
    assert set(after["qa_topics"]["topic"]) == {"opinions"}
    assert {topic for topics in after["qa"]["topics"] for topic in topics} == {"opinions"}
    for name in before.keys() - {"topics", "qa_topics", "qa"}:
        pd.testing.assert_frame_equal(before[name], after[name])
    pd.testing.assert_frame_equal(before["qa"].drop(columns="topics"), after["qa"].drop(columns="topics"))
    assert all(finding.is_ok for finding in verify(out))


def test_tagging_again_makes_the_tables_of_a_full_run(raw, out, own, tmp_path):
    pipeline.run(raw, out)
    pipeline.run(raw, out, topics=own)
    pipeline.run(raw, tmp_path / "anew", topics=own)
    assert_same_tables(out, tmp_path / "anew")
    pipeline.run(raw, out)
    pipeline.run(raw, tmp_path / "ours")
    assert_same_tables(out, tmp_path / "ours")


def test_the_same_taxonomy_changes_nothing_whatever_its_comments(raw, out, own):
    pipeline.run(raw, out, topics=own)
    own.write_text("# ours\n" + OPINIONS, "utf-8")
    ledger = pipeline.run(raw, out, topics=own)
    assert (ledger.status, stages(ledger)) == ("unchanged", ["read"])


def test_a_dry_run_reports_the_tags_and_writes_nothing(raw, out, own):
    pipeline.run(raw, out)
    published = published_file(out)
    ledger = pipeline.run(raw, out, topics=own, dry_run=True)
    assert (ledger.status, ledger.generation) == ("dry_run", None)
    assert "tags gained" in str(ledger)
    assert published_file(out) == published


def test_a_changed_file_and_a_changed_taxonomy_go_together(raw, out, own, tmp_path):
    pipeline.run(raw, out)
    (raw / "more.txt").write_text("What is an opinion?\nWhat one thinks of a thing.\n", "utf-8")
    assert pipeline.run(raw, out, topics=own).documents_read == 1
    pipeline.run(raw, tmp_path / "anew", topics=own)
    assert_same_tables(out, tmp_path / "anew")


def test_a_broken_taxonomy_publishes_nothing(qaledger, raw, out, own):
    own.write_text(OPINIONS.replace("opinions?", "opinions*"), "utf-8")
    done = qaledger("run", raw, "--out", out, "--topics", own)
    assert done.returncode == 2
    assert "own.toml, topic.opinions.cues (line 10): 'opinions*' is not a phrase" in done.stderr
    assert not out.exists()


def test_the_taxonomy_can_be_named_in_qaledger_toml(qaledger, raw, own, tmp_path):
    settings = 'out = "tables"\n[run]\ntopics = "own.toml"\n[topics]\ntopics = "own.toml"\n'
    (tmp_path / "qaledger.toml").write_text(settings, "utf-8")
    assert qaledger("run", raw).returncode == 0
    assert tables(tmp_path / "tables")["topics"]["topic"].tolist() == ["opinions"]
    assert qaledger("topics", "preview").stdout == "0 tags gained, 0 lost, 0 to be reviewed; nothing was written\n"


# ---------------------------------------------------------------- lint


def test_lint_counts_each_cue_alone_and_with_others(own):
    uses = {(use.cue, use.question): use for use in cue_uses(QA, load_taxonomy(own))}

    def counts(cue, question):
        use = uses[cue, question]
        return use.rows, use.alone, use.with_others, use.covered, use.disputed

    assert counts("opinions?", 0.6) == (4, 3, 1, 1, 2)
    assert counts("second opinions?", 0.6) == (1, 0, 1, 0, 0)
    assert uses["opinions?", 0.6].covered_by == "second opinions?"
    assert counts("opinions?", 0.0) == (2, 1, 1, 0, 1)
    assert counts("how to", -0.9) == (3, 0, 3, 0, 0)
    assert counts("lighthouses?", 0.0) == (0, 0, 0, 0, 0)


def test_lint_names_dead_covered_and_disputed_cues(own):
    plain = pd.DataFrame({"question": ["A second opinion?"] * 3, "answer": ["", None, "Opinions."]})
    verdicts = {(use.cue, use.question): use.verdict for use in cue_uses(plain, load_taxonomy(own))}
    assert verdicts["opinions?", 0.6] == "covered"
    assert verdicts["lighthouses?", 0.0] == verdicts["how to", -0.9] == "dead"
    assert verdicts["second opinions?", 0.6] == ""
    against = pd.DataFrame({"question": ["How to opinion"] * 3, "answer": [""] * 3})
    verdicts = {(use.cue, use.question): use.verdict for use in cue_uses(against, load_taxonomy(own))}
    assert verdicts["opinions?", 0.6] == "disputed"
    assert verdicts["how to", -0.9] == ""


def test_every_row_a_cue_fires_in_is_alone_or_with_others():
    for use in cue_uses(QA, load_taxonomy()):
        assert use.rows == use.alone + use.with_others
        assert max(use.covered, use.disputed) <= use.rows


def test_lint_passes_on_our_taxonomy_and_fails_on_a_failing_example(qaledger, published, own):
    ours = qaledger("topics", "lint", "--out", published)
    assert ours.returncode == 0, ours.stdout
    assert "examples pass" in ours.stdout
    own.write_text(OPINIONS.replace("Is an opinion of use?", "Is it?"), "utf-8")
    done = qaledger("topics", "lint", "--topics", own, "--out", published)
    assert done.returncode == 1
    assert "FAILS  opinions: example without its tag, score 0.00: 'Is it?'" in done.stdout
    as_json = json.loads(qaledger("topics", "lint", "--topics", own, "--out", published, "--json").stdout)
    assert as_json["failures"][0]["problem"] == "missed"
    assert {cue["cue"] for cue in as_json["cues"]} == {"opinions?", "second opinions?", "lighthouses?", "how to"}


# ---------------------------------------------------------------- preview


def test_preview_shows_what_is_gained_and_lost_and_why(published, own):
    with pipeline.open(published) as ledger:
        changes = preview(ledger.qa, ledger.qa_topics, load_taxonomy(own))
        lost = ledger.sql("select count(*) as n from qa_topics where not needs_review")["n"][0]
    assert sum(change.is_lost for change in changes) == lost
    gained = [change for change in changes if change.is_gained]
    assert {change.topic for change in gained} == {"opinions"}
    assert all(change.found and not change.lost for change in gained)
    for change in gained:
        for item in change.found:
            if item["field"] == "question":
                assert change.question[item["start"] : item["end"]] == item["text"]


def test_preview_says_what_a_run_then_does(raw, out, own):
    pipeline.run(raw, out)
    with pipeline.open(out) as ledger:
        changes = preview(ledger.qa, ledger.qa_topics, load_taxonomy(own))
        had = {
            (qa_id, topic)
            for qa_id, topics in zip(ledger.qa["qa_id"], ledger.qa["topics"], strict=True)
            for topic in topics
        }
    pipeline.run(raw, out, topics=own)
    with pipeline.open(out) as ledger:
        has = {
            (qa_id, topic)
            for qa_id, topics in zip(ledger.qa["qa_id"], ledger.qa["topics"], strict=True)
            for topic in topics
        }
        assert preview(ledger.qa, ledger.qa_topics, load_taxonomy(own)) == []
    assert {(c.qa_id, c.topic) for c in changes if c.is_gained} == has - had
    assert {(c.qa_id, c.topic) for c in changes if c.is_lost} == had - has


def test_preview_prints_words_and_json(qaledger, published, tmp_path):
    path = tmp_path / "less.toml"
    path.write_text(OWN.read_text("utf-8").replace('"free (of|or) (charge|cost)", ', ""), "utf-8")
    done = qaledger("topics", "preview", "--topics", path, "--out", published)
    assert done.returncode == 0
    assert done.stdout.endswith("; nothing was written\n")
    rows = json.loads(qaledger("topics", "preview", "--topics", path, "--out", published, "--json").stdout)
    assert all(row["before"] != row["after"] for row in rows)


# ---------------------------------------------------------------- show


def test_show_prints_a_file_that_is_the_taxonomy(qaledger, tmp_path):
    copy = tmp_path / "copy.toml"
    copy.write_text(qaledger("topics", "show").stdout, "utf-8")
    assert load_taxonomy(copy).version == load_taxonomy().version
    assert lint_taxonomy(load_taxonomy(copy)) == []
    listed = json.loads(qaledger("topics", "show", "--json").stdout)
    assert [row["topic"] for row in listed if row["required"]] == ["cost", "insurance", "records", "timing"]


def test_a_taxonomy_that_is_not_there_is_a_usage_error(qaledger, published, tmp_path):
    for verb in ("lint", "preview", "show"):
        done = qaledger("topics", verb, "--topics", tmp_path / "none.toml")
        assert (done.returncode, done.stdout) == (2, "")
        assert "none.toml" in done.stderr
    with pytest.raises(PipelineError, match="cannot be read"):
        pipeline.run(tmp_path, topics=tmp_path / "none.toml")


def test_trace_shows_the_weight_of_each_cue(published):
    with pipeline.open(published) as ledger:
        tag = ledger.qa_topics.iloc[0]
        text = str(ledger.trace(tag["qa_id"]))
        for item in tag["evidence"]:
            assert f"({item['field']} {item['start']}:{item['end']}, cue {item['cue']}, {item['weight']:+g})" in text


@pytest.mark.parametrize(
    "phrase",
    [
        "(a|b)" * 30,
        "".join(f"{letter}?" for letter in "abcdefghijklmnopqrstuvwxy") + "z",
        "(" * 3000 + "a" + ")" * 3000,
    ],
    ids=["choices", "optional", "brackets"],
)
def test_a_phrase_with_too_many_spellings_is_refused(tmp_path, phrase):
    own = tmp_path / "own.toml"
    cue = f'[[topic.insurance.cues]]\nquestion = 0.9\nphrases = ["{phrase}"]\n'
    own.write_text('[topic.insurance]\ntitle = "I"\ndescription = "d"\n' + cue)
    with pytest.raises(TaxonomyInvalid, match="spellings"):
        load_taxonomy(own)
