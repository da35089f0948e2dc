"""Many nights in a row: what is kept, what it costs on disk, how fresh the tables are, is as docs/nightly.md says."""

from __future__ import annotations

from nights import many_nights


def test_after_each_of_many_nights_generations_disk_and_freshness_are_as_documented(tmp_path):
    nights = many_nights(tmp_path, 5, 20)
    assert {"idle", "change", "fail", "roll_back", "pin"} <= nights.kinds.keys()
