"""Kills runs, makes their disk fail and damages files; checks what is left, and whether one plain rerun repairs it.

    python benchmarks/crashes.py kills 500     SIGKILL at each call that writes, half way through it, at random
    python benchmarks/crashes.py faults        ENOSPC and EIO at every call that writes (needs gcc, as kills does);
                                               `faults 8`: at every eighth
    python benchmarks/crashes.py blocks 250    damage to 250 blocks of the database, healed by run --full
    python benchmarks/crashes.py mutations 5000  damaged source files of every format, the good page kept
    python benchmarks/crashes.py nights 60     idle, changed, failed, rolled back and pinned nights in random order
    python benchmarks/crashes.py flips 2000    bit flips and truncations of published files, found by verify
    python benchmarks/crashes.py readers 100   refreshes under five readers that hold their generation open
    python benchmarks/crashes.py edits 200     random edits: the dry run was right, and incremental equals full

Each command prints what it did and every fault it found, and exits with 1 if it found one. tests/ has short forms.
A folder that a disturbed run left as it was, but for its journal, is repaired once, not once for each run.
What only one command needs is imported by it: every disturbed run imports this module again.
"""

from __future__ import annotations

import ctypes
import errno
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing import util
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent.parent / "tests")]

from faults import Run, Situation, faults_of, prepare_situation, state_of  # noqa: E402

SHIM = Path(tempfile.gettempdir()) / f"qaledger-faults-{os.getuid()}.so"
KILL, KILL_HALF_WAY = -1, -2  # as in faults.c


def preload_shim() -> None:
    """Restart this program with the shim loaded before all other libraries, here and in every child process."""
    if str(SHIM) in os.environ.get("LD_PRELOAD", ""):
        return
    source = Path(__file__).with_name("faults.c")
    subprocess.run(["gcc", "-std=gnu11", "-O1", "-w", "-shared", "-fPIC", "-o", SHIM, source, "-ldl"], check=True)
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "LD_PRELOAD": str(SHIM)})


def arm(out: Path, nth: int, fault: int, counted: Path | None = None) -> None:
    """Called in the process of a run: cause the fault at its `nth` call that changes a file or a name below `out`.

    With 0 no call fails. `counted`: the file that gets the number of calls, for a full disk of those that take space.
    """
    shim = ctypes.CDLL(None)
    shim.fault_arm(os.fsencode(out), ctypes.c_long(nth), fault)
    if counted is not None:
        util.Finalize(None, lambda: counted.write_text(str(shim.fault_count())), exitpriority=1)


def writes_of(situation: Situation, base: Path, fault: int) -> int:
    """The number of calls that write in an undisturbed run, and at which this fault can occur."""
    counted = base / "counted"
    code, output = Run(situation.raw, situation.copy_to(base / "out"), arm, 0, fault, counted).ended()
    if code:
        raise RuntimeError(output)
    return int(counted.read_text())


def situations(base: Path) -> Iterator[tuple[str, Situation]]:
    incremental = prepare_situation(base)
    yield "first run", incremental.at_first()
    yield "changed pages", incremental
    yield "nothing changed", incremental.when_nothing_changed()


