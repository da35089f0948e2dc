"""Every published table: its grain, key, columns, units and codes, as pandera models.

`fit` checks a frame against its table where it enters or leaves the database. The DuckDB tables are created from the
same models, so a column is described once: here. Text is pandas' `str`, whole numbers are nullable `Int64`, times are
UTC with microseconds, lists are Python lists in an `object` column (`duckdb` in a field's metadata names their type).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pandas as pd

from pipeline.errors import TableRejected
from pipeline.storage.spark_unseen import spark_unseen

with spark_unseen():
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors
    from pandera.typing import get_dataframe_types

    get_dataframe_types()  # imports pyspark, as the first check does: do both here
    pa.DataFrameSchema().validate(pd.DataFrame())

FORMATS = ["txt", "md", "html", "jsonl", "json", "csv", "tsv", "parquet", "warc", "wet"]
LEFTOVER_ROLES = ["orphan_answer", "heading", "furniture"]
DUPLICATE_KINDS = [
    "exact_pair",
    "near_pair",
    "answer_contained",
    "same_answer_different_question",
    "same_question_different_answer",
    "paraphrased_question",
    "scope_variant",
    "orphan_matches_answer",
    "answer_overlap",
    "near_conflict",
]
STATISTIC_KINDS = ["percent", "money", "ratio", "count", "multiplier"]
RELATIONS = ["=", "~", "<", "<=", ">", ">=", "range", "~range"]
PERIODS = ["day", "week", "month", "year"]
STATISTIC_ROLES = ["finding", "source_qualifier", "anecdote", "threshold"]
FIGURE_DECISIONS = ["comparable", "not_comparable", "misread"]
CHANGES = ["added", "changed", "removed", "merged", "split"]
RUN_STATUSES = ["published", "unchanged", "failed", "interrupted", "rolled_back"]
REJECT_REASONS = [
    "empty",  # no character but white space
    "not_text",  # too many control characters to be a page of text
    "undecodable_bytes",  # bytes that are no text in the file's encoding; the rest of the file is read
    "unreadable",  # the operating system would not let us read it
    "unsupported_format",  # a format that has no reader
    "outside_raw",  # a link that leads out of RAW
    "too_large",  # a document, or what an archive unpacks to, over the stated limit
    "damaged",  # broken in its own format: an archive cut short, a line that is no JSON; complete parts are read
    "no_columns",  # a table or record none of whose columns is known to hold questions or text
    "no_page",  # a record of a web archive that is no page: a redirect, an error
    "missing_library",  # a format whose library is not installed
    "not_utf8_name",  # a file name that is no text
    "ambiguous_name",  # a file that has the name of a record of another file
    "schema",  # its rows do not fit their table
    "internal_error",  # our own code failed on it
]

UTC = {"unit": "us", "tz": "UTC"}


def _list_of(duckdb_type: str, description: str) -> Any:
    return pa.Field(metadata={"duckdb": duckdb_type}, description=description)


def _time(description: str, nullable: bool = False) -> Any:
    return pa.Field(dtype_kwargs=UTC, nullable=nullable, description=description)


class Table(pa.DataFrameModel):
    """A published table: its columns in order, and no others."""

    class Config:
        strict = True
        coerce = True
        ordered = True


class Documents(Table):
    """One row for each source document in this generation, by uri."""

    document_id: str = pa.Field(unique=True, str_startswith="d_", description="from uri")
    uri: str = pa.Field(unique=True, description="path below RAW with /, then #record for one inside a file")
    file: str = pa.Field(description="path below RAW of the file it is in")
    site: str = pa.Field(nullable=True, description="host of source_url, without www")
    language: str = pa.Field(nullable=True, description="as in ISO 639-1, where the text leaves little doubt")
    left_out: object = _list_of(
        "VARCHAR[]", "columns or keys of the record whose values are in no row: numbers, codes, single words"
    )
    sha256: str = pa.Field(
        str_length={"min_value": 64, "max_value": 64},
        description="of the bytes as read; for a row of a table, of its text in UTF-8",
    )
    bytes: pd.Int64Dtype = pa.Field(ge=0, description="size of the source as read")
    format: str = pa.Field(isin=FORMATS, description="how it was read")
    encoding: str = pa.Field(description="Python's name of the encoding the bytes were decoded with")
    encoding_certain: bool = pa.Field(description="false where the encoding was guessed or bytes were replaced")
    text: str = pa.Field(description="as decoded, with its line ends, without a byte order mark")
    lines: pd.Int64Dtype = pa.Field(ge=1, description="number of lines; a line ends at LF or CRLF only")
    source_url: str = pa.Field(nullable=True, description="web address, where the source states it")
    fetched_at: pd.DatetimeTZDtype = _time("when the source was fetched, where it says so", nullable=True)
    first_seen_at: pd.DatetimeTZDtype = _time("the run that first read a document at this uri")
    last_changed_at: pd.DatetimeTZDtype = _time("the run that last found other bytes at this uri")


class Occurrences(Table):
    """One row for each question found, answered or not, in source order (uri, ordinal)."""

    occurrence_id: str = pa.Field(
        unique=True, str_startswith="o_", description="from uri, raw text, rank among equal ones"
    )
    document_id: str = pa.Field(description="the document it is in")
    ordinal: pd.Int64Dtype = pa.Field(ge=0, description="0-based, among the document's questions")
    question_raw: str = pa.Field(description="as in the source, with its marker")
    answer_raw: str = pa.Field(nullable=True, description="the answer's lines joined by LF; null when unanswered")
    question: str = pa.Field(description="cleaned: markers removed, white space collapsed, no word changed")
    answer: str = pa.Field(nullable=True, description="cleaned; null when unanswered")
    question_key: str = pa.Field(description="equal for equal questions: case, punctuation and spacing do not count")
    answer_key: str = pa.Field(nullable=True, description="the same for the answer; its ellipses do not count")
    line_start: pd.Int64Dtype = pa.Field(ge=1, description="question line, 1-based")
    line_end: pd.Int64Dtype = pa.Field(ge=1, description="last answer line, inclusive")
    char_start: pd.Int64Dtype = pa.Field(ge=0, description="code points into documents.text: first of question_raw")
    char_end: pd.Int64Dtype = pa.Field(ge=0, description="exclusive: after the last of answer_raw")
    answer_char_start: pd.Int64Dtype = pa.Field(ge=0, nullable=True, description="first of answer_raw")
    is_answered: bool = pa.Field(description="false where no text answers the question")
    is_truncated: bool = pa.Field(description="the answer is cut short in the source")
    truncation_kinds: object = _list_of(
        "VARCHAR[]", "of trailing_ellipsis, internal_ellipsis, more_items, trailing_colon, mid_word"
    )
    is_bulleted: bool = pa.Field(description="the answer has lines with bullets")
    is_numbered_inline: bool = pa.Field(description="the answer has numbered steps inside a line")
    has_citation: bool = pa.Field(description="the answer has a reference mark such as [1]")
    has_question_mark: bool = pa.Field(description="the question ends in a question mark")
    is_glued: bool = pa.Field(description="cleaning separated glued sentences")
    has_embedded_question: bool = pa.Field(description="the answer opens with a restated title that is a question")
    qa_id: str = pa.Field(description="the row of qa it belongs to")

    @pa.dataframe_check
    @classmethod
    def spans_run_forward(cls, frame: pd.DataFrame) -> pd.Series:
        return (frame["char_start"] < frame["char_end"]) & (frame["line_start"] <= frame["line_end"])

    @pa.dataframe_check
    @classmethod
    def answered_means_an_answer(cls, frame: pd.DataFrame) -> pd.Series:
        return frame["is_answered"] == frame["answer_raw"].notna()


class Leftovers(Table):
    """One row for each run of adjacent non-blank lines of one role outside of all occurrences, in source order."""

    leftover_id: str = pa.Field(
        unique=True, str_startswith="l_", description="from uri, role, text, rank among equal ones"
    )
    document_id: str = pa.Field(description="the document it is in")
    role: str = pa.Field(
        isin=LEFTOVER_ROLES,
        description="orphan_answer: text that answers no question here; furniture: navigation and other page parts",
    )
    line_start: pd.Int64Dtype = pa.Field(ge=1, description="first line, 1-based")
    line_end: pd.Int64Dtype = pa.Field(ge=1, description="last line, inclusive")
    char_start: pd.Int64Dtype = pa.Field(ge=0, description="code points into documents.text, 0-based")
    char_end: pd.Int64Dtype = pa.Field(ge=0, description="exclusive")
    text: str = pa.Field(description="documents.text[char_start:char_end]")
    qa_id: str = pa.Field(nullable=True, description="the row whose answer it repeats")

    @pa.dataframe_check
    @classmethod
    def spans_run_forward(cls, frame: pd.DataFrame) -> pd.Series:
        return (frame["char_start"] < frame["char_end"]) & (frame["line_start"] <= frame["line_end"])


class Qa(Table):
    """The deduplicated table: one row for each distinct question and answer, in source order of its wording."""

    qa_id: str = pa.Field(unique=True, str_startswith="qa_", description="from the question's and the answer's key")
    question: str = pa.Field(description="cleaned, as in the canonical occurrence")
    answer: str = pa.Field(nullable=True, description="null when the question has no answer")
    question_id: str = pa.Field(description="shared by questions that ask the same thing")
    canonical_occurrence_id: str = pa.Field(unique=True, description="the occurrence that represents the row")
    occurrence_count: pd.Int64Dtype = pa.Field(ge=1, description="occurrences that belong to the row")
    document_count: pd.Int64Dtype = pa.Field(ge=1, description="documents they are in")
    is_answered: bool = pa.Field(description="false where the question has no answer")
    is_truncated: bool = pa.Field(description="the answer is cut short in the source")
    topics: object = _list_of("VARCHAR[]", "sorted; tags that need review are left out")
    first_seen_at: pd.DatetimeTZDtype = _time("the run that first published this row")
    last_seen_at: pd.DatetimeTZDtype = _time("the newest run that found it in its sources")


class Duplicates(Table):
    """One row for each related pair, for audit."""

    a_id: str = pa.Field(description="occurrence or leftover")
    b_id: str = pa.Field(description="occurrence or leftover")
    kind: str = pa.Field(
        isin=DUPLICATE_KINDS, description="how the two are related; docs/duplicates.md defines the kinds"
    )
    same_question: bool = pa.Field(description="their question keys are equal")
    score: float = pa.Field(ge=0, le=1, description="0 to 1: how certain the relation is")
    reason: str = pa.Field(str_length={"min_value": 1}, description="why, in words for a content editor")
    merged: bool = pa.Field(description="the two are in one row of qa because of this pair")
    decided_by: str = pa.Field(description="rule, or a reviewer's name")

    class Config:
        unique: ClassVar[list[str]] = ["a_id", "b_id", "kind"]


class Topics(Table):
    """One row for each topic of the taxonomy, also for topics that no row of qa has."""

    topic: str = pa.Field(unique=True, description="short name")
    title: str = pa.Field(description="name for people")
    description: str = pa.Field(description="what belongs to the topic")
    required: bool = pa.Field(description="one of the four topics every ledger must cover")
    taxonomy_version: str = pa.Field(description="digest of the taxonomy")


class QaTopics(Table):
    """One row for each tag."""

    qa_id: str = pa.Field(description="the tagged row of qa")
    topic: str = pa.Field(description="the topic it has")
    score: float = pa.Field(ge=0, le=1, description="0 to 1")
    needs_review: bool = pa.Field(description="the evidence is weak: a person should check the tag")
    evidence: object = _list_of(
        'STRUCT(field VARCHAR, "start" BIGINT, "end" BIGINT, "text" VARCHAR, cue VARCHAR, weight DOUBLE)[]',
        "what counted: offsets are code points into qa.question or qa.answer",
    )

    class Config:
        unique: ClassVar[list[str]] = ["qa_id", "topic"]


class Statistics(Table):
    """One row for each quoted figure in each occurrence's answer; nothing is converted."""

    statistic_id: str = pa.Field(
        unique=True, str_startswith="s_", description="from occurrence, position in it, surface and kind"
    )
    occurrence_id: str = pa.Field(description="the occurrence whose answer quotes it")
    qa_id: str = pa.Field(description="the row of qa of that occurrence")
    kind: str = pa.Field(isin=STATISTIC_KINDS, description="what sort of figure it is")
    low: float = pa.Field(nullable=True, description="lowest value, in unit and period; null = open")
    high: float = pa.Field(nullable=True, description="highest value, in unit and period; null = open")
    relation: str = pa.Field(isin=RELATIONS, description="how the value is bounded; ~ is about")
    unit: str = pa.Field(description="percent (in points), an ISO 4217 code, proportion, count or times")
    numerator: float = pa.Field(nullable=True, description="of a ratio such as 1 in 4, else null")
    denominator: float = pa.Field(nullable=True, description="of a ratio such as 1 in 4, else null")
    period: str = pa.Field(nullable=True, isin=PERIODS, description="per what time, as quoted; null where none is said")
    qualifier: str = pa.Field(nullable=True, description="words as quoted")
    measure: str = pa.Field(nullable=True, description="what is measured")
    population: str = pa.Field(nullable=True, description="of whom or of what")
    counted: str = pa.Field(nullable=True, description="the noun a count counts")
    attribution: str = pa.Field(nullable=True, description="whom the text names as the source")
    citation: str = pa.Field(nullable=True, description="the reference mark next to the figure")
    role: str = pa.Field(
        isin=STATISTIC_ROLES,
        description="finding; source_qualifier: describes a source; anecdote: one person; threshold: a limit in a rule",
    )
    scope: object = _list_of("VARCHAR[]", "sorted: plan, part of a plan, place, network, subgroup, row of a table")
    year: pd.Int64Dtype = pa.Field(nullable=True, description="the year the figure is of, where said")
    claim: str = pa.Field(nullable=True, description="what is measured; equal for figures that measure the same")
    is_known_claim: bool = pa.Field(description="the claim is one of claims.toml, not the measure's own words")
    surface: str = pa.Field(description="number and unit only")
    char_start: pd.Int64Dtype = pa.Field(ge=0, description="of the surface, into documents.text")
    char_end: pd.Int64Dtype = pa.Field(ge=0, description="exclusive")
    quote: str = pa.Field(description="the sentence, verbatim")
    quote_char_start: pd.Int64Dtype = pa.Field(ge=0, description="of the sentence, into documents.text")
    quote_char_end: pd.Int64Dtype = pa.Field(ge=0, description="exclusive")
    line: pd.Int64Dtype = pa.Field(ge=1, description="of the surface, 1-based")
    rule: str = pa.Field(description="the rule that found it")

    @pa.dataframe_check
    @classmethod
    def low_is_not_above_high(cls, frame: pd.DataFrame) -> pd.Series:
        return ~(frame["low"] > frame["high"]).fillna(False)

    @pa.dataframe_check
    @classmethod
    def has_a_bound(cls, frame: pd.DataFrame) -> pd.Series:
        return frame["low"].notna() | frame["high"].notna()


