"""Laws of integrity: each defect of the data is named, shuts the gate, and stops the desk for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from kit import GIVEN
from minute_kit import SlotDesk
from mqk.db import call, connect
from mqk.errors import MqkError
from support import Database, worker_url

MICRO = timedelta(microseconds=1)


def made(db: Database, data: dict[str, Any] | None = None, **config: Any) -> SlotDesk:
    """A running desk of one-minute bars."""
    desk = SlotDesk(db.url, data, **config)
    desk.begin()
    return desk


@pytest.fixture
def minutes(db: Database) -> Iterator[SlotDesk]:
    desk = made(db)
    yield desk
    assert desk.broken_promises() == []
    desk.conn.close()


@pytest.fixture
def twofold(db: Database) -> Iterator[SlotDesk]:
    """The same with a second feed that may be 100 bps off."""
    desk = made(db, {"second_feed": "other", "disagreement_tolerance_bps": 100})
    yield desk
    assert desk.broken_promises() == []
    desk.conn.close()


def other_value(desk: SlotDesk, slot: int, **prices: Any) -> dict[str, Any]:
    """Other values for stored bars, from a person's file."""
    given, desk.market.rows = desk.market.rows, []
    desk.feed(slot, prices)
    rows, desk.market.rows = desk.market.rows, given
    return desk.ingest(rows, feed="vendor", timeframe=desk.timeframe)


def resolve(desk: SlotDesk, defect: str, slot: int, reason: str = "I looked") -> dict[str, Any]:
    """A person says that the stored bar of AAA stands."""
    return desk.act(
        "md_resolve", defect=defect, symbol="AAA", timeframe=desk.timeframe,
        bar=desk.end_of(slot).isoformat(), reason=reason,
    )  # fmt: skip


def test_t33_one_missing_bar_halts_at_tolerance_0(minutes: SlotDesk) -> None:
    minutes.show(3, "marketdata", AAA=100)  # BBB is missing
    minutes.show(4, "marketdata", after=4, AAA=100, BBB=50)
    assert minutes.status == "HALTED"
    assert minutes.defects() == ["GAP"]
    assert f"BBB lacks {minutes.end_of(3):%Y-%m-%dT%H:%M:%S}" in minutes.halt_reason
    trip = minutes.sql("select trip_kind, evidence from run.trips")[0]
    assert trip["trip_kind"] == "STALE_DATA"
    assert trip["evidence"]["counts"] == {"GAP": 1}
    assert trip["evidence"]["defects"][0]["symbol"] == "BBB"


@pytest.mark.parametrize(("gaps", "status"), [(1, "RUNNING"), (2, "HALTED")])
def test_as_many_bars_may_be_missing_as_the_tolerance_says(
    db: Database, gaps: int, status: str
) -> None:
    desk = made(db, {"gap_window_bars": 4, "gap_tolerance_bars": 1})
    for slot in range(3, 3 + gaps):
        desk.show(slot, "marketdata", AAA=100)
    desk.show(3 + gaps, "marketdata", after=4, AAA=100, BBB=50)
    assert desk.status == status, desk.halt_reason
    desk.conn.close()


def test_t32_a_feed_that_is_silent_for_longer_than_the_threshold_disarms_for_good(
    minutes: SlotDesk,
) -> None:
    minutes.clock.move_to(minutes.end_of(3) + timedelta(seconds=5) - MICRO)
    minutes.tick("marketdata")  # the clock alone
    assert (minutes.status, minutes.defects()) == ("RUNNING", [])
    minutes.clock.move_to(minutes.end_of(3) + timedelta(seconds=5))
    minutes.tick("marketdata")
    assert minutes.status == "HALTED"
    assert minutes.defects() == ["GAP", "GAP", "STALE", "STALE"]
    minutes.show(3, AAA=100, BBB=50, after=6)
    assert minutes.is_open
    assert minutes.status == "HALTED"  # the gate heals, the halt does not


def test_a_night_and_a_weekend_are_not_silence(db: Database) -> None:
    desk = SlotDesk(db.url, {"stale_data_threshold_seconds": 3600, "timeframe": "1D"})
    for day in (0, 1, 2, 3):  # Friday is the fourth session
        desk.close(day, ticks=("marketdata",), AAA=100, BBB=50)
    desk.clock.move_to(desk.now + timedelta(hours=60))
    desk.tick("marketdata")
    assert (desk.defects(), desk.is_open) == ([], True)
    desk.conn.close()


