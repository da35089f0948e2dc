"""Reads the unit written at a number: a percent sign or a currency."""

import re
from functools import cache
from typing import NamedTuple

from pipeline.statistics.lexicon import lexicon, words
from pipeline.statistics.model import MONEY, PERCENT, Figure, Number, Sentence
from pipeline.statistics.numbers import DASHES, HYPHENS

__all__ = ["add_indefinite_money", "join_cents", "may_open_currency", "money_codes", "with_unit"]


def with_unit(sentence: Sentence, number: Number) -> Figure:
    """The figure of one number, a percentage or a sum of money if its unit is written at it."""
    bare = Figure(
        number.first, number.last, number.value, number.value, magnitude=number.magnitude,
        numerator=number.numerator, denominator=number.denominator, is_fraction=number.is_fraction,
    )  # fmt: skip
    figure = _percent(sentence, bare) or _percent_of(sentence, bare) or _money(sentence, bare) or bare
    is_negative = figure.kind is not None and sentence.word(figure.first - 1) in ("minus", "negative")
    is_negative = is_negative and sentence.word(figure.first - 2) != ","  # "refunded, minus $5" subtracts
    return figure.negated(figure.first - 1) if is_negative and not figure.is_range else figure


# ---------------------------------------------------------------- percent

_PERCENT = words("% ％ percent percents pct percentage percentages")
_OPENS_PERCENT = _PERCENT | HYPHENS | {"pc", "per", "+"}


def _percent(sentence: Sentence, figure: Figure) -> Figure | None:
    """The percentage in "5 %", "five per cent", "5pc", "2.5 percentage points", "half of one percent"."""
    i = figure.last
    if sentence.word(i) not in _OPENS_PERCENT and not figure.is_fraction:
        return None
    if figure.is_fraction and sentence.word(i) == "of" and sentence.word(i + 1) in ("a", "one", "1"):
        i += 2
    elif figure.is_fraction and sentence.word(i) == "a":
        i += 1
    is_open = sentence.word(i) == "+" and sentence.is_glued(i)  # "60+%"
    i += is_open or (sentence.word(i) in HYPHENS and sentence.is_glued(i))
    if sentence.word(i) in _PERCENT or (sentence.word(i) == "pc" and sentence.is_glued(i)):
        last = i + 1
    elif sentence.word(i) == "per" and sentence.word(i + 1) in ("cent", "cents"):
        last = i + 2
    elif sentence.words(i, i + 3) == ("per", "-", "cent"):
        last = i + 3
    else:
        return None
    last += sentence.word(last) in ("point", "points")
    figure = figure._replace(relation=">=") if is_open else figure
    return figure.named(PERCENT, "percent.unit", last=last)


def _percent_of(sentence: Sentence, figure: Figure) -> Figure | None:
    """The percentage in "percents of sixty": the unit before the number, as a whole utterance."""
    if figure.first > 3 or figure.last != len(sentence.tokens):
        return None
    before = " ".join(sentence.words(0, figure.first))
    if before not in ("percent of", "percents of", "per cent of", "percentage of"):
        return None
    return figure._replace(first=0).named(PERCENT, "percent.of")


# ---------------------------------------------------------------- money


class _Currency(NamedTuple):
    """A currency on tokens `first` to before `last`; `scale` is 0.01 for cents, 1e6 for "MUSD"."""

    first: int
    last: int
    code: str
    rule: str
    scale: float = 1.0


def _money(sentence: Sentence, figure: Figure) -> Figure | None:
    """The sum of money the number is, if a currency precedes or follows it."""
    before = _currency_before(sentence, figure.first)
    if before:
        return _sum_after(sentence, figure, before)
    figure = _with_short_magnitude(sentence, figure)
    after = _currency_after(sentence, figure)
    if after is None:
        return None
    figure = figure.scaled(after.scale) if after.scale != 1 else figure
    last = after.last
    if figure.magnitude == 1 and sentence.word(last) in lexicon().magnitudes:  # "18 USD million"
        figure = figure.scaled(lexicon().magnitudes[sentence.word(last)])
        last += 1
    return figure.named(MONEY, after.rule, after.code, last)


