"""Numbers of a sentence -> figures: percents, money, ratios, multipliers and counts, with their bounds.

The reading goes in one order. Every number first looks for its unit (percent sign, currency, "times"); then
neighbours join into ranges and share a unit ("1 and 88%"); then numbers that stand in a proportion pair up
("1 in 4"); what is left is a count if what follows can be counted. Last come the words around the value:
bounds ("up to", "or more") and the period ("a year"). `rule` names the step that decided.
"""

from dataclasses import dataclass, replace

from pipeline.figures_lexicon import Lexicon, Phrases, lexicon
from pipeline.figures_tokens import DASHES, HYPHENS, Number, Sentence

__all__ = ["Figure", "find_figures"]

PERCENT, MONEY, RATIO, COUNT, TIMES = "percent", "money", "ratio", "count", "multiplier"
UNITS = {PERCENT: "percent", RATIO: "proportion", COUNT: "count", TIMES: "times"}
_LOOK_AHEAD = 14  # tokens after a value in which its period or its counted noun may stand
_NOUN_REACH = 4  # tokens from a number to the noun it counts: "20 large quantitative cohort studies"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure on tokens `first` to before `last`; `begin` to `end` also holds its qualifiers and period."""

    first: int
    last: int
    low: float | None
    high: float | None
    rule: str
    kind: str | None = None
    unit: str | None = None
    relation: str = "="
    numerator: float | None = None
    denominator: float | None = None
    magnitude: float = 1.0
    period: str | None = None
    qualifier_first: int | None = None  # tokens of the qualifier left of the value
    qualifier_last: int | None = None  # tokens of the qualifier right of it end here
    noun: int | None = None  # the noun counted
    is_fraction: bool = False
    has_unit: bool = False  # a unit is written at this very number

    @property
    def is_range(self) -> bool:
        return self.low != self.high


def find_figures(sentence: Sentence) -> list[Figure]:
    """The figures of a sentence, in order."""
    words = lexicon()
    figures = _without_swallowed([_with_unit(sentence, number, words) for number in sentence.numbers])
    figures = _indefinite_money(sentence, figures, words)
    figures = _join_cents(sentence, figures, words)
    figures = _join_ranges(sentence, figures, words)
    figures = _share_units(sentence, figures)
    figures = _pair_ratios(sentence, figures, words)
    figures = _name_multipliers(sentence, figures, words)
    figures = [_counted(sentence, figure, words) if figure.kind is None else figure for figure in figures]
    known = [figure for figure in figures if figure.kind is not None]
    known = [_bounded(sentence, figure, words) for figure in known]
    known = _share_bounds(sentence, known)
    return [_timed(sentence, known, i, words) for i in range(len(known))]


# ---------------------------------------------------------------- units


def _with_unit(sentence: Sentence, number: Number, words: Lexicon) -> Figure:
    """The figure of one number with the unit written at it."""
    bare = Figure(
        number.first, number.last, number.value, number.value, "number", magnitude=number.magnitude,
        numerator=number.numerator, denominator=number.denominator, is_fraction=number.is_fraction,
    )  # fmt: skip
    return _percent(sentence, bare) or _money(sentence, bare, words) or bare


def _percent(sentence: Sentence, figure: Figure) -> Figure | None:
    """"5 %", "five per cent", "5pc", "1.5 percentage points"."""
    word, i = sentence.word, figure.last
    if figure.is_fraction and word(i) in ("a", "of"):
        i += 1 if word(i) == "a" else 2 * (word(i + 1) in ("a", "one", "1"))  # "half a percent", "half of one percent"
    if word(i) in HYPHENS and sentence.is_glued(i):
        i += 1
    if word(i) in ("%", "％", "percent", "percents", "pct", "percentage", "percentages"):
        last = i + 1
    elif word(i) == "per" and word(i + 1) in ("cent", "cents"):
        last = i + 2
    elif word(i) == "per" and word(i + 1) in HYPHENS and word(i + 2) == "cent":
        last = i + 3
    elif word(i) == "pc" and sentence.is_glued(i):
        last = i + 1
    else:
        return _percent_of(sentence, figure)
    if word(last) in ("point", "points"):
        last += 1
    first = figure.first
    return replace(figure, first=first, last=last, kind=PERCENT, unit="percent", rule="percent.unit", has_unit=True)


def _without_swallowed(figures: list[Figure]) -> list[Figure]:
    """The figures but for numbers that the one before took in: the "one" of "half of one percent"."""
    return [f for i, f in enumerate(figures) if i == 0 or f.first >= figures[i - 1].last]


def _percent_of(sentence: Sentence, figure: Figure) -> Figure | None:
    """"percents of twenty": the unit before the number, as a whole utterance."""
    word, i = sentence.word, figure.first - 1
    if word(i) != "of" or figure.last != len(sentence.tokens):
        return None
    first = i - 2 if (word(i - 2), word(i - 1)) == ("per", "cent") else i - 1
    if first != 0 or word(i - 1) not in ("percent", "percents", "cent"):
        return None
    return replace(figure, first=0, kind=PERCENT, unit="percent", rule="percent.of", has_unit=True)


def _money(sentence: Sentence, figure: Figure, words: Lexicon) -> Figure | None:
    """A currency before or after the number, else None."""
    figure = _short_magnitude(sentence, figure, words)
    before = _currency_before(sentence, figure.first, words)
    if before:
        first, code, rule = before
        if code.lower() in words.lab_values and abs(figure.low or 0) < _LEAST_LAB_MONEY and rule == "money.code_before":
            return None
        if figure.magnitude == 1:
            figure = _short_magnitude(sentence, figure, words, is_money=True)
        if rule == "money.millions_before":
            low = _times(figure.low, 1e6)
            figure = replace(figure, low=low, high=low, magnitude=1e6)
        last, code = _country_after(sentence, figure.last, code, words)
        if sentence.word(first - 1) in ("-", "−") and sentence.is_glued(first) and not sentence.is_glued(first - 1):
            first, figure = first - 1, replace(figure, low=-(figure.low or 0), high=-(figure.high or 0))
        if _is_negative(sentence, first, last):
            low = -(figure.low or 0)
            return replace(figure, first=first - 1, last=last + 1, low=low, high=low, kind=MONEY, unit=code, rule="money.accounting", has_unit=True)
        return replace(figure, first=first, last=last, kind=MONEY, unit=code, rule=rule, has_unit=True)
    after = _currency_after(sentence, figure, words)
    if after is None:
        return None
    last, code, scale, rule = after
    magnitude = 1.0
    if sentence.word(last) in words.magnitudes and figure.magnitude == 1:
        magnitude = words.magnitudes[sentence.word(last)]
        last += 1
    low = _times(figure.low, scale * magnitude)
    return replace(figure, last=last, low=low, high=low, magnitude=figure.magnitude * magnitude, kind=MONEY, unit=code, rule=rule, has_unit=True)


