"""Laws of errors: the exit code says what to do, and nothing that Postgres said is lost."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mqk.db import call, connect
from mqk.errors import BUSY_OUTSIDE, FIXES, MISSING, TRY_AGAIN, MqkError, from_postgres

RAISE = """do $do$ begin raise exception using
    errcode = '{code}', message = 'the law', detail = 'the values', hint = 'the fix'; end $do$"""
REFUSED = {"A": 2, "N": 2, "S": 3, "G": 3, "I": 4}


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        # try again later: somebody was in the way, or the server is not there
        *(("40001", 75), ("40P01", 75), ("40000", 4), ("40002", 4), ("40003", 4)),
        *(("55P03", 75), ("55000", 4), ("55006", 4), ("55P02", 4)),
        *(("57P01", 75), ("57P02", 75), ("57P03", 75), ("57014", 4), ("57000", 4)),
        *(("08000", 75), ("08001", 75), ("08006", 75), ("09000", 4), ("07000", 4)),
        *(("53000", 75), ("53100", 75), ("53200", 75), ("53300", 75), ("54000", 4), ("52000", 4)),
        # you may not
        *(("42501", 3), ("42500", 4), ("42502", 4)),
        # fix the call
        *(("22000", 2), ("22P02", 2), ("22003", 2), ("22008", 2), ("21000", 4), ("24000", 4)),
        *(("3D000", 2), ("3F000", 2), ("3B000", 4), ("38000", 4)),
        *(("42883", 2), ("42884", 4), ("42P01", 4), ("42601", 4), ("42703", 4)),
        *(("23502", 2), ("23503", 2), ("23505", 2), ("23514", 2), ("23P01", 2)),
        # ours
        *(("MQA01", 2), ("MQN02", 2), ("MQS09", 3), ("MQG01", 3), ("MQI01", 4)),
        # unknown
        *(("XX000", 4), ("XX001", 4), ("P0001", 4), ("0A000", 4), ("25P02", 4), ("MQZ01", 4)),
        *(("", 4), ("M", 4), ("mqa01", 4)),
    ],
)
def test_an_exit_code_says_what_to_do(code: str, exit_code: int) -> None:
    assert MqkError(code, "the law").exit_code == exit_code


def test_every_registered_code_has_the_exit_code_of_its_kind(conn: Any) -> None:
    codes = [row["error_code"] for row in conn.execute("select error_code from core.error_codes")]
    assert len(codes) > 30
    for code in codes:
        wanted = TRY_AGAIN if code in BUSY_OUTSIDE else REFUSED[code[2]]
        assert MqkError(code, "").exit_code == wanted, code


def test_an_error_reads_code_law_and_values() -> None:
    assert str(MqkError("MQA20", "a file can be read", "x.csv", "Look.")) == (
        "MQA20: a file can be read (x.csv)"
    )
    assert str(MqkError("MQA20", "a file can be read")) == "MQA20: a file can be read"


def test_an_error_as_a_document_has_four_texts() -> None:
    no = MqkError("MQA20", "law", "values", "fix")
    assert no.as_dict() == {"error": "MQA20", "law": "law", "detail": "values", "fix": "fix"}
    assert MqkError("MQA20", "law").as_dict()["detail"] == ""


@pytest.mark.parametrize("code", ["MQG01", "MQI04", "40001", "42501", "22023", "P0001", "XX000"])
def test_law_detail_and_hint_of_postgres_are_kept(conn: Any, code: str) -> None:
    with pytest.raises(psycopg.Error) as raised:
        conn.execute(RAISE.format(code=code))
    no = from_postgres(raised.value)
    assert no.as_dict() == {
        "error": code,
        "law": "the law",
        "detail": "the values",
        "fix": "the fix",
    }


def test_a_call_that_is_refused_says_the_law_the_values_and_where_to_read(conn: Any) -> None:
    with pytest.raises(MqkError) as no:
        call(conn, "core.assert_that", ok=None, code="MQG01", detail="RISK: drawdown")
    assert (no.value.code, no.value.detail) == ("MQG01", "RISK: drawdown")
    assert no.value.law == "a gate is shut, the run may not trade"
    assert no.value.fix.endswith("(docs/errors.md#mqg01)")
    assert isinstance(no.value.__cause__, psycopg.Error)


def test_a_named_rule_becomes_a_sentence(conn: Any) -> None:
    with pytest.raises(psycopg.Error) as raised:
        conn.execute("insert into ref.exchanges (exchange_id, time_zone) values ('x', 'UTC')")
    no = from_postgres(raised.value)
    assert (no.code, no.law, no.exit_code) == ("23514", "exchanges id is a mic", 2)
    assert "exchanges_id_is_a_mic" in no.detail
    assert no.fix == FIXES["23"]


def test_a_hint_that_postgres_does_not_give_is_ours(conn: Any) -> None:
    with pytest.raises(MqkError) as no:
        call(conn, "api.run_show", run_id="no uuid")
    assert (no.value.code, no.value.exit_code, no.value.fix) == ("22P02", 2, FIXES["22"])


def test_what_may_not_be_done_is_refused_and_not_tried_again(conn: Any) -> None:
    conn.execute("set role mqk_readonly")
    with pytest.raises(MqkError) as no:
        call(conn, "core.raise_error", code="MQA01", detail="")
    assert (no.value.code, no.value.exit_code, no.value.fix) == ("42501", 3, FIXES["42"])


def test_a_door_that_is_not_there_is_for_the_caller_to_put_right(conn: Any) -> None:
    with pytest.raises(MqkError) as no:
        call(conn, "api.no_such_thing")
    assert (no.value.code, no.value.exit_code, no.value.fix) == (MISSING, 2, FIXES[MISSING])


def test_a_server_that_is_not_there_is_worth_another_try(tmp_path: Path) -> None:
    with pytest.raises(MqkError) as no:
        connect(f"host={tmp_path} dbname=nothing")
    assert (no.value.code, no.value.exit_code) == ("08006", 75)
    assert no.value.law == "the database cannot be reached"
    assert str(tmp_path) in no.value.detail
    assert no.value.fix == FIXES["08"]


def test_a_connection_that_breaks_is_worth_another_try(db: Any) -> None:
    conn = connect(db.url)
    with pytest.raises(psycopg.Error) as killed:
        conn.execute("select pg_terminate_backend(pg_backend_pid())")
    assert from_postgres(killed.value).exit_code == 75
    with pytest.raises(MqkError) as then:
        call(conn, "api.run_list")
    assert (then.value.code, then.value.exit_code) == ("08006", 75)


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        (psycopg.OperationalError("server closed the connection"), "08006", 75),
        (psycopg.errors.ConnectionTimeout("too slow"), "08006", 75),
        (psycopg.InterfaceError("the cursor is closed"), "XX000", 4),
        (psycopg.DataError("a NUL in a text"), "XX000", 4),
        (psycopg.ProgrammingError("a placeholder too many"), "XX000", 4),
    ],
)
def test_an_error_without_a_code_is_a_lost_connection_or_unknown(
    error: psycopg.Error, code: str, exit_code: int
) -> None:
    no = from_postgres(error)
    assert (no.code, no.exit_code) == (code, exit_code)
    assert no.detail == str(error)


def test_an_error_is_the_same_in_another_process() -> None:
    told = MqkError("MQG01", "a law", "the values", "the fix")
    heard = pickle.loads(pickle.dumps(told))
    assert (str(heard), heard.as_dict()) == (str(told), told.as_dict())
