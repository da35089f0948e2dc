"""Splits a text into words and signs in their forms, each with what it is and the mark that follows it.

Equal words share one object, and most of a text is read by looking up what lies between two blanks: a table keeps what
was found there before, where it does not depend on the text around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import product
from typing import NamedTuple

from pipeline.duplicates.english import lemmas
from pipeline.duplicates.rules import entries, rules
from pipeline.duplicates.vocabulary import MOST_WORDS
from pipeline.duplicates.word_forms import LOOKALIKES, word_form

__all__ = ["Token", "Word", "changed", "new_token", "split_words", "stopped"]

LONGEST_KEPT = 40  # characters between two blanks that are looked up
MOST_KEPT = 1 << 16  # of them that are kept in each table


@dataclass(slots=True, eq=False)  # not frozen: texts have many words, and one that is frozen takes three times as long
class Word:
    """A word as it is compared; it knows nothing of its position, so that a text may share it with other texts.

    form: what is compared. surface: its letters in lower case. opens: it is the first of its sentence. is_name: it is
    capitalised inside a sentence. is_number: its form is a number. stop: what follows it: "," or "." (any end of a
    sentence or line), "…" where words are left out, else "". determiner: the article before it, which is no word of its
    own.
    """

    form: str
    surface: str
    opens: bool = False
    is_name: bool = False
    is_number: bool = False
    stop: str = ""
    determiner: str = ""


class Token(NamedTuple):
    """A word at a position in its text, in characters from start to end, and the number of its sentence."""

    word: Word
    start: int
    end: int
    sentence: int


def changed(token: Token, **fields: str | bool) -> Token:
    """The token with a word that has other values in these fields."""
    return token._replace(word=replace(token.word, **fields))  # type: ignore[arg-type]  # mypy takes all for one type


@lru_cache(maxsize=MOST_KEPT)
def stopped(word: Word, stop: str) -> Word:
    """The word with another mark after it."""
    return word if word.stop == stop else replace(word, stop=stop)


# ---------------------------------------------------------------- a text


class _Piece(NamedTuple):
    """What lies between two blanks.

    word: if it is one word and nothing else; begin, end: its first and last character then. tokens: the words, with
    positions and sentences counted from the beginning of the piece. stop: the mark that it adds to the word before it.
    sentences: how many begin in it. opens: whether the next word is the first of its sentence. is_alone: all this is
    the same in every text.
    """

    word: Word | None
    begin: int
    end: int
    tokens: Sequence[Token]
    stop: str
    sentences: int
    opens: bool
    is_alone: bool


# What is known of the pieces of texts, by whether the text is set in capitals and whether a sentence begins there.
_KNOWN: dict[tuple[bool, bool], dict[str, _Piece]] = {key: {} for key in product((False, True), repeat=2)}  # type: ignore[misc]
new_token = partial(tuple.__new__, Token)  # half the time of a call of Token


def split_words(text: str, is_loud: bool = False, offset: int = 0, sentence: int = 0) -> list[Token]:
    """The words and signs of a text in plain marks, contractions in full.

    is_loud: the text is set in capitals, so that they mean nothing. offset, sentence: the position of the text in a
    larger one, and the number of its first sentence.

    >>> [token.word.form for token in split_words("Don't pay $5: it's due.")]
    ['do', 'not', 'pay', 'dollar', '5', 'it', 'be', 'due']
    """
    if "[" in text:
        text = _CITATION_WITH_BLANKS.sub(_without_blanks, text)
    tokens: list[Token] = []
    opens, at = True, offset
    inside, at_opening = _KNOWN[is_loud, False], _KNOWN[is_loud, True]
    for piece in text.split(" "):
        found = (at_opening if opens else inside).get(piece) or _look_up(piece, is_loud, opens)
        only = found[0]
        if only is not None:
            tokens.append(new_token((only, at + found[1], at + found[2], sentence)))
            opens = False
            at += len(piece) + 1
            continue
        if not found.is_alone:
            begin = at - offset
            found = _read_piece(text, begin, begin + len(piece), is_loud, opens, tokens[-1] if tokens else None)
        _, _, _, new, stop, sentences, opens, _ = found
        if stop and tokens:
            word, start, end, number = tokens[-1]
            if stop != "," or not word.stop:
                tokens[-1] = new_token((stopped(word, stop), start, end, number))
        for word, start, end, number in new:
            tokens.append(new_token((word, at + start, at + end, sentence + number)))
        sentence += sentences
        at += len(piece) + 1
        if len(tokens) > MOST_WORDS:
            break
    return tokens


_CITATION_WITH_BLANKS = re.compile(r"\[\d{1,3}(?:[-–, ]{1,2}\d{1,3})*\]")


def _without_blanks(found: re.Match[str]) -> str:
    """A citation in one piece, as long as before."""
    return found.group().replace(" ", ",")


def _look_up(piece: str, is_loud: bool, opens: bool) -> _Piece:
    """What is known of a piece, after a look at it if nothing was."""
    found = _read_word(piece, is_loud, opens) or _read_piece(piece, 0, len(piece), is_loud, opens, _ANY)
    if len(piece) <= LONGEST_KEPT:
        table = _KNOWN[is_loud, opens]
        if len(table) >= MOST_KEPT:
            table.clear()
        table[piece] = found
    return found


# ---------------------------------------------------------------- a piece


def _read_word(piece: str, is_loud: bool, opens: bool) -> _Piece | None:
    """What `_read_piece` finds in a piece that is one word without a mark, in a fraction of the time."""
    if not piece.isalpha() or piece == "A":
        return None
    forms, surface, is_capital = _forms_of_written_word(piece, is_loud)
    if len(forms) > 1:
        return None
    word = Word(forms[0], surface, opens, is_capital and not opens)
    return _Piece(word, 0, len(piece), (Token(word, 0, len(piece), 0),), "", 0, False, True)


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
_WORD_KINDS = frozenset(("word", "misread", "abbreviation", "rest"))
_ENDS = frozenset(".!?;\n")
_TITLES = frozenset(("dr", "mr", "mrs", "ms", "prof", "st", "vs", "no", "jr", "sr", "inc", "ltd", "fig", "etc"))
_KEPT_MARKS = frozenset("%&+=$€£¥°<>≤≥×~±@/")
_ACRONYMS = {"US": "U.S.", "IT": "I.T.", "WHO": "W.H.O."}  # capitals that are another word than the small letters
_ANY = Token(Word("", ""), 0, -1, 0)  # the word before a piece, whatever it is


def _read_piece(text: str, start: int, end: int, is_loud: bool, opens: bool, before: Token | None) -> _Piece:
    """The words of a text from `start` to `end`, where a piece begins and ends. before: the word before it."""
    tokens = [] if before is None else [before]
    own = len(tokens)
    sentence, is_alone = 0, True
    for found in _TOKEN.finditer(text, start, end):
        kind, raw = found.lastgroup, found.group()
        at, after = found.span()
        if kind in _WORD_KINDS:
            pieces, surface, is_capital = _forms_of_written_word(raw, is_loud)
            if raw == "A" and not opens and not is_loud:
                is_alone = False
                if _is_label(tokens[-1].word, text, after):
                    pieces = ("A",)
            for form in pieces:
                word = Word(form, surface, opens, is_capital and not opens)
                tokens.append(Token(word, at - start, after - start, sentence))
                opens = False
            if kind == "abbreviation" and raw.endswith("."):
                is_alone = is_alone and after < end
                if _opens_sentence(text, after):
                    _stop(tokens, ".")
                    sentence, opens = sentence + 1, True
        elif kind == "number":
            tokens.append(Token(Word(_number(raw), raw, opens, False, True), at - start, after - start, sentence))
            opens = False
        elif kind == "gap":
            if tokens:
                _stop(tokens, "…")
                is_alone = is_alone and len(tokens) > own
                sentence, opens = (sentence, opens) if opens else (sentence + 1, True)
        elif kind == "mark" and (sign := _sign(text, at, len(text))):
            tokens.append(Token(Word(sign, sign, opens), at - start, after - start, sentence))
            opens = False
        elif kind == "mark":
            if raw in "-–" and at == start and after == end:
                is_alone = False  # between blanks it may be "to"
            if not tokens:
                continue
            last = tokens[-1]
            if raw in _ENDS:
                is_alone = is_alone and len(tokens) > own
                is_glued = last.end == at - start if len(tokens) > own else False
                if raw == "." and _ends_no_sentence(last.word, is_glued, text, at):
                    continue
                _stop(tokens, "…" if last.word.stop == "…" else ".")
                sentence, opens = (sentence, opens) if opens else (sentence + 1, True)
            elif raw in ",:–()" and not last.word.stop:
                _stop(tokens, ",")
        if len(tokens) > MOST_WORDS:
            break
    stop = tokens[0].word.stop if before is not None and tokens[0].word.stop != before.word.stop else ""
    words = tokens[own:]
    is_one = is_alone and len(words) == 1 and not (stop or sentence)
    only, begin, after, _ = words[0] if is_one else _ANY
    return _Piece(only if is_one else None, begin, after, words, stop, sentence, opens, is_alone)


def _stop(tokens: list[Token], stop: str) -> None:
    """Give the last word a mark after it."""
    tokens[-1] = tokens[-1]._replace(word=stopped(tokens[-1].word, stop))


def _ends_no_sentence(last: Word, is_glued: bool, text: str, position: int) -> bool:
    """Whether this full stop ends no sentence: after "Dr", or before a letter, but for glued ones ("visit.The").

    is_glued: nothing lies between it and the word before it.
    """
    follows = text[position + 1 : position + 2]
    if follows.isalnum():
        return not (follows.isupper() and len(last.surface) > 2)
    return last.surface in _TITLES and is_glued


def _opens_sentence(text: str, position: int) -> bool:
    return text[position : position + 1] == " " and text[position + 1 : position + 2].isupper()


def _sign(text: str, position: int, end: int) -> str:
    """The word for a sign, the sign itself if it changes what is said, or nothing."""
    sign = text[position]
    if sign in _KEPT_MARKS:
        return str(_signs().get(sign, sign))
    if sign not in "-–":
        return ""
    before, after = text[position - 1 : position], text[position + 1 : position + 2]
    if position + 1 < end and (after.isdigit() or after in "$€£"):
        if before.isdigit() or before in tuple("%$€£"):
            return "to"
        if not before.strip() or before in "(":
            return "minus" if sign == "-" else ""
    if (
        before == " "
        and after == " "
        and text[position - 2 : position - 1].isdigit()
        and text[position + 2 : position + 3].isdigit()
    ):
        return "to"
    return ""


@cache
def _signs() -> dict[str, str]:
    return entries(rules()["signs"]["words"])


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
def _forms_of_written_word(raw: str, is_loud: bool) -> tuple[tuple[str, ...], str, bool]:
    """The forms of a word as it is written in a text, its surface, and whether it begins with a capital."""
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


def _is_label(before: Word, text: str, end: int) -> bool:
    """Whether a capital A inside a sentence is a label (Part A), not an article of a title or of a glued sentence."""
    follows = text[end + 1 : end + 2]
    return before.surface in _label_nouns() or (before.is_name and not follows.isupper()) or not follows.isalpha()


@cache
def _label_nouns() -> frozenset[str]:
    return frozenset(rules()["determiners"]["label_nouns"].split())


@cache
def _contractions() -> dict[str, tuple[str, ...]]:
    return {short: tuple(full.split()) for short, full in entries(rules()["contractions"]["words"]).items()}
