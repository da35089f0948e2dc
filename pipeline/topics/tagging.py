"""Tags a question and answer with topics, each tag with the words that support it.

`topics.toml` defines the topics and the phrases (cues) that are evidence for them; `taxonomy.py` reads it. This code
names no topic. The score of a row for a topic is 1 - product(1 - weight) over the cues found, where each word of the
text counts once; cues with a negative weight then reduce it by their share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.errors import check_argument
from pipeline.topics.phrases import LETTERS, NUMBER, SIGNS, compiled, fold, words_of
from pipeline.topics.taxonomy import FIELDS, Candidate, Cue, Field, FieldCue, Taxonomy, load_taxonomy

if TYPE_CHECKING:
    import pandas as pd

# Characters. A longer question is a letter, in which only the sentences that end in "?" show what is asked. On 1,840
# questions of patients and doctors this removes 15 of 163 tags of the required topics, 13 of them wrong.
LONG_QUESTION = 200
# Rows of a table that are searched together; their bits take 12 MB. Half or twice as many take the same time.
BATCH_ROWS = 4_000
# Texts of a field from which on arrays are used: building them takes .04 s, which arrays save on 500 to 1,300 answers.
WORTH_ARRAYS = 1_000
# Characters on either side of a cue in which its `near` phrase must be, inside the same sentence. On the labelled rows
# 100 to 1,000 give the same micro F1, 50 gives .007 less.
NEAR = 200
DIGITS = re.compile(r"[0-9]+")
SENTENCE_END = re.compile(r"[.?!]['\")\]]*[ \t\r\n]|\n")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One cue found: `text` is at `start:end` (code points, end exclusive) of the question or answer as given."""

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


class Found(NamedTuple):
    """A cue and its position in a text."""

    cue: Cue
    start: int
    end: int
    weight: float


# The fields of `TopicTag`, its evidence as dicts.
_Tag = tuple[str, float, bool, list[dict[str, Any]]]
# The cues of a text by topic: keys are indexes into `Taxonomy.topics`, ascending.
FoundByTopic = dict[int, list[Found]]


def tag_topics(question: str | None, answer: str | None, taxonomy: Taxonomy | None = None) -> list[TopicTag]:
    """The topics of a cleaned question and answer, by name; None for a missing part.

    >>> [tag.topic for tag in tag_topics("How much does the visit cost?", "Please call us.")]
    ['cost']
    """
    for name, text in (("question", question), ("answer", answer)):
        check_argument(name, text, str | None, "text or None")
    taxonomy = taxonomy or load_taxonomy()
    texts = question or "", answer or ""
    found = [_cues_of(taxonomy, field, text) for field, text in zip(FIELDS, texts, strict=True)]
    return [
        TopicTag(topic, score, needs_review, tuple(Evidence(**item) for item in evidence))
        for topic, score, needs_review, evidence in _tags(taxonomy, texts, found)
    ]


def tag_table(qa: pd.DataFrame, taxonomy: Taxonomy | None = None) -> pd.DataFrame:
    """One row for each tag of `qa` (`qa_id`, `question`, `answer`), in the order of `qa`, then by topic.

    `qa_id`, `topic`, `score`, `needs_review`, `evidence` (list of dicts: field, start, end, text, cue, weight).
    Each row gets the tags that `tag_topics` gives it; null is a missing question or answer.
    """
    import pandas as pd

    columns = {name: qa[name].tolist() for name in ("qa_id", *FIELDS)}
    return pd.DataFrame(tag_rows(columns, taxonomy or load_taxonomy()), columns=TAG_COLUMNS)


TAG_COLUMNS = ("qa_id", "topic", "score", "needs_review", "evidence")


def tag_rows(qa: Mapping[str, Sequence[object]], taxonomy: Taxonomy) -> list[tuple[object, ...]]:
    """The rows of `tag_table`; `qa` by column."""
    ids, *texts = (qa[name] for name in ("qa_id", *FIELDS))
    rows: list[tuple[object, ...]] = []
    for start in range(0, len(ids), BATCH_ROWS):
        batch = slice(start, start + BATCH_ROWS)
        some = [[_text(value) for value in of_field[batch]] for of_field in texts]
        found = [find_cues(taxonomy, field, of_field) for field, of_field in zip(FIELDS, some, strict=True)]
        for qa_id, row, in_row in zip(ids[batch], zip(*some, strict=True), zip(*found, strict=True), strict=True):
            if any(in_row):
                rows += [(qa_id, *tag) for tag in _tags(taxonomy, row, in_row)]
    return rows


