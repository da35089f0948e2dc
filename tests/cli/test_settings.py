"""qaledger.toml: one model checks the whole file, one sentence says what is wrong in it, and one page lists it all."""

from __future__ import annotations

import os
import re

import click
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.main import cli
from pipeline.cli.settings import read_settings, settings_model, settings_page


def refusal(path, text):
    """The sentence that refuses a file of this text."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(click.UsageError) as refused:
        read_settings(cli, path)
    return refused.value.message


@pytest.fixture
def file(tmp_path):
    return tmp_path / "qaledger.toml"


def test_every_verb_has_a_table_and_every_option_a_setting(file):
    for name, verb in cli.commands.items():
        fields = settings_model(cli).model_fields[name].annotation.model_fields
        assert {one.name for one in verb.params if isinstance(one, click.Option)} <= fields.keys()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[run]\nkeep = 7\nlog = "json"\nfull = true', {"keep": 7, "log": "json", "full": True}),
        ('[run]\nmax-document-bytes = 5\nraw = "pages"', {"max_document_bytes": 5, "raw": "pages"}),
        ('[run]\nencoding = "cp1252"', {"encoding": ["cp1252"]}),
        ('[run]\nencoding = ["cp1252", "old/*=gbk"]', {"encoding": ["cp1252", "old/*=gbk"]}),
        ('out = "tables"', {"out": "tables"}),
        ('out = "tables"\n[run]\nout = "own"', {"out": "own"}),
        ("", {}),
    ],
)
def test_a_setting_is_the_default_of_its_option(file, text, found):
    file.write_text(text)
    assert read_settings(cli, file)["run"] == found


def test_settings_of_a_group_apply_to_its_verbs_and_a_verbs_own_win(file):
    file.write_text('[audit]\nto = "a.csv"\n[audit.export]\nto = "b.csv"')
    found = read_settings(cli, file)["audit"]
    assert (found["redirects"]["to"], found["export"]["to"]) == ("a.csv", "b.csv")


# Each with what its sentence names.
NO_TEXT = [
    "5",
    "true",
    "1.5",
    "[]",
    '["a", "b"]',
    "{}",
    "{a = 1}",
    "2026-11-29",
    "''",
    '"a\\u0000b"',
    '"a\\nb"',
    '"a\\u202e"',
]
TEXTS = ["run.raw", "run.notify", "run.metrics", "run.topics", "export.to", "audit.host", "report.topic"]
NO_NUMBER = ["'1'", "true", "1.0", "inf", "nan", "0", "-1", "[1]", "{}", "1979-05-27", "07:32:00", "0x" + "f" * 5000]
NUMBERS = ["run.workers", "run.keep", "run.keep_runs", "run.max_document_bytes", "search.limit"]
NO_FLAG = ["1", "0", "'true'", "[]", "[true]", "1.0", "{}", "1979-05-27T07:32:00Z"]
FLAGS = ["run.full", "run.dry_run", "run.json", "status.prometheus", "audit.no_browser"]
FORMS = [
    ("run.log", "'xml'"), ("run.log", "1"), ("run.engine", "'Local'"), ("audit.export.state", "'opened'"),
    ("run.columns", "'Frage'"), ("run.columns", "'question='"), ("run.columns", "'frage=Q'"),
    ("run.encoding", "'utf-99'"), ("run.encoding", "['cp1252', 5]"), ("run.encoding", "['*=hex']"),
    ("run.encoding", "{'*' = 'cp1252'}"), ("run.conf", "[['a']]"), ("run.conf", "5"),
    ("status.max_age", "'soon'"), ("status.max_age", "24"), ("status.max_age", "'-1h'"), ("status.max_age", "'1h1h'"),
    ("report.since", "'yesterday'"), ("report.since", "2026-11-29"), ("report.since", "'2026-02-30'"),
    ("audit.port", "65536"), ("audit.port", "-1"), ("run.workers", "257"), ("run.raw", f"'{'a' * 4097}'"),
    ("run.keep", "9223372036854775808"),
]  # fmt: skip
HOSTILE = [
    *((key, value) for key in TEXTS for value in NO_TEXT),
    *((key, value) for key in NUMBERS for value in NO_NUMBER),
    *((key, value) for key in FLAGS for value in NO_FLAG),
    *FORMS,
]


@pytest.mark.parametrize(("name", "value"), HOSTILE)
def test_a_value_that_is_not_allowed_is_one_sentence_with_key_value_and_what_is(file, name, value):
    table, _, key = name.rpartition(".")
    told = refusal(file, f"[{table}]\n{key} = {value}")
    assert told.startswith(f"{file}: [{table}] {key} = ")
    assert re.search(" is not (text|a list|a whole number|true or false|one of|pairs|an age|a day)", told)
    assert len(told) < len(str(file)) + 500
    assert told.isprintable()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nonsense = 1", '"nonsense" is not a setting. The nearest is '),
        ("[runs]", '"runs" is not a setting. The nearest is run;'),
        ("run = 5", "run = 5 is not a table of settings"),
        ("[[run]]", "run = [{}] is not a table of settings"),
        ("[audit]\nexport = true", "[audit] export = true is not a table of settings"),
        (
            "[run]\nmax-document-byte = 5",
            '[run] "max_document_byte" is not a setting. The nearest is max_document_bytes;',
        ),
        ("[audit.export]\nstat = 'open'", '[audit.export] "stat" is not a setting. The nearest is state;'),
        ("[audit.export]\nout = 'a'", '[audit.export] "out" is not a setting.'),
        ("[trace]\nwanted = 'qa_1'", '[trace] "wanted" is not a setting.'),
        ("[run]\n'' = 1", '[run] "" is not a setting.'),
        ("[run]\n'\\u0000\\n' = 1", "is not a setting."),
        (f"[run]\n{'a' * 100_000} = 1", "is not a setting."),
        ("[run]\nhelp = true", '[run] "help" is not a setting.'),
        ("out = 5", "out = 5 is not text of 1 to 4,096 printable characters"),
        ("[run", "Correct it, or remove it to use the defaults."),
        ("[run]\nkeep = 1\nkeep = 2", "Correct it"),
        ("[run]\n[run]", "Correct it"),
        ("keep = 1 2", "Correct it"),
        (b"\xff\xfe[\0r\0u\0n\0]\0", "Correct it"),
        (b"[run]\nraw = '\xe9'", "Correct it"),
        (b"\0" * 100, "Correct it"),
        ("\ufeff[run]", "Correct it"),
        ("[run]\nraw = " + "[" * 5000 + "]" * 5000, "Correct it"),
        ("[run]\nkeep = " + "9" * 5000, "Correct it"),
        ("a" + ".a" * 2_000 + " = 1", "is not a setting."),
        ("run.raw" + ".a" * 2_000 + " = 1", "[run] raw = a value too large to print is not text"),
        ("#" * 1_000_001, "no regular file of at most 1,000,000 bytes"),
    ],
)
def test_a_file_that_is_not_the_models_is_one_sentence(file, text, sentence):
    told = refusal(file, text)
    assert sentence in told
    assert told.isprintable()
    assert len(told) < 1500


@pytest.mark.parametrize("kind", ["folder", "pipe", "loop", "dangling", "device"])
def test_what_is_no_file_is_refused_and_a_link_to_a_file_is_followed(file, tmp_path, kind):
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to({"loop": file, "dangling": tmp_path / "gone", "device": "/dev/zero"}[kind])
    with pytest.raises(click.UsageError, match="Correct it, or remove it"):
        read_settings(cli, file)
    other = tmp_path / "shared.toml"
    other.write_text("[run]\nkeep = 7")
    link = tmp_path / "link.toml"
    link.symlink_to(other)
    assert read_settings(cli, link)["run"] == {"keep": 7}


ONE = ["1", "-1", "1e400", "true", "''", "'a'", "1979-05-27", "07:32:00", '"\\u202e"', "0xffffffffffffffffffff"]
VALUES = st.recursive(
    st.sampled_from(ONE),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda found: f"[{', '.join(found)}]")
        | st.dictionaries(st.sampled_from(["a", "*"]), inner).map(
            lambda found: "{" + ", ".join(f"'{key}' = {one}" for key, one in found.items()) + "}"
        )
    ),
    max_leaves=6,
)
KEYS = sorted({*cli.commands, *(one.opts[0].strip("-") for verb in cli.commands.values() for one in verb.params)})


@given(table=st.sampled_from(KEYS), key=st.sampled_from(KEYS), value=VALUES)
def test_any_value_of_any_key_is_a_default_or_one_sentence(tmp_path_factory, table, key, value):
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(f"[{table}]\n{key} = {value}")
    told = ""
    try:
        assert read_settings(cli, file)[table]
    except click.UsageError as refused:
        told = refused.message
    assert told.isprintable()
    assert not told or " is not " in told


@pytest.mark.parametrize("words", [["status"], ["run", "raw"], ["topics", "show"]])
def test_the_command_ends_with_2_and_the_sentence_whichever_verb_runs(qaledger, tmp_path, words):
    (tmp_path / "qaledger.toml").write_text("[status]\nmax_age = 'soon'")
    done = qaledger(*words)
    assert (done.returncode, done.stdout) == (2, "")
    sentence = "qaledger.toml: [status] max_age = \"soon\" is not an age, such as 90m, 24h or 7d: 'soon' is not an age"
    assert sentence in done.stderr.splitlines()[-1]


def test_the_page_is_made_from_the_model():
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert page == settings_page(cli), "python docs/reference.py"


def test_without_a_file_pydantic_is_not_imported(cold_qaledger):
    assert cold_qaledger("generations", PYTHONPROFILEIMPORTTIME="1").stderr.count("pydantic") == 0
