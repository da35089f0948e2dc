"""Measures how fast tables are tagged, relative to four regular expressions of DuckDB over the same rows.

    python benchmarks/topics.py [--rows 20000]

The rows are generated; almost all differ. A seventh are about one of the required topics, the others about diseases;
most get a tag. Both sides use one thread, and the processor time of the best of three runs counts. DuckDB only
reports whether a pattern matches; `tag_table` gives twenty topics with their evidence.

Measured on a busy machine with two cores: 44,000 to 49,000 rows/s, 4.1 to 4.5 times as long as the four patterns. It
took 17 times as long before prefilter.py existed, and 8 times before prefilter.py found where a cue can begin. Arrays
take 40 % of the time, matching cues at these positions 15 %, and the tags with their evidence the rest.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable

import duckdb
import pandas as pd

from pipeline.topics.tagging import tag_table

SUBJECTS = ["asthma", "gout", "migraine", "anemia", "psoriasis", "a stroke", "shingles", "sleep apnea", "kidney stones"]
PEOPLE = ["a child", "an adult", "a man", "a woman", "an athlete", "a smoker", "a teenager", "an older person"]
QUESTIONS = ["What is {}?", "What causes {}?", "How is {} treated?", "Can {} be prevented?", "Who is at risk for {}?"]
FACTS = [
    "It is more common in older people, and it often runs in families.",
    "The symptoms differ from person to person and may come and go.",
    "A doctor looks at the skin, asks about earlier illnesses and may order a scan of the chest.",
    "Several medicines ease the pain, and most people go on with what they like to do.",
    "Researchers look for the changes in cells that lead to it.",
    "Eating well, sleeping enough and walking every morning help many patients.",
    "In rare cases it spreads to the lungs or to the bones nearby.",
]
TOPICAL = [
    "Ask your insurance company whether the plan will pay for it.",
    "Bring copies of your medical records and test results to the visit.",
    "Call your doctor right away if you cannot breathe well.",
    "The visit costs $40, and the test is free of charge.",
]
FOUR_PATTERNS = [
    r"(?i)\b(insurance|insurers?|medicare|medicaid|health plans?|coverage)\b",
    r"(?i)\b(medical records?|test results?|copies of|reports?|discharge summary)\b",
    r"(?i)\b(right away|as soon as|deadline|within \d+ days|when should|how long)\b",
    r"(?i)\b(costs?|fees?|free of charge|out of pocket|copay|premiums?|how much)\b",
]


def made_rows(count: int, seed: int = 1) -> pd.DataFrame:
    """`count` rows of about 350 characters: qa_id, question, answer."""
    choose = random.Random(seed)
    rows = []
    for number in range(count):
        sentences = choose.choices(FACTS, k=choose.randint(3, 7))
        if number % 7 == 0:
            sentences[choose.randrange(len(sentences))] = choose.choice(TOPICAL)
        subject = f"{choose.choice(SUBJECTS)} in {choose.choice(PEOPLE)} of {choose.randint(2, 90)}"
        question = choose.choice(QUESTIONS).format(subject)
        rows.append((f"qa{number}", question, " ".join(sentences)))
    return pd.DataFrame(rows, columns=["qa_id", "question", "answer"])


def best_seconds(work: Callable[[], object], runs: int = 3) -> float:
    """Processor time of the fastest run."""
    seconds = []
    for _ in range(runs):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return min(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    rows = made_rows(parser.parse_args().rows)
    db = duckdb.connect()
    db.execute("set threads = 1")
    db.register("rows_frame", rows)
    db.execute("create table rows as select question || ' ' || answer as text from rows_frame")
    query = "select " + ", ".join(f"count(*) filter (regexp_matches(text, '{pattern}'))" for pattern in FOUR_PATTERNS)

    tagging = best_seconds(lambda: tag_table(rows))
    bare = best_seconds(lambda: db.execute(f"{query} from rows").fetchall())
    length = (rows["question"].str.len() + rows["answer"].str.len()).mean()
    print(f"{len(rows):,} rows of {length:.0f} characters, {len(tag_table(rows)):,} tags")
    print(f"tag_table                 {len(rows) / tagging:>10,.0f} rows/s")
    print(f"four patterns in DuckDB   {len(rows) / bare:>10,.0f} rows/s")
    print(f"ratio of seconds          {tagging / bare:>10.1f}")


if __name__ == "__main__":
    main()
