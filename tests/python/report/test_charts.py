"""Laws of charts: ends are kept, every point is inside its frame, labels are text."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mqk.report.charts import MAX_POINTS, WIDTH, Frame, area, fills, lines, thin, ticks

DAYS = [f"2024-01-{n:02}" for n in range(1, 32)]
VALUES = st.floats(-1e9, 1e9, allow_nan=False)
POINT = re.compile(r"(-?[\d.]+),(-?[\d.]+)")


@settings(deadline=None)
@given(count=st.integers(0, 20000))
def test_thinning_keeps_the_ends_and_the_order(count: int) -> None:
    kept = thin(count)
    assert len(kept) == min(count, MAX_POINTS)
    assert kept == sorted(set(kept))
    if count:
        assert (kept[0], kept[-1]) == (0, count - 1)


@pytest.mark.parametrize("count", [MAX_POINTS - 1, MAX_POINTS])
def test_nothing_is_thinned_up_to_the_limit(count: int) -> None:
    assert thin(count) == list(range(count))
    assert thin(MAX_POINTS + 1) != list(range(MAX_POINTS + 1))


@settings(deadline=None)
@given(count=st.integers(MAX_POINTS, 20000))
def test_thinning_leaves_no_hole_wider_than_its_step(count: int) -> None:
    kept = thin(count)
    step = (count - 1) / (MAX_POINTS - 1)
    assert all(b - a < step + 1 for a, b in pairwise(kept))


@settings(deadline=None)
@given(low=VALUES, span=st.floats(1e-3, 1e9))
def test_a_grid_has_a_few_round_lines_inside_its_range(low: float, span: float) -> None:
    high = low + span
    assume(high - low > abs(low) * 1e-9)
    made = ticks(low, high)
    assert 1 <= len(made) <= 7
    assert all(low <= value <= high for value in made)
    assert made == sorted(set(made))


def test_a_grid_is_round() -> None:
    assert ticks(0, 100) == [0, 20, 40, 60, 80, 100]
    assert ticks(-1, 1) == [-1, -0.5, 0, 0.5, 1]
    assert ticks(99_500, 101_000) == [99_500, 100_000, 100_500, 101_000]


@settings(deadline=None)
@given(values=st.lists(VALUES, min_size=1, max_size=50))
def test_every_point_is_inside_the_frame(values: list[float]) -> None:
    frame = Frame(len(values), min(values), max(values), 200)
    points = POINT.findall(frame.path(values))
    assert len(points) == len(values)
    for x, y in points:
        assert 0 <= float(x) <= WIDTH
        assert 0 <= float(y) <= 200


@settings(deadline=None)
@given(values=st.lists(VALUES, min_size=1, max_size=31), unit=st.sampled_from(["", "%"]))
def test_a_chart_of_any_numbers_is_a_whole_drawing(values: list[float], unit: str) -> None:
    labels = DAYS[: len(values)]
    falls = [-abs(value) for value in values]
    charts = (
        lines("Equity", labels, [values, values], unit),
        area("Drawdown", labels, falls, unit),
        fills("Fills", labels, values, [(0, values[0], True), (len(values) - 1, -1.0, False)]),
    )
    for chart in charts:
        assert chart.startswith("<svg ")
        assert chart.endswith("</svg>")
        assert "nan" not in chart
        assert "inf" not in chart


@pytest.mark.parametrize(
    "empty", [lines("t", [], [[]]), lines("t", [], []), area("t", [], []), fills("t", [], [], [])]
)
def test_a_chart_of_nothing_is_nothing(empty: Any) -> None:
    assert empty == ""


@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 1e9])
def test_a_flat_line_and_a_single_point_are_drawn(value: float) -> None:
    for count in (1, 5):
        chart = lines("t", DAYS[:count], [[value] * count])
        assert chart.count('<path class="l0"') == 1
        assert area("t", DAYS[:count], [-abs(value)] * count)


def test_a_line_begins_and_ends_where_its_numbers_do() -> None:
    values = [float(n % 97) for n in range(5000)]
    frame = Frame(len(values), min(values), max(values), 280)
    points = POINT.findall(frame.path(values))
    assert len(points) == MAX_POINTS
    assert points[0] == (frame.x(0), frame.y(values[0]))
    assert points[-1] == (frame.x(4999), frame.y(values[-1]))


def test_a_buy_points_up_and_a_sale_points_down() -> None:
    chart = fills("t", DAYS[:3], [1.0, 2.0, 3.0], [(0, 1.0, True), (2, 3.0, False)])
    assert chart.count('<path class="b"') == chart.count('<path class="s"') == 1
    assert "l-5,9h10z" in chart.split('class="b"')[1]
    assert "l-5,-9h10z" in chart.split('class="s"')[1]


def test_a_fill_beyond_the_closes_is_inside_the_frame() -> None:
    chart = fills("t", DAYS[:2], [10.0, 11.0], [(0, 5.0, True), (1, 20.0, False)])
    marks = re.findall(r'class="[bs]" d="M[\d.]+,(-?[\d.]+)', chart)
    assert len(marks) == 2
    assert all(0 <= float(y) <= 200 for y in marks)


def test_a_title_and_a_label_are_text() -> None:
    hostile = "<script>\"&'"
    charts = (
        lines(hostile, [hostile], [[1.0]]),
        area(hostile, [hostile], [-1.0]),
        fills(hostile, [hostile], [1.0], []),
    )
    for chart in charts:
        assert "<script" not in chart
        assert 'aria-label="&lt;script&gt;&#34;&amp;&#39;"' in chart
        assert "&lt;script</text>" in chart  # the seven letters of a month


def test_the_same_numbers_give_the_same_drawing() -> None:
    one, other = (lines("t", DAYS, [[0.1 * n for n in range(31)]]) for _ in range(2))
    assert one == other
