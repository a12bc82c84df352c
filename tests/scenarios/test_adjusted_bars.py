"""Laws of adjusted series: exact, without a look ahead; and of jumps that look like splits."""

from __future__ import annotations

import csv
import os
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions_kit import announce, midnight
from kit import GIVEN, Desk, close_of
from mqk.errors import MqkError
from support import ROOT, SERVER

REAL = Path(os.environ.get("MQK_SHARED", ROOT.parent / "shared")) / "data" / "us_daily"


def window(desk: Desk, until: int, as_of: Any = None, adjustment: str = "SPLITS") -> Any:
    """Closes in micros and volumes up to a session, as of a time (None: its close)."""
    end = close_of(desk.days[until])
    rows = desk.call(
        "md.list_adjusted_bars_as_of",
        symbol="AAA",
        timeframe="1D",
        limit=50,
        adjustment=adjustment,
        bar_end_at=end,
        as_of_at=as_of or end,
    )
    return [(r["close_micros"], r["volume"]) for r in rows]


def bars(desk: Desk, *closes: Any) -> None:
    """Bars of AAA from session 0 on."""
    desk.market.rows.clear()
    for n, price in enumerate(closes):
        desk.add_bars(desk.days[n], AAA=price)
    desk.clock.move_to(max(desk.now, close_of(desk.days[len(closes) - 1]) + timedelta(minutes=5)))
    desk.ingest(desk.market.rows)


@pytest.fixture
def desk(db: Any) -> Any:
    """A desk that is not running."""
    made = Desk(db.url, strategy=GIVEN)
    yield made
    made.conn.close()


def test_a_window_is_in_the_shares_of_its_end(desk: Desk) -> None:
    announce(desk, 2, ratio="3:1")
    bars(desk, 100, 100, 34, 33)
    third = 33_333_333
    assert window(desk, 1) == [(100_000_000, 1_000_000)] * 2
    assert window(desk, 2) == [(third, 3_000_000)] * 2 + [(34_000_000, 1_000_000)]
    assert window(desk, 2, adjustment="RAW")[0] == (100_000_000, 1_000_000)
    assert window(desk, 1, as_of=midnight(desk.days[2]))[0] == (third, 3_000_000)
    just_before = midnight(desk.days[2]) - timedelta(microseconds=1)
    assert window(desk, 1, as_of=just_before)[0] == (100_000_000, 1_000_000)


def test_a_dividend_lowers_what_came_before_by_the_standard_factor(desk: Desk) -> None:
    announce(desk, 2, amount="2", paid=3)
    bars(desk, 50, 100, 98)
    assert [c for c, _ in window(desk, 2, adjustment="ALL")] == [49_000_000, 98_000_000, 98_000_000]
    assert [v for _, v in window(desk, 2, adjustment="ALL")] == [1_000_000] * 3
    assert [c for c, _ in window(desk, 2)] == [50_000_000, 100_000_000, 98_000_000]


def test_factors_are_multiplied_before_they_are_rounded(desk: Desk) -> None:
    announce(desk, 1, ratio="3:1")
    announce(desk, 2, ratio="1:3")
    bars(desk, "100.000001", 33, 100)
    assert window(desk, 2)[0] == (100_000_001, 1_000_000)


def test_a_split_is_not_seen_before_it_was_announced(desk: Desk) -> None:
    bars(desk, 100, 100, 50)
    announce(desk, 2, ratio="2:1")  # announced after the close of its ex session
    assert window(desk, 2)[0] == (100_000_000, 1_000_000)
    assert window(desk, 2, as_of=desk.now)[0] == (50_000_000, 2_000_000)


def test_a_cancelled_split_still_stood_before(desk: Desk) -> None:
    action = announce(desk, 1, ratio="2:1")
    bars(desk, 100, 50)
    before = desk.now
    desk.clock.move_to(desk.now + timedelta(seconds=1))
    desk.call("api.md_cancel_action", action_id=action, reason="wrong", now_at=desk.now)
    assert window(desk, 1, as_of=before)[0] == (50_000_000, 2_000_000)
    assert window(desk, 1, as_of=desk.now)[0] == (100_000_000, 1_000_000)


def test_a_correction_cancels_what_it_corrects(desk: Desk) -> None:
    wrong = announce(desk, 1, ratio="2:1")
    with pytest.raises(MqkError, match="MQA40"):
        announce(desk, 1, ratio="3:1")
    announce(desk, 1, ratio="4:1", cancels=str(wrong))
    bars(desk, 100, 25)
    assert window(desk, 1)[0] == (25_000_000, 4_000_000)
    with pytest.raises(MqkError, match="MQN11"):
        announce(desk, 2, ratio="4:1", cancels=str(wrong))


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    closes=st.lists(st.integers(1, 10**6), min_size=8, max_size=8),
    splits=st.dictionaries(
        st.integers(1, 7),
        st.tuples(st.integers(1, 9), st.integers(1, 9)).filter(lambda r: r[0] != r[1]),
        max_size=4,
    ),
    until=st.integers(0, 7),
)
def test_what_comes_later_changes_no_window_and_each_is_the_exact_ratio(
    closes: list[int], splits: dict[int, tuple[int, int]], until: int
) -> None:
    found = []
    for last in (until, 7):
        with SERVER.clone() as db:
            desk = Desk(db.url, strategy=GIVEN)
            for session, ratio in splits.items():
                if session <= last:
                    announce(desk, session, ratio="{}:{}".format(*ratio))
            bars(desk, *closes[: last + 1])
            found.append(window(desk, until))
            desk.conn.close()
    assert found[0] == found[1]
    for n, (close, _) in enumerate(found[0]):
        factor = Fraction(1)
        for session, (num, den) in splits.items():
            if n < session <= until:
                factor *= Fraction(den, num)
        exact = closes[n] * 1_000_000 * factor
        assert close == max(int(exact + Fraction(1, 2)), 1)


