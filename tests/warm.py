"""What the server of `forked` has imported and made ready before it forks; imported by that server alone.

Two thirds of the processor time of a small run in a process of its own are imports, and patterns compiled at first use.
"""

from pathlib import Path

import faults  # noqa: F401

from pipeline import find_statistics, parse_text, tag_topics
from pipeline.audit import web  # noqa: F401
from pipeline.ledger import ledger, trace, verify  # noqa: F401
from pipeline.refresh import build, run  # noqa: F401

for page in (Path(__file__).parent.parent / "data" / "raw").glob("*.txt"):
    for piece in parse_text(page.read_text("utf-8")):
        tag_topics(piece.question or "", piece.answer or "")
        find_statistics(piece.answer or "")
