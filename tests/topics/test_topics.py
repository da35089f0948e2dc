"""Topic tags: the taxonomy keeps its examples, look-alikes stay untagged, and tagging obeys its laws on any text."""

import json
import pickle
import random
import re
import time
from itertools import pairwise
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import PipelineError
from pipeline.topics.lint import lint_taxonomy
from pipeline.topics.phrases import compiled, fold, phrase_regex, words_of
from pipeline.topics.tagging import (
    BATCH_ROWS,
    TopicTag,
    find_by_arrays,
    find_by_rows,
    tag_table,
    tag_topics,
    topic_table,
)
from pipeline.topics.taxonomy import FIELDS, Cue, Taxonomy, load_taxonomy

CASES = json.loads((Path(__file__).parents[1] / "cases" / "topics.json").read_text(encoding="utf-8"))
REQUIRED = {"insurance", "records", "timing", "cost"}
SMALL = """
[words]
payer = ["insurers?", "health plans?"]

[topic.insurance]
title = "Cover"
description = "What a plan covers."
required = true
masks = ["insurers' ball"]
examples = [{ question = "Does my insurer pay?" }]
counter_examples = [{ answer = "Cover your mouth." }]

[[topic.insurance.cues]]
question = 0.8
answer = 0.6
phrases = ["{payer}"]

[[topic.insurance.cues]]
answer = -0.5
near = "{payer}"
phrases = ["not"]
"""


def small(old: str = "", new: str = "") -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


def load_text(folder: Path, text: str) -> Taxonomy:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return load_taxonomy(path)


def all_cues(taxonomy: Taxonomy) -> list[Cue]:
    return [cue for topic in taxonomy.topics for cue in (*topic.cues, *topic.masks)]


def as_row(tag: TopicTag) -> tuple[object, ...]:
    """A tag as `tag_table` writes it."""
    names = ("field", "start", "end", "text", "cue", "weight")
    evidence = [{name: getattr(item, name) for name in names} for item in tag.evidence]
    return tag.topic, tag.score, tag.needs_review, evidence


def a_wording(phrase: str, choose: random.Random) -> str:
    """A text that a phrase with expanded word lists matches, generated without the code under test."""
    group = re.search(r"\(([^()]*)\)(\??)", phrase)
    if group:
        options = [*group[1].split("|"), ""] if group[2] else group[1].split("|")
        return a_wording(phrase[: group.start()] + choose.choice(options) + phrase[group.end() :], choose)
    optional = re.search(r"(.)\?", phrase)
    if optional:
        kept = choose.choice([optional[1], ""])
        return a_wording(phrase[: optional.start()] + kept + phrase[optional.end() :], choose)
    gaps = re.sub(r" ~(\d) ", lambda gap: " " + "some " * choose.randint(0, int(gap[1])), phrase)
    return gaps.replace("#", str(choose.randint(2, 99)))


# Texts that hold cues, half cues and masks, not only noise.
_wordings = st.builds(
    lambda cue, seed: a_wording(cue.spelled, random.Random(seed)),
    st.sampled_from(all_cues(load_taxonomy())),
    st.integers(0, 1_000_000),
)
_noise = st.text(max_size=20) | st.sampled_from(
    [". ", "? ", "\n", "İ", "K", "ſ", "café", "😀", "\ud800", "\0", "’", "_", "\xa0", "don’t delay", "COST", "costé"]
)
texts = st.lists(_wordings | _wordings.map(str.upper) | _noise, max_size=8).map(" ".join)
maybe_texts = st.none() | texts


# ---------------------------------------------------------------- what is tagged


def test_the_taxonomy_keeps_its_own_examples() -> None:
    assert lint_taxonomy() == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_required_topics_of(case: dict[str, object], request: pytest.FixtureRequest) -> None:
    if "xfail" in case:
        request.applymarker(pytest.mark.xfail(reason=str(case["xfail"]), strict=True))
    tags = tag_topics(case["question"], case["answer"])  # type: ignore[arg-type]
    assert sorted({tag.topic for tag in tags if not tag.needs_review} & REQUIRED) == case["topics"]