class FigureDecisions(Table):
    """One row for each figure that a reviewer decided on because figures of its claim disagree."""

    statistic_id: str = pa.Field(unique=True, description="the figure")
    decision: str = pa.Field(
        isin=FIGURE_DECISIONS,
        description="comparable: its claim counts it; not_comparable or misread: its claim leaves it out",
    )
    decided_by: str = pa.Field(description="a reviewer's name")
    note: str = pa.Field(nullable=True, description="the reviewer's remark")


class Rejects(Table):
    """What was not read or does not fit: one row for each file, record or row, with the reason."""

    uri: str = pa.Field(description="of the file or record")
    stage: str = pa.Field(description="the stage that rejected it")
    reason: str = pa.Field(isin=REJECT_REASONS, description="code of the reason")
    detail: str = pa.Field(description="what was found, and what to do")
    sample: str = pa.Field(nullable=True, description="its first characters, escaped")


class Runs(Table):
    """One row for each run, failed ones too, oldest first."""

    run_id: str = pa.Field(unique=True, str_startswith="r_", description="unique to the run")
    started_at: pd.DatetimeTZDtype = _time("when the run started")
    finished_at: pd.DatetimeTZDtype = _time("when the run ended")
    status: str = pa.Field(isin=RUN_STATUSES, description="how the run ended")
    version: str = pa.Field(description="of qaledger")
    exit_code: pd.Int64Dtype = pa.Field(description="of the command")
    error: str = pa.Field(nullable=True, description="the error message of a failed run")
    embedder: str = pa.Field(nullable=True, description="digest of the embedding model; null without one")
    documents: pd.Int64Dtype = pa.Field(
        nullable=True,
        description="in the published generation, as are the counts below; null where none was published",
    )
    documents_read: pd.Int64Dtype = pa.Field(nullable=True, description="that this run read; the others were unchanged")
    occurrences: pd.Int64Dtype = pa.Field(nullable=True, description="rows of occurrences")
    leftovers: pd.Int64Dtype = pa.Field(nullable=True, description="rows of leftovers")
    qa: pd.Int64Dtype = pa.Field(nullable=True, description="rows of qa")
    duplicates: pd.Int64Dtype = pa.Field(nullable=True, description="rows of duplicates")
    statistics: pd.Int64Dtype = pa.Field(nullable=True, description="rows of statistics")
    rejects: pd.Int64Dtype = pa.Field(nullable=True, description="rows of rejects")
    stages: object = _list_of(
        "STRUCT(stage VARCHAR, unit VARCHAR, rows_in BIGINT, kept BIGINT, dropped BIGINT, seconds DOUBLE)[]",
        "rows in = kept + dropped, and seconds, stage by stage",
    )
    generation: str = pa.Field(nullable=True, description="that the run published; null where it published none")


