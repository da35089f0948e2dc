"""Finds what a figure measures, in the text's own words."""

import re
from functools import lru_cache

from pipeline.limits import CLAUSE_REACH, PHRASE_REACH
from pipeline.statistics.clauses import (
    LIMITS_NOTHING,
    OUTCOMES,
    Clause,
    clause_start,
    counted_phrase,
    end_in_clause,
    has_owner,
)
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import COUNT, MONEY, MULTIPLIER, PERCENT, RATIO, Description
from pipeline.statistics.numbers import HYPHENS
from pipeline.statistics.phrases import (
    ACTORS,
    ADVERBS,
    MARKS_END,
    PER,
    PREPOSITIONS,
    after_period,
    first_people_noun,
    is_capital_inside_sentence,
    is_verb,
    is_word_or_number,
    last_verb,
)

__all__ = [
    "asks_quantity",
    "measure_in_aside",
    "measure_in_relative",
    "measure_of",
    "resolve_measure",
    "sized_source",
    "subject_of",
]

_COPULAS = words(
    """is are was were be been equals equaled reached reaches reach ranged ranges range averaged averages average
    totaled totals stood stands varied varies vary increased increases rose rises fell falls dropped declined"""
)
_GRADED = words("high great large low much big higher greater larger lower")


def measure_of(clause: Clause, previous: Description | None) -> str | None:
    """What the figure measures, by the first reading that fits."""
    if clause.figure.kind in (PERCENT, RATIO) and _is_object_share(clause):
        left = _subject_and_verb(clause)
        is_own = clause.whole is not None and clause.word(clause.whole[0]) in _OWNED - {"the"}
        right = clause.text(clause.finish, clause.whole[1]) if is_own and clause.whole else None
        return f"{left} {right}" if left and right else left  # "won" and "of their appeals"
    limited = _limited_noun(clause)
    if limited is not None:
        return limited
    carried = previous.measure if previous and _is_restated(clause) else None
    if clause.figure.kind == MULTIPLIER:
        if clause.word(clause.finish) in ("what", "the", "that", "those") and _is_copular(clause):
            return clause.text(clause.start, clause.verb or clause.begin)
        return _doubled(clause) or _compared(clause, previous) or _subject_and_verb(clause)
    if clause.figure.kind == COUNT:
        return _verb_of_whole(clause, previous) or _existing(clause) or carried or _subject_and_verb(clause)
    if clause.figure.rule == "ratio.part":
        return _verb_of_share(clause)
    named = _verb_of_whole(clause, previous) or _verb_of_share(clause) or _named_after(clause) or _named_before(clause)
    named = named or _counted_in_pair(clause) or _verb_after_bracket(clause) or carried
    if named or clause.verb is not None:
        return named or _subject_and_verb(clause)
    if clause.word(clause.begin - 1) == "(":
        first = max(0, clause.begin - CLAUSE_REACH)
        start = clause_start(clause.sentence, first, clause.begin - 1)
        return _subject_and_verb(clause._replace(start=start))
    return _beside(clause, previous)


def measure_in_relative(clause: Clause) -> str | None:
    """The noun and verb of the relative clause that the figure is in: "firms whose sales exceed", "scan that cost"."""
    last, finite = clause.begin, lexicon().finite
    if _RELATIVES.isdisjoint(clause.sentence.vocabulary):
        return None
    verb = next((i for i in range(last - 1, max(clause.start, last - 4), -1) if clause.word(i) in finite), None)
    if verb is None or "," in clause.sentence.words(verb, last):
        return None
    lowest = max(clause.start, verb - _LONGEST_SUBJECT)
    relative = next((i for i in range(verb - 1, lowest, -1) if clause.word(i) in _RELATIVES), None)
    if relative is None or "," in clause.sentence.words(relative, verb):
        return None
    is_subject = relative == verb - 1 and clause.word(relative) in ("that", "which", "who")
    is_mine = clause.word(relative) == "whose" and relative < verb - 1
    first = relative
    while first > clause.start and clause.sentence.is_word(first - 1) and clause.word(first - 1) not in PREPOSITIONS:
        if is_verb(clause.sentence, first - 1):
            break
        first -= 1
    if not (is_subject or is_mine) or first == relative:
        return None
    return clause.text(first, verb + 1)


