"""Laws of the loop that all workers share. Each test drives serve() itself, with a tick of its own."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from kit import Desk
from mqk.config.load import canonical
from mqk.errors import MqkError
from mqk.worker import Job, Tick, open_tick, serve
from mqk.workers import strategist

NEVER = 60.0  # an interval that no test waits for


@pytest.fixture
def handlers() -> Iterator[None]:
    """serve() takes the signals; the test gives them back."""
    before = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def desk(db: Any, handlers: None) -> Iterator[Desk]:
    """A running desk."""
    made = Desk(db.url)
    made.start()
    made.url = db.login_url("mqk_recon")  # type: ignore[attr-defined]
    made.gateway_url = db.login_url("mqk_dispatch")  # type: ignore[attr-defined]
    yield made
    made.conn.close()


def test_a_workers_session_plans_by_key_and_never_for_the_values_at_hand(desk: Any) -> None:
    job = Job("gateway", lambda _: 0, "mqk_outbox", lambda _: None)
    t = open_tick(job, desk.gateway_url, "TEST", "t")
    assert t is not None
    with t.conn:
        for setting, value in (
            ("plan_cache_mode", "force_generic_plan"),
            ("enable_seqscan", "off"),
        ):
            row = t.conn.execute("select current_setting(%s) as is", [setting]).fetchone()
            assert row == {"is": value}


def end() -> None:
    """What systemd does."""
    os.kill(os.getpid(), signal.SIGTERM)


def job(
    *steps: Callable[[Tick], Any], channel: str = "mqk_run", wired: list[Any] | None = None
) -> Job:
    """A worker that takes these steps, one a tick, and then is told to stop."""
    left = list(steps)

    def tick(t: Tick) -> int:
        step = left.pop(0) if left else lambda _: None
        if not left:
            end()
        step(t)
        return 0

    return Job(
        "deadman", tick, channel, lambda t: (wired if wired is not None else []).append(t.run_id)
    )


def refuse(code: str) -> Callable[[Tick], None]:
    """A step that a door refuses."""

    def step(_: Tick) -> None:
        raise MqkError(code, "a law", "the values")

    return step


def run(desk: Desk, made: Job, *, once: bool = False, interval: float = 0.01) -> None:
    """Serve the desk's engine."""
    serve(made, desk.url, "TEST", once=once, interval=interval)  # type: ignore[attr-defined]


def test_once_is_one_tick(desk: Desk) -> None:
    ticks: list[Any] = []
    run(desk, job(ticks.append, ticks.append), once=True, interval=NEVER)
    assert len(ticks) == 1


def test_an_engine_without_a_run_is_no_error(db: Any, handlers: None) -> None:
    serve(job(), db.login_url("mqk_recon"), "NOBODY", once=True, interval=NEVER)


def test_a_refusal_is_told_and_the_loop_goes_on(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Any] = []
    run(desk, job(refuse("MQG01"), seen.append))
    assert len(seen) == 1
    assert '"error": "MQG01"' in capsys.readouterr().err
    assert desk.status == "RUNNING"


def test_a_refusal_ends_a_worker_that_cron_started(desk: Desk) -> None:
    with pytest.raises(MqkError, match="MQG01"):
        run(desk, job(refuse("MQG01")), once=True)


@pytest.mark.parametrize("code", ["MQI03", "XX000"])
def test_a_broken_invariant_halts_the_run(desk: Desk, code: str) -> None:
    run(desk, job(refuse(code)))
    assert desk.status == "HALTED"
    assert desk.halt_reason == f"worker: {code}: a law (the values)"


def test_a_lost_session_is_opened_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mqk.worker.RECONNECT_SECONDS", 0.1)
    pids: list[int] = []

    def lose(t: Tick) -> None:
        pids.append(t.conn.info.backend_pid)
        desk.sql("select pg_terminate_backend(%s)", pids[0])
        t.beat()

    run(desk, job(lose, lambda t: pids.append(t.conn.info.backend_pid)))
    assert len(set(pids)) == 2
    assert desk.status == "RUNNING"


def test_the_next_run_of_the_engine_is_wired_anew(desk: Desk) -> None:
    wired: list[Any] = []

    def follow(_: Tick) -> None:
        desk.act("run_stop", run_id=desk.run_id, reason="over")
        config = dict(
            desk.config, broker={**desk.config["broker"], "account_id": "PAPER-TEST-0002"}
        )
        made = desk.act("run_create", config=canonical(config), as_of_at=desk.now)
        assert made["outcome"] == "DONE", made

    served: list[Any] = []
    run(desk, job(follow, lambda t: served.append(t.run_id), wired=wired))
    assert len(wired) == 2
    assert served == [wired[1]]
    assert wired[0] == desk.run_id != wired[1]


def test_a_notice_wakes_a_worker_long_before_its_interval(desk: Desk) -> None:
    def notify_soon(_: Tick) -> None:
        def later() -> None:
            time.sleep(0.3)
            with psycopg.connect(desk.url, autocommit=True) as conn:  # type: ignore[attr-defined]
                conn.execute("notify mqk_bars")

        threading.Thread(target=later).start()

    began = time.monotonic()
    run(desk, job(notify_soon, lambda _: None, channel="mqk_bars"), interval=NEVER)
    assert time.monotonic() - began < NEVER / 2


def test_a_strategy_that_cannot_be_loaded_does_not_keep_the_others_away(
    db: Any, handlers: None, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr(strategist, "names", lambda: ["no_such_strategy", "mean_reversion"])
    serve(strategist.JOB, db.login_url("mqk_strategy"), "NOBODY", once=True, interval=NEVER)
    with db.connect() as conn:
        rows = conn.execute("select strategy_id from strat.strategies order by 1").fetchall()
    assert [r["strategy_id"] for r in rows] == ["mean_reversion", "sma_trend_sql"]


def test_a_stop_is_obeyed_long_before_the_interval(desk: Desk) -> None:
    began = time.monotonic()
    run(desk, job(lambda _: threading.Timer(0.3, end).start(), lambda _: None), interval=NEVER)
    assert time.monotonic() - began < NEVER / 2
