"""Workers log one JSON object a line to standard error: what happened, never a secret."""

from __future__ import annotations

import json
import sys
from typing import Any


def log(worker: str, event: str, **fields: Any) -> None:
    """Write one line; values that are not JSON are written as text."""
    line = json.dumps({"worker": worker, "event": event, **fields}, default=str, sort_keys=True)
    print(line, file=sys.stderr, flush=True)
