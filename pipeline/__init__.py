"""qaledger: a ledger of scraped questions and answers.

The public names, loaded on first use. Start with `ledger = pipeline.open()`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pipeline.version import __version__

if TYPE_CHECKING:
    from pipeline.duplicates.find import find_duplicates as find_duplicates
    from pipeline.errors import PipelineError as PipelineError
    from pipeline.ledger.ledger import Ledger as Ledger
    from pipeline.ledger.ledger import open_ledger as open  # noqa: A004
    from pipeline.parse.occurrences import Occurrence as Occurrence
    from pipeline.parse.occurrences import parse_text as parse_text
    from pipeline.refresh.run import run as run
    from pipeline.statistics.find import Statistic as Statistic
    from pipeline.statistics.find import find_statistics as find_statistics
    from pipeline.storage.run_ledger import RunLedger as RunLedger
    from pipeline.topics.tagging import TopicTag as TopicTag
    from pipeline.topics.tagging import tag_topics as tag_topics

_HOME = {
    "Ledger": ("pipeline.ledger.ledger", "Ledger"),
    "Occurrence": ("pipeline.parse.occurrences", "Occurrence"),
    "PipelineError": ("pipeline.errors", "PipelineError"),
    "RunLedger": ("pipeline.storage.run_ledger", "RunLedger"),
    "Statistic": ("pipeline.statistics.find", "Statistic"),
    "TopicTag": ("pipeline.topics.tagging", "TopicTag"),
    "find_duplicates": ("pipeline.duplicates.find", "find_duplicates"),
    "find_statistics": ("pipeline.statistics.find", "find_statistics"),
    "open": ("pipeline.ledger.ledger", "open_ledger"),
    "parse_text": ("pipeline.parse.occurrences", "parse_text"),
    "run": ("pipeline.refresh.run", "run"),
    "tag_topics": ("pipeline.topics.tagging", "tag_topics"),
}

__all__ = [  # noqa: RUF022  in the order a newcomer meets them
    "open",
    "run",
    "parse_text",
    "tag_topics",
    "find_statistics",
    "find_duplicates",
    "Ledger",
    "RunLedger",
    "Occurrence",
    "TopicTag",
    "Statistic",
    "PipelineError",
    "__version__",
]


_MODULES = ("plots", "report", "show")  # what notebooks import from here


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOME[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *_MODULES])
