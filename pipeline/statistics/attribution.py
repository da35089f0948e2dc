"""Finds who says a figure, and the citation mark beside it.

A source is a phrase before or after a verb of saying or finding ("a poll found that", "..., said Dr. Adler"), after
"according to", or a study that opens the sentence ("In a 2019 survey, ..."). What kind of phrase counts depends on the
verb and on where it is: a study or a name is a source with any of these verbs; an office or an organisation with a
verb of saying, or before "that"; anybody at the end of the sentence ("..., growers told reporters"). The second review
that gave a result is no source, nor is one of the people the figure counts ("52% of teachers said").
"""

import re
from typing import NamedTuple

from pipeline.limits import CLAUSE_REACH, PHRASE_REACH
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import Figure, Sentence
from pipeline.statistics.phrases import MARKS_END, is_capital_inside_sentence, is_verb, last_verb, text_of

__all__ = [
    "STUDY", "Source", "attribution_of", "citation_of", "find_sources", "is_source_before", "resolve_attribution",
]  # fmt: skip

_CITATION = re.compile(
    r"\[\d{1,4}(?:\s?[,;–-]\s?\d{1,4}){0,20}+\]"
    r"|\([A-Z][\w’'-]{1,40}+(?: et al\.?| (?:and|&) [A-Z][\w’'-]{1,40}+)?,? \d{4}[a-z]?\)"
)
_CITED_WITHIN = 400  # characters from a figure to its citation mark, at the end of the sentence as a rule
STUDY = words("study review survey trial report analysis poll meta-analysis audit census registry")

_OPENS_SOURCE = words(', ; : . ? ! ( [ “ ” " and – — that as but while whereas because though although if')
_ASIDE_MARKS = frozenset(",–—")
_BEFORE_CREDITED = words("the a an its their our")  # after "Per", at the start of a sentence
_CLOSES_QUOTE = words('” " ’ , – —')
_FIRST_WORDS = 8  # of a sentence, which may be "In a recent study"
_LONGEST_SPEAKER = 10  # tokens of who speaks at the end of a sentence: "a spokesman for the city's water board"
_PRONOUNS = words("he she they it we i you who that which this these those there his")
_NEGATED = words("no neither none nobody nothing")
_AGAIN = words("second first another third new other repeat outside independent")  # "the second review" gave a result
_EVENTS = words("review reviews reading readings test tests opinion opinions look exam examination biopsy reader")
_AUXILIARIES = words("has have had also did now then later recently already once would might")
_AND_OTHERS = words("colleagues coworkers co coauthors associates team al")  # "co" of "co-workers"
_TITLES = words("dr dr. mr mr. mrs mrs. ms ms. prof prof. professor judge mayor senator minister president")
_BEFORE_NOUN = words("the a an this that these their his her its our no any")
_PUTTING = words("put puts count counts lists listed cite cites cited calculated")  # "put the figure at 5 percent"
_ABBREVIATIONS = _TITLES | {"al", "st", "jr"}
_BE = words("is are was were be been being to")
_QUANTIFIERS = words("many most some few several all half both each every percent %")
_NAMED_ACTS = words("report estimate count note claim project list state forecast")  # nouns too, with and without "s"
_AFTER_NOUN = words("of by from for")  # "price lists by the Tribune"
_PLURALS = words("and al data people police staff they we i you who")
_FORECASTS = words("expect expects expected forecast forecasts anticipate anticipates anticipated")
_CONTRASTS = words("whereas while but although though ; .")
_DAYS = words("monday tuesday wednesday thursday friday saturday sunday yesterday today earlier")


class Source(NamedTuple):
    """Who is credited, in the text's words, and the tokens between which figures are credited to it."""

    name: str
    first: int
    last: int


def find_sources(sentence: Sentence) -> list[Source]:
    """The sources that a sentence names, in the order in which they are preferred."""
    size, known = len(sentence.tokens), lexicon()
    has_opening = sentence.lower[0] in _FIRST_OF_SOURCE
    if (
        not has_opening
        and known.source_verbs.isdisjoint(sentence.vocabulary)
        and _SIGNS.isdisjoint(sentence.vocabulary)
    ):
        return []  # most sentences
    found = _after_according(sentence)
    if not known.source_verbs.isdisjoint(sentence.vocabulary):
        verbs = (i for i, word in enumerate(sentence.lower[:size]) if word in known.source_verbs)
        for verb in verbs:
            if _is_reporting(sentence, verb):
                source = _inverted(sentence, verb) or _closing(sentence, verb) or _opening(sentence, verb)
                source = source or _agent(sentence, verb)
                found += [source] if source else []
    return found + _opening_study(sentence)


