"""Figures that measure the same come together, once per row of qa, and can be cited."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from conftest import cases
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import BibliographyData, parse_file, parse_string

import pipeline
from pipeline.ledger.bibtex import bibtex
from pipeline.statistics.claim_definitions import ClaimsInvalid, built_in, claims_text, load_claims
from pipeline.statistics.find import find_statistics
from pipeline.statistics.lint import claim_uses, lint_claims
from pipeline.storage.frames import query

# Two sites that speak of the same things; the second copies an answer of the first.
SOUGHT = """How many people get one?
About 20 percent of patients with cancer seek a second opinion, a review of 12 studies found.
"""
PAGES = {
    "a.txt": SOUGHT
    + """
Does it change the diagnosis?
In a recent study, a second opinion changed the diagnosis in 21 percent of cases.

What does it cost at the clinic?
A second opinion costs $500 to $700. In Canada a second opinion costs 400 CAD.

Who needs one?
Fees above 5% of income are & remain {too} high_er than $9 a day~ \\ 3% #1.
""",
    "b.txt": SOUGHT
    + """
Do they ask for one?
Between 30 and 40% of patients with cancer seek a second opinion. Of women 60% seek a second opinion.

What does it cost online?
The price of a second opinion is $600. A membership with second opinions is $20 a month.
""",
}


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    raw, out = tmp_path_factory.mktemp("raw"), tmp_path_factory.mktemp("claims")
    for name, text in PAGES.items():
        (raw / name).write_text(text)
    pipeline.run(raw, out, workers=1)
    return out


@pytest.fixture
def ledger(out):
    with pipeline.open(out) as opened:
        yield opened


@pytest.mark.parametrize("case", [pytest.param(case, id=case["label"]) for case in cases("claims")])
def test_a_claim_is_named_where_one_fits(case):
    found = find_statistics(case["text"], case.get("question"))
    assert [figure.claim if figure.is_known_claim else None for figure in found] == case["expected"]
    assert all(figure.claim for figure in found)


PREVALENCE = "The prevalence is 1 in 5,000 people."


@pytest.mark.parametrize(
    ("text", "question", "claim"),
    [
        (PREVALENCE, "How common is ataxia?", "prevalence of ataxia: people"),
        (PREVALENCE, "How common is scurvy?", "prevalence of scurvy: people"),
        (PREVALENCE, None, None),
        (PREVALENCE, "Is it common?", None),
        ("It affects 1 in 5,000 people.", None, None),
        ("The prevalence of gout is 1 in 50 people.", "How common is ataxia?", "prevalence of gout: people"),
        ("The prevalence is 1 in 50 miners.", None, "prevalence: miners"),
    ],
)
def test_a_measure_that_every_disease_has_goes_by_what_is_asked(text, question, claim):
    """Else the prevalence of one would stand beside that of another, and disagree."""
    assert [figure.claim for figure in find_statistics(text, question)] == [claim]


def rate_of_patients(ledger):
    rates = ledger.claims.query("claim == 'second opinion rate'")
    return rates[[list(scope) == ["cancer"] for scope in rates["scope"]]].iloc[0]


def test_figures_of_one_claim_come_together_across_pages(ledger):
    rate = rate_of_patients(ledger)
    assert (rate["figures"], rate["answers"], rate["sources"], rate["documents"]) == (2, 2, 2, 2)
    assert (rate["low"], rate["high"], rate["agreement"]) == (20, 40, "overlapping")  # both pages say 20
    assert list(rate["disagreeing_ids"]) == []


def test_a_copied_answer_counts_once(ledger):
    copies = ledger.sql("select count(*) as n from statistics where surface = '20 percent'")["n"][0]
    rate = rate_of_patients(ledger)
    assert (copies, rate["figures"]) == (2, 2)  # the copied one, and the other page's own


def test_figures_of_another_subgroup_or_place_stay_apart(ledger):
    rates = ledger.claims.query("claim == 'second opinion rate'")
    assert sorted(list(scope) for scope in rates["scope"]) == [["cancer"], ["women"]]
    price = ledger.claims.query("claim == 'price of a second opinion' and unit == 'CAD'").iloc[0]
    assert list(price["scope"]) == ["canada"]


def test_bounds_that_share_a_value_do_not_disagree(ledger):
    price = ledger.claims.query("claim == 'price of a second opinion' and unit == 'USD' and period.isna()").iloc[0]
    assert (price["low"], price["high"], price["agreement"]) == (500, 700, "overlapping")
    assert price["disagreeing_ids"] == []


def test_currencies_periods_and_roles_are_not_mixed(ledger):
    prices = ledger.claims.query("claim == 'price of a second opinion'")
    assert sorted(zip(prices["unit"], prices["period"].fillna(""), strict=True)) == [
        ("CAD", ""), ("USD", ""), ("USD", "month"),
    ]  # fmt: skip
    assert len(ledger.claims) == len(ledger.sql("from claims"))


def test_every_figure_is_in_one_claim(ledger):
    listed = [id_ for ids in ledger.claims["statistic_ids"] for id_ in ids]
    assert len(listed) == len(set(listed))
    assert set(listed) <= set(ledger.statistics["statistic_id"])
    assert ledger.claims["figures"].sum() == len(listed)


# ---------------------------------------------------------------- citations


@pytest.mark.parametrize("table", ["statistics", "claims"])
def test_bibtex_holds_an_entry_for_each_row(qaledger, out, ledger, tmp_path, table):
    done = qaledger("export", table, "--to", tmp_path / "refs.bib", "--out", out)
    assert done.returncode == 0, done.stderr
    entries = parse_file(tmp_path / "refs.bib").entries
    assert len(entries) == len(getattr(ledger, table))
    assert all(ledger.generation in entry.fields["annote"] for entry in entries.values())


def test_an_entry_says_who_what_and_where(qaledger, out, tmp_path):
    qaledger("export", "statistics", "--to", tmp_path / "refs.bib", "--out", out)
    entries = parse_file(tmp_path / "refs.bib").entries.values()
    (entry,) = [entry for entry in entries if entry.fields["note"].startswith("21 percent")]
    assert [str(person) for person in entry.persons["author"]] == ["{a recent study}"]
    assert entry.fields["howpublished"] == "a.txt, line 5"
    assert entry.fields["note"].endswith("changed the diagnosis in 21 percent of cases.”".replace("%", "\\%"))


def test_csv_and_parquet_say_where_and_as_of_when(qaledger, out, ledger, tmp_path):
    for ending, read in (("csv", pd.read_csv), ("parquet", pd.read_parquet)):
        qaledger("export", "statistics", "--to", tmp_path / f"figures.{ending}", "--out", out)
        frame = read(tmp_path / f"figures.{ending}")
        assert {"quote", "uri", "source_url", "line", "question"} < set(frame.columns)
        assert set(frame["generation"]) == {ledger.generation}
        assert {pd.Timestamp(time) for time in frame["as_of"]} == {pd.Timestamp(ledger.as_of)}


def test_only_figures_and_claims_are_cited(qaledger, out, tmp_path):
    done = qaledger("export", "qa", "--to", tmp_path / "qa.bib", "--out", out)
    assert (done.returncode, "cannot be cited" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


ROW = {
    "statistic_id": "s_1", "surface": "5 %", "uri": "a.txt", "line": 3, "fetched_at": None, "generation": "g",
    "as_of": pd.Timestamp("2026-01-02 03:04", tz="UTC"),
}  # fmt: skip
HOSTILE = st.text(st.sampled_from('ab {}\\%$#_&~^"@,=\n\x00\ud800é–')) | st.text()


def parsed(row: dict[str, object]) -> BibliographyData:
    return parse_string("".join(bibtex([row])), "bibtex")


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_breaks_an_entry(quote, question, url):
    row = {**ROW, "quote": quote, "question": question, "attribution": question, "source_url": url}
    entries = parsed(row).entries
    assert list(entries) == ["s_1"]
    fields = entries["s_1"].fields
    assert fields["howpublished"] == "a.txt, line 3"
    assert all(sign not in fields.get("url", "") for sign in "{}\\ \n")
    body = fields["note"].replace("\\textbackslash{}", "").replace("\\textasciitilde{}", "")
    assert body.count("{") == body.count("}")


def test_bibtex_is_escaped_for_latex():
    row = {**ROW, "quote": "5 % of {all}_x & $y", "question": "Why?", "attribution": None}
    row["source_url"] = "https://example.org/a_b?c=d e&f={g}"
    fields = parsed(row).entries["s_1"].fields
    assert fields["note"] == r"5 \%: “5 \% of \textbraceleft{}all\textbraceright{}\_x \& \$y”"
    assert fields["url"] == "https://example.org/a_b?c=d%20e&f=%7Bg%7D"
    assert "author" not in parsed(row).entries["s_1"].persons


def test_jsonl_of_claims_keeps_its_lists(qaledger, out, tmp_path):
    qaledger("export", "claims", "--to", tmp_path / "claims.jsonl", "--out", out)
    rows = [json.loads(line) for line in (tmp_path / "claims.jsonl").read_text("utf-8").splitlines()]
    assert all(isinstance(row["quotes"], list) for row in rows)


# ---------------------------------------------------------------- the definitions of claims


def test_the_sentences_of_the_claims_hold():
    """A sentence under `yes` has a figure of the claim, one under `no` has none."""
    assert lint_claims(built_in()) == []


def test_every_claim_has_examples_and_counter_examples():
    assert all(claim.yes and claim.no and claim.means for claim in built_in().claims)


OWN = """
[lists]
bus = "bus buses coach*"

