"""Laws of the page: it stands alone, the same figures give the same text, no text becomes a tag."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mqk.report.render import (
    MAX_ORDERS,
    MAX_TRADES,
    money,
    month_table,
    number,
    percent,
    render,
    sign,
)
from page_kit import HOSTILE, LOADS, POINTS, Page

DAY = re.compile(r"^\d{4}-\d\d")


def spoil(value: Any, text: str) -> Any:
    """Put `text` behind every text of a document but dates, and behind every symbol."""
    if isinstance(value, dict):
        return {key: spoil(one, text) for key, one in value.items()}
    if isinstance(value, list):
        return [spoil(one, text) for one in value]
    return value + text if isinstance(value, str) and not DAY.match(value) else value


def spoil_names(payload: dict[str, Any], text: str) -> dict[str, Any]:
    """The same for the keys that are shown: symbols, statuses, names of digests."""
    for name in ("prices", "order_counts", "digests"):
        payload[name] = {f"{key}{text}": value for key, value in payload[name].items()}
    return payload


def large(payload: dict[str, Any], sessions: int, trades: int) -> dict[str, Any]:
    """The same run as if it had gone on for years."""
    days = [(date(1990, 1, 1) + timedelta(days=n)).isoformat() for n in range(sessions)]
    fills, orders, closed = payload["fills"], payload["orders"], payload["trades"]
    equity = payload["equity"][0]
    return {
        **payload,
        "equity": [{**equity, "session_on": day, "equity_micros": 10**11 + n * 7654321 % 10**9}
                   for n, day in enumerate(days)],
        "benchmark": [{"session_on": day, "close_micros": 10**9 + n} for n, day in enumerate(days)],
        "prices": {symbol: [[day, 10**8 + n * 54321 % 10**7] for n, day in enumerate(days)]
                   for symbol in payload["prices"]},
        "monthly": [{"month": month, "return_bps": -1234} for month in sorted({d[:7] for d in days})],
        "trades": [closed[n % len(closed)] for n in range(trades)],
        "orders": [orders[n % len(orders)] for n in range(2 * trades)],
        "fills": [{**fills[n % len(fills)], "session_on": days[n * 3 % sessions]}
                  for n in range(2 * trades)],
    }  # fmt: skip


def test_the_page_stands_alone(report: Any) -> None:
    text = render(report.payload)
    page = Page(text)
    assert not {tag for tag, _ in page.tags} & LOADS
    names = {name for _, attributes in page.tags for name in attributes}
    assert not names & POINTS
    assert not [name for name in names if name.startswith("on")]
    for word in ("http:", "https:", "//", "<script", "@import", "url(", "javascript:"):
        assert word not in text.lower(), word


def test_every_tag_that_opens_is_closed(report: Any, unborn: Any) -> None:
    for one in (report, unborn):
        assert Page(render(one.payload)).open == []


def test_the_same_payload_gives_the_same_page(report: Any) -> None:
    assert render(report.payload) == render(report.payload)


def test_calmar_and_recovery_are_those_of_the_equity_that_is_shown(report: Any) -> None:
    metrics, equity = report.payload["metrics"], report.payload["equity"]
    points = [metrics["initial_micros"], *(row["equity_micros"] for row in equity)]
    years = len(equity) / 252
    growth = (points[-1] / points[0]) ** (1 / years) - 1
    worst = min(p / max(points[: n + 1]) - 1 for n, p in enumerate(points))
    assert float(metrics["calmar"]) == pytest.approx(growth / -worst, rel=1e-4)
    back = [
        n - peak
        for peak, top in enumerate(points)
        for n in [next((n for n in range(peak + 1, len(points)) if points[n] >= top), None)]
        if top == max(points[: peak + 1]) and n is not None and n - peak > 1
    ]
    assert metrics["recovery_sessions"] == max(back, default=0)
    text = render(report.payload)
    assert number(metrics["calmar"]) in text
    assert "sessions, longest way back to a peak" in text


def test_the_page_shows_the_figures_of_the_database(report: Any) -> None:
    payload = report.payload
    text = Page(render(payload)).text
    for figure in ("final_equity_micros", "fees_micros"):
        assert money(payload["metrics"][figure]) in text
    assert percent(payload["metrics"]["total_return"]) in text
    for digest in payload["digests"].values():
        assert digest in text
    for sentence in payload["limitations"]:
        assert sentence in text
    assert len(payload["trades"]) > 0
    for trade in payload["trades"]:
        assert money(trade["realized_micros"]) in text


def test_a_hostile_text_changes_no_tag(report: Any) -> None:
    honest = Page(render(report.payload))
    spoilt = Page(render(spoil_names(spoil(report.payload, HOSTILE), HOSTILE)))
    assert spoilt.tags == honest.tags
    assert "<script>alert(1)</script>" in spoilt.text  # it is there, as text
    assert "{{ 7*7 }}" in spoilt.text
    assert "49{%" not in spoilt.text


@pytest.mark.parametrize(
    "path",
    [
        ("run", "halt_reason"),
        ("run", "account_id"),
        ("run", "strategy_id"),
        ("run", "symbols", 0),
        ("orders", 0, "reject_reason"),
        ("orders", 0, "symbol"),
        ("trades", 0, "symbol"),
        ("positions", 0, "symbol"),
        ("gates", 0, "reason"),
        ("run", "history", 0, "reason"),
        ("run", "history", 0, "actor"),
        ("quality", 0, "symbol"),
        ("limitations", 0),
        ("risk", "limits", 0, "limit"),
        ("benchmark_symbol",),
    ],
    ids=lambda path: ".".join(map(str, path)),
)
def test_a_script_in_a_text_is_shown_and_not_run(report: Any, path: tuple[Any, ...]) -> None:
    *way, last = path
    place = report.payload
    for step in way:
        place = place[step]
    place[last] = HOSTILE
    text = render(report.payload)
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&gt;&lt;img" in text


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text("<>&\"'/=- \n\rabc\0{}%#;é", max_size=12))
def test_no_text_whatever_changes_a_tag(report: Any, text: str) -> None:
    honest = Page(render(report.payload)).tags
    assert Page(render(spoil_names(spoil(report.payload, text), text))).tags == honest


def test_a_run_to_which_nothing_happened_has_a_page(unborn: Any) -> None:
    payload = unborn.payload
    assert not any(payload[name] for name in ("equity", "trades", "orders", "fills", "gates"))
    text = Page(render(payload)).text
    assert "nan" not in text.lower().split()
    assert text.count("none") >= 2  # positions and trades
    assert "–" in text  # every figure that is undefined


@pytest.mark.parametrize(
    "name",
    ["equity", "trades", "orders", "fills", "gates", "positions", "monthly", "benchmark", "quality",
     "limitations"],
)  # fmt: skip
def test_any_part_may_be_missing(report: Any, name: str) -> None:
    assert Page(render({**report.payload, name: []})).open == []


def test_a_run_of_one_session_has_a_page(report: Any) -> None:
    day = report.payload["equity"][0]["session_on"]
    report.payload["equity"] = report.payload["equity"][:1]
    report.payload["benchmark"] = [{"session_on": day, "close_micros": 10**9}]
    report.payload["prices"] = {s: rows[:1] for s, rows in report.payload["prices"].items()}
    assert "nan" not in render(report.payload)


def test_years_of_trading_fit_into_a_megabyte(report: Any) -> None:
    text = render(large(report.payload, 5000, 400))
    assert len(text.encode()) < 1_000_000
    assert Page(text).open == []


@pytest.mark.parametrize(("trades", "said"), [(MAX_TRADES, False), (MAX_TRADES + 1, True)])
def test_a_trade_that_is_not_shown_is_told_of(report: Any, trades: int, said: bool) -> None:
    text = render(large(report.payload, 1500, trades))
    assert (f"{trades} in all; the rest is in fills.csv." in text) is said


def test_no_more_orders_are_shown_than_the_limit(report: Any) -> None:
    few, many = (render(large(report.payload, 1500, n)) for n in (MAX_ORDERS // 2, MAX_ORDERS))
    assert many.count("<tr><td>2024-01-") - few.count("<tr><td>2024-01-") == 0


def test_a_fill_outside_the_chart_is_counted_and_not_drawn(report: Any) -> None:
    symbol = report.payload["fills"][0]["symbol"]
    before = render(report.payload)
    report.payload["fills"][0]["session_on"] = "1999-01-01"
    after = render(report.payload)
    drawn = [
        text.count('<path class="b"') + text.count('<path class="s"') for text in (before, after)
    ]
    assert drawn[0] - drawn[1] == 1
    count = sum(fill["symbol"] == symbol for fill in report.payload["fills"])
    assert f"{symbol}</b> · {count} fills" in after


def test_the_benchmark_is_drawn_only_if_it_has_every_session(report: Any) -> None:
    equity = report.payload["equity"]
    whole = [{"session_on": row["session_on"], "close_micros": 10**9} for row in equity]
    for benchmark, is_drawn in ((whole, True), (whole[1:], False), ([], False)):
        text = render({**report.payload, "benchmark": benchmark})
        assert ('<path class="l1"' in text) is is_drawn


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (money(None), "–"),
        (money(0), "0.00"),
        (money(1_234_567_890_000), "1,234,567.89"),
        (money(-5_000_000), "\u22125.00"),
        (money(123_456, 4), "0.1235"),
        (money(9_007_199_254_740_993_000_000), "9,007,199,254,740,993.00"),
        (percent(None), "–"),
        (percent(0), "0.00%"),
        (percent(-0.1188), "\u221211.88%"),
        (percent(0.5, 1), "50.0%"),
        (number(None), "–"),
        (number(1234.5), "1,234.50"),
        (number(-2.643112), "\u22122.64"),
        (sign(None), ""),
        (sign(0), ""),
        (sign(0.01), "up"),
        (sign(-1), "down"),
    ],
)
def test_a_figure_is_exact_and_what_is_undefined_is_a_dash(shown: str, text: str) -> None:
    assert shown == text


def test_months_without_trading_stay_empty_and_a_year_compounds() -> None:
    months = [("2024-01", 1000), ("2024-12", -1000), ("2022-06", None), ("2023-06", 5)]
    rows = month_table([{"month": month, "return_bps": bps} for month, bps in months])
    assert [(year, total) for year, _, total in rows] == [("2022", 0), ("2023", 5), ("2024", -100)]
    assert rows[2][1] == [1000, *[None] * 10, -1000]
