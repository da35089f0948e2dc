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
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from pipeline.phrases import LETTERS, NUMBER, SIGNS, compiled, fold, words_of
from pipeline.taxonomy import Cue, Field, Sought, Taxonomy, load_taxonomy

if TYPE_CHECKING:
    import pandas as pd

# Characters. A longer question is a letter, and only the sentences of it that ask say what it asks about. On 1,840
# questions of patients and doctors this takes away 15 of 163 tags of the required topics, 13 of them wrong.
LONG_QUESTION = 200
# Rows of a table looked at together; their bits take 25 MB. Half or twice as many take the same time.
AT_ONCE = 8_000
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


class _Tag(NamedTuple):
    """A `TopicTag` in plain values; its evidence are the values of `Evidence`, in order."""

    topic: str
    score: float
    needs_review: bool
    evidence: list[_Quoted]


_Quoted = tuple[Field, int, int, str, str, float]
_ByTopic = list[tuple[int, list[_Quoted]]]


def tag_topics(question: str | None, answer: str | None, taxonomy: Taxonomy | None = None) -> list[TopicTag]:
    """The topics of a cleaned question and answer, by name; None is a part that is not there.

    >>> [tag.topic for tag in tag_topics("How much does the visit cost?", "Please call us.")]
    ['cost']
    """
    taxonomy = taxonomy or load_taxonomy()
    quoted = [*_evidence(taxonomy, "question", question or ""), *_evidence(taxonomy, "answer", answer or "")]
    return [
        TopicTag(topic, score, needs_review, tuple(Evidence(*item) for item in evidence))
        for topic, score, needs_review, evidence in _tags(taxonomy, quoted)
    ]


