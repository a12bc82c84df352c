"""mqk doctor: no check is blind. Each is turned bad by hand and says so, with its fix."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from psycopg.types.json import Jsonb

from hostile import HARMLESS
from mqk import doctor
from mqk.cli.main import main
from support import ROOT, Database

ME = f"doctor_{os.getpid()}"
GOOD = {
    "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "zero_damaged_pages": "off",
    "data_sync_retry": "off", "data_checksums": "on", "wal_level": "replica",
    "synchronous_standby_names": "other",
    "password_encryption": "scram-sha-256", "ssl": "on", "listen_addresses": "*",
    "ssl_min_protocol_version": "TLSv1.3", "shared_preload_libraries": "pg_stat_statements, pgaudit",
    "session_preload_libraries": "", "local_preload_libraries": "", "log_connections": "on",
    "server_version_num": "150004", "max_prepared_transactions": "0",
}  # fmt: skip
BAD_SETTINGS = [
    ("fsync", {"fsync": "off"}),
    ("full_page_writes", {"full_page_writes": "off"}),
    ("synchronous_commit", {"synchronous_commit": "off"}),
    ("zero_damaged_pages", {"zero_damaged_pages": "on"}),
    ("data_sync_retry", {"data_sync_retry": "on"}),
    ("data_checksums", {"data_checksums": "off"}),
    ("wal_level", {"wal_level": "minimal"}),
    ("synchronous_standby", {"synchronous_standby_names": ""}),
    ("password_encryption", {"password_encryption": "md5"}),
    ("ssl", {"ssl": "off"}),
    ("ssl_min_protocol_version", {"ssl_min_protocol_version": "TLSv1.2"}),
    ("preload_libraries", {"shared_preload_libraries": "evil"}),
    ("preload_libraries", {"session_preload_libraries": "pgaudit,evil"}),
    ("preload_libraries", {"local_preload_libraries": "$libdir/plugins/evil"}),
    ("log_connections", {"log_connections": "off"}),
    ("server_version", {"server_version_num": "149999"}),
    ("max_prepared_transactions", {"max_prepared_transactions": "10"}),
]
SOCKET = {"line_number": 1, "type": "local", "auth_method": "peer"}
BAD_RULES = [
    ("hba_can_be_read", {**SOCKET, "error": "invalid"}),
    ("hba_network_needs_scram", {**SOCKET, "type": "hostssl", "auth_method": "md5"}),
    ("hba_network_needs_scram", {**SOCKET, "type": "host", "address": "127.0.0.1",
                                 "auth_method": "trust"}),
    ("hba_network_is_encrypted", {**SOCKET, "type": "host", "address": "10.0.0.0",
                                  "auth_method": "scram-sha-256"}),
    ("hba_socket_knows_who", {**SOCKET, "auth_method": "trust"}),
]  # fmt: skip
# What somebody does to a login or to the catalog; the check that sees it.
BAD_DEEDS = {
    "logins_have_no_power": ["alter role {me} createdb", "grant mqk_owner to {me}"],
    "logins_have_one_part": ["grant mqk_inbox to {me}"],
    "logins_keep_the_settings": [
        "alter role {me} set synchronous_commit = off",
        "alter role {me} in database {db} set search_path = public",
    ],
    "logins_have_a_connection_limit": ["alter role {me} connection limit -1"],
    "readers_only_read": ["revoke mqk_dispatch from {me}; grant mqk_readonly to {me}"],
    "one_superuser_logs_in": ["create role {me}_s superuser login"],
    "engines_have_logins_of_their_own": [
        "insert into run.engines values ('ONE', 'PAPER', 0, now()), ('TWO', 'PAPER', 0, now())"
    ],
    "public_may_not_connect": ["grant temporary on database {db} to public"],
    "public_has_no_dangerous_functions": [
        "grant execute on function pg_advisory_lock(bigint) to public",
        "grant execute on function lo_create(oid) to public",
        "grant execute on function lo_open(oid, integer) to public",
        "grant execute on function pg_sleep(double precision) to public",
        "grant execute on function pg_notify(text, text) to public",
    ],
    "public_writes_no_code": ["grant usage on language plpgsql to public"],
    "the_owner_owns_the_house": [
        "alter table oms.orders owner to postgres",
        "create function run.evil() returns integer language sql as 'select 1'",
    ],
    "tables_are_granted_to_nobody": ["grant select on oms.orders to mqk_dispatch"],
    "doors_are_the_only_definers": [
        "alter function run.move_run(uuid, text, text, timestamptz) security definer",
        "alter function io.get_run(text) set search_path = public",
        "alter function io.get_run(text) reset search_path",
    ],
    "guards_are_awake": ["alter table audit.events disable trigger _900_refuse_change"],
    "runs_are_scoped": [
        "alter table run.runs no force row level security",
        "alter table run.runs disable row level security",
    ],
    "no_way_out_of_the_database": [
        "create foreign data wrapper evil; create server evil foreign data wrapper evil"
    ],
    "groups_are_as_deployed": ["alter role mqk_readonly createdb"],
    "a_halt_may_end_sessions": ["revoke pg_signal_backend from mqk_owner"],
}


def judge(conn: Any, function: str, *args: Any) -> dict[str, Any]:
    """The rows of a judging function, by check."""
    marks = ", ".join(["%s"] * len(args))
    rows = conn.execute(f"select * from ops.{function}({marks})", args).fetchall()
    return {row["check_name"]: row for row in rows}


@pytest.fixture
def house(db: Database) -> Iterator[Database]:
    """A database with one worker's login, as docs/dba.md says to make it."""
    db.create_login(ME, "mqk_dispatch")
    with db.connect() as conn:
        conn.execute(f"alter role {ME} connection limit 5")
        conn.execute(f"revoke all on database {db.name} from public")
        conn.execute(f"grant connect on database {db.name} to {ME}")
        conn.execute(f"revoke mqk_dispatch from {ME}; grant mqk_dispatch to {ME}")
    yield db
    with db.connect() as conn:
        conn.execute(f"drop owned by {ME}; drop role {ME}; drop role if exists {ME}_s")


