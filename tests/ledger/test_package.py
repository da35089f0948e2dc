"""A data package holds every table, and its metadata is true of the files."""

from __future__ import annotations

import hashlib
import json

import pandas as pd

import pipeline
from pipeline.ledger.export import spreadsheet_cells
from pipeline.storage.schema import TABLES


def test_a_package_holds_every_table_and_says_what_it_is(qaledger, published, tmp_path):
    folder = tmp_path / "package"
    done = qaledger("export", "--to", f"{folder}/", "--out", published)
    assert (done.returncode, "15 tables" in done.stdout) == (0, True), done.stderr
    names = [*TABLES, "claims"]
    metadata = {f"{name}.parquet" for name in names} | {"dictionary.csv", "datapackage.json", "croissant.json"}
    assert {path.name for path in folder.iterdir()} == metadata
    package, croissant = (json.loads((folder / f"{name}.json").read_text()) for name in ("datapackage", "croissant"))
    assert [resource["name"] for resource in package["resources"]] == names
    with pipeline.open(published) as ledger:
        for resource, file, records in zip(
            package["resources"], croissant["distribution"], croissant["recordSet"], strict=True
        ):
            digest = hashlib.sha256((folder / resource["path"]).read_bytes()).hexdigest()
            assert (resource["hash"], file["sha256"], file["@id"]) == (f"sha256:{digest}", digest, resource["path"])
            frame = pd.read_parquet(folder / resource["path"])
            table = ledger.claims if resource["name"] == "claims" else getattr(ledger, resource["name"])
            assert len(frame) == len(table)
            fields = [field["name"] for field in resource["schema"]["fields"]]
            assert fields == [field["name"] for field in records["field"]]
            assert set(fields) <= set(frame.columns)
        assert ledger.generation == package["version"] == croissant["version"]
    assert "licences" in package["licenses"][0]["title"]
    assert package["citation"] == croissant["citeAs"]


def test_a_package_replaces_a_package_and_nothing_else(qaledger, published, tmp_path):
    folder = tmp_path / "package"
    for _ in range(2):
        assert qaledger("export", "--to", folder, "--out", published).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["package"]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    done = qaledger("export", "--to", tmp_path / "other", "--out", published)
    assert (done.returncode, "other files" in done.stderr) == (1, True)
    assert (tmp_path / "other" / "mine.txt").read_text() == "mine"
    assert qaledger("export", "--to", "qa.csv", "--out", published).returncode == 2
    done = qaledger("export", "--to", "/dev/null/", "--out", published)
    assert (done.returncode, "this is not a folder" in done.stderr) == (1, True)


def test_a_list_hides_no_formula_behind_a_semicolon():
    """A spreadsheet that reads `;` as the end of a cell starts one there."""
    frame = pd.DataFrame({"quotes": [["x;=1+1", "y; @SUM(1)"]]})
    assert spreadsheet_cells(frame, "claims") == [['["x;\'=1+1", "y;\' @SUM(1)"]']]
