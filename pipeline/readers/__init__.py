"""One small module for each format: a stream of bytes becomes records, each a document of its own.

`record` says what a record is, `unpack` opens packed files within bounds, `lines` decodes them line by line and
`table` finds the columns of a row. None of them knows where a file came from; `pipeline.read` does.
"""
