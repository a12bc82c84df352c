"""mqk md ...: whether the data can be trusted, and where it comes from."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from mqk.cli.common import RUN, WHY, Group, Session, pass_session

commands = Group()  # mqk.cli.md takes them in
SYMBOL = click.argument("symbol")
ANY_SYMBOL = click.argument("symbol", required=False)
TIMEFRAME = click.argument("timeframe", type=click.Choice(["1m", "5m", "15m", "1H", "1D"]))
BAR = click.argument("bar")
OUTLIER = click.option(
    "--outlier-bps",
    default=2000,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="A close further than this from the one before is an outlier.",
)


@commands.command()
@RUN
@pass_session
def defects(session: Session, run_id: UUID) -> None:
    """What is wrong with the data of RUN_ID. Calls api.md_defects.

    A brake shuts gate INTEGRITY; what is none is let pass by the run's policy.
    """
    session.show("api.md_defects", empty="no defect", run_id=run_id, now_at=session.clock())


@commands.command()
@ANY_SYMBOL
@pass_session
def conflicts(session: Session, symbol: str | None) -> None:
    """Other values that came for stored bars. Calls api.md_conflicts."""
    session.show("api.md_conflicts", empty="no conflict", symbol=symbol, now_at=session.clock())


@commands.command()
@click.argument("defect", type=click.Choice(["CONFLICT", "DISAGREEMENT", "OUTLIER"]))
@SYMBOL
@TIMEFRAME
@BAR
@WHY
@pass_session
def resolve(
    session: Session, defect: str, symbol: str, timeframe: str, bar: str, reason: str
) -> None:
    """Say that a stored BAR stands. Calls api.md_resolve.

    BAR is the session of a daily bar, the end of another (ISO, with offset). The bar does not change.
    """
    session.act(
        "api.md_resolve", defect=defect, symbol=symbol, timeframe=timeframe, bar=bar, reason=reason
    )


@commands.command()
@SYMBOL
@TIMEFRAME
@BAR
@pass_session
def lineage(session: Session, symbol: str, timeframe: str, bar: str) -> None:
    """Where a stored BAR comes from, and who else saw it. Calls api.md_lineage."""
    found = session.call("api.md_lineage", symbol=symbol, timeframe=timeframe, bar=bar)
    session.print_document(found[0]["md_lineage"])


@commands.command()
@click.argument("sha256")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A file not there yet.")
@pass_session
def raw(session: Session, sha256: str, out: Path) -> None:
    """Write what a feed answered to a file, byte for byte. Calls api.md_raw."""
    found = session.call("api.md_raw", raw_sha256=sha256)[0]
    with out.open("xb") as file:
        file.write(found["body"])
    row = {"feed": found["feed"], "content_type": found["content_type"]}
    session.print([{**row, "bytes": len(found["body"]), "file": str(out)}])


@commands.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@pass_session
def ingests(session: Session, limit: int) -> None:
    """The last ingests, the newest first. Calls api.md_ingests."""
    session.show("api.md_ingests", empty="no ingest yet: mqk md ingest", limit=limit)


@commands.command()
@click.argument("ingest_id", type=click.UUID)
@OUTLIER
@click.option("--html", type=click.Path(path_type=Path), help="Write a page with plots there.")
@pass_session
def report(session: Session, ingest_id: UUID, outlier_bps: int, html: Path | None) -> None:
    """The report of an ingest: coverage, gaps, outliers, findings. Calls api.md_report."""
    found = session.call("api.md_report", ingest_id=ingest_id, outlier_bps=outlier_bps)
    document = found[0]["md_report"]
    if html is not None:
        from mqk.report.quality import render

        sessions = session.call("api.md_sessions", ingest_id=ingest_id)
        html.write_text(render(document, sessions), encoding="utf-8")
    if session.as_json:
        session.print_document(document)
        return
    session.print([document["coverage"]])
    hidden = ("verdicts", "zero_volumes", "is_monotonic", "bars_skipped")
    rows = document["per_symbol_timeframe"].items()
    session.print(
        [
            {"key": key, **{k: v for k, v in row.items() if k not in (*hidden, "symbol")}}
            for key, row in rows
        ]
    )
    session.print(document["findings"], empty="no finding")


@commands.command()
@ANY_SYMBOL
@OUTLIER
@pass_session
def quality(session: Session, symbol: str | None, outlier_bps: int) -> None:
    """What the store holds, and what is wrong with it. Calls api.md_quality."""
    session.show(
        "api.md_quality",
        empty="no bars yet: mqk md ingest",
        symbol=symbol,
        outlier_bps=outlier_bps,
        now_at=session.clock(),
    )
