"""Checks qaledger.toml against one model, which is made from the options of the verbs and also makes docs/settings.md.

It is imported only where there is such a file, because pydantic takes 0.2 s to import.
"""

from __future__ import annotations

import difflib
import json
import stat
import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import click
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model
from pydantic import model_validator as _model_validator
from pydantic.fields import FieldInfo

from pipeline.cli.output import one_line

LONGEST_FILE = 1_000_000  # bytes
LONGEST_SETTING = 4096  # characters; no path is longer on Linux
_TEXT = f"text of 1 to {LONGEST_SETTING:,} printable characters"

Settings = dict[str, Any]


class _Table(BaseModel):
    """A table of the file; in its keys `-` and `_` are alike."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @_model_validator(mode="before")
    @classmethod
    def _underscored(cls, table: Any) -> Any:
        return {key.replace("-", "_"): value for key, value in table.items()} if isinstance(table, dict) else table


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError
    return text


_Text = Annotated[str, Field(min_length=1, max_length=LONGEST_SETTING), AfterValidator(_printable)]
_Texts = Annotated[list[_Text], BeforeValidator(lambda given: [given] if isinstance(given, str) else given)]


# ---------------------------------------------------------------- the model


@cache
def settings_model(cli: click.Group) -> type[_Table]:
    """The model of the whole file: `out`, and a table for each verb. A field's title says what its value may be."""
    (out,) = (one for one in cli.commands["run"].params if one.name == "out")
    tables: Any = {name: (_table(verb), Field(None)) for name, verb in cli.commands.items()}
    return create_model("Settings", __base__=_Table, out=_setting(out), **tables)


def _table(command: click.Command, of_group: frozenset[str | None] = frozenset()) -> type[_Table]:
    """The model of a verb's table: its options, and RAW. A group has those of its verbs, and a table for each verb."""
    verbs = command.commands if isinstance(command, click.Group) else {}
    parameters = {one.name: one for verb in (command, *verbs.values()) for one in verb.params}
    fields: Any = {
        name: _setting(one)
        for name, one in parameters.items()
        if name not in of_group and (isinstance(one, click.Option) or name == "raw")
    }
    own = frozenset(one.name for one in command.params)
    fields |= {name: (_table(verb, own), Field(None)) for name, verb in verbs.items()}
    return create_model(str(command.name), __base__=_Table, **fields)


def _setting(parameter: click.Parameter) -> tuple[Any, Any]:
    """The type of a setting, and its key, what it may be, and what it means."""
    kind: Any = parameter.type
    types: Any
    if getattr(parameter, "is_flag", False):
        types, allowed = bool, "true or false"
    elif isinstance(kind, click.IntRange):
        types, allowed = Annotated[int, Field(ge=kind.min, le=kind.max)], f"a whole number {_range(kind)}"
    elif isinstance(kind, click.Choice):
        types, allowed = Literal[tuple(kind.choices)], f"one of {', '.join(kind.choices)}"
    else:
        types, allowed = (_Texts, f"a list of {_TEXT}") if getattr(parameter, "multiple", False) else (_Text, _TEXT)
        if not isinstance(kind, click.Path):  # those are checked when their verb runs
            types = Annotated[types, AfterValidator(lambda given: _convertible(given, parameter))]
            allowed = 'a day, such as "2026-11-29"' if isinstance(kind, click.DateTime) else allowed
            allowed = getattr(kind, "allowed", allowed)
    key = parameter.opts[0].lstrip("-").replace("-", "_")
    default = f" [default: {parameter.default}]" if getattr(parameter, "show_default", False) else ""
    meaning = getattr(parameter, "help", None) or "Folder of the source documents."
    return types, Field(None, alias=key, title=allowed, description=" ".join((meaning + default).split()))


def _range(kind: click.IntRange) -> str:
    return f"of {kind.min:,} or more" if kind.max is None else f"from {kind.min:,} to {kind.max:,}"


def _convertible(given: Any, parameter: click.Parameter) -> Any:
    """The same value. Raises `ValueError` when its option does not take it."""
    try:
        for one in given if isinstance(given, list) else [given]:
            parameter.type.convert(one, parameter, None)
    except click.BadParameter as err:
        raise ValueError(err.message) from err
    return given


# ---------------------------------------------------------------- reading