["late buses"]
means = "share of buses that are late"
kinds = "percent"
measure = ["late"]
figure = ["@bus"]
yes = ["Some 12% of buses are late.", "Some 12% of trams are late."]
no = ["Some 12% of trains are late.", "Some 14% of coaches are late.", "Buses are slow."]
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN, "utf-8")
    return path


def test_lint_says_which_sentences_fail_and_why(own):
    assert [(failure.problem, failure.sentence) for failure in lint_claims(load_claims(own))] == [
        ("missed", "Some 12% of trams are late."),
        ("stray", "Some 14% of coaches are late."),
        ("unread", "Buses are slow."),
    ]


def test_claims_lint_exits_like_topics_lint(qaledger, out, own):
    ours = qaledger("claims", "lint", "--out", out)
    assert ours.returncode == 0, ours.stdout + ours.stderr
    assert "sentences hold" in ours.stdout
    assert "price of a second opinion" in ours.stdout
    done = qaledger("claims", "lint", "--claims", own, "--out", out)
    assert done.returncode == 1
    assert "FAILS  late buses: a sentence under `yes` has no figure of this claim: 'Some 12% of trams" in done.stdout
    as_json = json.loads(qaledger("claims", "lint", "--claims", own, "--out", out, "--json").stdout)
    assert [failure["problem"] for failure in as_json["failures"]] == ["missed", "stray", "unread"]
    assert as_json["claims"][0]["figures"] == 0


