"""Question and answer -> topic tags, each with the words that earned it.

What a topic is, and which phrases (cues) speak for it, stands in `topics.toml`; `taxonomy.py` reads it. No topic is
known here by name. The score of a row for a topic is 1 - product(1 - weight) over the cues found, each word of the text
counting once; cues of negative weight then take their share away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.topics.phrases import LETTERS, NUMBER, SIGNS, compiled, fold, words_of
from pipeline.topics.taxonomy import FIELDS, Candidate, Cue, Field, Sought, Taxonomy, load_taxonomy

if TYPE_CHECKING:
    import pandas as pd

# Characters. A longer question is a letter, and only the sentences of it that ask say what it asks about. On 1,840
# questions of patients and doctors this takes away 15 of 163 tags of the required topics, 13 of them wrong.
LONG_QUESTION = 200
# Rows of a table looked at together; their bits take 12 MB. Half or twice as many take the same time.
AT_ONCE = 4_000
# Texts of a field. To get going with arrays takes as long as 1,000 rows one by one take longer (.2 s).
WORTH_ARRAYS = 1_000
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


class Found(NamedTuple):
    """A cue of some topic and where it stands in a text."""

    cue: Cue
    start: int
    end: int
    weight: float


# The fields of `TopicTag`, its evidence as dicts.
_Tag = tuple[str, float, bool, list[dict[str, Any]]]
# All that a text holds for each topic, by the topic's place, ascending.
FoundByTopic = dict[int, list[Found]]


def tag_topics(question: str | None, answer: str | None, taxonomy: Taxonomy | None = None) -> list[TopicTag]:
    """The topics of a cleaned question and answer, by name; None is a part that is not there.

    >>> [tag.topic for tag in tag_topics("How much does the visit cost?", "Please call us.")]
    ['cost']
    """
    taxonomy = taxonomy or load_taxonomy()
    texts = question or "", answer or ""
    found = [_cues_of(taxonomy, field, text) for field, text in zip(FIELDS, texts, strict=True)]
    return [
        TopicTag(topic, score, needs_review, tuple(Evidence(**item) for item in evidence))
        for topic, score, needs_review, evidence in _tags(taxonomy, texts, found)
    ]


def tag_table(qa: pd.DataFrame, taxonomy: Taxonomy | None = None) -> pd.DataFrame:
    """One row for each tag of `qa` (`qa_id`, `question`, `answer`), in its order, then by topic.

    `qa_id`, `topic`, `score`, `needs_review`, `evidence` (list of dicts: field, start, end, text, cue, weight).
    Each row is tagged as `tag_topics` tags it; a null question or answer is one that is not there.
    """
    import pandas as pd

    taxonomy = taxonomy or load_taxonomy()
    ids, *texts = (qa[name].to_numpy(dtype=object) for name in ("qa_id", *FIELDS))
    rows: list[tuple[object, ...]] = []
    for start in range(0, len(qa), AT_ONCE):
        batch = slice(start, start + AT_ONCE)
        some = [[_text(value) for value in of_field[batch]] for of_field in texts]
        found = [find_cues(taxonomy, field, of_field) for field, of_field in zip(FIELDS, some, strict=True)]
        for qa_id, row, in_row in zip(ids[batch], zip(*some, strict=True), zip(*found, strict=True), strict=True):
            if any(in_row):
                rows += [(qa_id, *tag) for tag in _tags(taxonomy, row, in_row)]
    return pd.DataFrame(rows, columns=["qa_id", "topic", "score", "needs_review", "evidence"])


def get_ready(taxonomy: Taxonomy) -> None:
    """Make what the tagging of many rows needs, half a second of work, before other processes part from this one."""
    from pipeline.topics.prefilter import prefilter

    for field in FIELDS:
        prefilter(taxonomy, field)


def topic_table(taxonomy: Taxonomy | None = None) -> pd.DataFrame:
    """One row for each topic known: `topic`, `title`, `description`, `required`, `taxonomy_version`."""
    import pandas as pd

    taxonomy = taxonomy or load_taxonomy()
    rows = [(topic.name, topic.title, topic.description, topic.required, taxonomy.version) for topic in taxonomy.topics]
    return pd.DataFrame(rows, columns=["topic", "title", "description", "required", "taxonomy_version"])


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


# ---------------------------------------------------------------- one row


def _tags(taxonomy: Taxonomy, texts: Sequence[str], found: Sequence[FoundByTopic]) -> Iterator[_Tag]:
    """The tags of a row, from its question and answer and what was found in them."""
    for place in sorted(set().union(*found)):
        topic = taxonomy.topics[place]
        counted = [counting(by_topic[place]) if place in by_topic else () for by_topic in found]
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
    """1 - product(1 - weight) over the positive weights, less the share that each negative one takes.

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
    """For each text what it holds for each topic, also cues that overlap; equal texts share what they hold."""
    distinct = list(dict.fromkeys(texts))
    find = find_by_arrays if len(distinct) >= WORTH_ARRAYS else find_by_rows
    by_text = dict(zip(distinct, find(taxonomy, field, distinct), strict=True))
    return [by_text[text] for text in texts]


