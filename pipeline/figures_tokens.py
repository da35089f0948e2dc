"""Sentence -> words and numbers, each with its span.

The lexer knows no units: "2 1/2", "12,34,567.89", "one hundred and five" and "half a million" are numbers
here, and "COVID-19", "1-800-273-8255", "17q21.31", "March 7" and "[1]" hold none.
"""

import re
from dataclasses import dataclass

from pipeline.figures_lexicon import Lexicon, lexicon

__all__ = ["DASHES", "HYPHENS", "Number", "Sentence", "Token", "list_numbers", "read_sentence"]

_TOKEN = re.compile(
    r"""
      (?P<skip>   https?://\S++ | www\.\S++ | \[\d{1,4}(?:\s?[,;–-]\s?\d{1,4}){0,20}+\] )  # address, citation mark
    | (?P<number> \d{1,3}(?:,\d{3})++(?!,?\d) (?:\.\d++)?+                   # 12,345.6
                | \d{1,2}(?:,\d\d(?!\d))++,\d{3}(?!\d) (?:\.\d++)?+                 # 12,34,567.8
                | \d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})++(?![\d.,%]) (?<!\d{4})  # 12 345
                | \d{1,3}(?:\.\d{3}){2,}+(?!\d)                               # 1.234.567
                | (?<![\d,]) \d++,\d{1,2}(?![\d,]) | (?<!\d) 0,\d++(?![\d,])  # 0,5 and 0,005
                | \d++(?:\.\d++)?+ | (?<![\w.]) \.\d++ )
    | (?P<word>   (?:[A-Za-z]\.){2,}+[A-Za-z]?+ | [^\W\d_]++(?:['’][^\W\d_]++)*+ )
    | (?P<mark>   [<>]=? | \+/- | \S )
    """,
    re.VERBOSE,
)
# A number that may open a list item, with the word after it.
_LIST_ITEM = re.compile(r"(?P<opens>(?:\A|(?<=[.!?:;\n•]))\s{0,3})?+(?<![\w.,$€£%/–-])(?P<value>\d{1,2})[.)]?+\s{1,3}(?P<word>[A-Za-z]{1,20})(?P<more>\s\S{1,20}\s)?+")
_NO_ITEM = frozenset(
    """in of out per percent pct to or and times time million billion thousand hundred dozen lakh crore year years month
    months week weeks day days hour hours minutes inches feet mg percentage pm am p a""".split()
)
# Two words that lost the dash between them: "$50 a year—more than" scraped as "a yearmore than".
_TORN = re.compile(r"(year|month|week|day|percent)(more|and|or|for|in|the|of|to|with|than|as|but|a)", re.IGNORECASE)
_FOLD = re.compile(r"(\w{3,8})(fold)", re.IGNORECASE)  # "threefold" is read as "three fold"
_VULGAR = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5),
           "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8), "⅒": (1, 10)}  # fmt: skip
HYPHENS = frozenset("-‐‑")
DASHES = frozenset("-‐‑–—−~∼")
_ORDINAL = frozenset({"st", "nd", "rd", "th"})
_MONTHS = frozenset(
    "jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october"
    " nov november dec december".split(" ")
)
# A number after one of these names a thing, it does not count or measure.
_LABELS = frozenset(
    """type types stage stages grade grades phase phases class table tables figure figures fig figs chapter section page
    pages step steps part parts volume vol no number nos room row level version item line question appendix box unit
    article act title chromosome chromosomes exon category factor group protein receptor omega vitamin trisomy interstate
    highway route channel apartment apt suite zip code medicare windows covid sars sec ref refs day days week weeks month
    months year years grades age ages aged""".split()
)
_EACH = frozenset({"each", "every", "per", "a", "one", "this", "last", "next"})  # "every day 20 people ..."
_LARGEST = 400  # digits of a number; longer ones are no quantity, and float() would be infinite


@dataclass(frozen=True, slots=True)
class Token:
    """A word, sign or digits; `text` is lower case, `is_glued` means no space before it."""

    text: str
    start: int
    end: int
    sort: str  # number, word, mark, skip
    is_glued: bool


@dataclass(frozen=True, slots=True)
class Number:
    """A number on tokens `first` to before `last`. A fraction has its numerator and denominator."""

    first: int
    last: int
    value: float
    magnitude: float = 1.0  # 1e6 in "2.5 million"
    numerator: float | None = None
    denominator: float | None = None
    is_spelled: bool = False
    has_sign: bool = False

    @property
    def is_fraction(self) -> bool:
        return self.denominator is not None


