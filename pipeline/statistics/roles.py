"""Classifies the role of a figure: finding, source_qualifier, anecdote or threshold.

A figure is a finding unless signs of another role are found, in this order: words that size a study or say who took
part in it; a condition or a restriction with a bound, on which a rule depends; the story of one person or family in
the past. A sentence alone may not show that a story goes on, so the sentences before it count too.
"""

import re
from functools import cached_property, lru_cache
from itertools import pairwise

from pipeline.limits import CLAUSE_REACH
from pipeline.statistics.attribution import STUDY, Source
from pipeline.statistics.clauses import Clause
from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import COUNT, MONEY, PERCENT, RATIO, Figure, Sentence
from pipeline.statistics.phrases import ADVERBS, is_capital_inside_sentence, is_verb

__all__ = ["StorySigns", "continues_story", "may_continue_story", "role_of"]


class StorySigns:
    """What a sentence shows of a story; each sign is looked for when it is first needed, once per sentence."""

    def __init__(self, sentence: Sentence, sources: list[Source]) -> None:
        self._sentence = sentence
        self._sources = sources

    @cached_property
    def is_past(self) -> bool:
        """Whether a verb is in the past tense."""
        return _is_past(self._sentence)

    @cached_property
    def is_mine(self) -> bool:
        """Whether it is about the writer: "I paid", "my insurer"."""
        return _is_mine(self._sentence)

    @cached_property
    def has_hero(self) -> bool:
        """Whether it is about one person who is not credited as a source."""
        return _has_hero(self._sentence, self._sources)


def role_of(clause: Clause, figures: list[Figure], i: int, attribution: str | None, signs: StorySigns) -> str:
    """The role of `figures[i]` by its own sentence; `clause` is its clause."""
    if _sizes_source(clause, figures, i):
        return "source_qualifier"
    if _is_condition(clause, signs) or _is_restriction(clause, signs):
        return "threshold"
    return "anecdote" if _is_story(clause, attribution, signs) else "finding"


# ---------------------------------------------------------------- the size and yield of a source

_STUDIES = words("studies trials papers articles surveys reviews publications meta-analyses experiments")
_SAMPLES = STUDY | words(
    """sample samples cohort cohorts panel trials studies surveys data records series pool interviews answers replies
    test tests experiment experiments questionnaires responses findings figures numbers results"""
)
_RESEARCHERS = lexicon().documents | words(
    "we they pollsters team interviewers sample cohort panel participants respondents questionnaires letters"
)
_INCLUDING = words(
    """include includes included enroll enrolled recruit recruited cover covers covered comprise comprises
    comprised ask asked interview interviewed survey surveyed poll polled question questioned sample sampled
    review reviewed examine examined analyze analyzed analyse analysed pool pooled follow followed study studied
    test tested screen screened reach reached contact contacted invite invited track tracked compare compared
    assess assessed evaluate evaluated combine combined sent went mailed wrote spoke talked called phoned approached
    involve involves involved collect collected draw drew drawn rest rests use uses used looked"""
)
_RESEARCHING = words("interviewed surveyed polled enrolled recruited sampled questioned randomized randomised pooled")
_TAKEN_IN = _RESEARCHING | words(
    "reviewed included analyzed analysed invited studied examined assessed evaluated mailed"
)
_TAKING_PART = words("participated responded replied answered took")
_RATES = re.compile(
    r"\b(?:(?:response|participation|follow-up|completion|return|retention|drop-?out|refusal|attrition) rates?"
    r"|margin of error|sampling error|confidence (?:level|interval)|ci)\b"
)
_YIELDS = re.compile(
    r"\b(?:data|records?|follow-up|answers|results|forms) (?:was|were|is|are) (?:\w+ )?"
    r"(?:available|complete|missing|lost|usable)\b|\blos[st]s? to follow-up\b"
)
_TOOK_PART = re.compile(
    r"\b(?:(?:declined|refused|agreed) to (?:take part|participate|answer|respond|be interviewed)|took part|dropped out"
    r"|(?:sent|mailed|gave|came) (?:(?:it|them|the \w+) )?back|(?:returned|completed|filled (?:in|out)|answered) "
    r"(?:the|their|our|a|it|all)|(?:was|were) returned)\b"
)
_ASKED = words(
    """survey questionnaire questionnaires invited mailed letters interviews interview poll study trial forms sample
    contacted asked respondents participants"""
)
_SAMPLE_REACH = 5  # tokens from a study to the number that sizes it: "a survey of nearly 500 adults"


