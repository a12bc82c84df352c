"""A desk beside the backtest of the same targets on the same bars: random, but the same for a seed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from actions_kit import announce
from kit import GIVEN, Desk, close_of, sessions
from mqk.config.load import canonical, merge
from mqk.workers import load as load_worker

PRICES = {"AAA": 100, "BBB": 50, "CCC": 20}
SLOT = timedelta(minutes=5)
Drawing = Callable[[Random], dict[str, Any]]
STRAINS = {"AAA": [-900, -900, -950, -100], "BBB": [2900, 3200, 100]}
OPEN = ("NEW", "ACCEPTED", "PARTIALLY_FILLED")
A_DAY = 78  # slots of five minutes
RATIOS = ((2, 1), (3, 1), (3, 2), (7, 5), (1, 2), (2, 3), (1, 7), (1, 10000))
KINDS = """
    with s as (
        select s.*, a.effective_at, a.applied_at from ledger.splits as s
          join ledger.adjustments as a using (run_id, adjustment_seq)
          join ledger.positions as p on (p.run_id, p.symbol, p.match_no)
                                        = (s.run_id, s.symbol, s.match_no)
    ), o as (
        select o.* from sim.orders as o join sim.events as e using (account_id, broker_order_id)
         where e.reason = 'corporate action'
    )
    select unnest(array[
               case when held_qty <> 0 then 'split' end,
               case when held_qty <> 0 and ratio_num > ratio_den then 'forward' end,
               case when held_qty <> 0 and ratio_num < ratio_den then 'reverse' end,
               case when cash_micros <> 0 then 'fraction' end,
               case when cash_micros < 0 then 'fraction of a short' end,
               case when held_qty < 0 then 'short' end,
               case when held_qty <> 0 and new_qty = 0 then 'nothing is left' end,
               case when held_qty <> 0 and exists (
                    select from ledger.adjustments as d
                     where d.action_kind = 'CASH_DIVIDEND' and d.symbol = s.symbol
                       and d.effective_at = s.effective_at and d.held_qty <> 0)
                    then 'dividend of the morning' end]) as kind from s
     union select 'lots' from ledger.lot_splits group by run_id, symbol, match_no, adjustment_seq
           having count(*) > 1
     union select 'stop' from o where order_type = 'STOP'
     union select 'order' from o where order_type <> 'STOP'
     union select 'flatten' from o join oms.orders as d using (client_order_id)
             join oms.intents as i using (run_id, intent_id) where i.leg = 'FLATTEN'
     union select 'trade after' from ledger.lot_closes where split_seq is not null
