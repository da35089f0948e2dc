"""What a figure says: measure, population, source and role, from the words around it.

There is no parser here. English puts the subject left of its verb and the whole of a share right after
"of", so a clause is cut out around the figure, its verb looked up in lexicon.toml, and the pieces are named
by where they stand. What is returned are the text's own words; null means the text does not say.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.figures_lexicon import lexicon, words
from pipeline.figures_model import COUNT, MONEY, MULTIPLIER, Figure, Sentence
from pipeline.figures_numbers import HYPHENS
from pipeline.figures_tokens import read_sentence

__all__ = ["Context", "Meaning", "find_meanings"]

_REACH = 16  # tokens of the longest measure or population; what goes on longer is cut there
_CLAUSE = 60  # tokens left of a figure in which its clause begins; bounds the work on text without punctuation


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a sentence: the question asked, and the sentences before it, nearest first."""

    question: str | None
    before: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """The fields of a figure that say what it means; null where nothing says so."""

    measure: str | None
    population: str | None
    counted: str | None
    attribution: str | None
    citation: str | None
    role: str


@dataclass(frozen=True, slots=True)
class _Clause:
    """The clause of a figure: tokens `start` to before `end`, the figure with its qualifiers inside."""

    sentence: Sentence
    figure: Figure
    start: int
    begin: int  # of the figure
    finish: int
    end: int
    verb: int | None  # first token of the verb left of the figure
    complement: int  # first token after that verb
    whole: tuple[int, int] | None  # tokens of "patients with cancer" in "66 % of patients with cancer have"

    def word(self, i: int) -> str:
        return self.sentence.word(i)

    def text(self, first: int, last: int) -> str | None:
        return _text(self.sentence, first, last)


def find_meanings(sentence: Sentence, figures: list[Figure], context: Context) -> list[Meaning]:
    """The meaning of each figure of a sentence, in the same order."""
    meanings: list[Meaning] = []
    sources = _sources(sentence)
    for i, figure in enumerate(figures):
        clause = _clause(sentence, figures, i)
        before = meanings[-1] if meanings else None
        role = _role(clause)
        measure = _size_of_source(clause) if role == "source_qualifier" else _measure(clause, before)
        meanings.append(
            Meaning(
                measure=measure or _asked(context.question),
                population=_population(clause, before, context, role),
                counted=_counted(clause),
                attribution=_attribution(sentence, figure, sources),
                citation=_citation(sentence, figure),
                role=role,
            )
        )
    return meanings


# ---------------------------------------------------------------- words and phrases

_CONJUNCTIONS = words("but and or so yet however also then because plus therefore thus")
_ADVERBS = words(
    """such also still often usually typically generally only even now never always already routinely respectively
    primarily mostly mainly nearly preferably currently"""
)
_PREPOSITIONS = words("to of in by for at from with on about as than a an the and or ( not")


def _text(sentence: Sentence, first: int, last: int) -> str | None:
    """The words of tokens `first` to before `last`, bare of marks and conjunctions at the ends; null if none is."""
    last = min(last, len(sentence.tokens))
    while first < last and (not _is_wordy(sentence, first) or sentence.word(first) in _CONJUNCTIONS):
        first += 1
    while last > first and sentence.word(last - 1) not in ("%", ")") and not _is_wordy(sentence, last - 1):
        last -= 1
    while last > first and sentence.word(last - 1) in _ADVERBS:
        last -= 1
    if first >= last:
        return None
    return sentence.text[sentence.tokens[first].start : sentence.tokens[last - 1].end]


def _is_wordy(sentence: Sentence, i: int) -> bool:
    return sentence.tokens[i].sort in ("word", "number")


_NO_VERB_AFTER = words(
    """who that which whose to the a an of in for with average total all-inclusive overall their its his her your my our
    this these no any each every new annual monthly high low"""
)


