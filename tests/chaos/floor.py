"""A desk with many orders that is hit again and again while it works, and what came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar

from psycopg.conninfo import make_conninfo

from chaos.points import Cell
from chaos.proxy import Proxy
from chaos.rig import CONFIG, Late, Rig
from chaos.server import Server
from chaos.verdict import find_violations
from mqk.config.load import merge

HIT_SECONDS = 40.0
REST_SECONDS = 60.0
TRADERS = ("gateway", "broker_events", "snapshots", "strategist")
OPEN = "select count(*) = 2 from run.gates where gate in ('RECON', 'CONTINUITY') and is_open"
PLANNED = "select count(*) from oms.outbox"
ENDED = "select count(*) from oms.outbox where outbox_status in ('ACKED', 'FAILED')"
REASON = r"""
select case when reason like '%%the server was started%%' then 'the server was started'
            else left(regexp_replace(reason, '^([^:]*:[^:]*).*$', '\1'), 60) end
  from run.run_history where to_status = 'HALTED' order by history_seq desc limit 1"""
SYMBOLS = tuple(f"S{letter}" for letter in "ABCDEFGHIJKLMNOP")


@dataclass
class Result:
    """What a layer did: counts by name, milliseconds by name, what was violated."""

    layer: str
    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    times: dict[str, list[float]] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    skipped: str = ""

    def time(self, name: str, began: float) -> None:
        """Keep how long it took since `began` (time.monotonic)."""
        self.times.setdefault(name, []).append((time.monotonic() - began) * 1000)

    def percentile(self, name: str, percent: int) -> int:
        """Milliseconds within which so many per cent of them were done."""
        seen = sorted(self.times[name])
        return round(seen[min(len(seen) - 1, len(seen) * percent // 100)])


class Floor(Rig):
    """A desk that buys sixteen symbols; `wires`: its workers reach the database through a proxy."""

    prices: ClassVar = {symbol: 100 + n for n, symbol in enumerate(SYMBOLS)}
    config: ClassVar = merge(
        CONFIG, {"strategy": {"symbols": list(SYMBOLS),
                              "parameters": {**CONFIG["strategy"]["parameters"], "weight_bps": 400}}}
    )  # fmt: skip

    def __init__(self, server: Server, number: int, seed: int, *, wires: bool = False) -> None:
        super().__init__(server, Cell("C02", "KILL", "ACCEPTED", 1 + 4 * (seed % 1000)), number)
        self.proxy = Proxy(server.socket) if wires else None
        if self.proxy:
            there = {"host": "127.0.0.1", "port": self.proxy.port, "sslmode": "disable"}
            self.logins = {k: make_conninfo(url, **there) for k, url in self.logins.items()}

    def open(self) -> None:
        """Bring it up to the moment in which it trades."""
        self.arm_it()
        self.trade()

    def arm_it(self) -> None:
        """Everything but a strategist is there, and the run runs."""
        self.tell_broker()
        self.prepare()
        for name in ("broker_events", "snapshots", "deadman"):
            self.start(name)
        self.introduce("gateway")
        self.wait_for("the broker is heard and agrees", lambda: self.one(OPEN), HIT_SECONDS)
        self.arm()
        self.start("gateway")

    def trade(self, slow_ms: int = 0) -> None:
        """Begin to trade; with `slow_ms` the broker takes that long for each order."""
        if slow_ms:
            slow = {"method": "POST", "path": "/v2/orders", "fault": "slow", "delay_ms": slow_ms}
            self.broker.control("faults", [{**slow, "times": len(SYMBOLS)}])
        self.start("strategist")
        self.wait_for("orders", lambda: self.one(PLANNED), HIT_SECONDS)

    @property
    def ended(self) -> int:
        """Orders that have ended."""
        return int(self.one(ENDED) or 0)

    def progress(self, orders: int, seconds: float) -> None:
        """Wait until so many more orders have ended, or for so long."""
        goal, deadline = self.ended + orders, time.monotonic() + seconds
        while time.monotonic() < deadline and self.ended < goal and self.status == "RUNNING":
            time.sleep(0.02)

    def keep_up(self, result: Result) -> bool:
        """Clear and arm again if it was halted, as a person does; True if so."""
        if self.status == "RUNNING":
            return False
        result.counts[f"halted by {self.one(REASON)}"] += 1
        self.heal()
        began = time.monotonic()
        self.wait_for("nothing is in doubt", self.rests, REST_SECONDS)
        self.arm(REST_SECONDS)
        result.time("armed again", began)
        return True

    def finish(self, result: Result) -> None:
        """Let every order end, however often it must be armed again."""
        self.heal()
        deadline = time.monotonic() + 2 * REST_SECONDS
        while time.monotonic() < deadline:
            self.keep_up(result)
            self.wait_for("the desk rests", self.rests, REST_SECONDS)
            if self.status == "RUNNING":
                return
        raise Late("the run does not stay armed")

    def heal(self) -> None:
        """The wires carry what they are given."""
        if self.proxy:
            self.proxy.loses, self.proxy.slices = "", 0

    def tell(self) -> str:
        """The last words of its workers."""
        return "\n".join(
            f"--- {p.name}\n{p.read_text(errors='replace')[-700:]}"
            for p in sorted(self.folder.glob("*.log"))
        )

    def close(self) -> None:
        """Leave nothing behind."""
        super().close()
        if self.proxy:
            self.proxy.close()


Hit = Callable[[Floor, Random, Result], None]


def harass(
    server: Server, result: Result, number: int, hits: int, hit: Hit, **options: Any
) -> None:
    """One desk: trade, be hit, be mended, and so on; then rest, and be judged."""
    random = Random(f"{result.seed}/{number}")
    floor = Floor(server, number, random.randrange(1000), **options)
    try:
        floor.open()
        for _ in range(hits):
            if floor.ended >= len(SYMBOLS):
                break
            hit(floor, random, result)
            result.counts["hits"] += 1
            floor.keep_up(result)
        floor.finish(result)
        result.violations += find_violations(floor)
        if floor.ended != floor.one(PLANNED):
            result.violations.append("an order has not ended")
        result.counts["requests"] += floor.ended
    except Late as late:
        result.violations += [f"liveness: {late}\n{floor.tell()}", *find_violations(floor)]
    finally:
        floor.close()
    result.counts["desks"] += 1
