"""Make the bundled bars from packages that carry them: `python -m house.make_bars` (development only).

Needs bokeh_sampledata (AAPL, GOOG, IBM, MSFT: Quandl WIKI prices, unadjusted, public domain) and arch
(S&P 500 and NASDAQ composite). Prices are written with the vendor's places, never as float noise.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from importlib.resources import files
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "mqk" / "data" / "bars"
FIRST, LAST = "2006-01-03", "2012-12-31"
HEADER = ("symbol", "timeframe", "session_on", "open", "high", "low", "close", "volume")
Bar = tuple[str, str, str, str, str, str, str]


def stocks() -> Iterator[Bar]:
    """(symbol, date, open, high, low, close, volume) of the four stocks."""
    source = files("bokeh_sampledata").joinpath("_data/stocks.csv.gz")
    with source.open("rb") as packed, gzip.open(packed, "rt", newline="") as text:
        for row in csv.DictReader(text):
            if row["Ticker"] in ("AAPL", "GOOG", "IBM", "MSFT"):
                prices = (row[k] for k in ("Open", "High", "Low", "Close"))
                yield (row["Ticker"], row["Date"], *map(tidy, prices), row["Volume"])  # type: ignore[misc]


def indices() -> Iterator[Bar]:
    """The same of the two indices."""
    for symbol, name in (("SPX", "sp500"), ("IXIC", "nasdaq")):
        source = files("arch").joinpath(f"data/{name}/{name}.csv.gz")
        with source.open("rb") as packed, gzip.open(packed, "rt", newline="") as text:
            for row in csv.DictReader(text):
                month, day, year = row["Date"].split("/")
                prices = (row[k] for k in ("Open", "High", "Low", "Close"))
                date = f"{year}-{int(month):02}-{int(day):02}"
                yield (symbol, date, *map(tidy, prices), row["Volume"])  # type: ignore[misc]


def tidy(price: str) -> str:
    """A price with the two places its vendor quotes."""
    return str(Decimal(price).quantize(Decimal("0.01"), ROUND_HALF_EVEN))


def main() -> None:
    """Write one file a symbol."""
    kept: dict[str, list[Bar]] = {}
    for bar in (*stocks(), *indices()):
        if FIRST <= bar[1] <= LAST:
            kept.setdefault(bar[0], []).append(bar)
    for symbol, bars in sorted(kept.items()):
        with (OUT / f"{symbol}.csv").open("w", newline="", encoding="utf-8") as target:
            writer = csv.writer(target, lineterminator="\n")
            writer.writerow(HEADER)
            writer.writerows((s, "1D", *rest) for s, *rest in sorted(bars, key=lambda b: b[1]))
        print(symbol, len(bars), bars[0][1], bars[-1][1])


if __name__ == "__main__":
    main()