_LEAST_LAB_MONEY = 10  # an "INR" of 2 to 3 is a clotting time, a sum in rupees is larger


def _times(value: float | None, scale: float) -> float | None:
    """`value` scaled; cents by dividing, so that 45 cents is 0.45."""
    if value is None:
        return None
    return value / round(1 / scale) if scale < 1 else value * scale


def _is_negative(sentence: Sentence, first: int, last: int) -> bool:
    """An accountant's brackets: "revenue is ($99.99)"; after a noun brackets only repeat or explain."""
    return (
        sentence.word(first - 1) == "("
        and sentence.word(last) == ")"
        and sentence.word(first - 2) in ("is", "was", "are", "were", "of", "to", ":", "totaled", "totalled")
    )


def _short_magnitude(sentence: Sentence, figure: Figure, words: Lexicon, is_money: bool = False) -> Figure:
    """`figure` with a short magnitude after it: "8.1bn", "10k"; single letters with a space only beside money."""
    word = sentence.word(figure.last)
    scale = words.short_magnitudes.get(word)
    if scale is None or figure.magnitude != 1 or figure.is_fraction:
        return figure
    is_glued = sentence.is_glued(figure.last)
    letters = sentence.text[sentence.tokens[figure.last].start : sentence.tokens[figure.last].end]
    if not is_money and not (is_glued and (letters in ("k", "K", "bn", "mn", "M") or len(letters) > 1 and letters != "mm")):
        return figure
    if is_money and not is_glued and len(letters) == 1:
        return figure
    low = _times(figure.low, scale)
    return replace(figure, last=figure.last + 1, low=low, high=low, magnitude=scale)


def _currency_before(sentence: Sentence, i: int, words: Lexicon) -> tuple[int, str, str] | None:
    """The currency that ends right before token `i`: its first token, code and rule."""
    word = sentence.word
    if word(i - 1) == "." and word(i - 2) in ("rs", "re", "fr"):
        return i - 2, words.currency_signs.get(word(i - 2), words.currency_words.get(word(i - 2), "INR")), "money.sign_before"
    for size in (3, 2, 1):
        first = i - size
        if first < 0:
            continue
        name = "".join(word(j) for j in range(first, i))
        code = words.currency_signs.get(name) or _dollar_code(name, words)
        if code is None or (size > 1 and not _is_one_sign(sentence, first, i)) or _is_taken(sentence, first, i):
            continue
        return first, code, "money.sign_before"
    return _code_before(sentence, i, words) or _name_before(sentence, i, words)


def _dollar_code(name: str, words: Lexicon) -> str | None:
    """The code in "NZD$"."""
    return name[:-1].upper() if name.endswith("$") and name[:-1] in words.currency_codes else None


def _is_taken(sentence: Sentence, first: int, i: int) -> bool:
    """Whether the currency before token `i` closes the number before it: "10 $ 30 cents", "3 CAD 3 cents"."""
    return not sentence.is_glued(i) and any(number.last == first for number in sentence.numbers)


def _is_one_sign(sentence: Sentence, first: int, last: int) -> bool:
    """Whether the tokens are one sign: "US$", "HK $" (in capitals), "c $ 5" where all is spaced out; not "a $5"."""
    if all(sentence.is_glued(j) for j in range(first + 1, last)):
        return True
    letters = sentence.text[sentence.tokens[first].start : sentence.tokens[first].end]
    is_spaced_out = not sentence.is_glued(last)
    return (len(letters) > 1 and letters.isupper()) or (is_spaced_out and letters.lower() in ("c", "us", "hk", "au", "nz"))


def _code_before(sentence: Sentence, i: int, words: Lexicon) -> tuple[int, str, str] | None:
    """"USD 50", "GBP3.01", "MAUD 60" (millions are added by the caller), "RM42", "PS8.1bn"."""
    if i < 1 or sentence.tokens[i - 1].sort != "word" or _is_taken(sentence, i - 1, i):
        return None
    if sentence.is_glued(i) and sentence.word(i - 1) in words.code_lookalikes:
        return None  # genes: "SAR1B", "TOP2A"
    name, token = sentence.word(i - 1), sentence.tokens[i - 1]
    letters = sentence.text[token.start : token.end]
    if name == "ps" and letters.isupper() and sentence.is_glued(i):
        return i - 1, "GBP", "money.code_before"
    if name in words.currency_codes and _is_code(letters, words):
        return i - 1, name.upper(), "money.code_before"
    if letters.isupper() and name[:1] == "m" and name[1:] in words.currency_codes:
        return i - 1, name[1:].upper(), "money.millions_before"
    if letters in ("RM", "Rs", "RS", "rs", "Rp", "NIS", "Ksh", "KSh", "Kshs", "NTD", "RMB", "Tsh", "USh", "SFr", "Dhs", "DKr", "NKr", "SKr"):
        return i - 1, words.currency_words.get(name, "INR"), "money.code_before"
    return None


def _is_code(letters: str, words: Lexicon) -> bool:
    """Whether letters are a currency code as written: capitals, or small ones that spell no English word."""
    if letters.lower() in words.code_lookalikes:
        return letters.isupper() and letters != "ALL"
    return letters.isupper() or letters.islower()


def _name_before(sentence: Sentence, i: int, words: Lexicon) -> tuple[int, str, str] | None:
    """"ringgit 42": a name before a number that closes its clause."""
    number_end = next((n.last for n in sentence.numbers if n.first == i), i + 1)
    after = sentence.word(number_end)
    if sentence.is_glued(i):
        return None
    if after and after[0].isalnum() or after in DASHES or after in ("%", "$"):
        return None
    for size in (2, 1):
        name = "".join(sentence.word(j) for j in range(i - size, i))
        code = words.currency_words.get(name)
        if code and not _is_taken(sentence, i - size, i) and name.isalpha() and (size == 2 or name not in words.spoken_currencies) and "dollar" not in name[:7] and "pound" not in name:
            return i - size, code, "money.name_before"
    return None


