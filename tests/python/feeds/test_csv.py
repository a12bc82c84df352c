"""Laws of the CSV feed: what is no file of bars is refused with a name, the rest is carried verbatim."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mqk.errors import MqkError
from mqk.feeds import csv as feed
from mqk.feeds.csv import HEADER, MAX_FIELD, CsvFeed

HEAD = ",".join(HEADER)
ROW = "AAA,1D,2024-01-02,1,2,0.5,1.5,100"
CELL = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12)


def put(folder: Path, content: str | bytes, name: str = "bars.csv") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path) -> MqkError:
    """How the feed refuses a file."""
    with pytest.raises(MqkError) as no:
        CsvFeed(path).read()
    return no.value


def rows_of(folder: Path, *lines: str) -> list[dict[str, Any]]:
    """Rows of a file with the right header and these lines."""
    return CsvFeed(put(folder, "\n".join((HEAD, *lines)))).read().rows


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for generated files."""
    return tmp_path_factory.mktemp("generated")


@pytest.mark.parametrize(
    "name",
    ["missing.csv", "", "a\0b", "bars.csv/below", "no/such/folder.csv", "n" * 300],
    ids=["missing", "a folder", "NUL", "below a file", "no folder", "too long a name"],
)
def test_what_is_not_there_is_unreadable(tmp_path: Path, name: str) -> None:
    put(tmp_path, HEAD)
    no = refusal(tmp_path / name)  # "" is the folder itself
    assert (no.code, no.exit_code) == ("MQA20", 2)
    assert str(tmp_path) in no.detail
    assert no.fix


def test_a_file_we_may_not_read_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = put(tmp_path, HEAD)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    no = refusal(path)
    assert (no.code, no.detail) == ("MQA20", f"{path}: Permission denied")


def test_a_link_that_leads_nowhere_or_round_is_unreadable(tmp_path: Path) -> None:
    for target in ("nowhere.csv", "bars.csv"):
        path = tmp_path / "bars.csv"
        path.unlink(missing_ok=True)
        path.symlink_to(tmp_path / target)
        assert refusal(path).code == "MQA20"


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, f"{HEAD}\n{ROW}\n")
    size = path.stat().st_size
    monkeypatch.setattr(feed, "MAX_BYTES", size)
    assert len(CsvFeed(path).read().rows) == 1
    monkeypatch.setattr(feed, "MAX_BYTES", size - 1)
    no = refusal(path)
    assert (no.code, no.detail) == ("MQA21", f"bars.csv: {size} bytes, at most {size - 1}")


def test_a_file_of_the_most_lines_is_read_and_one_line_more_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, f"{HEAD}\n{ROW}\n{ROW}\n")
    monkeypatch.setattr(feed, "MAX_ROWS", 3)
    assert len(CsvFeed(path).read().rows) == 2
    monkeypatch.setattr(feed, "MAX_ROWS", 2)
    no = refusal(path)
    assert (no.code, no.detail) == ("MQA21", "bars.csv: 3 lines, at most 2")


def test_a_file_that_is_too_large_is_not_read_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, HEAD)
    monkeypatch.setattr(feed, "MAX_BYTES", 0)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read"))
    assert refusal(path).code == "MQA21"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\x1f\x8b\x08rest", "it is compressed"),
        (b"\xef\xbb\xbf" + HEAD.encode(), "it begins with a BOM"),
        (HEAD.encode() + b"\nA\0A", "it holds a NUL byte"),
        (HEAD.encode("utf-16"), "it holds a NUL byte"),
        (b"\xff\xfe", "byte 0"),
        (HEAD.encode() + b"\n\xe4", f"byte {len(HEAD) + 1}"),
        (b"\xed\xa0\x80", "byte 0"),  # half of a surrogate pair
        (b"\xc0\xaf", "byte 0"),  # an overlong form
    ],
)
def test_what_is_not_plain_utf8_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    no = refusal(put(tmp_path, content))
    assert (no.code, no.detail) == ("MQA22", f"bars.csv: {why}")


def test_a_byte_order_mark_inside_a_value_is_a_value(tmp_path: Path) -> None:
    assert rows_of(tmp_path, ROW.replace("AAA", "\ufeffAAA"))[0]["symbol"] == "\ufeffAAA"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "\n",
        ROW,
        HEAD.removesuffix(",volume"),
        f"{HEAD},adjusted",
        f"{HEAD},",
        ",".join(reversed(HEADER)),
        HEAD.upper(),
        HEAD.replace(",", ", "),
        HEAD.replace(",", ";"),
        f"\n{HEAD}",
        f"#{HEAD}",
    ],
)
def test_any_other_header_is_refused(tmp_path: Path, header: str) -> None:
    no = refusal(put(tmp_path, f"{header}\n{ROW}\n" if header else ""))
    assert (no.code, no.fix) == ("MQA23", HEAD)


def test_a_header_alone_is_a_file_without_rows(tmp_path: Path) -> None:
    for content in (HEAD, f"{HEAD}\n", f"{HEAD}\r\n"):
        assert CsvFeed(put(tmp_path, content)).read().rows == []


