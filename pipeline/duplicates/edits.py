"""What differs between two texts that are nearly the same, and whether it turns the meaning.

A spelling mistake, a usual rewording or a passage left out is harmless. One "not" more, another number or unit, an
opposite, or another name in the same sentences is not. The words are in duplicates.toml.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import Match
from functools import cache, cached_property, lru_cache

from cydifflib import SequenceMatcher

from pipeline.duplicates.vocabulary import function_words, settings, stem, words_of

__all__ = ["Difference", "find_difference", "find_turn"]

LONGEST_COMPARED = 3000  # words; above it the words are compared as sets, for the time of an alignment is quadratic
PASSAGE = 4  # words; a longer run that only one text has was left out or added, it is no edit of the sentence
CONTEXT = 2  # words on both sides that must agree, so that an edit is one: 1 calls half of all rewording a conflict
ALL_ELSE_EQUAL = 0.9  # share of words two texts must have in common for one word to be what sets them apart
COMPARABLE_QUESTION = 0.6  # share of the longer question's content words; below it a number says little
SHORTEST_RUN, SHORT = 2, 12  # words; a word shared alone is chance, but for texts of at most 12 words
LONGEST_NAME = 8  # words; the longest name of a disease among the labelled templates has 7, with its kind and number
SHORTEST_DISEASE = 7  # letters of a word whose ending tells a disease: "stoma" is none


@dataclass(frozen=True, slots=True)
class _Branch:
    """What phrases that begin alike mean if they end here, and how they go on, by the stem of the next word."""

    meaning: str | None
    further: dict[str, _Branch]


@dataclass(frozen=True)
class Vocabulary:
    """The word lists of duplicates.toml, ready for use."""

    contractions: dict[str, list[str]]
    same: dict[tuple[str, ...], str]
    phrases: dict[str, _Branch]  # those of `same`, by their first stem
    opposite: dict[str, frozenset[int]]  # word -> lines, as +n for the one side and -n for the other
    negation: frozenset[str]
    numbers: frozenset[str]
    digits: dict[str, str]
    units: frozenset[str]
    body_parts: frozenset[str]
    diseases: frozenset[str]
    disease_endings: tuple[str, ...]
    unspecific: frozenset[str]
    negating_prefixes: frozenset[str]
    opposite_prefixes: tuple[tuple[str, str], ...]  # either way round
    weightless: frozenset[str]  # say nothing and turn nothing
    no_slips: frozenset[str]  # short words that are what they are, however like each other


@cache
def _vocabulary() -> Vocabulary:
    data = settings()["edits"]
    same: dict[tuple[str, ...], str] = {}
    for line in data["same"].strip().splitlines():
        phrases = [_stems(phrase.split()) for phrase in line.split(",")]
        meaning = next((same[phrase] for phrase in phrases if phrase in same), "=" + "_".join(phrases[0]))
        same |= dict.fromkeys(phrases, meaning)
    opposite: dict[str, set[int]] = {}
    for number, line in enumerate(data["opposite"].strip().splitlines(), 1):
        for sign, side in zip((1, -1), line.split("|"), strict=True):
            for word in side.split():
                opposite.setdefault(word, set()).add(sign * number)
    pairs = (entry.split(":") for line in data["contractions"].strip().splitlines() for entry in line.split("|"))
    contractions = {short.strip(): full.split() for short, full in pairs}
    contractions |= {short.replace("'", ""): full for short, full in contractions.items() if "not" in full}
    prefixes = [(one, other) for one, other in map(str.split, data["opposite_prefix"])]
    negation = frozenset(data["negation"].split())
    return Vocabulary(
        contractions=contractions,
        same=same,
        phrases=_branches(same),
        opposite={word: frozenset(lines) for word, lines in opposite.items()},
        negation=negation,
        numbers=frozenset(data["numbers"].split()),
        digits={word: str(number) for number, word in enumerate(data["numbers"].split()[:21])},
        units=frozenset(data["units"].split()),
        body_parts=frozenset(_stems(data["body_part"].split())),
        diseases=frozenset(_stems(data["disease"].split())),
        disease_endings=tuple(data["disease_ending"].split()),
        unspecific=frozenset(_stems(data["unspecific"].split())),
        negating_prefixes=frozenset(data["negating_prefix"].split()),
        opposite_prefixes=(*prefixes, *((other, one) for one, other in prefixes)),
        weightless=function_words() - negation - opposite.keys(),
        no_slips=function_words() | negation,
    )


def _branches(meanings: Mapping[tuple[str, ...], str]) -> dict[str, _Branch]:
    """Phrases by their first stem."""
    starting: dict[str, dict[tuple[str, ...], str]] = {}
    for (first, *rest), meaning in meanings.items():
        starting.setdefault(first, {})[tuple(rest)] = meaning
    return {
        first: _Branch(rest.get(()), _branches({phrase: meaning for phrase, meaning in rest.items() if phrase}))
        for first, rest in starting.items()
    }


_stem = lru_cache(maxsize=1 << 16)(stem)


@lru_cache(maxsize=1 << 16)
def _stem_in_key(word: str) -> str:
    return stem(word.removesuffix("'s"))


@dataclass(frozen=True)
class _Text:
    """The words of a text as (meaning, words), and the meanings alone: phrases that say the same have the same one."""

    key: str
    pairs: Sequence[tuple[str, str]]
    meanings: Sequence[str]

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words as they stand there, each once."""
        return frozenset(self.key.split())

    @cached_property
    def known(self) -> frozenset[str]:
        """Its meanings, each once."""
        return frozenset(self.meanings)

    @cached_property
    def subjects(self) -> Counter[str]:
        """How often each meaning stands in it that says something."""
        empty = function_words()
        return Counter([meaning for meaning, word in self.pairs if word not in empty])


