"""Finds phrases of a sentence: the end of a noun phrase, the verb of a clause, people who are named.

There is no parser: English puts the subject left of its verb, and lexicon.toml lists the verbs.
"""

from pipeline.limits import PHRASE_REACH
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import Sentence
from pipeline.statistics.numbers import HYPHENS

__all__ = [
    "ACTORS",
    "ADVERBS",
    "ARTICLES",
    "MARKS_END",
    "PER",
    "PREPOSITIONS",
    "after_period",
    "first_people_noun",
    "is_capital_inside_sentence",
    "is_verb",
    "is_word_or_number",
    "last_verb",
    "opens_clause",
    "period_at",
    "phrase_end",
    "text_of",
]  # fmt: skip

_CONJUNCTIONS = words("but and or so yet however also then because plus therefore thus")
ADVERBS = words(
    """such also still often usually typically generally only even now never always already routinely respectively
    primarily mostly mainly nearly preferably currently"""
)
_NO_END = ADVERBS | _CONJUNCTIONS
PREPOSITIONS = words("to of in by for at from with on about as than a an the and or ( not")


MARKS_END = frozenset(",;():.—–?!")


def text_of(sentence: Sentence, first: int, last: int) -> str | None:
    """The words of tokens `first` to before `last`, bare of marks and conjunctions at the ends; null if none is."""
    last = min(last, len(sentence.tokens))
    lower = sentence.lower
    while first < last and (lower[first] in _CONJUNCTIONS or not is_word_or_number(sentence, first)):
        first += 1
    while last > first and not is_word_or_number(sentence, last - 1) and lower[last - 1] not in ("%", ")"):
        last -= 1
    while last > first and lower[last - 1] in _NO_END:
        last -= 1
    if first >= last:
        return None
    return sentence.text[sentence.tokens[first].start : sentence.tokens[last - 1].end]


def is_word_or_number(sentence: Sentence, i: int) -> bool:
    return sentence.tokens[i].sort in ("word", "number")


_NO_VERB_AFTER = words(
    """who that which whose to the a an of in for with average total all-inclusive overall their its his her your my our
    this these no any each every new annual monthly high low first second third last next same other own public private
    free"""
)


def is_verb(sentence: Sentence, i: int) -> bool:
    """Whether the word at `i` is a finite verb of its clause, not of a relative clause, a noun or a name."""
    word, known = sentence.word(i), lexicon()
    before = sentence.word(i - 1)
    if word not in known.verbs:
        may_follow = before[-1:] == "s" or word[-2:] == "ed" or before in known.people or before in _THEM
        if not may_follow or not _is_unlisted_verb(sentence, i):
            return False
    if i == 0 and word.endswith("s"):
        return False  # "Orders over $35"
    if word in _CLAIMS and (before.endswith(_BEFORE_CLAIMS) or sentence.word(i + 1) not in _AFTER_TO_CLAIM):
        return False  # "denied claims", "car insurance claims are denied", not "the report claims that"
    if word[-1:] == "s" and word not in _SHORT_VERBS and (before in _MANY or sentence.word(i + 1) in _SHORT_VERBS):
        return False  # "all reports were correct", "one in eight reports needs a correction"
    if word in _BASE_FORMS and _is_singular_noun(sentence, i - 1):
        return False  # "per specialist visit"
    if word in _NOUNS_AND_VERBS and sentence.word(i + 1) in _AFTER_NOUN and before not in _PRONOUNS:
        return False  # "of benign results but", "approved charges for"
    return before not in _NO_VERB_AFTER and not is_capital_inside_sentence(sentence, i)


_NOUNS_AND_VERBS = words(
    """results charges visits tests costs reports benefits offers limits changes needs works drops drinks rides wins
    starts stops votes helps leads gains funds awards grants cuts counts estimates calls looks returns serves repairs"""
)
_BASE_FORMS = words(
    """visit test charge change report claim offer limit need work drop drink ride win start stop vote help lead gain
    fund award grant count estimate call look return benefit result repair review drive hit save rise fall increase"""
)


def _is_singular_noun(sentence: Sentence, i: int) -> bool:
    """Whether token `i` is a word that no verb without "s" follows: not a plural, a pronoun, an adverb or a number."""
    word = sentence.word(i)
    if (
        not sentence.is_word(i)
        or i in sentence.number_at
        or word in lexicon().people | lexicon().verbs | _SUBJECTS | _THEM
    ):
        return False
    return len(word) > 3 and not word.endswith(("s", "ly", "ed")) and word not in _BEFORE_BASE


_BEFORE_BASE = _NO_END | words(
    """most many some both half third quarter percent cent people police staff data media public please than that which
    whom more less fewer when where what until unless once"""
)
_AFTER_NOUN = words("of for with but and or than from")
_PRONOUNS = words("it he she that which who this")
_MANY = words("all both many most several few these those")
_SHORT_VERBS = words("is are was were has have does do did needs need")
_CLAIMS = words("claim claims")
_BEFORE_CLAIMS = ("ed", "insurance", "medical")
_AFTER_TO_CLAIM = words("that to it they he she we the a an their its his her up about nearly almost only more")


