"""Layers of a config: later wins, maps merge, lists and values replace; out comes one canonical text.

defaults -> environment -> engine -> risk profile -> stress profiles -> files of one's own. The result is
canonical JSON (keys in code point order, no white space): the same text that Postgres makes of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from mqk.config.faults import Fault, refuse
from mqk.config.reading import Layer, read_layer
from mqk.errors import MqkError

LAYER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,40}")


@dataclass(frozen=True)
class Layered:
    """Layers and what they make together."""

    layers: tuple[Layer, ...]
    values: dict[str, Any]

    @property
    def text(self) -> str:
        """The canonical JSON."""
        return canonical(self.values)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, 64 hex digits: the config's hash."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def locate(self, path: str) -> tuple[str, int]:
        """(file, line) of the last layer that speaks of a path; ("", 0) if none does."""
        while path:
            for layer in reversed(self.layers):
                if path in layer.lines:
                    return layer.name, layer.lines[path]
            path = path.rpartition(".")[0]
        return "", 0

    def place(self, rule: str, path: str, problem: str) -> Fault:
        """A fault of the merged config, with the line that brought it."""
        return Fault(rule, *self.locate(path), path, problem)


def find_layer(root: Path, kind: str, name: str) -> Path:
    """config/<kind>/<name>.yaml. Raises MqkError MQA31 for what is no plain file of that folder."""
    path = root / kind / f"{name}.yaml"
    if not LAYER_NAME.fullmatch(name) or not path.is_file() or path.is_symlink():
        there = ", ".join(sorted(p.stem for p in (root / kind).glob("*.yaml")))
        law = "a config layer is a plain file of its folder"
        fix = "Name a file of config/ without a path, or give your own with --config."
        raise MqkError("MQA31", law, f"CONFIG_PATH {kind} {name[:60]!r}; there are: {there}", fix)
    return path


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` on top of `base`. A strategy's parameters are replaced whole: they belong to one strategy."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict) and key != "parameters":
            value = merge(below, value)
        merged[key] = value
    return merged


def read_layers(paths: Sequence[Path]) -> Layered:
    """Read and merge the layers in order. Raises MqkError MQA20, MQA07, MQA30 (mqk.config.reading)."""
    layers = tuple(read_layer(path) for path in paths)
    values: dict[str, Any] = {}
    for layer in layers:
        values = merge(values, layer.values)
    return Layered(layers, values)


def read_config(paths: Sequence[Path]) -> Layered:
    """Read, merge and hold against the model. Raises as read_layers; MQA07 names every fault at once."""
    made = read_layers(paths)
    if faults := list(check(made)):
        raise refuse(faults)
    return made


def check(made: Layered) -> Iterable[Fault]:
    """What the model refuses, each with file and line. The model is loaded by who has a config to check."""
    from mqk.config.model import list_faults

    return [made.place(*fault) for fault in list_faults(made.values)]


def load(paths: Sequence[Path]) -> dict[str, Any]:
    """The merged values of layers that the model accepts."""
    return read_config(paths).values


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
