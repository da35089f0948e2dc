"""Which occurrences say the same: related pairs for audit, and which of them become one row of `qa`.

`relate` is the pipeline's stage, `find_duplicates` looks at any frame. Behind them: `answers` and `paraphrases` say
how two texts compare, `merging` what becomes one, `linking` which pairs are listed and why.
"""

from pipeline.duplicates.finding import find_duplicates
from pipeline.duplicates.merging import Decision, content_key
from pipeline.duplicates.relate import Relations, relate

__all__ = ["Decision", "Relations", "content_key", "find_duplicates", "relate"]
