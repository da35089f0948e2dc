"""Draws the plots of the notebooks. Each function takes a frame of `report` and axes, and returns the axes.

`picture(axes)` shows them with a description; the generation of the numbers is printed below each figure.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, StrMethodFormatter

from pipeline.errors import BadQuery, check_argument, check_count, many
from pipeline.ledger.formatting import bounds, limits, number, share
from pipeline.report.styling import BLUE, GREEN, GREY, ORANGE, PALE, picture, styled, wrapped
from pipeline.storage.frames import is_missing, records

__all__ = [
    "answer_states",
    "duplicate_kinds",
    "merge_policies",
    "money",
    "picture",
    "questions_by_document_count",
    "questions_by_opening",
    "rates",
    "timeline",
    "topic_coverage",
]

Lines = list[list[dict[str, Any]]]  # the figures drawn on each line of a plot

_ROW = 0.34  # height in inches of a bar or a line of labels
_WIDTH = 8.0
_LABEL = 30  # characters of a label on one line, at 10 points in the left third of 8 inches
_SEPARATE = 3  # figures of a claim that have a line each, with their source beside it
_SOURCE = 34  # characters of a line right of an interval
_TITLE = 78  # characters of a line of a title, in bold 12 points over 8 inches


def _axes(ax: Axes | None, rows: float) -> Axes:
    if ax is not None:
        return ax
    return plt.subplots(figsize=(_WIDTH, max(1.4, rows * _ROW + 1.0)), layout="constrained")[1]


def _count_axis(ax: Axes) -> None:
    """Label the axis with whole numbers, few enough not to overlap."""
    ax.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def _nothing(ax: Axes | None, title: str, words: str) -> Axes:
    if ax is None:
        _, ax = plt.subplots(figsize=(_WIDTH, 0.4))
    ax.set_title(title)
    ax.set_axis_off()
    ax.text(0, 0.5, words, transform=ax.transAxes, color=GREY)
    return ax


@styled
def topic_coverage(topics: pd.DataFrame, rows: int, ax: Axes | None = None) -> Axes:
    """Rows of qa by topic (`report.coverage_by_topic`), the four required topics in dark. `rows`: of all rows."""
    check_argument("rows", rows, Integral, "a whole number")
    if topics.empty or not rows:
        return _nothing(ax, "Topics", "There is no question yet.")
    ax = _axes(ax, len(topics))
    ordered = topics.iloc[::-1]
    colours = [BLUE if required else PALE for required in ordered["required"]]
    bars = ax.barh(ordered["title"], ordered["questions"].astype(float), color=colours)
    labels = [share(row["questions"], rows) if row["questions"] else "none" for row in records(ordered)]
    ax.bar_label(bars, labels, padding=4, fontsize=9)
    top = topics.iloc[0]
    ax.set_title(f"“{top['title']}” is the most frequent topic: {share(top['questions'], rows)} rows")
    ax.set_xlabel("rows of qa; dark: the four required topics; a row can have several topics")
    ax.margins(x=0.16, y=0.02)
    _count_axis(ax)
    return ax


@styled
def answer_states(states: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """One bar of all occurrences, split by the state of their answer (`report.answer_states`)."""
    total = int(states["occurrences"].sum())
    if not total:
        return _nothing(ax, "Answers", "There is no question yet.")
    ax = _axes(ax, 1)
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


@styled
def questions_by_opening(openings: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Rows of qa by their opening words (`report.questions_by_opening`)."""
    total = int(openings["questions"].sum())
    if not total:
        return _nothing(ax, "What the questions ask for", "There is no question yet.")
    ax = _axes(ax, len(openings))
    ordered = openings.iloc[::-1]
    bars = ax.barh(ordered["asks"], ordered["questions"].astype(float), color=BLUE)
    ax.bar_label(bars, [share(count, total) for count in ordered["questions"]], padding=4, fontsize=9)
    top = openings.iloc[0]
    ax.set_title(f"“{top['asks']}” is the most frequent kind of question: {share(top['questions'], total)} rows")
    ax.set_xlabel("rows of qa")
    ax.margins(x=0.16, y=0.02)
    _count_axis(ax)
    return ax


