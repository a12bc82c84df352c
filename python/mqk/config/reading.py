"""Reads one YAML file strictly: YAML 1.2's own types, and nothing that could be read in two ways.

Every refusal is a Fault with file and line (CONFIG_DUPLICATE_KEY, _NON_FINITE, _TYPE, _TAG_FORBIDDEN,
_ALIAS_FORBIDDEN, _SYNTAX, _CHARSET, _SECRET_DETECTED). Secrets are looked for before anything else, so
that no other message can show one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import yaml

from mqk.config.detector import find_secret, scan
from mqk.config.faults import Fault, refuse
from mqk.errors import MqkError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
MAX_EXPONENT = 30  # a number of more digits than this before or after the point is none of ours
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NULL = re.compile(r"~|null|Null|NULL|")
BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?")
NON_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF|nan|NaN|NAN)")
# What YAML 1.1 and 1.2, or two readers, take for different numbers or dates.
AMBIGUOUS = re.compile(
    r"[-+]?[0-9][0-9_.]*([eE][-+]?[0-9]+)?|[-+]?0[xob][0-9A-Fa-f_]+|[-+]?[0-9]+(:[0-9]+)+(\.[0-9]*)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|=|<<"
)


@dataclass
class Layer:
    """One file: what it says, and the line of every dotted path in it."""

    name: str
    values: dict[str, Any]
    lines: dict[str, int] = field(default_factory=dict)


class _Composer(yaml.SafeLoader):
    """Composes nodes without tags, anchors and aliases, to a bounded depth."""

    name_of_file: str
    depth = 0
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise refuse([self.fault("ALIAS_FORBIDDEN", line, "write the value out")])
        if event.tag is not None:
            raise refuse([self.fault("TAG_FORBIDDEN", line, "remove the tag or quote it")])
        below = isinstance(event, yaml.CollectionStartEvent)
        if below and self.depth >= MAX_DEPTH:
            raise refuse([self.fault("SYNTAX", line, f"is deeper than {MAX_DEPTH} levels")])
        self.depth += below
        node = super().compose_node(parent, index)
        self.depth -= below
        return node

    def fault(self, rule: str, line: int, problem: str) -> Fault:
        return Fault(rule, self.name_of_file, line, "", problem)


def read_layer(path: Path) -> Layer:
    """One YAML file. Raises MqkError MQA20 (cannot be read), MQA07 (not strict YAML), MQA30 (a secret)."""
    try:
        if path.exists() and not path.is_file():
            raise OSError(0, "not a plain file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise MqkError(
            "MQA20", "a data file can be read", f"{path}: {error.strerror}", "Check the path."
        ) from error
    if len(data) > MAX_BYTES:
        raise refuse(
            [Fault("SYNTAX", path.name, 0, "", f"over {MAX_BYTES} bytes: make it smaller")]
        )
    return parse(data, path.name)


def parse(data: bytes, name: str) -> Layer:
    """The layer of a file's bytes. Raises as read_layer."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise refuse([Fault("CHARSET", name, line, "", "is not UTF-8")]) from None
    text = text.replace("\r\n", "\n")
    if secrets := scan(text):
        raise refuse([Fault("SECRET_DETECTED", name, n, "", f"REDACTED ({r})") for n, r in secrets])
    if faults := list(find_odd_characters(text, name)):
        raise refuse(faults)
    try:
        node = compose(text, name)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        why = error.context if "single document" in (error.context or "") else error.problem
        raise refuse([Fault("SYNTAX", name, line, "", why or "is not YAML")]) from None
    except yaml.YAMLError:
        raise refuse([Fault("SYNTAX", name, 0, "", "is not YAML")]) from None
    if not isinstance(node, yaml.MappingNode):
        raise refuse([Fault("SYNTAX", name, 1, "", "not a map: begin with keys")])
    layer = Layer(name, {})
    layer.values = _build(node, "", layer)
    return layer


def compose(text: str, name: str) -> yaml.Node | None:
    """The one document of a text, as nodes."""
    composer = _Composer(text)
    composer.name_of_file = name
    try:
        node: yaml.Node | None = composer.get_single_node()
    finally:
        composer.dispose()
    return node


