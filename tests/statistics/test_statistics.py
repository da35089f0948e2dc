"""Figures are read with value, unit, bounds, period, meaning and their span in the text."""

import itertools
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline.statistics import find
from pipeline.statistics.find import Statistic, find_in_answer, find_statistics
from pipeline.statistics.grammar import RULES, find_figures
from pipeline.statistics.prefilter import scan_numbers, spelled_digit_may_be_statistic
from pipeline.statistics.tokenizer import read_sentence

CASES = json.loads((Path(__file__).parents[1] / "cases" / "statistics.json").read_text(encoding="utf-8"))
KINDS = {"percent", "money", "ratio", "count", "multiplier"}
RELATIONS = {"=", "~", "<", "<=", ">", ">=", "range", "~range"}
ROLES = {"finding", "source_qualifier", "anecdote", "threshold"}

# Sentences with figures, and sentences without any to put around them.
FIGURES = (
    "About 5% of adults pay $5-10 a month.",
    "One in four nurses and 12,000 doctors agree [3].",
    "It is twice as likely, up to 3.5 per cent.",
    "Fewer than 40 cases cost more than 2 million euros each year.",
)
PLAIN = ("Nothing is counted here.", "Ask your doctor about it.", "Why is that so?", "Rest and drink.")
# What figures are made of, to be strung together without sense.
PIECES = """5 % 1 in 4 $ 10 USD 20 percent of the patients , . and or to between about at least less than more - – 1,000
    million half twice times higher one hundred a year each month cents C fold 2 1/2 ½ [1] ( ) : ; 1990 US$ €3 .5 -1.3%
    per these people who have studies found that"""
TEXTS = st.lists(st.sampled_from([*PIECES.split(), "\n"]), max_size=25).map(" ".join) | st.text(max_size=60)


def close(value: float | None, expected: float | None) -> bool:
    return value == expected if None in (value, expected) else value == pytest.approx(expected, rel=1e-9)


def as_marked(case):
    marks = [pytest.mark.xfail(reason=case["xfail"])] if "xfail" in case else []
    return pytest.param(case, id=case["label"], marks=marks)


@pytest.mark.parametrize("case", [as_marked(case) for case in CASES])
def test_figures_are_the_ones_a_reader_sees(case):
    found = find_statistics(case["text"], case.get("question"))
    assert [figure.surface for figure in found] == [figure["surface"] for figure in case["expected"]]
    for figure, expected in zip(found, case["expected"], strict=True):
        bounds = (figure.low, figure.high), (expected.pop("low"), expected.pop("high"))
        assert all(close(*pair) for pair in zip(*bounds, strict=True)), bounds
        assert {name: getattr(figure, name) for name in expected} == expected


# Words around a spelled-out digit that make a figure of it, and others.
AROUND = """of the in per cent percent times fold year a each every month dollar peso euros usd rm , . - / ( ) reported
    found case family only just plus or more at least so other doctors people women x pc $ Rs. R AUD riyals saudi swiss
    francs yearmore patientsfold mo annum % most large small studies"""


@given(
    st.lists(st.sampled_from(AROUND.split()), max_size=6),
    st.sampled_from(["one", "Two", "nine"]),
    st.lists(st.sampled_from(AROUND.split()), max_size=12),
)
def test_a_sentence_that_is_skipped_holds_no_figure(before, number, after):
    """A sentence whose only number is a spelled-out digit is read where something beside it can make a figure of it."""
    text = " ".join([*before, number, *after])
    offset = len(" ".join([*before, ""]))
    has_cue = bool(scan_numbers(text).cue_offsets)
    if not spelled_digit_may_be_statistic(text.lower(), 0, len(text), offset, number.lower(), has_cue):
        assert find_figures(read_sentence(text, 0, len(text))) == []


