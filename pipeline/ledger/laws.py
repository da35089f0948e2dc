"""Checks the rows of one document against the laws: pure functions from a text and its rows to faults."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, takewhile
from typing import Any

from pipeline.parse.markers import is_bare_label, opening
from pipeline.parse.markup import COMMENT, MARKUP_LINE
from pipeline.parse.page import printed_lines
from pipeline.storage.frames import is_missing
from pipeline.storage.ids import identify
from pipeline.text.characters import restore_characters, with_plain_marks
from pipeline.text.clean import restored
from pipeline.text.encoding import BLANK

LOSSLESS, SAME_WORDS = "law 1: lossless", "law 2: no word changed"
FIGURES, IDS = "law 4: figures are in the text", "law 5: ids from content"
MEANINGS = "law 4: what figures mean is in the text"

_MEANINGS = ("measure", "population", "counted", "attribution", "citation")

Row = dict[str, Any]


@dataclass(frozen=True)
class CheckedDocument:
    """A document's text and all rows that were found in it; occurrences and leftovers by char_start."""

    document_id: str
    uri: str
    text: str
    occurrences: list[Row]
    leftovers: list[Row]
    statistics: list[Row]

    @cached_property
    def line_starts(self) -> list[int]:
        return list(accumulate((len(line) + 1 for line in self.text.split("\n")), initial=0))

    def faults(self) -> Iterator[tuple[str, str]]:
        """The law that is broken, and where, for each fault."""
        if identify("d_", self.uri) != self.document_id:
            yield IDS, self.uri
        for fault in lossless_faults(self.text, self._spans()):
            yield LOSSLESS, f"{self.uri}: {fault}"
        for row in self.occurrences:
            if _has_other_words(row) and self._has_other_words_within(row):
                yield SAME_WORDS, row["occurrence_id"]
        for row in self.statistics:
            if not self._holds(row):
                yield FIGURES, row["statistic_id"]
            for name in self._unsaid(row):
                yield MEANINGS, f"{row['statistic_id']}: {name}"
        yield from ((IDS, wrong) for wrong in self._wrong_ids())

    def _has_other_words_within(self, row: Row) -> bool:
        """Whether an answer differs from its raw text in more than the lines that interrupt answers."""
        raw = row["answer_raw"]
        return is_missing(raw) or _has_other_words(
            row | {"answer_raw": without_interruptions(raw, self._printed_lines)}
        )

    @cached_property
    def _printed_lines(self) -> frozenset[str]:
        return printed_lines(self.text)

    def _spans(self) -> list[Row]:
        """The occurrences and leftovers in source order, as `lossless_faults` takes them."""
        spans = [
            row | {"id": row["occurrence_id"], "opening": row["question_raw"], "rest": row["answer_raw"]}
            for row in self.occurrences
        ]
        spans += [row | {"id": row["leftover_id"], "opening": row["text"], "rest": None} for row in self.leftovers]
        return sorted(spans, key=lambda row: row["char_start"])

    def _holds(self, figure: Row) -> bool:
        """Whether a figure is where its row says, inside its sentence: law 4."""
        return bool(
            self.text[figure["char_start"] : figure["char_end"]] == figure["surface"]
            and self.text[figure["quote_char_start"] : figure["quote_char_end"]] == figure["quote"]
            and figure["quote_char_start"] <= figure["char_start"]
            and figure["char_end"] <= figure["quote_char_end"]
            and bisect_right(self.line_starts, figure["char_start"]) == figure["line"]
        )

    def _unsaid(self, figure: Row) -> Iterator[str]:
        """The fields of a figure with a word that neither its question nor its answer up to its quote has."""
        said = self._said_before(figure)
        for name in _MEANINGS:
            if not is_missing(figure[name]) and not all(word in said for word in figure[name].lower().split()):
                yield name
        if not is_missing(figure["year"]) and str(int(figure["year"])) not in said:
            yield "year"

    def _said_before(self, figure: Row) -> str:
        """The question of a figure and the text of its occurrence up to the end of the quote, in small letters."""
        occurrence = self._occurrence_by_id[figure["occurrence_id"]]
        source = self.text[occurrence["char_start"] : figure["quote_char_end"]]
        return f"{occurrence['question']}\n{source}".lower()

    @cached_property
    def _occurrence_by_id(self) -> dict[str, Row]:
        return {row["occurrence_id"]: row for row in self.occurrences}

    def _wrong_ids(self) -> Iterator[str]:
        """Ids that are not made from the content of their row, and so would differ on another machine."""
        yield from self._wrong_row_ids(self.occurrences, "o_", "occurrence_id")
        yield from self._wrong_row_ids(self.leftovers, "l_", "leftover_id")
        starts = {row["occurrence_id"]: row["char_start"] for row in self.occurrences}
        for row in self.statistics:
            offset = str(row["char_start"] - starts[row["occurrence_id"]])
            if identify("s_", row["occurrence_id"], offset, row["surface"], row["kind"]) != row["statistic_id"]:
                yield row["statistic_id"]

    def _wrong_row_ids(self, rows: list[Row], prefix: str, key: str) -> Iterator[str]:
        rank: Counter[str] = Counter()
        for row in rows:
            text = self.text[row["char_start"] : row["char_end"]]
            role = [row["role"]] if "role" in row else []
            if identify(prefix, self.uri, *role, text, str(rank[text])) != row[key]:
                yield row[key]
            rank[text] += 1


