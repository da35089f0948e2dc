"""Lines that stand on many pages are parts of the pages, not of their answers: furniture by repetition.

What a single page cannot tell, many can: "Join our newsletter" at the end of every answer's page is no answer. Such
lines are counted over all documents of a run, and the pages that hold one are read again with that knowledge.
"""

from __future__ import annotations

import pandas as pd

# A line is furniture when it stands on at least this many documents and at least this share of them. On 200 rendered
# pages whose furniture is known by its shape already, 20 pages and a tenth cost 1 of 7,046 pairs (exact pair .9997 ->
# .9996); 10 pages took section titles out of answers (.9906). Sites put their furniture on nearly all their pages.
MANY_DOCUMENTS = 20
SHARE_OF_DOCUMENTS = 0.1


def furniture_of(line_keys: pd.DataFrame, documents: int) -> frozenset[str]:
    """The keys of lines that are furniture. line_keys: uri, line_key, documents (of that file that hold the line).

    >>> rows = [(f"{n}.txt", "join our newsletter", 1) for n in range(20)] + [("1.txt", "rest and fluids", 1)]
    >>> sorted(furniture_of(pd.DataFrame(rows, columns=["uri", "line_key", "documents"]), 100))
    ['join our newsletter']
    """
    needed = max(MANY_DOCUMENTS, SHARE_OF_DOCUMENTS * documents)
    spread = line_keys.groupby("line_key")["documents"].sum()
    return frozenset(spread.index[spread >= needed])


def files_with(line_keys: pd.DataFrame, keys: frozenset[str]) -> set[str]:
    """The uris of the files that hold a line of these."""
    return set(line_keys.loc[line_keys["line_key"].isin(keys), "uri"])
