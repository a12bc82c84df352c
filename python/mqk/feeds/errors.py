"""How a feed fails: each kind has its code, and tells the caller what to do."""

from __future__ import annotations

from datetime import datetime

from mqk.errors import MqkError


class FeedError(MqkError):
    """A feed did not give what it was asked for."""

    kind = ("MQS71", "a feed answers", "Wait; look at the provider's status page.")

    def __init__(self, feed: str, why: str, fix: str = "") -> None:
        code, law, usual = self.kind
        super().__init__(code, law, f"{feed}: {why}", fix or usual)


class Silent(FeedError):
    """No answer, or the provider's own fault: asking again may help."""


class RateLimited(FeedError):
    """The provider wants to be left alone until `until`."""

    kind = ("MQS70", "a feed is asked within its limits", "Ask again later, or for less.")

    def __init__(self, feed: str, why: str, until: datetime) -> None:
        super().__init__(feed, f"{why}, until {until.isoformat(timespec='seconds')}")
        self.until = until


class Garbled(FeedError):
    """An answer that cannot be read, or that answers something else."""

    kind = (
        "MQS72",
        "a feed answers what it was asked, in a form that can be read",
        "Ask again; if it stays, the provider has changed its form.",
    )


class Misasked(FeedError):
    """The request, or an option of the feed, is not as it must be."""

    kind = ("MQA70", "a feed is asked as it takes it", "Correct what the detail names.")


class Unoffered(FeedError):
    """The feed does not have bars of this timeframe that are raw and on the session's grid."""

    kind = (
        "MQA71",
        "a feed is asked for a timeframe that it offers",
        "Take another timeframe or feed.",
    )

    def __init__(self, feed: str, why: str, offered: str = "") -> None:
        super().__init__(feed, why, f"It offers {offered}." if offered else "")


class Unauthorized(FeedError):
    """The key is not accepted, or its plan does not include what was asked."""

    kind = (
        "MQG70",
        "the feed accepts the key",
        "Look at the key in the environment, and at its plan.",
    )


class Unknown(FeedError):
    """The provider does not have the symbol."""

    kind = (
        "MQN71",
        "the feed knows the symbol",
        "Correct the symbol, or take another feed for it.",
    )