class Changes(Table):
    """What each run did to qa: one row for each row added, changed, removed, merged or split."""

    run_id: str = pa.Field(description="the run that made the change")
    qa_id: str = pa.Field(description="the row as it is now; for a removed row, as it was")
    change: str = pa.Field(isin=CHANGES, description="what happened to the row")
    before: str = pa.Field(nullable=True, description="JSON, see `after`; null for an added row")
    after: str = pa.Field(
        nullable=True,
        description="JSON: qa_id, question, answer, is_truncated, topics, both counts; null for a removed row",
    )


class Files(Table):
    """Size and time of each file, so that a later run does not read it again while they are the same."""

    uri: str = pa.Field(unique=True, description="path below RAW")
    bytes: pd.Int64Dtype = pa.Field(ge=0, description="size")
    modified_ns: pd.Int64Dtype = pa.Field(description="time of the last change, nanoseconds since 1970")
    sha256: str = pa.Field(description="of its bytes")


class LineKeys(Table):
    """Lines that could be boilerplate, if many documents contain them. One row for each file and line."""

    uri: str = pa.Field(description="of the file")
    line_key: str = pa.Field(description="digest of a line without case and white space")
    documents: pd.Int64Dtype = pa.Field(ge=1, description="documents of this file that contain the line")

    class Config:
        unique: ClassVar[list[str]] = ["uri", "line_key"]


