"""Classifies numbers without a unit: proportions, multiples and counts."""

from itertools import pairwise

from pipeline.limits import LONGEST_BOUND_PHRASE
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import COUNT, MONEY, MULTIPLIER, RATIO, Figure, Sentence
from pipeline.statistics.numbers import HYPHENS
from pipeline.statistics.phrases import after_period, is_verb
from pipeline.statistics.ranges import holds_only_hedges, is_change

__all__ = [
    "MULTIPLES",
    "REPORTED",
    "bound_phrase_at",
    "is_person",
    "with_counts",
    "with_multipliers",
    "with_part_ratios",
    "with_ratios",
]

_NOUN_REACH = (
    4  # tokens from a number to its noun, "20 large cohort studies"; labelled counts: F1 98.0 at 2, 100 at 3 to 6
)

# ---------------------------------------------------------------- ratios

# Between the part and the whole of a proportion, longest first; a noun may precede those in _AFTER_NOUN.
_PROPORTIONS: tuple[tuple[str, ...], ...] = (
    ("out", "of", "every"), ("out", "of", "each"), ("in", "every"), ("in", "each"), ("out", "of"), ("of", "every"),
    ("for", "every"), ("for", "each"), ("per", "every"), ("in",), ("per",), ("of",), ("over",), (":",),
)  # fmt: skip
_POINTERS = words("the these those all his her their our its my")
_JOINTS = frozenset(how[-1] for how in _PROPORTIONS)
_AFTER_NOUN = words("out_of_every out_of_each in_every of_every for_every per_every out_of per")
_PERSON = words("person man woman child baby family")  # those with an irregular plural
_SCORES = words("score scored scores rated rating rate rates scale stars star pain blood pressure")
_SMALL_WHOLE = 20  # "50 over 7" is a fraction, "125 over 82" a blood pressure
_SCORE_REACH = 5  # tokens before "8 out of 10" in which a score is spoken of


def with_ratios(sentence: Sentence, figures: list[Figure]) -> list[Figure]:
    """Figures with ratios for numbers in proportion ("1 in 4") and fractions of something ("two thirds of them")."""
    found: list[Figure] = []
    i = 0
    while i < len(figures):
        pair = _pair(sentence, figures[i], figures[i + 1]) if i + 1 < len(figures) else None
        found.append(pair or _fraction_as_ratio(sentence, figures[i]))
        i += 2 if pair else 1
    return found


def _pair(sentence: Sentence, over: Figure, under: Figure) -> Figure | None:
    """The proportion of two neighbours: "1 in 4", "3 to 6 cases per million", "1 in 700 to 900"."""
    if over.kind or under.kind or over.is_fraction or under.is_fraction:
        return None
    part, whole = over.high or 0.0, under.value
    how = _proportion_words(sentence, over, under)
    is_improper = part > whole and not (how == "over" and whole <= _SMALL_WHOLE)
    if how is None or over.value < 0 or whole < 2 or is_improper or not _is_proportion(sentence, over, under, how):
        return None
    ratio = over._replace(last=under.last, low=over.value / (under.high or whole), high=part / whole)
    ratio = ratio._replace(
        numerator=None if over.is_range else part, denominator=None if under.is_range else whole, magnitude=1.0
    )
    return ratio.named(RATIO, "ratio.pair")


def _proportion_words(sentence: Sentence, over: Figure, under: Figure) -> str | None:
    """The words that put two numbers in proportion, joined by "_"; hedges and a noun between them aside."""
    gap = sentence.words(over.last, under.first)
    if len(gap) == 3 and gap[0] in HYPHENS and gap[2] in HYPHENS:
        gap = gap[1:2]  # "a 1-in-10 chance"
    if _JOINTS.isdisjoint(gap):
        return None
    for how in _PROPORTIONS:
        if how[-1] not in gap:
            continue
        rest = gap[len(how) :]
        if gap[: len(how)] == how and holds_only_hedges(
            rest[1:] if how == ("of",) and rest and rest[0] in _POINTERS else rest
        ):
            return "_".join(how)
        noun = gap[: -len(how)]
        if gap[len(noun) :] != how or not 0 < len(noun) <= _NOUN_REACH or not all(word.isalpha() for word in noun):
            continue
        if "_".join(how) in _AFTER_NOUN:
            return None if lexicon().measured & set(noun) else "_".join(how)
        is_one = sentence.word(over.first) in ("one", "1") and over.last - over.first == 1
        if (
            how == ("in",)
            and len(noun) == 1
            and (is_person(noun[0]) or (is_one and _is_one_in(sentence, noun[0], under)))
        ):
            return "in"
    return None