def test_a_second_feed_that_falls_silent_halts_though_the_first_one_speaks(
    twofold: SlotDesk,
) -> None:
    twofold.show(3, "marketdata", AAA=100, BBB=50)
    assert twofold.status == "RUNNING"
    twofold.clock.move_to(twofold.end_of(3) + timedelta(seconds=5))
    twofold.tick("marketdata")
    assert twofold.defects() == ["STALE", "STALE"]
    assert twofold.status == "HALTED"
    assert "feed other gave nothing after" in twofold.halt_reason


def test_a_second_feed_that_was_never_heard_is_silent(db: Database) -> None:
    desk = SlotDesk(db.url, {"second_feed": "other"})
    for slot in (1, 2):
        desk.show(slot, "marketdata", after=6, AAA=100, BBB=50)
    assert desk.defects() == ["STALE", "STALE"]
    assert not desk.is_open
    desk.conn.close()


@pytest.mark.parametrize(
    ("seen", "status"), [(100, "RUNNING"), (99, "RUNNING"), ("98.999999", "HALTED")]
)
def test_t34_feeds_that_disagree_halt_and_feeds_that_agree_do_not(
    twofold: SlotDesk, seen: Any, status: str
) -> None:
    twofold.feed(3, {"AAA": 100, "BBB": 50})
    twofold.clock.move_to(twofold.end_of(3) + timedelta(seconds=1))
    twofold.second(3, AAA=seen, BBB=50)
    twofold.tick("marketdata")
    assert twofold.status == status
    assert twofold.defects() == ([] if status == "RUNNING" else ["DISAGREEMENT"])
    if status == "HALTED":
        assert (
            "and high 98.999999 low 98.999999 close 98.999999 to feed other" in twofold.halt_reason
        )
        assert resolve(twofold, "DISAGREEMENT", 3)["outcome"] == "DONE"
        assert twofold.defects() == []


def test_volume_is_each_feeds_own_matter(twofold: SlotDesk) -> None:
    twofold.feed(3, {"AAA": 100, "BBB": 50}, volume="7")
    twofold.clock.move_to(twofold.end_of(3) + timedelta(seconds=1))
    twofold.second(3, AAA=100, BBB=50)
    twofold.tick("marketdata")
    assert (twofold.status, twofold.defects()) == ("RUNNING", [])


def test_t35_a_forming_bar_is_refused_and_does_not_move_the_desk(minutes: SlotDesk) -> None:
    minutes.show(3, AAA=110, BBB=50)
    before = minutes.one("select max(bar_end_at) from strat.decisions")
    minutes.feed(4, {"AAA": 300, "BBB": 50}, is_complete="false")
    minutes.clock.move_to(minutes.end_of(4) + timedelta(seconds=1))
    minutes.tick()
    marks = minutes.call("md.list_marks", run_id=minutes.run_id, now_at=minutes.now)
    assert {m["symbol"]: m["mark_micros"] for m in marks}["AAA"] == 110_000_000
    assert minutes.one("select max(bar_end_at) from strat.decisions") == before
    assert minutes.status == "RUNNING"  # it may still become complete
    minutes.clock.move_to(minutes.end_of(4) + timedelta(seconds=5))
    minutes.tick()
    assert minutes.status == "HALTED"
    assert "INCOMPLETE" in minutes.defects()
    assert "is unfinished, says feed test" in minutes.halt_reason


def test_a_forming_bar_that_became_complete_in_time_is_no_defect(minutes: SlotDesk) -> None:
    minutes.feed(3, {"AAA": 300, "BBB": 50}, is_complete="false")
    minutes.clock.move_to(minutes.end_of(3) + timedelta(seconds=1))
    minutes.tick("marketdata")
    minutes.market.rows = minutes.market.rows[:-2]
    minutes.show(3, "marketdata", after=4, AAA=100, BBB=50)
    minutes.clock.move_to(minutes.end_of(3) + timedelta(seconds=30))
    minutes.tick("marketdata")
    assert (minutes.status, minutes.defects()) == ("RUNNING", [])


