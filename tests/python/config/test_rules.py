"""Laws of a config in the database: its keys, their readers, widths of brakes, names of variables."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mqk.config.load import canonical, find_layer, merge, read_config
from mqk.config.model import list_faults, suggest
from mqk.config.rules import list_rules, read_page
from mqk.db import call
from mqk.desk import default_layers
from mqk.errors import MqkError
from support import ROOT

BASE = read_config(default_layers()).values
LIVE = read_config(default_layers("linux-prod", "main", "tier_A")).values
PATHS = [rule.path for rule in list_rules()]
NAME = "ALPACA_API_KEY_PAPER_MAIN"
OTHER_NAME = "ALPACA_API_SECRET_PAPER_MAIN"


def put(config: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of a config with one key changed."""
    made: dict[str, Any] = copy.deepcopy(dict(config))
    *sections, name = path.split(".")
    below = made
    for section in sections:
        if not isinstance(below.get(section), dict):
            below[section] = {}
        below = below[section]
    below[name] = value
    return made


def get(config: Mapping[str, Any], path: str) -> Any:
    """The value of a key."""
    value: Any = config
    for part in path.split("."):
        value = value[part]
    return value


def check(conn: Any, config: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """What the door says: (path, rule, is_fatal)."""
    rows = call(conn, "api.config_check", config=canonical(config))
    return [(row["path"], row["rule"], row["is_fatal"]) for row in rows]


def test_pythons_page_of_rules_is_the_databases(conn: Any) -> None:
    keys = conn.execute(
        "select path, kind, low, high, choices from ops.list_config_rules()"
    ).fetchall()
    page = [
        [path, kind, *(None if n is None else Decimal(n) for n in (low, high)), choices]
        for path, kind, low, high, choices in read_page()["keys"]
    ]
    assert page == [[*row.values()] for row in keys]
    secrets = conn.execute("select rule_id, pattern from core.list_secret_rules()").fetchall()
    assert read_page()["secrets"] == [[*row.values()] for row in secrets]


VALUES = st.sampled_from(
    [None, True, False, 0, 1, -1, 2, 10**9, 10**19, Decimal("0.5"), Decimal("2.0"), Decimal("0.0000001"),
     Decimal("1.0000000000000000000000000000000001"), Decimal("0.10"), "", "x", "PAPER", "SERVER", "paper",
     "alpaca",      "1", [], ["SPY"], [1], [None], {}, {"zz": 1}, NAME, "LD_PRELOAD", "alpaca_key",
     "ALPACA_X=1", "x" * 70]
)  # fmt: skip


def trim(path: str) -> str:
    """The key that a path leads into."""
    return next((rule for rule in PATHS if path == rule or path.startswith(f"{rule}.")), path)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    path=st.sampled_from(
        [*PATHS, "risk", "broker", "risk.reject_storm", "risk.nothing", "nothing", "engine.mode.x"]
    ),
    value=VALUES,
)
def test_the_model_and_the_database_refuse_the_same_values(
    conn: Any, path: str, value: Any
) -> None:
    config = put(BASE, path, value)
    told = {trim(p) for p, rule, _ in check(conn, config) if rule in ("TYPE", "UNKNOWN_KEY")}
    told |= {
        p
        for p, rule, _ in check(conn, config)
        if rule == "ENV_NAME" and p == path and not is_name(value)
    }
    assert {trim(p) for _, p, _ in list_faults(config)} == told


def is_name(value: Any) -> bool:
    """Whether a value may name a variable; whose it is only the database asks."""
    return isinstance(value, str) and value == NAME


def test_y9_an_unknown_key_is_refused_with_file_line_and_a_suggestion(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "risk:\n  allow_short: no\n  max_drawdwn: 0.1\nriks:\n  x: 1\n", encoding="utf-8"
    )
    with pytest.raises(MqkError) as no:
        read_config([*default_layers(), own])
    told = no.value.detail.split("; ")
    assert no.value.code == "MQA07"
    assert told == [
        "CONFIG_TYPE own.yaml:2 risk.allow_short input should be a valid boolean, is 'no'",
        "CONFIG_UNKNOWN_KEY own.yaml:3 risk.max_drawdwn is not a key of the config:"
        " did you mean risk.max_drawdown?",
        "CONFIG_UNKNOWN_KEY own.yaml:4 riks is not a key of the config: did you mean risk?",
    ]
    assert suggest("broker.max_drawdown") == ": did you mean risk.max_drawdown?"
    assert suggest("zzz") == ""


