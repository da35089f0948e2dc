"""The options of `run --engine spark`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import BadQuery


@dataclass(frozen=True, slots=True)
class SparkOptions:
    """The address of Spark's master, a folder that all machines share (None: that of the tables), and settings."""

    master: str
    scratch: Path | None
    conf: tuple[tuple[str, str], ...]


ENGINES = ("local", "spark")
_MASTER = re.compile(r"local(\[([0-9]+|\*)(,[0-9]+)?\])?|spark://[^/]+|yarn|k8s://.+")


def spark_options(
    engine: str, master: str | None, scratch: str | os.PathLike[str] | None, conf: Mapping[str, str] | Iterable[str]
) -> SparkOptions | None:
    """The options of Spark; None for the engine `local`. `conf` is a mapping, or texts `KEY=VALUE`.

    Raises `BadQuery`.

    >>> spark_options("spark", None, None, ["spark.executor.memory=8g"])
    SparkOptions(master='local[*]', scratch=None, conf=(('spark.executor.memory', '8g'),))
    """
    if engine not in ENGINES:
        raise BadQuery(f"{engine}: there is no such engine; the engines are: {', '.join(ENGINES)}")
    if engine == "local":
        if master or scratch or conf:
            raise BadQuery("--master, --scratch and --conf are used only with --engine spark")
        return None
    if master and not _MASTER.fullmatch(master):
        raise BadQuery(f"{master}: not a usable master; write spark://HOST:PORT, yarn, k8s://URL or local[N]")
    words = [f"{key}={value}" for key, value in conf.items()] if isinstance(conf, Mapping) else list(conf)
    pairs = [word.partition("=") for word in words]
    for key, equals, _ in pairs:
        if not equals or not key.startswith("spark."):
            raise BadQuery(f"{key}: not a setting of Spark; write for example spark.executor.memory=8g")
    folder = Path(scratch).absolute() if scratch else None
    return SparkOptions(master or "local[*]", folder, tuple((key, value) for key, _, value in pairs))