def _country_after(sentence: Sentence, i: int, code: str, words: Lexicon) -> tuple[int, str]:
    """The end and code of a "$" amount that names its country after the number: "$50 Canadian"."""
    word = sentence.word(i)
    if code == "USD" and word in words.dollar_countries and not sentence.is_glued(i):
        letters = sentence.text[sentence.tokens[i].start : sentence.tokens[i].end]
        if letters[0].isupper() and not _is_adjective(sentence, i):
            return i + 1, words.dollar_countries[word]
    if word in ("dollar", "dollars") and code.endswith("D"):
        return i, code
    return i, code


def _is_adjective(sentence: Sentence, i: int) -> bool:
    """Whether the country at `i` belongs to a noun: "$5 million American war", not "$76 US a barrel"."""
    after = sentence.word(i + 1)
    return bool(after) and after[0].isalpha() and after not in ("a", "an", "per", "each", "in", "on", "for", "and", "or", "to", "at", "by", "dollars")


def _currency_after(sentence: Sentence, figure: Figure, words: Lexicon) -> tuple[int, str, float, str] | None:
    """The currency right after a number: token after it, code, scale and rule."""
    i = figure.last
    if sentence.word(i) in HYPHENS and sentence.is_glued(i):
        i += 1
    for size in (4, 3, 2, 1):
        name = "".join(sentence.word(j) for j in range(i, i + size))
        if not name or i + size > len(sentence.tokens):
            continue
        code = words.currency_signs.get(name)
        if code and not _sign_is_next(sentence, i, size):
            return i + size, code, 1.0, "money.sign_after"
        code = words.currency_words.get(name)
        if code and _means_money(sentence, figure, name, size, words):
            return i + size, code, 1.0, "money.name_after"
        if size == 1:
            return _code_after(sentence, figure, i, words)
    return None


def _sign_is_next(sentence: Sentence, i: int, size: int) -> bool:
    """Whether the sign at `i` belongs to the number after it: "5 $10 bills"."""
    after = i + size
    return after < len(sentence.tokens) and sentence.tokens[after].sort == "number" and (
        sentence.is_glued(after) or not sentence.is_glued(i) and not sentence.is_glued(after) and sentence.word(i + size + 1) != "$"
    )


def _code_after(sentence: Sentence, figure: Figure, i: int, words: Lexicon) -> tuple[int, str, float, str] | None:
    """"42 KWD", "30 MUSD", "45 cents"."""
    name = sentence.word(i)
    if not name or sentence.tokens[i].sort != "word" and name != "¢":
        return None
    if name in words.minor_units:
        return i + 1, words.minor_units[name], 0.01, "money.minor"
    letters = sentence.text[sentence.tokens[i].start : sentence.tokens[i].end]
    if sentence.is_glued(i + 1) and sentence.tokens[i + 1].sort == "number":
        return None  # "3 USD50 cards"
    if name in words.currency_codes and _is_code(letters, words):
        return i + 1, name.upper(), 1.0, "money.code_after"
    if letters.isupper() and name[:1] in ("m", "k", "b") and name[1:] in words.currency_codes:
        return i + 1, name[1:].upper(), words.short_magnitudes[name[0]], "money.code_after"
    return None


_SPENDING = frozenset(
    "cost costs costing pay pays paid paying spend spends spent spending price prices priced worth fee fees fine fined bill "
    "salary wage wages earn earned earns money budget tax taxes rent loan loans debt grant funding fund invest invested "
    "charge charged buy bought sold sell sale sales profit revenue income £ sterling cheap expensive savings saved save "
    "donated donation raised fares fare premium compensation".split()
)


def _means_money(sentence: Sentence, figure: Figure, name: str, size: int, words: Lexicon) -> bool:
    """Whether a name that means something else too is money here: pounds are also weighed."""
    plain = name.removesuffix("s")
    if plain == "pound":
        return figure.magnitude >= 1e6 or any(sentence.word(i) in _SPENDING for i in range(figure.first - 6, figure.first))
    if plain == "quarter":
        return False
    if plain in words.spoken_currencies and name not in ("quid", "bucks"):
        return name in ("rand", "baht", "rs", "nis", "lira", "birr", "dong", "som", "kip", "soles", "lei", "leva", "naira") or figure.magnitude > 1
    return True


def _indefinite_money(sentence: Sentence, figures: list[Figure], words: Lexicon) -> list[Figure]:
    """"a dollar a day", "a euro": one unit, where the name closes its phrase."""
    added = []
    for i, token in enumerate(sentence.tokens):
        if token.text not in ("a", "an"):
            continue
        name = sentence.word(i + 1)
        code = words.currency_words.get(name)
        if code is None or name in words.spoken_currencies or name.endswith("s") or name == "pound" or len(name) < 4:
            continue
        after = sentence.word(i + 2)
        if not after or not after[0].isalnum() or after in ("a", "per", "each", "for", "or", "and"):
            added.append(Figure(i, i + 2, 1.0, 1.0, "money.indefinite", MONEY, code, has_unit=True))
    return sorted([*figures, *added], key=lambda figure: figure.first) if added else figures


def _join_cents(sentence: Sentence, figures: list[Figure], words: Lexicon) -> list[Figure]:
    """"thirteen dollars forty-five cents", "$20 and 43c", "twenty ringgit 43": one sum."""
    joined: list[Figure] = []
    for figure in figures:
        last = joined[-1] if joined else None
        if last is None or not _are_cents(sentence, last, figure, words):
            joined.append(figure)
            continue
        cents = figure.low or 0
        cents = cents if figure.rule == "money.minor" else cents / 100
        end = figure.last + (sentence.word(figure.last) == "c" and sentence.is_glued(figure.last))
        value = round((last.low or 0) + cents, 2)
        joined[-1] = replace(last, last=end, low=value, high=value, rule="money.cents")
    return joined


