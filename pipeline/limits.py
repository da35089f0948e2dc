"""Every bound that more than one place needs, each once, with its measurement.

SQL files read them as variables of the connection (`getvariable('largest_group')`).
"""

# ---------------------------------------------------------------- reading and parsing

# ---------------------------------------------------------------- figures

LONGEST_BOUND_PHRASE = 5  # words of the longest phrase in [before] and [after] of lexicon.toml: "at the very least"
PHRASE_REACH = 16  # tokens of the longest measure, population or source; what is longer is cut there
CLAUSE_REACH = 60  # tokens left of a figure in which its clause begins; bounds the work on text without punctuation

# ---------------------------------------------------------------- ingest

# ---------------------------------------------------------------- duplicates

# ---------------------------------------------------------------- storage and generations

# ---------------------------------------------------------------- report and audit page
