"""Rows of docs/bad-input.md that no other room tests."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from fuzz.inputs import FILL, Bench
from support import Database

EVIL = (
    "[/b]",
    "[red]x[/red]",
    "\x1b[2Jgone",
    "\x07",
    "\u202edesrever",
    "a\x9b2Jb",
    "\u200b",
    "\ufeffx",
)


@pytest.fixture
def bench(db: Database, tmp_path: Any) -> Iterator[Bench]:
    """A running desk with an order at the broker."""
    made = Bench(db, tmp_path)
    yield made
    assert made.desk.broken_promises() == []
    made.close()


def hear(bench: Bench, **changes: Any) -> Any:
    """What becomes of a fill with these changes; undone."""
    desk, lease = bench.desk, bench.leases["broker_events"]
    fill = {
        **FILL,
        "client_order_id": bench.name,
        "broker_order_id": desk.broker.find(bench.name),
        **changes,
    }
    query = "select * from io.receive_messages(%s, %s, %s, %s, %s)"
    values = (
        lease["run_id"],
        lease["lease_epoch"],
        Jsonb([fill]),
        "c",
        desk.now + timedelta(seconds=1),
    )
    rows = bench.door("mqk_inbox", query, *values)
    return rows if isinstance(rows, str) else (rows[0]["disposition"], rows[0]["reason"])


@pytest.mark.parametrize(
    "at", ["1970-01-01T00:00:00Z", "2024-01-04T21:05:00", "infinity", "now", "DECIDED"]
)
def test_b7_a_fill_without_zone_or_end_or_from_before_its_decision_is_not_booked(
    bench: Bench, at: str
) -> None:
    bar_end_at = bench.desk.one("select bar_end_at from oms.intents")
    if at == "DECIDED":
        later = (bar_end_at + timedelta(microseconds=1)).isoformat()
        assert hear(bench, at=later)[0] == "APPLIED"
        at = bar_end_at.isoformat()
    assert hear(bench, at=at) == ("QUARANTINED", "BAD_FILL")


def test_b8_a_message_larger_than_64_kilobytes_is_refused_and_nothing_is_kept(bench: Bench) -> None:
    assert hear(bench, more="".join(map(chr, range(0x4E00, 0x9FA5))) * 5) == "23514"
    assert hear(bench, more="y" * 10_000)[0] == "APPLIED"


def test_b4_a_price_or_quantity_that_overflows_is_not_booked(bench: Bench) -> None:
    for changes in (
        {"price": "9223372036854.775807"},
        {"qty": "9" * 18, "cum_qty": "9" * 18},
        {"fee": "9" * 19},
    ):
        assert hear(bench, **changes) == ("QUARANTINED", "BAD_FILL")


@pytest.mark.parametrize("text", EVIL)
def test_s3_a_text_of_a_stranger_neither_breaks_nor_steers_the_terminal(
    bench: Bench, text: str
) -> None:
    run = str(bench.desk.run_id)
    said = [bench.command(["run", "halt", run, "--reason", f"because {text}"])]
    for words in ("audit tail", "why", "status", "risk trips", "run show"):
        said.append(bench.command([*words.split(), run]))
    said += [
        bench.command(words.split()) for words in ("audit actions", "run list", "notices list")
    ]
    odd = [
        c
        for done in said
        for c in done.output
        if c != "\n" and unicodedata.category(c) in ("Cc", "Cf")
    ]
    assert odd == []
    assert bench.desk.status == "HALTED"


@pytest.mark.parametrize(
    "word",
    ["SPY'; drop table run.runs; --", "x" * 65, "ＡＡＡ", "%s", "%(x)s", "$1", "{}", "AAA\udcff"],
)
def test_s1_a_word_that_is_no_name_is_a_value_and_never_sql(bench: Bench, word: str) -> None:
    for words in (["md", "instruments", word], ["explain", word],
                  ["md", "lineage", word, "--bar", "2024-01-02"],
                  ["run", "show", word],
                  ["run", "change-mode", word, "LIVE", "--reason", "x"]):  # fmt: skip
        assert bench.command(words).exit_code in (0, 2, 3)


def test_a_file_of_reference_data_without_end_or_of_any_size_is_refused(bench: Bench) -> None:
    for words in ("md load-calendar", "md load-instruments", "md load-classifications", "md load-actions",
                  "md ingest"):  # fmt: skip
        said = bench.command([*words.split(), "/dev/zero"])
        assert (said.exit_code, "MQA2" in said.output) == (2, True), words
