"""Which edits between two answers are harmless: a closed list of proofs. What none of them proves is a difference.

Most of what is harmless is already equal as `reading` gives it. Here is what takes a look at both texts: typing slips,
words written together or apart, articles, grammatical endings, and the order of lists and clauses. The lists are in
harmless_edits.toml.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache

from pipeline.duplicates.alignment import Edit
from pipeline.duplicates.articles import determiners
from pipeline.duplicates.english import is_known, lemmas
from pipeline.duplicates.reading import Reading, canonical
from pipeline.duplicates.rules import rules
from pipeline.duplicates.word_forms import LOOKALIKES, base_of, word_form
from pipeline.duplicates.words import Word

__all__ = [
    "are_interchangeable_articles",
    "are_one_word",
    "is_duration",
    "is_harmless",
    "is_one_slip",
    "is_reordered",
    "is_slip",
    "is_swapped_or_doubled",
    "is_too_long_to_prove",
    "may_be_slip",
]

LONGEST_PROOF = 60  # words; a list or a clause that moved has fewer
LONGEST_ITEM = 8  # words of one thing of a list
LONGEST_OPENING = 9  # words; of a clause or phrase that opens a sentence without a comma after it
MOST_ADDED, MOST_CHANGED = 2, 6  # words that a proof of another order adds, and that only one sentence has
LONGEST_EDIT = 4  # words on a side; what is proved word for word has fewer


def is_harmless(a: Reading, b: Reading, edit: Edit) -> bool:
    """Whether one of the proofs for a single edit holds."""
    if is_too_long_to_prove(edit):
        return False
    old, new = a.words[edit.a_start : edit.a_end], b.words[edit.b_start : edit.b_end]
    if not new:
        return _is_omissible(a, edit.a_start, old, b, edit.b_start)
    if not old:
        return _is_omissible(b, edit.b_start, new, a, edit.a_start)
    if len(old) == len(new) == 1:
        after_one, after_other = a.words[edit.a_end :][:1], b.words[edit.b_end :][:1]
        return _may_replace(old[0], new[0]) or _is_no_for_not_a(old, new, after_one, after_other)
    if _are_joined(old, new) or _is_listed_replacement(old, new):
        return True
    before, after = a.words[edit.a_start - 1 : edit.a_start], (a.words[edit.a_end :][:1], b.words[edit.b_end :][:1])
    if _is_verb_in_two_forms(old, new, before) or _is_no_for_not_a(old, new, *after):
        return True
    if len(old) == len(new) and all(map(are_one_word, old, new)):
        return True
    return len(old) != len(new) and is_slip(_as_one(old), _as_one(new))


@lru_cache(maxsize=1 << 16)
def _may_replace(old: Word, new: Word) -> bool:
    """Whether one of two words may replace the other, whatever surrounds them."""
    return _are_joined((old,), (new,)) or _is_listed_replacement((old,), (new,)) or are_one_word(old, new)


def is_too_long_to_prove(edit: Edit) -> bool:
    """Whether an edit has too many words for a proof."""
    return edit.a_end - edit.a_start > LONGEST_EDIT or edit.b_end - edit.b_start > LONGEST_EDIT


def are_interchangeable_articles(one: str, other: str) -> bool:
    """Whether the one article, or none (""), may replace the other.

    >>> [are_interchangeable_articles(*pair) for pair in (("a", "the"), ("any", "a"), ("any", "the"))]
    [True, True, False]
    """
    return one == other or other in determiners().get(one, ())


def is_duration(form: str) -> bool:
    """Whether this is a unit of time."""
    return form in _durations()


# ---------------------------------------------------------------- one edit


def _is_omissible(text: Reading, position: int, extra: Sequence[Word], other: Reading, twin: int) -> bool:
    """Whether the words that only one text has say nothing: a word written twice, "that" before a clause, "has" paid.

    position: of the first of them; twin: the position in the other text where they are missing.
    """
    end = position + len(extra)
    forms = tuple(word.form for word in extra)
    if forms == ("1",):
        follows_one = other.words[twin : twin + 1]
        return bool(follows_one) and follows_one[0].determiner == "a" and follows_one[0].form in _one_or_a()
    if any(word.is_number for word in extra):
        return False
    if forms == text.forms[end : end + len(forms)] and not extra[-1].stop:
        return True
    if forms == text.forms[max(0, position - len(forms)) : position] and not text.words[position - 1].stop:
        return True
    after, follows = text.words[end : end + 1], other.words[twin : twin + 1]
    if not after or not follows:
        return False
    if forms in (("that", "be"), ("that", "be+ed")) and position:  # the number (that is) on your card
        return after[0].form.endswith("+ed") or after[0].form in _prepositions()
    if len(forms) > 1:
        return False
    before = text.words[position - 1] if position else None
    if position == 0 and forms[0] in ("yes,", "no,"):  # "Yes, you can", "No, you cannot"
        return forms[0] == "yes," or "not" in text.forms[: text.sentence_of(end)[1]]
    if forms[0] == "and":  # two sentences made one
        return follows[0].opens and before is not None and not after[0].opens
    if forms[0] in ("then", "so", "also") and extra[0].opens:
        return True
    if before is None or after[0].opens:
        return False
    if forms[0] == "that":
        return not before.stop and (bool(after[0].determiner) or after[0].form in _SUBJECTS)
    if forms[0] == "then":
        start = text.sentence_of(position)[0]
        return before.stop == "," and text.forms[start] in _CONDITIONAL
    if forms[0] == "to":
        return any(base_of(word.form) == "help_to" for word in text.words[max(0, position - 3) : position])
    if forms[0] in ("just", "do"):  # just call; it does cover
        return _is_plain_verb(after[0])
    if forms[0] in _order_words("says_nothing"):
        return True
    if forms[0] == "upon":
        return _is_day_or_month(after[0].form)
    if forms[0] == "for":
        ahead = text.words[end : end + 3]
        return any(word.is_number for word in ahead) and any(word.form in _durations() for word in ahead)
    if forms[0] == "per":
        return follows[0].determiner == "a"
    if forms[0] == "will":
        return after[0].form in follows[0].form and _is_plain_verb(after[0])
    return forms[0] in ("have", "have+ed") and after[0].form.endswith("+ed")


_SUBJECTS = frozenset(["i", "you", "he", "she", "it", "we", "they", "there"])


@cache
def _one_or_a() -> frozenset[str]:
    return canonical(rules()["one_or_a"]["words"])


def _is_day_or_month(form: str) -> bool:
    return form in _calendar()


@cache
def _durations() -> frozenset[str]:
    return canonical(rules()["duration"]["units"])


@cache
def _prepositions() -> frozenset[str]:
    return canonical(rules()["differences"]["preposition"])


_CONDITIONAL = frozenset(["if", "when"])


def _is_plain_verb(word: Word) -> bool:
    """Whether this is a verb whose present may mean the future: "you (will) get a letter"."""
    return "verb" in lemmas(word.surface) and word.form not in ("be", "have", "do", "not", "change")


def _is_no_for_not_a(old: Sequence[Word], new: Sequence[Word], *after: Sequence[Word]) -> bool:
    """Whether one side has "not a" for "no"."""
    if len(old) != 1 or len(new) != 1 or {old[0].form, new[0].form} != {"no", "not"}:
        return False
    (one, one_after), (other, other_after) = sorted(
        zip((old, new), after, strict=True), key=lambda side: side[0][0].form
    )
    if [word.form for word in (*one, *other)] != ["no", "not"] or not one_after or not other_after:
        return False
    return other_after[0].determiner in ("a", "any") and not one_after[0].determiner


def _are_joined(old: Sequence[Word], new: Sequence[Word]) -> bool:
    """Whether the same letters are written together on one side and apart on the other."""
    one, other = ("".join(word.surface for word in side).replace("'", "").replace(" ", "") for side in (old, new))
    if [word.surface for word in old] == [word.surface for word in new]:
        return False  # one word with two meanings
    if one in _never_joined() or other in _never_joined() or not one.isalpha():
        return False
    return one == other or ("".join(word.form for word in old) == "".join(word.form for word in new))


@cache
def _never_joined() -> frozenset[str]:
    return frozenset(rules()["joined"]["but_not"])


def _is_verb_in_two_forms(old: Sequence[Word], new: Sequence[Word], before: Sequence[Word]) -> bool:
    """Whether the two are one verb in two forms that say the same: "is paying" and "pays", "have paid" and "paid"."""
    shorter, longer = sorted((old, new), key=len)
    if len(shorter) != 1 or len(longer) != 2:
        return False
    helper, verb, form = longer[0].form, longer[1].form, shorter[0].form
    if helper in ("be", "be+ed") and verb.endswith("+ing"):
        return form == base_of(verb) + helper.removeprefix("be")
    if helper in ("have", "have+ed"):
        return form == verb and verb.endswith("+ed")
    if not before or form != verb + "+ing":
        return False
    if helper == "to":
        return base_of(before[0].form) in _to_or_ing()
    return helper == "you" and before[0].form in _BEFORE_ING


_BEFORE_ING = frozenset(["before", "after", "when", "while"])


@cache
def _to_or_ing() -> frozenset[str]:
    return frozenset(rules()["inflection"]["to_or_ing"])


def _is_listed_replacement(old: Sequence[Word], new: Sequence[Word]) -> bool:
    one, other = (" ".join(word.form for word in side) for side in (old, new))
    return frozenset((one, other)) in _listed_replacements()


@cache
def _listed_replacements() -> frozenset[frozenset[str]]:
    lines = rules()["in_place"]["words"].strip().splitlines()
    return frozenset(frozenset(" ".join(map(word_form, side.split())) for side in line.split("|")) for line in lines)


def are_one_word(old: Word, new: Word) -> bool:
    """Whether two words are one: equal, inflected from one base, or once misspelt."""
    if old.form == new.form:
        return True
    if old.is_number or new.is_number:
        return False
    return _one_is_s_form(old.surface, new.surface) or is_slip(old, new)


@lru_cache(maxsize=1 << 16)
def _one_is_s_form(one: str, other: str) -> bool:
    """Whether the one is the plural, or the form in -s, of the other: "leaves" and "leaf"."""
    if {one, other} & _number_matters():
        return False
    return any(
        word.endswith("s") and any(base in bases for bases in lemmas(word).values())
        for word, base in ((one, other), (other, one))
    )


@cache
def _number_matters() -> frozenset[str]:
    return frozenset(rules()["inflection"]["number_matters"].split())


def _as_one(words: Sequence[Word]) -> Word:
    """Words in a row as if they were one, where a slip has hidden a phrase: "dpeend on"."""
    if len(words) == 1:
        return words[0]
    return replace(
        words[0], surface=" ".join(word.surface for word in words), is_name=any(word.is_name for word in words)
    )


# ---------------------------------------------------------------- typing slips

SHORTEST_SLIP = 4  # letters of the word meant, where letters are swapped or doubled or one is missing
SHORTEST_EXTRA, SHORTEST_WRONG = 5, 7  # where a letter is too many; where one replaces another
SHORTEST_UNKNOWN = 7  # of two words that the dictionary does not know, with swapped or doubled letters
SHORTEST_CUT = 6  # where the last letter is missing
SHORTEST_LONG_NAME = 10  # a name that the dictionary does not know, with swapped letters
SHORTEST_NAME = 8  # a capitalised word that is misspelt, rather than another name


def is_slip(old: Word, new: Word) -> bool:
    """Whether one of two words does not exist, and is the other one but for a slip of the fingers."""
    one, other = (word.surface.replace("'", "") for word in (old, new))
    if one.isalpha() != other.isalpha() and min(len(one), len(other)) > SHORTEST_SLIP and " " not in one + other:
        return one.translate(LOOKALIKES) == other.translate(LOOKALIKES)
    exist = _exists(one), _exists(other)
    is_name = old.is_name or new.is_name
    if all(exist) or not (one + other).replace(" ", "").isalpha():
        return False
    if not any(exist):
        shortest = SHORTEST_LONG_NAME if is_name else SHORTEST_UNKNOWN
        return min(len(one), len(other)) >= shortest and is_swapped_or_doubled(one, other)
    wrong, meant = (other, one) if exist[0] else (one, other)
    if is_name and meant not in _calendar() and len(meant) < SHORTEST_NAME:
        return (
            old.is_name
            and new.is_name
            and len(meant) == len(wrong) > SHORTEST_SLIP
            and is_swapped_or_doubled(one, other)
        )
    return is_one_slip(wrong, meant)


def may_be_slip(old: Word, new: Word) -> bool:
    """Whether one of two words does not exist, and may be the other one misspelt, also if that is short or a name."""
    one, other = old.surface, new.surface
    exist = _exists(one), _exists(other)
    if all(exist) or not (one + other).isalpha():
        return False
    if not any(exist):
        return min(len(one), len(other)) >= SHORTEST_NAME and (is_one_slip(one, other) or is_one_slip(other, one))
    wrong, meant = (other, one) if exist[0] else (one, other)
    return is_one_slip(wrong, meant) or (len(meant) >= SHORTEST_SLIP and wrong == meant[:-1])


@lru_cache(maxsize=1 << 16)
def _exists(word: str) -> bool:
    if " " in word:
        return all(map(_exists, word.split()))
    return is_known(word) or word in _known_words() or is_known(word_form(word).partition("+")[0])


@cache
def _known_words() -> frozenset[str]:
    """The words of the lists, which exist whatever the dictionary says."""
    data = rules()
    blocks = [data["slips"]["known"], *data["same"].values(), data["spelling_pairs"]["words"]]
    text = "\n".join(blocks)
    return frozenset("".join(c if c.isalpha() else " " for c in text).split())


@cache
def _calendar() -> frozenset[str]:
    return frozenset(rules()["slips"]["calendar"].split())


def is_one_slip(wrong: str, meant: str) -> bool:
    """Whether two neighbouring letters are swapped, some are doubled, or one is missing, too many, or another one.

    The first letter and the last are right, but for swaps: with another one, more often than not, it is another word.

    >>> [is_one_slip(wrong, "received") for wrong in ("recieved", "recceived", "recived", "reseived", "perceived")]
    [True, True, True, True, False]
    """
    if len(meant) < SHORTEST_SLIP:
        return False
    if is_swapped_or_doubled(wrong, meant):
        return True
    start = _shared_beginning_length(wrong, meant)
    w, m = wrong[start:], meant[start:]
    if not w and len(m) == 1:
        return len(meant) >= SHORTEST_CUT
    if start == 0 or not w or not m:
        return False
    if len(w) == len(m):
        return len(meant) >= SHORTEST_WRONG and w[1:] == m[1:] and len(w) > 1
    return m[1:] == w if len(w) < len(m) else len(meant) >= SHORTEST_EXTRA and w[1:] == m


def is_swapped_or_doubled(one: str, other: str) -> bool:
    """Whether two words have the same letters but for a pair that is swapped, or letters written once for twice."""
    if len(one) != len(other):
        return _undoubled(one) == _undoubled(other)
    start = _shared_beginning_length(one, other)
    return (one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]) or (
        _undoubled(one) == _undoubled(other)
    )


def _shared_beginning_length(one: str, other: str) -> int:
    return next(
        (position for position, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )


def _undoubled(word: str) -> str:
    return "".join(letter for position, letter in enumerate(word) if not position or word[position - 1] != letter)


# ---------------------------------------------------------------- another order


def is_reordered(a: Sequence[Word], b: Sequence[Word]) -> bool:
    """Whether two sentences say the same in another order: a list of equals, two clauses, passive for active."""
    if max(len(a), len(b)) > LONGEST_PROOF or min(len(a), len(b)) < 3 or abs(len(a) - len(b)) > MOST_ADDED:
        return False
    if len({word.form for word in a} ^ {word.form for word in b}) > MOST_CHANGED:
        return False
    if any(
        proof(*pair)
        for proof in (_is_passive, _is_negated_object, _is_negated_subject, _is_genitive)
        for pair in ((a, b), (b, a))
    ):
        return True
    if len(a) != len(b) or Counter(word.form for word in a) != Counter(word.form for word in b):
        return False
    return _has_moved_adverb(a, b) or _has_moved_clause(a, b) or _has_moved_clause(b, a) or _has_reordered_items(a, b)


def _forms(words: Sequence[Word]) -> list[str]:
    return [word.form for word in words]


# A clause


@cache
def _order_words(name: str) -> frozenset[str]:
    """The words of a list of `order`, in their forms."""
    return canonical(rules()["order"][name])


def _has_moved_clause(a: Sequence[Word], b: Sequence[Word]) -> bool:
    """Whether `a` begins with a clause or phrase ("If you are late, ...") that `b` has behind the main clause."""
    first = base_of(a[0].form)
    is_clause = first in _order_words("clause")
    if not is_clause and first not in _order_words("phrase"):
        return False
    forms_a, forms_b = _forms(a), _forms(b)
    commas = [position + 1 for position, word in enumerate(a[:-1]) if word.stop == ","]
    for end in commas or range(2, min(len(a), LONGEST_OPENING)):
        clause, main = forms_a[:end], forms_a[end + (forms_a[end] == "then") :]
        for position in range(1, len(forms_b) - end + 1):
            if forms_b[position : position + end] != clause or forms_b[:position] + forms_b[position + end :] != main:
                continue
            follows = forms_b[position + end] if position + end < len(forms_b) else None
            if forms_b[position - 1] in _order_words("binds") or _order_words("binds_all").intersection(main):
                continue
            if is_clause and not (first == "because" and "not" in main):
                return follows is None or follows in _order_words("goes_on")
            if not is_clause and follows is None and not _order_words("splits").intersection(main):
                return True
    return False


# A list

_LIST_HEADS = frozenset(["and", "or"])


def _has_reordered_items(a: Sequence[Word], b: Sequence[Word]) -> bool:
    """Whether the two differ in the order of the items of one list alone."""
    forms_a, forms_b = _forms(a), _forms(b)
    start = 0
    while forms_a[start] == forms_b[start] and start < len(a) - 1:
        start += 1
    end = len(a)
    while end > start and forms_a[end - 1] == forms_b[end - 1]:
        end -= 1
    if _order_words("ordered").intersection(forms_a) or _order_words("exclusive").intersection(
        forms_a[max(0, start - 1) : end]
    ):
        return False
    for first, last in _widened(a, start, end):
        one, other = _items(a[first:last]), _items(b[first:last])
        if one is None or other is None or one[1] != other[1] or len(one[0]) < 2:
            continue
        if sorted(map(_forms, one[0])) != sorted(map(_forms, other[0])) or (first and a[first - 1].is_number):
            continue
        return all(map(_is_item, one[0])) and not _may_be_ordered_acts(one[0], a[first - 1].form if first else "")
    return False


def _widened(a: Sequence[Word], start: int, end: int) -> list[tuple[int, int]]:
    """The words that differ, from and to, also with shared words around them: "list of drugs and list of scans"."""
    return [
        (first, last) for first in range(start, max(-1, start - 4), -1) for last in range(end, min(len(a), end + 3) + 1)
    ]


def _items(words: Sequence[Word]) -> tuple[list[list[Word]], str] | None:
    """The items of a list and the word that joins them, or None if it is no list."""
    items: list[list[Word]] = [[]]
    joints: set[str] = set()
    for position, word in enumerate(words):
        is_last = position == len(words) - 1
        if word.form in _LIST_HEADS:
            joints.add(word.form)
            if items[-1]:
                items.append([])
            continue
        items[-1].append(word)
        if word.stop == "," and not is_last:
            items.append([])
        elif word.stop and not is_last:
            return None
    return (items, joints.pop()) if len(joints) == 1 and all(items) else None


def _is_item(item: Sequence[Word]) -> bool:
    """Whether these words can be one thing of a list: no clause of its own."""
    return len(item) <= LONGEST_ITEM and _order_words("not_in_items").isdisjoint(_forms(item[:-1]))


def _may_be_ordered_acts(items: Sequence[Sequence[Word]], before: str) -> bool:
    """Whether the items may be acts, of which the order counts: "lock the door and call us"."""
    heads = [item[1] if item[0].form == "to" and len(item) > 1 else item[0] for item in items]
    is_bare = not before or before in _order_words("before_acts") or any(item[0].form == "to" for item in items)
    if is_bare and all(map(_may_be_act, heads)):
        return True
    return any(item[0].form.endswith("+ed") and len(item) > 1 for item in items)


def _may_be_act(head: Word) -> bool:
    """Whether a word may be a verb in its base form."""
    return not head.determiner and head.surface in lemmas(head.surface).get("verb", ())


# An adverb


def _has_moved_adverb(a: Sequence[Word], b: Sequence[Word]) -> bool:
    """Whether an adverb of the whole sentence is at another position in it, and no negation is near."""
    moved = [word.form for word in a if word.form in _order_words("movable")]
    if len(a) != len(b) or len(moved) != 1:
        return False
    if [form for form in _forms(a) if form not in moved] != [form for form in _forms(b) if form not in moved]:
        return False
    if moved[0] in _order_words("of_amounts") and sum(word.is_number for word in a) != 1:
        return False
    return not _order_words("binds_adverbs").intersection(_forms(a))


# Other turns of phrase


def _is_genitive(a: Sequence[Word], b: Sequence[Word]) -> bool:
    """Whether `a` has "the office of the doctor" where `b` has "the doctor's office"."""
    if len(a) != len(b) + 1:
        return False
    forms_a, forms_b = _forms(a), _forms(b)
    start = next((position for position in range(len(b)) if forms_a[position] != forms_b[position]), len(b))
    if "of" not in forms_a[start:] or start == len(b) or not b[start].surface.rstrip("'").endswith("s"):
        return False
    of = forms_a.index("of", start)
    return forms_b[start:] == [*forms_a[of + 1 : of + 2], *forms_a[start:of], *forms_a[of + 2 :]]


def _is_negated_object(a: Sequence[Word], b: Sequence[Word]) -> bool:
    """Whether `a` has "do not need a form", or "do not eat anything", where `b` has "need no form", "eat nothing"."""
    forms_a, forms_b = _forms(a), _forms(b)
    no = next((word for word in ("no", "nothing") if word in forms_b), "")
    if not no or not (position := forms_b.index(no)) > 0:
        return False
    verb, ending = base_of(forms_b[position - 1]), forms_b[position - 1].removeprefix(base_of(forms_b[position - 1]))
    left = ["anything"] if no == "nothing" else []
    if forms_a != [*forms_b[: position - 1], "do" + ending, "not", verb, *left, *forms_b[position + 1 :]]:
        return False
    return bool(left) or (a[position + 2].determiner in ("", "a", "any") and not b[position + 1].determiner)


def _is_negated_subject(a: Sequence[Word], b: Sequence[Word]) -> bool:
    """Whether `a` has "a form is not needed" where `b` has "no form is needed"."""
    forms_a, forms_b = _forms(a), _forms(b)
    if len(a) != len(b) or forms_b[0] != "no" or "not" not in forms_a or a[0].determiner not in ("a", "any"):
        return False
    position = forms_a.index("not")
    is_after_verb = position > 0 and (base_of(forms_a[position - 1]) == "be" or forms_a[position - 1] in _MODALS)
    return is_after_verb and forms_b[1:] == [*forms_a[:position], *forms_a[position + 1 :]]


# Passive for active


def _is_passive(active: Sequence[Word], passive: Sequence[Word]) -> bool:
    """Whether the one sentence is the other in the passive: "the bank approves it", "it is approved by the bank"."""
    if len(passive) != len(active) + 2:
        return False
    forms, turned = _forms(active), _forms(passive)
    for position in range(1, len(turned) - 3):
        if turned[position] not in ("be", "be+ed") or not turned[position + 1].endswith("+ed"):
            continue
        verb = base_of(turned[position + 1]) + turned[position].removeprefix("be")
        head = position - 1 if position > 1 and turned[position - 1] in _MODALS else position
        patient, modal = turned[:head], turned[head:position]
        for by in (spot for spot in range(position + 2, len(turned) - 1) if turned[spot] == "by"):
            between, rest = turned[position + 2 : by], turned[by + 1 :]
            for agent in range(1, len(rest) + 1):
                if forms == [*rest[:agent], *modal, verb, *patient, *between, *rest[agent:]]:
                    return True
    return False


_MODALS = frozenset(["must", "can", "may", "should", "will", "would", "might", "could"])