def test_another_value_for_a_stored_bar_halts_until_a_person_has_settled_it(
    minutes: SlotDesk,
) -> None:
    other_value(minutes, 2, AAA=101)
    minutes.tick("marketdata")
    assert minutes.status == "HALTED"
    assert minutes.defects() == ["CONFLICT"]
    assert "close 101.000000 volume 1000000 from feed vendor" in minutes.halt_reason
    assert resolve(minutes, "CONFLICT", 2)["outcome"] == "DONE"
    minutes.tick("marketdata")
    assert (minutes.defects(), minutes.is_open) == ([], True)
    ruling = minutes.sql("select defect, reason, ruled_by from md.rulings")[0]
    assert (ruling["defect"], ruling["reason"]) == ("CONFLICT", "I looked")
    assert ruling["ruled_by"]
    assert minutes.one("select close_micros from md.bars where symbol = 'AAA' and bar_end_at = %s",
                       minutes.end_of(2)) == 100_000_000  # fmt: skip


def test_a_ruling_does_not_settle_a_conflict_that_comes_later(minutes: SlotDesk) -> None:
    other_value(minutes, 2, AAA=101)
    assert resolve(minutes, "CONFLICT", 2)["outcome"] == "DONE"
    assert minutes.defects() == []
    minutes.clock.move_to(minutes.now + MICRO)
    other_value(minutes, 2, AAA=102)
    assert minutes.defects() == ["CONFLICT"]


def test_a_conflict_of_a_symbol_that_the_run_has_not_is_nothing_to_it(db: Database) -> None:
    desk = SlotDesk(db.url, strategy={"symbols": ["BBB"]})
    desk.begin()
    other_value(desk, 2, AAA=101)
    desk.tick("marketdata")
    assert (desk.status, desk.defects()) == ("RUNNING", [])
    desk.conn.close()


def test_a_bar_in_dispute_is_no_mark(minutes: SlotDesk) -> None:
    minutes.show(3, "marketdata", AAA=110, BBB=50)

    def mark() -> int:
        marks = minutes.call("md.list_marks", run_id=minutes.run_id, now_at=minutes.now)
        return int({m["symbol"]: m["mark_micros"] for m in marks}["AAA"])

    assert mark() == 110_000_000
    other_value(minutes, 3, AAA=119)
    assert mark() == 100_000_000  # the one before
    quote = minutes.call(
        "risk.get_quote",
        run_id=minutes.run_id,
        symbol="AAA",
        now_at=minutes.end_of(3) + timedelta(seconds=5),
    )[0]
    assert (quote["mark_micros"], quote["is_fresh"]) == (100_000_000, False)
    resolve(minutes, "CONFLICT", 3)
    assert mark() == 110_000_000


@pytest.mark.parametrize(("price", "status"), [(120, "RUNNING"), ("120.000001", "HALTED"),
                                               (80, "RUNNING"), ("79.999999", "HALTED")])  # fmt: skip
def test_a_close_far_from_the_one_before_halts_until_a_person_accepts_it(
    minutes: SlotDesk, price: Any, status: str
) -> None:
    minutes.show(3, "marketdata", AAA=price, BBB=50)
    assert minutes.status == status
    assert minutes.defects() == ([] if status == "RUNNING" else ["OUTLIER"])
    if status == "HALTED":
        assert resolve(minutes, "OUTLIER", 3)["outcome"] == "DONE"
        assert minutes.defects() == []


def test_all_that_is_wrong_is_told_at_once(twofold: SlotDesk) -> None:
    twofold.second(2, feed="other", AAA=100, BBB=50)
    other_value(twofold, 2, BBB=51)
    twofold.feed(3, {"AAA": 130})
    twofold.feed(3, {"BBB": 50}, is_complete="false")
    twofold.clock.move_to(twofold.end_of(3) + timedelta(seconds=5))
    twofold.second(3, AAA=150)
    twofold.tick("marketdata")
    kinds = "CONFLICT 1, DISAGREEMENT 1, GAP 1, INCOMPLETE 1, OUTLIER 1, STALE 2: "
    assert twofold.halt_reason.startswith(f"INTEGRITY: {kinds}")
    evidence = twofold.one("select evidence from run.trips")
    assert len(evidence["defects"]) == 7
    assert all(d["detail"] and d["evidence"] for d in evidence["defects"])