def test_claims_show_prints_the_file(qaledger, own):
    assert qaledger("claims", "show").stdout == claims_text()
    (claim,) = json.loads(qaledger("claims", "show", "--claims", own, "--json").stdout)
    assert claim == {"claim": "late buses", "means": "share of buses that are late", "kinds": ["percent"]}


def test_the_published_figures_have_the_claims_that_lint_counts(ledger):
    known = ledger.claims.query("is_known").groupby("claim")["statistic_ids"].sum().map(len)
    uses = {
        use.claim: use.figures
        for use in claim_uses(query(ledger.db, "ledger/figures_for_claims"), built_in())
        if use.figures
    }
    assert set(uses) == set(known.index)
    assert all(uses[claim] >= known[claim] for claim in uses)  # a copied answer counts once in `claims`


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("means =", "meens =", "unknown key 'meens'"),
        ('kinds = "percent"', 'kinds = "percents"', "unknown kind 'percents'"),
        ('measure = ["late"]', 'measure = "late"', "measure is not a list of texts"),
        ('figure = ["@bus"]', 'figure = ["@tram"]', "there is no list 'tram'"),
        ('"bus buses coach*"', '"bus @bus"', "bus names another list"),
        ("no = [", "# no = [", "no is missing or empty"),
        ("[lists]", "[lists", "not TOML"),
    ],
)
def test_a_file_that_is_not_well_formed_is_refused(own, old, new, problem):
    own.write_text(OWN.replace(old, new), "utf-8")
    with pytest.raises(ClaimsInvalid) as refused:
        load_claims(own)
    assert problem in str(refused.value)
    assert refused.value.exit_code == 2


