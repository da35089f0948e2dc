"""Every published table: its grain, key, columns, units, codes and checks, declared once.

The DuckDB tables and their comments, the quick checks (`arrow.fits`) and the pandera models are made from the same
declarations. As frames, text is pandas' `str`, whole numbers are nullable `Int64`, times are UTC with microseconds,
lists are Python lists in an `object` column (a column's `duckdb` names their type). No library is imported here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from pipeline.storage.journal import RUN_STATUSES
from pipeline.storage.statements import quoted

if TYPE_CHECKING:
    import pandas as pd
    from pandera.pandas import DataFrameSchema

FORMATS = ["txt", "md", "html", "jsonl", "json", "csv", "tsv", "parquet", "warc", "wet", "xml"]
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


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its table declares it.

    type: as annotated, a key of `frames.DTYPES`. duckdb: the type in the database, where the other does not tell it.
    checks: keys of `arrow.CHECKS`, which are names of pandera's checks, and what they compare with.
    """

    description: str
    nullable: bool
    unique: bool
    duckdb: str
    checks: Mapping[str, Any]
    type: str = ""


def _column(description: str, nullable: bool = False, unique: bool = False, duckdb: str = "", **checks: Any) -> Any:
    return Column(description, nullable, unique, duckdb, checks)


def _list_of(duckdb_type: str, description: str) -> Any:
    return _column(description, duckdb=duckdb_type)


class Table:
    """A published table: its columns in order, and no others.

    unique: columns whose values together occur in one row alone. row_checks: keys of `arrow.ROW_CHECKS`.
    """

    unique: ClassVar[tuple[str, ...]] = ()
    row_checks: ClassVar[tuple[str, ...]] = ()
    columns: ClassVar[dict[str, Column]]

    def __init_subclass__(cls) -> None:
        declared = {name: vars(cls).get(name) for name in cls.__annotations__}
        cls.columns = {
            name: replace(column, type=cls.__annotations__[name])
            for name, column in declared.items()
            if isinstance(column, Column)
        }

    @classmethod
    @cache
    def to_schema(cls) -> DataFrameSchema:
        """The table for pandera."""
        from pipeline.storage.frames import to_schema

        return to_schema(cls)

    @classmethod
    def validate(cls, frame: pd.DataFrame, lazy: bool = False) -> pd.DataFrame:
        """The frame, after a check by pandera, which raises what does not fit."""
        return cls.to_schema().validate(frame, lazy=lazy)


class Documents(Table):
    """One row for each source document in this generation, by uri."""

    document_id: str = _column(unique=True, str_startswith="d_", description="from uri")
    uri: str = _column(unique=True, description="path below RAW with /, then #record for one inside a file")
    file: str = _column(description="path below RAW of the file it is in")
    site: str = _column(nullable=True, description="host of source_url, without www")
    language: str = _column(nullable=True, description="as in ISO 639-1, where the text leaves little doubt")
    left_out: object = _list_of(
        "VARCHAR[]", "columns or keys of the record whose values are in no row: numbers, codes, single words"
    )
    guessed: object = _list_of(
        "VARCHAR[]", "columns of unknown names that were chosen by their cells, as --columns names them: question=Wish"
    )
    sha256: str = _column(
        str_length={"min_value": 64, "max_value": 64},
        description="of the bytes as read; for a row of a table, of its text in UTF-8",
    )
    bytes: pd.Int64Dtype = _column(ge=0, description="size of the source as read")
    format: str = _column(isin=FORMATS, description="how it was read")
    encoding: str = _column(description="Python's name of the encoding the bytes were decoded with")
    encoding_certain: bool = _column(description="false where the encoding was guessed or bytes were replaced")
    text: str = _column(description="as decoded, with its line ends, without a byte order mark")
    lines: pd.Int64Dtype = _column(ge=1, description="number of lines; a line ends at LF or CRLF only")
    source_url: str = _column(nullable=True, description="web address, where the source states it")
    fetched_at: pd.DatetimeTZDtype = _column("when the source was fetched, where it says so", nullable=True)
    first_seen_at: pd.DatetimeTZDtype = _column("time of the run that first read a document at this uri")
    last_changed_at: pd.DatetimeTZDtype = _column("time of the run that last found other bytes at this uri")


