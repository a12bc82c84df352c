"""What people, files, feeds and brokers may say: hypothesis strategies, one a kind of input."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import strategies as st

from mqk.feeds.shapes import SHAPES
from support import ROOT

NASTY = (
    "", " ", "-", "--", "0", "-1", "1e400", "NaN", "Infinity", "-inf", "0x10", "1_000", "１２", "9" * 19,
    "9" * 5000, "1.5", "1.0000001", "null", "true", "'; drop table run.runs; --", '"', "\\", "%s",
    "%(x)s", "{}", "[]", "{" * 40, "[" * 3000, "\0", "a\0b", "\x1b[2J", "[/b]", "[red]", "\u202eabc",
    "\ud800", "\udcff", "e\u0301", "\ufeff", "é" * 65, "x" * 70_000, "../../etc/passwd", "/dev/zero",
    "/proc/self/mem", "AAA", "aaa", "TEST", "NO", "on", "2024-01-02", "2024-01-02T15:00:00Z",
    "2024-02-30", "infinity", "now", "9999-12-31", "0000-00-00", "=1+1", "!!python/name:os.system",
    "&a", "*a", "<<", "00000000-0000-0000-0000-000000000000", "mqk_paper_00000000_x_y", "--help",
    "--json", "\n", "\r\n",
)  # fmt: skip
NASTY_TEXT = st.one_of(st.sampled_from(NASTY), st.text(max_size=20))
LEAF = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.sampled_from([10**400, -(2**63) - 1, 2**63, 2**31, 0]),
    st.sampled_from([word for word in NASTY if not re.search("[\ud800-\udfff]", word)]),
    st.text(st.characters(codec="utf-8"), max_size=12),
)
JSON = st.recursive(
    LEAF,
    lambda below: st.one_of(
        st.lists(below, max_size=4),
        st.dictionaries(st.text(st.characters(codec="utf-8")), below, max_size=4),
    ),
    max_leaves=8,
)
DEEP = st.integers(1, 3000).map(lambda n: json.loads("[" * min(n, 900) + "]" * min(n, 900)))


def spoil(good: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A good document with some of its keys set to anything, taken away or added."""
    keys = st.sampled_from([*good, "surprise"])
    changes = st.dictionaries(keys, st.one_of(JSON, DEEP), max_size=3)
    without = st.sets(st.sampled_from(list(good)), max_size=2)
    return st.builds(
        lambda new, gone: {k: v for k, v in {**good, **new}.items() if k not in gone},
        changes,
        without,
    )


BASE = (ROOT / "config/defaults/base.yaml").read_text(encoding="utf-8")
LINES = [line for line in BASE.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _change_lines(changes: list[tuple[int, str]]) -> str:
    made = list(LINES)
    for number, value in changes:
        key = made[number].partition(":")[0]
        made[number] = f"{key}: {value}"
    return "\n".join(made) + "\n"


LAYER = st.one_of(
    st.lists(st.tuples(st.integers(0, len(LINES) - 1), NASTY_TEXT), min_size=1, max_size=3).map(
        _change_lines
    ),
    JSON.map(lambda value: json.dumps(value, ensure_ascii=False)),
    NASTY_TEXT,
    st.text(alphabet="ab:-{}[]&*!|>%@`#,?'\" \n\t\0\u202e", max_size=40),
).map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=60)

HEADERS = sorted({",".join(shape.columns) for shape in SHAPES})
CELLS = st.one_of(
    NASTY_TEXT,
    st.sampled_from(["AAA", "1D", "1m", "2024-01-02", "100", "101", "99", "100.5", "1000"]),
)
CSV = st.one_of(
    st.builds(
        lambda head, rows: "\n".join([head, *(",".join(row) for row in rows)]).encode(
            "utf-8", "surrogatepass"
        ),
        st.sampled_from([*HEADERS, HEADERS[0] + ",x", HEADERS[0].upper(), ""]),
        st.lists(st.lists(CELLS, min_size=1, max_size=9), max_size=4),
    ),
    st.binary(max_size=80),
)