@given(TEXTS, st.none() | st.sampled_from(["How many patients pay?", "5%?", ""]))
def test_every_field_keeps_its_promise(text, question):
    for figure in find_statistics(text, question):
        assert text[figure.char_start : figure.char_end] == figure.surface != ""
        assert text[figure.quote_char_start : figure.quote_char_end] == figure.quote
        assert figure.quote_char_start <= figure.char_start <= figure.char_end <= figure.quote_char_end
        assert figure.line == text.count("\n", 0, figure.char_start) + 1
        assert {figure.kind, figure.relation, figure.role} <= KINDS | RELATIONS | ROLES
        assert figure.period in (None, "day", "week", "month", "year")
        assert figure.rule.startswith(figure.kind)
        assert figure.rule.removesuffix(".range").removesuffix(".spread") in RULES
        check_bounds(figure)


def check_bounds(figure: Statistic) -> None:
    """An end is open exactly where the relation says so, and low is never above high."""
    assert (figure.low is None) == (figure.relation in ("<", "<="))
    assert (figure.high is None) == (figure.relation in (">", ">="))
    if figure.low is not None and figure.high is not None:
        assert figure.low < figure.high if "range" in figure.relation else figure.low == figure.high


@given(TEXTS, TEXTS, TEXTS)
def test_an_answer_is_read_alike_anywhere_in_a_page(above, text, below):
    start, line = len(above) + 1, above.count("\n") + 2
    page = f"{above}\n{text}\n{below}"
    found = find_in_answer(text, start, line)
    assert all(page[f.char_start : f.char_end] == f.surface for f in found)
    assert [replace(f, **_moved(f, -start, 1 - line)) for f in found] == find_statistics(text)


def _moved(figure: Statistic, characters: int, lines: int) -> dict[str, int]:
    places = ("char_start", "char_end", "quote_char_start", "quote_char_end")
    return {name: getattr(figure, name) + characters for name in places} | {"line": figure.line + lines}


@given(TEXTS)
def test_figures_are_in_order_and_do_not_overlap(text):
    spans = [(figure.char_start, figure.char_end) for figure in find_statistics(text)]
    assert spans == sorted(spans)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


# Parts of every number word there is: a text without them names no number.
NUMBER_WORDS = """zero one two thre four fi six seven eight nine ten ele twel teen twen thir for hundred thousand
    million billion trillion lakh lac crore dozen half halv quarter th twice thrice fold doub trip treb quadrup doll
    euro cent penny rupee"""
WITHOUT_NUMBERS = st.text(alphabet=st.characters(exclude_categories=("Nd", "Nl", "No")), max_size=40).filter(
    lambda text: not any(part in text.lower() for part in NUMBER_WORDS.split())
)


@given(WITHOUT_NUMBERS)
def test_text_without_a_number_holds_no_figure(text):
    assert find_statistics(text) == []


def test_every_rule_reads_some_figure_of_the_cases():
    found = {figure.rule for case in CASES for figure in find_statistics(case["text"], case.get("question"))}
    assert {rule.removesuffix(".range").removesuffix(".spread") for rule in found} == set(RULES)


@given(st.lists(st.sampled_from(PLAIN)), st.sampled_from(FIGURES), st.lists(st.sampled_from(PLAIN + FIGURES)))
def test_a_figure_is_the_same_anywhere_in_a_text(before, sentence, after):
    text = " ".join([*before, sentence, *after])
    shift = len(" ".join([*before, ""])) if before else 0
    alone = find_statistics(sentence)
    placed = find_statistics(text)[: len(alone)]
    for there, here in zip(placed, alone, strict=True):
        assert (there.char_start, there.char_end) == (here.char_start + shift, here.char_end + shift)
        named = ("kind", "low", "high", "relation", "unit", "period", "measure", "citation", "surface", "quote", "rule")
        assert [getattr(there, name) for name in named] == [getattr(here, name) for name in named]


def test_the_same_text_gives_the_same_figures():
    text = "\n".join(FIGURES + PLAIN)
    assert find_statistics(text) == find_statistics(text)


