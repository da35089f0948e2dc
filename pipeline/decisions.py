"""decisions.jsonl -> what people decided about duplicates."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.merging import Decision


class DecisionsUnreadable(PipelineError):
    """A line of the decisions file is none; nothing was published, so that no decision is lost."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        self.path, self.line = path, line
        super().__init__(f"{path}, line {line}: {why}. Mend or remove that line, then run again.")


def read_decisions(path: Path) -> list[Decision]:
    """People's decisions in the order they were made; none when there is no such file. Raises `DecisionsUnreadable`."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as err:
        raise DecisionsUnreadable(path, 1, err.strerror or str(err)) from err
    return [_decision(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _decision(path: Path, number: int, line: bytes) -> Decision:
    try:
        row = json.loads(line)
        decision = Decision(row["a_key"], row["b_key"], row["verdict"], row["reviewer"])
    except (ValueError, KeyError, TypeError) as err:
        raise DecisionsUnreadable(path, number, f"not a decision ({type(err).__name__}: {err})") from err
    if decision.verdict not in ("same", "different"):
        raise DecisionsUnreadable(path, number, f"verdict must be same or different, not {decision.verdict!r}")
    return decision


def decisions_digest(decisions: list[Decision]) -> str:
    """A digest of the decisions in their order, to tell whether they have changed."""
    return hashlib.sha256(repr(decisions).encode("utf-8", "surrogatepass")).hexdigest()
