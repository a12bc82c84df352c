"""Laws of the shipped calendar: every session from 1990 to 2030, told by rules of its own."""

from __future__ import annotations

import csv
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mqk.loading import load_calendar
from support import ROOT, SERVER

PATH = ROOT / "config" / "calendars" / "XNYS.csv"
LIBRARY = ROOT / ".tool" / "calendars" / "bin" / "python"
REAL = Path(os.environ.get("MQK_SHARED", ROOT.parent / "shared")) / "data" / "us_daily"
AWAY = {"QQQ": (date(2004, 12, 1), date(2011, 3, 22))}  # it was called QQQQ
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2024, 6, 1, tzinfo=UTC)
with PATH.open(newline="", encoding="utf-8") as source:
    ROWS = {date.fromisoformat(row["session_on"]): row for row in csv.DictReader(source)}
CLOSURES = {
    date(1994, 4, 27): "Nixon",
    **{date(2001, 9, day): "September 11" for day in (11, 12, 13, 14)},
    date(2004, 6, 11): "Reagan",
    date(2007, 1, 2): "Ford",
    date(2012, 10, 29): "Sandy",
    date(2012, 10, 30): "Sandy",
    date(2018, 12, 5): "Bush",
    date(2025, 1, 9): "Carter",
}
UNPLANNED = {
    date(1994, 2, 11): ("09:30", "14:30"),
    date(1995, 12, 18): ("10:30", "16:00"),
    date(1996, 1, 8): ("11:00", "14:00"),
    date(1997, 10, 27): ("09:30", "15:30"),
    date(2002, 9, 11): ("12:00", "16:00"),
}


