"""The filters and orders of the review queue: from a page's query to SQL."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

DECIDED = ("same", "different", "keep", "implied_same", "implied_different")
STATES = {
    "open": "state is null",
    "decided": f"state in {DECIDED}",
    "flagged": "(state = 'flag' or note <> '')",
    "skipped": "state = 'skip'",
    "all": "true",
}
SORTS = {
    "importance": "importance",
    "size": "texts",
    "uncertainty": "uncertainty / pairs",
    "documents": "documents",
}
_CONTAINS = "contains(lower({}), lower($text))"
_PASSAGE_TESTS = {
    "text": "id in (select occurrence_id from occurrences where "
    + _CONTAINS.format("question || ' ' || coalesce(answer, '')")
    + " union all select leftover_id from leftovers where "
    + _CONTAINS.format('"text"')
    + ")",
    "topic": "qa_id in (select qa_id from qa_topics where topic = $topic)",
    "document": "document_id in (select document_id from documents where contains(lower(uri), lower($document)))",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show. Empty: everything; `state` is one of STATES, `sort` one of SORTS, `page` counts from 1."""

    kind: str = ""
    topic: str = ""
    document: str = ""
    text: str = ""
    state: str = "open"
    sort: str = "importance"
    page: int = 1

    @classmethod
    def of(cls, values: dict[str, str]) -> Filter:
        """From the values of a page's query; unknown values count as missing."""
        page = values.get("page", "")
        return cls(
            **{name: values.get(name, "")[:200].strip() for name in ("kind", "topic", "document", "text")},
            state=values.get("state", "") if values.get("state") in STATES else "open",
            sort=values.get("sort", "") if values.get("sort") in SORTS else "importance",
            page=min(int(page), 10**6) if page.isdecimal() and page.isascii() and int(page[:7]) else 1,
        )

    def query(self, **changes: Any) -> str:
        """As a page's query, with changes; default values are left out."""
        changed, default = replace(self, **changes), Filter()
        values = {field.name: getattr(changed, field.name) for field in fields(self)}
        return urlencode({name: value for name, value in values.items() if value != getattr(default, name)})

    def parameters(self) -> dict[str, object]:
        """The parameters of `matching_pairs`."""
        return {name: value for name, value in asdict(self).items() if name in ("kind", *_PASSAGE_TESTS) and value}

    def matching_pairs(self) -> str:
        """The CTE `matching`: the pairs that the filter shows, with their states."""
        condition = f"{self._in_any_state()} and {STATES[self.state]}"
        return f"matching as (select * from pairs left join states using (pair) where {condition})"

    def pairs_in_any_state(self) -> str:
        """The CTE `selected`: the pairs that the filter shows in some state, and $current_pair, with their states.

        is_selected, is_shown: whether the filter shows the pair in some state, and whether in its present one.
        """
        return f"""tested as (
            select *, {self._in_any_state()} as is_selected from pairs left join states using (pair)
        ),
        selected as (
            select *, is_selected and {STATES[self.state]} as is_shown
            from tested where is_selected or pair = $current_pair
        )"""

    def _in_any_state(self) -> str:
        """The condition of every part of the filter but the state."""
        tests = ["true"]
        if self.kind:
            tests.append("list_contains(kinds, $kind)")
        for name, test in _PASSAGE_TESTS.items():
            if getattr(self, name):
                keys = f"select key from passages where {test}"
                tests.append(f"(a_key in ({keys}) or b_key in ({keys}))")
        return " and ".join(tests)
