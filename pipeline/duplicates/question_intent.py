"""What a question asks, read from the question alone into a normal form: equal forms are equal needs.

The form is the kind of question (how, how long, whether, ...), who acts where it matters, and the set of concepts: the
words that say something, each replaced by the name of its synonyms. Patterns and words are data, in
`question_intent.toml`. Reading is pure: equal keys give equal forms, whatever other questions there are. Source of the
rules: guidelines, section 4 (paraphrased_question).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import Any, NamedTuple

from pipeline.duplicates.question_patterns import Index
from pipeline.text.keys import question_key

__all__ = ["Intent", "concept_lines", "fields", "guards_agree", "read_intent", "settings"]

MOST_WORDS = 40  # a longer question describes a case; it has the need of its own words only
MOST_CHARACTERS = 400
FARTHEST_PARTICLE = 5  # words between a verb and its particle: "bring the red book back"
MOST_UNMATCHED = 1  # concepts of each question that may be two names of one thing, if a model finds the two alike


class Intent(NamedTuple):
    """The normal form of one question.

    kind: what is asked ("how", "how long", "whether", ...); "" for a text in which no question was recognized. actor:
    the party that acts ("insurer"; "they" for the site and for providers); "" for the reader or anybody. classes: each
    concept of the question, by the alphabet, with its class: act, thing, a limiting one (place, plan, family, ...), or
    "" for words that no list has. need_key: equal for questions with the same need, whatever corpus they are in.
    droppable: concepts without which another question may ask the same, if the corpus does not tell the two apart
    (`sql/duplicates/50_needs_by_question.sql`); never words that no list has. limiting: concepts behind a word that
    limits ("for", "if"). light: acts that say nothing beside another act. has_implied_object: a thing was left out
    because it goes without saying.
    """

    kind: str
    actor: str
    classes: Mapping[str, str]
    need_key: str
    droppable: frozenset[str] = frozenset()
    limiting: frozenset[str] = frozenset()
    light: frozenset[str] = frozenset()
    has_implied_object: bool = False

    @property
    def concepts(self) -> frozenset[str]:
        """The concepts of the question."""
        return frozenset(self.classes)


@dataclass(frozen=True)
class Vocabulary:
    """question_intent.toml, ready for use."""

    contractions: Mapping[str, str]
    contraction: re.Pattern[str]
    idioms: Index
    plain: Sequence[tuple[int, str]]
    openings: Index
    kinds: Sequence[str]
    phrases: Mapping[tuple[str, ...], str]
    lengths: Mapping[str, int]
    classes: Mapping[str, str]
    acts: frozenset[str]
    things: frozenset[str]
    words: Mapping[str, frozenset[str]]
    numbers: Mapping[str, str]
    actors: Mapping[str, frozenset[str]]
    rules: Mapping[str, Sequence[Mapping[str, Any]]]
    implied: Mapping[str, Sequence[str]]
    aside: Mapping[str, str]
    light: frozenset[str]
    light_things: frozenset[str]
    weak: Mapping[str, frozenset[str]]
    passing: frozenset[str]


@cache
def fields() -> Mapping[str, str]:
    """For each concept that may be another name of the subject of a corpus, the name of its field."""
    return {name: field[0] for field in settings()["fields"]["of_subject"] for name in field}


@cache
def settings() -> dict[str, Any]:
    """All of question_intent.toml."""
    return tomllib.loads(files("pipeline.duplicates").joinpath("question_intent.toml").read_text(encoding="utf8"))


@cache
def concept_lines() -> Sequence[tuple[str, list[str]]]:
    """Each line of concepts: its class, and its phrases, of which the first names it."""
    return [
        (name, [phrase.strip() for phrase in line.split(",")])
        for name, lines in settings()["concepts"].items()
        for line in lines.replace("|", "\n").split("\n")
        if line.strip()
    ]


@cache
def _vocabulary() -> Vocabulary:
    data = settings()
    phrases = {tuple(phrase.split()): line[0] for _, line in concept_lines() for phrase in line}
    for words, concept in list(phrases.items()):
        if len(words) > 1:  # of a single word, what is listed is the base
            phrases.setdefault(tuple(map(_lemma, words)), concept)
    return Vocabulary(
        contractions=data["contractions"],
        contraction=re.compile("|".join(sorted(map(re.escape, data["contractions"]), key=len, reverse=True))),
        idioms=Index([form for entry in data["idioms"] for form in entry["find"]], data["macros"]),
        plain=[(number, _template(entry["to"])) for number, entry in enumerate(data["idioms"]) for _ in entry["find"]],
        openings=Index(
            [rf"{form}(?:(?<=\s)|(?!\S))" for entry in data["openings"] for form in entry["find"]],
            data["macros"],
            are_openings=True,
        ),
        kinds=[entry["kind"] for entry in data["openings"] for _ in entry["find"]],
        phrases=phrases,
        lengths={words[0]: len(words) for words in sorted(phrases, key=len)},
        classes={line[0]: name for name, line in concept_lines()},
        acts=frozenset(line[0] for name, line in concept_lines() if name == "act"),
        things=frozenset(line[0] for name, line in concept_lines() if name == "thing"),
        words={name: frozenset(data["words"][name].split()) for name in _WORD_LISTS},
        numbers=_pairs(data["words"]["numbers"]),
        actors={name: frozenset(concepts) for name, concepts in data["actors"].items()},
        rules=_rules_by_kind(data["rules"]),
        implied=data["implied"],
        aside=data["aside"],
        light=frozenset(data["light"]["acts"]),
        light_things=frozenset(data["light"]["things"]),
        weak={kind: frozenset(names) for kind, names in data["weak"].items()},
        passing=frozenset(data["passing"]["acts"]),
    )


_READER = frozenset(("my", "me", "mine", "our", "us"))
_FOR_READER = frozenset(("allow", "let", "permit", "recommend", "advise", "suggest"))  # the reader does what follows
_PEOPLE = frozenset(("else", "people", "others", "person"))  # how "someone else" ends, but not "another" or "different"
_WORD_LISTS = ("filler", "house", "negation", "auxiliaries", "particles", "limiting")
_DETERMINERS = frozenset(("a", "an", "the", "my", "your", "our", "his", "her", "their", "this", "that", "one"))
# What a question of these kinds names is what it is about; nothing of it can be left out.
_NAMING = frozenset(("what is", "which", "which can", "better", "difference"))
# A question within the question ("how do you decide what my car is worth?") names what is asked: nothing is left out.
_INNER_QUESTION = frozenset(("what", "which", "who", "whose", "how"))
# Where a question may begin behind a statement ("I have moved. How do I ...?").
_INNER_OPENING = re.compile(
    r"(?<=\s)(?<!\bi )(?<!\bwe )(?<!\byou )(?<!\bthey )(?:how|what|where|why|who|which|can|should"
    r"|(?:is|will|does|do|are|did|was) (?:it|this|that|they|these|those)|(?:is|are) there"
    r"|(?:may|do|am|could|must|will) i|(?:do|could|will|would|are) you)(?!\S)"
)


def _template(plain: str) -> str:
    """A plainer question for `str.format`: {0} is all that a match captured ("..."), {1} and {what} are its groups."""
    return re.sub(r"\\(?:g<(\w+)>|(\d))", r"{\1\2}", plain.replace("...", "{0}"))


def _rules_by_kind(rules: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    ready = [{**rule, "has": frozenset(rule["has"])} for rule in rules]
    kinds = {kind for rule in rules for kind in rule["kind"]}
    return {kind: [rule for rule in ready if kind in rule["kind"]] for kind in kinds}


def _pairs(text: str) -> dict[str, str]:
    return dict(entry.split() for entry in re.split(r"[\n|]", text) if entry.strip())


# ---------------------------------------------------------------------------------------------------- words


@cache
def _bases() -> tuple[frozenset[str], Mapping[str, str], Mapping[str, str]]:
    """The single words of the concepts and of the filler, the bases of irregular forms, and of derived words."""
    listed = {phrase for _, line in concept_lines() for phrase in line if " " not in phrase}
    words = settings()["words"]
    bases = frozenset(listed.union(words["filler"].split()))
    return bases, _pairs(words["irregular"]), _pairs(words["derivations"])


@lru_cache(maxsize=1 << 16)
def _lemma(word: str) -> str:
    """The word without its inflection: a listed base if there is one, else one form for all inflections and spellings.

    >>> [_lemma(word) for word in ["cancelled", "brought", "colours", "normalised"]]
    ['cancel', 'bring', 'color', 'normaliz']
    """
    bases, irregular, derivations = _bases()
    if word in irregular:
        return irregular[word]
    if len(word) <= 3 or not word.isalpha():
        return word
    candidates = [*_candidates(word)]
    found = next((base for base in candidates if base in bases), None)
    if not found and word in derivations:
        return _lemma(derivations[word])
    able = word.removesuffix("able").removesuffix("ible")
    if found or (able != word and able in bases):
        return found or able
    plain = _FIELD.sub(lambda field: field[1] + "y", candidates[0] if candidates else word)
    plain = plain.replace("our", "or").replace("is", "iz").replace("ys", "yz")
    plain = plain.removesuffix("e") if len(plain) > 4 else plain
    plain = plain[:-2] + "er" if plain.endswith("or") and len(plain) > 6 else plain
    return word if plain in bases else plain


_FIELD = re.compile(r"(log|therap|atr|nom|graph)(?:ist|ists)$")  # who does it, and what is done


_VOWELS = frozenset("aeiouy")


def _candidates(word: str) -> Iterator[str]:
    """What a word may be an inflection of, the likeliest first."""
    if word.endswith(("ies", "ied")) and len(word) > 4:
        yield word[:-3] + "y"
    for ending in ("ing", "ed", "es", "s"):
        base = word.removesuffix(ending)
        if base == word or len(base) < 3 or word.endswith("eed") or _VOWELS.isdisjoint(base):
            continue
        if ending == "s":
            if not word.endswith(("ss", "us", "is")):
                yield base
        elif ending == "es":
            yield from (base, base + "e") if base.endswith(("s", "x", "z", "ch", "sh")) else (base + "e", base)
        else:
            yield from _unstretched(base)


def _unstretched(base: str) -> Iterator[str]:
    """What is before -ing or -ed, without a doubled letter or with the e that was dropped."""
    is_doubled = base[-1] == base[-2]
    if is_doubled and base[-1] not in "lsz":
        yield base[:-1]
    yield base
    yield base + "e"
    if is_doubled:
        yield base[:-1]


# ---------------------------------------------------------------------------------------------------- reading


@lru_cache(maxsize=1 << 14)
def read_intent(question: str) -> Intent:
    """What the question asks; equal for texts with an equal `question_key`.

    >>> read_intent("How long does it take to get my diploma?") == read_intent("How soon will I receive my diploma?")
    True
    >>> read_intent("Can my insurer drop me?").need_key, read_intent("Can I drop my insurer?").need_key
    ('whether | insurer | cancel', 'whether |  | cancel, insurer')
    """
    key = question_key(question)
    if not key:  # of answers without a question: the vocabulary need not be made ready
        return Intent("", "", {}, "= ")
    vocabulary = _vocabulary()
    kind = ""
    if len(key) <= MOST_CHARACTERS and key.count(" ") < MOST_WORDS:
        kind, rest, opening = _open(_plainer(key, vocabulary), vocabulary)
    if not kind:
        return Intent("", "", {}, f"= {key}")
    concepts, limits, actor = _concepts(_joined(rest.split(), vocabulary), opening, vocabulary)
    if actor and not _matters(actor, concepts, vocabulary):
        actor = ""
    settled, telling = _settle(kind, concepts, vocabulary)
    classes = {name: vocabulary.classes.get(name) or _class_of_unlisted(name) for name in sorted(telling)}
    is_naming = settled in _NAMING or not _INNER_QUESTION.isdisjoint(rest.split())
    free = frozenset() if is_naming else frozenset(classes) - limits.behind - limits.before
    droppable = frozenset(name for name in free if classes[name] == "thing" or name in vocabulary.passing)
    has_implied_object = not vocabulary.things.isdisjoint(concepts - telling)
    return Intent(
        settled,
        actor,
        classes,
        _key(settled, actor, telling),
        droppable,
        telling & limits.behind,
        telling & vocabulary.light,
        has_implied_object,
    )


def _class_of_unlisted(concept: str) -> str:
    if concept == "not":
        return "negation"
    return "number" if any(map(str.isdigit, concept)) else ""


def _key(kind: str, actor: str, concepts: frozenset[str]) -> str:
    return " | ".join((kind, actor, ", ".join(sorted(concepts))))


def _plainer(key: str, vocabulary: Vocabulary) -> str:
    """The question with contractions written out and its idioms replaced by plainer questions."""
    text = vocabulary.contraction.sub(lambda match: vocabulary.contractions[match.group()], key)
    waiting = vocabulary.idioms.that_may_match(text.split())[::-1]
    while waiting:
        number = waiting.pop()
        match = vocabulary.idioms.compiled(number).search(text)
        if match:
            idiom, plain = vocabulary.plain[number]
            captured = " ".join(part for part in match.groups() if part)
            changed = plain.format(captured, *match.groups(""), **match.groupdict(""))
            words = (text[: match.start()] + changed + text[match.end() :]).split()
            text = " ".join(words)
            waiting = [n for n in vocabulary.idioms.that_may_match(words)[::-1] if vocabulary.plain[n][0] > idiom]
    return text


def _open(text: str, vocabulary: Vocabulary) -> tuple[str, str, Sequence[str]]:
    """The kind of question, its words but for the opening, and the words of the opening."""
    for start in chain((0,), (match.start() for match in _INNER_OPENING.finditer(text))):
        for number in vocabulary.openings.that_may_match(text[start:].split()):
            match = vocabulary.openings.compiled(number).match(text, start)
            if match:
                return vocabulary.kinds[number], text[:start] + text[match.end() :], match.group().split()
    return "", text, []


def _joined(words: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    """The words with the particle of a separated verb put behind it: "bring the book back" -> "bring back the book"."""
    joined, particles = list(words), vocabulary.words["particles"]
    for place, word in enumerate(words):
        if word not in particles or (words[place + 1 : place + 2] and words[place + 1] in _DETERMINERS):
            continue  # "sign up for a class on your website"
        if (_lemma(joined[place - 1]), word) not in vocabulary.phrases:
            for before in range(place - 2, max(-1, place - 1 - FARTHEST_PARTICLE), -1):
                if (_lemma(joined[before]), word) in vocabulary.phrases:
                    joined.insert(before + 1, joined.pop(place))
                    break
    return joined


def _concepts(
    words: Sequence[str], opening: Sequence[str], vocabulary: Vocabulary
) -> tuple[frozenset[str], _Limits, str]:
    """The concepts, those that limit by their place, and the party that acts: one directly behind an auxiliary."""
    limits = _Limits(vocabulary)
    found: list[str] = []
    wordings: dict[str, Sequence[str]] = {}
    subjects: list[tuple[str, Sequence[str]]] = []  # with the words behind them
    bases = [*map(_lemma, words)]
    place, is_to_you, is_agent = 0, _is_to_site(opening, words), False
    is_subject = opening[-1] in vocabulary.words["auxiliaries"] or (opening[-1] in ("is", "are") and "to" in words)
    while place < len(words):
        word = words[place]
        concept, length = _longest(words, place, bases, vocabulary)
        is_concept = bool(concept) or not _is_no_concept(word)
        if is_concept:
            name = concept or vocabulary.numbers.get(word) or bases[place]
            wording = words[place : place + length]
            is_repeated = wordings.setdefault(name, wording) != wording and vocabulary.classes.get(name) != "act"
            if is_repeated and limits.is_limited:  # "an online class with video"
                name = f"also {name}"
            found.append(name)
        limits.see(words, place, found[-1] if is_concept else "")
        if is_concept:
            after = words[place + length :]
            is_describing = found[-1] in vocabulary.actors["describing"]
            if is_subject and is_describing and words[place + length - 1] in _PEOPLE:
                found[-1], is_subject = "in my place", False
            if is_subject and (is_agent or (after and after[0] != "be")):
                subjects.append((found[-1], after))
            is_subject = is_subject and is_describing
        elif word in vocabulary.words["auxiliaries"]:
            is_subject, is_agent = True, word == "by"
        elif word in vocabulary.words["negation"]:
            found.append("not")
        elif word in vocabulary.words["house"]:
            is_to_you = is_to_you or is_subject
            is_subject = False
        place += length
    found = _without_idle_order(found, vocabulary)
    acting = [
        subject for subject, after in subjects if _acts(subject, found, _is_done_to_reader(words, after), vocabulary)
    ]
    if not acting:
        return frozenset(found), limits, "they" if is_to_you else ""
    actor = acting[0]
    first, _ = subjects[0]
    if first in vocabulary.actors["describing"] and first != actor:  # another doctor is not the one the reader has
        found.remove(first)
        return frozenset(found) - {actor}, limits, f"{first} {actor}"
    return frozenset(found) - {actor}, limits, "they" if actor in vocabulary.actors["providers"] else actor


def _without_idle_order(found: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    """The concepts without "after" and the like where all that follows was said: "cancel an order after I order"."""
    for place, concept in enumerate(found):
        behind = found[place + 1 :]
        if behind and vocabulary.classes.get(concept) == "order" and set(behind) <= set(found[:place]):
            return [*found[:place], *behind]
    return list(found)


class _Limits:
    """Collects the concepts that limit a question by their place: behind "for", "with", "if" ..., or before a thing."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.behind: set[str] = set()  # a word that limits
        self.before: set[str] = set()  # a thing
        self._limiting = vocabulary.words["limiting"]
        self._auxiliaries = vocabulary.words["auxiliaries"]
        self._classes = vocabulary.classes
        self.is_limited = False
        self._before = ""  # the concept that ends where the next word begins

    def see(self, words: Sequence[str], place: int, concept: str) -> None:
        """Take note of the word or phrase at a place of the question, and of its concept if it has one."""
        word = words[place]
        if concept:
            if self._before and self._classes.get(self._before) != "act":  # "emergency room bill"
                self.before.add(self._before)
            if self.is_limited or word in self._limiting:
                self.behind.add(concept)
        elif word in self._limiting:
            self.is_limited = True
        elif word in ("in", "of") and place + 1 < len(words):  # "in Spanish", "of the spine", but not "in the building"
            self.is_limited = words[place + 1] not in (_DETERMINERS if word == "in" else _READER)
        elif word in self._auxiliaries or word == "to":
            self.is_limited = False
        self._before = concept


