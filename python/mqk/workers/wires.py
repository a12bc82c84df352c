"""The wires of the workers to the outside: which broker, which feed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mqk.brokers.paper import PaperBroker
from mqk.db import connect
from mqk.errors import MqkError
from mqk.feeds.csv import ReplayFeed
from mqk.worker import Tick

FEED_VARIABLE = "MQK_FEED_FILES"


def wire_nothing(_: Tick) -> None:
    """For workers that only talk to the database."""


def wire_broker(t: Tick) -> None:
    """Connect the broker that the run's config names. The paper broker may live elsewhere."""
    name = t.run["config"]["broker"]["name"]
    if name != "paper":
        raise MqkError("MQA02", "a value is out of its range", f"broker.name {name}", "Use paper.")
    elsewhere = os.environ.get("MQK_PAPER_URL")
    conn = connect(elsewhere, f"mqk-{t.kind}-paper") if elsewhere else t.conn
    t.broker = PaperBroker(conn, t.run["account_id"], t.clock)


def wire_snapshots(t: Tick) -> None:
    """The snapshots worker opens the paper account that its run's config describes."""
    wire_broker(t)
    assert isinstance(t.broker, PaperBroker)
    t.broker.open(paper_terms(t.run["config"]))


def wire_marketdata(t: Tick) -> None:
    """A broker to show bars to, and the files to read bars from (MQK_FEED_FILES, ':' between)."""
    wire_broker(t)
    files = [Path(p) for p in os.environ.get(FEED_VARIABLE, "").split(os.pathsep) if p]
    t.wires["feed"] = ReplayFeed(files)


def paper_terms(config: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The paper account's terms out of a run's config: opening cash and the cost model."""
    return {**config["execution"], "opening_cash": str(config["broker"]["initial_cash"])}
