"""The Alpaca adapter: one account, orders by REST, messages by websocket, event stream and sweeps.

It carries text. Numbers stay as the broker wrote them, requests are sent once, and what cannot be
read is passed on as it came: what any of it means is decided in the database.
"""

from mqk.brokers.alpaca.broker import AlpacaBroker

__all__ = ["AlpacaBroker"]
