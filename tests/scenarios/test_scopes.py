"""Two engines in one house: what a login that is scoped to one can see and do of the other. Real logins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from kit import Desk
from support import Database

DOORS = """
select p.proname as name, p.oid, p.proargnames[1] as first,
       array(select format('%I => %s', p.proargnames[t.nth],
                           case t.nth when 1 then '%s' else
                           case p.proargnames[t.nth] when 'p_now_at' then 'clock_timestamp()'
                           when 'p_after_seq' then '0' when 'p_limit' then '10'
                           when 'p_reason' then '''why''' when 'p_confirm' then '''why'''
                           else format('null::%s', format_type(t.kind, null)) end end)
               from unnest(p.proargtypes) with ordinality as t (kind, nth) order by t.nth) as args
  from pg_proc as p
 where p.pronamespace = 'api'::regnamespace
   and p.proargnames[1] in ('p_run_id', 'p_chain_id', 'p_client_order_id', 'p_name')
   and has_function_privilege(session_user, p.oid, 'execute')
 order by 1"""


@pytest.fixture
def desks(db: Database) -> Iterator[dict[str, Desk]]:
    """Two running desks, each an engine with an account of its own; MINE has an order."""
    made = {}
    for name, account in (("MINE", "PAPER-TEST-0001"), ("OTHER", "PAPER-TEST-0002")):
        broker = {"account_id": account, "initial_cash": 100000}
        desk = made[name] = Desk(db.url, engine={"engine_id": name}, broker=broker)
        desk.start()
        desk.buy()
    yield made
    for desk in made.values():
        assert desk.broken_promises() == []
        desk.conn.close()


@pytest.fixture
def scoped(db: Database, desks: dict[str, Desk]) -> Database:
    """Logins that may know of OTHER and of nothing else."""
    for role in ("operator", "auditor", "dispatch"):
        db.create_login(f"scoped_{role}", f"mqk_{role}")
        row = desks["MINE"].act("run_scope", login=f"scoped_{role}", engine_ids=["OTHER"])
        assert row["outcome"] == "DONE", row
    return db


def test_no_door_for_people_answers_for_an_engine_out_of_scope(
    scoped: Database, desks: dict[str, Desk]
) -> None:
    mine = desks["MINE"]
    order = mine.one("select client_order_id from oms.orders where run_id = %s", mine.run_id)
    ids = {"p_run_id": mine.run_id, "p_chain_id": mine.run_id, "p_client_order_id": order,
           "p_name": order}  # fmt: skip
    for role in ("operator", "auditor"):
        with scoped.connect(user=f"scoped_{role}") as conn:
            doors = conn.execute(DOORS).fetchall()
            assert len(doors) > 15
            for door in doors:
                args = ", ".join(door["args"]).replace("%s", "%(id)s")
                try:
                    rows = conn.execute(
                        f"select * from api.{door['name']}({args})",
                        {"id": str(ids[door["first"]])},
                    ).fetchall()
                except psycopg.Error as error:
                    assert (error.sqlstate or "").startswith("MQN"), (door["name"], error)
                else:
                    refused = [r for r in rows if r.get("outcome") == "REFUSED"]
                    assert rows == refused, (door["name"], rows)
                    assert all(r["error_code"].startswith("MQN") for r in rows), (door, rows)
    assert mine.status == "RUNNING"


def test_an_order_or_a_run_of_another_engine_is_not_explained(
    scoped: Database, desks: dict[str, Desk]
) -> None:
    mine = desks["MINE"]
    order = mine.one("select client_order_id from oms.orders where run_id = %s", mine.run_id)
    for name in (order, str(mine.run_id)):
        assert mine.call("api.explain_all", name=name)
        with scoped.connect(user="scoped_auditor") as conn, pytest.raises(psycopg.Error) as no:
            conn.execute("select * from api.explain_all(%s)", [name])
        assert no.value.sqlstate == "MQN09"


def test_what_is_in_scope_is_seen(scoped: Database, desks: dict[str, Desk]) -> None:
    with scoped.connect(user="scoped_auditor") as conn:
        runs = conn.execute("select * from api.run_list()").fetchall()
        assert [r["engine_id"] for r in runs] == ["OTHER"]
        chains = conn.execute("select * from api.audit_verify()").fetchall()
        assert {c["engine_id"] for c in chains} == {"OTHER"}
        actions = conn.execute("select run_id from api.audit_actions(1000)").fetchall()
        assert {r["run_id"] for r in actions} <= {desks["OTHER"].run_id, None}
        broken = conn.execute("select * from api.verify_all() where violations > 0").fetchall()
        assert broken == []
    with scoped.connect(user="scoped_operator") as conn:
        halt = "select * from api.run_halt(%s, 'fire', %s)"
        row = conn.execute(halt, [desks["OTHER"].run_id, desks["OTHER"].now]).fetchone()
        assert (row["outcome"], row["run_status"]) == ("DONE", "HALTED")


def test_a_worker_does_not_serve_an_engine_out_of_scope(
    scoped: Database, desks: dict[str, Desk]
) -> None:
    mine, other = desks["MINE"], desks["OTHER"]
    with scoped.connect(user="scoped_dispatch") as conn:
        assert conn.execute("select * from io.get_run('MINE')").fetchall() == []
        assert len(conn.execute("select * from io.get_run('OTHER')").fetchall()) == 1
        take = "select * from io.acquire_lease(%s, 'gateway', 'g', 'g', %s)"
        assert conn.execute(take, [other.run_id, other.now]).fetchone()["holder"] is not None
        for query in (
            take,
            "select * from io.halt_run(%s, 'x', %s)",
            "select * from io.take_budget(%s, 'SUBMIT', %s)",
        ):
            with pytest.raises(psycopg.Error) as no:
                conn.execute(query, [mine.run_id, mine.now])
            assert no.value.sqlstate == "MQN02", query
    assert mine.status == "RUNNING"


def test_an_operator_makes_no_run_for_an_engine_out_of_scope(
    scoped: Database, desks: dict[str, Desk]
) -> None:
    mine = desks["MINE"]
    text = mine.one("select canonical_json from run.configs as c join run.runs as r"
                    " using (config_hash) where r.run_id = %s", mine.run_id)  # fmt: skip
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security")
    with scoped.connect(user="scoped_operator") as conn, refused:
        conn.execute("select * from api.run_create(%s, %s, %s)", [text, mine.now, mine.now])


def test_the_last_scope_counts_and_none_is_all(scoped: Database, desks: dict[str, Desk]) -> None:
    def seen() -> set[str]:
        with scoped.connect(user="scoped_auditor") as conn:
            return {r["engine_id"] for r in conn.execute("select * from api.run_list()")}

    def scope(*engines: str) -> None:
        row = desks["MINE"].act("run_scope", login="scoped_auditor", engine_ids=list(engines))
        assert row["outcome"] == "DONE"

    assert seen() == {"OTHER"}
    scope("MINE", "OTHER")
    assert seen() == {"MINE", "OTHER"}
    scope("NOBODY")
    assert seen() == set()
    scope()
    assert seen() == {"MINE", "OTHER"}


@pytest.mark.parametrize(
    ("login", "engines"),
    [("scoped_operator", "[]"), ("scoped_operator", '["MINE"]'), ("scoped_auditor", '["OTHER"]')],
)
def test_who_is_scoped_sets_no_scope(
    scoped: Database, desks: dict[str, Desk], login: str, engines: str
) -> None:
    with scoped.connect(user="scoped_operator") as conn:
        row = conn.execute(
            "select * from api.run_scope(%s, %s, %s)", [login, engines, desks["OTHER"].now]
        ).fetchone()
        assert (row["outcome"], row["error_code"]) == ("REFUSED", "MQG65")
        runs = conn.execute("select * from api.run_list()").fetchall()
        assert [r["engine_id"] for r in runs] == ["OTHER"]


def test_who_is_scoped_reads_no_notice_of_another_engine(
    scoped: Database, desks: dict[str, Desk]
) -> None:
    for name, seen in (("MINE", False), ("OTHER", True)):
        desk = desks[name]
        desk.act("run_halt", run_id=desk.run_id, reason="fire")
        desk.call("io.claim_notices", run_id=desk.run_id, worker_name="n", now_at=desk.now)
        with scoped.connect(user="scoped_auditor") as conn:
            told = conn.execute("select * from api.notices_list(%s, 9)", [name]).fetchall()
        assert (told != []) == seen, name


def test_a_scope_names_a_login_that_exists(desks: dict[str, Desk]) -> None:
    row = desks["MINE"].act("run_scope", login="nobody_here", engine_ids=["MINE"])
    assert (row["outcome"], row["error_code"]) == ("REFUSED", "MQN61")


def test_the_table_itself_hides_what_is_out_of_scope(scoped: Any, desks: Any) -> None:
    """A function that forgot the scope runs as the owner, too, and finds nothing."""
    with scoped.connect() as conn:
        conn.execute(
            "create function io.evil() returns bigint language sql security definer"
            " as 'select count(*) from run.runs'"
        )
        conn.execute("alter function io.evil() owner to mqk_owner")
        conn.execute("grant execute on function io.evil() to mqk_dispatch")
    with scoped.connect(user="scoped_dispatch") as conn:
        assert conn.execute("select io.evil() as n").fetchone()["n"] == 1
    with scoped.connect() as conn:
        conn.execute("drop function io.evil()")
