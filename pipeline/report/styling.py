"""Gives plots one style, prints their generation below, and describes them in words for people who cannot see them.

The colours differ for colour-blind people (Okabe and Ito 2008) and in greyscale, labels are next to what they name,
titles state the finding, and `$` is printed as a dollar sign.
"""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, cast

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from pipeline.errors import BadQuery, check_argument
from pipeline.ledger.formatting import printable

BLUE, ORANGE, GREEN, GREY, PALE = "#0072B2", "#E69F00", "#009E73", "#595959", "#BFD9EA"

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
    "text.color": "black",
    "axes.labelcolor": "black",
    "ytick.color": "black",
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "auto",
    "savefig.bbox": "tight",
    "figure.dpi": 110,
}

_PLAIN = {"text.parse_math": False}
_SCALE = 2  # pixels of the image for one on the page, for screens of high resolution
_COLOURS = 128  # of an image: a third of the bytes, and no visible difference
_DESCRIBED = 12  # labels of a plot that its description lists, so that a listener gets to the end

Parameters = ParamSpec("Parameters")


def styled(draw: Callable[Parameters, Axes]) -> Callable[Parameters, Axes]:
    """Draw in the style of this module, or on given axes in theirs, and print the generation of the frame below.

    The plot has a parameter `ax` for its axes.
    """
    position = list(signature(draw).parameters).index("ax")

    @wraps(draw)
    def drawn(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Axes:
        check_argument(f"the first argument of plots.{draw.__name__}", args[0], pd.DataFrame, "a DataFrame")
        given = kwargs.get("ax", args[position] if len(args) > position else None)
        check_argument("ax", given, Axes | None, "matplotlib axes or None")
        is_composed = given is not None
        with mpl.rc_context(cast(Any, _PLAIN if is_composed else STYLE)):
            try:
                ax = draw(*args, **kwargs)
            except KeyError as err:
                raise BadQuery(
                    f"plots.{draw.__name__}: the frame has no column {err}; it needs {_query_of(draw)}"
                ) from err
            figure, values = ax.figure, [*args, *kwargs.values()]
            source = next((str(x.attrs["source"]) for x in values if isinstance(x, pd.DataFrame) and x.attrs), "")
            if isinstance(figure, Figure) and source and not figure.get_supxlabel():
                figure.supxlabel(source, x=0.005, ha="left", fontsize=7.5, color=GREY)
            return ax

    return drawn


def _query_of(draw: Callable[Parameters, Axes]) -> str:
    """The query that the docstring of a plot names."""
    named = re.search(r"report\.\w+", draw.__doc__ or "")
    return f"the frame of {named[0]}" if named else "another frame"


def wrapped(text: str, width: int, lines: int = 2) -> str:
    """A label on at most `lines` lines; what is too long ends with an ellipsis, and long words are broken.

    >>> wrapped("the rates of seeking second opinions", 16)
    'the rates of\\nseeking second …'
    """
    plain = " ".join(printable(text).split())
    return "\n".join(textwrap.wrap(plain, width, max_lines=lines, placeholder=" …")) or plain[:width]


@dataclass(frozen=True)
class Picture:
    """A finished plot: an image with a description in Jupyter, only the description elsewhere."""

    png: bytes
    width: int
    words: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[dict[str, Any], Any]:
        metadata = {"width": self.width, "alt": self.words, "needs_background": "light"}
        return {"image/png": self.png, "text/plain": self.words}, {"image/png": metadata}

    def __repr__(self) -> str:
        return self.words


def picture(ax: Axes) -> Picture:
    """The figure of these axes as an image with its description; the figure is closed."""
    check_argument("ax", ax, Axes, "matplotlib axes, as the functions of plots return them")
    figure = cast(Figure, ax.figure)
    image = io.BytesIO()
    with mpl.rc_context(cast(Any, STYLE)), warnings.catch_warnings():
        # A character that no installed font has is drawn as a box; the description and the tables contain it.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(image, format="png", dpi=STYLE["figure.dpi"] * _SCALE)
    words = "; ".join(describe(axes) for axes in figure.axes)
    plt.close(figure)
    with Image.open(image) as drawn:
        small = io.BytesIO()
        drawn.convert("RGB").quantize(_COLOURS).save(small, "PNG", optimize=True)
        return Picture(small.getvalue(), drawn.width // _SCALE, words)


def describe(ax: Axes) -> str:
    """A plot in words: its title, then the labels from top to bottom, each with its name on the vertical axis."""
    legend = ax.get_legend()
    labels = [text.get_text() for text in legend.get_texts()] if legend and not ax.axison else []
    names = dict(zip(ax.get_yticks(), [label.get_text() for label in ax.get_yticklabels()], strict=False))
    texts = sorted(ax.texts, key=lambda text: -float(text.xy[1] if hasattr(text, "xy") else text.get_position()[1]))
    for text in (text for text in texts if text.get_text()):
        height = float(text.xy[1] if hasattr(text, "xy") else text.get_position()[1])
        name = next((names[tick] for tick in names if abs(tick - height) < 0.5), "")
        labels.append(f"{name}: {text.get_text()}" if name else text.get_text())
    more = [f"and {len(labels) - _DESCRIBED} more"] if len(labels) > _DESCRIBED else []
    title = _one_line(ax.get_title(loc="left"))
    return f"{title}. " + "; ".join([_one_line(text) for text in labels][:_DESCRIBED] + more)


def _one_line(text: str) -> str:
    return " ".join(text.split())