def find_by_arrays(taxonomy: Taxonomy, field: Field, texts: Sequence[str]) -> list[FoundByTopic]:
    """`find_cues` for many texts."""
    from pipeline.topics.prefilter import prefilter

    folded = [_folded(field, text) for text in texts]
    return _found(taxonomy.sought[field], folded, prefilter(taxonomy, field).candidates(folded))


def find_by_rows(taxonomy: Taxonomy, field: Field, texts: Sequence[str]) -> list[FoundByTopic]:
    """`find_cues` for few texts."""
    return [_cues_of(taxonomy, field, text) for text in texts]


def _cues_of(taxonomy: Taxonomy, field: Field, text: str) -> FoundByTopic:
    """`find_cues` for one text: sets of words take a tenth of the time that arrays need to get going."""
    folded = _folded(field, text)
    words = words_of(folded)
    sought, index = taxonomy.sought[field], taxonomy.index[field]
    candidates = []
    for place in sorted({place for word in words & index.keys() for place in index[word]}):
        cue = sought[place].cue
        if not any(map(words.isdisjoint, cue.needs)):
            starts = _starts(cue, folded, words)
            candidates.append(Candidate(place, [0] * len(starts), starts))
    return _found(sought, [folded], candidates)[0]


def _found(sought: Sequence[Sought], folded: list[str], candidates: Iterable[Candidate]) -> list[FoundByTopic]:
    """For each text what of the candidates, by topic, stands in it once the topic's masks are blanked."""
    found: list[FoundByTopic] = [{} for _ in folded]
    for topic, of_topic in groupby(candidates, lambda candidate: sought[candidate.place].topic):
        texts = folded.copy()
        for candidate in of_topic:
            _, cue, weight = sought[candidate.place]
            if weight:
                for number, start, end in _find(cue, texts, candidate):
                    found[number].setdefault(topic, []).append(Found(cue, start, end, weight))
            else:
                _mask(cue, texts, candidate)
    return found


def _folded(field: Field, text: str) -> str:
    folded = fold(text)
    return _asking(folded) if field == "question" and len(folded) > LONG_QUESTION else folded


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


def _mask(mask: Cue, texts: list[str], candidate: Candidate) -> None:
    """Blank the mask in the candidate's texts. That makes no new match: masks begin and end where words do."""
    for number in set(candidate.texts):
        texts[number] = mask.pattern.sub(lambda found: "\0" * len(found[0]), texts[number])


def _find(cue: Cue, texts: Sequence[str], candidate: Candidate) -> Iterator[tuple[int, int, int]]:
    """Where the cue first stands (near what it must be near) in each text that holds it: text, start, end.

    To try the candidate's places only is ten times faster than to search the texts.
    """
    match = cue.pattern.match
    done = -1
    for number, start in zip(candidate.texts, candidate.starts, strict=True):
        if number != done and (found := match(texts[number], start)):
            end = found.end()
            if cue.near is None or compiled(cue.near).search(texts[number], *_sentence(texts[number], start, end)):
                yield number, start, end
                done = number


def _starts(cue: Cue, folded: str, words: frozenset[bytes]) -> list[int]:
    """Where the cue can begin, ascending."""
    starts: list[int] = []
    for word in cue.starts & words:
        if word == NUMBER:
            starts.extend(found.start() for found in DIGITS.finditer(folded))
            continue
        sought = word.decode()
        at = folded.find(sought)
        while at >= 0:
            if sought in SIGNS or folded[at - 1 : at] not in LETTERS:
                starts.append(at)
            at = folded.find(sought, at + 1)
    starts.sort()
    return starts


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around a span, at most `NEAR` characters to either side of it."""
    first = max(0, start - NEAR)
    for stop in SENTENCE_END.finditer(text, first, start):
        first = stop.end()
    stop_after = SENTENCE_END.search(text, end, end + NEAR)
    return first, stop_after.start() if stop_after else end + NEAR


def counting(found: list[Found]) -> list[Found]:
    """In text order; of cues that overlap only the heaviest, then longest, then first. Cues against stay all."""
    if len(found) < 2:
        return found
    kept: list[Found] = []
    for item in sorted(found, key=lambda item: (-item.weight, item.start - item.end, item.start, item.cue.phrase)):
        if item.weight < 0 or all(item.end <= other.start or other.end <= item.start for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda item: (item.start, item.end, item.cue.phrase))
