"""Market data: carries closed bars into the store, has corporate actions applied, shows both to a paper
market, has the data and the run's equity judged.
"""

from __future__ import annotations

from datetime import timedelta

from mqk.carrying import WORKERS, Carrier
from mqk.db import call
from mqk.feeds import Feed, Want
from mqk.feeds.errors import FeedError, RateLimited
from mqk.log import log
from mqk.worker import Job, Tick
from mqk.workers.wires import wire_marketdata

LOOK_BACK = timedelta(days=30)


def tick(t: Tick) -> int:
    """Ingest what the feeds have up to now (with some days of overlap: known bars change nothing), apply
    the corporate actions that are due, show the paper market what is new, evaluate integrity and risk.
    Give the rows fetched.
    """
    rows = carry(t, t.wires["feed"], is_second=False)
    if second := t.wires.get("second_feed"):
        rows += carry(t, second, is_second=True)
    bars = call(
        t.conn, "io.list_new_bars", run_id=t.run_id, after_at=t.now - LOOK_BACK, now_at=t.now
    )
    call(t.conn, "io.apply_actions", run_id=t.run_id, now_at=t.now)
    if t.broker is not None:
        actions = call(t.conn, "io.list_paper_actions", run_id=t.run_id, now_at=t.now)
        t.broker.observe(bars, actions)
    call(t.conn, "io.evaluate_integrity", run_id=t.run_id, now_at=t.now)
    call(t.conn, "io.evaluate_risk", run_id=t.run_id, now_at=t.now)
    return rows


def carry(t: Tick, feed: Feed, *, is_second: bool) -> int:
    """What a feed should be asked for now, asked and stored; give the rows fetched. A feed that fails is
    told of once and halts nothing: bars that are missing do, where that is due.
    """
    carriers, rests = t.wires.setdefault("carriers", {}), t.wires.setdefault("rests", {})
    if feed.name in rests and t.now < rests[feed.name]:
        return 0  # it told us when it may be asked again
    if feed.name not in carriers:
        carriers[feed.name] = Carrier(t.conn, feed.name, WORKERS, is_second=is_second)
    carriers[feed.name].conn = t.conn
    rows = 0
    try:
        wants = call(
            t.conn, "io.take_feed_wants", run_id=t.run_id, feed=feed.name,
            is_metered=feed.is_metered, now_at=t.now,
        )  # fmt: skip
        for batch in feed.fetch([Want(**want) for want in wants]):
            carriers[feed.name].carry(batch, t.now)
            rows += len(batch.rows)
        tell(t, feed, None)
    except FeedError as no:
        if isinstance(no, RateLimited):
            rests[feed.name] = no.until
        tell(t, feed, no)
    return rows


def tell(t: Tick, feed: Feed, no: FeedError | None) -> None:
    """Log how a feed fares, when that has changed."""
    said = t.wires.setdefault("said", {})
    if said.get(feed.name) != (no.code if no else None):
        said[feed.name] = no.code if no else None
        log(
            t.kind,
            "feed failed" if no else "feed answers",
            feed=feed.name,
            **(no.as_dict() if no else {}),
        )


JOB = Job("marketdata", tick, "mqk_run", wire_marketdata)