def _is_one_in(sentence: Sentence, noun: str, under: Figure) -> bool:
    """Whether it is "one claim in seven": one thing, and no noun after the second number."""
    is_thing = not noun.endswith("s") and noun not in lexicon().measured
    after = sentence.word(under.last)
    return is_thing and (not after[:1].isalpha() or is_verb(sentence, under.last) or after in ("at", "by", "on", "of"))


def is_person(word: str) -> bool:
    """Whether a word names one person or several: "woman", "patient", "adults"."""
    return word in _PERSON or not {word, f"{word}s"}.isdisjoint(lexicon().people)


def _is_proportion(sentence: Sentence, over: Figure, under: Figure, how: str) -> bool:
    """Whether two numbers are part and whole, not a date, a time, a score or a blood pressure."""
    i, whole = under.last, under.value
    after = sentence.word(i + 1) if sentence.word(i) in HYPHENS else sentence.word(i)
    is_ordinal = after == "second" and sentence.begins_word(i + 1)  # "7 of 10 second opinions"
    if after in lexicon().measured and not is_ordinal:
        return False
    is_year = 1900 <= whole <= 2100 and under.last - under.first == 1 and sentence.word(under.first).isdigit()
    if how == "in":
        return not is_year
    if how == "of":
        return not is_year and _is_part(sentence, over, under)
    if how == "over":
        return not is_year and not sentence.begins_word(i)
    if how == ":":
        return over.value == 1 and whole >= 100 and sentence.is_glued(under.first)  # "1:30" is a time
    if how == "out_of":
        return not _SCORES & set(sentence.words(over.first - _SCORE_REACH, over.first))
    return True


def _is_part(sentence: Sentence, over: Figure, under: Figure) -> bool:
    """Whether it is written in digits or counts something, as in "14 of 20 patients"; not "one of the two copies"."""
    noun = _noun_after(sentence, under.last)
    is_digits = sentence.is_digits(over.first) and sentence.is_digits(under.first)
    if noun is None:
        return is_digits
    name = sentence.word(noun)
    return name in lexicon().listed or (is_digits and _is_plural(sentence, noun) and name not in lexicon().parts)


def _fraction_as_ratio(sentence: Sentence, figure: Figure) -> Figure:
    """The figure, as a ratio if it is a fraction of something."""
    is_share = figure.is_fraction and figure.kind is None and _is_fraction_of_something(sentence, figure)
    return figure.named(RATIO, "ratio.fraction") if is_share else figure


_AFTER_SHARE = words(
    """of or to and have has are is were was had do did does will would can could may might must should say said more
    less fewer as than in by on at from for with the that who which during after before between among over
    elsewhere overall
    nationwide worldwide nationally today now"""
)
_SIGNS = frozenset("$€£¥")
_BEFORE_WHOLE = words("of a an the one your level")


def _is_fraction_of_something(sentence: Sentence, figure: Figure) -> bool:
    """Whether a fraction is a share of something rather than a length, a dose or an ordinal."""
    known, i = lexicon(), figure.last
    after = sentence.word(i)
    whole = i
    while sentence.word(whole) in _BEFORE_WHOLE:
        whole += 1
    is_ordinal = sentence.word(whole) == "second" and sentence.begins_word(whole + 1)
    if (sentence.word(whole) in known.measured and not is_ordinal) or (after in HYPHENS and sentence.is_glued(i)):
        return False
    if sentence.is_digits(figure.first):  # "25/30 patients", not "the 9/11 attacks"
        if sentence.word(figure.first - 1) == "the" and after[:1].isalpha() and after != "of":
            return False
        is_counted = after == "of" or after in known.listed or i == len(sentence.tokens)
        return is_counted or _is_per_thousands(sentence, figure)
    if sentence.word(i - 1) in ("half", "halves"):
        return _is_half(sentence, figure)
    if sentence.word(figure.first) in ("a", "an"):  # "a third of", not "a third opinion"
        if after in _SIGNS or sentence.is_digits(i):
            return False  # "a third $250"
        return not after[:1].isalpha() or after in _AFTER_SHARE or after in known.finite
    return True


