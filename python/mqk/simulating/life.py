"""One seed: terms and steps are drawn and lived through, then all is mended and must come to rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mqk.db import call
from mqk.simulating import actions, faults
from mqk.simulating.chance import Chance
from mqk.simulating.desk import KINDS, Desk, Terms
from mqk.simulating.words import ACTIONS, FAULTS, WEIGHTS
from mqk.simulating.world import World

assert actions and faults  # their words are in the alphabet now

STEPS = 40
ROUNDS = 30  # of peace, after which a desk must have come to rest
PATIENCE = 8  # rounds, where a reason is known why it cannot run
REST = ("SENT", "ACKED", "FAILED")


@dataclass(frozen=True)
class Step:
    """A word of the alphabet, and the number that the rest is drawn from."""

    word: str
    number: int

    def __str__(self) -> str:
        return f"{self.word}:{self.number}"


@dataclass
class Life:
    """What became of a seed."""

    seed: int
    steps: Sequence[Step]
    broken: list[str] = field(default_factory=list)
    digest: str = ""
    rest: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def draw_terms(seed: int) -> Terms:
    """What holds for the whole life of a seed."""
    chance = Chance(seed, "terms")
    return Terms(
        stop_bps=chance.pick((0, 500, 1000)),
        lease_seconds=chance.pick((5, 15, 60)),
        gate_ttl_seconds=chance.pick((300, 3600, 432_000)),
        step_bps=chance.pick((100, 300, 900)),
        dedupes=chance.happens(30),
        fee_micros=chance.pick((0, 5000)),
        losses=chance.pick((0, 0, 5, 20)),
        doubles=chance.pick((0, 10, 40)),
        shuffles=chance.happens(40),
        max_order_qty=chance.pick((50, 5000)),
        max_rejects=chance.pick((2, 5)),
        hidden_ms=chance.pick((0, 0, 3000)),
        is_picky=chance.happens(50),
    )


def draw_steps(seed: int, count: int = STEPS) -> list[Step]:
    """The words of a seed, out of the faults that it switches on."""
    chance = Chance(seed, "steps")
    off = {name for name in FAULTS if chance.happens(50)}
    bag = [name for name, weight in WEIGHTS.items() if name not in off for _ in range(weight)]
    return [Step(chance.pick(bag), chance.below(1 << 31)) for _ in range(count)]


def read_steps(text: str) -> list[Step]:
    """Steps as a failing life prints them. Raises ValueError."""
    found = [word.partition(":") for word in text.split()]
    if unknown := [word for word, _, _ in found if word not in ACTIONS]:
        raise ValueError(f"no such step: {unknown[0]}")
    return [Step(word, int(number)) for word, _, number in found]


def live(
    world: World, seed: int, steps: Sequence[Step], *, keeps: bool = False, every: int = 20
) -> Life:
    """Live a seed through these steps; it stops at the first thing that is wrong."""
    life = Life(seed, steps)
    desk = Desk(world, seed, draw_terms(seed), keeps=keeps)
    begin(desk)
    for number, step in enumerate(steps, 1):
        desk.trace.add("step", str(step))
        ACTIONS[step.word](desk, Chance(step.number))
        if number % every == 0:
            judge_promises(desk)
        if desk.broken:
            break
    if not desk.broken:
        life.rest = settle(desk)
    desk.oracles.judge_venue()
    desk.trace.add("heads", desk.look()["heads"])
    life.broken, life.digest, life.lines = desk.broken, desk.trace.digest, desk.trace.lines
    life.counts = {
        "steps": len(steps), "calls": desk.calls.total(), "crashes": desk.switch.crashes,
        "events": len(desk.link.arrived), "orders": len(desk.venue.orders),
        "fills": len(desk.venue.executions), "grants": desk.oracles.grants,
    }  # fmt: skip
    return life


def begin(desk: Desk) -> None:
    """Two sessions of history, workers that have shown themselves, and a run that was armed."""
    desk.close_session()
    desk.close_session()
    for kind in KINDS:
        desk.work(kind)
    desk.link.hidden_ms = desk.terms.hidden_ms
    if desk.arm() != "RUNNING":
        desk.say(f"BEGIN: the run is {desk.status}: {find_shut(desk)}")


def judge_promises(desk: Desk) -> None:
    """Every view of inv, and the diary."""
    for row in call(desk.world.conn, "inv.verify_all"):
        if row["violations"]:
            desk.say(f"PROMISE: {row['invariant']}: {row['first_one']}")
    for row in call(desk.world.conn, "api.audit_verify"):
        if row["finding"]:
            desk.say(f"DIARY: {row['chain_kind']}: {row['finding']}")


def settle(desk: Desk) -> str:
    """No fault any more. Everything must come to rest; give where the run stands, and why."""
    desk.trace.add("peace")
    desk.link.heal()
    desk.market.silent_from = None
    waits = 3 if desk.status == "HALTED" else 0  # rounds in which a halted desk is left alone
    for number in range(ROUNDS):
        desk.wait(desk.terms.lease_seconds * 1000 + 1000 if number == 0 else 6000)
        if number >= waits:
            fill_markets(desk)
        desk.link.heal()
        for kind in (*KINDS, "deadman"):
            desk.work(kind)
        if desk.broken or is_resting(desk) or (number >= PATIENCE and is_excused(desk)):
            break
        if number + 1 < waits:
            continue
        if desk.status == "HALTED":
            judge_halted(desk)
            desk.act("run_clear_halted", run_id=desk.run_id, reason="peace")
        if desk.status in ("STOPPED", "CREATED"):
            desk.arm()
    if not desk.broken:
        judge_promises(desk)
        judge_end(desk)
    return f"{desk.status} after {number + 1}"


def fill_markets(desk: Desk) -> None:
    """Every market order finds its other side."""
    for order in [o for o in desk.venue.working() if o.kind == "MARKET"]:
        price = desk.market.price(order.symbol, desk.session)
        desk.venue.fill(order, order.left, price, desk.now)


def judge_halted(desk: Desk) -> None:
    """No order of a halted desk that was left alone still works, but for stops and flattens."""
    mapped = desk.look()["mapped"]
    for order in desk.venue.working():
        opens = order.sign * desk.venue.positions.get(order.symbol, 0) >= 0
        if order.tif == "DAY" and opens and order.order_id in mapped:
            desk.say(f"HALT: {order.name} still works at the broker, {order.left} shares")


def is_resting(desk: Desk) -> bool:
    """Running, nothing under way, the last snapshot agreed, and nothing more to be heard."""
    seen = desk.look()
    open_rows = {k: n for k, n in seen["outbox"].items() if k not in REST}
    return (
        seen["status"] == "RUNNING" and not open_rows and desk.link.is_whole
        and desk.oracles.clean_until is not None and desk.oracles.is_whole
    )  # fmt: skip


def judge_end(desk: Desk) -> None:
    """At rest, or with a reason that has a name and a cause."""
    seen = desk.look()
    doubt = {
        k: n for k, n in seen["outbox"].items() if k in ("AMBIGUOUS", "DISPATCHING", "CLAIMED")
    }
    if doubt:
        desk.say(f"LIVENESS: {doubt} after {ROUNDS} rounds of peace")
    if not desk.is_foreign:
        desk.oracles.judge_rest(seen)
    if not is_resting(desk) and not is_excused(desk):
        shut = find_shut(desk)
        desk.say(f"LIVENESS: {seen['status']} ({seen['reason']}), {seen['outbox']}, {shut}")


def is_excused(desk: Desk) -> bool:
    """Whether a desk need not run again: somebody traded by hand, or its limits are breached; what was in
    doubt must be settled nevertheless.
    """
    doubts = set(desk.look()["outbox"]) & {"AMBIGUOUS", "DISPATCHING", "CLAIMED"}
    return not doubts and (desk.is_foreign or "gate_risk" in find_shut(desk))


def find_shut(desk: Desk) -> dict[str, Any]:
    """The checks of the preflight that fail."""
    rows = call(desk.world.conn, "api.run_preflight", run_id=desk.run_id, now_at=desk.now)
    return {r["check_name"]: r["detail"] for r in rows if not r["is_ok"]}
