"""The database is not changed under a LIVE run, unless a person says that it may."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from kit import LIVE, Desk
from mqk.cli.main import main


@pytest.mark.parametrize("status", ["ARMED", "RUNNING"])
def test_scenario_cli_db_migrate_requires_yes_when_live_active(
    db: Any, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setenv("MQK_DATABASE_URL", db.url)
    desk = Desk(db.url, **LIVE)
    commands = (["db", "deploy"], ["db", "revert", "--to", "api/code"])
    assert CliRunner().invoke(main, commands[0]).exit_code == 0
    with desk.conn.transaction():
        desk.conn.execute("set local session_replication_role = replica")
        desk.conn.execute("update run.runs set run_status = %s", [status])
    for words in commands:
        done = CliRunner().invoke(main, words, input="y\n")
        assert done.exit_code == 3, done.output
        assert "MQS08" in done.output and str(desk.run_id) in done.output
    assert CliRunner().invoke(main, [*commands[0], "--yes"]).exit_code == 0
