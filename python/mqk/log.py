"""Workers log one JSON object a line to standard error: what happened, never a secret."""

from __future__ import annotations

import json
import sys
from typing import Any

from mqk.config.detector import mask


def log(worker: str, event: str, **fields: Any) -> None:
    """Write one line; values that are not JSON are written as text, what looks like a secret is not."""
    line = json.dumps({"worker": worker, "event": event, **fields}, default=str, sort_keys=True)
    print(mask(line), file=sys.stderr, flush=True)