def test_every_key_has_a_reader_and_every_reader_reads_it(conn: Any) -> None:
    rows = call(conn, "api.config_consumed")
    assert sorted({row["path"] for row in rows}) == sorted(PATHS)
    assert [row["path"] for row in rows if row["consumer"] == "NOBODY"] == []
    known = {row["path"] for row in conn.execute("select path from ops.list_config_consumers()")}
    assert known == set(PATHS)
    blind = [(r["path"], r["consumer"]) for r in rows if not reads(conn, r["consumer"], r["path"])]
    assert blind == []
    assert not reads(conn, "risk.set_limits", "risk.nothing")
    assert not reads(conn, "mqk.workers.wires", "risk.max_drawdown")
    assert not reads(conn, "risk.no_such_function", "risk.max_drawdown")
    judged = {row["path"] for row in rows if row["consumer"].startswith("ops.list_config")}
    assert judged == {"schema_version"}  # the judge alone is no reader of anything else


WHOLE = ("discord.channels",)  # sections that are read as a map, whatever keys they have


def reads(conn: Any, consumer: str, path: str) -> bool:
    """Whether the source of a function, or of a module, names the key."""
    if consumer.startswith("mqk."):
        spec = find_spec(consumer)
        text = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    else:
        query = "select string_agg(prosrc, '') as text from pg_proc where oid = any (%s::regprocedure[])"
        room, name = consumer.split(".")
        found = conn.execute(
            "select array_agg(p.oid::regprocedure::text) as oids from pg_proc as p"
            " where p.pronamespace = %s::regnamespace and p.proname = %s",
            [room, name],
        ).fetchone()["oids"]
        text = conn.execute(query, [found or []]).fetchone()["text"] or ""
    section, _, name = path.rpartition(".")
    wanted = section if section in WHOLE else name
    return re.search(rf"\b{wanted.rpartition('.')[2]}\b", text) is not None


def test_scenario_unused_keys_warn_or_fail(conn: Any) -> None:
    assert check(conn, LIVE) == []
    costs = {"execution": BASE["execution"]}
    unused = check(conn, merge(LIVE, costs))
    assert {p for p, _, _ in unused} == {p for p in PATHS if p.startswith("execution.")}
    assert {(rule, fatal) for _, rule, fatal in unused} == {("UNUSED_KEY", True)}
    paper = read_config(default_layers("windows-dev", "main")).values
    assert check(conn, paper) == []
    warned = check(conn, merge(paper, costs))
    assert {p for p, _, _ in warned} == {p for p, _, _ in unused}
    assert {fatal for _, _, fatal in warned} == {False}
    assert check(conn, BASE) == []  # the paper broker reads them


@pytest.mark.parametrize("path", PATHS)
def test_scenario_missing_required_field_rejected(conn: Any, path: str) -> None:
    for gone in (put(LIVE, path, None), without(LIVE, path)):
        found = check(conn, gone)
        if path.startswith("execution."):
            assert found == []  # nothing reads it at a real broker
        else:
            assert (path, "MISSING", True) in found


def without(config: Mapping[str, Any], path: str) -> dict[str, Any]:
    """A copy of a config without a key."""
    made = put(config, path, None)
    *sections, name = path.split(".")
    below = made
    for section in sections:
        below = below[section]
    del below[name]
    return made


LIMITS = {
    row["path"]: row
    for row in [
        {"path": p, "low": lo, "high": hi}
        for p, lo, hi in re.findall(
            r"\('([\w.]+)', ([\w.]+?)(?:::numeric)?, ([\w.]+?)(?:::numeric)?\)",
            (ROOT / "sql/ops/list_live_limits.sql").read_text(encoding="utf-8"),
        )
    ]
}