TABLES: dict[str, type[Table]] = {
    "documents": Documents,
    "occurrences": Occurrences,
    "leftovers": Leftovers,
    "qa": Qa,
    "duplicates": Duplicates,
    "topics": Topics,
    "qa_topics": QaTopics,
    "statistics": Statistics,
    "figure_decisions": FigureDecisions,
    "rejects": Rejects,
    "runs": Runs,
    "changes": Changes,
    "files": Files,
    "line_keys": LineKeys,
}

# The columns of the view `claims` in order, by name.
CLAIMS = {
    "claim": "what is measured; null for a figure without a measure, which is a claim by itself",
    "is_known": "the claim is one of claims.toml, not the measure's own words",
    "scope": "as statistics.scope: figures of other scopes are other rows",
    "year": "as statistics.year: figures of other years are other rows",
    "kind": "as statistics.kind",
    "unit": "as statistics.unit",
    "period": "as statistics.period",
    "role": "as statistics.role",
    "figures": "figures, each once per row of qa",
    "answers": "rows of qa that quote them",
    "sources": "distinct sources: whom the page credits by name, else its site, else its file",
    "documents": "documents that quote them, copies included",
    "domains": "sites that quote them, copies included",
    "low": "lowest value quoted; null = one is open",
    "high": "highest value quoted; null = one is open",
    "agreement": "single: one figure; same: equal bounds; several values: of one source; overlapping; disagreeing: "
    "two sources share no value; not comparable: reviewers left out every figure",
    "disagreeing_ids": "statistic_ids of the figures that share no value with another one",
    "measures": "the words of the measures",
    "populations": "the populations",
    "attributions": "whom the texts name as the source",
    "quotes": "the sentences, in the order of statistic_ids",
    "statistic_ids": "the figures",
    "left_out": "figures that reviewers decided are not comparable or misread; no other column counts them",
    "left_out_ids": "these figures",
}