HOSTILE = (
    *("5% ", "5%", "$5,", "1,000,", "1 in 4 ", "1-", "1 000 ", "one hundred and ", "half of ", "twenty-", "0,", "1/2/"),
    *("[1,", "[1,2] 5% ", "found that 5% ", "1. 2. 3. ", "about 5 ", "$ ", "\0 5% ", "\ud800 5%", "5% and ", "(5%), "),
    *("5% of these patients. ", "between 5 and ", "according to 5% ", "5%\n", "5" * 50 + " ", "1 a 2 b ", "(", "x"),
)


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_takes_linear_time(unit):
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        find._read_alone.__wrapped__.cache_clear()
        started = time.process_time()
        find_statistics(text, f"How many of {next(fresh)} patients?")
        return time.process_time() - started

    fresh = itertools.count()  # another question each time, so that nothing is remembered

    small, large = min(seconds(800) for _ in range(3)), min(seconds(6_400) for _ in range(2))
    assert large < 24 * small + 0.05  # 8 when linear, 64 when quadratic


def test_a_line_without_end_is_read():
    assert len(find_statistics("5% " * 3_000)) == 3_000


@given(TEXTS, st.none() | st.sampled_from(["How many patients pay?", "What does ataxia cost?", ""]))
def test_what_a_figure_means_is_in_the_text(text, question):
    """Words of measure, population, count, source and citation are in the question or before the end of the quote."""
    for figure in find_statistics(text, question):
        said = f"{question or ''} {text[: figure.quote_char_end]}".lower()
        fields = (figure.measure, figure.population, figure.counted, figure.attribution, figure.citation)
        assert all(word.lower() in said for field in fields if field for word in field.split())


@pytest.mark.parametrize(
    ("text", "measures"),
    [
        ("The plan pays $700 for a hearing aid and $120 for an eye exam.", ["hearing aid", "eye exam"]),
        ("Tea is $3, coffee $4 and juice $5.", ["Tea", "coffee", "juice"]),
        ("Most tenants were single (61%), had a job (72%) and owned no car (33%).", ["single", "a job", "no car"]),
        ("Finches and owls declined by 12% and 30%, respectively.", ["Finches", "owls"]),
        ("While 64% of cooks liked the oven, only 27% of waiters did.", ["liked the oven", "liked the oven"]),
        ("Faults were rare (2% severe, 12% minor).", ["severe", "minor"]),
        ("Bronze | Deductible: $6,500 | Copay: $60", ["Deductible", "Copay"]),
    ],
)
def test_joined_figures_have_their_own_measures(text, measures):
    found = [figure.measure or "" for figure in find_statistics(text)]
    assert len(found) == len(measures)
    for measure, own in zip(found, measures, strict=True):
        assert own in measure
        assert not any(other in measure for other in measures if other != own)


POPULATIONS = [
    ("Of those who write to us, 80% are women.", ["those who write to us"]),
    ("Of tenants who pay late, 63% are students.", ["tenants who pay late"]),
    ("The label was wrong in 18% of the crates sent back.", ["the crates"]),
    ("The lease was unclear in 18% of the tenants referred to us.", ["the tenants referred to us"]),
    ("It was kept in 84%, mended in 9% and sold in 7% of houses.", ["houses", "houses", "houses"]),
    ("The result was the same in 78% of 214 referrals.", ["referrals", "referrals"]),
    ("Help goes to families that earn less than 300% of the poverty level.", ["families that earn"]),
    ("Clerks appealed 1% of denied claims.", ["denied claims"]),
    ("The tenants were asked last fall. 22% had a second oven.", ["tenants"]),
    ("Breweries spent $6 million on signs.", ["Breweries"]),
    ("The fee is $20 for each child.", ["each child"]),
    ("One woman in nine who had a garden sold fruit.", ["woman who had a garden"]),
    ("Nearly all, 97%, of our buses are electric.", ["our buses"]),
    ("Repairs are paid by 9 of 14 landlords we asked.", ["landlords"]),
]


@pytest.mark.parametrize(("text", "populations"), POPULATIONS)
def test_a_population_is_the_figures_own(text, populations):
    assert [figure.population for figure in find_statistics(text)] == populations


