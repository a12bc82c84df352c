"""The state of a run from its diary, event by event; each table a dict of rows by key."""

from datetime import UTC, datetime, timedelta

from .book import Book
from .text import Row, iso, sha256, when

KEYS = {
    "audit.chains": "chain_id", "ledger.adjustments": "adjustment_seq", "ledger.entries": "entry_seq",
    "ledger.fills": "fill_seq", "ledger.lot_closes": "symbol match_no fill_seq lot_seq",
    "ledger.lot_splits": "symbol match_no adjustment_seq lot_seq",
    "ledger.lots": "symbol match_no lot_seq", "ledger.portfolios": "run_id",
    "ledger.positions": "symbol", "ledger.splits": "symbol match_no adjustment_seq",
    "oms.deferrals": "strategy_id bar_end_at symbol", "oms.inbox": "inbox_id",
    "oms.order_history": "order_id history_seq", "oms.orders": "order_id", "oms.outbox": "outbox_id",
    "oms.outbox_history": "outbox_id history_seq", "recon.comparisons": "snapshot_seq",
    "recon.refusals": "refusal_seq", "risk.decisions": "intent_id", "risk.flattens": "halted_seq",
    "risk.limits": "run_id", "risk.rejects": "reject_seq", "risk.states": "run_id",
    "run.approvals": "approved_by approved_at", "run.gate_history": "gate gate_seq",
    "run.gates": "gate", "run.lease_history": "worker_kind lease_epoch",
    "run.run_history": "history_seq", "run.runs": "run_id", "run.trips": "trip_seq",
    "run.universe": "symbol", "run.workers": "worker_kind",
    "strat.decisions": "strategy_id bar_end_at", "strat.targets": "strategy_id bar_end_at symbol",
}  # fmt: skip
BALANCES = ("deposit", "cash", "cost", "realized", "fee", "income")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOVES = ("RUN_CREATED", "RUN_ARMED", "RUN_RUNNING", "RUN_STOPPED", "RUN_HALTED")


def find_break(events: list[Row]) -> int | None:
    """The first event at which the diary's chain does not hold, or None."""
    before = None
    for nth, e in enumerate(events, 1):
        times = [(when(e[key]) - EPOCH) // timedelta(microseconds=1)
                 for key in ("occurred_at", "reported_at")]  # fmt: skip
        named = (e["chain_id"], e["event_seq"], e["prev_hash"], *times, e["actor"], e["topic"])
        text = "\n".join(map(str, ("mqk.audit.v1", *named, e["event_name"], e["payload"])))
        if e["event_seq"] != nth or e["event_hash"] != sha256(text):
            return nth
        if before not in (None, e["prev_hash"]):
            return nth
        before = e["event_hash"]
    return None


