"""Finds what looks like a secret: the database's own rules first, then chance (entropy) second.

A name of an environment variable, a digest, a uuid, a date and a word are not secrets.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache

from mqk.config.rules import read_page

TOKEN = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{24,}={0,2}(?![A-Za-z0-9+/_=-])")
# What a person or a digest writes: parts that are capitals, small letters, digits or hex.
PART = r"([A-Z]+[0-9]*|[a-z]+[0-9]*|[0-9]+|[0-9a-f]+|[0-9A-F]+)"
PLAIN = re.compile(rf"[+/_-]*{PART}([+/_-]+{PART})*[+/_-]*|sha(256|384|512)-\S+")
LONG = 40  # characters: from here the limit of detect-secrets for base64 holds
ENTROPY_OF_LONG, ENTROPY_OF_SHORT = 4.5, 4.0  # bits a character


@cache
def patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(rule, pattern) of core.list_secret_rules, by name."""
    return tuple((rule, re.compile(pattern)) for rule, pattern in sorted(read_page()["secrets"]))


def find_known(text: str) -> str | None:
    """The rule of the database by which a text holds a secret, or None; as core.find_secret."""
    return next((rule for rule, pattern in patterns() if pattern.search(text)), None)


def find_secret(text: str) -> str | None:
    """As find_known, or HIGH_ENTROPY for a word that only chance can have written."""
    if rule := find_known(text):
        return rule
    return "HIGH_ENTROPY" if any(is_random(word) for word in TOKEN.findall(text)) else None


def is_random(word: str) -> bool:
    """Whether capitals, small letters and digits are mixed as nobody writes them."""
    bare = word.rstrip("=")
    if PLAIN.fullmatch(bare) or not all(re.search(c, bare) for c in ("[A-Z]", "[a-z]", "[0-9]")):
        return False
    limit = ENTROPY_OF_LONG if len(bare) >= LONG else ENTROPY_OF_SHORT
    return compute_entropy(bare) >= limit


def compute_entropy(word: str) -> float:
    """Shannon entropy, bits a character."""
    counts = Counter(word).values()
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts)


def mask(text: str) -> str:
    """The text with every known secret replaced by the name of its rule."""
    for rule, pattern in patterns():
        text = pattern.sub(f"[redacted {rule}]", text)
    return text


def scan(text: str) -> list[tuple[int, str]]:
    """(line, rule) of every line that holds a secret."""
    found = ((n, find_secret(line)) for n, line in enumerate(text.splitlines(), 1))
    return [(n, rule) for n, rule in found if rule]
