"""Laws of the ledger: it comes first, it is enough to go on, and it judges."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from mqk.errors import MqkError
from mqk.simulator import open_simulator
from mqk.simulator.judge import judge
from mqk.simulator.ledger import Ledger, read_ledger
from simulator_kit import KEYS, MAIN, Broker
from support import ROOT

from .conftest import CheckedBroker, Stream, limit, order

PAGES = "/v2/account/activities/FILL"


def trade(broker: CheckedBroker) -> None:
    """A day with something of everything."""
    broker.control("quote", symbol="KO", price="62.50")
    broker.control("set", slices=2)
    broker.order()
    broker.control("correct", qty="4", price="62", **first_execution(broker))
    resting = broker.order(**limit("60", client_order_id="b", time_in_force="gtc"))
    broker.api("PATCH", f"/v2/orders/{resting['id']}", {"qty": "7", "client_order_id": "b-r1"})
    broker.order(**limit("59", client_order_id="c"))
    broker.api("DELETE", "/v2/orders/" + broker.find("c")["id"])
    broker.order(side="sell", type="stop", stop_price="80", qty="2", symbol="PEP",
                 client_order_id="d")  # fmt: skip
    broker.control("drift", symbol="PEP", qty="-3", price="100", cash="12.34")
    broker.control("activity", activity_type="DIV", net_amount="1.25", symbol="KO")


def first_execution(broker: CheckedBroker) -> dict[str, str]:
    """The id of the first execution."""
    return {"execution_id": broker.judge()["executions"][0]["execution_id"]}


def books(broker: CheckedBroker) -> dict[str, Any]:
    """The state without what belongs to the process."""
    state = broker.control("state")
    return {k: v for k, v in state.items() if k not in ("at", "stream", "faults")}


def test_a_restart_after_a_kill_keeps_the_books(process: CheckedBroker) -> None:
    trade(process)
    before, judged = books(process), process.judge()
    process.restart()
    assert books(process) == before
    after = process.judge()
    assert after | {"at": judged["at"]} == judged
    assert process.api("POST", "/v2/orders", order()).status_code == 422
    process.order(client_order_id="after")


def test_the_judge_says_what_the_broker_says(broker: CheckedBroker) -> None:
    trade(broker)
    state, judged = broker.control("state"), broker.judge()
    assert broker.control("judge") == broker.judge()
    assert (judged["cash"], judged["positions"]) == (state["cash"], state["positions"])
    by_hand = 100000 - 4 * 62 - 5 * 62.5 + 12.34 + 1.25
    assert float(judged["cash"]) == pytest.approx(by_hand)
    assert judged["positions"] == {"KO": "9", "PEP": "-3"}
    assert {o["client_order_id"] for o in judged["open_orders"]} == {"b-r1", "d"}


def test_an_answer_is_on_disk_before_it_goes_out(process: CheckedBroker) -> None:
    for number in range(5):
        taken = process.order(client_order_id=f"a{number}")
        process.kill()
        submit = process.judge()["submits"][f"a{number}"]
        assert submit == {"received": 1, "accepted": 1, "refused": 0, "orders": [taken["id"]]}
        process.start()


def test_what_a_client_was_told_survives_a_kill_at_any_moment(process: CheckedBroker) -> None:
    told: dict[str, str] = {}

    def kill_at(count: int) -> None:
        while len(told) < count:
            time.sleep(0.001)
        process.kill()

    for count in (4, 11, 19):
        killer = threading.Thread(target=kill_at, args=(count,))
        killer.start()
        with suppress(httpx.TransportError):
            while True:
                name = f"{count}-{len(told)}"
                told[name] = process.order(qty="1", client_order_id=name)["id"]
        killer.join()
        judged = process.judge()
        orders = {name: judged["submits"][name]["orders"] for name in told}
        assert orders == {name: [order_id] for name, order_id in told.items()}
        assert judged["doubles"] == []
        assert judged["positions"] == {"KO": str(len(judged["executions"]))}
        process.start()


def test_an_event_is_on_disk_before_it_is_told(broker: CheckedBroker, stream: Stream) -> None:
    broker.order()
    told = stream.read(3)
    written = [r["event"] for r in read_ledger(broker.ledger) if r["kind"] == "event"]
    assert [e["execution_id"] for e in written] == [e["execution_id"] for e in told]


def test_the_ledger_holds_every_request_and_answer_and_no_key(broker: CheckedBroker) -> None:
    trade(broker)
    records = list(read_ledger(broker.ledger))
    requests = [r for r in records if r["kind"] == "request"]
    answers = {r["request"]: r["status"] for r in records if r["kind"] == "answer"}
    assert {r["n"] for r in requests} == set(answers)
    assert [r["n"] for r in records] == list(range(1, len(records) + 1))
    text = broker.ledger.read_text()
    assert not any(value in text for value in KEYS.values())


def test_without_dedupe_a_double_submit_is_visible(tmp_path: Path) -> None:
    with CheckedBroker(tmp_path / "l.jsonl", "--no-dedupe") as broker:
        broker.control("quote", symbol="KO", price="62.50")
        ids = [broker.order()["id"] for _ in range(2)]
        judged = broker.judge()
    assert judged["doubles"] == ["a"]
    assert judged["submits"]["a"]["orders"] == ids
    assert judged["positions"] == {"KO": "20"}


def test_the_same_seed_and_the_same_calls_give_the_same_ledger(tmp_path: Path) -> None:
    texts = []
    for name, seed in (("x", 1), ("y", 1), ("z", 2)):
        with CheckedBroker(tmp_path / name, "--seed", str(seed)) as broker:
            trade(broker)
        texts.append((tmp_path / name).read_text())
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_a_step_that_a_crash_cut_short_never_was(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    open_simulator(path, ("k", "s")).book.ledger.close()
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"n":3,"at":"2026-10-08T15:10:00Z","kind":"quote"}\n{"n":4,"at"')
    assert len(list(read_ledger(path))) == 2
    made = open_simulator(path, ("k", "s"))
    assert path.read_bytes().startswith(whole)
    assert made.book.count == 3 and made.book.quotes == {}
    made.book.ledger.close()


def test_one_process_at_a_time_holds_a_ledger(broker: CheckedBroker) -> None:
    with pytest.raises(MqkError, match="another simulator has it"):
        Ledger(broker.ledger)


def test_a_ledger_is_of_the_account_that_it_was_begun_for(tmp_path: Path) -> None:
    path, mine, other = tmp_path / "l", "7a8b1c5e-35b0-5a0e-9f55-2f8c5b1e0a11", "x"
    open_simulator(path, ("k", "s"), account_id=mine).book.ledger.close()
    again = open_simulator(path, ("k", "s"), account_id=mine, cash="5")
    assert (again.book.opening["account_id"], again.book.cash) == (mine, 100000)
    again.book.ledger.close()
    with pytest.raises(MqkError, match="MQS07"):
        open_simulator(path, ("k", "s"), account_id=other)


def test_an_account_that_was_reset_begins_anew(broker: CheckedBroker) -> None:
    broker.order()
    before = broker.api("GET", "/v2/account").json()
    other = "7a8b1c5e-35b0-5a0e-9f55-2f8c5b1e0a11"
    broker.control("account", account_id=other, cash="500")
    account = broker.api("GET", "/v2/account").json()
    assert (account["id"], account["cash"]) == (other, "500.00")
    assert account["account_number"] != before["account_number"]
    assert broker.api("GET", "/v2/orders?status=all").json() == []
    assert broker.api("GET", "/v2/positions").json() == []


def test_a_lost_order_is_not_found(broker: CheckedBroker) -> None:
    taken = broker.order(**limit("60"))
    broker.control("set", hidden=[taken["id"]])
    assert broker.api("GET", f"/v2/orders/{taken['id']}").status_code == 404
    assert "code" in broker.find("a")
    assert broker.api("GET", "/v2/orders").json() == []


def test_every_fill_is_on_one_page_or_another(broker: CheckedBroker) -> None:
    broker.control("set", slices=7)
    broker.order(qty="70")
    rows: list[dict[str, Any]] = []
    while True:
        token = f"&page_token={rows[-1]['id']}" if rows else ""
        path = f"{PAGES}?direction=asc&page_size=3{token}"
        page = broker.api("GET", path).json()
        rows += page
        if len(page) < 3:
            break
    assert [row["cum_qty"] for row in rows] == [str(n) for n in range(10, 80, 10)]
    assert broker.api("GET", f"{PAGES}?after={rows[4]['transaction_time']}").json() == rows[:4:-1]
    assert broker.api("GET", f"{PAGES}?page_size=101").status_code == 422


def test_an_activity_may_be_listed_late(broker: CheckedBroker) -> None:
    broker.order()
    broker.control("activity", activity_type="FEE", net_amount="-0.02", at="2026-10-07T20:00:00Z")
    kinds = [row["activity_type"] for row in broker.api("GET", "/v2/account/activities").json()]
    assert kinds == ["FILL", "FEE"]
    fees = broker.api("GET", "/v2/account/activities/FEE").json()
    assert [row["net_amount"] for row in fees] == ["-0.02"]


def test_orders_are_paged_without_a_gap(broker: CheckedBroker) -> None:
    broker.control("order", symbol="KO", side="buy", qty="1", count=7, client_order_id="m",
                   type="limit", limit_price="1")  # fmt: skip
    seen: list[str] = []
    while True:
        bound = f"&after_order_id={seen[-1]}" if seen else ""
        page = broker.api("GET", f"/v2/orders?limit=3&direction=asc{bound}").json()
        seen += [row["id"] for row in page]
        if len(page) < 3:
            break
    assert len(seen) == len(set(seen)) == 7
    first = broker.api("GET", f"/v2/orders/{seen[0]}").json()
    late = broker.api("GET", f"/v2/orders?after={first['submitted_at']}").json()
    assert [row["id"] for row in late] == seen[:0:-1]


def test_ids_of_the_hour_that_summer_time_repeats_are_not_a_clock(broker: CheckedBroker) -> None:
    broker.control("set", hours="open")
    for number, at in enumerate(("2026-11-01T05:30:00Z", "2026-11-01T06:10:00Z")):
        broker.control("clock", to=at)
        broker.order(client_order_id=f"a{number}")
    rows = broker.api("GET", f"{PAGES}?direction=asc").json()
    assert [row["id"][:10] for row in rows] == ["2026110101", "2026110101"]
    assert rows[0]["id"] > rows[1]["id"]
    assert rows[0]["transaction_time"] < rows[1]["transaction_time"]


def test_the_clock_may_be_wrong(broker: CheckedBroker) -> None:
    broker.control("set", skew_ms=-5000)
    told = broker.api("GET", "/v2/clock").json()["timestamp"]
    assert told.startswith("2026-10-08T11:09:55")


def test_the_control_plane_refuses_what_it_does_not_know(broker: CheckedBroker) -> None:
    for word, body in (("nonsense", {}), ("set", {"slices": "2"}), ("set", {"nothing": 1}),
                       ("quote", {"symbol": "KO", "price": "-1"}), ("fill", {"qty": "1"}),
                       ("stream", {"do": "explode"}), ("bust", {"execution_id": "x"})):  # fmt: skip
        answer = broker.client.post(f"{broker.url}/_sim/{word}", json=body)
        assert answer.status_code in (400, 404), word


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Broker]:
    """A broker that uses this machine's clock."""
    with Broker(tmp_path / "real.jsonl", "--real-clock") as made:
        yield made