def _is_verb(sentence: Sentence, i: int) -> bool:
    """Whether the word at `i` is a finite verb of its clause, not of a relative clause, a noun or a name."""
    word, known = sentence.word(i), lexicon()
    is_known = word in known.finite or word in known.source_verbs
    if not is_known and not (sentence.word(i - 1) in known.people and _follows_as_verb(sentence, i)):
        return False
    return sentence.word(i - 1) not in _NO_VERB_AFTER and not _is_capital(sentence, i)


_AFTER_PEOPLE = words(
    """of in with without who whom whose that which at on from to for by as than and or but not per each every a an the
    these this about over under above below between among within during after before since until while when where if
    worldwide nationwide globally alive free able unable likely unlikely eligible older younger new overall alone
    together aged age ages born known seen shown given taken found left hurt more less fewer most only also too either
    both all now then there here such because so"""
)


def _follows_as_verb(sentence: Sentence, i: int) -> bool:
    """Whether a word unknown to the lexicon is a verb right after "adults" or "patients": "adults snore"."""
    word = sentence.word(i)
    is_adjective = sentence.word(i - 1).endswith("ese")  # "the Japanese yen"
    is_verb = word not in _AFTER_PEOPLE and not word.endswith(("ed", "ing", "ly", "s"))
    return sentence.is_word(i) and is_verb and not is_adjective


def _is_capital(sentence: Sentence, i: int) -> bool:
    token = sentence.tokens[i]
    return i > 0 and sentence.text[token.start].isupper()


_ENDS_PHRASE = words("but which while whereas although because so than compared versus until if when where as from by")
_SUBJECTS = words("you they it he she we i there")
_EACH = words("each every per a")  # before the name of a period


def _phrase_end(sentence: Sentence, head: int) -> int:
    """End of the noun phrase around token `head`: its modifiers belong to it, the verb of the clause does not."""
    is_relative = False
    last = min(len(sentence.tokens), head + _REACH)
    for i in range(head, last):
        word = sentence.word(i)
        if not _is_wordy(sentence, i) and word not in HYPHENS and word not in ("'", "’", "/"):
            return i
        if i == head:
            continue
        if word in _ENDS_PHRASE or (word in ("and", "or") and _opens_clause(sentence, i + 1)):
            return i
        if word in _EACH and sentence.word(i + 1) in lexicon().periods:
            return i
        if word in ("per", "in", "out") and (i + 1 in sentence.number_at or sentence.word(i + 1) in ("every", "of")):
            return i  # "eight people per million"
        if word in ("who", "that"):
            is_relative = True
        elif is_relative and word in lexicon().finite:
            is_relative = sentence.word(i + 1) in lexicon().finite or sentence.word(i + 1) in ("not", "been")
        elif _is_verb(sentence, i):
            return i
    return last


def _opens_clause(sentence: Sentence, i: int) -> bool:
    """Whether a verb, a subject or a number follows shortly after a conjunction, so that something new is said."""
    if sentence.word(i) in ("older", "over", "above", "younger", "under", "up"):
        return False  # "adults 65 and older"
    if sentence.word(i) in _SUBJECTS:
        return True
    for j in range(i, min(i + 4, len(sentence.tokens))):
        is_mark = not _is_wordy(sentence, j) and sentence.word(j) not in HYPHENS
        if is_mark or sentence.word(j) in _ENDS_PHRASE:
            return False
        if sentence.is_digits(j) or _is_verb(sentence, j) or sentence.word(j) in ("about", "up", "approximately"):
            return True
    return False


# ---------------------------------------------------------------- the clause of a figure

_REPORTED = words("estimated thought believed likely")
_BOUNDARIES = words(", – — and but while whereas where because if when although since")
_VERB_GROUP = words(
    """is are was were be been being has have had may might can could will would should must do does did not also still
    often usually typically only likely to found estimated thought believed reported shown known expected said"""
)
_OPENERS = words("of in among for")  # between a share and its whole