def _are_cents(sentence: Sentence, whole: Figure, cents: Figure, words: Lexicon) -> bool:
    """Whether `cents` are the hundredths of `whole`: named so, or two digits that close the clause."""
    gap = [sentence.word(i) for i in range(whole.last, cents.first)]
    if whole.kind != MONEY or whole.rule == "money.minor" or whole.low != int(whole.low or 0.5) or gap not in ([], ["and"]):
        return False
    if whole.magnitude != 1 or cents.is_fraction or cents.low != int(cents.low or 0.5) and cents.rule != "money.minor":
        return False
    if cents.rule == "money.minor":
        return (cents.low or 0) < 1
    if cents.kind is not None or not 1 <= (cents.low or 0) < 100:
        return False
    after = sentence.word(cents.last)
    if after == "c" and sentence.is_glued(cents.last):
        return True
    return not (after and after[0].isalnum()) and after not in ("%", "$", "-", "/") and cents.last >= len(sentence.tokens) - 1


# ---------------------------------------------------------------- ranges

_TO = frozenset({"to", "through", "till", "until", "à"})
_BETWEEN = frozenset({"between", "from", "entre", "de", "range", "ranges", "ranged", "ranging", "of", "either"})
_PER_UNIT = 4  # tokens of "per square metre" that may stand between the ends of a range


def _join_ranges(sentence: Sentence, figures: list[Figure], words: Lexicon) -> list[Figure]:
    """Neighbours that are the ends of one range, joined; a unit on one end is the unit of both."""
    joined: list[Figure] = []
    for figure in figures:
        last = joined[-1] if joined else None
        whole = _range(sentence, last, figure, words) if last else None
        if whole:
            joined[-1] = whole
        else:
            joined.append(figure)
    return joined


def _range(sentence: Sentence, left: Figure, right: Figure, words: Lexicon) -> Figure | None:
    """The range from `left` to `right`, or None when they do not belong together."""
    if left.is_range or right.is_range or left.low is None or right.low is None or left.is_fraction != right.is_fraction:
        return None
    how = _connector(sentence, left, right, words)
    if how is None or not _units_agree(sentence, left, right, how):
        return None
    unit = right if right.has_unit else left
    a, b = left.low, right.low
    if left.magnitude == 1 and right.magnitude > 1 and 0 < a < b / right.magnitude:
        a *= right.magnitude  # "2 to 3 million"
    if how == "plus_minus":
        return replace(unit, first=left.first, last=right.last, low=a, high=a, relation="~", rule=f"{unit.rule}.spread")
    if how == "or" and not (b - a == 1 or (a > 0 and b / a <= 2 and b % 5 == 0 == a % 5)):
        return None
    if left.kind is None and right.kind is None and not _is_bare_range(sentence, left, right, how):
        return None
    low, high = sorted((a, b))
    rule = f"{unit.rule}.range" if unit.kind else "range"
    return replace(unit, first=left.first, last=right.last, low=low, high=high, rule=rule, magnitude=right.magnitude,
                   numerator=None, denominator=None, has_unit=unit.has_unit)


def _is_bare_range(sentence: Sentence, left: Figure, right: Figure, how: str) -> bool:
    """Whether two numbers without a unit are a range: no years, no "1 in 250 to 1 in 500"."""
    a, b = left.low or 0, right.low or 0
    if how == "dash" and _are_years(a, b):
        return False
    return a < b or left.is_fraction or how == "plus_minus" or (sentence.word(left.first - 1) == "from" and sentence.word(right.last) not in ("in", "per", "out"))


def _are_years(a: float, b: float) -> bool:
    return a == int(a) and 1500 <= a <= 2100 and (1500 <= b <= 2100 or b < 100)


def _connector(sentence: Sentence, left: Figure, right: Figure, words: Lexicon) -> str | None:
    """How two neighbours are joined: dash, to, and, or, plus_minus; None when they are not."""
    gap = [sentence.word(i) for i in range(left.last, right.first)]
    if left.kind == MONEY and len(gap) > 2 and gap[0] in ("per", "a", "an", "/") and "to" in gap[:_PER_UNIT]:
        gap = gap[gap.index("to") :]
    if not gap:
        return None
    if len(gap) == 1 and gap[0] in DASHES:
        return "dash"
    if gap in (["±"], ["+/-"], ["+", "/", "-"]):
        return "plus_minus"
    if gap[0] in DASHES and len(gap) == 2 and gap[1] in DASHES:
        return "dash"
    if gap[0] in ("-", "fold", "times") and gap[1:2] == ["to"] and left.kind is None:
        gap = gap[1:]  # "two- to three-fold", "twofold to threefold"
    if gap[0] in _TO and _is_hedge(gap[1:], words):
        return "to"
    if gap[:2] == ["up", "to"] and _is_hedge(gap[2:], words) and left.kind is None:
        return "to"
    if gap[0] in ("and", "et", "&") and _is_hedge(gap[1:], words) and _opens_range(sentence, left.first, words):
        return "and"
    if gap == ["or"] and left.kind is None:
        return "or"
    return None


def _is_hedge(gap: list[str], words: Lexicon) -> bool:
    """Whether the words are only bounds and fillers: "to about 10", "to as much as 20", "to more than $2,000"."""
    while gap:
        size = next((n for n in range(min(4, len(gap)), 0, -1) if tuple(gap[:n]) in words.before or tuple(gap[:n]) in words.neutral), 0)
        if not size:
            return False
        gap = gap[size:]
    return True


def _opens_range(sentence: Sentence, i: int, words: Lexicon) -> bool:
    """Whether "between" stands before token `i`, fillers aside."""
    while sentence.word(i - 1) and ((sentence.word(i - 1),) in words.before or (sentence.word(i - 1),) in words.neutral):
        i -= 1
    return sentence.word(i - 1) in ("between", "entre")


def _units_agree(sentence: Sentence, left: Figure, right: Figure, how: str) -> bool:
    """Whether the ends can share one unit: the same on both, or written at one of them only."""
    if left.kind == right.kind:
        return left.unit == right.unit
    if left.kind is None:
        return right.has_unit and not _is_counting(sentence, left) and (how == "plus_minus" or (left.low or 0) <= (right.low or 0))
    if right.kind is not None or left.kind != MONEY:
        return False
    after = sentence.word(right.last)
    is_closed = not after or not after[0].isalpha() or after in ("a", "per", "each", "for", "in", "on", "and", "or", "to", "depending", "with", "at")
    return after != "%" and (is_closed or how == "dash")


def _is_counting(sentence: Sentence, figure: Figure) -> bool:
    """Whether a word stands right after the number, so that no unit further right can be its own."""
    after = sentence.word(figure.last)
    return bool(after) and after[0].isalpha() and after not in _TO and after not in ("and", "or", "et", "up")