@dataclass(frozen=True, slots=True)
class Sentence:
    """The tokens of one sentence and the numbers on them, both in order; offsets count in `text`."""

    text: str
    tokens: list[Token]
    numbers: list[Number]

    def word(self, i: int) -> str:
        """The token at `i` in lower case; empty outside the sentence."""
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def is_glued(self, i: int) -> bool:
        """Whether token `i` is there and follows without a space."""
        return 0 < i < len(self.tokens) and self.tokens[i].is_glued


def list_numbers(text: str) -> frozenset[int]:
    """Where the numbers of lists stand in a text: "1 Call ahead 2 Bring a friend", "1) ... 2) ...".

    A list counts up from 1 and has at least a 2. A number that opens a sentence before a capital is
    one too, since the text may have been cut from the middle of a list.

    >>> sorted(list_numbers("Bring: 1 your card 2 two friends. 3 Patients wait. In 4 of 10 cases 5 people come."))
    [7, 19, 34]
    """
    chain: list[int] = []
    found: set[int] = set()
    for item in _LIST_ITEM.finditer(text):
        value, word = int(item["value"]), item["word"]
        if word.lower() in _NO_ITEM:
            continue
        if value == 1:
            found |= set(chain) if len(chain) > 1 else set()
            chain = [item.start("value")]
        elif chain and value == len(chain) + 1:
            chain.append(item.start("value"))
        elif item["opens"] is not None and word[0].isupper() and word[1:].islower() and item["more"]:
            if not word.endswith(("ans", "ese")):  # "12 Americans"
                found.add(item.start("value"))
    return frozenset(found | set(chain) if len(chain) > 1 else found)


def read_sentence(text: str, start: int, end: int, listed: frozenset[int] = frozenset()) -> Sentence:
    """Tokens and numbers of `text[start:end]`; no number where `listed` says that one numbers a list.

    >>> line = "One in 4 of 12,500 people with COVID-19 [2] paid 2 1/2 million in 2009."
    >>> [number.value for number in read_sentence(line, 0, len(line)).numbers]
    [1.0, 4.0, 12500.0, 2500000.0, 2009.0]
    """
    tokens: list[Token] = []
    previous = -1
    for found in _TOKEN.finditer(text, start, end):
        sort, is_glued = found.lastgroup or "mark", found.start() == previous
        previous = found.end()
        torn = (_TORN.fullmatch(found[0]) or _FOLD.fullmatch(found[0])) if sort == "word" else None
        if torn:
            tokens.append(Token(torn[1].lower(), found.start(), found.start() + torn.start(2), sort, is_glued))
            tokens.append(Token(torn[2].lower(), found.start() + torn.start(2), found.end(), sort, False))
        else:
            tokens.append(Token(found[0].lower(), found.start(), found.end(), sort, is_glued))
    sentence = Sentence(text, tokens, [])
    reader = _NumberReader(sentence, lexicon(), listed)
    i = 0
    while i < len(tokens):
        number = reader.read(i)
        if number:
            sentence.numbers.append(number)
        i = number.last if number else i + 1
    return sentence