def _clause(sentence: Sentence, figures: list[Figure], i: int) -> _Clause:
    """The clause around `figures[i]`; neighbours on either side close it."""
    figure = figures[i]
    begin, finish = figure.begin, figure.finish
    floor = max(begin - _CLAUSE, figures[i - 1].finish if i else 0)
    end = figures[i + 1].begin if i + 1 < len(figures) else len(sentence.tokens)
    start = _clause_start(sentence, floor, begin)
    verb = _last_verb(sentence, start, begin)
    complement = begin
    if verb is not None:
        complement = verb + 1
        while verb > start and sentence.word(verb - 1) in _VERB_GROUP:
            verb -= 1
    return _Clause(sentence, figure, start, begin, finish, end, verb, complement, _whole(sentence, figure, finish))


def _clause_start(sentence: Sentence, floor: int, begin: int) -> int:
    """First token of the clause that ends at a figure.

    A reported clause starts after "that", any clause after a semicolon or an open bracket; after a comma
    or a conjunction only if a verb stands on either side ("medications and injections cost" is one clause).
    """
    if floor and sentence.word(begin - 1) == "," and _is_verb(sentence, floor):
        return begin  # "37 % had two, 29 % had three"
    closed = 0
    for i in range(begin - 1, floor - 1, -1):
        word = sentence.word(i)
        closed += (word == ")") - (word == "(")
        if word in (";", ":") or closed < 0 or (word == "that" and _is_report(sentence, i - 1)):
            return i + 1
        is_boundary = not closed and (word in _BOUNDARIES or _is_source_verb(sentence, i))
        if not is_boundary or _last_verb(sentence, i + 2, begin) is None:
            continue
        if word not in (",", "and", "or") or _last_verb(sentence, floor, i) is not None:
            return i + 1
    return _after_opening(sentence, floor, begin)


def _is_report(sentence: Sentence, i: int) -> bool:
    """Whether what "that" after token `i` introduces is reported: "found that", "it is estimated that"."""
    return sentence.word(i) in lexicon().source_verbs | _REPORTED


def _is_source_verb(sentence: Sentence, i: int) -> bool:
    """Whether a source is subject of the verb at `i`: "one study shows it can ..."."""
    return sentence.word(i) in lexicon().source_verbs and _is_verb(sentence, i) and _source(sentence, i) is not None


_OPENING = words("in according each every during among for since however on also additionally overall at")


def _after_opening(sentence: Sentence, floor: int, begin: int) -> int:
    """The token after "In the United States," or "For unknown reasons," where a clause opens with it."""
    if sentence.word(floor) not in _OPENING:
        return floor
    commas = [i for i in range(floor, begin - 1) if sentence.word(i) == ","]
    verb = _last_verb(sentence, floor, begin)
    subjects = [i for i in commas if verb is None or i + 1 < verb]
    return (subjects[-1] if verb is not None and subjects else commas[0]) + 1 if commas else floor


def _last_verb(sentence: Sentence, first: int, last: int) -> int | None:
    return next((i for i in range(min(last, len(sentence.tokens)) - 1, first - 1, -1) if _is_verb(sentence, i)), None)


def _whole(sentence: Sentence, figure: Figure, finish: int) -> tuple[int, int] | None:
    """The tokens of what the figure is a share of, or counts."""
    if figure.noun is not None:
        return min(finish, figure.noun), _phrase_end(sentence, figure.noun)
    after = sentence.word(finish + 1)
    if sentence.word(finish) in _OPENERS and after and figure.kind != MULTIPLIER:
        is_other = figure.kind == MONEY and _people(sentence, finish + 1, finish + 5) is None
        return None if is_other or after.isdigit() else (finish + 1, _phrase_end(sentence, finish + 1))
    is_pair = figure.rule == "ratio.pair" and sentence.is_word(finish)
    if is_pair and after and not _is_verb(sentence, finish) and sentence.word(finish) not in _OUTCOMES:
        return finish, _phrase_end(sentence, finish)
    return None