def _is_to_site(opening: Sequence[str], words: Sequence[str]) -> bool:
    """Whether "you" in the opening is the site: it deals with the reader ("my order"), or is asked what it does."""
    if "you" not in opening or "your" in words or not _FOR_READER.isdisjoint(opening):
        return False
    return opening[0] in ("do", "will") or not _READER.isdisjoint(words)


@lru_cache(maxsize=1 << 16)
def _is_no_concept(word: str) -> bool:
    lists = _vocabulary().words
    return word in lists["house"] or word in lists["negation"] or not lists["filler"].isdisjoint((word, _lemma(word)))


def _is_done_to_reader(words: Sequence[str], after: Sequence[str]) -> bool:
    """Whether what somebody does, in the words after the name, concerns the reader, or a thing of the reader."""
    return not {"me", "us"}.isdisjoint(words) or not _READER.isdisjoint(after)


def _acts(subject: str, concepts: Sequence[str], is_done_to_reader: bool, vocabulary: Vocabulary) -> bool:
    """Whether the subject is a party; others are one if the act is done to the reader, animals also if to another."""
    if any(subject in vocabulary.actors[name] for name in ("parties", "providers")):
        return True
    others = [concept for concept in concepts if concept != subject and _is_somebody(concept, vocabulary)]
    if subject in vocabulary.actors["beings"]:
        return bool(others) or is_done_to_reader
    return is_done_to_reader and _is_somebody(subject, vocabulary)


