"""The package `pipeline` under the name of its distribution: `import qaledger` gives the same module.

It works where `import pipeline` does not: beside a notebook that has a `pipeline.py` of its own.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline import *  # noqa: F403

_FOLDER = Path(__file__).resolve().parent  # `pipeline` lies beside this file, in a checkout and when it is installed

sys.path.insert(0, str(_FOLDER))
try:
    import pipeline
finally:
    sys.path.remove(str(_FOLDER))
if _FOLDER / "pipeline" not in Path(pipeline.__file__ or "/").resolve().parents:
    raise ImportError(
        f"another module called 'pipeline' is already imported ({pipeline.__file__}), so qaledger cannot load its own. "
        "Restart Python and import qaledger first, or rename that module."
    )
sys.modules[__name__] = pipeline