"""
OTHERS = ("marketdata", "broker_events", "snapshots")


def draw_config(random: Random) -> dict[str, Any]:
    """Costs, limits near to what happens, one to three symbols, daily or five-minute bars."""
    pick = random.choice
    return {
        "data": {
            "timeframe": pick(["1D", "5m"]),
            "gap_window_bars": 2,
            "stale_data_threshold_seconds": pick([60, 86400]),
        },
        "execution": {
            "fill_profile": pick(["worst_case", "next_open"]),
            "slippage_bps": pick([0, 5, 50]),
            "volatility_mult_bps": pick([0, 5000]),
            "max_slippage_bps": pick([50, 100]),
            "fee_per_share_micros": pick([0, 5000]),
            "fee_bps": pick([0, 10]),
            "participation_bps": pick([10000, 100, 1000]),
            "split_above_qty": pick([100, 1000000]),
        },
        "risk": {
            "daily_loss_limit": pick([0.5, 0.02, 0.005]),
            "max_drawdown": pick([0.9, 0.05, 0.02]),
            "allow_short": random.random() < 0.6,
            "max_gross_exposure": pick([1, 2, 3]),
            "max_net_exposure": pick([1, 2]),
            "max_leverage": pick([1, 2]),
            "halt_leverage": pick([2, 2.01]),
            "max_order_qty": pick([5000, 200]),
            "max_order_notional": 1,
            "max_position_per_symbol": pick([2, 0.3]),
            "max_concentration": pick([2, 0.3]),
            "price_collar_bps": pick([1500, 300]),
            "flatten_on_critical": pick([True, False]),
            "reject_storm": {
                "max_rejects": pick([1, 2, 100]),
                "window_seconds": pick([300, 864000]),
            },
            "order_rate": {"max_orders": pick([100, 2]), "window_seconds": pick([60, 200000])},
        },
        "strategy": {**GIVEN, "symbols": random.sample(sorted(PRICES), pick([1, 2, 3]))},
    }


def draw_guards(random: Random) -> dict[str, Any]:
    """A protective stop, near enough to be hit; the day trader's rule; limits that seldom end it all."""
    pick = random.choice
    return {
        "risk": {
            "daily_loss_limit": pick([0.9, 0.05]),
            "max_drawdown": pick([0.9, 0.1]),
            "max_gross_exposure": 3,
            "max_net_exposure": 3,
            "max_leverage": 3,
            "halt_leverage": pick([3, 10]),
            "max_order_qty": 5000,
            "max_order_notional": 3,
            "max_position_per_symbol": pick([3, 0.5]),
            "max_concentration": 3,
            "price_collar_bps": 5000,
            "flatten_on_critical": random.random() < 0.7,
            "reject_storm": {"max_rejects": pick([100, 2])},
            "order_rate": {"max_orders": 100},
            "pdt": {
                "mode": pick(["OFF", "OFF", "AUTO", "ALWAYS"]),
                "max_day_trades": pick([1, 3, 5]),
                "min_equity": pick([25000, 100000]),
            },
        },
        "data": {"timeframe": pick(["1D", "5m", "5m"])},
        "strategy": {"protective_stop_bps": pick([0, 100, 300, 1000])},
    }


def draw_strains(random: Random) -> dict[str, Any]:
    """A short that can no longer be bought back once all its money has bought something else."""
    config = draw_guards(random)
    return merge(
        config,
        {
            "risk": {
                "allow_short": True,
                "daily_loss_limit": 0.9,
                "max_drawdown": 0.9,
                "max_position_per_symbol": 3,
                "reject_storm": {"max_rejects": random.choice([100, 100, 2])},
                "pdt": {"mode": "OFF"},
            },
            "strategy": {
                "symbols": ["AAA", "BBB"],
                "protective_stop_bps": random.choice([100, 200]),
            },
        },
    )


def draw_standings(random: Random) -> dict[str, Any]:
    """Forbidden periods; what is restricted and delisted while the desk runs: `ParityDesk.unsettle`."""
    config = draw_guards(random)
    days = sessions(40)
    first = random.randrange(len(days))
    period = f"AAA {days[first]} {days[min(first + random.randrange(9), 39)]}"
    return merge(
        config,
        {
            "data": {"forbid_periods": random.choice([[], [period]])},
            "risk": {"allowed_session": random.choice(["ANY", "ANY", "OPEN", "CLOSED"])},
            "strategy": {"symbols": ["AAA", "BBB"]},
        },
    )


def draw_dividends(random: Random) -> dict[str, Any]:
    """Dividends of two symbols, some announced for no day of payment: `ParityDesk.announce`."""
    config = draw_guards(random)
    forbid = random.choice(["APPLY", "APPLY", "FORBID"])
    return merge(
        config,
        {
            "data": {"corporate_actions": forbid},
            "risk": {"pdt": {"mode": "OFF"}},
            "strategy": {"symbols": ["AAA", "BBB"]},
        },
    )


