"""Laws of the window that a strategy sees: by function only, and nothing that closes later."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from minute_kit import SlotDesk
from mqk.strategies import load
from mqk.workers import ROLES
from mqk.workers.strategist import announce
from support import SERVER, Database, worker_url

PRICES = [100, 101, 103, 99, 97, 98, 104, 106, 103, 101, 100, 105]
STRATEGIES: dict[str, dict[str, Any]] = {
    "sma_trend_sql": {"fast_bars": 1, "slow_bars": 2, "weight_bps": 2000},
    "sma_trend": {"fast_bars": 1, "slow_bars": 2, "weight_bps": 2000},
    "mean_reversion": {"window_bars": 2, "entry_bps": 40, "exit_bps": 0, "weight_bps": 2000},
}
FORGET = "delete from md.bars where timeframe = '5m' and bar_end_at >= %s"
POISON = """
    insert into md.bars
    select i.symbol, '5m', s.ends_at, s.session_on, %(p)s, %(p)s, %(p)s, %(p)s, 1,
           (select g.ingest_id from md.ingests as g limit 1)
      from ref.instruments as i
      cross join lateral ref.list_slots(i.exchange_id, '5m', '2024-01-02', '2024-01-04') as s
     where s.ends_at > %(at)s
"""


class FiveMinutes(SlotDesk):
    """A desk whose store may be full of bars that have not closed yet."""

    timeframe = "5m"
    stale_seconds = 60

    def load_reference(self) -> None:
        """Calendar, instruments, and the strategies that are installed."""
        super().load_reference()
        announce(self.conn, self.now)

    def trade(self, future: int | None) -> None:
        """Trade PRICES; before each decision every later bar is `future` micros (None: is not there)."""
        self.begin(AAA=100, BBB=50)
        for slot, price in enumerate(PRICES, 3):
            self.feed(slot, {"AAA": price, "BBB": 50})
            self.clock.move_to(self.end_of(slot))
            self.force(FORGET, [self.end_of(slot)])
            self.tick("marketdata")
            if future is not None:
                self.force(POISON, {"p": future, "at": self.end_of(slot)})
            self.tick()

    def force(self, statement: str, values: Any) -> None:
        """Rewrite the store as its owner never could."""
        with self.conn.transaction():
            self.conn.execute("set local session_replication_role = replica")
            self.conn.execute(statement, values)

    def decided(self) -> list[tuple[Any, ...]]:
        """What was shown and wanted at each bar, and what was ordered and filled."""
        out = []
        for query in (
            "select bar_end_at, context_sha256 from strat.decisions order by 1",
            "select bar_end_at, symbol, target_qty from strat.targets order by 1, 2",
            "select bar_end_at, symbol, order_qty from oms.intents order by 1, 2, 3",
            "select symbol, fill_qty, price_micros from ledger.fills order by fill_seq",
            "select gate, is_open, reason from run.gate_history order by gate, gate_seq",
        ):
            out += [tuple(row.values()) for row in self.sql(query)]
        return out


def traded(db: Database, strategy: str, future: int | None) -> list[tuple[Any, ...]]:
    """A desk that traded with a strategy over a future; give what it decided."""
    config = {"strategy_id": strategy, "window_bars": 2, "parameters": STRATEGIES[strategy]}
    desk = FiveMinutes(db.url, strategy=config)
    if strategy != "sma_trend_sql":
        desk.ticks["strategist"].wires["strategy"] = load(strategy)
    desk.trade(future)
    assert desk.status == "RUNNING", desk.halt_reason
    found = desk.decided()
    desk.conn.close()
    return found


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_bar_that_closes_later_changes_a_decision(db: Database, strategy: str) -> None:
    plain = traded(db, strategy, None)
    assert sum(len(row) == 3 and isinstance(row[2], int) and row[2] != 0 for row in plain) > 2
    for future in (10_000, 9_000_000_000_000):
        with SERVER.clone() as other:
            assert traded(other, strategy, future) == plain


@pytest.mark.parametrize("worker", ROLES)
def test_a_worker_cannot_read_a_table_of_md_nor_call_its_functions(
    db: Database, worker: str
) -> None:
    with db.connect() as owner:
        tables = owner.execute(
            "select relname from pg_class where relnamespace = 'md'::regnamespace and relkind in ('r', 'p')"
        ).fetchall()
    names = {row["relname"] for row in tables}
    assert {"bars", "observations", "raws", "conflicts"} <= names
    with psycopg.connect(worker_url(db.url, worker), autocommit=True) as conn:
        for table in names:
            for statement in (f"select from md.{table}", f"delete from md.{table}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute(statement)
        for call in (
            "md.list_bars_as_of('AAA', '1D', 1, now())",
            "md.list_marks_as_of('AAA', '1D', 1, 'infinity')",
            "md.find_bar('AAA', '1D', '2024-01-02')",
            "md.get_raw('x')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(f"select * from {call}")
