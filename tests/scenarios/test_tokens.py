"""Operator tokens: a console's login is nobody, and acts only in the name of the person behind a token."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from kit import Desk
from mqk.config.load import canonical
from mqk.db import call, call_row
from mqk.tokens import Token, make_token
from support import Database

DAY = timedelta(days=1)
OPERATOR, APPROVER = f"token_alice_{os.getpid()}", f"token_bob_{os.getpid()}"


class Console:
    """A console, and the two people who give it tokens; each with a login of their own."""

    def __init__(self, db: Database, desk: Desk) -> None:
        for login, group in (
            (OPERATOR, "mqk_operator"), (APPROVER, "mqk_approver"), ("token_web", "mqk_console")
        ):  # fmt: skip
            db.create_login(login, group)
        self.db, self.desk = db, desk
        self.web = db.connect(user="token_web")

    def issue(self, login: str, *scopes: str, hours: float = 1, **changes: Any) -> Any:
        """Have a person issue a token; gives the token, or the refusal's row."""
        made, now = make_token("test"), datetime.now(UTC)
        terms = {"environment": "test", "scopes": list(scopes), "token_id": made.token_id,
                 "verifier": made.verifier, "expires_at": now + timedelta(hours=hours)}  # fmt: skip
        with self.db.connect(user=login) as conn:
            row = call_row(conn, "api.token_issue", **{**terms, **changes}, now_at=now)
        assert row is not None
        return made if row["outcome"] == "DONE" else row

    def use(self, token: Token, command: str, now_at: datetime | None = None, **args: Any) -> Any:
        """Use a token; gives the row."""
        return call_row(
            self.web, "api.as_token", token_id=token.token_id, digest=token.digest,
            command=command, arguments=args, now_at=now_at or datetime.now(UTC),
        )  # fmt: skip

    def refusal(self, token: Token, command: str, **args: Any) -> str:
        """Why a token is refused."""
        row = self.use(token, command, **args)
        assert (row["outcome"], row["error_code"]) == ("REFUSED", "MQG61"), row
        return str(row["detail"])


@pytest.fixture
def console(db: Database) -> Iterator[Console]:
    desk = Desk(db.url)
    desk.start()
    made = Console(db, desk)
    yield made
    made.web.close()
    assert desk.broken_promises() == []
    desk.conn.close()