def test_good_settings_are_good(conn: Any) -> None:
    rows = judge(conn, "judge_settings", Jsonb(GOOD))
    assert [name for name, row in rows.items() if not row["is_ok"]] == []
    assert set(rows) == {name for name, _ in BAD_SETTINGS}
    assert all(row["fix"] for row in rows.values())


@pytest.mark.parametrize(("check", "change"), BAD_SETTINGS)
def test_a_bad_setting_is_seen(conn: Any, check: str, change: dict[str, str]) -> None:
    rows = judge(conn, "judge_settings", Jsonb({**GOOD, **change}))
    assert [name for name, row in rows.items() if not row["is_ok"]] == [check]


def test_what_cannot_be_read_is_not_good(conn: Any) -> None:
    assert not any(row["is_ok"] for row in judge(conn, "judge_settings", Jsonb({})).values())
    assert not any(row["is_ok"] for row in judge(conn, "judge_hba", None).values())


@pytest.mark.parametrize(("check", "rule"), BAD_RULES)
def test_a_bad_line_of_pg_hba_is_seen(conn: Any, check: str, rule: dict[str, Any]) -> None:
    good = [SOCKET, {**SOCKET, "type": "hostssl", "address": "10.0.0.0", "auth_method": "scram-sha-256"},
            {**SOCKET, "type": "host", "address": "::1", "auth_method": "scram-sha-256"}]  # fmt: skip
    assert all(row["is_ok"] for row in judge(conn, "judge_hba", Jsonb(good)).values())
    rows = judge(conn, "judge_hba", Jsonb([*good, rule]))
    assert [name for name, row in rows.items() if not row["is_ok"]] == [check]


