"""When the market is open: the shipped sessions of New York."""

from __future__ import annotations

import csv
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import pairwise

from mqk.desk import config_root
from mqk.simulator.wire import in_new_york, read_time


@dataclass(frozen=True)
class Session:
    """One trading day; both times in UTC."""

    day: date
    opens_at: datetime
    closes_at: datetime


@cache
def list_sessions() -> tuple[Session, ...]:
    """Every session of config/calendars/XNYS.csv, oldest first."""
    with (config_root() / "calendars" / "XNYS.csv").open(encoding="utf-8") as source:
        return tuple(
            Session(
                date.fromisoformat(row["session_on"]),
                read_time(row["opens_at"]),
                read_time(row["closes_at"]),
            )
            for row in csv.DictReader(source)
        )


@cache
def _closes() -> tuple[datetime, ...]:
    return tuple(session.closes_at for session in list_sessions())


def next_session(at: datetime, skip: int = 0) -> Session:
    """The session that is open at `at` or opens next, or one `skip` later; at most the last one."""
    place = bisect_right(_closes(), at) + skip
    return list_sessions()[min(place, len(list_sessions()) - 1)]


def is_open(at: datetime) -> bool:
    """Whether `at` lies in a session: the open is in, the close is out."""
    session = next_session(at)
    return session.opens_at <= at < session.closes_at


def list_boundaries(after: datetime, upto: datetime) -> list[tuple[datetime, bool]]:
    """Opens (True) and closes (False) in (after, upto], in order."""
    found: list[tuple[datetime, bool]] = []
    first = bisect_right(_closes(), after)
    for session in list_sessions()[first:]:
        if session.opens_at > upto:
            break
        found += [(session.opens_at, True), (session.closes_at, False)]
    return [(at, opens) for at, opens in found if after < at <= upto]


def clock_answer(at: datetime, *, market_open: bool) -> dict[str, object]:
    """The body of GET /v2/clock."""
    session = next_session(at)
    following = next_session(at, 1) if session.opens_at <= at else session
    return {
        "timestamp": in_new_york(at).isoformat(),
        "is_open": market_open,
        "next_open": in_new_york(following.opens_at).isoformat(),
        "next_close": in_new_york(session.closes_at).isoformat(),
    }


def calendar_answer(start: date, end: date) -> list[dict[str, str]]:
    """The body of GET /v2/calendar: the sessions of start..end."""
    sessions = list_sessions()
    return [
        {
            "date": session.day.isoformat(),
            "open": in_new_york(session.opens_at).strftime("%H:%M"),
            "close": in_new_york(session.closes_at).strftime("%H:%M"),
            "session_open": "0400",
            "session_close": "2000",
            "settlement_date": following.day.isoformat(),
        }
        for session, following in pairwise(sessions)
        if start <= session.day <= end
    ]