SOURCES = [
    ("The Harbor Post reported that 12% of boats leak.", "The Harbor Post"),
    ("“Half of them fail,” said Dr. Ana Weber, who runs the lab.", "Dr. Ana Weber"),
    ("One in five wells is dry, growers told reporters on Monday.", "growers"),
    ("Okoro and colleagues put it at 9%.", "Okoro and colleagues"),
    ("The audit, done by two firms, found that 9% of bills were wrong.", "The audit"),
    ("According to the Alden Fund, 4% of streets are dark.", "the Alden Fund"),
    ("In a 2019 survey, 52% of teachers said they buy paper.", "a 2019 survey"),
    ("A quarter of labels are wrong, a 2016 audit concluded.", "a 2016 audit"),
    ("Critics argue that 70% of the money is wasted.", "Critics"),
    ("The agency's own count is 13%.", "The agency"),
    ("The foundation gave $40,000 to the choir.", None),
    ("My rheumatologist says 30% of people never learn it.", "My rheumatologist"),
    ("The new pathologist confirmed 83% of the labels.", None),
    ("My dentist confirmed 83% of the labels.", None),
    ("The insurer's letter said 80% would be paid.", "The insurer's letter"),
    ("The report says it would cost €41 million; opponents say €60 million.", "The report", "opponents"),
    ("“One in five skips it,” the union's president, Dana Whitlock, told lawmakers.", "Dana Whitlock"),
    ("The county counted 4% more.", "The county"),
    ("My own count is 13%.", None),
    ("The hospital says $90, my cousin paid $40.", "The hospital", None),
    ("The second review confirmed the stage in 71% of slides.", None),
    ("The inspectors' test detected 97% of infected trees.", None),
    ("No study has shown that 5% of doors stick.", None),
    ("The claim that 35% of lamps fail has been withdrawn.", None),
    ("Ninety percent of families said that they would come again.", None),
]


@pytest.mark.parametrize(("text", "sources"), [(text, sources) for text, *sources in SOURCES])
def test_a_source_is_who_the_text_credits(text, sources):
    assert [figure.attribution for figure in find_statistics(text)] == sources


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("Dr. Ana Weber led the audit. Her team found that 12% of lamps fail.", ["Dr. Ana Weber"]),
        ("“Half of them fail,” Dr. Ana Weber said. She told reporters that 12% burn.", ["Dr. Ana Weber"] * 2),
        (
            "It saves $61,000, director Noel Amari told us. “A third of it is waste,” he said.",
            ["director Noel Amari", "Noel Amari"],
        ),
        ("The Harbor Post said 9% leak. “A third of them sink,” he said.", ["The Harbor Post", None]),
        ("Weber told reporters that 12% of lamps fail, and her team found 5% more.", ["Weber"] * 2),
        ("Her team found that 12% of lamps fail.", [None]),
        ("About 12% of lamps fail, she told reporters.", [None]),
    ],
)
def test_a_source_that_points_back_is_the_one_named_before(text, sources):
    assert [(figure.attribution, figure.role) for figure in find_statistics(text)] == [(s, "finding") for s in sources]


ROLE_CASES = [
    ("We asked 950 surgeons about it.", "source_qualifier"),
    ("The response rate was 68%.", "source_qualifier"),
    ("The rate of late trains was 68%.", "finding"),
    ("The clinic treats 950 patients a year.", "finding"),
    ("I paid $40 for a stamp.", "anecdote"),
    ("Mr. Okoro owed $12,700 when he lost his job.", "anecdote"),
    ("You pay $40 for a stamp.", "finding"),
    ("Our board changed the plan for 12% of patients.", "finding"),
    ("Orders over $35 ship free.", "threshold"),
    ("Help ends when income exceeds $48,000.", "threshold"),
    ("A ticket costs over $35.", "finding"),
    ("More than 35% of tickets are free.", "finding"),
    ("She wants the county to pay $2 million more.", "finding"),
    ("She wanted a bike that cost $500.", "anecdote"),
]


@pytest.mark.parametrize(("text", "role"), ROLE_CASES)
def test_a_role_is_given_by_its_signs_in_both_directions(text, role):
    assert [figure.role for figure in find_statistics(text)] == [role]


