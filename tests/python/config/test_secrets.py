"""Laws of secrets: config and database hold names; a value is read once and shown to nobody."""

from __future__ import annotations

import io
import json
import logging
import pickle
import re
import shutil
import subprocess
import traceback
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from config_corpus import WORD, some
from kit import ALPACA, GIVEN, KEY_NAME, LIVE, SECRET_NAME, Desk
from mqk.config.load import canonical, merge, read_config
from mqk.config.secrets import OURS, Secrets, list_names, read_secrets
from mqk.desk import default_layers
from mqk.errors import MqkError
from mqk.log import log
from mqk.report.artifacts import refuse_secrets
from mqk.worker import Job, open_tick
from mqk.workers.wires import wire_broker
from support import ROOT, worker_url

LITERAL = "".join(("gh", "p_", some(Random(11), WORD, 36)))
HIDDEN = "hidden-" + some(Random(12), WORD, 20)
TERMS: dict[str, Any] = {"config": {"broker": ALPACA}, "mode": "PAPER"}


@pytest.fixture
def desk(db: Any) -> Iterator[Desk]:
    """A desk whose run is made."""
    made = Desk(db.url)
    yield made
    made.conn.close()


PLACES = [
    ("strategy", {"parameters": {"note": LITERAL}}, "/strategy/parameters/note"),
    ("strategy", {"symbols": ["AAA", LITERAL]}, "/strategy/symbols/1"),
    ("broker", {"account_id": LITERAL}, "/broker/account_id"),
    ("strategy", {"parameters": {LITERAL: 1}}, "/strategy/parameters/REDACTED"),
    (
        "strategy",
        {"parameters": {"a": [{"b": {LITERAL: {}}}]}},
        "/strategy/parameters/a/0/b/REDACTED",
    ),
    ("strategy", {"parameters": {"password": "x7" * 9}}, "/strategy/parameters/password"),
]


@pytest.mark.parametrize(("section", "value", "pointer"), PLACES)
def test_scenario_secrets_excluded(
    desk: Desk, section: str, value: dict[str, Any], pointer: str
) -> None:
    config = canonical(merge(desk.config, {section: value}))
    row = desk.act("run_create", config=config, as_of_at=desk.now)
    assert (row["outcome"], row["error_code"]) == ("REFUSED", "MQA30")
    assert f"CONFIG_SECRET_DETECTED {pointer} REDACTED (" in row["detail"]
    literal = LITERAL if LITERAL in config else "x7" * 9
    assert literal not in json.dumps(row, default=str)
    everywhere = desk.sql("select canonical_json as text from run.configs")
    everywhere += desk.sql("select arguments::text || detail as text from ops.operator_actions")
    everywhere += desk.sql("select payload::text as text from audit.events")
    assert [r for r in everywhere if literal in r["text"]] == []
    told = desk.call("api.config_check", config=config)
    assert "SECRET_DETECTED" in {r["rule"] for r in told if r["is_fatal"]}
    assert literal not in json.dumps(told)


def test_the_table_itself_refuses_a_secret(desk: Desk) -> None:
    for text, refused in (
        (f'{{"a":"{LITERAL}"}}', True),
        ('{"a":"ALPACA_API_KEY_LIVE_MAIN"}', False),
    ):
        query = "insert into run.configs (canonical_json, created_at) values (%s, now())"
        if refused:
            with pytest.raises(psycopg.Error) as no:
                desk.sql(query, text)
            assert no.value.sqlstate == "MQA30"
            assert LITERAL not in str(no.value)
        else:
            desk.sql(query, text)


@pytest.mark.parametrize("text", [f'{{"b":"{LITERAL}", "a":1}}', f'{{"a":"{LITERAL}"'])
def test_a_refused_text_is_not_quoted(desk: Desk, text: str) -> None:
    row = desk.act("run_create", config=text, as_of_at=desk.now)
    assert row["error_code"] == "MQA06"
    assert LITERAL not in json.dumps(row, default=str)


def test_names_of_variables_pass_and_are_what_is_stored(desk: Desk) -> None:
    config = canonical(merge(desk.config, {"broker": ALPACA}))
    row = desk.act("run_create", config=config, as_of_at=desk.now)
    assert row["outcome"] == "DONE"
    stored = desk.value("api.run_show", run_id=row["run_id"])["config"]["broker"]["keys_env"]
    assert stored == {"api_key": KEY_NAME, "api_secret": SECRET_NAME}


