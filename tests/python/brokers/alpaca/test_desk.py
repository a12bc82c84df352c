"""Laws of the adapter at the desk: its run, its budget in the database, its workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from alpaca_kit import ACCOUNT, KEY, SECRET, FakeAlpaca, account, fill_row, order, permit, said
from kit import ALPACA, GIVEN, KEY_NAME, SECRET_NAME, Desk, close_of
from mqk.brokers import NotSent
from mqk.brokers.alpaca import AlpacaBroker, rest
from mqk.brokers.alpaca.budget import SharedBudget
from mqk.brokers.alpaca.channel import Item
from mqk.config.load import merge
from mqk.config.secrets import read_secrets
from mqk.errors import MqkError
from mqk.worker import Tick
from mqk.workers import broker_events, snapshots
from mqk.workers.wires import wire_broker, wire_marketdata, wire_snapshots

KEY_ENV = {KEY_NAME: KEY, SECRET_NAME: SECRET}


@pytest.fixture
def desk(db: Any) -> Iterator[Desk]:
    """A run at Alpaca; only its workers are not the kit's."""
    made = Desk(db.url, strategy=GIVEN, broker={**ALPACA, "account_id": ACCOUNT})
    made.clock.move_to(close_of(made.days[1]) + timedelta(minutes=5))
    yield made
    assert made.broken_promises() == []
    made.conn.close()


def tick_of(desk: Desk, kind: str, broker: AlpacaBroker | None = None) -> Tick:
    """A worker of the desk's run, as open_tick makes it."""
    run = desk.call("io.get_run", engine_id="TEST")[0]
    return Tick(desk.conn, run, kind, f"{kind}@test", desk.clock, broker)


def fake_of(desk: Desk) -> FakeAlpaca:
    """A broker whose clock and budget are the desk's."""
    fake = FakeAlpaca()
    fake.clock = fake.rest.clock = fake.broker.clock = fake.events.clock = desk.clock
    fake.events.since = fake.broker.since = desk.now - timedelta(hours=1)
    fake.rest.budget = SharedBudget(desk.conn, desk.run_id, desk.clock)
    fake.on("GET /v2/orders", said(200, [])).on("GET /v2/positions", said(200, []))
    return fake


def wired(desk: Desk, monkeypatch: pytest.MonkeyPatch, answer: Any, **env: str) -> Tick:
    """A worker wired to an Alpaca that answers the question for the account so."""

    def reply(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(rest.httpx, "HTTPTransport", lambda **_: httpx.MockTransport(reply))
    monkeypatch.setattr(rest, "FIRST_PAUSE", 0.0)
    monkeypatch.delenv("APCA_API_BASE_URL", raising=False)
    for name, value in {**KEY_ENV, **env}.items():
        monkeypatch.setenv(name, value)
    tick = tick_of(desk, "gateway")
    tick.secrets = read_secrets(tick.run)
    wire_broker(tick)
    return tick


def test_a_run_at_alpaca_is_wired_to_its_account(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick = wired(desk, monkeypatch, said(200, account()))
    assert isinstance(tick.broker, AlpacaBroker)
    assert tick.broker.rest.reads.base_url.host == "paper-api.alpaca.markets"
    assert tick.broker.since == desk.one("select created_at from run.runs")
    assert desk.one("select used from oms.budgets where account_id = %s", ACCOUNT) == 1
    tick.broker.close()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (said(200, account(account_number="PA3OTHER")), "MQG20"),
        (said(401, {"message": "unauthorized."}), "MQG21"),
        (said(500, ""), "08006"),
        (httpx.ConnectError("x"), "08006"),
    ],
)
def test_a_worker_is_not_wired_to_another_account_or_to_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, answer: Any, code: str
) -> None:
    with pytest.raises(MqkError) as caught:
        wired(desk, monkeypatch, answer)
    assert caught.value.code == code
    assert SECRET not in repr(caught.value)


def test_a_worker_without_keys_is_not_wired(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MqkError, match=f"MQG30.*SECRETS_MISSING {SECRET_NAME}\\)"):
        wired(desk, monkeypatch, said(200, account()), **{SECRET_NAME: ""})


def test_the_feed_needs_no_keys_and_the_snapshots_open_no_paper_account(
    desk: Desk,
) -> None:
    tick = tick_of(desk, "marketdata")
    tick.run = merge(tick.run, {"config": {"data": {"feed": "csv"}}})
    wire_marketdata(tick)
    assert tick.broker is None
    with pytest.raises(MqkError, match="MQG30"):
        wire_snapshots(tick_of(desk, "snapshots"))