def kills(base: Path, count: int) -> list[str]:
    """Kill runs: a third before calls that write, a third half way through one, a third at random times."""
    preload_shim()
    bad, done, draw, repaired = [], Counter[str](), random.Random(500), set[frozenset[tuple[str, str]]]()
    for number, (name, situation) in enumerate(situations(base), 1):
        writes = writes_of(situation, base, KILL)
        per_situation = (count * number // 3 - done.total()) // 3
        print(f"{name}: {writes} calls that write", flush=True)
        for fault, kind in ((KILL, "before a call"), (KILL_HALF_WAY, "half way through a call")):
            for nth in sorted(draw.sample(range(1, writes + 1), min(per_situation, writes))):
                bad += _one(situation, base, f"{name}, {kind} {nth}", done, repaired, kind, nth, fault)
            print(f"so far: {dict(done)}, {len(bad)} bad", flush=True)
        begun = time.monotonic()
        Run(situation.raw, situation.copy_to(base / "out")).ended()
        length = time.monotonic() - begun
        for moment in [draw.uniform(0, length) for _ in range(count * number // 3 - done.total())]:
            out = situation.copy_to(base / "out")
            code, _ = Run(situation.raw, out).killed_after(moment)
            bad += [f"after {moment:.3f} s: {fault}" for fault in _faults_once(situation, out, repaired)]
            done[f"at a random time: exit {code}"] += 1
        print(f"so far: {dict(done)}, {len(bad)} bad", flush=True)
    return bad


def faults(base: Path, every: int) -> list[str]:
    """Let every call that writes fail, or only every `every`-th one."""
    preload_shim()
    bad, done, repaired = [], Counter[str](), set[frozenset[tuple[str, str]]]()
    for name, situation in situations(base):
        for fault in (errno.ENOSPC, errno.EIO):
            writes = writes_of(situation, base, fault)
            print(f"{name}: {writes} calls that write and can fail with {errno.errorcode[fault]}", flush=True)
            for nth in range(1, writes + 1, every or 1):
                what = f"{name}, {errno.errorcode[fault]}, call {nth} of {writes}"
                bad += _one(situation, base, what, done, repaired, errno.errorcode[fault], nth, fault)
            print(f"so far: {dict(done)}, {len(bad)} bad", flush=True)
    return bad


def _one(
    situation: Situation,
    base: Path,
    what: str,
    done: Counter[str],
    repaired: set[frozenset[tuple[str, str]]],
    kind: str,
    nth: int,
    fault: int,
) -> list[str]:
    """The faults that one disturbed run left. A run that failed must say so in one sentence, unless it published."""
    out = situation.copy_to(base / "out")
    code, output = Run(situation.raw, out, arm, nth, fault).ended()
    done[f"{kind}: exit {code}"] += 1
    bad = _faults_once(situation, out, repaired)
    if code == 1 and ("cannot be written" not in output or "\n" in output):
        bad.append(f"exit 1, but it says {output!r}")
    for line in bad:
        print(f"{what}: {line}", flush=True)
    return [f"{what}: {line}" for line in bad]


def _faults_once(situation: Situation, out: Path, repaired: set[frozenset[tuple[str, str]]]) -> list[str]:
    """The faults that a run left, unless the folder is as an earlier run left it, whose faults were told."""
    state = state_of(out) | {("situation", situation.published.name)}
    if state in repaired:
        return []
    repaired.add(state)
    return faults_of(situation, out, laws=False)


def flips(base: Path, count: int) -> list[str]:
    import damage

    return damage.missed(prepare_situation(base).published, count, random.Random(2000))


def blocks(base: Path, count: int) -> list[str]:
    import damage

    return damage.not_healed(prepare_situation(base).when_nothing_changed(), base / "out", count)


def readers(base: Path, count: int) -> list[str]:
    from readers import refreshes

    return refreshes(base, count)


def edits(base: Path, count: int) -> list[str]:
    from edits import wrong_dry_runs

    return wrong_dry_runs(base, count)


def mutations(base: Path, count: int) -> list[str]:
    from mutations import faults_of_mutations

    return faults_of_mutations(base, count)


def nights(base: Path, count: int) -> list[str]:
    from nights import many_nights

    try:
        done = many_nights(base, random.randrange(10**6), count)
    except AssertionError as err:
        return [str(err)]
    print(dict(done.kinds), flush=True)
    return []


COMMANDS = {one.__name__: one for one in (kills, faults, flips, readers, edits, blocks, mutations, nights)}


def main() -> int:
    what, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        bad = COMMANDS[what](Path(folder), count)
    print(f"{what}: {len(bad)} bad, {time.monotonic() - started:,.0f} s", *bad[:50], sep="\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
