"""Plots draw figures as quoted, describe them in words, and can be combined."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import pipeline
from pipeline.errors import BadQuery
from pipeline.report import plots, queries


@pytest.fixture
def ledger(published):
    with pipeline.open(published) as opened:
        yield opened
    plt.close("all")


@pytest.fixture
def figures(ledger) -> pd.DataFrame:
    return queries.figures(ledger)


def test_a_rate_is_drawn_as_it_is_quoted(figures):
    ax = plots.rates(figures[figures["kind"] == "percent"])
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches if bar.get_width()] == [(1, 87)]
    assert [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"] == [21]
    assert [(note.xyann[0], note.xy[0]) for note in ax.texts if note.arrow_patch] == [(66, 0)]
    words = plots.picture(ax).words
    assert words.startswith("3 quoted rates: no two measure the same thing.")
    assert "diagnosis refined: at most 66 % Mayo researchers" in words


def test_a_range_of_money_does_not_start_at_nothing(figures):
    sums = figures[(figures["kind"] == "money") & (figures["period"] == "year")].assign(low=5000.0)
    ax = plots.money(sums)
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(5000, 2000)]


def test_sums_of_several_units_or_periods_share_no_axis(figures):
    with pytest.raises(BadQuery, match="A plot shows one of them"):
        plots.money(figures[figures["kind"] == "money"])


def test_many_figures_of_a_claim_share_a_line_and_none_is_dropped(figures):
    rate = figures[figures["low"] == 21]
    many = pd.concat([rate.assign(low=float(n), high=float(n), uri=f"{n}.txt", attribution=None) for n in range(40)])
    ax = plots.rates(many)
    assert len(ax.get_yticks()) == 1
    assert sorted(line.get_xdata()[0] for line in ax.lines) == list(range(40))
    assert "40 figures, 0 to 39 % 40 documents" in plots.picture(ax).words


def test_figures_of_another_scope_or_year_are_on_other_lines(figures):
    rate = figures[figures["low"] == 21].assign(attribution=None)
    many = pd.concat(
        [rate.assign(low=float(n), high=float(n), year=2019 + n % 2, scope=[["bronze"]]) for n in range(8)]
    )
    ax = plots.rates(many)
    assert len(ax.get_yticks()) == 2
    words = plots.picture(ax).words
    assert "(bronze, 2019)" in words
    assert "(bronze, 2020)" in words


def test_plots_are_drawn_on_given_axes_in_their_style_and_say_their_generation(ledger):
    with plt.style.context("dark_background"):
        figure, axes = plt.subplots(2)
        assert plots.answer_states(queries.answer_states(ledger), ax=axes[0]) is axes[0]
        assert plots.merge_policies(queries.merge_policies(ledger), ax=axes[1]) is axes[1]
        assert {text.get_color() for ax in axes for text in [ax.title, *ax.texts]} == {"white"}
    assert figure.get_supxlabel() == ledger.source
    assert ledger.generation in ledger.source


def test_a_dollar_is_a_dollar(figures):
    ax = plots.rates(figures[figures["low"] == 21].assign(claim=None, is_known_claim=False, measure="$x_1$ or $y$"))
    label = ax.get_yticklabels()[0]
    assert (label.get_text(), label.get_parse_math()) == ("$x_1$ or $y$", False)
    assert plots.picture(ax).png.startswith(b"\x89PNG")


def test_an_empty_plot_says_so():
    nothing = pd.DataFrame(columns=["kind", "pairs", "merged", "reported_only"])
    assert plots.picture(plots.duplicate_kinds(nothing)).words == "Duplicates. Nothing is repeated."


def test_no_mark_of_a_timeline_is_cut(figures):
    rate = figures[figures["low"] == 21]
    dated = pd.concat([rate.assign(low=float(n), high=float(n), year=2000 + n) for n in (10, 90)])
    ax = plots.timeline(dated)
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > 95
