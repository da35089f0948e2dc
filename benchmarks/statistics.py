"""Measures how fast figures are read, relative to a plain scan for digits and to quantulum3.

    python benchmarks/statistics.py

Prints ratios, which can be compared between machines better than seconds: the time relative to a search for a digit,
on sentences with and without figures; the speed relative to quantulum3, if it is installed (`pip install quantulum3`;
it is not a dependency); and the time per figure in one very long line. All sentences differ, so that caches do not
help. Times are processor time, the best of three.
"""

import re
import time
import warnings
from collections.abc import Callable, Sequence

from pipeline.statistics.find import find_statistics

PLAIN = [
    "A second opinion can help you understand your diagnosis and the treatment your doctor {0} suggests.",
    "Ask your doctor for a copy of your records, and bring friend {0} to the appointment if you like.",
    "Most insurance companies pay for it, and many doctors like {0} are happy to help you to find a specialist.",
]
FIGURES = [
    "A review of {0} quantitative studies found that the rates of seeking one ranged between 1 and 88% [1].",
    "The cost of a virtual visit for patients in the U.S. is $1,{0}, and up to $50 a month after that.",
    "About 1 in {0} foals is lame, and the odds are four to six times higher in those born early.",
]
COUNT = 600  # sentences of each shape: long enough for 1 % of noise
SLOW = 12  # sentences for quantulum3


def seconds(read: Callable[[str], object], sentences: Sequence[str]) -> float:
    """Processor time for one sentence, the best of three runs over all of them."""
    best = float("inf")
    for run in range(3):
        batch = [f"{sentence} {'!' * run}" for sentence in sentences]
        started = time.process_time()
        for sentence in batch:
            read(sentence)
        best = min(best, time.process_time() - started)
    return best / len(sentences)


def letters(number: int) -> str:
    """A number as letters, a name without a digit."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number)).capitalize()


def quantulum3() -> Callable[[str], object] | None:
    """The parser of quantulum3, or None if it is not installed."""
    warnings.simplefilter("ignore")
    try:
        from quantulum3 import classifier, parser
    except ImportError:
        return None
    classifier.USE_CLF = False  # its model does not load with today's scikit-learn, and costs more time
    read: Callable[[str], object] = parser.parse
    return read


def main() -> None:
    """Print the ratios."""
    digits, other = re.compile("[0-9]"), quantulum3()
    plain = [shape.format(letters(n)) for n in range(100, 100 + COUNT) for shape in PLAIN]
    figures = [shape.format(n) for n in range(100, 100 + COUNT) for shape in FIGURES]
    mixed = [sentence for pair in zip(plain, figures, strict=True) for sentence in pair]
    for name, sentences in (("without figures", plain), ("with figures", figures), ("half and half", mixed)):
        ours, scan = seconds(find_statistics, sentences), seconds(digits.search, sentences)
        print(f"{name:16} {1 / ours:9.0f} sentences/s   {ours / scan:6.1f} times the time of a scan for digits")
        if other:
            theirs = seconds(other, sentences[:SLOW])
            print(
                f"{'':16} {1 / theirs:9.0f} sentences/s by quantulum3; qaledger reads {theirs / ours:.0f} times as many"
            )
    for name, unit in (("equal", "in 5% of 40 cases, or $3, "), ("different", "in {0}% of 1{0} cases, or ${0}, ")):
        line = "".join(unit.format(n) for n in range(10_000))
        started = time.process_time()
        found = len(find_statistics(line))
        spent = time.process_time() - started
        print(f"one line of {found:,} {name} figures: {1e6 * spent / found:.0f} µs a figure")


if __name__ == "__main__":
    main()
