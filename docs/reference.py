"""Writes the pages of the reference: `python docs/reference.py` makes cli.md, settings.md, python.md and
tables.md.

The command line comes from the help texts, Python from docstrings, tables from the schema.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TypeGuard

import click

import pipeline
from pipeline.cli.main import cli
from pipeline.cli.settings import settings_page
from pipeline.ledger import dictionary

DOCS = Path(__file__).parent

CLI_HEAD = """# Command line

Made from the help texts by `python docs/reference.py`. `qaledger COMMAND --help` prints the same.

Results go to stdout. Messages and progress go to stderr. Options can also be set in a file `qaledger.toml` in the
working folder, in a table for each command; see [Settings](settings.md).

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | failed; the published tables are the last good ones |
| 2 | the command line is wrong, or the folder of pages does not exist |
| 3 | published, and some input was rejected; see the table `rejects` |
| 4 | `status --max-age`: the tables are too old; `verify`: they are damaged |
| 75 | another run is writing |
| 130, 143 | interrupted; nothing was published |
"""

PYTHON_HEAD = """# Python

Made from the docstrings by `python docs/reference.py`. `import qaledger` gives the same names as `import pipeline`,
also beside a file `pipeline.py` of your own. The [tutorial](tutorial.md) shows them in use.

```python
import pipeline

ledger = pipeline.open()
```
"""


def cli_page() -> str:
    """Every command with its help, in the order in which `qaledger --help` lists them."""
    return "\n".join([CLI_HEAD, *_commands(cli, click.Context(cli, info_name="qaledger", **cli.context_settings))])


def _commands(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"{'#' * (2 + (context.command_path.count(' ') > 1))} {context.command_path}\n"
    yield f"```text\n{_help(command, context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from _commands(command.commands[name], click.Context(command.commands[name], context, name))


def _help(command: click.Command, context: click.Context) -> str:
    """The help at a width of 80, without the exit codes, which the page lists once."""
    context.max_content_width = context.terminal_width = 80
    text = click.unstyle(command.get_help(context))
    return re.sub(r"\n+ *Exit codes: .*", "", text, flags=re.DOTALL).rstrip()


def python_page() -> str:
    """The public names of `pipeline`, the methods of a ledger, and the functions for notebooks."""
    from pipeline import plots, report, show

    names = [name for name in pipeline.__all__ if not name.startswith("__")]
    functions = [name for name in names if inspect.isfunction(getattr(pipeline, name))]
    classes = [name for name in names if inspect.isclass(getattr(pipeline, name)) and name != "Ledger"]
    parts = [PYTHON_HEAD, "## Functions\n"]
    parts += [_entry(f"pipeline.{name}", getattr(pipeline, name)) for name in functions]
    parts += ["## A ledger\n", f"{_prose(pipeline.Ledger)}\n", *_members(pipeline.Ledger)]
    parts += ["## Other classes\n", *(_entry(f"pipeline.{name}", getattr(pipeline, name)) for name in classes)]
    for module in (report, plots, show):
        parts += [f"## {module.__name__}\n", f"{_prose(module)}\n", *_of_module(module)]
    return "\n".join(parts)


def _members(kind: type) -> Iterator[str]:
    for name, member in vars(kind).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            yield f"### ledger.{name}\n\n{_prose(member)}\n"
        elif callable(member):
            yield _entry(f"ledger.{name}", member)


def _of_module(module: ModuleType) -> Iterator[str]:
    for name in getattr(module, "__all__", sorted(vars(module))):
        member = getattr(module, name)
        if inspect.isfunction(member):
            yield _entry(f"{module.__name__.removeprefix('pipeline.')}.{name}", member)


def _entry(name: str, member: object) -> str:
    signature = f"```python\n{name}{_signature(member)}\n```\n\n" if inspect.isroutine(member) else ""
    fields = ", ".join(f"`{field.name}`" for field in dataclasses.fields(member)) if _is_dataclass(member) else ""
    return f"### {name}\n\n{signature}{_prose(member)}\n" + (f"\nFields: {fields}.\n" if fields else "")


def _is_dataclass(member: object) -> TypeGuard[type]:
    return isinstance(member, type) and dataclasses.is_dataclass(member)


def _signature(member: Callable[..., object]) -> str:
    """The parameters with their types and defaults: on one line, or one on each line where that is too long."""
    signature = inspect.signature(member)
    parts = []
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in "".join(parts):
            parts.append("*")
        star = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        type_ = f": {_type(parameter.annotation)}" if parameter.annotation is not parameter.empty else ""
        parts.append(f"{star}{parameter.name}{type_}{_default(parameter)}")
    result = _type(signature.return_annotation)
    line = f"({', '.join(parts)}) -> {result}"
    return line if len(line) < 80 else "(\n" + "".join(f"    {part},\n" for part in parts) + f") -> {result}"


def _default(parameter: inspect.Parameter) -> str:
    if parameter.default is parameter.empty:
        return ""
    return f" = {str(parameter.default)!r}" if isinstance(parameter.default, Path) else f" = {parameter.default!r}"


def _type(annotation: object) -> str:
    """A type without the paths of modules."""
    return re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Z])", "", str(annotation).strip("'"))


def _prose(member: object) -> str:
    """A docstring as Markdown; its examples become code."""
    text = inspect.getdoc(member) or ""
    parts = re.split(r"((?:^>>> .*\n?(?:.+\n?)*)+)", text, flags=re.MULTILINE)
    return "\n\n".join(
        f"```pycon\n{part.strip()}\n```" if part.startswith(">>> ") else textwrap.dedent(part).strip()
        for part in parts
        if part.strip()
    )


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "settings.md": lambda: settings_page(cli),
    "python.md": python_page,
    "tables.md": dictionary.page,
}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (DOCS / page).write_text(make(), "utf-8")
        print(DOCS / page, file=sys.stderr)
