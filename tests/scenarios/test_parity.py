"""Laws of parity: the backtest and the desk do the same, to the micro, to the tick of the halt."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from mqk.config.load import canonical
from parity_kit import (
    ParityDesk,
    draw_dividends,
    draw_guarded_orders,
    draw_guards,
    draw_orders,
    draw_split_orders,
    draw_splits,
    draw_standings,
    draw_strains,
)
from support import SERVER, Database

SPLITS = {  # what these seeds meet, so that a change of the dice is seen
    0: {"split", "forward", "stop", "lots", "trade after"},
    2: {"order", "reverse", "dividend of the morning"},
    3: {"fraction", "nothing is left", "stop", "order"},
    11: {"short", "stop", "reverse"},
    30: {"short", "stop", "nothing is left", "dividend of the morning"},
    35: {"fraction of a short", "order", "lots"},
    43: {"flatten", "fraction", "lots"},
    58: {"fraction of a short", "stop", "forward"},
}


def compare(desk: ParityDesk) -> set[str]:
    """Play, test back, and see no difference; give what splits met."""
    last = desk.play()
    done = desk.backtest(last)
    differences = desk.call(
        "api.backtest_parity", backtest_id=done["backtest_id"], run_id=desk.run_id
    )
    assert differences == []
    assert (done["ticks"], done["backtest_status"]) == (
        last + 1,
        "COMPLETED" if desk.status == "RUNNING" else "HALTED",
    )
    switch = "select trip_kind from run.trips where run_id = %s order by trip_seq limit 1"
    pulled = f"{desk.one(switch, desk.run_id)} {desk.halt_reason}"
    assert done["halt_reason"] is None or done["halt_reason"] in pulled
    assert desk.broken_promises() == []
    met = desk.kinds()
    desk.conn.close()
    return met


@pytest.mark.parametrize("seed", [*range(24), 47, 48, 56, 142])  # ties, and flattens, at the end
def test_a_backtest_does_what_the_desk_does(db: Database, seed: int) -> None:
    compare(ParityDesk(db.url, seed))


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 6, 8, 12])
def test_stops_and_day_trades_are_those_of_the_desk(db: Database, seed: int) -> None:
    compare(ParityDesk(db.url, seed, draw=draw_guards))


@pytest.mark.parametrize("seed", [1, 2, 5, 6, 13, 22])
def test_what_cannot_be_protected_is_closed_as_the_desk_closes_it(db: Database, seed: int) -> None:
    compare(ParityDesk(db.url, seed, draw=draw_strains))


@pytest.mark.parametrize("seed", range(6))
def test_what_was_forbidden_is_forbidden_in_a_backtest(db: Database, seed: int) -> None:
    compare(ParityDesk(db.url, seed, draw=draw_standings))


@pytest.mark.parametrize("seed", [1, 2, 3, 6])  # 3 and 6 hold something before the ex session
def test_dividends_are_paid_as_the_desk_is_paid(db: Database, seed: int) -> None:
    compare(ParityDesk(db.url, seed, draw=draw_dividends))


@pytest.mark.parametrize("seed", SPLITS)
def test_splits_are_those_of_the_desk(db: Database, seed: int) -> None:
    assert compare(ParityDesk(db.url, seed, draw=draw_splits)) >= SPLITS[seed]


def test_every_kind_of_split_is_among_the_seeds() -> None:
    assert set().union(*SPLITS.values()) == {
        "split", "forward", "reverse", "fraction", "fraction of a short", "short", "nothing is left",
        "dividend of the morning", "lots", "stop", "order", "trade after", "flatten",
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_orders_with_prices_do_what_they_do_on_the_desk(db: Database, seed: int) -> None:
    compare(ParityDesk(db.url, seed, draw=draw_orders))


@pytest.mark.parametrize("seed", range(12))
def test_orders_with_prices_beside_a_stop_do_what_they_do_on_the_desk(
    db: Database, seed: int
) -> None:
    compare(ParityDesk(db.url, seed, draw=draw_guarded_orders))


@pytest.mark.parametrize("seed", [*range(8), 122])  # 122: two splits, and the desk stood still
def test_orders_with_prices_over_splits_do_what_they_do_on_the_desk(
    db: Database, seed: int
) -> None:
    compare(ParityDesk(db.url, seed, draw=draw_split_orders))


@pytest.fixture(scope="module")
def done() -> Iterator[ParityDesk]:
    """A desk that has traded, with its backtest."""
    with SERVER.clone() as db:
        desk = ParityDesk(db.url, 3)
        desk.test = desk.backtest(desk.play())
        yield desk
        desk.conn.close()


@pytest.mark.parametrize("early", [0, 1])
def test_a_fill_in_the_bar_of_its_decision_cannot_be_stored(done: ParityDesk, early: int) -> None:
    assert done.test["fills"] > 0
    with pytest.raises(psycopg.Error, match="history is not rewritten"):
        done.sql("update lab.fills set tick_no = tick_no + 1")
    done.sql("alter table lab.fills disable trigger _900_refuse_change")
    change = f"update lab.fills set tick_no = given_tick - {early}"
    with pytest.raises(psycopg.errors.CheckViolation, match="fills_come_after_their_order"):
        done.sql(change)
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="fills_order_fkey"):
        done.sql("update lab.fills set given_tick = given_tick - 1")
    done.sql("alter table lab.fills enable trigger _900_refuse_change")


def test_the_same_config_on_the_same_bars_is_one_backtest(done: ParityDesk) -> None:
    again = done.backtest(done.last - 1, signals=False)
    assert again == done.test
    other = canonical({**done.config, "broker": {**done.config["broker"], "initial_cash": 99999}})
    row = done.call(
        "lab.open_backtest",
        code_sha256=None,
        dataset_id=again["dataset_id"],
        canonical_json=other,
        latency_bars=0,
        now_at=done.now,
    )[0]
    assert row["backtest_id"] != again["backtest_id"]


def test_a_later_bar_makes_another_dataset(done: ParityDesk) -> None:
    digests = {
        done.call(
            "lab.freeze_dataset",
            timeframe=done.config["data"]["timeframe"],
            symbols=done.symbols,
            from_on=done.days[0],
            to_on=done.day_of(done.last - 1),
            now_at=done.end_of(tick),
        )[0]["data_sha256"]
        for tick in (done.last - 2, done.last - 1)
    }
    assert len(digests) == 2
