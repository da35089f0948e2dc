"""Which occurrences say the same: related pairs for audit, and which of them become one row of `qa`.

`relate_all` is the pipeline's stage, `relate` does the same for frames, `find_duplicates` looks at any frame. Behind
them: `answers` and `paraphrases` say how two texts compare, `rows` what becomes one; `sql/duplicates` finds the pairs
and lists them.
"""

from pipeline.duplicates.in_memory.find import find_duplicates
from pipeline.duplicates.stage import Relations, relate, relate_all
from pipeline.duplicates.union_find import Decision
from pipeline.text.keys import content_key

__all__ = ["Decision", "Relations", "content_key", "find_duplicates", "relate", "relate_all"]