def test_a_strategy_sees_adjusted_bars_and_raw_ones_only_if_it_asks(db: Any) -> None:
    for adjustment, first in (("SPLITS", 50), ("RAW", 100)):
        with SERVER.clone() as other:
            desk = Desk(
                other.url, strategy=GIVEN, data={"adjustment": adjustment, "gap_window_bars": 2}
            )
            desk.start()
            announce(desk, 2, ratio="2:1")
            desk.close(2, ticks=("marketdata",), AAA=50, BBB=50)
            (seen,) = desk.call("io.get_strategy_context", run_id=desk.run_id, now_at=desk.now)
            assert [b[5] for b in seen["context"]["bars"]["AAA"]] == [first * 10**6, 50 * 10**6]
            desk.conn.close()


def jumps(desk: Desk, tolerance: int = 1000) -> list[tuple[date, str]]:
    """Jumps of AAA that nothing explains."""
    rows = desk.call(
        "md.list_unexplained_jumps",
        symbol="AAA",
        timeframe="1D",
        from_on=desk.days[0],
        tolerance_bps=tolerance,
        now_at=desk.now,
    )
    return [(r["session_on"], r["looks_like"]) for r in rows]


@pytest.mark.parametrize(
    ("price", "said"),
    [
        (50, "2 for 1"),
        (55, "2 for 1"),
        ("55.56", None),
        (67, "3 for 2"),
        (300, "1 for 3"),
        (90, None),
        (110, None),
    ],
)
def test_a_jump_near_a_usual_ratio_is_suspected(desk: Desk, price: Any, said: str | None) -> None:
    bars(desk, 100, price)
    assert jumps(desk) == ([(desk.days[1], said)] if said else [])
    assert jumps(desk, 0) == []


def test_an_announced_split_explains_its_jump(desk: Desk) -> None:
    bars(desk, 100, 50)
    announce(desk, 1, ratio="2:1")
    assert jumps(desk) == []


def test_a_split_that_the_bars_do_not_show_is_suspected(desk: Desk) -> None:
    bars(desk, 100, 100)  # a feed that adjusts by itself
    announce(desk, 1, ratio="2:1")
    assert jumps(desk) == [(desk.days[1], "1 for 2")]


def test_a_suspected_split_halts_until_it_is_announced_or_cleared(db: Any) -> None:
    desk = Desk(db.url, strategy=GIVEN, data={"split_tolerance_bps": 1000, "gap_window_bars": 2})
    desk.start()
    desk.close(2, ticks=("marketdata",), AAA=50, BBB=50)
    assert desk.status == "HALTED"
    assert "SPLIT_SUSPECTED: AAA from 100.000000 to 50.000000" in desk.halt_reason
    look = {"run_id": desk.run_id, "now_at": desk.now}
    with pytest.raises(MqkError, match="MQN12"):
        desk.call(
            "api.md_clear_jump", symbol="AAA", session_on=desk.days[9], reason="x", now_at=desk.now
        )
    args = {"symbol": "AAA", "session_on": desk.days[2], "reason": "a profit warning"}
    assert desk.value("api.md_clear_jump", **args, now_at=desk.now) is True
    assert desk.value("api.md_clear_jump", **args, now_at=desk.now) is False
    assert desk.value("io.evaluate_integrity", **look) == "complete"
    assert desk.broken_promises() == []
    desk.conn.close()


@pytest.mark.skipif(not REAL.is_dir(), reason="the real files are not here")
def test_the_splits_of_apple_are_found_and_its_crash_is_for_a_person(desk: Desk) -> None:
    with (REAL / "AAPL.csv").open() as source:
        rows = list(csv.DictReader(source))
    sessions = [
        {
            "session_on": row["date"],
            "opens_at": f"{row['date']}T14:00:00Z",
            "closes_at": f"{row['date']}T20:00:00Z",
            "is_half_day": False,
        }
        for row in rows
    ]
    desk.call(
        "api.md_load_calendar",
        exchange_id="XREA",
        time_zone="America/New_York",
        rows=sessions,
        now_at=desk.now,
    )
    listed = {"symbol": "AAPL", "exchange_id": "XREA", "instrument_kind": "EQUITY", "name": "Apple"}
    desk.call("api.md_load_instruments", rows=[listed], now_at=desk.now)
    desk.sql("set session_replication_role = replica")  # bars without their ingest: a quick load
    with desk.conn.cursor() as cursor:
        cursor.executemany(
            "insert into md.bars select 'AAPL', '1D', %s::timestamp + interval '20 hours', %s::date,"
            " (%s::numeric * 1e6)::bigint, (%s::numeric * 1e6)::bigint,"
            " (%s::numeric * 1e6)::bigint, (%s::numeric * 1e6)::bigint, %s::numeric::bigint,"
            " gen_random_uuid()",
            [
                (r["date"], r["date"], r["open"], r["high"], r["low"], r["close"], r["volume"])
                for r in rows
            ],
        )
    desk.sql("set session_replication_role = origin")
    found = desk.call(
        "md.list_unexplained_jumps",
        symbol="AAPL",
        timeframe="1D",
        from_on=date(1998, 1, 1),
        tolerance_bps=1000,
        now_at=desk.now,
    )
    assert {(r["session_on"].isoformat(), r["looks_like"]) for r in found} == {
        ("2000-06-21", "2 for 1"),
        ("2000-09-29", "2 for 1"),
        ("2005-02-28", "2 for 1"),
        ("2014-06-09", "7 for 1"),
        ("2020-08-31", "4 for 1"),
    }
