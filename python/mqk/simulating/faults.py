"""What goes wrong: in the workers, the database, the link, at the broker, in the market."""

from __future__ import annotations

from datetime import timedelta

from mqk.simulating.actions import BUSY, after, deliver, plan
from mqk.simulating.chance import Chance
from mqk.simulating.desk import LED, Desk
from mqk.simulating.line import MOMENTS
from mqk.simulating.link import FATES
from mqk.simulating.market import DAYS, STOCKS, close_of
from mqk.simulating.words import word

PLACES = (4, 5, 5, 6, 6, 7, 9)  # of a gateway: before claim, begin, permit, mark, the next begin
TABLES = 90  # fault points; a number beyond the last one is none


@word(16, is_fault=True)
def crash(desk: Desk, chance: Chance) -> None:
    """A worker dies at one of the next places that it passes; another machine may take over."""
    kind = chance.pick(BUSY)
    desk.switch.arm(chance.below(14 if kind == "gateway" else 6), chance.pick(MOMENTS))
    desk.work(kind)
    if chance.happens(30) and kind != "marketdata":
        desk.work(kind, 1)


@word(6, is_fault=True)
def crash_sending(desk: Desk, chance: Chance) -> None:
    """A gateway dies on the way of an order that has just been planned."""
    plan(desk, chance)
    desk.switch.arm(chance.between(4, 11), chance.pick(MOMENTS))
    desk.work("gateway")


@word(10, is_fault=True)
def between(desk: Desk, chance: Chance) -> None:
    """Somebody else acts between two calls of a gateway that sends what was just planned."""
    plan(desk, chance)
    acts = {
        "halt": lambda: desk.act("run_halt", run_id=desk.run_id, reason="simulated"),
        "stop": lambda: desk.act("run_stop", run_id=desk.run_id, reason="simulated"),
        "cancel": lambda: desk.act("orders_cancel_all", run_id=desk.run_id, reason="simulated"),
        "late": lambda: desk.wait(2500),
        "other": lambda: take_over(desk, "gateway"),
    }
    named = chance.pick(("halt", "halt", *sorted(acts)))
    desk.switch.interrupt(chance.pick(PLACES), acts[named])
    desk.work("gateway")


def take_over(desk: Desk, kind: str) -> None:
    """The lease ends, and a process on another machine leads."""
    desk.wait(desk.terms.lease_seconds * 1000)
    desk.work(kind, 1)


@word(5, is_fault=True)
def fault_point(desk: Desk, chance: Chance) -> None:
    """Every write into one table fails while a worker ticks."""
    n = chance.below(TABLES)
    desk.set_fault(n)
    desk.work(chance.pick(BUSY))
    desk.set_fault(None)


@word(4, is_fault=True)
def other(desk: Desk, chance: Chance) -> None:
    """A second process of a kind wakes up, or a first one ends in peace."""
    kind = chance.pick(LED)
    if chance.happens(30):
        desk.release(kind, chance.below(2))
    if chance.happens(40):
        desk.wait(desk.terms.lease_seconds * 1000)
    desk.work(kind, 1)


@word(9, is_fault=True)
def fate(desk: Desk, chance: Chance) -> None:
    """The next request meets another end, and a gateway sends it."""
    desk.link.fates = [chance.pick(FATES) for _ in range(chance.between(1, 2))]
    desk.work("gateway")


@word(4, is_fault=True)
def blind(desk: Desk, chance: Chance) -> None:
    """The broker does not answer the next look-ups."""
    desk.link.blind = chance.between(1, 4)
    after(desk, chance, "gateway")


@word(5, is_fault=True)
def gap(desk: Desk, chance: Chance) -> None:
    """The stream knows that it is not whole, or is whole again."""
    desk.link.gap = "" if desk.link.gap else "disconnected"
    if not desk.link.gap:
        desk.link.arrived += desk.link.lost
        desk.link.lost = []
    desk.work("broker_events")
    after(desk, chance, "gateway")


