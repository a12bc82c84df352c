"""Laws of the notices: what happened is told, nothing else is, and nobody who trades waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from discord_kit import CHANNELS, Discord, busy
from kit import GIVEN, Desk
from mqk.brokers import Unauthorized, Unsure
from mqk.db import call
from mqk.errors import MqkError
from mqk.notices import Lines, Receipt, Undelivered
from mqk.worker import Tick
from mqk.workers import notifier
from recon_kit import hand_in, settle, submit, trade
from support import Database


@pytest.fixture
def discord() -> Iterator[Discord]:
    """A Discord of our own."""
    with Discord() as made:
        yield made


def notify(desk: Desk, discord: Discord) -> Tick:
    """A notifier of the desk that posts there."""
    tick = Tick(desk.conn, desk.run, "notifier", "notifier@test", desk.clock)
    webhooks = {channel.upper(): discord.webhook(channel) for channel in CHANNELS}
    tick.wires.update(webhooks=webhooks, lines=Lines(discord.log))
    return tick


def tell(desk: Desk, seconds: float = 3600) -> dict[tuple[str, str], str]:
    """Claim all that waits after some time and say that it arrived; give text by channel and event."""
    wait(desk, seconds)
    for message in claim(desk):
        end(desk, message)
    rows = desk.sql(
        "select * from pager.notices where delivered_at is not null order by happened_at"
    )
    return {(row["channel"], row["event_name"]): row["notice_text"] for row in rows}


def wait(desk: Desk, seconds: float) -> None:
    """Let time pass."""
    desk.clock.move_to(desk.now + timedelta(seconds=seconds))


def claim(desk: Desk, conn: Any = None) -> list[dict[str, Any]]:
    """What a notifier is given."""
    asked = {"run_id": desk.run_id, "worker_name": "n", "now_at": desk.now}
    return call(conn or desk.conn, "io.claim_notices", **asked)


def end(desk: Desk, message: dict[str, Any], reason: str | None = None, rest_ms: int = 0) -> bool:
    """Say that a message arrived, or why it did not."""
    what = {key: message[key] for key in ("channel", "delivery_no")}
    word = {"receipt": "ok"} if reason is None else {"reason": reason}
    door = f"io.mark_notices_{'delivered' if reason is None else 'failed'}"
    return bool(
        desk.value(door, run_id=desk.run_id, **what, **word, rest_ms=rest_ms, now_at=desk.now)
    )


def halt(desk: Desk, reason: str = "fire") -> None:
    """A person halts the run."""
    desk.act("run_halt", run_id=desk.run_id, reason=reason)


def alerts(desk: Desk) -> list[dict[str, Any]]:
    """What a notifier is given for the channel ALERTS."""
    return [message for message in claim(desk) if message["channel"] == "ALERTS"]


def refuse_keys(desk: Desk) -> None:
    """The broker does not accept our keys."""
    desk.plan(2, AAA=10)
    desk.ticks["gateway"].broker = Failing(desk.broker, Unauthorized("401 unauthorized"))
    with pytest.raises(MqkError, match="MQG21"):
        desk.tick("gateway")


def doubt(desk: Desk) -> None:
    """The broker does not answer."""
    desk.plan(2, AAA=10)
    desk.ticks["gateway"].broker = Failing(desk.broker, Unsure("timed out"))
    desk.tick("gateway")


class Failing:
    """A broker whose submits fail."""

    def __init__(self, broker: Any, fault: Exception) -> None:
        self.broker, self.fault = broker, fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self.broker, name)

    def submit(self, _: Any) -> str:
        """Fail."""
        raise self.fault


def drift(desk: Desk) -> None:
    """The broker shows less cash than we have."""
    trade(desk)
    settle(desk, cash="1")


def contradict(desk: Desk) -> None:
    """The broker tells of an order that nobody gave."""
    desk.receive(
        desk.event("TEST_nobody", "fill", broker_order_id="b-9", qty=1, price=1, cum_qty=1)
    )


def fall_silent(desk: Desk) -> None:
    """No worker shows a sign of life."""
    wait(desk, 864001)
    desk.call("io.expire_deadmen", now_at=desk.now)


def lie(desk: Desk) -> None:
    """The broker sends a snapshot that proves nothing."""
    assert hand_in(desk, {})[0] == "REFUSED"


def ask_too_much(desk: Desk) -> None:
    """A person asks for what is refused."""
    assert desk.act("run_begin", run_id=desk.run_id)["outcome"] == "REFUSED"


FACTS: list[tuple[Callable[[Desk], None], str, str, str, str]] = [
    (halt, "ALERTS", "RUN_HALTED", "CRITICAL", "fire"),
    (refuse_keys, "ALERTS", "RUN_HALTED", "CRITICAL", "KEYS_REFUSED: 401"),
    (doubt, "ALERTS", "OUTBOX_AMBIGUOUS", "CRITICAL", "timed out"),
    (drift, "ALERTS", "COMPARED_DIRTY", "CRITICAL", "CASH USD: ours"),
    (contradict, "ALERTS", "MESSAGE_QUARANTINED", "CRITICAL", "TEST_nobody"),
    (fall_silent, "HEARTBEAT", "GATE_SHUT", "CRITICAL", "deadman expired"),
    (lie, "ALERTS", "SNAPSHOT_REFUSED", "WARN", "defect"),
    (ask_too_much, "C2", "ACTION_REFUSED", "WARN", "MQS01"),
    (trade, "PAPER", "FILL_BOOKED", "INFO", "fill qty 10"),
]


@pytest.mark.parametrize(
    ("happen", "channel", "event", "severity", "words"), FACTS, ids=[f[0].__name__ for f in FACTS]
)
def test_a_fact_is_told_where_and_as_urgently_as_its_rule_says(
    given_desk: Desk,
    happen: Callable[[Desk], None],
    channel: str,
    event: str,
    severity: str,
    words: str,
) -> None:
    happen(given_desk)
    told = tell(given_desk)
    assert words in told[channel, event]
    rows = given_desk.sql(
        "select distinct severity from pager.notices where channel = %s and event_name = %s",
        channel,
        event,
    )
    assert severity in [row["severity"] for row in rows]


def test_the_life_of_a_run_is_told_in_the_channel_of_its_mode_and_in_c2(given_desk: Desk) -> None:
    given_desk.act("run_stop", run_id=given_desk.run_id, reason="tea")
    told = set(tell(given_desk))
    life = {"RUN_ARMED", "RUN_RUNNING", "RUN_STOPPED"}
    assert {("PAPER", event) for event in life} | {("C2", event) for event in life} <= told


def test_what_was_rolled_back_is_not_told(given_desk: Desk) -> None:
    tell(given_desk)
    with given_desk.conn.transaction(force_rollback=True):
        halt(given_desk)
    wait(given_desk, 60)
    assert claim(given_desk) == []


def test_a_notice_is_delivered_once(given_desk: Desk, discord: Discord) -> None:
    halt(given_desk)
    tick = notify(given_desk, discord)
    assert [notifier.tick(tick) > 0, notifier.tick(tick)] == [True, 0]
    wait(given_desk, 3600)
    assert notifier.tick(tick) == 0
    assert discord.titles("alerts") == ["TEST: RUN_HALTED"]


def test_a_delivered_notice_stays_delivered(given_desk: Desk) -> None:
    halt(given_desk)
    tell(given_desk)
    for change in ("delivered_at = null", "attempts = attempts + 1"):
        with pytest.raises(psycopg.Error) as no:
            given_desk.sql(f"update pager.notices set {change}")
        assert no.value.sqlstate == "MQI04"


def test_what_a_notice_says_never_changes(given_desk: Desk) -> None:
    halt(given_desk)
    claim(given_desk)
    for change in ("notice_text = 'all is well'", "severity = 'INFO'", "channel = 'C2'"):
        with pytest.raises(psycopg.Error) as no:
            given_desk.sql(f"update pager.notices set {change}")
        assert no.value.sqlstate == "MQI04"


def test_a_notice_without_an_event_cannot_exist(given_desk: Desk) -> None:
    forged = (
        "insert into pager.notices (engine_id, notice_id, chain_id, event_seq, event_name, channel,"
        " severity, notice_text, happened_at, attempts) select engine_id, run_id, run_id, 9999,"
        " 'RUN_HALTED', 'ALERTS', 'CRITICAL', 'x', created_at, 0 from run.runs"
    )
    with pytest.raises(psycopg.Error) as no:
        given_desk.sql(forged)
    assert no.value.diag.constraint_name == "notices_tell_an_event"


def test_one_sender_a_channel(given_desk: Desk, db: Database) -> None:
    halt(given_desk)
    with db.connect() as other:
        first = claim(given_desk)
        assert "ALERTS" in [message["channel"] for message in first]
        assert claim(given_desk, other) == []


def test_two_that_claim_at_once_do_not_both_send(given_desk: Desk, db: Database) -> None:
    halt(given_desk)
    with db.connect() as other, other.transaction():
        first = claim(given_desk, other)
        given_desk.sql("set lock_timeout = '100ms'")
        with pytest.raises(MqkError, match="55P03"):
            claim(given_desk)
    assert [first != [], claim(given_desk)] == [True, []]


def test_a_second_delivery_beside_one_that_is_under_way_cannot_exist(given_desk: Desk) -> None:
    halt(given_desk)
    claim(given_desk)
    forged = (
        "insert into pager.deliveries (engine_id, channel, delivery_no, worker_name, actor,"
        " delivery_status, failures, detail, begun_at, expires_at) select engine_id, channel,"
        " delivery_no + 1, 'x', 'x', 'BEGUN', 0, '', begun_at, expires_at from pager.deliveries"
    )
    with pytest.raises(psycopg.Error) as no:
        given_desk.sql(forged)
    assert no.value.diag.constraint_name == "one_delivery_at_a_time"


def test_a_storm_is_one_message_with_the_worst_first(given_desk: Desk, discord: Discord) -> None:
    tell(given_desk)
    for n in range(40):
        given_desk.sql(
            "select audit.append_event(%s, 'OMS', 'OUTBOX_AMBIGUOUS', %s, %s)",
            given_desk.run_id, f'{{"reason": "no {n:02}"}}', given_desk.now,
        )  # fmt: skip
    lie(given_desk)
    wait(given_desk, 10)
    assert notifier.tick(notify(given_desk, discord)) == 41
    embed = discord.posts("alerts")[0]["embeds"][0]
    assert embed["title"] == "TEST: 40 OUTBOX_AMBIGUOUS, SNAPSHOT_REFUSED"
    lines = embed["description"].splitlines()
    assert [line.split(": ")[-1] for line in lines[:8]] == [f"no {n:02}" for n in range(8)]
    assert lines[8:] == ["(33 more)"]
    assert embed["footer"]["text"] == "ALERTS 1, 41 notices"


def test_title_and_body_are_bounded(given_desk: Desk) -> None:
    tell(given_desk)
    for n in range(30):
        given_desk.sql(
            "select audit.append_event(%s, 'OMS', 'OUTBOX_AMBIGUOUS', jsonb_build_object("
            "'reason', repeat('\u00e4 ', 400), 'n', %s::int), %s)", given_desk.run_id, n, given_desk.now,
        )  # fmt: skip
    message = alerts(given_desk)[0]
    assert (len(message["title"]) <= 100, 2000 < len(message["body"]) <= 2800) == (True, True)


def test_the_same_drift_is_told_once_an_hour(given_desk: Desk) -> None:
    drift(given_desk)
    counted = "select count(*) from pager.notices where event_name = 'COMPARED_DIRTY'"
    for _ in range(5):
        assert submit(given_desk, cash="1") == "DIRTY"
    assert given_desk.one("select count(*) from recon.comparisons where verdict = 'DIRTY'") == 6
    tell(given_desk, 0)
    texts = given_desk.sql(
        "select notice_text from pager.notices where event_name = 'COMPARED_DIRTY'"
    )
    assert len({row["notice_text"] for row in texts}) == len(texts) == 1
    given_desk.clock.move_to(given_desk.now + timedelta(hours=1))
    submit(given_desk, cash="1")
    tell(given_desk, 10)
    assert given_desk.one(counted) == 2


@pytest.mark.parametrize(("failures", "pause"), [(1, 10), (2, 20), (3, 40)])
def test_a_failed_delivery_is_tried_again_after_a_growing_pause(
    given_desk: Desk, failures: int, pause: int
) -> None:
    halt(given_desk)
    for _ in range(failures):
        message = alerts(given_desk)[0]
        assert end(given_desk, message, "500")
        wait(given_desk, 0 if message["delivery_no"] == failures else 3600)
    wait(given_desk, pause - 0.000001)
    assert alerts(given_desk) == []
    wait(given_desk, 0.000001)
    assert alerts(given_desk)[0]["delivery_no"] == failures + 1


def test_a_delivered_message_forgets_the_failures_before(given_desk: Desk) -> None:
    halt(given_desk)
    end(given_desk, alerts(given_desk)[0], "500")
    wait(given_desk, 10)
    end(given_desk, alerts(given_desk)[0])
    lie(given_desk)
    wait(given_desk, 5)
    assert len(alerts(given_desk)) == 1


@pytest.mark.parametrize(("rest", "seconds"), [(busy(30.0), 31), (busy(2000.0), 2001)])
def test_a_429_is_honoured_to_the_moment(
    given_desk: Desk, discord: Discord, rest: Any, seconds: int
) -> None:
    halt(given_desk)
    discord.faults("alerts", rest)
    tick = notify(given_desk, discord)
    notifier.tick(tick)
    wait(given_desk, seconds - 0.000001)
    notifier.tick(tick)
    assert len(discord.posts("alerts")) == 1
    wait(given_desk, 0.000001)
    notifier.tick(tick)
    assert len(discord.posts("alerts")) == 2
    assert given_desk.one("select count(*) from pager.notices where channel = 'ALERTS'"
                          " and delivered_at is null") == 0  # fmt: skip


@pytest.mark.parametrize("rest_ms", [-1, 3_600_001, None])
def test_nobody_asks_to_be_left_alone_for_ever(given_desk: Desk, rest_ms: int | None) -> None:
    halt(given_desk)
    message = alerts(given_desk)[0]
    with pytest.raises(MqkError, match="MQA02"):
        end(given_desk, message, "x", rest_ms)  # type: ignore[arg-type]


def test_a_notice_is_given_up_after_ten_deliveries_and_stays_to_be_seen(given_desk: Desk) -> None:
    halt(given_desk)
    for _ in range(10):
        end(given_desk, alerts(given_desk)[0], "500 no")
        wait(given_desk, 3600)
    assert alerts(given_desk) == []
    rows = given_desk.call("api.notices_list", engine_id="TEST", limit=100)
    seen = [row for row in rows if (row["channel"], row["event_name"]) == ("ALERTS", "RUN_HALTED")]
    assert [(row["attempts"], row["said"], row["delivered_at"]) for row in seen] == [
        (10, "500 no", None)
    ]
    assert seen[0]["given_up_at"] is not None


def test_a_notifier_that_fell_silent_is_replaced_after_a_minute(given_desk: Desk) -> None:
    halt(given_desk)
    lost = alerts(given_desk)[0]
    wait(given_desk, 59.999999)
    assert alerts(given_desk) == []
    wait(given_desk, 0.000001)
    assert alerts(given_desk) == []  # the channel rests, as after any delivery that failed
    wait(given_desk, 10)
    again = alerts(given_desk)[0]
    assert (again["delivery_no"], again["title"]) == (lost["delivery_no"] + 1, lost["title"])
    assert [end(given_desk, lost), end(given_desk, again), end(given_desk, again)] == [
        False,
        True,
        False,
    ]


def test_ten_lost_deliveries_are_given_up_too(given_desk: Desk) -> None:
    halt(given_desk)
    for _ in range(10):
        assert len(alerts(given_desk)) == 1
        wait(given_desk, 60)
        assert alerts(given_desk) == []
        wait(given_desk, 3600)
    assert alerts(given_desk) == []


def test_a_webhook_that_is_gone_is_not_asked_again(given_desk: Desk, discord: Discord) -> None:
    halt(given_desk)
    discord.faults("alerts", 404)
    tick = notify(given_desk, discord)
    notifier.tick(tick)
    wait(given_desk, 10)
    notifier.tick(tick)
    assert len(discord.posts("alerts")) == 1
    assert '"title": "TEST: RUN_HALTED"' in discord.log.getvalue()


def test_a_channel_without_a_webhook_is_told_in_lines(given_desk: Desk, discord: Discord) -> None:
    halt(given_desk)
    tick = notify(given_desk, discord)
    tick.wires["webhooks"].clear()
    assert notifier.tick(tick) > 0
    lines = discord.log.getvalue().splitlines()
    assert ("fire" in lines[0], discord.received) == (True, [])


def test_what_a_webhook_does_not_take_stands_in_the_log_at_once(
    given_desk: Desk, discord: Discord, capsys: pytest.CaptureFixture[str]
) -> None:
    halt(given_desk)
    discord.faults("alerts", Discord.STALL)
    notifier.tick(notify(given_desk, discord))
    said = [line for line in capsys.readouterr().err.splitlines() if "undelivered" in line]
    assert "RUN_HALTED" in said[0]


def test_nobody_who_trades_waits_for_the_notifier(given_desk: Desk, db: Database) -> None:
    given_desk.plan(2, AAA=10)
    with db.connect() as other, other.transaction():
        assert claim(given_desk, other) != []
        given_desk.sql("set lock_timeout = '100ms'")
        given_desk.tick("gateway", "broker_events", "snapshots")
        halt(given_desk)
    assert given_desk.status == "HALTED"


def test_the_notifier_waits_for_nobody_who_trades(given_desk: Desk, db: Database) -> None:
    with db.connect() as other, other.transaction():
        other.execute("lock table run.runs in exclusive mode")
        other.execute("select from run.engines for no key update")
        other.execute("select from audit.chains for no key update")
        given_desk.sql("set lock_timeout = '100ms'")
        assert claim(given_desk) != []


@pytest.mark.parametrize("seconds", [-5, 5])
def test_a_notifier_with_a_wrong_clock_is_refused(db: Database, seconds: int) -> None:
    desk = Desk(db.url, strategy=GIVEN, runtime={"clock": "SERVER"})
    desk.clock.at = desk.one("select clock_timestamp()") + timedelta(seconds=seconds)
    with pytest.raises(MqkError, match="MQA03"):
        claim(desk)


def test_a_sink_is_told_what_it_needs_and_no_more(given_desk: Desk) -> None:
    halt(given_desk)
    tick = Tick(given_desk.conn, given_desk.run, "notifier", "n", given_desk.clock)

    class Picky:
        def send(self, message: dict[str, Any]) -> Receipt:
            assert sorted(message) == [
                "body", "channel", "delivery_no", "notices", "severity", "title",
            ]  # fmt: skip
            raise Undelivered("https://discord.com/api/webhooks/1/very-secret said no")

    tick.wires.update(webhooks={}, lines=Picky())
    assert notifier.tick(tick) == 0
    details = given_desk.sql("select detail from pager.deliveries where delivery_status = 'FAILED'")
    assert {row["detail"] for row in details} == {"https://discord.com/api/webhooks/*** said no"}


def test_a_gate_that_shuts_is_told_in_heartbeat_only_if_its_rule_says_so(given_desk: Desk) -> None:
    drift(given_desk)
    told = tell(given_desk)
    assert ("ALERTS", "GATE_SHUT") in told
    assert ("HEARTBEAT", "GATE_SHUT") not in told


def test_the_worst_goes_out_first(given_desk: Desk) -> None:
    tell(given_desk)
    given_desk.sql(
        "select audit.append_event(r.run_id, 'RECON', 'SNAPSHOT_REFUSED',"
        " jsonb_build_object('defect', n), %s)"
        " from run.runs as r cross join generate_series(1, 600) as n",
        given_desk.now,
    )
    halt(given_desk)
    wait(given_desk, 10)
    first = alerts(given_desk)[0]
    assert (first["notices"], first["severity"]) == (500, "CRITICAL")
    assert first["body"].splitlines()[0].endswith("fire")
    end(given_desk, first)
    wait(given_desk, 10)
    rest = alerts(given_desk)[0]
    assert (rest["notices"], rest["severity"]) == (101, "WARN")
