"""`mqk verify`: every promise by its ids, and an exit code that pages somebody."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner

from house.laws import list_views
from kit import Desk
from mqk.cli.main import main


def test_verify_tells_each_promise_by_its_ids_and_exits_with_4_when_one_is_broken(
    db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MQK_DATABASE_URL", db.url)
    desk = Desk(db.url)
    done = CliRunner().invoke(main, ["verify", "--json"])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert [row["promise"] for row in rows if not re.match(r"[A-Z]", row["promise"])] == []
    assert all(row["is_ok"] and row["violations"] == 0 for row in rows)
    found: dict[str, list[str]] = {}
    for row in rows:
        for one in row["ids"].split():
            found.setdefault(one, []).append(row["invariant"])
    assert {one: sorted(views) for one, views in found.items()} == list_views()
    with desk.conn.transaction():
        desk.conn.execute("set local session_replication_role = replica")
        desk.conn.execute("update run.configs set canonical_json = canonical_json || ' '")
    done = CliRunner().invoke(main, ["verify"])
    assert done.exit_code == 4
    assert "MQI05" in done.output and "a_config_is_its_hash" in done.output and "I28" in done.output
