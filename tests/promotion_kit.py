"""A desk on a market of waves, long enough for a promotion: a run through the real doors and the
backtest of the same config on the same bars."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kit import Desk, close_of
from mqk.backtesting import Play
from mqk.config.load import canonical, merge

BUILD = "b" * 64
WORST = {
    "fill_profile": "worst_case",
    "slippage_bps": 5,
    "volatility_mult_bps": 5000,
    "max_slippage_bps": 25,
    "fee_per_share_micros": 5000,
    "participation_bps": 100,
    "split_above_qty": 1000000,
}
FREE = {  # no limit in the way: what costs more must end with less
    "max_gross_exposure": 3,
    "max_net_exposure": 3,
    "max_position_per_symbol": 3,
    "max_order_qty": 100000,
}
WAVE = (3, 3, 3, 3, 3, 3, -1, -1)  # per cent a session: six up, two down
OTHERS = ("marketdata", "broker_events", "snapshots")


class WaveDesk(Desk):
    """Its strategy rides the waves of three symbols; `is_rising` turns the waves over."""

    sessions = 200
    prices: Mapping[str, int] = {"AAA": 100, "BBB": 50, "CCC": 20}

    def __init__(self, url: str, *, is_rising: bool = True, **config: Any) -> None:
        parameters = {"fast_bars": 1, "slow_bars": 2, "weight_bps": 2500}
        strategy = {"symbols": sorted(self.prices), "parameters": parameters}
        super().__init__(
            url, **merge({"execution": WORST, "risk": FREE, "strategy": strategy}, config)
        )
        self.walk = {symbol: float(price) for symbol, price in self.prices.items()}
        self.is_rising = is_rising

    def draw(self, tick: int) -> None:
        """The bars of a session: a wave a symbol, one session behind the other; the first two are flat."""
        for n, symbol in enumerate(sorted(self.prices)):
            step = WAVE[(tick + n) % len(WAVE)] * (1 if self.is_rising else -1) if tick > 1 else 0
            self.walk[symbol] *= 1 + step / 100
            close = round(self.walk[symbol], 2)
            high, low = round(close + 0.02, 2), round(close - 0.02, 2)
            row = {"open": close, "high": high, "low": low, "close": close}
            self.add_bars(self.days[tick], **{symbol: {**row, "volume": 100_000_000}})

    def ride(self, ticks: int) -> None:
        """Two sessions of history, arm, begin, and one tick a session."""
        for tick in (0, 1):
            self.draw(tick)
        self.clock.move_to(close_of(self.days[1]) + timedelta(seconds=5))
        self.tick(*OTHERS)
        self.show_workers()
        words = self.value("api.run_arm_words", run_id=self.run_id)
        for command, args in (("run_arm", {"confirm": words}), ("run_begin", {})):
            done = self.act(command, run_id=self.run_id, **args)
            assert done["outcome"] == "DONE", done
        for tick in range(2, ticks):
            self.draw(tick)
            self.clock.move_to(close_of(self.days[tick]))
            self.tick(*OTHERS, "strategist", "gateway")
        assert self.status == "RUNNING", self.halt_reason

    def load(self, ticks: int) -> None:
        """The same bars without a run."""
        for tick in range(ticks):
            self.draw(tick)
        self.clock.move_to(close_of(self.days[ticks - 1]) + timedelta(minutes=5))
        self.tick("marketdata")

    def freeze(self, ticks: int) -> Any:
        """The dataset of all sessions so far."""
        return self.call(
            "api.backtest_freeze",
            timeframe="1D",
            symbols=self.config["strategy"]["symbols"],
            from_on=self.days[0],
            to_on=self.days[ticks - 1],
            now_at=self.now,
        )[0]["dataset_id"]

    def test(self, ticks: int, **config: Any) -> Any:
        """The backtest of the config on them, with the run's order names; give its id."""
        made = self.call(
            "lab.open_backtest",
            code_sha256=None,
            dataset_id=self.freeze(ticks),
            canonical_json=canonical(merge(self.config, config)),
            latency_bars=0,
            now_at=self.now,
        )[0]
        self.call(
            "lab.run_backtest",
            backtest_id=made["backtest_id"],
            id_base=self.run_id,
            now_at=self.now,
        )
        return made["backtest_id"]

    def study(self, kind: str, backtest_id: Any, **terms: Any) -> dict[str, Any]:
        """Begin a study and run it to its end; give its row with outcome and steps."""
        begun = self.call(
            f"api.backtest_{kind}", backtest_id=backtest_id, **terms, now_at=self.now
        )[0]
        while self.call("api.backtest_step", study_id=begun["study_id"], now_at=self.now):
            pass
        rows = self.call("api.backtest_studies", backtest_id=backtest_id)
        return next(row for row in rows if row["study_id"] == begun["study_id"])

    def study_all(self, backtest_id: Any) -> None:
        """Every study that a promotion asks for, with the parameters as they are."""
        folds = {"folds": 3, "score": "SHARPE", "choices": None}
        self.study("stress", backtest_id)
        self.study("walk_forward", backtest_id, **folds)
        self.study("cross_validate", backtest_id, **folds, embargo=2)

    def prove(self, backtest_id: Any, cuts: int = 8, seed: int = 1) -> dict[str, Any]:
        """Prove that a SQL strategy does not look ahead; give the verdict."""
        config = self.value("lab.describe_rehearsal", backtest_id=backtest_id)["backtest_config"]
        play = Play(self.conn, self.clock, config, None)
        play.row = {"backtest_id": backtest_id}
        return play.prove(cuts, seed, lambda _done, _all: None)

    def rehearse(self, backtest_id: Any, build: str = BUILD, **forged: Any) -> dict[str, Any]:
        """Hand in this desk's run as the rehearsal of a backtest, or what is forged of it."""
        row = self.sql("select * from lab.backtests where backtest_id = %s", backtest_id)[0]
        told = {
            "twin": {"backtest_id": str(backtest_id), "digest": row["digest"]},
            "run_id": self.one(
                "select lab.derive_rehearsal_run(b) from lab.backtests as b where backtest_id = %s",
                backtest_id,
            ),
            "acts": self.call("api.promote_acts", run_id=self.run_id),
            **forged,
        }
        return self.call(
            "api.promote_rehearse", backtest_id=backtest_id, build=build, **told, now_at=self.now
        )[0]

    def judge(self, backtest_id: Any, profile: str = "MAIN", build: str = BUILD) -> dict[str, Any]:
        """Ask for a promotion."""
        return self.call(
            "api.promote_judge",
            backtest_id=backtest_id,
            profile=profile,
            build=build,
            now_at=self.now,
        )[0]


def promote_by_force(desk: Desk) -> None:
    """An artifact of the run's terms, as if a backtest of them had been promoted."""
    version = desk.one(
        "select s.version from strat.assignments as a join strat.strategies as s using (strategy_id)"
        " where a.run_id = %s",
        desk.run_id,
    )
    desk.sql(
        "select run.store_artifact(gen_random_uuid(), r.config_hash, a.strategy_id, %s, %s, %s)"
        " from run.runs as r join strat.assignments as a using (run_id) where r.run_id = %s",
        version, BUILD, desk.now, desk.run_id,
    )  # fmt: skip
