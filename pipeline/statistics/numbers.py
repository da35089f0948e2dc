"""Reads the numbers of a sentence from digits and number words."""

import re
from functools import cache

from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import Number, Sentence

__all__ = ["DASHES", "HYPHENS", "NumberReader", "number_openers", "words_after_article"]

HYPHENS = frozenset("-‐‑")
DASHES = HYPHENS | frozenset("–—−~∼")
SLASHES = frozenset("/⁄")
_MONTHS = words(
    """jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october
    nov november dec december"""
)
_MONTHS_AFTER = _MONTHS - {"may", "mar"}  # "20 may die"
_MONTHS_BEFORE = _MONTHS - {"may"}
# A small whole number after one of these names a thing, it neither counts nor measures.
_LABELS = words(
    """type types stage stages grade grades phase phases class table tables figure figures fig figs chapter section
    page pages step steps part parts volume vol no number nos room row level version item line question appendix box
    unit article act title chromosome chromosomes exon category factor group protein receptor omega vitamin trisomy
    interstate highway route channel apartment apt suite zip code medicare windows covid sars sec ref refs day days
    week weeks month months year years age ages aged"""
)
_SIGNS = frozenset("$€£¥")
_BEFORE_SIGN = frozenset("(=/[$€£¥")
_DETERMINERS = words("each every per a one this last next")  # "every day 20 people ..."
_MIXED = {"half": 2, "third": 3, "quarter": 4}
_VULGAR = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5),
    "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8), "⅒": (1, 10),
}  # fmt: skip
_LONGEST = 30  # digits of a number; longer ones are codes
_LARGEST = 1e15  # takes no further magnitude: "million million million ..." would end in infinity


@cache
def number_openers() -> frozenset[str]:
    """The tokens without digits that can begin a number."""
    return lexicon().number_openers | _VULGAR.keys()


@cache
def words_after_article() -> frozenset[str]:
    """What follows the "a" of a number: "a million", "a dozen", "a third", "a twenty-fifth", "a-third"."""
    known = lexicon()
    return HYPHENS.union(known.magnitudes, known.units, known.tens, known.denominators, ("dozen",))


@cache
def _before_magnitude() -> frozenset[str]:
    """What can follow a number that has a magnitude: the magnitude itself, or a word before it ("half a million")."""
    return HYPHENS.union(lexicon().magnitudes, ("of", "a"))