class Occurrences(Table):
    """One row for each question found, answered or not, in source order (uri, ordinal)."""

    occurrence_id: str = _column(
        unique=True, str_startswith="o_", description="from uri, raw text, rank among equal ones"
    )
    document_id: str = _column(description="the document it is in")
    ordinal: pd.Int64Dtype = _column(ge=0, description="0-based, among the document's questions")
    question_raw: str = _column(description="as in the source, with its marker")
    answer_raw: str = _column(nullable=True, description="the answer's lines joined by LF; null when unanswered")
    question: str = _column(description="cleaned: markers removed, white space collapsed, no word changed")
    answer: str = _column(nullable=True, description="cleaned; null when unanswered")
    question_key: str = _column(description="equal for equal questions: case, punctuation and spacing do not count")
    answer_key: str = _column(nullable=True, description="the same for the answer; its ellipses do not count")
    line_start: pd.Int64Dtype = _column(ge=1, description="question line, 1-based")
    line_end: pd.Int64Dtype = _column(ge=1, description="last answer line, inclusive")
    char_start: pd.Int64Dtype = _column(ge=0, description="code points into documents.text: first of question_raw")
    char_end: pd.Int64Dtype = _column(ge=0, description="exclusive: after the last of answer_raw")
    answer_char_start: pd.Int64Dtype = _column(ge=0, nullable=True, description="first of answer_raw")
    is_answered: bool = _column(description="false where no text answers the question")
    is_truncated: bool = _column(description="the answer is cut short in the source")
    truncation_kinds: object = _list_of(
        "VARCHAR[]", "of trailing_ellipsis, internal_ellipsis, more_items, trailing_colon, mid_word"
    )
    is_bulleted: bool = _column(description="the answer has lines with bullets")
    is_numbered_inline: bool = _column(description="the answer has numbered steps inside a line")
    has_citation: bool = _column(description="the answer has a reference mark such as [1]")
    has_question_mark: bool = _column(description="the question ends in a question mark")
    is_glued: bool = _column(description="cleaning separated glued sentences")
    has_embedded_question: bool = _column(description="the answer opens with a restated title that is a question")
    qa_id: str = _column(description="the row of qa it belongs to")

    row_checks: ClassVar[tuple[str, ...]] = ("spans_run_forward", "answered_means_an_answer")


class Leftovers(Table):
    """One row for each run of adjacent non-blank lines of one role outside of all occurrences, in source order."""

    leftover_id: str = _column(
        unique=True, str_startswith="l_", description="from uri, role, text, rank among equal ones"
    )
    document_id: str = _column(description="the document it is in")
    role: str = _column(
        isin=LEFTOVER_ROLES,
        description="orphan_answer: text that answers no question here; furniture: navigation and other page parts",
    )
    line_start: pd.Int64Dtype = _column(ge=1, description="first line, 1-based")
    line_end: pd.Int64Dtype = _column(ge=1, description="last line, inclusive")
    char_start: pd.Int64Dtype = _column(ge=0, description="code points into documents.text, 0-based")
    char_end: pd.Int64Dtype = _column(ge=0, description="exclusive")
    text: str = _column(description="documents.text[char_start:char_end]")
    qa_id: str = _column(nullable=True, description="the row whose answer it repeats")

    row_checks: ClassVar[tuple[str, ...]] = ("spans_run_forward",)


