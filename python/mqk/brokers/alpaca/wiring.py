"""An Alpaca broker out of a run: its mode, its account, the keys that its config names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

from mqk.brokers import NotSent, Unauthorized, Unsure
from mqk.brokers.alpaca.broker import AlpacaBroker
from mqk.brokers.alpaca.budget import Budget, SharedBudget
from mqk.brokers.alpaca.channel import Channel
from mqk.brokers.alpaca.events import Events
from mqk.brokers.alpaca.keys import Keys, find_base_url, find_stream_url
from mqk.brokers.alpaca.rest import Rest
from mqk.brokers.alpaca.sse import EventStream
from mqk.brokers.alpaca.stream import TradeStream
from mqk.brokers.alpaca.sweep import sweep
from mqk.clock import Clock
from mqk.config.secrets import BROKER_URL, Secrets
from mqk.db import Connection
from mqk.errors import MqkError


def open_broker(
    conn: Connection, run: Mapping[str, Any], worker: str, clock: Clock, secrets: Secrets
) -> AlpacaBroker:
    """The broker of a run for one worker; nothing is connected until it is used.

    `run` is a row of io.get_run. The worker's name seeds its jitter, so that no two retry in step.
    Raises MqkError MQG30 without keys, MQA02 for a host that is not the mode's.
    """
    names = run["config"]["broker"]["keys_env"]
    keys = Keys(*secrets.take(names["api_key"], names["api_secret"]))
    base_url = find_base_url(run["mode"], secrets.find(BROKER_URL))
    budget = SharedBudget(conn, run["run_id"], clock)
    return make_broker(
        base_url, run["account_id"], run["created_at"], budget, Random(worker), clock, keys
    )


def connect_broker(
    conn: Connection, run: Mapping[str, Any], worker: str, clock: Clock, secrets: Secrets
) -> AlpacaBroker:
    """open_broker, and prove that the keys open the run's account before anything else is done.

    Raises as open_broker; Unauthorized when the keys are not accepted; MqkError MQG20 for another
    account, 08006 when the broker cannot be asked.
    """
    broker = open_broker(conn, run, worker, clock, secrets)
    try:
        broker.account()
    except Unauthorized:  # is a NotSent, but waiting does not help
        raise
    except (NotSent, Unsure) as silence:
        raise MqkError("08006", "the broker can be reached", str(silence), "Wait.") from None
    return broker


def make_broker(
    base_url: str,
    account_id: str,
    since: datetime,
    budget: Budget,
    jitter: Random,
    clock: Clock,
    keys: Keys,
) -> AlpacaBroker:
    """A broker of an account out of its parts."""
    rest = Rest(base_url, keys, budget, clock, jitter.random)
    events = Events(partial(sweep, rest), clock, since)
    sessions = (
        TradeStream(find_stream_url(base_url), keys),
        EventStream(base_url, keys, events.find_start),
    )
    events.channels = [Channel(session, events.items, jitter.random) for session in sessions]
    return AlpacaBroker(rest, account_id, clock, since, events)