_LONGEST_SUBJECT = 6  # tokens from "whose" to its verb


def measure_in_aside(clause: Clause) -> str | None:
    """The clause after a share without a noun that only says how often: "and in 6% the difference changed the plan"."""
    if clause.whole is not None or clause.figure.kind not in (PERCENT, RATIO):
        return None
    is_aside = clause.word(clause.begin - 1) in ("in", "for", "among")
    if not is_aside or clause.word(clause.begin - 2) not in _OPENS_ASIDE or clause.word(clause.finish) not in _RESUMES:
        return None
    first = clause.finish + (clause.word(clause.finish) == ",")
    last = end_in_clause(clause, first)
    return None if last_verb(clause.sentence, first + 1, last) is None else clause.text(first, last)


_OPENS_ASIDE = words("and but ;") | {""}


_BOUNDS = ("<", "<=", ">", ">=")


def _limited_noun(clause: Clause) -> str | None:
    """The noun that a bound limits: "orders over $35 ship free", "families with an income of up to 200% of ..."."""
    figure = clause.figure
    if clause.verb is not None or figure.relation not in _BOUNDS or figure.kind not in (MONEY, PERCENT):
        return None
    last = clause.begin - (clause.word(clause.begin - 1) in ("of", "with", "at"))
    if last <= clause.start or not clause.sentence.is_word(last - 1):
        return None
    if clause.word(last - 1) in _NO_NOUN | PREPOSITIONS or not clause.word(last - 1).isalpha():
        return None
    first = clause.finish if clause.whole is None else clause.whole[1]
    is_said = is_verb(clause.sentence, first)
    if not is_said and clause.start == 0 and last == clause.start + 1 and figure.kind == MONEY:
        is_said = clause.word(0).endswith("s") and _may_be_measured_noun(clause, first)  # "Orders over $35 ship free"
    return clause.text(clause.start, last) if is_said else None


def _beside(clause: Clause, previous: Description | None) -> str | None:
    """Without a known verb: the noun right of the figure, else the words left of it, else whatever is right."""
    left = _subject_and_verb(clause)
    if previous and clause.previous and clause.word(clause.previous) in _LEADS_ON:
        left = previous.measure  # "fell from $30 at noon to $25"
    elif clause.previous and clause.start == clause.previous and _is_complement_before(clause):
        left = None  # "$212 a month for one adult, $398 for two"
    first = clause.finish if clause.whole is None else after_period(clause.sentence, clause.whole[1])
    right = clause.text(first, end_in_clause(clause, first))
    if left is None:
        return right if clause.word(first) not in _CIRCUMSTANCES else None
    return right or left if _may_be_measured_noun(clause, first) else left


def _is_complement_before(clause: Clause) -> bool:
    """Whether the words between the figure before and this one belong to that one: "$5 for tea, $9 ..."."""
    is_lead = clause.word(clause.start) in ("for", "with", "in", "at", "on") or clause.figure.rule == "ratio.pair"
    return is_lead and clause.word(clause.begin - 1) in _JOINS_LIST  # "two in five men and one in four women"


_JOINS_LIST = words(", ; and or but")
_CIRCUMSTANCES = words("per each every across after before during online until since over under near inside outside")
_LEADS_ON = words("to at from by in on after before until")
_NO_NOUN = (
    PREPOSITIONS
    | PER
    | words(
        """over during after before but when while if last this that which who since until across between among within
        outside inside near now then today again here instead too already yet once"""
    )
)


def _may_be_measured_noun(clause: Clause, i: int) -> bool:
    """Whether token `i` is a noun that the figure may measure: "60 % alcohol", not "5 % Nasdaq" or "5 % by mass"."""
    is_free = clause.sentence.is_word(i) and clause.word(i) not in _NO_NOUN
    return is_free and not is_capital_inside_sentence(clause.sentence, i) and clause.word(clause.begin - 1) != "by"


