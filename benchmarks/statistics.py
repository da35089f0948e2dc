"""How fast figures are read: sentences a second, beside a bare scan for digits and beside quantulum3.

    python benchmarks/statistics.py

Prints ratios, which travel between machines better than seconds: how many times slower than looking for a
digit we are on sentences with and without figures, and how many times faster than quantulum3 where that is
installed (`pip install quantulum3`; it is no dependency). Each way reads the same sentences, best of three.
"""

import re
import time
from collections.abc import Callable, Iterable

from pipeline.statistics import find_statistics

PLAIN = [
    "A second opinion can help you understand your diagnosis and the treatment your doctor suggests.",
    "Ask your doctor for a copy of your records, and bring a friend to the appointment if you like.",
    "Most insurance companies pay for it, and many doctors are happy to help you to find a specialist.",
]
FIGURES = [
    "A review of 20 quantitative studies found that the rates of seeking one ranged between 1 and 88% [1].",
    "The cost of a virtual visit for patients in the U.S. is $1,850, and up to $50 a month after that.",
    "About 1 in 7,000 foals is lame, and the odds are four to six times higher in those born early.",
]
REPEATS = 400  # of each three sentences: long enough for 1 % of noise


def sentences_per_second(read: Callable[[str], object], sentences: Iterable[str]) -> float:
    """The best of three runs over the sentences."""
    batch = list(sentences) * REPEATS
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        for sentence in batch:
            read(sentence)
        best = min(best, time.perf_counter() - started)
    return len(batch) / best


def main() -> None:
    """Print the ratios."""
    digits = re.compile("[0-9]")
    for name, sentences in (("without figures", PLAIN), ("with figures", FIGURES)):
        ours = sentences_per_second(find_statistics, sentences)
        scan = sentences_per_second(digits.search, sentences)
        print(f"{name:16} {ours:9.0f} sentences/s   {scan / ours:7.1f} times the time of a scan for digits")
        try:
            from quantulum3 import parser
        except ImportError:
            continue
        theirs = sentences_per_second(parser.parse, sentences[:1])
        print(f"{'':16} {theirs:9.0f} sentences/s by quantulum3: {ours / theirs:.0f} times slower than ours")


if __name__ == "__main__":
    main()
