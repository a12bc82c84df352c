"""Laws of ticks at which a backtest does nothing: what is held is marked at each of them, and judged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from lab_kit import Lab, Named
from mqk.backtesting import Play
from mqk.config.load import canonical, merge
from mqk.strategies import Context
from mqk.strategies.study import Signal, Study
from support import SERVER

TICKS = 234  # five minutes each: three sessions
EVERY = 37  # ticks between two wishes
DIME = 100_000  # micros: a limit is a ratio of few digits
LONG, SHORT, MIXED = (100, 0, 300, 100), (-100, 0, -300, -100), (100, 0, -100, 100)
TURNS = (0, 300, 0, 300)
CASH = 100_000 * 10**6
WIDE = {"allow_short": True, "daily_loss_limit": 0.5, "max_drawdown": 0.9}
FACTS = """
select k.first_tick, k.closes, k.sessions, cardinality(k.ends_at) as many, c.equity_micros
  from lab.curves as c join lab.backtests as b using (backtest_id)
  join lab.packs as k using (dataset_id, pack_no) where backtest_id = %s order by pack_no"""


class Rare(Named):
    """Shares by turns, another turn a symbol; says so when it changes, and nothing for many ticks."""

    def on_bar(self, context: Context) -> Mapping[str, int]:
        """Not asked."""
        raise NotImplementedError

    def signals(self, study: Study) -> Iterator[Signal]:
        """One for each symbol every so many ticks."""
        wishes = [int(wish) for wish in study.parameters["wishes"].split()]
        for turn in range(TICKS // EVERY + 1):
            for n, symbol in enumerate(sorted(study.series)):
                wish = wishes[(turn + n) % len(wishes)]
                yield Signal(1 + turn * EVERY, symbol, "SHARES", wish)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """Three symbols of five-minute bars."""
    with SERVER.clone() as db:
        lab = Lab(db.url, 5, timeframe="5m", ticks=TICKS)
        yield lab
        lab.conn.close()


def play(lab: Lab, wishes: Sequence[int] = LONG, **risk: Any) -> Play:
    """The rare wishes under other limits."""
    config = json.loads(lab.configure("tested", 10, wishes=" ".join(map(str, wishes))))
    made = Play(lab.conn, lab.clock, canonical(merge(config, {"risk": {**WIDE, **risk}})), Rare())
    made.run(lab.dataset)
    return made


def recompute(lab: Lab, played: Play) -> tuple[list[int], list[int], list[int]]:
    """Equity by the fills alone, the curve that was stored, the session of each tick."""
    test = played.row["backtest_id"]
    fills = lab.sql("select * from lab.fills where backtest_id = %s order by fill_no", test)
    cash, held, mine, stored, sessions = CASH, [0, 0, 0], [], [], []
    for pack in lab.sql(FACTS, test):
        stored += pack["equity_micros"]
        for t in range(len(pack["equity_micros"])):
            for fill in (f for f in fills if f["tick_no"] == pack["first_tick"] + t):
                held[fill["symbol_no"] - 1] += fill["fill_qty"]
                cash -= fill["fill_qty"] * fill["price_micros"] + fill["fee_micros"]
            marks = (pack["closes"][s * pack["many"] + t] for s in range(3))
            mine.append(cash + sum(q * c for q, c in zip(held, marks, strict=True)))
            sessions.append(pack["sessions"][t])
    return mine, stored, sessions


def find_worst(curve: list[int], sessions: list[int]) -> tuple[int, int]:
    """The largest loss against the end of the session before, and the first index at which it is seen."""
    worst, at, start = 0, 0, curve[0]
    for n in range(1, len(curve)):
        start = curve[n - 1] if sessions[n] != sessions[n - 1] else start
        if start - curve[n] > worst:
            worst, at = start - curve[n], n
    return worst, at


@pytest.mark.parametrize("wishes", [LONG, SHORT, MIXED])
def test_every_tick_is_marked_whether_anything_happens_or_not(
    lab: Lab, wishes: Sequence[int]
) -> None:
    mine, stored, _ = recompute(lab, play(lab, wishes))
    assert stored == mine
    assert len(stored) > TICKS - 1 and len(set(stored)) > TICKS // 2


@pytest.mark.parametrize(
    "wishes", [LONG, SHORT, TURNS]
)  # in the second session, the third, the second
def test_a_limit_is_broken_at_the_very_tick_though_nothing_is_asked_for(
    lab: Lab, wishes: Sequence[int]
) -> None:
    free = play(lab, wishes)
    _, curve, sessions = recompute(lab, free)
    worst, at = find_worst(curve, sessions)
    acted = {row["tick_no"] for row in lab.facts(free) if row["kind"] in ("2 order", "4 fill")}
    assert at + 1 not in acted  # nothing happened at that tick: it was an idle one
    for micros, ends in ((worst, at + 1), (worst + DIME, len(curve))):
        limit = str(Decimal(micros) / CASH)
        halted = play(lab, wishes, daily_loss_limit=float(limit), flatten_on_critical=False)
        assert halted.row["ticks"] == ends
        assert (halted.row["halt_reason"] == "DAILY_LOSS_LIMIT") == (ends == at + 1)
