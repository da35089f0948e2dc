"""The review: what is shown, what a decision does, who may decide, and that nothing acknowledged is lost."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from reviewing import Server, Visitor, serving

import pipeline
from pipeline.audit.agreement import review_progress
from pipeline.audit.decision_log import DecisionLog, decision_state
from pipeline.audit.filters import Filter
from pipeline.audit.preview import preview
from pipeline.audit.review_queue import GROUP_TEXTS, ReviewQueue, _pair_groups
from pipeline.audit.security import Credentials
from pipeline.audit.spreadsheet import SpreadsheetRejected, export_review, import_review
from pipeline.audit.text_diff import compare
from pipeline.duplicates.decisions import Entry, append, decisions_in_force, read_entries
from pipeline.duplicates.stage import relate_published
from pipeline.errors import BadQuery


@pytest.fixture
def queue(published: Path, tmp_path: Path) -> Iterator[ReviewQueue]:
    found = ReviewQueue(published, DecisionLog(tmp_path / "decisions.jsonl"))
    yield found
    found.ledger.close()


@pytest.fixture
def server(published: Path, tmp_path: Path) -> Iterator[Server]:
    with serving(published, tmp_path / "decisions.jsonl") as running:
        yield running


def words(entries: list[Entry]) -> list[tuple[str, str, str, str]]:
    return [(entry.verdict, entry.a_key, entry.b_key, entry.note) for entry in entries]


# ---------------------------------------------------------------- the queue


def test_every_related_pair_of_texts_is_in_exactly_one_group(queue):
    pairs = queue.pairs(Filter())
    groups, total = queue.page(Filter())
    in_groups = [(pair["a_key"], pair["b_key"]) for group in groups for pair in queue.group(group["group"])]
    assert total == len(groups)
    assert sorted(in_groups) == sorted((pair["a_key"], pair["b_key"]) for pair in pairs)
    related = queue.ledger.sql(
        "select count(*) as n from (select distinct a_id, b_id from duplicates where kind <> 'exact_pair')"
    )
    assert len(pairs) == related["n"][0]


@pytest.mark.parametrize(
    "wanted",
    [
        *(Filter(sort=sort) for sort in ("importance", "size", "uncertainty", "documents")),
        *(Filter(text="opinion"), Filter(topic="insurance"), Filter(document="000")),
    ],
)
def test_the_next_pair_leads_through_all_of_them_once(queue, wanted):
    here, walked = queue.first(wanted), []
    while here:
        position = queue.position(wanted, queue.pair(*here))
        walked.append(here)
        assert (position.number, position.before) == (len(walked), walked[-2] if len(walked) > 1 else None)
        assert {"decided": position.decided, "left": position.left} == queue.progress(wanted)
        here = position.after
    assert walked == [(pair["a_key"], pair["b_key"]) for pair in queue.pairs(wanted)]
    assert len(set(walked)) == position.total == len(walked)


@pytest.mark.parametrize(
    "pairs",
    [
        [(0, n) for n in range(1, 500)],
        [(n, n + 1) for n in range(300)],
        [(a, b) for a in range(120) for b in range(a)],
        [(a, b) for a in range(60) for b in range(60, 120)],
    ],
    ids=["star", "chain", "all with all", "two sides"],
)
def test_one_page_can_show_a_group_and_each_pair_is_in_one(pairs):
    with duckdb.connect() as db:
        found = pd.DataFrame(
            {
                "pair": range(len(pairs)),
                "a_key": [f"{a:032x}" for a, _ in pairs],
                "b_key": [f"{b:032x}" for _, b in pairs],
                "merged": False,
                "score": [1 - n % 7 / 10 for n in range(len(pairs))],
            }
        )
        db.register("related_contents", found)
        groups = _pair_groups(db)
    assert sorted(groups["pair"]) == sorted(found["pair"])
    texts: dict[str, set[str]] = {}
    for row in found.merge(groups, on="pair").to_dict("records"):
        texts.setdefault(row["group"], set()).update((row["a_key"], row["b_key"]))
    assert max(map(len, texts.values())) <= GROUP_TEXTS
    assert all(name[:32] in {*found["a_key"], *found["b_key"]} for name in texts)
    assert len(texts) < len(pairs) / 8


def test_a_large_group_has_parts_and_says_in_which_words_its_texts_differ(raw, out, tmp_path):
    for number in range(60):
        answer = f"The pool is heated by the sun all summer, and boiler number {number} is used from October until May."
        (raw / f"page_{number}.txt").write_text(f"How is the pool heated?\n{answer}\n")
    pipeline.run(raw, out, workers=1)
    with serving(out, tmp_path / "decisions.jsonl") as running:
        ada = Visitor(running, "Ada")
        pages = {}
        for group in re.findall(r'class="row" href="(/group/[\w-]+)', ada.get("/?text=boiler").text):
            page = ada.get(group).text
            pages |= {int(part): page for part in re.findall(r"part (\d+) of \d+</h1>", page)}
            assert page.count('type="checkbox"') <= GROUP_TEXTS
        assert sorted(pages) == [1, 2, 3]
        assert "part 2 of a longer chain" in ada.get("/?text=boiler").text
        after = re.search(r'rel="next" href="(/group/[\w-]+)', pages[1])[1]
        assert "part 2 of" in ada.get(after).text
    assert pages[1].count("Compared with text 1:") == GROUP_TEXTS - 1
    assert re.search(r"only here <q>\d+</q> · not here <q>\d+</q>", pages[1])


def test_filters_show_what_they_say(queue):
    found = queue.pairs(Filter(kind="answer_contained"))
    assert found
    assert all("answer_contained" in pair["kinds"] for pair in found)
    asked = queue.pairs(Filter(text="SECOND opinion"))
    for pair in asked:
        texts = queue.texts([pair["a_key"], pair["b_key"]])
        assert any("second opinion" in f"{text['question']} {text['answer']}".lower() for text in texts)
    assert 0 < len(asked) < len(queue.pairs(Filter()))
    assert 0 < len(queue.pairs(Filter(topic="insurance"))) < len(queue.pairs(Filter()))
    assert len(queue.pairs(Filter(document="202d2"))) == len(queue.pairs(Filter()))
    assert queue.pairs(Filter(document="elsewhere")) == []
    assert queue.page(Filter(text="' or 1=1 --"))[1] == 0


@given(st.dictionaries(st.sampled_from(["kind", "topic", "document", "text", "state", "sort", "page"]), st.text()))
def test_any_query_is_a_filter_and_comes_back_from_its_own_words(query):
    wanted = Filter.of(query)
    from urllib.parse import parse_qsl

    assert Filter.of(dict(parse_qsl(wanted.query()))) == wanted


@given(st.text(alphabet="ab .…\n", max_size=60), st.text(alphabet="ab .…\n", max_size=60))
def test_pieces_are_the_texts_and_shared_words_are_the_same_on_both_sides(a, b):
    left, right = compare(a, b)
    assert ("".join(p.text for p in left), "".join(p.text for p in right)) == (a, b)
    is_alike = any(p.is_only for p in left + right) or not any(p.is_shared for p in left + right)
    is_marked = any(p.is_only or p.is_shared for p in left + right)
    if not is_marked and left != right:
        return  # not alike, and no long run is in both
    shared = [
        [word.strip(" .…\n") for p in side if (not p.is_only if is_alike else p.is_shared) for word in p.text.split()]
        for side in (left, right)
    ]
    assert [w for w in shared[0] if w] == [w for w in shared[1] if w]


def test_a_cut_is_marked_where_it_is():
    left, _ = compare("Drink water, rest …", "Drink water, rest and sleep.")
    assert [piece.text for piece in left if piece.is_cut] == ["…"]


# ---------------------------------------------------------------- decisions


def test_what_follows_from_decisions_is_decided_too(queue):
    a, b, c = "a" * 32, "b" * 32, "c" * 32
    entries = [Entry("same", "Ada", a, b, id="1"), Entry("different", "Bo", b, c, id="2")]
    found = decision_state(entries)
    number = dict(zip(found.same_groups["key"], found.same_groups["number"], strict=True))
    assert number[a] == number[b] != number[c]
    assert (number[a], number[c]) in set(found.separations.itertuples(index=False, name=None))


def test_texts_that_are_not_alike_are_marked_where_they_agree():
    shared = "Call the number on your card and ask for the billing desk."
    a, b = (
        f"Bills are sent in May and in October. {shared}",
        f"We have four doctors, two nurses and one dog. {shared} Bye",
    )
    one, other = compare(a + " x" * 30, b + " y" * 30)
    assert "".join(span.text for span in one) == a + " x" * 30
    assert not any(span.is_only for span in one + other)
    assert [span.text.strip() for span in one if span.is_shared] == [shared]
    assert [span.text.strip() for span in other if span.is_shared] == [shared]


def test_undo_withdraws_the_whole_last_action_of_this_reviewer(tmp_path):
    log = DecisionLog(tmp_path / "decisions.jsonl")
    log.add([Entry("same", "Ada", "a", "b"), Entry("same", "Ada", "a", "c")])
    log.add([Entry("different", "Bo", "x", "y")])
    assert len(log.undo("Ada")) == 2
    assert [decision.reviewer for decision in decisions_in_force(read_entries(log.path))] == ["Bo"]
    assert log.undo("Ada") == []
    assert len(log.undo("Bo")) == 1
    assert decisions_in_force(read_entries(log.path)) == []


@pytest.mark.parametrize("tables", ["duckdb", "parquet"])
def test_the_preview_says_what_the_next_run_does(raw, out, tables):
    path = raw.parent / "decisions.jsonl"
    pipeline.run(raw, out, workers=1, tables=tables)
    queue = ReviewQueue(out, DecisionLog(path))
    assert preview(queue, []) == []
    apart = next(pair for pair in queue.pairs(Filter()) if not pair["merged"])
    merged = next(p for p in queue.pairs(Filter(kind="answer_contained")) if p["merged"])
    append(path, [Entry("same", "Ada", apart["a_key"], apart["b_key"])])
    append(path, [Entry("different", "Ada", merged["a_key"], merged["b_key"])])
    decisions = queue.update().decisions
    whole = preview(queue, decisions)
    assert {"merged", "split"} <= {change.kind for change in whole}
    keys = [apart["a_key"], apart["b_key"]]
    assert {change for change in whole if change.kind == "merged"} <= set(preview(queue, decisions, keys))
    ledger = pipeline.run(raw, out, workers=1)
    assert (ledger.changes["merged"], ledger.changes["split"]) == (1, 1)
    assert preview(queue, queue.update().decisions) == []


# ---------------------------------------------------------------- the page


def test_a_reviewer_works_through_the_queue(server, tmp_path):
    ada = Visitor(server, "Ada")
    first = ada.get("/start")
    second = ada.decide(first.pair(), "same")
    assert second.pair() != first.pair()
    assert "Press <kbd>u</kbd> to undo it" in second.text
    third = ada.decide(second.pair(), "different", note="not the same dose")
    back = ada.post("/undo")
    assert back.pair() == second.pair()
    assert ada.decide(third.pair(), "flag").status == 422
    assert "ask Bo" in ada.decide(third.pair(), "flag", note="ask Bo").text
    entries = read_entries(tmp_path / "decisions.jsonl")
    assert [entry.verdict for entry in entries] == ["same", "different", "undo", "flag"]
    assert {entry.reviewer for entry in entries} == {"Ada"}
    assert "ask Bo" in ada.get(f"/pair/{third.pair()[0]}/{third.pair()[1]}?state=flagged").text


def test_a_group_is_decided_after_its_preview_and_undone_at_once(server, queue, tmp_path):
    ada = Visitor(server, "Ada")
    group = queue.page(Filter())[0][0]["group"]
    keys = [text["key"] for text in queue.texts([k for p in queue.group(group) for k in (p["a_key"], p["b_key"])])]
    shown = ada.get(f"/group/{group}?verdict=same&" + "&".join(f"key={key}" for key in keys))
    assert "merged into one row" in shown.text
    assert read_entries(tmp_path / "decisions.jsonl") == []
    done = ada.post("/decide-group", group=group, verdict="same", key=keys)
    assert f"({len(keys) - 1} decisions)" in done.text
    assert len(decisions_in_force(read_entries(tmp_path / "decisions.jsonl"))) == len(keys) - 1
    ada.post("/undo")
    assert decisions_in_force(read_entries(tmp_path / "decisions.jsonl")) == []


def test_a_text_is_moved_to_another_row_and_away_from_its_own(server, queue, tmp_path):
    ada = Visitor(server, "Ada")
    pair = next(p for p in queue.pairs(Filter(kind="answer_contained")) if p["merged"])
    here = (pair["a_key"], pair["b_key"])
    target = next(text for text in queue.find_texts("insurance") if text["key"] not in here)
    assert target["key"] in ada.get(f"/move/{here[0]}/{here[1]}?side=a&find=insurance").text
    ada.decide(here, "move_a", to=target["key"])
    (entry,) = read_entries(tmp_path / "decisions.jsonl")
    assert (entry.verdict, entry.a_key, entry.b_key) == ("move", here[0], target["key"])
    assert here[1] in entry.away_from


def test_two_reviewers_see_each_others_decisions_and_contradictions(server, queue):
    ada, bo = Visitor(server, "Ada"), Visitor(server, "Bo")
    pair = queue.first(Filter())
    ada.decide(pair, "same")
    bo.decide(pair, "different")
    told = ada.get("/contradictions").text
    assert "1 contradiction" in told
    assert "<b>Ada</b>" in told
    assert "<b>Bo</b>" in told
    refused = re.search(r'Not applied:.*?name="entry" value="(\w+)"', told, re.DOTALL)[1]
    ada.post("/undo", entry=refused)
    assert "No contradiction" in ada.get("/contradictions").text


def test_what_was_acknowledged_before_the_server_was_killed_is_stored(published, tmp_path):
    path = tmp_path / "decisions.jsonl"
    acknowledged = []
    for _ in range(3):
        with serving(published, path) as server:
            ada = Visitor(server, "Ada")
            for _ in range(4):
                pair = ada.get("/start").pair()
                assert ada.decide(pair, "same").status == 200
                acknowledged.append(pair)
            server.kill()
    assert {decision.pair for decision in decisions_in_force(read_entries(path))} == set(acknowledged)
    assert len(set(acknowledged)) == 12


def test_every_page_answers(server, queue):
    ada = Visitor(server, "Ada")
    a, _ = queue.first(Filter())
    for path in ("/", "/preview", "/contradictions", "/agreement", "/redirects", f"/passages/{a}", "/name?next=/"):
        assert ada.get(path).status == 200, path
    assert ada.get("/redirects.csv").text.startswith("action,uri,url,line,question,share,target_uri")
    assert ada.get("/pair/x/y").status == 404
    assert ada.get("/group/x").status == 404


# ---------------------------------------------------------------- who may do what


def test_nobody_without_the_token_sees_or_decides_anything(server):
    for opens in ("/", "/?token=wrong", "/static/audit.css", "/agreement"):
        assert Visitor(server, opens=opens).page.status == 403, opens


def test_a_page_under_another_name_is_turned_away(server):
    assert Visitor(server, "Ada").get("/", Host="evil.example").status == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
def test_another_pages_form_changes_nothing(server, tmp_path, origin):
    ada = Visitor(server, "Ada")
    pair = ada.get("/start").pair()
    headers = {"Origin": origin}
    assert ada.post("/decide", headers, a=pair[0], b=pair[1], verdict="same").status == 403
    assert not (tmp_path / "decisions.jsonl").exists()


def test_a_form_without_our_mark_and_a_get_change_nothing(server, tmp_path):
    ada = Visitor(server, "Ada")
    a, b = ada.get("/start").pair()
    assert ada.post("/decide", form_token="0" * 64, a=a, b=b, verdict="same").status == 403
    for path in (f"/decide?a={a}&b={b}&verdict=same", "/undo", "/decide-group"):
        assert ada.get(path).status == 405
    assert not (tmp_path / "decisions.jsonl").exists()


def test_a_form_too_large_is_refused(server):
    assert Visitor(server, "Ada").post("/decide", note="x" * 300_000).status == 413


@pytest.mark.parametrize("name", ["rule", "x" * 61, " ", "a\x1bb"])
def test_a_name_that_is_none_is_refused(server, name):
    ada = Visitor(server, "Ada")
    assert ada.post("/name", name=name, next="/").status == 422


def test_after_the_name_no_redirect_leaves_this_server(server):
    ada = Visitor(server, "Ada")
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert ada.post("/name", name="Ada", next=elsewhere).url == server.origin + "/"


def test_every_answer_keeps_the_page_to_itself(server):
    ada = Visitor(server, "Ada")
    pages = [ada.get(path) for path in ("/", "/static/audit.js", "/nowhere")]
    for page in pages:
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["x-content-type-options"] == "nosniff"
    assert len({page.headers["content-security-policy"] for page in pages}) == 3


@pytest.mark.parametrize(
    ("listens", "host", "is_own"),
    [
        ("127.0.0.1", "127.0.0.1:80", True),
        ("127.0.0.1", "localhost:80", True),
        ("127.0.0.1", "[::1]:80", True),
        ("127.0.0.1", "192.0.2.7:80", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "a@127.0.0.1", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "[::1", False),
        ("0.0.0.0", "192.0.2.7:80", True),
        ("0.0.0.0", "evil.example", False),
        ("review.example", "review.example:80", True),
    ],
)
def test_which_names_are_this_machine(listens, host, is_own):
    assert Credentials(listens, 80).is_own_host(host) is is_own


def test_the_command_serves_its_page_in_a_new_process_too(published, tmp_path):
    words = ["audit", "--no-browser", "--out", published, "--decisions", tmp_path / "decisions.jsonl"]
    command = [sys.executable, "-m", "pipeline", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        address = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        assert Visitor(Server(address, process)).page.status == 200
        process.terminate()


def test_without_the_extra_the_command_to_install_it_is_named(published, tmp_path):
    hide = "import sys; sys.modules['starlette'] = None; from pipeline.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hide, "audit", "--out", published],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "pip install 'qaledger[audit]'" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


# ---------------------------------------------------------------- spreadsheets


def _csv_rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text("utf-8"), newline="")))


def _fill(path: Path, decisions: list[tuple[str, str]]) -> None:
    """Decide in the first rows of an exported review, as a person would."""
    if path.suffix == ".csv":
        rows = _csv_rows(path)
    else:
        rows = [[cell or "" for cell in row] for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]
    for row, (decision, note) in zip(rows[1:], decisions, strict=False):
        row[0], row[1] = decision, note
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)


DECISIONS = [("same", ""), (" Different ", "dose"), ("keep a", ""), ("KEEP B", ""), ("flag", "ask Bo"), ("skip", "")]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_spreadsheet_brings_back_the_decisions_the_page_makes(queue, published, tmp_path, ending):
    sheet = tmp_path / f"review.{ending}"
    assert export_review(queue, Filter(state="all"), sheet).pairs == len(queue.pairs(Filter(state="all")))
    _fill(sheet, DECISIONS)
    taken = import_review(queue, sheet, "Ada")
    by_hand = tmp_path / "by_hand.jsonl"
    with serving(published, by_hand) as server:
        ada = Visitor(server, "Ada")
        for pair, (decision, note) in zip(queue.pairs(Filter(state="all")), DECISIONS, strict=False):
            ada.decide((pair["a_key"], pair["b_key"]), decision.strip().lower().replace(" ", "_"), note=note)
    assert words(taken) == words(read_entries(by_hand))
    again = tmp_path / f"again.{ending}"
    export_review(queue, Filter(state="all"), again)
    assert import_review(queue, again, "Bo") == []
    bare = DecisionLog(tmp_path / "bare.jsonl")
    assert sorted(words(import_review(ReviewQueue(published, bare), again, "Ada"))) == sorted(words(taken))


@pytest.mark.parametrize("note", ["=1+1", "'=1+1", "''@x", "+", "'quoted'", "-1", "“x”"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_no_note_is_a_formula_and_every_note_comes_back(queue, published, tmp_path, note, ending):
    first = queue.first(Filter())
    queue.log.add([Entry("flag", "Ada", *first, note=note)])
    sheet = tmp_path / f"review.{ending}"
    export_review(queue, Filter(state="flagged"), sheet)
    if ending == "csv":
        assert not _csv_rows(sheet)[1][1].startswith(tuple("=+-@"))
    bare = DecisionLog(tmp_path / "bare.jsonl")
    (taken,) = import_review(ReviewQueue(published, bare), sheet, "Ada")
    assert taken.note == note


def test_a_workbook_without_a_pair_has_only_its_header(queue, tmp_path):
    assert export_review(queue, Filter(text="no such words"), tmp_path / "review.xlsx") == (0, 0)
    assert openpyxl.load_workbook(tmp_path / "review.xlsx").active.max_row == 1
    assert import_review(queue, tmp_path / "review.xlsx", "Ada") == []


def test_a_workbook_is_set_up_for_people(queue, tmp_path):
    export_review(queue, Filter(), tmp_path / "review.xlsx")
    worksheet = openpyxl.load_workbook(tmp_path / "review.xlsx").active
    header = [cell.value for cell in worksheet[1]]
    assert (header[0], header[-1], worksheet.freeze_panes) == ("decision", "pair", "A2")
    assert worksheet.auto_filter.ref == f"A1:L{worksheet.max_row}"
    (choices,) = worksheet.data_validations.dataValidation
    assert choices.formula1 == '"same,different,keep a,keep b,flag,skip"'
    assert str(choices.sqref) == f"A2:A{worksheet.max_row}"
    assert len(worksheet.conditional_formatting) == 1
    assert 10 < worksheet.column_dimensions["C"].width <= 60


def test_invalid_cells_are_named_by_row_and_column_and_nothing_is_imported(queue, tmp_path):
    sheet = tmp_path / "review.csv"
    export_review(queue, Filter(state="all"), sheet)
    _fill(sheet, [("same", ""), ("maybe", ""), ("flag", "")])
    rows = _csv_rows(sheet)
    contradicting = ["different", *rows[1][1:]]
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*rows[:4], ["same", *rows[1][1:-1], "p_1_2"], contradicting])
    with pytest.raises(SpreadsheetRejected) as caught:
        import_review(queue, sheet, "Ada")
    assert [(cell.row, cell.column) for cell in caught.value.invalid] == [
        (3, "decision"),
        (4, "note"),
        (5, "pair"),
        (6, "decision"),
    ]
    assert not queue.log.path.exists()


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_csv_that_a_spreadsheet_saved_in_its_own_way_is_read(queue, tmp_path, delimiter):
    sheet = tmp_path / "review.csv"
    export_review(queue, Filter(), sheet)
    rows = _csv_rows(sheet)
    rows[1][0] = "same"
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    assert len(import_review(queue, sheet, "Ada")) == 1


def test_a_file_that_is_no_review_is_said_to_be_none(queue, tmp_path):
    for name, text in [("a.csv", "x,y\n1,2\n"), ("b.xlsx", "no workbook"), ("c.txt", ""), ("gone.csv", None)]:
        if text is not None:
            (tmp_path / name).write_text(text)
        with pytest.raises(BadQuery):
            import_review(queue, tmp_path / name, "Ada")
    with pytest.raises(BadQuery, match="reviewer"):
        import_review(queue, tmp_path / "a.csv", "rule")


def test_the_verbs_of_audit(qaledger, published, tmp_path):
    options = ("--out", published, "--decisions", tmp_path / "decisions.jsonl")
    done = qaledger("audit", "export", "--to", "review.csv", "--state", "open", "--kind", "near_conflict", *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert qaledger("audit", "export", "--to", "review.csv", *options).returncode == 0
    _fill(tmp_path / "review.csv", [("same", "")])
    done = qaledger("audit", "import", "review.csv", "--reviewer", "Ada", *options)
    assert "1 new decision from" in done.stdout
    done = qaledger("audit", "--out", published, "redirects", "--to", "lists.csv")
    assert done.returncode == 0
    actions = [row[0] for row in _csv_rows(tmp_path / "lists.csv")]
    assert actions == ["action", *["remove copy"] * 3]


def test_the_review_writes_to_the_decisions_file_that_the_last_run_read(qaledger, raw, tmp_path):
    pipeline.run(raw, tmp_path / "moved" / "out", workers=1, decisions=tmp_path / "moved" / "by" / "mine.jsonl")
    (tmp_path / "moved").rename(tmp_path / "here")
    out = ("--out", tmp_path / "here" / "out")
    assert qaledger("audit", "export", "--to", "review.csv", *out).returncode == 0
    _fill(tmp_path / "review.csv", [("same", "")])
    assert qaledger("audit", "import", "review.csv", "--reviewer", "Ada", *out).returncode == 0
    assert len(read_entries(tmp_path / "here" / "by" / "mine.jsonl")) == 1


# ---------------------------------------------------------------- measures


def test_the_measures_follow_from_the_decisions(queue):
    pairs = queue.pairs(Filter(kind="answer_contained"))
    ends = [(pair["a_key"], pair["b_key"]) for pair in pairs]
    queue.log.add([Entry("same", "Ada", *pair) for pair in ends])
    queue.log.add([Entry("different", "Bo", *ends[0]), Entry("same", "Bo", *ends[1])])
    found = review_progress(queue)
    assert found.reviewers == {"Ada": len(ends), "Bo": 2}
    assert (found.agreements[0].agree.count, found.agreements[0].agree.total) == (1, 2)
    rule = next(rule for rule in found.rules if rule.kind == "answer_contained")
    assert (rule.pairs, rule.same.count, rule.same.total) == (len(ends), len(ends) - 1, len(ends))
    low, high = rule.same.interval
    assert low < rule.same.value < high
    assert rule.threshold is None
    assert found.decided.count >= len(ends)
    assert found.decided.total == len(queue.pairs(Filter(state="all")))


def test_pairs_only_people_found_are_no_rules(raw, out):
    path = raw.parent / "decisions.jsonl"
    pipeline.run(raw, out, workers=1)
    queue = ReviewQueue(out, DecisionLog(path))
    related = {(pair["a_key"], pair["b_key"]) for pair in queue.pairs(Filter(state="all"))}
    before = {rule.kind: rule.pairs for rule in review_progress(queue).rules}
    keys = sorted({key for pair in related for key in pair})
    unrelated = next((a, b) for a in keys for b in keys if a < b and (a, b) not in related)
    append(path, [Entry("same", "Ada", *unrelated)])
    pipeline.run(raw, out, workers=1)
    queue.update()
    assert queue.pair(*unrelated)["merged"]
    assert {rule.kind: rule.pairs for rule in review_progress(queue).rules} == before


def test_a_preview_of_tables_that_an_older_qaledger_made_is_the_same(published, tmp_path):
    file = tmp_path / "qa.duckdb"
    file.write_bytes((published / "qa.duckdb").read_bytes())
    now = relate_published(file, [])
    with duckdb.connect(str(file)) as db:
        for table, column in db.execute(
            "select table_name, first(column_name) from duckdb_columns() where schema_name = 'cache' group by all"
        ).fetchall():
            db.execute(f"alter table cache.{table} rename column {column} to older")
    before = relate_published(file, [])
    assert now.members.equals(before.members)
    assert now.questions.equals(before.questions)