def test_a_file_that_cannot_be_read_is_exit_2(qaledger, tmp_path):
    done = qaledger("claims", "lint", "--claims", tmp_path / "none.toml")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


VOICES = {
    "one.txt": "How many pay late?\nThe Alden Fund says that 12% of tenants pay late.\n",
    "two.txt": "Is rent paid late?\nAccording to the Alden Fund, 12% of tenants pay late.\n",
    "three.txt": "Who pays late?\nA survey found that 30% of tenants pay late.\n",
    "four.txt": "What is a room?\nA room costs $40. A room costs $55.\n",
    "five.txt": "What was a seat?\nA seat cost $9 in 2019. A seat cost $12 in 2023.\n",
    "six.txt": "What does a visa cost?\nA visa costs $60.\n",
    "seven.txt": "How much is the visa?\nThe fee for a visa is $85.\n",
    "eight.txt": "Is it good?\nIn the north ward 95% of guests slept. In the south ward 88% of guests slept.\n",
    "nine.txt": "Who trusts whom?\nSome 40% of patients trust nurses.\n",
    "ten.txt": "Is trust mutual?\nSome 30% of nurses trust patients.\n",
    "eleven.jsonl": """\
{"question": "Is there a ferry?", "answer": "A ferry costs $7.", "url": "https://www.example.org/ferry"}
{"question": "Is it dear?", "answer": "A ferry costs $9.", "url": "http://EXAMPLE.org:80/fares"}
""",
}


@pytest.fixture(scope="module")
def voices(tmp_path_factory):
    raw, out = tmp_path_factory.mktemp("raw"), tmp_path_factory.mktemp("voices")
    for name, text in VOICES.items():
        (raw / name).write_text(text)
    pipeline.run(raw, out, workers=1)
    with pipeline.open(out) as opened:
        yield opened.claims


def test_sources_are_distinct_voices(voices):
    """Two pages that credit one body are one source; a credit without a name counts as its page."""
    late = voices[voices["quotes"].map(lambda quotes: "tenants" in quotes[0])].iloc[0]
    assert (late["figures"], late["sources"], late["agreement"]) == (3, 2, "disagreeing")
    assert sorted(late["disagreeing_ids"]) == sorted(late["statistic_ids"])


def test_several_values_of_one_source_do_not_disagree(voices):
    room = voices[voices["quotes"].map(lambda quotes: "A room" in quotes[0])].iloc[0]
    assert (room["figures"], room["sources"], room["agreement"], list(room["disagreeing_ids"])) == (
        2, 1, "several values", [],
    )  # fmt: skip


def test_pages_of_one_site_are_one_source(voices):
    """As in documents.site, "www.", the scheme and the port make no other site."""
    ferry = voices[voices["quotes"].map(lambda quotes: "ferry" in quotes[0])].iloc[0]
    assert (ferry["sources"], ferry["domains"], ferry["agreement"]) == (1, 1, "several values")


def test_figures_of_two_years_are_not_compared(voices):
    seats = voices[voices["quotes"].map(lambda quotes: "A seat" in quotes[0])]
    assert sorted(seats["year"]) == [2019, 2023]
    assert set(seats["agreement"]) == {"single"}


def test_figures_of_the_same_words_come_together(voices):
    """The words of every price, articles and small prepositions part no figures; the shortest measure names them."""
    visa = voices[voices["quotes"].map(lambda quotes: "visa" in quotes[0])].iloc[0]
    assert (visa["claim"], visa["sources"], visa["agreement"]) == ("visa costs", 2, "disagreeing")


@pytest.mark.parametrize("word", ["slept", "trust"])
def test_figures_of_another_place_or_direction_stay_apart(voices, word):
    """A ward that a phrase in front names limits a figure; with two kinds of people the order of words counts."""
    rows = voices[voices["quotes"].map(lambda quotes: word in quotes[0])]
    assert list(rows["agreement"]) == ["single", "single"]
