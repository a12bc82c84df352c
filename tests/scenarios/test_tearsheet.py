"""Laws of a backtest's figures: they are those of the run that it equals, and its books add up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from mqk.config.load import canonical, merge
from mqk.errors import MqkError
from parity_kit import ParityDesk
from support import Database

NOBODY = UUID(int=7)
SHARED = (
    "trades", "winning_trades", "losing_trades", "win_rate", "profit_factor",
    "profit_factor_after_fees", "average_win_micros", "average_loss_micros", "best_trade_micros",
    "worst_trade_micros", "average_sessions_held", "longest_winning_streak",
    "longest_losing_streak", "orders", "fills", "rejected_orders", "denied_orders", "turnover",
    "fees_micros", "realized_micros", "unrealized_micros", "final_equity_micros", "total_return",
    "max_drawdown", "last_session_on",
)  # fmt: skip
BOOKS = """
select s.session_on, s.equity_micros,
       s.cash_micros + coalesce((
           select sum(p.close_micros * (
                      select coalesce(sum(f.fill_qty), 0) from lab.fills as f
                       where f.backtest_id = %(id)s and f.symbol_no = p.symbol_no
                         and f.tick_no <= p.tick_no))
             from lab.list_session_prices(%(id)s) as p where p.session_on = s.session_on), 0) as books
  from lab.list_sessions(%(id)s) as s
