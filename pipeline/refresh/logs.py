"""Logs a run on stderr: as sentences for people, or as one JSON object per line for machines (`--log json`).

The environment, settings, the arguments of a command and texts of the sources are never logged.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

LOGGER = logging.getLogger("qaledger")


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, and the values of `extra={"facts": {...}}`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        return json.dumps(line, ensure_ascii=True, default=str)


class Sentences(logging.Formatter):
    """A record as one line of text: "warning: ..."."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{record.levelname.lower()}: {record.getMessage()}"


def configure(style: str) -> None:
    """Log to stderr: `json` from the level info on, `text` only warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else Sentences())
    LOGGER.handlers[:] = [handler]
    LOGGER.setLevel(logging.INFO if style == "json" else logging.WARNING)
    LOGGER.propagate = False


def is_json() -> bool:
    """Whether `configure("json")` was called."""
    return any(isinstance(handler.formatter, JsonLines) for handler in LOGGER.handlers)


def log(message: str, **facts: Any) -> None:
    """Log a message with its facts, as information."""
    LOGGER.info("%s", message, extra={"facts": facts})


def warn(message: str) -> None:
    """Log a message as a warning."""
    LOGGER.warning("%s", message)
