"""SQL that nobody should say: statements drawn at random over every object that a login can name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import Any

FUNCTIONS = """
select n.nspname as room, p.proname as name, p.oid::regprocedure::text as signature,
       p.proargnames[1:p.pronargs] as names, n.nspname <> 'pg_catalog' as is_ours,
       array(select format_type(t.kind, null) from unnest(p.proargtypes) with ordinality as t (kind, nth)
              order by t.nth) as types
  from pg_proc as p
  join pg_namespace as n on n.oid = p.pronamespace
 where p.prokind = 'f'
   and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype)
   and (pg_get_userbyid(n.nspowner) = 'mqk_owner'
        or (n.nspname = 'pg_catalog' and p.provolatile = 'v'
            and not 'internal'::regtype = any (p.proargtypes::oid[])))
 order by 1, 2, 3"""
RELATIONS = """
select format('%I.%I', n.nspname, c.relname) as name, array_agg(quote_ident(a.attname)) as columns
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where (pg_get_userbyid(n.nspowner) = 'mqk_owner' and c.relkind in ('r', 'v', 'p', 'S'))
    or c.oid in ('pg_authid'::regclass, 'pg_class'::regclass, 'pg_proc'::regclass,
                 'pg_largeobject'::regclass, 'pg_auth_members'::regclass, 'pg_db_role_setting'::regclass)
 group by 1
 order by 1"""
ROLES = ("mqk_owner", "mqk_operator", "mqk_dispatch", "mqk_approver", "postgres", "pg_read_all_data",
         "pg_execute_server_program", "pg_signal_backend", "public", "session_user", "{me}")  # fmt: skip
SCHEMAS = ("api", "io", "run", "oms", "ledger", "audit", "public", "pg_temp", "pg_catalog", "core")
SETTINGS = ("role", "session_authorization", "search_path", "session_replication_role", "row_security",
            "lc_messages", "log_statement", "mqk.actor", "mqk.acting", "work_mem", "synchronous_commit",
            "default_transaction_read_only", "local_preload_libraries", "temp_tablespaces",
            "zero_damaged_pages", "max_stack_depth", "event_triggers",
            "allow_system_table_mods")  # fmt: skip
NUMBERS = ("0", "1", "-1", "7", "1000000", "2147483647", "-2147483648")
TEXTS = ("", "x", "AAA", "TEST", "{me}", "mqk_owner", "../../etc/passwd", "PG_VERSION", "RUNNING", "LIVE",
         "select 1", "delete from oms.orders", "'; drop table run.runs; --", "\u202e", "%s",
         "x" * 3000)  # fmt: skip
TIMES = ("2024-01-04 21:06:00+00", "infinity", "-infinity", "1970-01-01", "2099-01-01", "now")
DOCUMENTS = (None, {}, [], [None], [[]], {"AAA": 10}, {"a": {"b": []}}, "x", 1,
             [{"event": "fill", "qty": "-1"}], True, [{"symbol": "AAA"}] * 3, {"x" * 500: 10**40},
             [{"line_no": 1, "symbol": None}])  # fmt: skip
DEEDS = (
    "insert into {t} default values",
    "insert into {t} ({c}) values ({v})",
    "insert into {t} select * from {t}",
    "update {t} set {c} = {v}",
    "update {t} set {c} = {c}",
    "delete from {t}",
    "truncate {t} cascade",
    "select * from {t} limit 1",
    "select {c} from {t} for update",
    "copy {t} to stdout",
    "copy {t} from program 'true'",
    "copy (select 1) to '/tmp/evil'",
    "merge into {t} as a using {t} as b on true when matched then delete",
    "with x as (delete from {t} returning *) select * from x",
    "explain analyze delete from {t}",
    "lock table {t} in {mode} mode",
    "alter table {t} add column evil text",
    "alter table {t} drop column {c} cascade",
    "alter table {t} owner to {r}",
    "alter table {t} disable trigger all",
    "alter table {t} disable row level security",
    "alter table {t} rename to evil",
    "drop table {t} cascade",
    "drop view {t} cascade",
    "create index evil on {t} ({c})",
    "create rule evil as on insert to {t} do instead nothing",
    "create policy evil on {t} using (true)",
    "create trigger evil before insert on {t} for each row execute function core.tg_refuse_change()",
    "create view {s}.evil as select * from {t}",
    "create table {s}.evil (x integer)",
    "create temporary table evil as select 1 as x",
    "create function {s}.evil() returns integer language sql as 'select 1'",
    "create function {s}.evil() returns integer language plpgsql as 'begin return 1; end'",
    "create schema evil",
    "create extension if not exists {ext} schema {s}",
    "create role evil superuser",
    "create type {s}.evil as enum ('x')",
    "create operator {s}.=== (leftarg = text, rightarg = text, function = texteq)",
    "create statistics {s}.evil on {c} from {t}",
    "create publication evil for table {t}",
    "comment on table {t} is 'evil'",
    "grant all on {t} to {r}",
    "grant {r} to {me}",
    "grant usage, create on schema {s} to {me}",
    "grant execute on all functions in schema {s} to {me}",
    "revoke all on {t} from mqk_operator",
    "alter role {r} superuser login",
    "alter role {r} set search_path = evil",
    "alter role {r} password 'evil'",
    "alter schema {s} rename to evil",
    "alter system set fsync = off",
    "alter database postgres set fsync = off",
    "alter default privileges for role {r} grant all on tables to public",
    "drop owned by {r} cascade",
    "reassign owned by {r} to {me}",
    "set role {r}",
    "set session authorization {r}",
    "set {g} = {v}",
    "set local {g} to default",
    "select set_config('{g}', {v}, false)",
    "reset all",
    "discard all",
    "do $$ begin execute 'delete from {t}'; end $$",
    "do language sql $$ delete from {t} $$",
    "listen mqk_run",
    "notify mqk_run, 'x'",
    "select pg_advisory_lock({n})",
    "select pg_try_advisory_xact_lock({n}, {n})",
    "select lo_create({n})",
    "select lo_from_bytea({n}, 'x')",
    "select lo_put({n}, 0, 'x')",
    "select lo_unlink({n})",
    "select lo_import('/etc/passwd')",
    "select pg_read_file('/etc/passwd')",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename <> session_user",
    "select pg_logical_emit_message(false, 'x', repeat('x', 100))",
    "select query_to_xml('delete from {t}', true, true, '')",
    "select ts_stat('delete from {t}')",
    "prepare transaction 'evil'",
    "prepare p{n} as delete from {t}",
    "declare c{n} cursor with hold for select * from {t}",
    "begin; update {t} set {c} = {v}; commit",
    "begin; savepoint a; select {call}; rollback to a; commit",
    "refresh materialized view {t}",
    "vacuum {t}",
    "analyze {t}",
    "cluster {t}",
    "reindex table {t}",
    "security label on table {t} is 'x'",
    "import foreign schema x from server y into {s}",
    "load '{ext}'",
    "checkpoint",
)
MODES = ("access share", "row share", "row exclusive", "share", "exclusive", "access exclusive")
EXTENSIONS = ("dblink", "file_fdw", "plpython3u", "pageinspect", "adminpack", "pgcrypto", "lo")


@dataclass
class Things:
    """What a database has to be attacked, and values that are real there."""

    functions: list[dict[str, Any]]
    relations: list[dict[str, Any]]
    known: dict[str, tuple[str, ...]]  # by the parameter's name


def look(conn: Any, known: dict[str, tuple[str, ...]]) -> Things:
    """The things of a database."""
    return Things(conn.execute(FUNCTIONS).fetchall(), conn.execute(RELATIONS).fetchall(), known)


def quote(text: str) -> str:
    """A literal."""
    return "'" + text.replace("'", "''") + "'"


class Grammar:
    """Draws statements for one login."""

    def __init__(self, chance: Random, things: Things, me: str) -> None:
        self.chance, self.things, self.me = chance, things, me

    def value(self, kind: str, name: str = "") -> str:
        """A literal of a type; what is known under the parameter's name, more often than not."""
        draw = self.chance
        if (known := self.things.known.get(name)) and draw.random() < 0.7:
            return f"{quote(draw.choice(known))}::{kind}"
        if draw.random() < 0.05:
            return f"null::{kind}"
        if kind in ("integer", "bigint", "smallint", "numeric", "double precision"):
            return f"({draw.choice(NUMBERS)})::{'bigint' if kind == 'smallint' else kind}"
        if kind in ("text", "name", "character varying"):
            return f"{quote(draw.choice(TEXTS).replace('{me}', self.me))}::{kind}"
        if kind.startswith("timestamp"):
            return f"{quote(draw.choice(TIMES))}::{kind}"
        if kind == "date":
            return "'2024-01-02'::date"
        if kind == "boolean":
            return draw.choice(("true", "false"))
        if kind == "uuid":
            return f"'{draw.getrandbits(128):032x}'::uuid"
        if kind == "jsonb":
            return f"{quote(json.dumps(draw.choice(DOCUMENTS)))}::jsonb"
        if kind == "regclass":
            return quote(draw.choice(self.things.relations)["name"]) + "::regclass"
        return f"'{{}}'::{kind}" if kind.endswith("[]") else f"null::{kind}"

    def call(self, function: dict[str, Any]) -> str:
        """A call with an argument of each type."""
        names = function["names"] or [""] * len(function["types"])
        values = [
            self.value(kind, name) for kind, name in zip(function["types"], names, strict=False)
        ]
        return f'{function["room"]}."{function["name"]}"({", ".join(values)})'

    def statement(self, avoided: set[str]) -> str:
        """Any statement; no call of the functions that are avoided."""
        draw = self.chance
        functions = self.things.functions
        while f"{(f := draw.choice(functions))['room']}.{f['name']}" in avoided:
            pass
        if draw.random() < 0.4:
            return f"select * from {self.call(f)} limit 3"
        table = draw.choice(self.things.relations)
        return draw.choice(DEEDS).format_map({
            "t": table["name"], "c": draw.choice(table["columns"]), "v": self.value("text"),
            "r": draw.choice(ROLES).replace("{me}", self.me), "s": draw.choice(SCHEMAS),
            "g": draw.choice(SETTINGS), "n": draw.choice(("0", "1", "75474063")), "me": self.me,
            "mode": draw.choice(MODES), "ext": draw.choice(EXTENSIONS), "call": self.call(f),
        })  # fmt: skip