_LIST_GAPS = {("(",), ("or",), (",", "or"), ("and",), (",",), (",", "and"), ("to",), ("/",)}
_LIST_REACH = 6  # tokens from one figure of a list to the next: "12,000 inhabitants and 3 schools"


def _is_restated(clause: Clause) -> bool:
    """Whether the figure repeats the one before it or continues its list."""
    if clause.previous is None or clause.begin - clause.previous > _LIST_REACH:
        return False
    gap = clause.sentence.words(clause.previous, clause.begin)
    if not gap or gap in _LIST_GAPS:
        return True  # "pays 50% up to $2,500"
    joints = ("and", "or", ",") if clause.figure.kind == COUNT else ("or",)
    has_verb = last_verb(clause.sentence, clause.previous, clause.begin) is not None
    return bool(gap) and gap[-1] in joints and not has_verb


_RELATIVES = words("that which who whom whose what where")


def _is_copular(clause: Clause) -> bool:
    return clause.verb is not None and clause.word(clause.complement - 1) in _COPULAS


def _is_object_share(clause: Clause) -> bool:
    """Whether the figure is the object of a verb left of it: "Insurers upheld 66% of the denials that members ..."."""
    if clause.whole is None or clause.verb is None or clause.begin - clause.complement > 1:
        return False
    if clause.word(clause.complement - 1) in _COPULAS | _REPORTING or clause.word(clause.complement) in PREPOSITIONS:
        return False
    has_relative = any(clause.word(i) in _RELATIVES for i in range(clause.whole[0], clause.whole[1] + 1))
    is_mine = clause.word(clause.verb - 1) in ACTORS
    is_reduced = clause.word(clause.whole[1]).endswith("ed")
    return has_relative or is_mine or is_reduced or not is_verb(clause.sentence, clause.whole[1])


def _verb_of_share(clause: Clause) -> str | None:
    """The verb phrase right after a share without a noun: "half are mild, a third are moderate"."""
    is_share = clause.figure.kind in (PERCENT, RATIO) and clause.whole is None
    opens_of = clause.word(0) in ("of", "among") and clause.start <= 1 and clause.verb is None
    first = clause.finish
    is_share = is_share and (
        opens_of
        or clause.word(clause.begin - 1) in _OPENS_SHARE
        or clause.figure.rule == "ratio.part"
        or (clause.word(clause.begin - 1) in lexicon().source_verbs and clause.word(first) not in _GRADED)
    )
    follows = (
        clause.previous is not None and clause.figure.rule != "ratio.part" and _may_be_measured_noun(clause, first)
    )
    is_said = is_verb(clause.sentence, first) or follows
    return clause.text(first, end_in_clause(clause, first)) if is_share and is_said else None


def _counted_in_pair(clause: Clause) -> str | None:
    """The "deaths" of "there were 12 deaths per 100,000 people"."""
    if clause.figure.rule != "ratio.pair" or clause.verb is None or clause.word(clause.verb - 1) != "there":
        return None
    nouns = [i for i in range(clause.figure.first, clause.figure.last) if clause.sentence.is_word(i)]
    nouns = [i for i in nouns if i not in clause.sentence.number_at and clause.word(i) not in PREPOSITIONS | PER]
    return clause.text(nouns[0], nouns[-1] + 1) if nouns else None


_REPORTING = lexicon().source_verbs | words("know knows knew feel feels felt hope hopes hoped learn learned")
_OPENS_SHARE = words(", : ; and but while that which whom")
_OWNED = words("the their its his her my your our")


def _doubled(clause: Clause) -> str | None:
    """What doubled: "sales more than doubled", "the risk is doubled", "training doubled the number of visits"."""
    if not clause.word(clause.figure.first).endswith(("bled", "pled", "bles", "ples", "halved", "halves")):
        return None
    if clause.word(clause.finish) in _OWNED:
        return clause.text(clause.finish, end_in_clause(clause, clause.finish))
    return clause.text(clause.start, clause.begin if clause.verb is None else clause.verb)


_CONCEDES = words("though although but if when while especially mostly mainly usually often sometimes and or")
# After an aside: "in 5 patients the diagnosis was changed", "in 17% they changed the diagnosis".
_RESUMES = ACTORS | words(", the a an their his her its this no it")


