"""Laws of announcing: a file of corporate actions arrives whole or not at all, by the real commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import Desk, close_of
from mqk.cli.main import main
from mqk.errors import MqkError

HEADER = "symbol,action_kind,ex_on,ratio,amount,record_on,pay_on,announced_at,cancels"
SPLIT = "AAA,SPLIT,2024-01-04,4:2,,,,2024-01-01T00:00:00Z,"
DIVIDEND = "AAA,CASH_DIVIDEND,2024-01-05,,0.24,2024-01-08,2024-01-10,2024-01-01T00:00:00Z,"


@pytest.fixture
def desk(db: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    """A desk that is not running, and a shell in an empty folder."""
    monkeypatch.setenv("MQK_DATABASE_URL", db.url)
    monkeypatch.chdir(tmp_path)
    made = Desk(db.url)
    yield made
    made.conn.close()


def mqk(*words: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(main, [*words, "--json"])


def load(*lines: str) -> Result:
    """Load a file of these lines."""
    Path("actions.csv").write_text("\n".join([HEADER, *lines, ""]))
    return mqk("md", "load-actions", "actions.csv")


def test_a_file_is_loaded_once_and_listed(desk: Desk) -> None:
    first, again = (json.loads(load(SPLIT, DIVIDEND).output) for _ in range(2))
    assert [(r["terms"], r["is_new"]) for r in first] == [
        ("2 for 1", True),
        ("0.240000 a share on 2024-01-10", True),
    ]
    assert [r["is_new"] for r in again] == [False, False]
    listed = json.loads(mqk("md", "actions", "AAA").output)
    assert [(r["ex_on"], r["stands"], r["source"]) for r in listed] == [
        ("2024-01-04", True, "csv:actions.csv"),
        ("2024-01-05", True, "csv:actions.csv"),
    ]
    assert desk.one("select distinct source_sha256 ~ '^[0-9a-f]{64}$' from md.corporate_actions")
    assert json.loads(mqk("md", "actions", "BBB").output) == []


def test_an_action_is_cancelled_with_a_reason_and_stays_readable(desk: Desk) -> None:
    (made,) = json.loads(load(SPLIT).output)
    assert mqk("md", "cancel-action", made["action_id"]).exit_code == 2
    assert mqk("md", "cancel-action", made["action_id"], "--reason", "withdrawn").exit_code == 0
    assert "MQN11" in mqk("md", "cancel-action", made["action_id"], "--reason", "again").output
    listed = json.loads(mqk("md", "actions").output)
    assert [(r["action_kind"], r["stands"]) for r in listed] == [
        ("SPLIT", False), ("CANCEL", False),
    ]  # fmt: skip
    assert [r["stands"] for r in json.loads(load(SPLIT).output)] == [False]


BAD = {
    "KIND_UNKNOWN": ["AAA,SPINOFF,2024-01-04,2:1,,,,2024-01-01T00:00:00Z,"],
    "SYMBOL_UNKNOWN": ["ZZZ,SPLIT,2024-01-04,2:1,,,,2024-01-01T00:00:00Z,"],
    "NOT_A_SESSION": [
        "AAA,SPLIT,2024-01-06,2:1,,,,2024-01-01T00:00:00Z,",
        "AAA,SPLIT,06.01.2024,2:1,,,,2024-01-01T00:00:00Z,",
    ],
    "RATIO_INVALID": [
        f"AAA,SPLIT,2024-01-04,{ratio},,,,2024-01-01T00:00:00Z,"
        for ratio in ("", "1:1", "2:2", "0:1", "2:0", "-2:1", "1.5:1", "10001:1", "2", "2:1:1")
    ]
    + ["AAA,CASH_DIVIDEND,2024-01-05,2:1,1,,2024-01-10,2024-01-01T00:00:00Z,"],
    "AMOUNT_INVALID": [
        f"AAA,CASH_DIVIDEND,2024-01-05,,{amount},,2024-01-10,2024-01-01T00:00:00Z,"
        for amount in ("", "0", "-1", "NaN", "0.0000001", "1000000.000001", "1e3")
    ]
    + ["AAA,SPLIT,2024-01-04,2:1,1,,,2024-01-01T00:00:00Z,"],
    "PAYMENT_INVALID": [
        "AAA,CASH_DIVIDEND,2024-01-05,,1,,,2024-01-01T00:00:00Z,",
        "AAA,CASH_DIVIDEND,2024-01-05,,1,,2024-01-04,2024-01-01T00:00:00Z,",
        "AAA,CASH_DIVIDEND,2024-01-05,,1,soon,2024-01-10,2024-01-01T00:00:00Z,",
        "AAA,SPLIT,2024-01-04,2:1,,,2024-01-10,2024-01-01T00:00:00Z,",
    ],
    "ANNOUNCEMENT_INVALID": [
        f"AAA,SPLIT,2024-01-04,2:1,,,,{when},"
        for when in ("", "2024-01-01", "2024-01-01T00:00:00", "2999-01-01T00:00:00Z")
    ],
    "CANCELS_INVALID": ["AAA,SPLIT,2024-01-04,2:1,,,,2024-01-01T00:00:00Z,the one before"],
    "CONTRADICTS": ["AAA,SPLIT,2024-01-04,3:1,,,,2024-01-01T00:00:00Z,"],
}


@pytest.mark.parametrize(("finding", "line"), [(f, x) for f, lines in BAD.items() for x in lines])
def test_one_bad_row_refuses_the_whole_file(desk: Desk, finding: str, line: str) -> None:
    done = load(SPLIT, DIVIDEND, line)
    assert (done.exit_code, "MQA40" in done.output, finding in done.output) == (2, True, True)
    assert desk.one("select count(*) from md.corporate_actions") == 0


@pytest.mark.parametrize("edge", ["2024-01-01T00:00:00Z", "now"])
def test_an_announcement_of_this_moment_is_known(desk: Desk, edge: str) -> None:
    row = dict(zip(HEADER.split(","), SPLIT.split(","), strict=True))
    when = desk.now.isoformat() if edge == "now" else edge
    given = {k: v or None for k, v in row.items()} | {"line_no": 2, "announced_at": when}
    ask: Callable[..., Any] = desk.call
    (made,) = ask(
        "md.load_actions", source="t", source_sha256="0" * 64, rows=[given], now_at=desk.now
    )
    assert made["is_new"]


WORD = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
TEXT = st.one_of(st.none(), WORD, st.sampled_from(["2:1", "0.5", "2024-01-04"]))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(row=st.fixed_dictionaries(dict.fromkeys(HEADER.split(","), TEXT)))
def test_any_bad_row_is_a_catalogued_error_and_leaves_nothing(desk: Desk, row: Any) -> None:
    given_row = {**row, "line_no": 2}
    with pytest.raises(MqkError, match="MQA40"):
        desk.call(
            "api.md_load_actions",
            source="t", source_sha256="0" * 64, rows=[given_row], now_at=desk.now,
        )  # fmt: skip
    assert desk.one("select count(*) from md.corporate_actions") == 0


def test_a_jump_is_cleared_by_a_person_with_a_reason(desk: Desk) -> None:
    for n, price in ((0, 100), (1, 50)):
        desk.add_bars(desk.days[n], AAA=price)
    desk.clock.move_to(close_of(desk.days[1]))
    desk.ingest(desk.market.rows)
    day = desk.days[1].isoformat()
    assert mqk("md", "clear-jump", "AAA", day).exit_code == 2
    assert mqk("md", "clear-jump", "AAA", day, "--reason", "a profit warning").exit_code == 0
    assert "MQN12" in mqk("md", "clear-jump", "BBB", day, "--reason", "x").output
    assert desk.one("select reason from md.cleared_jumps") == "a profit warning"
