"""Splits a sentence into tokens and finds the numbers among them.

Units are not considered: "2 1/2", "23,45,678.90" and "half a million" are numbers here, and "COVID-19",
"1-800-555-0199", "17q21.31", "March 7", "Type 2" and "[1]" hold none.
"""

import re
from collections.abc import Sequence

from pipeline.statistics.lexicon import words
from pipeline.statistics.model import PADDING, Sentence, Token
from pipeline.statistics.numbers import NumberReader, number_openers, words_after_article

__all__ = ["item_number_offsets", "lower_same_length", "read_sentence"]

# The number of digit groups is bounded: else a run of groups that fits no form would be tried again at every group.
# Most tokens are plain words, which are tried first, without a group: half the time of trying every alternative.
# White space is excluded before anything else: another quarter less.
_TOKEN = re.compile(
    r"""
    (?=\S) (?:
      [A-Za-z]++ (?![.:\w'’])
    | (?P<skip>   https?://\S++ | www\.\S++ | \[\d{1,4}(?:\s?[,;–-]\s?\d{1,4}){0,20}+\] )  # address, citation mark
    | (?P<number> (?=[\d.,]) (?:
                  \d{1,3}(?:,\d{3}){1,7}+(?!,?\d) (?:\.\d++)?+                  # 12,345.6
                | \d{1,2}(?:,\d\d(?!\d)){1,7}+,\d{3}(?!\d) (?:\.\d++)?+         # 12,34,567.8
                | \d{1,3}(?:[ \u00a0\u2009\u202f]\d{3}){1,7}+(?![\d.,%])        # 12 345
                | \d{1,3}(?:\.\d{3}){2,7}+(?!\d)                             # 1.234.567
                | (?<![\d,]) \d++,\d{1,2}(?!,?\d) | (?<!\d) 0,\d++(?!,?\d)  # 0,5 and 0,005
                | \d{1,6}[ ]\.[ ]\d{1,6}(?=[ ]?(?:%|percent))                # 8 . 25 %, where all is spaced out
                | \d++(?:\.\d++)?+ | (?<![\w.]) \.\d++ | (?<![\w.,]) ,\d\d(?!\d) ) )
    | (?P<gap>    \u00c2(?=[\s\u00a0£½¼¾]) )                               # half of a space or sign decoded wrongly
    | (?P<dash>   \u00e2(?:\u20ac[\u201c\u201d]|\x80[\x93\x94]) )                          # a dash decoded wrongly
    | (?P<word>   (?:[A-Za-z]\.){2,}+[A-Za-z]?+ | [^\W\d_]++(?:['’][^\W\d_]++)*+ )
    | (?P<mark>   [<>]=? | \+/- | \S ) )
    """,
    re.VERBOSE,
)
# Two words in one: what lost the dash between them ("$60 a yearmore than"), and "threefold", read as "three fold".
_TORN = re.compile(
    r"(year|month|week|day|percent)(more|and|or|for|in|the|of|to|with|than|as|but|a)|(\w{3,8})(fold)", re.I
)
_PARTS_OF_TORN = re.compile("fold|year|month|week|day|percent")
_ARTICLES = words("a an")


def read_sentence(text: str, start: int, end: int, listed: frozenset[int] = frozenset()) -> Sentence:
    """The tokens and numbers of `text[start:end]`, without the numbers at the offsets in `listed`, which number a list.

    >>> line = "One in 4 of 12,500 people with COVID-19 [2] paid 2 1/2 million in 2009."
    >>> [number.value for number in read_sentence(line, 0, len(line)).numbers]
    [1.0, 4.0, 12500.0, 2500000.0, 2009.0]
    """
    tokens = _tokens(text, start, end)
    lower = [token.text for token in tokens]
    sentence = Sentence(text, tokens, lower + [""] * PADDING, frozenset(lower))
    reader, openers, after_article = NumberReader(sentence, listed), number_openers(), words_after_article()
    read_to = 0
    starts = [i for i, (word, _, _, sort, _) in enumerate(tokens) if sort == "number" or word in openers]
    for i in starts:
        if lower[i] in _ARTICLES and sentence.lower[i + 1] not in after_article:
            continue  # most of the openers of a text
        number = reader.read(i) if i >= read_to else None
        if number:
            sentence.add(number)
            read_to = number.last
    return sentence


