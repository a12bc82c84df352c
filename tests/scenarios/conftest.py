"""A desk for each test; when the test is over, every promise of the database must hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kit import GIVEN, Desk


@pytest.fixture
def desk(db: Any) -> Iterator[Desk]:
    """A created run with its market, workers and paper broker."""
    made = Desk(db.url)
    yield made
    assert made.broken_promises() == []
    made.conn.close()


@pytest.fixture
def running(desk: Desk) -> Desk:
    """The same, begun."""
    desk.start()
    return desk


@pytest.fixture
def given_desk(db: Any) -> Iterator[Desk]:
    """A running desk whose strategy wants what the test says: desk.plan(2, AAA=5)."""
    made = Desk(db.url, strategy=GIVEN)
    made.start()
    yield made
    assert made.broken_promises() == []
    made.conn.close()
