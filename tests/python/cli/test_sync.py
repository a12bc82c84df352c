"""`mqk md sync` as it is typed, against each provider, into a real database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from feeds_kit import (
    EXTENDED,
    KEY,
    REGULAR,
    SECRET,
    SERVERS,
    AlpacaDataServer,
    Provider,
    TwelveDataServer,
    make_market,
)
from mqk.loading import load_calendar, load_instruments
from support import ROOT, group_url, open_terminal

MQK = str(Path(sys.executable).with_name("mqk"))
FIRST, LAST = date(2024, 3, 4), date(2024, 3, 8)
NOW = datetime(2024, 3, 9, tzinfo=UTC)
DAYS = make_market(["KO", "PEP"], "1D", FIRST, LAST, REGULAR)
MINUTES = make_market(["KO"], "1m", FIRST, LAST, EXTENDED)
SPAN = ("--full-start", "2024-03-04", "--until", "2024-03-08")
COLUMNS = ("open_micros", "high_micros", "low_micros", "close_micros")


class Shell:
    """An operator's shell on a desk with a calendar and two instruments; `said`: what commands said."""

    def __init__(self, conn: Any, url: str, folder: Path) -> None:
        self.conn, self.folder = conn, folder
        self.env = {**os.environ, "MQK_DATABASE_URL": group_url(url, "mqk_operator")}
        self.said = ""
        instruments = folder / "instruments.csv"
        header = "symbol,exchange_id,instrument_kind,name,listed_on,delisted_on"
        rows = [f"{name},XNYS,EQUITY,{name},," for name in ("KO", "PEP", "NOPE")]
        instruments.write_text("\n".join((header, *rows)))
        load_calendar(conn, ROOT / "config" / "calendars" / "XNYS.csv", NOW)
        load_instruments(conn, instruments, NOW)
        conn.execute("insert into ref.exchanges values ('XNEW', 'UTC')")
        conn.execute("insert into ref.instruments values ('NEW', 'XNEW')")

    def use(self, server: Provider, **data: Any) -> None:
        """Point the config and the environment at a provider."""
        config = {"data": {"feed": server.name, "feeds": server.config, **data}}
        (self.folder / "own.yaml").write_text(json.dumps(config))
        self.env.update(server.env)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Begin `mqk md ...`."""
        return subprocess.Popen(
            [MQK, "md", *words], env=self.env, cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`mqk md ...` to its end."""
        process = self.start(*words)
        out, err = process.communicate(timeout=60)
        self.said += out + err
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def sync(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`mqk md sync` by the config of `use`."""
        return self.run("sync", "--config", "own.yaml", *words)

    def one(self, query: str) -> Any:
        """The one value of a query."""
        return next(iter(self.conn.execute(query).fetchone().values()))

    def bars(self, symbol: str, timeframe: str) -> list[tuple[Any, ...]]:
        """The stored bars: time and values."""
        columns = ", ".join(COLUMNS)
        found = self.conn.execute(
            f"select bar_end_at, session_on, {columns}, volume from md.bars"
            " where symbol = %s and timeframe = %s order by bar_end_at", [symbol, timeframe],
        )  # fmt: skip
        return [
            (row["session_on"] if timeframe == "1D" else row["bar_end_at"], *(row[c] for c in COLUMNS),
             row["volume"])
            for row in found
        ]  # fmt: skip


def expected(market: Any, symbol: str, timeframe: str) -> list[tuple[Any, ...]]:
    """What must be stored of a made-up market: the bars of regular hours."""
    made = []
    for bar in market[symbol, timeframe]:
        at = bar.starts_at.astimezone(UTC)
        if timeframe != "1D" and not (14, 30) <= (at.hour, at.minute) < (21, 0):
            continue
        time_of = (
            date.fromisoformat(bar.day)
            if timeframe == "1D"
            else at.replace(second=0) + timedelta(minutes=1)
        )
        micros = [int(Decimal(text).scaleb(6)) for text in (bar.open, bar.high, bar.low, bar.close)]
        made.append((time_of, *micros, int(bar.volume)))
    return made


@pytest.fixture
def shell(db: Any, conn: Any, tmp_path: Path) -> Iterator[Shell]:
    """No command of a test says a key, and no answer that is kept holds one."""
    made = Shell(conn, db.url, tmp_path)
    yield made
    kept = conn.execute("select request::text || convert_from(body, 'UTF8') as text from md.raws")
    told = made.said + "".join(row["text"] for row in kept)
    assert KEY not in told and SECRET not in told
    orphans = (
        "select count(*) from md.bars as b where not exists (select from md.sources as s"
        " join md.raws as r using (raw_sha256) where s.ingest_id = b.ingest_id)"
    )
    assert made.one(orphans) == 0


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_a_sync_stores_what_the_provider_has_and_a_second_one_changes_nothing(
    shell: Shell, name: str
) -> None:
    with SERVERS[name](DAYS, NOW) as server:
        shell.use(server)
        done = shell.sync("--symbols", "KO, PEP", *SPAN)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout + done.stderr  # no progress where there is no terminal
        for symbol in ("KO", "PEP"):
            assert shell.bars(symbol, "1D") == expected(DAYS, symbol, "1D")
        before = shell.one("select count(*) from md.ingests")
        again = shell.sync("--symbols", "KO,PEP", "--until", "2024-03-08", "--json")
    assert again.returncode == 0, again.stderr
    lines = [json.loads(line) for line in again.stdout.splitlines()]
    assert [(line["symbol"], line["rows_read"]) for line in lines] == [("KO", 5), ("PEP", 5)]
    assert shell.one("select count(*) from md.bars") == 10
    assert shell.one("select count(*) from md.ingests") == before  # the overlap was asked for again
    assert shell.one("select count(*) from md.ingests where normaliser <> feed || '.v1'") == 0


@pytest.mark.parametrize("name", ["twelvedata", "alpaca_data"])
def test_minutes_before_the_open_and_after_the_close_are_passed_over(
    shell: Shell, name: str
) -> None:
    with SERVERS[name](MINUTES, NOW) as server:
        shell.use(server)
        done = shell.sync("--symbols", "KO", "--timeframe", "1m", *SPAN, "--json")
    assert done.returncode == 0, done.stderr
    (line,) = map(json.loads, done.stdout.splitlines())
    assert (line["rows_stored"], line["rows_skipped"], line["rows_rejected"]) == (
        5 * 390,
        5 * 10,
        0,
    )
    assert shell.bars("KO", "1m") == expected(MINUTES, "KO", "1m")


def test_a_first_sync_must_say_where_to_begin_and_asks_nobody(shell: Shell) -> None:
    with TwelveDataServer(DAYS, NOW) as server:
        shell.use(server)
        done = shell.sync("--symbols", "KO,PEP")
        assert (done.returncode, server.requests) == (2, [])
    assert "MQA72" in done.stderr and "KO, PEP" in done.stderr and "--full-start" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("--symbols", "XXX", *SPAN), "MQN03", 2),
        (("--symbols", " , ", *SPAN), "MQA01", 2),
        (("--symbols", "KO", "--timeframe", "2h", *SPAN), "MQA02", 2),
        (("--symbols", "KO", "--feed", "bloomberg", *SPAN), "MQN70", 2),
        (("--symbols", "KO", "--feed", "fmp", *SPAN), "MQG30", 3),
        (("--symbols", "NOPE", *SPAN), "MQN71", 2),
        (("--symbols", "NEW", *SPAN), "MQN04", 2),
    ],
)
def test_a_sync_that_cannot_be_done_says_why(
    shell: Shell, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    with TwelveDataServer(DAYS, NOW) as server:
        shell.use(server)
        done = shell.sync(*words)
    assert done.returncode == exit_code and code in done.stderr, done.stderr
    assert shell.one("select count(*) from md.bars") == 0


def test_days_before_the_last_bar_are_not_asked_for(shell: Shell) -> None:
    with AlpacaDataServer(DAYS, NOW) as server:
        shell.use(server)
        shell.sync("--symbols", "KO", *SPAN)
        server.requests.clear()
        done = shell.sync("--symbols", "KO", "--until", "2024-03-01")
        assert (done.returncode, server.requests) == (0, [])
    assert "nothing to ask for" in done.stdout


def test_on_a_terminal_a_sync_shows_how_far_it_is(shell: Shell) -> None:
    with AlpacaDataServer(DAYS, NOW) as server:
        server.page_rows = 1
        shell.use(server)
        ours, theirs = open_terminal()
        command = [MQK, "md", "sync", "--config", "own.yaml", "--symbols", "KO", *SPAN]
        env = {**shell.env, "TERM": "xterm"}
        done = subprocess.run(command, env=env, cwd=shell.folder, stderr=theirs, check=False,
                              stdout=subprocess.PIPE, text=True, timeout=60)  # fmt: skip
        os.close(theirs)
        shown = os.read(ours, 100_000).decode()
        os.close(ours)
    assert done.returncode == 0, shown
    assert "KO 2024-03-08" in shown and "100%" in shown
    assert "\x1b" not in done.stdout


def test_a_key_that_is_not_accepted_is_said_and_nothing_is_stored(shell: Shell) -> None:
    with TwelveDataServer(DAYS, NOW) as server:
        shell.use(server)
        shell.env["TWELVEDATA_TEST_KEY"] = "the-wrong-key"
        done = shell.sync("--symbols", "KO", *SPAN, "--json")
    assert (done.returncode, json.loads(done.stderr)["error"]) == (3, "MQG70")
    assert "the-wrong-key" not in done.stderr
    assert shell.one("select count(*) from md.raws") == 0


def test_a_revised_bar_is_a_conflict_with_both_kept(shell: Shell) -> None:
    with AlpacaDataServer(DAYS, NOW) as server:
        shell.use(server)
        shell.sync("--symbols", "KO", *SPAN)
        revised = [*DAYS["KO", "1D"][:-1], replace(DAYS["KO", "1D"][-1], close="101.5")]
        server.market = {("KO", "1D"): revised}
        done = shell.sync("--symbols", "KO", "--until", "2024-03-08", "--json")
    assert json.loads(done.stdout)["rows_rejected"] == 1
    assert shell.bars("KO", "1D") == expected(DAYS, "KO", "1D")
    assert shell.one("select close_micros from md.conflicts") == 101_500_000


@pytest.mark.parametrize("asked", [1, 4, 11])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_sync_that_is_broken_off_leaves_whole_batches_and_the_next_goes_on(
    shell: Shell, number: signal.Signals, asked: int
) -> None:
    words = ("--symbols", "KO", "--timeframe", "1m", *SPAN)
    with AlpacaDataServer(MINUTES, NOW) as server:
        server.page_rows = 150
        shell.use(server)
        server.faults(*[""] * (asked - 1), "slow")
        process = shell.start("sync", "--config", "own.yaml", *words)
        deadline = time.monotonic() + 30
        while len(server.requests) < asked and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(number)
        process.communicate(timeout=20)
        assert process.returncode != 0
        assert shell.one("select count(*) from md.ingests") == asked - 1  # what had come is whole
        assert shell.one("select coalesce(sum(rows_stored), 0) from md.ingests") == shell.one(
            "select count(*) from md.bars"
        )
        stored = shell.bars("KO", "1m")
        assert stored == expected(MINUTES, "KO", "1m")[: len(stored)]  # without a hole
        server.requests.clear()
        assert shell.sync(*words).returncode == 0
        began = server.requests[0][1]["start"][:10]
    assert shell.bars("KO", "1m") == expected(MINUTES, "KO", "1m")
    assert (began == "2024-03-04") == (asked < 11)  # it went on a day before it had stopped


def test_an_answer_that_never_gets_better_ends_the_sync_and_keeps_what_came(shell: Shell) -> None:
    with AlpacaDataServer(DAYS, NOW) as server:
        server.page_rows = 2
        shell.use(server)
        server.faults("", "loop")
        done = shell.sync("--symbols", "KO", *SPAN)
    assert done.returncode == 75 and "MQS72" in done.stderr
    assert shell.one("select count(*) from md.bars") == 2
    assert "KO" in done.stdout  # what was stored is told


def test_the_feed_that_is_the_second_one_gives_observations(shell: Shell) -> None:
    with AlpacaDataServer(DAYS, NOW) as server:
        shell.use(server, feed="csv", second_feed="alpaca_data")
        done = shell.sync("--feed", "alpaca_data", "--symbols", "KO", *SPAN)
    assert done.returncode == 0, done.stderr
    assert shell.one("select count(*) from md.bars") == 0
    assert shell.one("select count(*) from md.observations where feed = 'alpaca_data'") == 5


def test_feeds_and_how_far_they_have_come_are_listed(shell: Shell) -> None:
    with TwelveDataServer(DAYS, NOW) as server:
        shell.use(server, second_feed="fmp")
        assert shell.run("feed-marks", "twelvedata").stdout.startswith("it has given nothing yet")
        shell.sync("--symbols", "KO", *SPAN)
    rows = json.loads(shell.run("feeds", "--config", "own.yaml", "--json").stdout)
    listed = {row["feed"]: (row["used_as"], row["keys"], row["keys_are_set"]) for row in rows}
    assert listed == {
        "alpaca_data": (None, "ALPACA_DATA_KEY ALPACA_DATA_SECRET", False),
        "csv": (None, None, None),
        "fmp": ("second", "MQK_FMP_API_KEY", False),
        "twelvedata": ("first", "TWELVEDATA_TEST_KEY", True),
    }
    (mark,) = json.loads(shell.run("feed-marks", "twelvedata", "--json").stdout)
    assert (mark["symbol"], mark["last_bar_end_at"][:10]) == ("KO", "2024-03-08")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("KO.csv", "Date,Open,High,Low,Close,Adj Close,Volume\n2024-03-04,1,2,1,2,0.9,7\n", ()),
        ("x.csv", "date,open,high,low,close,volume\n2024-03-04,1,2,1,2,7\n", ("--symbol", "KO")),
        ("x.csv", "symbol,timeframe,end_ts,open,high,low,close,volume,is_complete\n"
         "KO,1D,1709586000,1,2,1,2,7,1\n", ()),
        ("KO.csv", "ts_close_utc,open,high,low,close,volume\n2024-03-04T15:30:00Z,1,2,1,2,7\n",
         ("--timeframe", "1H")),
    ],
)  # fmt: skip
def test_a_file_of_a_vendors_shape_is_stored_as_it_is(
    shell: Shell, name: str, text: str, words: tuple[str, ...]
) -> None:
    (shell.folder / name).write_text(text)
    done = shell.run("ingest", name, *words)
    assert done.returncode == 0, done.stderr
    timeframe = "1H" if "1H" in words else "1D"
    ((_, *values),) = shell.bars("KO", timeframe)
    assert values == [1_000_000, 2_000_000, 1_000_000, 2_000_000, 7]
    assert shell.one("select convert_from(body, 'UTF8') from md.raws") == text
    assert ("adjusts these prices" in done.stderr) == ("Adj" in text)
