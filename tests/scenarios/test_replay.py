"""Laws of replay: the state of a run is the fold of its diary, to the byte, by two programs."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import mqk.refold
from kit import GIVEN, Desk
from mqk.cli.main import main
from mqk.errors import MqkError
from mqk.refold.__main__ import refold
from parity_kit import ParityDesk
from support import SERVER, Database

ROOMS = ["run", "audit", "strat", "risk", "ledger", "oms", "recon", "pager", "ops"]
ABOUT_A_RUN = """
    select c.oid::regclass::text as name from pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not in ('lab', 'replay')
       and n.nspowner = 'mqk_owner'::regrole
       and (n.nspname = any(%s) or exists (
            select from pg_attribute as a where a.attrelid = c.oid and a.attname = 'run_id'))
     order by 1"""
COLUMNS = """
    select l.table_name, a.attname as column, format_type(a.atttypid, null) as kind
      from replay.list_left_out() as l
      join pg_attribute as a on a.attrelid = to_regclass(l.table_name)
     where a.attnum > 0 and a.attgenerated = '' and a.attidentity = '' and a.attname <> 'run_id'
       and a.attname <> all(l.left_out) order by 1, a.attnum"""
CHANGES = {
    "bigint": "coalesce({c}, 0) + 1000000",
    "integer": "{c} + 1",
    "boolean": "not {c}",
    "text": "coalesce({c}, '') || '!'",
    "text[]": "{c} || array['x']",
    "uuid": "md5({c}::text)::uuid",
    "date": "{c} + 1",
    "jsonb": '\'{{"is": "forged"}}\'',
    "timestamp with time zone": "coalesce({c}, '2024-01-01') + interval '1 us'",
}


@pytest.fixture(scope="module")
def played() -> Iterator[ParityDesk]:
    """A desk that has traded; a test leaves it as it was."""
    with SERVER.clone() as db:
        desk = ParityDesk(db.url, 3)
        desk.play()
        yield desk
        desk.conn.close()


def compare(desk: Desk, until_at: datetime | None = None) -> dict[str, dict[str, Any]]:
    """The replay of the desk's run, by table."""
    rows = desk.call("api.replay_all", run_id=desk.run_id, until_at=until_at)
    return {row["table_name"]: row for row in rows}


def find_differences(desk: Desk) -> dict[str, str]:
    """Which tables differ, and where first."""
    return {
        n: r["difference"] for n, r in compare(desk).items() if not r["is_equal"] and n != "ALL"
    }


def forge(desk: Desk, *statements: str) -> None:
    """Change what nobody may change, with every guard off, in the open transaction."""
    desk.sql("set local session_replication_role = replica")
    for statement in statements:
        desk.sql(statement)


def drop_rules(desk: Desk) -> None:
    """Let any value in, in the open transaction."""
    found = desk.sql(
        "select conrelid::regclass::text as t, conname as c from pg_constraint"
        " where contype in ('c', 'u') and conrelid::regclass::text in"
        " (select table_name from replay.places where place = 'STATE')"
    )
    for row in found:
        desk.sql(f"alter table {row['t']} drop constraint {row['c']} cascade")


def test_every_table_about_a_run_has_its_place(conn: Any) -> None:
    placed = [
        r["table_name"] for r in conn.execute("select table_name from replay.places order by 1")
    ]
    assert placed == [r["name"] for r in conn.execute(ABOUT_A_RUN, [ROOMS])]


def test_what_is_log_is_appended_and_never_changed(conn: Any) -> None:
    guards = (
        "select tgrelid::regclass::text as t from pg_trigger where tgenabled = 'O'"
        " and tgname in ('_900_refuse_change', '_900_refuse_truncate')"
        " group by 1 having count(*) = 2"
    )
    guarded = {row["t"] for row in conn.execute(guards)}
    logs = {
        row["table_name"]
        for row in conn.execute("select table_name from replay.places where place = 'LOG'")
    }
    assert logs - guarded == set()
    assert "run.runs" not in guarded


def test_a_column_that_nobody_folds_is_a_difference(given_desk: Desk) -> None:
    desk = given_desk
    desk.plan(2, AAA=5)
    with desk.conn.transaction(force_rollback=True):
        forge(
            desk,
            "alter table oms.orders add column note text",
            "update oms.orders set note = 'seen'",
        )
        assert find_differences(desk)["oms.orders"].endswith("note seen, replayed null")
    assert find_differences(desk) == {}


