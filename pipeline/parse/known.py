"""Names the parts of a text that its format marks: pairs, headings, furniture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Pair(NamedTuple):
    """The spans of a question and its answer that the format itself marks; no answer: None.

    Offsets count in the record's text; white space around the words may be included.
    """

    question_start: int
    question_end: int
    answer_start: int | None = None
    answer_end: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the format of a document says about its text, in order of offsets.

    `headings`: where a heading starts, and its mark in Markdown ("## ", or "Q: " for a question). `furniture`: the
    spans of menus and footers, `tables` those of tables of figures, which are text as a whole, `markup` those of lines
    of mark-up without words, which interrupt no answer.
    `is_article`: its format has headings (HTML, Markdown), so that a heading is a question only where it asks or where
    its section does; a text file may mark its questions with "##" alone.
    """

    pairs: tuple[Pair, ...] = ()
    headings: tuple[tuple[int, str], ...] = ()
    furniture: tuple[tuple[int, int], ...] = ()
    tables: tuple[tuple[int, int], ...] = ()
    is_article: bool = False
    markup: tuple[tuple[int, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.pairs or self.headings or self.furniture or self.tables or self.markup)


NOTHING_KNOWN = Known()