def read_settings(cli: click.Group, path: Path) -> Settings:
    """The defaults that the file sets for each verb, as click takes them. Raises `click.UsageError`.

    An `out` outside of the verbs' tables applies to all, and the settings of a group apply to each verb in it.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode) or about.st_size > LONGEST_FILE:
            raise ValueError(f"this is no regular file of at most {LONGEST_FILE:,} bytes")
        given = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as err:
        raise click.UsageError(f"{path}: {one_line(str(err))}. Correct it, or remove it to use the defaults.") from err
    model = settings_model(cli)
    try:
        found = model.model_validate(given).model_dump(exclude_unset=True)
    except ValidationError as err:
        raise click.UsageError(f"{path}: {_sentence(model, err)}") from err
    shared = {name: found[name] for name in found.keys() - cli.commands}
    return {name: _defaults(verb, shared, found.get(name, {})) for name, verb in cli.commands.items()}


def _defaults(command: click.Command, shared: Settings, own: Settings) -> Settings:
    verbs = command.commands if isinstance(command, click.Group) else {}
    settings = shared | {name: value for name, value in own.items() if name not in verbs}
    return settings | {name: _defaults(verb, settings, own.get(name, {})) for name, verb in verbs.items()}


def _sentence(model: type[_Table], errors: ValidationError) -> str:
    """What is wrong first: the key with its table, the value, and what is allowed."""
    error = errors.errors(include_url=False)[0]
    *outer, key = [part for part in error["loc"] if isinstance(part, str)]
    for name in outer:
        inner: Any = _fields(model)[str(name)].annotation
        model = inner
    table, fields = f"[{'.'.join(map(str, outer))}] " if outer else "", _fields(model)
    if key not in fields:
        (nearest,) = difflib.get_close_matches(str(key)[:60], fields, 1, 0)
        return f"{table}{_shown(key)} is not a setting. The nearest is {nearest}; the settings are: {', '.join(fields)}"
    value, reason = _shown(error["input"]), str(error.get("ctx", {}).get("error", ""))
    if is_table(fields[key]):
        return f"{table}{key} = {value} is not a table of settings"
    return f"{table}{key} = {value} is not {fields[key].title}" + (f": {reason}" if reason else "")


def is_table(field: FieldInfo) -> bool:
    """Whether a field of the model is a verb's table."""
    return field.title is None


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The settings and tables in a table by key."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _shown(value: object) -> str:
    """A value as TOML writes it, on one line, in at most 60 characters."""
    try:
        shown = one_line(json.dumps(value, ensure_ascii=False, default=str))
    except (ValueError, RecursionError):
        return "a value too large to print"
    return shown if len(shown) <= 60 else f"{shown[:59]}…"


# ---------------------------------------------------------------- the page


def settings_page(cli: click.Group) -> str:
    """The text of docs/settings.md: every table and setting, what its value may be, and what it means."""
    return "\n".join([_PAGE, *_sections(settings_model(cli), "")])


_PAGE = """\
# Settings

Options can be set in a file `qaledger.toml` in the working folder instead of on the command line:

```toml
out = "tables"

[run]
raw = "pages"
keep = 7
```

The file is checked as a whole before a command starts. An unknown key, or a value that is not allowed, is a usage error
(exit code 2).

- The command line overrides `$QALEDGER_OUT`, which overrides the file, which overrides the defaults.
- `out` at the top applies to all commands. The settings of a group, such as `[audit]`, apply to each of its commands.
- In keys, `-` and `_` mean the same. A list with one text can be written as a text.
- Relative paths start at the working folder.

This page is made by `python docs/reference.py` from the model that checks the file. The text of a path, a name
or a command has 1 to 4,096 printable characters.
"""


def _sections(model: type[BaseModel], table: str, outer: Collection[str] = ()) -> list[str]:
    """The lines of a table and of those in it, without the settings that the table around them has."""
    fields = _fields(model)
    settings = {key: field for key, field in fields.items() if not is_table(field)}
    inner: Any = {f"{table}.{name}".strip("."): field.annotation for name, field in fields.items() if is_table(field)}
    lines = [
        f"| `{key}` | {_escaped(str(field.title).replace(_TEXT, 'text'))} | {_escaped(str(field.description))} |"
        for key, field in settings.items()
        if key not in outer
    ]
    if table and inner:
        lines += ["", f"Its commands have tables of their own: {', '.join(f'`[{name}]`' for name in inner)}."]
    if lines:
        head = f"## [{table}]" if table else "## At the top"
        lines = [head, "", "| key | value | meaning |", "|---|---|---|", *lines, ""]
    return [*lines, *(line for name, one in inner.items() for line in _sections(one, name, settings))]


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")
