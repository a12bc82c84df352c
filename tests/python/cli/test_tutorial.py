"""The operator's walk is true: the page says what the commands answer today."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tutorial import CONFIG, PAGE, TEXT, walk


def test_the_walk_answers_what_the_page_says(db: Any, tmp_path: Path) -> None:
    assert walk(db.url, tmp_path) == PAGE.read_text(encoding="utf-8"), "run `make tutorial`"


def test_the_page_shows_the_config_that_is_walked_with() -> None:
    assert CONFIG in TEXT.read_text(encoding="utf-8")