def draw_splits(random: Random) -> dict[str, Any]:
    """Splits and dividends of two symbols, some of one morning; shorts; stops in half of the desks."""
    config = draw_guards(random)
    return merge(
        config,
        {
            "risk": {
                "allow_short": random.random() < 0.7,
                "halt_leverage": 10,
                "daily_loss_limit": random.choice([0.9, 0.9, 0.05]),
                "max_order_qty": 100000,
            },
            "strategy": {
                "symbols": ["AAA", "BBB"],
                "protective_stop_bps": random.choice([0, 300, 1000, 2000]),
            },
        },
    )


def draw_orders(random: Random) -> dict[str, Any]:
    """Limits wide enough for targets of every order type: `ParityDesk.decide`."""
    config = draw_guards(random)
    return merge(
        config,
        {
            "execution": {"participation_bps": random.choice([10000, 10000, 1000])},
            "risk": {
                "max_gross_exposure": 10,
                "max_net_exposure": 10,
                "max_leverage": 10,
                "halt_leverage": 12,
                "max_order_notional": 10,
                "max_position_per_symbol": 10,
                "max_concentration": 10,
                "price_collar_bps": random.choice([5000, 500]),
                "order_rate": {"max_orders": 100},
                "reject_storm": {"max_rejects": 100},
                "daily_loss_limit": 0.9,
                "max_drawdown": 0.9,
                "pdt": {"mode": "OFF"},
            },
            "data": {"timeframe": random.choice(["1D", "5m", "5m"])},
            "strategy": {"protective_stop_bps": 0},
        },
    )


def draw_guarded_orders(random: Random) -> dict[str, Any]:
    """The same beside a protective stop."""
    config = draw_orders(random)
    return merge(config, {"strategy": {"protective_stop_bps": random.choice([100, 300, 1000])}})


def draw_split_orders(random: Random) -> dict[str, Any]:
    """The same over splits."""
    config = draw_guarded_orders(random)
    terms = {"data": {"timeframe": "1D"}, "strategy": {"symbols": ["AAA", "BBB"]}}
    return merge(config, {"risk": {"allow_short": random.random() < 0.7}, **terms})


def draw_terms(random: Random, mark: float) -> dict[str, Any]:
    """How a target is traded: near enough to the mark to be filled now and then, and mostly not to be."""
    kind = random.choice(["MARKET", "LIMIT", "STOP", "STOP_LIMIT"])
    near = [round(mark * (1 + random.gauss(0, 0.02)) * 100) * 10_000 for _ in range(2)]
    cents = [min(max(price, 10_000), 10**12) for price in near]
    terms: dict[str, Any] = {"order_type": kind}
    if "LIMIT" in kind:
        terms["limit_price_micros"] = cents[0]
    if "STOP" in kind:
        terms["stop_price_micros"] = cents[1]
    return terms if kind != "MARKET" else {}