def _sum_after(sentence: Sentence, figure: Figure, currency: _Currency) -> Figure | None:
    """The sum that `currency` before the number makes of it."""
    is_lab_value = currency.code.lower() in lexicon().lab_values and currency.rule == "money.code"
    if is_lab_value and figure.value < _LEAST_LAB_SUM:
        return None
    figure = _with_short_magnitude(sentence, figure, beside_money=True)
    figure = figure.scaled(currency.scale) if currency.scale != 1 else figure
    first, code, last = currency.first, currency.code, figure.last
    country = lexicon().dollar_countries.get(sentence.word(last))
    if code == "USD" and country and _closes_sum(sentence, last):
        code, last = country, last + 1
    if _is_bracketed_loss(sentence, first, last):
        return figure.negated(first - 1).named(MONEY, "money.accounting", code, last + 1)
    is_signed = sentence.word(first - 1) in ("-", "−") and sentence.is_glued(first) and not sentence.is_glued(first - 1)
    figure = figure.negated(first - 1) if is_signed else figure._replace(first=first)
    return figure.named(MONEY, currency.rule, code, last)


_LEAST_LAB_SUM = 10  # an "INR" of 2 to 3 is a clotting time; a sum in rupees is larger
_LEAST_RAND = 1000  # "R15" is a room or a model, "R20 million" and "R5,000" are sums
_AFTER_COUNTRY = words("a an per each in on for and or to at by dollars")


def _closes_sum(sentence: Sentence, i: int) -> bool:
    """Whether the country at `i` belongs to the sum before it: "$81 US a ton", not "$5 million American ship"."""
    if sentence.is_glued(i) or not sentence.written(i)[:1].isupper():
        return False
    return not sentence.begins_word(i + 1) or sentence.word(i + 1) in _AFTER_COUNTRY


def _is_bracketed_loss(sentence: Sentence, first: int, last: int) -> bool:
    """An accountant's minus: "income was ($40)". After a noun, brackets only repeat or explain."""
    is_bracketed = sentence.word(first - 1) == "(" and sentence.word(last) == ")"
    return is_bracketed and sentence.word(first - 2) in ("is", "was", "are", "were", "of", "to", ":", "totaled")


def _with_short_magnitude(sentence: Sentence, figure: Figure, beside_money: bool = False) -> Figure:
    """The number with "bn", "k" or "m" after it; single letters count only beside a currency, or "k" glued."""
    scale = lexicon().short_magnitudes.get(sentence.word(figure.last))
    if scale is None or figure.magnitude != 1 or figure.is_fraction:
        return figure
    letters, is_glued = sentence.written(figure.last), sentence.is_glued(figure.last)
    is_short = len(letters) == 1
    if beside_money:
        is_magnitude = is_glued or not is_short
    else:
        is_magnitude = is_glued and (letters in ("k", "K", "M") or (not is_short and letters != "mm"))
    return figure.scaled(scale)._replace(last=figure.last + 1) if is_magnitude else figure


# -- currencies before the number


def _currency_before(sentence: Sentence, i: int) -> _Currency | None:
    """The currency that ends right before token `i`: "$", "HK$", "USD", "Rs.", "ringgit"."""
    if sentence.word(i - 1) not in _before_sums():
        return None
    if sentence.word(i - 1) == "." and sentence.written(i - 2) in lexicon().local_signs:
        return _Currency(i - 2, i, lexicon().local_signs[sentence.written(i - 2)], "money.code")
    currency = _sign_before(sentence, i) or _code_before(sentence, i) or _name_before(sentence, i)
    return None if currency is None or _closes_number_before(sentence, currency.first, i) else currency