@word(6, is_fault=True)
def replay(desk: Desk, chance: Chance) -> None:
    """Something that arrived before arrives again, perhaps under another message id."""
    if desk.link.arrived:
        again = dict(chance.pick(desk.link.arrived))
        if chance.happens(50):
            again["message_id"] += f"-replay-{len(desk.link.arrived)}"
        desk.link.arrived.append(again)
        after(desk, chance, "broker_events")


@word(3, is_fault=True)
def freeze(desk: Desk, chance: Chance) -> None:
    """The broker shows the snapshot of now for a while, or the true one again."""
    frozen = desk.link.frozen
    desk.link.frozen = None if frozen else desk.venue.snapshot(desk.now)
    desk.wait(1000)
    after(desk, chance, "snapshots")


@word(2, is_fault=True)
def silence(desk: Desk, _: Chance) -> None:
    """The feed tells nothing new, or speaks again."""
    silent = desk.market.silent_from
    desk.market.silent_from = desk.session + 1 if silent is None else None


@word(3, is_fault=True)
def jump(desk: Desk, chance: Chance) -> None:
    """Hours without anybody, or days; the deadman is asked."""
    if desk.session < len(DAYS) - 12:
        desk.wait(chance.pick((600, 7200, 90_000, 440_000)) * 1000)
        after(desk, chance, chance.pick(("deadman", "gateway")))


@word(5, is_fault=True)
def reverse(desk: Desk, chance: Chance) -> None:
    """The venue busts an execution, or corrects its price; none of before a split."""
    if standing := [e for e in desk.venue.executions if e.stands and not e.is_old]:
        gone = chance.pick(standing)
        if chance.happens(50):
            desk.venue.bust(gone, desk.now)
        else:
            desk.venue.correct(
                gone, desk.market.price_near(gone.order.symbol, desk.session, chance), desk.now
            )
        deliver(desk, chance)
        after(desk, chance, "broker_events")


@word(2, is_fault=True)
def by_hand(desk: Desk, chance: Chance) -> None:
    """Somebody trades in the account at the broker, with or without an order that shows."""
    symbol, qty = chance.pick(STOCKS), chance.pick((-5, 5, 10))
    desk.is_foreign = True
    if chance.happens(40):
        asked = {"client_order_id": f"web-{desk.venue.numbers}", "symbol": symbol, "order_qty": qty,
                 "order_type": "MARKET", "time_in_force": "DAY", "limit_price_micros": None,
                 "stop_price_micros": None}  # fmt: skip
        order = desk.venue.submit(asked, desk.now)
        desk.venue.fill(
            order, abs(qty), desk.market.price_near(symbol, desk.session, chance), desk.now
        )
    else:
        desk.venue.move(symbol, qty, -qty * desk.market.price_near(symbol, desk.session, chance))
    for _ in range(2):
        desk.wait(3500)
        after(desk, chance, "snapshots", "gateway")


@word(3, is_fault=True)
def split(desk: Desk, chance: Chance) -> None:
    """A split is announced; the venue does it at midnight before the ex session."""
    ex, symbol = desk.session + 2, chance.pick(STOCKS)
    if ex >= len(DAYS) - 6 or desk.market.silent_from is not None or desk.market.splits:
        return
    new, old = chance.pick(((2, 1), (3, 2), (1, 2)))
    if len(desk.market.closes[symbol]) > ex:
        return  # the prices of that day are known already
    rows = [{"line_no": 2, "symbol": symbol, "action_kind": "SPLIT", "ex_on": DAYS[ex].isoformat(),
             "ratio": f"{new}:{old}", "amount": None, "record_on": None, "pay_on": None,
             "announced_at": desk.now.isoformat(), "cancels": None}]  # fmt: skip
    told = desk.ask("api.md_load_actions", source="csv:test", source_sha256="0" * 64, rows=rows)
    if told:
        desk.market.splits[symbol, ex] = (new, old)
        midnight = close_of(DAYS[ex]) - timedelta(hours=21)
        desk.actions.append((midnight, symbol, new, old, ex))