# The order of the rows of each table (`t`), for readers: rows in the database have no order.
_WITH_DOCUMENT = "left join documents d on d.document_id = t.document_id"
_WITH_OCCURRENCE = (
    "left join occurrences o on o.occurrence_id = t.{} left join documents d on d.document_id = o.document_id"
)
IN_ORDER = {
    "documents": "order by uri",
    "occurrences": f"{_WITH_DOCUMENT} order by d.uri, t.ordinal",
    "leftovers": f"{_WITH_DOCUMENT} order by d.uri, t.char_start, t.char_end",
    "qa": f"{_WITH_OCCURRENCE.format('canonical_occurrence_id')} order by d.uri, o.ordinal",
    "duplicates": "order by a_id, b_id, kind",
    "topics": "order by rowid",
    "qa_topics": "order by qa_id, topic",
    "statistics": f"{_WITH_OCCURRENCE.format('occurrence_id')} order by d.uri, t.char_start, t.char_end, statistic_id",
    "figure_decisions": "order by statistic_id",
    "rejects": "order by uri, stage, reason, detail",
    "runs": "order by started_at, run_id",
    "changes": "order by rowid",
    "files": "order by uri",
    "line_keys": "order by uri, line_key",
}

_DUCKDB_TYPES = {
    "string[pyarrow]": "VARCHAR",  # what pandera calls pandas' str
    "str": "VARCHAR",
    "Int64": "BIGINT",
    "bool": "BOOLEAN",
    "float64": "DOUBLE",
}


