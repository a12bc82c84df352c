"""Corporate actions for tests: announce them, and see what they made of the books."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from kit import Desk

SHA = "0" * 64


def row(desk: Desk, session: int, **terms: Any) -> dict[str, Any]:
    """One row as a file would give it: ratio='2:1', or amount='0.5' and paid=<session>."""
    paid = terms.pop("paid", None)
    made = {
        "line_no": 2,
        "symbol": "AAA",
        "action_kind": "CASH_DIVIDEND" if "amount" in terms else "SPLIT",
        "ex_on": desk.days[session].isoformat(),
        "ratio": None,
        "amount": None,
        "record_on": None,
        "pay_on": desk.days[paid].isoformat() if paid is not None else None,
        "announced_at": desk.now.isoformat(),
        "cancels": None,
    }
    return {**made, **terms}


def announce(desk: Desk, session: int, **terms: Any) -> Any:
    """Announce one action of AAA; give its id."""
    (made,) = desk.call(
        "api.md_load_actions",
        source="csv:test",
        source_sha256=SHA,
        rows=[row(desk, session, **terms)],
        now_at=desk.now,
    )
    return made["action_id"]


def midnight(day: date) -> datetime:
    """When an action of that ex session takes effect: the made-up exchange is in UTC."""
    return datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00")


def lots(desk: Desk, symbol: str = "AAA") -> list[tuple[int, int]]:
    """Open lots as (shares, cost in micros), oldest first."""
    rows = desk.sql(
        "select l.open_qty, l.open_cost_micros from ledger.lots as l"
        " join ledger.positions as p using (run_id, symbol, match_no)"
        " where l.symbol = %s and l.open_qty <> 0 order by l.queue_no",
        symbol,
    )
    return [(r["open_qty"], r["open_cost_micros"]) for r in rows]


def books(desk: Desk) -> dict[str, Any]:
    """The portfolio's balances."""
    return desk.sql("select * from ledger.portfolios where run_id = %s", desk.run_id)[0]


def held(desk: Desk, symbol: str = "AAA") -> int:
    """Shares held."""
    return int(
        desk.value("ledger.get_position_qty", run_id=desk.run_id, symbol=symbol),
    )
