"""Laws of artifacts: the same run gives the same bytes, no file is changed, no cell is a formula."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from mqk.errors import MqkError
from mqk.report.artifacts import COLUMNS, export
from mqk.reporting import export_run

NAMES = {"audit.jsonl", "equity_curve.csv", "fills.csv", "manifest.json", "metrics.json", "orders.csv",
         "report.html"}  # fmt: skip
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "-", "+", "=", "+a", "-1e5", "--1", "-.5")
NUMBERS = ("1", "-1", "+1", "-1.5", "+0.000001", "-333", "1.")
WORDS = ("", "a=1", "1+1", "x@y", "'quoted'", "AAA", "limit - 5")


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write(report: Any, out: Path, **options: Any) -> dict[str, str]:
    """Export a report as it is."""
    return export(report.payload, report.tables, out, **options)


def refusal(report: Any, out: Path, **options: Any) -> MqkError:
    """How an export is refused."""
    with pytest.raises(MqkError) as no:
        write(report, out, **options)
    return no.value


def reverse(value: Any) -> Any:
    """The same document, every map written the other way round."""
    if isinstance(value, dict):
        return {key: reverse(value[key]) for key in reversed(value)}
    return [reverse(one) for one in value] if isinstance(value, list) else value


def cells(
    report: Any, tmp_path: Path, name: str, column: str, values: tuple[str, ...]
) -> list[str]:
    """Export these values in a column of a table; give the cells that a CSV reader sees."""
    table = {"orders.csv": "orders", "fills.csv": "fills", "equity_curve.csv": "equity"}[name]
    rows = [{**report.payload[table][0], column: value} for value in values]
    export(report.payload, {**report.tables, table: rows}, tmp_path)
    text = files(tmp_path)[name].decode()
    return [row[column] for row in csv.DictReader(io.StringIO(text, newline=""))]


def test_an_export_is_seven_files_and_says_their_digests(report: Any, tmp_path: Path) -> None:
    said = write(report, tmp_path)
    made = files(tmp_path)
    assert set(said) == set(made) == NAMES
    assert said == {name: hashlib.sha256(data).hexdigest() for name, data in made.items()}
    assert [path.name for path in tmp_path.iterdir()] == [report.payload["run"]["run_id"]]


def test_the_manifest_binds_run_digests_and_files(report: Any, tmp_path: Path) -> None:
    said = write(report, tmp_path)
    manifest = json.loads(files(tmp_path)["manifest.json"])
    assert manifest["artifacts"] == {k: v for k, v in said.items() if k != "manifest.json"}
    assert manifest["digests"] == report.payload["digests"]
    assert manifest["run"]["config_hash"] == report.payload["run"]["config_hash"]
    assert manifest["schema_version"] == 1


def test_the_same_run_gives_the_same_bytes_in_another_folder(report: Any, tmp_path: Path) -> None:
    assert write(report, tmp_path / "a") == write(report, tmp_path / "b")
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_the_order_of_keys_does_not_change_a_byte(report: Any, tmp_path: Path) -> None:
    write(report, tmp_path / "a")
    export(reverse(report.payload), reverse(report.tables), tmp_path / "b")
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_a_run_is_exported_from_the_database_as_from_its_payload(
    report: Any, tmp_path: Path
) -> None:
    desk = report.desk
    said = export_run(desk.conn, desk.run_id, tmp_path / "a", desk.now)
    assert said == write(report, tmp_path / "b")


def test_an_unknown_run_leaves_no_folder(report: Any, tmp_path: Path) -> None:
    desk = report.desk
    with pytest.raises(MqkError, match="MQN02"):
        export_run(desk.conn, UUID(int=7), tmp_path / "out", desk.now)
    assert list(tmp_path.iterdir()) == []


def test_text_files_end_every_line_with_a_line_feed_alone(report: Any, tmp_path: Path) -> None:
    write(report, tmp_path)
    for name, data in files(tmp_path).items():
        assert b"\r" not in data, name
        assert data.endswith((b"\n", b"</html>")), name
        data.decode("utf-8")


def test_the_same_content_again_writes_nothing(report: Any, tmp_path: Path) -> None:
    first = write(report, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert write(report, tmp_path) == first
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_another_content_is_refused_and_the_first_stays(report: Any, tmp_path: Path) -> None:
    write(report, tmp_path)
    before = files(tmp_path)
    report.payload["metrics"]["sharpe"] = 99
    no = refusal(report, tmp_path)
    assert (no.code, no.law) == ("MQS09", "an exported artifact is not changed")
    assert no.exit_code == 3
    assert files(tmp_path) == before


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_file_that_somebody_changed_is_refused(report: Any, tmp_path: Path, name: str) -> None:
    write(report, tmp_path)
    path = tmp_path / report.payload["run"]["run_id"] / name
    path.write_bytes(path.read_bytes() + b" ")
    no = refusal(report, tmp_path)
    assert (no.code, no.detail) == ("MQS09", str(path))


def test_replace_writes_the_new_content(report: Any, tmp_path: Path) -> None:
    write(report, tmp_path)
    report.payload["metrics"]["sharpe"] = 99
    said = write(report, tmp_path, replace=True)
    made = files(tmp_path)
    assert set(made) == NAMES  # and no half-written file beside them
    assert json.loads(made["metrics.json"])["sharpe"] == 99
    assert said["metrics.json"] == hashlib.sha256(made["metrics.json"]).hexdigest()


def test_a_missing_file_is_written_again(report: Any, tmp_path: Path) -> None:
    write(report, tmp_path)
    before = files(tmp_path)
    (tmp_path / report.payload["run"]["run_id"] / "fills.csv").unlink()
    write(report, tmp_path)
    assert files(tmp_path) == before


def test_what_a_crash_left_half_written_is_no_obstacle(report: Any, tmp_path: Path) -> None:
    folder = tmp_path / report.payload["run"]["run_id"]
    folder.mkdir()
    (folder / ".report.html.part").write_bytes(b"half")
    write(report, tmp_path)
    assert set(files(tmp_path)) == NAMES


def test_a_link_in_the_place_of_a_half_written_file_is_not_followed(
    report: Any, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder = tmp_path / "out" / report.payload["run"]["run_id"]
    folder.mkdir(parents=True)
    (folder / ".report.html.part").symlink_to(victim)
    write(report, tmp_path / "out")
    assert victim.read_bytes() == b"precious"
    assert not (folder / "report.html").is_symlink()


@pytest.mark.parametrize("replace", [False, True])
def test_a_folder_that_is_a_link_is_refused(report: Any, tmp_path: Path, replace: bool) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / report.payload["run"]["run_id"]).symlink_to(elsewhere)
    no = refusal(report, tmp_path / "out", replace=replace)
    assert no.code == "MQA25"
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_file_that_is_a_link_is_refused_and_not_followed(
    report: Any, tmp_path: Path, name: str, replace: bool
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder = tmp_path / "out" / report.payload["run"]["run_id"]
    folder.mkdir(parents=True)
    (folder / name).symlink_to(victim)
    no = refusal(report, tmp_path / "out", replace=replace)
    assert (no.code, no.detail) == ("MQA25", f"{folder / name}: it is a link")
    assert victim.read_bytes() == b"precious"


def test_a_link_that_leads_nowhere_is_refused_too(report: Any, tmp_path: Path) -> None:
    (tmp_path / report.payload["run"]["run_id"]).symlink_to(tmp_path / "nowhere")
    assert refusal(report, tmp_path).code == "MQA25"
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_cannot_be_made_is_refused(report: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        no = refusal(report, out)
        assert (no.code, no.exit_code) == ("MQA25", 2)
        assert no.fix
    assert (tmp_path / "file").read_bytes() == b"in the way"


def test_a_folder_that_cannot_be_written_is_refused(
    report: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("mqk.report.artifacts.os.open", refuse)
    no = refusal(report, tmp_path)
    assert no.code == "MQA25"
    assert no.detail.endswith("Permission denied")
    assert files(tmp_path) == {}


def test_a_folder_in_the_place_of_a_file_is_refused(report: Any, tmp_path: Path) -> None:
    folder = tmp_path / report.payload["run"]["run_id"]
    (folder / "report.html").mkdir(parents=True)
    assert refusal(report, tmp_path, replace=True).code == "MQA25"


@pytest.mark.parametrize("run_id", ["..", "x", "../" * 12, "A" * 36, "a" * 35, "a" * 37])
def test_a_name_that_is_no_runs_folder_is_refused(report: Any, tmp_path: Path, run_id: str) -> None:
    report.payload["run"]["run_id"] = run_id
    out = tmp_path / "/".join("deep" * 3)
    assert refusal(report, out).code == "MQA25"
    assert files(tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "column"),
    [("orders.csv", "reject_reason"), ("orders.csv", "symbol"), ("fills.csv", "execution_id")],
)
def test_a_formula_becomes_text_and_a_number_stays_a_number(
    report: Any, tmp_path: Path, name: str, column: str
) -> None:
    values = (*FORMULAS, *NUMBERS, *WORDS)
    want = [*(f"'{value}" for value in FORMULAS), *NUMBERS, *WORDS]
    assert cells(report, tmp_path, name, column, values) == want


def test_quotes_commas_and_line_feeds_stay_inside_their_cell(report: Any, tmp_path: Path) -> None:
    values = ('say "no"', "a,b", "a\nb", '",\n"', "é – ☃")
    assert cells(report, tmp_path, "orders.csv", "reject_reason", values) == list(values)


def test_money_is_written_in_dollars_with_every_micro(report: Any, tmp_path: Path) -> None:
    rows = [{"equity_micros": n, "cash_micros": 0, "gross_micros": -n} for n in (1, 10**17 + 1)]
    export(report.payload, {**report.tables, "equity": rows}, tmp_path)
    lines = files(tmp_path)["equity_curve.csv"].decode().splitlines()
    assert lines == [
        "session_on,equity,cash,gross",
        ",0.000001,0.000000,-0.000001",
        ",100000000000.000001,0.000000,-100000000000.000001",
    ]


def test_a_table_has_its_columns_and_a_row_for_every_fact(report: Any, tmp_path: Path) -> None:
    write(report, tmp_path)
    made = files(tmp_path)
    for name, table in (("orders.csv", "orders"), ("fills.csv", "fills")):
        rows = list(csv.reader(io.StringIO(made[name].decode(), newline="")))
        assert ",".join(rows[0]) == COLUMNS[name]
        assert len(rows) == len(report.payload[table]) + 1
        assert all(len(row) == len(rows[0]) for row in rows)
    equity = made["equity_curve.csv"].decode().splitlines()
    assert len(equity) == len(report.payload["equity"]) + 1


def test_the_exported_diary_is_whole_and_in_order(report: Any, tmp_path: Path) -> None:
    write(report, tmp_path)
    events = [json.loads(line) for line in files(tmp_path)["audit.jsonl"].splitlines()]
    assert [event["event_seq"] for event in events] == list(range(1, len(report.audit) + 1))
    chain = next(c for c in report.payload["audit"]["chains"] if c["chain"].startswith("RUN"))
    assert chain["events"] == len(events)


def test_a_diary_longer_than_a_page_is_read_whole(
    report: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, count = report.desk, len(report.audit)
    for page in (1, 7, count - 1, count, count + 1):
        monkeypatch.setattr("mqk.reporting.PAGE", page)
        export_run(desk.conn, desk.run_id, tmp_path / str(page), desk.now)
        assert files(tmp_path / str(page))["audit.jsonl"].count(b"\n") == count


def test_a_run_to_which_nothing_happened_is_exported(unborn: Any, tmp_path: Path) -> None:
    write(unborn, tmp_path)
    made = files(tmp_path)
    assert set(made) == NAMES
    for name, columns in COLUMNS.items():
        assert made[name].decode() == f"{columns}\n"
    assert json.loads(made["metrics.json"])["sharpe"] is None
