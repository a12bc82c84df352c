"""The tearsheet of a backtest: formats and draws what api.backtest_show says, decides nothing.

One self-contained page, as mqk.report.render makes for a run. The same payload gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from mqk.report import charts
from mqk.report.render import (
    MAX_ORDERS,
    MAX_TRADES,
    dollars,
    drawdown_chart,
    equity_chart,
    key_figures,
    money,
    month_table,
    number,
    open_template,
    percent,
    price_charts,
)

Row = Mapping[str, Any]
PANELS = {
    "stress": ("Stress", "The same strategy under worse terms than it was written for."),
    "walk_forward": ("Walk-forward", "Chosen on one stretch of history, judged on the next."),
}


def render_tearsheet(payload: Mapping[str, Any]) -> str:
    """The page for a payload of api.backtest_show, with "limitations" (a list of sentences) added.

    A payload may hold "stress" and "walk_forward": {"is_passed", "steps": rows with "measures"}.
    """
    rolling = [(day, value) for day, value in payload["rolling_sharpe"] if value is not None]
    years = payload["yearly"]
    return open_template("backtest.html.j2").render(
        **payload,
        figures=key_figures(payload),
        statistics=statistics(payload["metrics"]),
        equity_chart=equity_chart(payload, payload["backtest"]["initial_cash_micros"]),
        drawdown_chart=drawdown_chart(payload["equity"]),
        sharpe_chart=charts.lines(
            "Sharpe ratio of 126 sessions", [d for d, _ in rolling], [[v for _, v in rolling]]
        ),
        year_chart=charts.bars(
            "Return of each year",
            [row["year"] for row in years],
            [(row["return_bps"] or 0) / 100 for row in years],
            [(row["return_bps"] or 0) >= 0 for row in years],
            "%",
        ),
        return_chart=return_chart(payload["distribution"]),
        price_charts=price_charts(payload),
        years=month_table(payload["monthly"]),
        shown_trades=payload["trades"][:MAX_TRADES],
        shown_orders=payload["orders"][:MAX_ORDERS],
        paper_chart=paper_chart(payload),
        panels=[
            (*PANELS[name], payload[name]["is_passed"], *step_table(payload[name]["steps"]))
            for name in PANELS
            if payload.get(name)
        ],
    )


def statistics(m: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """(heading, [(name, value, why there is none)]) of the figures that no card shows."""
    rows: dict[str, list[tuple[str, str, str]]] = {
        "Curve": [
            ("Deepest fall began", m["max_drawdown_from_on"], "max_drawdown_from_on"),
            ("Deepest fall", m["max_drawdown_to_on"], "max_drawdown_to_on"),
            ("Peak reached again", m["max_drawdown_recovered_on"], "max_drawdown_recovered_on"),
            ("Worst five sessions", percent(m["worst_five_sessions"]), "worst_five_sessions"),
            ("Best session", percent(m["best_session"]), "best_session"),
            ("Worst session", percent(m["worst_session"]), "worst_session"),
            ("One session in twenty loses more than", percent(m["value_at_risk"]), "value_at_risk"),
            ("Profitable months", percent(m["profitable_months"], 1), "profitable_months"),
            ("Turnover a session", percent(m["turnover_a_session"]), "turnover_a_session"),
        ],
        "Trades": [
            ("Closed lots", number(m["trades"], 0), ""),
            ("Profit factor after fees", number(m["profit_factor_after_fees"]),
             "profit_factor_after_fees"),
            ("Average win", money(m["average_win_micros"]), "average_win_micros"),
            ("Average loss", money(m["average_loss_micros"]), "average_loss_micros"),
            ("Best", money(m["best_trade_micros"]), "best_trade_micros"),
            ("Worst", money(m["worst_trade_micros"]), "worst_trade_micros"),
            ("Held, in sessions", number(m["average_sessions_held"], 1), "average_sessions_held"),
            ("Won in a row", number(m["longest_winning_streak"], 0), ""),
            ("Lost in a row", number(m["longest_losing_streak"], 0), ""),
        ],
    }  # fmt: skip
    return [
        (head, [(name, value or "–", m["undefined"].get(key, "")) for name, value, key in lines])
        for head, lines in rows.items()
    ]


def return_chart(buckets: Sequence[Row]) -> Markup:
    """How many sessions returned how much."""
    labels = [f"{row['from_bps'] / 100:g}%" for row in buckets]
    counts, gains = [row["sessions"] for row in buckets], [row["from_bps"] >= 0 for row in buckets]
    return charts.bars("Sessions by their return", labels, counts, gains)


def paper_chart(payload: Mapping[str, Any]) -> Markup:
    """Equity of the backtest and of the run beside it, on the sessions that both have."""
    paper = payload["paper"]
    if paper is None:
        return Markup("")
    theirs = {row["session_on"]: row for row in paper["equity"]}
    rows = [row for row in payload["equity"] if row["session_on"] in theirs]
    labels = [row["session_on"] for row in rows]
    beside = [theirs[day] for day in labels]
    series = [dollars(rows, "equity_micros"), dollars(beside, "equity_micros")]
    return charts.lines("Backtest and run, in dollars", labels, series)


def step_table(steps: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """(headings, rows) of the steps of a study: what each is called, how it went, what was measured."""
    names = [key for step in steps for key in step if key not in ("measures", "is_ok")]
    figures = [
        key
        for step in steps
        for key, value in step["measures"].items()
        if not isinstance(value, dict | list)
    ]
    left, right = list(dict.fromkeys(names)), list(dict.fromkeys(figures))
    table = [
        [str(step.get(key, "–")) for key in left]
        + ["held" if step["is_ok"] else "FAILED"]
        + [measure(key, step["measures"].get(key)) for key in right]
        for step in steps
    ]
    return [words(key) for key in [*left, "result", *right]], table


def words(key: str) -> str:
    """A key as people read it."""
    return key.removesuffix("_micros").replace("_", " ")


def measure(key: str, value: Any) -> str:
    """A measured value: dollars, per cent, a ratio with two places, or as it is."""
    if key.endswith("_micros"):
        return money(value)
    if key in ("total_return", "max_drawdown"):
        return percent(value)
    if isinstance(value, float):
        return number(value, 2)
    return "–" if value is None else str(value)
