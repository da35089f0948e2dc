"""The pictures of the documentation are not older than what they show."""

from __future__ import annotations

import json
import runpy

import pytest
from conftest import ROOT

PICTURES = runpy.run_path(str(ROOT / "docs" / "pictures.py"))


@pytest.mark.parametrize("name", PICTURES["INPUTS"])
def test_a_picture_is_current(name):
    noted = json.loads(PICTURES["DIGESTS"].read_text("utf-8"))[name]
    assert noted == PICTURES["digest_of"](name), f"docs/images/{name} is out of date; take it again: make pictures"
    assert (ROOT / "docs" / "images" / name).read_bytes()[:4] == b"\x89PNG"
