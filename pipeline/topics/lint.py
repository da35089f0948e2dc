"""Checks a taxonomy: runs its examples as tests, and counts what each cue does on the published rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pipeline.errors import many
from pipeline.topics.tagging import Found, effective_cues, find_cues, score_of, tag_topics
from pipeline.topics.taxonomy import FIELDS, Cue, Example, Taxonomy, load_taxonomy

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["", "dead", "covered", "disputed"]
# Fewer rows say nothing about a cue.
ENOUGH_ROWS = 3


@dataclass(frozen=True, slots=True)
class LintFailure:
    """An example of the taxonomy that does not get its topic ("missed"), or a counter-example that does ("stray")."""

    topic: str
    problem: Literal["missed", "stray"]
    example: Example
    score: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        what = "example without its tag" if self.problem == "missed" else "counter-example that is tagged"
        return f"{self.topic}: {what}, score {self.score:.2f}: {self.example.question!r} {self.example.answer!r}"


@dataclass(frozen=True, slots=True)
class CueUse:
    """What one cue does on the rows of a table.

    `rows`: rows in which it is found; of these, `alone`: it is the only cue for its topic; `with_others`: others are
    found too; `covered`: a heavier cue on the same words counts instead, mostly `covered_by`; `disputed`: cues disagree
    (for a cue for the topic, a cue against it is found; for a cue against it, the row is tagged all the same).
    """

    topic: str
    cue: str
    question: float
    answer: float
    rows: int
    alone: int
    with_others: int
    covered: int
    covered_by: str | None
    disputed: int

    @property
    def verdict(self) -> Verdict:
        """Dead: found nowhere; covered: never counts; disputed: other cues mostly disagree.

        The last two need at least `ENOUGH_ROWS` rows.
        """
        if self.rows < ENOUGH_ROWS:
            return "" if self.rows else "dead"
        if self.covered == self.rows:
            return "covered"
        return "disputed" if 2 * self.disputed > self.rows else ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**asdict(self), "verdict": self.verdict}


@dataclass
class _Tally:
    rows: int = 0
    alone: int = 0
    disputed: int = 0
    covered: int = 0
    covered_by: Counter[str] = field(default_factory=Counter)


def lint_taxonomy(taxonomy: Taxonomy | None = None) -> list[LintFailure]:
    """The taxonomy's examples that are not tagged as it says, by topic."""
    taxonomy = taxonomy or load_taxonomy()
    failures = []
    for topic in taxonomy.topics:
        for example in topic.examples:
            tags = tag_topics(example.question, example.answer, taxonomy)
            score = next((tag.score for tag in tags if tag.topic == topic.name), 0.0)
            if (score >= topic.threshold) != example.has_topic:
                failures.append(LintFailure(topic.name, "missed" if example.has_topic else "stray", example, score))
    return failures


def cue_uses(qa: pd.DataFrame, taxonomy: Taxonomy) -> list[CueUse]:
    """What each cue does on the rows of `qa` (question, answer), in the taxonomy's order."""
    tallies: dict[tuple[int, int], _Tally] = defaultdict(_Tally)
    for topic_index, found in _cues_by_row_and_topic(qa, taxonomy):
        _tally(taxonomy, topic_index, found, tallies)
    return [
        _use(topic.name, cue, tallies.get((index, id(cue)), _Tally()))
        for index, topic in enumerate(taxonomy.topics)
        for cue in topic.cues
    ]


def _cues_by_row_and_topic(qa: pd.DataFrame, taxonomy: Taxonomy) -> Iterator[tuple[int, list[list[Found]]]]:
    """For each row and topic (its index) all cues found, as one list for the question and one for the answer."""
    texts = {name: [value if isinstance(value, str) else "" for value in qa[name]] for name in FIELDS}
    for by_field in zip(*(find_cues(taxonomy, name, texts[name]) for name in FIELDS), strict=True):
        by_topic: dict[int, list[list[Found]]] = {}
        for found in by_field:
            for topic, cues in found.items():
                by_topic.setdefault(topic, []).append(cues)
        yield from by_topic.items()


def _tally(
    taxonomy: Taxonomy, topic: int, by_field: Sequence[list[Found]], tallies: dict[tuple[int, int], _Tally]
) -> None:
    """Count what the cues of one topic do in one row."""
    counted = [item for found in by_field for item in effective_cues(found)]
    is_tagged = score_of(item.weight for item in counted) >= taxonomy.topics[topic].threshold
    fired = {id(item.cue): item for found in by_field for item in found}
    for_it = [key for key, item in fired.items() if item.weight > 0]
    has_against = len(for_it) < len(fired)
    counting_cues = {id(item.cue) for item in counted}
    for key, item in fired.items():
        tally = tallies[topic, key]
        tally.rows += 1
        tally.alone += for_it == [key]
        tally.disputed += has_against if item.weight > 0 else is_tagged
        if key not in counting_cues:
            tally.covered += 1
            tally.covered_by.update(_covering(item, by_field, counted))


def _covering(item: Found, by_field: Sequence[list[Found]], counted: Sequence[Found]) -> set[str]:
    """The cues that count instead of this one, in the same field."""
    own = next(found for found in by_field if item in found)
    over = [other for other in counted if other in own and item.start < other.end and other.start < item.end]
    return {other.cue.phrase for other in over}


def _use(topic: str, cue: Cue, tally: _Tally) -> CueUse:
    return CueUse(
        topic=topic,
        cue=cue.phrase,
        question=cue.question,
        answer=cue.answer,
        rows=tally.rows,
        alone=tally.alone,
        with_others=tally.rows - tally.alone,
        covered=tally.covered,
        covered_by=max(tally.covered_by, key=lambda phrase: (tally.covered_by[phrase], phrase), default=None),
        disputed=tally.disputed,
    )


def lint_report(taxonomy: Taxonomy, failures: Sequence[LintFailure], uses: Sequence[CueUse], rows: int) -> str:
    """The result of a lint as text: the examples that fail, then the cues to check."""
    examples = sum(len(topic.examples) for topic in taxonomy.topics)
    by_verdict: Mapping[str, list[CueUse]] = defaultdict(list)
    for use in uses:
        by_verdict[use.verdict].append(use)
    lines = [f"{examples - len(failures)} of {examples} examples pass, taxonomy {taxonomy.version}"]
    lines += [f"  FAILS  {failure}" for failure in failures]
    lines += [f"{many(len(uses), 'cue')} on {many(rows, 'row')} of qa"]
    lines += _listed("disputed: other cues mostly disagree", by_verdict["disputed"], _disputed)
    lines += _listed("covered: a heavier cue always counts instead", by_verdict["covered"], _covered)
    lines += _listed("dead: found in no row", by_verdict["dead"], lambda use: "")
    return "\n".join(lines)


def _listed(title: str, uses: Sequence[CueUse], note: Any, most: int = 15) -> list[str]:
    shown = [f"  {use.topic}: {use.cue}{note(use)}" for use in uses[:most]]
    more = [f"  and {len(uses) - most:,} more: --json lists them all"] if len(uses) > most else []
    return [f"{len(uses):,} {title}", *shown, *more]


def _disputed(use: CueUse) -> str:
    return f"  ({use.disputed:,} of {many(use.rows, 'row')}, {use.alone:,} alone)"


def _covered(use: CueUse) -> str:
    return f"  ({many(use.rows, 'row')}, by {use.covered_by})"