"""


def played(db: Database, seed: int) -> tuple[ParityDesk, UUID]:
    """A run through the real doors, and the backtest of the same."""
    desk = ParityDesk(db.url, seed)
    return desk, desk.backtest(desk.play())["backtest_id"]


def refused(desk: Any, function: str, **args: Any) -> str:
    """The code of a refusal."""
    with pytest.raises(MqkError) as no:
        desk.call(function, **args)
    return str(no.value.code)


@pytest.mark.parametrize("seed", range(100, 112))
def test_the_figures_of_a_backtest_are_those_of_the_run_that_does_the_same(
    db: Database, seed: int
) -> None:
    desk, test = played(db, seed)
    theirs = desk.value("ops.report_metrics", run_id=desk.run_id)
    ours = desk.value("lab.describe_backtest", backtest_id=test)
    assert {key: ours[key] for key in SHARED} == {key: theirs[key] for key in SHARED}
    assert set(ours) == set(theirs)
    columns = "session_on, equity_micros, cash_micros, gross_micros, peak_micros"
    known = desk.sql(f"select {columns} from ops.list_session_equity(%s)", desk.run_id)
    made = desk.sql(f"select {columns} from lab.list_sessions(%s)", test)
    assert made[-len(known) :] == known  # a run sees its first bars before it is armed
    assert all(row["gross_micros"] == 0 for row in made[: -len(known)])
    trades = desk.sql("select * from lab.list_trades(%s)", test)
    assert trades == desk.sql("select * from ops.report_trades(%s)", desk.run_id)
    desk.conn.close()


@pytest.mark.parametrize("seed", range(200, 206))
def test_what_is_held_and_the_cash_are_the_equity_of_every_session(db: Database, seed: int) -> None:
    desk, test = played(db, seed)
    rows = desk.conn.execute(BOOKS, {"id": test}).fetchall()
    assert rows
    assert [row["books"] for row in rows] == [row["equity_micros"] for row in rows]
    last = desk.sql("select cash_micros from lab.list_sessions(%s)", test)[-1]["cash_micros"]
    assert last == desk.one("select cash_micros from lab.backtests where backtest_id = %s", test)
    desk.conn.close()


def test_a_session_without_a_bar_is_marked_at_the_close_before(db: Database) -> None:
    desk, test = played(db, 1)
    dataset = desk.one("select dataset_id from lab.backtests where backtest_id = %s", test)
    before = desk.sql(
        "select * from lab.list_session_prices(%s) where symbol_no = 1 order by tick_no", test
    )
    closes = [row["close_micros"] for row in before]
    place = next(n for n in range(1, len(closes)) if closes[n] != closes[n - 1])
    tick = before[place]["tick_no"]
    desk.sql("alter table lab.packs disable trigger user")
    desk.sql(
        "update lab.packs set closes[%s] = null where dataset_id = %s and pack_no = 0",
        tick,
        dataset,
    )
    after = desk.sql(
        "select * from lab.list_session_prices(%s) where symbol_no = 1 order by tick_no", test
    )
    assert after[place]["close_micros"] == closes[place - 1]
    assert [r for r in after if r["tick_no"] != tick] == [r for r in before if r["tick_no"] != tick]
    desk.conn.close()


def test_a_tearsheet_lays_the_run_beside_and_says_what_differs(db: Database) -> None:
    desk, test = played(db, 3)
    shown = desk.value("api.backtest_show", backtest_id=test, run_id=desk.run_id)
    assert shown["paper"]["differences"] == []
    assert shown["paper"]["equity"][-1] == {
        key: shown["equity"][-1][key] for key in ("session_on", "equity_micros")
    }
    assert desk.value("api.backtest_show", backtest_id=test, run_id=None)["paper"] is None
    desk.sql("alter table lab.fills disable trigger user")
    desk.sql("update lab.fills set fee_micros = fee_micros + 1 where fill_no = 1")
    spoilt = desk.value("api.backtest_show", backtest_id=test, run_id=desk.run_id)
    assert [(d["kind"], d["place"]) for d in spoilt["paper"]["differences"]] == [("fill", 1)]
    desk.conn.close()


def test_what_has_not_ended_or_is_not_there_has_no_figures(db: Database) -> None:
    desk, test = played(db, 3)
    row = desk.sql("select * from lab.backtests where backtest_id = %s", test)[0]
    other = merge(desk.config, {"execution": {"fee_bps": 77}})
    opened = desk.call(
        "lab.open_backtest",
        code_sha256=None,
        dataset_id=row["dataset_id"],
        canonical_json=canonical(other),
        latency_bars=0,
        now_at=desk.now,
    )[0]["backtest_id"]
    for bad in (opened, NOBODY):
        assert refused(desk, "api.backtest_show", backtest_id=bad, run_id=None) == "MQN81"
        assert refused(desk, "api.backtest_compare", first_id=test, second_id=bad) == "MQN81"
        assert refused(desk, "api.backtest_compare", first_id=bad, second_id=test) == "MQN81"
    assert refused(desk, "api.backtest_show", backtest_id=test, run_id=NOBODY) == "MQN02"
    assert desk.value("lab.describe_backtest", backtest_id=opened) is None
    desk.conn.close()


def test_a_comparison_names_the_keys_and_the_first_acts_that_differ(db: Database) -> None:
    desk, test = played(db, 3)
    same = desk.call("api.backtest_compare", first_id=test, second_id=test)
    assert all(row["of_first"] == row["of_second"] for row in same)
    assert {row["part"] for row in same} == {"backtest", "figure"}
    desk.config = merge(desk.config, {"execution": {"fee_bps": 77}})
    other = desk.backtest(desk.last - 1)["backtest_id"]
    rows = desk.call("api.backtest_compare", first_id=test, second_id=other)
    config = [(row["name"], row["of_second"]) for row in rows if row["part"] == "config"]
    assert config == [("execution.fee_bps", "77")]
    fills = [desk.sql("select * from lab.fills where backtest_id = %s order by fill_no", one)
             for one in (test, other)]  # fmt: skip
    first = next(n for n, (a, b) in enumerate(zip(*fills, strict=False), 1)
                 if a["fee_micros"] != b["fee_micros"])  # fmt: skip
    named = {row["part"]: row for row in rows if row["part"].startswith("first differing")}
    assert named["first differing fill"]["name"] == str(first)
    assert f"fee {fills[1][first - 1]['fee_micros']}" in named["first differing fill"]["of_second"]
    assert "first differing end" in named
    figures = {row["name"]: row for row in rows if row["part"] == "figure"}
    assert figures["fees_micros"]["of_first"] != figures["fees_micros"]["of_second"]
    desk.conn.close()
