"""Make config/calendars/<MIC>.csv from exchange_calendars: `make calendars MIC="XNYS"`.

Development only, and alone in its file, because it runs in an environment of its own: the sessions are
shipped as data, so that no run needs the library. `--check` writes nothing and says what differs.
"""

from __future__ import annotations

import csv
import io
import sys
from datetime import UTC, datetime
from pathlib import Path

import exchange_calendars

FOLDER = Path(__file__).resolve().parents[2] / "config" / "calendars"
FIRST, LAST = "1990-01-01", "2030-12-31"
# Days whose hours nobody had planned, which the library leaves as planned: New York time, as
# pandas_market_calendars 5.5.0 has them. Openings after a minute of silence count as on time.
UNPLANNED = {
    ("XNYS", "1994-02-11"): ("09:30", "14:30"),  # snow
    ("XNYS", "1995-12-18"): ("10:30", "16:00"),  # computer trouble
    ("XNYS", "1996-01-08"): ("11:00", "14:00"),  # blizzard
    ("XNYS", "1997-10-27"): ("09:30", "15:30"),  # circuit breaker
    ("XNYS", "2002-09-11"): ("12:00", "16:00"),  # a year after
}
HEADER = ("exchange_id", "time_zone", "session_on", "opens_at", "closes_at", "is_half_day")


def build(mic: str) -> str:
    """The calendar of an exchange: one row a session, in UTC. Shorter than most is a half day."""
    calendar = exchange_calendars.get_calendar(mic, start=FIRST, end=LAST)
    if breaks := [str(day.date()) for day in calendar.sessions if calendar.session_has_break(day)]:
        raise SystemExit(
            f"{mic} has a break in its sessions, which the desk does not know: {breaks[0]}"
        )
    hours = []
    for day in calendar.sessions:
        opens, closes = calendar.session_open(day), calendar.session_close(day)
        if local := UNPLANNED.get((mic, day.date().isoformat())):
            stamps = (datetime.fromisoformat(f"{day.date()}T{at}") for at in local)
            opens, closes = (t.replace(tzinfo=calendar.tz).astimezone(UTC) for t in stamps)
        hours.append((day.date(), opens, closes))
    lengths = [closes - opens for _, opens, closes in hours]
    usual = max(set(lengths), key=lengths.count)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for day, opens, closes in hours:
        stamps = (t.strftime("%Y-%m-%dT%H:%M:%SZ") for t in (opens, closes))
        half = str(closes - opens < usual).lower()
        writer.writerow((mic, calendar.tz.key, day.isoformat(), *stamps, half))
    return text.getvalue()


def main(args: list[str]) -> int:
    """Write or check the calendars of these exchanges; give how many differ."""
    differ = 0
    for mic in [word for word in args if not word.startswith("-")] or ["XNYS"]:
        path, text = FOLDER / f"{mic}.csv", build(mic)
        stored = path.read_text(encoding="utf-8") if path.is_file() else ""
        if "--check" not in args:
            path.write_text(text, encoding="utf-8")
        differ += text != stored
        lines = set(text.splitlines()) ^ set(stored.splitlines())
        print(path.name, text.count("\n") - 1, "sessions,", len(lines), "lines differ")
        print("\n".join(sorted(lines)[:20]))
    return differ if "--check" in args else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
