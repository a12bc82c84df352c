"""Charts as SVG text: pure functions of numbers. Colours come from the page's CSS variables."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

WIDTH, HALF, LEFT, RIGHT, TOP, BOTTOM = 960, 460, 64, 12, 10, 22
MAX_POINTS, MAX_CELLS = 700, 180

Series = Sequence[float]


def thin(count: int) -> list[int]:
    """At most MAX_POINTS indices of `count`, first and last among them."""
    if count <= MAX_POINTS:
        return list(range(count))
    step = (count - 1) / (MAX_POINTS - 1)
    return sorted({round(i * step) for i in range(MAX_POINTS)})


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers between low and high."""
    span = max(high - low, 1e-9)
    raw = span / count
    power = 10.0 ** len(str(int(raw))) / 10 if raw >= 1 else 10.0 ** -len(str(int(1 / raw)))
    step = next(m * power for m in (1, 2, 2.5, 5, 10, 20, 50) if m * power >= raw)
    first = int(low // step)
    values = [round(k * step, 10) for k in range(first, first + count * 3)]
    return [v for v in values if low <= v <= high]


class Frame:
    """The plot area of a chart: maps positions and values to pixels."""

    def __init__(
        self, count: int, low: float, high: float, height: int, width: int = WIDTH
    ) -> None:
        pad = (high - low) * 0.05 or 1.0
        self.width = width
        self.count, self.low, self.high, self.height = count, low - pad, high + pad, height

    def x(self, index: float) -> str:
        """Pixel of the index-th point."""
        inner = self.width - LEFT - RIGHT
        return f"{LEFT + inner * index / max(self.count - 1, 1):.1f}"

    def y(self, value: float) -> str:
        """Pixel of a value."""
        inner = self.height - TOP - BOTTOM
        return f"{TOP + inner * (self.high - value) / (self.high - self.low):.1f}"

    def path(self, values: Series) -> str:
        """A line through all values."""
        points = (f"{self.x(i)},{self.y(values[i])}" for i in thin(len(values)))
        return "M" + "L".join(points)

    def grid(self, unit: str) -> str:
        """Horizontal lines with their values."""
        out = []
        for value in ticks(self.low, self.high):
            y = self.y(value)
            text = f"{value:,.0f}{unit}" if abs(value) >= 10 or value == 0 else f"{value:g}{unit}"
            out.append(f'<path class="g" d="M{LEFT},{y}H{self.width - RIGHT}"/>')
            out.append(f'<text class="t" x="{LEFT - 6}" y="{y}" dy="4">{text}</text>')
        return "".join(out)

    def days(self, labels: Sequence[str]) -> str:
        """Years along the bottom (months for less than two years)."""
        size = 4 if len(labels) > 500 else 7
        starts = [i for i, d in enumerate(labels) if i == 0 or d[:size] != labels[i - 1][:size]]
        stride = max(1, -(-len(starts) // 12))
        y = self.height - 6
        return "".join(
            f'<text class="d" x="{self.x(i)}" y="{y}">{escape(labels[i][:size])}</text>'
            for i in starts[::stride]
            if LEFT <= float(self.x(i)) < self.width - 60
        )

    def svg(self, title: str, body: str) -> Markup:
        """The whole chart."""
        return Markup(
            f'<svg viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{escape(title)}">'
            f"<title>{escape(title)}</title>{body}</svg>"
        )


def lines(title: str, labels: Sequence[str], series: Sequence[Series], unit: str = "") -> Markup:
    """Lines over sessions; the first is ours, the second the benchmark."""
    values = [v for one in series for v in one]
    if not values:
        return Markup("")
    frame = Frame(len(labels), min(values), max(values), 280)
    drawn = "".join(
        f'<path class="l{n}" d="{frame.path(one)}"/>'
        for n, one in reversed(list(enumerate(series)))
    )
    return frame.svg(title, frame.grid(unit) + frame.days(labels) + drawn)


def area(title: str, labels: Sequence[str], values: Series, unit: str = "") -> Markup:
    """A filled curve below zero: drawdown."""
    if not values:
        return Markup("")
    frame = Frame(len(labels), min(*values, 0) if len(values) > 1 else min(values[0], 0), 0, 150)
    last = thin(len(values))[-1]
    zero = frame.y(0)
    shape = f"M{frame.x(0)},{zero}L{frame.path(values)[1:]}L{frame.x(last)},{zero}Z"
    body = frame.grid(unit) + frame.days(labels) + f'<path class="a" d="{shape}"/>'
    return frame.svg(title, body)


def fills(
    title: str, labels: Sequence[str], prices: Series, marks: Sequence[tuple[int, float, bool]]
) -> Markup:
    """Price with fills on it: (index, price, is_buy)."""
    if not prices:
        return Markup("")
    every = [*prices, *(price for _, price, _ in marks)]
    frame = Frame(len(labels), min(every), max(every), 200)
    drawn = []
    for index, price, is_buy in marks:
        x, y, s = frame.x(index), frame.y(price), (1 if is_buy else -1)
        kind = "b" if is_buy else "s"
        drawn.append(f'<path class="{kind}" d="M{x},{y}l-5,{9 * s}h10z"/>')
    body = frame.grid("") + frame.days(labels) + f'<path class="p" d="{frame.path(prices)}"/>'
    return frame.svg(title, body + "".join(drawn))


def heat(title: str, labels: Sequence[str], rows: Sequence[tuple[str, Series]]) -> Markup:
    """Coverage by symbol over sessions: a cell is full (1), empty (0) or in between. Neighbouring
    sessions share a cell when there are more than MAX_CELLS; it is as full as the emptiest of them.
    """
    count = len(labels)
    if not count or not rows:
        return Markup("")
    frame = Frame(count, 0, 1, TOP + BOTTOM + 18 * len(rows))
    cells = min(count, MAX_CELLS)
    edges = [round(k * count / cells) for k in range(cells + 1)]
    wide = (WIDTH - LEFT - RIGHT) / cells
    drawn = []
    for n, (name, values) in enumerate(rows):
        y = TOP + 18 * n
        drawn.append(f'<text class="t" x="{LEFT - 6}" y="{y + 12}">{escape(name)}</text>')
        for k in range(cells):
            worst = min(values[edges[k] : edges[k + 1]])
            kind = "full" if worst >= 1 else "none" if worst <= 0 else "part"
            drawn.append(
                f'<rect class="{kind}" x="{LEFT + k * wide:.1f}" y="{y}" width="{wide:.2f}" height="15"/>'
            )
    return frame.svg(title, frame.days(labels) + "".join(drawn))


def closes(
    title: str, labels: Sequence[str], prices: Sequence[float | None], jumps: Sequence[int]
) -> Markup:
    """Closes over sessions; sessions without one are ticks at the bottom, jumps are circles."""
    known = [(i, price) for i, price in enumerate(prices) if price is not None]
    if not known:
        return Markup("")
    values = [price for _, price in known]
    frame = Frame(len(labels), min(values), max(values), 200)
    points = "L".join(
        f"{frame.x(i)},{frame.y(price)}" for i, price in (known[k] for k in thin(len(known)))
    )
    floor = frame.height - BOTTOM
    holes = "".join(
        f'<path class="hole" d="M{frame.x(i)},{floor}v-8"/>'
        for i, price in enumerate(prices)
        if price is None
    )
    rings = "".join(
        f'<circle class="jump" cx="{frame.x(i)}" cy="{frame.y(price)}" r="5"/>'
        for i in jumps
        if (price := prices[i]) is not None
    )
    body = frame.grid("") + frame.days(labels) + f'<path class="p" d="M{points}"/>'
    return frame.svg(title, body + holes + rings)


def bars(
    title: str,
    labels: Sequence[str],
    values: Series,
    gains: Sequence[bool],
    unit: str = "",
) -> Markup:
    """A bar a value, up or down from zero, half as wide as a curve; as many labels as there is room for."""
    if not values:
        return Markup("")
    frame = Frame(len(values) + 2, min([*values, 0]), max([*values, 0]), 200, HALF)
    wide = (HALF - LEFT - RIGHT) / (len(values) + 1)
    stride = max(1, -(-len(values) // 8))
    drawn = [f'<path class="z" d="M{LEFT},{frame.y(0)}H{HALF - RIGHT}"/>']
    for n, (label, value, is_gain) in enumerate(zip(labels, values, gains, strict=True), 1):
        x = float(frame.x(n)) - wide * 0.4
        shape = f"M{x:.1f},{frame.y(0)}V{frame.y(value)}h{wide * 0.8:.1f}V{frame.y(0)}Z"
        drawn.append(f'<path class="{"b" if is_gain else "s"}" d="{shape}"/>')
        if (n - 1) % stride == 0:
            place = f'x="{frame.x(n)}" y="{frame.height - 6}"'
            drawn.append(f'<text class="d m" {place}>{escape(label)}</text>')
    return frame.svg(title, frame.grid(unit) + "".join(drawn))
