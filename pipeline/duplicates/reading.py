"""A text as a sequence of words, each in the one form that it shares with whatever says the same.

All that is equal by itself, without a look at the other text, is made equal here: case, punctuation, contractions,
spelling variants, singular and plural, numbers and signs, listed synonyms, fillers and the page's own words. Being an
equality, it holds along chains. The lists are in harmless_edits.toml, by kind (H1 to H12).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from itertools import chain, pairwise
from typing import Any, NamedTuple

from pipeline.duplicates.english import lemmas

__all__ = ["LOOKALIKES", "Reading", "Word", "base_of", "canonical", "determiners", "read", "rules", "word_form"]

MOST_WORDS = 200_000  # of a text that are compared; a page has thousands, what is longer is a dump in one line
PAGE_WORDS = 8  # sentences of the page itself that are cut off at each end, at most
LOUD = 200  # characters; a text without a small letter in them is set in capitals
CUT_REACH = 400  # characters at each end in which words of the page are looked for


@cache
def rules() -> dict[str, Any]:
    """All of harmless_edits.toml."""
    return tomllib.loads(files("pipeline.duplicates").joinpath("harmless_edits.toml").read_text(encoding="utf8"))


@dataclass(slots=True)
class Word:
    """A word of a text: `form`, which is compared, `surface`, its letters in lower case, and its place in the text.

    determiner: the article before it, which is no word of its own. stop: what stands after it: "," or "." (any end of
    a sentence or line), "…" where words are left out, else "". sentence: number of its sentence. opens: it is the first
    of its sentence. is_name: it is capitalised inside a sentence. is_number: its form is a number.
    """

    form: str
    surface: str
    start: int
    end: int
    sentence: int = 0
    opens: bool = False
    is_name: bool = False
    is_number: bool = False
    determiner: str = ""
    stop: str = ""


class _Segment(NamedTuple):
    """One or more sentences of a text, read by themselves: parallel sequences, one entry for each word."""

    words: Sequence[Word]
    forms: Sequence[str]
    determiners: Sequence[str]
    starts: Sequence[int]  # where each of its sentences begins, in words


@dataclass(frozen=True)
class Reading:
    """A text, its words, and whether it was cut at its beginning or end ("…", "...", "More items...").

    forms: the words as they are compared. determiners: the article before each word, "" where there is none. starts:
    where each sentence begins, in words. segments: where each segment begins, in words; offsets: and in characters.
    """

    text: str
    words: Sequence[Word]
    forms: tuple[str, ...]
    determiners: tuple[str, ...]
    starts: Sequence[int]
    segments: Sequence[int]
    offsets: Sequence[int]
    is_cut_before: bool
    is_cut_after: bool

    @cached_property
    def distinct(self) -> frozenset[str]:
        """Each form once."""
        return frozenset(self.forms)

    @cached_property
    def joined(self) -> str:
        """The forms with a blank around each: a text is a part of another if its `joined` is."""
        return f" {' '.join(self.forms)} "

    def sentence_at(self, position: int) -> int:
        """The number of the sentence that a word belongs to."""
        return bisect_right(self.starts, position) - 1

    def sentence_of(self, position: int) -> tuple[int, int]:
        """The sentence that a word belongs to, as words from and to."""
        after = bisect_right(self.starts, position)
        return self.starts[after - 1], self.starts[after] if after < len(self.starts) else len(self.words)

    def quote(self, start: int, end: int) -> str:
        """The text from word to word, as it is written."""
        first, last = (self.offsets[bisect_right(self.segments, at) - 1] for at in (start, end - 1))
        return self.text[first + self.words[start].start : last + self.words[end - 1].end]


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """The words of a cleaned answer, the first 200,000 of them.

    >>> read("Don't pay the $1,500: it's 2 days.").forms
    ('do', 'not', 'pay', '1500', 'dollar', 'it', 'be', '2', 'day')
    """
    plain = text.translate(_PLAIN)
    start, end = _without_page_words(plain)
    is_cut_before = _CUT_BEFORE.match(plain, start) is not None
    cut = _CUT_AFTER.search(plain, max(start, end - CUT_REACH), end)
    is_cut_after = cut is not None or plain.endswith(":", 0, end)
    if cut:
        end = cut.start()
        half = None if plain[end].isspace() else _HALF_WORD.search(plain, max(start, end - CUT_REACH), end)
        end = half.start() if half and not plain[start : half.start()].isspace() and half.start() > start else end
    is_loud = not any(map(str.islower, plain[start : start + LOUD]))
    bounds = [start, *(found.end() for found in _BETWEEN_SEGMENTS.finditer(plain, start, end)), end]
    read_segments: list[_Segment] = []
    segments, offsets, starts = [], [], []
    size = 0
    for offset, after in pairwise(bounds):
        segment = _read_segment(plain[offset:after], is_loud)
        if not segment.words:
            continue
        read_segments.append(segment)
        segments.append(size)
        offsets.append(offset)
        starts += [size + place for place in segment.starts]
        size += len(segment.words)
        if size > MOST_WORDS:
            break
    words, forms, articles = (
        list(chain.from_iterable(getattr(segment, column) for segment in read_segments))
        for column in ("words", "forms", "determiners")
    )
    while is_cut_after and len(words) > 1 and forms[-1] in determiners():
        for column in (words, forms, articles):
            column.pop()
        starts = [place for place in starts if place < len(words)]
    return Reading(text, words, tuple(forms), tuple(articles), starts, segments, offsets, is_cut_before, is_cut_after)


# Between two of these nothing that the reading combines goes on: no full stop of an abbreviation, no words left out.
_BETWEEN_SEGMENTS = re.compile(r"(?:\n|(?<=[a-z]{4}[.!?])(?<![Pp]rof\.) (?=[A-Z]))(?!\s*(?:\.\.\.|…))")
_HALF_WORD = re.compile(r"[^\W\d_][\w'.]*$")


@lru_cache(maxsize=1 << 14)
def _read_segment(text: str, is_loud: bool) -> _Segment:
    """The words of sentences that no word of another sentence has to do with; many pages repeat sentences."""
    words = _with_determiners(_with_meanings(_with_numbers(_tokens(text, is_loud))))
    numbers = [word.sentence for word in words]
    starts = [at for at, number in enumerate(numbers) if not at or number != numbers[at - 1]]
    return _Segment(words, [word.form for word in words], [word.determiner for word in words], starts)


def canonical(words: str) -> frozenset[str]:
    """The forms of these words, each by itself: for lists of words in the rules."""
    return frozenset(form for word in words.split() for form in (word, "_".join(read(word.replace("_", " ")).forms)))


# ---------------------------------------------------------------- the page's own words

_CUT_BEFORE = re.compile(r"\s*(?:\.\.\.|…)")
_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "‛": "'", "ʼ": "'", "“": '"', "”": '"', "—": "–", "−": "-", "\u00a0": " ", "‐": "-", "‑": "-"}
)  # one character for one, so that places in the text stay what they are
_MORE_ITEMS = r"more items\s*(?:\.\.\.|…)?\s*•?"
_CUT_AFTER = re.compile(rf"\s*(?:\.\.\.+|…)[\s.…]*(?:{_MORE_ITEMS})?\s*$|\s*{_MORE_ITEMS}\s*$", re.IGNORECASE)


@cache
def _page_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    fillers = rules()["fillers"]
    before = "|".join(fillers["before"]).replace("—", "–").replace("’", "'")
    after = "|".join(fillers["after"]).replace("—", "–").replace("’", "'").replace("…", "…")
    return re.compile(rf"[\s*]*(?:{before})[\s*]*", re.IGNORECASE), re.compile(
        rf"(?:(?<=[.!?:;…\n])|(?<=[.!?…]['\")\]])|(?=[–|(\[]))\s*(?:{after})[\s*]*$", re.IGNORECASE
    )


def _without_page_words(text: str) -> tuple[int, int]:
    """Where the answer begins and ends between the words of its page."""
    before, after = _page_patterns()
    start, end = 0, len(text.rstrip())
    for _ in range(PAGE_WORDS):
        found = before.match(text, start, min(end, start + CUT_REACH))
        if found is None or found.end() >= end:
            break
        start = found.end()
    for _ in range(PAGE_WORDS):
        found = after.search(text, max(start, end - CUT_REACH), end)
        if found is None or found.start() <= start:
            break
        end = found.start() + len(text[found.start() : found.end()]) - len(text[found.start() : found.end()].lstrip())
        end = len(text[:end].rstrip())
    return start, end


# ---------------------------------------------------------------- tokens

_TOKEN = re.compile(
    r"(?P<word>[^\W\d_][^\W_]*+(?:'[^\W\d_]++)*+(?!\.[^\W\d_]))"
    r"|(?P<gap>\.{3,}|…)"
    r"|(?P<citation>\[\d{1,3}(?:[-–, ]{1,2}\d{1,3})*\])"
    r"|(?P<misread>(?<!\w)[015][^\W\d_]{3,}(?!\w))"
    r"|(?P<abbreviation>(?:[^\W\d_]\.){2,}(?!\w)|[^\W\d_](?:\.[^\W\d_])+(?!\w))"
    r"|(?P<number>\d+(?:[.,:/]\d+)*)"
    r"|(?P<rest>[^\W\d_][^\W_]*(?:'[^\W\d_]+)*)"
    r"|(?P<mark>[^\s_]|\n)"
)
_ENDS = frozenset(".!?;\n")
_TITLES = frozenset(("dr", "mr", "mrs", "ms", "prof", "st", "vs", "no", "jr", "sr", "inc", "ltd", "fig", "etc"))
_KEPT_MARKS = frozenset("%&+=$€£¥°<>≤≥×~±@/")
_ACRONYMS = {"US": "U.S.", "IT": "I.T.", "WHO": "W.H.O."}  # capitals that are another word than the small letters


def _tokens(text: str, is_loud: bool = False) -> list[Word]:
    """The words and signs of a text in their forms, contractions in full, with what follows them."""
    words: list[Word] = []
    sentence, opens = 0, True
    for found in _TOKEN.finditer(text):
        kind, raw = found.lastgroup, found.group()
        at, after = found.span()
        if kind == "word" or kind in _WORD_KINDS:
            pieces, surface, is_capital = _pieces(raw, is_loud)
            if raw == "A" and not opens and not is_loud and _is_label(words[-1], text, after):
                pieces = ("A",)
            for piece in pieces:
                words.append(Word(piece, surface, at, after, sentence, opens, is_capital and not opens))
                opens = False
            if kind == "abbreviation" and raw.endswith(".") and _opens_sentence(text, after):
                words[-1].stop = "."
                sentence, opens = sentence + 1, True
        elif kind == "number":
            words.append(Word(_number(raw), raw, at, after, sentence, opens, False, True))
            opens = False
        elif kind == "gap":
            if words:
                words[-1].stop = "…"
                sentence, opens = (sentence, opens) if opens else (sentence + 1, True)
        elif kind == "mark" and (sign := _sign(text, at, len(text))):
            words.append(Word(sign, sign, at, after, sentence, opens))
            opens = False
        elif kind == "mark" and words:
            last = words[-1]
            if raw in _ENDS and not (raw == "." and _is_title(last, text, at)):
                last.stop = last.stop if last.stop == "…" else "."
                sentence, opens = (sentence, opens) if opens else (sentence + 1, True)
            elif raw in ",:–()" and not last.stop:
                last.stop = ","
        if len(words) > MOST_WORDS:
            break
    return words


_WORD_KINDS = frozenset(("misread", "abbreviation", "rest"))


def _is_title(last: Word, text: str, place: int) -> bool:
    """Whether this full stop ends no sentence: after "Dr", or before a letter, but for glued ones ("visit.The")."""
    follows = text[place + 1 : place + 2]
    if follows.isalnum():
        return not (follows.isupper() and len(last.surface) > 2)
    return last.surface in _TITLES and last.end == place


def _opens_sentence(text: str, place: int) -> bool:
    return text[place : place + 1] == " " and text[place + 1 : place + 2].isupper()


def _sign(text: str, place: int, end: int) -> str:
    """The word that a sign stands for, the sign itself if it changes what is said, or nothing."""
    sign = text[place]
    if sign in _KEPT_MARKS:
        return str(_signs().get(sign, sign))
    if sign not in "-–":
        return ""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if place + 1 < end and (after.isdigit() or after in "$€£"):
        if before.isdigit() or before in tuple("%$€£"):
            return "to"
        if not before.strip() or before in "(":
            return "minus" if sign == "-" else ""
    if (
        before == " "
        and after == " "
        and text[place - 2 : place - 1].isdigit()
        and text[place + 2 : place + 3].isdigit()
    ):
        return "to"
    return ""


@cache
def _signs() -> dict[str, str]:
    return _entries(rules()["signs"]["words"])


def _entries(block: str) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in block.strip().splitlines())
    return {short.strip(): full.strip() for short, full in pairs}


_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def _number(raw: str) -> str:
    """A number without the commas of its thousands and the empty cents.

    >>> _number("12,500"), _number("40.00"), _number("1.500"), _number("9:30")
    ('12500', '40', '1.500', '9:30')
    """
    if _THOUSANDS.fullmatch(raw):
        raw = raw.replace(",", "")
    return raw[:-3] if raw.endswith(".00") and raw[:-3].isdigit() else raw


@lru_cache(maxsize=1 << 16)
def _pieces(raw: str, is_loud: bool) -> tuple[tuple[str, ...], str, bool]:
    """The forms of a word as it stands in a text, its surface, and whether it begins with a capital."""
    letters = raw.replace(".", "")
    if not is_loud and letters in _ACRONYMS:
        return (_ACRONYMS[letters],), letters.lower(), True
    word = unicodedata.normalize("NFKC", letters).casefold()
    full = _contractions().get(word)
    if full:
        return tuple(map(word_form, full)), word, False
    plain = word.removesuffix("'s").replace("'", "")
    if not plain.isalpha():
        meant = plain.translate(LOOKALIKES)
        plain = meant if meant.isalpha() and lemmas(meant) else plain
    return (word_form(plain),), word, raw[0].isupper() and not is_loud


LOOKALIKES = str.maketrans("015", "ols")  # digits that stand for letters in badly read text


def _is_label(before: Word, text: str, end: int) -> bool:
    """Whether a capital A inside a sentence is a label (Part A), not an article of a title or of a glued sentence."""
    follows = text[end + 1 : end + 2]
    return before.surface in _label_nouns() or (before.is_name and not follows.isupper()) or not follows.isalpha()


@cache
def _label_nouns() -> frozenset[str]:
    return frozenset(rules()["determiners"]["label_nouns"].split())


@cache
def _contractions() -> dict[str, tuple[str, ...]]:
    return {short: tuple(full.split()) for short, full in _entries(rules()["contractions"]["words"]).items()}


# ---------------------------------------------------------------- one word

_BE = {"is": "be", "are": "be", "am": "be", "was": "be+ed", "were": "be+ed", "has": "have", "had": "have+ed"}
_MODALS = {modal: modal for modal in ("could", "would", "should", "might", "must")}
_IRREGULAR = _BE | _MODALS | {"does": "do", "did": "do+ed", "being": "be+ing", "having": "have+ing", "doing": "do+ing"}


@lru_cache(maxsize=1 << 16)
def word_form(word: str) -> str:
    """A word in the form it shares with its inflections: its base, and "+ed" or "+ing" for what these change.

    >>> [word_form(word) for word in ["letters", "pays", "paid", "analysing", "children", "glasses", "websites"]]
    ['letter', 'pay', 'pay+ed', 'analyze+ing', 'child', 'glasses', 'website']
    """
    word = spelt(word)
    if word in _IRREGULAR or word in _number_matters() or len(word) < 3:
        return _IRREGULAR.get(word, word)
    bases = lemmas(word)
    if not bases:
        return spelt(_without_s(word))
    verbs, nouns = bases.get("verb", ()), bases.get("noun", ())
    if word.endswith("ing") and verbs and word not in verbs:
        return spelt(verbs[0]) + "+ing"
    if word.endswith("ed") and verbs and word not in verbs:
        return spelt(verbs[0]) + "+ed"
    single = next((base for base in (*nouns[::-1], *verbs) if base != word), "") if word.endswith("s") else ""
    if single:
        return word_form(single)
    if any(word in of_kind for of_kind in bases.values()):
        return word
    if nouns:
        return word_form(nouns[-1])
    return spelt(verbs[0]) + "+ed" if verbs else word


def base_of(form: str) -> str:
    """The form without the mark of its ending."""
    return form.partition("+")[0]


def _without_s(word: str) -> str:
    """A word that is not in the table, without the s of its plural."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]


