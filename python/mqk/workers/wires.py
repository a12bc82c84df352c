"""The wires of the workers to the outside: which broker, which feed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from mqk.brokers import Unauthorized
from mqk.brokers.paper import PaperBroker
from mqk.config.secrets import PAPER_URL
from mqk.db import call, connect
from mqk.errors import MqkError
from mqk.feeds import Outside, open_feed
from mqk.log import log
from mqk.worker import Tick

PATIENCE = 2.0  # seconds that a worker waits for a feed, which is as long as it can do nothing else


def wire_nothing(_: Tick) -> None:
    """For workers that only talk to the database."""


def find_broker_name(t: Tick) -> str:
    """The broker that the run's config names."""
    return str(t.run["config"]["broker"]["name"])


def refuse_keys(t: Tick, no: Unauthorized) -> MqkError:
    """Halt the run, because the broker does not accept our keys; give the error to raise.

    Trying again cannot help, and a desk without a broker must not believe that it trades.
    """
    call(t.conn, "io.halt_run", run_id=t.run_id, reason=f"KEYS_REFUSED: {no}"[:300], now_at=t.now)
    return MqkError(
        "MQG21",
        "the broker accepts the keys",
        str(no),
        "Look at the key and its secret in the environment; then clear the run.",
    )


def wire_broker(t: Tick) -> None:
    """Connect the broker that the run's config names. The paper broker may live elsewhere."""
    name = find_broker_name(t)
    if name == "paper":
        elsewhere = t.secrets.find(PAPER_URL)
        conn = connect(elsewhere, f"mqk-{t.kind}-paper") if elsewhere else t.conn
        t.broker = PaperBroker(conn, t.run["account_id"], t.clock)
    elif name == "alpaca":
        from mqk.brokers.alpaca.wiring import connect_broker  # heavy: only who uses it loads it

        try:
            t.broker = connect_broker(t.conn, t.run, t.name, t.clock, t.secrets)
        except Unauthorized as no:
            raise refuse_keys(t, no) from None
    else:
        fix = "Use paper or alpaca."
        raise MqkError("MQA02", "a value is out of its range", f"broker.name {name}", fix)


def wire_snapshots(t: Tick) -> None:
    """The snapshots worker opens the paper account that its run's config describes."""
    wire_broker(t)
    if isinstance(t.broker, PaperBroker):
        t.broker.open(paper_terms(t.run["config"]))


def wire_marketdata(t: Tick) -> None:
    """A paper broker to show bars to, and the feeds that the run's config names.

    At a real broker this worker has no business, and needs no keys of it.
    """
    if find_broker_name(t) == "paper":
        wire_broker(t)
    data = t.run["config"]["data"]
    outside = Outside(t.secrets, t.clock, patience=PATIENCE, say=lambda why: log(t.kind, why))
    t.wires["feed"] = open_feed(data["feed"], data["feeds"], outside)
    if data["second_feed"] != "none":
        t.wires["second_feed"] = open_feed(data["second_feed"], data["feeds"], outside)


def wire_notifier(t: Tick) -> None:
    """Standard output for every channel, and a webhook for each whose variable holds one.

    Raises MqkError MQA02 for a webhook that is not https; it is not shown.
    """
    from mqk.notices import Lines
    from mqk.notices.discord import open_webhooks

    t.wires["lines"] = Lines(sys.stdout)
    names = (t.run["config"]["discord"] or {}).get("channels") or {}
    held = {name: t.secrets.find(name) for name in names.values() if name}
    t.wires["webhooks"] = open_webhooks(names, held)


def wire_anchor(t: Tick) -> None:
    """The key that signs, and the anchor files of the engine. Raises MqkError MQG67 without a key."""
    from mqk.auditing.book import KEY, Book, Signer, find_folder

    t.wires["signer"] = Signer(t.secrets.find(KEY))
    t.wires["book"] = Book(find_folder(), t.run["config"]["engine"]["engine_id"])


def paper_terms(config: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The paper account's terms out of a run's config: opening cash and the cost model."""
    return {**config["execution"], "opening_cash": str(config["broker"]["initial_cash"])}