def _closes_number_before(sentence: Sentence, first: int, i: int) -> bool:
    """Whether the currency before token `i` closes the number before it: "15 $ 20 cents", "4 CAD 7", "30€65"."""
    return first in sentence.number_ends and (not sentence.is_glued(i) or sentence.is_glued(first))


@cache
def _openings() -> frozenset[str]:
    """What the first word of a currency's name or sign can be: every beginning of one, since names have no spaces."""
    names = (*lexicon().currency_names, *lexicon().currency_signs)
    return frozenset(name[:size] for name in names for size in range(1, len(name) + 1))


def may_open_currency(word: str) -> bool:
    """Whether a word can be the first of a currency's name or sign."""
    return word in _openings()


@cache
def _last_signs() -> frozenset[str]:
    """The last token of each sign: "$", the "au" of "$AU"."""
    return frozenset(_LETTERS_OR_SIGN.findall(sign)[-1] for sign in lexicon().currency_signs)


_LETTERS_OR_SIGN = re.compile(r"[^\W\d_]+|\S")


@cache
def money_codes() -> frozenset[str]:
    """Codes and local signs in lower case, and codes of millions, thousands and billions: "MUSD"."""
    known = lexicon()
    local = (sign.lower() for sign in known.local_signs)
    return frozenset((*local, "r", *known.currency_codes, *(f"{m}{c}" for c in known.currency_codes for m in "mkb")))


@cache
def _before_sums() -> frozenset[str]:
    """What the last token of a currency before a number can be; "." ends "Rs."."""
    names = (name[start:] for name in lexicon().currency_names for start in range(len(name)))
    return _last_signs().union(money_codes(), names, ".")


@cache
def _after_numbers() -> frozenset[str]:
    """What the first token of a currency after a number can be."""
    return _openings().union(money_codes(), lexicon().minor_units, lexicon().dollar_countries)


def _sign_before(sentence: Sentence, i: int) -> _Currency | None:
    known = lexicon()
    if sentence.word(i - 1) not in _last_signs():
        return None
    for first in range(max(0, i - 3), i):
        name = "".join(sentence.words(first, i))
        code = known.currency_signs.get(name)
        if name.endswith("$") and name[:-1] in known.currency_codes:  # "NZD$"
            code = name[:-1].upper()
        if code and _is_one_sign(sentence, first, i):
            return _Currency(first, i, code, "money.sign")
    return None


_GRADED = words("grade vitamin hepatitis part plan type class group option tier level")  # "plan C $8"


def _is_one_sign(sentence: Sentence, first: int, last: int) -> bool:
    """Whether the tokens are one sign: "US$", "HK $" in capitals, "c $ 5" where all is spaced out; not "a $5"."""
    if all(sentence.is_glued(i) for i in range(first + 1, last)):
        return True
    letters, is_spaced_out = sentence.written(first), not sentence.is_glued(last)
    is_country = letters.isupper() and (
        len(letters) > 1 or (letters == "C" and sentence.word(first - 1) not in _GRADED)
    )
    return is_country or (is_spaced_out and letters in ("c", "us", "hk", "au", "nz"))


def _code_before(sentence: Sentence, i: int) -> _Currency | None:
    """The currency in "USD 50", "GBP3.01", "MAUD 35", "RM65", "PS7.4bn"."""
    name, written, known = sentence.word(i - 1), sentence.written(i - 1), lexicon()
    is_glued = sentence.is_glued(i)
    if written in known.local_signs:
        return _Currency(i - 1, i, known.local_signs[written], "money.code") if written != "PS" or is_glued else None
    if written == "R" and is_glued and (number := sentence.number_at.get(i)) and number.value >= _LEAST_RAND:
        return _Currency(i - 1, i, "ZAR", "money.code")
    if name in known.currency_codes and _is_code(written, is_glued):
        return _Currency(i - 1, i, name.upper(), "money.code")
    if written.isupper() and name[:1] == "m" and name[1:] in known.currency_codes and not is_glued:
        return _Currency(i - 1, i, name[1:].upper(), "money.code", 1e6)
    return None


