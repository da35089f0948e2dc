"""One document's text to its questions and answers, and everything else that stands on the page.

Read `parse_text` (`text`) first. `reading` tells line by line what each is, with the help of `layout` (the habits of
the page), `markers`, `questions` and `furniture`; `structured` reads formats that say where their questions stand.
"""

from pipeline.parse.occurrences import Occurrence, parse_text

__all__ = ["Occurrence", "parse_text"]