def test_a_spent_budget_is_not_sent_with_the_instant_to_come_back(desk: Desk) -> None:
    fake = fake_of(desk).on("POST /v2/orders", said(200, order()))
    fake.broker.account()
    for _ in range(119):
        fake.rest.budget.take("READ")
    with pytest.raises(NotSent) as caught:
        fake.broker.submit(permit())
    assert caught.value.not_before == desk.now + timedelta(minutes=1)
    assert fake.count("POST") == 0
    fake.on("DELETE /v2/orders/x", httpx.Response(204))
    fake.broker.cancel("x")


def test_a_429_holds_every_worker_of_the_account(desk: Desk) -> None:
    reset = str(int(desk.now.timestamp()) + 30)
    busy = said(429, {"message": "too many requests."}, X_RateLimit_Reset=reset)
    fake = fake_of(desk).on("POST /v2/orders", busy)
    with pytest.raises(NotSent):
        fake.broker.submit(permit())
    row = desk.call("io.take_budget", run_id=desk.run_id, purpose="CANCEL", now_at=desk.now)[0]
    assert (row["is_granted"], row["retry_at"]) == (False, desk.now + timedelta(seconds=31))


def test_a_snapshot_of_alpaca_proves_that_the_books_agree(desk: Desk) -> None:
    fake = fake_of(desk).on("GET /v2/account", said(200, account(cash="100000")))
    assert snapshots.tick(tick_of(desk, "snapshots", fake.broker)) == 1
    assert desk.one("select verdict from recon.comparisons") == "CLEAN"
    fake.on("GET /v2/positions", said(200, [{"symbol": "AAA", "qty": "0.5", "side": "long"}]))
    desk.clock.move_to(desk.now + timedelta(seconds=1))
    snapshots.tick(tick_of(desk, "snapshots", fake.broker))
    assert desk.one("select drift_kind from recon.drifts") == "FRACTIONAL"


def test_a_broker_that_does_not_answer_gives_no_snapshot_and_does_not_end_the_worker(
    desk: Desk,
) -> None:
    fake = fake_of(desk).on("GET /v2/account", said(500, ""))
    assert snapshots.tick(tick_of(desk, "snapshots", fake.broker)) == 0
    assert desk.one("select count(*) from recon.snapshots") == 0


@pytest.mark.parametrize("worker", [snapshots, broker_events])
def test_keys_that_are_refused_halt_the_run(desk: Desk, worker: Any) -> None:
    fake = fake_of(desk).on("GET /v2/account", said(401, {"message": "unauthorized."}))
    for _ in range(2):
        with pytest.raises(MqkError, match="MQG21"):
            worker.tick(tick_of(desk, worker.__name__.rpartition(".")[2], fake.broker))
    assert desk.status == "HALTED"
    assert desk.halt_reason.startswith("worker: KEYS_REFUSED: 401")


def frames(desk: Desk, fake: FakeAlpaca, *texts: str) -> None:
    """Let the websocket bring these, and the worker carry them."""
    for text in texts:
        fake.events.items.put(Item("ws", "FRAME", text))
    broker_events.tick(tick_of(desk, "broker_events", fake.broker))


def test_what_nobody_can_read_is_kept_and_halts(desk: Desk) -> None:
    frames(desk, fake_of(desk), '{"stream": "trade_updates", "da')
    kept = desk.sql("select event_kind, disposition, raw from oms.inbox")
    assert [(r["event_kind"], r["disposition"]) for r in kept] == [("unreadable", "QUARANTINED")]
    assert desk.status == "HALTED"


def test_a_foreign_order_halts_and_is_kept_once_however_often_it_is_told(desk: Desk) -> None:
    fake = fake_of(desk)
    text = json.dumps({"event": "new", "timestamp": "2024-01-02T15:00:00Z", "order": order()})
    frames(desk, fake, text, text)
    frames(desk, fake, text)
    assert desk.one("select count(*) from oms.inbox") == 1
    assert desk.status == "HALTED"


def test_the_cursor_of_alpaca_is_stored_with_its_messages(desk: Desk) -> None:
    fake = fake_of(desk)
    rows = [fill_row(n) for n in (1, 2)]
    fake.on("GET /v2/account/activities/FILL", said(200, rows))
    fake.events.items.put(Item("ws", "LISTENING", ""))
    broker_events.tick(tick_of(desk, "broker_events", fake.broker))
    assert desk.one("select count(*) from oms.inbox") == 2
    cursor = json.loads(desk.value("io.get_cursor", run_id=desk.run_id))
    assert cursor["batch"] == 1
    again = fake_of(desk)
    again.on("GET /v2/account/activities/FILL", said(200, rows))
    again.events.items.put(Item("ws", "LISTENING", ""))
    broker_events.tick(tick_of(desk, "broker_events", again.broker))
    assert desk.one("select count(*) from oms.inbox") == 2
    assert json.loads(desk.value("io.get_cursor", run_id=desk.run_id))["batch"] == 2
