"""What a figure says: measure, population, source and role, from the words around it.

No parser: English answers put the subject left of the verb and the share's whole right after "of", so the
clause is cut at verbs, commas and reporting words that lexicon.toml lists. Everything returned is the
text's own words (joined by a space where the figure stood between them), or null where the text is silent.
"""

import re
from dataclasses import dataclass

from pipeline.figures_grammar import Figure
from pipeline.figures_lexicon import Lexicon, lexicon
from pipeline.figures_tokens import HYPHENS, Sentence, read_sentence

__all__ = ["Context", "Meaning", "find_meaning"]

_LONGEST_PHRASE = 16  # tokens of a measure or population; longer ones are cut at a word
_CITATION = re.compile(r"\[\d{1,4}(?:\s?[,;–-]\s?\d{1,4}){0,20}+\]|\([A-Z][\w’'-]{1,40}(?: et al\.?| (?:and|&) [A-Z][\w’'-]{1,40})?,? \d{4}[a-z]?\)")
_COPULAS = frozenset("is are was were be been being equals reached reaches reach ranged ranges range ranging averaged averages average totaled totals stood stands varied varies vary".split(" "))
_AUXILIARIES = frozenset("is are was were be been has have had may might can could will would should do does did not also still often usually typically only".split(" "))
_NO_VERB_AFTER = frozenset("who that which to the a an of in average total all-inclusive their its his her your".split(" "))
_CONJUNCTIONS = frozenset("but and or so yet however also then because".split(" "))
_OPENERS = frozenset("of in among for".split(" "))  # between a share and its whole
_MODIFIERS = frozenset("with of in who whose that aged over under older younger diagnosed living without having at on worldwide undergoing seeking receiving taking whom the a an".split(" "))
_CUTS = frozenset("and or but which while whereas although because so than compared versus until if when where as".split(" "))
_POINTING = frozenset("these those this that such them they".split(" "))
_VAGUE = frozenset("cases case them those these they individuals people patients persons".split(" "))
_TIME_WORDS = frozenset("each every per a".split(" "))


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a sentence: the question asked, and the sentences before it, last first."""

    question: str | None
    before: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """The fields of a figure that are about its meaning; null where nothing says so."""

    measure: str | None
    population: str | None
    counted: str | None
    attribution: str | None
    citation: str | None
    role: str


def find_meaning(sentence: Sentence, figures: list[Figure], context: Context) -> list[Meaning]:
    """The meaning of each figure of a sentence, in the same order."""
    meanings: list[Meaning] = []
    for i in range(len(figures)):
        meanings.append(_Reader(sentence, figures, i, context, meanings).read())
    return meanings


class _Reader:
    """Reads the meaning of one figure."""

    def __init__(self, sentence: Sentence, figures: list[Figure], i: int, context: Context, done: list[Meaning]) -> None:
        self.sentence, self.figure, self.context, self.done = sentence, figures[i], context, done
        self.word = sentence.word
        self.words: Lexicon = lexicon()
        self.size = len(sentence.tokens)
        self.claim = self._claim_start()
        self.floor = max(self.claim, _end(figures[i - 1]) if i else 0)  # what lies left of it belongs to another figure
        self.ceiling = _begin(figures[i + 1]) if i + 1 < len(figures) else self.size

    def read(self) -> Meaning:
        whole = self._whole()
        role = self._role()
        measure = self._size_of_source() if role == "source_qualifier" else self._measure(whole)
        return Meaning(
            measure=measure or self._question_measure(),
            population=self._population(whole),
            counted=self._counted(),
            attribution=self._attribution(),
            citation=self._citation(),
            role=role,
        )

    # -- pieces of text

    def text(self, first: int, last: int) -> str | None:
        """The words of tokens `first` to before `last`, without punctuation at either end; null when none is left."""
        last = min(last, self.size)
        while first < last and (not self._is_wordy(first) or self.word(first) in _CONJUNCTIONS):
            first += 1
        while last > first and not self._is_wordy(last - 1):
            last -= 1
        if first >= last:
            return None
        tokens = self.sentence.tokens
        return self.sentence.text[tokens[first].start : tokens[last - 1].end]

    def _is_wordy(self, i: int) -> bool:
        return self.sentence.tokens[i].sort in ("word", "number") or self.word(i) in ("%", ")")

    # -- where things stand

    def _claim_start(self) -> int:
        """First token of what is claimed: after "found that", "according to X,", "In a recent study,"."""
        start = 0
        for i in range(_begin(self.figure)):
            if self.word(i) == "that" and self.word(i - 1) in self.words.source_verbs:
                start = i + 1
            elif self.word(i) in (";", ":"):
                start = i + 1
        if start == 0 and self.word(0) in ("in", "according", "each", "every", "during", "among", "for", "since", "however", "on", "also"):
            comma = next((i for i in range(1, min(_begin(self.figure), 14)) if self.word(i) == ","), None)
            start = comma + 1 if comma is not None else 0
        return start

    def _whole(self) -> tuple[int, int] | None:
        """The tokens of "patients with cancer" in "66 % of patients with cancer have", or of the noun counted."""
        i = _end(self.figure)
        if self.figure.noun is not None:
            return self.figure.last if i <= self.figure.noun else self.figure.noun, self._phrase_end(self.figure.noun)
        if self.word(i) in _OPENERS and self.word(i + 1) and self.figure.kind != "multiplier":
            if self.figure.kind == "money" and not self._people(i + 1, i + 5):
                return None
            if self.word(i) == "in" and self.figure.kind == "percent" and self.word(i + 1).isdigit():
                return None
            return i + 1, self._phrase_end(i + 1)
        if self.figure.rule == "ratio.pair" and self.sentence.tokens[i : i + 1] and self.sentence.tokens[i].sort == "word":
            return i, self._phrase_end(i)
        return None

    def _phrase_end(self, head: int) -> int:
        """End of the noun phrase around token `head`: its modifiers belong to it, the verb of the clause does not."""
        inside_relative = False
        i = head
        while i < min(self.size, head + _LONGEST_PHRASE):
            word, token = self.word(i), self.sentence.tokens[i]
            if token.sort in ("mark", "skip") and word not in HYPHENS and word not in ("'", "’", "(", ")", "/"):
                return i
            if word in ("(", ")"):
                return i
            if i > head and word in _CUTS and not (word in ("and", "or") and self.word(i + 1) in self.words.people):
                return i
            if word in ("who", "that"):
                inside_relative = True
            elif i > head and (word in self.words.finite or word in self.words.source_verbs) and self.word(i - 1) not in _NO_VERB_AFTER:
                if not inside_relative or self.word(i + 1) == "that":
                    return i
                if self.word(i + 1) not in self.words.finite and self.word(i + 1) not in ("not", "been"):
                    inside_relative = False
            elif word in _TIME_WORDS and self.words.periods.get(self.word(i + 1)):
                return i
            i += 1
        return i

    def _people(self, first: int, last: int) -> int | None:
        """The first noun for people among the tokens."""
        return next((i for i in range(max(first, 0), min(last, self.size)) if self.word(i) in self.words.people), None)

    def _verb(self, first: int, last: int) -> int | None:
        """The verb of the clause among the tokens: the last finite one, with the auxiliaries before it."""
        i = min(last, self.size) - 1
        while i >= first and not self._is_verb(i):
            i -= 1
        while i > first and self.word(i - 1) in _AUXILIARIES:
            i -= 1
        return i if i >= first else None

    def _is_verb(self, i: int) -> bool:
        return self.word(i) in self.words.finite and self.word(i - 1) not in _NO_VERB_AFTER

    # -- fields

    def _measure(self, whole: tuple[int, int] | None) -> str | None:
        left_end = _begin(self.figure)
        verb = self._verb(self.floor, left_end)
        if whole and self.figure.kind != "multiplier":
            told = self._predicate(whole[1])
            if told and (verb is None or self.figure.kind == "count"):
                return told
            if told and self._is_elliptic(whole[1]):
                return told
        if verb is not None:
            subject = self.text(self.floor, verb)
            if subject and self.word(verb) in _COPULAS and not self._is_pronoun(subject):
                return subject
            return self._around(left_end, whole)
        return self._after(whole) or self.text(self.floor, left_end)

    def _size_of_source(self) -> str | None:
        """"A review of quantitative studies": what the number is the size of."""
        parts = (self.text(self.floor, _begin(self.figure)), self._counted())
        return " ".join(part for part in parts if part) or None

    def _is_pronoun(self, subject: str) -> bool:
        return subject.lower() in ("it", "this", "that", "they", "there", "these", "those")

    def _predicate(self, first: int) -> str | None:
        """The clause's verb phrase after the whole: "have their original diagnosis refined"."""
        if self.word(first) in (",", "(") and self._is_elliptic(first):
            return self._elliptic(first)
        if self.word(first) not in self.words.finite:
            return None
        last = first
        while last < min(self.ceiling, first + _LONGEST_PHRASE) and self.word(last) not in (";", ",", "(", "."):
            if self.word(last) in ("and", "but", "while", "whereas") and last > first + 1 and (last + 3 >= self.ceiling or self.word(last) != "and"):
                break
            last += 1
        while last > first and self.word(last - 1) in ("and", "in", "or", "but", "of", "to"):
            last -= 1
        return self.text(first, last)

    def _is_elliptic(self, first: int) -> bool:
        """", changed." after "have their diagnosis refined and in 21 % of cases": the verb alone is told anew."""
        return (
            self.word(first) == "," and self.word(first + 1).endswith("ed") and bool(self.done)
            and self.word(first + 2) in ("", ".", ";")
        )  # fmt: skip

    def _elliptic(self, first: int) -> str | None:
        before = self.done[-1].measure if self.done else None
        if not before or " " not in before:
            return self.text(first + 1, first + 2)
        return f"{before.rsplit(' ', 1)[0]} {self.text(first + 1, first + 2)}"

    def _around(self, left_end: int, whole: tuple[int, int] | None) -> str | None:
        """Subject and verb left of the figure, with a short complement right of it: "spends ... out of pocket"."""
        while left_end > self.floor and self.word(left_end - 1) in ("to", "of", "in", "by", "for", "at", "from", "and", "or", "a", "an", "the", "("):
            left_end -= 1
        left = self.text(self.floor, left_end)
        start = _end(self.figure)
        if whole is not None or self.word(start) not in ("out", "for", "on", "in", "to", "toward", "towards", "as"):
            return left
        last = start
        while last < min(self.ceiling, start + 8) and self.sentence.tokens[last].sort == "word" and self.word(last) not in ("and", "but", "or", "every", "each", "per"):
            last += 1
        right = self.text(start, last)
        return f"{left} {right}" if left and right else left or right

    def _after(self, whole: tuple[int, int] | None) -> str | None:
        """The noun phrase right of the figure: "chance of inheriting the mutation"."""
        start = whole[1] if whole else _end(self.figure)
        if start >= self.size or self.sentence.tokens[start].sort != "word":
            return None
        last = start
        while last < min(self.ceiling, start + _LONGEST_PHRASE) and self.word(last) not in (",", ";", ".", "(", ")", "and"):
            last += 1
        return self.text(start, last)

    def _population(self, whole: tuple[int, int] | None) -> str | None:
        named = self._named_population(whole)
        if named is None:
            return self._antecedent(None)
        plain = named.lower().split()
        if plain[0] in _POINTING or plain[-1] in _VAGUE and len(plain) <= 1 and plain[0] in ("cases", "case", "them", "those", "these"):
            return self._antecedent(named) or named
        return named

    def _named_population(self, whole: tuple[int, int] | None) -> str | None:
        """Whom the sentence itself names: the whole of a share, else the nearest phrase about people."""
        if whole:
            if self.figure.noun is not None and self.word(self.figure.noun) in self.words.sources:
                person = self._people(self.figure.noun + 1, whole[1] + 6)
                if person is not None:
                    return self.text(person, self._phrase_end(person))
            return self.text(*whole)
        ranges = ((self.floor, _begin(self.figure)), (_end(self.figure), self.ceiling), (0, _begin(self.figure)))
        for first, last in ranges:
            person = self._people(first, last)
            if person is not None:
                start = person
                while start > first and self.sentence.tokens[start - 1].sort == "word" and self.word(start - 1) in ("affected", "older", "young", "pregnant", "these", "those", "american", "such", "white", "black"):
                    start -= 1
                return self.text(start, min(self._phrase_end(person), last if last > person else self.size))
        return None

    def _antecedent(self, named: str | None) -> str | None:
        """Whom "these patients" or "cases" means: the figure before, a sentence before, or the question."""
        if named and self.done and self.done[-1].population and named.lower().split()[-1] in ("cases", "case", "them", "those", "these"):
            return self.done[-1].population
        wanted = named.lower().split()[-1] if named and len(named.split()) > 1 else None
        for earlier in (*self.context.before, self.context.question or ""):
            found = _person_phrase(earlier, wanted if earlier != self.context.question else None)
            if found:
                return found
        return _proper_name(self.context.question) if self._role() == "anecdote" else None

    def _counted(self) -> str | None:
        """What a count counts: "quantitative studies"."""
        noun = self.figure.noun
        if noun is None:
            return None
        first = self.figure.qualifier_last or self.figure.last
        return self.text(first if first <= noun else noun, noun + 1)

    def _attribution(self) -> str | None:
        """Who says so: the subject of a reporting verb, or what follows "according to"."""
        for i in range(self.size):
            if self.word(i) == "according" and self.word(i + 1) == "to":
                return self.text(i + 2, self._source_end(i + 2))
        for i in range(1, self.size):
            if self.word(i) not in self.words.source_verbs or i < self.claim - 2 and False:
                continue
            if i >= self.figure.first and not self._closes_with_says(i):
                continue
            source = self._subject(i)
            if source:
                return source
        if self.word(0) in ("in", "from"):
            for i in range(1, min(8, self.size)):
                if self.word(i) in ("study", "review", "survey", "trial", "report", "analysis", "poll"):
                    return self.text(1, i + 1)
        return None

    def _closes_with_says(self, i: int) -> bool:
        return self.word(i) in ("says", "said", "say", "reports", "reported", "estimates") and self.word(i + 1) in ("", ".", "”", '"')

    def _subject(self, verb: int) -> str | None:
        """The source that is subject of the reporting verb at `verb`, cut after its last source noun."""
        first = verb
        while first > 0 and self.word(first - 1) not in (",", ";", ":", "that", "(", "“", '"'):
            first -= 1
        nouns = [i for i in range(first, verb) if self.word(i) in self.words.source_nouns]
        if nouns:
            return self.text(first, nouns[-1] + 1)
        names = [i for i in range(first, verb) if self.sentence.tokens[i].sort == "word" and self._is_capital(i) and i > 0]
        return self.text(names[0], verb) if names and self.word(verb + 1) in ("that", "", ".") else None

    def _is_capital(self, i: int) -> bool:
        token = self.sentence.tokens[i]
        return self.sentence.text[token.start].isupper()

    def _source_end(self, i: int) -> int:
        while i < self.size and self.word(i) not in (",", ";", ".", "(", ":") and self.word(i) not in self.words.finite:
            i += 1
        return i

    def _citation(self) -> str | None:
        """The citation mark after the figure, else before it, in the same sentence."""
        tokens = self.sentence.tokens
        end = tokens[self.figure.last - 1].end
        found = _CITATION.search(self.sentence.text, end, tokens[-1].end) or _CITATION.search(self.sentence.text, tokens[0].start, end)
        return found[0] if found else None

    def _role(self) -> str:
        if self.figure.noun is not None and self._is_evidence(self.figure.noun):
            return "source_qualifier"
        before = {self.word(i) for i in range(self.floor, _begin(self.figure))}
        if self.figure.kind != "count" and before & self.words.story and not before & {"patients"}:
            return "anecdote"
        around = {self.word(i) for i in range(self.floor, min(self.size, self.figure.last + 6))}
        if self.figure.relation not in ("=", "~", "~range") and around & self.words.limits:
            return "threshold"
        return "finding"

    def _is_evidence(self, noun: int) -> bool:
        """Whether the number sizes a source: "20 studies", "a survey of 500 adults"."""
        if self.word(noun) in ("studies", "trials", "papers", "articles", "surveys", "reviews", "publications", "meta-analyses", "experiments"):
            return True
        i = _begin(self.figure) - 1
        return self.word(i) in ("of", "with", "involving", "among") and any(
            self.word(j) in ("study", "survey", "trial", "review", "analysis", "poll", "sample", "cohort", "meta-analysis") for j in range(i - 3, i)
        )

    def _question_measure(self) -> str | None:
        """The question without its mark, where the sentence names no measure."""
        asked = (self.context.question or "").strip().rstrip("?").strip()
        return asked or None


def _begin(figure: Figure) -> int:
    return figure.first if figure.qualifier_first is None else figure.qualifier_first


def _end(figure: Figure) -> int:
    return figure.last if figure.qualifier_last is None else max(figure.last, figure.qualifier_last)


def _person_phrase(text: str, noun: str | None) -> str | None:
    """The first phrase about people in a text; with `noun`, only one headed by that noun."""
    sentence = read_sentence(text, 0, len(text))
    reader = _Reader(sentence, [Figure(0, 0, None, None, "")], 0, Context(None, ()), [])
    people = (i for i in range(len(sentence.tokens)) if sentence.word(i) == noun or (noun is None and sentence.word(i) in reader.words.people))
    head = next(people, None)
    return reader.text(head, reader._phrase_end(head)) if head is not None else None


def _proper_name(text: str | None) -> str | None:
    """The first capitalised word of a question after its first word: whom it asks about."""
    for word in (text or "").split()[1:]:
        name = re.sub(r"['’]s\b|[?,.]", "", word)
        if name[:1].isupper() and name[1:] != name[1:].upper():
            return name
    return None
