"""Laws of the reference commands: sessions, names and classes, loaded, shown and amended by an operator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mqk.cli.main import main
from support import ROOT, group_url

XNYS = ROOT / "config" / "calendars" / "XNYS.csv"
HEADER = "exchange_id,time_zone,session_on,opens_at,closes_at,is_half_day"
LONDON = [  # the clocks changed on 2024-03-31; Christmas Eve closes at 12:30
    "XLON,Europe/London,2024-03-28,2024-03-28T08:00:00Z,2024-03-28T16:30:00Z,false",
    "XLON,Europe/London,2024-04-02,2024-04-02T07:00:00Z,2024-04-02T15:30:00Z,false",
    "XLON,Europe/London,2024-12-24,2024-12-24T08:00:00Z,2024-12-24T12:30:00Z,true",
]
NAMES = "symbol,exchange_id,instrument_kind,name,listed_on,delisted_on,formerly"
QQQ = [  # seven years under another name
    "QQQ,XNYS,ETF,Nasdaq 100 Trust,1999-03-10,2004-12-01,",
    "QQQQ,XNYS,ETF,Nasdaq 100 Trust,2004-12-01,2011-03-23,QQQ",
    "QQQ,XNYS,ETF,Invesco QQQ Trust,2011-03-23,,QQQQ",
]


@pytest.fixture
def mqk(db: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run a command as an operator, in an empty folder; what it printed, or the code it refused with."""
    monkeypatch.setenv("MQK_DATABASE_URL", group_url(db.url, "mqk_operator"))
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Any:
        done = CliRunner().invoke(main, [*words, "--json"])
        if done.exit_code:
            refusal = json.loads(done.stderr)
            return done.exit_code, refusal["error"]
        return json.loads(done.stdout)

    return run


def put(name: str, *lines: str) -> str:
    """A file of these lines in the working folder."""
    Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return name


@pytest.fixture
def york(mqk: Any) -> Any:
    """The same, with the shipped calendar."""
    assert mqk("md", "load-calendar", str(XNYS)) == [{"new_sessions": 10322}]
    return mqk


def test_another_exchange_is_loaded_by_the_same_command_in_its_own_zone(mqk: Any) -> None:
    assert mqk("md", "load-calendar", put("XLON.csv", HEADER, *LONDON)) == [{"new_sessions": 3}]
    days = mqk("md", "calendar", "--exchange", "XLON", "--from", "2024-03-01", "--to", "2024-12-31")
    assert [(d["session_on"], d["opens"], d["closes"], d["is_half_day"]) for d in days] == [
        ("2024-03-28", "08:00", "16:30", False),
        ("2024-04-02", "08:00", "16:30", False),
        ("2024-12-24", "08:00", "12:30", True),
    ]
    assert days[0]["slots"] == {"1m": 510, "5m": 102, "15m": 34, "1H": 9, "1D": 1}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (
            "XCME,America/Chicago,2024-03-28,2024-03-27T22:00:00Z,2024-03-28T21:00:00Z,false",
            "23514",
        ),
        ("XLON,Europe/Nowhere,2024-03-28,2024-03-28T08:00:00Z,2024-03-28T16:30:00Z,false", "22023"),
        ("XLON,,2024-03-28,2024-03-28T08:00:00Z,2024-03-28T16:30:00Z,false", "MQA01"),
    ],
)
def test_a_session_across_midnight_or_of_no_zone_is_refused(mqk: Any, line: str, code: str) -> None:
    assert mqk("md", "load-calendar", put("file.csv", HEADER, line)) == (2, code)
    assert mqk("md", "calendar", "--exchange", "XLON") == (2, "MQN04")


def test_the_calendar_shows_half_days_and_the_bars_of_a_session(york: Any) -> None:
    days = york("md", "calendar", "--from", "2024-07-02", "--to", "2024-07-05")
    shown = [(d["session_on"], d["closes"], d["is_half_day"], d["slots"]["1H"]) for d in days]
    assert shown == [
        ("2024-07-02", "16:00", False, 7),
        ("2024-07-03", "13:00", True, 4),
        ("2024-07-05", "16:00", False, 7),
    ]
    assert york("md", "calendar", "--from", "2024-07-05", "--to", "2024-07-04") == (2, "MQA02")