class _NumberReader:
    """Reads the number that begins at a token, if one does."""

    def __init__(self, sentence: Sentence, words: Lexicon, listed: frozenset[int]) -> None:
        self.sentence = sentence
        self.listed = listed
        self.word = sentence.word
        self.words = words

    def read(self, i: int) -> Number | None:
        token = self.sentence.tokens[i]
        if token.sort == "number":
            number = self._digits(i) if self._is_free(i) else None
        elif token.text in _VULGAR:
            number = self._vulgar(i)
        elif token.sort == "word" and not self._follows_hyphenated_name(i):
            number = self._spelled(i)
        else:
            number = None
        return self._scaled(number) if number else None

    # -- digits

    def _is_free(self, i: int) -> bool:
        """Whether the digits at `i` are a number of their own, not part of a name, date, phone number or code."""
        tokens, word = self.sentence.tokens, self.word
        if len(tokens[i].text) > _LARGEST or tokens[i].start in self.listed or self._is_phone(i):
            return False
        if self._is_date(i) or (word(i - 1) in _LABELS and word(i - 2) not in _EACH and self._is_label(i)):
            return False
        if tokens[i].is_glued and i:
            before = tokens[i - 1]
            if before.sort == "word" and not self._is_money_prefix(before):
                return False
            if before.text in HYPHENS and before.is_glued and self._is_name_part(i - 2):
                return False
            if before.text in ("/", "⁄") and before.is_glued and i > 1 and tokens[i - 2].sort == "number":
                return False  # "24/7", "118/76"; a fraction is read from its numerator
            if before.text == "." and tokens[i - 1].is_glued and i > 1 and tokens[i - 2].sort == "word":
                return False  # a flattened note number: "every year.1"
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        if after and after.is_glued and after.sort == "word":
            return after.text in _VULGAR or (self._is_suffix(after.text) and not self._is_code(i + 1))
        return True

    def _is_money_prefix(self, before: Token) -> bool:
        name = before.text
        known = self.words
        return name in known.currency_codes or name in known.currency_words or name in ("ps", "rs") or (
            name[:1] == "m" and name[1:] in known.currency_codes
        ) or self.word_before_is_dollar(before)

    def word_before_is_dollar(self, before: Token) -> bool:
        """"$A82", "$US55": the country stands between the sign and the digits."""
        return self.sentence.text[before.start - 1 : before.start] == "$"

    def _is_name_part(self, i: int) -> bool:
        """Whether token `i`, before a hyphen and digits, makes them part of a name: "COVID-19", not "ten-12"."""
        token = self.sentence.tokens[i]
        return token.sort == "word" and token.text not in self.words.units and token.text not in self.words.tens

    def _is_suffix(self, text: str) -> bool:
        """Whether letters glued to digits are a unit or magnitude rather than the rest of a code."""
        known = self.words
        return (
            text in known.short_magnitudes or text in known.magnitudes or text in known.measured
            or text in known.currency_codes or text in known.currency_words or text in known.minor_units
            or text in ("x", "pc", "pct", "percent", "fold", "times", "c", "people", "patients", "th")
            or (text[:1] == "m" and text[1:] in known.currency_codes)
        )  # fmt: skip

    def _is_code(self, i: int) -> bool:
        """Whether more digits are glued to the letters at `i`: "3C58"."""
        return self.sentence.is_glued(i + 1) and self.sentence.tokens[i + 1].sort == "number"

    def _is_phone(self, i: int) -> bool:
        """Whether the digits at `i` are one of three or more groups joined by hyphens: "1-800-273-8255"."""
        return _chain(self.sentence, i, -1) + _chain(self.sentence, i, 1) >= 2

    def _is_date(self, i: int) -> bool:
        """"March 7", "7 March 2001", "7th of May": a day, its month beside it."""
        value = self.sentence.tokens[i].text
        if not value.isdigit() or int(value) > 31 or len(value) > 2:
            return False
        before, after = self.word(i - 1), self.word(i + 1)
        if before == ".":
            before = self.word(i - 2)
        return (before in _MONTHS and before != "may") or (after in _MONTHS and after != "may" and after != "mar")

    def _is_label(self, i: int) -> bool:
        """"Type 2", "Table 1": a small whole number after its label, with no unit after it."""
        value = self.sentence.tokens[i].text
        after = self.word(i + 1)
        return value.isdigit() and len(value) <= 3 and after not in ("%", "percent", "per") and not (
            after in HYPHENS | DASHES | {"to"} and self.word(i + 3) in ("%", "percent")
        )

    def _digits(self, i: int) -> Number | None:
        text = self.sentence.tokens[i].text
        value, last = _value(text), i + 1
        has_sign = False
        first = i
        if self.word(i - 1) in ("-", "−", "–", "+") and self._is_sign(i - 1):
            first, has_sign = i - 1, True
            value = -value if self.word(i - 1) != "+" else value
        if self.word(last) in ("/", "⁄") and self.sentence.is_glued(last) and self._is_digits(last + 1):
            return self._slashed(i, value)
        if self.word(last) in _VULGAR:
            over, under = _VULGAR[self.word(last)]
            return Number(first, last + 1, value + over / under)
        mixed = self._mixed(last)
        if mixed and "." not in text and not has_sign:
            return Number(first, mixed.last, value + mixed.value)
        return Number(first, last, value, has_sign=has_sign)

    def _is_digits(self, i: int) -> bool:
        return self.sentence.is_glued(i) and self.sentence.tokens[i].sort == "number"

    def _is_sign(self, i: int) -> bool:
        """Whether the mark at `i` signs the digits after it, and does not join or separate."""
        if not self.sentence.is_glued(i + 1):
            return False
        before = self.sentence.tokens[i - 1] if i else None
        return before is None or not self.sentence.tokens[i].is_glued or before.text in ("(", "=", "/", "[")

    def _slashed(self, i: int, over: float) -> Number | None:
        """"1/4", "3.2/100,000": numerator, slash, denominator."""
        under_token = self.sentence.tokens[i + 2]
        if under_token.sort != "number" or self.word(i + 3) in ("/", "⁄") or self.word(i - 1) in ("/", "⁄"):
            return None
        under = _value(under_token.text)
        if under <= over or under == 0 or (self.word(i - 1) == "-" and self.sentence.is_glued(i)):
            return None
        return Number(i, i + 3, over / under, numerator=over, denominator=under)

    def _mixed(self, i: int) -> Number | None:
        """The fraction of a mixed number at `i`: " 1/2" in "2 1/2", " and a half" in "two and a half"."""
        if self.word(i) in HYPHENS and self.word(i + 2) in ("/", "⁄"):
            i += 1
        if i + 2 < len(self.sentence.tokens) and self.sentence.tokens[i].sort == "number":
            if self.word(i + 1) in ("/", "⁄") and self.sentence.is_glued(i + 1):
                return self._slashed(i, _value(self.word(i)))
            return None
        if self.word(i) == "and" and self.word(i + 1) in ("a", "one"):
            fraction = {"half": 2, "quarter": 4, "third": 3}.get(self.word(i + 2))
            return Number(i, i + 3, 1 / fraction, numerator=1, denominator=fraction) if fraction else None
        return None

    def _vulgar(self, i: int) -> Number:
        over, under = _VULGAR[self.word(i)]
        return Number(i, i + 1, over / under, numerator=over, denominator=under)

    # -- words

    def _follows_hyphenated_name(self, i: int) -> bool:
        return self.word(i - 1) in HYPHENS and self.sentence.is_glued(i) and self.sentence.is_glued(i - 1)

    def _spelled(self, i: int) -> Number | None:
        """"twenty-two", "one hundred and five", "a million", "three fifths", "half"."""
        start = i
        if self.word(i) in ("a", "an"):
            after = self.word(i + 1)
            if after in self.words.magnitudes and after != "lac":
                return self._cardinal(i + 1, start, 1.0)
            if after == "dozen":
                return Number(i, i + 2, 12.0, is_spelled=True)
            if after in self.words.denominators:
                return self._fraction(start, 1.0, i + 1)
            return None
        if self.word(i - 1) in ("per", "every") and self.word(i) in self.words.magnitudes:
            return Number(i, i + 1, self.words.magnitudes[self.word(i)], is_spelled=True)
        if self.word(i) in ("half", "quarter"):
            return self._bare_fraction(i)
        cardinal = self._cardinal(i, start, 0.0)
        if cardinal is None:
            return None
        fraction = self._fraction(start, cardinal.value, cardinal.last)
        if fraction:
            return fraction
        if self.word(cardinal.last) == "dozen":
            return Number(start, cardinal.last + 1, 12 * cardinal.value, is_spelled=True)
        mixed = self._mixed(cardinal.last)
        if mixed:
            return Number(start, mixed.last, cardinal.value + mixed.value, is_spelled=True)
        return cardinal

    def _bare_fraction(self, i: int) -> Number | None:
        """"half", "half a million", "quarter million"; a bare "quarter" is a span of time."""
        under = 2 if self.word(i) == "half" else 4
        skip = 2 if self.word(i + 1) in ("a", "of") and self.word(i + 2) in ("a", "million", "billion") else 1
        after = i + skip + (self.word(i + skip) == "a")
        if self.word(after) in self.words.magnitudes:
            return Number(i, after, 1 / under, is_spelled=True)
        if self.word(i) != "half":
            return None
        return Number(i, i + 1, 0.5, numerator=1, denominator=2, is_spelled=True)

    def _cardinal(self, i: int, start: int, total: float) -> Number | None:
        """The cardinal at `i`; `total` is 1 after "a" (then a magnitude comes first)."""
        words, current, done, magnitude = self.words, total, 0.0, 1.0
        begin = i
        while True:
            word = self.word(i)
            joined = word in HYPHENS and self.sentence.is_glued(i) and self.sentence.is_glued(i + 1)
            if joined or (word == "and" and i > begin and self.word(i - 1) in words.magnitudes):
                if self.word(i + 1) not in words.units and self.word(i + 1) not in words.tens:
                    break
                if joined and self.word(i - 1) not in words.tens:
                    break
                i += 1
                continue
            if word in words.units:
                if current % 10 or (current % 100 and words.units[word] > 9) or (i > begin and self.word(i - 1) in words.units):
                    break
                current += words.units[word]
            elif word in words.tens:
                if current % 100:
                    break
                current += words.tens[word]
            elif word.removesuffix("s") == "hundred" and current and current < 100:
                current *= 100
            elif self._magnitude(word) >= 1000 and current:
                magnitude = self._magnitude(word)
                done, current = done + current * magnitude, 0.0
            else:
                break
            i += 1
        value = done + current
        if i == begin or (value == 0 and self.word(begin) != "zero"):
            return None
        return Number(start, i, value, magnitude if done and not current else 1.0, is_spelled=True)

    def _magnitude(self, word: str) -> float:
        return self.words.magnitudes.get(word) or self.words.magnitudes.get(word.removesuffix("s"), 0.0)

    def _fraction(self, start: int, over: float, i: int) -> Number | None:
        """The denominator at `i`: "fifths", "-third", "twenty fifths", "one hundred and fifth"."""
        if self.word(i) in HYPHENS and self.sentence.is_glued(i):
            i += 1
        under = self.words.denominators.get(self.word(i))
        last = i + 1
        if under is None or self.word(i) == "second":
            tens = self._compound(i)
            if tens is None:
                return None
            under, last = tens
        if over > 1 and under != 2 and not self.word(last - 1).endswith("s"):
            return None  # "two third graders"
        if over == 1 and self.word(last - 1).endswith("s") or over >= under:
            return None
        return Number(start, last, over / under, numerator=over, denominator=under, is_spelled=True)

    def _compound(self, i: int) -> tuple[int, int] | None:
        """A compound denominator: (25, last) for "twenty fifths", (105, last) for "one hundred and fifth"."""
        cardinal = self._cardinal(i, i, 0.0)
        if cardinal is None:
            return None
        last = cardinal.last
        if self.word(last) == "and" or self.word(last) in HYPHENS:
            last += 1
        under = self.words.denominators.get(self.word(last), 0)
        if not 3 <= under <= 19 or cardinal.value % 10:
            return None
        return int(cardinal.value) + under, last + 1

    # -- magnitudes

    def _scaled(self, number: Number) -> Number:
        """`number` with the magnitude words after it: "2.5 million", "half a billion", "35 lakh"."""
        i, value, magnitude = number.last, number.value, number.magnitude
        skip = i
        if self.word(i) in ("of", "a") and number.value in (0.5, 0.25):
            skip += 2 if self.word(i) == "of" and self.word(i + 1) == "a" else 1
        if self.word(skip) in HYPHENS and self.sentence.is_glued(skip):
            skip += 1
        while self.word(skip) in self.words.magnitudes or self._magnitude(self.word(skip)) >= 1e5:
            if self.word(skip) == "hundred" and value >= 100:
                break
            magnitude *= self._magnitude(self.word(skip))
            value *= self._magnitude(self.word(skip))
            skip += 1
            i = skip
        if i == number.last:
            return number
        return Number(number.first, i, value, magnitude, is_spelled=number.is_spelled, has_sign=number.has_sign)


def _chain(sentence: Sentence, i: int, step: int) -> int:
    """How many more groups of digits or capitals are joined to token `i` by glued hyphens, going by `step`."""
    groups = 0
    while groups < 4:
        joint, other = i + step, i + 2 * step
        if not 0 <= other < len(sentence.tokens) or sentence.word(joint) not in ("-", "‐", "‑"):
            return groups
        if not sentence.is_glued(max(joint, i)) or not sentence.is_glued(max(other, joint)):
            return groups
        if sentence.tokens[other].sort != "number":
            return groups
        groups, i = groups + 1, other
    return groups


def _value(digits: str) -> float:
    """The value of a token of digits, whatever its grouping: "12,34,567.8", "1.234.567", "0,5"."""
    plain = re.sub(r"[ \u00a0\u2009\u202f]", "", digits)
    if plain.count(".") > 1:
        plain = plain.replace(".", "")
    head, comma, tail = plain.rpartition(",")
    if comma and len(tail.split(".")[0]) != 3 or head == "0":
        return float(plain.replace(",", "."))
    return float(plain.replace(",", ""))
