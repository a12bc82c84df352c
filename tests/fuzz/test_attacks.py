"""Every role's own session says anything: a bounded draw; make campaign LAYER=attack goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fuzz.attack import GROUPS, WRITES, Arena, assault, halt_among, lie
from matrix import MATRIX
from support import SERVER

SEED = 7


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    """A running desk, and a login of each group."""
    with SERVER.clone() as db:
        made = Arena(db)
        yield made
        made.close()


def test_every_group_with_a_door_attacks() -> None:
    assert {group for who in MATRIX.values() for group in who.split()} == set(GROUPS) == set(WRITES)


@pytest.mark.parametrize("group", GROUPS)
def test_no_statement_of_a_login_changes_a_row_or_the_catalog(arena: Arena, group: str) -> None:
    before = arena.seen["42501"]
    assert assault(arena, group, SEED, 150) == []
    assert arena.seen["42501"] > before + 50


@pytest.mark.parametrize("group", GROUPS)
def test_any_words_at_the_own_doors_stay_within_their_rooms_and_break_no_promise(
    arena: Arena, group: str
) -> None:
    assert lie(arena, group, SEED, 40) == []


def test_a_halt_takes_less_than_a_second_whatever_hostile_sessions_hold() -> None:
    with SERVER.clone() as db:
        arena = Arena(db)
        try:
            assert arena.desk.status == "RUNNING"
            assert halt_among(arena, SEED) == []
        finally:
            arena.close()


def test_the_judge_sees_a_row_that_a_login_changed(arena: Arena) -> None:
    conn = arena.desk.conn
    conn.execute("grant usage on schema run to mqk_readonly")
    conn.execute("grant select, update on run.workers to mqk_readonly")
    arena.things.relations[:], kept = (
        [r for r in arena.things.relations if r["name"] == "run.workers"],
        list(arena.things.relations),
    )
    try:
        assert "run.workers" in str(assault(arena, "readonly", SEED, 400))
    finally:
        arena.things.relations[:] = kept
        conn.execute("revoke all on run.workers from mqk_readonly")
        conn.execute("revoke usage on schema run from mqk_readonly")