@pytest.mark.parametrize("path", LIMITS)
def test_y11_a_brake_is_as_wide_as_the_base_layer_has_it_and_never_wider_in_live(
    conn: Any, path: str
) -> None:
    row = LIMITS[path]
    limit = Decimal(row["high"] if row["low"] == "null" else row["low"])
    is_policy = path.endswith("_policy")
    said = get(BASE, path)  # the table and the base layer say the same; a policy: 1 is IGNORE
    assert (Decimal(said == "IGNORE") if is_policy else Decimal(said)) == limit
    if is_policy:
        wider: Any = "IGNORE"
    elif path in ("risk.allow_short", "reconcile.position_tolerance_qty"):
        wider = True if path == "risk.allow_short" else 1
    else:
        step = Decimal("0.000001") if path.startswith("risk.max_") or "loss" in path else Decimal(1)
        step = step if isinstance(get(BASE, path), Decimal) else Decimal(1)
        wider = limit + step if row["low"] == "null" else limit - step
    live, paper = (put(config, path, wider) for config in (LIVE, BASE))
    assert (path, "LIMIT_UNSAFE", True) in check(conn, live)
    assert (path, "LIMIT_UNSAFE", False) in check(conn, paper)
    assert check(conn, put(LIVE, path, get(BASE, path))) == []


def test_every_limit_of_risk_has_a_width_in_live() -> None:
    brakes = {r.path for r in list_rules() if r.path.startswith("risk.") and r.kind != "choice"}
    assert brakes - set(LIMITS) == set()


@pytest.mark.parametrize(
    ("path", "value"),
    [("risk.daily_loss_limit", 0), ("risk.max_drawdown", 0), ("risk.reject_storm.max_rejects", 0),
     ("risk.daily_loss_limit", -1), ("execution.slippage_bps", -1), ("execution.max_slippage_bps", -1),
     ("execution.volatility_mult_bps", -1), ("execution.fee_bps", -1)],
)  # fmt: skip
def test_y11_a_limit_of_zero_and_a_negative_slippage_are_refused_everywhere(
    conn: Any, path: str, value: int
) -> None:
    assert (path, "TYPE", True) in check(conn, put(BASE, path, value))
    assert [p for _, p, _ in list_faults(put(BASE, path, value))] == [path]


@pytest.mark.parametrize(
    "name",
    ["LD_PRELOAD", "PATH", "alpaca_key", "ALPACA_X=1", "ALPACA_", "XALPACA_KEY", "ALPACA_KEY\n",
     "ALPACA_key",      "MQK_A B", "", "APCA_API_KEY_ID", "ALPACA_" + "X" * 60],
)  # fmt: skip
def test_y12_a_name_of_a_variable_is_of_the_allowed_kind_and_is_never_shown(
    conn: Any, name: str
) -> None:
    path = "broker.keys_env.api_key"
    rows = call(conn, "api.config_check", config=canonical(put(LIVE, path, name)))
    found = [row for row in rows if row["path"] == path and row["is_fatal"]]
    assert "ENV_NAME" in {row["rule"] for row in found}
    assert not name.strip() or not any(name in row["problem"] for row in found if len(name) > 10)
    assert [(rule, p) for rule, p, _ in list_faults(put(LIVE, path, name))] == [("ENV_NAME", path)]


@pytest.mark.parametrize(
    ("mode", "engine", "name", "fits"),
    [
        ("LIVE", "MAIN", "ALPACA_API_KEY_LIVE_MAIN", True),
        ("LIVE", "MAIN", "ALPACA_MAIN_LIVE_KEY", True),
        ("LIVE", "MAIN", "ALPACA_API_KEY_PAPER_MAIN", False),
        ("LIVE", "MAIN", "ALPACA_API_KEY_LIVE", False),
        ("LIVE", "MAIN", "ALPACA_API_KEY_LIVE_MAINX", False),
        ("LIVE", "EXP", "ALPACA_API_KEY_LIVE_MAIN", False),
        ("PAPER", "MAIN", "ALPACA_API_KEY_PAPER_MAIN", True),
        ("PAPER", "MAIN", "ALPACA_API_KEY_LIVE_MAIN", False),
        ("PAPER", "MAIN", "ALPACA_API_KEY_PAPER", False),
    ],
)
def test_a_broker_key_carries_its_engine_and_its_mode(
    conn: Any, mode: str, engine: str, name: str, fits: bool
) -> None:
    config = merge(LIVE, {"engine": {"mode": mode, "engine_id": engine}})
    found = check(conn, put(config, "broker.keys_env.api_key", name))
    assert (("broker.keys_env.api_key", "ENV_NAME", True) not in found) is fits