def _verb_of_whole(clause: Clause, previous: Description | None) -> str | None:
    """The verb phrase after the whole: "have their original diagnosis refined" of 66 % of patients."""
    if clause.whole is None:
        return None
    first = after_period(clause.sentence, clause.whole[1])
    if _is_elliptic(clause):
        return _elliptic(clause, previous)
    is_aside = clause.word(clause.begin - 1) in ("in", "for", "among") and clause.begin - 1 <= clause.start + 1
    if is_aside and clause.word(first) in ACTORS:  # "in 37% of the cases we see, we recommend rest"
        first = next((i for i in range(first, min(first + _LIST_REACH, clause.end)) if clause.word(i) == ","), first)
    if is_aside and clause.word(first) in _RESUMES:
        first += clause.word(first) == ","
        if clause.word(first) in _CONCEDES:
            return None  # "in a third of cases, though rarely by much"
        return clause.text(first, end_in_clause(clause, first))
    if clause.word(first) in ACTORS and (is_verb(clause.sentence, first + 1) or is_verb(clause.sentence, first + 2)):
        first += 2  # "40% of the patients we treat walk again"
    first = _after_aside(clause, first)
    first += clause.word(first) in ADVERBS - {"never"}  # "never meet their deductible" keeps its denial
    return clause.text(first, end_in_clause(clause, first)) if is_verb(clause.sentence, first) else None


def _after_aside(clause: Clause, i: int) -> int:
    """The token after an aside between whole and verb: ", or 8% of the country, are ...", ", Dr. Lee says, are ..."."""
    if clause.word(i) != ",":
        return i
    sentence = clause.sentence
    last = next((j for j in range(i + 1, i + PHRASE_REACH) if sentence.word(j) == ","), i)
    if last == i:
        within = clause.word(clause.begin - 1) == "or" and clause.word(clause.begin - 2) == ","
        return i + 1 if within else i  # the figure itself stands in the aside
    is_restated = clause.word(i + 1) == "or" and any(j in sentence.number_at for j in range(i + 2, last))
    return last + 1 if is_restated or sentence.word(last - 1) in lexicon().say_verbs else i


def _verb_after_bracket(clause: Clause) -> str | None:
    """The verb phrase after a figure in brackets: "most adults (85 %) of this age sleep well"."""
    if clause.word(clause.begin - 1) != "(" or clause.word(clause.finish) != ")":
        return None
    last = min(clause.end, clause.finish + PHRASE_REACH)
    marks = (i for i in range(clause.finish + 1, last) if clause.word(i) in MARKS_END)
    after = clause.finish + 1
    is_past = clause.word(after).endswith("ed") and clause.sentence.is_word(after)  # "512 (70%) consented and 488 did"
    first = next((i for i in range(after, next(marks, last)) if is_verb(clause.sentence, i)), None)
    if is_past and clause.word(after + 1) in ("and", "or", "but"):
        return clause.text(after, after + 1)
    first = after if first is None and is_past else first
    return None if first is None else clause.text(first, end_in_clause(clause, first))


def _is_elliptic(clause: Clause) -> bool:
    """Whether only a participle follows: "..., and in 21 % of cases, changed."."""
    if clause.whole is None:
        return False
    i = clause.whole[1]
    return clause.word(i) == "," and clause.word(i + 1).endswith("ed") and clause.word(i + 2) in ("", ".", ";")


def _elliptic(clause: Clause, previous: Description | None) -> str | None:
    """The participle with the object that the figure before had: "have their original diagnosis changed"."""
    i = clause.whole[1] + 1 if clause.whole else clause.finish
    participle = clause.text(i, i + 1)
    if previous is None or not previous.measure or " " not in previous.measure:
        return participle
    return f"{previous.measure.rsplit(' ', 1)[0]} {participle}"


_DETERMINERS = words("a an another additional the this that its their his her my your our first each one")
_DEGREES = words("level levels mark range figure share threshold")  # "at the 5% level"
_AFTER_SUM = words(
    "each less dollars years months weeks days hours minutes times as its his hers ours yours theirs this"
)