def lower_same_length(text: str) -> str:
    """A text in lower case, with the length unchanged so that offsets stay valid."""
    lower = text.lower()
    if len(lower) != len(text):  # by a letter such as "İ", whose small form is two
        lower = "".join(char.lower()[:1] for char in text)
    return lower


def _tokens(text: str, start: int, end: int) -> list[Token]:
    tokens: list[Token] = []
    append, make = tokens.append, tuple.__new__  # half of the time of `Token(...)`, for every word there is
    previous = -1
    lower = lower_same_length(text)
    may_be_torn = _PARTS_OF_TORN.search(lower) is not None
    for found in _TOKEN.finditer(text, start, end):
        sort, (first, last) = found.lastgroup or "word", found.span()
        if sort == "gap":
            continue
        torn = _TORN.fullmatch(text, first, last) if may_be_torn and sort == "word" else None
        if torn:
            middle = first + len(torn[1] or torn[3])
            append(make(Token, (lower[first:middle], first, middle, sort, first == previous)))
            append(make(Token, (lower[middle:last], middle, last, sort, False)))
        else:
            word = "–" if sort == "dash" else lower[first:last]
            append(make(Token, (word, first, last, sort, first == previous)))
        previous = last
    return tokens


# A number that may open a list item, and the word after it; `more` is null where nothing follows the word. The digit
# comes first, so that the text before it is only checked where there is one.
_LIST_ITEM = re.compile(
    r"(?P<value>\d(?<![\w.,$€£%/–-]\d)\d?)(?P<mark>[.)]?+)\s{1,3}(?P<word>[A-Za-z]{1,20})(?P<more>(?=\s\S{1,20}\s))?+"
)
_ENDS_BEFORE_ITEM = frozenset(".!?:;\n•")
_SPACES_BEFORE_ITEM = 3
_NO_ITEM = words(
    """in of out per percent pct to or and times time million billion thousand hundred dozen lakh crore year years month
    months week weeks day days hour hours minutes inches feet mg percentage pm am p a"""
)
_DEMONYMS = ("ans", "ese")  # "12 Americans" opens a sentence, not an item


def item_number_offsets(text: str, digits: Sequence[int] | None = None) -> frozenset[int]:
    """Offsets of the numbers that number lists in a text: "1 Call ahead 2 Bring a friend", "1) ... 2) ...".

    A list counts up from 1 and has at least a 2. A number that opens a sentence before a capital is
    one too, since the text may have been cut from the middle of a list. `digits`: offsets where digits begin, if they
    are known.

    >>> text = "Bring: 1 your card 2 two friends. 3 Patients wait. In 4 of 10 cases 5 people come."
    >>> sorted(item_number_offsets(text))
    [7, 19, 34]
    """
    found: set[int] = set()
    chain: list[int] = []
    mark = ""
    matches = (_LIST_ITEM.match(text, offset) for offset in digits) if digits is not None else _LIST_ITEM.finditer(text)
    for item in filter(None, matches):
        offset, value, word = item.start("value"), int(item["value"]), item["word"]
        if word.lower() in _NO_ITEM:
            continue
        if value == 1:
            found.update(chain if len(chain) > 1 else ())
            chain, mark = [offset], item["mark"]
        elif chain and value == len(chain) + 1 and item["mark"] == mark:
            chain.append(offset)
        elif (
            item["more"] is not None
            and word.istitle()
            and not word.endswith(_DEMONYMS)
            and _opens_sentence(text, offset)
        ):
            found.add(offset)
    return frozenset(found.union(chain if len(chain) > 1 else ()))


def _opens_sentence(text: str, offset: int) -> bool:
    """Whether a sentence begins at `offset`: the text does, or a sentence ends a few spaces before it."""
    for start in range(offset, offset - _SPACES_BEFORE_ITEM - 1, -1):
        if start == 0 or text[start - 1] in _ENDS_BEFORE_ITEM:
            return True
        if not text[start - 1].isspace():
            return False
    return False
