"""mqk report ...: the api.report_* functions."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from mqk.cli.common import RUN, Group, Session, pass_session
from mqk.reporting import export_run


@click.group(cls=Group)
def report() -> None:
    """Export a run's artifacts and its HTML report."""


@report.command()
@RUN
@pass_session
def show(session: Session, run_id: UUID) -> None:
    """The whole report as one JSON document. Calls api.report_show."""
    rows = session.call("api.report_show", run_id=run_id, now_at=session.clock())
    session.print_document(rows[0]["report_show"])


@report.command()
@RUN
@click.option("--out", default="exports", show_default=True, type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace an earlier export of this run.")
@pass_session
def export(session: Session, run_id: UUID, out: Path, replace: bool) -> None:
    """Write manifest, audit, orders, fills, equity, metrics and report.html to OUT/RUN_ID.

    Calls api.report_show.
    """
    files = export_run(session.conn, run_id, out, session.clock(), replace=replace)
    session.print([{"file": name, "sha256": digest} for name, digest in sorted(files.items())])
