"""The notebooks' plots: each takes a frame of `report` and axes, and gives the axes back, so people can compose them.

One style for all: colours that the colour-blind can tell apart (Okabe and Ito 2008) and that differ in grey, labels
beside what they name, titles that state the finding, and `$` printed as a dollar.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from pipeline.schema import is_missing, records
from pipeline.show import bounds, share

BLUE, ORANGE, GREEN, GREY, PALE = "#0072B2", "#E69F00", "#009E73", "#6E6E6E", "#BFD9EA"

STYLE: dict[str, Any] = {
    "text.parse_math": False,
    "font.size": 10,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": GREY,
    "ytick.left": False,
    "xtick.color": GREY,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.bbox": "tight",
    "figure.dpi": 110,
}

_ROW = 0.34  # inches for a bar or a line of labels
_WIDTH = 8.0
_LABEL = 44  # characters of a label on one line, at 10 points in the left third of 8 inches

Parameters = ParamSpec("Parameters")


def _styled(draw: Callable[Parameters, Axes]) -> Callable[Parameters, Axes]:
    """Draw in the house style, whatever the session's own."""

    @wraps(draw)
    def drawn(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Axes:
        with mpl.rc_context(cast(Any, STYLE)):
            return draw(*args, **kwargs)

    return drawn


def _axes(ax: Axes | None, rows: float) -> Axes:
    if ax is not None:
        return ax
    _, made = plt.subplots(figsize=(_WIDTH, max(1.4, rows * _ROW + 1.0)), layout="constrained")
    return made


def _count_axis(ax: Axes) -> None:
    """Whole numbers with thousands set apart, few enough not to touch."""
    ax.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def wrapped(text: str, width: int = _LABEL, lines: int = 2) -> str:
    """A label on at most `lines` lines, the rest cut with an ellipsis; words longer than a line are broken."""
    return "\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder=" …")) or text[:width]


def _nothing(ax: Axes, title: str, words: str) -> Axes:
    ax.set_title(title)
    ax.set_axis_off()
    ax.text(0, 0.5, words, transform=ax.transAxes, color=GREY)
    return ax


@_styled
def topic_coverage(topics: pd.DataFrame, rows: int, ax: Axes | None = None) -> Axes:
    """Rows of qa by topic, of `report.coverage_by_topic`; the four required topics stand out. `rows`: all rows."""
    ax = _axes(ax, len(topics))
    if topics.empty or not rows:
        return _nothing(ax, "Topics", "There is no question yet.")
    ordered = topics.iloc[::-1]
    colours = [BLUE if required else PALE for required in ordered["required"]]
    bars = ax.barh(ordered["title"], ordered["questions"].astype(float), color=colours)
    labels = [share(row["questions"], rows) if row["questions"] else "none" for row in records(ordered)]
    ax.bar_label(bars, labels, padding=4, fontsize=9)
    top = topics.iloc[0]
    ax.set_title(f"“{top['title']}” is asked about most: {share(top['questions'], rows)} rows")
    ax.set_xlabel("rows of qa; dark: the four topics every ledger must cover; a row can have several topics")
    ax.margins(x=0.16, y=0.02)
    _count_axis(ax)
    return ax


@_styled
def answer_states(states: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """One bar of all occurrences, split by the state of their answer (`report.answer_states`)."""
    ax = _axes(ax, 2)
    total = int(states["occurrences"].sum())
    if not total:
        return _nothing(ax, "Answers", "There is no question yet.")
    left = 0
    for row, colour in zip(records(states), (BLUE, ORANGE, GREY), strict=True):
        count = row["occurrences"]
        ax.barh(
            0,
            count,
            left=left,
            color=colour,
            edgecolor="white",
            height=0.5,
            label=f"{row['state']}: {share(count, total)}",
        )
        left += count
    complete = int(states.iloc[0]["occurrences"])
    ax.set_title(f"{share(complete, total)} questions found have a complete answer")
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0), ncols=3, frameon=False, handlelength=1, columnspacing=1.5)
    ax.set_axis_off()
    ax.set_xlim(0, total)
    return ax


