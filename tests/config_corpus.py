"""Secrets and harmless lines, made from a seed: nothing here was ever anybody's key.

500 secrets of the shapes that providers give out, each in a line as people write them down; 5,000 lines
as they stand in configs, notes and exports, with digests, uuids, names of variables and times in them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

UPPER, LOWER, DIGITS, HEX = (
    string.ascii_uppercase,
    string.ascii_lowercase,
    string.digits,
    "0123456789abcdef",
)
WORD = string.ascii_letters + DIGITS
WORDS = [
    "the",
    "desk",
    "trades",
    "a",
    "paper",
    "account",
    "at",
    "the",
    "close",
    "of",
    "each",
    "session",
    "and",
    "compares",
    "its",
    "books",
    "with",
    "what",
    "the",
    "broker",
    "shows",
    "order",
    "fill",
    "position",
    "limit",
    "drawdown",
    "reconcile",
    "snapshot",
    "gate",
    "halt",
    "key",
    "token",
    "secret",
    "password",
    "strategy",
    "target",
    "bar",
    "window",
    "calendar",
    "symbol",
    "engine",
    "run",
    "config",
    "layer",
    "environment",
    "webhook",
    "release",
    "risk-averse",
    "task-list",
    "disk-cache",
    "mask-bits",
    "public_key",
    "api",
    "keyword",
    "tokens",
    "monkey",
    "turkey",
    "keyboard",
    "hockey",
]
Maker = Callable[[Random], str]


def some(r: Random, letters: str, count: int) -> str:
    """Letters by chance."""
    return "".join(r.choice(letters) for _ in range(count))


def b64(r: Random, size: int) -> str:
    """Bytes as base64 for URLs, without its end."""
    return base64.urlsafe_b64encode(r.randbytes(size)).decode().rstrip("=")


def jwt(r: Random) -> str:
    """Three parts, the first two JSON."""
    parts = ({"alg": "HS256"}, {"sub": some(r, DIGITS, 8)})
    head = (base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts)
    return ".".join((*head, b64(r, 32)))


FREE: dict[str, Maker] = {  # known wherever they stand
    "alpaca id": lambda r: r.choice(("PK", "AK", "CK")) + some(r, UPPER + DIGITS, 18),
    "discord": lambda r: (
        f"https://discord.com/api/webhooks/{some(r, DIGITS, 18)}/{some(r, WORD + '-_', 68)}"
    ),
    "url": lambda r: f"postgresql://desk:{some(r, WORD, 14)}@db.example.org/mqk",
    "mqk": lambda r: "mqk_" + some(r, WORD, 32),
    "pem": lambda r: r.choice(("-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----")),
    "jwt": jwt,
    "aws": lambda r: "AKIA" + some(r, UPPER + DIGITS, 16),
    "github": lambda r: r.choice(("ghp_", "gho_", "ghs_")) + some(r, WORD, 36),
    "gitlab": lambda r: "glpat-" + some(r, WORD + "-_", 20),
    "slack": lambda r: f"{r.choice(('xoxb', 'xoxp'))}-{some(r, DIGITS, 12)}-{some(r, WORD, 24)}",
    "stripe": lambda r: r.choice(("sk_live_", "sk_test_", "rk_live_")) + some(r, WORD, 24),
    "openai": lambda r: "sk-" + some(r, WORD, 48),
    "pypi": lambda r: "pypi-" + b64(r, 60),
    "npm": lambda r: "npm_" + some(r, WORD, 36),
    "random base64": lambda r: base64.b64encode(r.randbytes(32)).decode(),
    "random word": lambda r: some(r, WORD, 40),
}
NAMED: dict[str, Maker] = {  # known by the name beside them
    "alpaca secret": lambda r: some(r, WORD + "/+", 40),
    "twelvedata": lambda r: some(r, HEX, 32),
    "password": lambda r: some(r, LOWER + DIGITS, 11) + some(r, DIGITS, 2) + "x",
}
PLACES: tuple[Callable[[str, Random], str], ...] = (
    lambda s, r: f"  {r.choice(WORDS)}: {s}",
    lambda s, r: f"{r.choice(WORDS)}: '{s}'",
    lambda s, r: f"window_bars: 50  # {r.choice(WORDS)} {s} {r.choice(WORDS)}",
    lambda s, r: f"  - {s}",
    lambda s, r: f"  {s}: 1",
    lambda s, r: json.dumps({"topic": "RUNTIME", "payload": {r.choice(WORDS): s}}),
)
NAMES = {
    "alpaca secret": ("api_secret: {}", "APCA_API_SECRET_KEY={}", '"secret_key": "{}"', "key: {}"),
    "twelvedata": ("twelvedata: {}", "api_key: {}", "# twelvedata key {}", "TWELVEDATA_API_KEY={}"),
    "password": ("password: {}", "  api_secret: '{}'", "MQK_TOKEN={}", '{{"passwd":"{}"}}'),
}


def secrets(seed: int, count: int = 500) -> list[tuple[str, str]]:
    """(what it is, the line it stands in)."""
    r = Random(seed)
    kinds = [*FREE, *NAMED]
    made = []
    for n in range(count):
        kind = kinds[n % len(kinds)]
        if kind in FREE:
            made.append((kind, r.choice(PLACES)(FREE[kind](r), r)))
        else:
            made.append((kind, r.choice(NAMES[kind]).format(NAMED[kind](r))))
    return made


def at(r: Random) -> str:
    """An instant."""
    return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=r.randrange(10**7))).isoformat()


def digest(r: Random) -> str:
    """SHA-256 of something."""
    return hashlib.sha256(r.randbytes(8)).hexdigest()


def uuid(r: Random) -> str:
    """An id as core.derive_id makes them."""
    h = some(r, HEX, 32)
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def variable(r: Random) -> str:
    """A name of a variable of the environment."""
    what = r.choice(
        ("ALPACA_API_KEY", "ALPACA_API_SECRET", "DISCORD_WEBHOOK", "TWELVEDATA_API_KEY")
    )
    return f"{what}_{r.choice(('PAPER', 'LIVE'))}_{r.choice(('MAIN', 'EXP', 'DEMO'))}"


BENIGN: tuple[Maker, ...] = (
    lambda r: "# " + " ".join(r.choice(WORDS) for _ in range(r.randrange(3, 14))),
    lambda r: f"  {r.choice(WORDS)}: {r.randrange(10**6)}",
    lambda r: f"  api_key: {variable(r)}",
    lambda r: f"    api_secret: '{variable(r)}'  # {r.choice(WORDS)}",
    lambda r: json.dumps({"keys_env": {"api_key": variable(r), "api_secret": variable(r)}}),
    lambda r: json.dumps({"config_hash": digest(r), "key": digest(r), "run_id": uuid(r)}),
    lambda r: (
        f"{at(r)},MAIN_{some(r, HEX, 32)},SPY,{r.randrange(-500, 500)},MARKET,FILLED,{uuid(r)}"
    ),
    lambda r: json.dumps(
        {"event_hash": digest(r), "prev_hash": digest(r), "at": at(r), "event_seq": 7}
    ),
    lambda r: f"sha256-{base64.b64encode(hashlib.sha256(r.randbytes(4)).digest()).decode()}",
    lambda r: f"token: {r.choice(WORDS)}",
    lambda r: f"secret: {r.choice(WORDS)} # {r.choice(WORDS)}",
    lambda r: f"url: https://paper-api.alpaca.markets/v2/orders/{uuid(r)}?limit={r.randrange(500)}",
    lambda r: f"postgresql:///mqk?service={r.choice(WORDS)}&host=/var/run/postgresql",
    lambda r: f"strategy_id: {r.choice(('sma_trend', 'mean_reversion', 'swing_trend_v1'))}",
    lambda r: json.dumps({"worker_token": f"desk{r.randrange(9)} {r.randrange(10**5)} {at(r)}"}),
    lambda r: (
        f"grant execute on function api.run_create(text, timestamptz) to mqk_{r.choice(WORDS)};"
    ),
    lambda r: f"{r.choice(WORDS)}=={r.randrange(9)}.{r.randrange(90)}.1 --hash=sha256:{digest(r)}",
    lambda r: f"exports/{uuid(r)}/equity_curve.csv {r.randrange(10**7)} bytes, {some(r, HEX, 40)}",
    lambda r: (
        f"window: ({r.uniform(0, 9):.6f}, {r.uniform(0, 9):.6f})  # {r.choice(WORDS)}-{r.choice(WORDS)}"
    ),
    lambda r: (
        f"Opening range of {r.choice(WORDS)}: inv.a_position_is_its_lots, fills_are_booked_once"
    ),
)


def benign(seed: int, count: int = 5000) -> list[str]:
    """Lines in which there is nothing to hide."""
    r = Random(seed)
    return [BENIGN[n % len(BENIGN)](r) for n in range(count)]