def _share_units(sentence: Sentence, figures: list[Figure]) -> list[Figure]:
    """"9.8 and 3.4%", "10, 20, or 30 percent": bare numbers of a list take the percent sign at its end."""
    shared = list(figures)
    for i in range(len(shared) - 2, -1, -1):
        left, right = shared[i], shared[i + 1]
        gap = [sentence.word(j) for j in range(left.last, right.first)]
        is_listed = gap in ([","], ["and"], ["or"], [",", "and"], [",", "or"], ["&"])
        if is_listed and left.kind is None and right.kind == PERCENT and not left.is_fraction and not right.is_range:
            if gap[0] == "," and any(figure.last == left.first - 1 for figure in shared[:i]):
                continue  # "1 in 4, or 25 %"
            shared[i] = replace(left, kind=PERCENT, unit="percent", rule="percent.list")
    return shared


# ---------------------------------------------------------------- ratios

_IN = (
    ("in", "every"), ("in", "each"), ("out", "of", "every"), ("out", "of", "each"), ("out", "of"), ("of", "every"),
    ("for", "every"), ("for", "each"), ("per", "every"), ("in",), ("per",), ("of",), ("over",), (":",), ("/",), ("outof",),
)  # fmt: skip
_LOOSE_IN = frozenset({("per",), ("per", "every"), ("out", "of", "every"), ("in", "every"), ("of", "every"), ("for", "every"), ("out", "of")})
_ONE_OF_US = frozenset({"person", "man", "woman", "child", "baby", "family"})
_NO_RATIO = frozenset("score scored scores rated rating rate rates scale stars star pain blood pressure".split(" "))


def _pair_ratios(sentence: Sentence, figures: list[Figure], words: Lexicon) -> list[Figure]:
    """Numbers that stand in a proportion, paired ("1 in 4"), and fractions of something ("two thirds of patients")."""
    paired: list[Figure] = []
    i = 0
    while i < len(figures):
        figure = figures[i]
        ratio = _ratio(sentence, figure, figures[i + 1], words) if i + 1 < len(figures) else None
        if ratio:
            i += 1
        elif figure.is_fraction and figure.kind is None and _is_share(sentence, figure, words):
            ratio = replace(figure, kind=RATIO, unit=UNITS[RATIO], rule="ratio.fraction")
        paired.append(ratio or figure)
        i += 1
    return _join_ratio_ranges(sentence, paired, words)


def _ratio(sentence: Sentence, over: Figure, under: Figure, words: Lexicon) -> Figure | None:
    """"1 in 4", "2 to 8 cases per million", "1 in 200,000 to 500,000": the proportion of two neighbours."""
    if over.kind or under.kind or over.is_fraction or under.is_fraction or None in (over.low, over.high, under.low, under.high):
        return None
    how = _proportion(sentence, over, under, words)
    if how is None or not 0 < under.low or over.high > under.low or (under.low < 2) or over.low < 0:
        return None
    if not _is_proportion(sentence, over, under, how, words):
        return None
    low, high = over.low / under.high, over.high / under.low
    return replace(
        over, last=under.last, low=low, high=high, kind=RATIO, unit=UNITS[RATIO], rule="ratio.pair",
        numerator=None if over.is_range else over.low, denominator=None if under.is_range else under.low,
    )  # fmt: skip


def _proportion(sentence: Sentence, over: Figure, under: Figure, words: Lexicon) -> tuple[str, ...] | None:
    """The words that put two numbers in proportion, hedges and a noun between them aside."""
    gap = [sentence.word(i) for i in range(over.last, under.first)]
    for how in _IN:
        if tuple(gap[: len(how)]) == how and _is_hedge(gap[len(how) :], words):
            return how
        size = len(gap) - len(how)
        if 0 < size <= _NOUN_REACH and how in _LOOSE_IN and tuple(gap[size:]) == how and all(w.isalpha() for w in gap[:size]):
            return None if set(gap[:size]) & words.measured else how
        if how == ("in",) and size == 1 and gap[1] == "in" and (gap[0] in words.people or f"{gap[0]}s" in words.people or gap[0] in _ONE_OF_US):
            return how
    return None


def _is_proportion(sentence: Sentence, over: Figure, under: Figure, how: tuple[str, ...], words: Lexicon) -> bool:
    """Whether the two numbers are parts and whole, not a date, a time, a score or a blood pressure."""
    after = sentence.word(under.last)
    if after in words.measured or (after in HYPHENS and sentence.word(under.last + 1) in words.measured):
        return False
    low = under.low or 0
    is_year = 1900 <= low <= 2100 and under.last - under.first == 1 and "," not in sentence.word(under.first)
    if how == ("in",):
        return not is_year
    if how == ("of",):
        return not is_year and _is_part_of(sentence, over, under, words)
    if how == (":",):
        return over.low == 1 and low >= 100 and sentence.is_glued(under.first)
    if how == ("over",):
        return not is_year and over.high < low and (not after or not after[0].isalpha())
    if how == ("out", "of"):
        return not any(sentence.word(i) in _NO_RATIO for i in range(over.first - 5, over.first))
    return True


def _is_part_of(sentence: Sentence, over: Figure, under: Figure, words: Lexicon) -> bool:
    """"14 of 20 patients", not "one of the two copies": digits, or something counted."""
    noun = _noun_after(sentence, under.last, words)
    is_digits = all(sentence.tokens[figure.first].sort == "number" for figure in (over, under))
    if noun is None:
        return is_digits
    name = sentence.word(noun)
    is_listed = name in words.people or name in words.events or name in words.sources
    return is_listed or (is_digits and _is_plural(sentence, noun) and name not in words.parts)


_FUNCTION_WORDS = frozenset(
    """of or to and have has are is were was had do did does will would can could may might must should say said more less
    fewer as than in by on at from for with the that who which during after before between among over""".split()
)


def _is_share(sentence: Sentence, figure: Figure, words: Lexicon) -> bool:
    """Whether a fraction is a share of something rather than a length, a dose or an ordinal."""
    i, text = figure.last, sentence.word(figure.last - 1)
    after = sentence.word(i)
    if after in HYPHENS and sentence.is_glued(i):
        return False
    of = i
    while sentence.word(of) in ("of", "a", "an", "the", "one", "your", "level"):
        of += 1
    if sentence.word(of) in words.measured or sentence.word(i + 1) in words.measured and after in ("a", "an"):
        return False
    if sentence.tokens[figure.first].sort == "number":
        return after == "of" or len(sentence.tokens) == figure.last or _is_per_thousands(sentence, figure)
    if text in ("half", "halves"):
        return _is_half(sentence, figure, words)
    if sentence.word(figure.first) in ("a", "an"):
        return not after or not after[0].isalpha() or after in _FUNCTION_WORDS or after in words.finite
    return after not in words.measured


