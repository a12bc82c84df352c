"""`mqk md sync`: from what a feed has given so far to what it has now, batch by batch, with progress."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from mqk.carrying import PEOPLE, Carrier
from mqk.config.secrets import read_secrets
from mqk.feeds import Batch, Feed, Outside, Want, find, names, open_feed
from mqk.feeds.stretches import find_time

if TYPE_CHECKING:
    from mqk.cli.common import Session

COUNTS = ("rows_read", "rows_stored", "rows_known", "rows_skipped", "rows_rejected")
Row = dict[str, Any]


def run_sync(
    session: Session, config: Mapping[str, Any], feed_name: str | None, symbols: Sequence[str],
    timeframe: str | None, full_start: date | None, until_on: date | None,
) -> None:  # fmt: skip
    """Ask, store, tell; what was stored before an error is told, too. Raises MqkError as the feed and
    api.md_sync do.
    """
    data = config["data"]
    name = feed_name or data["feed"]
    find(name)
    wants = [
        Want(**row)
        for row in session.call(
            "api.md_sync", feed=name, symbols=list(symbols), full_start=full_start,
            timeframe=timeframe or data["timeframe"], until_on=until_on, now_at=session.clock(),
        )
    ]  # fmt: skip
    with show_progress(wants) as (say, moved):
        run = {"config": config, "mode": config["engine"]["mode"]}
        outside = Outside(read_secrets(run), session.clock, say=say)
        feed = open_feed(name, data["feeds"], outside)
        carrier = Carrier(session.conn, name, PEOPLE, is_second=name == data["second_feed"])
        totals: dict[str, Row] = {}
        try:
            for want in wants:
                for batch in feed.fetch([want]):
                    report = carrier.carry(batch, session.clock())
                    add(totals, want, report)
                    moved(want, batch)
                    if session.as_json and report:
                        line = {"symbol": want.symbol, "timeframe": want.timeframe, **report}
                        click.echo(json.dumps(line, default=str))
        finally:
            if not session.as_json:
                session.print(list(totals.values()), empty="nothing to ask for")
                tell_quota(feed)


def add(totals: dict[str, Row], want: Want, report: Row | None) -> None:
    """Count one more answer, and the rows that came in it."""
    total = totals.setdefault(
        want.symbol,
        {
            "symbol": want.symbol,
            "timeframe": want.timeframe,
            "answers": 0,
            **dict.fromkeys(COUNTS, 0),
        },
    )
    total["answers"] += 1
    for name in COUNTS:
        total[name] += (report or {}).get(name, 0)


def tell_quota(feed: Feed) -> None:
    """Say on standard error what the feed said of its limit, if it did."""
    quota = feed.quota()
    if quota.left is not None:
        click.echo(f"{feed.name}: {quota.left} of {quota.limit or '?'} requests left", err=True)


@contextmanager
def show_progress(wants: Sequence[Want]) -> Iterator[tuple[Any, Any]]:
    """A bar of days on a terminal, nothing elsewhere; gives how to say something and how to move it."""
    console = Console(stderr=True, highlight=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
    )
    offset, days = {}, 0
    for want in wants:
        offset[want] = days
        days += (want.until_on - want.from_on).days + 1
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bar:
        task = bar.add_task("asking", total=days)

        def moved(want: Want, batch: Batch) -> None:
            last = find_time(batch.rows[-1])[:10] if batch.rows else want.from_on.isoformat()
            done = offset[want] + (date.fromisoformat(last) - want.from_on).days + 1
            bar.update(task, completed=done, description=f"{want.symbol} {last}")

        yield (lambda why: console.print(why) if console.is_terminal else None), moved


def list_feeds(config: Mapping[str, Any]) -> list[Row]:
    """A row for each installed feed."""
    data = config["data"]
    held = read_secrets({"config": config, "mode": config["engine"]["mode"]})
    roles = {data["second_feed"]: "second", data["feed"]: "first"}
    rows = []
    for name in names():
        feed: Any = find(name)
        options = (data["feeds"] or {}).get(name) or {}
        keys = [str(options.get(key, "not named")) for key in feed.keys]
        rows.append(
            {
                "feed": name,
                "used_as": roles.get(name),
                "timeframes": " ".join(feed.timeframes),
                "keys": " ".join(keys) or None,
                "keys_are_set": all(held.find(key) for key in keys) if keys else None,
                "limits": feed.limits,
            }
        )
    return rows
