"""Trade with alpaca-py as it is published: python drive_with_alpaca_py.py URL STREAM_URL KEY SECRET.

Run by tests/clients/test_alpaca_py.py in an environment of its own. Prints one JSON document: what the
client made of the answers.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from typing import Any

from alpaca.common.exceptions import APIError
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderSide, QueryOrderStatus, TimeInForce
from alpaca.trading.requests import (
    GetCalendarRequest,
    GetOrdersRequest,
    LimitOrderRequest,
    MarketOrderRequest,
    ReplaceOrderRequest,
    StopOrderRequest,
)
from alpaca.trading.stream import TradingStream

NAMES = {"symbol": "KO", "time_in_force": TimeInForce.GTC}


def listen(url: str, key: str, secret: str, seen: list[dict[str, Any]]) -> TradingStream:
    """Collect trade updates in the background."""
    stream = TradingStream(key, secret, paper=True, url_override=url)

    async def collect(update: Any) -> None:
        seen.append(
            {
                "event": str(getattr(update.event, "value", update.event)),
                "name": update.order.client_order_id,
            }
        )

    stream.subscribe_trade_updates(collect)
    threading.Thread(target=stream.run, daemon=True).start()
    deadline = time.monotonic() + 10
    while not getattr(stream, "_running", False) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    return stream


def trade(client: TradingClient) -> dict[str, Any]:
    """Buy, rest, replace, cancel, protect, look."""
    bought = client.submit_order(
        MarketOrderRequest(qty=10, side=OrderSide.BUY, client_order_id="bought", **NAMES)
    )
    rests = client.submit_order(
        LimitOrderRequest(
            qty=5, side=OrderSide.BUY, limit_price=60, client_order_id="rests", **NAMES
        )
    )
    moved = client.replace_order_by_id(
        rests.id, ReplaceOrderRequest(qty=4, limit_price=61, client_order_id="moved")
    )
    client.cancel_order_by_id(moved.id)
    client.submit_order(
        StopOrderRequest(
            qty=10, side=OrderSide.SELL, stop_price=50, client_order_id="stop", **NAMES
        )
    )
    try:
        client.submit_order(
            MarketOrderRequest(qty=1, side=OrderSide.SELL, client_order_id="bought", **NAMES)
        )
        refused: dict[str, Any] = {}
    except APIError as error:
        refused = {"code": error.code, "status": error.status_code}
    every = client.get_orders(GetOrdersRequest(status=QueryOrderStatus.ALL, limit=500))
    day = GetCalendarRequest(start="2026-11-27", end="2026-11-27")
    return {
        "first_status": bought.status.value,
        "bought": client.get_order_by_client_id("bought").status.value,
        "moved": client.get_order_by_id(moved.id).status.value,
        "refused": refused,
        "orders": sorted(order.client_order_id for order in every),
        "position": client.get_open_position("KO").qty,
        "positions": len(client.get_all_positions()),
        "cash": client.get_account().cash,
        "is_open": client.get_clock().is_open,
        "early_close": str(client.get_calendar(day)[0].close),
        "tradable": client.get_asset("KO").tradable,
        "fills": len(client.get("/account/activities/FILL")),
        "canceled_at_once": [response.status for response in client.cancel_orders()],
    }


def main() -> None:
    url, stream_url, key, secret = sys.argv[1:]
    seen: list[dict[str, Any]] = []
    stream = listen(stream_url, key, secret, seen)
    told = trade(TradingClient(key, secret, paper=True, url_override=url))
    time.sleep(1)
    asyncio.run_coroutine_threadsafe(stream.stop_ws(), stream._loop)
    print(json.dumps({**told, "events": seen}))


if __name__ == "__main__":
    main()