class State:
    """What the events so far have made of a run."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Row]] = {name: {} for name in KEYS}
        self.books: dict[str | None, Book] = {}
        self.filled: dict[str, int] = {}
        self.sums = dict.fromkeys(BALANCES, 0)
        self.orders: dict[str, Row] = {}
        self.moved: dict[int, str] = {}
        self.actions: dict[str, Row] = {}
        self.rejected: list[str] = []
        self.run: Row = {}
        self.entries = self.refused = self.trips = 0
        self.root = ""

    def put(self, table: str, row: Row) -> None:
        """Store a row, or the newer one of its key."""
        key = " ".join(str(row[k]) for k in KEYS[table].split())
        self.tables[table][key] = row

    def take(self, e: Row) -> None:
        """One event: its topic and name say which tables it changes."""
        p, name = e["data"], e["event_name"]
        self.id, self.at, self.said = e["chain_id"], iso(e["occurred_at"]), iso(e["reported_at"])
        self.actor, self.seq = e["actor"], e["event_seq"]
        if name in MOVES:
            self.move_run(name[4:], p)
        first, _, rest = name.lower().partition("_")
        if take := getattr(self, f"on_{name.lower()}", None):
            take(p)
        elif rest == "enqueued":
            self.enqueue(p, first.upper())
        elif first in ("order", "outbox") and e["topic"] != "OMS":
            raise ValueError(f"event {self.seq}: nobody knows {e['topic']} {name}")
        elif take := getattr(self, f"on_{first}", None):
            take(p, rest.upper())
        chain = {"chain_id": self.id, "run_id": self.id, "last_seq": self.seq, "last_at": self.at}
        chain["root_hash"] = self.root = e["prev_hash"] if self.seq == 1 else self.root
        self.put("audit.chains", chain | {"last_hash": e["event_hash"]})

    def enqueue(self, p: Row, kind: str) -> None:
        """A request; see Run."""
        raise NotImplementedError

    def move_run(self, status: str, p: Row) -> None:
        last = self.run.get("run_status")
        if status == "CREATED":
            self.terms = {k: v for k, v in p.items() if k not in ("symbols", "as_of_at")}
            self.symbols = p["symbols"]
            self.run = self.terms | {
                "run_id": self.id, "as_of_at": iso(p["as_of_at"]), "created_by": self.actor,
                "created_at": self.said, "status_seq": 0, "armed_epoch": 0}  # fmt: skip
            for symbol in p["symbols"]:
                self.put("run.universe", {"run_id": self.id, "symbol": symbol})
        self.run["run_status"], self.run["status_seq"] = status, self.run["status_seq"] + 1
        self.run["armed_epoch"] += status == "ARMED"
        self.before = last
        self.put("run.runs", self.run)
        self.put("run.run_history", {
            "run_id": self.id, "history_seq": self.run["status_seq"], "from_status": last or "NEW",
            "to_status": status, "reason": p.get("reason", "created"), "actor": self.actor,
            "moved_at": self.at if last else self.said})  # fmt: skip

    def on_run_approved(self, p: Row) -> None:
        self.put("run.approvals", {
            "run_id": self.id, "approved_by": self.actor, "words": p["words"],
            "approved_at": self.at})  # fmt: skip

    def on_worker_registered(self, p: Row) -> None:
        self.put("run.workers", p | {
            "run_id": self.id, "actor": self.actor, "registered_at": self.at})  # fmt: skip

    def on_lease_taken(self, p: Row) -> None:
        ours = {k: self.terms[k] for k in ("engine_id", "account_id")}
        self.put("run.lease_history", p | ours | {
            "run_id": self.id, "actor": self.actor, "taken_at": self.said})  # fmt: skip

    def on_gate(self, p: Row, verb: str) -> None:
        seq = self.tables["run.gates"].get(p["gate"], {"gate_seq": 0})["gate_seq"] + 1
        row = {"run_id": self.id, "gate": p["gate"], "gate_seq": seq, "is_open": verb == "OPENED"}
        self.put("run.gates", row)
        self.put("run.gate_history", row | {
            "reason": p["reason"], "evidence": p["evidence"], "actor": self.actor,
            "observed_at": self.at})  # fmt: skip

    def on_tripped(self, p: Row) -> None:
        self.trips, halt = self.trips + 1, self.run["status_seq"]
        known = [t for t in self.tables["run.trips"].values() if t["halted_seq"] == halt]
        found = "HALTED" if known else self.before
        self.put("run.trips", {
            "run_id": self.id, "trip_seq": self.trips, "trip_kind": p["trip_kind"],
            "halted_seq": halt, "reason": p["reason"],
            "evidence": (p["evidence"] or {}) | {"found": found}, "actor": self.actor,
            "tripped_at": self.at})  # fmt: skip

    def on_flatten_asked(self, p: Row) -> None:
        self.put("risk.flattens", {
            "run_id": self.id, "halted_seq": p["halted_seq"], "reason": p["reason"],
            "actor": self.actor, "asked_at": self.at, "waits_for": None, "done_at": None})  # fmt: skip

    def on_flatten(self, p: Row, _verb: str) -> None:
        row = self.tables["risk.flattens"][str(p["halted_seq"])]
        row.update(waits_for=p["waits_for"], done_at=None)

    def on_flattened(self, p: Row) -> None:
        row = self.tables["risk.flattens"][str(p["halted_seq"])]
        row.update(waits_for=p["waits_for"], done_at=self.at)

    def on_limits_set(self, p: Row) -> None:
        self.put("risk.limits", p["limits"] | {"run_id": self.id})
        self.begin = {"session_on": p["session_on"], "equity_micros": p["equity_micros"],
                      "gross_micros": 0}  # fmt: skip

    def mark(self, points: list[Row]) -> None:
        """The risk state that the points of the equity make."""
        day = peak = last = self.begin["equity_micros"]
        worst_day = worst_fall = 0
        on = self.begin["session_on"]
        for point in points:
            day = last if point["session_on"] > on else day
            on, last = max(on, point["session_on"]), point["equity_micros"]
            worst_day, peak = max(worst_day, day - last), max(peak, last)
            worst_fall = max(worst_fall, peak - last)
        self.put("risk.states", {
            "run_id": self.id, "session_on": on, "day_start_micros": day, "peak_micros": peak,
            "equity_micros": last, "gross_micros": (points or [self.begin])[-1]["gross_micros"],
            "worst_day_micros": worst_day, "worst_fall_micros": worst_fall})  # fmt: skip
