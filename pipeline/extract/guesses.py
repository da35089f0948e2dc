"""Guesses the columns of a table whose names are not known, by what their cells hold; a warning names the guesses."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pipeline.extract.columns import Columns
from pipeline.extract.rows import is_page
from pipeline.parse.questions import ends_in_question_mark
from pipeline.text.characters import with_plain_marks

HEAD_ROWS = 20  # by which columns are guessed

_PROSE = re.compile(r"\w\s+\w")  # two words


def guess_columns(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns:
    """The columns of questions and answers, or of pages, by the cells below the header; () where none can be guessed.

    >>> guess_columns(["no", "wish", "reply"], [["1", "Is it free?", "Yes."], ["2", "Is it far?", "No."]])
    (('question', 'wish'), ('answer', 'reply'))
    >>> guess_columns(["no", "inhalt"], [["1", "<h2>Is it free?</h2><p>Yes.</p>"]])
    (('text', 'inhalt'),)
    """
    question = question_column(rows, len(names))
    if question is not None and len(names) > 1:
        return (("question", names[question]), ("answer", names[_answer_column(rows, question, len(names))]))
    page = next((column for column in range(len(names)) if _is_mostly(rows, column, is_page)), None)
    return () if page is None else (("text", names[page]),)


def question_column(rows: Sequence[Sequence[str]], width: int) -> int | None:
    """The first column that most rows have and whose cells mostly ask."""
    return next((column for column in range(width) if _is_mostly(rows, column, asks)), None)


def asks(cell: str) -> bool:
    return ends_in_question_mark(with_plain_marks(cell.strip()))


def _is_mostly(rows: Sequence[Sequence[str]], column: int, test: Callable[[str], bool]) -> bool:
    cells = [row[column] for row in rows if len(row) > column]
    return 2 * len(cells) >= len(rows) > 0 and 2 * sum(map(test, cells)) > len(cells)


def _answer_column(rows: Sequence[Sequence[str]], question: int, width: int) -> int:
    """The column right of the questions; where it holds no texts of its own for them, the one with most text."""
    letters = {column: _letters_of_texts(rows, column) for column in range(width) if column != question}
    right = question + 1
    if letters.get(right) or not any(letters.values()):
        return right if right < width else question - 1
    return max(letters, key=lambda column: letters[column])


def _letters_of_texts(rows: Sequence[Sequence[str]], column: int) -> int:
    """How many characters the different texts of a column have; 0 where most cells are no text or repeat one."""
    cells = [row[column].strip() for row in rows if len(row) > column]
    texts = {cell for cell in cells if _PROSE.search(cell) and not asks(cell)}
    return sum(map(len, texts)) if 2 * len(texts) > len(cells) else 0
