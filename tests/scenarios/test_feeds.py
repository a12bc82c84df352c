"""Laws of the market data worker at a provider: it asks for what is due, seldom, and fails without harm."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from feeds_kit import KEY, REGULAR, AlpacaDataServer, Provider, TwelveDataServer, make_market
from kit import Desk, close_of, sessions
from mqk.config.load import canonical, merge
from mqk.config.secrets import Secrets
from mqk.errors import MqkError
from mqk.feeds import Outside, open_feed
from mqk.workers.wires import wire_marketdata
from support import worker_url

DAYS = sessions()
AAA = make_market(["AAA", "BBB", "IDX"], "1D", date(2023, 12, 1), DAYS[20], REGULAR)


@pytest.fixture
def provider() -> Iterator[TwelveDataServer]:
    """Twelve Data with the days of the kit's market."""
    with TwelveDataServer(AAA, close_of(DAYS[0])) as made:
        yield made


def connect(desk: Desk, provider: Provider, **keys: str) -> None:
    """Wire the worker as systemd would, but for the clock, which is the desk's."""
    provider.clock = desk.clock
    t = desk.ticks["marketdata"]
    t.secrets = Secrets({**provider.env, **keys})
    wire_marketdata(t)


@pytest.fixture
def desk(db: Any, provider: TwelveDataServer) -> Iterator[Desk]:
    """A desk whose first feed is Twelve Data."""
    data = {"feed": "twelvedata", "feeds": provider.config, "gap_window_bars": 2}
    made = Desk(db.url, data=data)
    connect(made, provider)
    yield made
    assert made.broken_promises() == []


def close(desk: Desk, index: int) -> None:
    """Five minutes after a close, and a tick."""
    desk.clock.move_to(close_of(desk.days[index]) + timedelta(minutes=5))
    desk.tick("marketdata")


def asked(provider: Provider) -> list[tuple[str, str, str]]:
    """What was asked for since the last look: symbol, from, until."""
    found = [
        (p["symbol"], p["start_date"][:10], p["end_date"][:10]) for _, p, _ in provider.requests
    ]
    provider.requests.clear()
    return found


def test_the_first_tick_asks_for_the_window_and_the_next_for_what_is_due(
    desk: Desk, provider: TwelveDataServer
) -> None:
    close(desk, 4)
    first, last = DAYS[2].isoformat(), DAYS[4].isoformat()
    assert asked(provider) == [(symbol, first, last) for symbol in ("AAA", "BBB", "IDX")]
    assert desk.one("select count(*) from md.bars") == 9
    desk.tick("marketdata")
    assert asked(provider) == []  # nothing is due
    close(desk, 5)
    since = (DAYS[4] - timedelta(days=5)).isoformat()
    assert asked(provider) == [(s, since, DAYS[5].isoformat()) for s in ("AAA", "BBB", "IDX")]
    assert desk.one("select is_open from run.gates where gate = 'INTEGRITY'") is True


def test_a_bar_that_is_late_is_asked_for_at_growing_intervals(
    desk: Desk, provider: TwelveDataServer
) -> None:
    close(desk, 4)
    asked(provider)
    provider.market = {key: bars for key, bars in AAA.items() if key[0] != "AAA"}
    began = close_of(desk.days[5])
    desk.clock.move_to(began)
    times = []
    for second in range(0, 660, 5):
        desk.clock.move_to(began + timedelta(seconds=second))
        desk.tick("marketdata")
        times += [second for symbol, _, _ in asked(provider) if symbol == "AAA"]
    assert times == [0, 5, 15, 35, 75, 155, 315, 635]


def test_symbols_beyond_the_limit_are_asked_for_in_the_next_minute(
    desk: Desk, provider: TwelveDataServer
) -> None:
    provider.limit = 2
    close(desk, 4)
    assert [symbol for symbol, _, _ in asked(provider)] == ["AAA", "BBB"]
    for _ in range(5):
        desk.clock.move_to(desk.now + timedelta(seconds=11))
        desk.tick("marketdata")
    assert asked(provider) == []  # it is left alone
    desk.clock.move_to(desk.now + timedelta(seconds=11))
    desk.tick("marketdata")
    assert [symbol for symbol, _, _ in asked(provider)] == ["IDX"]
    assert desk.one("select count(*) from md.bars") == 9


