"""Tables as Parquet: whatever their types, values and names, each row is a document or a reject, in bounded memory."""

from __future__ import annotations

import datetime
import decimal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.extract.files import read_file
from pipeline.extract.record import Document, Reject
from pipeline.extract.scan import scan

BYTES = [b"\xff\xfe", b"It is \xed\xa0\xbd old."]
FAR = [2**62, -(2**62)]


def text_of(data: list[bytes], kind: pa.DataType) -> pa.Array:
    """Bytes that claim to be UTF-8."""
    width = 64 if pa.types.is_large_string(kind) else 32
    offsets = b"".join(sum(map(len, data[:n])).to_bytes(width // 8, "little") for n in range(len(data) + 1))
    return pa.Array.from_buffers(kind, len(data), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(data))])


ODD = {
    "time in s": pa.array([2**50, -(2**50)], pa.timestamp("s")),
    "time in ms": pa.array(FAR, pa.timestamp("ms")),
    "time in us": pa.array(FAR, pa.timestamp("us")),
    "time in ns": pa.array([1, 2**63 - 1], pa.timestamp("ns")),
    "time of an unknown zone": pa.array([0, 1], pa.timestamp("us", "Mars/Base")),
    "time of a zone out of range": pa.array(FAR, pa.timestamp("us", "UTC")),
    "date": pa.array([2**31 - 1, -(2**31)], pa.int32()).cast(pa.date32()),
    "date in ms": pa.array([86_400_000 * 10**9, 0], pa.int64()).cast(pa.date64()),
    "time of day": pa.array([2**62, -1], pa.int64()).cast(pa.time64("ns")),
    "duration": pa.array(FAR, pa.duration("s")),
    "decimal": pa.array([decimal.Decimal("1" * 38), None], pa.decimal128(38, 0)),
    "wide decimal": pa.array([decimal.Decimal("1" * 66), None], pa.decimal256(76, 10)),
    "text that is no UTF-8": text_of(BYTES, pa.string()),
    "large text that is no UTF-8": text_of(BYTES, pa.large_string()),
    "list of text that is no UTF-8": pa.ListArray.from_arrays([0, 1, 2], text_of(BYTES, pa.string())),
    "list of times": pa.ListArray.from_arrays([0, 1, 2], pa.array(FAR, pa.timestamp("us"))),
    "struct": pa.StructArray.from_arrays([text_of(BYTES, pa.string()), pa.array(FAR, pa.timestamp("us"))], ["a", "b"]),
    "map": pa.MapArray.from_arrays([0, 1, 2], pa.array(["a", "b"]), text_of(BYTES, pa.string())),
    "dictionary": pa.DictionaryArray.from_arrays(pa.array([1, 0]), pa.array(["a", "b"])),
    "dictionary of times": pa.DictionaryArray.from_arrays(pa.array([1, 0]), pa.array(FAR, pa.timestamp("us"))),
    "binary": pa.array(BYTES),
    "half float": pa.array([1.5, float("nan")], pa.float16()),
    "float": pa.array([float("inf"), float("-inf")]),
    "null": pa.nulls(2),
    "uuid": pa.array([bytes(16), b"\xff" * 16], pa.uuid()),
    "tensor": pa.ExtensionArray.from_storage(
        pa.fixed_shape_tensor(pa.int8(), [2]), pa.array([[1, 2], [3, 4]], pa.list_(pa.int8(), 2))
    ),
    "deep": pa.array([{"a": [{"b": [{"c": datetime.date(9999, 12, 31)}]}]}, None]),
    "nested null": pa.nulls(2, pa.struct([("a", pa.null())])),
}


def documents(folder: Path, table: pa.Table) -> list[Document]:
    pq.write_table(table, folder / "t.parquet")
    found = list(read_file(scan(folder).files[0]))
    assert [str(item) for item in found if isinstance(item, Reject) and item.reason != "undecodable_bytes"] == []
    return [item for item in found if isinstance(item, Document)]


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("role", ["note", "date", "answer"])
def test_a_value_of_any_type_loses_no_row(kind: str, role: str, tmp_path: Path) -> None:
    columns = {"question": ["Is it old?", "Is it new?"], "answer": ["Very old.", "Very new."], role: ODD[kind]}
    found = documents(tmp_path, pa.table(columns))
    assert [document.text.split("\n")[0] for document in found] == ["Is it old?", "Is it new?"]
    assert all(document.text.encode() for document in found)


def test_columns_of_one_name_keep_their_text(tmp_path: Path) -> None:
    columns = [["Is it old?"], ["Very old."], ["The first note."], ["The second note."]]
    names = ["question", "answer", "note", "note"]
    (document,) = documents(tmp_path, pa.Table.from_arrays([pa.array(column) for column in columns], names))
    assert "The first note." in document.text
    assert "The second note." in document.text


def test_a_name_of_no_utf8_is_named_as_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"question": ["Is it old?"], "n#te": ["Yes."]}), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"n#te", b"n\xffte"))
    (reject,) = read_file(scan(tmp_path).files[0])
    assert isinstance(reject, Reject)
    assert (reject.reason, "name of a column" in reject.detail) == ("damaged", True)


def repeated(text: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.nulls(count, pa.int32()).fill_null(0), [text])


BOMBS = {
    "a text that a dictionary repeats": lambda: pa.table(
        {"question": ["Is it old?"] * 2000, "answer": repeated("x" * 10**6, 2000)}
    ),
    "a list that a dictionary repeats": lambda: pa.table(
        {
            "question": ["Is it old?"],
            "answer": pa.ListArray.from_arrays([0, 10**6], repeated("x" * 10**6, 10**6)),
        }
    ),
    "rows without a value": lambda: pa.table(dict.fromkeys(("question", "answer"), pa.nulls(10**5, pa.string()))),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_of_many_bytes_is_read_in_bounded_memory_and_stopped(name: str, tmp_path: Path) -> None:
    pq.write_table(BOMBS[name](), tmp_path / "t.parquet", compression="zstd")
    assert (tmp_path / "t.parquet").stat().st_size < 100_000
    program = """
import sys
from pathlib import Path
from pipeline.extract.files import read_file
from pipeline.extract.scan import scan
for found in read_file(scan(Path(sys.argv[1])).files[0]):
    pass
peak = next(line.split()[1] for line in Path("/proc/self/status").open() if line.startswith("VmHWM"))
print(getattr(found, "reason", found), int(peak) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
    reason, megabytes = done.stdout.split()
    assert reason in ("too_large", "empty")
    assert int(megabytes) < 1500
