"""The HTML page of an ingest: formats what the database found, draws it, decides nothing.

One self-contained page: no script, no link, no request. The same payload gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from mqk.report import charts
from mqk.report.render import Row, open_template

MAX_SYMBOLS = 60


def render(report: Mapping[str, Any], sessions: Sequence[Row]) -> str:
    """The page for a payload of api.md_report and the rows of api.md_sessions."""
    names = sorted({row["symbol"] for row in sessions})
    shown = names[:MAX_SYMBOLS]
    labels = sorted({row["session_on"].isoformat() for row in sessions})
    found = {(row["symbol"], row["session_on"].isoformat()): row for row in sessions}
    return open_template("quality.html.j2").render(
        **report,
        heat=charts.heat(
            "Coverage by session", labels, [(name, fullness(name, labels, found)) for name in shown]
        ),
        prices=[(name, closes(name, report, found)) for name in shown],
        hidden=len(names) - len(shown),
    )


def fullness(name: str, labels: Sequence[str], found: Mapping[tuple[str, str], Row]) -> list[float]:
    """How full each session is, from 0 to 1; outside of a symbol's range it counts as full."""
    rows = (found.get((name, day)) for day in labels)
    return [row["bars"] / row["slots"] if row else 1.0 for row in rows]


def closes(name: str, report: Mapping[str, Any], found: Mapping[tuple[str, str], Row]) -> Markup:
    """The closes of a symbol with its gaps and outliers."""
    days = sorted(day for symbol, day in found if symbol == name)
    prices = [found[name, day]["close_micros"] for day in days]
    jumps = {row["session_on"] for row in report["outliers"] if row["symbol"] == name}
    return charts.closes(
        f"Closes of {name}",
        days,
        [None if price is None else price / 1_000_000 for price in prices],
        [index for index, day in enumerate(days) if day in jumps],
    )