@_styled
def questions_by_opening(openings: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Rows of qa by their opening words (`report.questions_by_opening`)."""
    ax = _axes(ax, len(openings))
    total = int(openings["questions"].sum())
    if not total:
        return _nothing(ax, "What they ask", "There is no question yet.")
    ordered = openings.iloc[::-1]
    bars = ax.barh(ordered["asks"], ordered["questions"].astype(float), color=BLUE)
    ax.bar_label(bars, [share(count, total) for count in ordered["questions"]], padding=4, fontsize=9)
    ax.set_title(f"Most ask “{openings.iloc[0]['asks']}”")
    ax.set_xlabel("rows of qa")
    ax.margins(x=0.16, y=0.02)
    _count_axis(ax)
    return ax


@_styled
def rates(figures: pd.DataFrame, ax: Axes | None = None, limit: int = 25) -> Axes:
    """Percentages on one axis from 0 to 100: ranges as bars, open bounds as arrows, single values as dots.

    `figures`: the rows of kind percent of `report.figures`. Figures are drawn as quoted, none is averaged. At most
    `limit` are drawn, those quoted most often first, and the title says so.
    """
    shown = figures.sort_values(["copies", "uri", "line"], ascending=[False, True, True], kind="stable").head(limit)
    ax = _axes(ax, 2.2 * len(shown))
    if figures.empty:
        return _nothing(ax, "Quoted rates", "No rate is quoted.")
    ordered = shown.sort_values(["measure", "low", "high"], ascending=False, na_position="first")
    for height, row in enumerate(records(ordered)):
        _rate(ax, height, row)
    labels = [wrapped(f"{row['measure'] or row['quote']}") for row in records(ordered)]
    ax.set_yticks(range(len(ordered)), labels)
    ax.set_ylim(-0.6, len(ordered) - 0.4)
    ax.set_xlim(0, 100)
    ax.set_xlabel("per cent, as quoted; bar: a range, arrow: open to that side, dot: one value")
    ax.grid(axis="x", color="#E5E5E5", linewidth=0.8)
    ax.set_axisbelow(True)
    of_all = f"{len(ordered):,} of {len(figures):,}" if len(ordered) < len(figures) else f"{len(ordered):,}"
    ax.set_title(f"{of_all} quoted rates, by what each of them measures")
    return ax


def _rate(ax: Axes, height: int, row: dict[str, Any]) -> None:
    low, high = row["low"], row["high"]
    if low is None or high is None:
        known, end = (high, 0.0) if low is None else (low, 100.0)
        arrow = {"arrowstyle": "-|>", "color": ORANGE, "linewidth": 2.5, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", (end, height), (known, height), arrowprops=arrow)
        ax.plot([known], [height], marker="|", color=ORANGE, markersize=16, markeredgewidth=2.5)
        centre = known
    elif low != high:
        ax.barh(height, high - low, left=low, height=0.28, color=BLUE)
        centre = (low + high) / 2
    else:
        ax.plot([low], [height], marker="o", color=GREEN, markersize=9)
        centre = low
    align = "left" if centre < 12 else "right" if centre > 88 else "center"
    ax.text(min(max(centre, 1), 99), height + 0.24, bounds(row), ha=align, va="bottom", fontsize=9)


@_styled
def money(figures: pd.DataFrame, ax: Axes | None = None, limit: int = 25) -> Axes:
    """Sums of one unit and period as quoted, on one axis; at most `limit`, the largest.

    Raises `ValueError` when units or periods are mixed.
    """
    ax = _axes(ax, 1.6 * min(limit, len(figures)))
    if figures.empty:
        return _nothing(ax, "Quoted sums", "No sum of money is quoted.")
    units = {(row["unit"], row["period"]) for row in records(figures)}
    if len(units) > 1:
        raise ValueError(f"one unit and period at a time, not {sorted(units, key=str)}: sums are never mixed")
    ordered = figures.sort_values(["high", "low"], na_position="first").tail(limit)
    values = [row["low"] if row["high"] is None else row["high"] for row in records(ordered)]
    bars = ax.barh(
        range(len(ordered)),
        values,
        color=[ORANGE if role == "anecdote" else BLUE for role in ordered["role"]],
        height=0.5,
    )
    ax.bar_label(bars, [bounds(row) for row in records(ordered)], padding=4, fontsize=9)
    ax.set_yticks(range(len(ordered)), [wrapped(row["measure"] or row["quote"]) for row in records(ordered)])
    unit, period = next(iter(units))
    ax.set_title(f"Quoted sums in {unit}" + ("" if is_missing(period) else f" a {period}"))
    ax.set_xlabel(f"{unit}; dark: a finding, light: one person's story")
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.margins(x=0.3, y=0.02)
    return ax


@_styled
def duplicate_kinds(kinds: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Related pairs by kind, merged and only reported (`report.duplicates_by_kind`)."""
    found = kinds[kinds["pairs"] > 0].iloc[::-1]
    ax = _axes(ax, len(found) + 1)
    if found.empty:
        return _nothing(ax, "Duplicates", "Nothing repeats.")
    names = [name.replace("_", " ") for name in found["kind"]]
    merged = found["merged"].astype(float)
    ax.barh(names, merged, color=BLUE, label="merged into one row")
    bars = ax.barh(names, found["reported_only"].astype(float), left=merged, color=PALE, label="reported only")
    ax.bar_label(
        bars, [f"{row['pairs']:,} ({row['merged']:,} merged)" for row in records(found)], padding=4, fontsize=9
    )
    ax.set_title(
        f"{share(int(merged.sum()), int(found['pairs'].sum()))} related pairs are merged, the rest is for people"
    )
    ax.set_xlabel("pairs")
    ax.legend(loc="lower right", frameon=False)
    ax.margins(x=0.2, y=0.02)
    _count_axis(ax)
    return ax


@_styled
def merge_policies(policies: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How many questions there are by what one counts as the same (`report.merge_policies`)."""
    ax = _axes(ax, len(policies))
    ordered = policies.iloc[::-1]
    colours = [BLUE if policy == "rows of qa" else PALE for policy in ordered["policy"]]
    bars = ax.barh(ordered["policy"], ordered["questions"].astype(float), color=colours)
    labels = [f"{row['questions']:,}  {row['the_same_is']}" for row in records(ordered)]
    ax.bar_label(bars, labels, padding=4, fontsize=9)
    most, least = int(policies["questions"].max()), int(policies["questions"].min())
    ax.set_title(f"Between {least:,} and {most:,} questions, by what counts as the same")
    ax.set_xlabel("questions")
    ax.margins(x=0.45, y=0.02)
    return ax
