"""There is one copy of the money rules: the desk and the laboratory reach the same functions, and what
those compute is computed nowhere else. Both are read from the catalog, by the bodies that are deployed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from mqk.loading import load_calendar
from support import ROOT

BODIES = """
select n.nspname || '.' || p.proname as name,
       coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) as body
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
 where n.nspowner = 'mqk_owner'::regrole and p.prolang <> 13
"""
RULES = {  # rule: the function that is its only copy
    "fill price": "sim.compute_fill_price",
    "slippage, its volatility share and cap": "sim.compute_slippage_bps",
    "participation": "sim.compute_fill_qty",
    "fees": "sim.compute_fee",
    "price at the market": "sim.compute_market_price",
    "price of a stop": "sim.compute_stopped_price",
    "trigger of a stop": "sim.is_triggered",
    "rounding of costs": "core.scale_up",
    "lot matching": "ledger.compute_close_qty",
    "admission": "risk.find_denial",
    "price collar": "risk.is_beyond_collar",
    "loss, drawdown, leverage, reject storm": "risk.name_breach",
    "loss and drawdown breach": "risk.is_breached",
    "limits out of a config": "risk.compute_limits",
    "halt or flatten": "run.get_trip_kind",
    "name of an order": "oms.derive_intent_id",
    "lots over a split": "ledger.list_lot_splits",
    "cash for a fraction of a share": "sim.compute_lieu",
    "a price over a split": "core.restate_price",
}
LIVE = (
    "io.paper_observe",
    "io.receive_messages",
    "io.plan_intents",
    "io.evaluate_risk",
    "io.apply_actions",
    "api.run_create",
)
LAB = ("api.backtest_freeze", "api.backtest_finish")
LIMIT = r"(?:daily_loss_limit_micros|max_drawdown_micros|(?:halt|max)_leverage_bps|max_concentration_bps)\b"
ARITHMETIC = re.compile(
    r"[*/]\s*\(?10000\b|\b10000\)?(?:::\w+)?\s*[*/]|,\s*10000(?:::\w+)?\)|\+\s*9999\b"  # ratios in bps
    r"|\w*(?:slippage|fee_|participation|volatility_mult)\w*\s*\)?(?:::\w+)?\s*[*/]"
    r"|[*/]\s*\(?\w*\.?\(?\w*\)?\.?(?:slippage|fee_|participation|volatility_mult)\w*"  # costs
    r"|(?:when|=)\s*'(?:worst_case|next_open)'"  # fill profiles
    rf"|[-+*/<>=]\s*[\w().]*{LIMIT}|{LIMIT}\s*\)?(?:::\w+)?\s*[-+*/<>]"  # limits
)
ALLOWED = {  # function: how often its body may, and why
    "api.audit_anchors": (1, "how many rows a call gives"),
    "api.audit_events": (1, "how many rows a call gives"),
    "api.audit_tail": (1, "a limit of rows"),
    "core.compute_move_bps": (1, "how far a price moved, for the data"),
    "core.is_apart": (1, "whether two prices differ, for the data"),
    "lab.build_config": (8, "stress makes the terms dearer; it charges nothing"),
    "lab.list_return_buckets": (1, "a histogram"),
    "lab.measure_promotion": (1, "whether the profile was worst_case"),
    "lab.rank_sweep": (2, "a return, shown"),
    "lab.run_kernel": (7, "asks early whether risk.name_breach must judge; a weight to shares"),
    "md.list_unexplained_jumps": (1, "whether a jump is like a split"),
    "oms.compute_stop_price": (5, "a stop, rounded to the cent"),
    "oms.restate_stop": (4, "a stop, rounded to the cent"),
    "ops.list_live_limits": (1, "a default of reconcile, shown"),
    "ops.report_backtest_history": (3, "ratios, shown"),
    "ops.report_exposure": (1, "a ratio, shown"),
    "ops.report_history": (2, "ratios, shown"),
    "ops.check_terms": (1, "limits that the person who arms reads"),
    "strat.decide_sma_trend_sql": (1, "a weight to shares"),
}
USE = re.compile(r"(?<![\w.])([a-z]+\.[a-z_0-9]+)\s*\(")
LITERAL = re.compile(r"'(?:[^']|'')*'")


def read_bodies(conn: psycopg.Connection[Any]) -> dict[str, str]:
    """The bodies of all functions of the house, without comments; of one name, all together."""
    bodies: dict[str, str] = {}
    for row in conn.execute(BODIES):  # type: ignore[call-overload]
        body = re.sub(r"--[^\n]*|/\*.*?\*/", "", row["body"], flags=re.S)
        bodies[row["name"]] = bodies.get(row["name"], "") + body + "\n"
    return bodies


def reach(bodies: dict[str, str], *roots: str) -> set[str]:
    """All functions that these call, and those that they call."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [used for used in USE.findall(bodies[name]) if used in bodies]
    return found


