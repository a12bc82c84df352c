"""Where a desk can be hit, how, and what the broker says meanwhile.

docs/chaos.md tells them in words. Void: C10 (ACK and map are one transaction), C15 and C24 (anchors and
dumps are not part of a desk), C23 (the deployer has tests of its own).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

KILL, TERMINATE, POSTMASTER = "KILL", "TERMINATE", "POSTMASTER"
CUT_REQUEST, CUT_ANSWER = "CUT_REQUEST", "CUT_ANSWER"
ACTIONS = (KILL, TERMINATE, POSTMASTER, CUT_REQUEST, CUT_ANSWER)

# What the broker does with the first order that it is sent, as faults of the simulator.
FAULTS: dict[str, dict[str, object]] = {
    "ACCEPTED": {},
    "REFUSED": {"fault": "refuse", "reason": "buying_power"},
    "TIMEOUT": {"fault": "drop_after"},
    "LOST": {"fault": "drop_before"},
    "SLOW": {"fault": "slow", "delay_ms": 1500},
    "HANGS": {"fault": "hang_after", "delay_ms": 1500},
    "LATE": {"fault": "accept_late", "delay_ms": 3000},
}
ALWAYS = ("ACCEPTED",)
SPOKEN = ("ACCEPTED", "REFUSED", "TIMEOUT", "LOST")
ON_THE_WIRE = ("SLOW", "HANGS", "LATE")


@dataclass(frozen=True)
class Point:
    """A door and a moment. `victim` is a worker or `arm`, `halt` (an operator's command); `door` a function
    of the database or a method of the broker, `*` at its end stands for anything; `lock` the table
    that holds a call up, so that it is hit inside. `scene`: PLAIN, SLICED (an order fills in parts),
    RESTING (orders rest and the run is halted), DOUBT (a gateway has died with an attempt begun).
    """

    name: str
    what: str
    victim: str
    moment: str
    door: str
    lock: str = ""
    answers: tuple[str, ...] = ALWAYS
    scene: str = "PLAIN"
    times: int = 1


P = Point
POINTS = {
    p.name: p
    for p in (
        P("C01", "before the plan", "strategist", "BEFORE", "io.plan_intents"),
        P("C01i", "inside the plan", "strategist", "INSIDE", "io.plan_intents", "oms.outbox"),
        P("C02", "planned", "strategist", "AFTER", "io.plan_intents"),
        P("C03", "inside the claim", "gateway", "INSIDE", "io.claim_outbox", "oms.outbox_history"),
        P("C04", "claimed", "gateway", "AFTER", "io.claim_outbox"),
        P("C05i", "inside the attempt", "gateway", "INSIDE", "io.begin_dispatch", "oms.attempts",
          times=2),
        P("C05", "attempt begun", "gateway", "AFTER", "io.begin_dispatch", "", SPOKEN, times=2),
        P("C06i", "inside the permit", "gateway", "INSIDE", "io.get_permit", "oms.permits", times=2),
        P("C06", "permitted, not sent", "gateway", "AFTER", "io.get_permit", "", SPOKEN, times=2),
        P("C07", "answered, not marked", "gateway", "AFTER", "broker.submit", "", SPOKEN, times=2),
        P("C08", "sent, not answered", "gateway", "INSIDE", "broker.submit", "", ON_THE_WIRE),
        P("C09i", "inside the mark", "gateway", "INSIDE", "io.mark_*", "oms.outbox_history", SPOKEN,
          times=2),
        P("C09", "marked", "gateway", "AFTER", "io.mark_*", "", SPOKEN, times=2),
        P("C11", "heard, not stored", "broker_events", "BEFORE", "io.receive_messages", times=2),
        P("C12", "stored, answer lost", "broker_events", "AFTER", "io.receive_messages", times=2),
        P("C13", "inside the inbox", "broker_events", "INSIDE", "io.receive_messages", "oms.inbox"),
        P("C14", "inside a fill's booking", "broker_events", "INSIDE", "io.receive_messages",
          "ledger.entries", scene="SLICED"),
        P("C16", "inside arm", "arm", "INSIDE", "api.run_arm", "run.run_history"),
        P("C17", "inside halt", "halt", "INSIDE", "api.run_halt", "run.run_history",
          scene="RESTING"),
        P("C18", "halted, cancel not sent", "gateway", "BEFORE", "broker.cancel", scene="RESTING"),
        P("C19", "cancel sent, not marked", "gateway", "AFTER", "broker.cancel", scene="RESTING"),
        P("C20", "snapshot fetched", "snapshots", "BEFORE", "io.submit_snapshot"),
        P("C20i", "inside reconcile", "snapshots", "INSIDE", "io.submit_snapshot",
          "recon.comparisons"),
        P("C21", "inside recovery", "gateway", "INSIDE", "io.list_unresolved", "oms.outbox_history",
          scene="DOUBT"),
        P("C21a", "recovery looked it up", "gateway", "AFTER", "broker.find", scene="DOUBT"),
        P("C22", "inside a miss", "gateway", "INSIDE", "io.record_absence", "oms.absence_misses",
          scene="DOUBT", times=3),
        P("C22a", "absence proven", "gateway", "AFTER", "io.record_absence", scene="DOUBT", times=3),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One crash: a point, an action, an answer, and the seed of what is left open."""

    point: str
    action: str
    answer: str
    seed: int

    @property
    def name(self) -> str:
        """As the command line takes it."""
        return f"{self.point}/{self.action}/{self.answer}"

    @property
    def times(self) -> int:
        """At which arrival at the door it is hit: 1 to the point's `times`; a doubt halts, and then
        nothing arrives a second time.
        """
        halts = self.answer in ("TIMEOUT", "LOST")
        return 1 if halts else 1 + self.seed % POINTS[self.point].times

    @property
    def dedupes(self) -> bool:
        """Whether the broker refuses a name that it has; with one that does not, a double is seen."""
        return self.seed % 4 == 0

    @property
    def is_deaf(self) -> bool:
        """Whether the broker's streams say nothing until the victim was hit: evidence comes late."""
        point = POINTS[self.point]
        return point.scene == "DOUBT" or (point.victim == "gateway" and self.seed % 3 == 0
                                          and point.scene == "PLAIN")  # fmt: skip


def list_cells(seed: int) -> list[Cell]:
    """All of them, in the order of the points."""
    return [
        Cell(point.name, action, answer, seed)
        for point in POINTS.values()
        for action, answer in product(ACTIONS, point.answers)
        if (point.moment, action) != ("INSIDE", CUT_REQUEST)  # there is one way to cut inside
    ]
