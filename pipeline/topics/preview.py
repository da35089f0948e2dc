"""Compares two taggings of the same rows: which rows gain or lose which tag, and the words that decide it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from pipeline.errors import many
from pipeline.storage.frames import records
from pipeline.topics.tagging import tag_table

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.topics.taxonomy import Taxonomy

State = Literal["none", "review", "tagged"]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TagChange:
    """A topic whose state changes for a row: "none", "review" (below the threshold) or "tagged".

    `found` and `lost` are the items of evidence that only the new and only the old tags have, as in `qa_topics`.
    """

    qa_id: str
    question: str
    topic: str
    before: State
    after: State
    score_before: float
    score_after: float
    found: tuple[Row, ...]
    lost: tuple[Row, ...]

    @property
    def is_gained(self) -> bool:
        return self.after == "tagged"

    @property
    def is_lost(self) -> bool:
        return self.before == "tagged"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        why = [*(f"+ {_quoted(item)}" for item in self.found), *(f"- {_quoted(item)}" for item in self.lost)]
        head = (
            f"{self.qa_id}  {self.topic}: {self.before} {self.score_before:.2f} -> {self.after} {self.score_after:.2f}"
        )
        return "\n".join([head, f"    {self.question}", *(f"    {reason}" for reason in why)])


def preview(qa: pd.DataFrame, qa_topics: pd.DataFrame, taxonomy: Taxonomy) -> list[TagChange]:
    """What tagging `qa` with another taxonomy changes in its `qa_topics`, in order of topic and row.

    A tag of which only the score changes is left out.
    """
    after = tag_table(qa[["qa_id", "question", "answer"]], taxonomy)
    return changes_of_tag_states(qa, qa_topics, after)


def changes_of_tag_states(qa: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> list[TagChange]:
    """The tags of `qa` that differ between two tables shaped like `qa_topics`, in order of topic and row."""
    old, new = _by_tag(before), _by_tag(after)
    question_of = dict(zip(qa["qa_id"], qa["question"], strict=True))
    return [
        _change(qa_id, question_of[qa_id], topic, old.get((topic, qa_id), {}), new.get((topic, qa_id), {}))
        for topic, qa_id in sorted(old.keys() | new.keys())
        if _state(old.get((topic, qa_id), {})) != _state(new.get((topic, qa_id), {}))
    ]


def count_sentence(changes: Sequence[TagChange]) -> str:
    """The numbers of tags gained and lost, as text.

    >>> count_sentence([])
    '0 tags gained, 0 lost, 0 to be reviewed'
    """
    gained, lost = (sum(map(test, changes)) for test in (lambda c: c.is_gained, lambda c: c.is_lost))
    return f"{many(gained, 'tag')} gained, {lost:,} lost, {sum(c.after == 'review' for c in changes):,} to be reviewed"


def _by_tag(table: pd.DataFrame) -> dict[tuple[str, str], Row]:
    return {(row["topic"], row["qa_id"]): row for row in records(table)}


def _state(tag: Row) -> State:
    if not tag:
        return "none"
    return "review" if tag["needs_review"] else "tagged"


def _change(qa_id: str, question: str, topic: str, old: Row, new: Row) -> TagChange:
    return TagChange(
        qa_id=qa_id,
        question=question,
        topic=topic,
        before=_state(old),
        after=_state(new),
        score_before=old.get("score", 0.0),
        score_after=new.get("score", 0.0),
        found=_without(new.get("evidence", ()), old.get("evidence", ())),
        lost=_without(old.get("evidence", ()), new.get("evidence", ())),
    )


def _without(some: Iterable[Row], others: Iterable[Row]) -> tuple[Row, ...]:
    known = [dict(item) for item in others]
    return tuple(dict(item) for item in some if dict(item) not in known)


def _quoted(item: Row) -> str:
    return f"“{item['text']}” ({item['field']} {item['start']}:{item['end']}, cue {item['cue']}, {item['weight']:+g})"