def _is_unlisted_verb(sentence: Sentence, i: int) -> bool:
    """Whether a word that the lexicon lacks is a verb: "altered the diagnosis", "adults snore", "disputes arise"."""
    if not sentence.is_word(i):
        return False
    is_followed = sentence.is_word(i - 1) or sentence.word(i + 1) in _OBJECTS  # ", refined it"
    if sentence.word(i).endswith("ed") and sentence.word(i + 1) in _BEFORE_OBJECT and is_followed:
        return True
    before = sentence.word(i - 1)
    if sentence.word(i + 1) in _OBJECTS and not sentence.begins_word(i + 2) and sentence.word(i) not in _AFTER_PEOPLE:
        return sentence.word(i) not in PREPOSITIONS and sentence.word(i) not in _ENDS_PHRASE  # "ration it."
    is_subject = before in lexicon().people or before in _THEM or _is_plural_subject(sentence, i - 1)
    return is_subject and _follows_as_verb(sentence, i)


_OBJECTS = words("it them him us")
_BEFORE_OBJECT = _OBJECTS | words("the a an their his her its our your my")  # "the second look altered the diagnosis"


def _is_plural_subject(sentence: Sentence, i: int) -> bool:
    """Whether token `i` is a plural after "of" and a figure, whose verb may follow: "85% of disputes succeed"."""
    name = sentence.word(i)
    if not name.endswith("s") or len(name) < 4 or name.endswith(("ss", "us", "is", "'s", "’s")):
        return False
    of = next((j for j in range(i - 1, i - 4, -1) if sentence.word(j) == "of"), None)
    return of is not None and (of in sentence.number_ends or sentence.word(of - 1) in ("%", "percent", "cent"))


_THEM = words("them us")
_AFTER_PEOPLE = words(
    """of in with without who whom whose that which at on from to for by as than and or but not per each every a
    an the these this about over under above below between among within during after before since until while
    when where if worldwide nationwide globally alive free able unable likely unlikely eligible older younger
    new overall alone last next yesterday today again away back down up out off when while together aged age
    ages born known seen shown given taken found left hurt more less fewer most only also too either both all
    now then there here such because so we you they he she it i"""
)


def _follows_as_verb(sentence: Sentence, i: int) -> bool:
    """Whether a word unknown to the lexicon is a verb right after "adults" or "patients": "adults snore"."""
    word = sentence.word(i)
    is_adjective = sentence.word(i - 1).endswith("ese")  # "the Japanese yen"
    is_verb = word not in _AFTER_PEOPLE and not word.endswith(("ed", "ing", "ly", "s"))
    if word.endswith("ed") and word not in _AFTER_PEOPLE:
        is_verb = not _has_later_verb(sentence, i)  # "voters stayed at home", not "patients treated with it recovered"
    return sentence.is_word(i) and is_verb and not is_adjective


def _has_later_verb(sentence: Sentence, i: int) -> bool:
    """Whether a verb follows in the clause, so that the participle at `i` only describes."""
    for j in range(i + 1, min(i + PHRASE_REACH, len(sentence.tokens))):
        word = sentence.word(j)
        if word in lexicon().finite:
            return True
        if word in MARKS_END:
            return False
    return False


def is_capital_inside_sentence(sentence: Sentence, i: int) -> bool:
    token = sentence.tokens[i]
    return i > 0 and sentence.text[token.start].isupper()


_ENDS_PHRASE = words(
    """after before once unless but which while whereas although because so than compared versus until if when
    where as from by"""
)
_GRADES = words("stage grade type class level phase tier part title")
_SUBJECTS = words("you they it he she we i there")
ACTORS = words("i you we they he she")
PER = words("each every per a")  # before the name of a period


_PER_OR_SLASH = PER | {"/"}
_WHICH = words("next last this")
_OPENS_PERIOD = _PER_OR_SLASH | HYPHENS | _WHICH | {"an"}
_NO_PERIOD = words("other second third fourth few two three single one given")  # "every other year", "a few months"
_SPANS = words("ago earlier later old")  # "$5 a year ago"


def period_at(sentence: Sentence, i: int) -> tuple[str, int] | None:
    """The period named at token `i` and the token after it: "a month", "per calendar year", "/day", "yearly"."""
    periods, word = lexicon().periods, sentence.word(i)
    if word.endswith("ly") and word in periods:
        return periods[word], i + 1
    i += word in HYPHENS and sentence.is_glued(i)  # "$30-a-month"
    if sentence.word(i) not in _PER_OR_SLASH:
        return None
    i += 1 + (sentence.word(i + 1) in HYPHENS)
    is_qualified = sentence.is_word(i) and sentence.word(i) not in _NO_PERIOD and sentence.word(i - 1) != "a"
    if sentence.word(i) not in periods and is_qualified:
        i += 1
    named = periods.get(sentence.word(i))
    return (named, i + 1) if named and sentence.word(i + 1) not in _SPANS else None


