"""One desk for one crash: the simulator as its broker, a database of its own, real workers as processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import psycopg

from chaos.points import FAULTS, POINTS, Cell
from chaos.server import Server
from kit import BASE, bar
from mqk.config.load import canonical, load, merge
from mqk.db import call
from mqk.errors import MqkError
from mqk.halting import remove_file
from mqk.workers import ROLES
from simulator_kit import KEYS, Broker
from support import ROOT, allow_short_days, worker_url

Weaken = Callable[[psycopg.Connection[Any]], None] | None  # takes a guard out of a desk
Rows = list[dict[str, Any]]
ENGINE = "CHAOS"
KEY_NAMES = ("ALPACA_API_KEY_PAPER_CHAOS", "ALPACA_API_SECRET_PAPER_CHAOS")
ACCOUNT = "c4a05000-0000-4000-8000-000000000001"
INTERVALS = {
    "gateway": 0.1, "broker_events": 0.1, "strategist": 0.1, "snapshots": 1.5, "deadman": 1.0,
}  # fmt: skip
PRICES = {"AAA": 110, "BBB": 55}
CONFIG: dict[str, Any] = {
    "engine": {"engine_id": ENGINE},
    "runtime": {"clock": "SERVER", "deadman_ttl_seconds": 12, "lease_seconds": 2,
                "gate_ttl_seconds": 60},
    "broker": {"name": "alpaca", "account_id": ACCOUNT, "initial_cash": 100000,
               "keys_env": {"api_key": KEY_NAMES[0], "api_secret": KEY_NAMES[1]}},
    "data": {"feed": "chaos", "gap_window_bars": 2, "outlier_policy": "IGNORE", "benchmark_symbol": "IDX"},
    "reconcile": {"grace_ms": 3000, "max_age_ms": 20000},
    "strategy": {
        "strategy_id": "sma_trend_sql",
        "window_bars": 2,
        "symbols": ["AAA", "BBB"],
        "parameters": {"fast_bars": 1, "slow_bars": 2, "weight_bps": 2000},
    },
}  # fmt: skip
SESSIONS = 6
OPEN_ROWS = """
select count(*) as n from oms.outbox where outbox_status not in ('ACKED', 'FAILED')
   and not (request_kind = 'CANCEL' and outbox_status = 'SENT')"""


class Late(Exception):
    """Something did not come in its time; says what."""


class NotHit(Late):
    """The victim never came to the point."""


class Rig:
    """Starts, tells, hits and mends one desk; nothing of it is left after `close`."""

    prices: ClassVar = PRICES
    config: ClassVar = CONFIG

    def __init__(self, server: Server, cell: Cell, number: int, weaken: Weaken = None) -> None:
        self.server, self.cell, self.point = server, cell, POINTS[cell.point]
        self.name = f"chaos_{number}"
        self.folder = server.desks / self.name
        self.folder.mkdir()
        self.mark, self.armed = self.folder / "mark", self.folder / "armed"
        self.going: dict[str, subprocess.Popen[bytes]] = {}
        self.conn: psycopg.Connection[Any] | None = None
        server.mend()
        server.clone(self.name)
        if weaken:
            with server.connect(self.name) as conn:
                weaken(conn)
        allow_short_days(server.url(self.name))
        self.logins: dict[str, str] = {
            kind: worker_url(server.url(self.name), kind) for kind in ROLES
        }
        options = [] if cell.dedupes else ["--no-dedupe"]
        self.broker = Broker(
            self.folder / "ledger.jsonl", "--real-clock", "--account", ACCOUNT, *options
        )
        self.env = {
            **os.environ, **dict(zip(KEY_NAMES, KEYS.values(), strict=True)),
            "PYTHONPATH": f"{ROOT}/python:{ROOT}/tests",
            "MQK_DATABASE_URL": server.url(self.name), "MQK_ENGINE": ENGINE,
            "MQK_WORKER_NAME": "one", "MQK_HALT_DIR": str(self.folder / "halt"),
            "APCA_API_BASE_URL": self.broker.url,
            "CHAOS_MARK": str(self.mark), "CHAOS_ARMED": str(self.armed),
            "CHAOS_TIMES": str(cell.times), "CHAOS_ADMIN": server.url(self.name),
            "CHAOS_DATA": str(server.data), "CHAOS_SOCKET": server.socket,
        }  # fmt: skip

    # Calls of the rig survive what is done to the server.

    def sql(self, query: str, *params: Any) -> Rows:
        """Look behind the doors."""
        rows: Rows = self._again(lambda conn: conn.execute(query, params).fetchall())
        return rows

    def one(self, query: str, *params: Any) -> Any:
        """The first value of a query."""
        rows = self.sql(query, *params)
        return next(iter(rows[0].values())) if rows else None

    def call(self, function: str, **args: Any) -> Rows:
        """Call a function of the database."""
        rows: Rows = self._again(lambda conn: call(conn, function, **args))
        return rows

    def act(self, command: str, **args: Any) -> dict[str, Any]:
        """An operator's action now; gives its row."""
        return self.call(f"api.{command}", **args, now_at=datetime.now(UTC))[0]

    def _again(self, what: Callable[[psycopg.Connection[Any]], Any]) -> Any:
        for _ in range(3):
            self.server.mend()
            try:
                if self.conn is None or self.conn.closed:
                    self.conn = self.server.connect(self.name)
                return what(self.conn)
            except (psycopg.OperationalError, MqkError) as error:
                if isinstance(error, MqkError) and error.code[:2] not in ("57", "08"):
                    raise
                if self.conn is not None:
                    self.conn.close()
        raise Late("the server does not stay up")

    def wait_for(self, what: str, found: Callable[[], Any], seconds: float) -> Any:
        """Wait until `found` gives something. Raises Late."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.server.mend()
            if value := found():
                return value
            time.sleep(0.05)
        raise Late(f"{what} within {seconds:.0f} s")

    # Processes.

    def start(self, name: str, *, hit: bool = False, point: str = "", action: str = "") -> None:
        """Start a worker, or run `arm` or `halt`; with `hit` it is the victim."""
        words = ["worker", name, "--interval", str(INTERVALS.get(name, 1))]
        if name == "arm":
            words = ["run", "arm", str(self.run_id), "--confirm", self.words]
        elif name == "halt":
            words = ["run", "halt", str(self.run_id), "--reason", "the campaign"]
        command = ["-c", "from mqk.cli.main import main; main()", *words]
        if hit:
            names = (point or self.cell.point, action or self.cell.action)
            command = ["-m", "chaos.crashing", *names, "--", *words]
        env = self.env
        if words[0] == "worker":
            env = {**env, "MQK_DATABASE_URL": self.logins[name]}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.going[name] = subprocess.Popen(
                [sys.executable, *command], env=env, stdout=log, stderr=log
            )

    def introduce(self, name: str) -> None:
        """Let a worker register, lead and let go, as cron would run it: nothing is armed without."""
        env = {**self.env, "MQK_DATABASE_URL": self.logins[name]}
        words = ["-c", "from mqk.cli.main import main; main()", "worker", name, "--once"]
        with (self.folder / f"{name}.log").open("ab") as log:
            subprocess.run(
                [sys.executable, *words], env=env, stdout=log, stderr=log, check=True, timeout=60
            )

    def kill(self, name: str) -> None:
        """kill -9."""
        process = self.going.pop(name)
        process.kill()
        process.wait(10)

    # The life of the desk.

    def prepare(self) -> None:
        """A market of sessions that have just closed, a run, gates that are open; not yet armed."""
        now = datetime.now(UTC).replace(microsecond=0)
        days = [now.date() - timedelta(days=SESSIONS - n) for n in range(SESSIONS)]
        closes = [now - timedelta(minutes=SESSIONS - n - 1, seconds=2) for n in range(SESSIONS)]
        days.append(now.date())
        closes.append(now + timedelta(hours=2))
        rows = [
            {"session_on": d.isoformat(), "opens_at": (c - timedelta(seconds=30)).isoformat(),
             "closes_at": c.isoformat(), "is_half_day": False}
            for d, c in zip(days, closes, strict=True)
        ]  # fmt: skip
        self.call(
            "api.md_load_calendar", exchange_id="XTST", time_zone="UTC", rows=rows, now_at=now
        )
        listed = [
            {"symbol": s, "exchange_id": "XTST", "instrument_kind": k, "name": s}
            for s, k in {**dict.fromkeys(self.prices, "EQUITY"), "IDX": "INDEX"}.items()
        ]
        self.call("api.md_load_instruments", rows=listed, now_at=now)
        self._ingest(days[:-1])
        config = canonical(merge(load([BASE]), self.config))
        made = self.act("run_create", config=config, as_of_at=now)
        assert made["outcome"] == "DONE", made
        self.run_id = made["run_id"]
        self.words = str(self.one("select api.run_arm_words(%s)", self.run_id))
        self.judge_market()

    def _ingest(self, days: list[Any]) -> None:
        rows: Rows = []
        for day in days:
            last = day == days[-1]
            for symbol, price in (*self.prices.items(), ("IDX", 10)):
                rows.append(
                    {**bar(symbol, day, price if last else price - 5), "line_no": len(rows)}
                )
        now_at = datetime.now(UTC)
        raw = self.one("select io.keep_raw('chaos', '{}', 'text/plain', 'chaos', %s)", now_at)
        self.call(
            "io.ingest_bars", feed="chaos", is_second=False, raws=[raw], normaliser="chaos.v1",
            timeframe="1D", policy="REFUSE", rows=rows, now_at=now_at,
        )  # fmt: skip

    def judge_market(self) -> None:
        """What the market data worker would have judged."""
        for door in ("io.evaluate_integrity", "io.evaluate_risk"):
            self.call(door, run_id=self.run_id, now_at=datetime.now(UTC))

    def tell_broker(self) -> None:
        """Quotes, unless orders are to rest; and the fault that waits for the first order."""
        self.broker.control("set", hours="open")
        if self.point.scene == "SLICED":
            self.broker.control("set", slices=3)
        if self.point.scene != "RESTING":
            for symbol, price in self.prices.items():
                self.broker.control("quote", symbol=symbol, price=str(price))
        if self.cell.is_deaf:
            self.broker.control("stream", do="hold")
        if fault := FAULTS[self.cell.answer]:
            wanted = {"method": "POST", "path": "/v2/orders", "times": 1, **fault}
            self.broker.control("faults", [wanted])

    def end_faults(self) -> None:
        """From now on the broker behaves."""
        self.broker.client.request("DELETE", f"{self.broker.url}/_sim/faults")
        if self.cell.is_deaf:
            self.broker.control("stream", do="release")

    @property
    def status(self) -> str:
        """Where the run stands."""
        return str(self.one("select run_status from run.runs where run_id = %s", self.run_id))

    def arm(self, seconds: float = 40) -> None:
        """Clear the run if it is halted, arm it and begin, as an operator does, until it runs."""
        said: list[Any] = [None]

        def step() -> bool:
            status = self.status
            self.judge_market()
            if status == "HALTED":
                remove_file(self.folder / "halt" / ENGINE)
                self.act("run_clear_halted", run_id=self.run_id, reason="looked into it")
            elif status in ("CREATED", "STOPPED"):
                said.append(self.act("run_arm", run_id=self.run_id, confirm=self.words)["detail"])
            elif status == "ARMED":
                said.append(self.act("run_begin", run_id=self.run_id)["detail"])
            return status == "RUNNING"

        try:
            self.wait_for("the run runs", step, seconds)
        except Late as late:
            raise Late(f"{late}: {said[-1]}") from None

    def rests(self) -> bool:
        """Every row has ended, or waits in a halted run and nothing is in doubt; the books agree."""
        if self.one(OPEN_ROWS):
            doubts = "select count(*) from oms.outbox where outbox_status not in"
            waits = self.one(f"{doubts} ('PENDING', 'ACKED', 'FAILED')") == 0
            if self.status == "RUNNING" or not waits:
                return False
        proven = self.broker.judge()
        return int(self.one("select count(*) from ledger.fills")) == len(proven["executions"])

    def close(self) -> None:
        """End every process, drop the database, remove the files."""
        for name in list(self.going):
            self.kill(name)
        self.broker.stop()
        self.broker.client.close()
        if self.conn is not None:
            self.conn.close()
        self.server.drop(self.name)
        shutil.rmtree(self.folder, ignore_errors=True)
