"""Laws of the rows of a snapshot: each is read exactly or is a difference, and whose is whose."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from kit import GIVEN, Desk
from mqk.config.load import canonical, merge
from recon_kit import drifts, kinds, last, send, settle, submit, trade, wait

ORDER = {
    "client_order_id": "TEST_x",
    "symbol": "AAA",
    "side": "buy",
    "qty": "10",
    "filled_qty": "4",
    "status": "partially_filled",
}


def read(conn: Any, function: str, key: str, rows: list[Any]) -> list[dict[str, Any]]:
    """Rows of a snapshot as the reconcile reads them."""
    query = f"select * from recon.{function}(%s) order by row_no"
    return list(conn.execute(query, [Jsonb({key: rows})]).fetchall())


@pytest.mark.parametrize(
    ("change", "defect"),
    [
        ({}, None),
        ({"side": "BUY", "qty": "10.000", "extra": {"any": 1}}, None),
        ({"qty": 10, "filled_qty": 4}, None),
        ({"filled_qty": "10"}, None),
        ({"limit_price": None}, None),
        ({"client_order_id": None}, "MissingOrderId"),
        ({"client_order_id": ""}, "MissingOrderId"),
        ({"client_order_id": "x" * 129}, "NameTooLong"),
        ({"symbol": None}, "MissingSymbol"),
        ({"symbol": ""}, "MissingSymbol"),
        ({"symbol": "A" * 33}, "NameTooLong"),
        ({"side": None}, "UnknownSide"),
        ({"side": "sell_short"}, "UnknownSide"),
        ({"qty": None}, "UnknownQty"),
        ({"qty": "1e1"}, "UnknownQty"),
        ({"qty": "-1"}, "NegativeQty"),
        ({"qty": "10.5"}, "Fractional"),
        ({"filled_qty": "0.5"}, "Fractional"),
        ({"filled_qty": None}, "UnknownFilledQty"),
        ({"filled_qty": "-1"}, "NegativeFilledQty"),
        ({"filled_qty": "11"}, "FilledExceedsQty"),
        ({"status": None}, "UnknownStatus"),
        ({"status": "sleeping"}, "UnknownStatus"),
        ({"limit_price": "1.0000001"}, "UnknownPrice"),
        ({"limit_price": "NaN"}, "UnknownPrice"),
        ({"limit_price": "9999999999999"}, "UnknownPrice"),
        ({"stop_price": None, "time_in_force": None}, None),
        ({"stop_price": "95.5", "time_in_force": "gtc"}, None),
        ({"stop_price": "NaN"}, "UnknownPrice"),
    ],
)
def test_an_order_that_cannot_be_read_is_named_for_what_is_wrong(
    conn: Any, change: dict[str, Any], defect: str | None
) -> None:
    rows = read(conn, "parse_orders", "orders", [{**ORDER, **change}])
    assert [row["defect"] for row in rows] == [defect]


@pytest.mark.parametrize("row", [None, 1, "x", [], {}])
def test_what_is_no_row_at_all_is_not_skipped(conn: Any, row: Any) -> None:
    assert [r["defect"] for r in read(conn, "parse_orders", "orders", [row])] == ["MissingOrderId"]
    found = read(conn, "parse_positions", "positions", [row])
    assert [r["defect"] for r in found] == ["MissingSymbol"]


@pytest.mark.parametrize(
    ("qty", "defect"),
    [("5", None), ("-5", None), ("5.0", None), ("5.5", "Fractional"), ("five", "UnknownQty")],
)
def test_a_position_is_read_whole_and_signed(conn: Any, qty: str, defect: str | None) -> None:
    rows = read(conn, "parse_positions", "positions", [{"symbol": "AAA", "qty": qty}])
    assert [row["defect"] for row in rows] == [defect]


def test_an_order_or_position_that_comes_twice_is_unreadable(conn: Any) -> None:
    rows = read(conn, "parse_orders", "orders", [ORDER, ORDER])
    assert [row["defect"] for row in rows] == [None, "DuplicateOrder"]
    twice = [{"symbol": "AAA", "qty": "1"}] * 2
    rows = read(conn, "parse_positions", "positions", twice)
    assert [row["defect"] for row in rows] == [None, "DuplicateSymbol"]


@pytest.mark.parametrize(
    ("status", "filled", "ours"),
    [
        ("new", "0", "ACCEPTED"),
        ("pending_new", "0", "ACCEPTED"),
        ("done_for_day", "4", "PARTIALLY_FILLED"),
        ("pending_cancel", "4", "PARTIALLY_FILLED"),
        ("calculated", "10", "FILLED"),
        ("filled", "10", "FILLED"),
        ("CANCELED", "4", "CANCELED"),
        ("cancelled", "0", "CANCELED"),
        ("replaced", "0", "CANCELED"),
        ("expired", "0", "EXPIRED"),
        ("rejected", "0", "REJECTED"),
    ],
)
def test_a_status_of_the_broker_is_read_in_our_words(
    conn: Any, status: str, filled: str, ours: str
) -> None:
    rows = read(conn, "parse_orders", "orders", [{**ORDER, "status": status, "filled_qty": filled}])
    assert [row["order_status"] for row in rows] == [ours]


def test_a_replaced_order_is_read_by_the_one_in_its_place(conn: Any) -> None:
    first = {**ORDER, "broker_order_id": "b1", "status": "replaced"}
    then = {**ORDER, "client_order_id": f"{ORDER['client_order_id']}-r1", "broker_order_id": "b2",
            "replaces": "b1", "status": "new"}  # fmt: skip
    rows = read(conn, "parse_orders", "orders", [first, then])
    found = [(row["client_order_id"], row["order_status"], row["defect"]) for row in rows]
    assert found == [(ORDER["client_order_id"], "PARTIALLY_FILLED", None)]


def chain(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    """An order that was replaced again and again, each link with these fields."""
    return [
        {**ORDER, "client_order_id": "TEST_x" + (f"-r{n}" if n else ""), "broker_order_id": f"b{n}",
         "replaces": f"b{n - 1}" if n else None, "status": "replaced", **change}
        for n, change in enumerate(changes)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "read_as"),
    [
        ([{"filled_qty": "0"}, {"filled_qty": "0", "status": "new"}], (10, 0, "ACCEPTED", None)),
        ([{}, {"qty": "6", "filled_qty": "0", "status": "new"}], (10, 4, "PARTIALLY_FILLED", None)),
        ([{}, {"qty": "6", "filled_qty": "6", "status": "filled"}], (10, 10, "FILLED", None)),
        (
            [{}, {"qty": "6", "filled_qty": "1"}, {"qty": "5", "filled_qty": "2", "status": "new"}],
            (10, 7, "PARTIALLY_FILLED", None),
        ),
        (
            [{}, {"qty": "6", "filled_qty": "7", "status": "new"}],
            (10, 11, None, "FilledExceedsQty"),
        ),
        ([{"filled_qty": "4.5"}, {"status": "new"}], (None, None, None, "Fractional")),
        ([{"filled_qty": None}, {"status": "new"}], (None, None, None, "UnknownFilledQty")),
        ([{"filled_qty": "-4"}, {"status": "new"}], (None, None, None, "NegativeFilledQty")),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_chain_of_replaces_is_one_order_with_the_fills_of_all(
    conn: Any, changes: list[dict[str, Any]], read_as: Any, backwards: bool
) -> None:
    rows = read(conn, "parse_orders", "orders", chain(*changes)[:: -1 if backwards else 1])
    assert [(row["client_order_id"], row["defect"]) for row in rows] == [("TEST_x", read_as[3])]
    if read_as[3] is None:
        seen = [(row["order_qty"], row["filled_qty"], row["order_status"]) for row in rows]
        assert seen == [read_as[:3]]


def test_a_successor_that_was_rejected_never_was_one(conn: Any) -> None:
    first, refused = chain({"status": "new", "filled_qty": "0"}, {"status": "rejected"})
    rows = read(conn, "parse_orders", "orders", [first, refused])
    assert [(row["client_order_id"], row["order_status"]) for row in rows] == [
        ("TEST_x", "ACCEPTED")
    ]


@pytest.mark.parametrize("ring", [1, 2, 3])
def test_a_ring_of_replaces_hides_its_orders_and_ends(conn: Any, ring: int) -> None:
    rows = chain(*[{}] * ring)
    rows[0]["replaces"] = f"b{ring - 1}"
    tail = {**ORDER, "client_order_id": "TEST_y", "broker_order_id": "y", "replaces": "b0"}
    assert read(conn, "parse_orders", "orders", rows) == []
    assert [
        row["client_order_id"] for row in read(conn, "parse_orders", "orders", [*rows, tail])
    ] == ["TEST_y"]


@pytest.mark.parametrize(
    ("change", "kind", "theirs"),
    [
        ({"filled_qty": "9"}, "ORDER_FIELD", "filled 9"),
        ({"qty": "11"}, "ORDER_FIELD", "qty 11"),
        ({"side": "sell"}, "ORDER_FIELD", "qty -10"),
        ({"symbol": "BBB"}, "ORDER_FIELD", "symbol BBB"),
        ({"status": "canceled"}, "ORDER_FIELD", "status CANCELED"),
        ({"type": "limit", "limit_price": "99"}, "ORDER_FIELD", "type LIMIT, limit 99000000"),
        ({"stop_price": "90"}, "ORDER_FIELD", "stop 90000000"),
        ({"time_in_force": "gtc"}, "ORDER_FIELD", "tif GTC"),
        ({"time_in_force": "opg"}, "ORDER_FIELD", "tif OPG"),
        ({"qty": "10.5"}, "FRACTIONAL", None),
        ({"side": None}, "UNREADABLE", None),
        ({"status": None}, "UNREADABLE", None),
    ],
)
def test_an_order_that_differs_is_dirty(
    given_desk: Desk, change: dict[str, Any], kind: str, theirs: str | None
) -> None:
    order = {**trade(given_desk)["orders"][0], **change}
    assert settle(given_desk, orders=[order]) == "DIRTY"
    assert kinds(given_desk) == [kind]
    rows = given_desk.call("api.recon_drifts", run_id=given_desk.run_id)
    assert theirs in (None, rows[0]["theirs"])


def test_terms_that_the_broker_does_not_tell_are_not_compared(given_desk: Desk) -> None:
    order = trade(given_desk)["orders"][0]
    untold = ("type", "limit_price", "stop_price", "time_in_force")
    told = {k: v for k, v in order.items() if k not in untold}
    assert submit(given_desk, orders=[told]) == "CLEAN"


def test_a_fill_that_we_have_not_booked_is_dirty_once_it_stays(given_desk: Desk) -> None:
    order = send(given_desk)
    ahead = {**order, "filled_qty": "4", "status": "partially_filled"}
    assert settle(given_desk, orders=[ahead]) == "DIRTY"
    assert kinds(given_desk) == ["UNKNOWN_FILL"]


def test_an_unreadable_row_of_our_order_is_one_difference_not_two(given_desk: Desk) -> None:
    order = send(given_desk)
    assert submit(given_desk, orders=[{**order, "qty": "ten"}]) == "PENDING"
    assert drifts(given_desk) == [("UNREADABLE", f"orders {order['client_order_id']}")]


def test_an_open_order_that_the_broker_does_not_show_is_dirty(given_desk: Desk) -> None:
    order = send(given_desk)
    assert settle(given_desk, orders=[]) == "DIRTY"
    assert drifts(given_desk) == [("MISSING_ORDER", order["client_order_id"])]
    assert given_desk.one("select order_status from oms.orders") == "ACCEPTED"


def test_an_ended_order_that_the_broker_no_longer_shows_is_clean(given_desk: Desk) -> None:
    trade(given_desk)
    assert submit(given_desk, orders=[]) == "CLEAN"


@pytest.mark.parametrize(
    ("name", "kind", "verdict"),
    [
        ("manual-1", "UNKNOWN_ORDER", "DIRTY"),
        (None, "UNREADABLE", "DIRTY"),
        ("TEST_" + "0" * 32, "UNKNOWN_ORDER", "DIRTY"),
        ("TEST_anything", "UNKNOWN_ORDER", "DIRTY"),
        ("NOBODY_" + "0" * 32, "UNKNOWN_ORDER", "DIRTY"),
        ("test_" + "0" * 32, "UNKNOWN_ORDER", "DIRTY"),
        ("OTHER_" + "0" * 32, "OTHER_ENGINE_ORDER", "CLEAN"),
    ],
)
def test_an_order_that_is_not_ours_is_dirty_unless_another_engine_of_ours_has_it(
    given_desk: Desk, name: str | None, kind: str, verdict: str
) -> None:
    given_desk.sql("insert into run.engines select 'OTHER', mode, 0, created_at from run.engines")
    order = trade(given_desk)["orders"][0]
    foreign = {**order, "client_order_id": name, "filled_qty": "0", "status": "new"}
    submit(given_desk, orders=[order, foreign])
    wait(given_desk, 4)
    assert submit(given_desk, orders=[order, foreign]) == verdict
    assert kinds(given_desk) == [kind]


def test_an_order_of_ours_that_was_never_sent_is_unknown_at_the_broker(given_desk: Desk) -> None:
    given_desk.plan(2, AAA=10)
    row = {**ORDER, "client_order_id": given_desk.one("select client_order_id from oms.orders")}
    assert settle(given_desk, orders=[row]) == "DIRTY"
    assert kinds(given_desk) == ["UNKNOWN_ORDER"]


def test_strangers_are_only_mentioned_where_the_config_says_so(db: Any) -> None:
    desk = Desk(db.url, strategy=GIVEN, reconcile={"foreign_orders": "IGNORE"})
    desk.start()
    manual = {**ORDER, "client_order_id": "manual-1"}
    ours = {**ORDER, "client_order_id": "TEST_" + "0" * 32}
    assert submit(desk, orders=[manual]) == "CLEAN"
    assert (kinds(desk), last(desk)["info_drifts"]) == (["FOREIGN_ORDER"], 1)
    assert submit(desk, orders=[manual, ours]) == "PENDING"
    assert kinds(desk) == ["FOREIGN_ORDER", "UNKNOWN_ORDER"]
    assert submit(desk, orders=[{**manual, "qty": "0.5"}]) == "PENDING"
    assert "FRACTIONAL" in kinds(desk)
    assert desk.broken_promises() == []
    desk.conn.close()


@pytest.mark.parametrize(("qty", "kind"), [("10.5", "FRACTIONAL"), ("ten", "UNREADABLE")])
def test_a_position_that_cannot_be_read_is_dirty_and_never_rounded(
    given_desk: Desk, qty: str, kind: str
) -> None:
    trade(given_desk)
    assert settle(given_desk, positions=[{"symbol": "AAA", "qty": qty}]) == "DIRTY"
    assert drifts(given_desk) == [(kind, "positions AAA")]
    told = given_desk.call("api.recon_drifts", run_id=given_desk.run_id)[0]["theirs"]
    assert qty in told


def test_many_differences_are_all_told_in_one_order(given_desk: Desk) -> None:
    shown = trade(given_desk)
    rows = [{**ORDER, "client_order_id": name} for name in ("b", "a", None)]
    told = []
    for orders in (rows, rows[::-1]):
        submit(given_desk, orders=[*orders, *shown["orders"]], positions=[], cash=None)
        told.append(drifts(given_desk)[:-1])
    assert told[0] == told[1]
    assert [kind for kind, _ in told[0]] == ["CASH", "POSITION", "UNKNOWN_ORDER", "UNKNOWN_ORDER"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"engine": {"engine_id": "OTHER"}}, ["OTHER_ENGINE_ORDER"]),
        ({"broker": {"account_id": "PAPER-TEST-0002"}}, ["UNKNOWN_ORDER"]),
    ],
)
def test_an_order_of_an_earlier_run_is_known_by_its_engine_and_account_only(
    given_desk: Desk, change: dict[str, Any], found: list[str]
) -> None:
    desk = given_desk
    shown = {"orders": trade(desk)["orders"], "positions": [], "cash": "100000"}
    config = merge(desk.config, change)
    made = desk.act("run_create", config=canonical(config), as_of_at=desk.now)
    desk.serve(made["run_id"])
    submit(desk, **shown, account_id=config["broker"]["account_id"])
    assert kinds(desk) == found
