"""Which host, and which keys: the host by mode, the keys of the process's secrets, shown to nobody."""

from __future__ import annotations

import ipaddress
from typing import NoReturn
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from mqk.errors import MqkError

PAPER = "https://paper-api.alpaca.markets"
HOSTS = {"PAPER": PAPER, "SHADOW": PAPER, "LIVE": "https://api.alpaca.markets"}


class Keys:
    """A key and its secret. Neither is ever part of a repr, a pickle, a log line or an error."""

    def __init__(self, key: SecretStr, secret: SecretStr) -> None:
        self._key, self._secret = key, secret

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys do not leave their process")

    def sign(self, request: httpx.Request) -> httpx.Request:
        """Authorize a request; only the request has the keys, not the client that sends it."""
        request.headers["APCA-API-KEY-ID"] = self._key.get_secret_value()
        request.headers["APCA-API-SECRET-KEY"] = self._secret.get_secret_value()
        return request

    def words(self) -> dict[str, str]:
        """What the websocket is told to authorize it."""
        return {
            "key_id": self._key.get_secret_value(),
            "secret_key": self._secret.get_secret_value(),
        }

    def redact(self, text: str) -> str:
        """The text without the key or the secret, should somebody send them back to us."""
        for hidden in (self._secret, self._key):
            text = text.replace(hidden.get_secret_value(), "[redacted]")
        return text


def find_base_url(mode: str, given: str) -> str:
    """Where the API of a mode is, without a slash at the end.

    Tests may point `given` (APCA_API_BASE_URL, empty if unset) to this machine; a mode never goes to
    another host. Raises MqkError MQA02 for another address, or for a mode without a host.
    """
    if given:
        if not is_loopback(given):
            raise MqkError(
                "MQA02",
                "a value is out of its range",
                "APCA_API_BASE_URL is not an address of this machine",
                "Unset APCA_API_BASE_URL: the run's mode names the host.",
            )
        return given.rstrip("/")
    if mode not in HOSTS:
        raise MqkError("MQA02", "a value is out of its range", f"mode {mode}", "PAPER or LIVE.")
    return HOSTS[mode]


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine and nowhere else."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
    return local and parts.scheme in ("http", "https") and parts.username is None


def find_stream_url(base_url: str) -> str:
    """The websocket of an API host."""
    return "ws" + base_url.removeprefix("http") + "/stream"
