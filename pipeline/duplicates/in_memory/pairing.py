"""Pairs of members out of groups, never more of them than an auditor can look through.

A group of up to 200 members gives every pair; in a larger one each member is paired with the canonical one alone, so
that work and rows grow with the members and not with their square (contract, table `duplicates`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["LARGEST_FULL_GROUP", "lift", "pairs_within"]

LARGEST_FULL_GROUP = 200  # members; the contract's number


def pairs_within(group: pd.Series, prominence: pd.Series) -> pd.DataFrame:
    """Pairs of members of one group: a, b (a < b), is_against_canonical (the group is too large for every pair).

    group: its label for each member, by the member's number; null is in no group. prominence: the lowest is canonical.

    >>> group = pd.Series(["why", "how", "why"])
    >>> pairs_within(group, group.index.to_series()).to_numpy().tolist()
    [[0, 2, False]]
    """
    frame = _by_prominence(group, prominence)
    size = frame.groupby("group", sort=False)["member"].transform("size")
    small = frame[(size > 1) & (size <= LARGEST_FULL_GROUP)]
    every = small.merge(small, on="group", suffixes=("_a", "_b"))
    every = every[every["member_a"] < every["member_b"]]
    large = frame[size > LARGEST_FULL_GROUP]
    canonical = large.groupby("group", sort=False)["member"].transform("first")
    star = large.assign(canonical=canonical)[large["member"] != canonical]
    return _ordered(
        np.concatenate([every["member_a"], star["canonical"]]),
        np.concatenate([every["member_b"], star["member"]]),
        np.repeat([False, True], [len(every), len(star)]),
        {},
    )


def lift(pairs: pd.DataFrame, group: pd.Series, prominence: pd.Series) -> pd.DataFrame:
    """Pairs of groups laid over their members: a, b (members, a < b), is_against_canonical, and the other columns.

    pairs: a, b (labels of groups), each pair once. Two groups with more than 200 members in all give only the pairs
    with the canonical member of the one or of the other.
    """
    frame = _by_prominence(group, prominence)
    size = frame.groupby("group", sort=False).size()
    pairs = pairs.astype({"a": "int64", "b": "int64"})  # a frame without a row has no numbers to tell its types by
    pairs = pairs[pairs["a"].isin(size.index) & pairs["b"].isin(size.index)]
    is_small = pairs["a"].map(size) + pairs["b"].map(size) <= LARGEST_FULL_GROUP
    canonical = frame.drop_duplicates("group")
    rest = frame[frame.duplicated("group")]
    found = _product(pairs[is_small], frame, frame).assign(is_against_canonical=False)
    if not is_small.all():
        large = pairs[~is_small]
        star = [_product(large, canonical, frame), _product(large, rest, canonical)]
        found = pd.concat([found, *(part.assign(is_against_canonical=True) for part in star)], ignore_index=True)
    others = {name: found[name].to_numpy() for name in pairs.columns if name not in ("a", "b")}
    return _ordered(
        found["member_a"].to_numpy(), found["member_b"].to_numpy(), found["is_against_canonical"].to_numpy(), others
    )


def _by_prominence(group: pd.Series, prominence: pd.Series) -> pd.DataFrame:
    """member and group of those in a group, the canonical member of each group first."""
    frame = pd.DataFrame({"member": np.arange(len(group)), "group": group.to_numpy(), "rank": prominence.to_numpy()})
    return frame.dropna(subset=["group"]).sort_values(["rank", "member"]).drop(columns="rank")


def _product(pairs: pd.DataFrame, left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Each pair of groups times the members of its two sides."""
    members_a = left.rename(columns={"member": "member_a", "group": "a"})
    members_b = right.rename(columns={"member": "member_b", "group": "b"})
    return pairs.merge(members_a, on="a").merge(members_b, on="b")


def _ordered(
    first: np.ndarray, second: np.ndarray, is_against_canonical: np.ndarray, others: dict[str, np.ndarray]
) -> pd.DataFrame:
    """The pairs with the smaller number first, in order."""
    frame = pd.DataFrame(
        {
            "a": np.minimum(first, second).astype(np.int64),
            "b": np.maximum(first, second).astype(np.int64),
            "is_against_canonical": is_against_canonical.astype(bool),
            **others,
        }
    )
    return frame.sort_values(["a", "b"], ignore_index=True)