def attribution_of(sentence: Sentence, figure: Figure, sources: list[Source]) -> str | None:
    """The source that is credited with a figure: of two clauses in contrast each has its own.

    "Her team" is the one named before it in the sentence, if any is.
    """
    spoken = _writer_before(sentence, figure.first) if sources else -1
    crediting = [source for source in sources if source.first <= figure.first < source.last and source.first > spoken]
    if not crediting:
        return None
    credited = crediting[0]
    for source in crediting[1:]:  # "A found that 9% ..., whereas B found 5%"
        is_later = credited.first < source.first
        turn = sentence.words(max(credited.first, source.first - PHRASE_REACH), source.first)
        if is_later and not _CONTRASTS.isdisjoint(turn):
            credited = source
    if not _POINTS_BACK.match(credited.name):
        return credited.name
    named = (source.name for source in sources if source.first < credited.first and not _POINTS_BACK.match(source.name))
    return next(named, credited.name)


def _writer_before(sentence: Sentence, figure: int) -> int:
    """The token with which the writer goes on before a figure, -1 if none: "the garage says $900, my cousin paid $640".

    What stands in quotes is not the writer's.
    """
    if _WRITER.isdisjoint(sentence.vocabulary) or not _QUOTES.isdisjoint(sentence.vocabulary):
        return -1
    tokens = range(figure - 1, max(0, figure - CLAUSE_REACH), -1)
    return next((i for i in tokens if sentence.word(i) in _WRITER and sentence.word(i - 1) in _CLOSES_SAYING), -1)


_WRITER = words("i my")
_QUOTES = frozenset('“”"')
_CLOSES_SAYING = words(", ; but and")

# A source that only takes up one named before: "her team found", "she told reporters".
_POINTS_BACK = re.compile(
    r"(?:he|she)$|(?:his|her|their) (?:\w+ )?(?:team|group|colleagues|lab|laboratory|office)\b", re.I
)
_NAMED = re.compile(
    r"\b(?:(?:Dr|Prof|Mr|Mrs|Ms)\.? |Professor )(?:[A-Z][\w’'-]+ ?\b){1,3}|\b[A-Z][a-zé]+(?: [A-Z]\.)? [A-Z][\w’'-]+"
)


def resolve_attribution(attribution: str | None, before: tuple[str, ...]) -> str | None:
    """The source of a figure, where "her team" or "she" is the person named in the sentences before, nearest first.

    >>> resolve_attribution("Her team", ("Dr. Lena Moss led the study.",)), resolve_attribution("She", ())
    ('Dr. Lena Moss', None)
    """
    if attribution is None or not _POINTS_BACK.match(attribution):
        return attribution
    return next((name for text in before if (name := _person_in(text))), None)


def _person_in(text: str) -> str | None:
    """The first person that a text names, by a title or a given name."""
    found = ((match[0].strip(), match) for match in _NAMED.finditer(text))
    return next((name for name, match in found if _is_person_name(name) or _is_speaker_name(text, match)), None)


def _is_person_name(name: str) -> bool:
    first = name.split()[0].rstrip(".").lower()
    return first in _TITLES or first in lexicon().given_names


def _is_speaker_name(text: str, name: re.Match[str]) -> bool:
    """Whether a verb of saying is beside a name that is no organisation's: "director Noel Amari told the council"."""
    known = lexicon()
    named = set(name[0].lower().split())
    if "the" in named or not named.isdisjoint(known.bodies | known.documents):
        return False
    before, after = text[: name.start()].rsplit(None, 2)[-2:], text[name.end() :].split(None, 1)[:1]
    is_the = before[-1:] == ["the"] or before[-1:] == ["The"]
    return not is_the and not known.say_verbs.isdisjoint(word.lower() for word in (*before[-1:], *after))


def is_source_before(sentence: Sentence, verb: int) -> bool:
    """Whether a source is the subject of the reporting verb at `verb`: "one study shows it can ..."."""
    return is_verb(sentence, verb) and _opening(sentence, verb) is not None


# ---------------------------------------------------------------- according to


