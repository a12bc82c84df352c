"""Laws of the request budget: a minute's requests are counted for the account, cancels go last out."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from kit import Desk
from mqk.db import call_row, connect
from mqk.errors import MqkError

LIMIT, RESERVE = 150, 30


def ask(desk: Desk, purpose: str = "READ", at: datetime | None = None) -> tuple[bool, Any]:
    """Ask for one request; give (is_granted, retry_at)."""
    rows = desk.call("io.take_budget", run_id=desk.run_id, purpose=purpose, now_at=at or desk.now)
    return rows[0]["is_granted"], rows[0]["retry_at"]


def spend(desk: Desk, count: int) -> None:
    """Ask `count` times; all are granted."""
    purposes = ["READ"] * min(count, LIMIT - RESERVE) + ["CANCEL"] * max(0, count - LIMIT + RESERVE)
    assert [ask(desk, purpose)[0] for purpose in purposes] == [True] * count


def report(desk: Desk, remaining: int | None, reset_at: datetime | None) -> None:
    """Say what the broker said."""
    desk.call(
        "io.report_budget",
        run_id=desk.run_id,
        remaining=remaining,
        reset_at=reset_at,
        now_at=desk.now,
    )


@pytest.mark.parametrize("purpose", ["SUBMIT", "READ"])
def test_all_but_the_reserve_is_granted_to_anybody(desk: Desk, purpose: str) -> None:
    spend(desk, LIMIT - RESERVE - 1)
    assert ask(desk, purpose) == (True, None)
    assert ask(desk, purpose) == (False, desk.now + timedelta(minutes=1))


def test_the_reserve_is_granted_to_cancels_only_and_then_to_nobody(desk: Desk) -> None:
    spend(desk, LIMIT - 1)
    assert ask(desk, "SUBMIT")[0] is False
    assert ask(desk, "CANCEL") == (True, None)
    assert ask(desk, "CANCEL") == (False, desk.now + timedelta(minutes=1))


def test_a_new_minute_begins_at_its_moment_and_not_before(desk: Desk) -> None:
    began = desk.now
    spend(desk, LIMIT)
    desk.clock.move_to(began + timedelta(seconds=60) - timedelta(microseconds=1))
    assert ask(desk) == (False, began + timedelta(minutes=1))
    desk.clock.move_to(began + timedelta(seconds=60))
    assert ask(desk) == (True, None)
    assert desk.one("select used from oms.budgets") == 1


def test_a_caller_whose_time_lags_counts_in_the_current_minute(desk: Desk) -> None:
    spend(desk, LIMIT)
    assert ask(desk, at=desk.now - timedelta(hours=1))[0] is False


@pytest.mark.parametrize(("left", "granted"), [(RESERVE, False), (RESERVE + 1, True)])
def test_what_the_broker_has_left_counts_when_it_is_less(
    desk: Desk, left: int, granted: bool
) -> None:
    report(desk, left, desk.now + timedelta(seconds=30))
    assert ask(desk, "SUBMIT")[0] is granted
    assert ask(desk, "CANCEL")[0] is True


def test_what_the_broker_has_left_goes_down_with_each_request(desk: Desk) -> None:
    report(desk, RESERVE + 2, desk.now)
    assert [ask(desk)[0] for _ in range(3)] == [True, True, False]


def test_a_higher_count_of_the_broker_changes_nothing(desk: Desk) -> None:
    report(desk, RESERVE, desk.now)
    report(desk, 199, desk.now)
    assert ask(desk)[0] is False


@pytest.mark.parametrize("purpose", ["SUBMIT", "READ", "CANCEL"])
def test_nothing_left_holds_everything_until_a_second_after_the_reset(
    desk: Desk, purpose: str
) -> None:
    reset = desk.now + timedelta(seconds=90)
    report(desk, 0, reset)
    held = reset + timedelta(seconds=1)
    desk.clock.move_to(held - timedelta(microseconds=1))
    assert ask(desk, purpose) == (False, held)
    desk.clock.move_to(held)
    assert ask(desk, purpose) == (True, None)


def test_a_reset_far_away_holds_for_five_minutes_at_most(desk: Desk) -> None:
    report(desk, 0, desk.now + timedelta(days=365))
    assert ask(desk) == (False, desk.now + timedelta(minutes=5))


def test_all_workers_of_an_account_share_its_budget(db: Any, desk: Desk) -> None:
    granted: list[bool] = []

    def worker() -> None:
        with connect(db.url) as conn:
            for _ in range(40):
                row = call_row(
                    conn,
                    "io.take_budget",
                    run_id=desk.run_id,
                    purpose="READ",
                    now_at=desk.now,
                )
                granted.append(bool(row and row["is_granted"]))

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(granted) == 160
    assert granted.count(True) == LIMIT - RESERVE


@pytest.mark.parametrize("purpose", ["", "submit", None])
def test_a_purpose_that_nobody_knows_is_refused(desk: Desk, purpose: str | None) -> None:
    with pytest.raises(MqkError, match="MQA02"):
        desk.call("io.take_budget", run_id=desk.run_id, purpose=purpose, now_at=desk.now)


@pytest.mark.parametrize(
    ("remaining", "code"), [(None, "MQA01"), (-1, "MQA02"), (1_000_001, "MQA02")]
)
def test_a_report_that_makes_no_sense_is_refused(
    desk: Desk, remaining: int | None, code: str
) -> None:
    with pytest.raises(MqkError, match=code):
        report(desk, remaining, desk.now)


def test_no_more_than_the_limit_can_be_counted(desk: Desk) -> None:
    spend(desk, 1)
    with pytest.raises(Exception, match="budgets_used_is_counted"):
        desk.sql("update oms.budgets set used = %s", LIMIT + 1)
