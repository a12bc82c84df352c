"""One cell from its first breath to its verdict."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from chaos.points import KILL, Cell
from chaos.rig import Late, NotHit, Rig, Weaken
from chaos.server import Server
from chaos.verdict import find_violations

HIT_SECONDS = 30.0
REST_SECONDS = 60.0
OPERATORS = ("arm", "halt")
OPEN = "select count(*) = 2 from run.gates where gate in ('RECON', 'CONTINUITY') and is_open"


@dataclass
class Outcome:
    """What came of a cell: was it hit, what was wrong, how the run stood, how long it took."""

    cell: Cell
    is_hit: bool = False
    violations: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    seconds: float = 0.0
    logs: str = ""


def run_cell(server: Server, cell: Cell, number: int, weaken: Weaken = None) -> Outcome:
    """Build the desk, hit it, mend it, let it rest, judge it; twice if the run was halted."""
    outcome, started = Outcome(cell), time.monotonic()
    rig = Rig(server, cell, number, weaken)
    try:
        crash(rig)
        outcome.is_hit = True
        recover(rig, outcome)
        if rig.status != "RUNNING":
            resume(rig, outcome)
            outcome.statuses.append(rig.status)
    except NotHit:
        outcome.violations += find_violations(rig)
    except Late as late:
        outcome.violations.append(f"liveness: {late}")
        outcome.violations += find_violations(rig)
    finally:
        outcome.seconds = time.monotonic() - started
        outcome.logs = "\n".join(
            f"--- {p.name}\n{p.read_text(errors='replace')[-1500:]}"
            for p in sorted(rig.folder.glob("*.log"))
        )
        rig.close()
    return outcome


def crash(rig: Rig, *, waits: bool = True) -> None:
    """Run the desk until its victim is hit. Raises NotHit if that does not come."""
    rig.tell_broker()
    rig.prepare()
    victim = rig.point.victim
    for name in ("broker_events", "snapshots", "deadman"):
        rig.start(name, hit=name == victim)
    rig.introduce("gateway")
    rig.wait_for("the broker is heard and agrees", lambda: rig.one(OPEN), HIT_SECONDS)
    if victim == "arm":
        rig.armed.touch()
        rig.start("arm", hit=True)
        await_mark(rig)
    rig.arm()
    if victim == "gateway" and rig.point.scene == "DOUBT":
        make_doubt(rig)
    else:
        rig.armed.touch()
        for name in ("gateway", "strategist"):
            rig.start(name, hit=name == victim and rig.point.scene != "RESTING")
    if rig.point.scene == "RESTING":
        halt_resting(rig)
    if victim != "arm" and waits:
        await_mark(rig)


def make_doubt(rig: Rig) -> None:
    """A gateway dies once its first order is sent (or just before); the next one is the victim."""
    sent = rig.point.door != "io.record_absence"
    rig.armed.touch()
    rig.env["CHAOS_TIMES"] = "1"
    rig.start("gateway", hit=True, point="C07" if sent else "C06", action=KILL)
    rig.start("strategist")
    rig.wait_for("the first gateway is hit", rig.mark.exists, HIT_SECONDS)
    rig.going.pop("gateway").wait(10)
    rig.mark.unlink()
    rig.env["CHAOS_TIMES"] = str(rig.cell.times)
    rig.start("gateway", hit=True)


def halt_resting(rig: Rig) -> None:
    """Orders rest at the broker, then a person halts; what is hit comes after that."""
    acked = "select count(*) = 2 from oms.outbox where outbox_status = 'ACKED'"
    rig.wait_for("both orders rest", lambda: rig.one(acked), HIT_SECONDS)
    if rig.point.victim == "halt":
        rig.start("halt", hit=True)
        return
    rig.kill("gateway")
    rig.start("gateway", hit=True)
    rig.act("run_halt", run_id=rig.run_id, reason="the campaign")


def await_mark(rig: Rig) -> None:
    """The victim says when it is hit; then it is replaced by one that nobody hits."""
    try:
        rig.wait_for("the victim is hit", rig.mark.exists, HIT_SECONDS)
    except Late as late:
        raise NotHit(str(late)) from None
    time.sleep(0.5)
    victim = rig.point.victim
    rig.kill(victim)
    if victim not in OPERATORS:
        rig.start(victim)


def recover(rig: Rig, outcome: Outcome) -> None:
    """No faults any more: the desk must come to rest by itself, and its books must be right."""
    rig.end_faults()
    if rig.point.victim == "halt" and rig.status != "HALTED":
        rig.act("run_halt", run_id=rig.run_id, reason="the campaign, again")
    planned = "select count(*) from strat.decisions"
    if rig.status == "RUNNING":
        rig.wait_for("a decision", lambda: rig.one(planned) or rig.status == "HALTED", REST_SECONDS)
    rig.wait_for("the desk rests", rig.rests, REST_SECONDS)
    outcome.statuses.append(rig.status)
    outcome.violations += find_violations(rig)


def resume(rig: Rig, outcome: Outcome) -> None:
    """A person clears and arms; what was proven absent goes out again, and the books are right still."""
    rig.arm()
    rig.wait_for("the desk rests again", rig.rests, REST_SECONDS)
    outcome.violations += find_violations(rig)
