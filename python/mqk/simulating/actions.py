"""What happens in every life: workers tick, time passes, the market trades, people act."""

from __future__ import annotations

from mqk.simulating.chance import Chance
from mqk.simulating.desk import KINDS, LED, Desk
from mqk.simulating.market import STOCKS
from mqk.simulating.words import word
from mqk.strategies import OrderType, Target, Wish

CENT = 10_000  # micros
PRICED: tuple[OrderType, ...] = ("LIMIT", "STOP", "STOP_LIMIT")
BUSY = ("gateway", "gateway", "gateway", "broker_events", "broker_events", *KINDS)


def after(desk: Desk, chance: Chance, *kinds: str) -> None:
    """More often than not, who it concerns wakes up at once."""
    if chance.happens(70):
        for kind in kinds:
            desk.work(kind)


# What goes on every day.


@word(6)
def round_of_all(desk: Desk, chance: Chance) -> None:
    """Every worker of the desk once, what the venue says arriving between."""
    for kind in LED:
        deliver(desk, chance)
        desk.work(kind)
        desk.wait(chance.between(0, 400))


@word(10)
def work(desk: Desk, chance: Chance) -> None:
    """One worker."""
    desk.work(chance.pick(BUSY))


@word(2)
def deadman(desk: Desk, _: Chance) -> None:
    """The silence of the others is judged."""
    desk.work("deadman")


@word(8)
def wait(desk: Desk, chance: Chance) -> None:
    """A little time, or so much that every lease has ended."""
    long = chance.happens(25)
    desk.wait(desk.terms.lease_seconds * 1000 if long else chance.between(50, 8000))


@word(16)
def close(desk: Desk, chance: Chance) -> None:
    """The next close, other wishes; one time in five nobody sends what was planned."""
    plan(desk, chance)
    if chance.happens(80):
        desk.work("gateway")


def plan(desk: Desk, chance: Chance) -> None:
    """Go to the next close, with other wishes, and let everybody but the gateway work."""
    wanted = {s: chance.pick((0, 10, 20, 35, 60, 130)) for s in STOCKS}
    if chance.happens(5):
        wanted[STOCKS[0]] = -10
    desk.given.targets = {s: wish(desk, s, qty, chance) for s, qty in wanted.items()}
    desk.close_session()
    for kind in KINDS[:-1]:
        deliver(desk, chance)
        desk.work(kind)
        desk.wait(chance.between(0, 400))


def wish(desk: Desk, symbol: str, qty: int, chance: Chance) -> Wish:
    """Shares at the market, or where the seed has it so, every other time by an order with prices."""
    if not desk.terms.is_picky or chance.happens(50):
        return qty
    kind = chance.pick(PRICED)
    limit, stop = (
        max(desk.market.price_near(symbol, desk.session, chance) // CENT, 1) * CENT for _ in "12"
    )
    return Target(qty, kind, limit if "LIMIT" in kind else None, stop if "STOP" in kind else None)


@word(24)
def fill(desk: Desk, chance: Chance) -> None:
    """Some of an order, or all of it, at its limit or better. A stop is reached now and then."""
    working = desk.venue.working()
    if not working:
        desk.work("gateway")  # perhaps something waits to be sent
    else:
        order = chance.pick(working)
        if order.stop_micros and not chance.happens(25):
            return
        qty = order.left if chance.happens(50) else chance.between(1, order.left)
        price = order.stop_micros or desk.market.price_near(order.symbol, desk.session, chance)
        if order.limit_micros:
            price = order.sign * min(order.sign * price, order.sign * order.limit_micros)
        desk.wait(1)  # an execution is later than its order
        desk.venue.fill(order, qty, price, desk.now)
        if chance.happens(60):
            deliver(desk, chance)
            desk.work("broker_events")


@word(10)
def deliver(desk: Desk, chance: Chance) -> None:
    """What the venue has said arrives, as well as the link is."""
    t = desk.terms
    desk.link.deliver(chance, loses=t.losses, doubles=t.doubles, shuffles=t.shuffles)
    if chance.happens(30):
        desk.work("broker_events")


@word(2)
def end(desk: Desk, chance: Chance) -> None:
    """The venue ends an order that nobody asked it to end."""
    if working := desk.venue.working():
        order = chance.pick(working)
        untouched = ("rejected",) if order.filled == 0 else ()
        desk.venue.end(order, chance.pick(("canceled", "expired", *untouched)), desk.now)


# People.


@word(14)
def mend(desk: Desk, chance: Chance) -> None:
    """An operator looks into a halt, clears it, and arms; mostly after the workers had time for theirs."""
    if desk.status != "RUNNING" and chance.happens(75):
        desk.wait(desk.terms.lease_seconds * 1000)
        deliver(desk, chance)
        for kind in ("marketdata", "broker_events", "gateway", "snapshots"):
            desk.work(kind)
    if desk.status == "HALTED":
        desk.act("run_clear_halted", run_id=desk.run_id, reason="looked into it")
    if desk.status in ("CREATED", "STOPPED"):
        desk.arm()


@word(2)
def halt(desk: Desk, chance: Chance) -> None:
    """An operator halts."""
    desk.act("run_halt", run_id=desk.run_id, reason="simulated")
    after(desk, chance, "gateway")


@word(2)
def stop(desk: Desk, chance: Chance) -> None:
    """An operator stops."""
    desk.act("run_stop", run_id=desk.run_id, reason="simulated")
    after(desk, chance, "gateway")


@word(2)
def flatten(desk: Desk, chance: Chance) -> None:
    """An operator has all closed."""
    desk.act("run_flatten", run_id=desk.run_id, reason="simulated")
    after(desk, chance, "gateway")


@word(2)
def cancel(desk: Desk, chance: Chance) -> None:
    """An operator cancels one order, or all."""
    names = sorted(desk.look()["orders"])
    if chance.happens(30) or not names:
        desk.act("orders_cancel_all", run_id=desk.run_id, reason="simulated")
    else:
        desk.act("orders_cancel", client_order_id=chance.pick(names), reason="simulated")


@word(2)
def restrict(desk: Desk, chance: Chance) -> None:
    """A symbol is restricted, or free again."""
    desk.ask(
        "api.risk_restrict", symbols=[chance.pick(STOCKS)], reason="simulated",
        restriction=chance.pick(("SHORT", "TRADE", "NONE", "NONE")), effective_at=desk.now,
    )  # fmt: skip