def test_a_console_has_no_power_without_a_token(console: Console) -> None:
    for door in ("run_halt", "run_stop", "run_clear_halted"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query = f"select * from api.{door}(%s, 'x', %s)"
            console.web.execute(query, [console.desk.run_id, console.desk.now])


def test_an_action_with_a_token_is_written_down_as_the_persons(console: Console) -> None:
    token = console.issue(OPERATOR, "halt")
    row = console.use(token, "run_halt", run_id=str(console.desk.run_id), reason="fire")
    assert (row["outcome"], row["run_status"]) == ("DONE", "HALTED")
    last = "select actor from {} order by {} desc limit 1"
    for table, key in (("ops.operator_actions", "action_id"), ("run.run_history", "history_seq")):
        assert console.desk.one(last.format(table, key)) == OPERATOR
    diary = (
        "select distinct actor from audit.events where chain_id = %s and event_name = 'RUN_HALTED'"
    )
    assert console.desk.one(diary, console.desk.run_id) == OPERATOR
    acting = console.desk.sql("select login, actor, token_id from audit.actings")
    assert acting == [{"login": "token_web", "actor": OPERATOR, "token_id": token.token_id}]


def test_a_token_does_what_its_scope_covers_and_no_more(console: Console) -> None:
    run = {"run_id": str(console.desk.run_id), "reason": "x"}
    reader = console.issue(OPERATOR, "read")
    assert console.use(reader, "token_check")["detail"] == OPERATOR
    for command in ("run_halt", "run_stop", "run_arm", "run_begin", "orders_cancel_all"):
        assert "scope" in console.refusal(reader, command, **run)
    halter = console.issue(OPERATOR, "halt")
    assert "scope" in console.refusal(halter, "run_stop", **run)
    assert "scope" in console.refusal(halter, "token_check")
    assert console.desk.status == "RUNNING"
    assert console.use(console.issue(OPERATOR, "operate"), "run_stop", **run)["outcome"] == "DONE"


def test_arming_live_needs_its_own_scope(console: Console) -> None:
    ask = "select ops.find_token_denial(%s, %s, 'run_arm', 'TEST', %s, %s)"
    for scopes, live, free in (
        (("operate",), False, True),
        (("operate",), True, False),
        (("operate",), None, False),
        (("operate", "arm_live"), True, True),
        (("arm_live",), True, False),
    ):
        token = console.issue(OPERATOR, *scopes)
        now = datetime.now(UTC)
        denial = console.desk.one(ask, token.token_id, token.digest, live, now)
        assert (denial is None) == free, (scopes, live, denial)


def test_nobody_issues_a_power_that_he_lacks(console: Console) -> None:
    for login, scope in ((OPERATOR, "approve"), (APPROVER, "operate"), (APPROVER, "admin"),
                         (APPROVER, "arm_live")):  # fmt: skip
        row = console.issue(login, "read", scope)
        assert (row["outcome"], row["error_code"]) == ("REFUSED", "MQG63"), (login, scope)
    assert console.desk.one("select count(*) from ops.tokens") == 0


def test_the_second_person_is_another_person_not_another_token(console: Console) -> None:
    for login, scope in ((OPERATOR, "operate"), (APPROVER, "approve")):
        console.issue(login, scope)
    approver = console.issue(APPROVER, "approve")
    words = console.desk.value("api.run_arm_words", run_id=console.desk.run_id)
    row = console.use(approver, "run_approve", run_id=str(console.desk.run_id), confirm=words)
    assert row["outcome"] == "DONE"
    assert console.desk.one("select approved_by from run.approvals") == APPROVER


def test_a_token_creates_no_run_on_an_engine_out_of_scope_whatever_run_it_names(
    console: Console,
) -> None:
    desk = console.desk
    desk.sql("select run.set_scope(%s, array['TEST'], %s)", OPERATOR, datetime.now(UTC))
    config = canonical({**desk.config, "engine": {**desk.config["engine"], "engine_id": "OTHER"}})
    create = {"config": config, "as_of_at": desk.now.isoformat()}
    token = console.issue(OPERATOR, "operate")
    for named in ({}, {"run_id": str(desk.run_id)}):
        assert "out of the scope" in console.refusal(token, "run_create", **create, **named)
    assert desk.one("select count(*) from run.runs") == 1


def test_a_kill_switch_names_the_person_not_the_console(console: Console) -> None:
    token = console.issue(OPERATOR, "halt")
    console.use(token, "run_halt", run_id=str(console.desk.run_id), reason="fire")
    assert console.desk.one("select actor from run.trips") == OPERATOR


def test_who_lost_his_membership_has_lost_his_tokens(console: Console) -> None:
    token = console.issue(OPERATOR, "read", "halt")
    console.desk.sql(f"revoke mqk_operator from {OPERATOR}")
    try:
        assert "any more" in console.refusal(token, "token_check")
    finally:
        console.desk.sql(f"grant mqk_operator to {OPERATOR}")
    assert console.use(token, "token_check")["outcome"] == "DONE"


@pytest.mark.parametrize(("before", "valid"), [(1, True), (0, False), (-1, False)])
def test_a_token_ends_at_the_moment_that_it_says(
    console: Console, before: int, valid: bool
) -> None:
    token = console.issue(OPERATOR, "read")
    end = console.desk.one("select expires_at from ops.tokens")
    at = end - timedelta(microseconds=before)
    ask = "select ops.find_token_denial(%s, %s, 'token_check', null, null, %s)"
    denial = console.desk.one(ask, token.token_id, token.digest, at)
    assert denial == (None if valid else "expired")


@pytest.mark.parametrize(
    ("scopes", "hours", "rule"),
    [
        (["read"], 2160, None),
        (["read"], 2160.01, "tokens_end_within_90_days"),
        (["read"], 0, "tokens_end_within_90_days"),
        (["operate", "arm_live"], 12, None),
        (["operate", "arm_live"], 12.01, "tokens_that_arm_live_end_within_12_hours"),
    ],
)
def test_a_token_lives_90_days_at_most_and_12_hours_if_it_arms_live(
    console: Console, scopes: list[str], hours: float, rule: str | None
) -> None:
    if rule is None:
        assert isinstance(console.issue(OPERATOR, *scopes, hours=hours), Token)
        return
    with pytest.raises(Exception) as no:
        console.issue(OPERATOR, *scopes, hours=hours)
    assert rule.replace("_", " ") in str(no.value)


def test_a_revoked_token_is_dead_at_once_whoever_revoked_it(console: Console) -> None:
    token = console.issue(OPERATOR, "read", "admin")
    with console.db.connect(user=APPROVER) as conn:
        terms = {"token_id": token.token_id, "reason": "lost"}
        row = call_row(conn, "api.token_revoke", **terms, now_at=datetime.now(UTC))
    assert row["outcome"] == "DONE"
    assert console.refusal(token, "token_check") == "ended"
    admin = console.issue(OPERATOR, "admin")
    other = console.issue(APPROVER, "read")
    revoked = console.use(admin, "token_revoke", token_id=other.token_id, reason="lost")
    assert revoked["outcome"] == "DONE"
    assert console.refusal(other, "token_check") == "ended"


def test_a_rotation_leaves_two_valid_tokens_for_a_day_at_most(console: Console) -> None:
    now = datetime.now(UTC)
    tokens = [console.issue(OPERATOR, "read")]

    def rotate(old: Token, login: str = OPERATOR) -> dict[str, Any]:
        tokens.append(make_token("test"))
        terms = {"token_id": tokens[-1].token_id, "verifier": tokens[-1].verifier}
        with console.db.connect(user=login) as conn:
            rows = call(conn, "api.token_rotate", replaces=old.token_id, **terms,
                        expires_at=now + 2 * DAY, now_at=datetime.now(UTC))  # fmt: skip
        return rows[0]

    def valid() -> list[bool]:
        return [console.use(t, "token_check")["outcome"] == "DONE" for t in tokens]

    assert rotate(tokens[0])["outcome"] == "DONE"
    assert valid() == [True, True]
    assert rotate(tokens[1])["outcome"] == "DONE"
    assert valid() == [False, True, True]
    again = rotate(tokens[1])
    assert (again["outcome"], again["error_code"]) == ("REFUSED", "MQS60")
    tokens.pop()
    foreign = rotate(tokens[2], APPROVER)
    assert (foreign["outcome"], foreign["error_code"]) == ("REFUSED", "MQG63")
    tokens.pop()
    with pytest.raises(psycopg.errors.CheckViolation, match="token_ends_leave_a_day_at_most"):
        console.desk.sql("insert into ops.token_ends (token_id, ends_at, ended_by, reason, ended_at)"
                         " values (%s, now() + interval '24:00:01', 'x', 'x', now())",
                         tokens[2].token_id)  # fmt: skip


def test_what_the_tables_and_the_diary_hold_is_no_token(console: Console) -> None:
    token = console.issue(OPERATOR, "read")
    console.use(token, "token_check")
    tables = ("ops.tokens", "ops.token_uses", "ops.operator_actions", "audit.events")
    for table in tables:
        for secret in (token.text, token.digest):
            text = f"select count(*) from {table} as t where strpos(t::text, %s) > 0"
            assert console.desk.one(text, secret) == 0
    stolen = Token(token.token_id, "x")
    object.__setattr__(stolen, "text", token.text)
    row = call_row(console.web, "api.as_token", token_id=token.token_id, digest=token.verifier,
                   command="token_check", arguments={}, now_at=datetime.now(UTC))  # fmt: skip
    assert row is not None and row["detail"] == "no such token"


def test_failures_are_kept_without_the_secret_and_then_throttled(console: Console) -> None:
    good = console.issue(OPERATOR, "halt", "read")
    guess = Token(good.token_id, "mqk_test_guess")
    for _ in range(10):
        assert console.refusal(guess, "token_check") == "no such token"
    with pytest.raises(Exception, match="MQG62"):
        console.use(guess, "token_check")
    assert console.desk.one("select count(*) from ops.token_uses where not is_accepted") == 10
    assert console.desk.one(
        "select count(*) from audit.events where event_name = 'TOKEN_REFUSED'") == 10  # fmt: skip
    # Guessing under a token's id does not keep its owner from a halt.
    row = console.use(good, "run_halt", run_id=str(console.desk.run_id), reason="fire")
    assert row["outcome"] == "DONE"
    console.desk.sql("alter table ops.token_uses disable trigger all")
    console.desk.sql("update ops.token_uses set used_at = used_at - interval '1 minute'")
    assert console.refusal(guess, "token_check") == "no such token"


def test_a_console_cannot_lie_about_the_time(console: Console) -> None:
    token = console.issue(OPERATOR, "read")
    with pytest.raises(Exception, match="MQA03"):
        console.use(token, "token_check", now_at=datetime.now(UTC) - timedelta(seconds=5))


def test_the_name_of_another_cannot_be_put_on(console: Console) -> None:
    console.use(console.issue(OPERATOR, "read"), "token_check")
    desk = console.desk
    forged = desk.one("select max(acting_id)::text from audit.actings")
    with console.db.connect(user=APPROVER) as evil:
        evil.execute("select set_config('mqk.acting', %s, false)", [forged])
        with pytest.raises(psycopg.errors.NotNullViolation):
            evil.execute("select * from api.run_halt(%s, 'x', %s)", [desk.run_id, desk.now])
        evil.execute("reset mqk.acting")
        done = evil.execute("select * from api.run_halt(%s, 'x', %s)", [desk.run_id, desk.now])
        assert done.fetchone()["outcome"] == "DONE"
    last = desk.one("select actor from ops.operator_actions order by action_id desc limit 1")
    assert last == APPROVER


def test_a_token_is_not_above_its_persons_engines(console: Console) -> None:
    token = console.issue(OPERATOR, "halt")
    row = console.desk.act("run_scope", login=OPERATOR, engine_ids=["OTHER"])
    assert row["outcome"] == "DONE"
    run = {"run_id": str(console.desk.run_id), "reason": "x"}
    assert "out of the scope" in console.refusal(token, "run_halt", **run)


@pytest.mark.parametrize("change", [
    {"token_id": "XYZ"}, {"token_id": None}, {"digest": None}, {"command": "run_list"},
    {"command": "token_issue"}, {"arguments": []}, {"arguments": Jsonb("x")},
])  # fmt: skip
def test_a_malformed_use_is_refused(console: Console, change: dict[str, Any]) -> None:
    token = console.issue(OPERATOR, "read")
    terms = {"token_id": token.token_id, "digest": token.digest, "command": "token_check",
             "arguments": {}, **change}  # fmt: skip
    with pytest.raises(Exception, match=r"MQA0[12]"):
        call(console.web, "api.as_token", **terms, now_at=datetime.now(UTC))


def test_a_use_of_no_token_cannot_be_accepted(console: Console) -> None:
    """A function that forgot to look would end here."""
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="accepted_are_of_a_token"):
        console.desk.sql("select ops.accept_token('00000000', 'local', 'run_halt', now())")
    with pytest.raises(psycopg.errors.NotNullViolation):
        console.desk.sql("select audit.begin_acting(null, '00000000', now())")
