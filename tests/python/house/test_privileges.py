"""Who may do what, by really logging in: SET ROLE in a superuser's session would give false passes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from hostile import HARMLESS, STATEMENTS
from kit import Desk
from matrix import MATRIX
from mqk import deployer
from support import ROOT, SERVER, Database

WORKERS = ("mqk_dispatch", "mqk_inbox", "mqk_recon", "mqk_md", "mqk_strategy", "mqk_notify")
PEOPLE = ("mqk_lab", "mqk_operator", "mqk_approver", "mqk_auditor", "mqk_readonly", "mqk_console")
ROLES = (*WORKERS, *PEOPLE)
FUNCTIONS = """
select n.nspname as room, p.proname as name, p.oid,
       array(select format('null::%s', format_type(t.kind, null))
               from unnest(p.proargtypes) with ordinality as t (kind, nth)
              order by t.nth) as nulls,
       has_schema_privilege(session_user, n.oid, 'usage')
       and has_function_privilege(session_user, p.oid, 'execute') as may
  from pg_proc as p
  join pg_namespace as n on n.oid = p.pronamespace
 where pg_get_userbyid(n.nspowner) = 'mqk_owner'
   and p.prorettype <> 'trigger'::regtype
 order by 1, 2"""
RELATIONS = """
select n.nspname as room, c.relname as name, min(a.attname) as column
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and a.attgenerated = ''
   and a.attidentity = ''
 where pg_get_userbyid(n.nspowner) = 'mqk_owner'
   and c.relkind in ('r', 'v')
 group by 1, 2
 order by 1, 2"""
STATE = """
select md5(string_agg(line, e'\\n' order by line)) as state
  from (select format('%s %s %s', oid, proacl, md5(prosrc)) from pg_proc
         union all
        select format('%s %s %s', oid, relname, relacl) from pg_class
         where relnamespace::regnamespace::text not like 'pg\\_%'
         union all
        select format('%s %s', nspname, nspacl) from pg_namespace where nspname not like 'pg\\_%'
         union all
        select format('%s %s %s', rolname, rolsuper, rolconfig) from pg_roles
         where rolname ~ '^(mqk|test_mqk|test_evil)'  -- other tests make theirs meanwhile
         union all
        select format('%s %s', roleid, member) from pg_auth_members
         where member in (select oid from pg_roles where rolname ~ '^(mqk|test_mqk|test_evil)')
         union all
        select format('%s %s', tgname, tgenabled) from pg_trigger
         union all
        select format('%s', oid) from pg_largeobject_metadata
         union all
        select format('%s %s', datname, datacl) from pg_database where datname = current_database()
       ) as l (line)"""


@pytest.fixture(scope="module")
def house() -> Iterator[Database]:
    """A database that was deployed, not cloned: a clone loses the database's own grants."""
    with SERVER.empty() as database:
        deployer.deploy(database.url, ROOT)
        yield database


@contextmanager
def login(db: Database, role: str) -> Iterator[psycopg.Connection[Any]]:
    """A session of somebody who has this role and nothing else."""
    name = f"test_{role}"
    db.create_login(name, role)
    with db.connect(user=name) as conn:
        row = conn.execute("select session_user as me, current_user as now_me").fetchone()
        assert row == {"me": name, "now_me": name}
        yield conn


def try_to(conn: psycopg.Connection[Any], query: Any) -> str:
    """The SQLSTATE that a statement ends with; 00000 is success. Nothing it did is kept."""
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(query)
    except psycopg.Error as error:
        return error.sqlstate or "?"
    return "00000"


def call_with_nulls(function: dict[str, Any]) -> sql.Composed:
    """A call that names every argument's type."""
    return sql.SQL("select * from {}({})").format(
        sql.Identifier(function["room"], function["name"]),
        sql.SQL(", ").join(map(sql.SQL, function["nulls"])),
    )


def allowed(role: str) -> set[str]:
    """The door functions that the table above gives to a role."""
    return {name for name, who in MATRIX.items() if role.removeprefix("mqk_") in who.split()}


def list_things(db: Database, query: str) -> list[dict[str, Any]]:
    with db.connect() as conn:
        return conn.execute(query).fetchall()


