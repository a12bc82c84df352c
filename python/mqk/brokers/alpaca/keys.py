"""Which host, and which keys: the host by mode, the keys from the environment, shown to nobody."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from mqk.errors import MqkError

HOSTS = {"PAPER": "https://paper-api.alpaca.markets", "LIVE": "https://api.alpaca.markets"}
KEY_NAME, SECRET_NAME, URL_NAME = "APCA_API_KEY_ID", "APCA_API_SECRET_KEY", "APCA_API_BASE_URL"


@dataclass(frozen=True)
class Keys:
    """A key and its secret. Neither is ever part of a repr, a log line or an error."""

    key: str = field(repr=False)
    secret: str = field(repr=False)

    def sign(self, request: httpx.Request) -> httpx.Request:
        """Authorize a request; only the request has the keys, not the client that sends it."""
        request.headers.update(self.headers())
        return request

    def headers(self) -> dict[str, str]:
        """The headers that authorize a request."""
        return {"APCA-API-KEY-ID": self.key, "APCA-API-SECRET-KEY": self.secret}

    def redact(self, text: str) -> str:
        """The text without the key or the secret, should somebody send them back to us."""
        return text.replace(self.secret, "[redacted]").replace(self.key, "[redacted]")


def read_keys(
    environment: Mapping[str, str], key_name: str = KEY_NAME, secret_name: str = SECRET_NAME
) -> Keys:
    """The keys that two environment variables hold. Raises MqkError MQA01 when one is not set."""
    for name in (key_name, secret_name):
        if not environment.get(name, "").strip():
            raise MqkError("MQA01", "an argument is missing", name, f"Set {name} to use Alpaca.")
    return Keys(environment[key_name].strip(), environment[secret_name].strip())


def find_base_url(mode: str, environment: Mapping[str, str]) -> str:
    """Where the API of a mode is, without a slash at the end.

    Tests may point APCA_API_BASE_URL to this machine; a mode never goes to another host.
    Raises MqkError MQA02 for another address, or for a mode without a host.
    """
    given = environment.get(URL_NAME)
    if given:
        if not is_loopback(given):
            raise MqkError(
                "MQA02",
                "a value is out of its range",
                f"{URL_NAME} is not an address of this machine",
                f"Unset {URL_NAME}: the run's mode names the host.",
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