def count_copies(bodies: dict[str, str]) -> dict[str, int]:
    """How often the body of each function computes what a money rule computes."""
    counts = {name: len(ARITHMETIC.findall(body)) for name, body in bodies.items()}
    return {name: count for name, count in counts.items() if count and name not in RULES.values()}


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_the_desk_and_the_laboratory_reach_the_same_rule(
    conn: psycopg.Connection[Any], rule: str
) -> None:
    bodies = read_bodies(conn)
    assert rule in bodies
    assert rule in reach(bodies, *LIVE)
    assert rule in reach(bodies, *LAB)


def test_what_a_money_rule_computes_is_computed_nowhere_else(
    conn: psycopg.Connection[Any],
) -> None:
    assert count_copies(read_bodies(conn)) == {name: n for name, (n, _) in ALLOWED.items()}


COPIES = [
    "return p_volume * p_bps / 10000",
    "return (p_volume * p_bps + 9999) / 10000",
    "return div(p_volume * p_bps, 10000)",
    "return 10000 * p_volume / p_bps",
    "return p_volume * p_fee_per_share_micros",
    "return p_volume * (p_terms).fee_bps",
    "return p_slippage_bps * p_volume",
    "return case p_profile when 'worst_case' then p_high else p_open end",
    "return p_equity - p_day <= -(p_limits).daily_loss_limit_micros",
    "return p_gross <= p_equity * l.halt_leverage_bps",
]


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_that_is_planted_is_found(conn: psycopg.Connection[Any], copy: str) -> None:
    before = count_copies(read_bodies(conn))
    conn.execute("set check_function_bodies = off")
    conn.execute("set role mqk_owner")
    conn.execute(
        f"create function lab.planted() returns bigint language plpgsql as $$begin {copy}; end$$"
    )
    planted = count_copies(read_bodies(conn))
    assert planted.pop("lab.planted") > 0
    assert planted == before


def test_a_copy_in_a_function_that_has_leave_for_another_is_found(
    conn: psycopg.Connection[Any],
) -> None:
    bodies = read_bodies(conn)
    allowed = {name: n for name, (n, _) in ALLOWED.items()}
    for name in ALLOWED:
        assert count_copies({**bodies, name: f"{bodies[name]}\n{COPIES[0]}"}) != allowed


def test_a_laboratory_that_goes_its_own_way_is_found(conn: psycopg.Connection[Any]) -> None:
    for rule in RULES.values():
        bodies = read_bodies(conn)
        own = {name: body.replace(f"{rule}(", "lab.own_rule(") for name, body in bodies.items()}
        assert rule not in reach({**own, rule: bodies[rule]}, *LAB)


def test_a_bar_is_of_the_same_day_for_the_desk_and_the_laboratory(
    conn: psycopg.Connection[Any],
) -> None:
    load_calendar(
        conn, ROOT / "config" / "calendars" / "XNYS.csv", datetime(2024, 6, 1, tzinfo=UTC)
    )
    for timeframe in ("5m", "1H", "1D"):
        slots = conn.execute(
            "select count(*) as slots, count(*) filter (where s.is_half_day) as short,"
            " count(*) filter (where (c.session_on, c.starts_at, c.ends_at)"
            " is distinct from (l.session_on, l.starts_at, l.ends_at)) as apart"
            " from ref.list_slots('XNYS', %s, '2023-11-01', '2024-04-01') as l"
            " join ref.sessions as s on s.exchange_id = 'XNYS' and s.session_on = l.session_on"
            " left join ref.get_closed_slot('XNYS', %s, l.ends_at) as c on true",
            [timeframe, timeframe],
        ).fetchone()
        assert slots and slots["slots"] > 100 and slots["short"] > 0
        assert slots["apart"] == 0
