"""The benchmark suite works; how long things take is for `make bench` to say."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_suite_measures_a_small_corpus_from_end_to_end(tmp_path):
    suite = (sys.executable, "-m", "benchmarks.suite", "--to", tmp_path, "--workers", "2")
    small = ("--mb", "0.2", "--shapes", "pages", "--times", "1")
    done = subprocess.run([*suite, *small], cwd=ROOT, check=True, capture_output=True, text=True)
    results = json.loads((tmp_path / "suite.json").read_text("utf-8"))
    (row,) = results["corpora"]
    assert 0.1 < row["megabytes"] < 0.4
    parts = row["runs"].pop("parts")
    assert {"compare", "SQL", "figures", "parse", "topics", "start-up", "in and out"} < set(parts)
    assert all(seconds > 0 for seconds in parts.values())
    for peer in ("floor", "assembled", "assembled, quantulum3"):  # where their libraries are installed
        row["runs"].pop(peer, None)
    assert set(row["runs"]) == {
        *("reference", "first", "first, one worker", "unchanged", "1 % changed"),
        *("read, 1 worker", "read, 2 workers"),
    }
    assert all(cost["wall"] > 0 and cost["busy"] > 0 for cost in row["runs"].values())
    assert row["runs"]["first"]["memory"] > 10_000_000
    assert set(row["runs"]["first"]["stages"]) >= {"read", "parse", "figures", "duplicates", "topics", "store"}
    assert "times the reference" in done.stdout
    assert (tmp_path / "suite.png").read_bytes()[:4] == b"\x89PNG"
