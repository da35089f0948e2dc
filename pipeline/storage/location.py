"""The default folders, and how the folder of the published tables is found.

Nothing heavy is imported here: the command line needs it for every verb.
"""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.errors import BadArgument
from pipeline.storage.forms import PUBLISHED

RAW = Path("data/raw")
PROCESSED = Path("data/processed")


def find_out(path: str | os.PathLike[str] | None = None) -> Path:
    """The folder of the published tables: the argument (a folder or the link in it), else `$QALEDGER_OUT`, else the
    nearest `data/processed` from the working folder upwards, else `data/processed` in the working folder.

    Raises `BadArgument` for a path that is not valid UTF-8: DuckDB opens only files whose path is text.
    """
    given = path or os.environ.get("QALEDGER_OUT")
    if given:
        found = Path(given)
        try:
            os.fspath(found).encode()
        except UnicodeEncodeError as err:
            raise BadArgument("the path is not valid UTF-8; rename the folder, or name another one") from err
        return found.parent if found.suffix == ".duckdb" or found.name in PUBLISHED.values() else found
    here = Path.cwd()
    above = (folder / PROCESSED for folder in here.parents if (folder / PROCESSED).is_dir())
    return PROCESSED if (here / PROCESSED).is_dir() else next(above, PROCESSED)
