"""The cache of the duplicates stage: a run compares only what changed, and its result is as if all texts were new."""

from __future__ import annotations

import random
from hashlib import md5
from itertools import product

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.duplicates.containment import is_passage_in
from pipeline.duplicates.decisions import Decision
from pipeline.duplicates.signatures import hash64
from pipeline.duplicates.stage import relate_all
from pipeline.storage.schema import ddl
from pipeline.text.keys import answer_key, content_key, question_key

WORDS = ("rest", "water", "sleep", "fever", "doctor", "nurse", "visit", "pain", "heart", "scan", "test", "week", "cost")
QUESTIONS = ["What helps?", "What helps", "How much is it?", "How much does it cost?", "Who pays?", "???"]
# Small enough that a few dozen rows cross every one of them.
LIMITS = {"largest_group": 4, "largest_document_frequency": 3, "largest_search": 5}

Row = tuple[str, str, str, str | None, bool]  # id, document, question, answer, whether it is an orphan's text


def sentence(draw: random.Random, words: int) -> str:
    return " ".join(draw.choices(WORDS, k=words)).capitalize() + "."


def texts(draw: random.Random) -> list[str]:
    """Answers that repeat, hold, cut, change and share sentences with each other."""
    base = [" ".join(sentence(draw, draw.randint(5, 12)) for _ in range(draw.randint(1, 3))) for _ in range(6)]
    made = list(base)
    for _ in range(12):
        one, other = draw.choice(made), draw.choice(made)
        made += [
            one[: draw.randint(min(20, len(one)), len(one))] + "…",
            one.replace(draw.choice(one.split()), draw.choice(["not", "2", "nurses"]), 1),
            f"{one} {other}",
            f"{one}\n{other}",
            one.split(". ")[-1],
            one.upper(),
        ]
    return made


def rows(draw: random.Random, answers: list[str], count: int) -> dict[str, Row]:
    made: dict[str, Row] = {}
    for number in range(count):
        answer = draw.choice([*answers, None]) if draw.random() < 0.9 else None
        is_orphan = answer is not None and draw.random() < 0.15
        made[f"{number:03}"] = (f"{number:03}", f"d_{number % 7}", draw.choice(QUESTIONS), answer, is_orphan)
    return made


def update_tables(db: duckdb.DuckDBPyConnection, wanted: dict[str, Row]) -> None:
    """Update the tables to the wanted rows as a run does: changed rows are deleted and inserted again."""
    db.execute("create table if not exists current_rows (id varchar, row varchar)")
    known = dict(db.execute("from current_rows").fetchall())
    changed = [id_ for id_ in {*known, *wanted} if known.get(id_) != repr(wanted.get(id_))]
    for table, name in (
        ("occurrences", "occurrence_id"),
        ("leftovers", "leftover_id"),
        ("cache.occurrence_hashes", "occurrence_id"),
    ):
        if db.execute(
            "select 1 from information_schema.tables where table_name = ?", [table.split(".")[-1]]
        ).fetchall():
            db.execute(f"delete from {table} where {name}[3:5] in (select unnest(?))", [changed])
    db.execute("delete from current_rows where id in (select unnest(?))", [changed])
    new = [wanted[id_] for id_ in changed if id_ in wanted]
    if new:
        db.executemany("insert into current_rows values (?, ?)", [(row[0], repr(row)) for row in new])
    occurrences = pa.table(
        {
            "occurrence_id": [f"o_{row[0]}" for row in new if not row[4]],
            "document_id": [row[1] for row in new if not row[4]],
            "question_key": [question_key(row[2]) for row in new if not row[4]],
            "answer": pa.array([row[3] for row in new if not row[4]], pa.string()),
            "answer_key": pa.array([row[3] and answer_key(row[3]) for row in new if not row[4]], pa.string()),
            "is_answered": pa.array([row[3] is not None for row in new if not row[4]], pa.bool_()),
            "is_truncated": pa.array([bool(row[3] and row[3].endswith("…")) for row in new if not row[4]], pa.bool_()),
        }
    )
    # a leftover's id is made from its text, so another text is another id
    leftovers = pa.table(
        {
            "leftover_id": pa.array([f"l_{row[0]}{content_key('', row[3])[:8]}" for row in new if row[4]], pa.string()),
            "role": pa.array(["orphan_answer" for row in new if row[4]], pa.string()),
            "text": pa.array([row[3] for row in new if row[4]], pa.string()),
        }
    )
    for name, table in (("occurrences", occurrences), ("leftovers", leftovers)):
        db.register("new_rows", table)
        db.execute(f"create table if not exists {name} as from new_rows limit 0")
        db.execute(f"insert into {name} from new_rows")
        db.unregister("new_rows")
    db.execute(next(ddl("duplicates")).replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))


