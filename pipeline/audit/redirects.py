"""Lists for a site's editors: which wording to keep, and which copies to lead to it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.ledger.export import write_frame
from pipeline.ledger.ledger import Ledger
from pipeline.storage import frames


def keep_and_redirect(ledger: Ledger) -> pd.DataFrame:
    """Every place of what stands in more than one: action (keep or redirect), the place, and the canonical place.

    uri, url (null where the source does not say) and line of both; the kept place comes before its copies.
    """
    return frames.query(ledger.db, "audit/redirects")


def export_redirects(ledger: Ledger, to: Path) -> int:
    """Write `keep_and_redirect` to a file by its ending; how many rows. Raises `BadQuery` and `OutputUnusable`."""
    return write_frame(keep_and_redirect(ledger), "redirects", to)