def test_two_broker_keys_do_not_name_one_variable(conn: Any) -> None:
    name = get(LIVE, "broker.keys_env.api_key")
    found = check(conn, put(LIVE, "broker.keys_env.api_secret", name))
    assert ("broker.keys_env.api_secret", "ENV_NAME", True) in found


def test_a_live_run_goes_by_the_servers_clock(conn: Any) -> None:
    assert check(conn, put(LIVE, "runtime.clock", "VIRTUAL")) == [
        ("runtime.clock", "LIVE_TERMS", True)
    ]
    assert check(conn, put(BASE, "runtime.clock", "VIRTUAL")) == []


def test_a_section_is_a_map_or_null_where_nothing_reads_it(conn: Any) -> None:
    assert ("execution", "TYPE", True) in check(conn, {**LIVE, "execution": 5})
    assert ("execution", "TYPE", True) in check(conn, {**LIVE, "execution": []})
    assert check(conn, {**LIVE, "execution": None}) == []
    assert {rule for _, rule, _ in check(conn, {**BASE, "execution": None})} == {"MISSING"}


@pytest.mark.parametrize(
    "names",
    [(), ("demo",), ("linux-prod", "main"), ("linux-prod", "main", "tier_A"),
     ("linux-prod", "main", "tier_B"),      ("windows-dev", "main", "tier_A"), (None,
     "experimental", "tier_B"),
     (None, "main", "tier_A", ["slippage_x2"])],
)  # fmt: skip
def test_the_layers_of_the_house_pass_their_own_rules(conn: Any, names: tuple[Any, ...]) -> None:
    found = check(conn, read_config(default_layers(*names)).values)
    assert [row for row in found if row[2]] == []
    assert names == ("demo",) or found == []  # the demo's brakes are wide, and it says so


def test_every_layer_of_the_house_is_in_a_test() -> None:
    shipped = {p.stem for p in (ROOT / "config").glob("*/*.yaml")}
    assert shipped == {
        "base", "demo", "linux-prod", "windows-dev", "main", "experimental",
        "tier_A", "tier_B", "slippage_x2", "lean",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "../defaults/base",
        "/etc/passwd",
        "linux-prod.yaml",
        "",
        ".",
        "a/b",
        "no-such",
        "linked",
        "x\0y",
    ],
)
def test_y12_a_layer_is_named_without_a_path_and_is_no_link(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "environments"
    folder.mkdir()
    (folder / "real.yaml").write_text("a: 1\n")
    (folder / "linked.yaml").symlink_to("/etc/passwd")
    with pytest.raises(MqkError) as no:
        find_layer(tmp_path, "environments", name)
    assert (no.value.code, no.value.exit_code) == ("MQA31", 2)
    assert find_layer(tmp_path, "environments", "real") == folder / "real.yaml"


def test_no_run_is_made_of_a_config_with_a_fatal_fault_whoever_asks(conn: Any) -> None:
    def create(config: Mapping[str, Any]) -> str:
        text = canonical(config)
        row = conn.execute("select * from api.run_create(%s, now(), now())", [text]).fetchone()
        return str(row["error_code"])

    assert create(put(BASE, "risk.max_drawdown", 0)) == "MQA07"
    assert create(put(BASE, "risk.nothing", 1)) == "MQA07"
    assert (
        create(put(BASE, "risk.max_drawdown", Decimal("0.5"))) == "MQN03"
    )  # a warning; SPY is not there
