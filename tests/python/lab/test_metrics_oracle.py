"""Metrics equal answers that others computed; what is undefined is null."""

from __future__ import annotations

import json
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
