"""mqk audit ...: the api.audit_* functions, and what proves the diary outside the database."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

import click

from mqk.cli.common import ENGINE, OPTIONAL_RUN, RUN, Group, Session, pass_session
from mqk.errors import MqkError


@click.group(cls=Group)
def audit() -> None:
    """The diary: verify, anchor, export, read, operator actions."""


@audit.command()
@ENGINE
@click.option(
    "--key", "keys", multiple=True, help="A public key that you trust; may be given again."
)
@pass_session
def verify(session: Session, engine: str, keys: tuple[str, ...]) -> None:
    """Walk every chain, compare with every anchor of this machine's files and of the database; exit 4 if
    one is broken. Calls api.audit_verify. It also asks api.audit_compare.
    """
    from mqk.auditing.book import Book, find_folder
    from mqk.auditing.comparing import compare

    chains = session.call("api.audit_verify")
    book = Book(find_folder(), engine)
    read, found = compare(session.call, book, keys)
    session.print(chains, empty="no chains yet")
    for file, line, no, what in found:
        click.echo(f"{file}:{line} anchor {no}: {what}", err=True)
    if not found:
        click.echo(f"{read} anchors of {engine} in {book.folder} hold", err=True)
    broken = [str(c["chain_id"]) for c in chains if c["first_bad_seq"] is not None]
    broken += [f"anchor {found[0].seq}: {found[0].what}"] if found else []
    if broken:
        raise MqkError("MQI04", "history is not rewritten", ", ".join(broken), "Page a person.")


@audit.command()
@ENGINE
@pass_session
def anchor(session: Session, engine: str) -> None:
    """Ask for an anchor now; the anchor worker signs it with its next tick. Calls api.audit_anchor."""
    asked = session.call("api.audit_anchor", engine_id=engine, now_at=session.clock())
    if not asked or asked[0]["audit_anchor"] is None:
        raise MqkError("MQN01", "the chain exists", engine, "Look at mqk audit verify.")
    session.print([{"engine_id": engine, "asked_by_event": asked[0]["audit_anchor"]}])


@audit.command("export")
@OPTIONAL_RUN
@ENGINE
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="A folder that is made."
)
@pass_session
def export_bundle(session: Session, run_id: UUID | None, engine: str, out: Path) -> None:
    """Write RUN_ID's chain (or all of the engine's), its anchors and their verifier into a new folder.

    Whoever has the folder and Python checks it: python verify.py FOLDER. Calls api.audit_chains.
    It also asks api.audit_events and api.audit_anchors.
    """
    from mqk.auditing.export import export
    from mqk.db import hold_still

    with hold_still(session.conn):
        chains = export(session.call, out, engine, run_id)
    session.print([{k: c[k] for k in ("chain_kind", "chain_id", "last_seq")} for c in chains])


@audit.command()
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The file that is made."
)
@pass_session
def keygen(session: Session, out: Path) -> None:
    """Write a new private key for the anchor worker into a file of mode 600, and print its public half."""
    from mqk.auditing.book import KEY, Signer, make_secret

    secret = make_secret()
    file = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "w") as text:
        text.write(secret + "\n")
    session.print([{"public_key": Signer(secret).key_id, "private_key_file": str(out)}])
    click.echo(f"Give {KEY} to the anchor worker alone, as /etc/mqk/credentials/anchor/{KEY}, and the"
               " public key to whoever verifies: from paper, not from this machine.", err=True)  # fmt: skip


@audit.command()
@RUN
@click.option("--after", default=0, show_default=True, help="Sequence number to start after.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10000))
@pass_session
def tail(session: Session, run_id: UUID, after: int, limit: int) -> None:
    """Events of a run's chain. Calls api.audit_tail."""
    session.show("api.audit_tail", chain_id=run_id, after_seq=after, limit=limit)


@audit.command()
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@pass_session
def actions(session: Session, limit: int) -> None:
    """What people asked of this desk, refused things too. Calls api.audit_actions."""
    session.show("api.audit_actions", empty="nobody asked anything yet", limit=limit)