def test_the_matrix_names_every_door_function_once(house: Database) -> None:
    doors = [f for f in list_things(house, FUNCTIONS) if f["room"] in ("io", "api")]
    assert sorted(f"{f['room']}.{f['name']}" for f in doors) == sorted(MATRIX)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_call_its_door_functions_and_no_other(house: Database, role: str) -> None:
    with login(house, role) as conn:
        functions = conn.execute(FUNCTIONS).fetchall()
        may = {f"{f['room']}.{f['name']}" for f in functions if f["may"]}
        assert may == allowed(role)
        for function in functions:
            name = f"{function['room']}.{function['name']}"
            got = try_to(conn, call_with_nulls(function))
            assert (got != "42501") == (name in may), f"{role} calling {name} got {got}"


@pytest.mark.parametrize("role", ROLES)
def test_nobody_reads_or_writes_a_table(house: Database, role: str) -> None:
    verbs = (
        "select from {table}",
        "insert into {table} ({column}) values (null)",
        "update {table} set {column} = null",
        "delete from {table}",
        "truncate {table}",
        "lock table {table}",
        "copy {table} to stdout",
    )
    relations = list_things(house, RELATIONS)
    assert len(relations) > 50
    with login(house, role) as conn:
        for relation in relations:
            for verb in verbs:
                query = sql.SQL(verb).format(
                    table=sql.Identifier(relation["room"], relation["name"]),
                    column=sql.Identifier(relation["column"]),
                )
                assert try_to(conn, query) == "42501", f"{role}: {query.as_string(conn)}"


@pytest.mark.parametrize("role", ROLES)
def test_nobody_is_a_member_of_anything_else(house: Database, role: str) -> None:
    with login(house, role) as conn:
        for other in ("mqk_owner", *ROLES, "pg_read_all_data", "pg_execute_server_program"):
            got = try_to(conn, f"set role {other}")
            assert got == ("00000" if other == role else "42501"), f"{role} as {other}"


def read_state(db: Database) -> tuple[Any, ...]:
    """A digest of every row and of the catalog."""
    with db.connect() as conn:
        rows = []
        for table in conn.execute(RELATIONS).fetchall():
            if table["room"] == "inv":
                continue
            query = sql.SQL(
                "select md5(string_agg(t::text, ' ' order by t::text)) as m from {} as t"
            )
            name = sql.Identifier(table["room"], table["name"])
            rows.append(conn.execute(query.format(name)).fetchone()["m"])
        return (*rows, conn.execute(STATE).fetchone()["state"])


def test_the_public_may_not_even_connect(house: Database) -> None:
    public = """select a.privilege_type
                  from pg_database as d
                 cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
                 where d.datname = current_database()
                   and a.grantee = 0"""
    assert list_things(house, public) == []


def test_a_captured_worker_changes_nothing_by_hostile_statements(house: Database) -> None:
    desk = Desk(house.url)
    desk.start()
    for role in ROLES:
        house.create_login(f"test_{role}", role)
    assert len(STATEMENTS) >= 50
    before = read_state(house)
    succeeded = []
    for role in WORKERS:
        with login(house, role) as conn:
            for statement in STATEMENTS:
                try:
                    conn.execute(statement.replace("{me}", f"test_{role}"))
                    succeeded.append(f"{role}: {statement}")
                except psycopg.Error:
                    pass
    assert succeeded == []
    assert read_state(house) == before
    assert desk.status == "RUNNING"


def count_rows(db: Database) -> dict[str, int]:
    """How many rows each table of the house has."""
    with db.connect() as conn:
        tables = [f"{t['room']}.{t['name']}" for t in conn.execute(RELATIONS) if t["room"] != "inv"]
        count = "select count(*) as n from {}"
        return {t: conn.execute(count.format(t)).fetchone()["n"] for t in tables}


