"""Bad input of every kind, a bounded draw of it: make campaign LAYER=input goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fuzz.campaign import run_kind
from fuzz.inputs import Bench, Violated, kinds
from fuzz.state import CODES, is_catalogued
from support import SERVER

EXAMPLES = {"words": 60, "message": 60, "snapshot": 60, "bars": 60, "config": 60, "file": 60, "token": 20,
            "url": 25}  # fmt: skip


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A running desk for all of them: what was refused has changed nothing."""
    with SERVER.clone() as db:
        made = Bench(db, tmp_path_factory.mktemp("typed"))
        yield made
        assert made.state.broken() == []
        made.close()


def test_every_kind_of_input_is_drawn(bench: Bench) -> None:
    assert set(kinds(bench)) == set(EXAMPLES)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_bad_input_is_refused_by_a_catalogued_code_and_writes_nothing(
    bench: Bench, kind: str
) -> None:
    before = bench.seen.total()
    run_kind(bench, kind, 20240104, EXAMPLES[kind])
    assert bench.seen.total() > before


def test_the_judge_sees_a_traceback_a_strange_code_and_a_row_that_was_left(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(*_: Any, **__: Any) -> None:
        raise ValueError("embedded null byte")

    with monkeypatch.context() as patch:
        patch.setattr("mqk.cli.common.Session.print", fall)
        with pytest.raises(Violated, match="run"):
            bench.command(["run", "list"])
    with monkeypatch.context() as patch:
        patch.setattr("fuzz.inputs.is_catalogued", lambda _: False)
        with pytest.raises(Violated, match="MQN02"):
            bench.command(["run", "show", "00000000-0000-0000-0000-000000000000"])
    bench.desk.sql("update run.workers set worker_name = worker_name || 'x'")
    with pytest.raises(Violated, match=r"wrote.*run\.workers"):
        bench.command(["run", "show", "00000000-0000-0000-0000-000000000000"])
    bench.before = bench.state.read()
    with pytest.raises(Violated, match="42P01"):
        bench.door("mqk_inbox", "select * from nowhere")


def test_an_error_of_our_own_or_of_postgres_that_no_page_tells_is_not_catalogued() -> None:
    assert len(CODES) > 80
    assert all(map(is_catalogued, ("MQA01", "22P02", "42501", "08006")))
    assert not any(map(is_catalogued, ("XX000", "42P01", "0A000", "MQZ99", "P0001")))


@pytest.mark.parametrize(
    "url", ["-", "x", "postgresql://[::1", "dbname='", "\udcff", "user=me passw0rd-of-mine"]
)
@pytest.mark.parametrize("words", ["run list", "db status", "db verify", "worker gateway --once"])
def test_d1_a_database_url_that_cannot_be_read_is_refused_and_not_repeated(
    bench: Bench, url: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = bench.command(words.split(), {"MQK_DATABASE_URL": url})
    assert (said.exit_code, "MQA32" in said.output) == (2, True)
    assert "passw0rd" not in said.output


def test_a_time_without_end_is_refused_by_name(bench: Bench) -> None:
    for at in ("infinity", "-infinity"):
        query = f"select * from io.halt_run('{bench.desk.run_id}', 'x', '{at}')"
        assert bench.door("mqk_inbox", query) == "MQA02"