def _is_code(written: str, is_glued: bool) -> bool:
    """Whether letters are a currency code as written; what may be a word or a gene must be separate and in capitals."""
    if written.lower() in lexicon().code_lookalikes:
        return written.isupper() and written not in ("ALL", "TOP") and not is_glued
    return written.isupper() or written.islower()


_OPENS_UNIT = DASHES | {"%", "$"}


def _name_before(sentence: Sentence, i: int) -> _Currency | None:
    """The currency in "ringgit 65": a name before a number that closes its clause."""
    after = sentence.number_at[i].last if i in sentence.number_at else i + 1
    is_closed = not sentence.word(after)[:1].isalnum() and sentence.word(after) not in _OPENS_UNIT
    if sentence.is_glued(i) or not is_closed:
        return None
    for first in range(max(0, i - 2), i):
        name = "".join(sentence.words(first, i))
        code = lexicon().currency_names.get(name)
        is_plain = first == i - 1 and (name in lexicon().spoken_currencies or name.startswith(("dollar", "pound")))
        if code and not is_plain:
            return _Currency(first, i, code, "money.name")
    return None


# -- currencies after the number


def _currency_after(sentence: Sentence, figure: Figure) -> _Currency | None:
    """The currency right after a number: "10$", "20 Swiss francs", "65 KWD", "45 cents"."""
    first = figure.last
    first += sentence.word(first) in HYPHENS and sentence.is_glued(first)
    word, known = sentence.word(first), lexicon()
    if word not in _after_numbers():
        return None
    cents_of = known.dollar_countries.get(word) or known.currency_names.get(word)
    if cents_of and sentence.word(first + 1) in ("cent", "cents"):
        return _Currency(first, first + 2, cents_of, "money.minor", 0.01)
    longest = 4 if word in _openings() else 0
    for last in range(min(first + longest, len(sentence.tokens)), first, -1):
        name = "".join(sentence.words(first, last))
        sign, code = known.currency_signs.get(name), known.currency_names.get(name)
        if sign and not _opens_next(sentence, first, last):
            return _Currency(first, last, sign, "money.sign")
        if code and _means_money(sentence, figure, name):
            return _Currency(first, last, code, "money.name")
    return _code_after(sentence, first)


def _opens_next(sentence: Sentence, first: int, last: int) -> bool:
    """Whether the sign belongs to the number after it: "5 $10 bills", not "15 $ 20 $"."""
    if not sentence.is_digits(last) or (sentence.is_glued(first) and sentence.is_glued(last)):  # "30€65"
        return False
    is_spaced_out = not sentence.is_glued(first) and sentence.word(last + 1) != "$"
    return sentence.is_glued(last) or is_spaced_out


def _code_after(sentence: Sentence, i: int) -> _Currency | None:
    """The currency in "65 KWD", "70 MUSD", "45 cents"; not the code of the next sum ("4 USD20 coins")."""
    name, written, known = sentence.word(i), sentence.written(i), lexicon()
    if not name or (sentence.is_glued(i + 1) and sentence.is_digits(i + 1)):
        return None
    if name in known.minor_units:
        return _Currency(i, i + 1, known.minor_units[name], "money.minor", 0.01)
    if name in known.currency_codes and _is_code(written, sentence.is_glued(i)):
        return _Currency(i, i + 1, name.upper(), "money.code")
    if written.isupper() and name[:1] in ("m", "k", "b") and name[1:] in known.currency_codes:
        return _Currency(i, i + 1, name[1:].upper(), "money.code", known.short_magnitudes[name[0]])
    return None


