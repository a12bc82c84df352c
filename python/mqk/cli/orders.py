"""mqk orders ...: the api.orders_* functions."""

from __future__ import annotations

from uuid import UUID

import click

from mqk.cli.common import RUN, WHY, Group, Session, pass_session


@click.group(cls=Group)
def orders() -> None:
    """Orders and fills."""


@orders.command("list")
@RUN
@pass_session
def list_orders(session: Session, run_id: UUID) -> None:
    """Orders of RUN_ID in the order given. Calls api.orders_list."""
    session.show("api.orders_list", empty="no orders", run_id=run_id)


@orders.command()
@RUN
@pass_session
def fills(session: Session, run_id: UUID) -> None:
    """Booked fills of RUN_ID. Calls api.orders_fills."""
    session.show("api.orders_fills", empty="no fills", run_id=run_id)


@orders.command()
@click.argument("client_order_id")
@WHY
@pass_session
def cancel(session: Session, client_order_id: str, reason: str) -> None:
    """Ask for the end of one open order. Calls api.orders_cancel."""
    session.act("api.orders_cancel", client_order_id=client_order_id, reason=reason)


@orders.command("cancel-all")
@RUN
@WHY
@pass_session
def cancel_all(session: Session, run_id: UUID, reason: str) -> None:
    """Ask for the end of all open orders of RUN_ID; the run goes on. Calls api.orders_cancel_all."""
    session.act("api.orders_cancel_all", run_id=run_id, reason=reason)