def result(db: duckdb.DuckDBPyConnection) -> dict[str, pd.DataFrame]:
    return {
        "duplicates": db.sql("from duplicates order by all").df(),
        "members": db.sql("from members order by all").df(),
        "orphans": db.sql("from orphans_joined order by all").df(),
    }


def decisions(draw: random.Random, present: dict[str, Row], count: int) -> list[Decision]:
    keys = sorted(
        {content_key("" if row[4] else question_key(row[2]), row[3] and answer_key(row[3])) for row in present.values()}
    )
    return [Decision(*draw.sample(keys, 2), draw.choice(["same", "different", "keep"]), "Ada") for _ in range(count)]


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32), decided=st.integers(0, 4))
@pytest.mark.parametrize("limits", [LIMITS, {}], ids=["everything is too much", "as shipped"])
def test_an_incremental_run_gives_the_tables_of_a_full_one(limits, seed, decided):
    draw = random.Random(seed)
    answers = texts(draw)
    present = rows(draw, answers, 40)
    said = decisions(draw, present, decided)
    with duckdb.connect(config={"threads": 1}) as db:
        for _ in range(4):
            update_tables(db, present)
            relate_all(db, said, limits=limits)
            with duckdb.connect(config={"threads": 1}) as new_db:
                update_tables(new_db, present)
                relate_all(new_db, said, limits=limits)
                expected = result(new_db)
            for name, frame in result(db).items():
                pd.testing.assert_frame_equal(frame, expected[name], obj=name)
            for id_ in draw.sample(sorted(present), min(len(present), draw.choice([1, 5, 20]))):
                del present[id_]
            present |= dict(draw.sample(sorted(rows(draw, answers, 60).items()), draw.choice([1, 5, 25])))


def test_a_refresh_takes_out_the_texts_that_it_compares_and_no_others():
    known = {
        id_: (id_, "d_0", f"What is {word}?", " ".join(f"{word}{letter}" for letter in "abcdefghij"), False)
        for id_, word in zip(map("{:03}".format, range(len(WORDS))), WORDS, strict=True)
    }
    answer = known["000"][3]
    longer = f"{answer} and more"
    with duckdb.connect(config={"threads": 1}) as db:
        for current in (known, known | {"100": ("100", "d_1", "What else?", longer, False)}):
            update_tables(db, current)
            relate_all(db)
        assert db.execute("select answer from few_texts order by answer").fetchall() == [(answer,), (longer,)]


