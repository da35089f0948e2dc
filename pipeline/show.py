"""Tables, sentences and numbers for notebooks: escaped, readable, and without LaTeX."""

from pipeline.errors import many
from pipeline.ledger.formatting import bounds, citation, limits, number, share, spread
from pipeline.report.tables import Sentence, Table, say, table

__all__ = ["Sentence", "Table", "bounds", "citation", "limits", "many", "number", "say", "share", "spread", "table"]
