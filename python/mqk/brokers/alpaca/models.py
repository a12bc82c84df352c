"""What Alpaca's answers look like: strict JSON, numbers as the text that was sent, unknown keys ignored."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from mqk.strictjson import Unreadable, parse

__all__ = ["Unreadable", "parse", "read"]

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Number = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,18}(\.[0-9]{1,18})?$")]


class Model(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Order(Model):
    """An order as the broker holds it; an order of several legs has no symbol, one by amount no qty."""

    id: Name
    client_order_id: Name
    status: Name
    filled_qty: Number
    symbol: str | None = None
    side: str | None = None
    qty: Number | None = None
    type: str | None = None
    time_in_force: str | None = None
    limit_price: Number | None = None
    stop_price: Number | None = None
    submitted_at: str | None = None
    created_at: str | None = None
    canceled_at: str | None = None
    expired_at: str | None = None
    failed_at: str | None = None
    replaced_at: str | None = None
    replaces: str | None = None
    replaced_by: str | None = None


class Position(Model):
    """An open position; qty of a short one is negative."""

    symbol: Name
    qty: Number
    side: str | None = None


class Account(Model):
    """The account that the keys open."""

    id: Name
    account_number: Name
    cash: Number
    status: str | None = None
    account_blocked: bool | None = None
    trading_blocked: bool | None = None
    trade_suspended_by_user: bool | None = None


class Activity(Model):
    """One fill of the account's history; it does not say our name for the order."""

    id: Name
    order_id: Name
    type: Name
    price: Number
    qty: Number
    cum_qty: Number
    transaction_time: Name


class Touched(Model):
    """The part of an order that a trade update is read for."""

    id: Name | None = None
    client_order_id: Name | None = None
    qty: Number | None = None
    filled_qty: Number | None = None
    replaces: str | None = None
    replaced_by: str | None = None


class TradeUpdate(Model):
    """What happened to an order: the body of a websocket frame or of an event."""

    event: Name
    timestamp: str | None = None
    event_id: str | None = None
    execution_id: str | None = None
    previous_execution_id: str | None = None
    qty: Number | None = None
    price: Number | None = None
    position_qty: Number | None = None
    order: Touched | None = None


class Trouble(Model):
    """The body of a refusal; some come without a code."""

    message: str
    code: str | None = Field(default=None, max_length=20)


def read(model: Any, value: Any) -> Any:
    """A parsed value as a model, or as a list of one. Raises Unreadable, naming fields, not values."""
    try:
        return _adapt(model).validate_python(value)
    except ValidationError as error:
        faults = {".".join(str(part) for part in fault["loc"]) for fault in error.errors()}
        raise Unreadable(f"not as expected: {', '.join(sorted(faults))[:200]}") from None


@cache
def _adapt(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)