def _after_according(sentence: Sentence) -> list[Source]:
    """Who is named after "according to", "Source:" or "Per", before "'s estimate", or before or after a quote."""
    size, lower, vocabulary = len(sentence.tokens), sentence.lower, sentence.vocabulary
    found: list[tuple[int, int]] = []
    firsts = [1] if lower[0] == "per" and lower[1] in _BEFORE_CREDITED else []
    if not _CREDITS.isdisjoint(vocabulary):
        firsts += [i + 2 for i in range(size - 1) if (lower[i], lower[i + 1]) in _CREDITING]
    found += [(first, _source_end(sentence, first)) for first in firsts]
    if "by" in vocabulary and not _COUNTS.isdisjoint(vocabulary):
        counts = (i - (lower[i - 1] in _OWN) for i in range(1, size) if lower[i] in _COUNTS)
        counts = (i for i in counts if lower[i - 1][-2:] in ("'s", "’s", "s'", "s’"))
        found += [(first, count) for count in counts if (first := _after_by(sentence, count))]
    quote = lower.index(":") if ":" in vocabulary else 0
    if 0 < quote < _LONGEST_SPEAKER and lower[quote + 1] in ("“", '"') and _has_name(sentence, 0, quote):
        found.append((0, quote))
    names = (text_of(sentence, first, last) for first, last in found)
    sources = [Source(name, 0, size) for name in names if name and name != "Dr"]  # a sentence cut off after "Dr."
    return sources if _COUNTS.isdisjoint(vocabulary) else sources + _own_counts(sentence)


def _own_counts(sentence: Sentence) -> list[Source]:
    """Whose count a clause gives: "; the agency's own count is 13%"."""
    found, lower = [], sentence.lower
    for i in range(1, len(sentence.tokens) - 1):
        owner = i - 1 - (lower[i - 1] in _OWN)
        is_own = lower[i] in _COUNTS and owner >= 0 and lower[owner][-2:] in ("'s", "’s") and lower[i + 1] in _IS
        first = owner - (lower[owner - 1] in _BEFORE_CREDITED) if is_own else 0
        if is_own and (first == 0 or lower[first - 1] in _OPENS_SOURCE):
            name = sentence.text[sentence.tokens[first].start : sentence.tokens[owner].end - 2]
            found.append(Source(name, i, len(sentence.tokens)))
    return found


_FIRST_OF_SOURCE = words("in from per")
_IS = words("is was puts put says said")
_SIGNS = words("according source sources words by :")
_CREDITING = {("according", "to"), ("source", ":"), ("sources", ":"), ("words", "of")}
_CREDITS = words("according source sources words")
_OWN = words("own latest last recent first")
_COUNTS = words("count estimate estimates reckoning calculation calculations figures account measure tally")


def _after_by(sentence: Sentence, count: int) -> int | None:
    """The token after the "by" of "by the agency's count"."""
    return next((i + 1 for i in range(count - 1, max(-1, count - PHRASE_REACH), -1) if sentence.word(i) == "by"), None)


def _source_end(sentence: Sentence, first: int) -> int:
    """End of what is named after "according to": a mark or the verb of the claim."""
    last = min(len(sentence.tokens), first + PHRASE_REACH)
    for i in range(first, last):
        if (sentence.word(i) in MARKS_END and not _is_abbreviated(sentence, i)) or is_verb(sentence, i):
            return i
    return last


def _opening_study(sentence: Sentence) -> list[Source]:
    """The study of "In a recent study, ..." or "From a survey of 500 adults: ..."."""
    if sentence.word(0) not in ("in", "from"):
        return []
    study = next((i for i in range(1, _FIRST_WORDS) if sentence.word(i) in STUDY), None)
    if study is None or any(sentence.word(i) in _PRONOUNS for i in range(1, study)):
        return []
    if sentence.word(study) in _EVENTS and not _AGAIN.isdisjoint(sentence.words(1, study)):
        return []
    end = study + 1
    if sentence.word(end) in _OF_NAME and _has_name(sentence, end + 1, comma := _comma_after(sentence, end)):
        end = comma  # "In a poll by the Rail Board, ..."
    name = text_of(sentence, 1, end)
    return [Source(name, study, len(sentence.tokens))] if name else []


_OF_NAME = words("of by from for at in")


def _comma_after(sentence: Sentence, i: int) -> int:
    """The first comma after token `i`, or `i` where none is near."""
    last = min(len(sentence.tokens), i + PHRASE_REACH)
    return next((j for j in range(i, last) if sentence.word(j) in (",", ":")), i)


# ---------------------------------------------------------------- verbs of saying and finding


