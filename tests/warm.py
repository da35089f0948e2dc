"""What the server of `forked` has imported and made ready before it forks; imported by that server alone.

Two thirds of the processor time of a small run in a process of its own are imports, and patterns compiled at first use.
"""

from pathlib import Path

import faults  # noqa: F401
import pyarrow.dataset  # noqa: F401

from pipeline import find_statistics, parse_text, tag_topics
from pipeline.audit import web  # noqa: F401
from pipeline.duplicates.answer_comparison import compare_answers
from pipeline.duplicates.older_keys import older_content_keys
from pipeline.duplicates.question_intent import read_intent
from pipeline.ledger import ledger, trace, verify  # noqa: F401
from pipeline.refresh import build, run  # noqa: F401
from pipeline.text.keys import question_key
from pipeline.topics.taxonomy import version_of

version_of(None)

for page in (Path(__file__).parent.parent / "data" / "raw").glob("*.txt"):
    for piece in parse_text(page.read_text("utf-8")):
        question, answer = piece.question or "", piece.answer or ""
        tag_topics(question, answer)
        find_statistics(answer)
        read_intent(question_key(question))
        compare_answers(answer, f"{answer} This is not the same, it takes 5 days.")
        older_content_keys(question, answer, "")