def _people(sentence: Sentence, first: int, last: int) -> int | None:
    """The first noun for people among the tokens."""
    known = lexicon().people
    return next((i for i in range(max(first, 0), min(last, len(sentence.tokens))) if sentence.word(i) in known), None)


# ---------------------------------------------------------------- measure

_COPULAS = words(
    """is are was were be been equals equaled reached reaches reach ranged ranges range averaged averages average
    totaled totals stood stands varied varies vary increased increases rose rises fell falls dropped declined"""
)
_OUTCOMES = words(
    "chance chances risk probability likelihood odds rate increase decrease reduction drop rise decline improvement"
)
_GRADED = words("high great large low much big higher greater larger lower")


def _measure(clause: _Clause, before: Meaning | None) -> str | None:
    """What the figure measures, by the first reading that fits."""
    if clause.figure.kind == MULTIPLIER:
        return _compared(clause, before) or _subject_and_verb(clause)
    if clause.figure.kind == COUNT:
        return _told_of(clause, before) or _existing(clause) or _subject_and_verb(clause)
    named = _told_of(clause, before) or _named_after(clause) or _named_before(clause) or _told_of_bracket(clause)
    if named or clause.verb is not None:
        return named or _subject_and_verb(clause)
    if clause.word(clause.begin - 1) == "(":
        return _subject_and_verb(replace(clause, start=_after_opening(clause.sentence, 0, clause.begin)))
    if clause.word(clause.begin - 1) == "by" and clause.begin - 1 > clause.start:
        return _subject_and_verb(clause)  # "to cut your intake by 9 percent in all"
    right = clause.finish if clause.whole is None else clause.whole[1]
    return clause.text(right, _stop(clause, right)) or _subject_and_verb(clause)


def _told_of(clause: _Clause, before: Meaning | None) -> str | None:
    """The verb phrase after the whole: "have their original diagnosis refined" of 66 % of patients."""
    if clause.whole is None:
        return None
    first = clause.whole[1]
    if _is_elliptic(clause):
        return _elliptic(clause, before)
    is_aside = clause.word(clause.begin - 1) in ("in", "for", "among") and clause.word(first) == ","
    if is_aside and clause.begin - 1 <= clause.start + 1:
        return clause.text(first + 1, _stop(clause, first + 1))
    first += clause.word(first) in _ADVERBS
    return clause.text(first, _stop(clause, first)) if _is_verb(clause.sentence, first) else None


def _told_of_bracket(clause: _Clause) -> str | None:
    """The verb phrase after a figure in brackets: "most adults (85 %) of this age sleep well"."""
    if clause.word(clause.begin - 1) != "(" or clause.word(clause.finish) != ")":
        return None
    last = min(clause.end, clause.finish + _REACH)
    marks = (i for i in range(clause.finish + 1, last) if clause.word(i) in _MARKS_END)
    first = next((i for i in range(clause.finish + 1, next(marks, last)) if _is_verb(clause.sentence, i)), None)
    return None if first is None else clause.text(first, _stop(clause, first))


_MARKS_END = frozenset(",;():.—–?!")
_TURNS = words("but while whereas although")


def _stop(clause: _Clause, first: int) -> int:
    """Where a phrase that began at `first` ends: at punctuation, a new clause, a period or the next figure."""
    last = min(clause.end, first + _REACH)
    for i in range(first, last):
        word = clause.word(i)
        if word in _MARKS_END or clause.sentence.tokens[i].sort == "skip":
            return _unhung(clause, first, i)
        is_new = word in _TURNS or (word in ("and", "or") and _opens_clause(clause.sentence, i + 1))
        is_period = word in _EACH and clause.word(i + 1) in lexicon().periods
        if (is_new and i > first + 1) or (is_period and i > first):
            return i
    return _unhung(clause, first, last)


def _unhung(clause: _Clause, first: int, last: int) -> int:
    """`last` moved left over prepositions and articles that lead to the next figure."""
    while last > first and clause.word(last - 1) in _PREPOSITIONS:
        last -= 1
    return last


