"""A small desk for tests: a made-up market, a run, the real workers, a virtual clock.

Sessions are the weekdays of early 2024, closing at 21:00 UTC; AAA and BBB are equities, IDX is an
index. Bars are given as whole dollars (open = low = high = close unless said otherwise).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from mqk.brokers.paper import PaperBroker
from mqk.clock import VirtualClock
from mqk.config.load import canonical, load, merge
from mqk.config.secrets import Secrets, list_names
from mqk.db import call, call_row, call_value, connect
from mqk.feeds import Batch, Raw, Want
from mqk.feeds.stretches import find_time
from mqk.refold.__main__ import refold
from mqk.worker import Tick
from mqk.workers import load as load_worker
from mqk.workers.wires import paper_terms

DOLLAR = 1_000_000
FIRST = date(2024, 1, 2)
BASE = Path(__file__).resolve().parents[1] / "config" / "defaults" / "base.yaml"
GIVEN = {"strategy_id": "given", "parameters": {}}  # targets are what the test says
CONFIG: dict[str, Any] = {
    "engine": {"engine_id": "TEST"},
    "runtime": {
        "clock": "VIRTUAL",
        "deadman_ttl_seconds": 864000,
        "gate_ttl_seconds": 864000,
        "lease_seconds": 864000,
    },
    "broker": {"account_id": "PAPER-TEST-0001", "initial_cash": 100000},
    "data": {
        "feed": "test",
        "gap_window_bars": 2,
        "outlier_policy": "IGNORE",  # the prices of a test jump
        "benchmark_symbol": "IDX",
        "split_tolerance_bps": 0,
    },
    "execution": {
        "fill_profile": "next_open",
        "slippage_bps": 0,
        "volatility_mult_bps": 0,
        "max_slippage_bps": 0,
        "fee_per_share_micros": 0,
        "participation_bps": 10000,
        "split_above_qty": 1000000,
    },
    "risk": {
        "daily_loss_limit": 0.5,
        "max_drawdown": 0.9,
        "max_order_notional": 1,
        "max_position_per_symbol": 1,
        "max_concentration": 1,
    },
    "strategy": {
        "strategy_id": "sma_trend_sql",
        "window_bars": 2,
        "symbols": ["AAA", "BBB"],
        "parameters": {"fast_bars": 1, "slow_bars": 2, "weight_bps": 2000},
    },
}
WRITES = re.compile(r"\b(insert into|update|delete from|alter|drop|append_event)\b", re.I)
KEY_NAME, SECRET_NAME = "ALPACA_API_KEY_PAPER_TEST", "ALPACA_API_SECRET_PAPER_TEST"
ALPACA = {"name": "alpaca", "keys_env": {"api_key": KEY_NAME, "api_secret": SECRET_NAME}}
LIVE: dict[str, Any] = {  # a LIVE run of the paper broker: nothing wider than the base layer
    "engine": {"mode": "LIVE"},
    "runtime": {**load([BASE])["runtime"], "deadman_file": True},
    "risk": load([BASE])["risk"],
    "data": {"gap_window_bars": 60, "outlier_policy": "HALT_NEW"},
}


def sessions(count: int = 60) -> list[date]:
    """The first `count` sessions of the made-up exchange."""
    days = (FIRST + timedelta(days=n) for n in range(count * 2))
    return [d for d in days if d.weekday() < 5][:count]


def close_of(day: date) -> datetime:
    """When a session closes."""
    return datetime(day.year, day.month, day.day, 21, tzinfo=UTC)


def bar(symbol: str, day: date, price: Any, volume: int = 1_000_000, **ohlc: Any) -> dict[str, Any]:
    """One row of a bar batch, as text, as a feed would give it."""
    names = ("open", "high", "low", "close")
    return {
        "line_no": 2,
        "symbol": symbol,
        "timeframe": "1D",
        "session_on": day.isoformat(),
        **{name: str(ohlc.get(name, price)) for name in names},
        "volume": str(volume),
    }


class Market:
    """A feed that gives what the test put in."""

    name = "test"
    is_metered = False

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def fetch(self, wants: Sequence[Want]) -> Iterator[Batch]:
        """Rows of the days that are asked for, whatever they are about."""
        low = min(want.from_on for want in wants).isoformat()
        high = max(want.until_on for want in wants).isoformat()
        rows = [
            {**row, "line_no": n}
            for n, row in enumerate(self.rows, 2)
            if low <= find_time(row)[:10] <= high
        ]
        raw = Raw({"from": low, "to": high}, "application/json", json.dumps(rows).encode())
        yield Batch([raw], "test.v1", wants[0].timeframe, rows)


class Desk:
    """One run and everything around it. `conn` is the superuser's; workers use it too."""

    sessions = 60
    is_forced = False  # whether a test wrote past the doors, or into the diary
    prices: Mapping[str, int] = {"AAA": 100, "BBB": 50}  # the equities, and what they begin at

    def __init__(self, url: str, **config: Any) -> None:
        self.conn = connect(url, "test")
        self.conn.execute("set lock_timeout = '20s'")  # a deadlocked test fails, not hangs
        self.days = sessions(self.sessions)
        self.clock = VirtualClock(close_of(self.days[0]) - timedelta(hours=12))
        self.market = Market()
        self.load_reference()
        self.config = merge(merge(load([BASE]), CONFIG), config)
        made = self.act("run_create", config=canonical(self.config), as_of_at=self.now)
        assert made["outcome"] == "DONE", made
        self.run_id = made["run_id"]
        self.run = self.value("api.run_show", run_id=self.run_id)
        self.broker = PaperBroker(self.conn, self.run["account_id"], self.clock)
        self.broker.open(paper_terms(self.run["config"]))
        self.ticks = {
            kind: Tick(self.conn, self.run, kind, f"{kind}@test", self.clock, self.broker)
            for kind in ("marketdata", "broker_events", "snapshots", "strategist", "gateway")
        }
        self.ticks["marketdata"].wires["feed"] = self.market

    @property
    def now(self) -> datetime:
        """The virtual time."""
        return self.clock()

    def load_reference(self) -> None:
        """Calendar and instruments."""
        rows = [
            {
                "session_on": d.isoformat(),
                "opens_at": (close_of(d) - timedelta(hours=6, minutes=30)).isoformat(),
                "closes_at": close_of(d).isoformat(),
                "is_half_day": False,
            }
            for d in self.days
        ]
        self.call(
            "api.md_load_calendar", exchange_id="XTST", time_zone="UTC", rows=rows, now_at=self.now
        )
        kinds = {**dict.fromkeys(self.prices, "EQUITY"), "IDX": "INDEX"}
        listed = [
            {"symbol": s, "exchange_id": "XTST", "instrument_kind": k, "name": s}
            for s, k in kinds.items()
        ]
        self.call("api.md_load_instruments", rows=listed, now_at=self.now)
        self.call("io.register_strategy", strategy_id="given", version="1", now_at=self.now)

    def call(self, function: str, **args: Any) -> list[dict[str, Any]]:
        """Call a function."""
        self.is_forced = self.is_forced or function == "audit.append_event"
        return call(self.conn, function, **args)

    def value(self, function: str, **args: Any) -> Any:
        """Call a function that gives one value."""
        self.is_forced = self.is_forced or function == "audit.append_event"
        return call_value(self.conn, function, **args)

    def sql(self, query: str, *params: Any) -> list[dict[str, Any]]:
        """Look behind the doors (or force them, as the superuser)."""
        self.is_forced = self.is_forced or bool(WRITES.search(query))
        cursor = self.conn.execute(query, params)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []

    def one(self, query: str, *params: Any) -> Any:
        """The first value of a query."""
        rows = self.sql(query, *params)
        return next(iter(rows[0].values())) if rows else None

    def act(self, command: str, **args: Any) -> dict[str, Any]:
        """An operator action; gives its row, refused or not."""
        row = call_row(self.conn, f"api.{command}", **args, now_at=self.now)
        assert row is not None
        return row

    def tick(self, *kinds: str) -> None:
        """Let workers tick, in this order."""
        for kind in kinds or tuple(self.ticks):
            load_worker(kind).tick(self.ticks[kind])

    def serve(self, run_id: Any) -> None:
        """Let everything serve another run from now on."""
        self.run_id = run_id
        self.run = self.value("api.run_show", run_id=run_id)
        for tick in self.ticks.values():
            tick.run, tick.epoch = self.run, None

    def lease(self, kind: str) -> dict[str, Any]:
        """The run and the epoch of a worker kind, which leads from now on."""
        self.ticks[kind].lead()
        return self.ticks[kind].lease

    def add_bars(self, day: date, **prices: Any) -> None:
        """Put a session's bars into the feed: AAA=100, or AAA={"open": 99, ...}."""
        for symbol, price in prices.items():
            if isinstance(price, Mapping):
                self.market.rows.append(bar(symbol, day, price.get("close"), **price))
            else:
                self.market.rows.append(bar(symbol, day, price))

    def ingest(self, rows: Sequence[Mapping[str, Any]], **terms: Any) -> dict[str, Any]:
        """Ingest rows as a person would, as one answer of feed `test`; give the report."""
        terms = {
            "feed": "test",
            "is_second": False,
            "timeframe": "1D",
            "policy": "KEEP_GOOD",
            **terms,
        }
        body = json.dumps(rows).encode()
        raw = self.value(
            "api.md_keep_raw", feed=terms["feed"], request={"test": True},
            content_type="application/json", body=body, now_at=self.now,
        )  # fmt: skip
        given = [dict(row) for row in rows]
        return self.call(
            "api.md_ingest", **terms, raws=[raw], normaliser="test.v1", rows=given, now_at=self.now
        )[0]

    def close(self, index: int, *, ticks: Sequence[str] = (), **prices: Any) -> None:
        """Move to five minutes after the close of session `index`, with its bars, and tick."""
        self.add_bars(self.days[index], **prices)
        self.clock.move_to(close_of(self.days[index]) + timedelta(minutes=5))
        self.tick(*ticks)

    def show_workers(self) -> None:
        """Let every worker register, hear the broker and lead, as they do before a run is armed."""
        for tick in self.ticks.values():
            if not tick.secrets.names:
                tick.secrets = Secrets(dict.fromkeys(list_names(self.run["config"]), "a value"))
            tick.register()
        self.tick("broker_events")
        for kind in ("gateway", "snapshots"):
            self.ticks[kind].lead()
        self.ticks["gateway"].release()  # it was there once, as cron would run it

    def force_arm(self) -> None:
        """Arm behind the preflight."""
        self.call(
            "run.arm_run",
            run_id=self.run_id,
            words="x",
            checks=[{"check_name": "none", "is_ok": True}],
            now_at=self.now,
        )

    def start(self) -> None:
        """Two sessions of history at the first prices, then arm and begin."""
        for n in (0, 1):
            self.add_bars(self.days[n], **self.prices)
        self.clock.move_to(close_of(self.days[1]) + timedelta(minutes=5))
        self.tick("marketdata", "broker_events", "snapshots")
        self.show_workers()
        words = self.value("api.run_arm_words", run_id=self.run_id)
        for command, args in (("run_arm", {"confirm": words}), ("run_begin", {})):
            row = self.act(command, run_id=self.run_id, **args)
            assert row["outcome"] == "DONE", row

    def buy(self, index: int = 2, *, price: int = 110) -> str:
        """Make the trend strategy buy AAA at the close of session `index`; give the order's name."""
        self.close(index, AAA=price, BBB=50)
        return str(
            self.one("select client_order_id from oms.orders order by created_at desc limit 1")
        )

    def plan(self, index: int, **targets: int) -> list[dict[str, Any]]:
        """Close a session (AAA 100, BBB 50) and plan these targets (strategy `given`)."""
        self.close(index, ticks=("marketdata",), AAA=100, BBB=50)
        self.tick("broker_events", "snapshots")
        lease = self.lease("strategist")
        return self.call("io.plan_intents", **lease, targets=targets, now_at=self.now)

    def event(self, name: str, kind: str, **fields: Any) -> dict[str, Any]:
        """A broker message about an order of ours."""
        return {
            "message_id": fields.pop("message_id", f"m:{name}:{kind}:{fields.get('cum_qty', '')}"),
            "event": kind,
            "client_order_id": name,
            "broker_order_id": fields.pop("broker_order_id", self.broker.find(name)),
            "at": self.now.isoformat(),
            **{key: str(value) for key, value in fields.items()},
        }

    def receive(self, *messages: Mapping[str, Any]) -> list[str]:
        """Hand messages to the inbox; give their dispositions."""
        rows = self.call(
            "io.receive_messages",
            **self.lease("broker_events"),
            messages=[dict(m) for m in messages],
            cursor_text=None,
            now_at=self.now,
        )
        return [row["disposition"] for row in rows]

    @property
    def status(self) -> str:
        """Where the run stands."""
        return str(self.one("select run_status from run.runs where run_id = %s", self.run_id))

    @property
    def halt_reason(self) -> str:
        """Why it was halted last."""
        return str(
            self.one(
                "select reason from run.run_history where run_id = %s and to_status = 'HALTED'"
                " order by history_seq desc limit 1",
                self.run_id,
            )
        )

    def broken_promises(self) -> list[str]:
        """Invariants that do not hold; and where no door was forced, what is not the fold of a diary."""
        rows = self.call("inv.verify_all")
        broken = [f"{r['invariant']}: {r['first_one']}" for r in rows if r["violations"]]
        return broken + ([] if self.is_forced else self.list_unfolded())

    def list_unfolded(self) -> list[str]:
        """Where the stored state of a run is not the fold of its diary: ours, and the second one."""
        found = []
        for run_id in [row["run_id"] for row in self.sql("select run_id from run.runs")]:
            tables = self.call("replay.compare_run", run_id=run_id, until_at=None)
            found += [f"{r['table_name']} {r['difference']}" for r in tables if not r["is_equal"]]
            lines = [r["line"] for r in self.call("replay.list_log", run_id=run_id)]
            digests, _ = refold(lines)
            told = {r["table_name"]: r["stored_digest"] for r in tables}
            found += [f"refold {name}" for name, (_, sha) in digests.items() if told[name] != sha]
        return found
