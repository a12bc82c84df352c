from collections.abc import Mapping
from typing import Any
def render(payload: Mapping[str, Any]) -> str:
    return "<p>todo</p>"
