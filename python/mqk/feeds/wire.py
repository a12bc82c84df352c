"""HTTP for feeds: one key that nobody sees, bounded retries, a pause before the limit is hit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
from pydantic import SecretStr

from mqk.brokers.alpaca.keys import is_loopback
from mqk.feeds import Outside, Quota, Raw
from mqk.feeds.errors import Garbled, Misasked, RateLimited, Silent
from mqk.strictjson import Unreadable, parse

TIMEOUT = httpx.Timeout(connect=3, read=10, write=5, pool=2)  # seconds
LONGEST = timedelta(seconds=60)  # for one answer, however slowly it comes
MAX_BODY = 32 * 1024 * 1024  # bytes
TRIES = 4
FIRST_PAUSE = 1.0  # seconds, doubled with each try
SHOWN = 160  # characters of a foreign message that an error repeats
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What came back: the bytes as they were sent, and when we had them."""

    status: int
    headers: httpx.Headers
    body: bytes
    at: datetime

    @property
    def content_type(self) -> str:
        """As the provider said."""
        return self.headers.get("Content-Type", "")[:100]

    def number(self, header: str) -> int | None:
        """A header that holds a number of at most ten digits, or None."""
        text = self.headers.get(header, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


class Wire:
    """The way to one provider. Only a request on its way has the keys: neither the client, nor an error,
    nor what is kept.
    """

    def __init__(
        self, feed: str, url: str, given: str, headers: Mapping[str, SecretStr], outside: Outside
    ) -> None:
        """`url` is the provider's; `given`, if not empty, an address of this machine in its stead.

        Raises MqkError MQA70 for another address: a key goes to its provider only.
        """
        if given and not is_loopback(given):
            raise Misasked(feed, "url is not an address of this machine", "Leave url out.")
        self.feed, self.outside = feed, outside
        self._headers = headers
        self._client = httpx.Client(
            base_url=(given or url).rstrip("/"),
            auth=self._sign,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=TIMEOUT,
            transport=httpx.HTTPTransport(retries=0, trust_env=False),
            follow_redirects=False,
            trust_env=False,
        )
        self.quota = Quota()
        self._rest: RateLimited | None = None

    def get(
        self, path: str, params: Mapping[str, str], read: Callable[[Answer], T], page: int = 1
    ) -> tuple[T, Raw]:
        """Ask until `read` takes the answer, TRIES times at most; give what it read, and the raw answer
        with `page` as the number of the page (its token looks like a secret, and is kept with the answer).

        Raises the errors of mqk.feeds.errors: what `read` raises, the last of those that may pass.
        """
        tried = 0
        while True:
            self._hold()
            tried += 1
            try:
                answer = self._send(path, params)
                found = read(answer)
                if any(key in answer.body.decode("utf-8", "replace") for key in self._keys()):
                    raise Garbled(self.feed, "an answer repeats the key; it was dropped")
                request = {"method": "GET", "path": path, "page": str(page), **params}
                request.pop("page_token", None)
                return found, Raw(request, answer.content_type, answer.body)
            except RateLimited as no:
                self._rest = no
                if tried == TRIES:
                    raise
            except (Silent, Garbled) as no:
                if tried == TRIES:
                    raise
                self._wait(FIRST_PAUSE * 2 ** (tried - 1), no.detail, no)

    def rest(self, quota: Quota) -> None:
        """Remember what is left; with nothing left, nobody is asked before reset_at."""
        self.quota = quota
        if quota.left is not None and quota.left <= 0 and quota.reset_at:
            self._rest = RateLimited(self.feed, "its limit is used up", quota.reset_at)

    def describe(self, text: str) -> str:
        """What a provider said, in short, in ASCII and without the key."""
        for key in self._keys():
            text = text.replace(key, "[redacted]")
        return ascii(text)[1:-1][:SHOWN]

    def parse(self, answer: Answer) -> Any:
        """The answer as JSON with its numbers as text. Raises Garbled."""
        try:
            return parse(answer.body)
        except Unreadable as no:
            shown = self.describe(answer.body[:SHOWN].decode("utf-8", "replace"))
            raise Garbled(self.feed, f"{answer.status}, {no}: {shown}") from None

    def _keys(self) -> list[str]:
        """The words of the headers that carry a key, as they would show in a text."""
        return [header.get_secret_value().split()[-1] for header in self._headers.values()]

    def _sign(self, request: httpx.Request) -> httpx.Request:
        for name, value in self._headers.items():
            request.headers[name] = value.get_secret_value()
        return request

    def _hold(self) -> None:
        """Wait until the provider may be asked. Raises RateLimited where that is longer than patience."""
        if self._rest is None:
            return
        left = (self._rest.until - self.outside.clock()).total_seconds()
        if left > 0:
            self._wait(left, self._rest.detail, self._rest)
        self._rest = None

    def _wait(self, seconds: float, why: str, otherwise: Exception) -> None:
        if seconds > self.outside.patience:
            raise otherwise
        self.outside.say(f"waiting {seconds:.0f} s for {why}")
        self.outside.sleep(seconds)

    def _send(self, path: str, params: Mapping[str, str]) -> Answer:
        began, body = self.outside.clock(), bytearray()
        try:
            with self._client.stream("GET", path, params=dict(params)) as answer:
                for piece in answer.iter_raw():
                    body += piece
                    if len(body) > MAX_BODY:
                        raise Garbled(self.feed, f"an answer of more than {MAX_BODY} bytes")
                    if self.outside.clock() - began > LONGEST:
                        raise Silent(self.feed, f"an answer took longer than {LONGEST.seconds} s")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Silent(self.feed, f"no answer: {type(error).__name__}") from None
        return Answer(answer.status_code, answer.headers, bytes(body), self.outside.clock())


def next_minute(at: datetime) -> datetime:
    """A second into the next minute of the clock: where limits by the minute begin anew."""
    return at.replace(second=0, microsecond=0) + timedelta(seconds=61)


def next_day(at: datetime) -> datetime:
    """A minute into the next day of UTC: where limits by the day begin anew."""
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1, minutes=1)
