"""Tokens at the command line: shown once, taken from MQK_TOKEN by a login without power of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import make_conninfo

from kit import Desk
from mqk.cli.main import main
from mqk.errors import MqkError
from mqk.tokens import FORM, make_token, read_token


@pytest.fixture
def desk(db: Any) -> Iterator[Desk]:
    made = Desk(db.url)
    made.start()
    db.create_login("cli_operator", "mqk_operator")
    db.create_login("cli_web", "mqk_console")
    yield made
    made.conn.close()


@pytest.fixture
def mqk(db: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command as a login, with a token or without."""

    def run(login: str, token: str, *words: Any) -> Result:
        monkeypatch.setenv("MQK_DATABASE_URL", make_conninfo(db.url, user=login))
        monkeypatch.setenv("MQK_TOKEN", token)
        done = CliRunner().invoke(main, [str(word) for word in words])
        assert "Traceback" not in done.output
        return done

    return run


def issue(mqk: Any, *scopes: str) -> str:
    """A token of cli_operator's."""
    words = [word for scope in scopes for word in ("--scope", scope)]
    done = mqk("cli_operator", "", "token", "issue", *words, "--json")
    assert done.exit_code == 0, done.output
    return str(json.loads(done.stdout)[0]["token"])


def test_a_console_halts_and_clears_a_run_with_a_token(desk: Desk, mqk: Any) -> None:
    halt = ("run", "halt", desk.run_id, "--reason", "fire")
    assert mqk("cli_web", "", *halt).exit_code == 3  # nobody
    token = issue(mqk, "halt", "operate")
    done = mqk("cli_web", token, *halt)
    assert done.exit_code == 0, done.output
    assert desk.status == "HALTED"
    done = mqk("cli_web", token, "run", "clear-halted", desk.run_id, "--reason", "looked")
    assert done.exit_code == 0, done.output
    assert desk.status == "STOPPED"
    actors = {row["actor"] for row in desk.sql("select actor from audit.actings")}
    assert actors == {"cli_operator"}


def test_a_token_is_checked_rotated_listed_and_revoked(desk: Desk, mqk: Any) -> None:
    token = issue(mqk, "read")
    done = mqk("cli_web", token, "token", "check")
    assert done.exit_code == 0 and "cli_operator" in done.output
    token_id = read_token(token).token_id
    rotated = mqk("cli_operator", "", "token", "rotate", token_id, "--json")
    assert rotated.exit_code == 0, rotated.output
    new = json.loads(rotated.stdout)[0]["token"]
    assert mqk("cli_web", new, "token", "check").exit_code == 0
    revoke = ("token", "revoke", token_id, "--reason", "old")
    assert mqk("cli_operator", "", *revoke).exit_code == 0
    refused = mqk("cli_web", token, "token", "check")
    assert refused.exit_code == 3 and "MQG61" in refused.output and "ended" in refused.output
    listed = mqk("cli_operator", "", "token", "list", "--json")
    assert {row["token_id"]: row["is_valid"] for row in json.loads(listed.stdout)} == {
        token_id: False, read_token(new).token_id: True}  # fmt: skip
    for secret in (token, new):
        assert secret not in listed.output
        assert read_token(secret).digest not in listed.output


def test_a_token_of_a_mistyped_text_is_refused_before_it_is_sent(desk: Desk, mqk: Any) -> None:
    token = issue(mqk, "read")
    for text in (token[:-1], token[:-1] + ("A" if token[-1] != "A" else "B"), "x", token + "x"):
        done = mqk("cli_web", text, "token", "check")
        assert done.exit_code == 2 and "MQA60" in done.output
        assert text not in done.output or text == "x"
    assert desk.one("select count(*) from ops.token_uses") == 0


def test_without_a_token_there_is_nothing_to_check(desk: Desk, mqk: Any) -> None:
    assert mqk("cli_web", "", "token", "check").exit_code == 2


def test_what_was_never_issued_cannot_be_rotated(desk: Desk, mqk: Any) -> None:
    done = mqk("cli_operator", "", "token", "rotate", "00000000")
    assert done.exit_code == 2 and "MQN60" in done.output


def test_a_token_has_the_form_of_the_docs_and_256_bits_of_its_own() -> None:
    made = {make_token("live").text for _ in range(100)}
    assert len({text.split("_", 3)[3] for text in made}) == 100
    for text in made:
        assert FORM.fullmatch(text)
        assert read_token(f" {text}\n").text == text
        assert text not in repr(read_token(text))


def test_one_wrong_character_is_seen() -> None:
    text = make_token("live").text
    for place in range(4, len(text)):
        wrong = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(MqkError, match="MQA60"):
            read_token(wrong)
