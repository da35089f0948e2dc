"""Writes all tables as a data package: parquet files, a data dictionary, and metadata for Frictionless and Croissant.

Formats: https://datapackage.org (version 2) and https://docs.mlcommons.org/croissant (version 1.0).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import BadQuery, FileUnwritable
from pipeline.ledger.dictionary import VIEW, dictionary
from pipeline.ledger.export import export, write_frame
from pipeline.ledger.ledger import Ledger
from pipeline.storage.schema import TABLES

Row = Mapping[Hashable, Any]

METADATA = "datapackage.json"
LICENCE = (
    "The texts belong to the sources in documents.source_url; check their licences before you publish a part of it."
)
PARQUET = "application/vnd.apache.parquet"
# DuckDB's type -> the types of a data package and of Croissant; all others are lists.
_TYPES = {
    "VARCHAR": ("string", "sc:Text"),
    "BIGINT": ("integer", "sc:Integer"),
    "DOUBLE": ("number", "sc:Float"),
    "BOOLEAN": ("boolean", "sc:Boolean"),
    "TIMESTAMPTZ": ("datetime", "sc:DateTime"),
}
_CROISSANT_CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column",
    "conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "dct": "http://purl.org/dc/terms/", "extract": "cr:extract",
    "field": "cr:field", "fileObject": "cr:fileObject", "recordSet": "cr:recordSet",
    "repeated": "cr:repeated",
    "sc": "https://schema.org/", "source": "cr:source",
}  # fmt: skip


def export_package(ledger: Ledger, folder: Path) -> int:
    """Write the package; the number of tables. An earlier package in the folder is replaced at the end.

    Raises `BadQuery` where the folder holds something else, and `OutputUnusable`.
    """
    if folder.exists() and not folder.is_dir():
        raise BadQuery(f"{folder}: this is not a folder; name an empty or a new one")
    if folder.exists() and any(folder.iterdir()) and not (folder / METADATA).exists():
        raise BadQuery(f"{folder}: the folder contains other files than a data package; name an empty or a new folder")
    part, old = (folder.with_name(f".{folder.name}.{ending}") for ending in ("part", "old"))
    try:
        for left_over in (part, old):
            shutil.rmtree(left_over, ignore_errors=True)
        part.mkdir(parents=True)
        columns = _write_files(ledger, part)
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as err:
        raise FileUnwritable(folder, err) from err
    return int(columns["table"].nunique())


def _write_files(ledger: Ledger, folder: Path) -> pd.DataFrame:
    """Write every table and the metadata; the dictionary of the columns as they were written."""
    described = dictionary()
    for name in [*TABLES, "claims"]:
        export(ledger, name, folder / f"{name}.parquet")
    write_frame(described, "dictionary", folder / "dictionary.csv")
    for file, metadata in ((METADATA, _datapackage), ("croissant.json", _croissant)):
        text = json.dumps(metadata(ledger, folder, described), ensure_ascii=False, indent=1)
        (folder / file).write_text(text + "\n", "utf-8")
    return described


def _citation(ledger: Ledger) -> str:
    return f"{ledger.source}, qaledger {ledger.manifest.version}"


def _about(file: Path) -> dict[str, Any]:
    data = file.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _grain(name: str) -> str:
    return VIEW if name == "claims" else " ".join((TABLES[name].__doc__ or "").split())


def _datapackage(ledger: Ledger, folder: Path, described: pd.DataFrame) -> dict[str, Any]:
    resources = []
    for name, columns in described.groupby("table", sort=False):
        file = folder / f"{name}.parquet"
        about = _about(file)
        resources.append(
            {
                "name": name,
                "path": file.name,
                "format": "parquet",
                "mediatype": PARQUET,
                "bytes": about["bytes"],
                "hash": f"sha256:{about['sha256']}",
                "description": _grain(str(name)),
                "schema": {"fields": [_datapackage_field(row) for row in columns.to_dict("records")]},
            }
        )
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "qaledger",
        "id": ledger.generation,
        "title": "A ledger of scraped questions and answers",
        "version": ledger.generation,
        "created": ledger.as_of.isoformat(),
        "licenses": [{"name": "other", "title": LICENCE}],
        "citation": _citation(ledger),
        "resources": resources,
    }


def _datapackage_field(row: Row) -> dict[str, Any]:
    constraints: dict[str, Any] = {} if row["nullable"] else {"required": True}
    if row["values"]:
        constraints["enum"] = row["values"]
    kind = _TYPES.get(row["type"], ("array", ""))[0]
    return {"name": row["column"], "type": kind, "description": row["description"], "constraints": constraints}


def _croissant(ledger: Ledger, folder: Path, described: pd.DataFrame) -> dict[str, Any]:
    files, record_sets = [], []
    for name, columns in described.groupby("table", sort=False):
        file = folder / f"{name}.parquet"
        about = _about(file)
        files.append(
            {
                "@type": "cr:FileObject",
                "@id": file.name,
                "name": file.name,
                "contentUrl": file.name,
                "contentSize": f"{about['bytes']} B",
                "encodingFormat": PARQUET,
                "sha256": about["sha256"],
            }
        )
        record_sets.append(
            {
                "@type": "cr:RecordSet",
                "@id": name,
                "name": name,
                "description": _grain(str(name)),
                "field": [_croissant_field(row, file.name) for row in columns.to_dict("records")],
            }
        )
    return {
        "@context": _CROISSANT_CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "qaledger",
        "description": "A ledger of scraped questions and answers, each row traceable to its source.",
        "version": ledger.generation,
        "datePublished": ledger.as_of.date().isoformat(),
        "license": LICENCE,
        "citeAs": _citation(ledger),
        "distribution": files,
        "recordSet": record_sets,
    }


def _croissant_field(row: Row, file: str) -> dict[str, Any]:
    kind = _TYPES.get(row["type"], ("", ""))[1]
    return {
        "@type": "cr:Field",
        "@id": f"{row['table']}/{row['column']}",
        "name": row["column"],
        "description": row["description"],
        "dataType": kind or "sc:Text",
        **({} if kind else {"repeated": True}),
        "source": {"fileObject": {"@id": file}, "extract": {"column": row["column"]}},
    }
