"""Data providers of our own: Twelve Data, Alpaca's market data and FMP over real HTTP on this machine,
each with its protocol and its faults. They share nothing with the feeds that they are asked by.

with TwelveDataServer(market(...)) as server:
    server.faults("busy", "html")                # the next two answers; then good ones again
    feed = open_feed("twelvedata", server.config, server.outside())
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from mqk.clock import VirtualClock
from mqk.config.secrets import Secrets
from mqk.feeds import Feed, Outside, open_feed

NEW_YORK = ZoneInfo("America/New_York")
KEY = "a-key-that-nobody-may-see"
SECRET = "and-a-secret-that-nobody-may-see"
LENGTHS = {"1m": 60, "5m": 300, "15m": 900, "1H": 3600, "1D": 86400}  # seconds
EPOCH = datetime(2024, 3, 8, 15, 0, 30, tzinfo=UTC)  # a Friday, two days before the clocks change
Answer = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Bar:
    """A bar of the made-up market: its open (of a day: midnight in New York), its values as text."""

    starts_at: datetime
    open: str
    high: str
    low: str
    close: str
    volume: str

    @property
    def day(self) -> str:
        """The day in New York."""
        return self.starts_at.astimezone(NEW_YORK).date().isoformat()


Market = dict[tuple[str, str], list[Bar]]


def open_days(first: date, last: date) -> Iterator[date]:
    """Monday to Friday."""
    for n in range((last - first).days + 1):
        if (day := first + timedelta(days=n)).weekday() < 5:
            yield day


def price(n: int) -> str:
    """A price that no double holds exactly."""
    return f"{100 + n % 50}.{n % 97 + 1:02d}{n % 9 + 1}"


def make_bar(starts_at: datetime, n: int) -> Bar:
    """A sane bar, another for each n."""
    low, high = f"{90 - n % 7}.000001", f"{160 + n % 50}.1"
    return Bar(starts_at, price(n), high, low, price(n + 1), str(1000 + n))


def make_market(
    symbols: Sequence[str], timeframe: str, first: date, last: date, hours: tuple[time, time]
) -> Market:
    """Bars of all weekdays; within a day from the first hour (New York) up to the second."""
    made: Market = {}
    for symbol in symbols:
        bars: list[Bar] = []
        for day in open_days(first, last):
            if timeframe == "1D":
                bars.append(make_bar(datetime.combine(day, time(0), NEW_YORK), len(bars)))
                continue
            at = datetime.combine(day, hours[0], NEW_YORK).astimezone(UTC)
            end = datetime.combine(day, hours[1], NEW_YORK).astimezone(UTC)
            while at < end:
                bars.append(make_bar(at, len(bars)))
                at += timedelta(seconds=LENGTHS[timeframe])
        made[symbol, timeframe] = bars
    return made


REGULAR, EXTENDED = (time(9, 30), time(16, 0)), (time(9, 25), time(16, 5))


def write(document: Any) -> bytes:
    """JSON in which '@62.50@' is the number 62.50, digit by digit."""
    return re.sub(r'"@([^"@]*)@"', r"\1", json.dumps(document)).encode()


class Provider:
    """An HTTP server; what it is asked is kept in `requests`, with the headers."""

    name = ""
    options: Mapping[str, str] = {"key_env": "TWELVEDATA_TEST_KEY"}

    def __init__(self, market: Market, now: datetime = EPOCH) -> None:
        self.market, self.clock = market, VirtualClock(now)
        self.requests: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.queued: list[str] = []
        self.slept: list[float] = []
        self.limit, self.spent = 1_000_000, {}
        self.drips = False
        self.over = threading.Event()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, more, body = provider.serve(url.path, dict(parse_qsl(url.query)), headers)
                self.send_response(status)
                given = {"Content-Type": "application/json", **more}
                for name, value in {"Content-Length": str(len(body)), **given}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body[:10])
                if provider.drips:
                    provider.clock.move_to(provider.clock() + timedelta(seconds=61))
                self.wfile.write(body[10:])

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that left
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.01])
        self.thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def config(self) -> dict[str, Any]:
        """data.feeds of a config that leads here."""
        return {self.name: {**self.options, "url": self.url}}

    @property
    def env(self) -> dict[str, str]:
        """The environment in which the keys are."""
        values = [KEY, SECRET]
        return dict(
            zip((v for k, v in self.options.items() if k.endswith("_env")), values, strict=False)
        )

    def outside(self, patience: float = 70.0, **env: str) -> Outside:
        """A world in which waiting moves the clock of this provider, and takes no time."""

        def sleep(seconds: float) -> None:
            self.slept.append(seconds)
            self.clock.move_to(self.clock() + timedelta(seconds=seconds))

        return Outside(Secrets({**self.env, **env}), self.clock, sleep, patience)

    def feed(self, patience: float = 70.0, **env: str) -> Feed:
        """The feed that asks here."""
        return open_feed(self.name, self.config, self.outside(patience, **env))

    def faults(self, *names: str) -> None:
        """The next answers are so; '' is a good one."""
        self.queued = list(names)

    def known(self, symbol: str) -> bool:
        """Whether there are bars of a symbol."""
        return any(name == symbol for name, _ in self.market)

    def bars(self, symbol: str, timeframe: str, low: datetime, high: datetime) -> list[Bar]:
        """Bars that have opened by now, and open from low to high."""
        found = self.market.get((symbol, timeframe), [])
        return [b for b in found if low <= b.starts_at <= high and b.starts_at <= self.clock()]

    def spend(self) -> int:
        """Spend one of the minute's requests; give how many are left, below 0 for one too many."""
        minute = self.clock().replace(second=0, microsecond=0)
        self.spent[minute] = self.spent.get(minute, 0) + 1
        return self.limit - self.spent[minute]

    def serve(self, path: str, params: dict[str, str], headers: dict[str, str]) -> Answer:
        """One answer: a fault that was queued, or a good one, perhaps bent by a fault."""
        self.requests.append((path, params, headers))
        fault = self.queued.pop(0) if self.queued else ""
        if fault in COMMON:
            return COMMON[fault](self)
        status, more, body = self.answer(path, params, headers, fault)
        if fault == "cut":
            body = body[: len(body) * 2 // 3]
        if fault == "latin1":
            body = body.replace(b'"', b'"\xe4', 1)
        if fault == "nan":
            body = re.sub(rb'("(?:c|close|adjClose)": )[^,}]*', rb"\1NaN", body)
        if fault == "twice":
            body = body.replace(b"{", b'{"same": 1, "same": 2, ', 1)
        if fault == "echo":
            body = body.replace(b"{", b'{"you": "' + KEY.encode() + b'", ', 1)
        return status, more, body

    def answer(
        self, path: str, params: dict[str, str], headers: dict[str, str], fault: str
    ) -> Answer:
        """The provider's own answer."""
        raise NotImplementedError

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def stall(provider: Provider) -> Answer:
    """Nothing for a while."""
    provider.over.wait(5)
    return 200, {}, b"{}"


COMMON: dict[str, Callable[[Provider], Answer]] = {
    "html": lambda _: (200, {"Content-Type": "text/html"}, b"<html>Sorry</html>"),
    "500": lambda _: (500, {}, b"<html>bad gateway</html>"),
    "503": lambda _: (503, {}, b""),
    "moved": lambda _: (302, {"Location": "http://127.0.0.1:9/"}, b""),
    "empty": lambda _: (200, {}, b""),
    "slow": stall,
}


def bend(rows: list[Any], fault: str) -> list[Any]:
    """The rows in another order, or some of them twice."""
    if fault == "reordered":
        return rows[1::2] + rows[::2]
    return rows + rows[:3] if fault == "doubled" else rows


class TwelveDataServer(Provider):
    """api.twelvedata.com: /time_series, /technical_indicators (its own client asks for it)."""

    name = "twelvedata"
    intervals: Mapping[str, str] = {
        "1min": "1m", "5min": "5m", "15min": "15m", "1h": "1H", "1day": "1D",
    }  # fmt: skip

    def answer(
        self, path: str, params: dict[str, str], headers: dict[str, str], fault: str
    ) -> Answer:
        given = headers.get("authorization", "").removeprefix("apikey ") or params.get("apikey")
        if given != KEY or fault == "wrong key":
            return self.error(401, f"**apikey** parameter is incorrect: {given}", 401)
        if path == "/technical_indicators":
            return 200, {}, b'{"data": {}, "status": "ok"}'
        left = self.spend()
        self.credits = {
            "api-credits-used": str(self.limit - left),
            "api-credits-left": str(max(left, 0)),
        }
        minute = "You have run out of API credits for the current minute. 9 API credits were used."
        day = "You have run out of API credits for the day. 801 API credits were used."
        busy = {"busy": (429, minute), "busy body": (200, minute), "busy day": (200, day)}
        if left < 0 or fault in busy:
            status, said = busy.get(fault, (429, minute))
            return self.error(status, said, 429)
        if fault == "error body":
            return self.error(200, "Something is wrong with your request", 400)
        if fault == "internal":
            return self.error(200, "Internal error", 500)
        if not self.known(params["symbol"]):
            return self.error(200, "**symbol** not found: it may be delisted", 400)
        return self.series(params, fault)

    def error(self, status: int, said: str, code: int) -> Answer:
        """An error, which may come with status 200."""
        body = {"code": code, "message": said, "status": "error"}
        return status, getattr(self, "credits", {}), json.dumps(body).encode()

    currency = "USD"

    def series(self, params: dict[str, str], fault: str) -> Answer:
        """Newest first; in New York's time and adjusted, unless it is asked otherwise."""
        zone = UTC if params.get("timezone") == "UTC" else NEW_YORK
        timeframe = self.intervals[params["interval"]]
        both = [params.get("start_date"), params.get("end_date")]
        low, high = (
            datetime.fromisoformat(text).replace(tzinfo=NEW_YORK if timeframe == "1D" else zone)
            if text
            else edge
            for text, edge in zip(
                both, (datetime.min.replace(tzinfo=UTC), self.clock()), strict=True
            )
        )
        bars = self.bars(params["symbol"], timeframe, low, high)[::-1]
        bars = bars[: int(params.get("outputsize", "30"))]
        zone = NEW_YORK if timeframe == "1D" else zone
        if not bars:
            said = "No data is available on the specified dates. Try setting different start/end dates."
            return self.error(400, said, 400)
        form = "%Y-%m-%d" if timeframe == "1D" else "%Y-%m-%d %H:%M:%S"
        split = params.get("adjust", "splits") != "none"
        values = [
            {
                "datetime": bar.starts_at.astimezone(zone).strftime(form),
                "open": "1.5" if split else bar.open, "high": bar.high, "low": "1" if split else bar.low,
                "close": bar.close, "volume": bar.volume,
            }
            for bar in bars
        ]  # fmt: skip
        symbol = "WRONG" if fault == "stranger" else params["symbol"]
        meta = {"symbol": symbol, "interval": params["interval"], "currency": self.currency,
                "exchange_timezone": "America/New_York", "exchange": "NYSE", "mic_code": "XNYS",
                "type": "Common Stock"}  # fmt: skip
        if fault == "missing":
            del values[0]["volume"]
        return (
            200,
            self.credits,
            json.dumps({"meta": meta, "values": bend(values, fault), "status": "ok"}).encode(),
        )


def make_token(at: int) -> str:
    """A page's token as long as Alpaca's: it looks like a secret, and is none."""
    return base64.b64encode(f"KO|M|{at}|2024-03-08T15:00:00.000000000Z".encode()).decode()


def read_token(token: str) -> int:
    """Where the page of a token begins."""
    return int(base64.b64decode(token).split(b"|")[2])


class AlpacaDataServer(Provider):
    """data.alpaca.markets: /v2/stocks/bars, page by page."""

    name = "alpaca_data"
    options: Mapping[str, str] = {
        "key_env": "ALPACA_TEST_KEY", "secret_env": "ALPACA_TEST_SECRET", "tape": "iex",
    }  # fmt: skip
    intervals: Mapping[str, str] = {"1Min": "1m", "5Min": "5m", "15Min": "15m", "1Day": "1D"}
    page_rows = 10_000

    def answer(
        self, path: str, params: dict[str, str], headers: dict[str, str], fault: str
    ) -> Answer:
        if (headers.get("apca-api-key-id"), headers.get("apca-api-secret-key")) != (KEY, SECRET):
            return 401, {}, b'{"message": "forbidden."}'
        if fault == "wrong key":
            return 403, {}, b'{"message": "subscription does not permit querying recent SIP data"}'
        left = self.spend()
        reset = int(self.clock().replace(second=0, microsecond=0).timestamp()) + 60
        more = {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Remaining": str(max(left, 0)),
                "X-RateLimit-Reset": str(reset)}  # fmt: skip
        if left < 0 or fault == "busy":
            return 429, more, b'{"message": "too many requests."}'
        if fault == "error body":
            return 400, more, b'{"message": "Invalid format for parameter start"}'
        if not self.known(params["symbols"]):
            return (
                400,
                more,
                b'{"message": "code=400, message=invalid symbol: '
                + params["symbols"].encode()
                + b'"}',
            )
        return 200, more, write(self.page(params, fault))

    def page(self, params: dict[str, str], fault: str) -> dict[str, Any]:
        """One page and the token of the next; a token is a number in disguise."""
        low, high = (datetime.fromisoformat(params[name]) for name in ("start", "end"))
        symbol, timeframe = params["symbols"], self.intervals[params["timeframe"]]
        bars = self.bars(symbol, timeframe, low, high)
        size = min(self.page_rows, int(params["limit"]))
        at = read_token(params["page_token"]) if "page_token" in params else 0
        split = params.get("adjustment", "raw") != "raw"
        rows = [
            {"t": bar.starts_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
             "o": f"@{bar.open}@", "h": f"@{bar.high}@", "l": "@1@" if split else f"@{bar.low}@",
             "c": f"@{bar.close}@", "v": f"@{bar.volume}@", "n": 7, "vw": "@1.5@"}
            for bar in bars[at : at + size]
        ]  # fmt: skip
        if fault == "missing":
            del rows[0]["v"]
        token = make_token(at + size) if at + size < len(bars) else None
        if fault == "loop":
            token = params.get("page_token", make_token(0))
        shown = {} if not rows else {"WRONG" if fault == "stranger" else symbol: bend(rows, fault)}
        return {"bars": shown, "next_page_token": token}


class FmpServer(Provider):
    """financialmodelingprep.com: days, adjusted for splits or, under another path, as they were traded."""

    name = "fmp"
    options: Mapping[str, str] = {"key_env": "MQK_FMP_TEST_KEY"}

    def answer(
        self, path: str, params: dict[str, str], headers: dict[str, str], fault: str
    ) -> Answer:
        if headers.get("apikey") != KEY or fault == "wrong key":
            return (
                401,
                {},
                b'{"Error Message": "Invalid API KEY. Feel free to create a Free API Key"}',
            )
        if self.spend() < 0 or fault in ("busy", "busy body"):
            said = b'{"Error Message": "Limit Reach . Please upgrade your plan"}'
            return 200 if fault == "busy body" else 429, {}, said
        if fault == "error body":
            return 200, {}, b'{"Error Message": "Something else"}'
        raw = path == "/stable/historical-price-eod/non-split-adjusted"
        low, high = (
            datetime.combine(date.fromisoformat(params[name]), time(0), NEW_YORK)
            for name in ("from", "to")
        )
        names = (
            ("adjOpen", "adjHigh", "adjLow", "adjClose")
            if raw
            else ("open", "high", "low", "close")
        )
        rows = [
            {"symbol": "WRONG" if fault == "stranger" else params["symbol"], "date": bar.day,
             **{name: f"@{text}@" if raw else "@1@" for name, text in
                zip(names, (bar.open, bar.high, bar.low, bar.close), strict=True)},
             "volume": f"@{bar.volume}@"}
            for bar in self.bars(params["symbol"].replace("-", "."), "1D", low, high)[::-1]
        ]  # fmt: skip
        if fault == "missing":
            del rows[0]["adjClose"]
        return 200, {}, write(bend(rows, fault))


SERVERS: Mapping[str, type[Provider]] = {
    "twelvedata": TwelveDataServer,
    "alpaca_data": AlpacaDataServer,
    "fmp": FmpServer,
}