IGNORED = {
    "stale_policy": "STALE",
    "feed_disagreement_policy": "DISAGREEMENT",
    "conflict_policy": "CONFLICT",
    "outlier_policy": "OUTLIER",
}


@pytest.mark.parametrize("policy", IGNORED)
def test_what_a_policy_ignores_is_told_and_does_not_halt(db: Database, policy: str) -> None:
    desk = made(db, {"second_feed": "other", "gap_tolerance_bars": 1, policy: "IGNORE"})
    prices = {"AAA": 130 if policy == "outlier_policy" else 100, "BBB": 50}
    desk.feed(3, prices)
    desk.clock.move_to(desk.end_of(3) + timedelta(seconds=1))
    if policy == "conflict_policy":
        other_value(desk, 2, AAA=101)
    desk.second(3, AAA=150 if policy == "feed_disagreement_policy" else prices["AAA"], BBB=50)
    desk.tick("marketdata")
    if policy == "stale_policy":
        desk.clock.move_to(desk.end_of(4) + timedelta(seconds=5))
        desk.tick("marketdata")
    told = desk.call("api.md_defects", run_id=desk.run_id, now_at=desk.now)
    assert {(r["defect"], r["is_brake"]) for r in told} == {(IGNORED[policy], False)}
    assert desk.status == "RUNNING", desk.halt_reason
    desk.conn.close()


def plan(desk: SlotDesk) -> None:
    """An order for 10 AAA in the outbox."""
    desk.show(3, "marketdata", AAA=100, BBB=50)
    desk.tick("broker_events", "snapshots")
    lease = desk.lease("strategist")
    desk.call("io.plan_intents", **lease, targets={"AAA": 10}, now_at=desk.now)


@pytest.mark.parametrize("wrong", ["STALE", "CONFLICT"])
def test_t36_after_an_integrity_halt_nothing_leaves_the_house(db: Database, wrong: str) -> None:
    desk = made(db, strategy=GIVEN)
    plan(desk)
    for kind, tick in desk.ticks.items():  # each worker under its own login from here on
        tick.release()
        tick.conn = connect(worker_url(db.url, kind), kind)
    outbox = "select outbox_status from oms.outbox"
    assert desk.one(outbox) == "PENDING"
    if wrong == "CONFLICT":
        other_value(desk, 3, AAA=101)
    else:
        desk.clock.move_to(desk.end_of(4) + timedelta(seconds=5))
    desk.tick("marketdata")
    assert desk.status == "HALTED"
    desk.tick("gateway", "broker_events", "snapshots", "strategist")
    assert desk.one(outbox) == "PENDING"
    assert desk.one("select count(*) from oms.attempts") == 0
    assert desk.sql("select * from sim.orders") == []
    desk.tick("marketdata")
    strategist = desk.ticks["strategist"]
    strategist.lead()
    with pytest.raises(MqkError, match="MQS02"):
        call(strategist.conn, "io.plan_intents", **strategist.lease, targets={"BBB": 10},
             now_at=desk.now)  # fmt: skip
    for tick in desk.ticks.values():
        tick.conn.close()
    assert desk.one("select count(*) from oms.orders") == 1
    desk.conn.close()


def test_a_claimed_order_is_not_dispatched_once_the_gate_is_shut(db: Database) -> None:
    desk = made(db, strategy=GIVEN)
    plan(desk)
    lease = desk.lease("gateway")
    claimed = desk.call("io.claim_outbox", **lease, worker_name="g", limit=1, now_at=desk.now)
    other_value(desk, 3, AAA=101)
    desk.tick("marketdata")
    begun = desk.call("io.begin_dispatch", **desk.lease("gateway"), worker_name="g",
                      outbox_id=claimed[0]["outbox_id"], now_at=desk.now)[0]  # fmt: skip
    assert not begun["is_granted"]
    assert desk.one("select count(*) from oms.attempts") == 0
    assert desk.one("select outbox_status from oms.outbox") == "PENDING"
    desk.conn.close()


def test_a_cleared_run_trades_again_once_its_data_is_sound(db: Database) -> None:
    desk = made(db)
    other_value(desk, 2, AAA=101)
    desk.tick("marketdata")
    resolve(desk, "CONFLICT", 2)
    desk.tick("marketdata", "broker_events", "snapshots")
    done = desk.act("run_clear_halted", run_id=desk.run_id, reason="settled")
    assert done["outcome"] == "DONE", done
    desk.arm()
    desk.show(3, AAA=110, BBB=50)
    desk.show(4, AAA=112, BBB=50)
    assert desk.status == "RUNNING"
    assert desk.one("select count(*) from oms.orders") > 0
    desk.conn.close()


