"""Operator tokens: mqk_<environment>_<id, 8 hex>_<256 bits, 43 base64url>_<checksum, 6 base64url>.

The database never sees one. A use brings the digest (SHA-256 hex of the token); what is stored is the
verifier (SHA-256 hex of the digest), so that whoever reads the tables or a backup holds no token.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import zlib
from dataclasses import dataclass

from mqk.errors import MqkError

VARIABLE = "MQK_TOKEN"
FORM = re.compile(
    r"(?P<body>mqk_[a-z]{2,12}_(?P<id>[0-9a-f]{8})_[A-Za-z0-9_-]{43})_(?P<sum>[A-Za-z0-9_-]{6})"
)


@dataclass(frozen=True)
class Token:
    """A token; its text is shown once and never printed by accident."""

    token_id: str
    text: str

    def __repr__(self) -> str:
        return f"Token({self.token_id})"

    @property
    def digest(self) -> str:
        """What a use brings."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def verifier(self) -> str:
        """What is stored."""
        return hashlib.sha256(self.digest.encode()).hexdigest()


def make_token(environment: str) -> Token:
    """A new token, from the system's randomness."""
    token_id = secrets.token_hex(4)
    body = f"mqk_{environment}_{token_id}_{_encode(secrets.token_bytes(32))}"
    return Token(token_id, f"{body}_{_checksum(body)}")


def read_token(text: str) -> Token:
    """A token as somebody typed it. Raises MqkError MQA60 when it is cut or mistyped."""
    found = FORM.fullmatch(text.strip())
    if found is None or found["sum"] != _checksum(found["body"]):
        fix = "Copy it again, from mqk_ to its last character; it was shown once."
        raise MqkError("MQA60", "a token is copied whole", f"from {VARIABLE}", fix)
    return Token(found["id"], found[0])


def token_from_environment() -> Token | None:
    """The token of MQK_TOKEN; None when it is not set. Raises MqkError MQA60."""
    text = os.environ.get(VARIABLE)
    return read_token(text) if text else None


def _checksum(body: str) -> str:
    return _encode(zlib.crc32(body.encode()).to_bytes(4, "big"))


def _encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
