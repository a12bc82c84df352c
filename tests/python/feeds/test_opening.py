"""Laws of opening a feed: by name, with the options that it takes, its keys, and a host it may go to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from feeds_kit import KEY, SERVERS, Provider, TwelveDataServer
from mqk import feeds
from mqk.errors import MqkError
from mqk.feeds import find, names, open_feed
from mqk.feeds.errors import FeedError

NOW = datetime(2024, 3, 8, 22, tzinfo=UTC)
EVERY = pytest.mark.parametrize("name", sorted(SERVERS))


@pytest.fixture
def servers() -> Iterator[dict[str, Provider]]:
    """One of each provider, without bars."""
    made = {name: server({}, NOW) for name, server in SERVERS.items()}
    yield made
    for server in made.values():
        server.__exit__()


def test_every_feed_that_is_installed_says_what_it_is() -> None:
    assert names() == ["alpaca_data", "csv", "fmp", "twelvedata"]
    for name in names():
        feed = find(name)
        assert feed.name == name  # type: ignore[attr-defined]
        assert "1D" in feed.timeframes and feed.limits  # type: ignore[attr-defined]


def test_a_feed_that_nobody_installed_is_refused_and_the_others_are_named() -> None:
    with pytest.raises(MqkError) as no:
        find("bloomberg")
    assert (no.value.code, no.value.exit_code) == ("MQN70", 2)
    assert "twelvedata" in no.value.fix


@EVERY
def test_a_feed_without_its_key_asks_nobody(servers: dict[str, Provider], name: str) -> None:
    with pytest.raises(MqkError) as no:
        servers[name].feed(**dict.fromkeys(servers[name].env, ""))
    assert no.value.code == "MQG30" and not servers[name].requests


@EVERY
@pytest.mark.parametrize(
    "url", ["https://evil.example", "http://127.0.0.1.evil.example", "ftp://127.0.0.1"]
)
def test_a_key_goes_to_its_provider_or_to_this_machine(
    servers: dict[str, Provider], name: str, url: str
) -> None:
    config = {name: {**servers[name].options, "url": url}}
    with pytest.raises(FeedError, match="MQA70"):
        open_feed(name, config, servers[name].outside())


@EVERY
@pytest.mark.parametrize("options", [{"key": "x"}, {"key_env": 7}, {"url": None}, {"key_env": KEY}])
def test_an_option_that_a_feed_does_not_take_is_refused(
    servers: dict[str, Provider], name: str, options: dict[str, Any]
) -> None:
    with pytest.raises(FeedError) as no:
        open_feed(name, {name: {**servers[name].options, **options}}, servers[name].outside())
    assert no.value.code == "MQA70"
    assert next(iter(options)) in no.value.detail and KEY not in str(no.value)


def test_a_section_of_a_feed_that_does_not_exist_is_refused() -> None:
    with TwelveDataServer({}, NOW) as server, pytest.raises(FeedError, match="MQA70"):
        open_feed("twelvedata", {**server.config, "twelvdata": {}}, server.outside())


def test_a_name_that_two_packages_bring_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [EntryPoint("mine", f"{place}:Mine", "mqk.feeds") for place in ("one", "two")]
    monkeypatch.setattr(feeds, "entry_points", lambda **_: entries)
    with pytest.raises(MqkError, match="MQS73"):
        find("mine")