def test_a_refresh_lists_a_near_copy_once_many_questions_have_the_names_that_kept_it_out():
    answer = "It is passed on by one gene of the father, and a nurse can test for it in the hospital."
    present = {
        "1": ("001", "d", "How is asthma passed on?", answer, False),
        "2": ("002", "d", "How is eczema passed on?", answer.replace("hospital", "hopsital"), False),
    }
    asked = [(f"What {verb} {name}?", name) for verb in ("causes", "eases", "worsens") for name in ("asthma", "eczema")]
    more = {
        f"{n}": (f"{n:03}", "d", question, f"Ask about {name}.", False) for n, (question, name) in enumerate(asked, 3)
    }
    with duckdb.connect(config={"threads": 1}) as db:
        update_tables(db, present)
        relate_all(db, limits=LIMITS)
        kinds = "select kind from duplicates where a_id = 'o_001' and b_id = 'o_002' and kind = 'near_pair'"
        assert not db.execute(kinds).fetchall(), "two facts"
        update_tables(db, present | more)
        relate_all(db, limits=LIMITS)
        assert db.execute(kinds).fetchall(), "names of more than three questions say nothing"


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_contained_answer_is_found(seed):
    draw = random.Random(seed)
    present = {id_: row for id_, row in rows(draw, texts(draw), 60).items() if row[3] and not row[4]}
    key_of = {f"o_{row[0]}": answer_key(row[3] or "") for row in present.values()}
    keys = {hash_: key for hash_, key in zip(map(content_hash, key_of.values()), key_of.values(), strict=True) if key}
    with duckdb.connect(config={"threads": 1}) as db:
        update_tables(db, present)
        relate_all(db)
        related = db.execute("select a_hash, b_hash, kind from cache.relations where is_contained").fetchall()
        found = {frozenset((keys[a], keys[b])) for a, b, _ in related}
        listed = {
            frozenset((keys[a], keys[b])) for a, b in db.execute("select a_hash, b_hash from contained").fetchall()
        }
    assert {kind for *_, kind in related} <= {"answer_contained", "near_conflict"}, "what is added may be a condition"
    whole = {frozenset((a, b)) for a in keys.values() for b in keys.values() if a != b and is_passage_in(a, b)}
    assert whole <= found
    assert whole <= listed


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), vocabulary=st.integers(1, 4))
def test_answers_that_share_a_sentence_are_split(seed, vocabulary):
    draw = random.Random(seed)
    words = WORDS[:vocabulary]  # so few that a sentence repeats its own words, and its runs of five with them
    shared = " ".join(draw.choices(words, k=8)).capitalize() + "."
    own = [" ".join([name, *draw.choices(WORDS, k=draw.randint(1, 9))]).capitalize() + "." for name in "12"]
    asked = {name: (f"00{name}", "d", name, f"{shared} {text}", False) for name, text in zip("12", own, strict=True)}
    with duckdb.connect(config={"threads": 1}) as db:
        update_tables(db, asked)
        relate_all(db)
        sql = "select count(*) from cache.sentences where sentence_hash = ?"
        assert db.execute(sql, [hash64(answer_key(shared))]).fetchall() == [(2,)]


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_near_copy_is_a_candidate_pair(seed):
    draw = random.Random(seed)
    words = " ".join(sentence(draw, draw.randint(4, 14)) for _ in range(draw.randint(1, 6))).split()
    words = [f"{word}{draw.randint(0, 30)}" for word in words]  # no phrase twice, as in a text of many words
    position = draw.randrange(len(words))
    other = [*words[:position], "changed", *words[position + 1 :]]
    asked = {"1": ("001", "d", "Why?", " ".join(words), False), "2": ("002", "d", "How?", " ".join(other), False)}
    with duckdb.connect(config={"threads": 1}) as db:
        update_tables(db, asked)
        relate_all(db)
        assert db.execute("select count(*) from new_candidate_pairs").fetchall() == [(1,)]


def content_hash(key: str) -> int:
    """As the database names a text: the last 8 bytes of its MD5."""
    return int.from_bytes(md5(key.encode()).digest()[8:], "little")