def _is_somebody(concept: str, vocabulary: Vocabulary) -> bool:
    return vocabulary.classes.get(concept) == "family" or any(
        concept in vocabulary.actors[name] for name in ("parties", "providers", "beings")
    )


def _matters(actor: str, concepts: frozenset[str], vocabulary: Vocabulary) -> bool:
    """Whether somebody else could do what this party does, and the concepts do not imply the party anyway."""
    if any(actor in vocabulary.implied.get(concept, ()) for concept in concepts):
        return False
    return actor != "they" or not vocabulary.actors["two_way"].isdisjoint(concepts)


def _longest(words: Sequence[str], place: int, bases: Sequence[str], vocabulary: Vocabulary) -> tuple[str, int]:
    """The concept of the longest listed phrase that begins here and the number of its words; "" and 1 if none does.

    bases: the words without their inflections.
    """
    most = max(vocabulary.lengths.get(words[place], 0), vocabulary.lengths.get(bases[place], 0))
    if not most:
        return "", 1
    least = 2 if words[place] in vocabulary.words["filler"] else 1
    for length in range(min(most, len(words) - place), least - 1, -1):
        for form in (tuple(words[place : place + length]), tuple(bases[place : place + length])):
            if form in vocabulary.phrases:
                return vocabulary.phrases[form], length
    return "", 1


