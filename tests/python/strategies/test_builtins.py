"""Laws of the built-in strategies: whole shares, a bounded window, and the same rule in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from kit import Desk, close_of
from mqk.db import call
from mqk.errors import MqkError
from mqk.strategies import GROUP, Bar, Context, Strategy, load, names
from mqk.strategies.mean_reversion import MeanReversion
from mqk.strategies.sma_trend import SmaTrend, is_rising
from mqk.workers.strategist import announce, wire
from support import SERVER

TREND = {"fast_bars": 2, "slow_bars": 4, "weight_bps": 2000}
DIP = {"window_bars": 4, "entry_bps": 500, "exit_bps": 100, "weight_bps": 2000}
BOTH = ((SmaTrend(), TREND), (MeanReversion(), DIP))
DAY, FIRST = date(2024, 1, 2), datetime(2024, 1, 2, 21, tzinfo=UTC)
CASH = 100_000_000_000
PRICE = st.integers(1, 10_000_000_000_000)
CLOSES = st.dictionaries(
    st.sampled_from(["AAA", "BBB", "CCC"]), st.lists(PRICE, max_size=10), min_size=1
)
HELD = st.dictionaries(st.sampled_from(["AAA", "BBB", "CCC"]), st.integers(-9, 10**6))
EQUITY = st.integers(-CASH, 10**17)
WEIGHT = st.integers(0, 20000)


def bars(closes: list[int]) -> list[Bar]:
    """Bars with these closes."""
    return [
        Bar(DAY + timedelta(days=n), FIRST + timedelta(days=n), close, close, close, close, 100)
        for n, close in enumerate(closes)
    ]


def shown(
    closes: Mapping[str, list[int]],
    parameters: Mapping[str, Any],
    held: Mapping[str, int] | None = None,
    equity: int = CASH,
) -> Context:
    """What a strategy sees."""
    made = {symbol: bars(one) for symbol, one in closes.items()}
    return Context(FIRST + timedelta(days=99), made, held or {}, equity, parameters)


def trend(closes: list[int], held: int = 0, equity: int = CASH, **parameters: int) -> int:
    """What sma_trend wants of one symbol."""
    context = shown({"AAA": closes}, TREND | parameters, {"AAA": held}, equity)
    return SmaTrend().on_bar(context)["AAA"]


def dip(closes: list[int], held: int = 0, equity: int = CASH, **parameters: int) -> int:
    """What mean_reversion wants of one symbol."""
    context = shown({"AAA": closes}, DIP | parameters, {"AAA": held}, equity)
    return MeanReversion().on_bar(context)["AAA"]


def document(context: Context) -> dict[str, Any]:
    """The context as the door io.get_strategy_context gives it."""
    return {
        "bar_end_at": context.bar_end_at.isoformat(),
        "equity_micros": context.equity_micros,
        "parameters": dict(context.parameters),
        "positions": dict(context.positions),
        "bars": {
            symbol: [
                [b.session_on.isoformat(), b.bar_end_at.isoformat(), b.open_micros, b.high_micros,
                 b.low_micros, b.close_micros, b.volume]
                for b in rows
            ] or None
            for symbol, rows in context.bars.items()
        },
    }  # fmt: skip


def test_the_built_in_strategies_are_installed_under_their_names() -> None:
    assert {"sma_trend", "mean_reversion"} <= set(names())
    for name in ("sma_trend", "mean_reversion"):
        assert load(name).name == name


def test_a_strategy_that_is_not_installed_is_not_there() -> None:
    with pytest.raises(MqkError, match="MQN05") as no:
        load("sma_tren")
    assert (no.value.detail, no.value.exit_code) == ("sma_tren", 2)
    assert "sma_trend" in no.value.fix


def test_a_name_that_two_packages_bring_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = [EntryPoint("twin", f"{package}:Twin", GROUP) for package in ("one", "other")]
    monkeypatch.setattr("mqk.strategies.entry_points", lambda **_: pair)
    with pytest.raises(MqkError, match="MQS10") as no:
        load("twin")
    assert (no.value.detail, no.value.exit_code) == ("twin: one:Twin, other:Twin", 3)


def test_a_context_is_read_from_the_document_of_the_door() -> None:
    context = shown({"AAA": [1, 2, 3], "BBB": []}, TREND, {"AAA": 5}, 7)
    assert Context.from_json(document(context)) == context


def test_trend_buys_on_a_rise_and_is_flat_on_a_fall() -> None:
    assert trend([100, 100, 110, 120]) > 0
    assert trend([120, 110, 100, 90]) == 0
    assert trend([120, 110, 100, 90], held=50) == 0


def test_trend_is_flat_when_the_averages_are_equal_and_long_one_micro_above() -> None:
    level = [100_000_000] * 4
    assert trend(level) == 0
    assert trend([*level[:3], level[3] + 1]) > 0
    assert trend([*level[:3], level[3] - 1]) == 0
    assert trend([1, 3, 2, 2], fast_bars=2) == 0  # F 4 * 4 = S 8 * 2


def test_trend_compares_without_rounding() -> None:
    huge = 10_000_000_000_000
    assert trend([huge, huge, huge, huge + 1], equity=10**18) > 0
    assert trend([huge, huge, huge, huge], equity=10**18) == 0


@pytest.mark.parametrize("held", [0, 50])
def test_trend_needs_all_its_bars(held: int) -> None:
    rising = [100, 110, 120, 130]
    assert trend(rising[1:], held) == 0
    assert trend(rising, held) > 0
    assert trend([], held) == 0


def test_trend_keeps_a_long_position_as_it_is_and_never_a_short_one() -> None:
    rising = [100_000_000, 110_000_000, 120_000_000, 130_000_000]
    assert trend(rising, held=7) == 7
    assert trend(rising, held=1, equity=0) == 1
    assert trend(rising, held=-7) == trend(rising) == 153


def test_dip_buys_at_its_entry_and_not_one_micro_above() -> None:
    # 3 * 1000 + c: c * 4 * 10000 <= (3000 + c) * 9500 <=> c <= 934.4...
    assert dip([1000, 1000, 1000, 934]) > 0
    assert dip([1000, 1000, 1000, 935]) == 0
    # 1000 is exactly 5 % below the mean of 1052.63...: 19 * 1000 = 20 * 950
    assert dip([19, 19, 23, 19], entry_bps=500) > 0  # 19 * 4 = 76 = 80 * 0.95
    assert dip([19, 19, 22, 19], entry_bps=500) == 0


def test_dip_sells_at_its_exit_and_not_one_micro_below() -> None:
    # the mean is 100 and one percent below it is 99
    assert dip([101, 100, 100, 99], held=8) == 0
    assert dip([102, 100, 100, 98], held=8) == 8
    assert dip([100, 100, 100, 100], held=8) == 0
    assert dip([120, 120, 120, 90], held=8) == 8


def test_dip_does_nothing_between_entry_and_exit() -> None:
    between = [1000, 1000, 1000, 950]
    assert dip(between) == 0
    assert dip(between, held=33) == 33


@pytest.mark.parametrize("held", [0, 50])
def test_dip_needs_all_its_bars(held: int) -> None:
    assert dip([1000, 1000, 900], held) == 0
    assert dip([1000, 1000, 1000, 900], held) > 0
    assert dip([], held) == 0


def test_dip_takes_a_short_position_for_none() -> None:
    assert dip([1000, 1000, 1000, 900], held=-5) == dip([1000, 1000, 1000, 900])
    assert dip([1000, 1000, 1000, 1000], held=-5) == 0


@settings(deadline=None)
@given(equity=EQUITY, weight=WEIGHT, close=PRICE)
def test_a_new_position_is_as_large_as_its_weight_and_not_a_share_larger(
    equity: int, weight: int, close: int
) -> None:
    shares = shown({"AAA": [close]}, {"weight_bps": weight}, equity=equity).size("AAA")
    assert shares >= 0
    budget = max(equity, 0) * weight
    assert shares * close * 10000 <= budget < (shares + 1) * close * 10000 + 10000


def test_a_weight_buys_whole_shares_rounded_down() -> None:
    for equity, shares in ((500_000_000, 1), (499_999_999, 0), (999_999_999, 1), (-1, 0), (0, 0)):
        context = shown({"AAA": [100_000_000]}, {"weight_bps": 2000}, equity=equity)
        assert context.size("AAA") == shares


@pytest.mark.parametrize(("strategy", "parameters"), BOTH)
@settings(deadline=None)
@given(closes=CLOSES, held=HELD, equity=EQUITY)
def test_targets_are_whole_shares_of_every_symbol_the_same_each_time(
    strategy: Strategy,
    parameters: dict[str, int],
    closes: dict[str, list[int]],
    held: dict[str, int],
    equity: int,
) -> None:
    context = shown(closes, parameters, held, equity)
    targets = strategy.on_bar(context)
    assert list(targets) == sorted(closes)
    assert all(type(target) is int and target >= 0 for target in targets.values())
    assert strategy.on_bar(context) == targets
    turned = shown(dict(reversed(closes.items())), parameters, held, equity)
    assert strategy.on_bar(turned) == targets


@pytest.mark.parametrize(("strategy", "parameters"), BOTH)
@settings(deadline=None)
@given(older=st.lists(PRICE, max_size=6), closes=st.lists(PRICE, min_size=4, max_size=4))
def test_a_bar_before_the_window_changes_nothing(
    strategy: Strategy, parameters: dict[str, int], older: list[int], closes: list[int]
) -> None:
    for held in (0, 9):
        short = shown({"AAA": closes}, parameters, {"AAA": held})
        long = shown({"AAA": older + closes}, parameters, {"AAA": held})
        assert strategy.on_bar(short) == strategy.on_bar(long)


@pytest.mark.parametrize(("strategy", "parameters"), BOTH)
@settings(deadline=None)
@given(closes=CLOSES, held=HELD)
def test_a_symbol_is_decided_without_looking_at_another(
    strategy: Strategy,
    parameters: dict[str, int],
    closes: dict[str, list[int]],
    held: dict[str, int],
) -> None:
    together = strategy.on_bar(shown(closes, parameters, held))
    for symbol, one in closes.items():
        assert strategy.on_bar(shown({symbol: one}, parameters, held)) == {symbol: together[symbol]}


@settings(deadline=None)
@given(closes=st.lists(PRICE, max_size=9), fast=st.integers(1, 6), slow=st.integers(1, 9))
def test_a_rise_is_what_exact_fractions_say(closes: list[int], fast: int, slow: int) -> None:
    assume(fast <= slow)
    wanted = False
    if len(closes) >= slow:  # F/fast > S/slow, brought to one denominator
        wanted = slow * sum(closes[-fast:]) - fast * sum(closes[-slow:]) > 0
    assert is_rising(bars(closes), fast, slow) is wanted


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    closes=CLOSES, held=HELD, equity=EQUITY, fast=st.integers(1, 4), more=st.integers(1, 5),
    weight=WEIGHT,
)  # fmt: skip
@example(closes={"AAA": [5, 5]}, held={}, equity=CASH, fast=1, more=1, weight=2000)
@example(closes={"AAA": [5, 6]}, held={"AAA": -3}, equity=CASH, fast=1, more=1, weight=2000)
@example(closes={"AAA": [5, 6]}, held={}, equity=-1, fast=1, more=1, weight=2000)
@example(closes={"AAA": [5], "BBB": []}, held={"AAA": 1}, equity=1, fast=1, more=1, weight=1)
def test_the_sql_strategy_decides_as_the_python_strategy_does(
    conn: Any,
    closes: dict[str, list[int]],
    held: dict[str, int],
    equity: int,
    fast: int,
    more: int,
    weight: int,
) -> None:
    parameters = {"fast_bars": fast, "slow_bars": fast + more, "weight_bps": weight}
    context = shown(closes, parameters, held, equity)
    decided = call(
        conn,
        "strat.run_sql_strategy",
        strategy_id="sma_trend_sql",
        context=document(context),
    )[0]["run_sql_strategy"]
    wanted = SmaTrend().on_bar(context)  # a symbol left out means 0
    assert {symbol: decided.get(symbol, 0) for symbol in closes} == wanted


class PythonDesk(Desk):
    """The desk of the tests, with the strategies of Python registered as the strategist does."""

    def load_reference(self) -> None:
        """Calendar, instruments and strategies."""
        super().load_reference()
        announce(self.conn, self.now)


def decide(strategy_id: str, prices: list[tuple[int, int]]) -> list[tuple[Any, ...]]:
    """Trade these closes of AAA and BBB; give every decision: session, digest, symbol, target."""
    with SERVER.clone() as database:
        desk = PythonDesk(database.url, strategy={"strategy_id": strategy_id})
        wire(desk.ticks["strategist"])
        desk.start()
        for index, (aaa, bbb) in enumerate(prices, 2):
            desk.close(index, AAA=aaa, BBB=bbb)
        rows = desk.sql(
            "select bar_end_at, context_sha256, symbol, target_qty from strat.decisions"
            " join strat.targets using (run_id, strategy_id, bar_end_at) order by 1, 3"
        )
        assert desk.broken_promises() == []
        desk.conn.close()
    return [tuple(row.values()) for row in rows]


@settings(max_examples=4, deadline=None)
@given(
    prices=st.lists(st.tuples(st.integers(80, 120), st.integers(40, 60)), min_size=5, max_size=10)
)
@example(prices=[(110, 50), (90, 55), (100, 60), (120, 40), (130, 40), (80, 45), (125, 50)])
def test_a_run_is_the_same_whichever_language_decides(prices: list[tuple[int, int]]) -> None:
    in_sql, in_python = decide("sma_trend_sql", prices), decide("sma_trend", prices)
    assert in_sql == in_python
    assert len(in_sql) == 2 * len({at for at, *_ in in_sql}) >= 2 * len(prices)


def test_the_markets_of_the_test_above_are_traded_in() -> None:
    targets = [target for *_, target in decide("sma_trend", [(110, 50), (120, 50), (80, 60)])]
    assert 0 in targets
    assert max(targets) > 0


def test_what_a_strategy_is_shown_ends_with_the_bar_it_decides_on(db: Any) -> None:
    desk = Desk(db.url)  # a window of two bars
    desk.start()
    for index in range(2, 7):
        desk.close(index, ticks=("marketdata", "snapshots"), AAA=100 + index, BBB=50)
        seen = desk.call("io.get_strategy_context", run_id=desk.run_id, now_at=desk.now)[0]
        context = Context.from_json(seen["context"])
        for rows in context.bars.values():
            assert len(rows) == 2
            assert rows[-1].bar_end_at == context.bar_end_at == close_of(desk.days[index])
            assert [b.session_on for b in rows] == desk.days[index - 1 : index + 1]
        desk.tick("strategist")
    desk.conn.close()