def _is_per_thousands(sentence: Sentence, figure: Figure) -> bool:
    """Whether it is "3.2/100,000" or "1/50,000 to 1/100,000": nobody cooks or dates with such a denominator."""
    inside = (sentence.number_at.get(i) for i in range(figure.first, figure.last))
    return any(number and number.denominator and number.denominator >= 1000 for number in inside)


_HALF_THINGS = words(
    "first second latter in better my his her upper lower left right top bottom front back inner outer"
)
_PAYS = words("pay pays paid cost costs charge charges owe owes")
_BEFORE_HALF = words("other remaining than about nearly almost roughly approximately over least to")
_AFTER_HALF = words("the all those these as were are had have die died")


def _is_half(sentence: Sentence, figure: Figure) -> bool:
    """Whether "half" is a share: "half of all adults", "more than half", not "half an hour" or "the upper half"."""
    before, after = sentence.word(figure.first - 1), sentence.word(figure.last)
    if figure.last - figure.first > 1:  # "one half"
        return after == "of" or not after[:1].isalpha() or after in lexicon().finite
    if before in _HALF_THINGS:
        return False
    if after == "of":
        return sentence.word(figure.last + 1) not in ("one", "it")
    if len(sentence.tokens) == 1:
        return True
    if before in _PAYS and not after[:1].isalnum():
        return True  # "those under 14 pay half."
    if before in _BEFORE_HALF:
        return after not in ("a", "an", "way", "hour", "mile", "inch")
    return after in _AFTER_HALF


_OPENS_WHOLE = words("of among")
_OPENS_PART = words(", and while but ;")
_PART_REACH = 24  # tokens from "of 100 women" to "12"; a whole that was not named just before is not meant


def with_part_ratios(sentence: Sentence, figures: list[Figure]) -> list[Figure]:
    """The figures, with bare numbers for a part of a count before them as ratios: "Of 100 women, 12 agreed"."""
    found: list[Figure] = []
    whole: Figure | None = None
    for figure in figures:
        if whole and _is_part_of(sentence, whole, figure):
            figure = _part_of(whole, figure)
        elif figure.noun is not None and _is_named_whole(sentence, figure):
            whole = figure
        found.append(figure)
    return found


def _is_named_whole(sentence: Sentence, figure: Figure) -> bool:
    """Whether "of" opens a clause before the count: "Of the 100 women", not "a survey of 100 women"."""
    i = figure.first - 1
    i -= sentence.word(i) in _POINTERS
    opens_clause = i == 0 or sentence.word(i - 1) in _OPENS_PART or sentence.word(i - 1) in ("that", "found", "(")
    return sentence.word(i) in _OPENS_WHOLE and opens_clause and not figure.is_range and figure.value > 1


def _is_part_of(sentence: Sentence, whole: Figure, part: Figure) -> bool:
    """Whether a verb or a percentage in brackets follows the number alone, as after a part of the whole."""
    is_number = part.kind is None and not part.is_fraction and (part.high or 0.0) <= whole.value
    if not is_number or part.value < 0 or _is_year(sentence, part) or part.first - whole.last > _PART_REACH:
        return False
    i, last = part.first, part.last
    while i > whole.last and holds_only_hedges(sentence.words(i - 1, i)):
        i -= 1
    is_repeated = sentence.word(last) == "(" and sentence.is_digits(last + 1)  # "12 (15 %) agreed"
    has_verb = is_verb(sentence, last) or (sentence.word(last).endswith("ly") and is_verb(sentence, last + 1))
    return sentence.word(i - 1) in _OPENS_PART and (has_verb or is_repeated)


def _part_of(whole: Figure, part: Figure) -> Figure:
    low, high = (end / whole.value if end is not None else None for end in (part.low, part.high))
    ratio = part._replace(low=low, high=high, numerator=None if part.is_range else part.value, denominator=whole.value)
    return ratio.named(RATIO, "ratio.part")


# ---------------------------------------------------------------- multipliers

