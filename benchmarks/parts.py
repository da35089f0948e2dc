"""Measures the processor seconds of one first run by part: what each kind of work costs, whichever stage it belongs to.

    python -m benchmarks.parts RAW

The run uses one process, so that each second has one owner; a part that calls another one is charged for itself alone.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any

# The functions that do the work of a part, as the modules name them that call them.
WORK = {
    "compare": tuple(
        f"pipeline.duplicates.stage:{name}"
        for name in ("compare_contained", "compare_pairs", "compare_by_line", "list_long_sentences", "find_clusters")
    ),
    "questions": ("pipeline.duplicates.stage:read_questions",),
    "signatures": ("pipeline.duplicates.stage:sign_all", "pipeline.duplicates.stage:name_contents"),
    "SQL": ("pipeline.storage.statements:execute", "pipeline.storage.frames:frame_of"),
    "topics": ("pipeline.refresh.build:load_taxonomy", "pipeline.refresh.tag:tag_block"),
    "parse": ("pipeline.ingest.document_rows:read_page", "pipeline.ingest.document_rows:read_structured"),
    "figures": ("pipeline.ingest.document_rows:find_in_answer",),
    "in and out": (
        "pipeline.ingest.batches:read_batch",
        "pipeline.storage.frames:insert",
        "pipeline.refresh.run:_publish",
        "pipeline.refresh.run:scan_settled",
    ),
}
PARTS = (*WORK, "start-up", "other")


class Clock:
    """Processor seconds by part: time goes to the part that was entered last."""

    def __init__(self, part: str) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._entered = [part]
        self._since = 0.0  # the processor time of a process begins with it: its start and imports count

    def enter(self, part: str) -> None:
        self._charge()
        self._entered.append(part)

    def leave(self) -> None:
        self._charge()
        self._entered.pop()

    def _charge(self) -> None:
        now = process_time()
        self.seconds[self._entered[-1]] += now - self._since
        self._since = now

    def of(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its time charged to a part."""

        @wraps(function)
        def measured(*arguments: Any, **named: Any) -> Any:
            self.enter(part)
            try:
                return function(*arguments, **named)
            finally:
                self.leave()

        return measured


def parts(raw: Path) -> dict[str, float]:
    """Processor seconds of a first run over `raw` by part."""
    clock = Clock("start-up")
    run = import_module("pipeline.refresh.run").run
    for part, functions in WORK.items():
        for name in functions:
            module, function = name.split(":")
            owner = import_module(module)
            setattr(owner, function, clock.of(part, getattr(owner, function)))
    clock.enter("other")
    with tempfile.TemporaryDirectory() as folder:
        run(raw, Path(folder) / "out", workers=1, decisions=Path(folder) / "none.jsonl")
    clock.leave()
    return {part: round(clock.seconds[part], 4) for part in PARTS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raw", type=Path)
    print(json.dumps(parts(parser.parse_args().raw)))


if __name__ == "__main__":
    main()