def build_prefilters(taxonomy: Taxonomy) -> None:
    """Build what tagging many rows needs (a tenth of a second), before worker processes are forked."""
    from pipeline.topics.prefilter import prefilter

    for field in FIELDS:
        prefilter(taxonomy, field)


def topic_table(taxonomy: Taxonomy | None = None) -> pd.DataFrame:
    """One row for each topic of the taxonomy: `topic`, `title`, `description`, `required`, `taxonomy_version`."""
    import pandas as pd

    return pd.DataFrame(topic_rows(taxonomy or load_taxonomy()))


def topic_rows(taxonomy: Taxonomy) -> list[dict[str, object]]:
    """The rows of `topic_table`."""
    return [
        {
            "topic": topic.name,
            "title": topic.title,
            "description": topic.description,
            "required": topic.required,
            "taxonomy_version": taxonomy.version,
        }
        for topic in taxonomy.topics
    ]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


# ---------------------------------------------------------------- one row


def _tags(taxonomy: Taxonomy, texts: Sequence[str], found: Sequence[FoundByTopic]) -> Iterator[_Tag]:
    """The tags of a row, from its question and answer and the cues found in them."""
    for index in sorted(set().union(*found)):
        topic = taxonomy.topics[index]
        counted = [effective_cues(by_topic[index]) if index in by_topic else () for by_topic in found]
        score = score_of([item.weight for of_field in counted for item in of_field])
        if score >= topic.review:
            evidence = [
                {
                    "field": field,
                    "start": start,
                    "end": end,
                    "text": text[start:end],
                    "cue": cue.phrase,
                    "weight": weight,
                }
                for field, text, of_field in zip(FIELDS, texts, counted, strict=True)
                for cue, start, end, weight in of_field
            ]
            yield topic.name, score, score < topic.threshold, evidence


def score_of(weights: Iterable[float]) -> float:
    """1 - product(1 - weight) over the positive weights, reduced by the share of each negative one.

    >>> score_of([0.5, 0.5]), score_of([0.5, 0.5, -0.4])
    (0.75, 0.45)
    """
    missing = share = 1.0
    for weight in weights:
        if weight > 0:
            missing *= 1 - weight
        else:
            share *= 1 + weight
    return round((1 - missing) * share, 4)


def find_cues(taxonomy: Taxonomy, field: Field, texts: Sequence[str]) -> list[FoundByTopic]:
    """The cues of each text by topic, overlapping ones included; equal texts share one result."""
    distinct = list(dict.fromkeys(texts))
    find = find_by_arrays if len(distinct) >= WORTH_ARRAYS else find_by_rows
    by_text = dict(zip(distinct, find(taxonomy, field, distinct), strict=True))
    return [by_text[text] for text in texts]


def find_by_arrays(taxonomy: Taxonomy, field: Field, texts: Sequence[str]) -> list[FoundByTopic]:
    """`find_cues` for many texts."""
    from pipeline.topics.prefilter import prefilter

    folded = [_searched_text(field, text) for text in texts]
    return _found(taxonomy.field_cues[field], folded, prefilter(taxonomy, field).candidates(folded))


def find_by_rows(taxonomy: Taxonomy, field: Field, texts: Sequence[str]) -> list[FoundByTopic]:
    """`find_cues` for few texts."""
    return [_cues_of(taxonomy, field, text) for text in texts]


def _cues_of(taxonomy: Taxonomy, field: Field, text: str) -> FoundByTopic:
    """`find_cues` for one text: sets of words take a tenth of the time that arrays need to be built."""
    folded = _searched_text(field, text)
    words = words_of(folded)
    field_cues, index = taxonomy.field_cues[field], taxonomy.index[field]
    candidates = []
    for number in sorted({number for word in words & index.keys() for number in index[word]}):
        cue = field_cues[number].cue
        if not any(map(words.isdisjoint, cue.needs)):
            starts = _starts(cue, folded, words)
            candidates.append(Candidate(number, [0] * len(starts), starts))
    return _found(field_cues, [folded], candidates)[0]