_SPENDING = words(
    """cost costs costing pay pays paid paying spend spends spent spending price prices priced worth fee fees fine fined
    bill salary wage wages earn earned earns money budget tax taxes rent loan loans debt grant funding fund invest
    invested own charge charged buy bought sold sell sale sales profit revenue income sterling cheap expensive savings
    saved save donated donation raised fares fare premium compensation"""
)
_SPENDING_REACH = 6  # tokens before "20 pounds" in which money may be spoken of
_ALWAYS_MONEY = words("quid bucks rand rs nis lira birr dong som kip soles lei leva")


def _means_money(sentence: Sentence, figure: Figure, name: str) -> bool:
    """Whether a name that means something else too is money here: pounds are weighed, a won game is no currency."""
    if name.removesuffix("s") == "pound":
        before = sentence.words(figure.first - _SPENDING_REACH, figure.first)
        is_all = figure.first == 0 and figure.last + 1 == len(sentence.tokens)
        return is_all or figure.magnitude >= 1e6 or any(word in _SPENDING for word in before)
    is_spoken = name.removesuffix("s") in lexicon().spoken_currencies
    return not is_spoken or name in _ALWAYS_MONEY or figure.magnitude > 1


# -- sums in words


def add_indefinite_money(sentence: Sentence, figures: list[Figure]) -> list[Figure]:
    """The figures, with sums for "a dollar" and "a euro" where the name closes its phrase."""
    if sentence.vocabulary.isdisjoint(("a", "an")):
        return figures
    added = [
        Figure(i, i + 2, 1.0, 1.0).named(MONEY, "money.indefinite", lexicon().currency_names[sentence.word(i + 1)])
        for i, token in enumerate(sentence.tokens)
        if token.text in ("a", "an") and _is_indefinite_money(sentence, i + 1)
    ]
    return sorted([*figures, *added], key=lambda figure: figure.first) if added else figures


def _is_indefinite_money(sentence: Sentence, i: int) -> bool:
    name, known = sentence.word(i), lexicon()
    if (
        name not in known.currency_names
        or name in known.spoken_currencies
        or name == "pound"
        or len(name) < len("euro")
    ):
        return False
    is_closed = not sentence.word(i + 1)[:1].isalnum() or sentence.word(i + 1) in (
        "a",
        "per",
        "each",
        "for",
        "or",
        "and",
    )
    return not name.endswith("s") and is_closed


def join_cents(sentence: Sentence, figures: list[Figure]) -> list[Figure]:
    """The figures, with "eleven dollars sixty cents", "$30 and 15c" and "forty ringgit 25" joined to one sum."""
    joined: list[Figure] = []
    for figure in figures:
        if not joined or not _are_cents(sentence, joined[-1], figure):
            joined.append(figure)
            continue
        cents = figure.value if figure.rule == "money.minor" else figure.value / 100
        last = figure.last + (sentence.word(figure.last) == "c" and sentence.is_glued(figure.last))
        value = round(joined[-1].value + cents, 2)
        joined[-1] = joined[-1]._replace(last=last, low=value, high=value, rule="money.cents")
    return joined


def _are_cents(sentence: Sentence, whole: Figure, cents: Figure) -> bool:
    """Whether `cents` are the hundredths of `whole`: named so, or two digits that close the clause."""
    is_whole = whole.kind == MONEY and whole.rule != "money.minor" and whole.magnitude == 1 and whole.value.is_integer()
    if not is_whole or sentence.words(whole.last, cents.first) not in ((), ("and",)):
        return False
    if cents.rule == "money.minor":
        return cents.value < 1
    if cents.kind is not None or cents.is_fraction or not (1 <= cents.value < 100 and cents.value.is_integer()):
        return False
    is_marked = sentence.word(cents.last) == "c" and sentence.is_glued(cents.last)
    is_marked = is_marked or (sentence.is_glued(cents.first) and sentence.is_glued(cents.first - 1))  # "30€65"
    is_closed = cents.last >= len(sentence.tokens) - 1 and not sentence.word(cents.last)[:1].isalnum()
    return is_marked or (is_closed and sentence.word(cents.last) not in ("%", "$"))