def _settle(kind: str, concepts: frozenset[str], vocabulary: Vocabulary) -> tuple[str, frozenset[str]]:
    """The kind that the concepts show, and the concepts without those that say no more than it or than each other."""
    for rule in vocabulary.rules.get(kind, ()):
        if rule["has"].isdisjoint(concepts):
            continue
        has = concepts & rule["has"]
        if _applies(rule, concepts - has, vocabulary):
            kind, dropped = rule.get("becomes", kind), frozenset() if "keep" in rule else has
            concepts = (concepts - dropped).union(rule.get("add", ()))
            break
    concepts = concepts.difference(
        *[vocabulary.implied[concept] for concept in concepts if concept in vocabulary.implied]
    )
    concepts -= _said_aside(kind, concepts, vocabulary)
    if not vocabulary.acts.isdisjoint(concepts - vocabulary.light):
        concepts -= vocabulary.light
    if not concepts - vocabulary.light_things <= vocabulary.acts:
        concepts -= vocabulary.light_things
    telling = concepts - vocabulary.weak.get(kind, frozenset())
    if not telling and kind not in ("how much", "hours", "age", "what to bring"):
        telling = concepts - vocabulary.acts or concepts
    return kind, telling


def _said_aside(kind: str, concepts: frozenset[str], vocabulary: Vocabulary) -> frozenset[str]:
    """The acts that add nothing beside a concept of their class, because the question is about something else."""
    acts = concepts & vocabulary.aside.keys()
    if not acts:
        return acts
    beside = {concept for concept in concepts if vocabulary.classes.get(concept) in map(vocabulary.aside.get, acts)}
    others = (vocabulary.classes.get(concept) for concept in concepts - acts - beside)
    asked = ("act",) if kind == "how" else ("act", "thing")  # how to treat it is what is asked, whatever else is named
    return acts if beside and any(name in asked for name in others) else frozenset()