def test_scenario_secret_in_yaml_aborts(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(f"broker:\n  keys_env:\n    api_key: {LITERAL}\n", encoding="utf-8")
    with pytest.raises(MqkError, match=r"CONFIG_SECRET_DETECTED own.yaml:3 REDACTED") as no:
        read_config([*default_layers(), own])
    assert no.value.code == "MQA30"
    assert LITERAL not in "".join(traceback.format_exception(no.value))


def test_secrets_do_not_show_themselves() -> None:
    held = Secrets({KEY_NAME: HIDDEN})
    shown = [
        repr(held),
        str(held),
        f"{held}",
        repr(vars(held)),
        repr(held.take(KEY_NAME)),
        repr([held]),
    ]
    handler = logging.StreamHandler(io.StringIO())
    logging.LogRecord("x", 20, "x", 1, "%s %r", (held, held.take(KEY_NAME)), None).getMessage()
    shown.append(handler.format(logging.LogRecord("x", 20, "x", 1, "%s", (held,), None)))
    shown.append(json.dumps({"held": held}, default=str))
    try:
        raise ValueError(f"{held}")
    except ValueError as error:
        frames = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown.append("".join(frames.format()))
    assert "ALPACA_API_KEY_PAPER_TEST" in repr(held)
    assert [text for text in shown if HIDDEN in text] == []
    assert held.redact(f"a {HIDDEN} b") == "a [redacted] b"
    for stolen in (lambda: pickle.dumps(held), lambda: json.dumps(held)):
        with pytest.raises(TypeError):
            stolen()


def test_only_what_the_run_names_is_read() -> None:
    given = {
        KEY_NAME: "k",
        SECRET_NAME: "s",
        "ALPACA_API_KEY_LIVE_TEST": HIDDEN,
        "AWS_SECRET": HIDDEN,
        "MQK_FEED_FILES": "f",
    }
    held = read_secrets(TERMS, given, Path("/nowhere"))
    assert repr(held) == f"Secrets({KEY_NAME}, {SECRET_NAME}, MQK_FEED_FILES)"
    assert list_names({"broker": {"keys_env": None}}) == list_names({}) == []
    assert set(OURS) == {"APCA_API_BASE_URL", "MQK_ANCHOR_KEY", "MQK_FEED_FILES", "MQK_PAPER_URL"}


@pytest.mark.parametrize("value", [None, "", "  ", "\n", "two words", "new\nline", "ünï"])
@pytest.mark.parametrize("mode", ["LIVE", "PAPER", "SHADOW", "BACKTEST"])
def test_a_name_that_is_missing_or_blank_refuses_whoever_needs_it(
    mode: str, value: str | None
) -> None:
    given = {KEY_NAME: HIDDEN, SECRET_NAME: value} if value is not None else {KEY_NAME: HIDDEN}
    held = read_secrets({**TERMS, "mode": mode}, given, Path("/nowhere"))
    with pytest.raises(MqkError) as no:
        held.take(KEY_NAME, SECRET_NAME)
    assert (no.value.code, no.value.exit_code) == ("MQG30", 3)
    assert no.value.detail == f"SECRETS_MISSING {SECRET_NAME}"
    assert [s.get_secret_value() for s in held.take(KEY_NAME)] == [HIDDEN]


@pytest.mark.parametrize(
    ("mode", "environment", "found"),
    [
        ("PAPER", {}, "from file"),
        ("PAPER", {KEY_NAME: "from environment"}, "from environment"),
        ("PAPER", {KEY_NAME: " "}, "from file"),
        ("LIVE", {}, ""),
        ("LIVE", {KEY_NAME: "from environment"}, "from environment"),
    ],
)
def test_the_local_file_fills_in_and_is_never_read_in_live(
    tmp_path: Path, mode: str, environment: dict[str, str], found: str
) -> None:
    file = tmp_path / ".env.local"
    file.write_text(
        f"{KEY_NAME}='from file'\n{SECRET_NAME}=$HOME${{PATH}}\nOTHER=x\n", encoding="utf-8"
    )
    held = read_secrets({**TERMS, "mode": mode}, environment, file)
    assert held.find(KEY_NAME) == found
    assert held.find(SECRET_NAME) == (
        "" if mode == "LIVE" else "$HOME${PATH}"
    )  # nothing is expanded
    assert held.find("OTHER") == ""


def test_git_ignores_the_local_file_and_keeps_its_example() -> None:
    if shutil.which("git") is None:
        pytest.skip("there is no git here")
    ask = ["git", "check-ignore", ".env.local", ".env.local.example"]
    done = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 128:  # an export without .git: read the list itself
        assert "/.env.local\n" in (ROOT / ".gitignore").read_text(encoding="utf-8")
    else:
        assert done.stdout.split() == [".env.local"]
    example = (ROOT / ".env.local.example").read_text(encoding="utf-8")
    assert re.findall(r"^(\w+)=(.*)$", example, re.M) == [
        ("ALPACA_API_KEY_PAPER_MAIN", ""),
        ("ALPACA_API_SECRET_PAPER_MAIN", ""),
    ]


def nothing(_: Any) -> int:
    """A tick that does nothing."""
    return 0


def start(url: str, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> Any:
    """A worker of engine TEST as it starts, in this environment."""
    for name in (
        KEY_NAME,
        SECRET_NAME,
        KEY_NAME.replace("PAPER", "LIVE"),
        SECRET_NAME.replace("PAPER", "LIVE"),
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    job = Job("gateway", nothing, "outbox", wire_broker)
    return open_tick(job, worker_url(url, "gateway"), "TEST", "token")


@pytest.mark.parametrize("mode", ["LIVE", "PAPER"])
def test_a_worker_at_a_broker_does_not_start_without_its_keys_and_says_which(
    db: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    names = [name.replace("PAPER", mode) for name in (KEY_NAME, SECRET_NAME)]
    keys = {"name": "alpaca", "keys_env": {"api_key": names[0], "api_secret": names[1]}}
    config = merge(desk.config, LIVE if mode == "LIVE" else {})
    config = merge(config, {"strategy": GIVEN, "broker": keys, "execution": None})
    row = desk.act("run_create", config=canonical(config), as_of_at=desk.now)
    assert row["outcome"] == "DONE", row
    other = {KEY_NAME: "paper-key"} if mode == "LIVE" else {names[0]: HIDDEN}
    with pytest.raises(MqkError) as no:
        start(db.url, monkeypatch, other)
    assert no.value.code == "MQG30"
    assert no.value.detail == "SECRETS_MISSING " + ", ".join(names if mode == "LIVE" else names[1:])
    assert HIDDEN not in repr(no.value)


def test_a_worker_of_the_paper_broker_needs_no_keys(
    db: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick = start(db.url, monkeypatch, {})
    assert tick.broker is not None
    assert repr(tick.secrets) == "Secrets()" or "ALPACA" not in repr(tick.secrets)
    tick.conn.close()


def test_a_log_line_does_not_show_what_looks_like_a_secret(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log("gateway", "said", words=f"the broker says {LITERAL}", n=1)
    line = capsys.readouterr().err
    assert LITERAL not in line
    assert json.loads(line)["words"] == "the broker says [redacted GITHUB_TOKEN]"


def test_an_export_with_a_secret_is_refused_whole() -> None:
    with pytest.raises(MqkError) as no:
        refuse_secrets(
            {
                "audit.jsonl": f'{{"a": 1}}\n{{"said": "{LITERAL}"}}\n'.encode(),
                "orders.csv": b"a,b\n",
            }
        )
    assert (no.value.code, no.value.detail) == ("MQA30", "audit.jsonl:2 REDACTED (GITHUB_TOKEN)")
    refuse_secrets({"manifest.json": b'{"config_hash": "' + b"0a" * 32 + b'"}'})


def test_brokers_feeds_and_workers_do_not_read_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT / "python/mqk"))
        for path in (ROOT / "python/mqk").rglob("*.py")
        if re.search(r"os\.environ|getenv|dotenv", path.read_text(encoding="utf-8"))
    }
    assert "config/secrets.py" in readers
    acting = ("brokers/", "feeds/", "workers/", "strategies/", "report/", "tick.py")
    assert [name for name in readers if name.startswith(acting)] == []
