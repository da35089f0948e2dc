"""Compares two ledgers: questions, answers and figures that were added, changed or removed."""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

import duckdb
import pandas as pd

from pipeline.ledger.formatting import PLAIN, bounds, printable
from pipeline.storage import frames
from pipeline.storage.frames import records

Row = dict[str, Any]

QUESTIONS = ["change", "question", "before_qa_id", "after_qa_id"]
ANSWERS = ["change", "question", "before", "after", "diff", "before_qa_id", "after_qa_id"]
SNAPSHOTS = [
    "page", "earlier", "later", "part", "change", "question", "measure", "before", "after", "diff", "question_link",
]  # fmt: skip
FIGURES = ["change", "question", "measure", "before", "after", "before_id", "after_id"]


@dataclass(frozen=True)
class Comparison:
    """The differences between two ledgers. `before` and `after` name them.

    questions: change (added, removed), question, before_qa_id, after_qa_id. answers, of questions in both ledgers:
    change (added, changed, removed), question, before, after, diff (words removed in [-…-], added in {+…+}), ids.
    figures: change (added, changed, removed), question, measure, before, after (as quoted), before_id, after_id.
    """

    before: str
    after: str
    questions: pd.DataFrame
    answers: pd.DataFrame
    figures: pd.DataFrame

    def counts(self) -> dict[str, dict[str, int]]:
        """Rows by table and change."""
        tables = {"questions": self.questions, "answers": self.answers, "figures": self.figures}
        return {
            name: {str(k): int(n) for k, n in rows["change"].value_counts().items()} for name, rows in tables.items()
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        tables = {"questions": self.questions, "answers": self.answers, "figures": self.figures}
        return {"before": self.before, "after": self.after, **{name: records(rows) for name, rows in tables.items()}}

    def _summary(self) -> list[str]:
        lines = []
        for name, counts in self.counts().items():
            changes = ", ".join(f"{count:,} {change}" for change, count in sorted(counts.items()))
            lines.append(f"{name}: {changes or 'no difference'}")
        return lines

    def __str__(self) -> str:
        lines = [f"before: {self.before}", f"after:  {self.after}", *self._summary(), ""]
        lines += [f"question {row['change']:<8} {row['question']}" for row in records(self.questions)]
        for row in records(self.answers):
            lines.append(f"answer {row['change']:<8} {row['question']}\n    {row['diff']}")
        for row in records(self.figures):
            values = " -> ".join(value for value in (row["before"], row["after"]) if value)
            lines.append(f"figure {row['change']:<8} {row['measure'] or 'no measure'}: {values} ({row['question']})")
        return printable("\n".join(lines).rstrip())

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{html.escape(line)}</li>" for line in self._summary())
        names = f"<p>{html.escape(self.before)}<br>compared with {html.escape(self.after)}</p>"
        return f'<div class="{PLAIN}">{names}<ul>{items}</ul></div>'


def compare(before: duckdb.DuckDBPyConnection, after: duckdb.DuckDBPyConnection, names: tuple[str, str]) -> Comparison:
    """What is different in `after`; `names` name the two.

    Questions and answers are equal when their keys are: case, punctuation and spacing do not count. An answer was
    changed when the same question has another one on the same page, or only one on each side is new or missing.
    """
    old, new = (records(frames.query(db, "ledger/answers_by_page")) for db in (before, after))
    old_figures, new_figures = (records(frames.query(db, "ledger/figures_by_question")) for db in (before, after))
    return Comparison(
        *names,
        questions=pd.DataFrame(_question_changes(old, new), columns=QUESTIONS),
        answers=pd.DataFrame(_answer_changes(old, new), columns=ANSWERS),
        figures=pd.DataFrame(_figure_changes(old_figures, new_figures), columns=FIGURES),
    )


def compare_snapshots(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """What changed on each page from one snapshot to the next: SNAPSHOTS, by page and time.

    part: question, answer or figure. before and after: the question, the answer or the figure as quoted.
    """
    answers, figures = (_by_snapshot(frames.query(db, f"ledger/snapshot_{name}")) for name in ("answers", "figures"))
    changes: list[Row] = []
    for page, snapshots in answers.items():
        for one, other in pairwise(sorted(snapshots)):
            found = _text_changes(snapshots[one], snapshots[other])
            found += _linked("figure", _figure_changes, figures[page][one], figures[page][other], "statistic_id")
            changes += [{"page": page, "earlier": one, "later": other, **row} for row in found]
    return pd.DataFrame(changes, columns=SNAPSHOTS)


def _text_changes(old: list[Row], new: list[Row]) -> list[Row]:
    """The changes of questions, then of answers, between two snapshots."""
    questions = _linked("question", _question_changes, old, new, "qa_id")
    for row in questions:
        row["before" if row["change"] == "removed" else "after"] = row["question"]
    return questions + _linked("answer", _answer_changes, old, new, "qa_id")


def _linked(
    part: str, changes_of: Callable[[list[Row], list[Row]], list[Row]], old: list[Row], new: list[Row], id_: str
) -> list[Row]:
    """Changes with the passage that each can be seen in: the later one, else the earlier one."""
    link_of = {row[id_]: row["question_link"] for row in [*old, *new]}
    side = id_ if part != "figure" else "id"
    return [
        {**row, "part": part, "question_link": link_of[row.get(f"after_{side}") or row[f"before_{side}"]]}
        for row in changes_of(old, new)
    ]


def _by_snapshot(rows: pd.DataFrame) -> defaultdict[str, defaultdict[Any, list[Row]]]:
    """Rows by page and time."""
    found: defaultdict[str, defaultdict[Any, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in records(rows):
        found[row["page"]][row["fetched_at"]].append(row)
    return found


def _question_changes(old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    before, after = ({row["question_key"]: row for row in reversed(rows)} for rows in (old, new))
    removed = [_question("removed", row, "before_qa_id") for key, row in before.items() if key not in after]
    added = [_question("added", row, "after_qa_id") for key, row in after.items() if key not in before]
    return sorted(added + removed, key=lambda row: (row["change"], row["question"]))


def _question(change: str, row: Row, id_column: str) -> Row:
    return {"change": change, "question": row["question"], id_column: row["qa_id"]}


def _grouped(rows: Iterable[Row], *names: str) -> defaultdict[Hashable, list[Row]]:
    found: defaultdict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in names)].append(row)
    return found


def _answer_changes(old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """The answers that only one ledger has, of questions that both have."""
    before, after = _grouped(old, "question_key"), _grouped(new, "question_key")
    changes: list[Row] = []
    for key in before.keys() & after.keys():
        old_keys, new_keys = ({row["answer_key"] for row in rows[key]} - {""} for rows in (before, after))
        missing = _distinct(row for row in before[key] if row["answer_key"] and row["answer_key"] not in new_keys)
        extra = _distinct(row for row in after[key] if row["answer_key"] and row["answer_key"] not in old_keys)
        changes += [_answer(one, other) for one, other in _paired(missing, extra, "page")]
    return sorted(changes, key=lambda row: (row["change"], row["question"], row["before"] or "", row["after"] or ""))


def _distinct(rows: Iterable[Row]) -> list[Row]:
    """The first row of each answer."""
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(row["answer_key"], row)
    return list(found.values())


def _paired(missing: list[Row], extra: list[Row], by: str) -> list[tuple[Row | None, Row | None]]:
    """Pairs of rows with the same value of a column, or of the only rows left; other rows have no partner."""
    pairs: list[tuple[Row | None, Row | None]] = []
    waiting = _grouped(extra, by)
    left = []
    for row in missing:
        same = waiting[row[by],]
        if same:
            pairs.append((row, same.pop(0)))
        else:
            left.append(row)
    rest = [row for rows in waiting.values() for row in rows]
    if len(left) == len(rest) == 1:
        return [*pairs, (left[0], rest[0])]
    return [*pairs, *((row, None) for row in left), *((None, row) for row in rest)]


def _change(before: Row | None, after: Row | None) -> str:
    return "added" if before is None else "removed" if after is None else "changed"


def _answer(before: Row | None, after: Row | None) -> Row:
    old, new = (row["answer"] if row else None for row in (before, after))
    return {
        "change": _change(before, after),
        "question": (after or before or {})["question"],
        "before": old,
        "after": new,
        "diff": word_diff(old or "", new or ""),
        "before_qa_id": before["qa_id"] if before else None,
        "after_qa_id": after["qa_id"] if after else None,
    }


def word_diff(before: str, after: str) -> str:
    """Both texts as one, word by word.

    >>> word_diff("It costs 20 dollars.", "It costs 25 dollars a month.")
    'It costs [-20 dollars.-] {+25 dollars a month.+}'
    """
    old, new = before.split(), after.split()
    parts = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > 800).get_opcodes():
        if kind == "equal":
            parts.append(" ".join(old[a:b]))
            continue
        parts += [f"[-{' '.join(old[a:b])}-]"] if b > a else []
        parts += [f"{{+{' '.join(new[c:d])}+}}"] if d > c else []
    return " ".join(parts)


def _figure_changes(old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """The figures that only one ledger has; one that measures the same for the same question was changed."""
    before, after = (_grouped(rows, "question_key", "measured") for rows in (old, new))
    changes: list[Row] = []
    for key in before.keys() | after.keys():
        old_values, new_values = ({_value(row) for row in rows[key]} for rows in (before, after))
        missing = [row for row in before[key] if _value(row) not in new_values]
        extra = [row for row in after[key] if _value(row) not in old_values]
        changes += [_figure(one, other) for one, other in _paired(missing, extra, "statistic_id")]
    return sorted(changes, key=lambda row: (row["change"], row["question"], row["before"] or "", row["after"] or ""))


def _value(row: Row) -> tuple[Any, ...]:
    return row["low"], row["high"], row["relation"]


def _figure(before: Row | None, after: Row | None) -> Row:
    return {
        "change": _change(before, after),
        "question": (after or before or {})["question"],
        "measure": (after or before or {})["measure"],
        "before": bounds(before) if before else None,
        "after": bounds(after) if after else None,
        "before_id": before["statistic_id"] if before else None,
        "after_id": after["statistic_id"] if after else None,
    }
