"""Question and answer -> topic tags, each with the words that earned it.

What a topic is, and which phrases (cues) speak for it, stands in `topics.toml`; `taxonomy.py` reads it. No topic is
known here by name. The score of a row for a topic is 1 - product(1 - weight) over the cues found, each word of the text
counting once; cues of negative weight then take their share away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, NamedTuple

from pipeline.taxonomy import NUMBER, Cue, Example, Taxonomy, Topic, compiled, fold, load_taxonomy, words_of

if TYPE_CHECKING:
    import pandas as pd

Field = Literal["question", "answer"]

# Characters. A longer question is a letter, and only the sentences of it that ask say what it asks about. On 1,840
# questions of patients and doctors this takes away 15 of 163 tags of the required topics, 13 of them wrong.
LONG_QUESTION = 200
# Characters to either side of a cue in which, inside its sentence, its `near` is looked for. On the labelled rows 100
# to 1,000 give the same micro F1, 50 gives .007 less.
NEAR = 200
DIGITS = re.compile(r"[0-9]+")
SENTENCE_END = re.compile(r"[.?!]['\")\]]*[ \t\r\n]|\n")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One cue found: `text` stands at `start:end` (code points, end exclusive) of the question or answer as given."""

    field: Field
    start: int
    end: int
    text: str
    cue: str
    weight: float


@dataclass(frozen=True, slots=True)
class TopicTag:
    """One topic of a question and answer. `score` is 0 to 1; `needs_review`: below the topic's threshold."""

    topic: str
    score: float
    needs_review: bool
    evidence: tuple[Evidence, ...]


class LintFailure(NamedTuple):
    """An example of the taxonomy that does not get its topic ("missed"), or a counter-example that does ("stray")."""

    topic: str
    problem: Literal["missed", "stray"]
    example: Example
    score: float


class _Found(NamedTuple):
    """A cue and where it stands."""

    cue: Cue
    start: int
    end: int
    weight: float


def tag_topics(question: str | None, answer: str | None, taxonomy: Taxonomy | None = None) -> list[TopicTag]:
    """The topics of a cleaned question and answer, by name; None is a part that is not there.

    >>> [tag.topic for tag in tag_topics("How much does the visit cost?", "Please call us.")]
    ['cost']
    """
    return list(_tags(taxonomy or load_taxonomy(), question or "", answer or ""))


def tag_table(qa: pd.DataFrame, taxonomy: Taxonomy | None = None) -> pd.DataFrame:
    """One row for each tag of `qa` (`qa_id`, `question`, `answer`), in its order, then by topic.

    `qa_id`, `topic`, `score`, `needs_review`, `evidence` (list of dicts: field, start, end, text, cue, weight).
    Each row is tagged as `tag_topics` tags it; a null question or answer is one that is not there.
    """
    import pandas as pd

    taxonomy = taxonomy or load_taxonomy()
    rows = [
        (qa_id, tag.topic, tag.score, tag.needs_review, [_as_dict(evidence) for evidence in tag.evidence])
        for qa_id, question, answer in zip(qa["qa_id"], qa["question"], qa["answer"], strict=True)
        for tag in _tags(taxonomy, _text(question), _text(answer))
    ]
    return pd.DataFrame(rows, columns=["qa_id", "topic", "score", "needs_review", "evidence"])


def topic_table(taxonomy: Taxonomy | None = None) -> pd.DataFrame:
    """One row for each topic known: `topic`, `title`, `description`, `required`, `taxonomy_version`."""
    import pandas as pd

    taxonomy = taxonomy or load_taxonomy()
    rows = [(topic.name, topic.title, topic.description, topic.required, taxonomy.version) for topic in taxonomy.topics]
    return pd.DataFrame(rows, columns=["topic", "title", "description", "required", "taxonomy_version"])


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


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _as_dict(evidence: Evidence) -> dict[str, object]:
    return {
        "field": evidence.field,
        "start": evidence.start,
        "end": evidence.end,
        "text": evidence.text,
        "cue": evidence.cue,
        "weight": evidence.weight,
    }


# ---------------------------------------------------------------- one row


def _tags(taxonomy: Taxonomy, question: str, answer: str) -> Iterator[TopicTag]:
    evidence: dict[int, list[Evidence]] = {}
    for place, found in (*_evidence(taxonomy, "question", question), *_evidence(taxonomy, "answer", answer)):
        evidence.setdefault(place, []).extend(found)
    for place in sorted(evidence):
        topic = taxonomy.topics[place]
        score = _score(item.weight for item in evidence[place])
        if score >= topic.review:
            yield TopicTag(topic.name, score, score < topic.threshold, tuple(evidence[place]))


