"""Make config/calendars/XNYS.csv from exchange_calendars: `python -m house.make_calendar`.

Development only: the sessions are shipped as data, so that no run needs the library.
"""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import exchange_calendars

OUT = Path(__file__).resolve().parents[2] / "config" / "calendars" / "XNYS.csv"
FIRST, LAST = "1990-01-02", "2030-12-31"
HEADER = ("exchange_id", "session_on", "opens_at", "closes_at", "is_half_day")
FULL_DAY = timedelta(hours=6, minutes=30)


def main() -> None:
    """Write one row a session, in UTC."""
    calendar = exchange_calendars.get_calendar("XNYS", start=FIRST, end=LAST)
    with OUT.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(HEADER)
        for session in calendar.sessions:
            opens = calendar.session_open(session).to_pydatetime()
            closes = calendar.session_close(session).to_pydatetime()
            stamps = (t.strftime("%Y-%m-%dT%H:%M:%SZ") for t in (opens, closes))
            half = str(closes - opens < FULL_DAY).lower()
            writer.writerow(("XNYS", session.date().isoformat(), *stamps, half))
    print(OUT.name, len(calendar.sessions))


if __name__ == "__main__":
    main()