def _found(field_cues: Sequence[FieldCue], folded: list[str], candidates: Iterable[Candidate]) -> list[FoundByTopic]:
    """The candidates that are in each text, by topic, after the topic's masks are blanked."""
    found: list[FoundByTopic] = [{} for _ in folded]
    for topic, of_topic in groupby(candidates, lambda candidate: field_cues[candidate.number].topic):
        texts = folded.copy()
        for candidate in of_topic:
            _, cue, weight = field_cues[candidate.number]
            if weight:
                for text, start, end in _first_matches(cue, texts, candidate):
                    found[text].setdefault(topic, []).append(Found(cue, start, end, weight))
            else:
                _mask(cue, texts, candidate)
    return found


def _searched_text(field: Field, text: str) -> str:
    folded = fold(text)
    return _blank_statements(folded) if field == "question" and len(folded) > LONG_QUESTION else folded


def _blank_statements(question: str) -> str:
    """The question with all sentences blanked that do not end in "?"; unchanged when none does.

    >>> _blank_statements("i was ill. what does it cost?").strip(chr(0))
    'what does it cost?'
    """
    if "?" not in question:
        return question
    ends = [0, *(stop.end() for stop in SENTENCE_END.finditer(question)), len(question)]
    sentences = [question[start:end] for start, end in pairwise(ends)]
    return "".join(text if text.rstrip(" \t\r\n'\")]").endswith("?") else "\0" * len(text) for text in sentences)


def _mask(mask: Cue, texts: list[str], candidate: Candidate) -> None:
    """Blank the mask in the candidate's texts. No new match can arise: masks begin and end at word boundaries."""
    for number in set(candidate.texts):
        texts[number] = mask.pattern.sub(lambda found: "\0" * len(found[0]), texts[number])


def _first_matches(cue: Cue, texts: Sequence[str], candidate: Candidate) -> Iterator[tuple[int, int, int]]:
    """The first match of the cue (close to its `near` phrase, if it has one) in each text: text, start, end.

    Trying only the candidate's positions is ten times faster than searching the texts.
    """
    match = cue.pattern.match
    done = -1
    for number, start in zip(candidate.texts, candidate.starts, strict=True):
        if number != done and (found := match(texts[number], start)):
            end = found.end()
            if cue.near is None or compiled(cue.near).search(texts[number], *_near_span(texts[number], start, end)):
                yield number, start, end
                done = number


def _starts(cue: Cue, folded: str, words: frozenset[bytes]) -> list[int]:
    """The positions where the cue can begin, ascending."""
    starts: list[int] = []
    for word in cue.starts & words:
        if word == NUMBER:
            starts.extend(found.start() for found in DIGITS.finditer(folded))
            continue
        text = word.decode()
        at = folded.find(text)
        while at >= 0:
            if text in SIGNS or folded[at - 1 : at] not in LETTERS:
                starts.append(at)
            at = folded.find(text, at + 1)
    starts.sort()
    return starts


def _near_span(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around a span, at most `NEAR` characters to either side of it."""
    first = max(0, start - NEAR)
    for stop in SENTENCE_END.finditer(text, first, start):
        first = stop.end()
    stop_after = SENTENCE_END.search(text, end, end + NEAR)
    return first, stop_after.start() if stop_after else end + NEAR


def effective_cues(found: list[Found]) -> list[Found]:
    """The cues that count, in text order: of overlapping ones the heaviest, then longest, then first.

    All cues with a negative weight count.
    """
    if len(found) < 2:
        return found
    chosen: list[Found] = []
    for item in sorted(found, key=lambda item: (-item.weight, item.start - item.end, item.start, item.cue.phrase)):
        if item.weight < 0 or all(item.end <= other.start or other.end <= item.start for other in chosen):
            chosen.append(item)
    return sorted(chosen, key=lambda item: (item.start, item.end, item.cue.phrase))