def _is_elliptic(clause: _Clause) -> bool:
    """Whether a participle alone tells the rest: "..., and in 21 % of cases, changed."."""
    if clause.whole is None:
        return False
    i = clause.whole[1]
    return clause.word(i) == "," and clause.word(i + 1).endswith("ed") and clause.word(i + 2) in ("", ".", ";")


def _elliptic(clause: _Clause, before: Meaning | None) -> str | None:
    """The participle with the object that the figure before had: "have their original diagnosis changed"."""
    i = clause.whole[1] + 1 if clause.whole else clause.finish
    participle = clause.text(i, i + 1)
    if before is None or not before.measure or " " not in before.measure:
        return participle
    return f"{before.measure.rsplit(' ', 1)[0]} {participle}"


_DETERMINERS = words("a an another additional the this that its their his her my your our first each one")
_AFTER_SUM = words(
    "each less dollars years months weeks days hours minutes times as its his hers ours yours theirs this"
)


def _named_after(clause: _Clause) -> str | None:
    """The noun that "a 25 % chance of ..." measures, an aside in brackets skipped."""
    i, size = clause.finish, len(clause.sentence.tokens)
    if clause.whole is not None:
        return None
    if clause.word(i) == "(":
        i = next((j + 1 for j in range(i, min(i + _REACH, size)) if clause.word(j) == ")"), i)
    elif clause.word(i) == ")" and clause.word(clause.begin - 1) == "(":
        i += 1
    while clause.word(i) in HYPHENS:
        i += 1
    if i >= size or clause.sentence.tokens[i].sort != "word" or clause.word(i) in _PREPOSITIONS:
        return None
    has_article = {clause.word(clause.begin - 1), clause.word(clause.begin)} & {"a", "an", "another", "additional"}
    is_priced = clause.figure.kind == MONEY and clause.word(i) not in _AFTER_SUM  # "her $500 contract", "$50 checks"
    is_priced = is_priced and (clause.word(clause.begin - 1) in _DETERMINERS or clause.word(i).endswith("s"))
    is_noun = (has_article or is_priced) and not _is_verb(clause.sentence, i)
    if clause.word(i) not in _OUTCOMES and not is_noun:
        return None
    return clause.text(i, _stop(replace(clause, end=clause.end if i <= clause.end else size), i))


_BEFORE_NOUN = words("a an the its their with to by and")


def _named_before(clause: _Clause) -> str | None:
    """The noun phrase of "a failure rate of 3 %", "a loss of $5"."""
    sentence, last = clause.sentence, clause.begin - 1
    if clause.word(last) not in ("of", ":") or last <= clause.start:
        return None
    first = last
    while first > clause.start and _is_wordy(sentence, first - 1) and not _is_verb(sentence, first - 1):
        if clause.word(first - 1) in _BEFORE_NOUN:
            break
        first -= 1
    while sentence.is_glued(first) and _is_wordy(sentence, first - 1):
        first -= 1  # the whole of "A1C"
    return clause.text(first, last)


def _subject_and_verb(clause: _Clause) -> str | None:
    """The subject of "X is 5 %"; of another verb the words up to the figure, and a short complement after it."""
    last = clause.begin
    while last > clause.start and clause.word(last - 1) in _PREPOSITIONS and clause.word(last - 1) != "for":
        last -= 1
    if clause.verb is None:
        return clause.text(clause.start, last)
    subject = clause.text(clause.start, clause.verb)
    is_copula = clause.word(clause.complement - 1) in _COPULAS and last <= clause.complement
    if subject and is_copula and subject.lower() not in ("it", "this", "that", "they", "there", "these", "those"):
        return subject
    left = clause.text(clause.start, last)
    right = _complement(clause)
    return f"{left} {right}" if left and right else left or right


