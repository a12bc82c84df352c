"""A strict pydantic model of a config, built from the database's own table of keys (rules.json).

It finds unknown keys, wrong types and values out of bounds with the line they stand in, before the
database is asked; what is missing, unused or too wide for LIVE only the database knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator as After
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from mqk.config.rules import ENV_NAME, Rule, list_rules

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
SCALE = 6  # digits after the point that a number may have


def as_decimal(value: Any) -> Any:
    """A whole number is a number, too."""
    return Decimal(value) if type(value) is int else value


def as_integer(value: Any) -> Any:
    """2.0 is whole."""
    return (
        int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value
    )


def check_scale(value: Decimal) -> Decimal:
    """At most six digits after the point."""
    if len(format(value, "f").partition(".")[2].rstrip("0")) > SCALE:
        raise ValueError(f"has more than {SCALE} digits after the point")
    return value


def field_of(rule: Rule) -> Any:
    """The strict type of one key."""
    number = Field(ge=rule.low, le=rule.high)
    low, high = (None if n is None else int(n) for n in (rule.low, rule.high))
    match rule.kind:
        case "integer":
            return Annotated[int, number, BeforeValidator(as_integer)]
        case "decimal":
            return Annotated[Decimal, number, BeforeValidator(as_decimal), After(check_scale)]
        case "text":
            return Annotated[str, Field(min_length=low, max_length=high)]
        case "env":
            return Annotated[str, Field(pattern=ENV_NAME, max_length=high)]
        case "array":
            return Annotated[list[str], Field(min_length=low, max_length=high)]
        case "boolean":
            return bool
        case "choice":
            return Literal[rule.choices]
        case _:
            return dict[str, Any]


@cache
def model() -> type[BaseModel]:
    """The model of a whole config: sections are models, every key may be null (not used)."""
    tree: dict[str, Any] = {}
    for rule in list_rules():
        *sections, name = rule.path.split(".")
        below = tree
        for section in sections:
            below = below.setdefault(section, {})
        below[name] = field_of(rule)
    return _make("Config", tree)


def _make(name: str, tree: Mapping[str, Any]) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for key, kind in tree.items():
        made = _make(key, kind) if isinstance(kind, dict) else kind
        fields[key] = (made | None, None)
    return create_model(name, __config__=STRICT, **fields)


def list_faults(values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(rule, dotted path, problem) of everything that the model refuses."""
    try:
        model().model_validate(values)
    except ValidationError as error:
        for one in error.errors(include_context=False, include_url=False):
            path = ".".join(str(part) for part in one["loc"])
            if one["type"] == "extra_forbidden":
                yield "UNKNOWN_KEY", path, f"is not a key of the config{suggest(path)}"
            elif is_env(path):
                yield "ENV_NAME", path, f"must be the name of a variable: {ENV_NAME}"
            else:
                said = one["msg"][:1].lower() + one["msg"][1:]
                yield "TYPE", path, f"{said}, is {str(one['input'])[:60]!r}"


def is_env(path: str) -> bool:
    """Whether a key names an environment variable."""
    return any(rule.path == path and rule.kind == "env" for rule in list_rules())


def suggest(path: str) -> str:
    """`: did you mean ...?` for a path that is close to one that exists."""
    known = {rule.path for rule in list_rules()}
    known |= {path.rpartition(".")[0] for path in known}
    same = [k for k in known if k.rpartition(".")[2] == path.rpartition(".")[2]]
    near = get_close_matches(path, known, n=1, cutoff=0.7) or sorted(same)[:1]
    return f": did you mean {near[0]}?" if near else ""