def lossless_faults(text: str, rows: list[Row]) -> list[str]:
    """The faults of the rows of one document by law 1; the rows are in source order.

    >>> lossless_faults("What is it?", [])
    ['line 1 is in no row']
    """
    faults = []
    lines = text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    owners = [0] * len(lines)
    for row in rows:
        first, last, start, end = (int(row[k]) for k in ("line_start", "line_end", "char_start", "char_end"))
        if not starts[first - 1] <= start < starts[first] or not starts[last - 1] < end <= starts[last]:
            faults.append(f"{row['id']}: its characters are not in its lines")
        first_part, rest = str(row["opening"]), row["rest"]
        whole = text[start:end]
        source = whole.replace("\r\n", "\n")  # as in questions and answers, not in leftovers
        if not (whole.startswith(first_part) or source.startswith(first_part)) or not source.endswith(str(rest or "")):
            faults.append(f"{row['id']}: its characters are not its text")
        for number in range(first - 1, last):
            owners[number] += 1
    last_lines = {int(row["line_end"]) for row in rows}
    for number, (line, owned) in enumerate(zip(lines, owners, strict=True), 1):
        is_blank = not line.strip(BLANK)
        if not is_blank and owned == 0:
            faults.append(f"line {number} is in no row")
        if owned > 2 or (owned == 2 and number not in last_lines):
            faults.append(f"line {number} is in {owned} rows")
    return faults


def _has_other_words(occurrence: Row) -> bool:
    """Whether the cleaned texts have other words than the raw ones, markers and "More items" aside."""
    pairs = ((occurrence[f"{name}_raw"], occurrence[name]) for name in ("question", "answer"))
    return any(cleaned is not None and not is_same_words(raw, cleaned) for raw, cleaned in pairs)


def is_same_words(raw: str, cleaned: str) -> bool:
    """Whether cleaning changed no word: the letters, digits and accents are equal, in order and in case.

    Cleaning may remove one marker at the start of the raw text, and the phrase "More items...".

    >>> is_same_words("Q: What is it?", "What is it?"), is_same_words("What is it?", "What was it?")
    (True, False)
    >>> is_same_words("What is the cost of it?", "What is cost of it?"), is_same_words("Is it?", "It is?")
    (False, False)
    """
    after = _word_characters(cleaned)
    for text, markers in restored(raw):
        before = _word_characters(text)
        if before.endswith(after):
            removed = before.removesuffix(after)
            if removed in map(_word_characters, markers) or removed == _word_characters(text[: _marker_length(raw)]):
                return True
    return False


def without_interruptions(raw: str, printed: Collection[str]) -> str:
    """A raw answer without the heads and feet of printed pages, and without lines of mark-up outside of code.

    >>> without_interruptions("Yes, we\\nGuide   Page 2\\n:::tip\\ndo.", {"Guide   Page 2"})
    'Yes, we\\ndo.'
    """
    kept, is_code = [], False
    end = raw.rfind("-->") + 3 if "-->" in raw else 0
    for line in (COMMENT.sub("", raw[:end]) + raw[end:]).split("\n"):
        is_code ^= line.lstrip().startswith(("```", "~~~"))
        if is_code or not (line.strip() in printed or MARKUP_LINE.match(line)):
            kept.append(line)
    return "\n".join(kept)


def _marker_length(raw: str) -> int:
    """The length of the marker that the parser finds in the first line of a text."""
    line = restore_characters(with_plain_marks(raw.partition("\n")[0])).strip()
    return len(line) if is_bare_label(line) else opening(line)[0]


def _word_characters(text: str) -> str:
    """The letters and digits of a text, with their combining marks; a mark on a sign ("⬇️") belongs to no word."""
    words = text.translate(_WORDS)
    return words if words.isalnum() else _BETWEEN_WORDS.sub(_marks_of_word, text)


_BETWEEN_WORDS = re.compile(r"[\W_]+")


def _marks_of_word(between: re.Match[str]) -> str:
    """The combining marks at the start of what follows a letter or digit."""
    return "".join(takewhile(_is_mark, between[0])) if between.start() else ""


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


class _Words(dict[int, int | None]):
    """Maps a code point to itself when it belongs to a word, else to None."""

    def __missing__(self, point: int) -> int | None:
        character = chr(point)
        is_of_word = character.isalnum() or _is_mark(character)
        return self.setdefault(point, point if is_of_word else None)


_WORDS = _Words()
