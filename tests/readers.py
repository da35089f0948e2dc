"""Processes that read the published tables while runs replace them."""

from __future__ import annotations

import sys
from pathlib import Path

from faults import Run
from forked import SERVER

import pipeline

PAUSE = 0.01  # seconds between two reads; without pauses, five readers leave a run on two cores no processor time
PAIR = "What is number {n}?\nIt is the number {n}.\n"


def refreshes(base: Path, count: int, tables: str | None = None) -> list[str]:
    """Run `count` times under five readers: what was refused, or not one consistent generation."""
    raw, out = base / "raw", base / "out"
    raw.mkdir()
    (raw / "n.txt").write_text(PAIR.format(n=0))
    pipeline.run(raw, out, workers=1, tables=tables)
    stop = SERVER.Event()
    holders = [SERVER.Process(target=_hold, args=(out, stop)) for _ in range(3)]
    movers = [SERVER.Process(target=_move_on, args=(out, stop)) for _ in range(2)]
    for process in (*holders, *movers):
        process.start()
    bad = []
    for n in range(1, count + 1):
        (raw / "n.txt").write_text("\n".join(PAIR.format(n=m) for m in range(n + 1)))
        code, output = Run(raw, out).ended()
        bad += [f"run {n}: exit {code}, {output}"] if code else []
    stop.set()
    for process in (*holders, *movers):
        process.join(60)
        bad += [f"a reader ended with {process.exitcode}"] if process.exitcode else []
    return bad


def _hold(out: Path, stop: object) -> None:
    """One generation from the first refresh to the last."""
    with pipeline.open(out) as ledger:
        first = _rows(ledger)
        while not stop.wait(PAUSE):
            if _rows(ledger) != first:
                sys.exit("the generation that is held has changed")
        if ledger.generation != first[0]:
            sys.exit("it is another generation")


def _move_on(out: Path, stop: object) -> None:
    """The newest generation, again and again, each of them whole."""
    while not stop.wait(PAUSE):
        with pipeline.open(out) as ledger:
            for _ in range(3):
                _rows(ledger)
                ledger.refresh()


def _rows(ledger: pipeline.Ledger) -> tuple[str, int]:
    """The generation and its rows; ends the process where they do not belong together."""
    rows = len(ledger.sql("select * from qa"))
    (output,) = ledger.sql("select qa from runs order by started_at desc limit 1")["qa"]
    if rows != output or rows != ledger.manifest.tables["qa"]["rows"]:
        sys.exit(f"{rows} rows of qa, but the run made {output}")
    return ledger.generation, rows
