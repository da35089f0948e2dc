"""Which occurrences say the same: related pairs for audit, and which of them become one row of `qa`.

`relate_all` is the pipeline's stage, `relate` does the same for frames, `find_duplicates` looks at any frame. Behind
them: `answers` and `paraphrases` say how two texts compare, `rows` what becomes one; `sql/relate_*.sql` finds the pairs
and lists them.
"""

from pipeline.duplicates.finding import find_duplicates
from pipeline.duplicates.merging import Decision, content_key
from pipeline.duplicates.relate import Relations, relate, relate_all

__all__ = ["Decision", "Relations", "content_key", "find_duplicates", "relate", "relate_all"]
