"""Laws of config files: what could be read in two ways is refused, equal configs give equal text."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mqk.config import load as module
from mqk.config.load import LAW, canonical, load, merge, read_layer
from mqk.errors import MqkError
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


def read(folder: Path, content: str | bytes) -> dict[str, Any]:
    """What a layer of this content says."""
    path = folder / "layer.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_layer(path)


def refusal(folder: Path, content: str | bytes) -> MqkError:
    """How a layer of this content is refused."""
    with pytest.raises(MqkError) as no:
        read(folder, content)
    return no.value


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


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("a: 1\nb: 2\na: 1\n", "key 'a' at lines 1 and 3"),
        ("a: {b: 1, b: 1}\n", "key 'b' at lines 1 and 1"),
        ("x:\n  - k: 1\n    k: 2\n", "key 'k' at lines 2 and 3"),
        ("a: 1\n'a': 2\n", "key 'a' at lines 1 and 2"),
        ('a: 1\n"\\x61": 2\n', "key 'a' at lines 1 and 2"),
    ],
)
def test_a_key_twice_is_refused_and_both_lines_are_named(
    tmp_path: Path, content: str, where: str
) -> None:
    no = refusal(tmp_path, content)
    assert (no.code, no.law, no.detail) == ("MQA07", LAW, f"layer.yaml: {where}")
    assert no.exit_code == 2


def test_the_same_key_in_two_maps_is_no_key_twice(tmp_path: Path) -> None:
    assert read(tmp_path, "a: {k: 1}\nb: {k: 2}\n") == {"a": {"k": 1}, "b": {"k": 2}}


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("a: &x {k: 1}\nb: *x\n", "alias at line 2"),
        ("a: &x 1\nb: [*x]\n", "alias at line 2"),
        ("a: &x [*x]\n", "alias at line 1"),
        ("a: &x {k: 1}\nb:\n  <<: *x\n", "alias at line 3"),
        ("<<: {k: 1}\n", "key '<<' at line 1"),
        ("a: &k b\n*k : 1\n", "alias at line 2"),
    ],
)
def test_an_alias_and_a_merged_map_are_refused(tmp_path: Path, content: str, where: str) -> None:
    no = refusal(tmp_path, content)
    assert (no.code, no.detail) == ("MQA07", f"layer.yaml: {where}")


@pytest.mark.parametrize(
    "value",
    [
        "!foo 1",
        "!!python/object/apply:os.getcwd []",
        "!!python/name:os.getcwd",
        "!!timestamp 2024-01-02",
        "!<tag:example.org,2024:x> {a: 1}",
        "2024-01-02",  # YAML would make it a date
        "2024-01-02 03:04:05",
        "=",
    ],
)
def test_a_tag_and_what_yaml_would_tag_by_itself_are_refused(tmp_path: Path, value: str) -> None:
    no = refusal(tmp_path, f"\na: {value}\n")
    assert no.code == "MQA07"
    assert no.detail.endswith(" at line 2")
    assert no.fix == "Remove the tag or quote it."


def test_a_quoted_date_is_text(tmp_path: Path) -> None:
    assert read(tmp_path, "a: '2024-01-02'\n") == {"a": "2024-01-02"}


@pytest.mark.parametrize("value", [".nan", ".NaN", ".inf", "-.inf", "+.Inf", "1:30.5"])
def test_a_number_that_is_not_finite_is_refused(tmp_path: Path, value: str) -> None:
    no = refusal(tmp_path, f"a:\n  - {value}\n")
    assert (no.code, no.detail) == ("MQA07", f"layer.yaml: {value} at line 2")


def test_a_tag_does_not_smuggle_in_what_is_not_finite(tmp_path: Path) -> None:
    for value in ("nan", "-inf", "'Infinity'", "sNaN"):
        assert refusal(tmp_path, f"a: !!float {value}\n").code == "MQA07"


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        ("0.1", "0.1"),
        ("0.10", "0.10"),
        (".5", "0.5"),
        ("+1.5", "1.5"),
        ("123456789012345678901.000000000001", "123456789012345678901.000000000001"),
        ("1.0e+3", "1000"),
        ("1.5e-7", "0.00000015"),
        ("90071992547409931", "90071992547409931"),
    ],
)
def test_a_number_is_exact(tmp_path: Path, value: str, exact: str) -> None:
    layer = read(tmp_path, f"a: {value}\n")
    assert not isinstance(layer["a"], float)
    assert canonical(layer) == f'{{"a":{exact}}}'


@pytest.mark.parametrize("key", ["1", "1.5", "true", "null", "~", "[a]", "{a: 1}", "2024-01-02"])
def test_a_key_that_is_no_text_is_refused(tmp_path: Path, key: str) -> None:
    no = refusal(tmp_path, f"a: 1\n? {key}\n: 2\n")
    assert (no.code, no.fix) == ("MQA07", "Use a plain name.")
    assert no.detail.endswith(" at line 2")


def test_a_key_with_a_dot_is_refused_because_paths_use_dots(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a.b: 1\n").detail == "layer.yaml: key 'a.b' at line 1"
    assert refusal(tmp_path, "'.': 1\n").code == "MQA07"


@pytest.mark.parametrize("content", ["a: 1\n---\nb: 2\n", "---\n---\na: 1\n", "a: 1\n---\n"])
def test_several_documents_in_a_file_are_refused(tmp_path: Path, content: str) -> None:
    no = refusal(tmp_path, content)
    assert no.code == "MQA07"
    assert "single document" in no.detail


@pytest.mark.parametrize(
    "content", ["", "# nothing\n", "---\n", "- a\n", "text\n", "1\n", "null\n"]
)
def test_what_is_not_a_map_is_refused(tmp_path: Path, content: str) -> None:
    no = refusal(tmp_path, content)
    assert (no.code, no.detail) == ("MQA07", "layer.yaml: not a map")


@pytest.mark.parametrize(
    "content",
    [
        "a: [\n",
        "a: 'b\n",
        "a:\tb: c\n",
        "a: b: c\n",
        "}\n",
        b"a: \xff\n",
        b"a: \0\n",
        b"a: \x07\n",
        "%YAML 9.9\n---\n!x!y a\n",
        "a: " + "[" * 5000 + "]" * 5000,
        "- " * 5000 + "x",
    ],
    ids=range(11),
)
def test_what_is_no_yaml_is_refused(tmp_path: Path, content: str | bytes) -> None:
    no = refusal(tmp_path, content)
    assert (no.code, no.law) == ("MQA07", LAW)
    assert len(no.detail) < 400


@pytest.mark.parametrize("name", ["missing.yaml", "", "no/folder.yaml"])
def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path, name: str) -> None:
    with pytest.raises(MqkError) as no:
        read_layer(tmp_path / name)
    assert (no.value.code, no.value.exit_code) == ("MQA20", 2)
    assert str(tmp_path) in no.value.detail


def test_a_file_we_may_not_read_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(MqkError, match=r"MQA20.*Permission denied"):
        read_layer(tmp_path / "layer.yaml")


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = "a: 1\n# ä\n".encode()  # bytes count, not characters
    monkeypatch.setattr(module, "MAX_BYTES", len(content))
    assert read(tmp_path, content) == {"a": 1}
    monkeypatch.setattr(module, "MAX_BYTES", len(content) - 1)
    assert refusal(tmp_path, content).detail.endswith(f"over {len(content) - 1} bytes")


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
    assert load(paths) == {"a": {"x": 1, "l": [3]}, "b": 2}
    assert load(paths[::-1]) == {"a": {"x": 1, "l": [1, 2]}, "b": 1}
    assert load([]) == {}


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
    text = canonical(load(layers))
    made = conn.execute("select core.format_canonical_json(%s::jsonb) as made", [text]).fetchone()
    assert made["made"] == text
