"""Laws of the files as a feed: each day is given out as it is asked for, verbatim; files may change."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqk.config.secrets import FEED_FILES, Secrets
from mqk.errors import MqkError
from mqk.feeds import Outside, Want, open_feed
from mqk.feeds.csv import HEADER, ReplayFeed

HEAD = ",".join(HEADER)
ROW = "AAA,1D,2024-01-02,1,2,0.5,1.5,100"
FIRST = date(2024, 1, 1)
BEGIN = date(1999, 1, 1)
BOTH = ("AAA", "BBB")


def put(folder: Path, content: str, name: str = "bars.csv") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_text(content, encoding="utf-8", newline="")
    return path


def replay(folder: Path, days: int, symbols: tuple[str, ...] = BOTH) -> ReplayFeed:
    """A feed over one file a symbol, newest session first, so that order is the feed's doing."""
    paths = []
    for symbol in reversed(symbols):
        lines = [
            f"{symbol},1D,{(FIRST + timedelta(days=n)).isoformat()},1,2,0.5,1.5,{n}"
            for n in reversed(range(days))
        ]
        paths.append(put(folder, "\n".join((HEAD, *lines)), f"{symbol}.csv"))
    return ReplayFeed(paths)


def ask(
    feed: ReplayFeed,
    from_on: date = BEGIN,
    until_on: date = date.max,
    symbols: tuple[str, ...] = BOTH,
) -> list[dict[str, Any]]:
    """The rows of some days."""
    wants = [Want(symbol, "1D", from_on, until_on) for symbol in symbols]
    return [row for batch in feed.fetch(wants) for row in batch.rows]


def named(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What rows are about."""
    return [(row["session_on"], row["symbol"]) for row in rows]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for generated files."""
    return tmp_path_factory.mktemp("generated")


def test_a_replay_gives_the_days_that_are_asked_for_and_no_other(tmp_path: Path) -> None:
    feed = replay(tmp_path, 10)
    rows = ask(feed, FIRST + timedelta(days=4), FIRST + timedelta(days=5))
    assert named(rows) == [(day, symbol) for day in ("2024-01-05", "2024-01-06") for symbol in BOTH]
    assert ask(feed, BEGIN, FIRST - timedelta(days=1)) == []
    assert len(ask(feed, FIRST, FIRST)) == 2


def test_a_replay_gives_the_symbols_that_are_asked_for_each_from_its_own_day(
    tmp_path: Path,
) -> None:
    wants = [
        Want("AAA", "1D", FIRST + timedelta(days=1), FIRST + timedelta(days=1)),
        Want("BBB", "1D", FIRST + timedelta(days=2), date.max),
    ]
    (batch,) = replay(tmp_path, 4, ("AAA", "BBB", "CCC")).fetch(wants)
    assert named(list(batch.rows)) == [
        ("2024-01-02", "AAA"),
        ("2024-01-03", "BBB"),
        ("2024-01-04", "BBB"),
    ]
    assert [raw.request["file"] for raw in batch.raws] == ["AAA.csv", "BBB.csv"]
    assert batch.raws[0].body == (tmp_path / "AAA.csv").read_bytes()


def test_a_replay_numbers_what_it_gives_and_carries_values_verbatim(tmp_path: Path) -> None:
    rows = ask(replay(tmp_path, 3), FIRST + timedelta(days=1), FIRST + timedelta(days=9))
    assert [row["line_no"] for row in rows] == [1, 2, 3, 4]
    assert [row["volume"] for row in rows] == ["1", "1", "2", "2"]
    rows[0]["volume"] = "spoilt"
    assert ask(replay(tmp_path, 3), FIRST + timedelta(days=1))[0]["volume"] == "1"


@settings(deadline=None)
@given(steps=st.lists(st.integers(-3, 4), max_size=12))
def test_a_replay_gives_each_day_once_as_time_goes_on(scratch: Path, steps: list[int]) -> None:
    source, given_out, seen = replay(scratch, 10), [], BEGIN
    now = FIRST
    for step in steps:
        now = max(FIRST, now + timedelta(days=step))  # a clock that stands still or jumps back
        rows = ask(source, seen + timedelta(days=1), now)
        assert all(row["session_on"] <= now.isoformat() for row in rows)
        given_out += named(rows)
        seen = max(seen, now)
    everything = named(ask(source))
    assert given_out == [one for one in everything if one[0] <= seen.isoformat()]


def swap(path: Path, *lines: str) -> None:
    """Replace a file whole: write beside, then rename."""
    put(path.parent, "\n".join(lines), "beside").replace(path)


def test_a_file_that_has_changed_is_read_again_and_one_that_has_not_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, f"{HEAD}\n{ROW}\n")
    source = ReplayFeed([path])
    (first,) = source.fetch([Want("AAA", "1D", BEGIN, date.max)])
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read again"))
        (again,) = source.fetch([Want("AAA", "1D", BEGIN, date.max)])
    assert again.raws[0] is first.raws[0]  # so that nobody carries it twice
    swap(path, HEAD, ROW, ROW.replace("01-02", "01-03"))
    assert [row["session_on"] for row in ask(source)] == ["2024-01-02", "2024-01-03"]
    assert [row["session_on"] for row in ask(source, date(2024, 1, 3))] == ["2024-01-03"]


@pytest.mark.parametrize("spoilt", [("another,header",), (HEAD, "a,b"), ()])
def test_a_file_that_went_bad_is_refused_until_it_is_good_again(
    tmp_path: Path, spoilt: tuple[str, ...]
) -> None:
    path = put(tmp_path, f"{HEAD}\n{ROW}\n")
    source = ReplayFeed([path])
    swap(path, *spoilt)
    for _ in range(2):
        with pytest.raises(MqkError, match=r"MQA2[34]"):
            ask(source)
    path.unlink()
    with pytest.raises(MqkError, match="MQA20"):
        ask(source)
    swap(path, HEAD, ROW, ROW)
    assert len(ask(source)) == 2


def test_a_replay_of_a_bad_file_is_refused_before_the_first_session(tmp_path: Path) -> None:
    with pytest.raises(MqkError, match="MQA23"):
        ReplayFeed([put(tmp_path, HEAD), put(tmp_path, "another,header\n", "bad.csv")])


def test_a_replay_of_no_file_is_an_empty_market() -> None:
    assert ask(ReplayFeed([])) == []


def test_the_feed_csv_reads_the_files_that_its_variable_names(tmp_path: Path) -> None:
    put(tmp_path, f"{HEAD}\n{ROW}\n", "a.csv")
    bars = "ts_close_utc,open,high,low,close,volume\n2024-01-02T21:00:00Z,1,2,1,1,7\n"
    put(tmp_path, bars, "BBB.csv")
    env = {FEED_FILES: f"{tmp_path / 'a.csv'}:{tmp_path / 'BBB.csv'}"}
    feed = open_feed("csv", {"csv": {"timeframe": "1H"}}, Outside(Secrets(env)))
    wants = [Want("AAA", "1D", BEGIN, date.max), Want("BBB", "1H", BEGIN, date.max)]
    rows = [
        (b.timeframe, row["symbol"], row["volume"]) for b in feed.fetch(wants) for row in b.rows
    ]
    assert rows == [("1D", "AAA", "100"), ("1H", "BBB", "7")]