@pytest.mark.parametrize("role", ROLES)
def test_what_postgres_leaves_to_a_login_changes_nothing(house: Database, role: str) -> None:
    """In one session, one after the other, and then every statement that must fail, once more: no
    setting of its own opens a door.
    """
    with login(house, role) as conn:
        before, counts = read_state(house), count_rows(house)
        for statement in HARMLESS:
            conn.execute(statement)
        refused = 0
        for statement in STATEMENTS:
            if role == "mqk_operator" and "api." in statement:
                continue  # his own door
            try:
                conn.execute(statement.replace("{me}", f"test_{role}"))
            except psycopg.Error:
                refused += 1
                conn.rollback()
        assert len(HARMLESS) + refused >= 150
        assert (read_state(house), count_rows(house)) == (before, counts)


LIES = {
    "mqk_dispatch": (
        "select io.record_heartbeat({run}, 1, 'gateway', 'gateway', null, '2099-01-01')",
        "select io.claim_outbox({run}, 99, 'another', 10, {now})",
        "select io.begin_dispatch({run}, 99, 1, 'another', {now})",
        "select io.get_permit({run}, 99, 1, 1, {now})",
        "select io.mark_sent({run}, 99, 1, 'forged', {now})",
        "select io.mark_failed({run}, 99, 1, 'forged', {now})",
        "select io.acquire_lease({run}, 'snapshots', 'x', 'x', {now})",
        "select io.acquire_lease({run}, 'broker_events', 'x', 'x', {now})",
        "select io.record_absence({run}, 99, 1, 1, '[]', {now})",
    ),
    "mqk_inbox": (
        "select io.receive_messages({run}, 99, '[]', 'cursor', {now})",
        "select io.set_continuity({run}, 99, 'OPEN', 'forged', {now})",
        "select io.acquire_lease({run}, 'gateway', 'x', 'x', {now})",
        "select io.record_heartbeat({run}, 99, 'gateway', 'gateway', null, {now})",
    ),
    "mqk_recon": (
        "select io.submit_snapshot({run}, 99, '{{}}', {now})",
        "select io.acquire_lease({run}, 'gateway', 'x', 'x', {now})",
        "select io.record_heartbeat({run}, 99, 'snapshots', 'snapshots', null, {now})",
    ),
    "mqk_strategy": (
        "select io.plan_intents({run}, 99, '{{\"AAA\": 10}}', {now})",
        "select io.plan_stops({run}, 99, {now})",
        "select io.acquire_lease({run}, 'gateway', 'x', 'x', {now})",
    ),
    "mqk_notify": (
        "select io.claim_anchor({run}, 99, null, 'forged', {now})",
        "select io.record_anchor({run}, 99, '{{}}', 'forged', {now})",
        "select io.acquire_lease({run}, 'gateway', 'x', 'x', {now})",
    ),
    "mqk_md": (
        "select io.ingest_bars('evil', false, '[\"x\"]', 'x.v1', '1D', 'KEEP_GOOD', '{{}}', {now})",
        "select io.evaluate_integrity({nobody}, {now})",
    ),
}


@pytest.mark.parametrize("role", LIES)
def test_a_worker_that_lies_at_its_own_door_is_refused(db: Database, role: str) -> None:
    desk = Desk(db.url)
    desk.start()
    with login(db, role) as conn:
        before = read_state(db)
        for lie in LIES[role]:
            query = lie.format(
                run=f"'{desk.run_id}'", now=f"'{desk.now}'", nobody="gen_random_uuid()"
            )
            with pytest.raises(psycopg.Error) as no:
                conn.execute(query)
            assert (no.value.sqlstate or "").startswith(("MQ", "22")), (lie, no.value)
        assert read_state(db) == before


@pytest.mark.parametrize("call", ["lo_create(0)", "lo_creat(-1)", r"lo_from_bytea(0, '\x00')"])
def test_a_captured_worker_cannot_fill_the_disk_with_large_objects(
    house: Database, call: str
) -> None:
    for role in WORKERS:
        with login(house, role) as conn:
            assert try_to(conn, f"select {call}") == "42501", role


def test_the_diary_knows_who_it_was(db: Database) -> None:
    desk = Desk(db.url)
    desk.start()
    with login(db, "mqk_strategy") as conn:
        conn.execute("select io.halt_run(%s, 'test', %s)", [desk.run_id, desk.now])
    actor = "select actor from audit.events where chain_id = %s order by event_seq desc limit 1"
    assert desk.status == "HALTED"
    assert desk.one(actor, desk.run_id) == "test_mqk_strategy"
