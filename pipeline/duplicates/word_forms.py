"""The one form of a word: American spelling, the base of what is inflected, and a mark for the endings that count."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from pipeline.duplicates.english import lemmas
from pipeline.duplicates.rules import entries, rules

__all__ = ["LOOKALIKES", "base_of", "spelt", "word_form"]

LOOKALIKES = str.maketrans("015", "ols")  # digits that a badly read text has in place of letters

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
def _spelling() -> tuple[tuple[tuple[str, re.Pattern[str], str], ...], dict[str, str]]:
    """The rules of spelling (letters that a word must contain, what is replaced, by what), and pairs of words."""
    data = rules()
    patterns = tuple((rule["part"], re.compile(rule["pattern"]), rule["to"]) for rule in data["spelling"])
    pairs = {
        other.strip(): one
        for one, others in entries(data["spelling_pairs"]["words"]).items()
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
        for part, pattern, to in patterns:
            if part in word:
                word = pattern.sub(to, word)
    return word