def after_period(sentence: Sentence, i: int) -> int:
    """The token after the period at `i`, or `i` where none is, or where it describes the noun after it."""
    word = sentence.word(i)
    if word not in _OPENS_PERIOD and word[-2:] != "ly":
        return i  # most tokens
    if word in _WHICH and sentence.word(i + 1) in lexicon().periods:
        return i + 2  # "8% next year in one state and 5% in another"
    found = period_at(sentence, i)
    if found is None:
        return i + 2 if sentence.word(i) in _PER_UNIT and sentence.word(i + 1) in _UNITS else i
    last = found[1]
    is_adjective = last == i + 1 and sentence.is_word(last) and sentence.word(last) not in _AFTER_ADVERB
    return i if is_adjective else last


_PER_UNIT = words("a an per /")
_UNITS = words("hour minute mile kilometer kilometre kwh kilowatt-hour gallon liter litre pound kilo kilogram")
_AFTER_ADVERB = PREPOSITIONS | _CONJUNCTIONS | words("over per while if when which that toward towards plus")


ARTICLES = words("a an the this their his her its our your my no")
_OPENS_NEXT = ARTICLES | _SUBJECTS
_CASES = words("cases case")
_AUXILIARIES = words("is are was were be been has have had do did does will would can could may might must should")
_IN_CHAIN = words("not been never ever")


def phrase_end(sentence: Sentence, head: int) -> int:
    """End of the noun phrase around token `head`: its modifiers belong to it, the verb of the clause does not."""
    if (
        sentence.word(head) in _THEM | {"these", "those"}
        and (sentence.word(head) in _THEM or is_verb(sentence, head + 1))
        and sentence.word(head + 1) not in ("who", "with", "in", "aged")
    ):
        return head + 1  # "5 % of them replied"
    if sentence.word(head) in ("whom", "which"):
        return head + 1  # "12% of whom walk"
    known, is_relative = lexicon(), False
    last = min(len(sentence.tokens), head + PHRASE_REACH)
    for i in range(head, last):
        word = sentence.word(i)
        if not is_word_or_number(sentence, i) and word not in HYPHENS and word not in ("'", "’", "/"):
            return i
        if i == head:
            continue
        if word in _ENDS_PHRASE:
            return i
        is_pair = (
            sentence.word(i + 1) in known.people and sentence.word(i - 1) in known.people
        )  # "women and men over 60"
        if word in ("and", "or") and not is_pair and opens_clause(sentence, i + 1):
            return i
        if word in PER and sentence.word(i + 1) in known.periods:
            return i
        if word == "the" and sentence.word(i - 1)[-1:] == "s" and sentence.is_word(i - 1):
            return i  # "with 120 films the two readers agreed"
        if word in ACTORS and not is_relative and sentence.word(i - 1) not in _GRADES:
            return i  # "insurers we asked", not "stage I disease"
        if word in _OPENS_NEXT and (sentence.word(i - 1) in known.people or sentence.word(i - 1) in _CASES):
            return i  # "in 5 patients the diagnosis was changed"
        if word in ("per", "in", "out") and (i + 1 in sentence.number_at or sentence.word(i + 1) in ("every", "of")):
            return i  # "eight people per million"
        if word in ("who", "that", "whose", "which"):
            is_relative = True
        elif is_relative and word in known.finite:
            is_chain = word in _AUXILIARIES and (
                sentence.word(i + 1) in known.finite or sentence.word(i + 1) in _IN_CHAIN
            )
            is_relative = is_chain
        elif is_verb(sentence, i):
            return i
    return last


def opens_clause(sentence: Sentence, i: int) -> bool:
    """Whether a verb, a subject or a number follows shortly after a conjunction, so that something new is said."""
    if sentence.word(i) in ("older", "over", "above", "younger", "under", "up"):
        return False  # "adults 65 and older"
    if sentence.word(i) in _SUBJECTS:
        return True
    for j in range(i, min(i + 4, len(sentence.tokens))):
        if sentence.word(j) in ("more", "less", "fewer") and sentence.word(j + 1) == "than":
            return True
        is_mark = not is_word_or_number(sentence, j) and sentence.word(j) not in HYPHENS
        if is_mark or sentence.word(j) in _ENDS_PHRASE:
            return False
        if sentence.is_digits(j) or is_verb(sentence, j) or sentence.word(j) in ("about", "up", "approximately"):
            return True
    return False


def last_verb(sentence: Sentence, first: int, last: int) -> int | None:
    """The last verb among the tokens."""
    lower, known = sentence.lower, lexicon()
    for i in range(min(last, len(sentence.tokens)) - 1, first - 1, -1):
        word = lower[i]
        may_be = word in known.verbs or word[-2:] == "ed" or lower[i - 1][-1:] == "s"
        if (may_be or lower[i - 1] in known.people or lower[i - 1] in _THEM) and is_verb(sentence, i):
            return i
    return None


def first_people_noun(sentence: Sentence, first: int, last: int) -> int | None:
    """The first noun for people among the tokens."""
    known, first = lexicon().people, max(first, 0)
    between = sentence.lower[first:last] if first < last else []
    return None if known.isdisjoint(between) else next(i for i, word in enumerate(between, first) if word in known)
