"""What decides, is hashed or is shown has one order on every server: names are ordered by code points."""

from __future__ import annotations

import re

import pytest

from support import ROOT

NAMES = r"(?:symbol|client_order_id|drift_key|feed|strategy_id)"
LOOSE = r"(?!\s*(?:collate|\())(?=\s*(?:asc\b|desc\b|,|\)|;|\n|$))"
ITEM = re.compile(rf"(?<![\w(])(?:\w+\.)?{NAMES}\b{LOOSE}")
CLAUSE = re.compile(r"\border by ((?:[^()';]|'[^']*'|\((?:[^()]|\([^()]*\))*\))*)")
ENDS = re.compile(
    r"\n\s*(?:limit|for|union|returning|loop|end|on conflict)\b|\s(?:limit|rows|range|loop)\b"
)
ALLOWED = {"sql/ref/load_instruments.sql"}  # the order of what is inserted, by a DISTINCT


def list_loose(text: str) -> list[str]:
    """The names in clauses of ORDER BY that follow the server's collation, without those in calls."""
    text = re.sub(r"\$\$.*?\$\$", "", re.sub(r"--[^\n]*", "", text), flags=re.S)
    found = []
    for clause in CLAUSE.findall(text):
        outer = re.sub(r"\((?:[^()]|\([^()]*\))*\)", "()", ENDS.split(clause)[0])
        found += [item.group(0) for item in ITEM.finditer(outer)]
    return found


def test_names_are_ordered_by_code_points() -> None:
    files = {str(p.relative_to(ROOT)): p for p in (ROOT / "sql").rglob("*.sql")}
    loose = {name: list_loose(path.read_text(encoding="utf-8")) for name, path in files.items()}
    assert {name for name, found in loose.items() if found} == ALLOWED
    assert sum('symbol collate "C"' in p.read_text(encoding="utf-8") for p in files.values()) > 30


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("order by p.symbol;", 1),
        ("order by p.at, p.symbol desc, p.feed\n limit 1;", 2),
        ("(select jsonb_agg(p.qty order by symbol))", 1),
        ("order by f(p.symbol), p.at;", 0),
        ("order by sum(p.qty), o.client_order_id) as x", 1),
        ('order by p.symbol collate "C", p.at;', 0),
        ("order by p.at limit 1), p.symbol", 0),
        ("order by p.symbol_no;", 0),
    ],
)
def test_a_loose_name_is_found(text: str, count: int) -> None:
    assert len(list_loose(text)) == count
