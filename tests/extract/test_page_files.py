"""Small files as people write them, each with its pairs and headings: `tests/cases/page_files.json`."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.extract.app_data import pairs_in_programs
from pipeline.extract.files import read_file
from pipeline.extract.html import read_html
from pipeline.extract.html_text import visible_text
from pipeline.extract.jsonld import questions_in
from pipeline.extract.loose_json import read_loose_json
from pipeline.extract.markdown import read_marks
from pipeline.extract.options import ReadOptions
from pipeline.extract.record import Document
from pipeline.extract.scan import scan
from pipeline.extract.xml_rows import read_xml
from pipeline.ledger.laws import is_same_words, without_interruptions
from pipeline.parse.markup import read_structured
from pipeline.parse.occurrences import Occurrence, read_page
from pipeline.parse.page import printed_lines
from pipeline.text.language import language_of
from tests.conftest import cases
from tests.linear_time import assert_linear


def rows_of(name: str, data: bytes, folder: Path) -> list[Occurrence]:
    (folder / name).write_bytes(data)
    rows = []
    for document in read_file(scan(folder).files[0]):
        assert isinstance(document, Document)
        known = document.known
        is_plain = not known
        rows += (
            read_page(document.text, is_article=known.is_article)[0]
            if is_plain
            else read_structured(document.text, known)
        )
    return rows


@pytest.mark.parametrize("case", cases("page_files"))
def test_a_file_gives_its_pairs_and_headings(case: dict[str, Any], tmp_path: Path) -> None:
    rows = rows_of(case["name"], "\n".join(case["text"]).encode(), tmp_path)
    assert [[row.question, row.answer] for row in rows if row.role == "question"] == case["pairs"]
    assert [row.text for row in rows if row.role == "heading"] == case["headings"]
    printed = printed_lines("\n".join(case["text"]))
    for row in rows:
        raw, answer = row.answer_raw or "", row.answer or ""
        assert is_same_words(raw, answer) or is_same_words(without_interruptions(raw, printed), answer)


@pytest.mark.parametrize(
    ("table", "guessed", "pairs"),
    [
        ("Is it far?;No.\nIs it wet?;Yes.", ["question=column 1", "answer=column 2"], [["Is it far?", "No."]]),
        (  # a column right of the questions that repeats one text has no answers
            "no;wish;team;saying\n1;Is it far?;Our team;Two hours by bus.\n2;Is it wet?;Our team;Only in late May.",
            ["question=wish", "answer=saying"],
            [["Is it far?", "Two hours by bus."]],
        ),
        (  # an answer left of its question
            "saying;wish\nTwo hours by bus.;Is it far?\nOnly in late May.;Is it wet?",
            ["question=wish", "answer=saying"],
            [["Is it far?", "Two hours by bus."]],
        ),
        ("no;inhalt\n1;<h2>Is it far?</h2><p>No.</p>", ["text=inhalt"], [["Is it far?", "No."]]),
        ("<h2>Is it far?</h2><p>No.</p>;may", ["text=column 1"], [["Is it far?", "No."]]),
        ("question;answer\nIs it far?;No.", [], [["Is it far?", "No."]]),
        ("wish;answer\nIs it far?;No.\nIs it wet?;Yes.", ["question=wish", "answer=answer"], [["Is it far?", "No."]]),
    ],
)
def test_columns_of_unknown_names_are_guessed_by_their_cells_and_named(
    table: str, guessed: list[str], pairs: list[list[str]], tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text(table)
    document = next(read_file(scan(tmp_path).files[0]))
    assert isinstance(document, Document)
    assert list(document.guessed) == guessed
    rows = read_structured(document.text, document.known)
    assert [[row.question, row.answer] for row in rows if row.role == "question"] == pairs


def test_columns_of_a_parquet_table_are_guessed_too(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow.parquet import write_table

    write_table(
        pa.table({"no": [1, 2], "wish": ["Is it far?", "Is it wet?"], "saying": ["No.", None]}), tmp_path / "a.parquet"
    )
    documents = list(read_file(scan(tmp_path).files[0]))
    assert [(item.text, item.guessed) for item in documents if isinstance(item, Document)] == [
        ("Is it far?\nNo.", ("question=wish", "answer=saying")),
        ("Is it wet?", ("question=wish", "answer=saying")),
    ]


PAIR = '"name": "Is the {} free?", "acceptedAnswer": {{"@type": "Answer", "text": "Yes."}}'.format("lift")


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "Question", ' + PAIR + "}",
        '{"@type": "Question", ' + PAIR + ",}",
        '{"@type": "Question" ' + PAIR + "}",
        '{"@type": ["Question", "Thing"], ' + PAIR,
        '{"@type": "schema:question", ' + PAIR + "}}]",
        "{" + PAIR + "}",
        '/* lifts */ {"@type": "Question", // one\n ' + PAIR + "}",
        ('{"@type": "Question", ' + PAIR + "}").replace('"', "'"),
        ('{"@type": "Question", ' + PAIR + "}").replace('"', "&quot;"),
        re.sub('"([^"]+)"', r"“\1”", '{"@type": "Question", ' + PAIR + "}"),
        re.sub('"([^"]+)"', r"„\1“", '{"@type": "Question", ' + PAIR + ",}"),
        '{"@graph": [{"@type": "WebPage", "name": "Lifts",}, {"@type": "Question", ' + PAIR + "}]}",
        '{"@type": "Organization", "name": "Lifts"} {"@type": "Question", ' + PAIR + "}",
    ],
)
def test_broken_json_ld_is_read_as_its_author_meant_it(script: str) -> None:
    assert questions_in(script) == [("Is the lift free?", "Yes.")]


def test_quotes_within_a_text_stay() -> None:
    assert read_loose_json("{“a”: “Say “yes”, “no”.”, “b”: [“x “y” z”]}") == [
        {"a": "Say “yes”, “no”.", "b": ["x “y” z"]}
    ]
    assert read_loose_json('{"a": "Say “yes”: “no”", "b": "c",}') == [{"a": "Say “yes”: “no”", "b": "c"}]
    (value,) = read_loose_json('{"a": "Say "yes", "no" or <a href="/x">ask</a>.", "b": "It\'s {fine}"}')
    assert value == {"a": 'Say "yes", "no" or <a href="/x">ask</a>.', "b": "It's {fine}"}


@pytest.mark.parametrize("piece", ['"', '{"a": "', "'", '", "', "[", "/*", "\\", '"a" "b"', " "])
def test_hostile_json_takes_linear_time(piece: str) -> None:
    assert_linear(read_loose_json, lambda size: "{" + piece * size, 4_000)


@pytest.mark.parametrize(
    "piece",
    ["window.a={", 'self.__next_f.push([1,"', 'window.a=JSON.parse("', "self.x=[1,", '{"question":', "window.a=[]"],
)
def test_hostile_programs_take_linear_time(piece: str) -> None:
    assert_linear(lambda text: pairs_in_programs([text]), lambda size: "window.faq={" + piece * size, 4_000)


@pytest.mark.parametrize("piece", ["<a>", "<a/>", "<a>x</a>", "<a b='c'/>", "<b><a>Is it?</a></b>", "&lt;p&gt;", "x "])
@pytest.mark.parametrize("wrap", ["<r>{}</r>", "<r><channel>{}</channel></r>", "<r><q><question>{}</question></q></r>"])
def test_hostile_xml_takes_linear_time(piece: str, wrap: str) -> None:
    def run(text: str) -> None:
        for _ in read_xml(io.BufferedReader(io.BytesIO(text.encode())), ReadOptions()):  # type: ignore[arg-type]
            pass

    end = "</a>" if piece == "<a>" else ""
    assert_linear(run, lambda size: wrap.format(piece * size + end * size), 1_000)


def test_an_entity_of_xml_is_not_expanded_and_no_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the password of all")
    bomb = '<!DOCTYPE r [<!ENTITY a "Ha ha ha."><!ENTITY f SYSTEM "secret">]><r><faq><question>Is it?</question>'
    (tmp_path / "a.xml").write_text(f"{bomb}<answer>Yes, it is. &a;&f;</answer></faq></r>")
    file = next(file for file in scan(tmp_path).files if file.uri == "a.xml")
    texts = [item.text for item in read_file(file) if isinstance(item, Document)]
    assert texts == ["Is it?\nYes, it is. &a;&f;"]


@pytest.mark.parametrize(
    "piece", ["<table>", "<tr><td>x", "<td rowspan=999 colspan=999>x", "<table><tr><td>x<td>y<tr><td>z<td>w</table>"]
)
def test_hostile_tables_take_linear_time(piece: str) -> None:
    assert_linear(visible_text, lambda size: "<table><tr><td>a<td>b" + piece * size + "</table>", 500)


def test_a_table_of_layout_keeps_its_text() -> None:
    page = "<table><tr><td><h2>Is it far?</h2><p>No.</p></td><td>Menu</td></tr><tr><td>a</td><td>b</td></tr></table>"
    assert "|" not in visible_text(page)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "How do I open the tap? Turn it to the left and wait for the water, then close it with your hand."),
        ("de", "Wie öffne ich den Hahn? Drehen Sie ihn nach links und warten Sie auf das Wasser, das nicht heiß ist."),
        ("fr", "Comment ouvrir le robinet ? Tournez-le vers la gauche et attendez que l'eau vienne dans les tuyaux."),
        (
            "es",
            "¿Cómo abro el grifo? Gire la llave a la izquierda y espere a que salga el agua de los tubos, por favor.",
        ),
        (
            "pl",
            "Jak otworzyć kran? Proszę obrócić go w lewo i poczekać na wodę, która nie jest gorąca, lub się oparzyć.",
        ),
        ("ru", "Как открыть кран? Поверните его влево и подождите, вода не сразу пойдёт из трубы, это не страшно."),
        ("uk", "Як відкрити кран? Поверніть його вліво і зачекайте, це не страшно, якщо вода не йде з труби."),
        ("el", "Πώς ανοίγω τη βρύση;"),
        ("ko", "수도꼭지는 어떻게 여나요?"),
        ("ar", "كيف أفتح الصنبور؟ أدره إلى اليسار وانتظر الماء من الأنبوب، لا تخف من الحرارة في الشتاء."),
        (None, "Tap 12"),
        (None, "How do I open the tap with the key? Wie öffne ich den Hahn und das Rohr mit der Zange nicht?"),
    ],
)
def test_a_language_is_told_where_it_is_clear(language: str | None, text: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "piece",
    [
        '{{< faq question="a b" >}}\n',
        '<Faq question="a b">\n',
        "> [!question] a\n",
        '??? question "a"\n',
        "::: details a\n",
        "<details><summary>",
        "= a =\n\n== b ==\n",
        "## a?\n### b\n",
        "- a\n  b?\n",
        "HEAD    3\n",
    ],
)
def test_hostile_markdown_takes_linear_time(piece: str) -> None:
    def read(text: str) -> None:
        known = read_marks(text)
        read_structured(text, known) if known else read_page(text, is_article=True)

    assert_linear(read, lambda size: piece * size, 400)


@pytest.mark.parametrize(
    "piece", ["<h2>a?</h2>", "<h2>a</h2><p>b", "<a href='/x'>a?</a><br>", "<div class='faq-title'>a</div>", "<aside>a?"]
)
def test_hostile_pages_take_linear_time(piece: str) -> None:
    assert_linear(lambda data: read_html(data), lambda size: (piece * size).encode(), 400)
