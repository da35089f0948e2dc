"""Replaces phrases that say the same by one word each, and leaves out fillers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import NamedTuple

from pipeline.duplicates.numerals import with_numbers
from pipeline.duplicates.rules import rules
from pipeline.duplicates.words import Token, Word, changed, new_token, split_words, stopped

__all__ = ["with_meanings"]


@dataclass(slots=True)
class _Branch:
    """How phrases go on after the same first words, and the meaning of a phrase that ends here ("" for a filler).

    of_number: the meaning where a number has to follow.
    """

    further: dict[str, _Branch]
    form: str | None = None
    of_number: str | None = None


@cache
def _lexicon() -> dict[str, _Branch]:
    """The listed phrases by their words; a base at the beginning means all its endings."""
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
    return [token.word.form for token in with_numbers(split_words(phrase, not any(map(str.islower, phrase))))]


class _Beginning(NamedTuple):
    """How phrases go on after their first word, and the ending of that word, which their meaning keeps.

    may_end: the word may be a whole phrase that means something else than its form, or a reply.
    """

    branch: _Branch
    ending: str
    may_end: bool


_REPLIES = frozenset(("no", "yes"))


@lru_cache(maxsize=1 << 16)
def _beginning(form: str) -> _Beginning | None:
    """How phrases go on that begin with this form, if any do."""
    branch, ending = _lexicon().get(form), ""
    if branch is None:
        base, mark, rest = form.partition("+")
        branch, ending = _lexicon().get(base) if mark else None, mark + rest
    if branch is None:
        return _Beginning(_Branch({}), "", True) if form in _REPLIES else None
    is_whole = branch.form is not None or branch.of_number is not None
    is_itself = branch.of_number is None and branch.form is not None and branch.form + ending == form
    return _Beginning(branch, ending, (is_whole and not is_itself) or form in _REPLIES)


def with_meanings(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, phrases that say the same as one word each, fillers left out."""
    forms = [token[0].form for token in tokens]
    following = [*forms[1:], ""]
    beginnings = [
        (position, beginning)
        for position, beginning in enumerate(map(_beginning, forms))
        if beginning is not None and (beginning[2] or following[position] in beginning[0].further)
    ]
    found: list[Token] = []
    end = 0  # of the last phrase
    for position, (branch, ending, _) in beginnings:
        if position < end:
            continue
        token = tokens[position]
        phrase = _longest(branch, tokens, position + 1)
        if phrase is None:
            if forms[position] in _REPLIES and token.word.stop:  # an answer by itself: "No, fees are due"
                found += [*tokens[end:position], changed(token, form=forms[position] + ",")]
                end = position + 1
            continue
        if phrase[0] == position + 1 and phrase[1] + ending == forms[position]:
            continue  # the word is its own meaning
        found += tokens[end:position]
        end, meaning = phrase
        last = tokens[end - 1]
        if meaning:
            surface = " ".join([each.word.surface for each in tokens[position:end]])
            meant = _meant(token.word, meaning + ending, surface, last.word.stop)
            found.append(new_token((meant, token.start, last.end, token.sentence)))
        elif found and last.word.stop and not found[-1].word.stop and found[-1].sentence == token.sentence:
            found[-1] = found[-1]._replace(word=stopped(found[-1].word, last.word.stop))
    return [*found, *tokens[end:]]


@lru_cache(maxsize=1 << 14)
def _meant(first: Word, form: str, surface: str, stop: str) -> Word:
    """The word in place of a phrase that begins with `first`."""
    return replace(first, form=form, surface=surface, stop=stop)


_AMOUNTS = frozenset(("a", "an", "half"))


def _longest(branch: _Branch, tokens: Sequence[Token], end: int) -> tuple[int, str] | None:
    """Where the longest phrase ends that began before `end`, and what it means."""
    found = None
    here: _Branch | None = branch
    while here is not None:
        follows = tokens[end].word if end < len(tokens) else None
        if here.form is not None:
            found = end, here.form
        if here.of_number is not None and follows is not None and (follows.is_number or follows.form in _AMOUNTS):
            found = end, here.of_number
        here = here.further.get(follows.form) if follows is not None else None
        end += 1
    return found
