"""A run that traded, its report, and the same before anything happened; made once a session."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from kit import Desk
from mqk.reporting import LIMITATIONS, read_chain
from support import SERVER

PRICES = (110, 120, 130, 90, 80, 120, 130, 90, 100, 120, 110, 140)


@dataclass(frozen=True)
class Report:
    """What a report is made of, and what would be exported beside it."""

    desk: Desk
    payload: dict[str, Any]
    audit: list[dict[str, Any]] = field(default_factory=list)

    @property
    def tables(self) -> dict[str, Any]:
        """The rows of the tables that are exported."""
        return {
            **{name: self.payload[name] for name in ("orders", "fills", "equity")},
            "audit": self.audit,
        }


def report_of(desk: Desk) -> Report:
    """The report of a desk's run, through the door."""
    payload = desk.value("api.report_show", run_id=desk.run_id, now_at=desk.now)
    payload["limitations"] = list(LIMITATIONS)
    return Report(desk, payload, read_chain(desk.conn, desk.run_id))


@pytest.fixture(scope="session")
def _reports() -> Iterator[tuple[Report, Report]]:
    with SERVER.clone() as database:
        desk = Desk(database.url)
        unborn = report_of(desk)
        desk.start()
        for index, price in enumerate(PRICES, 2):
            desk.close(index, AAA=price, BBB=50 + index % 3 * 5, IDX=1000 + price)
        yield unborn, report_of(desk)
        desk.conn.close()


@pytest.fixture
def report(_reports: tuple[Report, Report]) -> Report:
    """A run of two weeks with trades, orders and an open gate; a copy, to be spoilt at will."""
    made = _reports[1]
    return Report(made.desk, copy.deepcopy(made.payload), copy.deepcopy(made.audit))


@pytest.fixture
def unborn(_reports: tuple[Report, Report]) -> Report:
    """A run that was created and nothing else: no session, no order, no gate."""
    made = _reports[0]
    return Report(made.desk, copy.deepcopy(made.payload), copy.deepcopy(made.audit))