def _is_reporting(sentence: Sentence, verb: int) -> bool:
    """Whether the word at `verb` is a finite verb here and no infinitive, and active unless its agent follows."""
    i = verb - 1
    while sentence.word(i) in _AUXILIARIES:
        i -= 1
    if sentence.word(verb - 1) in _BEFORE_NOUN or _is_named_act(sentence, verb):
        return False  # "the claim that ..."
    is_finite = sentence.word(i) not in _BE or sentence.word(verb + 1) == "by"
    return is_finite and not is_capital_inside_sentence(sentence, verb)


def _is_named_act(sentence: Sentence, verb: int) -> bool:
    """Whether the word at `verb` is a noun or a participle here: "Phone report: $20", "a study published in"."""
    word, after = sentence.word(verb), sentence.word(verb + 1)
    if word == "published":
        return after in ("in", "on", "last", "this") and sentence.word(verb - 1) not in _AUXILIARIES
    if word.rstrip("s") not in _NAMED_ACTS:
        return False
    if word.endswith("s"):
        return after in _AFTER_NOUN
    if sentence.word(verb - 1) in _AUXILIARIES:
        return False
    first, last = _subject_span(sentence, verb)  # a verb without "s" has a plural subject
    subject = sentence.words(first, last)
    is_plural = any(w in _PLURALS or (w.endswith("s") and not w.endswith(("ss", "'s", "’s"))) for w in subject)
    return after == ":" or not is_plural


def _inverted(sentence: Sentence, verb: int) -> Source | None:
    """The speaker after the verb, which closes a quote or a clause: "...,” said Carla Jennings of the league."."""
    if (
        sentence.word(verb) not in lexicon().say_verbs - _PUTTING - {"told", "tells", "tell"}
        or sentence.word(verb - 1) not in _CLOSES_QUOTE
        or verb < 2
    ):
        return None
    last = _speaker_end(sentence, verb + 1)
    name = _speaker(sentence, verb + 1, last)
    return Source(name, 0, len(sentence.tokens)) if name else None


def _agent(sentence: Sentence, verb: int) -> Source | None:
    """The agent of a passive: "was estimated by the agency at", "figures published by the ministry"."""
    if sentence.word(verb + 1) != "by":
        return None
    first = verb + 2
    name = _subject(sentence, first, _speaker_end(sentence, first), verb)
    return Source(name, 0, len(sentence.tokens)) if name else None


def _speaker_end(sentence: Sentence, first: int) -> int:
    last = first
    while last < min(len(sentence.tokens), first + _LONGEST_SPEAKER):
        word = sentence.word(last)
        if (word in MARKS_END or word in ("who", "in", "at", "on", "told")) and not _is_abbreviated(sentence, last):
            break
        last += 1
    return last


def _closing(sentence: Sentence, verb: int) -> Source | None:
    """The speaker before a verb that ends its sentence or its aside.

    "..., growers told reporters."; "...,” the director said."; "The share, the director said, is 5%."; "..., a survey
    found, but ...", where it is credited with what comes before.
    """
    is_turn = sentence.word(verb + 1) == "," and sentence.word(verb + 2) in _CONTRASTS
    is_aside = sentence.word(verb + 1) == ","
    if not is_aside and not _ends_sentence(sentence, verb + 1):
        return None
    first, last = _subject_span(sentence, verb)
    if first == 0 or sentence.word(first - 1) in ("that", "and", "if", "while", "because"):
        return None
    if is_aside and sentence.word(first - 1) not in (",", "”", '"', "–", "—"):
        return None
    is_say = sentence.word(verb) in lexicon().say_verbs
    if is_say and sentence.words(first, last) in (("he",), ("she",)):
        return Source(sentence.written(first), 0, len(sentence.tokens))  # the person named before
    name = (is_say and _speaker(sentence, first, last)) or _subject(sentence, first, last, verb)
    return Source(name, 0, verb if is_turn else len(sentence.tokens)) if name else None


def _ends_sentence(sentence: Sentence, i: int) -> bool:
    """Whether the clause ends at `i`, a listener or an occasion aside: "told the council.", "said at the meeting."."""
    if sentence.word(i - 1) in ("told", "tells") or sentence.word(i) in ("in", "at", "on", "last", "this", "to"):
        last = min(len(sentence.tokens), i + _LONGEST_SPEAKER)
        while i < last and sentence.is_word(i) and sentence.word(i) != "that" and not is_verb(sentence, i):
            i += 1
    i += sentence.word(i) in _DAYS  # "said Monday."
    is_resumed = sentence.word(i) == "," and sentence.word(i + 1) in ("“", '"')  # "said Dr. Lee, “and rising”"
    return is_resumed or sentence.word(i) in ("", ".", "”", '"', "!", ";", "(")


