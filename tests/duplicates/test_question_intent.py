"""Question intents: which questions ask the same, which limit it, and that reading them is pure and cheap."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import find_duplicates, limits
from pipeline.duplicates import question_intent as intents
from pipeline.duplicates import stage
from pipeline.duplicates.question_intent import guards_agree, read_intent
from pipeline.duplicates.question_patterns import Needs
from pipeline.text.keys import question_key

CASES = json.loads((Path(__file__).parents[1] / "cases" / "question_intents.json").read_text(encoding="utf8"))
CORPORA = json.loads((Path(__file__).parents[1] / "cases" / "question_corpora.json").read_text(encoding="utf8"))
WORDINGS = json.loads((Path(__file__).parents[1] / "cases" / "question_wordings.json").read_text(encoding="utf8"))
VOCABULARY = intents.settings()
EXAMPLES = [
    pytest.param(*pair, is_same, id=" / ".join(pair))
    for entry in (*VOCABULARY["idioms"], *VOCABULARY["openings"])
    for name, is_same in (("same", True), ("unlike", False))
    for pair in entry.get(name, ())
]
# Words as questions have them, so that patterns match more often than on any text.
WORDS = """
what how long is it to my insurer card can i without if lost do the of for free wait when will ready not 3 second
opinion so that between and differ from cost much in case back bring texas my child
"""
QUESTIONS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS.split()), max_size=60).map(" ".join))


@pytest.fixture(scope="module")
def db():
    """A database in which the part of the stage that is about questions can run."""
    with duckdb.connect(config={"threads": 1}) as db:
        for name in stage._VARIABLES:
            db.execute(f"set variable {name.lower()} = {getattr(limits, name)}")
        db.execute("create table occurrences (occurrence_id varchar, question_key varchar)")
        stage._execute(db, "00_missing_cache_tables")
        yield db


def relations(db: duckdb.DuckDBPyConnection, questions: Sequence[str], *before: Sequence[str]) -> dict[Any, str]:
    """The kind of each related pair of questions (a < b, by place), after runs over the other lists of questions."""
    for texts in (*before, questions):
        keys = [question_key(text) for text in texts]
        db.execute("delete from occurrences; delete from cache.occurrence_hashes")
        db.executemany("insert into occurrences values (?, ?)", [[f"o_{n}", key] for n, key in enumerate(keys)])
        db.execute(
            "insert into cache.occurrence_hashes (occurrence_id, question_hash) "
            "select occurrence_id, md5_number_lower(question_key) from occurrences"
        )
        stage._relate_questions(db, None, map)
    rows = db.execute("""
        select x.occurrence_id[3:]::int, y.occurrence_id[3:]::int, kind
        from question_relations
        join occurrences x on md5_number_lower(x.question_key) = a_hash
        join occurrences y on md5_number_lower(y.question_key) = b_hash
    """).fetchall()
    return {(min(a, b), max(a, b)): kind for a, b, kind in rows}


def kind_of(db: duckdb.DuckDBPyConnection, a: str, b: str) -> str | None:
    return relations(db, [a, b]).get((0, 1))


def case_of(case: dict[str, Any]) -> Any:
    marks = [pytest.mark.xfail(reason=case["xfail"], strict=True)] if "xfail" in case else []
    return pytest.param(case, id=case["label"], marks=marks)


@pytest.mark.parametrize("case", [case_of(case) for case in CASES])
def test_case(db: duckdb.DuckDBPyConnection, case: dict[str, Any]) -> None:
    assert kind_of(db, case["a"], case["b"]) == case["kind"], (read_intent(case["a"]), read_intent(case["b"]))


@pytest.mark.parametrize(("a", "b", "is_same"), EXAMPLES)
def test_example_of_the_vocabulary(a: str, b: str, is_same: bool) -> None:
    assert (read_intent(a).need_key == read_intent(b).need_key) == is_same, (read_intent(a), read_intent(b))


def test_one_question_in_two_wordings_and_two_questions_in_similar_words() -> None:
    for name, is_same in (("same", True), ("unlike", False)):
        wrong = [
            pair for pair in WORDINGS[name] if (len({read_intent(text).need_key for text in pair}) == 1) != is_same
        ]
        assert wrong == [], name


@pytest.mark.parametrize("case", [pytest.param(case, id=case["label"]) for case in CORPORA])
def test_corpus(db: duckdb.DuckDBPyConnection, case: dict[str, Any]) -> None:
    """What goes without saying, and what tells questions apart, depends on the other questions."""
    found = relations(db, case["questions"])
    for field, kinds in (("same", {"paraphrased_question"}), ("scope", {"scope_variant"})):
        for pair in case.get(field, []):
            assert found.get(tuple(pair)) in kinds, (pair, found, list(map(read_intent, case["questions"])))
    for pair in case.get("apart", []):
        assert found.get(tuple(pair)) != "paraphrased_question", (pair, found)


def test_a_run_and_find_duplicates_use_the_corpus(db: duckdb.DuckDBPyConnection) -> None:
    for case in CORPORA[:4]:
        frame = pd.DataFrame({"id": range(len(case["questions"])), "question": case["questions"]})
        pairs = find_duplicates(frame)
        expected = {pair for pair, kind in relations(db, case["questions"]).items() if kind == "paraphrased_question"}
        assert set(zip(pairs["a_id"], pairs["b_id"], strict=True)) == expected


CORPUS_QUESTIONS = [question for case in CORPORA for question in case["questions"]]


@given(st.lists(st.lists(st.sampled_from(CORPUS_QUESTIONS), unique=True, min_size=1), min_size=2, max_size=4))
@settings(max_examples=8, deadline=None)
def test_a_refresh_relates_questions_as_a_full_run_does(db: duckdb.DuckDBPyConnection, runs: list[list[str]]) -> None:
    db.execute("delete from cache.questions")
    full = relations(db, runs[-1])
    assert relations(db, runs[-1], *runs[:-1]) == full
    assert relations(db, runs[-1][::-1]) == {
        (len(runs[-1]) - 1 - b, len(runs[-1]) - 1 - a): kind for (a, b), kind in full.items()
    }


@pytest.mark.parametrize(
    ("a", "b", "agree"),
    [
        (
            "How do I fix a bicycle?",
            "How do I fix a velocipede?",
            True,
        ),  # one of the two words is not in the vocabulary
        ("How do I fix a bicycle?", "How do I fix a laptop?", False),  # both are: two things
        ("Does Ohio tax bicycles?", "Does Iowa tax bicycles?", False),
        ("Can my insurer drop me?", "Can I drop my insurer?", False),
        ("Can my landlord fix a bicycle?", "Can I fix a velocipede?", False),
        ("How do I fix a bicycle?", "Why do I fix a bicycle?", False),
        ("Which fruits can I eat?", "Which fruits can I not eat?", False),
        ("Do you have a table for 4?", "Do you have a table for 6?", False),
        ("How long does an MRI take?", "How long does a CT scan take?", False),
        ("What is a hostel?", "What is the difference between a hostel and a hotel?", False),
        ("How do I fix a bicycle?", "How do I fix a bicycle for my child?", False),
    ],
)
def test_guards_decide_what_a_model_proposes(a: str, b: str, agree: bool) -> None:
    assert guards_agree(read_intent(a), read_intent(b)) == agree


def test_every_phrase_names_one_concept() -> None:
    phrases = Counter(phrase for _, line in intents.concept_lines() for phrase in line)
    assert [phrase for phrase, times in phrases.items() if times > 1] == []
    names = Counter(line[0] for _, line in intents.concept_lines())
    assert [name for name, times in names.items() if times > 1] == []


def test_rules_name_concepts_and_kinds_that_exist() -> None:
    names = {line[0] for _, line in intents.concept_lines()}
    kinds = {entry["kind"] for entry in VOCABULARY["openings"]} | {
        rule["becomes"] for rule in VOCABULARY["rules"] if "becomes" in rule
    }
    rules, implied = VOCABULARY["rules"], VOCABULARY["implied"]
    named = {name for rule in rules for field in ("has", "and", "add") for name in rule.get(field, ())}
    named |= {*implied, *(name for others in implied.values() for name in others)}
    named |= {name for weak in VOCABULARY["weak"].values() for name in weak} | {
        *VOCABULARY["light"]["acts"],
        *VOCABULARY["light"]["things"],
    }
    named |= {name for actors in VOCABULARY["actors"].values() for name in actors}
    assert named - names == set()
    named |= set(VOCABULARY["passing"]["acts"]) | {*intents.fields()}
    assert named - names == set()
    assert {kind for rule in rules for kind in rule["kind"]} | set(VOCABULARY["weak"]) <= kinds


def test_idioms_capture_what_they_put_in_place() -> None:
    idioms = intents._vocabulary().idioms
    patterns = [(entry["to"], pattern) for entry in VOCABULARY["idioms"] for pattern in entry["find"]]
    for number, (to, pattern) in enumerate(patterns):
        places = [int(place) for place in re.findall(r"\\(\d)", to)]
        assert idioms.compiled(number).groups >= max(places, default=0), (to, pattern)


def test_no_pattern_matches_a_text_without_the_words_that_it_needs() -> None:
    vocabulary = intents._vocabulary()
    questions = [case[side] for case in CASES[::2] for side in ("a", "b")] + [
        text
        for entry in (*VOCABULARY["idioms"], *VOCABULARY["openings"])
        for pair in entry.get("same", ())
        for text in pair
    ]
    for text in dict.fromkeys(map(question_key, questions)):
        words = text.split()
        idioms = [n for n in range(len(vocabulary.plain)) if vocabulary.idioms.compiled(n).search(text)]
        assert set(idioms) <= set(vocabulary.idioms.that_may_match(words)), text
        openings = [n for n in range(len(vocabulary.kinds)) if vocabulary.openings.compiled(n).match(text)]
        assert set(openings) <= set(vocabulary.openings.that_may_match(words)), text


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        ("^how (?:long|much time) (.+)$", [{"^how"}, {"long", "time"}]),
        ("how long", []),  # "show longer"
        (r"(?<!\S)how long(?!\S)", [{"how"}, {"long"}]),
        ("^(?:a |the )?cats? ?(?:and|or) dogs$", [{"dogs"}]),  # "cats" and "and" may be one word
        ("^(?!why )(?:is|are) it(?: not)?$", [{"^is", "^are"}, {"it"}]),
        ("^colou?rs? \\w+ (?:un)?paid$", [{"^color", "^colour", "^colors", "^colours"}]),
        ("^it is|they are$", []),
        (r"(?<!\S)pay (?!late)(?!\S) (?=now)(?!\S)", [{"pay"}]),
    ],
)
def test_a_text_needs_the_words_that_every_match_has(pattern: str, needs: list[set[str]]) -> None:
    assert Needs({})(pattern) == needs


def test_patterns_are_such_as_their_needs_are_read_from() -> None:
    """No bracket is a character, no set of characters has a bracket, a space or a bar, no opening has two branches."""
    forms = [form for entry in (*VOCABULARY["idioms"], *VOCABULARY["openings"]) for form in entry["find"]]
    assert not [form for form in forms if re.search(r"\\[()\[\]|]|\[[^\]]*[ ()|]", form)]
    assert all(
        Needs(VOCABULARY["macros"])(f"^{form} end$") for entry in VOCABULARY["openings"] for form in entry["find"]
    )


def test_other_languages_and_cases_ask_only_for_themselves() -> None:
    for text in ("Wie bekomme ich einen Ausweis?", "Contact us", "", "?", "how " * 60):
        intent = read_intent(text)
        assert intent.need_key in (f"= {question_key(text)}",)
        assert not intent.concepts


@given(QUESTIONS, QUESTIONS)
def test_guards_are_symmetric(a: str, b: str) -> None:
    one, other = read_intent(a), read_intent(b)
    assert guards_agree(one, other) == guards_agree(other, one)


@given(QUESTIONS)
def test_reading_depends_on_the_key_alone(text: str) -> None:
    read_intent.cache_clear()
    intent = read_intent(text)
    read_intent.cache_clear()
    assert read_intent(question_key(text)) == intent
    assert guards_agree(intent, intent)


@pytest.mark.parametrize("part", ["how ", "is a and ", "what is the the ", "x" * 300 + " ", "bring back ", "a in "])
def test_hostile_text_is_read_at_once(part: str) -> None:
    read_intent.cache_clear()
    began = time.process_time()
    for times in (10, 39, 400, 40_000):
        read_intent(part * times)
    assert time.process_time() - began < 1


@given(st.lists(st.sampled_from(WORDS.split()), max_size=200))
def test_work_grows_with_the_words_and_ends_with_long_texts(words: list[str]) -> None:
    read_intent.cache_clear()
    looked_up: list[int] = []
    longest = intents._longest
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intents, "_longest", lambda *given: looked_up.append(given[1]) or longest(*given))
        read_intent(" ".join(words))
    grown = 12  # words that an idiom puts in place of one
    assert len(looked_up) <= (len(words) + grown if len(words) <= intents.MOST_WORDS else 0)
