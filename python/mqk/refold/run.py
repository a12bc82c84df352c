"""What a run decided, asked of its broker and booked: the tables of strat, risk, oms, recon and ledger."""

from datetime import timedelta
from decimal import Decimal

from .book import Book
from .state import State
from .text import Row, derive, iso, when


def micros(value: int | str | None) -> int | None:
    """A price of a target."""
    return None if value is None else int(Decimal(str(value)))


class Run(State):
    """The rest of a run's state."""

    def on_targets_decided(self, p: Row) -> None:
        base = {
            "run_id": self.id,
            "strategy_id": p["strategy_id"],
            "bar_end_at": iso(p["bar_end_at"]),
        }
        self.put("strat.decisions", base | {
            "context_sha256": p["context_sha256"], "decided_at": self.at})  # fmt: skip
        for symbol in self.symbols:
            wish = p["targets"].get(symbol) or 0
            wish = wish if isinstance(wish, dict) else {"qty": wish}
            self.put("strat.targets", base | {
                "symbol": symbol, "target_qty": int(Decimal(str(wish["qty"]))),
                "order_type": wish.get("order_type") or "MARKET",
                "limit_price_micros": micros(wish.get("limit_price_micros")),
                "stop_price_micros": micros(wish.get("stop_price_micros"))})  # fmt: skip

    def on_order_allow(self, p: Row, verdict: str = "ALLOW") -> None:
        self.put("risk.decisions", p | {
            "run_id": self.id, "verdict": verdict, "decided_at": self.said})  # fmt: skip

    def on_order_deny(self, p: Row) -> None:
        self.on_order_allow(p, "DENY")

    def enqueue(self, p: Row, kind: str) -> None:
        """A new request, of a new order or of an old one."""
        name, is_order = p["client_order_id"], kind == "ORDER"
        if is_order:
            stop = p["stop_price_micros"]
            row = {k: p[k] for k in ("intent_id", "client_order_id", "symbol", "order_qty")} | {
                "run_id": self.id, "order_id": derive("order", self.id, p["intent_id"]),
                "account_id": self.terms["account_id"], "limit_price_micros": p.get("limit_price_micros"),
                "order_type": p.get("order_type") or ("STOP" if stop else "MARKET"),
                "time_in_force": "GTC" if stop and "order_type" not in p else "DAY",
                "stop_price_micros": stop, "status_seq": 0, "created_at": self.said}  # fmt: skip
            self.orders[name] = row
            self.on_order({
                "client_order_id": name, "working_qty": abs(p["order_qty"]), "gap_qty": 0,
                "pending_op": "NONE", "reason": "enqueued"}, "NEW")  # fmt: skip
        expires = p.get("expires_at") or when(self.said) + timedelta(days=1)
        is_halted = is_order and self.run["run_status"] == "HALTED"
        self.put("oms.outbox", {
            "run_id": self.id, "outbox_id": p["outbox_id"], "not_before_at": None,
            "order_id": self.orders[name]["order_id"], "request_kind": "SUBMIT" if is_order else kind,
            "lane": "REDUCING" if is_halted else "GATED", "status_seq": 0, "claimed_at": None,
            "stop_price_micros": None if is_order else p.get("stop_price_micros"),
            "expires_at": iso(expires), "enqueued_at": self.said})  # fmt: skip
        self.on_outbox(p | {"reason": p.get("reason", "enqueued")[:300]}, "PENDING")

    def on_order(self, p: Row, status: str) -> None:
        """An order's status as it was told; how much is filled, as the books have it."""
        row = self.orders[p["client_order_id"]]
        last = row.get("order_status", "NONE")
        moved_at = max(row.get("moved_at", self.said), self.said, key=when)
        now = {k: p[k] for k in ("working_qty", "gap_qty", "pending_op")}
        now["cum_qty"] = self.filled.get(p["client_order_id"], 0)
        row.update(now, order_status=status, status_seq=row["status_seq"] + 1, moved_at=moved_at)
        self.put("oms.orders", {k: v for k, v in row.items() if k != "moved_at"})
        self.put("oms.order_history", now | {
            "run_id": self.id, "order_id": row["order_id"], "history_seq": row["status_seq"],
            "from_status": last, "to_status": status, "reason": p["reason"],
            "moved_at": moved_at})  # fmt: skip
        if status == "REJECTED" and row["order_id"] not in self.rejected:
            self.rejected.append(row["order_id"])
            self.put("risk.rejects", {
                "run_id": self.id, "reject_seq": len(self.rejected), "reference": row["order_id"],
                "rejected_at": self.at})  # fmt: skip

    def on_outbox(self, p: Row, status: str) -> None:
        row, name = self.tables["oms.outbox"][str(p["outbox_id"])], p["outbox_id"]
        last, seq = row.get("outbox_status", "NONE"), row["status_seq"] + 1
        moved_at = max(self.moved.get(name, self.said), self.said, key=when)
        self.moved[name] = moved_at
        is_taken = status in ("CLAIMED", "DISPATCHING")
        row.update(
            outbox_status=status, status_seq=seq, claimed_by=p.get("worker") if is_taken else None,
            claimed_at=(row["claimed_at"] or self.said) if is_taken else None)  # fmt: skip
        self.put("oms.outbox_history", {
            "run_id": self.id, "outbox_id": name, "history_seq": seq, "from_status": last,
            "to_status": status, "actor": self.actor, "reason": p["reason"],
            "moved_at": moved_at})  # fmt: skip

    def on_request_held(self, p: Row) -> None:
        self.tables["oms.outbox"][str(p["outbox_id"])]["not_before_at"] = iso(p["not_before_at"])

    def on_target(self, p: Row, outcome: str) -> None:
        base = {"strategy_id": p["strategy_id"], "bar_end_at": iso(p["bar_end_at"]),
                "symbol": p["symbol"]}  # fmt: skip
        key = " ".join(base.values())
        row = self.tables["oms.deferrals"].get(key) or base | {
            "run_id": self.id, "deferred_at": self.said,
            "stop_id": self.orders[p["stop"]]["order_id"]}  # fmt: skip
        self.put("oms.deferrals", row | {"outcome": outcome})

    def on_message(self, p: Row, disposition: str) -> None:
        same = ("inbox_id", "broker_message_id", "raw_sha256", "reason", "fill_seq")
        self.put("oms.inbox", {k: p[k] for k in same} | {
            "run_id": self.id, "event_kind": p["event"], "disposition": disposition})  # fmt: skip

    def on_compared(self, p: Row, _verdict: str) -> None:
        same = ("snapshot_seq", "result_sha256")
        self.put("recon.comparisons", {k: p[k] for k in same} | {
            "run_id": self.id, "compared_at": self.at})  # fmt: skip

    def on_snapshot_refused(self, p: Row) -> None:
        self.refused += 1
        self.put("recon.refusals", p | {
            "run_id": self.id, "refusal_seq": self.refused, "refused_at": self.at})  # fmt: skip

    def on_fill_booked(self, p: Row) -> None:
        same = ("fill_seq", "execution_id", "client_order_id", "symbol", "fill_qty", "price_micros",
                "fee_micros", "is_late", "reverses_seq", "corrects_seq")  # fmt: skip
        fill = {k: p[k] for k in same} | {
            "run_id": self.id, "account_id": self.terms["account_id"],
            "executed_at": iso(p["executed_at"]), "booked_at": self.said}  # fmt: skip
        self.put("ledger.fills", fill)
        cash = -fill["fill_qty"] * fill["price_micros"] - fill["fee_micros"]
        kind, sign = ("REVERSAL", -1) if fill["reverses_seq"] else ("FILL", 1)
        name = fill["client_order_id"]
        self.filled[name] = self.filled.get(name, 0) + sign * abs(fill["fill_qty"])
        self.book(kind, fill, None, cash=cash, fee=fill["fee_micros"])

    on_reversal_booked = on_correction_booked = on_fill_booked

    def on_action_applied(self, p: Row) -> None:
        same = ("adjustment_seq", "action_id", "symbol", "action_kind", "ratio_num", "ratio_den",
                "amount_micros", "reference_micros", "held_qty")  # fmt: skip
        row = {k: p[k] for k in same} | {
            "run_id": self.id, "effective_at": iso(p["effective_at"]), "applied_at": self.said}  # fmt: skip
        self.put("ledger.adjustments", row)
        self.actions[p["action_id"]] = row
        if p["action_kind"] == "SPLIT":
            self.book("SPLIT", None, row)

    def on_dividend_booked(self, p: Row) -> None:
        row = self.actions[p["action_id"]]
        paid = row["held_qty"] * row["amount_micros"]
        self.enter("DIVIDEND", None, row, cash=paid, income=paid)

    def on_portfolio_opened(self, p: Row) -> None:
        self.enter("DEPOSIT", None, None, deposit=p["cash_micros"], cash=p["cash_micros"])

    def book(
        self, kind: str, fill: Row | None, split: Row | None, cash: int = 0, fee: int = 0
    ) -> None:
        """A fill or a split: lots, position, entry."""
        symbol = (fill or split or {})["symbol"]
        book = self.books.setdefault(symbol, Book(self.put))
        qty, cost, realized, lieu = book.take(fill, split)
        self.put("ledger.positions", {
            "run_id": self.id, "symbol": symbol, "match_no": book.match_no, "position_qty": book.qty,
            "cost_micros": book.cost, "realized_micros": book.realized,
            "changed_at": self.said})  # fmt: skip
        self.enter(kind, fill, split, qty, cash=cash + lieu, cost=cost, realized=realized, fee=fee)

    def enter(
        self, kind: str, fill: Row | None, action: Row | None, qty: int = 0, **deltas: int
    ) -> None:
        """An entry and the balances after it."""
        self.entries += 1
        sums = {}
        for name in self.sums:
            self.sums[name] += deltas.get(name, 0)
            plural = {"deposit": "deposits", "fee": "fees"}.get(name, name)
            sums[f"{plural}_micros"] = self.sums[name]
        changes = {f"{name}_delta_micros": deltas.get(name, 0) for name in self.sums}
        base = {"run_id": self.id, "entry_seq": self.entries} | sums
        self.put("ledger.portfolios", base)
        self.put("ledger.entries", base | changes | {
            "entry_kind": kind, "symbol": (fill or action or {}).get("symbol"),
            "qty_delta": qty, "booked_at": self.said,
            "fill_seq": fill and fill["fill_seq"],
            "adjustment_seq": action and action["adjustment_seq"]})  # fmt: skip
