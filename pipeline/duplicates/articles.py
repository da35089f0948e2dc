"""Takes articles and other determiners out of the words, and notes each with the word that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from pipeline.duplicates.rules import entries, rules
from pipeline.duplicates.words import Token, Word, new_token

__all__ = ["determiners", "with_determiners"]


@cache
def determiners() -> Mapping[str, frozenset[str]]:
    """For each determiner those that may replace it; "" is none at all."""
    table: dict[str, set[str]] = {}
    for one, others in entries(rules()["determiners"]["words"]).items():
        for other in others.split():
            other = "" if other == "-" else other
            table.setdefault(one, set()).add(other)
            table.setdefault(other, set()).add(one)
    return {one: frozenset(others) for one, others in table.items()}


def with_determiners(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, each with the article before it, which is left out itself."""
    table = _leading()
    found: list[Token] = []
    pending: list[Token] = []
    for position, token in enumerate(tokens):
        word = token[0]
        if word.form in table and not word.stop and not (word.form == "this" and _is_this_a_pronoun(tokens, position)):
            pending.append(token)
            continue
        if pending:
            first = pending[0]
            article = first.word.form if len(pending) == 1 else " ".join([each.word.form for each in pending])
            word = _determined(word, article, word.opens or first.word.opens)
            token = new_token((word, first.start, token.end, token.sentence))
            pending = []
        found.append(token)
    return found + pending


@cache
def _leading() -> frozenset[str]:
    """The words that are determiners of what follows them."""
    return frozenset(determiners()) | {"an"}


@lru_cache(maxsize=1 << 16)
def _determined(word: Word, articles: str, opens: bool) -> Word:
    """The word with articles before it, each once."""
    each_once = dict.fromkeys("a" if article == "an" else article for article in articles.split(" "))
    return replace(word, determiner=" ".join(each_once), opens=opens)


_AFTER_PRONOUNS = frozenset(("be", "be+ed", "do", "do+ed", "have", "have+ed", "can", "may", "must", "will", "should"))


def _is_this_a_pronoun(tokens: Sequence[Token], position: int) -> bool:
    """Whether "this" is a word by itself, for a verb follows."""
    return position + 1 < len(tokens) and tokens[position + 1].word.form in _AFTER_PRONOUNS
