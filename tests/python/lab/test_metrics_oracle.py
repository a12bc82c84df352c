"""Metrics equal answers that others computed; what is undefined is null."""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

ORACLE = json.loads((Path(__file__).parents[2] / "oracles" / "metrics.json").read_text())
FORMULA = {
    "max_drawdown": "lab.compute_max_drawdown(%s)",
    "sharpe_rf0": "lab.compute_sharpe(%s)",
    "sortino_0": "lab.compute_sortino(%s)",
    "annual_return_len9": "lab.compute_annual_return(%s, 252)",
    "annual_volatility": "lab.compute_annual_volatility(%s)",
    "calmar_len9": "lab.compute_calmar(%s, 252)",
    "downside_risk_0": "lab.compute_downside_risk(%s)",
    "cum_returns_final": "power(lab.compute_annual_return(%s, 9) + 1, 1) - 1",
    "profit_factor": "lab.compute_profit_factor(%s)",
}


def series(values: list[float | None]) -> str:
    """A numeric[] literal, exact."""
    return "{" + ",".join("NULL" if v is None else repr(v) for v in values) + "}"


@pytest.mark.parametrize("case", ORACLE["cases"], ids=lambda c: f"{c[1]}-{c[0]}")
def test_a_metric_equals_the_published_answer(conn: Any, case: list[Any]) -> None:
    name, metric, answer, _ = case
    query = f"select {FORMULA[metric]} as got".replace("%s", "%(s)s::numeric[]")
    got = conn.execute(query, {"s": series(ORACLE["series"][name])}).fetchone()["got"]
    assert float(got) == pytest.approx(answer, rel=5e-5 if metric == "cum_returns_final" else 1e-8)


OF_A_CURVE = {"max_drawdown": "max_drawdown", "sharpe_rf0": "sharpe", "sortino_0": "sortino",
              "annual_volatility": "annual_volatility"}  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [c for c in ORACLE["cases"] if c[1] in OF_A_CURVE and None not in ORACLE["series"][c[0]]],
    ids=lambda c: f"{c[1]}-{c[0]}",
)
def test_the_figures_of_a_curve_equal_the_published_answers(conn: Any, case: list[Any]) -> None:
    name, metric, answer, _ = case
    equity = [10**15]
    for value in ORACLE["series"][name]:
        equity.append(round(equity[-1] * (1 + Fraction(str(value)))))
    days = [date(2024, 1, 1) + timedelta(n) for n in range(1, len(equity))]
    got = conn.execute(
        "select lab.describe_curve(%s::bigint, %s::date[], %s::bigint[], null) as got",
        [equity[0], days, equity[1:]],
    ).fetchone()["got"][OF_A_CURVE[metric]]
    assert got == pytest.approx(answer, abs=2e-6)


def test_the_profit_factor_of_trades_equals_the_published_answer(conn: Any) -> None:
    profits = ORACLE["series"]["pnl_mixed"]
    query = "select lab.describe_trades(%s::bigint[], %s::bigint[], 0) as got"
    got = conn.execute(query, [profits, profits]).fetchone()["got"]
    assert got["profit_factor"] == got["profit_factor_after_fees"] == 0.666667


@pytest.mark.parametrize(("values", "metric"), [
    ([], "sharpe_rf0"), ([0.01] * 10, "sharpe_rf0"), ([0.02, 0.03, 0.01], "sortino_0"),
    ([1, 2, 3], "profit_factor"), ([], "profit_factor"), ([0.1], "annual_volatility"),
])  # fmt: skip
def test_an_undefined_metric_is_null_not_infinite(conn: Any, values: Any, metric: str) -> None:
    query = f"select {FORMULA[metric]} as got".replace("%s", "%(s)s::numeric[]")
    assert conn.execute(query, {"s": series(values)}).fetchone()["got"] is None


@pytest.mark.parametrize("case", ORACLE["var_historical"]["cases"])
def test_value_at_risk_interpolates_as_published(conn: Any, case: list[Any]) -> None:
    values, cutoff, answer = case
    got = conn.execute(
        "select lab.compute_value_at_risk(%s::numeric[], %s::numeric) as got",
        [series(values), str(cutoff)],
    ).fetchone()["got"]
    assert float(got) == pytest.approx(answer)


@pytest.mark.parametrize("case", ORACLE["drawdown_recovery_days"]["cases"])
def test_recovery_days_equal_the_published_answer(conn: Any, case: list[Any]) -> None:
    equity, answer = case
    got = conn.execute("select lab.compute_recovery_days(%s::bigint[]) as got", [equity])
    assert got.fetchone()["got"] == answer