class ParityDesk(Desk):
    """A desk whose workers tick at the very ends of the bars; `test`: its backtest."""

    test: dict[str, Any]

    prices = PRICES

    def __init__(
        self, url: str, seed: int, ticks: int = 34, *, draw: Drawing | None = None
    ) -> None:
        self.random = Random(seed)
        config = draw_config(self.random)
        if draw:
            config = merge(config, draw(self.random))
        self.wishes = STRAINS if draw is draw_strains else {}
        self.is_unsettled = draw is draw_standings
        self.is_splitting = draw in (draw_splits, draw_split_orders)
        self.is_paying = draw is draw_dividends or self.is_splitting
        self.ratios: dict[tuple[date, str], tuple[int, int]] = {}
        self.is_picky = draw in (draw_orders, draw_guarded_orders, draw_split_orders)
        super().__init__(url, **config)
        self.is_daily = self.config["data"]["timeframe"] == "1D"
        self.symbols = sorted(self.config["strategy"]["symbols"])
        base = 0 if self.is_daily else self.random.choice([0, 60])  # 60: over the night
        base = 60 if self.is_splitting and not self.is_daily else base
        self.first, self.last = base + 2, base + ticks
        self.walk = dict(PRICES)
        self.wants = dict.fromkeys(self.symbols, 0)
        self.signals: list[tuple[int, int, int, int | None, int | None]] = []
        self.terms: dict[str, dict[str, Any]] = {symbol: {} for symbol in self.symbols}
        when = self.random.randrange(self.first + 3, self.last)
        self.hole = (when, self.random.choice(self.symbols)) if self.random.random() < 0.2 else None

    def day_of(self, tick: int) -> date:
        """The session of a tick (from 0)."""
        return self.days[tick] if self.is_daily else self.days[tick // A_DAY]

    def end_of(self, tick: int) -> datetime:
        """The end of a tick's bar."""
        day = self.day_of(tick)
        if self.is_daily:
            return close_of(day)
        return (
            datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC) + (tick % A_DAY + 1) * SLOT
        )

    def draw_bars(self, tick: int) -> None:
        """Random bars of every symbol; one may be missing."""
        gauss = self.random.gauss
        for symbol in PRICES:
            if self.is_daily or tick % A_DAY == 0:
                num, den = self.ratios.get((self.day_of(tick), symbol), (1, 1))
                self.walk[symbol] *= den / num
            volume = self.random.choice([self.random.randrange(2000), 1_000_000])
            self.walk[symbol] = max(2, self.walk[symbol] * (1 + gauss(0, 0.03)))
            close = round(self.walk[symbol], 2)
            begin = round(self.walk[symbol] * (1 + gauss(0, 0.01)), 2)
            high = round(max(begin, close) * (1 + abs(gauss(0, 0.01))), 2)
            low = round(min(begin, close) * (1 - abs(gauss(0, 0.01))), 2)
            if self.hole == (tick, symbol):
                continue
            bar = {"open": begin, "high": high, "low": low, "close": close, "volume": volume}
            if self.is_daily:
                self.add_bars(self.day_of(tick), **{symbol: bar})
            else:
                at = {"starts_at": (self.end_of(tick) - SLOT).isoformat()}
                row = {"line_no": 2, "symbol": symbol, "timeframe": "5m", **at}
                self.market.rows.append({**row, **{k: str(v) for k, v in bar.items()}})

    def announce(self) -> None:
        """Dividends in the sessions that are played, three of each symbol."""
        ahead = 20 if self.is_daily else 2
        for symbol in self.symbols:
            for session in self.random.sample(range(1, 1 + ahead), min(3, ahead)):
                paid = self.random.choice([session, session + 1, session + 4])
                amount = self.random.choice(["0.5", "2.25", "0.000001"])
                announce(self, session, symbol=symbol, amount=amount, paid=paid)
                if self.is_splitting and self.random.random() < 0.5:
                    self.split(session, symbol)
            if self.is_splitting:
                self.split(self.random.randrange(3, 30) if self.is_daily else 1, symbol)

    def split(self, session: int, symbol: str) -> None:
        """Announce a split of that morning, unless there is one."""
        if (self.days[session], symbol) in self.ratios:
            return
        num, den = self.random.choice(RATIOS)
        self.ratios[self.days[session], symbol] = num, den
        announce(self, session, symbol=symbol, ratio=f"{num}:{den}")

    def kinds(self) -> set[str]:
        """What the splits of this desk met."""
        return {row["kind"] for row in self.sql(KINDS) if row["kind"]}

    def begin(self) -> None:
        """Two bars of history at least, then arm and begin."""
        if self.is_paying:
            self.announce()
        for tick in range(self.first):
            self.draw_bars(tick)
        self.clock.move_to(self.end_of(self.first - 1) + timedelta(seconds=5))
        self.tick(*OTHERS)
        self.show_workers()
        words = self.value("api.run_arm_words", run_id=self.run_id)
        for command, args in (("run_arm", {"confirm": words}), ("run_begin", {})):
            done = self.act(command, run_id=self.run_id, **args)
            assert done["outcome"] == "DONE", done

    def play(self) -> int:
        """Every tick through the real doors, until the end or a halt; give the last tick."""
        self.begin()
        for tick in range(self.first, self.last):
            self.draw_bars(tick)
            self.clock.move_to(self.end_of(tick))
            self.tick(*OTHERS)
            if self.status == "RUNNING":
                self.decide(tick)
            self.come_round()
            if self.is_unsettled and self.random.random() < 0.15:
                self.unsettle()
            if self.status == "HALTED" and self.is_over():
                return tick
        return self.last - 1

    def unsettle(self) -> None:
        """Restrict a symbol, now or from a moment to come, or set it free again."""
        later = timedelta(minutes=self.random.choice([7, 1000]))
        self.call(
            "api.risk_restrict",
            symbols=[self.random.choice(self.symbols)],
            restriction=self.random.choice(["NONE", "SHORT", "TRADE"]),
            reason="a test",
            effective_at=self.random.choice([None, self.now + later]),
            now_at=self.now + timedelta(seconds=1),
        )

    def come_round(self) -> None:
        """Let the workers tick until none has anything left to do, as they do between two bars."""
        sent, asked = 1, -1
        while sent or asked != self.one("select count(*) from oms.outbox"):
            asked = self.one("select count(*) from oms.outbox")
            if self.status == "RUNNING":
                self.call("io.plan_stops", **self.lease("strategist"), now_at=self.now)
            sent = load_worker("gateway").tick(self.ticks["gateway"])
            self.tick("broker_events")

    def is_over(self) -> bool:
        """Whether a halted run has nothing more to do: no flatten is asked for, or it is done."""
        asked = self.one("select count(*) from risk.flattens")
        held = self.one("select count(*) from ledger.positions where position_qty <> 0")
        busy = self.one("select count(*) from oms.orders where order_status = any(%s)", list(OPEN))
        return not asked or not (held or busy)

    def decide(self, tick: int) -> None:
        """Want something else of some symbols, and have it planned."""
        pick, number = self.random.choice, self.random.randrange
        for n, symbol in enumerate(self.symbols, 1):
            if self.random.random() < 0.4:
                self.wants[symbol] = pick(
                    self.wishes.get(symbol, [0, number(-800, 800), number(2500), 300])
                )
            if self.is_picky and self.random.random() < 0.7:
                self.terms[symbol] = draw_terms(self.random, self.walk[symbol])
            terms = self.terms[symbol]
            prices = terms.get("limit_price_micros"), terms.get("stop_price_micros")
            self.signals.append((tick + 1, n, self.wants[symbol], *prices))
        targets = {
            symbol: {"qty": qty, **self.terms[symbol]} if self.terms[symbol] else qty
            for symbol, qty in self.wants.items()
            if qty or self.terms[symbol]
        }
        lease = self.lease("strategist")
        self.call("io.plan_intents", **lease, targets=targets, now_at=self.now)

    def backtest(self, last: int, *, signals: bool = True) -> dict[str, Any]:
        """The backtest of what was wanted, on what the store holds; give its row."""
        made = self.call(
            "lab.freeze_dataset",
            timeframe=self.config["data"]["timeframe"],
            symbols=self.symbols,
            from_on=self.days[0],
            to_on=self.day_of(last),
            now_at=self.now,
        )[0]
        test = self.call(
            "lab.open_backtest",
            code_sha256=None,
            dataset_id=made["dataset_id"],
            canonical_json=canonical(self.config),
            latency_bars=0,
            now_at=self.now,
        )[0]["backtest_id"]
        for signal in self.signals if signals else ():
            self.sql(
                "insert into lab.signals values (%s, %s, %s, 'SHARES', %s, %s, %s)", test, *signal
            )
        return self.call(
            "lab.run_backtest", backtest_id=test, id_base=self.run_id, now_at=self.now
        )[0]