@styled
def questions_by_document_count(sources: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Distinct questions by how many documents ask them (`report.questions_by_document_count`)."""
    total = int(sources["questions"].sum())
    if not total:
        return _nothing(ax, "Sources", "There is no question yet.")
    ax = _axes(ax, len(sources))
    ordered = sources.iloc[::-1]
    bars = ax.barh(ordered["documents"], ordered["questions"].astype(float), color=BLUE)
    ax.bar_label(bars, [share(count, total) for count in ordered["questions"]], padding=4, fontsize=9)
    alone = int(sources.loc[sources["documents"] == "1", "questions"].sum())
    ax.set_title(f"{share(alone, total)} distinct questions occur in one document only")
    ax.set_xlabel("distinct questions, by the number of documents that ask them")
    ax.margins(x=0.16, y=0.02)
    _count_axis(ax)
    return ax


@styled
def rates(figures: pd.DataFrame, ax: Axes | None = None, limit: int = 25) -> Axes:
    """Percentages by claim on one axis from 0 to 100: ranges as bars, open bounds as arrows, single values as dots.

    `figures`: the rows of kind percent of `report.figures`. Figures are drawn as quoted, none is averaged. Claims with
    the most figures come first; more than three figures of one claim share a line. At most `limit` lines are drawn,
    and the title gives the number of figures.
    """
    check_count("limit", limit)
    if figures.empty:
        return _nothing(ax, "Quoted rates", "No rate is quoted.")
    lines = _lines(figures, limit)
    ax = _intervals(lines, ax, (0, max(100.0, *(row["high"] or 0.0 for rows in lines for row in rows))))
    ax.set_xlabel(f"per cent, as quoted\n{_KEY}")
    ax.set_title(wrapped(f"{_figure_count(figures, lines, 'quoted rate')}: {_compared(figures)}", _TITLE))
    return ax


@styled
def money(figures: pd.DataFrame, ax: Axes | None = None, limit: int = 25) -> Axes:
    """Sums of one unit and period by claim, as quoted; drawn like `rates`, at most `limit` lines.

    The axis is logarithmic, and labelled so, where the largest sum is over 50 times the smallest. Raises `BadQuery`
    when units or periods are mixed.
    """
    check_count("limit", limit)
    if figures.empty:
        return _nothing(ax, "Quoted sums", "No sum of money is quoted.")
    units = {(row["unit"], row["period"]) for row in records(figures)}
    if len(units) > 1:
        raise BadQuery(
            f"the sums have several units or periods: {sorted(units, key=str)}. A plot shows one of them; select it"
        )
    unit, period = next(iter(units))
    known = pd.concat([figures["low"], figures["high"]]).dropna()
    least, most = float(known.min()), float(known.max())
    is_wide = least > 0 and most > 50 * least
    lines = _lines(figures, limit)
    ax = _intervals(lines, ax, (least / 1.5, most * 1.5) if is_wide else (min(0.0, least), most * 1.08 or 1))
    if is_wide:
        ax.set_xscale("log")
    else:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=5))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _magnitude(value)))
    named = unit + ("" if is_missing(period) else f" a {period}")
    ax.set_xlabel(f"{named}, as quoted{', logarithmic' if is_wide else ''}\n{_KEY}")
    span = _magnitude(most) if least == most else f"{_magnitude(least)} to {_magnitude(most)}"
    ax.set_title(wrapped(f"{_figure_count(figures, lines, 'quoted sum')} in {named}: {span}", _TITLE))
    return ax


@styled
def timeline(figures: pd.DataFrame, ax: Axes | None = None, limit: int = 6) -> Axes:
    """Percentages of one claim over the years that their sentences name, a line of marks for each claim and scope.

    `figures`: rows in per cent of `report.figures`. Claims of fewer than two years are left out; at most `limit` are
    drawn. A range is drawn as a bar, an open bound at its known end.
    """
    check_count("limit", limit)
    dated: dict[str, list[dict[str, Any]]] = {}
    for row in records(figures.sort_values(["year", "low", "high"], kind="stable")):
        if not is_missing(row["year"]) and row["claim"]:
            dated.setdefault(", ".join([row["claim"], *row["scope"]]), []).append(row)
    drawn = {name: rows for name, rows in dated.items() if len({row["year"] for row in rows}) > 1}
    drawn = dict(sorted(drawn.items(), key=lambda item: -len(item[1]))[:limit])
    if not drawn:
        return _nothing(ax, "Rates by year", "No claim has figures of two years or more.")
    ax = _axes(ax, 9)
    for (name, rows), colour, marker in zip(drawn.items(), _COLOURS, _MARKERS, strict=False):
        years = [float(row["year"]) for row in rows]
        for row, year in zip(rows, years, strict=True):
            if row["low"] is not None and row["high"] is not None and row["low"] != row["high"]:
                ax.plot([year, year], [row["low"], row["high"]], color=colour, linewidth=5, alpha=0.4)
        values = [row["low"] if row["low"] is not None else row["high"] for row in rows]
        ax.plot(years, values, marker, color=colour, markersize=8, label=wrapped(name, _LABEL))
    ax.margins(y=0.1)  # or the mark of the highest figure is cut
    ax.set_ylim(0, None)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    ax.set_xlabel("year that the sentence names")
    ax.set_ylabel("per cent, as quoted")
    ax.grid(color="#E5E5E5", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, handlelength=1)
    count = sum(map(len, drawn.values()))
    ax.set_title(f"{many(count, 'rate')} of {many(len(drawn), 'claim')} name a year")
    return ax


def _magnitude(value: float) -> str:
    """A number as people say it.

    >>> _magnitude(5_300_000_000_000), _magnitude(310_000_000), _magnitude(2310), _magnitude(0.5)
    ('5.3 trillion', '310 million', '2,310', '0.5')
    """
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if value >= size:
            return f"{value / size:,.4g} {word}"
    return number(value)


_COLOURS, _MARKERS = (BLUE, ORANGE, GREEN, GREY, "#CC79A7", "#56B4E9"), ("o", "s", "^", "D", "v", "P")

_KEY = "bar: a range; arrow: open to that side; dot: one value; hollow: not a finding"
_ROLES = {"finding": "", "anecdote": "one story: ", "threshold": "a limit: ", "source_qualifier": "about a source: "}


def _figure_count(figures: pd.DataFrame, lines: Lines, noun: str) -> str:
    """The number of figures in words, and how many of them are drawn if not all are."""
    count, drawn = many(len(figures), noun), sum(map(len, lines))
    return f"{drawn:,} of {count}" if drawn < len(figures) else count


def _compared(figures: pd.DataFrame) -> str:
    """The claim with the most figures, or that no two figures measure the same thing."""
    largest = _claims(figures)[0]
    if len(largest) > 1:
        return f"{len(largest):,} of them measure “{_name(largest[0])}”"
    return "no two measure the same thing" if len(figures) > 1 else _name(largest[0])


def _claims(figures: pd.DataFrame) -> Lines:
    """Figures grouped by what they measure, scope, year, period and role; the largest groups first."""
    claims: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in records(figures.sort_values(["low", "high", "uri", "line"], kind="stable")):
        claims.setdefault(_claim_key(row), []).append(row)
    return [rows for _, rows in sorted(claims.items(), key=lambda item: (-len(item[1]), item[0]))]


def _claim_key(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return row["claim"] or row["statistic_id"], ", ".join(limits(row)), row["period"] or "", row["role"]


def _lines(figures: pd.DataFrame, limit: int) -> Lines:
    """The figures of each line: one where the claim has few figures, else all figures of the claim."""
    lines: Lines = []
    for rows in _claims(figures):
        lines += [[row] for row in rows] if len(rows) <= _SEPARATE else [rows]
    return lines[:limit]


def _name(row: dict[str, Any]) -> str:
    """What a figure measures, with what limits it where the name does not say it: "deductible (bronze, 2023)"."""
    name = str(row["claim"] if row["is_known_claim"] else row["measure"] or row["quote"])
    unsaid = [limit for limit in limits(row) if limit not in name.lower()]
    return f"{name} ({', '.join(unsaid)})" if unsaid else name


def _intervals(lines: Lines, ax: Axes | None, ends: tuple[float, float]) -> Axes:
    """Draw the lines from top to bottom, with what each measures on the left and its source on the right."""
    ax = _axes(ax, 1.5 * len(lines) + 1)
    names: list[str] = []
    previous = None
    for height, rows in zip(range(len(lines) - 1, -1, -1), lines, strict=True):
        for row in {(row["low"], row["high"], row["role"]): row for row in rows}.values():
            _interval(ax, height, row, ends, 1.0 if len(rows) == 1 else 0.35)
        label = _figure_label(rows[0]) if len(rows) == 1 else _group_label(rows)
        position = (1.02, height)
        ax.annotate(
            label, position, xycoords=("axes fraction", "data"), va="center", fontsize=8.5, annotation_clip=False
        )
        claim = _claim_key(rows[0])
        names.append("" if claim == previous else wrapped(_name(rows[0]), _LABEL))
        if previous is not None and claim != previous:
            ax.axhline(height + 0.5, color="#E5E5E5", linewidth=0.8)
        previous = claim
    ax.set_yticks(range(len(lines) - 1, -1, -1), names)
    ax.set_ylim(-0.6, len(lines) - 0.4)
    ax.set_xlim(*ends)
    ax.grid(axis="x", color="#E5E5E5", linewidth=0.8)
    ax.set_axisbelow(True)
    return ax


def _figure_label(row: dict[str, Any]) -> str:
    person = row["population"] if row["role"] == "anecdote" else None
    source = f"{_ROLES[row['role']]}{row['attribution'] or person or _source_line(row)}"
    return f"{bounds(row)}\n{wrapped(source, _SOURCE)}"


def _group_label(rows: list[dict[str, Any]]) -> str:
    known = [value for row in rows for value in (row["low"], row["high"]) if value is not None]
    documents = {row["uri"] for row in rows}
    ends = {**rows[0], "low": min(known), "high": max(known), "relation": "range"}
    return f"{len(rows):,} figures, {bounds(ends)}\n{many(len(documents), 'document')}"


def _source_line(row: dict[str, Any]) -> str:
    """The document and line of a figure; a long uri is cut in the middle, since its end is the most specific."""
    uri = str(row["uri"])
    return f"{uri if len(uri) <= _SOURCE - 8 else uri[:10] + '…' + uri[10 - _SOURCE + 8 :]}:{row['line']}"


def _interval(ax: Axes, height: int, row: dict[str, Any], ends: tuple[float, float], alpha: float) -> None:
    low, high = row["low"], row["high"]
    is_finding = row["role"] == "finding"
    if low is None or high is None:
        known, end = (high, ends[0]) if low is None else (low, ends[1])
        arrow = {"arrowstyle": "-|>", "color": ORANGE, "linewidth": 2.5, "shrinkA": 0, "shrinkB": 0, "alpha": alpha}
        arrow |= {"linestyle": "-" if is_finding else ":"}
        ax.annotate("", (end, height), (known, height), arrowprops=arrow)
        ax.plot([known], [height], marker="|", color=ORANGE, markersize=14, markeredgewidth=2.5, alpha=alpha)
    elif low != high:
        colour = BLUE if is_finding else "white"
        ax.barh(height, high - low, left=low, height=0.3, facecolor=colour, edgecolor=BLUE, alpha=alpha)
    else:
        dot: dict[str, Any] = {
            "color": GREEN if is_finding else "white",
            "markeredgecolor": GREEN,
            "markeredgewidth": 2,
        }
        ax.plot([low], [height], "o", markersize=9, clip_on=False, alpha=alpha, **dot)


@styled
def duplicate_kinds(kinds: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Related pairs by kind, merged and only reported (`report.duplicates_by_kind`)."""
    found = kinds[kinds["pairs"] > 0].iloc[::-1]
    if found.empty:
        return _nothing(ax, "Duplicates", "Nothing is repeated.")
    ax = _axes(ax, len(found) + 1)
    names = [name.replace("_", " ") for name in found["kind"]]
    merged = found["merged"].astype(float)
    ax.barh(names, merged, color=BLUE, label="merged into one row")
    bars = ax.barh(names, found["reported_only"].astype(float), left=merged, color=PALE, label="reported only")
    ax.bar_label(
        bars, [f"{row['pairs']:,} ({row['merged']:,} merged)" for row in records(found)], padding=4, fontsize=9
    )
    ax.set_title(
        f"{share(int(merged.sum()), int(found['pairs'].sum()))} related pairs are merged, the others are reported"
    )
    ax.set_xlabel("pairs")
    ax.legend(loc="upper left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, borderaxespad=0, handlelength=1)
    ax.set_ylim(-0.6, len(found) + 0.4)
    ax.margins(x=0.2, y=0.02)
    _count_axis(ax)
    return ax


@styled
def merge_policies(policies: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How many questions there are, by what counts as the same question (`report.merge_policies`)."""
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
    _count_axis(ax)
    return ax
