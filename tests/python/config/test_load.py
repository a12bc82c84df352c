"""Laws of layers: later wins, maps merge, equal configs give equal text and one hash everywhere."""

from __future__ import annotations

import copy
import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from mqk.config.load import Layered, canonical, merge, read_layers
from mqk.config.reading import read_layer
from support import ROOT

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**25), max_value=10**25)
TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    NUMBERS.filter(lambda n: n != 0 or not n.is_signed()),  # Postgres has no minus zero
    TEXTS,
)
DOCUMENTS = st.dictionaries(
    TEXTS,
    st.recursive(
        LEAVES,
        lambda below: st.lists(below, max_size=4) | st.dictionaries(TEXTS, below, max_size=4),
        max_leaves=12,
    ),
    max_size=5,
)
LAYERS = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=2),
        lambda below: st.dictionaries(st.sampled_from("abc"), below, max_size=3),
        max_leaves=6,
    ),
)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for generated files."""
    return tmp_path_factory.mktemp("generated")


def read(folder: Path, content: str) -> dict[str, Any]:
    """What a layer of this content says."""
    path = folder / "layer.yaml"
    path.write_text(content, encoding="utf-8")
    return read_layer(path).values


def reverse(value: Any) -> Any:
    """The same document, every map written the other way round."""
    if isinstance(value, dict):
        return {key: reverse(value[key]) for key in reversed(value)}
    return [reverse(one) for one in value] if isinstance(value, list) else value


def loose(value: Any) -> str:
    """JSON as somebody else would write it: other key order, white space, every letter escaped."""
    if isinstance(value, dict):
        pairs = (f"{loose(key)} :\t{loose(value[key])}" for key in reversed(value))
        return "{ " + " ,\n".join(pairs) + " }"
    if isinstance(value, list):
        return "[ " + " , ".join(map(loose, value)) + " ]"
    if isinstance(value, Decimal):
        return str(value)  # 1E+5, where the canonical text says 100000
    if isinstance(value, str):
        units = value.encode("utf-16-be").hex()
        return '"' + "".join(f"\\u{units[n : n + 4]}" for n in range(0, len(units), 4)) + '"'
    return json.dumps(value)


def test_maps_merge_deeply_and_the_later_value_wins() -> None:
    base = {"a": {"x": 1, "y": {"p": 1, "q": 2}}, "b": 1}
    over = {"a": {"y": {"q": 3, "r": 4}, "z": 5}, "c": 6}
    merged = {"a": {"x": 1, "y": {"p": 1, "q": 3, "r": 4}, "z": 5}, "b": 1, "c": 6}
    assert merge(base, over) == merged


@pytest.mark.parametrize(
    ("below", "above"),
    [([1, 2, 3], [9]), ([1], []), ({"x": 1}, [1]), ([1], {"x": 1}), ({"x": 1}, 5), (5, {"x": 1}),
     ({"x": 1}, None), (None, {"x": 1}), (1, "1")],
)  # fmt: skip
def test_a_list_or_a_value_replaces_what_was_there(below: Any, above: Any) -> None:
    assert merge({"k": below}, {"k": above}) == {"k": above}
    assert merge({"k": {"deep": below}}, {"k": {"deep": above}}) == {"k": {"deep": above}}


def test_an_empty_map_on_top_changes_nothing() -> None:
    assert merge({"k": {"x": 1}}, {"k": {}}) == {"k": {"x": 1}}


def test_parameters_are_replaced_whole_wherever_they_stand() -> None:
    base = {"strategy": {"strategy_id": "a", "parameters": {"fast": 1, "slow": 2}}}
    over = {"strategy": {"parameters": {"window": 3}}}
    assert merge(base, over) == {"strategy": {"strategy_id": "a", "parameters": {"window": 3}}}


@settings(deadline=None)
@given(base=LAYERS, over=LAYERS)
def test_a_merge_keeps_every_key_is_done_once_and_spoils_no_layer(
    base: dict[str, Any], over: dict[str, Any]
) -> None:
    before = copy.deepcopy((base, over))
    merged = merge(base, over)
    assert (base, over) == before
    assert set(merged) == set(base) | set(over)
    assert merge(merged, over) == merged
    assert merge(base, {}) == base
    assert merge({}, over) == over


def test_layers_are_read_in_order(tmp_path: Path) -> None:
    paths = []
    for n, content in enumerate(("a: {x: 1, l: [1, 2]}\nb: 1", "a: {l: [3]}", "b: 2")):
        paths.append(tmp_path / f"{n}.yaml")
        paths[-1].write_text(content, encoding="utf-8")
    assert read_layers(paths).values == {"a": {"x": 1, "l": [3]}, "b": 2}
    assert read_layers(paths[::-1]).values == {"a": {"x": 1, "l": [1, 2]}, "b": 1}
    assert read_layers([]).values == {}


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=DOCUMENTS)
@example(document={"\ue000": 1, "\U00010000": 2, "Z": 3, "a": 4, "é": 5, "": 6})
@example(document={"k": '\x01\x1f\x7f\u2028\b\f\n\r\t"\\/\U0001f600'})
@example(document={"k": [Decimal("1.50"), Decimal("1E+5"), Decimal("1E-7"), Decimal("0.00")]})
def test_the_database_makes_the_same_text_of_the_same_config(
    conn: Any, document: dict[str, Any]
) -> None:
    query = "select core.format_canonical_json(%s::jsonb) as made"
    text = canonical(document)
    assert conn.execute(query, [loose(document)]).fetchone()["made"] == text
    assert conn.execute(query, [text]).fetchone()["made"] == text


@settings(deadline=None)
@given(document=DOCUMENTS)
def test_the_order_of_keys_does_not_matter(document: dict[str, Any]) -> None:
    assert canonical(reverse(document)) == canonical(document)


@settings(deadline=None)
@given(document=DOCUMENTS)
def test_the_canonical_text_says_the_same_thing(document: dict[str, Any]) -> None:
    assert json.loads(canonical(document), parse_float=Decimal) == document


@settings(deadline=None)
@given(document=LAYERS)
def test_the_order_of_keys_in_a_file_does_not_matter(
    scratch: Path, document: dict[str, Any]
) -> None:
    texts = [yaml.safe_dump(one, sort_keys=False) for one in (document, reverse(document))]
    one, other = (canonical(read(scratch, text)) for text in texts)
    assert one == other == canonical(document)


def test_the_layers_of_the_house_are_plain_and_stored_under_one_hash(conn: Any) -> None:
    layers = [ROOT / "config" / name for name in ("defaults/base.yaml", "environments/demo.yaml")]
    text = read_layers(layers).text
    made = conn.execute("select core.format_canonical_json(%s::jsonb) as made", [text]).fetchone()
    assert made["made"] == text


SHAPE = st.fixed_dictionaries(
    {},
    optional={
        "n": st.none() | st.integers(0, 9),
        "l": st.lists(st.integers(0, 9), max_size=2),
        "s": st.fixed_dictionaries(
            {},
            optional={
                "n": st.integers(0, 9),
                "t": st.fixed_dictionaries({}, optional={"n": NUMBERS}),
            },
        ),
    },
)


@settings(deadline=None)
@given(low=SHAPE, middle=SHAPE, high=SHAPE)
def test_layers_of_one_shape_merge_in_any_grouping(
    low: dict[str, Any], middle: dict[str, Any], high: dict[str, Any]
) -> None:
    assert merge(merge(low, middle), high) == merge(low, merge(middle, high))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=DOCUMENTS)
def test_the_hash_is_the_databases_hash(conn: Any, document: dict[str, Any]) -> None:
    made = Layered((), document)
    row = conn.execute("select core.hash_text(%s) as hash", [made.text]).fetchone()
    assert made.digest == row["hash"] == hashlib.sha256(made.text.encode()).hexdigest()
    assert len(made.digest) == 64


@settings(deadline=None)
@given(one=DOCUMENTS, other=DOCUMENTS)
def test_scenario_config_hash_stable(one: dict[str, Any], other: dict[str, Any]) -> None:
    first = Layered((), one)
    assert Layered((), reverse(one)).digest == first.digest
    assert Layered((), copy.deepcopy(one)).digest == first.digest
    assume(canonical(one) != canonical(other))
    assert Layered((), other).digest != first.digest


def test_the_line_of_a_key_is_the_line_of_the_last_layer_that_has_it(tmp_path: Path) -> None:
    low, high = tmp_path / "low.yaml", tmp_path / "high.yaml"
    low.write_text("a:\n  x: 1\n  y: 2\nb: 3\n", encoding="utf-8")
    high.write_text("# above\na:\n  y: 4\n", encoding="utf-8")
    made = read_layers([low, high])
    found = [made.locate(path) for path in ("a.x", "a.y", "b", "a.z", "c")]
    assert found == [("low.yaml", 2), ("high.yaml", 3), ("low.yaml", 4), ("high.yaml", 2), ("", 0)]
