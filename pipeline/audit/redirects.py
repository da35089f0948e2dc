"""Lists for a site's editors which copy of a repeated text to keep, and which copies to redirect to it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.ledger.export import write_frame
from pipeline.ledger.ledger import Ledger
from pipeline.storage import frames


def keep_and_redirect(ledger: Ledger) -> pd.DataFrame:
    """Every occurrence of a repeated row of qa: action (keep or redirect), its source, and the canonical source.

    uri, url (null where the source does not say) and line of both; the copy to keep comes first.
    """
    return frames.query(ledger.db, "audit/redirects")


def export_redirects(ledger: Ledger, to: Path) -> int:
    """Write `keep_and_redirect` to a file by its ending; the number of rows. Raises `BadQuery` and `OutputUnusable`."""
    return write_frame(keep_and_redirect(ledger), "redirects", to)
