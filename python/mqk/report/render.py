"""The HTML report: formats the figures of the database, draws them, decides nothing.

One self-contained page: no script, no link, no request. The same payload gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup

from mqk.report import charts

Row = Mapping[str, Any]
MAX_TRADES = 400
MAX_ORDERS = 400


def money(micros: int | None, places: int = 2) -> str:
    """Micros as dollars with thousands separators; a dash for unknown."""
    if micros is None:
        return "–"
    return f"{Decimal(micros).scaleb(-6):,.{places}f}".replace("-", "\u2212")


def percent(ratio: float | None, places: int = 2) -> str:
    """A ratio as percent; a dash where it is undefined."""
    if ratio is None:
        return "–"
    return f"{Decimal(str(ratio)) * 100:,.{places}f}%".replace("-", "\u2212")


def number(value: float | None, places: int = 2) -> str:
    """A number; a dash where it is undefined."""
    if value is None:
        return "–"
    return f"{Decimal(str(value)):,.{places}f}".replace("-", "\u2212")


def sign(value: float | None) -> str:
    """CSS class of a gain or a loss."""
    return "" if not value else "up" if value > 0 else "down"


def heat(bps: int | None) -> int:
    """How strongly a month is coloured, in percent: all of it from 10 % on."""
    return min(60, abs(bps or 0) * 60 // 1000)


def open_template(name: str) -> Template:
    """A page's template: every value is escaped, a value that is not given is an error."""
    environment = Environment(
        loader=PackageLoader("mqk.report", "."),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(money=money, percent=percent, number=number, sign=sign, heat=heat)
    return environment.get_template(name)


def render(payload: Mapping[str, Any]) -> str:
    """The page for a payload of api.report_show, with "limitations" (a list of sentences) added."""
    return open_template("run.html.j2").render(
        **payload,
        figures=key_figures(payload),
        equity_chart=equity_chart(payload, payload["run"]["initial_cash_micros"]),
        drawdown_chart=drawdown_chart(payload["equity"]),
        price_charts=price_charts(payload),
        years=month_table(payload["monthly"]),
        shown_trades=payload["trades"][:MAX_TRADES],
        shown_orders=payload["orders"][:MAX_ORDERS],
    )


def key_figures(payload: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """(name, value, what it means, class) of the figures at the top."""
    m = payload["metrics"]
    ratio = {key: percent(m[key]) for key in ("total_return", "cagr", "max_drawdown")}
    figures = [
        ("final_equity_micros", "Final equity", money(m["final_equity_micros"]),
         "cash and positions at last marks"),
        ("total_return", "Total return", ratio["total_return"], "on the opening cash"),
        ("cagr", "CAGR", ratio["cagr"], "a year, compounded"),
        ("max_drawdown", "Max drawdown", ratio["max_drawdown"], "deepest fall from a peak"),
        ("sharpe", "Sharpe", number(m["sharpe"]), "daily, annualised, no risk-free rate"),
        ("sortino", "Sortino", number(m["sortino"]), "against losses only"),
        ("calmar", "Calmar", number(m["calmar"]), "return a year over the deepest fall"),
        ("recovery_sessions", "Recovery", number(m["recovery_sessions"], 0),
         "sessions, longest way back to a peak"),
        ("annual_volatility", "Volatility", percent(m["annual_volatility"]), "a year"),
        ("profit_factor", "Profit factor", number(m["profit_factor"]),
         "gross profit over gross loss"),
        ("win_rate", "Win rate", percent(m["win_rate"], 1), f"of {m['trades']} closed lots"),
        ("exposure", "Exposure", percent(m["exposure"], 1), "average gross over equity"),
        ("turnover", "Turnover", number(m["turnover"]), "traded over opening cash"),
        ("fees_micros", "Fees", money(m["fees_micros"]), "commissions, in the equity"),
    ]  # fmt: skip
    coloured = ("total_return", "cagr")
    return [
        (name, value, m["undefined"].get(key, meaning), sign(m[key]) if key in coloured else "")
        for key, name, value, meaning in figures
    ]


def dollars(rows: Sequence[Row], key: str) -> list[float]:
    """A column of micros as dollars, for drawing only."""
    return [row[key] / 1_000_000 for row in rows]


def equity_chart(payload: Mapping[str, Any], opening_micros: int) -> str:
    """Equity, and the benchmark as if it had been bought with the opening cash."""
    rows = payload["equity"]
    labels = [row["session_on"] for row in rows]
    closes = {row["session_on"]: row["close_micros"] for row in payload["benchmark"]}
    series = [dollars(rows, "equity_micros")]
    if rows and all(day in closes for day in labels):
        start = opening_micros / 1_000_000
        series.append([start * closes[day] / closes[labels[0]] for day in labels])
    return charts.lines("Equity in dollars", labels, series)


def drawdown_chart(rows: Sequence[Row]) -> str:
    """Fall from the peak, in percent."""
    labels = [row["session_on"] for row in rows]
    return charts.area("Drawdown", labels, [-row["drawdown_bps"] / 100 for row in rows], "%")


def price_charts(payload: Mapping[str, Any]) -> list[tuple[Any, Markup, int]]:
    """(symbol, chart, fills) for every symbol."""
    out = []
    for symbol, rows in sorted(payload["prices"].items()):
        labels = [day for day, _ in rows]
        index = {day: n for n, day in enumerate(labels)}
        mine = [f for f in payload["fills"] if f["symbol"] == symbol]
        marks = [
            (index[f["session_on"]], f["price_micros"] / 1_000_000, f["fill_qty"] > 0)
            for f in mine
            if f["session_on"] in index
        ]
        prices = [close / 1_000_000 for _, close in rows]
        out.append((symbol, charts.fills(f"Fills on {symbol}", labels, prices, marks), len(mine)))
    return out


def month_table(months: Sequence[Row]) -> list[tuple[str, list[int | None], int]]:
    """(year, return in bps of its twelve months, of the year) for every year."""
    years: dict[str, list[int | None]] = {}
    for row in months:
        year, month = row["month"].split("-")
        years.setdefault(year, [None] * 12)[int(month) - 1] = row["return_bps"]
    table = []
    for year, cells in sorted(years.items()):
        wealth = 1.0
        for bps in cells:
            wealth *= 1 + (bps or 0) / 10000
        table.append((year, cells, round((wealth - 1) * 10000)))
    return table
