"""Discord webhooks: one message, one embed, sent once; every answer means one thing.

A webhook's URL is a secret: whoever has it may post. It comes from the environment, and no error, log
line or receipt shows it. Limits are what the answer's headers say; nothing is hard coded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import httpx

from mqk.errors import MqkError
from mqk.notices import Receipt, Undelivered

TIMEOUT = httpx.Timeout(3, connect=2, pool=1)  # seconds
COLOURS = {"CRITICAL": 0xC0392B, "WARN": 0xE67E22, "INFO": 0x7F8C8D}
GONE = (401, 403, 404)  # and asking again and again gets the whole address banned
LONGEST_REST = 3_600_000  # ms
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Webhook:
    """One channel of Discord. Raises MqkError MQA02 for a URL that is not https (loopback may be)."""

    def __init__(self, url: str, timeout: httpx.Timeout = TIMEOUT) -> None:
        try:
            self._url = httpx.URL(url).copy_merge_params({"wait": "true"})
        except httpx.InvalidURL:
            self._url = httpx.URL("")
        if self._url.scheme != "https" and self._url.host not in LOOPBACK:
            raise MqkError(
                "MQA02", "a value is out of its range", "a webhook is https", "Set it anew."
            )
        self._client = httpx.Client(
            timeout=timeout,
            transport=httpx.HTTPTransport(retries=0, trust_env=False),
            follow_redirects=False,
            trust_env=False,
        )

    def send(self, message: Mapping[str, Any]) -> Receipt:
        """Post a message once and wait until it is stored. Raises Undelivered."""
        try:
            answer = self._client.post(self._url, json=build_payload(message))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as no:
            raise Undelivered(f"no answer: {type(no).__name__}") from None
        status = answer.status_code
        if answer.is_success:
            spent = answer.headers.get("X-RateLimit-Remaining") == "0"
            rest = read_ms(answer.headers.get("X-RateLimit-Reset-After")) if spent else 0
            return Receipt(f"message {read_field(answer, 'id')}", rest)
        if status == 429:
            asked = (answer.headers.get("Retry-After"), read_field(answer, "retry_after"))
            raise Undelivered("429 too many requests", max(read_ms(text) for text in asked))
        raise Undelivered(f"answered {status}", is_gone=status in GONE)


def build_payload(message: Mapping[str, Any]) -> dict[str, Any]:
    """The body to post. Nobody is mentioned, whatever the text says; the footer names the delivery, so
    that a message that came twice can be told from two.

    Title 100, body 2800, footer under 100 characters: below 6000 also where one counts as two.
    """
    footer = f"{message['channel']} {message['delivery_no']}, {message['notices']} notices"
    embed = {
        "title": message["title"],
        "description": message["body"],
        "color": COLOURS[message["severity"]],
        "footer": {"text": footer},
    }
    return {"username": "mqk", "embeds": [embed], "allowed_mentions": {"parse": []}}


def open_webhooks(names: Mapping[str, str | None], env: Mapping[str, str]) -> dict[str, Webhook]:
    """A webhook by channel, for each variable that is set; `names`: variable by channel."""
    found = {channel.upper(): env.get(name or "", "").strip() for channel, name in names.items()}
    return {channel: Webhook(url) for channel, url in found.items() if url}


def read_ms(seconds: Any) -> int:
    """Seconds as text or number to ms, rounded up, within what the database takes; 0 if unreadable."""
    try:
        return min(math.ceil(max(float(seconds), 0) * 1000), LONGEST_REST)
    except (TypeError, ValueError, OverflowError):
        return 0


def read_field(answer: httpx.Response, name: str) -> Any:
    """A field of a JSON answer; None when there is none, or no JSON."""
    try:
        body = answer.json()
    except ValueError:
        return None
    return body.get(name) if isinstance(body, dict) else None