# A half named by its place is a thing, not a share.
_HALVES = frozenset("first second latter in better my his her upper lower left right top bottom front back inner outer".split(" "))


def _is_per_thousands(sentence: Sentence, figure: Figure) -> bool:
    """"3.2/100,000", "1/50,000 to 1/100,000": nobody cooks or dates with such a denominator."""
    return any(number.denominator and number.denominator >= 1000 for number in sentence.numbers if figure.first <= number.first < figure.last)


def _is_half(sentence: Sentence, figure: Figure, words: Lexicon) -> bool:
    before, after = sentence.word(figure.first - 1), sentence.word(figure.last)
    if figure.last - figure.first > 1:
        return after in ("of", "") or not after[0].isalpha() or after in words.finite
    if before in _HALVES:
        return False
    if after == "of":
        return sentence.word(figure.last + 1) not in ("one", "it")
    if before in ("other", "remaining", "than", "about", "nearly", "almost", "roughly", "approximately", "over", "least", "to"):
        return after not in ("a", "an", "way", "hour", "mile", "inch")
    return after in ("the", "all", "those", "these", "as", "were", "are", "had", "have", "die", "died")


def _join_ratio_ranges(sentence: Sentence, figures: list[Figure], words: Lexicon) -> list[Figure]:
    """"1 in 5,000 to 1 in 10,000 births", "between 1 in 20 and 1 in 50": one range."""
    joined: list[Figure] = []
    for figure in figures:
        last = joined[-1] if joined else None
        if last and last.kind == figure.kind == RATIO and last.rule == figure.rule == "ratio.pair":
            gap = [sentence.word(i) for i in range(last.last, figure.first)]
            while gap and gap[0] not in _TO | DASHES and gap[0] != "and" and gap[0].isalpha() and len(gap) > 1:
                gap = gap[1:]
            is_and = gap[:1] == ["and"] and _opens_range(sentence, last.first, words)
            if gap and (gap[0] in _TO | DASHES or is_and) and _is_hedge(gap[1:], words) and figure.first - last.last <= 5:
                low, high = min(last.low, figure.low), max(last.high, figure.high)
                joined[-1] = replace(last, last=figure.last, low=low, high=high, numerator=last.numerator if last.numerator == figure.numerator else None, denominator=None)
                continue
        joined.append(figure)
    return joined


# ---------------------------------------------------------------- multipliers

_ALONE = {"twice": 2.0, "thrice": 3.0}
_VERBS = {"doubled": 2.0, "doubles": 2.0, "tripled": 3.0, "triples": 3.0, "trebled": 3.0, "quadrupled": 4.0, "quadruples": 4.0}
_ADJECTIVES = {"double": 2.0, "triple": 3.0, "quadruple": 4.0, "doubling": 2.0, "tripling": 3.0}
_OWNERS = frozenset("the your their his her its my our that".split(" "))


def _name_multipliers(sentence: Sentence, figures: list[Figure], words: Lexicon) -> list[Figure]:
    """"five times more often", "four-fold", "twice as likely", "doubled the risk"."""
    named = [_multiplied(sentence, figure, words) if figure.kind is None else figure for figure in figures]
    taken = {i for figure in named for i in range(figure.first, figure.last)}
    for i, token in enumerate(sentence.tokens):
        if i not in taken and token.sort == "word":
            value = _one_word_multiplier(sentence, i, words)
            if value:
                named.append(Figure(i, i + 1, value, value, "multiplier.word", TIMES, UNITS[TIMES]))
    return sorted(named, key=lambda figure: figure.first)


def _multiplied(sentence: Sentence, figure: Figure, words: Lexicon) -> Figure:
    """`figure` as a multiplier if "times", "fold" or "x" makes it one."""
    i = figure.last
    if sentence.word(i) in HYPHENS and sentence.is_glued(i):
        i += 1
    word, after = sentence.word(i), sentence.word(i + 1)
    is_fold = word in ("fold", "folds")
    is_times = word in ("times", "time") and (after in words.comparatives or (after.endswith("er") and len(after) > 5 and after not in ("after", "either", "during", "another")))
    is_cross = word in ("x", "×") and sentence.is_glued(i) and after in words.comparatives and after not in ("a", "the")
    if not (is_fold or is_times or is_cross) or (figure.low or 0) <= 0 or figure.is_fraction and is_times and False:
        return figure
    return replace(figure, last=i + 1, kind=TIMES, unit=UNITS[TIMES], rule="multiplier.times", numerator=None, denominator=None)


def _one_word_multiplier(sentence: Sentence, i: int, words: Lexicon) -> float | None:
    word, after = sentence.word(i), sentence.word(i + 1)
    if word in _ALONE:
        return _ALONE[word] if after in words.comparatives else None
    if word in _VERBS:
        return _VERBS[word] if after not in ("over", "up", "down", "sided", "-") and sentence.word(i - 1) != "be" else None
    if word in _ADJECTIVES:
        return _ADJECTIVES[word] if after in _OWNERS else None
    if word.endswith("fold") and len(word) > 4:
        stem = word.removesuffix("fold")
        value = words.units.get(stem) or words.tens.get(stem) or {"hundred": 100, "thousand": 1000}.get(stem)
        return float(value) if value else None
    return None


# ---------------------------------------------------------------- counts

_DETERMINED = frozenset("no the these those both all his her their your my our its other every any first last next".split(" "))
_PREPOSITIONS = frozenset(
    """of in on at by for from with without who which that whose to as than into within during after before since until
    about between among per across over under through worldwide and or but if when where because while were was is are
    has have had do does did can could may might will would should must not each every a an the this these those there""".split()
)
_BEFORE_YEAR = frozenset("in since by during until before after from of the a an".split(" "))
_BARE = 1000  # smaller numbers without a noun are ages, scores and settings
_ENOUGH = 20  # a number of things that nobody listed must be at least this large to be a count


