"""Every bound that more than one place needs, each once, with its measurement.

SQL files read them as variables of the connection (`getvariable('largest_group')`).
"""

# ---------------------------------------------------------------- reading and parsing

# ---------------------------------------------------------------- figures

# ---------------------------------------------------------------- ingest

# ---------------------------------------------------------------- duplicates

# ---------------------------------------------------------------- storage and generations

# ---------------------------------------------------------------- report and audit page
