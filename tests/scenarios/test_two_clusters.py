"""Laws of determinism: two servers that sort, count hours and write numbers in other ways give the same
digests and the same files, to the byte."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from mqk import deployer
from mqk.embedded import Cluster
from mqk.errors import MqkError
from mqk.reporting import export_run, write_tearsheet
from parity_kit import ParityDesk
from support import ROOT

SEED, TICKS = 3, 20
HOST = {"manifest.json"}  # names program and machine
FAR = (  # where AA is the last letter; a half hour off; other habits of writing
    "timezone=Asia/Kolkata", "intervalstyle=sql_standard", "extra_float_digits=0",
    "bytea_output=escape", "default_transaction_isolation=serializable",
)  # fmt: skip
DANISH = ("-EUTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=da-DK")
PLAIN = ("-EUTF8", "--locale=C.UTF-8")  # for a server without ICU
Played = tuple[ParityDesk, Any, dict[str, bytes]]


@contextmanager
def server(name: str, *locales: tuple[str, ...], settings: tuple[str, ...] = ()) -> Iterator[str]:
    """A deployed desk on a server of its own, made in the first of these ways that it knows."""
    for locale in locales:
        cluster = Cluster(f"test-{name}-{os.getpid()}", durable=False)
        cluster.locale = locale or cluster.locale
        cluster.settings = (*cluster.settings, *settings)
        try:
            cluster.start()
            break
        except MqkError:
            cluster.stop(remove=True)
            if locale == locales[-1]:
                raise
    try:
        cluster.ensure_database("mqk")
        deployer.deploy(cluster.url("mqk"), ROOT)
        yield cluster.url("mqk")
    finally:
        cluster.stop(remove=True)


def play(url: str, out: Path) -> Played:
    """A run through the real doors and its backtest; all that is written of them."""
    desk = ParityDesk(url, SEED, TICKS)
    test = desk.backtest(desk.play())["backtest_id"]
    write_tearsheet(desk.conn, test, desk.run_id, out)
    export_run(desk.conn, desk.run_id, out, desk.now, replace=False)
    files = {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*.*"))}
    return desk, test, files


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Played]]:
    """The same on both servers."""
    with ExitStack() as stack:
        urls = (
            stack.enter_context(server("near", ())),
            stack.enter_context(server("far", DANISH, PLAIN, settings=FAR)),
        )
        both = [play(url, tmp_path_factory.mktemp("out")) for url in urls]
        yield both
        for desk, _, _ in both:
            desk.conn.close()


def digests(desk: ParityDesk, test: Any) -> dict[str, Any]:
    """The digests of the run's books and of its backtest."""
    report = desk.value("api.report_show", run_id=desk.run_id, now_at=desk.now)
    computed = desk.one("select lab.compute_digest(%s)", test)
    return {**report["digests"], "backtest": computed}


def test_the_servers_are_not_alike(played: list[Played]) -> None:
    near, far = (desk for desk, _, _ in played)
    ask = "select current_setting('IntervalStyle') || datcollate || datlocprovider::text as it"
    ask += " from pg_database where datname = current_database()"
    assert near.one(ask) != far.one(ask)
    if far.one("select datlocprovider = 'i' from pg_database where datname = current_database()"):
        assert near.one("select 'AAA' < 'BBB'") and far.one("select 'AAA' > 'BBB'")


def test_two_servers_give_the_same_digests(played: list[Played]) -> None:
    (near, one, _), (far, other, _) = played
    assert (near.run_id, one) == (far.run_id, other)
    assert near.one("select count(*) from ledger.fills") > 5
    assert near.one("select count(distinct symbol) from ledger.fills") > 1
    assert digests(near, one) == digests(far, other)
    chains = "select chain_id, last_seq, last_hash from audit.chains order by chain_id"
    assert near.sql(chains) == far.sql(chains)
    for desk, _, _ in played:
        assert desk.broken_promises() == []


def test_two_servers_give_the_same_files(played: list[Played]) -> None:
    (_, _, near), (_, _, far) = played
    assert set(near) == set(far)
    assert len(near) > 10
    differing = {name for name in near if near[name] != far[name]}
    assert {Path(name).name for name in differing} <= HOST


def test_one_fill_that_was_tampered_with_changes_the_digests(played: list[Played]) -> None:
    desk, test, _ = played[0]
    before = digests(desk, test)
    books = {"fills", "orders"}
    for forgery, changed in (
        ("update lab.fills set price_micros = price_micros + 1 where fill_no = 1", {"backtest"}),
        ("update ledger.fills set price_micros = price_micros + 1 where fill_seq = 1", books),
    ):
        with desk.conn.transaction(force_rollback=True):
            desk.sql("set local session_replication_role = replica")
            desk.sql(forgery)
            after = digests(desk, test)
            assert {name for name in before if before[name] != after[name]} == changed
    assert digests(desk, test) == before