def test_every_topic_has_examples_of_both_kinds() -> None:
    for topic in load_taxonomy().topics:
        assert {example.has_topic for example in topic.examples} == {True, False}, topic.name


def test_topic_table_lists_all_topics_and_the_four_required() -> None:
    table = topic_table()
    assert list(table.columns) == ["topic", "title", "description", "required", "taxonomy_version"]
    assert len(table) == 20
    assert table["topic"].tolist() == sorted(set(table["topic"]))
    assert set(table.loc[table["required"], "topic"]) == REQUIRED
    assert table["taxonomy_version"].nunique() == 1


# ---------------------------------------------------------------- laws


@given(maybe_texts, maybe_texts)
@settings(max_examples=150, deadline=None)
def test_evidence_quotes_the_text_and_adds_up(question: str | None, answer: str | None) -> None:
    tags = tag_topics(question, answer)
    assert [tag.topic for tag in tags] == sorted({tag.topic for tag in tags})
    given_text = {"question": question, "answer": answer}
    for tag in tags:
        topic = next(topic for topic in load_taxonomy().topics if topic.name == tag.topic)
        assert topic.review <= tag.score <= 1
        assert tag.needs_review == (tag.score < topic.threshold)
        missing = share = 1.0
        for item in tag.evidence:
            assert (given_text[item.field] or "")[item.start : item.end] == item.text != ""
            missing, share = (
                (missing * (1 - item.weight), share) if item.weight > 0 else (missing, share + share * item.weight)
            )
        assert tag.score == pytest.approx((1 - missing) * share, abs=1e-4)


@given(maybe_texts, maybe_texts)
@settings(max_examples=100, deadline=None)
def test_each_word_of_the_text_counts_once(question: str | None, answer: str | None) -> None:
    for tag in tag_topics(question, answer):
        for field in ("question", "answer"):
            spans = [(e.start, e.end) for e in tag.evidence if e.field == field and e.weight > 0]
            assert spans == sorted(spans)
            assert all(end <= start for (_, end), (start, _) in pairwise(spans))


@pytest.mark.parametrize("dash", ["-", "\u2010", "\u2013", "\u2015", " \u2013 ", "\u201d \u201c", " \u2022 "])
def test_words_of_a_phrase_may_have_a_dash_quotes_or_a_bullet_between_them(dash: str) -> None:
    text = f"What do I pay out{dash}of{dash}pocket?"
    evidence = [item.text for tag in tag_topics(text, None) for item in tag.evidence if tag.topic == "cost"]
    assert f"out{dash}of{dash}pocket" in evidence


@given(st.lists(texts, max_size=6))
@settings(max_examples=60, deadline=None)
def test_many_texts_contain_what_each_of_them_contains(some: list[str]) -> None:
    taxonomy = load_taxonomy()
    for field in FIELDS:
        assert find_by_arrays(taxonomy, field, some) == find_by_rows(taxonomy, field, some)


