"""The server that crashes and layers share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaos.server import Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A durable server of this process's own."""
    with Server() as made:
        yield made