@pytest.mark.parametrize("seed", [5, 47, 56, 142])
def test_two_programs_fold_the_diary_of_a_random_desk_to_what_is_stored(
    db: Database, seed: int
) -> None:
    desk = ParityDesk(db.url, seed)
    desk.play()
    assert desk.list_unfolded() == []
    desk.conn.close()


def test_the_state_of_an_earlier_time_is_what_was_stored_then(db: Database) -> None:
    desk = Desk(db.url, strategy=GIVEN)
    desk.start()
    desk.plan(2, AAA=5, BBB=7)
    desk.tick("gateway", "broker_events")
    desk.close(3, AAA=100, BBB=50)
    then, digest = desk.now, compare(desk)["ALL"]["stored_digest"]
    assert desk.plan(4, AAA=9) != []
    desk.act("run_halt", run_id=desk.run_id, reason="enough")
    assert compare(desk, then)["ALL"]["replayed_digest"] == digest
    assert compare(desk, then)["ALL"]["is_equal"] is None
    assert compare(desk, desk.now)["ALL"]["replayed_digest"] != digest
    assert (
        compare(desk, desk.now)["ALL"]["replayed_digest"] == compare(desk)["ALL"]["stored_digest"]
    )
    rows = desk.call(
        "api.replay_rows", run_id=desk.run_id, table_name="run.runs", until_at=then
    )  # fmt: skip
    assert [row["row_data"]["run_status"] for row in rows] == ["RUNNING"]
    with pytest.raises(MqkError, match="a table of state, not run"):
        desk.call("api.replay_rows", run_id=desk.run_id, table_name="run.gate", until_at=then)
    desk.conn.close()


def test_every_column_of_every_table_of_state_is_held_to_the_diary(played: ParityDesk) -> None:
    desk, columns = played, played.sql(COLUMNS)
    filled = {n for n, row in compare(desk).items() if row["stored_rows"] and n != "audit.events"}
    todo = [c for c in columns if c["table_name"] in filled]
    assert len(todo) > 150
    with desk.conn.transaction(force_rollback=True):
        drop_rules(desk)
        while todo:  # one column of every table at a time
            batch = {c["table_name"]: c for c in reversed(todo)}
            with desk.conn.transaction(force_rollback=True):
                forge(desk, *(change(desk, column) for column in batch.values()))
                named = find_differences(desk)
            assert [(t, c["column"]) for t, c in batch.items() if t not in named] == []
            todo = [c for c in todo if batch[c["table_name"]] is not c]


def change(desk: Desk, column: dict[str, Any]) -> str:
    """The statement that changes a column in one row of the run."""
    table, name = column["table_name"], f'"{column["column"]}"'
    row = f"ctid = (select max(ctid) from {table} where run_id = '{desk.run_id}')"
    return f"update {table} set {name} = {CHANGES[column['kind']].format(c=name)} where {row}"


@pytest.mark.parametrize(
    ("statement", "table", "words"),
    [
        (
            "delete from ledger.lots where lot_seq = 1",
            "ledger.lots",
            "in the diary, and not stored",
        ),
        (
            "insert into run.universe values (run_id(), 'ZZZ')",
            "run.universe",
            "ZZZ: stored, and the diary knows nothing of it",
        ),
        (
            "update audit.events set reported_at = reported_at - interval '1 us'"
            " where chain_id = run_id() and event_name = 'FILL_BOOKED'",
            "ledger.fills",
            "booked_at",
        ),
        (
            "delete from audit.events where chain_id = run_id() and event_seq ="
            " (select last_seq from audit.chains where chain_id = run_id())",
            "audit.events",
            "the head is not the last event",
        ),
        (
            "update ledger.equity_points set cash_micros = cash_micros + 1 where point_seq ="
            " (select max(point_seq) from ledger.equity_points)",
            "risk.states",
            "equity_micros",
        ),
    ],
)
def test_a_forged_row_is_named(played: ParityDesk, statement: str, table: str, words: str) -> None:
    desk = played
    statement = statement.replace("run_id()", f"'{desk.run_id}'")
    with desk.conn.transaction(force_rollback=True):
        drop_rules(desk)
        forge(desk, statement)
        assert words in find_differences(desk)[table]
    assert find_differences(desk) == {}


