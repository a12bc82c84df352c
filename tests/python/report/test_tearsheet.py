"""Laws of the tearsheet: it stands alone, no text becomes a tag, a panel is there when it has rows."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kit import Desk
from mqk.config.load import canonical
from mqk.db import connect
from mqk.errors import MqkError
from mqk.report.artifacts import export_backtest
from mqk.report.charts import bars
from mqk.report.render import MAX_ORDERS, money, percent
from mqk.report.tearsheet import render_tearsheet
from mqk.reporting import fetch_tearsheet, write_tearsheet
from page_kit import HOSTILE, LOADS, POINTS, Page
from support import SERVER, Database

PRICES = (110, 120, 130, 90, 80, 120, 130, 90, 100, 120, 110, 140)
NAMES = {"equity_curve.csv", "fills.csv", "manifest.json", "metrics.json", "orders.csv",
         "report.html", "trades.csv"}  # fmt: skip
MADE_BY = {"program": {"build": "b"}, "host": {"fingerprint": "f"}}
STUDY = {
    "is_passed": False,
    "steps": [
        {"scenario": "slippage_x2", "is_ok": True, "measures": {"final_equity_micros": 5_000_000}},
        {"scenario": "gaps", "is_ok": False, "measures": {"sharpe": -0.25, "why": HOSTILE}},
    ],
}


def play(url: str) -> tuple[Desk, Any]:
    """A market of two weeks in a database, and a backtest on it."""
    desk = Desk(url)
    desk.start()
    for index, price in enumerate(PRICES, 2):
        desk.close(index, AAA=price, BBB=50 + index % 3 * 5, IDX=1000 + price)
    made = desk.call("api.backtest_freeze", timeframe="1D", symbols=["AAA", "BBB"],
                     from_on=desk.days[0], to_on=desk.days[13], now_at=desk.now)[0]  # fmt: skip
    text = canonical(desk.config)
    done = desk.call(
        "api.backtest_run", dataset_id=made["dataset_id"], config=text, now_at=desk.now
    )
    return desk, done[0]["backtest_id"]


@pytest.fixture(scope="session")
def _sheet() -> Iterator[dict[str, Any]]:
    with SERVER.clone() as database:
        desk, test = play(database.url)
        yield fetch_tearsheet(desk.conn, test, desk.run_id)
        desk.conn.close()


@pytest.fixture
def sheet(_sheet: dict[str, Any]) -> dict[str, Any]:
    """A backtest that traded, with its run beside it; a copy, to be spoilt at will."""
    return copy.deepcopy(_sheet)


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_page_stands_alone_and_every_tag_is_closed(sheet: dict[str, Any]) -> None:
    text = render_tearsheet({**sheet, "stress": STUDY, "walk_forward": STUDY})
    page = Page(text)
    assert page.open == []
    assert not {tag for tag, _ in page.tags} & LOADS
    names = {name for _, attributes in page.tags for name in attributes}
    assert not names & POINTS
    assert not [name for name in names if name.startswith("on")]
    for word in ("http:", "https:", "//", "<script", "@import", "url(", "javascript:"):
        assert word not in text.lower(), word


def test_the_page_shows_what_the_database_said(sheet: dict[str, Any]) -> None:
    text = Page(render_tearsheet(sheet)).text
    for key in ("final_equity_micros", "fees_micros", "average_win_micros"):
        assert money(sheet["metrics"][key]) in text
    assert percent(sheet["metrics"]["worst_five_sessions"]) in text
    for digest in ("digest", "config_hash", "dataset_id"):
        assert sheet["backtest"][digest] in text
    assert sheet["trades"]
    for trade in sheet["trades"]:
        assert money(trade["realized_micros"]) in text
    assert "Every order, denial, fill and closed lot is the same" in text


def test_what_is_undefined_is_a_dash_with_a_word_why(sheet: dict[str, Any]) -> None:
    why = {"sharpe": "returns that do not vary", "average_loss_micros": "no lot lost"}
    for key in why:
        sheet["metrics"][key] = None
    sheet["metrics"]["undefined"] = why
    text = render_tearsheet(sheet)
    assert '<b class="">–</b><span>returns that do not vary</span>' in text
    assert 'Average loss <small>no lot lost</small></td><td class="n">–</td>' in text


@pytest.mark.parametrize("name", ["stress", "walk_forward"])
def test_a_panel_is_shown_when_the_document_has_it(sheet: dict[str, Any], name: str) -> None:
    title = {"stress": "<h2>Stress</h2>", "walk_forward": "<h2>Walk-forward</h2>"}[name]
    assert title not in render_tearsheet(sheet)
    text = render_tearsheet({**sheet, name: STUDY})
    assert title in text
    assert "Not passed." in text
    assert "Passed." in render_tearsheet({**sheet, name: {**STUDY, "is_passed": True}})
    for cell in ("slippage_x2", "5.00", "FAILED", "\u22120.25"):
        assert f"<td>{cell}</td>" in text
    assert "<img" not in text


def test_a_run_that_did_something_else_is_told_in_words(sheet: dict[str, Any]) -> None:
    differing = {"kind": "fill", "place": 3, "of_backtest": "AAA 5 at 7, fee 0", "of_run": None}
    sheet["paper"]["differences"] = [differing]
    text = Page(render_tearsheet(sheet)).text
    assert "They did not do the same." in text
    assert "AAA 5 at 7, fee 0" in text
    assert "beside" not in Page(render_tearsheet({**sheet, "paper": None})).text


@pytest.mark.parametrize(
    "path",
    [("backtest", "halt_reason"), ("backtest", "strategy_id"), ("backtest", "digest"),
     ("dataset", "symbols", 0), ("orders", 0, "symbol"), ("trades", 0, "symbol"),
     ("benchmark_symbol",), ("limitations", 0), ("risk", "limits", 0, "limit"),
     ("paper", "mode"), ("backtest", "costs", "fill_profile")],
    ids=lambda path: ".".join(map(str, path)),
)  # fmt: skip
def test_a_script_in_a_text_is_shown_and_not_run(sheet: dict[str, Any], path: Any) -> None:
    *way, last = path
    place = sheet
    for step in way:
        place = place[step]
    place[last] = HOSTILE
    text = render_tearsheet(sheet)
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)&lt;" in text.replace("/script", "")


@pytest.mark.parametrize(
    "name",
    ["equity", "trades", "orders", "fills", "monthly", "yearly", "rolling_sharpe", "distribution",
     "benchmark", "limitations"],
)  # fmt: skip
def test_any_part_may_be_missing(sheet: dict[str, Any], name: str) -> None:
    assert Page(render_tearsheet({**sheet, name: []})).open == []


def test_orders_that_are_not_shown_are_told_of(sheet: dict[str, Any]) -> None:
    sheet["orders"] = sheet["orders"][:1] * (MAX_ORDERS + 1)
    assert f"The first {MAX_ORDERS} of {MAX_ORDERS + 1} orders" in render_tearsheet(sheet)
    sheet["orders"].pop()
    assert f"All {MAX_ORDERS} orders" in render_tearsheet(sheet)


def test_a_bar_stands_on_zero_and_its_colour_is_told() -> None:
    chart = str(bars("x", ["a", "b", "c"], [2, -1, 0], [True, False, True]))
    assert (chart.count('class="b"'), chart.count('class="s"')) == (2, 1)
    assert bars("x", [], [], []) == ""


def test_an_export_is_seven_files_and_host_and_program_are_in_the_manifest_alone(
    sheet: dict[str, Any], tmp_path: Path
) -> None:
    said = export_backtest(sheet, MADE_BY, tmp_path / "a")
    made = files(tmp_path / "a")
    assert set(said) == set(made) == NAMES
    manifest = json.loads(made["manifest.json"])
    assert manifest["artifacts"] == {k: v for k, v in said.items() if k != "manifest.json"}
    assert manifest["backtest"]["digest"] == sheet["backtest"]["digest"]
    assert manifest["dataset"]["data_sha256"] == sheet["dataset"]["data_sha256"]
    assert manifest["seed"] is None
    assert set(manifest["profiles"]) == {"execution", "risk"}
    other = export_backtest(
        sheet, {"program": {"build": "c"}, "host": {"fingerprint": "g"}}, tmp_path / "b"
    )
    assert [name for name in said if said[name] != other[name]] == ["manifest.json"]
    with pytest.raises(MqkError) as no:
        export_backtest(sheet, {**MADE_BY, "host": {}}, tmp_path / "a")
    assert no.value.code == "MQS09"


def test_every_trade_fill_and_session_is_in_its_file(sheet: dict[str, Any], tmp_path: Path) -> None:
    export_backtest(sheet, MADE_BY, tmp_path)
    made = files(tmp_path)
    for name, key in (("trades.csv", "trades"), ("fills.csv", "fills"), ("orders.csv", "orders"),
                      ("equity_curve.csv", "equity")):  # fmt: skip
        lines = made[name].decode().splitlines()
        assert len(lines) == len(sheet[key]) + 1 > 1
        empty = {"limit_price", "stop_price"} if name == "orders.csv" else set()  # at the market
        cells = zip(lines[0].split(","), lines[1].split(","), strict=True)
        assert {column for column, cell in cells if not cell} == empty


def test_another_collation_and_time_zone_give_the_same_bytes(db: Database, tmp_path: Path) -> None:
    made = []
    with SERVER.other_collation() as other:
        with other.connect() as far, db.connect() as near:
            zones = [c.execute("show timezone").fetchone()["TimeZone"] for c in (near, far)]
            assert zones[0] != zones[1] == "Asia/Kolkata"
            which = "select datcollate from pg_database where datname = current_database()"
            orders = [c.execute(which).fetchone()["datcollate"] for c in (near, far)]
            assert (
                orders[0] != orders[1] or far.execute("select 'BBB' < 'AAA' as it").fetchone()["it"]
            )
        for n, (url, zone) in enumerate(((db.url, "UTC"), (other.url, "Asia/Kolkata"))):
            desk, test = play(url)
            conn = connect(url)
            conn.execute(f"set timezone = '{zone}'")
            assert fetch_tearsheet(conn, test, desk.run_id) == fetch_tearsheet(
                desk.conn, test, desk.run_id
            )
            write_tearsheet(conn, test, None, tmp_path / str(n))
            made.append(files(tmp_path / str(n)))
            desk.conn.close()
            conn.close()
    assert set(made[0]) == NAMES
    assert made[0] == made[1]