class Qa(Table):
    """The deduplicated table: one row for each distinct question and answer, in source order of its wording."""

    qa_id: str = _column(unique=True, str_startswith="qa_", description="from the question's and the answer's key")
    question: str = _column(description="cleaned, as in the canonical occurrence")
    answer: str = _column(nullable=True, description="null when the question has no answer")
    question_id: str = _column(description="shared by questions that ask the same thing")
    canonical_occurrence_id: str = _column(unique=True, description="the occurrence that represents the row")
    occurrence_count: pd.Int64Dtype = _column(ge=1, description="occurrences that belong to the row")
    document_count: pd.Int64Dtype = _column(ge=1, description="documents they are in")
    is_answered: bool = _column(description="false where the question has no answer")
    is_truncated: bool = _column(description="the answer is cut short in the source")
    topics: object = _list_of("VARCHAR[]", "sorted; tags that need review are left out")
    first_seen_at: pd.DatetimeTZDtype = _column("time of the run that first published this row")
    last_seen_at: pd.DatetimeTZDtype = _column("time of the newest run that found it in its sources")


class Duplicates(Table):
    """One row for each related pair, for audit."""

    a_id: str = _column(description="occurrence or leftover")
    b_id: str = _column(description="occurrence or leftover")
    kind: str = _column(
        isin=DUPLICATE_KINDS, description="how the two are related; docs/duplicates.md defines the kinds"
    )
    same_question: bool = _column(description="their question keys are equal")
    score: float = _column(ge=0, le=1, description="0 to 1: how certain the relation is")
    reason: str = _column(str_length={"min_value": 1}, description="why, in words for a content editor")
    merged: bool = _column(description="the two are in one row of qa because of this pair")
    decided_by: str = _column(description="rule, or a reviewer's name")

    unique: ClassVar[tuple[str, ...]] = ("a_id", "b_id", "kind")


class Topics(Table):
    """One row for each topic of the taxonomy, also for topics that no row of qa has."""

    topic: str = _column(unique=True, description="short name")
    title: str = _column(description="name for people")
    description: str = _column(description="what belongs to the topic")
    required: bool = _column(description="one of the four topics every ledger must cover")
    taxonomy_version: str = _column(description="digest of the taxonomy")


class QaTopics(Table):
    """One row for each tag."""

    qa_id: str = _column(description="the tagged row of qa")
    topic: str = _column(description="the topic it has")
    score: float = _column(ge=0, le=1, description="0 to 1")
    needs_review: bool = _column(description="the evidence is weak: a person should check the tag")
    evidence: object = _list_of(
        'STRUCT(field VARCHAR, "start" BIGINT, "end" BIGINT, "text" VARCHAR, cue VARCHAR, weight DOUBLE)[]',
        "what counted: offsets are code points into qa.question or qa.answer",
    )

    unique: ClassVar[tuple[str, ...]] = ("qa_id", "topic")