def _applies(rule: Mapping[str, Any], others: frozenset[str], vocabulary: Vocabulary) -> bool:
    """Whether the other concepts are such as a rule calls for: `and` one of these, `alone` no act among them."""
    if "and" in rule and others.isdisjoint(rule["and"]):
        return False
    return "alone" not in rule or vocabulary.acts.isdisjoint(others - vocabulary.light)


# ---------------------------------------------------------------------------------------------------- two questions


def guards_agree(a: Intent, b: Intent) -> bool:
    """Whether nothing speaks against two questions asking the same that a model finds alike.

    Kind, actor, negation and limits must be equal. A word of the one and a word of the other may be two names of one
    thing if the vocabulary has just one of them: two that it has are different. A word that only one question has may
    be an act in passing ("find", "use"); anything else limits.
    """
    if a.need_key == b.need_key:
        return True
    one, other = a.concepts - b.concepts, b.concepts - a.concepts
    of_one, of_other = {a.classes[concept] for concept in one}, {b.classes[concept] for concept in other}
    if not a.kind or (a.kind, a.actor) != (b.kind, b.actor) or not of_one | of_other <= {"act", "thing", ""}:
        return False
    if not one or not other:
        return one | other <= _vocabulary().passing
    return max(len(one), len(other)) <= MOST_UNMATCHED and (of_one == {""}) != (of_other == {""})
