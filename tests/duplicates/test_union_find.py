"""A part of longer answers joins the best one of these, and connects no two of them."""

from __future__ import annotations

import pytest

from pipeline.duplicates.union_find import Clusters, Part, attach_parts

CASES = {
    "most copies": ([Part(1, 0, copies=1, length=9), Part(2, 0, copies=3, length=5)], 2),
    "then the longest": ([Part(1, 0, copies=2, length=5), Part(2, 0, copies=2, length=9)], 2),
    "then the first": ([Part(2, 0, copies=2, length=9), Part(1, 0, copies=2, length=9)], 1),
    "before all one that is no part itself": (
        [Part(1, 0, copies=9, length=5), Part(2, 1, copies=1, length=9), Part(2, 0, copies=1, length=9)],
        2,
    ),
}


@pytest.mark.parametrize(("parts", "best"), CASES.values(), ids=CASES)
def test_a_part_joins_the_best_answer_that_contains_it(parts, best):
    clusters, tried = Clusters(3), []

    def join(a: int, b: int) -> bool:
        tried.append((a, b))
        return clusters.join(a, b)

    attach_parts(clusters, parts, join)
    assert tried[0] == (0, best)


def test_a_part_that_may_not_join_the_best_answer_joins_the_next_one():
    clusters = Clusters(3)
    clusters.forbid_link(0, 2)
    attach_parts(clusters, [Part(1, 0, copies=1, length=9), Part(2, 0, copies=3, length=5)], clusters.join)
    assert clusters.first_members() == [0, 0, 2]
