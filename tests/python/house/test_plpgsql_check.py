"""plpgsql_check finds no error in any function."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

FINDINGS = """
select p.oid::regprocedure::text as function, c.lineno, c.level, c.message
  from pg_proc as p
  join pg_namespace as n on n.oid = p.pronamespace
  join pg_language as l on l.oid = p.prolang
  left join pg_trigger as t on t.tgfoid = p.oid
 cross join lateral tap.plpgsql_check_function_tb(
        p.oid, coalesce(t.tgrelid, 0), fatal_errors => false, extra_warnings => false,
        security_warnings => true) as c
 where pg_get_userbyid(n.nspowner) = 'mqk_owner'
   and l.lanname = 'plpgsql'
   and c.level in ('error', 'security')
 order by 1, 2"""


def test_plpgsql_check_finds_no_error(conn: psycopg.Connection[Any]) -> None:
    name = "plpgsql_check"
    if not conn.execute("select from pg_available_extensions where name = %s", [name]).rowcount:
        pytest.skip("plpgsql_check is not installed on this server")
    conn.execute(f"create extension {name} schema tap")
    assert conn.execute(FINDINGS).fetchall() == []