def _named_after(clause: Clause) -> str | None:
    """The noun that "a 25 % chance of ..." measures, an aside in brackets skipped."""
    i, size = clause.finish, len(clause.sentence.tokens)
    if clause.whole is not None:
        return None
    is_half = clause.figure.rule == "ratio.fraction" and clause.word(i) == "the"  # "half the size of others"
    is_degree = (
        clause.word(i) in ("more", "less", "fewer", "higher", "lower")
        and clause.sentence.begins_word(i + 1)
        and clause.word(i + 1) != "than"
    )
    if is_half or (is_degree and clause.figure.kind == PERCENT):
        return clause.text(i, end_in_clause(clause, i))
    if clause.word(i) == "(":
        i = next((j + 1 for j in range(i, min(i + PHRASE_REACH, size)) if clause.word(j) == ")"), i)
    elif clause.word(i) == ")" and clause.word(clause.begin - 1) == "(":
        i += 1
    while clause.word(i) in HYPHENS:
        i += 1
    if i >= size or clause.sentence.tokens[i].sort != "word" or clause.word(i) in PREPOSITIONS:
        return None
    articles = {clause.word(clause.begin - 1)} | (set() if clause.figure.is_fraction else {clause.word(clause.begin)})
    is_the = "the" in articles and clause.figure.kind == PERCENT and clause.word(i) not in _DEGREES
    is_the = is_the and not is_capital_inside_sentence(clause.sentence, i)  # "the 20% coinsurance"
    has_article = is_the or bool(articles & {"a", "an", "another", "additional"})
    has_article = has_article and clause.word(i) not in _NO_NOUN
    is_sum = clause.figure.kind == MONEY and clause.word(clause.begin - 1) != "of"  # "a copay of $5 applies"
    is_sum = is_sum and clause.figure.qualifier_after is None  # "costs $250 at most hotels"
    is_priced = is_sum and clause.word(i) not in _AFTER_SUM  # "her $500 contract", "$50 checks"
    is_priced = is_priced and (clause.word(clause.begin - 1) in _DETERMINERS or clause.word(i).endswith("s"))
    is_noun = (has_article or is_priced) and not is_verb(clause.sentence, i)
    if clause.word(i) not in OUTCOMES and not is_noun:
        return None
    return clause.text(i, end_in_clause(clause._replace(end=clause.end if i <= clause.end else size), i))


_BEFORE_NOUN = words("a an the its their with to by and")


def _named_before(clause: Clause) -> str | None:
    """The noun phrase of "a failure rate of 3 %", "a loss of $5"."""
    sentence, last = clause.sentence, clause.begin - 1
    is_owned = clause.whole is not None and clause.figure.kind in (PERCENT, RATIO) and clause.word(last) == "of"
    if is_owned and clause.verb is not None and not _is_copular(clause) and last > clause.complement + 1:
        return clause.text(clause.start, last)  # "the board changed the treatment of one in four patients"
    last -= clause.word(last) == "from" and clause.word(last - 1) == ":"  # "Consultation: from $40"
    start = clause.start if clause.word(last) == "of" else max(0, last - PHRASE_REACH)
    if clause.word(last) not in ("of", ":") or last <= start:
        return None
    if clause.word(last) == ":":
        opening = clause.start if clause.start < last else start
        opening = max(opening, clause.previous or 0)
        bracket = next((i + 1 for i in range(last, opening, -1) if clause.word(i) == "("), opening)
        if not LIMITS_NOTHING.isdisjoint(clause.sentence.words(bracket, last)):
            return None  # "Rule of thumb: 1% of the price"
        is_closed = ")" in clause.sentence.words(bracket, last)  # "Registration (once): $40"
        label = clause.text(opening if is_closed else bracket, last)  # "Consultation by phone: $40"
        is_named = clause.figure.kind == MONEY and clause.sentence.is_word(clause.finish)
        is_named = is_named and clause.word(clause.finish) not in _AFTER_LABEL
        after = clause.text(clause.finish, end_in_clause(clause, clause.finish)) if is_named else None
        return f"{label} {after}" if label and after and len(after.split()) <= 2 else label  # "Generic drugs: $8 copay"
    first = last
    while first > start and is_word_or_number(sentence, first - 1) and not is_verb(sentence, first - 1):
        if clause.word(first - 1) in _BEFORE_NOUN:
            break
        first -= 1
    while sentence.is_glued(first) and is_word_or_number(sentence, first - 1):
        first -= 1  # the whole of "A1C"
    is_amount = clause.word(last - 1) in _AMOUNTS and clause.verb is not None and clause.verb > clause.start
    is_aside = clause.word(first - 1) in ("a", "an") and clause.word(first - 2) in ("at", "for")
    if is_amount and (first + 1 == last or is_aside):
        return None  # "claims were denied at a rate of 13%", "we read scans for a flat fee of $40"
    named = clause.text(first, last)
    use = _complement(clause) if clause.figure.kind == MONEY and clause.word(clause.finish) == "for" else None
    return f"{named} {use}" if named and use else named  # "a flat fee of $40 for a scan"


