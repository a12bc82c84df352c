"""Laws of an ingest's page: it stands alone, hostile text stays text, every session is drawn."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from mqk.report.charts import MAX_CELLS, closes, heat
from mqk.report.quality import MAX_SYMBOLS, fullness, render

HOSTILE = "<script>alert(1)</script>\"'&{{ 7*7 }}"


def payload(symbol: str) -> dict[str, Any]:
    """A report of one symbol, as api.md_report gives it."""
    numbers = dict.fromkeys(
        ("bars_ok", "bars_rejected", "bars_skipped", "gaps", "outliers", "disagreements",
         "out_of_order", "zero_volumes"), 1)  # fmt: skip
    return {
        "ingest": {
            "ingest_id": "i", "feed": "csv", "timeframe": "1D", "policy": "REFUSE", "normaliser": "csv.v1",
            "gate_result": "CLEAN", "is_second": False, "ingested_at": "t", "ingested_by": symbol,
            "rows_sha256": "0" * 64,
        },
        "coverage": dict.fromkeys(
            ("rows_read", "rows_ok", "rows_inserted", "rows_known", "rows_skipped", "rows_rejected"), 1),
        "per_symbol_timeframe": {
            f"{symbol}|1D": {"symbol": symbol, **numbers, "earliest": None, "latest": None}},
        "outlier_bps": 2000, "gaps": [], "disagreements": [],
        "outliers": [{"symbol": symbol, "session_on": "2024-01-03", "bar_end_at": "2024-01-03T21",
                      "close_micros": 2, "before_micros": 1, "move_bps": 1}],
        "findings": [{"line_no": 2, "symbol": symbol, "finding": "X", "detail": symbol}],
        "raws": [{"raw_sha256": "a", "request": {"q": symbol}, "bytes": 1, "fetched_at": "t",
                  "fetched_by": symbol}],
    }  # fmt: skip


def sessions(symbol: str) -> list[dict[str, Any]]:
    """Two sessions, the first without a bar."""
    days = (date(2024, 1, 2), date(2024, 1, 3))
    return [
        {"symbol": symbol, "session_on": days[0], "bars": 0, "slots": 1, "close_micros": None},
        {"symbol": symbol, "session_on": days[1], "bars": 1, "slots": 1, "close_micros": 2_000_000},
    ]


def test_hostile_text_stays_text_and_the_same_figures_give_the_same_page() -> None:
    page = render(payload(HOSTILE), sessions(HOSTILE))
    assert "<script" not in page
    assert "{{ 7*7 }}" in page
    assert not re.search(r"(src|href)\s*=|@import|url\(", page)
    assert page == render(payload(HOSTILE), sessions(HOSTILE))


def test_an_ingest_without_a_good_row_has_a_page() -> None:
    page = render({**payload("A"), "outliers": []}, [])
    assert "No volume" in page


def test_more_symbols_than_fit_are_said_to_be_left_out() -> None:
    rows = [row for n in range(MAX_SYMBOLS + 2) for row in sessions(f"S{n:03}")]
    assert "2 more symbols are in the table only" in render({**payload("A"), "outliers": []}, rows)


def test_a_session_outside_of_a_symbols_range_is_no_hole() -> None:
    found = {("A", "2024-01-03"): {"bars": 1, "slots": 4}}
    assert fullness("A", ["2024-01-02", "2024-01-03"], found) == [1.0, 0.25]


@pytest.mark.parametrize(
    ("value", "kind"), [(1.0, "full"), (0.999, "part"), (0.001, "part"), (0.0, "none")]
)
def test_a_cell_is_full_empty_or_in_between(value: float, kind: str) -> None:
    assert re.findall(r'rect class="(\w+)"', heat("t", ["2024-01-02"], [("A", [value])])) == [kind]


def test_one_empty_session_among_thousands_is_seen() -> None:
    days = [(date(2000, 1, 1) + timedelta(days=n)).isoformat() for n in range(5000)]
    values = [1.0] * 5000
    values[3210] = 0.0
    kinds = re.findall(r'rect class="(\w+)"', heat("t", days, [("A", values)]))
    assert (len(kinds), kinds.count("none")) == (MAX_CELLS, 1)


def test_gaps_are_ticks_and_jumps_are_circles() -> None:
    days = ["2024-01-02", "2024-01-03", "2024-01-04"]
    drawn = closes("t", days, [1.0, None, 3.0], [2])
    assert (drawn.count('class="hole"'), drawn.count('class="jump"')) == (1, 1)
    assert closes("t", days, [None] * 3, []) == ""