@cache
def _number_matters() -> frozenset[str]:
    return frozenset(rules()["inflection"]["number_matters"].split())


@cache
def _spelling() -> tuple[tuple[tuple[re.Pattern[str], str], ...], dict[str, str]]:
    data = rules()
    patterns = tuple((re.compile(rule["pattern"]), rule["to"].replace("\0", "")) for rule in data["spelling"])
    pairs = {
        other.strip(): one
        for one, others in _entries(data["spelling_pairs"]["words"]).items()
        for other in others.partition("|")[0].split(",")
    }
    return patterns, pairs


@lru_cache(maxsize=1 << 16)
def spelt(word: str) -> str:
    """A word in American spelling.

    >>> spelt("tumours"), spelt("organisation"), spelt("cancelled"), spelt("haemoglobin"), spelt("filled")
    ('tumors', 'organization', 'canceled', 'hemoglobin', 'filled')
    """
    patterns, pairs = _spelling()
    if word in pairs:
        return pairs[word]
    if len(word) > 4:
        for pattern, to in patterns:
            word = pattern.sub(to, word)
    return word


# ---------------------------------------------------------------- numbers


class _Numerals(NamedTuple):
    values: Mapping[str, int]  # one to nineteen, twenty to ninety
    scales: Mapping[str, int]
    ordinals: Sequence[str]
    months: frozenset[str]
    calendar: frozenset[str]  # days and months
    units: Mapping[str, str]
    triggers: frozenset[str]  # words without which, and without digits, nothing has to be done


