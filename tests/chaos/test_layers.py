"""One short round of each layer of faults; `make campaign LAYER=…` runs them for as long as you like."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chaos import layers
from chaos.floor import Result
from chaos.layers import describe, run_layer
from chaos.server import Server
from chaos.twins import live_on, two_servers

pytestmark = pytest.mark.slow


def run(server: Server, layer: str) -> Result:
    """One round with a fixed seed; skips with the layer's own reason."""
    result = run_layer(server, layer, 1, 0)
    if result.skipped:
        pytest.skip(result.skipped)
    assert result.violations == []
    return result


def test_ended_sessions_of_workers_lose_and_double_nothing(server: Server) -> None:
    assert run(server, "backends").counts["requests"] >= 16


def test_a_server_that_dies_under_load_disarms_and_forgets_nothing(server: Server) -> None:
    result = run(server, "server")
    assert result.counts["requests"] >= 16
    assert len(result.times["restart"]) >= 3
    assert "the server was started" in str(result.counts)


def test_lost_and_sliced_answers_lose_and_double_nothing(server: Server) -> None:
    assert run(server, "network").counts["requests"] >= 16


def test_a_full_disk_stops_the_desk_and_a_free_one_lets_it_go_on(server: Server) -> None:
    counts = run(server, "disk").counts
    assert counts["refused with 53100"] + counts["server fell"] >= 1
    assert counts["requests"] >= 16


def test_a_halt_takes_less_than_a_second_and_no_permit_follows(server: Server) -> None:
    result = run(server, "halt")
    assert result.counts["halts, held"] >= 1
    assert result.counts["permits"] >= 1


def test_an_old_primary_sends_nothing_and_a_promoted_one_waits_to_be_armed(server: Server) -> None:
    counts = run(server, "failover").counts
    assert counts["waiting at the promotion"] >= 1
    assert counts["requests"] >= 16


def test_a_standby_that_no_commit_waits_for_does_not_fence_the_old_primary(server: Server) -> None:
    result = Result("failover", 1)
    with two_servers(server, result, 91, waits=False) as (floor, twin):
        said = live_on(floor, twin, result)
    assert "was sent by the old primary's worker" in str(said)


def test_every_point_in_time_holds_every_promise_and_is_disarmed(server: Server) -> None:
    counts = run(server, "pitr").counts
    assert counts["restored"] == 2
    assert counts["attempts"] < 32  # one of them at least while orders went out


def test_a_deployment_that_is_killed_is_completed_by_the_next(server: Server) -> None:
    counts = run(server, "deploy").counts
    assert counts["builtin killed"] >= 1
    assert counts["builtin completed"] == 1


def test_the_ledger_of_campaigns_keeps_what_was_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = Result("halt", 7)
    result.counts.update({"halts": 3, "permits": 9})
    result.times["halt"] = [float(n) for n in range(100)]
    monkeypatch.setattr(layers, "LEDGER", tmp_path / "ledger.md")
    layers.record(result, datetime(2026, 1, 2, tzinfo=UTC))
    layers.record(result, datetime(2026, 1, 3, tzinfo=UTC))
    rows = (tmp_path / "ledger.md").read_text().splitlines()
    assert describe(result) == ("halts 3, permits 9", "halt p50 50 p99 99 of 100")
    assert rows[0].startswith("| 2026-01-02 | ")
    assert rows[1].endswith("| halt | 7 | halts 3, permits 9 | halt p50 50 p99 99 of 100 | 0 |")
