"""Laws of every feed, each against its own server over real HTTP: what it asks, reads, refuses, repeats."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

from alpaca_kit import SHARED
from feeds_kit import (
    EXTENDED,
    KEY,
    REGULAR,
    SECRET,
    SERVERS,
    FmpServer,
    Provider,
    TwelveDataServer,
    make_market,
)  # fmt: skip
from mqk.config.detector import find_known
from mqk.feeds import Batch, Feed, Want, find
from mqk.feeds.errors import FeedError, RateLimited
from mqk.strictjson import parse

ORACLE = SHARED / "oracles" / "alpaca" / "alpaca-market-data-api.json"
FIRST, LAST = date(2024, 3, 4), date(2024, 3, 8)
NOW = datetime(2024, 3, 8, 22, 0, 30, tzinfo=UTC)
MARKET = {
    **make_market(["KO", "PEP"], "1D", date(2023, 1, 2), LAST, REGULAR),
    **make_market(["KO", "PEP"], "1m", FIRST, LAST, EXTENDED),
    **make_market(["KO"], "5m", FIRST, LAST, REGULAR),
    **make_market(["KO"], "15m", FIRST, LAST, REGULAR),
    **make_market(["KO"], "1H", FIRST, LAST, REGULAR),
}
VALUES = ("open", "high", "low", "close", "volume")
EVERY = pytest.mark.parametrize("name", sorted(SERVERS))
ONE = Want("KO", "1D", FIRST, LAST)


@pytest.fixture
def servers() -> Iterator[dict[str, Provider]]:
    """One of each provider, on a Friday after the close."""
    made = {name: server(MARKET, NOW) for name, server in SERVERS.items()}
    yield made
    for server in made.values():
        server.__exit__()


def fetch(feed: Feed, *wants: Want) -> list[Batch]:
    """All batches."""
    return list(feed.fetch(wants or [ONE]))


def rows_of(batches: list[Batch]) -> list[dict[str, Any]]:
    """The rows, without their numbers."""
    return [{k: v for k, v in row.items() if k != "line_no"} for b in batches for row in b.rows]


def expected(symbol: str, timeframe: str, first: date, last: date) -> list[tuple[str, ...]]:
    """Time and values of the made-up market, oldest first."""
    return [
        (bar.day if timeframe == "1D" else bar.starts_at.astimezone(UTC).isoformat(),
         bar.open, bar.high, bar.low, bar.close, bar.volume)
        for bar in MARKET[symbol, timeframe]
        if first.isoformat() <= bar.day <= last.isoformat()
    ]  # fmt: skip


def told(batches: list[Batch]) -> list[tuple[str, ...]]:
    """Time and values of what a feed gave."""
    return [
        (row.get("session_on") or row["starts_at"], *(row[name] for name in VALUES))
        for row in rows_of(batches)
    ]


@pytest.mark.parametrize(
    ("name", "timeframe"),
    [(name, timeframe) for name in SERVERS for timeframe in vars(find(name))["timeframes"]],
)
def test_every_value_arrives_as_it_was_sent_and_is_a_text(
    servers: dict[str, Provider], name: str, timeframe: str
) -> None:
    batches = fetch(servers[name].feed(), Want("KO", timeframe, FIRST, LAST))
    assert told(batches) == expected("KO", timeframe, FIRST, LAST)
    for batch in batches:
        assert batch.timeframe == timeframe
        assert batch.normaliser == f"{name}.v1"
        assert [row["line_no"] for row in batch.rows] == list(range(1, len(batch.rows) + 1))
        for row in batch.rows:
            assert all(isinstance(v, str) for k, v in row.items() if k != "line_no")


@EVERY
def test_the_answer_is_kept_byte_by_byte_and_gives_the_same_rows_again(
    servers: dict[str, Provider], name: str
) -> None:
    (batch,) = fetch(servers[name].feed())
    (raw,) = batch.raws
    assert raw.content_type == "application/json"
    kept = {value for row in batch.rows for value in (row["open"], row["volume"])}
    assert kept and all(value.encode() in raw.body for value in kept)


@EVERY
def test_a_request_names_all_that_decides_its_answer_and_no_key(
    servers: dict[str, Provider], name: str
) -> None:
    (batch,) = fetch(servers[name].feed())
    (path, params, _headers), request = servers[name].requests[0], batch.raws[0].request
    assert request == {"method": "GET", "path": path, "page": "1", **params}
    assert KEY not in str(request) and SECRET not in str(request)
    asked = {
        "twelvedata": {"timezone": "UTC", "adjust": "none", "start_date": "2024-03-04 00:00:00",
                       "end_date": "2024-03-08 23:59:59"},
        "alpaca_data": {"adjustment": "raw", "feed": "iex", "sort": "asc"},
        "fmp": {"path": "/stable/historical-price-eod/non-split-adjusted"},
    }[name]  # fmt: skip
    assert asked.items() <= request.items()
    assert "dp" not in request


@EVERY
@pytest.mark.parametrize("fault", ["reordered", "doubled"])
def test_any_order_and_repetition_of_rows_is_the_same_batch(
    servers: dict[str, Provider], name: str, fault: str
) -> None:
    good = fetch(servers[name].feed())[0].rows
    servers[name].faults(fault)
    assert fetch(servers[name].feed())[0].rows == good


@EVERY
@pytest.mark.parametrize(
    "fault",
    ["500", "503", "html", "cut", "empty", "latin1", "nan", "twice", "moved", "stranger", "missing"],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_is_asked_for_again(
    servers: dict[str, Provider], name: str, fault: str
) -> None:
    server = servers[name]
    server.faults(fault, fault)
    assert told(fetch(server.feed())) == expected("KO", "1D", FIRST, LAST)
    assert (len(server.requests), server.slept) == (3, [1.0, 2.0])


@EVERY
@pytest.mark.parametrize(
    "fault", ["500", "html", "cut", "latin1", "nan", "twice", "stranger", "missing"]
)
def test_it_is_asked_four_times_and_then_refused_with_no_row(
    servers: dict[str, Provider], name: str, fault: str
) -> None:
    server = servers[name]
    server.faults(*[fault] * 9)
    with pytest.raises(FeedError) as no:
        fetch(server.feed())
    assert no.value.code == ("MQS71" if fault == "500" else "MQS72")
    assert no.value.exit_code == 75
    assert (len(server.requests), server.slept) == (4, [1.0, 2.0, 4.0])


@EVERY
def test_nothing_is_waited_for_beyond_patience(servers: dict[str, Provider], name: str) -> None:
    server = servers[name]
    server.faults("500", "500")
    with pytest.raises(FeedError, match="MQS71"):
        fetch(server.feed(patience=0.5))
    assert (len(server.requests), server.slept) == (1, [])


@EVERY
@pytest.mark.parametrize("fault", ["busy", "busy body"])
def test_a_busy_provider_is_left_alone_until_it_takes_more(
    servers: dict[str, Provider], name: str, fault: str
) -> None:
    server = servers[name]
    fault = "busy" if name == "alpaca_data" else fault
    server.faults(fault)
    assert told(fetch(server.feed())) == expected("KO", "1D", FIRST, LAST)
    (slept,) = server.slept
    assert 30 <= slept <= 65 and len(server.requests) == 2


@EVERY
def test_who_has_no_patience_is_told_until_when_and_does_not_ask_before(
    servers: dict[str, Provider], name: str
) -> None:
    server = servers[name]
    server.faults("busy")
    feed = server.feed(patience=0)
    for _ in range(3):
        with pytest.raises(RateLimited) as no:
            fetch(feed)
        assert (no.value.code, no.value.exit_code) == ("MQS70", 75)
        assert no.value.until > server.clock()
    assert len(server.requests) == 1  # it was left alone
    server.clock.move_to(no.value.until)
    assert told(fetch(feed)) == expected("KO", "1D", FIRST, LAST)


@pytest.mark.parametrize("name", ["twelvedata", "alpaca_data"])
def test_the_pause_comes_before_the_limit_is_hit(servers: dict[str, Provider], name: str) -> None:
    server = servers[name]
    server.limit = 2
    wants = [Want(symbol, "1D", FIRST, LAST) for symbol in ("KO", "PEP") * 3]
    assert len(fetch(server.feed(), *wants)) == 6
    assert len(server.requests) == 6  # none was refused
    assert max(server.spent.values()) == 2
    assert len(server.slept) == 2


@pytest.mark.parametrize("name", ["twelvedata", "alpaca_data"])
def test_what_is_left_is_what_the_headers_said(servers: dict[str, Provider], name: str) -> None:
    servers[name].limit = 8
    feed = servers[name].feed()
    assert feed.quota().left is None  # unknown is not zero
    fetch(feed)
    quota = feed.quota()
    assert (quota.left, quota.limit) == (7, 8)
    assert quota.reset_at is not None and quota.reset_at > servers[name].clock()


def test_a_day_without_credits_is_not_waited_for() -> None:
    with TwelveDataServer(MARKET, NOW) as server:
        server.faults("busy day")
        with pytest.raises(RateLimited) as no:
            fetch(server.feed())
        assert no.value.until == datetime(2024, 3, 9, 0, 1, tzinfo=UTC)
        assert server.slept == []


@EVERY
def test_a_key_that_is_not_accepted_is_asked_once_and_shown_to_nobody(
    servers: dict[str, Provider], name: str
) -> None:
    server = servers[name]
    wrong = dict.fromkeys(server.env, "another-key-that-nobody-may-see")
    with pytest.raises(FeedError) as no:
        fetch(server.feed(**wrong))
    assert (no.value.code, no.value.exit_code, len(server.requests)) == ("MQG70", 3, 1)
    assert "nobody-may-see" not in f"{no.value} {no.value.fix} {no.value.__cause__!r}"


@EVERY
def test_an_answer_that_repeats_the_key_is_not_kept(
    servers: dict[str, Provider], name: str
) -> None:
    servers[name].faults(*["echo"] * 4)
    with pytest.raises(FeedError) as no:
        fetch(servers[name].feed())
    assert no.value.code == "MQS72" and KEY not in str(no.value)


@EVERY
def test_neither_the_feed_nor_its_parts_show_the_key(
    servers: dict[str, Provider], name: str
) -> None:
    feed = servers[name].feed()
    batches = fetch(feed)
    shown = (
        repr(vars(feed)) + repr(vars(feed._wire)) + repr(batches) + repr(feed._wire._client.headers)
    )  # type: ignore[attr-defined]
    assert KEY not in shown and SECRET not in shown


@pytest.mark.parametrize("name", ["twelvedata", "alpaca_data"])
def test_a_symbol_that_the_provider_does_not_have_is_named(
    servers: dict[str, Provider], name: str
) -> None:
    with pytest.raises(FeedError) as no:
        fetch(servers[name].feed(), Want("NOPE", "1D", FIRST, LAST))
    assert (no.value.code, no.value.exit_code) == ("MQN71", 2)
    assert len(servers[name].requests) == 1


@EVERY
def test_days_without_bars_are_an_answer_without_rows(
    servers: dict[str, Provider], name: str
) -> None:
    batches = fetch(servers[name].feed(), Want("KO", "1D", date(1999, 1, 4), date(1999, 1, 8)))
    assert [len(batch.rows) for batch in batches] == [0]
    assert batches[0].raws  # and what was said is kept


@pytest.mark.parametrize(
    ("name", "timeframe", "why"),
    [
        ("alpaca_data", "1H", "clock's hour"),
        ("fmp", "1m", "adjusted for splits"),
        ("fmp", "1H", "adjusted for splits"),
        ("twelvedata", "2h", "not offered"),
    ],
)
def test_a_timeframe_that_is_not_raw_or_not_on_the_grid_is_not_asked_for(
    servers: dict[str, Provider], name: str, timeframe: str, why: str
) -> None:
    with pytest.raises(FeedError) as no:
        fetch(servers[name].feed(), Want("KO", timeframe, FIRST, LAST))
    assert (no.value.code, no.value.exit_code) == ("MQA71", 2)
    assert why in no.value.detail and not servers[name].requests


@pytest.mark.parametrize(
    ("name", "said"),
    [("twelvedata", "MQA70"), ("alpaca_data", "MQA70"), ("fmp", "MQS72")],
)
def test_a_refusal_that_has_no_code_of_its_own_is_told(
    servers: dict[str, Provider], name: str, said: str
) -> None:
    servers[name].faults(*["error body"] * 4)
    with pytest.raises(FeedError) as no:
        fetch(servers[name].feed())
    assert no.value.code == said


def test_an_error_inside_a_good_status_is_an_error() -> None:
    with TwelveDataServer(MARKET, NOW) as server:
        server.faults("internal", "")
        assert told(fetch(server.feed())) == expected("KO", "1D", FIRST, LAST)
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("name", "seconds", "complete"),
    [("twelvedata", 59, False), ("twelvedata", 60, True),
     ("alpaca_data", 119, False), ("alpaca_data", 120, True)],
)  # fmt: skip
def test_a_bar_that_forms_or_may_be_revised_is_not_complete(
    name: str, seconds: int, complete: bool
) -> None:
    opened = datetime(2024, 3, 8, 15, 0, tzinfo=UTC)
    with SERVERS[name](MARKET, opened + timedelta(seconds=seconds)) as server:
        server.market = {("KO", "1m"): [b for b in MARKET["KO", "1m"] if b.starts_at <= opened]}
        rows = rows_of(fetch(server.feed(), Want("KO", "1m", LAST, LAST)))
    assert rows[-1]["starts_at"] == "2024-03-08T15:00:00+00:00"
    assert ("is_complete" not in rows[-1]) is complete
    assert all("is_complete" not in row for row in rows[:-2])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7])
def test_pages_of_any_size_give_the_same_rows(size: int) -> None:
    with SERVERS["alpaca_data"](MARKET, NOW) as server:
        server.page_rows = size  # type: ignore[attr-defined]
        batches = fetch(server.feed())
        assert told(batches) == expected("KO", "1D", FIRST, LAST)
        assert len(batches) == -(-5 // size)
        assert [batch.raws[0].request["page"] for batch in batches] == [
            str(n + 1) for n in range(len(batches))
        ]
        assert all(find_known(json.dumps(dict(batch.raws[0].request))) is None for batch in batches)


def test_a_page_that_leads_back_ends_the_walk() -> None:
    with SERVERS["alpaca_data"](MARKET, NOW) as server:
        server.page_rows = 2  # type: ignore[attr-defined]
        server.faults("", "loop")
        with pytest.raises(FeedError, match="leads back"):
            fetch(server.feed())
        assert len(server.requests) == 2


def test_a_long_time_is_asked_for_in_stretches_oldest_first() -> None:
    with FmpServer(MARKET, NOW) as fmp, TwelveDataServer(MARKET, NOW) as twelve:
        for server, count in ((fmp, 3), (twelve, 2)):
            fetch(server.feed(), Want("KO", "1D", date(2010, 1, 1), LAST))
            assert len(server.requests) == count
        intraday = Want("KO", "1m", date(2024, 2, 1), LAST)
        assert told(fetch(twelve.feed(), intraday)) == expected("KO", "1m", FIRST, LAST)
        asked = [(p["start_date"][:10], p["end_date"][:10]) for _, p, _ in twelve.requests[2:]]
    assert asked == [
        ("2024-02-01", "2024-02-14"), ("2024-02-15", "2024-02-28"), ("2024-02-29", "2024-03-08"),
    ]  # fmt: skip


def test_an_answer_that_is_full_may_have_been_cut_and_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mqk.feeds.twelvedata.MOST", 5)
    with TwelveDataServer(MARKET, NOW) as server:
        with pytest.raises(FeedError, match="may have been cut"):
            fetch(server.feed())
        monkeypatch.setattr("mqk.feeds.twelvedata.MOST", 6)
        assert len(fetch(server.feed())[0].rows) == 5


def test_an_answer_that_is_too_large_or_too_slow_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import httpx

    with TwelveDataServer(MARKET, NOW) as server:
        monkeypatch.setattr("mqk.feeds.wire.MAX_BODY", 100)
        with pytest.raises(FeedError, match="more than 100 bytes"):
            fetch(server.feed())
        monkeypatch.undo()
        monkeypatch.setattr("mqk.feeds.wire.TIMEOUT", httpx.Timeout(0.2))
        server.faults("slow")
        assert told(fetch(server.feed())) == expected("KO", "1D", FIRST, LAST)


def test_an_answer_that_comes_drop_by_drop_is_given_up() -> None:
    with TwelveDataServer(MARKET, NOW) as server:
        server.drips = True
        with pytest.raises(FeedError, match="longer than 60 s"):
            fetch(server.feed(patience=0))


def test_nobody_there_is_no_answer() -> None:
    with TwelveDataServer(MARKET, NOW) as server:
        feed = server.feed()
    with pytest.raises(FeedError) as no:
        fetch(feed)
    assert (no.value.code, no.value.exit_code) == ("MQS71", 75)


def test_a_day_is_a_day_in_new_york_on_both_sides_of_the_clock_change() -> None:
    market = make_market(["KO"], "1D", date(2024, 3, 7), date(2024, 3, 13), REGULAR)
    with SERVERS["alpaca_data"](market, datetime(2024, 3, 14, tzinfo=UTC)) as server:
        batches = fetch(server.feed(), Want("KO", "1D", date(2024, 3, 7), date(2024, 3, 13)))
        body = parse(batches[0].raws[0].body)
    days = [row["session_on"] for row in rows_of(batches)]
    assert days == ["2024-03-07", "2024-03-08", "2024-03-11", "2024-03-12", "2024-03-13"]
    assert [bar["t"][11:13] for bar in body["bars"]["KO"]] == ["05", "05", "04", "04", "04"]


def test_a_class_of_shares_is_spelled_as_the_provider_does() -> None:
    market = make_market(["BRK.B"], "1D", FIRST, LAST, REGULAR)
    for name, spelled in (("fmp", "BRK-B"), ("twelvedata", "BRK.B")):
        with SERVERS[name](market, NOW) as server:
            rows = rows_of(fetch(server.feed(), Want("BRK.B", "1D", FIRST, LAST)))
            assert {row["symbol"] for row in rows} == {"BRK.B"} and len(rows) == 5
            assert server.requests[0][1]["symbol"] == spelled


def test_prices_in_another_currency_are_refused() -> None:
    with TwelveDataServer(MARKET, NOW) as server:
        server.currency = "EUR"
        with pytest.raises(FeedError, match="not in dollars"):
            fetch(server.feed())


@pytest.mark.skipif(not ORACLE.exists(), reason="no description of Alpaca's data API here")
def test_our_alpaca_speaks_as_alpaca_describes() -> None:
    document = json.loads(ORACLE.read_text(encoding="utf-8"))
    schema = {
        **document["components"]["schemas"]["stock_bars_resp"],
        "components": document["components"],
    }
    with SERVERS["alpaca_data"](MARKET, NOW) as server:
        (batch,) = fetch(server.feed())
    assert list(OAS30Validator(schema).iter_errors(json.loads(batch.raws[0].body))) == []


def test_numbers_are_never_floats() -> None:
    with SERVERS["alpaca_data"](MARKET, NOW) as server:
        (batch,) = fetch(server.feed())
    floats = json.loads(batch.raws[0].body)["bars"]["KO"]
    assert any(
        Decimal(float(bar["o"])) != Decimal(row["open"])
        for bar, row in zip(floats, batch.rows, strict=True)
    )