@cache
def _numerals() -> _Numerals:
    data = rules()["numbers"]
    values = {word: number for number, word in enumerate(data["ones"].split())}
    values |= {word: 10 * number for number, word in enumerate(data["tens"].split(), 2)}
    scales = dict(zip(data["scales"].split(), (100, 1000, 10**6, 10**9), strict=True))
    units = {
        short.strip().replace(" ", ""): line.partition("|")[0].split(",")[0].split()[0]
        for line in rules()["signs"]["units"].strip().splitlines()
        for short in line.partition("|")[0].split(",")
    }
    calendar = frozenset(rules()["slips"]["calendar"].split())
    triggers = frozenset(values).union(scales, calendar)
    months = frozenset(data["months"].split())
    return _Numerals(values, scales, data["ordinals"].split(), months, calendar, units, triggers)


def _with_numbers(words: Sequence[Word]) -> list[Word]:
    """The words, with numbers in digits, signs of money behind them, units in full, and the day before its month."""
    values = _numerals().values
    if _numerals().triggers.isdisjoint([word.form for word in words]) and not any(word.is_number for word in words):
        return list(words)
    found: list[Word] = []
    place = 0
    while place < len(words):
        word = words[place]
        if word.form == "a" and place + 1 < len(words) and words[place + 1].form in _numerals().scales:
            words[place + 1].form, words[place + 1].is_number = str(_numerals().scales[words[place + 1].form]), True
            place += 1  # a hundred
        elif word.is_number or word.form in values:
            place = _take_number(words, place, found)
        elif word.form in _MONEY and word.surface == word.form and _is_sign(words, place):
            end = _take_number(words, place + 1, found)
            found.append(word)
            place = end
        else:
            found.append(word)
            place += 1
    return _with_units(found)


