"""Ask for bars with twelvedata's own client as it is published: python ask_with_twelvedata.py URL KEY.

Run by tests/clients/test_twelvedata.py in an environment of its own. Prints one JSON document.
"""

from __future__ import annotations

import json
import sys

from twelvedata import TDClient
from twelvedata.exceptions import TwelveDataError


def main() -> None:
    url, key = sys.argv[1:]
    client = TDClient(apikey=key, base_url=url)
    names = {"interval": "1day", "start_date": "2024-03-04", "end_date": "2024-03-08", "dp": 11}
    exact = client.time_series(symbol="KO", timezone="UTC", adjust="none", **names)
    usual = client.time_series(symbol="KO", **names)
    try:
        client.time_series(symbol="NOPE", **names).as_json()
        refused = ""
    except TwelveDataError as no:
        refused = str(no)
    print(json.dumps({"exact": exact.as_json(), "usual": usual.as_json(), "refused": refused}))


if __name__ == "__main__":
    main()