def _sizes_source(clause: Clause, figures: list[Figure], i: int) -> bool:
    """Whether the figure is the size, yield or error of the sample behind a finding."""
    if clause.figure.kind == COUNT:
        return _sizes_sample(clause) or _is_whole_of_next(clause, figures, i)
    if clause.figure.kind not in (PERCENT, RATIO):
        return False
    sentence = clause.sentence
    has_rate, has_asked = not _RATED.isdisjoint(sentence.vocabulary), not _ASKED.isdisjoint(sentence.vocabulary)
    if not has_rate and not has_asked:
        return False
    text = _text(sentence, clause.start, clause.end)
    if has_rate and (_RATES.search(text) or _YIELDS.search(text)):
        return True
    after = sentence.word(clause.finish)
    return has_asked and (after in _TAKING_PART or _TOOK_PART.search(text) is not None)


_RATED = words("follow rate rates error confidence ci data record records follow-up answers results forms")


def _text(sentence: Sentence, first: int, last: int) -> str:
    """The tokens from `first` to before `last` as text in lower case."""
    tokens = sentence.tokens
    return sentence.text[tokens[first].start : tokens[min(last, len(tokens)) - 1].end].lower()


def _sizes_sample(clause: Clause) -> bool:
    """Whether a count sizes a study: "20 studies", "a survey of 500 adults", "we asked 950 surgeons", "88 replied"."""
    sentence, figure = clause.sentence, clause.figure
    if figure.noun is not None and sentence.word(figure.noun) in _STUDIES:
        return True
    before = sentence.words(clause.begin - _SAMPLE_REACH, clause.begin)
    is_sample = before[-1] in ("of", "with", "involving", "among", "on", "from", "in")
    if is_sample and not _SAMPLES.isdisjoint(before):
        return True
    if "based on" in " ".join(before) or "drawn from" in " ".join(before):
        return True
    verb = next((j for j in range(clause.begin - 1, clause.start, -1) if sentence.word(j) in _INCLUDING), None)
    if verb is not None and clause.begin - verb <= _SAMPLE_REACH:
        subject = sentence.words(max(0, verb - CLAUSE_REACH // 4), verb)
        if sentence.word(verb) in _RESEARCHING or not _RESEARCHERS.isdisjoint(subject):
            return True
    after = sentence.words(clause.finish, min(clause.end, clause.finish + 2 * _SAMPLE_REACH))
    pairs = list(pairwise(after))
    is_passive = any(auxiliary in ("were", "was") and verb in _TAKEN_IN for auxiliary, verb in pairs)
    return is_passive or not _TAKING_PART.isdisjoint(after[:1]) or ("took", "part") in pairs


def _is_whole_of_next(clause: Clause, figures: list[Figure], i: int) -> bool:
    """Whether a count only says of how many the next figure is a part: the 100 of "Of 100 women, 12 agreed"."""
    if i + 1 == len(figures):
        return False
    opens = clause.word(clause.begin - 1) in ("of", "among") and clause.begin - 1 <= clause.start
    return figures[i + 1].rule == "ratio.part" or (opens and figures[i + 1].kind in (PERCENT, RATIO, COUNT))


# ---------------------------------------------------------------- conditions and rules

_CONDITIONS = words("if when once until unless whenever provided where")
_ASKING = words("know knows ask asks asked wonder wonders wondering tell see sure check")
_CONDITIONAL = _CONDITIONS | words("after before as")
_RULES = words(
    """must need needs needed counts means triggers has require requires required qualify qualifies eligible
    entitled free exempt may can cannot only apply applies open allowed pay pays get gets ship ships receive
    receives should offer offers limits limited recommended recommend normal defined considered allows permitted
    tax pays owe have has"""
)
_RELATIVES = words("who whose that which where")
_BOUNDS = ("<", "<=", ">", ">=")
_RESTRICTING = words("over above under below exceeding beyond between up")
_HAVING = words("with worth having earning making owing costing spending scoring")
_LIMIT_REACH = 5  # tokens after "below 5 %" in which it is called a limit: "is considered normal"


def _is_condition(clause: Clause, signs: StorySigns) -> bool:
    """Whether the figure is in a condition of a rule: "if income exceeds $48,000", "once you have paid $250"."""
    sentence = clause.sentence
    if _CONDITIONAL.isdisjoint(sentence.vocabulary) or signs.is_past:
        return False
    for j in range(clause.begin - 1, max(-1, clause.begin - CLAUSE_REACH // 2), -1):
        word = sentence.word(j)
        if word in ("after", "before") and sentence.word(j + 1) == "you":
            return True
        if sentence.words(j, j + 3) in (("as", "long", "as"), ("as", "soon", "as")):
            return True
        if word == "if" and not _ASKING.isdisjoint(sentence.words(j - 3, j)):
            return False  # "does anyone know if the $30 fee applies"
        if word in _CONDITIONS:
            return not (word == "where" and clause.figure.relation not in _BOUNDS)
        if word in (",", ";", ":", "(", "."):
            return False
    return False


def _is_restriction(clause: Clause, signs: StorySigns) -> bool:
    """Whether a bound limits whom or what a rule is for: "orders over $35", "a rating of 30% or higher"."""
    sentence, figure = clause.sentence, clause.figure
    if figure.relation not in _BOUNDS:
        return False
    left = sentence.words(max(0, clause.begin - CLAUSE_REACH // 4), clause.begin)
    right = sentence.words(clause.finish, min(clause.finish + _LIMIT_REACH, clause.end))
    if not lexicon().limits.isdisjoint(sentence.words(clause.start, clause.begin) + right):
        return True
    if signs.is_past:
        return False
    nearest = next((word for word in reversed(left) if word in _RELATIVES or word in (",", ";", ":")), "")
    if nearest in ("who", "whose") and figure.kind != COUNT:
        return True
    if _restricts_noun(clause) or "worth" in left[-3:]:
        return True
    is_plural = left[-2:-1] and left[-2].endswith("s") and not left[-2].endswith("ss")
    if left[-1:] == ("of",) and is_plural and figure.kind == MONEY and figure.qualifier_after is not None:
        return True  # "deposits of $500 or more"
    has_rule = not _RULES.isdisjoint(sentence.vocabulary)
    is_with = not _HAVING.isdisjoint(left[-6:]) or (left[-1:] == ("of",) and figure.qualifier_after is not None)
    return has_rule and is_with


def _restricts_noun(clause: Clause) -> bool:
    """Whether the bound follows a noun that it limits: "orders over $35 ship free", not "a ticket costs over $35"."""
    sentence, i = clause.sentence, clause.begin - 1
    if i < 0 or sentence.word(clause.begin) not in _RESTRICTING or not sentence.is_word(i):
        return False
    if sentence.word(i) in _NO_NOUN:
        return False
    if not is_verb(sentence, i):
        return True
    may_be_noun = sentence.word(i).endswith("s")  # "costs above 7.5%", "claims over $250"
    opens = i == 0 or sentence.word(i - 1) in _BEFORE_LIMITED or is_verb(sentence, i - 1)
    return may_be_noun and (opens or any(is_verb(sentence, j) for j in range(clause.finish, clause.end)))


_NO_NOUN = words("of to is are be at by it that than go goes rise rises fall falls just now still and or but")
_BEFORE_LIMITED = words("only all for on of with from the any no most to on in")


# ---------------------------------------------------------------- stories

_PAST = words(
    """was were had paid got lost sold bought spent came told gave took made went left owed kept saw became won began
    felt held knew led met ran sent rose grew thought wrote wanted did broke drove fell"""
)
_SIMPLE_PAST = words("was were had did")
_BEFORE_PARTICIPLE = words(
    "the a an your their its our no any all is are be been being has have gets get not"
)  # "you have paid", "is blocked"
_NOT_PAST = words("need exceed indeed speed feed seed proceed succeed agreed approved insured denied united")
_MINE = words("me my myself mine")
_KIN = words(
    """husband wife mother father mom dad son daughter brother sister friend uncle aunt grandmother grandfather cousin
    neighbor neighbour boss landlord family kid kids boy girl partner sister's brother's mother's father's"""
)
_ONE = words(
    "man woman patient tenant customer driver widow veteran retiree student client farmer couple family mother father"
)
_OURS = words("we us our")
_THIRD = words("he she him her his hers")
_HONORIFICS = words("mr mrs ms miss mx")
_PERSONAL = _THIRD | _HONORIFICS | _ONE | _KIN
_GROUPS = words("patients clients colleagues readers students customers members cases pupils")


def _is_story(clause: Clause, attribution: str | None, signs: StorySigns) -> bool:
    """Whether the figure is a sum or a share in the story of one person or family."""
    sentence, kind = clause.sentence, clause.figure.kind
    if kind not in (MONEY, PERCENT, RATIO):
        return False
    if signs.is_mine:
        return True
    is_third = kind == MONEY and sentence.word(clause.start) in _THIRD
    if is_third and not _speaks(sentence, clause.start):
        return True  # "she spends $7,000 a year"
    is_ours = attribution is None and not _OURS.isdisjoint(sentence.vocabulary)
    if is_ours and (kind == MONEY or sentence.words(0, 2) == ("for", "us")) and signs.is_past:
        return True  # "we had saved $12,000", not "our board changed 12%"
    is_personal = kind == MONEY or not _THIRD.isdisjoint(sentence.vocabulary)
    return is_personal and signs.has_hero and signs.is_past


def _is_mine(sentence: Sentence) -> bool:
    """Whether it is about the writer: "I paid", "my insurer", not "half of my patients" or "type I collagen"."""
    vocabulary, size = sentence.vocabulary, len(sentence.tokens)
    if _FIRST_PERSON.isdisjoint(vocabulary):
        return False
    if not _MINE.isdisjoint(vocabulary):
        return any(sentence.lower[i] in _MINE and sentence.word(i + 1) not in _GROUPS for i in range(size))
    if not _WRITER.isdisjoint(vocabulary):
        return True
    return "i" in vocabulary and any(sentence.written(i) == "I" and _is_subject(sentence, i) for i in range(size))


_WRITER = words("i've i'm i'd i'll i’ve i’m i’d i’ll")
_FIRST_PERSON = _MINE | _WRITER | {"i"}


def _is_subject(sentence: Sentence, i: int) -> bool:
    return i == 0 or is_verb(sentence, i + 1) or _ends_past(sentence.word(i + 1))


def _has_hero(sentence: Sentence, sources: list[Source]) -> bool:
    """Whether the sentence is about one person: a name, a title, a pronoun, a relative or one of a kind."""
    vocabulary, names = sentence.vocabulary, lexicon().given_names
    if "'s" in sentence.text or "’s" in sentence.text:
        vocabulary = frozenset(map(_bare, vocabulary))
    if _PERSONAL.isdisjoint(vocabulary) and names.isdisjoint(vocabulary):
        return False
    credited = {word for source in sources for word in source.name.lower().split()}
    return any(_is_hero(sentence, i) for i, word in enumerate(sentence.lower) if _bare(word) not in credited)


def _bare(word: str) -> str:
    return word[:-2] if word.endswith(("'s", "’s")) else word


def _is_hero(sentence: Sentence, i: int) -> bool:
    word, bare = sentence.word(i), _bare(sentence.word(i))
    if bare in _KIN and sentence.word(i - 1) in ("his", "her", "their"):
        return True
    is_name = bare in lexicon().given_names and sentence.text[sentence.tokens[i].start].isupper()
    is_one = word in _ONE and sentence.word(i - 1) in ("a", "one", "the", "another")
    is_one = is_one and sentence.word(i - 2) not in ("for", "of", "by", "per", "to", "from")
    return (is_name or is_one or word in _THIRD or word in _HONORIFICS) and not _speaks(sentence, i)


def _speaks(sentence: Sentence, i: int) -> bool:
    """Whether the person at `i` only says something, or what others should do: "she said that 5 percent ..."."""
    if sentence.word(i + 1) in _WISHES and _asks_others(sentence, i + 2):
        return True  # "she wants the county to pay $2 million"
    return any(sentence.word(j) in lexicon().say_verbs - {"put", "puts"} for j in range(i + 1, i + 4))


_WISHES = words("wants wanted urges urged asks asked calls called")
_WISH_REACH = 6  # tokens of whom somebody wants to do something: "the board of the county"


def _asks_others(sentence: Sentence, i: int) -> bool:
    """Whether a noun phrase and "to" follow: "the county to pay", not "a bike that cost $500"."""
    is_group = sentence.word(i) in ("the", "for", "on") or is_capital_inside_sentence(sentence, i)
    return is_group and "to" in sentence.words(i + 1, i + _WISH_REACH)


def _is_past(sentence: Sentence) -> bool:
    """Whether a verb in the past tense is in the sentence."""
    vocabulary, lower = sentence.vocabulary, sentence.lower
    if not _SIMPLE_PAST.isdisjoint(vocabulary):
        return True
    past = {word for word in vocabulary if word in _PAST or (word[-2:] == "ed" and len(word) > 4)} - _NOT_PAST
    return bool(past) and any(word in past and not _is_participle(sentence, i) for i, word in enumerate(lower) if word)


def _is_participle(sentence: Sentence, i: int) -> bool:
    """Whether the word at `i` follows "is" or an article, an adverb between or not: "is usually offered"."""
    i -= sentence.word(i - 1).endswith("ly") or sentence.word(i - 1) in ADVERBS
    return sentence.word(i - 1) in _BEFORE_PARTICIPLE


def _ends_past(word: str) -> bool:
    return word in _PAST or (word[-2:] == "ed" and len(word) > 4 and word not in _NOT_PAST)


# ---------------------------------------------------------------- a story that goes on


def may_continue_story(clause: Clause, role: str, attribution: str | None) -> bool:
    """Whether the figure belongs to the story of the sentences before, if they tell one and its own is in the past."""
    return role == "finding" and attribution is None and clause.figure.kind in (MONEY, PERCENT)


_STORY = re.compile(r"\b(?:I|me|my|My|we|We)\b|\b(?:Mr|Mrs|Ms)\b")
# The "we" of those who study or treat others is no family: "We asked 384 patients", "We reviewed over 9,000 cases".
_OUR_NUMBER = re.compile(r"\b[Ww]e (?=(?:[a-z]+ ){1,4}\d[\d,]* ((?:[a-z-]+ ?){1,3}))")
_CAPITALISED = re.compile(r"\b[A-Z][a-zé]+\b")
_SMALL_WORD = re.compile(r"[a-z]+")


@lru_cache(maxsize=512)
def continues_story(quote: str, before: tuple[str, ...]) -> bool:
    """Whether the sentences before tell the story of one person or family, and the quoted one is in the past too."""
    return _is_past_text(quote) and any(_is_story_text(text) for text in before)


_REPORTS = re.compile(r"\b(?:said|says|told (?!me\b|us\b)|wrote|writes|led (?:the|a) \w+|according to)\b")


def _is_story_text(text: str) -> bool:
    """Whether one person's story is told; who is only quoted, or leads a study, is no person of a story."""
    names, is_report = lexicon().given_names, _REPORTS.search(text) is not None
    has_hero = _STORY.search(_OUR_NUMBER.sub(_without_study, text)) and not (is_report and ("“" in text or '"' in text))
    has_hero = has_hero or (not is_report and any(name.lower() in names for name in _CAPITALISED.findall(text)))
    return bool(has_hero) and _is_past_text(text)


def _without_study(we: re.Match[str]) -> str:
    """The "we" matched, unless people, cases or sources are counted after it."""
    known, counted = lexicon(), we[1].split()
    return we[0] if known.listed.isdisjoint(counted) and known.things.isdisjoint(counted) else ""


def _is_past_text(text: str) -> bool:
    return any(_ends_past(word) for word in _SMALL_WORD.findall(text))