@dataclass(frozen=True, slots=True)
class _Edit:
    """One changed place: the words on either side, and whether what surrounds it is the same in both texts."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    has_context: bool


@dataclass(frozen=True)
class Difference:
    """How two texts differ. `shared`: words they have in common, in order, as a share of the shorter text.

    `telling`: changed places that are not harmless; `edits`: how many. `texts` and `blocks`: the two word by word and
    what they have in common, None where they are too long for that. What is in conflict is looked up when asked for.
    """

    shared: float
    edits: int
    telling: Sequence[_Edit]
    texts: tuple[_Text, _Text] | None = None
    blocks: Sequence[Match] = ()

    @cached_property
    def conflict(self) -> str | None:
        """What turns the meaning, for a reader, or None."""
        turned = (_meaning_turned(edit) for edit in self.telling if edit.has_context or _is_number_for_number(edit))
        found = next(filter(None, turned), None)
        if found or self.texts is None:
            return found
        return _other_subject(*self.texts) or self._disease or _other_name(self.telling, self.shared, *self.texts)

    @property
    def has_other_disease(self) -> bool:
        """Whether the one names a disease where the other names another, however much else differs."""
        return self._disease is not None

    @cached_property
    def _disease(self) -> str | None:
        return _other_disease(*self.texts, self.blocks) if self.texts else None


def find_difference(a_key: str, b_key: str) -> Difference:
    """How two texts (as `answer_key` gives them) differ.

    >>> found = find_difference("take it twice a day with enough water", "take it twice a day without enough water")
    >>> found.shared, found.edits, found.conflict
    (0.88, 1, 'only one says “without”')
    >>> find_difference("many people feel no pain at all", "many people feel no pian at all").conflict
    """
    a, b = _read(a_key), _read(b_key)
    sizes = len(a.pairs), len(b.pairs)
    if max(sizes) > LONGEST_COMPARED:
        return _without_order(a, b)
    blocks = SequenceMatcher(None, a.meanings, b.meanings, autojunk=False).get_matching_blocks()
    found = list(_edits(a.pairs, b.pairs, blocks))
    telling = _without_moves([edit for edit in found if not _is_harmless(edit)])
    rewritten = sum(len(edit.old) for edit in found) - sum(len(edit.old) for edit in telling)
    least = 1 if max(sizes) <= SHORT else SHORTEST_RUN
    shared = sum(block.size for block in blocks if block.size >= least)
    share = min(1.0, round((shared + rewritten) / max(1, min(sizes)), 2))
    return Difference(share, len(telling), telling, (a, b), blocks)


def find_turn(a_key: str, b_key: str) -> str | None:
    """What turns the meaning of one question into another's that says nearly the same, in whatever order.

    A negation, a number, a unit or an opposite in the words that only one has; None when there is none of them, or
    when they share less than three fifths of the longer one's content words: a long story negates and counts much.

    >>> find_turn("is it safe to fly with a cold", "with a cold is it unsafe to fly")
    '“safe” against “unsafe”'
    """
    one, other = dict(_read(a_key).pairs), dict(_read(b_key).pairs)
    old = tuple(words for meaning, words in one.items() if meaning not in other)
    new = tuple(words for meaning, words in other.items() if meaning not in one)
    content = max(sum(map(_is_content, side.values())) for side in (one, other))
    apart = max(sum(map(_is_content, side)) for side in (old, new))
    if content - apart < COMPARABLE_QUESTION * content:
        return None
    return _meaning_turned(_Edit(_single(old), _single(new), has_context=True))


def _single(phrases: Iterable[str]) -> tuple[str, ...]:
    return tuple(" ".join(phrases).split())


@lru_cache(maxsize=1024)  # of pairs sorted by text 3 in 10 are read anew; with 256 kept 4, with 4,096 2.5
def _read(key: str) -> _Text:
    vocabulary = _vocabulary()
    words = words_of(key)
    if not vocabulary.contractions.keys().isdisjoint(words):
        words = [full for word in words for full in vocabulary.contractions.get(word, [word])]
    found: list[tuple[str, str]] = []
    end = 0
    for place, (alone, further) in enumerate(map(_alone, words)):
        if place < end:
            continue
        phrase = _phrase(words, place, further) if further else None
        if phrase:
            end, meaning = phrase
            found.append((meaning, " ".join(words[place:end])))
        else:
            found.append(alone)
    return _Text(key, found, [meaning for meaning, _ in found])


@lru_cache(maxsize=1 << 16)
def _alone(word: str) -> tuple[tuple[str, str], Mapping[str, _Branch]]:
    """What a word means by itself, and how the phrases that it may begin go on."""
    vocabulary = _vocabulary()
    branch = vocabulary.phrases.get(_stem_in_key(word), _Branch(None, {}))
    return (branch.meaning or vocabulary.digits.get(word, word), word), branch.further


def _phrase(words: Sequence[str], place: int, further: Mapping[str, _Branch]) -> tuple[int, str] | None:
    """Where the longest phrase that begins at `place` ends, and its meaning; None if it is the first word alone."""
    found = None
    for end in range(place + 1, len(words)):
        branch = further.get(_stem_in_key(words[end]))
        if branch is None:
            break
        if branch.meaning:
            found = end + 1, branch.meaning
        further = branch.further
    return found


def _stems(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(_stem_in_key, words))


def _edits(a: Sequence[tuple[str, str]], b: Sequence[tuple[str, str]], blocks: Sequence[Match]) -> Iterator[_Edit]:
    """The places between matching blocks where both texts go on after it; what stands at an end is no edit."""
    before = Match(0, 0, 0)
    for block in blocks:
        old = a[before.a + before.size : block.a]
        new = b[before.b + before.size : block.b]
        is_at_end = before.size == 0 or block.size == 0
        if (old or new) and not (_is_cut(old, new) if is_at_end else _is_passage(old, new)):
            left = before.size >= CONTEXT or before.a == before.b == 0
            right = block.size >= CONTEXT or (block.a + block.size == len(a) and block.b + block.size == len(b))
            yield _Edit(_words(old), _words(new), left and right)
        before = block


def _is_cut(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> bool:
    """Whether one text goes on, or has something else around it, where the other begins or ends."""
    if max(len(old), len(new)) > CONTEXT:
        return True
    return len(old) != len(new) and _vocabulary().negation.isdisjoint(_words(old) + _words(new))


def _is_passage(old: Sequence[object], new: Sequence[object]) -> bool:
    """Whether one text leaves out a whole passage, or has a mere "read more" for it."""
    return abs(len(old) - len(new)) >= PASSAGE and min(len(old), len(new)) <= CONTEXT


def _words(side: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return _single(words for _, words in side)


def _is_harmless(edit: _Edit) -> bool:
    """Whether the edit is a spelling mistake or changes only words that say nothing."""
    one, other = "".join(edit.old), "".join(edit.new)
    if one == other:
        return True
    is_plain = _vocabulary().negation.isdisjoint(edit.old + edit.new) and not any(map(_is_number, edit.old + edit.new))
    if is_plain and 0 < abs(len(edit.old) - len(edit.new)) <= 1 and _is_misspelt(one, other):
        return True
    if len(edit.old) == len(edit.new):
        return all(_is_misspelt(one, other) for one, other in zip(edit.old, edit.new, strict=True))
    return _vocabulary().weightless.issuperset(edit.old + edit.new)


def _without_moves(edits: Sequence[_Edit]) -> list[_Edit]:
    """The edits but for those that take words out at one place and put the same in at another."""
    out = Counter(edit.old for edit in edits if not edit.new)
    into = Counter(edit.new for edit in edits if not edit.old)
    moved = out & into
    return [
        edit
        for edit in edits
        if not ((edit.old if not edit.new else edit.new) in moved and not (edit.old and edit.new))
    ]


# ---------------------------------------------------------------- what turns the meaning


def _meaning_turned(edit: _Edit) -> str | None:
    """What in this edit turns the meaning of its sentence, for a reader."""
    vocabulary = _vocabulary()
    old, new = set(edit.old), set(edit.new)
    negation = [word for word in edit.old + edit.new if word in vocabulary.negation and (word in old) != (word in new)]
    if negation:
        return f"only one says “{negation[0]}”"
    for is_one in (_is_numbered, vocabulary.units.__contains__, _is_body_part):
        one, other = [word for word in edit.old if is_one(word)], [word for word in edit.new if is_one(word)]
        if one and other and _stems(one) != _stems(other):
            return _against(one, other)
    for one_word in edit.old:
        for other_word in edit.new:
            if _are_opposite(one_word, other_word):
                return _against([one_word], [other_word])
    return None


def _against(one: Iterable[str], other: Iterable[str]) -> str:
    return f"“{' '.join(one)}” against “{' '.join(other)}”"


def _is_number(word: str) -> bool:
    return word[:1].isdigit() or word in _vocabulary().numbers


def _is_numbered(word: str) -> bool:
    """Whether a word is a number or, as the names of genes do, ends in one."""
    return word[-1:].isdigit() or _is_number(word)


def _is_number_for_number(edit: _Edit) -> bool:
    return len(edit.old) == len(edit.new) == 1 and _is_number(edit.old[0]) and _is_number(edit.new[0])


def _is_body_part(word: str) -> bool:
    return _stem(word) in _vocabulary().body_parts


def _are_opposite(one: str, other: str) -> bool:
    vocabulary = _vocabulary()
    if any(-line in vocabulary.opposite.get(other, ()) for line in vocabulary.opposite.get(one, ())):
        return True
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    if len(shorter) > 3 and longer.endswith(shorter) and longer[: -len(shorter)] in vocabulary.negating_prefixes:
        return True
    return any(
        one.startswith(prefix) and other == opposite + one.removeprefix(prefix)
        for prefix, opposite in vocabulary.opposite_prefixes
    )


def _other_subject(a: _Text, b: _Text) -> str | None:
    """The words that either text repeats and the other never uses: each speaks of something of its own."""
    own = [word for word, often in a.subjects.items() if often > 1 and word not in b.subjects]
    theirs = [word for word, often in b.subjects.items() if often > 1 and word not in a.subjects]
    if not own or not theirs or any(_is_misspelt(word, another) for word in own for another in theirs):
        return None
    return _against([own[0].strip("=")], [theirs[0].strip("=")])


def _other_disease(a: _Text, b: _Text, blocks: Sequence[Match]) -> str | None:
    """The name of a disease that stands for another, be it one word or more.

    A place tells of a disease when a word on either side does, or the word that both texts go on with: another word
    before "dysplasia" is another disease. Where a text begins or ends both sides must, for there they may just be cut.
    """
    last = Match(0, 0, 0)
    for block in blocks:
        before, last = last, block
        old, new = a.pairs[before.a + before.size : block.a], b.pairs[before.b + before.size : block.b]
        if not (0 < len(old) <= LONGEST_NAME and 0 < len(new) <= LONGEST_NAME):
            continue
        is_cut = before.size == 0 or block.size == 0
        follows = () if is_cut else _words(a.pairs[block.a : block.a + 1])
        tells = [any(map(_is_disease, side)) for side in (_words(old) + follows, _words(new) + follows)]
        if not all(tells) and (is_cut or not any(tells)):
            continue
        one = _words(pair for pair in old if pair[0] not in b.known and _is_specific(pair[1]))
        other = _words(pair for pair in new if pair[0] not in a.known and _is_specific(pair[1]))
        if one and other and not any(_is_misspelt(word, theirs) for word in one for theirs in other):
            return _against(one, other)
    return None


@lru_cache(maxsize=1 << 16)
def _is_specific(words: str) -> bool:
    return _is_content(words) and _vocabulary().unspecific.isdisjoint(_stems(words.split()))


@lru_cache(maxsize=1 << 16)
def _is_disease(word: str) -> bool:
    vocabulary = _vocabulary()
    ending = word.endswith(vocabulary.disease_endings) and len(word) >= SHORTEST_DISEASE
    return ending or _stem(word) in vocabulary.diseases


def _other_name(edits: Sequence[_Edit], share: float, a: _Text, b: _Text) -> str | None:
    """The name that stands for another, where the texts differ in nothing else or in that throughout."""
    swaps: Counter[tuple[str, str]] = Counter()
    for edit in edits:
        one = [word for word in edit.old if _is_content(word) and word not in b.words]
        other = [word for word in edit.new if _is_content(word) and word not in a.words]
        one, other = _without_like(one, other), _without_like(other, one)
        if one and other:
            swaps[" ".join(one), " ".join(other)] += 1
    if not swaps:
        return None
    (one_name, other_name), often = min(swaps.items(), key=lambda item: (-item[1], item[0]))
    is_all = len(edits) == 1 and share >= ALL_ELSE_EQUAL
    if often > 1 or is_all:
        return _against([one_name], [other_name])
    return None


def _without_like(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """Those of the words that none of the others means, too, or is but misspelt."""
    meanings = {_vocabulary().same.get(_stems([word]), word) for word in others}
    return [
        word
        for word in words
        if _vocabulary().same.get(_stems([word]), word) not in meanings
        and not any(_is_misspelt(word, other) for other in others)
    ]


def _is_content(word: str) -> bool:
    return word not in function_words()


# ---------------------------------------------------------------- spelling


_LOOKALIKES = str.maketrans("015", "ols")  # digits that stand for letters in badly read text


def _is_misspelt(one: str, other: str) -> bool:
    """Whether the two are one word, once misspelt.

    >>> [_is_misspelt("hydration", word) for word in ("hydraton", "hydrtaion", "hydratoin", "dehydration")]
    [True, True, True, False]
    >>> _is_misspelt("hypotension", "hypertension"), _is_misspelt("10", "100"), _is_misspelt("not", "now")
    (False, False, False)
    """
    if _stem(one) == _stem(other) or _is_misread(one, other):
        return True
    if not _is_slip(one, other) or _is_number(one) or _is_number(other) or _are_opposite(one, other):
        return False
    return sorted(filter(str.isdigit, one)) == sorted(filter(str.isdigit, other))


def _is_slip(one: str, other: str) -> bool:
    """Whether the two words are alike but for a letter or two, or so short that the same letters must make both."""
    are_known = one in _vocabulary().no_slips and other in _vocabulary().no_slips
    shorter, longer = sorted((len(one), len(other)))
    if are_known or (shorter < 4 and shorter == longer) or longer < 4:
        return not are_known and sorted(one) == sorted(other)
    limit = 1 if shorter < 7 else 2
    return _distance(one, other, limit) <= limit


def _is_misread(one: str, other: str) -> bool:
    """Whether a digit stands for the letter it looks like."""
    return one.isalpha() != other.isalpha() and one.translate(_LOOKALIKES) == other.translate(_LOOKALIKES)


def _distance(one: str, other: str, limit: int) -> int:
    """Edits between two words: a letter more, less, another, or two swapped; `limit + 1` when there are more."""
    if abs(len(one) - len(other)) > limit or len(set(one) ^ set(other)) > 2 * limit:  # an edit brings or takes two
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, other_letter in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other_letter))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == other_letter:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def _without_order(a: _Text, b: _Text) -> Difference:
    """The difference of two very long texts, by how often each meaning stands in them."""
    one, other = Counter(a.meanings), Counter(b.meanings)
    shared = sum((one & other).values())
    old, new = tuple((one - other).elements()), tuple((other - one).elements())
    is_edit = len(a.pairs) == len(b.pairs) or not (old and new)
    telling = [_Edit(old, new, has_context=True)] if is_edit else []
    share = round(shared / max(1, min(len(a.pairs), len(b.pairs))), 2)
    return Difference(share, int(bool(old)) + int(bool(new)), telling)
