"""One symbol's lots, first in, first out, through fills, reversals and splits."""

from collections.abc import Callable

from .text import Row, divide, when


class Book:
    """One symbol: its fills and splits, and lots matched first in, first out."""

    def __init__(self, put: Callable[[str, Row], None]) -> None:
        self.put = put
        self.fills: dict[int, Row] = {}
        self.splits: list[Row] = []
        self.lots: list[Row] = []
        self.match_no = self.qty = self.cost = self.realized = self.lieu = 0

    def take(self, fill: Row | None, split: Row | None) -> list[int]:
        """Book a fill or a split; give what it changed: shares, cost, profit, cash in lieu."""
        before = (self.qty, self.cost, self.realized, self.lieu)
        is_newest = fill is not None and not fill["reverses_seq"] and self.is_newest(fill)
        if fill and fill["reverses_seq"]:
            del self.fills[fill["reverses_seq"]]
        elif fill:
            self.fills[fill["fill_seq"]] = fill
        self.splits += [split] if split else []
        if fill and is_newest:
            self.match_no = self.match_no or 1
            self.match(fill, fill["fill_seq"])
        else:
            self.match_no, self.lots, self.realized, self.lieu = self.match_no + 1, [], 0, 0
            line = [(when(s["effective_at"]), 0, s["action_id"], s) for s in self.splits]
            line += [(when(f["executed_at"]), 1, f["execution_id"], f) for f in self.fills.values()]
            nth = 0
            for _, is_fill, _, it in sorted(line, key=lambda x: x[:3]):
                nth += is_fill
                self.match(it, nth) if is_fill else self.split(it)
        self.qty = sum(lot["open_qty"] for lot in self.lots)
        self.cost = sum(lot["open_cost_micros"] for lot in self.lots)
        after = (self.qty, self.cost, self.realized, self.lieu)
        return [a - b for a, b in zip(after, before, strict=True)]

    def is_newest(self, fill: Row) -> bool:
        me = (when(fill["executed_at"]), fill["execution_id"].encode())
        others = [(when(f["executed_at"]), f["execution_id"].encode()) for f in self.fills.values()]
        return all(o < me for o in others) and all(
            when(s["effective_at"]) <= me[0] for s in self.splits
        )

    def match(self, fill: Row, queue_no: int) -> None:
        """Close the oldest lots of the other side, open one with what is left."""
        left, price = fill["fill_qty"], fill["price_micros"]
        base = {k: fill[k] for k in ("run_id", "symbol")} | {"match_no": self.match_no}
        for lot in self.lots:
            if left and lot["open_qty"] * left < 0:
                part = min(abs(lot["open_qty"]), abs(left)) * (1 if left < 0 else -1)
                cost = divide(lot["open_cost_micros"] * part, lot["open_qty"])
                same = (
                    "lot_seq",
                    "entry_price_micros",
                    "split_seq",
                    "open_qty",
                    "open_cost_micros",
                )
                self.put("ledger.lot_closes", base | {k: lot[k] for k in same} | {
                    "fill_seq": fill["fill_seq"], "fill_queue_no": queue_no,
                    "lot_queue_no": lot["queue_no"], "closed_qty": part, "exit_price_micros": price,
                    "closed_at": fill["booked_at"]})  # fmt: skip
                self.realized += part * price - cost
                lot["open_qty"] -= part
                lot["open_cost_micros"] -= cost
                left += part
        if left:
            lot = base | {
                "lot_seq": fill["fill_seq"], "queue_no": queue_no, "opened_qty": left, "open_qty": left,
                "entry_price_micros": price, "open_cost_micros": left * price, "split_qty": 0,
                "split_seq": None, "opened_at": fill["booked_at"]}  # fmt: skip
            self.put("ledger.lots", lot)
            self.lots.append(lot)
        self.lots = [lot for lot in self.lots if lot["open_qty"]]

    def split(self, s: Row) -> None:
        """num new shares for den old: whole ones by the largest remainder; the cost stays with the lot."""
        num, den, held = s["ratio_num"], s["ratio_den"], sum(lot["open_qty"] for lot in self.lots)
        exact = [abs(lot["open_qty"]) * num for lot in self.lots]
        rank = sorted(range(len(exact)), key=lambda n: (-(exact[n] % den), n))
        extra = sum(exact) // den - sum(x // den for x in exact)
        qty = [x // den + (n in rank[:extra]) for n, x in enumerate(exact)]
        cost = [abs(lot["open_cost_micros"]) for lot in self.lots]
        kept = [c if q * den >= x else -(-c * q * den // x)
                for c, q, x in zip(cost, qty, exact, strict=True)]  # fmt: skip
        pool, gained, spent = sum(cost) - sum(kept), 0, 0
        lost = sum(max(x - q * den, 0) for x, q in zip(exact, qty, strict=True))
        base = {k: s[k] for k in ("run_id", "symbol", "adjustment_seq")} | {
            "match_no": self.match_no
        }
        for lot, q, x, k in zip(self.lots, qty, exact, kept, strict=True):
            gained += max(q * den - x, 0)
            share = pool * gained // lost if lost else 0
            to_cost, spent = k + share - spent, share
            side = 1 if lot["open_qty"] > 0 else -1
            old = lot["open_qty"], lot["open_cost_micros"]
            lot["open_qty"], lot["open_cost_micros"] = side * q, side * to_cost
            lot["split_qty"] += lot["open_qty"] - old[0]
            lot["split_seq"] = s["adjustment_seq"]
            self.put("ledger.lot_splits", base | {
                "lot_seq": lot["lot_seq"], "from_qty": old[0], "to_qty": lot["open_qty"],
                "from_cost_micros": old[1], "to_cost_micros": lot["open_cost_micros"]})  # fmt: skip
        rest = abs(held * num) % den * (1 if held > 0 else -1)
        cash = rest * s["reference_micros"] // num if rest else 0
        given = sum(c for c in cost) * (1 if held > 0 else -1) - sum(
            lot["open_cost_micros"] for lot in self.lots)  # fmt: skip
        terms = {k: s[k] for k in ("ratio_num", "ratio_den", "reference_micros")}
        self.put("ledger.splits", base | terms | {"held_qty": held, "cost_micros": given})
        self.realized, self.lieu = self.realized + cash - given, self.lieu + cash
        self.lots = [lot for lot in self.lots if lot["open_qty"]]