def find_odd_characters(text: str, name: str) -> Iterator[Fault]:
    """A fault for each line with a character that does not show, or that can be written in two ways."""
    for number, line in enumerate(text.split("\n"), 1):
        odd = [c for c in line if not is_plain(c)]
        if odd:
            said = f"U+{ord(odd[0]):04X} is not plain text"
            yield Fault("CHARSET", name, number, "", said)
        elif not unicodedata.is_normalized("NFC", line):
            yield Fault("CHARSET", name, number, "", "is not in Unicode's normal form C")


def is_plain(character: str) -> bool:
    """Whether a character shows as itself: no control, no bidi, no separator of lines, nothing private."""
    if character == "\t":
        return True  # YAML refuses it where it matters
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _build(node: yaml.Node, path: str, layer: Layer) -> Any:
    layer.lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _build_map(node, path, layer)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, f"{path}.{n}", layer) for n, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    value = _build_scalar(node, path, layer)
    if isinstance(value, str):
        if rule := find_secret(f"{path.rpartition('.')[2]}: {value}"):
            raise refuse([_fault("SECRET_DETECTED", node, path, layer, f"REDACTED ({rule})")])
        odd = list(find_odd_characters(value, layer.name))
        if odd:
            raise refuse([_fault("CHARSET", node, path, layer, odd[0].problem)])
    return value


def _build_map(node: yaml.MappingNode, path: str, layer: Layer) -> dict[str, Any]:
    made: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key, below in node.value:
        line = key.start_mark.line + 1
        name = _read_key(key, path, layer)
        if name in made:
            said = f"is there twice, at lines {lines[name]} and {line}: keep one of them"
            raise refuse([_fault("DUPLICATE_KEY", key, f"{path}.{name}".lstrip("."), layer, said)])
        lines[name] = line
        made[name] = _build(below, f"{path}.{name}".lstrip("."), layer)
        layer.lines[f"{path}.{name}".lstrip(".")] = line
    return made


def _read_key(key: yaml.Node, path: str, layer: Layer) -> str:
    if not isinstance(key, yaml.ScalarNode):
        raise refuse([_fault("CHARSET", key, path, layer, "a key is a plain name")])
    if key.value == "<<" and key.style is None:
        raise refuse(
            [_fault("ALIAS_FORBIDDEN", key, path, layer, "a merge key: write the keys out")]
        )
    if "." in key.value:
        said = "a key has no dot: write the sections out as maps"
        raise refuse([_fault("DOTTED_KEY", key, path, layer, said)])
    plain = _build_scalar(key, path, layer)
    if not isinstance(plain, str) or not NAME.fullmatch(plain):
        raise refuse([_fault("CHARSET", key, path, layer, "a key is a plain name: a-z, 0-9 and _")])
    return plain


def _build_scalar(node: yaml.ScalarNode, path: str, layer: Layer) -> Any:
    text: str = node.value
    if node.style is not None:
        return text
    if NULL.fullmatch(text):
        return None
    if text in BOOLEAN:
        return BOOLEAN[text]
    if NON_FINITE.fullmatch(text):
        said = f"{text} is not finite: write a plain number"
        raise refuse([_fault("NON_FINITE", node, path, layer, said)])
    if INTEGER.fullmatch(text) or FLOAT.fullmatch(text):
        number = Decimal(text)
        if (number and abs(number.adjusted()) > MAX_EXPONENT) or len(text) > 2 * MAX_EXPONENT:
            raise refuse([_fault("NON_FINITE", node, path, layer, "is out of every range")])
        exact = number if number else number.copy_abs()  # Postgres has no minus zero
        return int(text) if INTEGER.fullmatch(text) else exact
    if AMBIGUOUS.fullmatch(text):
        said = "can be read in two ways: write a plain number, or quote it if it is text"
        raise refuse([_fault("TYPE", node, path, layer, said)])
    return text


def _fault(rule: str, node: yaml.Node, path: str, layer: Layer, problem: str) -> Fault:
    return Fault(rule, layer.name, node.start_mark.line + 1, path, problem)