def test_a_long_header_is_quoted_in_part(tmp_path: Path) -> None:
    assert len(refusal(put(tmp_path, "x" * 5000)).detail) < 300


@pytest.mark.parametrize("line", [ROW.removesuffix(",100"), f"{ROW},1", f"{ROW},", "AAA", "", " "])
def test_a_ragged_row_refuses_the_file_and_names_its_line(tmp_path: Path, line: str) -> None:
    no = refusal(put(tmp_path, f"{HEAD}\n{ROW}\n{line}\n{ROW}\n"))
    assert no.code == "MQA24"
    assert no.detail.startswith("bars.csv line 3: ")


@pytest.mark.parametrize("column", range(len(HEADER)))
def test_a_field_of_256_characters_is_read_and_one_of_257_is_not(
    tmp_path: Path, column: int
) -> None:
    values = ROW.split(",")
    values[column] = "é" * MAX_FIELD  # characters, not bytes
    assert rows_of(tmp_path, ",".join(values))[0][HEADER[column]] == "é" * 256
    values[column] += "é"
    no = refusal(put(tmp_path, "\n".join((HEAD, ",".join(values)))))
    assert (no.code, no.fix) == ("MQA24", "A line has 8 fields of at most 256 characters.")


def test_a_field_that_the_reader_itself_finds_too_long_is_refused_alike(tmp_path: Path) -> None:
    too_long = "x" * (csv.field_size_limit() + 1)
    assert refusal(put(tmp_path, f"{HEAD}\n{ROW}{too_long}")).code == "MQA24"
    assert refusal(put(tmp_path, too_long)).code == "MQA24"


@pytest.mark.parametrize("start", ['"AAA', '"AAA"x', '"AAA" '])
def test_broken_quoting_refuses_the_file(tmp_path: Path, start: str) -> None:
    no = refusal(put(tmp_path, "\n".join((HEAD, ROW, ROW.replace("AAA", start)))))
    assert no.code == "MQA24"
    assert no.detail.startswith("bars.csv line 3: ")


@pytest.mark.parametrize("value", ["007", "1e5", "NaN", " 1.50 ", "", "1.0000000001", "-0", "TRUE"])
def test_a_value_is_carried_as_it_is_written(tmp_path: Path, value: str) -> None:
    (row,) = rows_of(tmp_path, ",".join([value] * len(HEADER)))
    assert row == {"line_no": 2, **dict.fromkeys(HEADER, value)}


@settings(deadline=None)
@given(rows=st.lists(st.lists(CELL, min_size=8, max_size=8), max_size=5))
def test_what_a_writer_quotes_is_read_back_verbatim(scratch: Path, rows: list[list[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows((HEADER, *rows))
    got = CsvFeed(put(scratch, text.getvalue())).read().rows
    assert [[row[name] for name in HEADER] for row in got] == rows


def test_a_row_has_the_number_of_the_line_it_ends_on(tmp_path: Path) -> None:
    over_three = ROW.replace("AAA", '"A\nA\r\nA"')
    rows = rows_of(tmp_path, ROW, over_three, ROW, over_three, ROW)
    assert [row["line_no"] for row in rows] == [2, 5, 6, 9, 10]
    assert [row["symbol"] for row in rows] == ["AAA", "A\nA\r\nA"] * 2 + ["AAA"]


def test_a_bad_row_after_a_quoted_newline_is_named_by_its_own_line(tmp_path: Path) -> None:
    no = refusal(put(tmp_path, "\n".join((HEAD, ROW.replace("AAA", '"A\nA"'), "short"))))
    assert no.detail == "bars.csv line 4: 1 fields"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_common_line_end_is_read(tmp_path: Path, end: str) -> None:
    rows = CsvFeed(put(tmp_path, end.join((HEAD, ROW, ROW, "")))).read().rows
    assert [row["line_no"] for row in rows] == [2, 3]
    assert [row["volume"] for row in rows] == ["100", "100"]


def test_the_bytes_of_the_file_are_kept_as_they_are(tmp_path: Path) -> None:
    files = [put(tmp_path, f"{HEAD}\n{ROW}", "a.csv"), put(tmp_path, f"{HEAD}\r\n{ROW}", "b.csv")]
    read = [CsvFeed(path).read() for path in files]
    for path, file in zip(files, read, strict=True):
        assert (file.path, file.raw.body) == (path, path.read_bytes())
    assert read[0].rows == read[1].rows


@settings(deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=200).map(lambda rest: f"{HEAD}\n".encode() + rest),
        st.text('",\r\n\0é\u2028x', max_size=60).map(lambda rest: f"{HEAD}\n{rest}".encode()),
    )
)
@example(content=b"")
@example(content=b'"')
def test_arbitrary_bytes_are_rows_or_a_refusal_and_nothing_else(
    scratch: Path, content: bytes
) -> None:
    try:
        rows = CsvFeed(put(scratch, content)).read().rows
    except MqkError as no:
        assert no.code in ("MQA22", "MQA23", "MQA24")
        return
    for row in rows:
        assert set(row) == {"line_no", *HEADER}
        assert all(len(row[name]) <= MAX_FIELD for name in HEADER)