def test_the_real_clock_cannot_be_set(real: Broker) -> None:
    answer = real.client.post(f"{real.url}/_sim/clock", json={"advance_ms": 1})
    assert answer.status_code == 409
    real.control("set", hours="open")
    real.control("quote", symbol="KO", price="62.50")
    assert real.api("POST", "/v2/orders", order()).status_code == 200
    assert real.judge()["positions"] == {"KO": "10"}


def test_the_simulator_ends_with_sigterm(process: CheckedBroker) -> None:
    process.api("GET", "/v2/clock")
    assert process.stop() == 0
    assert list(read_ledger(process.ledger))[-1]["kind"] == "answer"


def test_the_judge_reads_a_ledger_without_its_process(process: CheckedBroker) -> None:
    process.order()
    process.kill()
    done = subprocess.run(
        [sys.executable, "-m", "mqk.simulator.judge", str(process.ledger)],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": "python"},
        cwd=ROOT,
    )  # fmt: skip
    assert json.loads(done.stdout) == judge(process.ledger)


def run_command(*words: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run mqk simulator; it must end by itself."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("APCA_")}
    return subprocess.run(
        [sys.executable, "-c", MAIN, "simulator", *words], timeout=20, check=False,
        capture_output=True, text=True, env=clean | {"PYTHONPATH": str(ROOT / "python")} | env,
    )  # fmt: skip


def test_a_simulator_without_keys_does_not_start(tmp_path: Path) -> None:
    done = run_command("--ledger", str(tmp_path / "l"), env={"APCA_API_KEY_ID": "x"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "APCA_API_SECRET_KEY" in done.stderr
    assert not (tmp_path / "l").exists()


def test_the_address_is_printed_for_people_too(tmp_path: Path) -> None:
    env = {**os.environ, **KEYS, "PYTHONPATH": str(ROOT / "python")}
    words = ["simulator", "--ledger", str(tmp_path / "l")]
    process = subprocess.Popen([sys.executable, "-c", MAIN, *words], stdout=subprocess.PIPE,
                               text=True, env=env)  # fmt: skip
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("listening on http://127.0.0.1:")
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        process.stdout.close()
