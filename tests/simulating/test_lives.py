"""Laws of `mqk simulate`: a seed is one life, judged from outside, and the judges can turn red."""

from __future__ import annotations

import csv
import itertools
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from mqk.cli.main import main
from mqk.db import call
from mqk.errors import MqkError
from mqk.simulating.actions import plan
from mqk.simulating.campaign import COLUMNS
from mqk.simulating.chance import Chance
from mqk.simulating.desk import Desk
from mqk.simulating.life import Life, Step, begin, draw_steps, draw_terms, live, read_steps
from mqk.simulating.line import AFTER, BEFORE, INSIDE
from mqk.simulating.shrink import shrink
from mqk.simulating.venue import Unwilling, Venue, money
from mqk.simulating.words import ACTIONS, FAULTS
from mqk.simulating.world import World, read_script
from support import ROOT, SERVER

SEEDS = range(1, 1 + int(os.environ.get("MQK_SIMULATE_SEEDS", "6")))
CANARY_SEED = 0
NUMBERS = itertools.count()


def make_world(planted: bytes = b"") -> Iterator[World]:
    """A world on the tests' server."""
    janitor = SERVER._janitor(f"mqk_simulate_{os.getpid()}_{next(NUMBERS)}")
    janitor.init()
    try:
        made = World(make_conninfo(SERVER.url, dbname=janitor.dbname), planted)
        yield made
        made.close()
    finally:
        janitor.drop()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One for all lives of this file: each begins anew."""
    yield from make_world()


@pytest.fixture(scope="module")
def broken_world() -> Iterator[World]:
    """One with a planted bug."""
    yield from make_world(read_script("canary"))


@pytest.fixture
def desk(world: World) -> Desk:
    """A desk that was armed and runs; seed 2 draws stops and no faults of the stream."""
    made = Desk(world, 2, draw_terms(2))
    begin(made)
    assert made.broken == []
    return made


def permit(name: str, qty: int, **more: Any) -> dict[str, Any]:
    """What a gateway would send."""
    terms = {"order_type": "MARKET", "time_in_force": "DAY", "limit_price_micros": None}
    made = {"client_order_id": name, "symbol": "AAA", "order_qty": qty, "stop_price_micros": None}
    return {**terms, **made, **more}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_life_keeps_every_promise_and_comes_to_rest(world: World, seed: int) -> None:
    life = live(world, seed, draw_steps(seed))
    assert life.broken == []
    assert life.rest


def test_a_seed_is_the_same_life_again(world: World, broken_world: World) -> None:
    first = live(world, 3, draw_steps(3, 20), keeps=True)
    live(world, 4, draw_steps(4, 20))
    again = live(world, 3, draw_steps(3, 20), keeps=True)
    assert again.lines == first.lines
    elsewhere = live(broken_world, 3, draw_steps(3, 20))
    assert first.digest == again.digest == elsewhere.digest
    assert first.digest != live(world, 4, draw_steps(4, 20)).digest


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(
    seed=st.integers(0, 1000),
    steps=st.lists(
        st.builds(Step, st.sampled_from(sorted(ACTIONS)), st.integers(0, 1000)), max_size=25
    ),
)
def test_no_steps_in_any_order_break_a_promise(world: World, seed: int, steps: list[Step]) -> None:
    life = live(world, seed, steps)
    words = " ".join(str(step) for step in steps)
    assert life.broken == [], f"mqk simulate --seed {seed} --play '{words}'"


# The judges.


def find_planted(world: World) -> Life:
    """The first life that finds the planted bug."""
    lives = (live(world, seed, draw_steps(seed)) for seed in range(CANARY_SEED, CANARY_SEED + 20))
    return next(life for life in lives if life.broken)


def test_a_planted_bug_is_found_and_its_life_made_short(broken_world: World) -> None:
    life = find_planted(broken_world)
    kind = life.broken[0].partition(":")[0]

    def fails(steps: Any) -> bool:
        return any(b.startswith(kind) for b in live(broken_world, life.seed, steps).broken)

    short = shrink(life.steps, fails, tries=25)
    assert len(short) < len(life.steps)
    assert fails(read_steps(" ".join(str(step) for step in short)))


def test_a_request_that_goes_out_after_a_halt_is_seen(desk: Desk) -> None:
    desk.link.watch("SUBMIT", permit("SIM_1", 5))
    assert desk.broken == []
    desk.act("run_halt", run_id=desk.run_id, reason="test")
    desk.link.watch("SUBMIT", permit("SIM_1", 5))
    assert [b.partition(":")[0] for b in desk.broken] == ["HALTED"]


@pytest.mark.parametrize(
    ("what", "words"),
    [("gap", "the stream is not whole"), ("late", "no clean reconcile"), ("stop", "not armed")],
)
def test_a_request_that_goes_out_while_a_gate_is_shut_is_seen(
    desk: Desk, what: str, words: str
) -> None:
    if what == "gap":
        desk.link.gap = "disconnected"
        desk.work("broker_events")
    elif what == "late":
        desk.wait(desk.terms.gate_ttl_seconds * 1000)
    else:
        desk.act("run_stop", run_id=desk.run_id, reason="test")
    desk.link.watch("SUBMIT", permit("SIM_1", 5))
    assert any(words in b for b in desk.broken)


def test_a_name_that_is_sent_twice_is_seen(desk: Desk) -> None:
    desk.venue.dedupes = False
    for _ in range(2):
        desk.link.submit(permit("SIM_1", 5))
    desk.oracles.judge_venue()
    assert [b.partition(":")[0] for b in desk.broken] == ["DOUBLE", "DOUBLE"]


def test_more_shares_than_allowed_and_shares_that_are_not_there_are_seen(desk: Desk) -> None:
    desk.link.watch("SUBMIT", permit("SIM_1", desk.terms.max_order_qty))
    assert desk.broken == []
    desk.link.watch("SUBMIT", permit("SIM_1", desk.terms.max_order_qty + 1))
    desk.link.hear()
    desk.link.deliver(Chance(1), loses=0, doubles=0, shuffles=False)
    desk.link.watch("SUBMIT", permit("SIM_2", -1))
    assert [b.partition(":")[0] for b in desk.broken] == ["LIMIT", "SHORT"]


def test_a_clean_verdict_over_other_books_is_seen(desk: Desk) -> None:
    desk.oracles.compare_books()
    assert desk.broken == []
    desk.venue.move("AAA", 1, -10_001)
    desk.oracles.compare_books()
    assert len(desk.broken) == 2


def test_a_run_that_goes_on_after_what_cannot_be_believed_is_seen(desk: Desk) -> None:
    row = {"disposition": "QUARANTINED", "reason": "UNKNOWN_ORDER"}
    desk.oracles.see("io.receive_messages", {}, [{**row, "disposition": "APPLIED"}])
    assert desk.broken == []
    desk.oracles.see("io.receive_messages", {}, [row])
    assert len(desk.broken) == 1


def test_a_lease_that_is_taken_too_early_is_seen(desk: Desk) -> None:
    held, until = desk.oracles.holders["gateway"]
    row = {"is_leader": True, "lease_epoch": held + 1}
    desk.clock.move_to(until - timedelta(milliseconds=1))
    desk.oracles.see("io.acquire_lease", {"worker_kind": "gateway"}, [row])
    assert len(desk.broken) == 1


def test_a_code_that_is_none_of_ours_is_seen(desk: Desk) -> None:
    for code, is_seen in (("MQG01", False), ("40001", False), ("MQI03", True), ("23505", True)):
        desk.broken.clear()
        desk.judge("a call", MqkError(code, "a law"))
        assert bool(desk.broken) == is_seen, code


# The faults.


@pytest.mark.parametrize("moment", [BEFORE, INSIDE, AFTER])
def test_a_worker_dies_before_inside_or_after_a_call(desk: Desk, moment: str) -> None:
    desk.release("strategist", 0)
    desk.switch.arm(1, moment)  # the register comes first, then the lease
    assert desk.work("strategist") == "dead"
    assert ("strategist", 0) not in desk.processes
    assert desk.switch.crashes == 1
    rows = call(desk.world.conn, "run.list_leases", run_id=desk.run_id, now_at=desk.now)
    (row,) = [row for row in rows if row["worker_kind"] == "strategist"]
    assert row["is_held"] == (moment == AFTER), row


def test_a_halt_between_two_calls_of_a_gateway_lets_nothing_more_out(world: World) -> None:
    sent = []
    for places in (3, 5, 6, 10):
        desk = Desk(world, 2, draw_terms(2))
        begin(desk)
        plan(desk, Chance("a plan that buys", 1))
        halt = {"run_id": desk.run_id, "reason": "test"}
        desk.switch.interrupt(places, lambda d=desk, h=halt: d.act("run_halt", **h))
        desk.work("gateway")
        assert desk.broken == []
        assert desk.status == "HALTED", places
        sent.append([kind for kind, _ in desk.link.asked].count("SUBMIT"))
    assert sent == sorted(sent)
    assert sent[0] == 0 < sent[-1]


def test_a_fault_point_fails_a_write_whole(desk: Desk) -> None:
    names = [call(desk.world.conn, "simulating.set_fault", n=n)[0]["set_fault"] for n in range(90)]
    found = [name for name in names if name]
    assert {"audit.events", "ledger.entries", "oms.outbox_history"} <= set(found)
    desk.set_fault(names.index("run.heartbeats"))
    before = desk.look()
    assert desk.work("gateway") == "40001"
    assert desk.look()["heads"] == before["heads"]
    desk.set_fault(None)
    desk.wait(desk.terms.lease_seconds * 1000)  # another process: it waits for the lease to end
    assert desk.work("gateway") == "done"
    assert desk.broken == []


def test_every_fault_is_switched_on_by_some_seed_and_off_by_another() -> None:
    drawn = [{step.word for step in draw_steps(seed, 400)} for seed in range(40)]
    assert len(FAULTS) >= 12
    for name in FAULTS:
        assert {name in words for words in drawn} == {True, False}, name


def test_a_simulation_refuses_any_other_database(db: Any) -> None:
    with pytest.raises(MqkError) as refused:
        World(db.url)
    assert refused.value.code == "MQG91"
    with db.connect() as conn:
        assert conn.execute("select to_regnamespace('simulating') as s").fetchone()["s"] is None


# The venue, the chance, the way out.


def test_the_broker_keeps_books_of_its_own(desk: Desk) -> None:
    venue = Venue("A", 1_000_000_000, dedupes=True, fee_micros=1000)
    order = venue.submit(permit("x", 10), desk.now)
    with pytest.raises(Unwilling):
        venue.submit(permit("x", 10), desk.now)
    first = venue.fill(order, 4, 10_000_000, desk.now)
    venue.fill(order, 6, 11_000_000, desk.now)
    assert (venue.positions, venue.cash_micros, order.status) == (
        {"AAA": 10},
        893_990_000,
        "filled",
    )
    venue.correct(first, 9_000_000, desk.now)
    assert venue.cash_micros == 897_990_000
    venue.bust(venue.executions[1], desk.now)
    assert (venue.positions, venue.cash_micros) == ({"AAA": 4}, 963_996_000)
    assert money(-1_500_000) == "-1.500000"


def test_a_replaced_order_counts_what_it_has_left(desk: Desk) -> None:
    venue = Venue("A", 0, dedupes=True)
    old = venue.submit(permit("x", -10), desk.now)
    venue.fill(old, 3, 1_000_000, desk.now)
    new = venue.replace({**permit("x-r1", -10), "broker_order_id": old.order_id}, desk.now)
    assert (old.status, old.left, new.left, new.replaces) == ("replaced", 0, 7, old.order_id)


def test_the_same_key_counts_the_same_numbers() -> None:
    drawn = [[Chance("a", 1).draw() for _ in range(2)], [Chance("a", 2).draw() for _ in range(2)]]
    assert drawn[0][0] == drawn[0][1] != drawn[1][0]
    assert {Chance("b", n).between(3, 5) for n in range(50)} == {3, 4, 5}


def test_what_is_left_of_a_life_still_fails() -> None:
    assert shrink(range(40), lambda left: {3, 17, 38} <= set(left)) == [3, 17, 38]
    assert shrink([1], lambda _: True) == []


def test_the_command_lives_seeds_and_writes_the_ledger(tmp_path: Path) -> None:
    ledger = tmp_path / "seeds.csv"
    words = ["simulate", "--seed", "3", "--seeds", "2", "--steps", "4", "--jobs", "2"]
    words += ["--ledger", str(ledger)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1].startswith("2 seeds, ")
    (row,) = csv.DictReader(ledger.open())
    assert (row["first_seed"], row["last_seed"], row["violations"]) == ("3", "4", "0")


def test_the_command_ends_with_4_at_a_violation_and_with_2_at_a_word_it_does_not_know() -> None:
    found = "by_hand:1 work:1 round_of_all:1 round_of_all:2"
    for play, code in ((found, 4), ("no_such_word:1", 2)):
        done = CliRunner().invoke(main, ["simulate", "--canary", "--play", play])
        assert done.exit_code == code, done.output


def test_the_ledger_of_seeds_says_what_was_lived_and_how_it_ended() -> None:
    rows = list(csv.DictReader((ROOT / "tests" / "seeds.csv").open()))
    assert rows
    assert all(tuple(row) == COLUMNS for row in rows)
    for row in rows:
        lives = int(row["last_seed"]) - int(row["first_seed"]) + 1
        assert 0 <= int(row["violations"]) <= lives
        assert int(row["calls"]) > 50 * lives