_MONEY = frozenset(("dollar", "euro", "pound", "yen"))


def _is_sign(words: Sequence[Word], place: int) -> bool:
    """Whether this word is the sign of money before a number: one character, and a number after it."""
    sign = words[place]
    return sign.end - sign.start == 1 and place + 1 < len(words) and words[place + 1].is_number


def _take_number(words: Sequence[Word], place: int, found: list[Word]) -> int:
    """Add the number that begins here, and return where it ends."""
    numerals = _numerals()
    first = words[place]
    if first.is_number:
        end = place + 1
        if end < len(words) and (scale := numerals.scales.get(words[end].form)) and scale > 100:
            return _add_number(words, place, end + 1, _scaled(first.form, scale), found)
        return _add_number(words, place, end, first.form, found)
    total, current, end = 0, 0, place
    while end < len(words) and not (end > place and words[end - 1].stop):
        form = words[end].form
        if form in numerals.values:
            value = numerals.values[form]
            if current % 100 and not (current % 10 == 0 and current % 100 >= 20 and 0 < value < 10):
                break
            if current % 100 == 0 and end > place and current == 0 and total == 0:
                break
            current += value
        elif form in numerals.scales and end > place:
            scale = numerals.scales[form]
            total, current = (total, current * 100) if scale == 100 else (total + current * scale, 0)
        elif not (form == "and" and words[end - 1].form in numerals.scales and _is_value(words, end + 1)):
            break
        end += 1
    return _add_number(words, place, end, str(total + current), found)