def columns(table: type[Table]) -> dict[str, pa.Column]:
    """The table's columns in order, by name."""
    return dict(table.to_schema().columns)


def duckdb_type(column: pa.Column) -> str:
    """The DuckDB type a column is stored as.

    >>> duckdb_type(columns(Qa)["topics"]), duckdb_type(columns(Qa)["first_seen_at"])
    ('VARCHAR[]', 'TIMESTAMPTZ')
    """
    if column.metadata and "duckdb" in column.metadata:
        return str(column.metadata["duckdb"])
    dtype = str(column.dtype)
    return "TIMESTAMPTZ" if dtype.startswith("datetime64") else _DUCKDB_TYPES[dtype]


def ddl(name: str) -> Iterator[str]:
    """The statements that make a table and describe its columns inside the database."""
    table = TABLES[name]
    body = ", ".join(
        f'"{column}" {duckdb_type(spec)}{"" if spec.nullable else " NOT NULL"}'
        for column, spec in columns(table).items()
    )
    yield f'CREATE TABLE "{name}" ({body})'
    yield f"COMMENT ON TABLE \"{name}\" IS '{_escaped_for_sql(table.__doc__ or '')}'"
    yield from comments(name, {column: spec.description for column, spec in columns(table).items()})


def comments(name: str, descriptions: Mapping[str, str]) -> Iterator[str]:
    """The statements that describe the columns of a table or view."""
    for column, description in descriptions.items():
        yield f'COMMENT ON COLUMN "{name}"."{column}" IS \'{_escaped_for_sql(description)}\''