@pytest.mark.parametrize("limits", [{"largest_group": 4}, LIMITS], ids=["many answers", "and common phrases"])
def test_a_chain_never_puts_a_conflict_into_one_row_where_answers_are_too_many_to_compare_all(limits):
    """Each answer is compared with the first one alone. That says "a", the others "any" or "the": any may join it."""
    articles = [("a", "a", "a"), *list(product(("any", "the"), repeat=3))[:5]]
    for hour in range(100):
        answers = [f"Take {x} tablet with {y} meal and {z} drink at {hour} each morning." for x, y, z in articles]
        if min(answers, key=lambda answer: content_hash(answer_key(answer))) == answers[0]:
            break
    assert sizes_of_rows(answers, limits) == [1, 1, 1, 1, 2], "only the first is one with another"


@pytest.mark.parametrize("limits", [{"largest_group": 4}, LIMITS], ids=["many answers", "and common phrases"])
def test_answers_with_and_without_a_number_are_never_one_row_however_many_they_are(limits):
    answers = [f"Take {count}tablets with food each morning." for count in ("", "2 ", "3 ", "4 ", "5 ", "6 ")]
    assert sizes_of_rows(answers, limits) == [1] * 6


def sizes_of_rows(answers: list[str], limits: dict[str, int]) -> list[int]:
    """How many occurrences each row has if these answers are given to one question."""
    asked = {answer: (f"{n:03}", f"d_{n}", "How many do I take?", answer, False) for n, answer in enumerate(answers)}
    with duckdb.connect(config={"threads": 1}) as db:
        update_tables(db, asked)
        relate_all(db, limits=limits)
        return [size for (size,) in db.execute("select count(*) from members group by qa_id order by all").fetchall()]


@pytest.mark.parametrize(("largest", "pairs"), [(6, 9), (5, 5)], ids=["few", "too many"])
def test_two_groups_that_together_have_too_many_members_are_paired_with_each_others_canonical_one(largest, pairs):
    """Two near copies under three questions each: 3 times 3 pairs, or each of the six with one of the others."""
    copies = [
        f"Lie down for an hour after lunch and close the {what} before you do." for what in ("curtains", "curtians")
    ]
    asked = {str(n): (f"{n:03}", f"d_{n}", f"What helps in case {n}?", copies[n % 2], False) for n in range(6)}
    with duckdb.connect(config={"threads": 1}) as db:
        update_tables(db, asked)
        relate_all(db, limits={"largest_group": largest})
        assert db.execute("select count(*) from duplicates where kind = 'near_pair'").fetchall() == [(pairs,)]


YELLOW, NOON = "Ask for the old yellow form", "Port all of it by noon"


@pytest.mark.parametrize(
    ("part", "whole", "stands"),
    [
        (YELLOW, "Ask for the old yellow form. A doctor wrote it down.", True),
        (YELLOW, "Ask for the old yellow formula. A doctor wrote it down.", False),
        (YELLOW, "Go there. Ask for the old yellow form. Come back with it.", True),
        (YELLOW, "Go there. Ask for the old yellow formula. Come back with it.", False),
        (NOON, "There is a van. Port all of it by noon.", True),
        (NOON, "There is a van. Transport all of it by noon.", False),
        ("Ask for the form.", "Ask for the form. A doctor wrote it down.", False),
    ],
)
def test_a_part_has_five_words_and_stands_on_word_boundaries(part, whole, stands):
    """Four more answers hold five of its words, the first or the last, so that it is looked for by the other five."""
    key = answer_key(part)
    words = key.split()[1:] if key == answer_key(YELLOW) else key.split()[:-1]
    more = [f"{number} times {' '.join(words)} {number}." for number in ("Two", "Three", "Four", "Five")]
    assert is_passage_in(key, answer_key(whole)) is stands
    answers = enumerate((part, whole, *more))
    with duckdb.connect(config={"threads": 1}) as db:
        update_tables(db, {answer: (f"00{n}", f"d_{n}", f"Why {n}?", answer, False) for n, answer in answers})
        relate_all(db)
        sql = "select count(*) from duplicates where kind = 'answer_contained' and (a_id, b_id) = ('o_000', 'o_001')"
        assert db.execute(sql).fetchall() == [(int(stands),)]