def _is_value(words: Sequence[Word], place: int) -> bool:
    return place < len(words) and words[place].form in _numerals().values


def _scaled(number: str, scale: int) -> str:
    whole, _, rest = number.partition(".")
    if not (whole.isdigit() and (rest.isdigit() or not rest)) or len(number) > 18:
        return f"{number}e{scale}"
    value = int(whole + rest) * scale
    shift = 10 ** len(rest)
    return str(value // shift) if value % shift == 0 else f"{number}e{scale}"


def _add_number(words: Sequence[Word], start: int, end: int, form: str, found: list[Word]) -> int:
    first, last = words[start], words[end - 1]
    word = Word(form, first.surface, first.start, last.end, first.sentence, first.opens, False, True, "", last.stop)
    if end < len(words) and words[end].start == last.end and words[end].form in ("st", "nd", "rd", "th"):
        word.end, word.stop, word.surface = words[end].end, words[end].stop, word.surface + words[end].form
        end += 1
        ordinals = _numerals().ordinals
        is_small = form.isdigit() and len(form) < 3 and 0 < int(form) <= len(ordinals)
        word.form, word.is_number = (ordinals[int(form) - 1], False) if is_small else (form + "th", False)
    found.append(word)
    return end


_DAY = re.compile(r"[0-3]?\d(?:st|nd|rd|th)?")


def _with_units(words: Sequence[Word]) -> list[Word]:
    numerals = _numerals()
    found: list[Word] = []
    for word in words:
        before = found[-1] if found else None
        if before is not None and before.is_number:
            unit = "am" if word.surface == "am" else numerals.units.get(word.form, word.form)
            if unit in ("am", "pm"):
                unit += "+time"
                before.form = before.form.removesuffix(":00")
            word.form = unit
        elif before is not None and before.form in numerals.months and _DAY.fullmatch(word.surface):
            found[-1] = word
            word.form, word.is_number = re.sub(r"\D", "", word.surface), True
            word, before.stop, word.stop = before, word.stop, ""
        found.append(word)
        if len(found) > 4 and found[-1].form == found[-4].form and found[-2].is_number and found[-5].is_number:
            is_between = found[-3].form == "and" and len(found) > 5 and found[-6].form == "between"
            if found[-3].form == "to" or is_between:
                del found[-4]  # 5 dollars to 10 dollars
        if len(found) > 2 and found[-2].form in ("to", "through") and _is_day(found[-1]) and _is_day(found[-3]):
            found[-2].form = "to"  # from Monday through Friday
            if len(found) > 3 and found[-4].form == "from":
                del found[-4]
    return found


def _is_day(word: Word) -> bool:
    return word.form.removesuffix("s") in _numerals().calendar


# ---------------------------------------------------------------- phrases


@dataclass(slots=True)
class _Branch:
    """How phrases go on after the same first words, and what a phrase that ends here is compared as ("" for a filler).

    form: what it means; of_number: the same where a number has to follow.
    """

    further: dict[str, _Branch]
    form: str | None = None
    of_number: str | None = None


@cache
def _lexicon() -> dict[str, _Branch]:
    """The listed phrases by their words; a base at the beginning stands for all its endings."""
    root = _Branch({})
    for line in "\n".join(rules()["same"].values()).split("\n"):
        said = [phrase.strip() for phrase in line.partition("|")[0].split(",") if phrase.strip()]
        if said:
            meaning = "_".join(_forms(said[0].removesuffix(" #")))
            for phrase in said:
                _add_phrase(root, phrase, meaning)
    for phrase in rules()["fillers"]["words"].strip().splitlines():
        _add_phrase(root, phrase, "")
    return root.further


def _add_phrase(root: _Branch, phrase: str, meaning: str) -> None:
    branch = root
    for form in _forms(phrase.removesuffix(" #")):
        branch = branch.further.setdefault(form, _Branch({}))
    if phrase.endswith(" #"):
        branch.of_number = meaning
    else:
        branch.form = meaning


def _forms(phrase: str) -> list[str]:
    """The forms of a phrase of the lists."""
    return [word.form for word in _with_numbers(_tokens(phrase, not any(map(str.islower, phrase))))]


def _with_meanings(words: Sequence[Word]) -> list[Word]:
    """The words, phrases that say the same as one word each, fillers left out."""
    lexicon = _lexicon()
    found: list[Word] = []
    place, count = 0, len(words)
    while place < count:
        word = words[place]
        form = word.form
        exact = branch = lexicon.get(form)
        base, mark, ending = form, "", ""
        if exact is None and "+" in form:
            base, mark, ending = form.partition("+")
            branch = lexicon.get(base)
        phrase = _longest(branch, words, place + 1) if branch is not None else None
        if phrase is None:
            if word.stop and form in ("no", "yes"):
                word.form += ","  # an answer by itself: "No, fees are due"
            found.append(word)
            place += 1
            continue
        end, meaning = phrase
        if meaning:
            word.form = meaning if exact is not None or not mark else meaning + mark + ending
            if end > place + 1:
                word.end, word.stop = words[end - 1].end, words[end - 1].stop
                word.surface = " ".join(each.surface for each in words[place:end])
            found.append(word)
        elif found and words[end - 1].stop and not found[-1].stop and found[-1].sentence == word.sentence:
            found[-1].stop = words[end - 1].stop
        place = end
    return found


_AMOUNTS = frozenset(("a", "an", "half"))


def _longest(branch: _Branch, words: Sequence[Word], end: int) -> tuple[int, str] | None:
    """Where the longest phrase ends that began before `end`, and what it means."""
    found = None
    here: _Branch | None = branch
    while here is not None:
        follows = words[end] if end < len(words) else None
        if here.form is not None:
            found = end, here.form
        if here.of_number is not None and follows is not None and (follows.is_number or follows.form in _AMOUNTS):
            found = end, here.of_number
        here = here.further.get(follows.form) if follows is not None else None
        end += 1
    return found


# ---------------------------------------------------------------- determiners


@cache
def determiners() -> Mapping[str, frozenset[str]]:
    """For each determiner those that may stand for it; "" is none at all."""
    table: dict[str, set[str]] = {}
    for one, others in _entries(rules()["determiners"]["words"]).items():
        for other in others.split():
            other = "" if other == "-" else other
            table.setdefault(one, set()).add(other)
            table.setdefault(other, set()).add(one)
    return {one: frozenset(others) for one, others in table.items()}


def _with_determiners(words: Sequence[Word]) -> list[Word]:
    """The words, each with the article before it, which is left out itself."""
    table = determiners()
    found: list[Word] = []
    pending: list[Word] = []
    for place, word in enumerate(words):
        form = "a" if word.form == "an" else word.form
        if form in table and not word.stop and not (form == "this" and _is_pronoun(words, place)):
            pending.append(word)
            continue
        if pending:
            forms = dict.fromkeys("a" if each.form == "an" else each.form for each in pending)
            word.determiner, word.start = " ".join(forms), pending[0].start
            word.opens |= pending[0].opens
            pending = []
        found.append(word)
    return [*found, *pending]


_AFTER_PRONOUNS = frozenset(("be", "be+ed", "do", "do+ed", "have", "have+ed", "can", "may", "must", "will", "should"))


def _is_pronoun(words: Sequence[Word], place: int) -> bool:
    """Whether "this" stands by itself, for a verb follows."""
    return place + 1 < len(words) and words[place + 1].form in _AFTER_PRONOUNS
