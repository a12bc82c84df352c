"""Laws of what a backtest may be opened on: what it cannot follow as a run would is refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from actions_kit import announce
from kit import GIVEN, Desk, close_of
from mqk.config.load import canonical, merge
from mqk.errors import MqkError
from support import Database


@pytest.fixture
def desk(db: Database) -> Iterator[Desk]:
    """A store with eight sessions of one symbol at 100 dollars."""
    made = Desk(db.url, strategy={**GIVEN, "symbols": ["AAA"]})
    for day in made.days[:8]:
        made.add_bars(day, AAA=100)
    yield made
    assert made.broken_promises() == []
    made.conn.close()


def freeze(desk: Desk) -> Any:
    """Have the bars stored and frozen; give the dataset."""
    desk.clock.move_to(close_of(desk.days[7]))
    desk.ingest(desk.market.rows)
    return desk.call("lab.freeze_dataset", timeframe="1D", symbols=["AAA"], from_on=desk.days[0],
                     to_on=desk.days[7], now_at=desk.now)[0]["dataset_id"]  # fmt: skip


def open_on(desk: Desk, dataset: Any, **config: Any) -> Any:
    """Open a backtest; give its id, or the code of the refusal."""
    try:
        return desk.call(
            "lab.open_backtest",
            code_sha256=None,
            dataset_id=dataset,
            canonical_json=canonical(merge(desk.config, config)),
            latency_bars=0,
            now_at=desk.now,
        )[0]["backtest_id"]
    except MqkError as no:
        return no.code


def play(desk: Desk, dataset: Any, *wants: tuple[int, int], **config: Any) -> Any:
    """A backtest of AAA that wants so many shares from these ticks on."""
    test = open_on(desk, dataset, **config)
    for tick, qty in wants:
        desk.sql("insert into lab.signals values (%s, %s, 1, 'SHARES', %s)", test, tick, qty)
    desk.call("lab.run_backtest", backtest_id=test, id_base=None, now_at=desk.now)
    return test


def test_a_split_that_was_announced_late_is_refused(desk: Desk) -> None:
    desk.clock.move_to(close_of(desk.days[4]))
    announce(desk, 4, ratio="2:1")
    assert open_on(desk, freeze(desk)) == "MQA80"


def test_a_split_that_a_dataset_does_not_have_is_refused_until_it_is_frozen_anew(
    desk: Desk,
) -> None:
    before = freeze(desk)
    assert open_on(desk, before) != "MQA80"
    announce(desk, 4, ratio="2:1", announced_at=close_of(desk.days[0]).isoformat())
    assert open_on(desk, before) == "MQA80"
    after = freeze(desk)
    assert after != before
    assert open_on(desk, after) != "MQA80"
    assert freeze(desk) == after


def test_a_split_that_was_cancelled_since_is_refused_until_the_dataset_is_frozen_anew(
    desk: Desk,
) -> None:
    action = announce(desk, 4, ratio="2:1")
    before = freeze(desk)
    assert open_on(desk, before) != "MQA80"
    desk.call("api.md_cancel_action", action_id=action, reason="wrong", now_at=desk.now)
    assert open_on(desk, before) == "MQA80"
    assert open_on(desk, freeze(desk)) != "MQA80"


@pytest.mark.parametrize("session", [0, 8])
def test_a_split_before_or_after_the_dataset_is_none_of_its(desk: Desk, session: int) -> None:
    announce(desk, session, ratio="2:1")
    assert open_on(desk, freeze(desk)) != "MQA80"
    assert desk.one("select count(*) from lab.splits") == 0


def test_a_dividend_that_was_announced_late_is_refused(desk: Desk) -> None:
    desk.clock.move_to(close_of(desk.days[4]))
    announce(desk, 4, amount="0.5", paid=5)
    assert open_on(desk, freeze(desk)) == "MQA80"


def test_a_dividend_that_prices_are_adjusted_for_is_refused(desk: Desk) -> None:
    announce(desk, 4, amount="0.5", paid=5)
    dataset = freeze(desk)
    assert open_on(desk, dataset, data={"adjustment": "ALL"}) == "MQA80"
    assert open_on(desk, dataset, data={"adjustment": "SPLITS"}) != "MQA80"


@pytest.mark.parametrize("period", ["AAA 2024-01-05", "ZZZ 2024-01-03 2024-01-05", "AAA x y"])
def test_a_forbidden_period_that_cannot_be_read_is_refused(desk: Desk, period: str) -> None:
    assert open_on(desk, freeze(desk), data={"forbid_periods": [period]}) == "MQA41"


def test_a_jump_that_looks_like_a_split_is_refused_until_somebody_clears_it(desk: Desk) -> None:
    desk.add_bars(desk.days[8], AAA=50)
    desk.market.rows[7:] = [{**desk.market.rows[8], "session_on": str(desk.days[7])}]
    dataset = freeze(desk)
    wary = {"split_tolerance_bps": 100}
    assert open_on(desk, dataset, data=wary) == "MQS88"
    desk.act("md_clear_jump", symbol="AAA", session_on=desk.days[7], reason="it fell by half")
    assert open_on(desk, dataset, data=wary) != "MQS88"


@pytest.mark.parametrize(("close", "is_refused"), [("120", False), ("120.01", True)])
def test_a_close_in_doubt_is_refused(desk: Desk, close: str, is_refused: bool) -> None:
    desk.market.rows[7] |= dict.fromkeys(("open", "high", "low", "close"), close)
    dataset = freeze(desk)
    wary = {"outlier_policy": "HALT_NEW", "outlier_bps": 2000}
    assert (open_on(desk, dataset, data=wary) == "MQS88") is is_refused
    assert open_on(desk, dataset, data={**wary, "outlier_policy": "IGNORE"}) != "MQS88"


def test_a_bar_that_came_in_two_versions_is_refused(desk: Desk) -> None:
    dataset = freeze(desk)
    desk.ingest([{**desk.market.rows[5], "close": "99.5", "low": "99"}], policy="KEEP_GOOD")
    wary = {"conflict_policy": "HALT_NEW"}
    assert desk.one("select count(*) from md.conflicts") == 1
    assert open_on(desk, dataset, data=wary) == "MQS88"
    assert open_on(desk, dataset, data={"conflict_policy": "IGNORE"}) != "MQS88"


@pytest.mark.parametrize(("want", "denied"), [(30, ["NOT_LISTED"]), (0, [])])
def test_what_is_no_longer_listed_is_not_opened(desk: Desk, want: int, denied: list[str]) -> None:
    gone = {"symbol": "AAA", "exchange_id": "XTST", "instrument_kind": "EQUITY", "name": "AAA"}
    gone["delisted_on"] = str(desk.days[8])  # where orders of the last tick would trade
    dataset = freeze(desk)
    desk.call("api.md_load_instruments", rows=[gone], now_at=desk.now)
    test = play(desk, dataset, (4, 10), (7, 20), (8, want))
    rules = desk.sql("select rule from lab.denials where backtest_id = %s", test)
    assert [r["rule"] for r in rules] == denied


def test_a_dividend_is_paid_on_its_day_for_what_was_held_before(desk: Desk) -> None:
    announce(desk, 4, amount="0.5", paid=6)
    test = play(desk, freeze(desk), (3, 10), (4, 30))  # 10 are held before the ex session
    flows = desk.sql("select tick_no, amount_micros from lab.flows where backtest_id = %s", test)
    assert [(f["tick_no"], f["amount_micros"]) for f in flows] == [(7, 5_000_000)]
    days = desk.call("lab.list_sessions", backtest_id=test)
    cash = [d["cash_micros"] // 1_000_000 for d in days]
    assert cash == [100_000] * 3 + [99_000] + [97_000] * 2 + [97_005] * 2


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("update lab.orders set leg = 'STOP'", "orders_that_are_stops_have_a_price"),
        ("update lab.orders set stop_price_micros = 0", "orders_that_are_stops_have_a_price"),
        ("insert into lab.flows select backtest_id, 1, 1, 1, 'GIFT', 1 from lab.backtests",
         "flows_kind_is_known"),
        ("insert into lab.flows select backtest_id, 1, 1, 1, 'DIVIDEND', 0 from lab.backtests",
         "flows_move_cash"),
        ("insert into lab.moved_stops select backtest_id, 1, 1, 5, 0 from lab.backtests",
         "moved_stops_have_a_price"),
        ("insert into lab.moved_stops select backtest_id, 1, 9, 5, 1 from lab.backtests",
         "moved_stops_order_fkey"),
    ],
)  # fmt: skip
def test_what_no_backtest_can_have_done_cannot_be_stored(
    desk: Desk, change: str, rule: str
) -> None:
    play(desk, freeze(desk), (4, 10))
    desk.sql("alter table lab.orders disable trigger _900_refuse_change")
    with pytest.raises(psycopg.Error, match=rule):
        desk.sql(change)
    desk.sql("alter table lab.orders enable trigger _900_refuse_change")