def _noun_after(sentence: Sentence, i: int, words: Lexicon) -> int | None:
    """Index of the noun that a number ending before token `i` counts, at most `_NOUN_REACH` tokens on."""
    head = None
    for j in range(i, min(i + _NOUN_REACH + 1, len(sentence.tokens))):
        token = sentence.tokens[j]
        if token.text in HYPHENS:
            continue
        if token.sort != "word" or token.text in _PREPOSITIONS or (head is not None and token.text in words.finite):
            break
        if token.text in words.people or token.text in words.events or token.text in words.sources:
            return j
        if head is None or token.text.endswith("s") or not sentence.word(head).endswith("s"):
            head = j
    return head


def _counted(sentence: Sentence, figure: Figure, words: Lexicon) -> Figure:
    """`figure` as a count if what it stands before is something one counts; else unchanged."""
    start = figure.last
    after = _phrase_at(sentence, start, words.after)
    start += len(after)
    if _is_bare_count(sentence, figure, start, words):
        return replace(figure, kind=COUNT, unit=UNITS[COUNT], rule="count.bare")
    noun = _noun_after(sentence, start, words)
    if noun is None or figure.is_fraction or figure.low is None or figure.low < 0 or figure.low != int(figure.low) or noun > start and sentence.word(start) in words.measured:
        return figure
    rule = _count_rule(sentence, figure, start, noun, words)
    return replace(figure, kind=COUNT, unit=UNITS[COUNT], rule=rule, noun=noun) if rule else figure


def _is_bare_count(sentence: Sentence, figure: Figure, i: int, words: Lexicon) -> bool:
    """Whether a large number counts without a noun: "2 million of them", "kills 400,000 a year", "1.2 million worldwide"."""
    if (figure.low or 0) < _BARE or figure.is_fraction or _is_year(sentence, figure):
        return False
    word, after = sentence.word(i), sentence.word(i + 1)
    if word == "of":
        return after in ("them", "these", "those", "whom", "us")
    return word in ("annually", "worldwide", "globally", "nationwide") or (word in ("a", "per", "each", "every") and words.periods.get(after) in ("year", "month", "week", "day"))


def _count_rule(sentence: Sentence, figure: Figure, start: int, noun: int, words: Lexicon) -> str | None:
    """Which licence to count the number before `noun` has, if any."""
    name, before = sentence.word(noun), sentence.word(figure.first - 1)
    is_small = (figure.high or 0) < 10
    is_digits = sentence.tokens[figure.first].sort == "number"
    is_pointed = before in _DETERMINED and is_small
    run = {sentence.word(i) for i in range(start, noun + 1)}
    if (figure.high or 0) < 2 and not _period_soon(sentence, noun, words):
        return None
    if run & words.measured or before in HYPHENS and sentence.is_glued(figure.first):
        return None
    if _is_year(sentence, figure) and before in _BEFORE_YEAR:
        return None
    if name in words.people or name in words.events or name in words.sources:
        return None if is_pointed or (is_small and not is_digits and run & words.parts) else "count.listed"
    if run & words.parts or _is_year(sentence, figure):
        return None
    if name in words.things:
        return None if is_pointed or (is_small and not is_digits) else "count.things"
    if _period_soon(sentence, noun, words) and ((figure.high or 0) < 2 or _is_plural(sentence, noun)):
        return "count.period"
    if not _is_plural(sentence, noun):
        return None
    return "count.many" if (figure.low or 0) >= _ENOUGH and before not in _DETERMINED else None


def _is_plural(sentence: Sentence, noun: int) -> bool:
    """Whether the word looks like a plural: "seizures", "UTIs", not "diagnosis" or "virus"."""
    name = sentence.word(noun)
    letters = sentence.text[sentence.tokens[noun].start : sentence.tokens[noun].end]
    return name.endswith("s") and (letters[:-1].isupper() or (len(name) > 3 and not name.endswith(("ss", "us", "is"))))


def _is_year(sentence: Sentence, figure: Figure) -> bool:
    low = figure.low or 0
    return 1500 <= low <= 2100 and figure.last - figure.first == 1 and sentence.word(figure.first).isdigit()


def _period_soon(sentence: Sentence, noun: int, words: Lexicon) -> bool:
    """Whether "a year", "each year" or "per month" closes the noun phrase."""
    for i in range(noun + 1, noun + 6):
        word = sentence.word(i)
        if word in ("a", "per", "each", "every") and words.periods.get(sentence.word(i + 1)) in ("year", "month"):
            return True
        if not word.isalpha() or word in words.finite:
            return False
    return False


# ---------------------------------------------------------------- bounds

_LONGEST_PHRASE = 5  # words of the longest phrase in [before] and [after]
_FLIPPED = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
_SIGNS = frozenset("~ ∼ ≈ ≅ ≃ ± < > ≤ ≥ <= >= ⩽ ⩾ ≦ ≧ ＜ ＞".split(" "))  # written at the digits: part of the surface
_NEGATIONS = frozenset("not never cannot n't don't doesn't didn't won't can't mustn't shouldn't wouldn't couldn't without nor no".split(" "))


def _phrase_at(sentence: Sentence, i: int, phrases: Phrases) -> tuple[str, ...]:
    """The longest phrase that begins at token `i`, or ()."""
    for size in range(_LONGEST_PHRASE, 0, -1):
        phrase = tuple(sentence.word(j) for j in range(i, i + size))
        if phrase in phrases:
            return phrase
    return ()


def _phrase_until(sentence: Sentence, i: int, phrases: Phrases | frozenset[tuple[str, ...]]) -> tuple[str, ...]:
    """The longest phrase that ends right before token `i`, or ()."""
    for size in range(min(_LONGEST_PHRASE, i), 0, -1):
        phrase = tuple(sentence.word(j) for j in range(i - size, i))
        if phrase in phrases:
            return phrase
    return ()


def _bounded(sentence: Sentence, figure: Figure, words: Lexicon) -> Figure:
    """`figure` with the relation that the words on either side of it give."""
    relation, first = _bound_before(sentence, figure, words)
    after, last = _bound_after(sentence, figure, words)
    if relation in ("=", "~") and after != "=":
        relation = after
    start = figure.first
    while sentence.word(start - 1) in _SIGNS:
        start -= 1
    figure = replace(figure, first=start, qualifier_first=first, qualifier_last=last)
    if figure.is_range:
        is_loose = relation == "~" or figure.relation == "~"
        return replace(figure, relation="~range" if is_loose else "range")
    if figure.relation == "~" and relation == "=":
        return figure
    return _opened(figure, relation)