def _is_opener(sentence: Sentence, i: int) -> bool:
    """Whether a phrase can begin after token `i`: not after the stop of "Dr." or the "and" of "Lee and colleagues"."""
    if sentence.word(i) == "and":
        is_pair = is_capital_inside_sentence(sentence, i - 1) and is_capital_inside_sentence(sentence, i + 1)
        return not (is_pair or _AND_OTHERS.intersection(sentence.words(i + 1, i + 3)))
    return sentence.word(i) in _OPENS_SOURCE and not _is_abbreviated(sentence, i)


def _is_abbreviated(sentence: Sentence, i: int) -> bool:
    """Whether the mark at `i` is the stop of "Dr." or "et al."."""
    return sentence.word(i) == "." and sentence.word(i - 1) in _ABBREVIATIONS


def _speaker(sentence: Sentence, first: int, last: int) -> str | None:
    """Anybody who can speak: a phrase without a number, a pronoun or a verb."""
    tokens = range(first, last)
    if not tokens or sentence.word(first) in _PRONOUNS | _NEGATED | _QUANTIFIERS:
        return None
    if any(i in sentence.number_at or sentence.is_digits(i) for i in tokens):
        return None
    if any(is_verb(sentence, i) for i in tokens if not is_capital_inside_sentence(sentence, i)):
        return None
    name = text_of(sentence, first, last)
    return name if name and not name.lower().startswith(("to ", "of ", "in ")) else None


# ---------------------------------------------------------------- the subject of the verb


def _opening(sentence: Sentence, verb: int) -> Source | None:
    """The subject of the verb, credited with what follows: "The audit, carried out by two firms, found that ..."."""
    first, last = _subject_span(sentence, verb)
    name = _subject(sentence, first, last, verb)
    return Source(name, verb, len(sentence.tokens)) if name else None


def _subject_span(sentence: Sentence, verb: int) -> tuple[int, int]:
    """The tokens left of the verb up to what opens its clause, without an aside: "Dr. Lee, a surgeon, said"."""
    last = verb
    while sentence.word(last - 1) in _AUXILIARIES:
        last -= 1
    if sentence.word(last - 1) == "and" and (earlier := last_verb(sentence, max(0, last - PHRASE_REACH), last - 1)):
        last = earlier  # "The magazine tested lamps and found that ..."
    if sentence.word(last - 1) == ")":
        last = next((i for i in range(last - 2, 0, -1) if sentence.word(i) == "("), last)  # "Park et al. (2018)"
    if sentence.word(last - 1) in _ASIDE_MARKS:
        mark, lowest = sentence.word(last - 1), max(0, last - CLAUSE_REACH)
        aside = next((i for i in range(last - 2, lowest, -1) if sentence.word(i) == mark), last)
        within = range(aside + 1, last - 1)
        is_name = bool(within) and all(
            sentence.word(i) == "." or is_capital_inside_sentence(sentence, i) for i in within
        )
        last = last - 1 if is_name else aside  # "the owner, Carla Voss, said"
    first = last
    while first > max(0, last - CLAUSE_REACH) and not _is_opener(sentence, first - 1):
        first -= 1
    return first, last