def test_why_names_the_defects_and_the_command(minutes: SlotDesk) -> None:
    other_value(minutes, 2, AAA=101)
    holds = minutes.call("api.why_all", run_id=minutes.run_id, now_at=minutes.now)
    data = {h["gate"]: h for h in holds}["data"]
    assert not data["is_open"]
    assert data["reason"].startswith("CONFLICT 1: AAA ")
    assert data["measured"] == "1 defects, of which the policy lets 0 pass"
    assert data["clear"].startswith(f"mqk md defects {minutes.run_id}")


@pytest.mark.parametrize(
    ("defect", "slot", "reason", "code"),
    [
        ("CONFLICT", 9, "x", "MQN50"),
        ("CONFLICT", 1, "x", "MQN51"),
        ("DISAGREEMENT", 1, "x", "MQN51"),
        ("GAP", 1, "x", "MQA02"),
        ("CONFLICT", 2, "", "MQA12"),
        ("CONFLICT", 2, "x" * 501, "MQA12"),
    ],
)
def test_only_what_is_there_can_be_settled_and_with_a_reason(
    minutes: SlotDesk, defect: str, slot: int, reason: str, code: str
) -> None:
    other_value(minutes, 2, AAA=101)
    row = resolve(minutes, defect, slot, reason)
    assert (row["outcome"], row["error_code"]) == ("REFUSED", code)
    assert minutes.one("select count(*) from md.rulings") == 0
    kept = minutes.sql(
        "select action, outcome from ops.operator_actions order by action_id desc limit 1"
    )
    assert kept == [{"action": "RESOLVE_DEFECT", "outcome": "REFUSED"}]


def test_a_ruling_is_in_the_diary_and_is_never_taken_back(minutes: SlotDesk) -> None:
    other_value(minutes, 2, AAA=101)
    resolve(minutes, "CONFLICT", 2, "the vendor was wrong")
    told = minutes.one(
        "select payload ->> 'arguments' from audit.events where event_name = 'ACTION_DONE'"
        " and payload ->> 'action' = 'RESOLVE_DEFECT'"
    )
    assert "the vendor was wrong" in told
    for forgery in ("delete from md.rulings", "update md.rulings set reason = 'y'"):
        with pytest.raises(psycopg.Error, match="history is not rewritten"):
            minutes.sql(forgery)
    with pytest.raises(psycopg.errors.CheckViolation):
        minutes.sql("insert into md.rulings select symbol, timeframe, bar_end_at, 'GAP', ruled_at,"
                    " ruled_by, reason from md.rulings")  # fmt: skip
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        minutes.sql(
            "insert into md.rulings values ('AAA', '1m', now(), 'OUTLIER', now(), 'a', 'b')"
        )


def test_a_runs_policy_is_the_one_of_its_config(minutes: SlotDesk) -> None:
    kept = minutes.sql("select * from md.policies")[0]
    data = minutes.config["data"]
    assert (kept["feed"], kept["second_feed"]) == ("test", None)
    assert kept["stale_after_ms"] == 1000 * data["stale_data_threshold_seconds"]
    assert kept["disagreement_bps"] == data["disagreement_tolerance_bps"]
    assert kept["disagreement_policy"] == data["feed_disagreement_policy"]
    for key in ("gap_window_bars", "gap_tolerance_bars", "outlier_bps", "stale_policy",
                "conflict_policy", "outlier_policy"):  # fmt: skip
        assert kept[key] == data[key]


@pytest.mark.parametrize(
    "change",
    ["stale_policy = 'HALT'", "second_feed = feed", "gap_tolerance_bars = gap_window_bars",
     "disagreement_bps = -1", "outlier_bps = 0"],
)  # fmt: skip
def test_the_table_itself_refuses_a_policy_that_makes_no_sense(
    minutes: SlotDesk, change: str
) -> None:
    minutes.sql("set session_replication_role = replica")  # no trigger; the table itself
    with pytest.raises(psycopg.errors.CheckViolation):
        minutes.sql(f"update md.policies set {change}")