_ALONE = {"twice": 2.0, "thrice": 3.0}
_VERBS = {
    "doubled": 2.0,
    "doubles": 2.0,
    "tripled": 3.0,
    "triples": 3.0,
    "trebled": 3.0,
    "quadrupled": 4.0,
    "quadruples": 4.0,
}
_TRANSITIVE = {"double": 2.0, "triple": 3.0, "quadruple": 4.0, "doubling": 2.0, "tripling": 3.0}
_HALVED = {"halved": 0.5, "halves": 0.5, "halve": 0.5, "halving": 0.5}
MULTIPLES = frozenset((*_ALONE, *_VERBS, *_TRANSITIVE, *_HALVED))
# What can be half as much as before; pills and tomatoes are only cut.
_QUANTITIES = words(
    """chance chances risk risks odds probability likelihood rate rates number numbers incidence prevalence mortality
    deaths cases infections admissions cost costs price prices fee fees spending sales revenue profit profits income
    time times emissions consumption poverty unemployment"""
)
_QUANTITY_REACH = 6  # tokens between the quantity and the verb: "The risk of a second stroke was halved"
_OWNED = words("the your their his her its my our that")
_NO_COMPARATIVE = words("after either other another under never later offer")


def with_multipliers(sentence: Sentence, figures: list[Figure]) -> list[Figure]:
    """The figures, with multipliers for "five times more often", "four-fold", "twice as likely" and "doubled"."""
    named = [_times(sentence, figure) if figure.kind is None else figure for figure in figures]
    if MULTIPLES.isdisjoint(sentence.vocabulary):
        return named
    taken = {i for figure in named for i in range(figure.first, figure.last)}
    for i, token in enumerate(sentence.tokens):
        value = _one_word_multiple(sentence, i) if token.text in MULTIPLES and i not in taken else None
        if value:
            named.append(Figure(i, i + 1, value, value).named(MULTIPLIER, "multiplier.word"))
    return sorted(named, key=lambda figure: figure.first)


def _times(sentence: Sentence, figure: Figure) -> Figure:
    """The figure, as a multiple if "fold", or "times" and a comparison, makes it one; not "3 times a day"."""
    i = figure.last
    i += sentence.word(i) in HYPHENS and sentence.is_glued(i)
    word, after = sentence.word(i), sentence.word(i + 1)
    is_longer = after.endswith("er") and len(after) > 4 and after not in _NO_COMPARATIVE  # "safer"
    is_compared = is_longer or after in lexicon().comparatives
    is_cross = word in ("x", "×") and sentence.is_glued(i) and after not in _OWNED
    if figure.value <= 0 or not (word == "fold" or (is_compared and (word in ("times", "time") or is_cross))):
        return figure
    return figure._replace(numerator=None, denominator=None).named(MULTIPLIER, "multiplier.times", last=i + 1)


def _one_word_multiple(sentence: Sentence, i: int) -> float | None:
    word, after = sentence.word(i), sentence.word(i + 1)
    if word in _ALONE:
        return _ALONE[word] if after in lexicon().comparatives else None
    if word in _VERBS:  # not "doubled over", "doubled up"
        return _VERBS[word] if after not in ("over", "up", "down", "sided", "-") else None
    if word in _HALVED:
        is_object = after in _OWNED and not _QUANTITIES.isdisjoint(sentence.words(i + 1, i + 4))
        is_subject = word == "halved" and not _QUANTITIES.isdisjoint(sentence.words(i - _QUANTITY_REACH, i))
        return _HALVED[word] if is_object or (is_subject and after not in _OWNED) else None
    return _TRANSITIVE.get(word) if after in _OWNED else None


# ---------------------------------------------------------------- counts

_DETERMINED = words("no the these those both all his her their your my our its other every any first last next")
_ENDS_NOUN = words(
    """of in on at by for from with without who which that whose to as than into within during after before since
    until about between among per across over under through worldwide and or but if when where because while were was
    is are has have had do does did can could may might will would should must not each every a an the this these
    those there"""
)
_BEFORE_YEAR = words("in since by during until before after from of the a an")
_SMALL = (
    10  # below it, spelled numbers of things are structure ("two homes"); 2 to 20 score alike on labelled sentences
)
# Nouns that nobody listed are counted from here on. Of 27 such phrases below 20 in health answers ("two organs",
# "13 vitamins") two counted something; labelled sentences give the same score from 5 to 1000.
_MANY = 20
_BARE = 1000  # a number without a noun counts from here on; smaller ones are ages and scores (10 to 10,000 score alike)


def with_counts(sentence: Sentence, figures: list[Figure]) -> list[Figure]:
    """The figures, with bare numbers before something that can be counted as counts."""
    counted = [_counted(sentence, figure) if figure.kind is None else figure for figure in figures]
    for i, (left, right) in enumerate(pairwise(counted), 1):
        if left.kind == MONEY and right.kind == COUNT and _is_price_for(sentence, left, right):
            counted[i] = figures[i]
    for i, (left, right) in enumerate(pairwise(counted)):
        if left.kind is None and right.kind == COUNT and is_change(sentence, left, right):
            counted[i] = left.named(COUNT, right.rule)  # "fell from 300 to 200 deaths"
    return counted


