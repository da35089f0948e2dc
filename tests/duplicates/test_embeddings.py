"""A run with an embedding model: what it finds, what it keeps of the vectors, and when it makes the duplicates anew."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from conftest import assert_same_tables, tables
from model2vec import StaticModel
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

import pipeline
from pipeline.duplicates import embeddings
from pipeline.duplicates.embeddings import EmbedderUnusable
from pipeline.duplicates.vector_cache import FILE, CachedEmbedder
from pipeline.ledger.verify import verify
from pipeline.storage import generations
from pipeline.storage.manifest import manifest_of

WAYS = (
    "car automobile jalopy",
    "repair repaired mend mended fix",
    "child kid",
    "sleep sleeps rest",
    "ferry",
    "leave",
)
PAGE = """Who can mend an automobile?
Ask the garage in town.

Who is there to fix a jalopy?
Two mechanics live near the station.

Where does the ferry leave?
From the north pier.
"""


def write_model(folder, ways=WAYS):
    """A static model in small: a text is where its words point to."""
    words = ["[UNK]", *(word for way in ways for word in way.split())]
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    vectors = np.zeros((len(words), len(ways) + 1), dtype=np.float32)
    for number, word in enumerate(words):
        vectors[number, next((place for place, way in enumerate(ways) if word in way.split()), -1)] = 1
    vectors[0] *= 0.01
    StaticModel(vectors, tokenizer, config={"normalize": True}).save_pretrained(str(folder))
    return folder


@pytest.fixture
def model(tmp_path):
    return write_model(tmp_path / "model")


@pytest.fixture
def pages(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.txt").write_text(PAGE)
    os.utime(folder / "a.txt", (1_700_000_000, 1_700_000_000))
    return folder


def paraphrases(out):
    found = tables(out)
    asked = found["occurrences"].set_index("occurrence_id")["question"]
    pairs = found["duplicates"].query("kind == 'paraphrased_question'")
    return {frozenset((asked[a], asked[b])) for a, b in zip(pairs["a_id"], pairs["b_id"], strict=True)}


MENDED = {frozenset({"Who can mend an automobile?", "Who is there to fix a jalopy?"})}


def test_a_run_with_a_model_finds_questions_that_share_no_word_but_who(pages, out, model):
    pipeline.run(pages, out)
    assert paraphrases(out) == set()
    ledger = pipeline.run(pages, out, embedder=model)
    assert paraphrases(out) == MENDED
    assert ledger.documents_read == 0, "another model makes the duplicates anew, and reads nothing"
    assert all(finding.is_ok for finding in verify(out))


def test_the_model_is_noted_in_the_run_and_in_the_manifest(pages, out, model):
    digest = pipeline.run(pages, out, embedder=model).embedder
    assert digest
    assert manifest_of(generations.published(out)).embedder == digest
    pipeline.run(pages, out)
    assert manifest_of(generations.published(out)).embedder == ""
    with pipeline.open(out) as ledger:
        noted = ledger.runs["embedder"]
    assert noted[0] == digest
    assert noted.isna().tolist() == [False, True]


def test_the_same_model_changes_nothing_wherever_it_lies(pages, out, model, tmp_path):
    pipeline.run(pages, out, embedder=model)
    assert pipeline.run(pages, out, embedder=write_model(tmp_path / "copy")).status == "unchanged"


def test_another_model_and_none_make_what_a_new_folder_gets(pages, out, model, tmp_path):
    pipeline.run(pages, out, embedder=model)
    other = write_model(tmp_path / "other", ("car ferry", "automobile", "mend leave", "repair"))
    for name, embedder in (("with_other", other), ("with_none", None)):
        pipeline.run(pages, out, embedder=embedder)
        pipeline.run(pages, tmp_path / name, embedder=embedder)
        assert_same_tables(out, tmp_path / name)


def test_a_dry_run_keeps_no_vectors(pages, out, model):
    pipeline.run(pages, out)
    files = sorted(out.rglob("*"))
    pipeline.run(pages, out, embedder=model, dry_run=True)
    assert sorted(out.rglob("*")) == files


# ---------------------------------------------------------------- the vector cache


def test_only_new_texts_are_encoded_and_removed_texts_leave_the_cache(model, out):
    out.mkdir()
    for texts, missing in ((["a car", "a ferry"], 2), (["a ferry", "a kid", "a car"], 1), (["a kid", "a car"], 0)):
        embedder = CachedEmbedder(model, out)
        vectors = embedder.encode(texts)
        np.testing.assert_allclose(vectors, StaticModel.from_pretrained(str(model)).encode(texts), atol=1e-6)
        assert embedder.missing == missing
        embedder.save()
    with np.load(out / FILE) as file:
        assert len(file["digests"]) == 2
    assert [path.name for path in out.iterdir()] == [FILE]


def test_vectors_of_another_model_are_not_used(model, out, tmp_path):
    out.mkdir()
    first = CachedEmbedder(model, out)
    first.encode(["a car"])
    first.save()
    other = CachedEmbedder(write_model(tmp_path / "other", ("car ferry",)), out)
    other.encode(["a car"])
    assert other.missing == 1


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[: len(data) // 2], lambda data: data[::-1]])
def test_a_damaged_file_of_vectors_is_made_again(model, out, damage):
    out.mkdir()

    def asked():
        embedder = CachedEmbedder(model, out)
        embedder.encode(["a car"])
        embedder.save()
        return embedder.missing

    assert [asked(), asked()] == [1, 0]
    (out / FILE).write_bytes(damage((out / FILE).read_bytes()))
    assert [asked(), asked()] == [1, 0]


def test_a_run_that_dies_while_it_saves_vectors_leaves_the_last_file(pages, out, model):
    pipeline.run(pages, out, embedder=model)
    kept = (out / FILE).read_bytes()
    (out / f".building-{FILE}").write_bytes(kept[:40])
    (pages / "b.txt").write_text("Is a kid allowed to sleep here?\nYes.\n")
    pipeline.run(pages, out, embedder=model)
    assert not [path for path in out.iterdir() if path.name.startswith(".building-")]
    with np.load(out / FILE) as file:
        assert len(file["digests"]) == 4


# ---------------------------------------------------------------- what cannot be used


def test_a_missing_folder_is_one_sentence_and_nothing_is_made(qaledger, pages, out, tmp_path):
    done = qaledger("run", pages, "--out", out, "--embedder", tmp_path / "gone")
    assert done.returncode == 1
    assert "gone': no such folder. Give an object with encode" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (out / "qa.duckdb").exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "tokenizer.json").unlink(), "it contains no model: tokenizer.json is missing"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"no"), "it cannot be loaded"),
    ],
)
def test_an_unusable_model_is_named_as_such(model, out, spoil, said):
    spoil(model)
    with pytest.raises(EmbedderUnusable, match=said):
        CachedEmbedder(model, out).encode(["a car"])


def test_a_package_that_is_not_installed_is_named(model, monkeypatch):
    monkeypatch.setattr(embeddings, "find_spec", lambda name: None)
    with pytest.raises(EmbedderUnusable, match=r"model2vec is not installed.*\[semantic\]"):
        embeddings.load_model(model)


def test_the_model_can_stand_in_qaledger_toml(qaledger, pages, out, model, tmp_path):
    (tmp_path / "qaledger.toml").write_text(f"[run]\nembedder = {json.dumps(str(model))}\n")
    assert qaledger("run", pages, "--out", out).returncode == 0
    assert paraphrases(out) == MENDED