class Statistics(Table):
    """One row for each quoted figure in each occurrence's answer; nothing is converted."""

    statistic_id: str = _column(
        unique=True, str_startswith="s_", description="from occurrence, position in it, surface and kind"
    )
    occurrence_id: str = _column(description="the occurrence whose answer quotes it")
    qa_id: str = _column(description="the row of qa of that occurrence")
    kind: str = _column(isin=STATISTIC_KINDS, description="what sort of figure it is")
    low: float = _column(nullable=True, description="lowest value, in unit and period; null = open")
    high: float = _column(nullable=True, description="highest value, in unit and period; null = open")
    relation: str = _column(isin=RELATIONS, description="how the value is bounded; ~ is about")
    unit: str = _column(description="percent (in points), an ISO 4217 code, proportion, count or times")
    numerator: float = _column(nullable=True, description="of a ratio such as 1 in 4, else null")
    denominator: float = _column(nullable=True, description="of a ratio such as 1 in 4, else null")
    period: str = _column(nullable=True, isin=PERIODS, description="per what time, as quoted; null where none is said")
    qualifier: str = _column(nullable=True, description="words as quoted")
    measure: str = _column(nullable=True, description="what is measured")
    population: str = _column(nullable=True, description="of whom or of what")
    counted: str = _column(nullable=True, description="the noun a count counts")
    attribution: str = _column(nullable=True, description="whom the text names as the source")
    citation: str = _column(nullable=True, description="the reference mark next to the figure")
    role: str = _column(
        isin=STATISTIC_ROLES,
        description="finding; source_qualifier: describes a source; anecdote: one person; threshold: a limit in a rule",
    )
    scope: object = _list_of("VARCHAR[]", "sorted: plan, part of a plan, place, network, subgroup, row of a table")
    year: pd.Int64Dtype = _column(nullable=True, description="the year the figure is of, where said")
    claim: str = _column(nullable=True, description="what is measured; equal for figures that measure the same")
    is_known_claim: bool = _column(description="the claim is one of claims.toml, not the measure's own words")
    surface: str = _column(description="number and unit only")
    char_start: pd.Int64Dtype = _column(ge=0, description="of the surface, into documents.text")
    char_end: pd.Int64Dtype = _column(ge=0, description="exclusive")
    quote: str = _column(description="the sentence, verbatim")
    quote_char_start: pd.Int64Dtype = _column(ge=0, description="of the sentence, into documents.text")
    quote_char_end: pd.Int64Dtype = _column(ge=0, description="exclusive")
    line: pd.Int64Dtype = _column(ge=1, description="of the surface, 1-based")
    rule: str = _column(description="the rule that found it")

    row_checks: ClassVar[tuple[str, ...]] = ("low_is_not_above_high", "has_a_bound")


class FigureDecisions(Table):
    """One row for each figure that a reviewer decided on because figures of its claim disagree."""

    statistic_id: str = _column(unique=True, description="the figure")
    decision: str = _column(
        isin=FIGURE_DECISIONS,
        description="comparable: its claim counts it; not_comparable or misread: its claim leaves it out",
    )
    decided_by: str = _column(description="a reviewer's name")
    note: str = _column(nullable=True, description="the reviewer's remark")


class Rejects(Table):
    """What was not read or does not fit: one row for each file, record or row, with the reason."""

    uri: str = _column(description="of the file or record")
    stage: str = _column(description="the stage that rejected it")
    reason: str = _column(isin=REJECT_REASONS, description="code of the reason")
    detail: str = _column(description="what was found, and what to do")
    sample: str = _column(
        nullable=True, description="its first characters, escaped; for a figure or a tag the id of its row"
    )


class Runs(Table):
    """One row for each run, failed ones too, oldest first."""

    run_id: str = _column(unique=True, str_startswith="r_", description="unique to the run")
    started_at: pd.DatetimeTZDtype = _column("when the run started")
    finished_at: pd.DatetimeTZDtype = _column("when the run ended")
    status: str = _column(isin=RUN_STATUSES, description="how the run ended")
    version: str = _column(description="of qaledger")
    exit_code: pd.Int64Dtype = _column(description="of the command")
    error: str = _column(nullable=True, description="the error message of a failed run")
    embedder: str = _column(nullable=True, description="digest of the embedding model; null without one")
    documents: pd.Int64Dtype = _column(
        nullable=True,
        description="in the published generation, as are the counts below; null where none was published",
    )
    documents_read: pd.Int64Dtype = _column(nullable=True, description="that this run read; the others were unchanged")
    occurrences: pd.Int64Dtype = _column(nullable=True, description="rows of occurrences")
    leftovers: pd.Int64Dtype = _column(nullable=True, description="rows of leftovers")
    qa: pd.Int64Dtype = _column(nullable=True, description="rows of qa")
    duplicates: pd.Int64Dtype = _column(nullable=True, description="rows of duplicates")
    statistics: pd.Int64Dtype = _column(nullable=True, description="rows of statistics")
    rejects: pd.Int64Dtype = _column(nullable=True, description="rows of rejects")
    stages: object = _list_of(
        "STRUCT(stage VARCHAR, unit VARCHAR, rows_in BIGINT, kept BIGINT, dropped BIGINT, seconds DOUBLE)[]",
        "rows in = kept + dropped, and seconds, stage by stage",
    )
    generation: str = _column(nullable=True, description="that the run published; null where it published none")