def test_an_event_that_was_changed_is_named(played: ParityDesk) -> None:
    with played.conn.transaction(force_rollback=True):
        forge(
            played,
            "update audit.events set payload = payload || '{\"fill_qty\": 1}'"
            " where event_name = 'FILL_BOOKED'",
        )
        assert find_differences(played)["audit.events"].endswith("event before is broken")


def test_a_message_that_was_changed_is_named_by_its_digest(played: ParityDesk) -> None:
    with played.conn.transaction(force_rollback=True):
        forge(played, 'update oms.inbox set raw = raw || \'{"qty": "1"}\'')
        assert "raw_sha256" in find_differences(played)["oms.inbox"]


def test_a_diary_cut_and_made_whole_again_differs_from_the_tables(played: ParityDesk) -> None:
    desk = played
    of_run = f"chain_id = '{desk.run_id}'"
    last = "(select max(event_seq) from audit.events where event_name = 'FILL_BOOKED')"
    with desk.conn.transaction(force_rollback=True):
        forge(
            desk,
            f"delete from audit.events where {of_run} and event_seq >= {last}",
            "update audit.chains as c set (last_seq, last_hash, last_at) = (select e.event_seq,"
            " e.event_hash, e.occurred_at from audit.events as e where e.chain_id = c.chain_id"
            f" order by e.event_seq desc limit 1) where {of_run}",
        )
        named = find_differences(desk)
        assert "audit.events" not in named
        assert {"ledger.fills", "ledger.entries", "ledger.portfolios", "oms.orders"} <= set(named)


def mqk_replay(*words: str) -> Result:
    """The command."""
    return CliRunner().invoke(main, ["replay", *words])


def test_the_command_tells_the_verdict_and_exits_with_it(
    db: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desk = Desk(db.url, strategy=GIVEN)
    desk.start()
    desk.plan(2, AAA=5)
    desk.tick("gateway")
    desk.close(3, AAA=100, BBB=50)
    monkeypatch.setenv("MQK_DATABASE_URL", db.url)
    run, log = str(desk.run_id), tmp_path / "run.jsonl"
    said = mqk_replay(run)
    assert said.exit_code == 0 and "oms.orders" in said.output
    then = mqk_replay(run, "--until", f"{desk.days[1]}", "--table", "run.runs", "--json")
    assert [row["run_status"] for row in json.loads(then.output)] == ["CREATED"]
    assert mqk_replay(run, "--export", str(log)).exit_code == 0
    assert fold_outside(log).returncode == 0
    desk.sql("set session_replication_role = replica")
    desk.sql("update ledger.positions set realized_micros = 1 where symbol = 'AAA'")
    broken = mqk_replay(run)
    assert broken.exit_code == 4
    assert "MQI90" in broken.output and "AAA: realized_micros 1, replayed 0" in broken.output
    assert mqk_replay(run, "--export", str(log)).exit_code == 4
    told = fold_outside(log)
    assert told.returncode == 4 and "ledger.positions" in told.stdout
    assert next(x for x in told.stdout.splitlines() if "DIFFERS" in x).startswith(
        "ledger.positions"
    )
    assert mqk_replay("00000000-0000-8000-a000-000000000000").exit_code == 2
    desk.conn.close()


def fold_outside(log: Path) -> subprocess.CompletedProcess[str]:
    """The second program, as a program of its own that cannot find the first."""
    folder = Path(mqk.refold.__file__).parents[1]
    return subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(folder)!r});"
         f"from refold.__main__ import main; sys.exit(main({str(log)!r}))"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_second_program_knows_nothing_but_python() -> None:
    used = set()
    for path in Path(mqk.refold.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                used |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                used |= {str(node.module).partition(".")[0]} if node.level == 0 else set()
    assert used <= set(sys.stdlib_module_names)


def test_the_second_program_names_the_event_at_which_the_chain_breaks(
    played: ParityDesk, tmp_path: Path
) -> None:
    lines = [r["line"] for r in played.call("api.replay_log", run_id=played.run_id)]
    forged = json.loads(lines[9])
    forged["payload"] = forged["payload"].replace("{", '{"forged": true, ', 1)
    log = tmp_path / "run.jsonl"
    log.write_text("\n".join([*lines[:9], json.dumps(forged), *lines[10:]]))
    told = fold_outside(log)
    assert told.returncode == 4 and "BREAKS at event 10" in told.stdout
    assert refold(lines)[0]["ALL"][1] == compare(played)["ALL"]["stored_digest"]
