"""The Python of the tutorial and of the how-to page runs in order, and gives the results that its comments promise."""

from __future__ import annotations

import ast
import re

import matplotlib.pyplot as plt
import pytest
from conftest import ROOT

PROMISED = re.compile(r"^(?P<code>\S.*?)  # → (?P<answer>.+)$")


def plain(value: object) -> object:
    """The value with numbers as Python has them."""
    if isinstance(value, tuple):
        return tuple(plain(each) for each in value)
    return value.item() if hasattr(value, "item") else value


@pytest.mark.parametrize("page", ["tutorial", "find"])
def test_the_python_of_a_page_gives_what_it_promises(published, monkeypatch, page):
    monkeypatch.setenv("QALEDGER_OUT", str(published))
    names: dict[str, object] = {}
    promises = 0
    for block in re.findall(r"```python\n(.*?)```", (ROOT / "docs" / f"{page}.md").read_text("utf-8"), re.DOTALL):
        exec(block, names)
        for line in block.splitlines():
            if found := PROMISED.match(line):
                promises += 1
                assert plain(eval(found["code"], names)) == ast.literal_eval(found["answer"]), line
    assert promises >= 5
    plt.close("all")