def easter(year: int) -> date:
    """Easter Sunday, by the anonymous Gregorian computus."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def nth(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th weekday of a month; -1 is the last."""
    if n < 0:
        last = date(year, month + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def observed(day: date) -> date:
    """A holiday of a weekend is kept on its Friday or Monday."""
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def holidays(year: int) -> set[date]:
    """The holidays of the exchange's rule 7.2."""
    new_year = date(year, 1, 1)
    found = {
        new_year if new_year.weekday() == 5 else observed(new_year),  # never on December 31
        nth(year, 2, 0, 3),
        easter(year) - timedelta(days=2),
        nth(year, 5, 0, -1),
        observed(date(year, 7, 4)),
        nth(year, 9, 0, 1),
        nth(year, 11, 3, 4),
        observed(date(year, 12, 25)),
    }
    if year >= 1998:
        found.add(nth(year, 1, 0, 3))  # Martin Luther King
    if year >= 2022:
        found.add(observed(date(year, 6, 19)))  # Juneteenth
    return found


def local(day: date) -> tuple[str, str]:
    """The hours of a session on the clocks of New York."""
    stamps = (datetime.fromisoformat(ROWS[day][name]) for name in ("opens_at", "closes_at"))
    opens, closes = (t.astimezone(NEW_YORK) for t in stamps)
    assert opens.date() == closes.date() == day
    return opens.strftime("%H:%M"), closes.strftime("%H:%M")


def test_every_weekday_that_is_no_holiday_and_no_closure_is_a_session() -> None:
    off = set(CLOSURES).union(*(holidays(year) for year in range(1990, 2031)))
    days = (date(1990, 1, 1) + timedelta(days=n) for n in range(14975))
    wanted = [day for day in days if day.weekday() < 5 and day not in off and day.year < 2031]
    assert list(ROWS) == wanted
    assert len(wanted) == 10322


def test_every_session_opens_and_closes_by_the_clocks_of_new_york_across_all_changes() -> None:
    whole, half, odd = ("09:30", "16:00"), ("09:30", "13:00"), {}
    for day, row in ROWS.items():
        hours = local(day)
        assert (hours != whole) is (row["is_half_day"] == "true"), day
        if hours not in (whole, half):
            odd[day] = hours
    two = dict.fromkeys(
        (date(1990, 12, 24), date(1991, 12, 24), date(1992, 11, 27), date(1992, 12, 24)),
        ("09:30", "14:00"),
    )
    assert odd == {**two, **UNPLANNED}
    assert len({row["opens_at"][11:] for day, row in ROWS.items() if day not in UNPLANNED}) == 2


@pytest.mark.parametrize("year", range(1993, 2031))
def test_the_half_days_of_a_year_are_those_of_its_rules(year: int) -> None:
    """Black Friday; Christmas Eve; the third of July: each if it is a session before a holiday."""
    found = {day for day in ROWS if day.year == year and local(day)[1] == "13:00"}
    black_friday = nth(year, 11, 3, 4) + timedelta(days=1)
    eve, third = date(year, 12, 24), date(year, 7, 3)
    assert black_friday in found
    others = found - {black_friday, eve, third}
    known = {
        date(1996, 7, 5),
        date(1997, 12, 26),
        date(1999, 12, 31),
        date(2002, 7, 5),
        date(2003, 12, 26),
    }
    assert others == {day for day in known if day.year == year}
    if year >= 1995:
        assert (eve in found) is (eve in ROWS and eve.weekday() < 4), eve
    if year >= 1995 and year not in (1996, 2002):
        assert (third in found) is (third in ROWS and third.weekday() in (0, 1, 2, 3)), third


@pytest.mark.skipif(not LIBRARY.exists(), reason="make calendars brings the library")
def test_the_calendar_is_what_the_library_says() -> None:
    command = [str(LIBRARY), "python/house/make_calendar.py", "--check", "XNYS"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not REAL.is_dir(), reason="needs ../shared/data/us_daily")
@pytest.mark.parametrize("symbol", ["AAPL", "BAC", "IBM", "QQQ", "SPY"])
def test_real_bars_are_of_sessions_and_every_session_has_one(symbol: str) -> None:
    with (REAL / f"{symbol}.csv").open(newline="", encoding="utf-8") as bars:
        days = [date.fromisoformat(row["date"]) for row in csv.DictReader(bars)]
    first, last = AWAY.get(symbol, (date.max, date.max))
    assert days == [day for day in ROWS if days[0] <= day <= days[-1] and not first <= day <= last]


@pytest.fixture(scope="module")
def loaded() -> Iterator[Any]:
    """A session in a database that has the calendar."""
    with SERVER.clone() as db, db.connect() as conn:
        load_calendar(conn, PATH, NOW)
        yield conn


def count(conn: Any, query: str) -> int:
    """How many rows a query finds."""
    return int(conn.execute(f"select count(*) as n from ({query}) as q").fetchone()["n"])


def test_the_session_before_the_next_is_the_session_itself(loaded: Any) -> None:
    inner = (
        "select s.session_on, (ref.get_session_after('XNYS', s.session_on)).session_on as next_on,"
    )
    inner += " (ref.get_session_before('XNYS', s.session_on)).session_on as last_on from ref.sessions as s"
    assert count(loaded, inner) == 10322
    wrong = f"select from ({inner}) as t where next_on <= session_on or last_on >= session_on"
    assert count(loaded, wrong) == 0
    lost = f"""select from ({inner}) as t where (ref.get_session_before('XNYS', next_on)).session_on
               is distinct from session_on and next_on is not null"""
    assert count(loaded, lost) == 0
    assert (
        count(loaded, f"select from ({inner}) as t where next_on is null or last_on is null") == 2
    )


def test_every_session_is_open_from_its_first_moment_up_to_its_last_which_is_out(
    loaded: Any,
) -> None:
    moments = """select ref.is_open('XNYS', s.opens_at - interval '1 us'), ref.is_open('XNYS', s.opens_at),
                        ref.is_open('XNYS', s.closes_at - interval '1 us'), ref.is_open('XNYS', s.closes_at)
                   from ref.sessions as s
                  where s.session_on between '1990-01-03' and '2030-12-30'"""
    assert (
        count(
            loaded,
            f"select from ({moments}) as m (a, b, c, d) where not (not a and b and c and not d)",
        )
        == 0
    )
    assert count(loaded, moments) == 10320


def test_every_moment_of_a_session_is_of_its_day_and_one_after_the_close_of_the_next(
    loaded: Any,
) -> None:
    days = """select from ref.sessions as s
               where s.session_on < '2030-12-31'
                 and (select array_agg((ref.get_session_of('XNYS', t)).session_on order by t)
                        from unnest(array[s.opens_at, s.closes_at, s.closes_at + interval '1 us']) as t)
                     <> array[s.session_on, s.session_on,
                              (ref.get_session_after('XNYS', s.session_on)).session_on]"""
    assert count(loaded, days) == 0


@pytest.mark.parametrize(
    ("timeframe", "whole"), [("1m", 390), ("5m", 78), ("15m", 26), ("1H", 7), ("1D", 1)]
)
def test_slots_cut_every_session_without_a_hole_or_an_overlap(
    loaded: Any, timeframe: str, whole: int
) -> None:
    slots = f"""select l.*, lag(l.ends_at) over (partition by l.session_on order by l.slot_no) as before_at
                  from ref.list_slots('XNYS', '{timeframe}', '2001-01-01', '2003-12-31') as l"""
    torn = f"""select from ({slots}) as l join ref.sessions as s using (session_on)
                where l.starts_at <> coalesce(l.before_at, s.opens_at) or l.starts_at >= l.ends_at"""
    assert count(loaded, torn) == 0
    ends = """select from ref.sessions as s
               where s.session_on between '2001-01-01' and '2003-12-31'
                 and s.closes_at <> (select max(l.ends_at) from ref.list_slots(
                     'XNYS', '{}', s.session_on, s.session_on) as l)"""
    assert count(loaded, ends.format(timeframe)) == 0
    full = loaded.execute("select ref.count_slots('XNYS', '2024-03-11') as n").fetchone()["n"]
    half = loaded.execute("select ref.count_slots('XNYS', '2024-11-29') as n").fetchone()["n"]
    assert full[timeframe] == whole
    assert half[timeframe] == {"1m": 210, "5m": 42, "15m": 14, "1H": 4, "1D": 1}[timeframe]