def test_what_is_missing_in_the_window_is_asked_for_again(
    db: Any, provider: TwelveDataServer
) -> None:
    data = {"feed": "twelvedata", "feeds": provider.config, "gap_window_bars": 12}
    desk = Desk(db.url, data=data)
    connect(desk, provider)
    holed = [bar for bar in AAA["AAA", "1D"] if bar.day != DAYS[6].isoformat()]
    provider.market = {**AAA, ("AAA", "1D"): holed}
    close(desk, 14)
    assert desk.one("select is_open from run.gates where gate = 'INTEGRITY'") is False
    asked(provider)
    provider.market = AAA
    close(desk, 15)
    since = (DAYS[14] - timedelta(days=5)).isoformat()
    assert [day for _, day, _ in asked(provider)] == [DAYS[6].isoformat(), since, since]
    assert desk.one("select count(*) from md.bars where symbol = 'AAA'") == 14
    assert desk.one("select is_open from run.gates where gate = 'INTEGRITY'") is True


@pytest.mark.parametrize("fault", ["busy day", "wrong key", "error body", "html"])
def test_a_feed_that_fails_halts_nothing_and_is_told_of_once(
    desk: Desk, provider: TwelveDataServer, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    close(desk, 4)
    code = {"busy day": "MQS70", "wrong key": "MQG70", "error body": "MQA70", "html": "MQS72"}[
        fault
    ]
    provider.faults(*[fault] * 99)
    desk.clock.move_to(close_of(desk.days[5]))
    for _ in range(3):
        desk.clock.move_to(desk.now + timedelta(seconds=30))
        desk.tick("marketdata")
    assert desk.status != "HALTED"
    told = capsys.readouterr().err
    assert told.count("feed failed") == 1 and code in told
    provider.faults()
    desk.clock.move_to(desk.now + timedelta(days=1 if fault == "busy day" else 0, minutes=20))
    desk.tick("marketdata")
    assert "feed answers" in capsys.readouterr().err
    assert desk.one("select max(session_on) from md.bars") >= DAYS[5]


def test_bars_that_do_not_come_shut_the_gate_and_halt_a_running_run(db: Any) -> None:
    with TwelveDataServer(AAA, close_of(DAYS[0])) as provider:
        data = {"feed": "twelvedata", "feeds": provider.config, "gap_window_bars": 2}
        desk = Desk(db.url, data={**data, "stale_data_threshold_seconds": 3600})
        connect(desk, provider)
        desk.start()
        provider.faults(*["wrong key"] * 99)
        desk.clock.move_to(close_of(desk.days[2]) + timedelta(minutes=59))
        desk.tick("marketdata")
        assert desk.status == "RUNNING"
        desk.clock.move_to(close_of(desk.days[2]) + timedelta(minutes=61))
        desk.tick("marketdata")
    assert desk.status == "HALTED"
    assert "INTEGRITY" in desk.halt_reason


def test_the_second_feed_is_asked_by_the_same_worker_and_gives_observations(db: Any) -> None:
    with TwelveDataServer(AAA) as first, AlpacaDataServer(AAA) as second:
        data = {"feed": "twelvedata", "second_feed": "alpaca_data", "gap_window_bars": 2}
        desk = Desk(db.url, data={**data, "feeds": {**first.config, **second.config}})
        connect(desk, first, **second.env)
        second.clock = desk.clock
        close(desk, 4)
        close(desk, 5)
    assert desk.one("select count(*) from md.bars") == 15
    assert desk.one("select count(*) from md.observations where feed = 'alpaca_data'") == 15
    marks = desk.sql("select distinct feed from md.feed_marks order by feed")
    assert [row["feed"] for row in marks] == ["alpaca_data", "twelvedata"]


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"feed": "twelvedata", "second_feed": "twelvedata"}, "data.second_feed"),
        ({"gap_window_bars": 2, "gap_tolerance_bars": 2}, "data.gap_tolerance_bars"),
    ],
)
def test_one_feed_is_not_its_own_second_opinion_and_a_window_not_all_tolerance(
    db: Any, data: dict[str, Any], path: str
) -> None:
    desk = Desk(db.url)
    config = canonical(merge(desk.config, {"data": data}))
    row = desk.act("run_create", config=config, as_of_at=desk.now)
    assert row["error_code"] == "MQA07"
    assert f"CONFIG_DATA_TERMS {path}" in row["detail"]