@pytest.mark.parametrize(
    ("check", "deed"), [(check, deed) for check, deeds in BAD_DEEDS.items() for deed in deeds]
)
def test_what_somebody_did_to_the_house_is_seen(house: Database, check: str, deed: str) -> None:
    with house.connect() as conn, conn.transaction(force_rollback=True):
        function = "check_logins" if check in judge(conn, "check_logins") else "check_catalog"
        before = judge(conn, function)[check]
        conn.execute(deed.format(me=ME, db=house.name))
        after = judge(conn, function)[check]
    assert not after["is_ok"] and after["fix"]
    assert after["finding"] != before["finding"]  # others' logins may be bad meanwhile


def test_every_check_of_the_server_has_been_turned_bad(house: Database) -> None:
    with house.connect() as conn:
        rows = judge(conn, "check_server", datetime.now(UTC))
    seen = {*BAD_DEEDS, *(c for c, _ in BAD_SETTINGS), *(c for c, _ in BAD_RULES)}
    elsewhere = {"diary_is_anchored", "clock", "primary", "nobody_waits_in_a_prepared_transaction"}
    assert set(rows) == seen | elsewhere
    assert len(rows) >= 20
    assert not rows["fsync"]["is_ok"]  # the tests' server forgets, and the doctor says so


@pytest.mark.parametrize(("seconds", "ok"), [(0, True), (-1.5, True), (3, False), (-3, False)])
def test_a_wrong_clock_is_seen(conn: Any, seconds: float, ok: bool) -> None:
    rows = judge(conn, "check_server", datetime.now(UTC) + timedelta(seconds=seconds))
    assert rows["clock"]["is_ok"] is ok


@pytest.mark.parametrize(
    ("check", "ok"),
    [
        (doctor.check_python((3, 11, 0), "c"), True),
        (doctor.check_python((3, 10, 9), "c"), False),
        (doctor.check_python((3, 12, 1), "python"), False),
        (doctor.check_disk(Path("/"), 10**13, doctor.FREE_BYTES), True),
        (doctor.check_disk(Path("/"), 10**13, doctor.FREE_BYTES - 1), False),
        (doctor.check_user(1000), True),
        (doctor.check_user(0), False),
        (doctor.check_core_dumps(0), True),
        (doctor.check_core_dumps(-1), False),
        (doctor.check_open_files(256), True),
        (doctor.check_open_files(255), False),
        (doctor.check_environment({"MQK_DATABASE_URL": "postgresql://me@db/desk"}), True),
        (doctor.check_environment({"MQK_DATABASE_URL": "postgresql://me:pw@db/desk"}), False),
        (doctor.check_environment({"MQK_PAPER_URL": "host=db password = pw"}), False),
        (doctor.check_session("/run/postgresql", False), True),
        (doctor.check_session("db.example", True), True),
        (doctor.check_session("db.example", False), False),
        (doctor.check_halt_folder(Path("/x"), True), True),
        (doctor.check_halt_folder(Path("/x"), False), False),
        (doctor.check_halt_file(None), True),
        (doctor.check_halt_file("fire"), False),
    ],
)
def test_a_check_of_the_machine_judges_what_it_is_given(check: doctor.Check, ok: bool) -> None:
    assert check.is_ok is ok
    assert check.fix


def test_code_that_differs_from_its_file_is_seen(conn: Any) -> None:
    files = doctor.read_files(ROOT / "sql")
    ask = "select * from core.list_fingerprints()"
    assert doctor.check_code(files, conn.execute(ask).fetchall()).is_ok
    conn.execute(
        "create or replace function run.assert_login() returns void language sql as 'select'"
    )
    changed = doctor.check_code(files, conn.execute(ask).fetchall())
    assert not changed.is_ok and changed.finding == "run.assert_login()"
    conn.execute("drop function run.assert_login() cascade")
    assert "run.assert_login" in doctor.check_code(files, conn.execute(ask).fetchall()).finding
    assert files["io.get_run"] != {sha256(b"").hexdigest()}