_AFTER_LABEL = _NO_NOUN | _AFTER_SUM | words("for per plus and or a an")
_AMOUNTS = words("rate rates total average mean median sum maximum minimum level cost price fee charge")


def _subject_and_verb(clause: Clause) -> str | None:
    """The subject of "X is 5 %"; of another verb the words up to the figure, and a short complement after it."""
    last = clause.begin
    while last > clause.start and clause.word(last - 1) in PREPOSITIONS and clause.word(last - 1) != "for":
        last -= 1
    if clause.verb is None:
        return clause.text(clause.start, last)
    subject = clause.text(clause.start, clause.verb)
    is_copula = clause.word(clause.complement - 1) in _COPULAS and last <= clause.complement
    is_amount = (
        clause.word(clause.complement - 1) in lexicon().changing and clause.word(clause.begin - 1) not in _LEVELS
    )
    fronted = subject.lower().split() if subject and is_copula else []
    if len(fronted) > 2 and fronted[-1] in _POINTS and fronted[0] in _FRONTS:
        return None  # "Among single mothers it is 57%", "Last year it was $285"
    if (
        subject
        and is_copula
        and not is_amount
        and subject.lower() not in ("it", "this", "that", "they", "there", "these", "those")
    ):
        right = _complement(clause) if subject.lower().split()[-1] in _AMOUNTS else None
        return f"{subject} {right}" if right else subject  # "the fee is $350 for a second reading"
    left = clause.text(clause.start, last)
    right = _complement(clause)
    return f"{left} {right}" if left and right else left or right


_POINTS = words("it this that they")
_FRONTS = words("last this next in at for among of with under over by on from during since after before")
_LEVELS = words("to from at")  # "rose to $5" is a level, "rose $5" and "rose by $5" are changes


_OCCASIONS = words("visit appointment consultation session scan test opinion night page")