class Changes(Table):
    """What each run did to qa: one row for each row added, changed, removed, merged or split."""

    run_id: str = _column(description="the run that made the change")
    qa_id: str = _column(description="the row as it is now; for a removed row, as it was")
    change: str = _column(isin=CHANGES, description="what happened to the row")
    before: str = _column(nullable=True, description="JSON, see `after`; null for an added row")
    after: str = _column(
        nullable=True,
        description="JSON: qa_id, question, answer, is_truncated, topics, both counts; null for a removed row",
    )


class Files(Table):
    """Size and time of each file, so that a later run does not read it again while they are the same."""

    uri: str = _column(unique=True, description="path below RAW")
    bytes: pd.Int64Dtype = _column(ge=0, description="size")
    modified_ns: pd.Int64Dtype = _column(description="time of the last change, nanoseconds since 1970")
    sha256: str = _column(description="of its bytes")


class LineKeys(Table):
    """Lines that could be boilerplate, if many documents contain them. One row for each file and line."""

    uri: str = _column(description="of the file")
    line_key: str = _column(description="the words of the line, as in question_key")
    documents: pd.Int64Dtype = _column(ge=1, description="documents of this file that contain the line")

    unique: ClassVar[tuple[str, ...]] = ("uri", "line_key")


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

# The order of the rows of each table (`t`), for readers. Rows in the database are in the order in which they were
# inserted, which matters only for topics.
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
    "topics": "",
    "qa_topics": "order by qa_id, topic",
    "statistics": f"{_WITH_OCCURRENCE.format('occurrence_id')} order by d.uri, t.char_start, t.char_end, statistic_id",
    "figure_decisions": "order by statistic_id",
    "rejects": "order by uri, stage, reason, detail",
    "runs": "order by started_at, run_id",
    "changes": "left join runs r on r.run_id = t.run_id order by r.started_at, t.run_id, t.change, t.qa_id, t.before",
    "files": "order by uri",
    "line_keys": "order by uri, line_key",
}

# DuckDB's types, by annotation.
_DUCKDB = {
    "str": "VARCHAR",
    "pd.Int64Dtype": "BIGINT",
    "bool": "BOOLEAN",
    "float": "DOUBLE",
    "pd.DatetimeTZDtype": "TIMESTAMPTZ",
}


def columns(table: type[Table]) -> dict[str, Column]:
    """The table's columns in order, by name."""
    return table.columns


def duckdb_type(column: Column) -> str:
    """The DuckDB type a column is stored as.

    >>> duckdb_type(columns(Qa)["topics"]), duckdb_type(columns(Qa)["first_seen_at"])
    ('VARCHAR[]', 'TIMESTAMPTZ')
    """
    return column.duckdb or _DUCKDB[column.type]


def ddl(name: str) -> Iterator[str]:
    """The statements that make a table and describe its columns inside the database."""
    table = TABLES[name]
    body = ", ".join(
        f'"{column}" {duckdb_type(spec)}{"" if spec.nullable else " NOT NULL"}'
        for column, spec in columns(table).items()
    )
    yield f'CREATE TABLE "{name}" ({body})'
    yield f'COMMENT ON TABLE "{name}" IS {quoted((table.__doc__ or "").strip())}'
    yield from comments(name, {column: spec.description for column, spec in columns(table).items()})


def comments(name: str, descriptions: Mapping[str, str]) -> Iterator[str]:
    """The statements that describe the columns of a table or view."""
    for column, description in descriptions.items():
        yield f'COMMENT ON COLUMN "{name}"."{column}" IS {quoted(description.strip())}'