@pytest.mark.parametrize(
    "deed",
    [
        "alter table oms.orders drop constraint orders_were_allowed_as_they_are",
        "create function io.backdoor() returns integer language sql as 'select 1'",
        "alter table run.runs add column evil text",
        "drop index run.one_live_run_per_engine",
        "drop policy runs_are_of_the_engines_of_the_login on run.runs",
        "alter table run.runs no force row level security",
        "alter table oms.attempts disable trigger all",  # foreign keys, too
        "alter table audit.events disable trigger _900_refuse_change",
        "create or replace view inv.the_diary_is_whole as select null::uuid run_id, '' what where false",
        "grant execute on function run.move_run(uuid, text, text, timestamptz) to mqk_dispatch",
        "alter table oms.orders alter column order_qty drop not null",
        "create trigger evil before insert on oms.orders for each row"
        " execute function core.tg_refuse_change()",
    ],
)
def test_a_structure_that_differs_from_the_plan_is_seen(conn: Any, deed: str) -> None:
    ask = "select * from core.list_fingerprints()"
    plan = conn.execute(ask).fetchall()
    assert doctor.check_structure(plan, conn.execute(ask).fetchall()).is_ok
    try:
        conn.execute(deed)
    except Exception:  # the view has other columns: replace it whole
        conn.execute("drop view inv.the_diary_is_whole cascade")
    assert not doctor.check_structure(plan, conn.execute(ask).fetchall()).is_ok


def test_the_command_says_what_is_wrong_and_exits_3(
    db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MQK_DATABASE_URL", db.login_url("mqk_readonly"))
    done = CliRunner().invoke(main, ["doctor", "--json"])
    assert done.exit_code == 3, done.output
    rows = {row["check_name"]: row for row in json.loads(done.stdout)}
    assert len(rows) > 40
    assert rows["code_is_the_plan"]["is_ok"] and rows["hba_can_be_read"]["is_ok"]
    assert not rows["fsync"]["is_ok"] and rows["fsync"]["fix"]
    assert "MQG64" in done.stderr and "fsync" in done.stderr
    table = CliRunner().invoke(main, ["doctor"])
    assert "What Postgres cannot take away" in table.output
    assert [what for what, _ in doctor.LEFT if what not in table.output] == []


TRIED = {  # what is left to a login: a statement of HARMLESS that does it and changes nothing
    "its own password and settings": "alter role session_user set",
    "every setting of its own session": "set synchronous_commit = off",
    "NOTIFY and LISTEN": "notify mqk_run",
    "row locks within the transaction of a door": "begin isolation level serializable",
    "other sessions of the same login": "pg_cancel_backend",
    "the catalog": "prosrc from pg_proc",
    "default privileges of what it would make": "alter default privileges",
    "processor, memory, numbers of transactions": "pg_current_xact_id()",
}


def test_what_the_doctor_says_is_left_to_a_login_is_what_was_tried() -> None:
    assert [what for what, _ in doctor.LEFT] == [
        *TRIED,
        "all of it, to a superuser or an owner of its files",
    ]
    assert [s for s in TRIED.values() if not any(s in done for done in HARMLESS)] == []


def test_the_command_passes_where_all_is_well(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from mqk.cli.common import Session

    real = Session.call

    def well(session: Session, function: str, /, **args: Any) -> Any:
        rows = real(session, function, **args)
        return [{**r, "is_ok": True} for r in rows] if function == "api.doctor_all" else rows

    monkeypatch.setattr(Session, "call", well)
    monkeypatch.setenv("MQK_DATABASE_URL", db.login_url("mqk_readonly"))
    assert CliRunner().invoke(main, ["doctor"]).exit_code == 0


@pytest.mark.slow
def test_a_deep_look_compares_with_a_fresh_deployment(
    db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.connect() as conn:
        conn.execute("alter table oms.orders drop constraint orders_were_allowed_as_they_are")
    monkeypatch.setenv("MQK_DATABASE_URL", db.login_url("mqk_readonly"))
    done = CliRunner().invoke(main, ["doctor", "--deep", "--json"])
    rows = {row["check_name"]: row for row in json.loads(done.stdout)}
    finding = rows["structure_is_the_plan"]["finding"]
    assert "orders_were_allowed_as_they_are" in finding
