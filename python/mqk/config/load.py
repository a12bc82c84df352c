"""Read YAML layers strictly and merge them: later wins, maps merge, lists and values replace.

Numbers are exact (Decimal), a key given twice is an error, tags and aliases are refused. The result is
canonical JSON (keys in code point order, no white space): the same text that Postgres makes of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from mqk.errors import MqkError

LAW = "a config file is plain YAML: no key twice, no tags, no aliases"
MAX_BYTES = 256 * 1024


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses what could be read in two ways."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise MqkError("MQA07", LAW, f"alias at line {mark.line + 1}", "Write the value out.")
        return super().compose_node(parent, index)


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[str, Any]:
    seen: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if key.tag != "tag:yaml.org,2002:str" or "." in key.value:
            raise MqkError("MQA07", LAW, f"key {key.value!r} at line {line}", "Use a plain name.")
        if key.value in seen:
            where = f"key {key.value!r} at lines {seen[key.value]} and {line}"
            raise MqkError("MQA07", LAW, where, "Keep one of them.")
        seen[key.value] = line
    return {key.value: loader.construct_object(value, deep=True) for key, value in node.value}


def _decimal(loader: _StrictLoader, node: yaml.ScalarNode) -> Decimal:
    try:
        number = Decimal(str(loader.construct_scalar(node)).replace("_", ""))
    except ArithmeticError as error:
        raise _bad_number(node) from error
    if not number.is_finite():
        raise _bad_number(node)
    return number


def _bad_number(node: yaml.ScalarNode) -> MqkError:
    where = f"{node.value} at line {node.start_mark.line + 1}"
    return MqkError("MQA07", LAW, where, "Write a plain finite number.")


def _refuse_tag(_: Any, node: yaml.Node) -> Any:
    raise MqkError(
        "MQA07",
        LAW,
        f"{node.tag} at line {node.start_mark.line + 1}",
        "Remove the tag or quote it.",
    )


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
_StrictLoader.add_constructor("tag:yaml.org,2002:float", _decimal)
_StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", _refuse_tag)
_StrictLoader.add_constructor(None, _refuse_tag)


def read_layer(path: Path) -> dict[str, Any]:
    """One YAML file as a map. Raises MqkError MQA20 (cannot be read) or MQA07 (not strict YAML)."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise MqkError(
            "MQA20", "a data file can be read", f"{path}: {error.strerror}", "Check the path."
        ) from error
    if len(text) > MAX_BYTES:
        raise MqkError("MQA07", LAW, f"{path}: over {MAX_BYTES} bytes", "Make it smaller.")
    try:
        layer = yaml.load(text.decode("utf-8"), Loader=_StrictLoader)
    except MqkError as error:
        raise MqkError(error.code, error.law, f"{path.name}: {error.detail}", error.fix) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        where = " ".join(str(error).split())[:300]
        raise MqkError("MQA07", LAW, f"{path.name}: {where}", "Correct the YAML.") from error
    if not isinstance(layer, dict):
        raise MqkError("MQA07", LAW, f"{path.name}: not a map", "Begin with keys.")
    return layer


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` on top of `base`."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict) and key != "parameters":
            value = merge(below, value)
        merged[key] = value
    return merged


def load(layers: Sequence[Path]) -> dict[str, Any]:
    """Merge the layers in order."""
    config: dict[str, Any] = {}
    for path in layers:
        config = merge(config, read_layer(path))
    return config


def canonical(value: Any) -> str:
    """Canonical JSON: equal configs give equal text, whatever the order of keys in the files."""
    if isinstance(value, dict):
        pairs = (f"{canonical(str(k))}:{canonical(v)}" for k, v in sorted(value.items()))
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(v) for v in value) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value, ensure_ascii=False)
