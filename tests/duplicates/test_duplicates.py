"""Duplicates: what relates, what merges, and what never does."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.duplicates.decisions import Decision
from pipeline.duplicates.embeddings import EmbedderUnusable
from pipeline.duplicates.find import SAME_KINDS, find_duplicates
from pipeline.duplicates.stage import Relations, relate
from pipeline.parse.occurrences import parse_text
from pipeline.text.clean import clean_answer
from pipeline.text.keys import answer_key, content_key, question_key

CASES = Path(__file__).parents[1] / "cases"
SEED = Path(__file__).parents[2] / "data/raw/000_202d2eeb3b6f341d.txt"
QUESTION_KINDS = {"paraphrased_question", "scope_variant"}


ASKING_WORDS = st.sampled_from(["Why rest?", "Why is it important to rest?", "How to rest?", "How to rest after work?"])
ASKED = ASKING_WORDS | st.just("?")
SENTENCES = st.sampled_from(
    [
        "Lie down for an hour after lunch every day.",
        "Do not lie down for an hour after lunch every day.",
        "Lie down for two hours after lunch every day.",
        "Turn off the lamp and close the window first.",
        "Turn off the lamp and clsoe the window first.",
        "Turn off the lamp and close the win…",
        "Rest.",
        "…",
    ]
)
ANSWERS = st.none() | st.lists(SENTENCES, min_size=1, max_size=3).map(" ".join)
TABLES = st.lists(st.tuples(ASKED, ANSWERS), min_size=1, max_size=9)
ORPHANS = st.lists(st.lists(SENTENCES, min_size=1, max_size=2).map("\n".join), max_size=2)


def cases(name: str) -> list:
    return [
        pytest.param(case, id=case["label"], marks=[pytest.mark.xfail(reason=case["xfail"])] if "xfail" in case else [])
        for case in json.loads((CASES / name).read_text(encoding="utf8"))
    ]


def occurrences(*rows: tuple[str, str | None], documents: list[str] | None = None) -> pd.DataFrame:
    """Occurrences o_00, o_01, ... of these questions and answers, each in a document of its own if none are named."""
    columns = ["occurrence_id", "document_id", "question_key", "answer", "answer_key", "is_answered", "is_truncated"]
    return pd.DataFrame(
        [
            (
                f"o_{number:02}",
                documents[number] if documents else f"d_{number:02}",
                question_key(question),
                answer,
                None if answer is None else answer_key(answer),
                answer is not None,
                answer is not None and answer.endswith("…"),
            )
            for number, (question, answer) in enumerate(rows)
        ],
        columns=columns,
    )


def leftovers(*texts: str) -> pd.DataFrame:
    rows = [(f"l_{number}", "d_00", "orphan_answer", text) for number, text in enumerate(texts)]
    return pd.DataFrame(rows, columns=["leftover_id", "document_id", "role", "text"])


def kinds(related: Relations) -> set[tuple[str, str, str]]:
    return set(zip(related.pairs["a_id"], related.pairs["b_id"], related.pairs["kind"], strict=True))


def rows_of_qa(related: Relations) -> set[frozenset[str]]:
    groups = related.members.groupby("canonical_occurrence_id")["occurrence_id"]
    return {frozenset(members) for _, members in groups}


# ---------------------------------------------------------------- the source document


@pytest.fixture(scope="module")
def seed() -> Relations:
    found = parse_text(SEED.read_text(encoding="utf8"))
    asked = [each for each in found if each.role == "question"]
    frame = pd.DataFrame(
        {
            "occurrence_id": [f"o_{each.line_start:03}" for each in asked],
            "document_id": "d",
            **{
                name: [getattr(each, name) for each in asked]
                for name in ("question_key", "answer", "answer_key", "is_answered", "is_truncated")
            },
        }
    )
    return relate(frame, leftovers(*(each.text for each in found if each.role == "orphan_answer")))


def test_the_63_questions_of_the_source_document_are_59_rows(seed):
    merged = {frozenset(f"o_{line:03}" for line in lines) for lines in [(66, 72, 140), (68, 142), (64, 139)]}
    assert len(seed.members) == 63
    assert {row for row in rows_of_qa(seed) if len(row) > 1} == merged
    assert seed.orphans.to_dict("records") == [{"leftover_id": "l_0", "canonical_occurrence_id": "o_009"}]


def test_each_kind_of_relation_is_found_in_the_source_document(seed):
    expected = {
        (66, 72, "exact_pair"),
        (66, 140, "answer_contained"),
        (7, 120, "answer_contained"),
        (90, 94, "answer_contained"),
        (122, 126, "answer_contained"),
        (68, 122, "same_question_different_answer"),
        (64, 139, "same_question_different_answer"),
        (9, 50, "answer_overlap"),
        (9, 26, "paraphrased_question"),
        (7, 28, "paraphrased_question"),
        (64, 76, "paraphrased_question"),
        (76, 139, "paraphrased_question"),
        (76, 134, "scope_variant"),
    }
    assert {(f"o_{a:03}", f"o_{b:03}", kind) for a, b, kind in expected} <= kinds(seed)
    assert ("l_0", "o_009", "orphan_matches_answer") in kinds(seed)


@pytest.mark.parametrize(
    ("a", "b"), [(74, 116), (70, 120), (66, 44), (38, 32), (132, 64), (104, 64), (82, 114), (28, 5), (90, 94)]
)
def test_questions_that_only_look_alike_are_kept_apart(seed, a, b):
    pair = min(f"o_{a:03}", f"o_{b:03}"), max(f"o_{a:03}", f"o_{b:03}")
    assert not {(*pair, kind) for kind in QUESTION_KINDS} & kinds(seed)
    asks = seed.members.merge(seed.questions).set_index("occurrence_id")["question_id"]
    assert asks[pair[0]] != asks[pair[1]]


# ---------------------------------------------------------------- cases


@pytest.mark.parametrize("case", cases("duplicates_answers.json"))
def test_how_two_answers_relate(case):
    other_question = "Why?" if case["kind"] == "near_conflict" else "Where is it?"
    related = relate(occurrences(("Why?", case["a"]), (other_question, case["b"])), leftovers())
    assert [kind for *_, kind in kinds(related)] == ([case["kind"]] if case["kind"] else [])
    frame = pd.DataFrame({"id": [1, 2], "answer": [case["a"], case["b"]]})
    found = set(find_duplicates(frame)["kind"])
    assert found == ({case["kind"]} - {"near_conflict", None})


def test_answers_about_different_things_are_in_conflict_only_under_one_question():
    a = "Asthma runs in some families, and a doctor can tell it by a simple test of the breath."
    b = "Eczema runs in some families, and a doctor can tell it by a simple test of the breath."
    listed = [
        [kind for *_, kind in kinds(relate(occurrences(("Why?", a), (question, b)), leftovers()))]
        for question in ("Why?", "Where is it?")
    ]
    assert listed == [["near_conflict"], []]


def test_answers_to_different_questions_that_differ_in_a_number_or_a_slip_are_related():
    a = "Asthma runs in some families, and a doctor can tell it by 2 simple tests of the breath."
    for b, kind in ((a.replace("2", "4"), "near_conflict"), (a.replace("families", "famliies"), "near_pair")):
        assert [kind for *_, kind in kinds(relate(occurrences(("Why?", a), ("Where is it?", b)), leftovers()))] == [
            kind
        ]


@pytest.mark.parametrize(
    ("other_question", "kind"),
    [
        ("When does the Kilchoan tour start?", None),  # another tour: two facts
        ("How often does the Tobermory tour start?", "near_conflict"),
        ("When does it start?", "near_conflict"),  # names nothing
    ],
)
def test_near_copies_under_questions_that_name_different_things_are_two_facts(other_question, kind):
    answers = [f"It starts in the {season} months only, so that one boat is enough." for season in ("summer", "winter")]
    rows = [("When does the Tobermory tour start?", answers[0]), (other_question, answers[1])]
    answer_kinds = {kind for *_, kind in kinds(relate(occurrences(*rows), leftovers()))} - QUESTION_KINDS
    assert answer_kinds == ({kind} if kind else set())


def test_near_copies_that_are_two_facts_overlap_in_a_sentence_they_share():
    shared = "You can bring all of your records to the front desk."
    answers = [f"{shared} The {colour} boat leaves at noon from the old pier." for colour in ("red", "blue")]
    questions = ("When does the Tobermory tour start?", "When does the Kilchoan tour start?")
    related = relate(occurrences(*zip(questions, answers, strict=True)), leftovers())
    assert {kind for *_, kind in kinds(related)} - QUESTION_KINDS == {"answer_overlap"}


@pytest.mark.parametrize("case", cases("duplicates_questions.json"))
def test_how_two_questions_relate(case):
    related = relate(occurrences((case["a"], None), (case["b"], None)), leftovers())
    assert [kind for *_, kind in kinds(related)] == ([case["kind"]] if case["kind"] else [])
    asks = related.questions["question_id"]
    assert (asks.nunique() == 1) == (case["kind"] == "paraphrased_question")


@given(st.lists(st.tuples(ASKING_WORDS, ANSWERS), min_size=1, max_size=9))
@settings(max_examples=8, deadline=None)
def test_find_duplicates_gives_the_pairs_that_a_run_over_the_same_rows_lists(rows):
    listed = relate(occurrences(*rows), leftovers()).pairs
    listed = listed[listed["kind"].isin(SAME_KINDS)]
    frame = pd.DataFrame(rows, columns=["question", "answer"]).assign(id=[f"o_{n:02}" for n in range(len(rows))])
    found = find_duplicates(frame)
    columns = ["a_id", "b_id", "kind", "score", "reason"]
    assert sorted(found[columns].values.tolist()) == sorted(listed[columns].values.tolist())


def test_a_cut_answer_joins_its_full_text_under_the_same_question_only():
    full = "Drink plenty of water and rest for two days. See a nurse if the fever stays."
    related = relate(
        occurrences(
            ("How is a cold treated?", full),
            ("How is a cold treated", "Drink plenty of water and rest for two …"),
            ("What helps against a cold?", "See a nurse if the fever stays."),
        ),
        leftovers(),
    )
    assert kinds(related) == {("o_00", "o_01", "answer_contained"), ("o_00", "o_02", "answer_contained")}
    assert rows_of_qa(related) == {frozenset({"o_00", "o_01"}), frozenset({"o_02"})}


def test_a_cut_answer_bridges_no_two_full_ones():
    start = "Ask the nurse at the front desk for the form"
    related = relate(
        occurrences(
            ("Where is the form?", f"{start} …"),
            ("Where is the form?", f"{start}, sign it and hand it in upstairs."),
            ("Where is the form?", f"{start}. She will mail it to the address you gave us last year."),
        ),
        leftovers(),
    )
    assert rows_of_qa(related) == {frozenset({"o_00", "o_02"}), frozenset({"o_01"})}


def test_an_unanswered_question_joins_the_answer_of_its_own_document_first():
    rows = [("Is it far?", "No."), ("Is it far?", "Two miles."), ("Is it far?", "Two miles."), ("Is it far?", None)]
    elsewhere = relate(occurrences(*rows), leftovers())
    assert frozenset({"o_01", "o_02", "o_03"}) in rows_of_qa(elsewhere)
    at_home = relate(occurrences(*rows, documents=["x", "y", "z", "x"]), leftovers())
    assert frozenset({"o_00", "o_03"}) in rows_of_qa(at_home)


def test_an_orphan_joins_the_answer_it_repeats_line_by_line():
    lines = "- Call your plan and ask what it pays. ...\n- Ask a friend to come with you."
    answer = "Call your plan and ask what it pays. It may be less than you think.\nAsk a friend to come with you."
    related = relate(occurrences(("What to do?", answer), ("Who?", "Nobody knows for sure.")), leftovers(lines))
    assert kinds(related) == {("l_0", "o_00", "orphan_matches_answer")}
    assert related.orphans["canonical_occurrence_id"].tolist() == ["o_00"]


# ---------------------------------------------------------------- reviewers


def decide(verdict: str, *contents: tuple[str, str | None]) -> Decision:
    a, b = (
        content_key(question_key(question), None if answer is None else answer_key(answer))
        for question, answer in contents
    )
    return Decision(a, b, verdict, "Ada")


def test_a_reviewer_comes_before_every_rule():
    a, b, c = ("Why?", "Because it says so on the label."), ("Why?", "Because it says so on the labl."), ("How?", "So.")
    related = relate(occurrences(a, b, c), leftovers(), [decide("different", a, b), decide("same", b, c)])
    assert rows_of_qa(related) == {frozenset({"o_00"}), frozenset({"o_01", "o_02"})}
    decided = related.pairs.set_index(["a_id", "b_id"])[["merged", "decided_by"]]
    assert decided.loc[("o_00", "o_01")].tolist() == [False, "Ada"]
    assert decided.loc[("o_01", "o_02")].tolist() == [True, "Ada"]


def test_the_last_decision_on_two_contents_counts():
    a, b = ("Why?", "Because it says so on the label."), ("How?", "By mail.")
    decisions = [decide("same", a, b), decide("different", b, a)]
    assert len(rows_of_qa(relate(occurrences(a, b), leftovers(), decisions))) == 2
    assert len(rows_of_qa(relate(occurrences(a, b), leftovers(), decisions[::-1]))) == 1


# ---------------------------------------------------------------- laws


def same_relations(one: Relations, other: Relations) -> bool:
    return all(getattr(one, name).equals(getattr(other, name)) for name in ("pairs", "members", "orphans", "questions"))


@given(TABLES, ORPHANS, st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_the_order_of_rows_changes_nothing(rows, orphans, random):
    frame, left = occurrences(*rows, documents=[f"d_{n % 3}" for n in range(len(rows))]), leftovers(*orphans)
    order, left_order = list(range(len(frame))), list(range(len(left)))
    random.shuffle(order)
    random.shuffle(left_order)
    assert same_relations(relate(frame, left), relate(frame.iloc[order], left.iloc[left_order]))


@given(TABLES, ORPHANS)
@settings(max_examples=8, deadline=None)
def test_every_occurrence_is_in_one_row_and_every_pair_once_a_kind(rows, orphans):
    frame = occurrences(*rows)
    related = relate(frame, leftovers(*orphans))
    assert sorted(related.members["occurrence_id"]) == sorted(frame["occurrence_id"])
    placed = related.members.set_index("occurrence_id")["canonical_occurrence_id"]
    assert (placed[placed] == placed[placed].index).all()
    assert sorted(related.questions["canonical_occurrence_id"]) == sorted(set(placed))
    assert set(related.orphans["canonical_occurrence_id"]) <= set(placed)
    pairs = related.pairs.assign(asks=related.pairs["kind"].isin(QUESTION_KINDS))
    assert (pairs["a_id"] < pairs["b_id"]).all()
    assert not pairs.duplicated(["a_id", "b_id", "asks"]).any()
    assert pairs["score"].between(0, 1).all()
    both = pairs[pairs["a_id"].isin(placed.index) & pairs["b_id"].isin(placed.index)]
    in_one_row = placed[both["a_id"]].to_numpy() == placed[both["b_id"]].to_numpy()
    assert (in_one_row | ~both["merged"]).all()
    assert not (both["kind"].eq("near_conflict") & in_one_row).any()
    assert in_one_row[both["kind"].eq("exact_pair")].all()


@given(TABLES, TABLES)
@settings(max_examples=8, deadline=None)
def test_more_rows_never_part_answers_that_are_equal_or_alike(rows, more):
    """Only an unanswered question, or a cut answer, may move on to an answer that suits it better."""

    def wholes(related: Relations, count: int) -> set[tuple[str, str]]:
        pairs = related.pairs[related.pairs["merged"] & related.pairs["kind"].isin(["exact_pair", "near_pair"])]
        known = {f"o_{number:02}" for number, (_, answer) in enumerate(rows[:count]) if answer is not None}
        kept = pairs[pairs["a_id"].isin(known) & pairs["b_id"].isin(known) & ~pairs["reason"].str.contains("left out")]
        return set(zip(kept["a_id"], kept["b_id"], strict=True))

    before = relate(occurrences(*rows), leftovers())
    placed = relate(occurrences(*rows, *more), leftovers()).members.set_index("occurrence_id")[
        "canonical_occurrence_id"
    ]
    assert all(placed[a] == placed[b] for a, b in wholes(before, len(rows)))


@given(st.lists(st.tuples(ASKED | st.sampled_from(["", None]), ANSWERS | st.just("  ")), max_size=8))
@settings(max_examples=8, deadline=None)
def test_what_is_absent_equals_nothing(rows):
    frame = pd.DataFrame(rows, columns=["question", "answer"]).assign(id=[f"r{number}" for number in range(len(rows))])
    found = find_duplicates(frame)
    assert found.columns.tolist() == ["a_id", "b_id", "kind", "score", "reason"]
    assert (found["a_id"] != found["b_id"]).all()
    has_question = {f"r{number}": bool(question_key(question or "")) for number, (question, _) in enumerate(rows)}
    has_answer = {
        f"r{number}": bool(answer_key(clean_answer(answer or "").text)) for number, (_, answer) in enumerate(rows)
    }
    for a, b, kind in found[["a_id", "b_id", "kind"]].itertuples(index=False):
        asks, says = has_question[a] and has_question[b], has_answer[a] and has_answer[b]
        assert asks if kind == "paraphrased_question" else asks or says


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Is it safe to swim with a fresh tattoo?", "Is it unsafe to swim with a fresh tattoo?"),
        ("Should I water the cactus in winter?", "Should I not water the cactus in winter?"),
        ("Can I keep 2 cats in a small flat?", "Can I keep 3 cats in a small flat?"),
        ("What should I eat before a marathon run?", "What should I eat after a marathon run?"),
    ],
)
def test_a_question_turned_round_is_no_paraphrase(a, b):
    frame = pd.DataFrame({"id": [1, 2], "question": [a, b]})
    assert find_duplicates(frame).empty


ASKING = st.lists(
    st.sampled_from(["how", "can", "you", "lose", "keep", "weight", "money", "fast", "at", "home", "not", "3"]),
    min_size=1,
    max_size=6,
).map(" ".join)


@given(st.lists(ASKING, min_size=2, max_size=12, unique=True), st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_neither_the_order_of_questions_nor_the_size_of_blocks_changes_a_pair(asked, random):
    frame = pd.DataFrame({"id": [f"r{number:02}" for number in range(len(asked))], "question": asked})
    found = find_duplicates(frame)
    shuffled = frame.sample(frac=1, random_state=random.randrange(1000))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.duplicates.find.BLOCK_ROWS", 3)
        assert found.equals(find_duplicates(shuffled))
    assert not found.duplicated(["a_id", "b_id"]).any()


class Senses:
    """A sentence model in small: a text is where its words point to."""

    WAYS = ("flugelhorn instrument", "clean wash", "child kid", "sleep rest")

    def encode(self, texts: list[str]) -> list[list[float]]:
        return [[float(any(word in way.split() for word in text.split())) for way in self.WAYS] for text in texts]


def test_an_embedder_proposes_questions_and_the_guards_decide():
    asked = [
        "How do I clean my flugelhorn?",
        "How can I clean the instrument?",
        "How does a kid sleep?",
        "Where does the ferry leave?",
        "Where can a child rest?",
    ]
    frame = pd.DataFrame({"id": range(len(asked)), "question": asked})
    pairs = find_duplicates(frame, embedder=Senses())
    assert pairs[["a_id", "b_id", "kind"]].values.tolist() == [[0, 1, "paraphrased_question"]]
    assert find_duplicates(frame).empty


@pytest.mark.parametrize("embedder", ["no/such/folder", object()])
def test_an_unusable_embedder_is_named_as_such(embedder):
    with pytest.raises(EmbedderUnusable, match="Give an object with encode"):
        find_duplicates(pd.DataFrame({"id": [1, 2], "question": ["Why?", "How?"]}), embedder=embedder)


def test_a_very_frequent_answer_costs_linear_work_and_rows():
    answer = "We do not know that yet, ask again later."
    related = relate(occurrences(*((f"What is item {number}?", answer) for number in range(400))), leftovers())
    pairs = related.pairs[related.pairs["kind"] == "same_answer_different_question"]
    assert len(pairs) == 399
    assert pairs["reason"].str.contains("Too many share it").all()
    assert len(related.pairs) <= 2 * 399


def test_two_very_frequent_near_copies_cost_linear_rows_and_are_listed_under_each_question():
    hot = [f"You can {verb} your records on paper or have the other hospital send them." for verb in ("bring", "birng")]
    rows = [(f"What is item {number}?", answer) for number in range(300) for answer in hot]
    pairs = relate(occurrences(*rows), leftovers()).pairs
    assert pairs["kind"].value_counts().to_dict()["near_pair"] <= 2 * 600
    near = set(pairs.loc[pairs["kind"] == "near_pair", ["a_id", "b_id"]].itertuples(index=False, name=None))
    assert near >= {tuple(sorted((f"o_{2 * n:02}", f"o_{2 * n + 1:02}"))) for n in range(300)}


def test_a_part_of_very_many_answers_is_listed_with_the_longest_and_says_so():
    words = [f"Word{number}." for number in range(300)]
    rows = [(f"What is item {size}?", " ".join(words[:size])) for size in range(5, 300)]
    pairs = relate(occurrences(*rows), leftovers()).pairs
    crowded = pairs[pairs["reason"].str.contains("more than 200 answers")]
    assert len(crowded) == 294 - 200
    assert crowded["score"].lt(1).all()
    assert len(pairs[pairs["kind"] == "answer_contained"]) == 294 - 200 + sum(range(201))


def test_a_part_of_very_many_answers_still_joins_its_own_question():
    words = [f"Word{number}." for number in range(300)]
    rows = [(f"What is item {size}?", " ".join(words[:size])) for size in range(5, 300)]
    assert rows_of_qa(relate(occurrences(*rows, ("What is item 5?", " ".join(words[:8]))), leftovers())) >= {
        frozenset({"o_00", "o_295"})
    }


def test_answers_to_one_question_are_compared_even_if_few_words_are_spelled_alike():
    british = "Analyse a colour catalogue, organise the favourite theatre programme, cancel grey tyres and kerbs."
    american = "Analyze a color catalog, organize the favorite theater program, cancel gray tires and curbs."
    rows = [("What is to be done?", british), ("What is to be done?", american)]
    assert len(rows_of_qa(relate(occurrences(*rows), leftovers()))) == 1


# ---------------------------------------------------------------- chains of near copies


@pytest.mark.parametrize(
    "answers",
    [
        ("2 tablets", "tablets", "4 tablets"),
        ("Take 2 tablets with food.", "Take tablets with food.", "Take 4 tablets with food."),
        ("The well is old.", "The wll is old.", "The wall is old."),
        ("Ask any clerk.", "Ask a clerk.", "Ask the clerk."),
        *(
            (f"Take {one} tablets {rest}", f"Take tablets {rest}", f"Take {other} tablets {rest}")
            for one, other, rest in (
                ("2", "4", "with food each morning."),
                ("two", "four", "before you go to bed in the evening, and drink a glass of water."),
            )
        ),
    ],
)
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (0, 2, 1)])
def test_a_chain_of_near_copies_never_puts_a_conflict_into_one_row(answers, order):
    """The middle answer is like both ends; the ends contradict each other."""
    rows = [("How many do I take?", answers[place]) for place in order]
    related = relate(occurrences(*rows), leftovers())
    one, other = (f"o_{order.index(end):02}" for end in (0, 2))
    assert not any({one, other} <= row for row in rows_of_qa(related))


def test_a_longer_chain_never_puts_a_conflict_into_one_row():
    """Spelling leads from one end to the middle and from there to the other end, over five answers."""
    answers = [
        "Take 2 tablets with food each morning and see your nurse.",
        "Take 2 tablets with food each mornign and see your nurse.",
        "Take tablets with food each mornign and see your nurse.",
        "Take 4 tablets with food each mornign and see your nurse.",
        "Take 4 tablets with food each morning and see your nurse.",
    ]
    rows = rows_of_qa(relate(occurrences(*(("How many do I take?", answer) for answer in answers)), leftovers()))
    assert not any({one, other} <= row for row in rows for one in ("o_00", "o_01") for other in ("o_03", "o_04"))
    assert {"o_00", "o_01"} <= next(row for row in rows if "o_00" in row), "a misspelt word keeps nothing apart"
    assert {"o_03", "o_04"} <= next(row for row in rows if "o_03" in row)


def test_a_chain_without_a_conflict_is_one_row():
    answers = ("the tablet", "the tablets", "the tablest")
    rows = [("What do I take?", f"Take {what} with food each morning and see your nurse.") for what in answers]
    assert rows_of_qa(relate(occurrences(*rows), leftovers())) == {frozenset({"o_00", "o_01", "o_02"})}


# ---------------------------------------------------------------- the wording that represents a row


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["cut one first", "cut one last"])
@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("Take it with food and drink a glass of water …", "Take it with food and drink a glass of water."),
        ("Take it with food and dirnk a glass of water …", "Take it with food and drink a glass of water."),
        ("Take it with food and drink a …", "Take it with food and drink a glass of water."),
    ],
    ids=["the same words", "a near copy as long", "a part"],
)
def test_a_cut_wording_never_represents_a_row_that_has_a_whole_one_as_long(cut, whole, order):
    rows = [("How do I take it?", (cut, whole)[place]) for place in order]
    related = relate(occurrences(*rows), leftovers())
    assert related.members["canonical_occurrence_id"].tolist() == [f"o_{order.index(1):02}"] * 2


def test_the_longest_wording_represents_a_row_though_it_is_cut():
    short = "Take it with food each morning."
    rows = [("How do I take it?", short), ("How do I take it?", f"{short} Drink water with …")]
    assert set(relate(occurrences(*rows), leftovers()).members["canonical_occurrence_id"]) == {"o_01"}


def test_copies_are_listed_with_one_that_is_whole():
    answer = "Take it with food and drink a glass of water"
    rows = [("How do I take it?", f"{answer}{end}") for end in (" …", " …", ".", ".")]
    assert kinds(relate(occurrences(*rows), leftovers())) == {
        ("o_00", "o_02", "exact_pair"),
        ("o_01", "o_02", "exact_pair"),
        ("o_02", "o_03", "exact_pair"),
    }


# ---------------------------------------------------------------- which row a question, a part or an orphan joins


def test_an_unanswered_question_joins_the_row_of_most_occurrences_then_the_longest_answer_then_the_first():
    twice = [("Is it far?", "No."), ("Is it far?", "No."), ("Is it far?", "Two miles."), ("Is it far?", None)]
    assert frozenset({"o_00", "o_01", "o_03"}) in rows_of_qa(relate(occurrences(*twice), leftovers()))
    once = [("Is it far?", "No."), ("Is it far?", "Two miles."), ("Is it far?", None)]
    assert frozenset({"o_01", "o_02"}) in rows_of_qa(relate(occurrences(*once), leftovers()))
    alike = [("Is it far?", "Two miles."), ("Is it far?", "Ten miles."), ("Is it far?", None)]
    assert frozenset({"o_00", "o_02"}) in rows_of_qa(relate(occurrences(*alike), leftovers()))


def test_an_orphan_joins_the_row_it_equals_before_those_that_hold_it_then_the_one_of_most_occurrences():
    orphan = "Rest in bed for two days."
    holding = [("Who rests?", f"{orphan} Then see a nurse.")] * 2
    equal, longer = ("What to do?", orphan), ("Why rest?", f"{orphan} Then go to work again.")
    for rows, joined in (([*holding, equal], "o_02"), ([longer, *holding], "o_01")):
        related = relate(occurrences(*rows), leftovers(orphan))
        assert related.orphans["canonical_occurrence_id"].tolist() == [joined]


PART = "Rest in bed for two days."
MIDDLE = f"{PART} Then see a nurse."
LONGEST = f"{MIDDLE} She will know what to do."
OTHER = f"{PART} Go to work again when the fever is gone."


def row_of_part(*answers: str) -> set[str]:
    """The answers in one row with `PART`, if these and it are given to one question."""
    asked = [(answer, ("What to do?", answer)) for answer in (PART, *answers)]
    related = relate(occurrences(*(row for _, row in asked)), leftovers())
    (row,) = (row for row in rows_of_qa(related) if "o_00" in row)
    return {asked[int(one[2:])][0] for one in row}


def test_a_part_joins_the_whole_of_most_occurrences_then_the_longest():
    assert row_of_part(MIDDLE, MIDDLE, OTHER) == {PART, MIDDLE}
    assert row_of_part(OTHER, OTHER, MIDDLE) == {PART, OTHER}
    assert row_of_part(MIDDLE, OTHER) == {PART, OTHER}


def test_a_part_joins_a_whole_that_is_no_part_of_another_however_often_that_one_occurs():
    assert row_of_part(*[MIDDLE] * 3, LONGEST, *[OTHER] * 2) == {PART, OTHER}


def test_a_shared_sentence_is_listed_only_where_no_other_kind_fits():
    shared = "You can bring all of your records to the front desk."
    answers = [
        f"{shared} Then wait until somebody calls your name.",
        f"Parking is free on Sundays. {shared} We copy them.",
    ]
    related = relate(occurrences(("What to bring?", answers[0]), ("Where to park?", answers[1])), leftovers())
    assert kinds(related) == {("o_00", "o_01", "answer_overlap")}
    related = relate(occurrences(*(("What to bring?", answer) for answer in answers)), leftovers())
    assert kinds(related) == {("o_00", "o_01", "same_question_different_answer")}


@pytest.mark.parametrize("case", cases("duplicates_questions.json"))
def test_questions_share_an_id_exactly_where_they_ask_the_same(case):
    related = relate(occurrences((case["a"], "One."), (case["b"], "Two.")), leftovers())
    assert related.questions["question_id"].nunique() == (1 if case["kind"] == "paraphrased_question" else 2)