@pytest.mark.parametrize(
    ("at", "is_open", "day", "next_open"),
    [
        ("2024-03-08T20:59:59+0000", True, "2024-03-08", "2024-03-11 13:30:00+00:00"),
        ("2024-03-08T21:00:00+0000", False, "2024-03-08", "2024-03-11 13:30:00+00:00"),
        ("2024-03-08T21:00:01+0000", False, "2024-03-11", "2024-03-11 13:30:00+00:00"),
        ("2024-03-11T09:29:59-0400", False, "2024-03-11", "2024-03-11 13:30:00+00:00"),
        ("2024-03-11T09:30:00-0400", True, "2024-03-11", "2024-03-12 13:30:00+00:00"),
        ("2024-07-04T12:00:00-0400", False, "2024-07-05", "2024-07-05 13:30:00+00:00"),
    ],
)
def test_the_clock_tells_open_or_not_and_whose_day_it_is(
    york: Any, at: str, is_open: bool, day: str, next_open: str
) -> None:
    told = york("md", "clock", "--at", at)[0]
    assert (told["is_open"], told["session_on"], told["next_open_at"]) == (is_open, day, next_open)


def test_what_the_calendar_does_not_cover_is_unknown_not_closed(york: Any) -> None:
    for at in ("1990-01-02T09:29:59-0500", "2030-12-31T16:00:00-0500"):
        assert york("md", "clock", "--at", at) == (2, "MQN04")
    last = york("md", "clock", "--at", "2030-12-31T15:59:59-0500")[0]
    assert (last["is_open"], last["next_open_at"], last["next_on"]) == (True, None, None)


def test_a_day_to_come_is_closed_shortened_and_outlives_the_file(york: Any) -> None:
    why = ("--reason", "day of mourning")
    closed = york("md", "amend-session", "XNYS", "2030-06-04", *why)
    assert (closed[0]["closes_at"], closed[0]["was_closes_at"]) == (
        None,
        "2030-06-04 20:00:00+00:00",
    )
    assert york("md", "amend-session", "XNYS", "2030-06-04", *why) == []
    short = york(
        "md", "amend-session", "XNYS", "2030-06-05", "--opens", "09:30", "--closes", "13:00", *why
    )
    assert short[0]["closes_at"] == "2030-06-05 17:00:00+00:00"
    assert york("md", "load-calendar", str(XNYS)) == [{"new_sessions": 0}]
    days = york("md", "calendar", "--from", "2030-06-03", "--to", "2030-06-05")
    assert [(d["closes"], d["is_half_day"], d["amended"]) for d in days] == [
        ("16:00", False, None),
        (None, None, "day of mourning"),
        ("13:00", True, "day of mourning"),
    ]
    assert york("md", "amend-session", "XNYS", "2024-06-04", *why) == (3, "MQS20")


def test_a_name_can_be_followed_through_its_changes(york: Any) -> None:
    assert york("md", "load-instruments", put("names.csv", NAMES, *QQQ)) == [{"new_facts": 5}]
    assert york("md", "load-instruments", put("names.csv", NAMES, *QQQ)) == [{"new_facts": 0}]
    shown = york("md", "instruments", "QQQ")
    assert [(r["listed_on"], r["delisted_on"], r["formerly"], r["became"]) for r in shown] == [
        ("1999-03-10", "2004-12-01", None, "QQQQ"),
        ("2011-03-23", None, "QQQQ", None),
    ]
    assert york("md", "instruments", "ZZZ") == []
    for line, code in (
        ("QQQ,XNYS,ETF,Cubes,1999-03-10,2004-12-01,", "MQA10"),
        ("QQQ,XNYS,ETF,Nasdaq 100 Trust,1998-03-10,2004-12-01,", "MQA10"),
        ("NEW,XNYS,ETF,Nasdaq 100 Trust,2011-03-24,,QQQQ", "23503"),
        ("NEW,XNYS,ETF,Nasdaq 100 Trust,2004-12-01,,QQQ", "23505"),
    ):
        assert york("md", "load-instruments", put("names.csv", NAMES, line)) == (2, code)


def test_a_class_is_loaded_and_shown_beside_its_name(york: Any) -> None:
    york("md", "load-instruments", put("names.csv", NAMES, *QQQ))
    lines = (
        "symbol,scheme,code,effective_on",
        "QQQ,SECTOR,Funds,",
        "QQQ,SECTOR,Technology,2015-01-02",
    )
    assert york("md", "load-classifications", put("classes.csv", *lines)) == [{"new_classes": 2}]
    assert york("md", "load-classifications", put("classes.csv", *lines)) == [{"new_classes": 0}]
    shown = [row["classes"] for row in york("md", "instruments", "QQQ")]
    assert shown == [{"SECTOR": "Funds"}, {"SECTOR": "Technology"}]
    changed = (lines[0], "QQQ,SECTOR,Energy,2015-01-02")
    assert york("md", "load-classifications", put("classes.csv", *changed)) == (2, "MQA10")
