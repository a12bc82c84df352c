"""Each fault of the queue does what it says: one law a fault."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import httpx
import pytest

from mqk.simulator.faults import FAULTS, REFUSALS
from simulator_kit import HEADERS
from support import ROOT

from .conftest import CheckedBroker, Stream, limit, order

Law = Callable[[CheckedBroker, Stream], None]
LAWS: dict[str, Law] = {}
LIST = "/v2/orders?status=all"


def law(name: str) -> Callable[[Law], Law]:
    """Register the law of a fault."""
    return lambda rule: LAWS.setdefault(name, rule)


def submit(broker: CheckedBroker, **fields: object) -> httpx.Response:
    """Submit the order named `a`; the answer may be broken."""
    return broker.api("POST", "/v2/orders", order(**fields), wild=True, timeout=1)


def count(broker: CheckedBroker) -> int:
    """How many orders the broker holds."""
    return len(broker.api("GET", LIST).json())


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_does_what_it_says(broker: CheckedBroker, stream: Stream, name: str) -> None:
    LAWS[name](broker, stream)
    assert broker.control("faults", []) == []


def test_a_fault_meets_only_the_calls_it_was_queued_for(broker: CheckedBroker) -> None:
    broker.faults("refuse", client_order_id="b", times=2)
    assert submit(broker).status_code == 200
    names = ("b", "b", "b")
    codes = [submit(broker, client_order_id=name).status_code for name in names]
    assert codes == [403, 403, 200]


def test_faults_are_met_in_the_order_they_were_queued(broker: CheckedBroker) -> None:
    entries = [{"fault": "unauthorized"}, {"fault": "rate_limit"}, {"fault": "error_before"}]
    broker.control("faults", entries)
    assert [submit(broker).status_code for _ in range(4)] == [401, 429, 500, 200]


def test_an_unknown_fault_is_refused(broker: CheckedBroker) -> None:
    for entry in ({"fault": "gremlin"}, {"fault": "slow", "times": 0}):
        answer = broker.client.post(f"{broker.url}/_sim/faults", json=[entry])
        assert answer.status_code == 400
    assert broker.control("faults", []) == []


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_reason_has_its_own_words(broker: CheckedBroker, reason: str) -> None:
    broker.faults("refuse", reason=reason)
    answer = submit(broker)
    told = answer.json()
    assert (answer.status_code, told["code"], told["message"]) == REFUSALS[reason]
    assert count(broker) == 0


def test_the_page_names_every_fault_and_every_row() -> None:
    page = (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")
    assert [name for name in FAULTS if f"`{name}`" not in page] == []
    rows = {int(n) for n in re.findall(r"^\| (\d+) \|", page, re.M)}
    assert rows == set(range(1, 37))


@law("slow")
def slow(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("slow", delay_ms=200)
    begun = time.monotonic()
    assert submit(broker).status_code == 200
    assert time.monotonic() - begun >= 0.2


@law("hang_after")
def hang_after(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("hang_after")
    with pytest.raises(httpx.ReadTimeout):
        broker.api("POST", "/v2/orders", order(), timeout=0.3)
    assert broker.find("a")["status"] == "filled"


@law("accept_late")
def accept_late(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("accept_late", delay_ms=600)
    with pytest.raises(httpx.ReadTimeout):
        broker.api("POST", "/v2/orders", order(), timeout=0.2)
    assert count(broker) == 0
    assert stream.names(3)[-1] == "fill"
    assert count(broker) == 1
    again = submit(broker)
    assert (again.status_code, again.json()["code"]) == (422, 40010001)
    assert broker.judge()["submits"]["a"]["received"] == 2


@law("drop_before")
def drop_before(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("drop_before")
    with pytest.raises(httpx.TransportError):
        submit(broker)
    assert count(broker) == 0
    assert broker.judge()["submits"]["a"]["received"] == 1
    assert submit(broker).status_code == 200


@law("drop_after")
def drop_after(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("drop_after")
    with pytest.raises(httpx.TransportError):
        submit(broker)
    assert broker.find("a")["status"] == "filled"
    assert stream.names(3)[-1] == "fill"


@law("error_before")
def error_before(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("error_before", status=502)
    answer = submit(broker)
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
    assert count(broker) == 0


@law("error_after")
def error_after(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("error_after")
    assert submit(broker).status_code == 504
    assert count(broker) == 1


@law("html")
def html(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("html")
    answer = submit(broker)
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        answer.json()
    assert count(broker) == 1


@law("truncated")
def truncated(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("truncated")
    answer = submit(broker)
    assert answer.status_code == 200 and answer.text.startswith("{")
    with pytest.raises(ValueError):
        answer.json()
    assert count(broker) == 1


@law("wrong_id")
def wrong_id(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("wrong_id")
    assert submit(broker).json()["client_order_id"] == "somebody-elses-order"
    assert broker.find("a")["client_order_id"] == "a"


@law("odd_json")
def odd_json(broker: CheckedBroker, stream: Stream) -> None:
    broker.order(side="sell", qty="3")
    broker.faults("odd_json", method="GET", path="/v2/positions")
    row = broker.api("GET", "/v2/positions", wild=True).json()[0]
    assert row["qty"] == -3 and row["avg_entry_price"] == 62.5 and "x_unknown_key" in row
    broker.faults("odd_json", method="GET", path="/v2/orders")
    assert broker.api("GET", LIST, wild=True).json()[0]["submitted_at"] is None


@law("duplicate")
def duplicate(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("duplicate")
    answer = submit(broker)
    assert (answer.status_code, answer.json()["code"]) == (422, 40010001)
    assert broker.find("a")["qty"] == "10"


@law("collision")
def collision(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("collision")
    assert submit(broker).status_code == 422
    assert broker.find("a")["qty"] == "11"
    assert broker.judge()["submits"]["a"]["accepted"] == 0


@law("refuse")
def refuse(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("refuse", status=422, code=42210000, message="our own words", times=3)
    answers = [submit(broker, client_order_id=f"a{i}") for i in range(3)]
    assert {a.status_code for a in answers} == {422}
    assert answers[0].json() == {"code": 42210000, "message": "our own words"}
    assert count(broker) == 0


@law("rate_limit")
def rate_limit(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("rate_limit", reset_s=7)
    broker.faults("rate_limit", reset_s=None)
    told, silent = submit(broker), submit(broker)
    assert told.status_code == silent.status_code == 429
    assert told.headers["X-RateLimit-Remaining"] == "0"
    assert "X-RateLimit-Reset" in told.headers and "X-RateLimit-Reset" not in silent.headers
    assert count(broker) == 0


@law("unauthorized")
def unauthorized(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("unauthorized", method="*", path="*")
    answer = submit(broker)
    assert (answer.status_code, answer.json()) == (401, {"message": "unauthorized."})
    assert count(broker) == 0


@law("events_first")
def events_first(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("events_first", delay_ms=400)
    with pytest.raises(httpx.ReadTimeout):
        broker.api("POST", "/v2/orders", order(), timeout=0.2)
    assert stream.names(3) == ["pending_new", "new", "fill"]


@law("fill_wins")
def fill_wins(broker: CheckedBroker, stream: Stream) -> None:
    taken = broker.order(**limit("60"))
    path = f"/v2/orders/{taken['id']}"
    broker.faults("fill_wins", method="DELETE", path=path, price="60")
    assert broker.api("DELETE", path).status_code == 422
    assert broker.find("a")["status"] == "filled"
    other = broker.order(**limit("60", client_order_id="b"))
    path = f"/v2/orders/{other['id']}"
    broker.faults("fill_wins", method="PATCH", path=path, price="60", qty="4")
    assert broker.api("PATCH", path, {"limit_price": "59"}).json()["qty"] == "6"
    assert broker.find("b")["filled_qty"] == "4"


@law("cancel_waits")
def cancel_waits(broker: CheckedBroker, stream: Stream) -> None:
    path = f"/v2/orders/{broker.order(**limit('60'))['id']}"
    broker.faults("cancel_waits", method="DELETE", path="/v2/orders/*")
    assert broker.api("DELETE", path).status_code == 204
    assert broker.find("a")["status"] == "pending_cancel"
    broker.control("status", client_order_id="a", status="canceled")
    assert stream.names(4)[-2:] == ["pending_cancel", "canceled"]


@law("cancel_rejected")
def cancel_rejected(broker: CheckedBroker, stream: Stream) -> None:
    path = f"/v2/orders/{broker.order(**limit('60'))['id']}"
    broker.faults("cancel_rejected", method="DELETE", path="/v2/orders/*")
    assert broker.api("DELETE", path).status_code == 204
    broker.control("quote", symbol="KO", price="60")
    named = ["pending_new", "new", "pending_cancel", "order_cancel_rejected", "fill"]
    assert stream.names(5) == named


@law("replace_rejected")
def replace_rejected(broker: CheckedBroker, stream: Stream) -> None:
    path = f"/v2/orders/{broker.order(**limit('60'))['id']}"
    broker.faults("replace_rejected", method="PATCH", path="/v2/orders/*")
    new = broker.api("PATCH", path, {"limit_price": "59", "client_order_id": "a-r1"})
    assert new.status_code == 200
    broker.control("quote", symbol="KO", price="60")
    named = ["pending_replace", "order_replace_rejected", "rejected", "fill"]
    assert stream.names(6)[2:] == named
    assert (broker.find("a")["status"], broker.find("a-r1")["status"]) == ("filled", "rejected")


@law("page_lost")
def page_lost(broker: CheckedBroker, stream: Stream) -> None:
    broker.control("set", slices=3)
    broker.order()
    path = "/v2/account/activities/FILL"
    last = broker.api("GET", f"{path}?page_size=1").json()[-1]["id"]
    broker.faults("page_lost", method="GET", path=path)
    pages = [broker.api("GET", f"{path}?page_token={last}").json() for _ in range(2)]
    assert [len(page) for page in pages] == [0, 2]


@law("stale")
def stale(broker: CheckedBroker, stream: Stream) -> None:
    broker.faults("stale", path="/v2/positions", times=2)
    broker.order()
    assert broker.find("a")["status"] == "filled"
    seen = [broker.api("GET", "/v2/positions").json() for _ in range(3)]
    assert seen[:2] == [[], []] and seen[2][0]["qty"] == "10"


def test_a_fault_needs_the_right_keys_first(broker: CheckedBroker) -> None:
    broker.faults("slow")
    bad = HEADERS | {"APCA-API-SECRET-KEY": "x"}
    assert broker.api("GET", "/v2/account", headers=bad).status_code == 401
    assert broker.control("faults", [])[0]["times"] == 1
