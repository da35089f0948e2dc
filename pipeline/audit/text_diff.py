"""Which words two texts have in common, and where a text was cut off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

EXACT = 400  # words between what two texts begin and end with alike; the worst take 0.6 s of CPU, of 800 words 4.9 s
LONGEST = (
    4000  # above EXACT, frequent words find no match of their own: 4,000 words take under 0.1 s; longer texts differ
)
SHORTEST_RUN, SHORT = 2, 12  # words; a word shared alone is chance, but for texts of at most 12 words
_PIECES = re.compile(r"\S+\s*|\s+")
_CUT = re.compile(r"(…|\.\.\.|More items)")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a text. `is_only`: the other text does not have them; `is_cut`: here the source was cut off."""

    text: str
    is_only: bool = False
    is_cut: bool = False


def compare(a: str, b: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces, in order; joined, they are the text. Case and punctuation at a word's ends do not count.

    >>> [piece.text for piece in compare("Drink water daily.", "drink it daily")[0] if piece.is_only]
    ['water ']
    """
    one, other = _PIECES.findall(a), _PIECES.findall(b)
    left, right = [_plain(word) for word in one], [_plain(word) for word in other]
    start = _alike_from_start(left, right)
    end = _alike_from_start(left[start:][::-1], right[start:][::-1])
    middle_a, middle_b = left[start : len(left) - end], right[start : len(right) - end]
    shared_a, shared_b = set(range(start)), set(range(start))
    if max(len(middle_a), len(middle_b)) <= LONGEST:
        least = 1 if max(len(left), len(right)) <= SHORT else SHORTEST_RUN
        is_long = max(len(middle_a), len(middle_b)) > EXACT
        blocks = SequenceMatcher(None, middle_a, middle_b, autojunk=is_long).get_matching_blocks()
        for block in [block for block in blocks if block.size >= least]:
            shared_a |= set(range(start + block.a, start + block.a + block.size))
            shared_b |= set(range(start + block.b, start + block.b + block.size))
    shared_a |= set(range(len(left) - end, len(left)))
    shared_b |= set(range(len(right) - end, len(right)))
    return _pieces(one, shared_a), _pieces(other, shared_b)


def in_pieces(text: str) -> list[Piece]:
    """A text alone, its cuts marked."""
    return _cut(Piece(text))


def _plain(word: str) -> str:
    return word.strip().strip(".,;:!?\"'()[]“”‘’-–•…").casefold()


def _alike_from_start(left: Sequence[str], right: Sequence[str]) -> int:
    return next(
        (place for place, (x, y) in enumerate(zip(left, right, strict=False)) if x != y), min(len(left), len(right))
    )


def _pieces(words: list[str], shared: set[int]) -> list[Piece]:
    """The words joined to runs of shared ones and of others."""
    runs: list[tuple[bool, list[str]]] = []
    for place, word in enumerate(words):
        is_only = place not in shared
        if not runs or runs[-1][0] != is_only:
            runs.append((is_only, []))
        runs[-1][1].append(word)
    return [piece for is_only, run in runs for piece in _cut(Piece("".join(run), is_only))]


def _cut(piece: Piece) -> list[Piece]:
    parts = _CUT.split(piece.text)
    return [
        Piece(part, piece.is_only, is_cut=place % 2 == 1) for place, part in enumerate(parts) if part or place % 2 == 1
    ]
