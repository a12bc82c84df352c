"""mqk orders ...: the api.orders_* functions."""

from __future__ import annotations

from uuid import UUID

import click

from mqk.cli.common import RUN, Group, Session, pass_session


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
@pass_session
def explain(session: Session, client_order_id: str) -> None:
    """The life of one order, step by step. Calls api.orders_explain."""
    session.show("api.orders_explain", client_order_id=client_order_id)