class NumberReader:
    """Reads the number that begins at a token of a sentence, if one does."""

    def __init__(self, sentence: Sentence, listed: frozenset[int]) -> None:
        self.sentence = sentence
        self.word = sentence.word
        self.listed = listed  # offsets of numbers that only number a list
        self.known = lexicon()

    def read(self, i: int) -> Number | None:
        """The number whose first token is `i`: digits, or one of `number_openers()`."""
        token = self.sentence.tokens[i]
        if token.sort == "number":
            number = self._digits(i) if self._is_free(i) else None
        elif token.text in _VULGAR:
            number = self._vulgar(i)
        else:
            number = None if self._is_in_compound(i) else self._spelled(i)
        return self._with_magnitude(number) if number else None

    # -- which digits are numbers of their own

    def _is_free(self, i: int) -> bool:
        """Whether the digits at `i` are no part of a name, a date, a phone number, a list or a code."""
        token, before, after = self.sentence.tokens[i], self.word(i - 1), self.word(i + 1)
        if len(token.text) > _LONGEST or token.start in self.listed or self._is_date(i):
            return False
        if (before in HYPHENS or after in HYPHENS) and self._is_phone(i):
            return False
        if before in _LABELS and self._is_labelled(i):
            return False
        return (not token.is_glued or i == 0 or self._is_free_left(i)) and self._is_free_right(i)

    def _is_free_left(self, i: int) -> bool:
        """Whether what the digits are glued to is no part of a name or a code with them."""
        before = self.word(i - 1)
        if self.sentence.is_word(i - 1):
            return self._is_money_prefix(i - 1)
        if not self.sentence.is_glued(i - 1):
            return True
        if before in HYPHENS:  # "COVID-19", not "ten-12" or "1-in-10"
            if self._is_hyphened_pair(i):
                return True
            return not self.sentence.is_word(i - 2) or self.word(i - 2) in self.known.units | self.known.tens
        if before in SLASHES:  # "24/7", "125/82"; a fraction is read from its numerator
            return not self.sentence.is_digits(i - 2)
        return before != "." or not self.sentence.is_word(i - 2)  # a flattened note number: "every year.1"

    def _is_hyphened_pair(self, i: int) -> bool:
        """Whether the number at `i` is the whole of "1-in-10" or "one-in-four"."""
        is_hyphened = self.word(i - 1) in HYPHENS and self.word(i - 2) in ("in", "of") and self.word(i - 3) in HYPHENS
        return is_hyphened and i - 3 in self.sentence.number_ends

    def _is_money_prefix(self, i: int) -> bool:
        """Whether the word glued to digits is a currency: "USD50", "RM65", the "A" of "$A82"."""
        written = self.sentence.written(i)
        is_sign = written in self.known.local_signs or written == "R" or self.word(i - 1) == "$"
        return is_sign or self.word(i) in self.known.currency_codes

    def _is_free_right(self, i: int) -> bool:
        """Whether what is glued to the end of the digits is a unit or a magnitude, not the rest of a code."""
        if not self.sentence.is_glued(i + 1) or not self.sentence.is_word(i + 1) or self.word(i + 1) in _VULGAR:
            return True
        name, known = self.word(i + 1), self.known
        if self.sentence.is_glued(i + 2) and self.sentence.is_digits(i + 2):
            return False  # "4D27"
        is_unit = name in known.measured or name in ("x", "pc", "pct", "percent", "fold", "times", "c")
        is_magnitude = name in known.short_magnitudes or name in known.magnitudes
        is_money = name in known.currency_codes or name in known.currency_names or name in known.minor_units
        return is_unit or is_magnitude or is_money or (name[:1] == "m" and name[1:] in known.currency_codes)

    def _is_phone(self, i: int) -> bool:
        """Whether the digits are one of three or more groups joined by hyphens: "1-800-555-0199"."""
        return self._joined(i, -1) + self._joined(i, 1) >= 2

    def _joined(self, i: int, step: int) -> int:
        """How many more groups of digits hang on token `i` by glued hyphens, going by `step`; at most 3."""
        groups = 0
        while groups < 3 and self.word(i + step) in HYPHENS and self.sentence.is_digits(i + 2 * step):
            if not self.sentence.is_glued(max(i, i + step)) or not self.sentence.is_glued(max(i + step, i + 2 * step)):
                break
            groups, i = groups + 1, i + 2 * step
        return groups

    def _is_date(self, i: int) -> bool:
        """Whether the digits are a day with its month beside it: "March 7", "7 March 2001"."""
        day = self.word(i)
        if not day.isdigit() or len(day) > 2:
            return False
        before = self.word(i - 2) if self.word(i - 1) == "." else self.word(i - 1)
        return before in _MONTHS_BEFORE or self.word(i + 1) in _MONTHS_AFTER

    def _is_labelled(self, i: int) -> bool:
        """Whether the digits name a thing: "Type 2", "Table 1"; not "Table 1 %", not "every day 20 people"."""
        if self.word(i - 2) in _DETERMINERS:
            return False
        if self.word(i - 1) == "group" and self.word(i + 1) == "of" and self.sentence.is_digits(i + 2):
            return False  # "in the first group 5 of 61 patients"
        is_small = self.word(i).isdigit() and len(self.word(i)) <= 3
        has_unit = self.word(i + 1) in ("%", "percent", "per") or self._is_money_name(i + 1)  # "color pages 50 cents"
        is_range = self.word(i + 1) in DASHES | {"to"} and self.word(i + 3) in ("%", "percent")
        return is_small and not has_unit and not is_range

    def _is_money_name(self, i: int) -> bool:
        """Whether the word at `i` names a currency or its cents, and nothing else."""
        known, name = self.known, self.word(i)
        return name in known.minor_units or (name in known.currency_names and name not in known.spoken_currencies)

    # -- digits

    def _digits(self, i: int) -> Number | None:
        """The number of the digits at `i`, with a sign before and a fraction after them."""
        value, last = _value(self.word(i)), i + 1
        after = self.word(last)
        if after in SLASHES and self._is_slashed(last):
            return self._slashed(i)
        if after in _VULGAR:
            fraction = self._vulgar(last)
            return Number(i, last + 1, value + fraction.value)
        if self._is_signed(i):
            return Number(i - 1, last, value if self.word(i - 1) == "+" else -value)
        mixed = self._mixed(last)
        if mixed and value.is_integer():
            return Number(i, mixed.last, value + mixed.value)
        return Number(i, last, value)

    def _is_slashed(self, i: int) -> bool:
        """Whether the slash at `i` belongs to a fraction: "3/4", or "3 / 4" in text with spaces around all marks."""
        return self.sentence.is_digits(i + 1) and self.sentence.is_glued(i) == self.sentence.is_glued(i + 1)

    def _is_signed(self, i: int) -> bool:
        """Whether the mark before the digits is their sign and does not join or separate: "-1.3 %", "(−2 %)"."""
        if self.word(i - 1) not in ("-", "−", "–", "+") or not self.sentence.is_glued(i):
            return False
        if i - 1 in self.sentence.number_ends and self.word(i - 1) == "-":
            return _value(self.word(i)) < self.sentence.numbers[-1].value  # "Stoxx 50 -1.3%", not "25 -30 usd"
        return i == 1 or not self.sentence.is_glued(i - 1) or self.word(i - 2) in _BEFORE_SIGN

    def _slashed(self, i: int) -> Number | None:
        """The fraction "1/4", "3.2/100,000"; not "125/82", not "1/2/2003"."""
        over, under = _value(self.word(i)), _value(self.word(i + 2))
        is_date = self.word(i + 3) in SLASHES or self.word(i - 1) in SLASHES
        if is_date or under <= over or (self.word(i - 1) == "-" and self.sentence.is_glued(i)):
            return None
        return Number(i, i + 3, over / under, numerator=over, denominator=under)

    def _mixed(self, i: int) -> Number | None:
        """The fraction of a mixed number: the "1/2" of "2 1/2", the "and a half" of "two and a half"."""
        i += self.word(i) in HYPHENS
        if self.word(i + 1) in SLASHES and self.sentence.is_digits(i) and self._is_slashed(i + 1):
            return self._slashed(i)
        if self.word(i) != "and" or self.word(i + 1) not in ("a", "one"):
            return None
        if self.word(i + 3) in _SIGNS or self.sentence.is_digits(i + 3):
            return None  # "a second $100 and a third $250"
        under = _MIXED.get(self.word(i + 2))
        return Number(i, i + 3, 1 / under, numerator=1, denominator=under) if under else None

    def _vulgar(self, i: int) -> Number:
        over, under = _VULGAR[self.word(i)]
        return Number(i, i + 1, over / under, numerator=over, denominator=under)

    # -- words

    def _is_in_compound(self, i: int) -> bool:
        """Whether a word hangs on one before that is no number: "category-two", not "ten-fifteen"."""
        is_joined = self.word(i - 1) in HYPHENS and self.sentence.is_glued(i) and self.sentence.is_glued(i - 1)
        return is_joined and i - 1 not in self.sentence.number_ends and not self._is_hyphened_pair(i)

    def _spelled(self, i: int) -> Number | None:
        """The number in words: "twenty-two", "one hundred and five", "a million", "four ninths", "half", "a dozen"."""
        word, after = self.word(i), self.word(i + 1)
        if word in ("a", "an"):
            if after not in words_after_article():
                return None
            if after in self.known.magnitudes:
                cardinal = self._cardinal(i + 1, 1.0)
                return cardinal._replace(first=i) if cardinal else None
            return Number(i, i + 2, 12.0) if after == "dozen" else self._fraction(i, 1.0, i + 1)
        if word in self.known.magnitudes:
            is_whole = self.word(i - 1) in ("per", "every")  # "two cases per million"
            return Number(i, i + 1, self.known.magnitudes[word]) if is_whole else None
        if word in ("half", "quarter"):
            return self._bare_fraction(i)
        cardinal = self._cardinal(i, 0.0)
        if cardinal is None:
            return None
        if self.word(cardinal.last) == "dozen":
            return Number(i, cardinal.last + 1, 12 * cardinal.value)
        mixed = self._mixed(cardinal.last)
        fraction = self._fraction(i, cardinal.value, cardinal.last)
        return fraction or (Number(i, mixed.last, cardinal.value + mixed.value) if mixed else cardinal)

    def _bare_fraction(self, i: int) -> Number | None:
        """The number "half", "half a million", "quarter million"; a bare "quarter" is a span of time."""
        skip = 3 if self.sentence.words(i + 1, i + 3) == ("of", "a") else 1 + (self.word(i + 1) in ("a", "-"))
        if self.word(i) == "half" and self.word(i + skip) == "dozen":
            return Number(i, i + skip + 1, 6.0)
        if self.word(i + skip) in self.known.magnitudes:
            return Number(i, i + skip, 0.5 if self.word(i) == "half" else 0.25)
        return Number(i, i + 1, 0.5, numerator=1, denominator=2) if self.word(i) == "half" else None

    def _cardinal(self, begin: int, current: float) -> Number | None:
        """The cardinal at `begin`. `current` is 1 after "a", when a magnitude comes first, else 0."""
        last, done, magnitude = begin, 0.0, 1.0
        while True:
            i = last + self._is_joint(last, begin)
            word = self.word(i)
            if word in self.known.units and self._may_add_below_twenty(i, begin, current):
                current += self.known.units[word]
            elif word in self.known.tens and not current % 100:
                current += self.known.tens[word]
            elif word in ("hundred", "hundreds") and 0 < current < 100:
                current *= 100
            elif self.known.magnitudes.get(word, 0) >= 1000 and current:
                magnitude = self.known.magnitudes[word]
                done, current = done + current * magnitude, 0.0
            else:
                break
            last = i + 1
        if last == begin:
            return None
        return Number(begin, last, done + current, magnitude if done and not current else 1.0)

    def _may_add_below_twenty(self, i: int, begin: int, current: float) -> bool:
        """Whether zero to nineteen may follow what is read so far: "twenty two", not "ten two" or "two two"."""
        is_teen = self.known.units[self.word(i)] > 9
        is_open = not current % 100 if is_teen else not current % 10
        return is_open and not (i > begin and self.word(i - 1) in self.known.units)

    def _is_joint(self, i: int, begin: int) -> bool:
        """Whether token `i` joins two words of one cardinal: "twenty-two", "hundred and five"."""
        if i <= begin or not (self.word(i + 1) in self.known.units or self.word(i + 1) in self.known.tens):
            return False
        if self.word(i) == "and":
            return self.word(i - 1) in self.known.magnitudes
        is_hyphen = self.word(i) in HYPHENS and self.sentence.is_glued(i) and self.sentence.is_glued(i + 1)
        return is_hyphen and self.word(i - 1) in self.known.tens

    def _fraction(self, first: int, over: float, i: int) -> Number | None:
        """The fraction whose denominator is at `i`: "fifths", "-third", "thirty fifths", "two hundred and sixth"."""
        i += self.word(i) in HYPHENS and self.sentence.is_glued(i)
        under, last = self.known.denominators.get(self.word(i), 0), i + 1
        if not under:
            under, last = self._compound(i)
        is_plural = self.word(last - 1).endswith("s")
        if not over < under or (is_plural == (over == 1) and under != 2):
            return None  # "two third graders"
        return Number(first, last, over / under, numerator=over, denominator=under)

    def _compound(self, i: int) -> tuple[int, int]:
        """A compound denominator and its end: 35 in "thirty fifths", 206 in "two hundred and sixth"; else 0."""
        cardinal = self._cardinal(i, 0.0)
        if cardinal is None or cardinal.value % 10:
            return 0, i
        last = cardinal.last + (self.word(cardinal.last) in HYPHENS | {"and"})
        under = self.known.denominators.get(self.word(last), 0)
        return (int(cardinal.value) + under, last + 1) if 3 <= under <= 19 else (0, i)

    # -- magnitudes

    def _with_magnitude(self, number: Number) -> Number:
        """`number` with the magnitudes after it: "2.5 million", "half a billion", "35 lakh", "$2-billion"."""
        i, value, magnitude = number.last, number.value, number.magnitude
        if self.word(i) not in _before_magnitude():
            return number
        if number.is_fraction and self.sentence.words(i, i + 2) == ("of", "a"):
            i += 2 if self.word(i + 2) in self.known.magnitudes else 0  # "three quarters of a million"
        i += self.word(i) == "a" and value in (0.5, 0.25)
        i += self.word(i) in HYPHENS and self.sentence.is_glued(i)
        last = number.last
        while (
            value < _LARGEST
            and self.word(i) in self.known.magnitudes
            and not (self.word(i) == "hundred" and value >= 100)
        ):
            scale = self.known.magnitudes[self.word(i)]
            value, magnitude, last, i = value * scale, magnitude * scale, i + 1, i + 1
        return number if last == number.last else Number(number.first, last, value, magnitude)


def _value(digits: str) -> float:
    """The value of a token of digits, whatever its grouping: "23,45,678.9", "1.234.567", "0,5", "12 345"."""
    if digits.isdigit():
        return float(digits)
    plain = re.sub(r"[ \u00a0\u2009\u202f]", "", digits)
    if plain.count(".") > 1:
        plain = plain.replace(".", "")
    whole, comma, rest = plain.rpartition(",")
    is_decimal = comma and (whole == "0" or len(rest.split(".")[0]) != 3)
    return float(plain.replace(",", "." if is_decimal else ""))