def _opened(figure: Figure, relation: str) -> Figure:
    """`figure` with one end open where `relation` says so."""
    low = None if relation in ("<", "<=") else figure.low
    high = None if relation in (">", ">=") else figure.high
    return replace(figure, relation=relation, low=low, high=high)


def _bound_before(sentence: Sentence, figure: Figure, words: Lexicon) -> tuple[str, int | None]:
    """Relation and first token of the qualifiers that end at the figure."""
    i, relation, first = figure.first, "=", None
    while i > 0:
        phrase = _phrase_until(sentence, i, words.before)
        if phrase:
            found = words.before[phrase]
            relation = found if relation in ("=", "~") else relation
            first = i = i - len(phrase)
            if relation in _FLIPPED and found == relation and sentence.word(i - 1) in _NEGATIONS:
                relation, first, i = _FLIPPED[relation], i - 1, i - 1
            continue
        filler = _phrase_until(sentence, i, words.neutral)
        if not filler:
            break
        i -= len(filler)
        if filler not in words.fillers:
            first = i
    if relation == "=" and _is_limited(sentence, figure.first):
        return "<=", first
    if figure.is_range and sentence.word(i - 1) in ("between", "from", "entre"):
        first = i - 1
        if sentence.word(first - 1).startswith("rang") or sentence.word(first - 1) in ("anywhere", "somewhere"):
            first -= 1
    return relation, first


def _is_limited(sentence: Sentence, i: int) -> bool:
    """"limits loans to $2,000": a verb of limiting before "to"."""
    if sentence.word(i - 1) != "to":
        return False
    return any(sentence.word(j) in ("limit", "limits", "limited", "limiting", "cap", "caps", "capped", "capping") for j in range(max(0, i - 8), i - 1))


def _bound_after(sentence: Sentence, figure: Figure, words: Lexicon) -> tuple[str, int | None]:
    """Relation and end of the qualifier right after the figure, or after the noun it counts."""
    for i in (figure.last, (figure.noun or -2) + 1):
        if i <= 0:
            continue
        phrase = _phrase_at(sentence, i, words.after)
        if phrase == ("+",) and not sentence.is_glued(i):
            continue
        if phrase in (("maximum",), ("max",), ("minimum",), ("plus",), ("approximately",)) and sentence.word(i + 1)[:1].isalnum():
            continue
        if phrase:
            return words.after[phrase], i + len(phrase)
    return "=", None


def _share_bounds(sentence: Sentence, figures: list[Figure]) -> list[Figure]:
    """"below 1% and 3%", "not to exceed $5 for one and $9 for two": the bound holds for both."""
    shared: list[Figure] = []
    for figure in figures:
        last = shared[-1] if shared else None
        if last and figure.relation == "=" and not figure.is_range and last.relation in ("<", "<=", ">", ">=") and last.kind == figure.kind:
            if last.unit == figure.unit and last.qualifier_last is None and _is_parallel(sentence, last, figure):
                figure = _opened(figure, last.relation)
        shared.append(figure)
    return shared


def _is_parallel(sentence: Sentence, left: Figure, right: Figure) -> bool:
    """Whether `right` is the second half of "X and Y" or of "X for A and Y for B"."""
    gap = [sentence.word(i) for i in range(left.last, right.first)]
    if gap in (["and"], ["or"]):
        return left.kind in (PERCENT, MONEY)
    return (
        left.kind == MONEY and 2 < len(gap) <= 6 and gap[-1] in ("and", "or") and gap[0] in ("for", "per", "in")
        and sentence.word(right.last) == gap[0]
    )  # fmt: skip


# ---------------------------------------------------------------- periods


def _timed(sentence: Sentence, figures: list[Figure], i: int, words: Lexicon) -> Figure:
    """`figures[i]` with the period it is counted over, if words beside it name one."""
    figure = figures[i]
    if figure.kind == TIMES:
        return figure
    end = figures[i + 1].first if i + 1 < len(figures) else len(sentence.tokens)
    start = figures[i - 1].last if i else 0
    period = _period_after(sentence, figure, end, words) or _period_before(sentence, figure, start, words)
    return replace(figure, period=period) if period else figure


def _period_after(sentence: Sentence, figure: Figure, end: int, words: Lexicon) -> str | None:
    """The period right of a figure and before the next one: "a year", "each month", "/day", "annually"."""
    for i in range(figure.last, min(end, figure.last + _LOOK_AHEAD, len(sentence.tokens))):
        word = sentence.word(i)
        if word in (";", ".", "(") or word in ("but", "while", "whereas") or (word == "," and i > figure.last + 3):
            return None
        if word in ("annually", "yearly", "monthly", "weekly", "daily"):
            return words.periods[word]
        if word in ("a", "per", "each", "every", "/", "p.a.", "p.a"):
            if sentence.word(i - 1) in ("times", "once", "twice", "hours", "minutes", "days", "time") and i > figure.last:
                return None
            period = words.periods.get(word) or words.periods.get(sentence.word(i + 1 + (sentence.word(i + 1) == "-")))
            if period:
                return period
    return None


def _period_before(sentence: Sentence, figure: Figure, start: int, words: Lexicon) -> str | None:
    """The period left of a figure: "Each year, ...", "annual cost of $5", "weekly benefit"."""
    for i in range(figure.first - 1, max(start, figure.first - _LOOK_AHEAD) - 1, -1):
        word, before = sentence.word(i), sentence.word(i - 1)
        if word in (";", ",", "(", ")", ":") or sentence.tokens[i].sort == "number":
            break
        if word in ("annual", "annually", "yearly", "monthly", "weekly", "daily"):
            return {"annual": "year"}.get(word) or words.periods[word]
        if words.periods.get(word) and before in ("each", "every", "per", "any") and (i <= 2 or sentence.word(i - 2) in (",", "and")):
            return words.periods[word]
    if sentence.word(0) in ("annually", "yearly", "monthly", "weekly", "daily"):
        return words.periods[sentence.word(0)]
    for i in range(0, 2):  # a leading "Each year, ..." holds for every figure of the sentence
        if sentence.word(i) in ("each", "every") and words.periods.get(sentence.word(i + 1)) and i + 1 < figure.first:
            return words.periods[sentence.word(i + 1)]
    return None
