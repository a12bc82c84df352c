"""Laws of the detector: it finds what providers give out, leaves the rest alone, and Postgres agrees."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from config_corpus import DIGITS, UPPER, WORD, Random, benign, secrets, some, variable
from mqk.config.detector import find_known, find_secret, mask, scan
from support import ROOT

SEEDS = (1, 2026)


@pytest.mark.parametrize("seed", SEEDS)
def test_at_least_99_of_100_secrets_are_found(seed: int, record_property: Any) -> None:
    lines = secrets(seed)
    missed = Counter(kind for kind, line in lines if not find_secret(line))
    record_property("recall", 1 - sum(missed.values()) / len(lines))
    assert len(lines) == 500
    assert sum(missed.values()) <= len(lines) * 0.01, missed


@pytest.mark.parametrize("seed", SEEDS)
def test_at_most_one_in_a_thousand_harmless_lines_is_taken_for_a_secret(
    seed: int, record_property: Any
) -> None:
    lines = benign(seed)
    wrong = [(find_secret(line), line) for line in lines if find_secret(line)]
    record_property("false positives", len(wrong) / len(lines))
    assert len(lines) == 5000
    assert len(wrong) <= len(lines) * 0.001, wrong[:5]


def test_the_database_finds_what_python_finds_by_its_rules(conn: Any) -> None:
    lines = [line for _, line in secrets(3)] + benign(3, 500)
    rows = conn.execute(
        "select core.find_secret(line) as rule from unnest(%s::text[]) with ordinality as l (line, n)"
        " order by n",
        [lines],
    ).fetchall()
    differ = [
        (row["rule"], find_known(ln))
        for row, ln in zip(rows, lines, strict=True)
        if row["rule"] != find_known(ln)
    ]
    assert differ == []
    assert sum(row["rule"] is not None for row in rows[:500]) >= 430  # all but pure chance
    assert [row["rule"] for row in rows[500:] if row["rule"]] == []


@pytest.mark.parametrize(
    "start",
    [
        "sk-",
        "sk_live",
        "sk_test",
        "AKIA",
        "-----BEGIN ",
        "ghp_",
        "gho_",
        "glpat-",
        "xoxb-",
        "xoxp-",
    ],
)
def test_a_value_that_starts_as_a_known_secret_is_one_from_eight_characters_on(start: str) -> None:
    letters = "ABCDEFGH" if start in ("AKIA", "-----BEGIN ") else "abcdefgh"
    assert find_known(start + letters[: max(2, 8 - len(start))])
    assert find_known("x: " + start + letters)


@pytest.mark.parametrize("count", [17, 18, 24, 25])
def test_an_alpaca_key_id_has_18_to_24_letters_after_its_two(count: int) -> None:
    word = "PK" + some(Random(1), UPPER, count)
    assert (find_known(word) == "ALPACA_KEY_ID") is (18 <= count <= 24)


def test_a_name_of_a_variable_is_no_secret_wherever_it_stands() -> None:
    r = Random(5)
    for shape in (
        "api_key: {}",
        "secret: '{}'",
        '{{"token": "{}", "x": 1}}',
        "password={}",
        "# {}",
    ):
        line = shape.format(variable(r))
        assert find_secret(line) is None, line


def test_the_tree_itself_holds_no_secret() -> None:
    files = [*(ROOT / "config").rglob("*.yaml"), ROOT / ".env.local.example"]
    files += [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"]
    found = {str(p): scan(p.read_text(encoding="utf-8")) for p in files}
    assert len(found) > 30
    assert {path: where for path, where in found.items() if where} == {}


def test_a_masked_text_holds_no_secret_and_keeps_the_rest() -> None:
    for kind, line in secrets(8):
        masked = mask(f"before {line} after")
        assert find_known(masked) is None, kind
        assert masked.startswith("before ")
    assert mask("nothing to hide in 12 orders") == "nothing to hide in 12 orders"


def test_a_random_word_of_capitals_small_letters_and_digits_is_high_entropy() -> None:
    r = Random(7)
    assert find_secret(f"note: {some(r, WORD, 44)}") == "HIGH_ENTROPY"
    assert find_secret(f"note: {some(r, DIGITS, 44)}") is None
    assert find_secret("note: " + "aB1" * 15) is None
