"""Submit one order with alpaca-py: python retry_with_alpaca_py.py URL KEY SECRET [NAME].

Prints "taken" or the code of the refusal.
"""

from __future__ import annotations

import sys

from alpaca.common.exceptions import APIError
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderSide, TimeInForce
from alpaca.trading.requests import MarketOrderRequest


def main() -> None:
    url, key, secret, *name = sys.argv[1:]
    client = TradingClient(key, secret, paper=True, url_override=url)
    order = MarketOrderRequest(
        symbol="KO", qty=1, side=OrderSide.BUY, time_in_force=TimeInForce.DAY,
        client_order_id=name[0] if name else None,
    )  # fmt: skip
    try:
        client.submit_order(order)
        print("taken")
    except APIError as error:
        print(error.code)


if __name__ == "__main__":
    main()
