"""Draws the results of benchmarks/suite.py as one picture: speed, time by part, and memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator, StrMethodFormatter

from benchmarks.suite import NAMES
from pipeline.report.styling import BLUE, GREEN, GREY, ORANGE, PALE, STYLE

STYLES = {
    "pages": (BLUE, "o", "-"), "crawl": (PALE, "D", "-"), "records": (ORANGE, "s", "--"), "same": (GREEN, "^", ":"),
}  # fmt: skip
PARTS = {
    "parse": BLUE, "figures": GREEN, "compare": ORANGE, "questions": "#F0C27A", "signatures": "#F7E1BC",
    "topics": GREY, "SQL": PALE, "in and out": "#C9C9C9", "start-up": "#DEDEDE", "other": "#EFEFEF",
}  # fmt: skip
LINES = {"floor": ":", "assembled": "--", "assembled, quantulum3": "-."}


def draw(results: dict[str, Any], path: Path) -> None:
    """Write the picture as PNG."""
    with mpl.rc_context(STYLE):
        figure, (speed, parts, memory) = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
        figure.get_layout_engine().set(wspace=0.06)
        _speed(speed, results)
        _parts(parts, results)
        _memory(memory, results)
        figure.savefig(path, dpi=110)
        plt.close(figure)


def _series(results: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The corpora by shape, for the shapes that were measured."""
    rows = results["corpora"]
    return {shape: [row for row in rows if row["shape"] == shape] for shape in dict.fromkeys(r["shape"] for r in rows)}


def _sizes(ax: Axes, results: dict[str, Any]) -> None:
    """A logarithmic axis with the sizes that were measured."""
    sizes = [row["megabytes"] for row in next(iter(_series(results).values()))]
    ax.set_xscale("log")
    ax.set_xticks(sizes, [_size(size) for size in sizes])
    ax.xaxis.set_minor_locator(NullLocator())


def _size(megabytes: float) -> str:
    return f"{megabytes:,.0f} MB" if megabytes >= 1 else f"{megabytes:.1f} MB"


def _speed(ax: Axes, results: dict[str, Any]) -> None:
    """Processor time per megabyte of all processes together, for the reference and for first runs."""
    for shape, rows in _series(results).items():
        colour, mark, line = STYLES[shape]
        sizes = [row["megabytes"] for row in rows]
        first = [row["runs"]["first"]["busy"] / row["megabytes"] for row in rows]
        least = [row["runs"]["reference"]["busy"] / row["megabytes"] for row in rows]
        ax.plot(sizes, first, line, marker=mark, color=colour, label=f"first run, {NAMES[shape]}")
        ax.plot(sizes, least, line, marker=mark, color=GREY, label=f"reference, {NAMES[shape]}")
    _sizes(ax, results)
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.grid(axis="y", color="#E5E5E5")
    ax.set_title("Processor seconds for a megabyte")
    ax.legend(frameon=False, fontsize=8)


def _parts(ax: Axes, results: dict[str, Any]) -> None:
    """Processor seconds per megabyte of a first run with one process by part, and lines for the other pipelines."""
    rows = [row for row in results["corpora"] if "parts" in row["runs"]]
    labels = [f"{_size(row['megabytes'])}\n{NAMES[row['shape']].replace(' that ', chr(10) + 'that ')}" for row in rows]
    below = [0.0] * len(rows)
    for part, colour in PARTS.items():
        heights = [row["runs"]["parts"][part] / row["megabytes"] for row in rows]
        ax.bar(labels, heights, bottom=below, color=colour, label=part)
        below = [a + b for a, b in zip(below, heights, strict=True)]
    for peer, style in LINES.items():
        named = False
        for place, row in enumerate(rows):
            if peer in row["runs"]:
                busy = row["runs"][peer]["busy"] / row["megabytes"]
                ax.hlines(busy, place - 0.45, place + 0.45, "black", style, label=None if named else peer)
                named = True
    ax.tick_params("x", labelsize=8)
    ax.set_title("Processor seconds for a megabyte by part")
    ax.legend(frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(1, 1), reverse=True)


def _memory(ax: Axes, results: dict[str, Any]) -> None:
    """The largest memory of all processes together."""
    for shape, rows in _series(results).items():
        colour, mark, line = STYLES[shape]
        held = [row["runs"]["first"]["memory"] / 1e6 for row in rows]
        ax.plot([row["megabytes"] for row in rows], held, line, marker=mark, color=colour, label=NAMES[shape])
    _sizes(ax, results)
    ax.set_ylim(bottom=0)
    ax.set_title("Memory of all processes, MB")
    ax.legend(frameon=False, fontsize=8)
