"""python -m mqk.refold LOG: fold the log, print table by table; exit 4 if anything differs."""

import json
import sys
from pathlib import Path

from .run import Run
from .state import KEYS, find_break
from .text import Row, Verbatim, sha256, write


def refold(lines: list[str]) -> tuple[dict[str, tuple[int, str]], dict[str, dict[str, Row]]]:
    """The digests of each table, {name: (rows, sha256)}, and the tables themselves."""
    said = [json.loads(line, parse_float=Verbatim) for line in lines]
    run = Run()
    for line in said:
        if line["kind"] == "event":
            take(run, line | {"data": json.loads(line["payload"], parse_float=Verbatim)})
    run.mark([line for line in said if line["kind"] == "point"])
    digests = {}
    for name in sorted(KEYS):
        rows = run.tables[name]
        order = sorted(rows, key=str.encode)
        digests[name] = (len(rows), sha256("\n".join(write(rows[key]) for key in order)))
    whole = "\n".join(f"{name} {digest}" for name, (_, digest) in digests.items())
    digests["ALL"] = (sum(count for count, _ in digests.values()), sha256(whole))
    return digests, run.tables


def take(run: Run, event: Row) -> None:
    """One event; what is not as our workers write it is named, and the fold ends there."""
    try:
        run.take(event)
    except (KeyError, TypeError, ValueError) as error:
        place = f"event {event['event_seq']} of {event['chain_id']}, {event['event_name']}"
        sys.exit(f"{place}: it does not fold: {type(error).__name__} {error}. Nothing is proven.")


def main(path: str) -> int:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    said = [json.loads(line) for line in lines]
    digests, _ = refold(lines)
    stored = {line["table_name"]: line for line in said if line["kind"] == "table"}
    bad = find_break([line for line in said if line["kind"] == "event"])
    is_equal = bad is None
    for name, (count, digest) in digests.items():
        same = stored.get(name, {}).get("digest") == digest
        is_equal = is_equal and same
        print(f"{name:24}{count:>8}  {digest[:16]}  {'equal' if same else 'DIFFERS'}")
    print("the diary's chain", "holds" if bad is None else f"BREAKS at event {bad}")
    return 0 if is_equal else 4


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
