"""What every feed must offer: batches of bars with the answers that they were read from.

A feed carries text. It asks, reads what came back into rows whose values are verbatim text, and hands
both over; what a value, an instant or a gap means is judged in the database. Yours is one file: a class
as `Feed` says, registered under the entry point group `mqk.feeds`, and its options in the config under
`data.feeds.<name>` (docs/feeds.md).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.metadata import entry_points
from typing import Any, Protocol

from mqk.clock import Clock, system_clock
from mqk.config.secrets import Secrets, is_env_name
from mqk.errors import MqkError
from mqk.feeds.errors import Misasked, Unoffered

GROUP = "mqk.feeds"
Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Raw:
    """One answer as it came, and the request that it answers; no key is in either."""

    request: Mapping[str, str]
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Batch:
    """Rows of one timeframe, the answers that they were read from, and by which version of which reader.

    A row has line_no, symbol, timeframe, one of session_on (ISO date; 1D only), starts_at, ends_at (ISO
    8601 with offset), open, high, low, close, volume, and may have is_complete ('false': still forming
    or still revised). All but line_no are text.
    """

    raws: Sequence[Raw]
    normaliser: str
    timeframe: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Want:
    """Bars that are asked for: a symbol's of one timeframe, of the days from_on to until_on."""

    symbol: str
    timeframe: str
    from_on: date
    until_on: date


@dataclass(frozen=True)
class Quota:
    """How many requests are left until reset_at, of how many; None is unknown."""

    left: int | None = None
    limit: int | None = None
    reset_at: datetime | None = None


@dataclass(frozen=True)
class Outside:
    """What a feed may use: the secrets of its process, the clock, a way to wait. It waits no longer than
    `patience` seconds at a time and tells `say` why; where that is too short, it raises RateLimited.
    """

    secrets: Secrets = field(default_factory=Secrets)
    clock: Clock = system_clock
    sleep: Callable[[float], None] = time.sleep
    patience: float = 70.0
    say: Callable[[str], None] = lambda _: None


class Feed(Protocol):
    """A source of bars, made as `cls(options, outside)`; `options` are the config's. The options that
    `keys` names are names of variables. A feed that is metered counts its requests.
    """

    name: str
    timeframes: Sequence[str]
    is_metered: bool
    keys: Sequence[str]
    limits: str

    def fetch(self, wants: Sequence[Want]) -> Iterator[Batch]:
        """What is asked for, in batches that stand alone; those of a symbol come oldest first, so that
        who stops after any of them has no hole. Raises the errors of mqk.feeds.errors.
        """

    def quota(self) -> Quota:
        """What the feed said last about its limits."""


def names() -> list[str]:
    """Names of all installed feeds."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def find(name: str) -> type:
    """The class of a feed. Raises MqkError MQN70 when there is none, MQS73 when there are two."""
    found = list(entry_points(group=GROUP, name=name))
    if not found:
        raise MqkError("MQN70", "the feed exists", name, f"One of {', '.join(names())}.")
    if len(found) > 1:
        where = ", ".join(entry.value for entry in found)
        raise MqkError(
            "MQS73", "one package brings a feed's name", f"{name}: {where}", "Uninstall one."
        )
    made: type = found[0].load()
    return made


def open_feed(name: str, feeds: Mapping[str, Any], outside: Outside) -> Feed:
    """The feed of this name with its options out of data.feeds.

    Raises MqkError MQN70, MQS73; MQG30 without its key; MQA70 for an option that it does not take.
    """
    cls = find(name)
    if unknown := sorted(set(feeds) - set(names())):
        raise Misasked(name, f"data.feeds.{unknown[0]} is no feed", f"One of {', '.join(names())}.")
    options = feeds.get(name) or {}
    if not isinstance(options, Mapping):
        raise Misasked(name, f"data.feeds.{name} is no list of options")
    feed: Feed = cls(options, outside)
    return feed


def take_options(name: str, given: Mapping[str, Any], **defaults: Any) -> dict[str, Any]:
    """The options of a feed over their defaults. Raises MqkError MQA70 naming what it does not take."""
    unknown = sorted(set(given) - set(defaults))
    unnamed = [k for k in sorted(given) if k.endswith("_env") and not is_env_name(given[k])]
    if unnamed:  # it may be the key itself: its value is not shown
        why = f"data.feeds.{name}.{unnamed[0]} is no name of a variable (REDACTED)"
        raise Misasked(name, why, "Write the variable's name here, its value into the environment.")
    wrong = sorted(
        key for key in set(given) & set(defaults) if not isinstance(given[key], type(defaults[key]))
    )
    if unknown or wrong:
        fix = f"It takes {', '.join(defaults) or 'none'}."
        raise Misasked(name, f"data.feeds.{name}: {', '.join(unknown + wrong)}", fix)
    return {**defaults, **given}


def refuse_others(
    name: str, offered: Mapping[str, Any], wants: Sequence[Want], why: str = ""
) -> None:
    """Raises MqkError MQA71 for a timeframe that a feed does not offer."""
    for want in wants:
        if want.timeframe not in offered:
            raise Unoffered(name, f"{want.timeframe}: {why or 'not offered'}", ", ".join(offered))
