"""What the format of a document says about its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Pair(NamedTuple):
    """Where the format itself says that a question stands, and its answer (None when it has none).

    Offsets into the record's text; white space around the words may be included.
    """

    question_start: int
    question_end: int
    answer_start: int | None = None
    answer_end: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the format of a document says about its text, each in order of place.

    `headings`: where one starts, and the Markdown that says what it is ("## ", or "Q: " for a question). `furniture`:
    from where to where parts of the page stand that are none of its text.
    """

    pairs: tuple[Pair, ...] = ()
    headings: tuple[tuple[int, str], ...] = ()
    furniture: tuple[tuple[int, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.pairs or self.headings or self.furniture)


NOTHING_KNOWN = Known()