def _counted(sentence: Sentence, figure: Figure) -> Figure:
    """The figure, as a count if it precedes something one counts."""
    is_whole = not figure.is_fraction and figure.value >= 0 and figure.value.is_integer()
    if not is_whole or (sentence.word(figure.first - 1) in HYPHENS and sentence.is_glued(figure.first)):
        return figure
    start = figure.last + len(bound_phrase_at(sentence, figure.last))
    if _is_bare_count(sentence, figure, start):
        return figure.named(COUNT, "count.bare")
    if _is_number_of(sentence, figure, start):
        return figure.named(COUNT, "count.number")
    noun = _noun_after(sentence, start)
    rule = _count_rule(sentence, figure, start, noun) if noun is not None else None
    return figure._replace(noun=noun).named(COUNT, rule) if rule else figure


def bound_phrase_at(sentence: Sentence, i: int) -> tuple[str, ...]:
    """The longest bound that begins at token `i`, such as "or more"; () when there is none."""
    known = lexicon()
    if sentence.word(i) in known.opens_after:
        for size in range(LONGEST_BOUND_PHRASE, 0, -1):
            phrase = sentence.words(i, i + size)
            if phrase in known.after:
                return phrase
    return ()


def _is_bare_count(sentence: Sentence, figure: Figure, i: int) -> bool:
    """Whether a large number counts without a noun: "2 million of them", "kills 400,000 a year"."""
    if figure.value < _BARE or _is_year(sentence, figure):
        return False
    word, after = sentence.word(i), sentence.word(i + 1)
    if word == "of":
        return after in ("them", "these", "those", "whom", "us")
    is_yearly = word in ("a", "per", "each", "every") and lexicon().periods.get(after) is not None
    return is_yearly or word in ("annually", "worldwide", "globally", "nationwide")


def _is_price_for(sentence: Sentence, price: Figure, count: Figure) -> bool:
    """Whether a small number only says for how many a price is: "$398 a month for two adults"."""
    first = after_period(sentence, price.last)
    return count.value < _SMALL and sentence.words(first, count.first) == ("for",)


_NUMBER_REACH = 14  # tokens from "the number of" to the number
_IS = words("is was are were reached reaches exceeds exceeded hit totaled totalled topped")


def _is_number_of(sentence: Sentence, figure: Figure, i: int) -> bool:
    """Whether the number is said to be "the number of" something: "The number of wrong bills is at least 3 million"."""
    if "number" not in sentence.vocabulary or sentence.begins_word(i):
        return False
    before = sentence.words(max(0, figure.first - _NUMBER_REACH), figure.first)
    verb = next((j for j in range(len(before) - 1, -1, -1) if before[j] in _IS), 0)
    is_named = ("number", "of") in pairwise(before[:verb])
    return is_named and holds_only_hedges(before[verb + 1 :]) and {",", ";", "."}.isdisjoint(before)


def _noun_after(sentence: Sentence, i: int) -> int | None:
    """The token of the noun that a number ending before `i` counts; the last plural if none is listed."""
    known, head = lexicon(), None
    for j in range(i, i + _NOUN_REACH + 1):
        word = sentence.word(j)
        if word in HYPHENS and word:
            continue
        if not sentence.is_word(j) or word in _ENDS_NOUN or (head is not None and word in known.finite):
            break
        if word in known.listed:
            return j
        if head is None or word.endswith("s") or not sentence.word(head).endswith("s"):
            head = j
    return head