def test_a_worker_without_the_key_of_its_feed_does_not_start(
    db: Any, provider: TwelveDataServer
) -> None:
    desk = Desk(db.url, data={"feed": "twelvedata", "feeds": provider.config})
    with pytest.raises(MqkError, match="MQG30") as no:
        connect(desk, provider, TWELVEDATA_TEST_KEY="")
    assert "TWELVEDATA_TEST_KEY" in no.value.detail


def test_a_strategy_decides_on_bars_that_a_provider_gave(db: Any) -> None:
    with TwelveDataServer(AAA, close_of(DAYS[0])) as provider:
        data = {"feed": "twelvedata", "feeds": provider.config, "gap_window_bars": 2}
        desk = Desk(db.url, data=data)
        connect(desk, provider)
        desk.start()
        close(desk, 2)
        desk.tick("strategist")
        assert desk.one("select max(bar_end_at) from strat.decisions") == close_of(DAYS[2])


def test_the_worker_as_a_process_stores_what_the_provider_has(db: Any) -> None:
    market = make_market(["AAA", "BBB", "IDX"], "1D", DAYS[50], DAYS[-1], REGULAR)
    with TwelveDataServer(market, close_of(DAYS[-1])) as provider:
        data = {"feed": "twelvedata", "feeds": provider.config, "gap_window_bars": 2}
        desk = Desk(db.url, data=data)
        url = worker_url(db.url, "marketdata")
        env = {**os.environ, **provider.env, "MQK_DATABASE_URL": url, "MQK_ENGINE": "TEST"}
        command = [str(Path(sys.executable).with_name("mqk")), "worker", "marketdata", "--once"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert KEY not in done.stderr
    assert desk.one("select count(*) from md.bars") == 9, done.stderr
    assert desk.one("select max(session_on) from md.bars") == DAYS[-1]


def test_asks_are_counted_from_one_and_never_before_the_bar_has_ended(
    desk: Desk, provider: TwelveDataServer
) -> None:
    close(desk, 4)
    for change in ("asks = 0", "asked_at = bar_end_at - interval '1 us'"):
        with pytest.raises(psycopg.errors.CheckViolation):
            desk.sql(f"update md.feed_asks set {change}")


def test_a_run_that_does_not_exist_wants_nothing(desk: Desk) -> None:
    with pytest.raises(MqkError, match="MQN02"):
        desk.call(
            "io.take_feed_wants", run_id="00000000-0000-0000-0000-000000000000", feed="csv",
            is_metered=True, now_at=desk.now,
        )  # fmt: skip


def test_the_laws_of_feeds_are_the_registrys(desk: Desk) -> None:
    from mqk.feeds import errors

    kinds = {cls.kind[:2] for cls in errors.FeedError.__subclasses__()}
    registered = desk.sql("select error_code, law from core.error_codes")
    assert kinds <= {(row["error_code"], row["law"]) for row in registered}
    assert len(kinds) == 7


def test_a_feed_of_files_has_every_option_refused_that_it_does_not_take() -> None:
    with pytest.raises(MqkError, match="MQA70"):
        open_feed("csv", {"csv": {"paths": "x"}}, Outside())