def tag_table(qa: pd.DataFrame, taxonomy: Taxonomy | None = None) -> pd.DataFrame:
    """One row for each tag of `qa` (`qa_id`, `question`, `answer`), in its order, then by topic.

    `qa_id`, `topic`, `score`, `needs_review`, `evidence` (list of dicts: field, start, end, text, cue, weight).
    Each row is tagged as `tag_topics` tags it; a null question or answer is one that is not there.
    """
    import pandas as pd

    taxonomy = taxonomy or load_taxonomy()
    ids, questions, answers = (qa[name].to_numpy(dtype=object) for name in ("qa_id", "question", "answer"))
    rows: list[tuple[object, ...]] = []
    for start in range(0, len(qa), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        in_questions = _evidence_of_all(taxonomy, "question", list(map(_text, questions[some])))
        in_answers = _evidence_of_all(taxonomy, "answer", list(map(_text, answers[some])))
        for qa_id, in_question, in_answer in zip(ids[some], in_questions, in_answers, strict=True):
            if in_question or in_answer:
                rows += [
                    (qa_id, topic, score, needs_review, [_as_dict(*item) for item in evidence])
                    for topic, score, needs_review, evidence in _tags(taxonomy, [*in_question, *in_answer])
                ]
    return pd.DataFrame(rows, columns=["qa_id", "topic", "score", "needs_review", "evidence"])


def topic_table(taxonomy: Taxonomy | None = None) -> pd.DataFrame:
    """One row for each topic known: `topic`, `title`, `description`, `required`, `taxonomy_version`."""
    import pandas as pd

    taxonomy = taxonomy or load_taxonomy()
    rows = [(topic.name, topic.title, topic.description, topic.required, taxonomy.version) for topic in taxonomy.topics]
    return pd.DataFrame(rows, columns=["topic", "title", "description", "required", "taxonomy_version"])


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _as_dict(field: Field, start: int, end: int, text: str, cue: str, weight: float) -> dict[str, object]:
    return {"field": field, "start": start, "end": end, "text": text, "cue": cue, "weight": weight}


# ---------------------------------------------------------------- one row


def _tags(taxonomy: Taxonomy, quoted: _ByTopic) -> Iterator[_Tag]:
    evidence: dict[int, list[_Quoted]] = {}
    for place, found in quoted:
        evidence[place] = evidence[place] + found if place in evidence else found
    for place, found in sorted(evidence.items()):
        topic = taxonomy.topics[place]
        score = score_of([item[-1] for item in found])
        if score >= topic.review:
            yield _Tag(topic.name, score, score < topic.threshold, found)


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


def _evidence(taxonomy: Taxonomy, field: Field, text: str) -> _ByTopic:
    """For each topic (its place) that a cue in the text speaks for or against: those cues, in text order."""
    folded = _folded(field, text)
    words = words_of(folded)
    index, sought = taxonomy.index[field], taxonomy.sought[field]
    places = sorted({place for word in words & index.keys() for place in index[word]})
    candidates = [sought[place] for place in places if _can_hold(words, sought[place].cue)]
    return _quoted(field, text, _found_by_topic(folded, words, candidates))


def _evidence_of_all(taxonomy: Taxonomy, field: Field, texts: Sequence[str]) -> list[_ByTopic]:
    """`_evidence` of each text; equal ones are looked at once."""
    found = find_cues(taxonomy, field, texts)
    evidence = {text: _quoted(field, text, by_topic) for text, by_topic in found.items()}
    return [evidence.get(text, []) for text in texts]


def find_cues(taxonomy: Taxonomy, field: Field, texts: Iterable[str]) -> dict[str, list[tuple[int, list[Found]]]]:
    """For each text that holds a cue and each topic (its place): all its cues there, also those that overlap."""
    from pipeline.prefilter import prefilter

    sought = taxonomy.sought[field]
    distinct = list(dict.fromkeys(texts))
    folded = [_folded(field, text) for text in distinct]
    candidates = prefilter(taxonomy, field).candidates(folded)
    found = {
        text: _found_by_topic(seen, words_of(seen), [sought[place] for place in places])
        for text, seen, places in zip(distinct, folded, candidates, strict=True)
        if places
    }
    return {text: by_topic for text, by_topic in found.items() if by_topic}


def _folded(field: Field, text: str) -> str:
    folded = fold(text)
    return _asking(folded) if field == "question" and len(folded) > LONG_QUESTION else folded


def _found_by_topic(
    folded: str, words: frozenset[bytes], candidates: Sequence[Sought]
) -> list[tuple[int, list[Found]]]:
    """What of the candidates, by topic, stands in the text; `words` are those of `folded`."""
    by_topic = []
    for place, group in groupby(candidates, attrgetter("topic")):
        masks: list[Sought] = []
        cues: list[Sought] = []
        for item in group:
            (cues if item.weight else masks).append(item)
        found = _find_all(cues, folded, words)
        if found and masks:
            masked = _masked(masks, folded)
            if masked != folded:
                found = _find_all([Sought(place, item.cue, item.weight) for item in found], masked, words)
        if found:
            by_topic.append((place, found))
    return by_topic


def _quoted(field: Field, text: str, by_topic: Iterable[tuple[int, list[Found]]]) -> _ByTopic:
    return [
        (
            place,
            [(field, start, end, text[start:end], cue.phrase, weight) for cue, start, end, weight in counting(found)],
        )
        for place, found in by_topic
    ]


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


def _can_hold(words: frozenset[bytes], cue: Cue) -> bool:
    return not any(map(words.isdisjoint, cue.needs))


def _masked(masks: Iterable[Sought], folded: str) -> str:
    """The text with the masks blanked. Blanking makes no new match: masks begin and end where words do."""
    for mask in masks:
        folded = mask.cue.pattern.sub(lambda found: "\0" * len(found[0]), folded)
    return folded


def _find_all(cues: Iterable[Sought], folded: str, words: frozenset[bytes]) -> list[Found]:
    found = []
    for _, cue, weight in cues:
        span = _find(cue, folded, words)
        if span:
            found.append(Found(cue, *span, weight))
    return found


def _find(cue: Cue, folded: str, words: frozenset[bytes]) -> tuple[int, int] | None:
    """Where the cue first stands (near what it must be near)."""
    match = cue.pattern.match
    for start in _starts(cue, folded, words):
        found = match(folded, start)
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