def _count_rule(sentence: Sentence, figure: Figure, start: int, noun: int) -> str | None:
    """The rule by which the number counts the noun phrase from `start` to `noun`; None where none applies."""
    known, name, before = lexicon(), sentence.word(noun), sentence.word(figure.first - 1)
    phrase = {sentence.word(i) for i in range(start, noun + 1) if not _is_hyphenated(sentence, i)}
    highest = figure.high or 0.0
    is_small, is_spelled = highest < _SMALL, not sentence.is_digits(figure.first)
    is_pointed = is_small and before in _DETERMINED
    is_periodic = _is_per_year_or_month(sentence, noun)
    if highest == 1 and _is_single_case(sentence, figure, noun):
        return "count.one"
    if (
        (highest < 2 and not is_periodic)
        or phrase & known.measured - ({"second"} if sentence.word(noun) != "second" else set())
        or (_is_year(sentence, figure) and before in _BEFORE_YEAR)
    ):
        return None
    is_structure = not phrase.isdisjoint(known.parts) and not (highest >= _MANY and _is_bounded(sentence, figure.first))
    if name in known.listed:
        return None if is_pointed or (is_structure and is_small and is_spelled) else "count.listed"
    if is_structure or _is_year(sentence, figure):
        return None
    if sentence.words(figure.first - 2, figure.first) == ("one", "of"):
        return None  # "one of 21 proteins": a member, not a count
    if name in known.things:
        return None if is_pointed or (is_small and is_spelled) else "count.things"
    if is_periodic and (highest < 2 or _is_plural(sentence, noun)):
        return "count.period"
    is_name = sentence.written(noun).istitle()  # "room 36 Mill Gardens"
    is_name = is_name or (noun == start and _is_verb_after_label(sentence, figure, noun))
    is_many = figure.value >= _MANY and before not in _DETERMINED and _is_plural(sentence, noun) and not is_name
    return "count.many" if is_many else None


def _is_verb_after_label(sentence: Sentence, figure: Figure, i: int) -> bool:
    """Whether the number is the label of the noun before it, and the word at `i` its verb: "modifier 25 goes in"."""
    label = sentence.word(figure.first - 1)
    is_noun = label.isalpha() and not label.endswith(("s", "ly")) and label not in _ENDS_NOUN | _NO_LABEL
    is_bound = (label,) in lexicon().before or (label,) in lexicon().neutral
    is_noun = is_noun and not is_bound and label not in lexicon().finite and label not in lexicon().periods
    return is_noun and sentence.word(i) in lexicon().finite and is_verb(sentence, i)


def _is_bounded(sentence: Sentence, i: int) -> bool:
    """Whether a bound precedes token `i`: "more than 100 types" is a count, "46 chromosomes" is not."""
    return any(sentence.words(i - size, i) in lexicon().before for size in (1, 2))


def _is_hyphenated(sentence: Sentence, i: int) -> bool:
    """Whether the word hangs on a word before it: the "time" of "part-time employees", not the "km" of "5-km run"."""
    return sentence.word(i - 1) in HYPHENS and i - 1 not in sentence.number_ends


REPORTED = words("reported found identified described seen observed diagnosed documented")
_REPORT_REACH = 5  # tokens between "reported" and "in one family", or "one family" and "has been reported"


def _is_single_case(sentence: Sentence, figure: Figure, noun: int) -> bool:
    """Whether one of something listed was reported: "found in one man", "only one case has been described"."""
    name, before = sentence.word(noun), sentence.words(figure.first - _REPORT_REACH, figure.first)
    is_listed = name in _PERSON or f"{name}s" in lexicon().listed
    is_found = not REPORTED.isdisjoint((*before, *sentence.words(noun, noun + _REPORT_REACH)))
    return is_listed and is_found and before[-1] in ("in", "only", "just")


def _is_plural(sentence: Sentence, noun: int) -> bool:
    """Whether a word has the form of a plural: "seizures", "UTIs", not "diagnosis" or "virus"."""
    name, written = sentence.word(noun), sentence.written(noun)
    return name.endswith("s") and (written[:-1].isupper() or (len(name) > 3 and not name.endswith(("ss", "us", "is"))))


def _is_year(sentence: Sentence, figure: Figure) -> bool:
    is_one_token = figure.last - figure.first == 1 and sentence.word(figure.first).isdigit()
    return is_one_token and 1500 <= figure.value <= 2100


_PERIODIC = words("a per each every")
_NO_LABEL = words("all another just only even another every other first last next then now over under than")


def _is_per_year_or_month(sentence: Sentence, noun: int) -> bool:
    """Whether "a year", "each year" or "per month" closes the noun phrase around `noun`."""
    if sentence.vocabulary.isdisjoint(_PERIODIC):
        return False
    for i in range(noun + 1, noun + _NOUN_REACH + 2):
        is_each = sentence.word(i) in _PERIODIC
        if is_each and lexicon().periods.get(sentence.word(i + 1)) in ("year", "month"):
            return True
        if not sentence.is_word(i) or sentence.word(i) in lexicon().finite or sentence.word(i) == "within":
            return False
    return False