def _complement(clause: Clause) -> str | None:
    """The prepositional phrase right after a sum: "out of pocket", "for one location"."""
    first = clause.finish
    if clause.figure.kind == MONEY and clause.word(first) in PER and clause.word(first + 1) in _OCCASIONS:
        return clause.text(first, first + 2)  # "$75 a visit"
    if clause.whole is not None or clause.word(first) not in ("out", "for", "on", "toward", "towards", "as"):
        return None
    return clause.text(first, min(end_in_clause(clause, first), first + PHRASE_REACH // 2))


def _compared(clause: Clause, previous: Description | None) -> str | None:
    """Of a multiple the risk that is higher, or what is "more common in women than in men"."""
    i = clause.finish + (clause.word(clause.finish) == ")")
    is_graded = clause.word(i) in _GRADED or clause.word(i + 1) in _GRADED
    if is_graded and clause.verb is not None:
        is_person = first_people_noun(clause.sentence, clause.verb - 1, clause.verb) is not None
        if clause.word(clause.complement - 1) in _COPULAS and is_person:
            return clause.text(i, end_in_clause(clause, i))  # "smokers are at five times higher risk"
        if clause.word(clause.complement - 1) in _COPULAS:
            return clause.text(clause.start, clause.verb)
        first = clause.complement + (clause.word(clause.complement) in PREPOSITIONS)
        return clause.text(first, clause.begin) or clause.text(i, end_in_clause(clause, i))
    if is_graded and previous is not None and previous.measure:
        return previous.measure  # "... is twice as high in smokers and 6 times higher in miners"
    return clause.text(i, end_in_clause(clause, i))


def _existing(clause: Clause) -> str | None:
    """What is counted, where the sentence says no more: "There were 15 deaths"."""
    if clause.verb is None or clause.whole is None or clause.figure.noun is None:
        return None
    is_there = clause.word(clause.verb - 1) == "there"
    return clause.text(*clause.whole) if is_there or has_owner(clause) else None


def sized_source(clause: Clause) -> str | None:
    """What a number is the size of: "A review of quantitative studies"."""
    parts = (clause.text(clause.start, clause.begin), counted_phrase(clause))
    return " ".join(part for part in parts if part) or None


# What a question is about: "What are the symptoms of X?", "How common is X?", "How much does X cost?".
_SUBJECT = re.compile(
    r"""(?: what\ (?:is|are)(?:\ \(are\))?\ (?:the\ \w+\ (?:\w+\ )?(?:of|for|to)\ )?
      | how\ \w+\ (?:is|are|does|do)\ | .{0,80}\b(?:by|of|for|causes)\ ) (?:an?\ |the\ )? (?P<subject>.{2,60}?)
      (?:\ (?:cost|happen|occur|work))?""",
    re.I | re.X,
)
_PRONOUN = re.compile(r"(?:it|they)\b(?= \w)", re.I)


_QUANTITY = re.compile(
    r"""\bhow\ (?:much|many|often|high|low|common|likely|large|big|expensive|frequent|frequently|rare|prevalent)\b
      | \bwhat(?:['’]s|\ is|\ are|\ was|\ were)?\ (?:the\ |an?\ )?(?:[\w-]+\ ){0,3}(?:percent|percentage|share
        |proportion|fraction|rates?|number|prices?|costs?|fees?|premiums?|deductibles?|copays?|chances?|odds|risk
        |probability)\b
      | \bwhat\ (?:do|does|did|will|would)\ .{1,60}\b(?:cost|pay|charge|earn)\b""",
    re.I | re.X,
)


@lru_cache(maxsize=128)  # many figures answer the same question
def asks_quantity(question: str) -> bool:
    """Whether a question asks for a number: "How much ...?", "What share ...?", not "Why ...?" or "Should I ...?".

    >>> [asks_quantity(question) for question in ("What does it cost?", "Who pays?", "How common is ataxia?")]
    [True, False, True]
    """
    return _QUANTITY.search(question) is not None


def resolve_measure(measure: str | None, question: str | None) -> str | None:
    """The measure with its pronoun replaced: "It affects" under "What is ataxia?" is "ataxia affects".

    Without a measure it is a question that asks for a quantity, without its mark.

    >>> resolve_measure("It affects", "What is (are) ataxia ?"), resolve_measure(None, "What share pays?")
    ('ataxia affects', 'What share pays')
    """
    question = (question or "").strip().rstrip("?").strip() or None
    if measure and question and measure.lower().startswith("for ") and asks_quantity(question):
        return f"{question} {measure}"  # "$398 for two adults"
    if measure is None or _SUBJECTLESS.issuperset(measure.lower().split()):
        return question if question and asks_quantity(question) else measure
    if question is None or not _PRONOUN.match(measure):
        return measure
    subject = subject_of(question)
    return _PRONOUN.sub(lambda _: subject, measure, count=1) if subject else measure


# "Expect to pay", "Most pay": the question names what is paid for.
_SUBJECTLESS = words(
    """you we one people most many expect should could can may might will would plan budget pay pays usually typically
    generally often up to on for between around about somewhere anywhere least from figure count reckon with"""
)


def subject_of(question: str) -> str | None:
    """What a question is about: "ataxia" in "What is (are) ataxia ?"; null for other forms of question."""
    found = _SUBJECT.fullmatch(question.strip().rstrip("?").strip())
    return found["subject"] if found else None
