"""Whoever installs qaledger may use it at work: every library of requirements.lock has a licence that allows it.

It reads the metadata of what is installed, without network. Known weaknesses of these libraries are another matter: the
list of them changes without a commit, so `make advisories` reads it before a release, and no test does.
"""

from __future__ import annotations

import re
from importlib import metadata

import pytest
from conftest import ROOT

ALLOWED = re.compile(
    r"MIT(-CMU)?|(0|[23]-Clause )?BSD([ -][23]-Clause)?( License)?|Apache([ -]2\.0| Software License)|ISC( License.*)?"
    r"|PSF(-2\.0|L)?|Python Software Foundation License|MPL-2\.0|Zlib|CC0-1\.0|MIT License|0BSD",
    re.IGNORECASE,
)
LOCKED = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
NOT_HERE = {"appnope", "cffi", "colorama", "pycparser"}  # of macOS, Windows or PyPy


def licences(about):
    """The licences in a distribution's metadata: its expression, else its classifiers, else the free text."""
    named = about.get("License-Expression") or about.get("License") or ""
    listed = [one.rpartition(" :: ")[2] for one in about.get_all("Classifier") or [] if one.startswith("License ::")]
    if listed and not about.get("License-Expression"):
        return listed
    return [one.strip(" ()") for one in re.split(r"\bAND\b|\bOR\b", named)]


@pytest.mark.parametrize("name", LOCKED)
def test_every_library_has_a_licence_that_is_allowed(name):
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        assert name in NOT_HERE
        return
    found = licences(about)
    assert found
    assert all(ALLOWED.fullmatch(one) for one in found), found


@pytest.mark.parametrize(
    ("line", "is_allowed"),
    [
        ("License-Expression: BSD-3-Clause AND 0BSD AND MIT", True),
        ("License-Expression: MIT AND GPL-3.0-only", False),
        ("License-Expression: AGPL-3.0-or-later", False),
        ("Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)", False),
        ("License: UNKNOWN", False),
        ("Name: without", False),
    ],
)
def test_the_check_refuses_what_is_not_allowed(line, is_allowed):
    from email import message_from_string

    assert all(ALLOWED.fullmatch(one) for one in licences(message_from_string(f"{line}\n\n"))) == is_allowed