def _score(weights: Iterable[float]) -> float:
    """1 - product(1 - weight) over the positive weights, less the share that each negative one takes.

    >>> _score([0.5, 0.5]), _score([0.5, 0.5, -0.4])
    (0.75, 0.45)
    """
    missing = share = 1.0
    for weight in weights:
        if weight > 0:
            missing *= 1 - weight
        else:
            share *= 1 + weight
    return round((1 - missing) * share, 4)


def _evidence(taxonomy: Taxonomy, field: Field, text: str) -> Iterator[tuple[int, list[Evidence]]]:
    """For each topic (its place) that a cue in the text speaks for or against: those cues, in text order."""
    folded = fold(text)
    if field == "question" and len(folded) > LONG_QUESTION:
        folded = _asking(folded)
    words = words_of(folded)
    for place, cues in _candidates(taxonomy, field, words):
        topic = taxonomy.topics[place]
        found = _find_all(cues, folded, words, field)
        if found and topic.masks:
            masked = _masked(topic, folded, words)
            if masked != folded:
                found = _find_all([item.cue for item in found], masked, words, field)
        if found:
            yield (
                place,
                [
                    Evidence(field, start, end, text[start:end], cue.phrase, weight)
                    for cue, start, end, weight in _each_word_once(found)
                ],
            )


def _asking(question: str) -> str:
    """The question with the sentences blanked that do not end in "?"; as it is where none does.

    >>> _asking("i was ill. what does it cost?").strip(chr(0))
    'what does it cost?'
    """
    if "?" not in question:
        return question
    ends = [0, *(stop.end() for stop in SENTENCE_END.finditer(question)), len(question)]
    sentences = [question[start:end] for start, end in pairwise(ends)]
    return "".join(text if text.rstrip(" \t\r\n'\")]").endswith("?") else "\0" * len(text) for text in sentences)


def _candidates(taxonomy: Taxonomy, field: Field, words: frozenset[bytes]) -> Iterator[tuple[int, list[Cue]]]:
    """Each topic (its place) with its cues whose needed words are all there, both in the taxonomy's order."""
    index = taxonomy.index[field]
    places = {place for word in words & index.keys() for place in index[word]}
    for topic_place, group in groupby(sorted(places), key=itemgetter(0)):
        topic = taxonomy.topics[topic_place]
        cues = [cue for _, cue_place in group if _can_hold(words, cue := topic.cues[cue_place])]
        if cues:
            yield topic_place, cues


def _can_hold(words: frozenset[bytes], cue: Cue) -> bool:
    return not any(map(words.isdisjoint, cue.needs))


def _masked(topic: Topic, folded: str, words: frozenset[bytes]) -> str:
    """The text with the topic's masks blanked. Blanking makes no new match: masks begin and end where words do."""
    for mask in topic.masks:
        if _can_hold(words, mask):
            folded = mask.pattern.sub(lambda found: "\0" * len(found[0]), folded)
    return folded


def _find_all(cues: list[Cue], folded: str, words: frozenset[bytes], field: Field) -> list[_Found]:
    found = []
    for cue in cues:
        span = _find(cue, folded, words)
        if span:
            found.append(_Found(cue, *span, getattr(cue, field)))
    return found


def _find(cue: Cue, folded: str, words: frozenset[bytes]) -> tuple[int, int] | None:
    """Where the cue first stands (near what it must be near)."""
    for start in _starts(cue, folded, words):
        found = cue.pattern.match(folded, start)
        if found and (cue.near is None or compiled(cue.near).search(folded, *_sentence(folded, *found.span()))):
            return found.span()
    return None


def _starts(cue: Cue, folded: str, words: frozenset[bytes]) -> list[int]:
    """Where the cue can begin, ascending. To try these places only is ten times faster than to search the text."""
    starts: list[int] = []
    for word in cue.starts & words:
        if word == NUMBER:
            starts.extend(found.start() for found in DIGITS.finditer(folded))
            continue
        sought = word.decode()
        at = folded.find(sought)
        while at >= 0:
            starts.append(at)
            at = folded.find(sought, at + 1)
    return sorted(starts)


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around a span, at most `NEAR` characters to either side of it."""
    first = max(0, start - NEAR)
    for stop in SENTENCE_END.finditer(text, first, start):
        first = stop.end()
    stop_after = SENTENCE_END.search(text, end, end + NEAR)
    return first, stop_after.start() if stop_after else end + NEAR


def _each_word_once(found: list[_Found]) -> list[_Found]:
    """In text order; of cues that overlap only the heaviest, then longest, then first. Cues against stay all."""
    kept: list[_Found] = []
    for item in sorted(found, key=lambda item: (-item.weight, item.start - item.end, item.start, item.cue.phrase)):
        if item.weight < 0 or all(item.end <= other.start or other.end <= item.start for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda item: (item.start, item.end, item.cue.phrase))
