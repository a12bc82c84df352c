"""A broker simulator in a process of its own, for tests and campaigns: start, tell, judge, kill, restart.

with Broker(tmp_path / "ledger.jsonl") as broker:
    broker.control("quote", symbol="KO", price="62.50")
    broker.api("POST", "/v2/orders", {...})
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from mqk.simulator.judge import judge
from support import ROOT

KEYS = {"APCA_API_KEY_ID": "PKTEST", "APCA_API_SECRET_KEY": "not-a-secret"}
HEADERS = {
    "APCA-API-KEY-ID": KEYS["APCA_API_KEY_ID"],
    "APCA-API-SECRET-KEY": KEYS["APCA_API_SECRET_KEY"],
}
MAIN = "from mqk.cli.main import main; main()"


class Broker:
    """One simulator; it listens when the constructor returns and is gone after `stop` or `with`."""

    def __init__(self, ledger: Path, *options: str) -> None:
        self.ledger, self.options = ledger, options
        self.url = self.stream_url = ""
        self.process: subprocess.Popen[str] | None = None
        self.client = httpx.Client(timeout=10, transport=httpx.HTTPTransport(retries=0))
        self.start()

    def start(self, port: int = 0) -> None:
        """Start on a free port, or on the one named; wait until it listens."""
        words = ["simulator", "--json", "--port", str(port), "--ledger", str(self.ledger)]
        env = {**os.environ, **KEYS, "PYTHONPATH": str(ROOT / "python")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", MAIN, *words, *self.options],
            env=env, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the simulator ended with {self.process.wait(10)}")
        told = json.loads(line)
        self.url, self.stream_url = told["url"], told["stream"]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rsplit(":", 1)[-1])

    def control(self, path: str, body: Any = None, **fields: Any) -> Any:
        """Say a word to the control plane; gives its answer. Raises AssertionError if it refuses."""
        answer = self.client.post(f"{self.url}/_sim/{path}", json=body if body else fields)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def faults(self, fault: str, **fields: Any) -> None:
        """Queue one fault."""
        self.control("faults", [{"fault": fault, **fields}])

    def api(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """One request with the right keys; `options` go to httpx."""
        options.setdefault("headers", HEADERS)
        return self.client.request(method, self.url + path, json=body, **options)

    def judge(self) -> dict[str, Any]:
        """What the ledger proves; works when the process is dead, too."""
        return judge(self.ledger)

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """kill -9, then start again on the same ledger and port."""
        port = self.port
        self.kill()
        self.start(port)

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(number)
        try:
            code = process.wait(10)
        finally:
            process.kill()
            if process.stdout:
                process.stdout.close()
        return code

    def __enter__(self) -> Broker:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.client.close()
