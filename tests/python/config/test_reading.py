"""Laws of a config file: what can be read in two ways is refused, with file, line and rule (Y1 to Y10)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqk.config import reading as module
from mqk.config.load import canonical
from mqk.config.reading import parse, read_layer
from mqk.errors import MqkError


def read(content: str | bytes) -> dict[str, Any]:
    """What a layer of this content says."""
    return parse(content.encode() if isinstance(content, str) else content, "layer.yaml").values


def refusal(content: str | bytes) -> MqkError:
    """How a layer of this content is refused."""
    with pytest.raises(MqkError) as no:
        read(content)
    assert no.value.exit_code == 2
    return no.value


def said(content: str | bytes) -> tuple[str, int]:
    """Rule and line of a refusal; its code is MQA07."""
    no = refusal(content)
    assert no.code == "MQA07"
    found = re.match(r"CONFIG_(\w+) layer\.yaml(?::(\d+))?", no.detail)
    assert found, no.detail
    return found[1], int(found[2] or 0)


@pytest.mark.parametrize(
    ("content", "path", "lines"),
    [
        ("a: 1\nb: 2\na: 1\n", "a", "1 and 3"),
        ("a: {b: 1, b: 1}\n", "a.b", "1 and 1"),
        ("x:\n  - k: 1\n    k: 2\n", "x.0.k", "2 and 3"),
        ("a: 1\n'a': 2\n", "a", "1 and 2"),
        ('a: 1\n"\\x61": 2\n', "a", "1 and 2"),
    ],
)
def test_y1_a_key_twice_is_refused_and_both_lines_are_named(
    content: str, path: str, lines: str
) -> None:
    assert said(content)[0] == "DUPLICATE_KEY"
    assert f" {path} is there twice, at lines {lines}" in refusal(content).detail


def test_the_same_key_in_two_maps_is_no_key_twice() -> None:
    assert read("a: {k: 1}\nb: {k: 2}\n") == {"a": {"k": 1}, "b": {"k": 2}}


@pytest.mark.parametrize(
    "value",
    [".nan", ".NaN", ".inf", "-.inf", "+.Inf", "1.0e+400", "1e400", "1e-400", "1e999", "9" * 61],
)
def test_y2_a_number_that_is_not_finite_or_out_of_every_range_is_refused(value: str) -> None:
    assert said(f"a:\n  - {value}\n") == ("NON_FINITE", 2)


@pytest.mark.parametrize(
    ("value", "fits"), [("1e30", True), ("1e31", False), ("1e-30", True), ("1e-31", False)]
)
def test_a_number_has_at_most_thirty_digits_on_a_side(value: str, fits: bool) -> None:
    if fits:
        assert list(read(f"a: {value}\n")) == ["a"]
    else:
        assert said(f"a: {value}\n") == ("NON_FINITE", 1)


@pytest.mark.parametrize(
    "word", ["NO", "no", "on", "OFF", "y", "Yes", "tRUE", "1e", "e1", "-", "."]
)
def test_y3_a_word_is_text_and_no_boolean_of_yaml_1_1(word: str) -> None:
    assert read(f"a: {word}x\nb: [{word}]\n" if word == "-" else f"a: {word}\n")["a"] in (
        word,
        f"{word}x",
    )


@pytest.mark.parametrize(
    "value",
    ["010", "1:30", "1:30.5", "2024-01-02", "2024-01-02 03:04:05", "1_000", "0x1F", "0o17", "0b1",
     "1.2.3", "00", "-01", "=", "1_0.5"],
)  # fmt: skip
def test_y3_what_two_readers_take_for_different_numbers_is_refused(value: str) -> None:
    assert said(f"\na: {value}\n") == ("TYPE", 2)
    assert read(f"a: '{value}'\n") == {"a": value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("0", 0),
        ("-0", 0),
        ("+7", 7),
    ],
)
def test_the_types_of_yaml_1_2_are_read(text: str, value: Any) -> None:
    made = read(f"a: {text}\n")["a"]
    assert (made, type(made)) == (value, type(value))


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        ("0.1", "0.1"),
        ("0.10", "0.10"),
        (".5", "0.5"),
        ("+1.5", "1.5"),
        ("-0.0", "0.0"),
        ("123456789012345678901.000000000001", "123456789012345678901.000000000001"),
        ("1.0e+3", "1000"),
        ("1e3", "1000"),
        ("1.5e-7", "0.00000015"),
        ("90071992547409931", "90071992547409931"),
    ],
)
def test_a_number_is_exact(value: str, exact: str) -> None:
    layer = read(f"a: {value}\n")
    assert not isinstance(layer["a"], float)
    assert canonical(layer) == f'{{"a":{exact}}}'


@pytest.mark.parametrize(
    "value",
    ["!foo 1", "!!python/object/apply:os.getcwd []", "!!python/name:os.getcwd", "!!timestamp 2024-01-02",
     "!!float nan", "!!str 1", "! x", "!include ../../etc/passwd", "!<tag:example.org,2024:x> {a: 1}"],
)  # fmt: skip
def test_y4_every_tag_is_refused(value: str) -> None:
    assert said(f"\na: {value}\n") == ("TAG_FORBIDDEN", 2)


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n"
    for old, new in zip("abcdef", "bcdefg", strict=True)
)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (BOMB, 1),
        ("a: &x [*x]\n", 1),
        ("a: &x 1\n", 1),
        ("a: 1\nb: *x\n", 2),
        ("a: 1\nb:\n  <<: {k: 1}\n", 3),
        ("<<: {k: 1}\n", 1),
        ("a: &k b\n*k : 1\n", 1),
    ],
)
def test_y5_y6_anchors_aliases_and_merge_keys_are_refused(content: str, line: int) -> None:
    assert said(content) == ("ALIAS_FORBIDDEN", line)


@pytest.mark.parametrize(
    "content",
    ["a: 1\n---\nb: 2\n", "---\n---\na: 1\n", "a: 1\n---\n", "a: [\n", "a: 'b\n", "a:\n\tb: c\n",
     "a: b: c\n",      "}\n", "%YAML 9.9\n---\n!x!y a\n", "", "# nothing\n", "---\n", "- a\n",
     "text\n", "1\n", "null\n",
     "a: " + "[" * 5000 + "]" * 5000, "- " * 5000 + "x", "a: " + "{a: " * 2000 + "1" + "}" * 2000],
    ids=range(19),
)  # fmt: skip
def test_y7_what_is_no_single_shallow_map_is_refused(content: str) -> None:
    assert said(content)[0] == "SYNTAX"
    assert len(refusal(content).detail) < 300


@pytest.mark.parametrize(("levels", "fits"), [(15, True), (16, False)])
def test_y7_a_map_is_at_most_sixteen_levels_deep(levels: int, fits: bool) -> None:
    content = "".join(f"{'  ' * n}k:\n" for n in range(levels)) + "  " * levels + "k: 1\n"
    if fits:
        assert read(content)
    else:
        assert said(content)[0] == "SYNTAX"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("\ufeffa: 1\n", 1),
        (b"a: 1\nb: \0\n", 2),
        (b"a: \x07\n", 1),
        (b"# ok\na: \xff\n", 2),
        ("a: 'x\u202ey'\n", 1),
        ("a: 1 # \u2066 turned\n", 1),
        ("a: 'x\u200by'\n", 1),
        ("a: x\u2028b: 1\n", 1),
        ("a: e\u0301\n", 1),
        ("a: 1\rb: 2\n", 1),
        ('a: "\\u202e"\n', 1),
        ('a: "e\\u0301"\n', 1),
        ('a: "\\0"\n', 1),
        ("rіsk: 1\n", 1),
        ("b: 1\n1: 2\n", 2),
        ("1.5e3: 2\n", 1),
        ("true: 2\n", 1),
        ("~: 2\n", 1),
        ("? [a]\n: 2\n", 1),
        ("? {a: 1}\n: 2\n", 1),
        ("'a b': 2\n", 1),
        ("'': 2\n", 1),
    ],
    ids=range(22),
)
def test_y8_what_does_not_show_or_is_no_plain_key_is_refused(
    content: str | bytes, line: int
) -> None:
    rule, at = said(content)
    assert rule in ("CHARSET", "DOTTED_KEY")
    assert at == line


def test_letters_that_show_and_windows_line_ends_are_read() -> None:
    assert read("a: é\r\nb: 日本\r\n") == {"a": "é", "b": "日本"}


@pytest.mark.parametrize("content", ["a.b: 1\n", "'.': 1\n", "risk.pdt_mode: x\n"])
def test_a_key_with_a_dot_is_refused_because_it_would_merge_into_nothing(content: str) -> None:
    assert said(content) == ("DOTTED_KEY", 1)


@pytest.mark.parametrize("name", ["missing.yaml", "", "no/folder.yaml", "/dev/zero"])
def test_a_file_that_is_not_there_or_not_plain_is_unreadable(tmp_path: Path, name: str) -> None:
    with pytest.raises(MqkError) as no:
        read_layer(tmp_path / name)
    assert (no.value.code, no.value.exit_code) == ("MQA20", 2)


def test_a_file_we_may_not_read_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(MqkError, match=r"MQA20.*Permission denied"):
        read_layer(tmp_path / "layer.yaml")


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module.MAX_BYTES == 256 * 1024
    path = tmp_path / "layer.yaml"
    path.write_bytes("a: 1\n# ä\n".encode())  # bytes count, not characters
    monkeypatch.setattr(module, "MAX_BYTES", path.stat().st_size)
    assert read_layer(path).values == {"a": 1}
    monkeypatch.setattr(module, "MAX_BYTES", path.stat().st_size - 1)
    with pytest.raises(MqkError, match="over 9 bytes"):
        read_layer(path)


SECRET = "".join(("sk_", "live_", "a1B2c3D4e5F6g7H8"))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (f"a: {SECRET}\n", 1),
        (f"a: 1\nb: [x, {SECRET}]\n", 2),
        (f"a: 1 # {SECRET}\n", 1),
        (f"{SECRET}: 1\n", 1),
        (f"a: 'unfinished {SECRET}\n", 1),
        (f"a: !tag {SECRET}\n", 1),
        (f"a: {SECRET}\na: {SECRET}\n", 1),
        (f'a: "\\x73{SECRET[1:]}"\n', 1),
        (f'a: "sk\\\n  {SECRET[2:]}"\n', 1),
    ],
)
def test_y10_a_secret_in_a_value_a_comment_or_a_key_is_refused_and_not_shown(
    content: str, line: int
) -> None:
    no = refusal(content)
    assert no.code == "MQA30"
    assert no.detail.startswith(f"CONFIG_SECRET_DETECTED layer.yaml:{line} ")
    assert re.search(r"REDACTED \((STRIPE_KEY|HIGH_ENTROPY)\)", no.detail)
    assert SECRET[3:] not in f"{no!r}{no.detail}{no.fix}{no.__cause__!r}{no.__context__!r}"


@settings(deadline=None, max_examples=300)
@given(
    st.binary(max_size=60)
    | st.text("ab:-&*!{}[],'\"#|>%@ \n\t0123e._<~\\", max_size=60).map(str.encode)
)
def test_any_bytes_are_read_or_refused_by_name(data: bytes) -> None:
    try:
        values = read(data)
    except MqkError as no:
        assert no.code in ("MQA07", "MQA30")
    else:
        assert isinstance(values, dict)
        assert canonical(values)