def _escaped_for_sql(text: str) -> str:
    return text.strip().replace("'", "''")


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as mappings, missing values as None."""
    return [
        {str(name): None if is_missing(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing (None, NaN, NA or NaT); a list never does."""
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def empty(table: type[Table]) -> pd.DataFrame:
    """The table without rows, with the right dtypes."""
    return table.to_schema().coerce_dtype(pd.DataFrame({name: [] for name in columns(table)}))


def fit(table: type[Table], frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the table's columns in order and its dtypes; other columns are left out.

    Raises `TableRejected` when a row does not fit, naming the first failure.
    """
    fitting, failures = sift(table, frame)
    if len(failures):
        first = failures.iloc[0]
        raise TableRejected(
            table.__name__.lower(), len(failures), f"{first['column']}: {first['check']} ({first['failure_case']!r})"
        )
    return fitting


def sift(table: type[Table], frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that fit, and the failures of the rest: index (a row's label), column, check, failure_case.

    Raises `TableRejected` when the frame as a whole does not fit (a column missing or of another type).
    """
    wanted = list(columns(table))
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise TableRejected(table.__name__.lower(), len(missing), f"{missing[0]}: the column is missing")
    frame = frame[wanted].reset_index(drop=True)
    if frame.empty:
        return empty(table), pd.DataFrame(columns=["index", "column", "check", "failure_case"])
    if _is_fitting(table, frame):
        return frame, pd.DataFrame(columns=["index", "column", "check", "failure_case"])
    try:
        return table.validate(frame, lazy=True), pd.DataFrame(columns=["index", "column", "check", "failure_case"])
    except SchemaErrors as err:
        failures: pd.DataFrame = err.failure_cases[["index", "column", "check", "failure_case"]]
    of_rows = failures["index"].notna()
    if not of_rows.all():
        first = failures[~of_rows].iloc[0]
        raise TableRejected(
            table.__name__.lower(), len(failures), f"{first['column']}: {first['check']} ({first['failure_case']!r})"
        )
    fitting = frame[~frame.index.isin(failures["index"])].reset_index(drop=True)
    return (table.validate(fitting, lazy=True) if len(fitting) else empty(table)), failures


def _is_fitting(table: type[Table], frame: pd.DataFrame) -> bool:
    """Whether a frame with the columns of its table has the right dtypes and passes every check.

    The checks are those of the model. Run one by one they take a sixth of the time of a validation (14 ms instead of 88
    for 300 documents with their rows), which copies and coerces each column and lists the failures.
    """
    schema = table.to_schema()
    for name, column in schema.columns.items():
        values = frame[name]
        if values.dtype != column.dtype.type or (not column.nullable and values.isna().any()):
            return False
        if (column.unique and not values.is_unique) or not _passes(values, column.checks):
            return False
    is_unique = not schema.unique or not frame.duplicated(list(schema.unique)).any()
    return is_unique and _passes(frame, schema.checks)


def _passes(values: pd.Series | pd.DataFrame, checks: list[Any]) -> bool:
    return all(check(values).check_passed for check in checks)