def _subject(sentence: Sentence, first: int, last: int, verb: int) -> str | None:
    """The phrase from `first` to `last` if it is a source of what the verb says, cut after its last source noun."""
    known, lower = lexicon(), sentence.lower
    name = text_of(sentence, first, last) if first < last else None
    if name and _POINTS_BACK.match(name) and (_introduces(sentence, verb) or " " in name):
        return name  # the one named before
    if first >= last or lower[first] in _NEGATED | _PRONOUNS | _QUANTIFIERS:
        return None
    is_say, introduces = lower[verb] in known.say_verbs, _introduces(sentence, verb)
    nouns = [i for i in range(first, last) if lower[i + 1] not in ("'", "’")]  # not "the inspectors' test"
    documents = [i for i in nouns if lower[i] in known.documents]
    bodies = [i for i in nouns if lower[i] in known.bodies]
    if lower[verb] in _FORECASTS and (lower[verb + 1] == "to" or not documents + bodies):
        return None  # "Parents in Ohio expect 5% raises"
    opening = range(first, documents[0] if documents else last)  # "a survey of 500 adults", not "60% of doctors"
    if any(i in sentence.number_at for i in opening if not _is_year(sentence, i) and (i > first or lower[i] != "one")):
        return None
    if documents and _is_result(sentence, first, documents[0]):
        return None
    is_named = _has_name(sentence, first, last) or (introduces and _is_lone_name(sentence, first, last))
    if is_named and (introduces or not is_say or not documents):
        return text_of(sentence, first, last)
    is_plural = last - first == 1 and lower[first].endswith("s") and is_say and introduces
    if is_plural:  # "Critics argue that"
        return text_of(sentence, first, last)
    is_own = lower[first] in _OWNERS and last - first <= _LONGEST_OWN and is_say and introduces
    if is_own and not lower[verb].startswith("confirm"):
        return text_of(sentence, first, last)  # "My dentist says that"; who confirmed 5 % of something gave a result
    if documents or (bodies and (is_say or introduces)):
        end = max(documents + bodies) + 1
        is_of_name = lower[end] in _OF_NAME and _has_name(sentence, end + 1, last)
        return text_of(sentence, first, last if is_of_name else end)
    return None


_OWNERS = words("my our his her")
_LONGEST_OWN = 4  # tokens of "my new family doctor"


def _introduces(sentence: Sentence, verb: int) -> bool:
    """Whether a claim follows the verb: "that", a quote, a number, or a bound on one."""
    after = sentence.word(verb + 1)
    has_occasion = sentence.word(verb) in ("told", "tells") or after in _OF_OCCASION
    if has_occasion:  # "told reporters that", "said in a talk that"
        claim = next((i for i in range(verb + 2, verb + 8) if sentence.word(i) in _OPENS_CLAIM), None)
        if claim is not None and last_verb(sentence, verb + 2, claim) is None:
            return True
    if after in ("that", "“", '"', ":", ",") or verb + 1 in sentence.number_at:
        return True
    is_said = sentence.word(verb) in lexicon().say_verbs - _PUTTING
    if after in _MONEY_SIGNS and verb + 2 in sentence.number_at and is_said:
        return True  # "opponents say €60 million"
    return after in lexicon().qualifiers and any(i in sentence.number_at for i in range(verb + 2, verb + 5))


_MONEY_SIGNS = frozenset("$€£¥")
_OF_OCCASION = words("in at on during to last this")
_OPENS_CLAIM = frozenset(("that", "“", '"', ":"))


def _is_result(sentence: Sentence, first: int, noun: int) -> bool:
    """Whether the noun is a test or a review that gave the result: "the second review confirmed"."""
    return sentence.word(noun) in _EVENTS and not _AGAIN.isdisjoint(sentence.words(first, noun))


def _is_year(sentence: Sentence, i: int) -> bool:
    return sentence.is_digits(i) and len(sentence.word(i)) == 4


def _is_lone_name(sentence: Sentence, first: int, last: int) -> bool:
    """Whether one word opens the sentence as a name: "Okafor reports that", not "Patients say that"."""
    word = sentence.word(first)
    is_noun = not word.endswith(("s", "ed", "ing")) and word not in _NO_NAMES | lexicon().people | lexicon().verbs
    return first == 0 and last == 1 and is_noun


_NO_NAMES = words(
    "everyone everybody anyone anybody someone somebody people evidence research experience practice data"
)


def _has_name(sentence: Sentence, first: int, last: int) -> bool:
    """Whether a phrase names a person or a body: a title, "and colleagues", or capitals inside the sentence."""
    lower = sentence.lower
    if lower[first] in _TITLES or not _AND_OTHERS.isdisjoint(lower[first + 1 : last]):
        return sentence.text[sentence.tokens[first].start].isupper()
    return any(i > 0 and sentence.is_word(i) and is_capital_inside_sentence(sentence, i) for i in range(first, last))


def citation_of(sentence: Sentence, figure: Figure) -> str | None:
    """The citation mark after the figure, else before it, in the same sentence."""
    text, tokens = sentence.text, sentence.tokens
    if "[" not in text and "(" not in text:
        return None
    start, end = tokens[figure.first].start, tokens[figure.last - 1].end
    after = _CITATION.search(text, end, min(tokens[-1].end, end + _CITED_WITHIN))
    found = after or _CITATION.search(text, max(tokens[0].start, start - _CITED_WITHIN), start)
    return found[0] if found else None