def _complement(clause: _Clause) -> str | None:
    """The prepositional phrase right after a sum: "out of pocket", "for one location"."""
    first = clause.finish
    if clause.whole is not None or clause.word(first) not in ("out", "for", "on", "toward", "towards", "as"):
        return None
    return clause.text(first, min(_stop(clause, first), first + _REACH // 2))


def _compared(clause: _Clause, before: Meaning | None) -> str | None:
    """Of a multiple the risk that is higher, or what is "more common in women than in men"."""
    i = clause.finish + (clause.word(clause.finish) == ")")
    is_graded = clause.word(i) in _GRADED or clause.word(i + 1) in _GRADED
    if is_graded and clause.verb is not None:
        if clause.word(clause.complement - 1) in _COPULAS:
            return clause.text(clause.start, clause.verb)
        first = clause.complement + (clause.word(clause.complement) in _PREPOSITIONS)
        return clause.text(first, clause.begin) or clause.text(i, _stop(clause, i))
    if is_graded and before is not None and before.measure:
        return before.measure  # "... is twice as high in smokers and 6 times higher in miners"
    return clause.text(i, _stop(clause, i))


def _existing(clause: _Clause) -> str | None:
    """What there are so many of, where the sentence says no more: "There were 15 deaths"."""
    if clause.verb is None or clause.whole is None or clause.figure.noun is None:
        return None
    is_there = clause.word(clause.verb - 1) == "there"
    return clause.text(*clause.whole) if is_there or _has_owner(clause) else None


def _has_owner(clause: _Clause) -> bool:
    """Whether people have what is counted: "nurses have two colds a year"."""
    if clause.verb is None or clause.figure.noun is None or clause.word(clause.figure.noun) in lexicon().people:
        return False
    return _people(clause.sentence, clause.start, clause.verb) is not None


def _size_of_source(clause: _Clause) -> str | None:
    """What a number is the size of: "A review of quantitative studies"."""
    parts = (clause.text(clause.start, clause.begin), _counted(clause))
    return " ".join(part for part in parts if part) or None


def _asked(question: str | None) -> str | None:
    """The question without its mark: what is measured where the text names nothing."""
    return (question or "").strip().rstrip("?").strip() or None


# ---------------------------------------------------------------- population

_POINTING = frozenset({"these", "those", "such", "them", "they", "cases", "case"})
_HEADLESS = frozenset({"cases", "case", "them", "those", "these", "they"})
_ATTRIBUTES = words(
    """affected older young younger pregnant american african white black hispanic such the these those most some many
    all healthy adult infected other"""
)


def _population(clause: _Clause, before: Meaning | None, context: Context, role: str) -> str | None:
    """Whom or what the figure is about; who was meant before, where the clause only points back."""
    named = _named_population(clause)
    if named is None and before is not None and clause.verb is None and before.population:
        return before.population
    named = named or _nearest_people(clause)
    if named is not None and (clause.figure.kind == COUNT or not _is_pointing(named)):
        return named
    if named is not None and before is not None and before.population and named.lower().split()[-1] in _HEADLESS:
        return before.population
    return _antecedent(named, context, role) or named


def _is_pointing(named: str) -> bool:
    """Whether a population only points back: "these patients", "them", "cases" alone."""
    plain = named.lower().split()
    return plain[0] in ("these", "such", "them", "they", "he", "she") or (len(plain) == 1 and plain[0] in _POINTING)


def _named_population(clause: _Clause) -> str | None:
    """Whom the clause itself names: the whole of a share, who has the chance, the people left of the figure."""
    sentence, figure = clause.sentence, clause.figure
    if figure.noun is not None and sentence.word(figure.noun) in lexicon().sources and clause.whole:
        person = _people(sentence, figure.noun + 1, clause.whole[1] + 6)
        if person is not None:
            return _text(sentence, person, _phrase_end(sentence, person))
    if _has_owner(clause):
        return _people_between(clause, clause.start, clause.begin)
    if clause.whole:
        return clause.text(*clause.whole)
    if figure.rule == "ratio.pair" and _people(sentence, figure.first, figure.last) is not None:
        return _people_between(clause, figure.first, figure.last)
    is_had = clause.verb is not None and clause.begin - clause.complement <= 1
    if is_had and clause.word(clause.complement - 1) in ("has", "have", "had", "face", "faces"):
        return clause.text(clause.start, clause.verb or clause.start)
    return _people_between(clause, clause.start, clause.begin)


def _nearest_people(clause: _Clause) -> str | None:
    """People named right of the figure, else anywhere left of it."""
    left = max(0, clause.begin - _CLAUSE)
    return _people_between(clause, clause.finish, clause.end) or _people_between(clause, left, clause.begin)


def _people_between(clause: _Clause, first: int, last: int) -> str | None:
    person = _people(clause.sentence, first, last)
    return None if person is None else _around(clause.sentence, person, first, last)


def _around(sentence: Sentence, person: int, first: int, last: int) -> str | None:
    """The phrase around a noun for people, between tokens `first` and `last`."""
    start = person
    while start > first and sentence.word(start - 1) in _ATTRIBUTES:
        start -= 1
    end = min(_phrase_end(sentence, person), max(last, person + 1))
    while end > person + 1 and sentence.word(end - 1).endswith("ing"):
        end -= 1  # "individuals earning" before "$75,000"
    return _text(sentence, start, end)


def _antecedent(named: str | None, context: Context, role: str) -> str | None:
    """Whom "these patients", "cases" or nobody named means: people of the sentences before, of the question."""
    if role == "anecdote":
        return _proper_name(context.question)
    noun = named.lower().split()[-1] if named and len(named.split()) > 1 else None
    for earlier in context.before:
        found = _person_phrase(earlier, noun) if named else None
        if found:
            return found
    return _person_phrase(context.question, None) if context.question else None


@lru_cache(maxsize=128)  # many figures ask for the same question
def _person_phrase(text: str, noun: str | None) -> str | None:
    """The first phrase about people in a text; with `noun`, only one headed by that noun."""
    sentence = read_sentence(text, 0, len(text))
    for i in range(len(sentence.tokens)):
        if sentence.word(i) == noun or (noun is None and sentence.word(i) in lexicon().people):
            return _text(sentence, i, _phrase_end(sentence, i))
    return None


def _proper_name(text: str | None) -> str | None:
    """The first capitalised word of a question after its first word: whom a story is about."""
    for word in (text or "").split()[1:]:
        name = re.sub(r"['’]s\b|[?,.]", "", word)
        if name[:1].isupper() and not name.isupper():
            return name
    return None


def _counted(clause: _Clause) -> str | None:
    """What a count counts: "quantitative studies"."""
    noun = clause.figure.noun
    return None if noun is None else clause.text(min(clause.finish, noun), noun + 1)


# ---------------------------------------------------------------- source and role

_CITATION = re.compile(
    r"\[\d{1,4}(?:\s?[,;–-]\s?\d{1,4}){0,20}+\]"
    r"|\([A-Z][\w’'-]{1,40}+(?: et al\.?| (?:and|&) [A-Z][\w’'-]{1,40}+)?,? \d{4}[a-z]?\)"
)
_CITED_WITHIN = 400  # characters from a figure to its citation mark, at the end of the sentence as a rule
_STUDY = words("study review survey trial report analysis poll meta-analysis")
_STUDIES = words("studies trials papers articles surveys reviews publications meta-analyses experiments")
_SAMPLES = _STUDY | {"sample", "cohort", "panel"}
_BEFORE_SOURCE = words(', ; : that ( [ “ " and – —')
_CLOSING_VERBS = words("says said say reports reported estimates found")
_FIRST_WORDS = 8  # of a sentence, where "In a recent study" stands


@dataclass(frozen=True, slots=True)
class _Sources:
    """Who is quoted in a sentence: after "according to", as subject of a reporting verb, as "In a recent study"."""

    named: str | None
    reporters: list[tuple[int, str]]  # token of the verb and its subject, in order
    study: str | None


def _sources(sentence: Sentence) -> _Sources:
    size = len(sentence.tokens)
    said = next((i + 2 for i in range(size - 1) if sentence.words(i, i + 2) == ("according", "to")), None)
    named = None if said is None else _text(sentence, said, _source_end(sentence, said))
    verbs = (i for i in range(1, size) if sentence.word(i) in lexicon().source_verbs and _is_verb(sentence, i))
    found = ((verb, _source(sentence, verb)) for verb in verbs)
    studies = (i for i in range(1, _FIRST_WORDS) if sentence.word(i) in _STUDY)
    study = next(studies, None) if sentence.word(0) in ("in", "from") else None
    return _Sources(
        named=None if named == "Dr" else named,  # a sentence cut off after "Dr."
        reporters=[(verb, source) for verb, source in found if source],
        study=None if study is None else _text(sentence, 1, study + 1),
    )


def _source_end(sentence: Sentence, first: int) -> int:
    """End of what is named after "according to": a mark or the verb of the claim."""
    last = min(len(sentence.tokens), first + _REACH)
    return next((i for i in range(first, last) if sentence.word(i) in _MARKS_END or _is_verb(sentence, i)), last)


def _source(sentence: Sentence, verb: int) -> str | None:
    """The subject of the reporting verb at `verb` if it is a source, cut after its last source noun."""
    first = verb
    while first > max(0, verb - _CLAUSE) and sentence.word(first - 1) not in _BEFORE_SOURCE:
        first -= 1
    nouns = [i for i in range(first, verb) if sentence.word(i) in lexicon().source_nouns]
    if nouns:
        return _text(sentence, first, nouns[-1] + 1)
    is_name = first > 0 and sentence.is_word(first) and _is_capital(sentence, first)
    is_said = sentence.word(verb + 1) in ("that", "", ".")
    return _text(sentence, first, verb) if is_name and is_said else None


def _attribution(sentence: Sentence, figure: Figure, sources: _Sources) -> str | None:
    """Who says so: whom "according to" names, the first source that reports before the figure or at the end."""
    if sources.named:
        return sources.named
    for verb, source in sources.reporters:
        is_last = sentence.word(verb) in _CLOSING_VERBS and sentence.word(verb + 1) in ("", ".", "”", '"')
        if verb < figure.first or is_last:
            return source
    return sources.study


def _citation(sentence: Sentence, figure: Figure) -> str | None:
    """The citation mark after the figure, else before it, in the same sentence."""
    text, tokens = sentence.text, sentence.tokens
    start, end = tokens[figure.first].start, tokens[figure.last - 1].end
    after = _CITATION.search(text, end, min(tokens[-1].end, end + _CITED_WITHIN))
    found = after or _CITATION.search(text, max(tokens[0].start, start - _CITED_WITHIN), start)
    return found[0] if found else None


def _role(clause: _Clause) -> str:
    """finding, source_qualifier (the size of a source), anecdote (one person's story) or threshold (a limit set)."""
    if _is_evidence(clause):
        return "source_qualifier"
    left = set(clause.sentence.words(clause.start, clause.begin))
    if clause.figure.kind != COUNT and left & lexicon().story:
        return "anecdote"
    near = left.union(clause.sentence.words(clause.finish, min(clause.finish + _LIMIT_REACH, clause.end)))
    is_bound = clause.figure.relation in ("<", "<=", ">", ">=")
    return "threshold" if is_bound and near & lexicon().limits else "finding"


_LIMIT_REACH = 5  # tokens after "below 5 %" in which it is called a limit: "is considered normal"


def _is_evidence(clause: _Clause) -> bool:
    """Whether a count sizes a source: "20 studies", "a survey of 500 adults"."""
    if clause.figure.noun is None:
        return False
    i = clause.begin - 1
    is_sample = clause.word(i) in ("of", "with", "involving", "among")
    is_of_study = is_sample and bool(_SAMPLES.intersection(clause.sentence.words(i - 3, i)))
    return is_of_study or clause.word(clause.figure.noun) in _STUDIES
