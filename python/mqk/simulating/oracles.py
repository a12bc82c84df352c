"""Who judges without believing the desk: from what went over the line and from the venue's ledger.

Nothing here reads a verdict of the database to say what it should have been, but for `look`, the plain
rows of books and run, which is what is judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mqk.simulating.desk import Desk

BEATING = ("broker_events", "gateway", "snapshots")
CASH_TOLERANCE = 10_000  # micros


class Oracles:
    """Follows one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.is_armed = False  # a person has armed and begun, and nothing has halted since
        self.is_whole = False  # the last word on the stream was LIVE
        self.clean_until: datetime | None = None  # how long the last agreement counts
        self.beats: dict[str, datetime] = {}
        self.holders: dict[str, tuple[int, datetime]] = {}  # kind -> epoch, end of its lease
        self.flattens = False
        self.grants = 0
        self.permits: Counter[str] = Counter()
        self.taken_before: set[str] = set()
        self.verdicts: Counter[str] = Counter()

    def begin(self) -> None:
        """The run is there."""
        self.desk.link.watch = self.watch

    def see(self, door: str, args: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
        """A call that was answered."""
        if seen := getattr(self, "_" + door.replace(".", "_"), None):
            seen(args, rows)

    # What changes what may be sent.

    def _api_run_begin(self, _: Any, rows: list[dict[str, Any]]) -> None:
        self.is_armed = self.is_armed or rows[0]["outcome"] == "DONE"
        self.flattens = self.flattens and not self.is_armed

    def _api_run_halt(self, _: Any, rows: list[dict[str, Any]]) -> None:
        self.is_armed = self.is_armed and rows[0]["outcome"] != "DONE"

    _api_run_stop = _api_run_halt

    def _api_run_flatten(self, _: Any, rows: list[dict[str, Any]]) -> None:
        self.is_armed = self.is_armed and rows[0]["outcome"] != "DONE"

    def _io_halt_run(self, _: Any, __: Any) -> None:
        self.is_armed = False

    def _io_expire_deadmen(self, _: Any, rows: list[dict[str, Any]]) -> None:
        self.is_armed = self.is_armed and not rows

    def _io_set_continuity(self, args: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
        self.is_whole = args["continuity"] == "LIVE" and not rows

    def _io_receive_messages(self, _: Any, rows: list[dict[str, Any]]) -> None:
        doubted = [row["reason"] for row in rows if row["disposition"] == "QUARANTINED"]
        if doubted and self.desk.status in ("ARMED", "RUNNING"):
            self.desk.say(f"QUARANTINE: {doubted}, and the run goes on")

    def _io_submit_snapshot(self, _: Any, rows: list[dict[str, Any]]) -> None:
        verdict = rows[0]["verdict"]
        self.verdicts[verdict] += 1
        if verdict == "CLEAN":
            ttl = timedelta(seconds=self.desk.terms.gate_ttl_seconds)
            self.clean_until = self.desk.now + ttl
            self.compare_books()
        elif verdict == "DIRTY":
            self.clean_until, self.is_armed = None, False

    def _io_record_heartbeat(self, args: Mapping[str, Any], _: Any) -> None:
        self.beats[str(args["worker_kind"])] = self.desk.now

    def _io_acquire_lease(self, args: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
        row, kind = rows[0], str(args["worker_kind"])
        if not row["is_leader"]:
            return
        held = self.holders.get(kind)
        if held and row["lease_epoch"] > held[0] and self.desk.now < held[1]:
            self.desk.say(f"LEASE: {kind} epoch {row['lease_epoch']} before {held[0]} had ended")
        ttl = timedelta(seconds=self.desk.terms.lease_seconds)
        self.holders[kind] = (row["lease_epoch"], self.desk.now + ttl)

    def _io_release_lease(self, args: Mapping[str, Any], _: Any) -> None:
        self.holders.pop(str(args["worker_kind"]), None)

    # What is judged.

    def _io_begin_dispatch(self, args: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
        if not rows or not rows[0]["is_granted"]:
            if rows and not rows[0]["reason"]:
                self.desk.say("REFUSAL: a dispatch was refused without a reason")
            return
        self.grants += 1
        held = self.holders.get("gateway")
        if held is None or held[0] != args["lease_epoch"]:
            self.desk.say(f"LEASE: granted to epoch {args['lease_epoch']}, {held} leads")

    def watch(self, kind: str, permit: Mapping[str, Any]) -> None:
        """A request goes out: was it allowed to, by what was seen from outside?"""
        if kind != "SUBMIT":
            return
        name = str(permit["client_order_id"])
        if name in self.desk.venue.taken:
            self.desk.say(f"DOUBLE: {name} is sent, and the broker has it")
        seen = self.desk.look()
        if seen["status"] == "HALTED":
            self._watch_reducing(name, permit, seen)
        else:
            self._watch_armed(name, seen)
        qty, held = int(permit["order_qty"]), int(seen["positions"].get(permit["symbol"], 0))
        reduces = qty * held < 0 and abs(qty) <= abs(held)
        if abs(qty) > self.desk.terms.max_order_qty and not reduces:
            self.desk.say(f"LIMIT: {name} for {qty} shares while {held} are held")
        self._watch_short(name, permit)

    def _watch_armed(self, name: str, seen: Mapping[str, Any]) -> None:
        now, ttl = self.desk.now, timedelta(seconds=432_000)
        wrong = {
            "not armed": not self.is_armed,
            f"the run is {seen['status']}": seen["status"] != "RUNNING",
            "the stream is not whole": not self.is_whole,
            "no clean reconcile": self.clean_until is None or self.clean_until <= now,
            "no heartbeat": any(k not in self.beats or self.beats[k] + ttl <= now for k in BEATING),
        }
        for gate, g in seen["shut"].items():
            expired = g["expires"] is not None and datetime.fromisoformat(g["expires"]) <= now
            wrong[f"gate {gate} is shut"] = not g["open"] or (expired and gate != "DEADMAN")
        for why in [words for words, is_so in wrong.items() if is_so]:
            self.desk.say(f"GRANT: {name} is sent while {why}")

    def _watch_reducing(
        self, name: str, permit: Mapping[str, Any], seen: Mapping[str, Any]
    ) -> None:
        held, qty = int(seen["positions"].get(permit["symbol"], 0)), int(permit["order_qty"])
        if held * qty >= 0 or abs(qty) > abs(held):
            self.desk.say(f"HALTED: {name} sends {qty} while {held} are held and the run is halted")

    def _watch_short(self, name: str, permit: Mapping[str, Any]) -> None:
        """No share is sold that is not there, unless the desk could not know."""
        desk, qty = self.desk, int(permit["order_qty"])
        symbol = str(permit["symbol"])
        busted = any(not e.stands for e in desk.venue.executions)
        if qty > 0 or desk.is_foreign or busted or not desk.link.is_whole:
            return
        heard = desk.look()["positions"].get(symbol, 0) == desk.venue.positions.get(symbol, 0)
        selling = sum(o.left for o in desk.venue.working(symbol) if o.sign < 0)
        if heard and desk.venue.positions.get(symbol, 0) - selling + qty < 0:
            desk.say(
                f"SHORT: {name} sells {-qty} {symbol} of {desk.venue.positions}, {selling} sold"
            )

    def compare_books(self) -> None:
        """A verdict CLEAN: shares and cash are the venue's."""
        seen, venue = self.desk.look(), self.desk.venue
        document = self.desk.link.frozen
        theirs = {s: q for s, q in venue.positions.items() if q}
        if document is None and seen["positions"] != theirs:
            self.desk.say(f"CLEAN: we hold {seen['positions']}, the broker {theirs}")
        if document is None and abs(seen["cash"] - venue.cash_micros) > CASH_TOLERANCE:
            self.desk.say(f"CLEAN: our cash is {seen['cash']}, the broker's {venue.cash_micros}")

    def judge_venue(self) -> None:
        """No name was taken twice, ever."""
        for name, times in self.desk.venue.taken.items():
            if times > 1:
                self.desk.say(f"DOUBLE: the broker took {name} {times} times")

    def judge_rest(self, seen: Mapping[str, Any]) -> None:
        """At rest: every order that the venue took is mapped, and each share of it booked."""
        desk = self.desk
        mapped = set(seen["mapped"])
        for order in desk.venue.orders.values():
            if order.name.startswith("SIM_") and order.order_id not in mapped:
                desk.say(f"STRANGER: {order.name} {order.order_id} is not mapped")
        for name, row in seen["orders"].items():
            done = sum(e.qty for e in desk.venue.executions
                       if e.stands and e.order.name.split("-r")[0] == name)  # fmt: skip
            if row["cum"] != done:
                desk.say(f"FILLS: {name} has {row['cum']} shares, the broker executed {done}")