@given(st.lists(st.tuples(maybe_texts, maybe_texts), max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_table_is_tagged_as_its_rows_are(rows: list[tuple[str | None, str | None]]) -> None:
    qa = pd.DataFrame(
        {
            "qa_id": [f"row{number}" for number in range(len(rows))],
            "question": pd.Series([question for question, _ in rows], dtype=object),
            "answer": pd.Series([answer for _, answer in rows], dtype=object),
        }
    )
    table = tag_table(qa)
    expected = [(f"row{n}", *as_row(tag)) for n, row in enumerate(rows) for tag in tag_topics(*row)]
    assert list(table.itertuples(index=False, name=None)) == expected


def test_a_long_table_is_tagged_as_its_rows_are() -> None:
    cases = [(case["question"], f"{case['answer']} {more}") for more in range(45) for case in CASES]
    assert len(cases) > BATCH_ROWS
    table = tag_table(pd.DataFrame(cases, columns=["question", "answer"]).assign(qa_id=range(len(cases))))
    expected = [(n, *as_row(tag)) for n, row in enumerate(cases) for tag in tag_topics(*row)]
    assert list(table.itertuples(index=False, name=None)) == expected


def test_an_empty_table_and_null_texts_have_no_tags() -> None:
    empty = tag_table(pd.DataFrame({"qa_id": [], "question": [], "answer": []}))
    assert empty.empty
    assert list(empty.columns) == ["qa_id", "topic", "score", "needs_review", "evidence"]
    nulls = pd.DataFrame({"qa_id": ["a", "b", "c"], "question": ["", None, pd.NA], "answer": [float("nan"), None, ""]})
    assert tag_table(nulls).empty
    assert tag_topics(None, None) == tag_topics("", "") == []


def test_folding_keeps_the_position_of_every_character() -> None:
    assert all(len(fold(chr(code))) == 1 for code in range(0x110000))
    assert len(fold("İstanbul ΑΣ ß ﬁ")) == len("İstanbul ΑΣ ß ﬁ")


def test_what_a_cue_needs_and_begins_with_is_in_its_wordings() -> None:
    for cue in all_cues(load_taxonomy()):
        for seed in range(6):
            text = fold(f"So {a_wording(cue.spelled, random.Random(seed))} then")
            found = compiled(cue.spelled).search(text)
            assert found, (cue.phrase, text)
            words = words_of(text)
            assert not any(need.isdisjoint(words) for need in cue.needs), (cue.phrase, text)
            first = "#" if text[found.start()].isdigit() else ""
            starts = [word.decode() for word in cue.starts & words]
            assert first in starts or text.startswith(tuple(starts), found.start()), (cue.phrase, text)


# ---------------------------------------------------------------- two engines


def test_every_pattern_runs_in_duckdb_and_finds_what_python_finds() -> None:
    cues = {cue.spelled: cue for cue in all_cues(load_taxonomy())}
    cues |= {cue.near: cue for cue in all_cues(load_taxonomy()) if cue.near}
    samples = [f"{case['question']} {case['answer']}" for case in CASES]
    samples += [a_wording(phrase, random.Random(number)) for number, phrase in enumerate(cues)]
    samples += ["café-cost", "cost_of", "_cost", "costé", "\xa0free\xa0of\xa0charge", "out\u2010of\u2010pocket"]
    db = duckdb.connect()
    db.execute("create table samples as select unnest($1::varchar[]) as text", [[fold(text) for text in samples]])
    for phrase in cues:
        query = "select list(text order by text) from samples where regexp_matches(text, $1)"
        in_duckdb = db.execute(query, [phrase_regex(phrase)]).fetchone()[0]  # type: ignore[index]
        in_python = sorted((fold(text) for text in samples if compiled(phrase).search(fold(text))), key=str.encode)
        assert (in_duckdb or []) == in_python, phrase


@pytest.mark.parametrize(
    "piece",
    ["a", " ", "\n", "\0", "if ", "2 days ", "insurance ", "call the insurance if you wait 2 days ", "cover up "],
)
def test_time_grows_with_the_length_of_the_text_and_no_faster(piece: str) -> None:
    text = piece * (400_000 // len(piece))
    started = time.process_time()
    tags = tag_topics(text, text)
    table = tag_table(pd.DataFrame({"qa_id": ["a"], "question": [text], "answer": [text]}))
    assert time.process_time() - started < 12  # it takes 0.6 s; a square would take hours
    assert list(table.itertuples(index=False, name=None)) == [("a", *as_row(tag)) for tag in tags]


# ---------------------------------------------------------------- other taxonomies


def test_another_taxonomy_tags_by_its_own_words(tmp_path: Path) -> None:
    own = load_text(tmp_path, SMALL)
    assert lint_taxonomy(own) == []
    assert [(t.topic, t.score) for t in tag_topics("Do insurers pay?", "Health plans do.", own)] == [
        ("insurance", 0.92)
    ]
    assert tag_topics("Were you at the insurers’ ball?", None, own) == []
    assert topic_table(own)["topic"].tolist() == ["insurance"]
    assert load_text(tmp_path, SMALL) is own  # parsed once


def test_a_negative_cue_reduces_the_score_only_near_its_required_phrase(tmp_path: Path) -> None:
    own = load_text(tmp_path, SMALL)
    assert [(t.score, t.needs_review) for t in tag_topics(None, "Insurers do not pay.", own)] == [(0.3, True)]
    assert [(t.score, t.needs_review) for t in tag_topics(None, "Insurers pay. I do not.", own)] == [(0.6, False)]


def test_the_version_changes_with_the_content_and_with_nothing_else(tmp_path: Path) -> None:
    version = load_text(tmp_path, SMALL).version
    assert load_text(tmp_path, "# a comment\n\n" + SMALL.replace("\n", "\r\n")).version == version
    assert load_text(tmp_path, small("insurers?", "insurer")).version != version


def test_a_taxonomy_comes_back_from_another_process_as_itself(tmp_path: Path) -> None:
    """What was made for it is not made again for every block of rows."""
    for taxonomy in (load_taxonomy(), load_text(tmp_path, SMALL)):
        assert pickle.loads(pickle.dumps(taxonomy)) is taxonomy


def test_a_failing_example_is_named(tmp_path: Path) -> None:
    failures = lint_taxonomy(load_text(tmp_path, small("Does my insurer pay?", "Who pays?")))
    assert [(failure.topic, failure.problem, failure.score) for failure in failures] == [("insurance", "missed", 0.0)]


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (small('["{payer}"]', '["{payer"]'), "line 16.*not a phrase.*Use lower case"),
        (small('["{payer}"]', '["{bank}"]'), "line 16.*no word list 'bank'.*Define it in \\[words\\]"),
        (small('["{payer}"]', '["(a|b"]'), "line 16.*bracket.*Close it"),
        (small('["{payer}"]', '["a|b"]'), "line 16.*`\\|` outside brackets"),
        (small('["{payer}"]', '["pay .*"]'), "line 16.*'pay \\.\\*' is not a phrase"),
        (small('["{payer}"]', '["pay", "a#"]'), "line 16.*'a#' has a part without a word.*Let each part"),
        (small('["{payer}"]', '["pay (#%|# cents)"]'), "line 16.*words and signs at one edge"),
        (small('["{payer}"]', '"insurers"'), "topic.insurance.cues.phrases \\(line 16\\): not a list of texts"),
        (
            small("question = 0.8", "question = 8"),
            "topic.insurance.cues.question \\(line 14\\): 8 is not a number from -1 to 1",
        ),
        (small("question = 0.8\nanswer = 0.6", ""), "topic.insurance.cues \\(line 13\\): .*no weight"),
        (small('title = "Cover"', ""), "topic.insurance \\(line 5\\): title is missing"),
        (small("required = true", "mask = []"), "line 8.*unknown key 'mask'. The known keys are counter_examples"),
        (small("required = true", "threshold = 0.2"), "review \\(0.3\\) is not between"),
        (SMALL[: SMALL.index("[[")], "topic.insurance \\(line 5\\): it has no cues"),
        (small("answer = -0.5", "answer = -5"), "topic.insurance.cues.answer \\(line 19\\): -5 is not a number"),
        (small("[words]", "[word]"), "line 2.*unknown key 'word'. The known keys are topic, words"),
        (small("required = true", "required = maybe"), "not TOML: .*line 8"),
    ],
)
def test_a_broken_taxonomy_is_refused_with_its_line_and_a_remedy(tmp_path: Path, broken: str, message: str) -> None:
    with pytest.raises(PipelineError, match=message) as refused:
        load_text(tmp_path, broken)
    assert "own.toml" in str(refused.value)


def test_a_taxonomy_file_that_is_missing_or_not_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="cannot be read"):
        load_taxonomy(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"# one\n# caf\xe9\n")
    with pytest.raises(PipelineError, match=r"latin\.toml, line 2: not UTF-8"):
        load_taxonomy(tmp_path / "latin.toml")