def test_a_story_goes_on_in_the_next_sentence():
    story = find_statistics("Maria had her knee done last fall. The bill was $31,200.")
    rule = find_statistics("Knees are done here. The bill was $31,200.")
    assert [figure.role for figure in (*story, *rule)] == ["anecdote", "finding"]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("We asked 384 tenants about it. Some 22% had paid late.", "finding"),
        ("We have looked at over 9,000 homes. The roof leaked in 17%.", "finding"),
        ("We had the roof mended last fall. The bill was $9,000.", "anecdote"),
        ("We paid 300 dollars for it. The bill was $900.", "anecdote"),
    ],
)
def test_those_who_count_others_tell_no_story(text, role):
    assert find_statistics(text)[-1].role == role


@pytest.mark.parametrize(
    ("question", "measure"),
    [("What share of claims is denied?", "What share of claims is denied"), ("Should I appeal?", None), (None, None)],
)
def test_a_measure_comes_from_a_question_that_asks_for_the_quantity(question, measure):
    assert [figure.measure for figure in find_statistics("About 15 percent.", question)] == [measure]


def test_scope_and_year_limit_a_figure():
    (part,) = find_statistics("In 2023 the Medicare Part A deductible was $1,600.")
    assert (list(part.scope), part.year) == (["medicare", "part a"], 2023)
    before, after = find_statistics("The rate fell from 16% in 2010 to 8% in 2022.")
    assert (before.year, after.year) == (2010, 2022)
    first, second = find_statistics("In 2018, 31% of members got a letter; in 2019, 27%.")
    assert (first.year, second.year) == (2018, 2019)
    labelled = find_statistics("Bronze plan: the premium is $310 and the deductible is $7,000.")
    assert [figure.scope for figure in labelled] == [("bronze",), ("bronze",)]
    (country,) = find_statistics("The cost of a second opinion for patients in the U.S. is $1,850.")
    assert country.scope == ("united states",)  # by its name alone, once
    (survey,) = find_statistics("In a 2019 survey, 52% of teachers said they buy paper.")
    assert survey.year is None


@pytest.mark.parametrize(
    ("question", "text", "scope"),
    [
        ("What is the Part B deductible?", "It is $240 a year.", ["part b"]),
        ("What does Medicare pay?", "Part B pays 80%.", ["medicare", "part b"]),
        ("Is Part A or Part B better?", "The deductible is $240.", []),
        ("What does a bronze plan cost?", "The silver plan costs $390.", ["silver"]),
        ("What do repairs cost in Ontario?", "Repairs cost $90.", ["ontario"]),
        ("What do repairs cost in Ontario?", "Repairs cost $90 in Quebec.", ["quebec"]),
        ("What do repairs cost in the U.S.?", "Repairs cost $90.", ["united states"]),
        ("What do repairs cost?", "In the United States repairs cost $90.", ["united states"]),
    ],
)
def test_a_question_limits_what_its_sentence_does_not(question, text, scope):
    assert [list(figure.scope) for figure in find_statistics(text, question)] == [scope]


def test_the_heading_above_limits_a_figure(tmp_path):
    """The nearest heading counts; a page without one limits nothing."""
    page = "## Bronze plan\n\nWhat is the deductible?\n\nThe deductible is $6,000.\n\n"
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "plans.md").write_text(page + page.replace("Bronze", "Gold").replace("6,000", "900"))
    (tmp_path / "raw" / "other.md").write_text(page.removeprefix("## Bronze plan\n\n").replace("6,000", "700"))
    pipeline.run(tmp_path / "raw", tmp_path / "out", workers=1)
    with pipeline.open(tmp_path / "out") as ledger:
        scopes = {row.surface: list(row.scope) for row in ledger.statistics.itertuples()}
    assert scopes == {"$6,000": ["bronze"], "$900": ["gold"], "$700": []}


def test_the_place_of_one_figure_limits_no_other():
    first, second = find_statistics("Fares will go up 8.2% next year in Oregon and 5.1% in Washington.")
    assert (first.scope, second.scope) == (("oregon",), ("washington",))
